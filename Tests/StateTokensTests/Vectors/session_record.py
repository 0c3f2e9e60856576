#!/usr/bin/env python3
"""A second implementation of the connect session's token, written from its page (SessionFormat.md) alone.

    python3 session_record.py > session-record.json    the test vectors
    python3 session_record.py --check                  fails if session-record.json beside this file is another

Texts, scopes, parameters and tags are those of the state token, of which state_record.py is the second implementation.
Every vector is checked here as there: a valid one is read and written again, an invalid one is refused for its reason.
"""

import dataclasses
import hmac

from state_record import (
    A_UUID, AUDIENCE, BAD_UTF8, ISSUED, KEYS, SPECIAL_IVS, Cursor, Generator, Refused, State, associated_data,
    base64url, counted, counter_mode, invalid_vectors, main, read_base64url, refuse_if, require, seal_octets, tag_of,
    write_parameters, write_record, write_required_text, write_scopes, write_tags, write_varint,
)

MAXIMUM_RECORD, MAXIMUM_TOKEN, DEFAULT_LIFETIME, MAXIMUM_LIFETIME = 3019, 4096, 1800, 86400

@dataclasses.dataclass
class Session:
    """The default of a field is what its absence means."""
    issued_at: int
    maker: str
    workspace: str
    user: str
    lifetime: int = DEFAULT_LIFETIME
    user_label: str | None = None
    integrations: list[str] = dataclasses.field(default_factory=list)
    scopes: list[str] = dataclasses.field(default_factory=list)
    parameters: dict[str, str] = dataclasses.field(default_factory=dict)
    redirect_uri: str | None = None
    tags: dict[str, str] = dataclasses.field(default_factory=dict)
    label: str | None = None
    connection: str | None = None
    origins: list[str] = dataclasses.field(default_factory=list)
    may_read: bool = False
    may_disconnect: bool = False
    made_by_token: bool = False

    def json(self):
        return vars(self) | {
            "parameters": dict(sorted(self.parameters.items())), "tags": dict(sorted(self.tags.items()))}

ABSENT = vars(Session(0, "", "", ""))

# Writer and reader
def write_lifetime(seconds):
    require(1 <= seconds <= MAXIMUM_LIFETIME, "lifetime")
    return write_varint(seconds)

def read_lifetime(cursor):
    seconds = cursor.varint()
    refuse_if(not 1 <= seconds <= MAXIMUM_LIFETIME or seconds == DEFAULT_LIFETIME, "lifetime")
    return seconds

def write_texts(texts):
    return write_varint(len(texts)) + b"".join(map(write_required_text, texts))

def read_texts(cursor):
    return [cursor.required_text() for _ in range(cursor.positive("count_zero"))]

TEXT = (write_required_text, Cursor.required_text)
TEXTS = (write_texts, read_texts)
FLAG = (lambda value: b"", lambda cursor: True)
FIELDS = {  # in the order of their bits
    "lifetime": (write_lifetime, read_lifetime), "user_label": TEXT, "integrations": TEXTS,
    "scopes": (write_scopes, Cursor.scopes), "parameters": (write_parameters, Cursor.parameters),
    "redirect_uri": TEXT, "tags": (write_tags, Cursor.tags), "label": TEXT, "connection": TEXT, "origins": TEXTS,
    "may_read": FLAG, "may_disconnect": FLAG, "made_by_token": FLAG,
}
BITS = {name: bit for bit, name in enumerate(FIELDS)}

def write_session(session):
    require(0 <= session.issued_at < 2**32, "issued at")
    flags, optional = 0, b""
    for name, (write, _) in FIELDS.items():
        value = getattr(session, name)
        if value != ABSENT[name]:
            flags |= 1 << BITS[name]
            optional += write(value)
    record = b"\x01" + flags.to_bytes(2, "big") + session.issued_at.to_bytes(4, "big")
    record += b"".join(map(write_required_text, (session.maker, session.workspace, session.user))) + optional
    require(len(record) <= MAXIMUM_RECORD, "record too long")
    return record

def read_session(record):
    refuse_if(len(record) > MAXIMUM_RECORD, "record_too_long")
    cursor = Cursor(record)
    refuse_if(cursor.take(1) != b"\x01", "version")
    flags = int.from_bytes(cursor.take(2), "big")
    refuse_if(flags >> len(FIELDS), "flags")
    session = Session(int.from_bytes(cursor.take(4), "big"), *(cursor.required_text() for _ in range(3)))
    for name, (_, read) in FIELDS.items():
        if flags >> BITS[name] & 1:
            setattr(session, name, read(cursor))
    refuse_if(cursor.position != len(record), "trailing")
    return session

def open_session(token, keyring, audience):
    refuse_if(len(token.encode()) > MAXIMUM_TOKEN, "token_too_long")
    sealed = read_base64url(token)
    refuse_if(len(sealed) < 53, "token_too_short")
    refuse_if(sealed[0] != 1, "token_prefix")
    material = keyring.get(sealed[1:5])
    refuse_if(material is None, "unknown_key")
    iv, ciphertext, tag = sealed[5:21], sealed[21:-32], sealed[-32:]
    right = tag_of(material, associated_data(audience, "session"), iv, ciphertext)
    refuse_if(not hmac.compare_digest(tag, right), "tag")
    try:
        return read_session(counter_mode(material[:32], iv, ciphertext))
    except Refused as refused:
        raise Refused("record_" + str(refused).removeprefix("record_")) from None

# Vectors
def plain(**fields):
    required = dict(issued_at=ISSUED, maker="key_9Rk3mVbTq2xL", workspace="wsp_123456789", user="user_42")
    return Session(**{**required, **fields})

EXAMPLE = dict(
    user_label="Ada Lovelace", integrations=["gmail", "slack"],
    redirect_uri="https://app.example.com/integrations/connected", tags={"plan": "team"},
    origins=["https://app.example.com"], may_read=True,
)
OPTIONAL = {
    "lifetime": 900, "user_label": "Ada Lovelace, née Byron", "integrations": ["gmail", "slack", "gmail"],
    "scopes": ["openid", "read:user", "read:user:email"], "parameters": {"region": "", "shop": "acme"},
    "redirect_uri": "https://app.example.com/done", "tags": {"plan": "pro", "région": ""}, "label": "Ada’s mail",
    "connection": "conn_" + A_UUID, "origins": ["https://app.example.com", "http://localhost:3000"],
    "may_read": True, "may_disconnect": True, "made_by_token": True,
}

def valid_sessions(random):
    yield "the example of the page", plain(**EXAMPLE)
    yield "every optional field", plain(**OPTIONAL)
    yield "no optional field", plain()
    for name, value in OPTIONAL.items():
        yield f"only {name}", plain(**{name: value})
        yield f"all but {name}", plain(**{key: value for key, value in OPTIONAL.items() if key != name})
    for lifetime in (1, 127, 128, 1799, 1801, 16384, 86399, 86400):
        yield f"lifetime {lifetime}", plain(lifetime=lifetime)
    for issued in (0, 2**31, 2**32 - 1):
        yield f"issued at {issued}", plain(issued_at=issued)
    for comment, fields in {
        "maker, workspace and user of one character": dict(maker="k", workspace="w", user="u"),
        "maker, workspace and user with codes": dict(maker="openid", workspace="org_" + A_UUID, user="usr_" + A_UUID),
        "maker, workspace and user that are UUIDs": dict(maker=A_UUID, workspace=random.uuid(), user=random.uuid()),
        "texts of other scripts": dict(user="日本", user_label="Ада", label="שלום", workspace="wsp_é"),
        "controls are kept": dict(user="\0", label="\n"),
        "a label of 300 octets": dict(user_label=random.word(300)),
        "128 integrations, a count of two octets": dict(integrations=[f"i{index}" for index in range(128)]),
        "an origin that comes twice": dict(origins=["https://a.example", "https://a.example"]),
        "tags whose order as strings is another": dict(tags={"é": "1", "z": "2", "A": "3"}),
        "parameters with codes": dict(parameters={"aud": "https://api.a.com", "org": "org_" + A_UUID}),
        "scopes with much in common": dict(scopes=[f"crm.{index // 3}.{index % 3}" for index in range(9)]),
    }.items():
        yield comment, plain(**fields)
    yield "record of 3019 octets", plain(label=random.word(3019 - len(write_session(plain())) - 2))
    room = 3019 - len(write_session(plain(**{**OPTIONAL, "label": "x" * 128}))) + 128
    yield "record of 3019 octets with every field", plain(**{**OPTIONAL, "label": random.word(room)})

MAKER, WORKSPACE, USER = counted(b"key_1"), counted(b"\x93123456789"), counted(b"\x9742")

def raw(bit=None, rest=b"", version=1, flags=0, maker=MAKER, workspace=WORKSPACE, user=USER):
    """A record with the optional field of that bit."""
    flags |= 0 if bit is None else 1 << bit
    head = bytes([version]) + flags.to_bytes(2, "big") + ISSUED.to_bytes(4, "big")
    return head + maker + workspace + user + rest

def other_encodings():
    """What no writer writes and every reader takes: (comment, session, record)."""
    session = lambda **fields: plain(maker="key_1", **fields)
    yield "workspace as text", session(), raw(workspace=counted(b"wsp_123456789"))
    yield "user as text", session(), raw(user=counted(b"user_42"))
    yield "origin as text", session(origins=["https://x"]), raw(9, b"\x01" + counted(b"https://x"))
    yield "integration as text", session(integrations=["openid"]), raw(2, b"\x01" + counted(b"openid"))
    yield "scopes that share less", session(scopes=["ab", "ac"]), raw(3, b"\x02\x00\x02ab\x00\x02ac")

def text_fields():
    """Each place where a text stands, and the record with that text."""
    yield "maker", lambda text: raw(maker=text)
    yield "workspace", lambda text: raw(workspace=text)
    yield "user", lambda text: raw(user=text)
    for name in ("user_label", "redirect_uri", "label", "connection"):
        yield name, lambda text, name=name: raw(BITS[name], text)
    for name in ("integrations", "origins"):
        yield f"the first of {name}", lambda text, name=name: raw(BITS[name], b"\x01" + text)
        yield f"the second of {name}", lambda text, name=name: raw(BITS[name], b"\x02\x01a" + text)

def invalid_records():
    full = write_session(plain(**OPTIONAL))
    for length in range(len(full)):
        yield "truncated", f"every field, the first {length} octets", full[:length]
    for total in (3020, 3021, 4000):
        rest = b"x" * (total - len(raw()) - 2)
        yield "record_too_long", f"a record of {total} octets", raw(BITS["label"], counted(rest))
    for version in (0x00, 0x02, 0x7F, 0x81, 0xFF):
        yield "version", f"version {version:02x}", raw(version=version)
    for bit in (13, 14, 15):
        yield "flags", f"flag bit {bit}", raw(bit)
        yield "flags", f"flag bit {bit} and a text", raw(bit, b"\x01x")
    for name in (name for name in OPTIONAL if OPTIONAL[name] is not True):
        yield "truncated", f"the flag of {name} and no field", raw(BITS[name])
    for octet in (0x00, 0x01, 0x80, 0xFF):
        yield "trailing", f"an octet {octet:02x} after no optional field", raw(rest=bytes([octet]))
        yield "trailing", f"an octet {octet:02x} after every field", full + bytes([octet])
    for name in ("may_read", "may_disconnect", "made_by_token"):
        yield "trailing", f"an octet for {name}", raw(BITS[name], b"\x01")
    yield "trailing", "twice", raw() + raw()
    for seconds in (0, DEFAULT_LIFETIME, 86401, 2097151):
        yield "lifetime", f"lifetime {seconds}", raw(0, write_varint(seconds))
    for comment, octets in {"900": b"\x84\x87\x00", "1": b"\x81\x00"}.items():
        yield "varint_overlong", f"lifetime {comment}, a group too many", raw(0, octets)
    yield "varint_too_long", "a lifetime of four groups", raw(0, b"\x80\x80\x80\x01")
    for name in ("integrations", "scopes", "parameters", "tags", "origins"):
        yield "count_zero", f"no {name}", raw(BITS[name], b"\0")
        yield "truncated", f"more {name} than there are", raw(
            BITS[name], b"\x02\x00\x01a" if name == "scopes" else b"\x02\x01a")
        yield "varint_overlong", f"a count of {name} with a group too many", raw(BITS[name], b"\x81\x00\x01a")
    for name, record in text_fields():
        yield "empty_text", f"{name}: empty", record(b"\0")
        yield "utf8", f"{name}: not UTF-8", record(counted(b"a\xff"))
        yield "unknown_prefix_code", f"{name}: an unknown prefix code", record(counted(b"\x98a"))
        yield "uuid_length", f"{name}: a UUID of 15 octets", record(counted(b"\xbf" + bytes(15)))
        yield "varint_overlong", f"{name}: a length with a group too many", record(b"\x81\x00a")
    for octets in BAD_UTF8:
        yield "utf8", f"label {octets}", raw(BITS["label"], counted(b"a" + bytes.fromhex(octets)))
    pairs = lambda name, *texts: raw(BITS[name], bytes([len(texts) // 2]) + b"".join(map(counted, texts)))
    for name, order in (("parameters", "parameter_order"), ("tags", "tag_order")):
        yield order, f"{name} that come twice", pairs(name, b"a", b"1", b"a", b"2")
        yield order, f"{name} out of order", pairs(name, b"b", b"1", b"a", b"2")
        yield order, f"{name} in the order of their payloads", pairs(name, b"openid", b"1", b"\x80", b"2")
    yield "parameter_name", "a parameter without a name", pairs("parameters", b"", b"1")
    yield "parameter_name", "a parameter's name that is not ASCII", pairs("parameters", "é".encode(), b"1")
    yield "tag_name", "a tag without a name", pairs("tags", b"", b"1")
    yield "tag_equivalent", "tags of equivalent names", pairs("tags", "e\u0301".encode(), b"1", "é".encode(), b"2")
    yield "scope_shared", "a scope that shares more than there is", raw(3, b"\x01\x01\x01a")
    yield "scope_empty", "an empty scope", raw(3, b"\x01\x00\x00")
    yield "scope_character", "a scope with a space", raw(3, b"\x01\x00\x03a b")

def invalid_tokens(random):
    key_id = list(KEYS)[0]
    iv, record = random.octets(16), write_session(plain(**EXAMPLE))
    aad = associated_data(AUDIENCE, "session")
    def sealed_as(record=record, key_id=key_id, material=KEYS[key_id], aad=aad):
        return base64url(seal_octets(record, key_id, material, iv, aad))
    token = sealed_as()
    sealed = read_base64url(token)
    yield "token_too_long", "4097 characters", "A" * 4097
    yield "token_too_long", "a right one and 4096 more", token + "A" * 4096
    yield "token_prefix", "4096 characters A", "A" * 4096
    for comment, text in {
        "padding": token + "=", "a line feed": token + "\n", "a space before": " " + token, "a dot": token + ".",
        "a plus sign": "+" + token[1:], "spare bits set": "AR", "one character": "A",
    }.items():
        yield "base64url", comment, text
    for length in range(len(sealed)):
        yield "token_too_short" if length < 53 else "tag", f"its first {length} octets", base64url(sealed[:length])
    for index in range(len(sealed)):
        changed = bytearray(sealed)
        changed[index] ^= 1 << index % 8
        reason = "token_prefix" if index == 0 else "unknown_key" if index < 5 else "tag"
        yield reason, f"bit {index % 8} of octet {index} flipped", base64url(bytes(changed))
    for name in ("00000000", "ffffffff", "029c3a1f"):
        yield "unknown_key", f"the absent key id {name}", sealed_as(key_id=bytes.fromhex(name))
    for other in list(KEYS)[1:]:
        yield "tag", f"the key id {other.hex()} with the first material", sealed_as(key_id=other)
        yield "tag", f"the first key id with the material of {other.hex()}", sealed_as(material=KEYS[other])
    for purpose in ("state", "ticket", "screen", "Session", "sessions", "", "session/1"):
        yield "tag", f"the purpose {purpose!r}", sealed_as(aad=associated_data(AUDIENCE, purpose))
    for audience in ("https://connect.example.org", "https://connect.example.com/", "http://connect.example.com", ""):
        yield "tag", f"the audience {audience!r}", sealed_as(aad=associated_data(audience, "session"))
    yield "tag", "another version of the purpose", sealed_as(aad=aad.replace(b"/1/", b"/2/"))
    state = write_record(State(issued_at=ISSUED, fingerprint=bytes(4), integration="gmail", workspace="wsp_1"))
    yield "tag", "a state", sealed_as(state, aad=associated_data(AUDIENCE))
    for reason, comment, octets in (
        ("truncated", "no octets", b""), ("version", "unknown version", raw(version=2)),
        ("flags", "an unknown flag", raw(13)), ("trailing", "an octet after it", raw(rest=b"\0")),
        ("lifetime", "lifetime 1800", raw(0, write_varint(1800))), ("empty_text", "no user", raw(user=b"\0")),
    ):
        yield f"record_{reason}", f"sealed well, bad record: {comment}", sealed_as(octets)

def valid_vectors(random):
    sessions = [(comment, session, write_session(session), True) for comment, session in valid_sessions(random)]
    sessions += [(f"not canonical: {comment}", *rest, False) for comment, *rest in other_encodings()]
    for index, (comment, session, record, canonical) in enumerate(sessions):
        iv = SPECIAL_IVS[index] if index < len(SPECIAL_IVS) else random.octets(16)
        key_id = list(KEYS)[index % len(KEYS)]
        aad = associated_data(AUDIENCE, "session")
        token = base64url(seal_octets(record, key_id, KEYS[key_id], iv, aad))
        assert read_session(record) == session == open_session(token, KEYS, AUDIENCE), comment
        assert (write_session(session) == record) == canonical, comment
        yield {"comment": comment, **({} if canonical else {"canonical": False}), "session": session.json(),
               "record": record.hex(), "key_id": key_id.hex(), "iv": iv.hex(), "token": token}

def make_vectors():
    random = Generator("session-record vectors 1")
    valid = list(valid_vectors(random))
    assert max(len(vector["token"]) for vector in valid) == MAXIMUM_TOKEN and len(valid[0]["token"]) < 400
    records = list(invalid_vectors("record", invalid_records(), read_session))
    tokens = list(invalid_vectors("token", invalid_tokens(random), lambda text: open_session(text, KEYS, AUDIENCE)))
    for vectors in (valid, records, tokens):
        comments = [vector["comment"] for vector in vectors]
        assert len(set(comments)) == len(comments), [comment for comment in comments if comments.count(comment) > 1]
    assert not {vector["record"] for vector in valid} & {vector["record"] for vector in records}
    return {
        "keys": [{"id": key_id.hex(), "material": material.hex()} for key_id, material in KEYS.items()],
        "audience": AUDIENCE, "valid": valid, "invalid_records": records, "invalid_tokens": tokens,
    }

def check_by_hand():
    """Octets worked out from the page, not by the writer."""
    assert write_session(plain(**EXAMPLE)) == (
        b"\x01\x06\x66" + bytes.fromhex("6955b900") + b"\x10key_9Rk3mVbTq2xL" + b"\x0a\x93123456789" + b"\x03\x9742"
        + b"\x0cAda Lovelace" + b"\x02\x05gmail\x05slack" + b"\x23\x83example.com/integrations/connected"
        + b"\x01\x04plan\x04team" + b"\x01\x0c\x83example.com")
    for broken in (
        dict(issued_at=-1), dict(issued_at=2**32), dict(maker=""), dict(workspace=""), dict(user=""), dict(lifetime=0),
        dict(lifetime=86401), dict(user_label=""), dict(integrations=[""]), dict(origins=["a", ""]),
        dict(scopes=["a b"]), dict(parameters={"é": "x"}), dict(tags={"": "x"}), dict(redirect_uri=""),
        dict(label="x" * 3019),
    ):
        try:
            write_session(plain(**broken))
        except ValueError:
            continue
        raise AssertionError(f"the writer took {broken}")

if __name__ == "__main__":
    main(__file__, __doc__, check_by_hand, make_vectors)
