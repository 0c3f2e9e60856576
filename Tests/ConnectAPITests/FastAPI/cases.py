"""The bodies that peer.py asks FastAPI about, and what ours says where FastAPI has no 422."""

import random
from typing import NamedTuple

from bodies import DEPTH, accepted, nested, refused
from broken import broken

JSON = "application/json"

PARSING = "FastAPI has one sentence for every other failure to read a body; ours is a 422 at the place"
NESTING = f"more than {DEPTH} levels are refused here; Python's own limit is its stack"


class Case(NamedTuple):
    """A body; a position and a reason where stock FastAPI has no 422 for what ours finds there."""

    name: str
    body: bytes
    content_type: str | None = JSON
    position: int | None = None
    reason: str | None = None


def encoded() -> list[Case]:
    good, wrong, syntax = '{"integration_id":"é€😀"}', '{"integration_id":1}', '{"é😀":1 ?}'
    cases = []
    for kind, text in [("accepted", good), ("wrong", wrong), ("broken", syntax), ("a digit", "1")]:
        cases.append(Case(f"a mark: {kind}", text.encode("utf-8-sig")))
    lone = '{"integration_id":"\ud800"}'
    cases += [
        Case("part of a utf-8 mark", b"\xef\xbb{}", position=0, reason=PARSING),
        Case("a utf-8 mark after a space", b" \xef\xbb\xbf{}"),
        Case("two utf-8 marks", b"\xef\xbb\xbf\xef\xbb\xbf{}"),
        Case("a lone surrogate in utf-8", lone.encode("utf-8", "surrogatepass")),
        Case("a pair as two utf-8 surrogates", b'{"integration_id":"\xed\xa0\xbd\xed\xb8\x80"}'),
        Case("a utf-8 surrogate and an escaped one", b'{"integration_id":"\xed\xa0\xbd\\ude00"}'),
        Case("an unknown value with a utf-8 surrogate", b'{"integration_id":"a","x":"\xed\xa0\x80"}'),
        Case("a surrogate outside a string", b"[\xed\xa0\x80]"),
    ]
    for name, octets in {
        # fmt: off
        "FF": b"\xff", "a continuation": b"\x80", "C0 80": b"\xc0\x80", "C1 BF": b"\xc1\xbf",
        "E0 80 80": b"\xe0\x80\x80", "E0 9F BF": b"\xe0\x9f\xbf", "F0 80 80 80": b"\xf0\x80\x80\x80",
        "F0 8F BF BF": b"\xf0\x8f\xbf\xbf", "F4 90 80 80": b"\xf4\x90\x80\x80",
        "F5 80 80 80": b"\xf5\x80\x80\x80", "C3": b"\xc3", "E2 82": b"\xe2\x82",
        "F0 9F 98": b"\xf0\x9f\x98", "ED A0": b"\xed\xa0", "FE": b"\xfe", "C3 28": b"\xc3(",
        "E2 28 A1": b"\xe2(\xa1",
        # fmt: on
    }.items():
        cases.append(
            Case(f"not utf-8: {name}", b'{"integration_id":"' + octets + b'"}', position=19, reason=PARSING)
        )
    cases += [
        Case(
            "not utf-8, in an unknown field",
            '{"integration_id":"é😀","x":"a'.encode() + b'\xff"}',
            position=33,
            reason=PARSING,
        ),
        Case("not utf-8, in a name", b'{"\xff":1}', position=2, reason=PARSING),
        Case("not utf-8, outside a string", b'{"a":\xff}', position=5, reason=PARSING),
        Case("not utf-8, after the object", b'{"integration_id":"a"}\xff', position=22, reason=PARSING),
        Case("not utf-8, alone", b"\x80", position=0, reason=PARSING),
        Case("latin-1", '{"integration_id":"é"}'.encode("latin-1"), position=19, reason=PARSING),
        Case("gzip", b"\x1f\x8b\x08\x00\x00\x00\x00\x00", position=0, reason=PARSING),
    ]
    return cases


def bounded() -> list[Case]:
    only = '{"integration_id":"gmail","x":'
    cases = [
        Case(
            f"{DEPTH + 1} levels",
            (only + nested(DEPTH) + "}").encode(),
            position=len(only) + DEPTH - 1,
            reason=NESTING,
        )
    ]
    for depth in (DEPTH + 1, 500, 2700):
        cases.append(
            Case(f"a list of {depth} levels", nested(depth).encode(), position=DEPTH, reason=NESTING)
        )
        cases.append(Case(f"a list of {depth} levels, open", b"[" * depth, position=DEPTH, reason=NESTING))
        cases.append(
            Case(
                f"an object of {depth} levels",
                b'{"a":' * depth + b"1" + b"}" * depth,
                position=5 * DEPTH,
                reason=NESTING,
            )
        )
    cases.append(
        Case(
            "scopes too deep",
            (f'{{"integration_id":"a","scopes":{nested(DEPTH)}}}').encode(),
            position=31 + DEPTH - 1,
            reason=NESTING,
        )
    )
    cases.append(
        Case(
            "params too deep",
            (f'{{"integration_id":"a","params":{{"b":{nested(DEPTH)}}}}}').encode(),
            position=36 + DEPTH - 2,
            reason=NESTING,
        )
    )
    return cases


def typed() -> list[Case]:
    types = [
        # fmt: off
        None, "", JSON, "application/json; charset=utf-8", "application/json; charset=utf-16",
        "application/json;", "application/json ;x", " application/json ", "APPLICATION/JSON",
        "Application/Json;Charset=UTF-8", "application/vnd.api+json", "application/problem+json; a=b",
        "application/+json", "application/x+JSON", "application/json+x", "application/x-json",
        "application/jsonp", "application/json5", "application/json-seq", "application/ndjson",
        "application/json/x", "application/x/y+json", "application//json", "application/ json",
        "application /json",
        "application/json garbage", "application/json, application/json", ";application/json",
        "application", "application/", "/json", "json", "+json", "application/x+json+y", "text/json",
        "text/plain", "text/x+json", "text/plain; application/json", "application/x-www-form-urlencoded",
        "multipart/form-data", "multipart/form-data; boundary=x", "application/octet-stream",
        "application/xml", "*/*", "garbage", "a/b/c", '"application/json"', "application/*",
        # fmt: on
    ]
    bodies = {"accepted": b'{"integration_id":"a"}', "wrong": b'{"integration_id":1}'}
    cases = [Case(f"{value!r}: {kind}", body, value) for value in types for kind, body in bodies.items()]
    for value in [None, JSON, "text/plain", "multipart/form-data; boundary=x"]:
        cases.append(Case(f"{value!r}: empty", b"", value))
        if value != JSON:
            cases.append(Case(f"{value!r}: null", b"null", value))
            cases.append(Case(f"{value!r}: white space", b" ", value))
            cases.append(Case(f"{value!r}: broken", b"{", value))
            cases.append(Case(f"{value!r}: not utf-8", b"\xff", value))
    cases.append(Case("a form", b"integration_id=gmail", "application/x-www-form-urlencoded"))
    return cases


def mutated() -> list[Case]:
    """An ordinary body, with one to three characters replaced, left out or put in."""
    source = random.Random(6749)
    text = (
        '{\n "integration_id": "gmail", "auth_method_id": "oauth2",\n'
        ' "scopes": ["é.read", "a\\u00e9"], "x": [1.5e3, {"y": null}]\n}'
    )
    pieces = list("{}[]\",:\\ \n0123.eE+-nulltrefa'/é😀") + [
        '"a"',
        "1",
        "null",
        "\\u",
        "\\ud800",
        '"scopes"',
        "\t",
    ]
    cases = []
    for number in range(400):
        characters = list(text)
        for _ in range(source.randint(1, 3)):
            place, piece = source.randrange(len(characters)), source.choice(pieces)
            match source.randrange(3):
                case 0:
                    characters[place] = piece
                case 1:
                    del characters[place]
                case _:
                    characters.insert(place, piece)
        cases.append(Case(f"mutated {number}", "".join(characters).encode()))
    return cases


def table() -> list[Case]:
    cases = [Case(name, text.encode()) for name, text in accepted() + refused() + broken()]
    cases += encoded() + bounded() + typed() + mutated()
    names = [case.name for case in cases]
    if len(set(names)) != len(names):
        raise SystemExit(f"doubled: {sorted(name for name in names if names.count(name) > 1)}")
    return cases
