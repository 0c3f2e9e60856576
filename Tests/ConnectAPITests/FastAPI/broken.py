"""Bodies that are not JSON, or stop being it somewhere."""


def broken() -> list[tuple[str, str]]:
    cases = [
        (f"broken: {text!r}"[:70], text)
        for text in [
            # fmt: off
            " ", "\t\r\n ", "\x0b", "\u00a0", "\u3000{}", "{", "}", "[", "]", ",", ":", '"', "'", "{{",
            "[[", "{]", "[}", "[1}", '{"a":1]', "{}}", "{} {}", "[] x", "1 2", "nulls", "null null",
            '"a" "b"', "{}\x00", "{},", "// x\n{}", "/* x */{}", "{} // x", "# x",
            '{/* x */"integration_id":"a"}', '{"integration_id":/* x */"a"}', "{'integration_id':'a'}",
            "{\"integration_id\":'a'}", "{integration_id:1}", "{1:2}", "{null:1}", '{"a"}', '{"a":}',
            '{"a" 1}', '{"a"  }', '{"a":1 "b":2}', '{"a":1,}', '{"a":1 , }', '{"a":1,,"b":2}',
            '{,"a":1}', "{,}", '{"a"::1}', '{"a":1;"b":2}', '{"a"=1}', "[,]", "[1,]", "[1, \n]",
            "[1,,2]", "[,1]", "[1 2]", '["a" "b"]', "[1;2]", "nul", "nulL", "Null", "NULL", "tru",
            "truE", "True", "fals", "False", "none", "None", "undefined", "Na", "nan", "NAN", "-NaN",
            "+NaN", "Infinit", "infinity", "-Infinit", "-infinity", "+Infinity", "--Infinity", "-",
            "--1", "+1", ".5", "-.5", "1.", "1.e5", "-1.", "1e", "1e+", "1E-", "1.5e", "1.5e+", "1.5.5",
            "1e5.5", "1e5e5", "01", "-01", "00", "0x10", "1_000", "1,000", "0b1", "1a", "1.a", "1ea",
            "- 1", "[1.]", "[1e]", "[-]", "[01]", "[1e+]", "\uff11", "\u0661", '"a', '"a\\', '"a\\"',
            '"\\', '"\\u', '"\\u1', '"\\u12', '"\\u123', '"\\u1234', '"\\u12345', '"\\ud800\\',
            '"\\ud800\\u', '"\\ud800\\ude00', '"\\ud83d\\ude0"', '"\\x41"', '"\\a"', '"\\0"', '"\\v"',
            '"\\\'"', '"\\U00000041"', '"\\ "', '"\\\n"', '"\\é"', '"\\😀"', '"\\u"', '"\\u12"',
            '"\\u123"', '"\\u123g"', '"\\u 123"', '"\\u+123"', '"\\u-123"', '"\\u0x41"', '"\\u1_23"',
            '"\\uD83D\\uDE0G"', '"\\ud83d\\u"', '"\\ud83d\\x"', '"\\u００４１"', '"a\nb"', '"a\tb"',
            '"\x00"', '"\x01"', '"\x1f"', '"a\r\n"', '"é\n"', '"😀\n"', '["a\nb', '{"a\n":1}', '{"a',
            '{"a"', '{"a":', '{"a":1', '{"a":1,', '{"a":1,"', '{"a": ', '{"a" ', "{ ", "[ ", "[1 ",
            "[1, ", '["a', "[[1]", '{"a":{"b":1}', '[{"a":1]', '{"a":[1}',
            # fmt: on
        ]
    ]
    context = '{"integration_id":"gmail","scopes":["é€😀"],"params":{"ключ":"🗝 ключ"},"x":'
    for text in [
        # fmt: off
        "", "}", "?", "'a'", "tru}", "01}", "1.}", "-}", "[1,]}", '{"a":1,}}', '{"a" "b"}}', '"\\x"}',
        '"\\u12"}', '"\n"}', '"open', '"é\\', "1}}", "1} 😀", "1,}", "1,😀}", '1"y":2}',
        # fmt: on
    ]:
        cases.append((f"after other scripts: {text!r}", context + text))
    for text in [
        # fmt: off
        "é", "€", "😀", "\ufeff{}", "😀{}", '"😀"😀', '"é"é', '{"é"é}', '["😀"é]', '{"😀":é}', '{"é":1é}',
        '"\\ud83d\\ude00"x', '"é\\ud83d\\ude00é" x', '{"€":"😀","€":"😀" "€"}', "\u2028{}", "[\u2028]",
        "\x85",
        # fmt: on
    ]:
        cases.append((f"other scripts: {text!r}", text))
    compact = (
        '{"integration_id":"é\\u00e9","scopes":["😀",-1.5e+3],'
        '"params":{"a":null,"b":{}},"x":[true,null,[ ]]}'
    )
    cases += [(f"cut off after {count}", compact[:count]) for count in range(1, len(compact))]
    return cases
