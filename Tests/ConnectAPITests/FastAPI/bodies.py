"""Bodies that are JSON: those that are accepted, and those with something wrong in them."""

import json

DEPTH = 64


def nested(depth: int, inside: str = "") -> str:
    return "[" * depth + inside + "]" * depth


def accepted() -> list[tuple[str, str]]:
    whole = {
        "integration_id": "gmail",
        "auth_method_id": "oauth2",
        "redirect_uri": "https://app.example/done?a=1",
        "scopes": [
            "https://www.googleapis.com/auth/gmail.readonly",
            "https://www.googleapis.com/auth/gmail.send",
        ],
        "params": {"tenant": "contoso", "région": "eu"},
        "binding": "Zm9v" * 10 + "abc",
        "connection_id": "conn_1",
        "app_state": 'back to "here" \\ 😀',
        "label": "Ada’s shop 😀",
        "tags": {"plan": "pro", "région": ""},
    }
    only = '{"integration_id":"gmail"'
    return [
        ("only the required field", only + "}"),
        ("every field", json.dumps(whole, ensure_ascii=False)),
        ("every field, escaped", json.dumps(whole)),
        ("every field, indented", json.dumps(whole, indent=2)),
        ("every field, backwards", json.dumps(dict(reversed(whole.items())))),
        (
            "white space around everything",
            ' \t\r\n{ \t\r\n"integration_id" \t\r\n: \t\r\n"gmail" \t\r\n, "x" : [ 1 , 2 ] } \n',
        ),
        (
            "null in every optional field",
            only + "".join(f',"{field}":null' for field in FIELDS[2:]) + "}",
        ),
        ("an empty list and an empty object", only + ',"scopes":[],"params":{}}'),
        ("an empty label and no tags", only + ',"label":"","tags":{}}'),
        ("a label of 255 characters", only + ',"label":"' + "😀" * 255 + '"}'),
        (
            "as many and as long tags as there may be",
            only
            + ',"tags":'
            + json.dumps({f"{index}" + "é" * 63: "😀" * 200 for index in range(10)}, ensure_ascii=False)
            + "}",
        ),
        ("a doubled tag", only + ',"tags":{"a":"b","a":"c"}}'),
        ("a list and an object of white space", only + ',"scopes":[ ],"params":{ }}'),
        (
            "empty strings",
            '{"integration_id":"","auth_method_id":"","scopes":[""],"redirect_uri":"","params":{"":""}}',
        ),
        ("an escaped name", '{"integration\\u005fid":"gmail"}'),
        (
            "a name all in escapes",
            '{"' + "".join(f"\\u{ord(c):04X}" for c in "integration_id") + '":"gmail"}',
        ),
        ("every short escape", '{"integration_id":"\\"\\\\\\/\\b\\f\\n\\r\\t"}'),
        ("NUL in an escape", '{"integration_id":"a\\u0000b"}'),
        ("DEL and C1 as they are", '{"integration_id":"\x7f\x80\x9f"}'),
        (
            "two, three and four octets",
            '{"integration_id":"é€😀","scopes":["\U0010ffff","\uffff","\u07ff","\u0800","\U00010000"]}',
        ),
        ("an escaped pair", '{"integration_id":"\\ud83d\\ude00"}'),
        ("an escaped pair, upper case", '{"integration_id":"\\uD83D\\uDE00"}'),
        ("the first and the last pair", '{"integration_id":"\\ud800\\udc00\\udbff\\udfff"}'),
        ("an escape followed by a pair", '{"integration_id":"\\u00e9\\ud83d\\ude00\\u20ac"}'),
        (
            "an unknown field of every kind",
            only + ',"a":null,"b":true,"c":false,"d":0,"e":-1.5e+3,"f":"x","g":[1,[2]],"h":{"i":{}}}',
        ),
        (
            "unknown names that nearly match",
            only + ',"integration_i":1,"integration_id_":2,"Integration_id":3,"":4}',
        ),
        ("numbers of every kind", only + ',"x":[0,-0,10,1.0,-0.0,0e0,1E5,1e-5,1E+5,1.25e10,1e999]}'),
        ("a float of 5000 digits", only + ',"x":' + "9" * 5000 + ".0}"),
        ("a doubled field", '{"integration_id":"a","integration_id":"b"}'),
        ("a doubled field, first of the wrong type", '{"integration_id":1,"integration_id":"b"}'),
        ("a doubled field, once escaped", '{"integration_id":1,"integration\\u005fid":"b"}'),
        ("doubled scopes, first of the wrong type", only + ',"scopes":[1,2],"scopes":["a"]}'),
        ("doubled scopes, first an object", only + ',"scopes":{},"scopes":null}'),
        ("doubled params, first of the wrong type", only + ',"params":{"a":1},"params":{"b":"c"}}'),
        ("a doubled parameter", only + ',"params":{"a":"b","a":"c"}}'),
        ("a doubled parameter, first of the wrong type", only + ',"params":{"a":1,"a":"c"}}'),
        ("a value that looks like JSON", '{"integration_id":"{\\"integration_id\\":1}"}'),
        ("an unknown name with a lone surrogate", only + ',"\\ud800":1}'),
        ("an unknown value with a lone surrogate", only + ',"x":"\\udc00"}'),
        (f"{DEPTH} levels", only + ',"x":' + nested(DEPTH - 1) + "}"),
        (
            f"{DEPTH} levels of objects",
            '{"x":' * (DEPTH - 1) + "{}" + "}" * (DEPTH - 2) + ',"integration_id":"gmail"}',
        ),
        ("many siblings, not nested", only + ',"x":[' + ",".join(["[{}]"] * 300) + "]}"),
    ]


WRONG = {
    "null": "null",
    "true": "true",
    "false": "false",
    "an integer": "1",
    "zero": "0",
    "a float": "1.5",
    "a big integer": "9" * 40,
    "1e999": "1e999",
    "a string": '"x"',
    "a list": "[]",
    "a list of a string": '["x"]',
    "an object": "{}",
    "an object of a string": '{"a":"b"}',
}
FIELDS = [
    "integration_id",
    "auth_method_id",
    "scopes",
    "redirect_uri",
    "params",
    "binding",
    "connection_id",
    "app_state",
    "label",
    "tags",
]


def refused() -> list[tuple[str, str]]:
    only = '{"integration_id":"gmail"'
    cases = [
        (
            f"{field} is {kind}",
            (
                "{" + f'"{field}":{value}' + "}"
                if field == "integration_id"
                else only + f',"{field}":{value}' + "}"
            ),
        )
        for field in FIELDS
        for kind, value in WRONG.items()
    ]
    return cases + [
        ("an empty object", "{}"),
        ("an object of white space", " { \n} "),
        ("null", "null"),
        ("true", "true"),
        ("false", "false"),
        ("an integer", "1"),
        ("a float", "-1.5e3"),
        ("a string", '"text"'),
        ("an empty string", '""'),
        ("an empty list", "[]"),
        ("a list of an object", "[{}]"),
        ("a list of a request", '[{"integration_id":"gmail"}]'),
        ("a lone surrogate alone", '"\\ud800"'),
        ("the required field missing among others", '{"auth_method_id":"oauth2","scopes":["a"]}'),
        ("the name in other case", '{"Integration_ID":"gmail"}'),
        ("the name with a space", '{"integration_id ":"gmail"}'),
        ("every field wrong", "{" + ",".join(f'"{field}":1' for field in FIELDS) + "}"),
        ("every field wrong, backwards", "{" + ",".join(f'"{field}":1' for field in reversed(FIELDS)) + "}"),
        (
            "every optional field wrong, the required one missing",
            "{" + ",".join(f'"{field}":true' for field in reversed(FIELDS[1:])) + "}",
        ),
        ("two wrong, one right", '{"redirect_uri":[],"integration_id":{},"scopes":["a"]}'),
        ("a doubled field, last of the wrong type", '{"integration_id":"a","integration_id":1}'),
        ("a doubled field, last null", '{"integration_id":"a","integration_id":null}'),
        ("doubled scopes, last of the wrong type", only + ',"scopes":["a"],"scopes":[1]}'),
        ("doubled scopes, both of the wrong type", only + ',"scopes":[1,"a",2],"scopes":["a",{}]}'),
        ("scopes wrong at several places", only + ',"scopes":[1,"a",null,["b"],{"c":1},"d",true,1.5]}'),
        ("scopes wrong at the first place", only + ',"scopes":[1,"a"]}'),
        ("scopes wrong at the twelfth place", only + ',"scopes":[' + '"a",' * 11 + "1]}"),
        ("scopes as one string", only + ',"scopes":"a b"}'),
        (
            "params wrong at several names",
            only + ',"params":{"a":1,"b":"x","c":null,"d":["y"],"é":{},"😀":true,"":0}}',
        ),
        ("a label of 256 characters", only + ',"label":"' + "é" * 256 + '"}'),
        ("a label in a list", only + ',"label":["Ada"]}'),
        ("eleven tags", only + ',"tags":' + json.dumps({str(index): "" for index in range(11)}) + "}"),
        ("a tag without a name", only + ',"tags":{"":"a"}}'),
        ("a tag's value of 201 characters", only + ',"tags":{"a":"' + "é" * 201 + '"}}'),
        (
            "eleven tags, two values too long",
            only
            + ',"tags":'
            + json.dumps({f"{index:02}": "x" * (201 if index in (3, 7) else 1) for index in range(11)})
            + "}",
        ),
        ("tags wrong at several names", only + ',"tags":{"a":1,"b":"x","c":null,"d":["y"]}}'),
        ("a list of tags", only + ',"tags":["a","b"]}'),
        ("a long label and a long tag", only + ',"tags":{"a":"' + "x" * 201 + '"},"label":"' + "x" * 256 + '"}'),
        ("params in a list", only + ',"params":[{"a":"b"}]}'),
        ("a doubled parameter, last of the wrong type", only + ',"params":{"a":"b","c":1,"a":2}}'),
        ("a doubled parameter keeps its first place", only + ',"params":{"a":1,"b":2,"a":3}}'),
        ("a doubled parameter, once escaped", only + ',"params":{"a":1,"b":2,"\\u0061":"x"}}'),
        ("parameters that differ by normal form", only + ',"params":{"\u00e9":1,"e\u0301":2}}'),
        (
            "a parameter's name with quote, backslash and controls",
            only + ',"params":{"\\"\\\\/\\b\\f\\n\\r\\t\\u0000\\u001f\x7f\u2028":1}}',
        ),
        ("a parameter's name with a pair", only + ',"params":{"\\ud83d\\ude00":1}}'),
        ("scopes and params both wrong inside", '{"params":{"a":1},"scopes":[2],"integration_id":3}'),
        ("a lone high surrogate", '{"integration_id":"\\ud800"}'),
        ("a lone low surrogate", '{"integration_id":"\\udc00"}'),
        ("two high surrogates", '{"integration_id":"\\ud800\\ud800"}'),
        ("a pair turned round", '{"integration_id":"\\ude00\\ud83d"}'),
        ("a high surrogate and a letter", '{"integration_id":"\\ud83dx"}'),
        ("a high surrogate and a newline", '{"integration_id":"\\ud83d\\n"}'),
        ("a high surrogate and a pair", '{"integration_id":"\\ud83d\\ud83d\\ude00"}'),
        (
            "high surrogates and what is next to the low ones",
            only + ',"scopes":["\\ud800\\udbff","\\udbff\\ue000"]}',
        ),
        ("a high surrogate and another escape", '{"integration_id":"\\ud83d\\u0041"}'),
        (
            "lone surrogates in every field",
            "{" + ",".join(f'"{field}":"\\ud800"' for field in FIELDS) + "}",
        ),
        ("lone surrogates in scopes", only + ',"scopes":["a","\\ud800","b",1,"\\udfff"]}'),
        ("lone surrogates in a parameter", only + ',"params":{"a":"\\ud800"}}'),
        ("a lone surrogate in a parameter's name", only + ',"params":{"\\ud800":"a"}}'),
        ("a lone surrogate in a parameter's name and a number", only + ',"params":{"\\ud800":1}}'),
        (
            "lone surrogates in a parameter's name and value",
            only + ',"params":{"x":2,"\\ud800y":"\\udc00","z":3}}',
        ),
        ("a surrogate that was overwritten", '{"integration_id":"\\ud800","integration_id":1}'),
        ("deep inside a wrong field", '{"integration_id":' + nested(DEPTH - 1) + "}"),
    ]
