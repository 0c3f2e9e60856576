#!/usr/bin/env python3
"""A second implementation of the state token, written from its page (Format.md) alone.

    python3 state_record.py > state-record.json      the test vectors
    python3 state_record.py --check                  fails if state-record.json beside this file is another

The output is the same on every run. Needs Python 3.11 and the package `cryptography`.
Every vector is checked here before it is printed: a valid one is read, and written again to the same octets;
one with `"canonical": false` is read, and written again to other octets; an invalid one is refused for the
reason it states.
"""

import base64
import dataclasses
import hashlib
import hmac
import json
import os
import pathlib
import re
import string
import sys
import unicodedata
import uuid

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

# Format
class Refused(Exception):
    """What a reader throws, with one of a fixed set of short names."""

def refuse_if(condition, reason):
    if condition:
        raise Refused(reason)

def require(condition, message):
    """For the writer."""
    if not condition:
        raise ValueError(message)

MAXIMUM_RECORD, MAXIMUM_TOKEN, MAXIMUM_VARINT, MAXIMUM_LABEL = 1024, 1436, 2097151, 256
PREFIXES = dict(enumerate(b"""
    https:// http:// https://www. https://app. https://api. http://localhost: http://127.0.0.1:
    https://www.googleapis.com/auth/ https://graph.microsoft.com/ https://outlook.office.com/
    https://api.ebay.com/oauth/api_scope/ https://mail.google.com/ oauth2 offline_access openid
    user. read: write: user: wsp_ conn_ usr_ org_ user_
""".split(), start=0x80))
UUID_CODE = 0xBF
LOWER_CASE_UUID = re.compile(rb"[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}")
SCOPE_OCTETS = frozenset([0x21, *range(0x23, 0x5C), *range(0x5D, 0x7F)])
NAME_OCTETS = frozenset(range(0x21, 0x7F))

@dataclasses.dataclass
class State:
    """The default of a field is what its absence means."""
    issued_at: int
    fingerprint: bytes
    integration: str
    workspace: str
    lifetime: int = 600
    auth_method: str = "oauth2"
    user: str | None = None
    scopes: list[str] = dataclasses.field(default_factory=list)
    redirect_uri: str | None = None
    code_verifier: bytes | None = None
    parameters: dict[str, str] = dataclasses.field(default_factory=dict)
    binding: bytes | None = None
    trace_id: bytes | None = None
    connection: str | None = None
    app_state: str | None = None
    label: str | None = None
    tags: dict[str, str] = dataclasses.field(default_factory=dict)
    screen: bool = False
    user_label: str | None = None
    new_connection: bool = False

    def json(self):
        members = vars(self) | {
            "parameters": dict(sorted(self.parameters.items())), "tags": dict(sorted(self.tags.items()))}
        return {name: value.hex() if isinstance(value, bytes) else value for name, value in members.items()}

ABSENT = vars(State(0, b"", "", ""))

# Writer
def write_varint(value):
    require(0 <= value <= MAXIMUM_VARINT, "varint out of range")
    out = bytearray()
    while value >= 0x80:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes(out) + bytes([value])

def write_text(text):
    octets = text if isinstance(text, bytes) else text.encode()
    matching = [code for code, prefix in PREFIXES.items() if octets.startswith(prefix)]
    code = bytes(sorted(matching, key=lambda code: len(PREFIXES[code]))[-1:])
    tail = octets[len(PREFIXES[code[0]]) if code else 0 :]
    if LOWER_CASE_UUID.fullmatch(tail):
        tail = bytes([UUID_CODE]) + bytes.fromhex(tail.decode().replace("-", ""))
    return write_varint(len(code + tail)) + code + tail

def write_required_text(text):
    require(text != "", "empty text")
    return write_text(text)

def write_label(text):
    require(len(text.encode()) <= MAXIMUM_LABEL, "label too long")
    return write_required_text(text)

def write_scopes(scopes):
    out, before = write_varint(len(scopes)), b""
    for scope in scopes:
        octets = scope.encode()
        require(octets and SCOPE_OCTETS.issuperset(octets), "not a scope")
        shared = len(os.path.commonprefix([before, octets]))
        out += write_varint(shared) + write_text(octets[shared:])
        before = octets
    return out

def write_parameters(parameters):
    out = write_varint(len(parameters))
    for name, value in sorted((name.encode(), value.encode()) for name, value in parameters.items()):
        require(name and NAME_OCTETS.issuperset(name), "not a parameter name")
        out += write_text(name) + write_text(value)
    return out

def write_tags(tags):
    require(len({unicodedata.normalize("NFC", name) for name in tags}) == len(tags), "equivalent tag names")
    out = write_varint(len(tags))
    for name, value in sorted((name.encode(), value.encode()) for name, value in tags.items()):
        require(name, "empty tag name")
        out += write_text(name) + write_text(value)
    return out

def sized(octets, count):
    require(len(octets) == count, "wrong number of octets")
    return octets

def write_record(state):
    require(0 <= state.issued_at < 2**32, "issued at")
    require(state.lifetime > 0, "lifetime")
    flags, optional = 0, b""
    for name, (write, _) in FIELDS.items():
        value = getattr(state, name)
        if value != ABSENT[name]:
            flags |= 1 << BITS[name]
            optional += write(value)
    record = b"\x01" + flags.to_bytes(2, "big") + state.issued_at.to_bytes(4, "big")
    record += sized(state.fingerprint, 4)
    record += write_required_text(state.integration) + write_required_text(state.workspace) + optional
    require(len(record) <= MAXIMUM_RECORD, "record too long")
    return record

# Reader
class Cursor:
    def __init__(self, octets):
        self.octets = octets
        self.position = 0

    def take(self, count):
        end = self.position + count
        refuse_if(end > len(self.octets), "truncated")
        taken = self.octets[self.position : end]
        self.position = end
        return taken

    def varint(self):
        value = 0
        for group in range(3):
            octet = self.take(1)[0]
            value |= (octet & 0x7F) << (7 * group)
            if octet & 0x80 == 0:
                refuse_if(octet == 0 and group > 0, "varint_overlong")
                return value
        raise Refused("varint_too_long")

    def text_octets(self):
        payload = self.take(self.varint())
        head = b""
        if payload and 0x80 <= payload[0] <= 0xBE:
            refuse_if(payload[0] not in PREFIXES, "unknown_prefix_code")
            head, payload = PREFIXES[payload[0]], payload[1:]
        if payload and payload[0] == UUID_CODE:
            refuse_if(len(payload) != 17, "uuid_length")
            return head + str(uuid.UUID(bytes=payload[1:])).encode()
        try:
            payload.decode("utf-8", "strict")
        except UnicodeDecodeError:
            raise Refused("utf8") from None
        return head + payload

    def required_text(self):
        octets = self.text_octets()
        refuse_if(not octets, "empty_text")
        return octets.decode()

    def label(self):
        text = self.required_text()
        refuse_if(len(text.encode()) > MAXIMUM_LABEL, "label_too_long")
        return text

    def positive(self, reason):
        value = self.varint()
        refuse_if(value == 0, reason)
        return value

    def scopes(self):
        scopes, before = [], b""
        for _ in range(self.positive("count_zero")):
            shared = self.varint()
            refuse_if(shared > len(before), "scope_shared")
            scope = before[:shared] + self.text_octets()
            refuse_if(not scope, "scope_empty")
            refuse_if(not SCOPE_OCTETS.issuperset(scope), "scope_character")
            scopes.append(scope.decode())
            before = scope
        return scopes

    def parameters(self):
        parameters, before = {}, b""
        for _ in range(self.positive("count_zero")):
            name = self.text_octets()
            refuse_if(not name or not NAME_OCTETS.issuperset(name), "parameter_name")
            refuse_if(name <= before, "parameter_order")
            parameters[name.decode()] = self.text_octets().decode()
            before = name
        return parameters

    def tags(self):
        tags, before, seen = {}, b"", set()
        for _ in range(self.positive("count_zero")):
            name = self.text_octets()
            refuse_if(not name, "tag_name")
            refuse_if(name <= before, "tag_order")
            form = unicodedata.normalize("NFC", name.decode())
            refuse_if(form in seen, "tag_equivalent")
            seen.add(form)
            tags[name.decode()] = self.text_octets().decode()
            before = name
        return tags

def octets_field(count):
    return lambda octets: sized(octets, count), lambda cursor: cursor.take(count)

TEXT = (write_required_text, Cursor.required_text)
FIELDS = {  # the optional fields in the order of their bits: how each is written and read
    "lifetime": (write_varint, lambda cursor: cursor.positive("lifetime")),
    "auth_method": TEXT, "user": TEXT,
    "scopes": (write_scopes, Cursor.scopes), "redirect_uri": TEXT, "code_verifier": octets_field(32),
    "parameters": (write_parameters, Cursor.parameters), "binding": octets_field(32),
    "trace_id": octets_field(16), "connection": TEXT, "app_state": TEXT,
    "label": TEXT, "tags": (write_tags, Cursor.tags),
    "screen": (lambda value: b"", lambda cursor: True), "user_label": (write_label, Cursor.label),
    "new_connection": (lambda value: b"", lambda cursor: True),
}
BITS = {name: bit for bit, name in enumerate(FIELDS)}
NAMES = {bit: name for name, bit in BITS.items()}

def read_record(record):
    refuse_if(len(record) > MAXIMUM_RECORD, "record_too_long")
    cursor = Cursor(record)
    refuse_if(cursor.take(1) != b"\x01", "version")
    flags = int.from_bytes(cursor.take(2), "big")
    refuse_if(any(flags >> bit & 1 and bit not in NAMES for bit in range(16)), "flags")
    issued_at, fingerprint = int.from_bytes(cursor.take(4), "big"), cursor.take(4)
    state = State(issued_at, fingerprint, cursor.required_text(), cursor.required_text())
    for name, (_, read) in FIELDS.items():
        if flags >> BITS[name] & 1:
            value = read(cursor)
            refuse_if(value == ABSENT[name], name)
            setattr(state, name, value)
    refuse_if(cursor.position != len(record), "trailing")
    return state

# Seal and open
ALPHABET = string.ascii_uppercase + string.ascii_lowercase + string.digits + "-_"

def base64url(octets):
    return base64.urlsafe_b64encode(octets).rstrip(b"=").decode()

def read_base64url(text):
    refuse_if(len(text) % 4 == 1 or not set(text) <= set(ALPHABET), "base64url")
    octets = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    refuse_if(base64url(octets) != text, "base64url")
    return octets

def associated_data(audience, purpose="state"):
    return f"symbolon/{purpose}/1/{audience}".encode()

def counter_mode(key, iv, octets):
    context = Cipher(algorithms.AES(key), modes.CTR(iv)).encryptor()
    return context.update(octets) + context.finalize()

def tag_of(material, aad, iv, ciphertext):
    bits = (8 * len(aad)).to_bytes(8, "big")
    return hmac.digest(material[32:], aad + iv + ciphertext + bits, "sha256")

def seal_octets(record, key_id, material, iv, aad):
    ciphertext = counter_mode(material[:32], iv, record)
    return b"\x01" + key_id + iv + ciphertext + tag_of(material, aad, iv, ciphertext)

def open_token(token, keyring, audience):
    """The state and the flow id. `keyring` maps the key id (4 octets) to the material, enabled keys only."""
    refuse_if(len(token.encode()) > MAXIMUM_TOKEN, "token_too_long")
    sealed = read_base64url(token)
    refuse_if(len(sealed) < 53, "token_too_short")
    refuse_if(sealed[0] != 1, "token_prefix")
    material = keyring.get(sealed[1:5])
    refuse_if(material is None, "unknown_key")
    iv, ciphertext, tag = sealed[5:21], sealed[21:-32], sealed[-32:]
    right = tag_of(material, associated_data(audience), iv, ciphertext)
    refuse_if(not hmac.compare_digest(tag, right), "tag")
    try:
        return read_record(counter_mode(material[:32], iv, ciphertext)), tag[:16]
    except Refused as refused:
        raise Refused("record_" + str(refused).removeprefix("record_")) from None

# Vectors
class Generator:
    """The same octets on every run."""

    def __init__(self, label):
        self.label, self.counter = label, 0

    def octets(self, count):
        self.counter += 1
        return hashlib.shake_256(f"{self.label} {self.counter}".encode()).digest(count)

    def word(self, length):
        return "".join("abcdefghijklmnopqrstuvwxyz234567"[octet % 32] for octet in self.octets(length))

    def uuid(self):
        return str(uuid.UUID(bytes=self.octets(16), version=4))

AUDIENCE = "https://connect.example.com"
_keys = Generator("state-record keys 1")
KEYS = {bytes.fromhex(name): _keys.octets(64) for name in ("1f3a9c02", "00000007", "fffffffe")}
FIRST_KEY = bytes.fromhex("1f3a9c02")
ISSUED, FINGERPRINT = 1767225600, bytes.fromhex("a1b2c3d4")
A_UUID = "0190163d-8694-739b-aea5-966c26f8ad91"
UUID_OCTETS = bytes.fromhex(A_UUID.replace("-", ""))

def plain(**fields):
    required = dict(issued_at=ISSUED, fingerprint=FINGERPRINT, integration="gmail", workspace="wsp_123456789")
    return State(**{**required, **fields})

OPTIONAL = {
    "lifetime": 900, "auth_method": "oauth2_client_credentials", "user": "user_42",
    "scopes": ["openid", "offline_access", "read:user", "read:user:email"],
    "redirect_uri": "https://app.example.com/callback",
    "code_verifier": bytes.fromhex("c0ffee") + bytes(range(0xFF, 0xE2, -1)),
    "parameters": {"login_hint": "ada@example.com", "prompt": ""},
    "binding": hashlib.sha256(b"binding").digest(),
    "trace_id": bytes.fromhex("4bf92f3577b34da6a3ce929d0e0e4736"), "connection": "conn_" + A_UUID,
    "app_state": "cart=7&étape=deux", "label": "Ada’s shop", "tags": {"plan": "pro", "région": ""},
    "screen": True, "user_label": "Ada Lovelace, née Byron", "new_connection": True,
}
EXAMPLE = plain(
    scopes=[f"https://www.googleapis.com/auth/gmail.{name}" for name in ("readonly", "send")],
    redirect_uri="https://dash.example.com/integrations/callback", code_verifier=bytes(range(32)),
)

EXAMPLE_OCTETS = bytes.fromhex(
    "01" "0038" "6955b900" "a1b2c3d4" "05676d61696c" "0a93313233343536373839"
    "02" "000f87676d61696c2e726561646f6e6c79" "260473656e64"
    "2780646173682e6578616d706c652e636f6d2f696e746567726174696f6e732f63616c6c6261636b"
    "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"
)

def valid_states(random):
    yield "the example of the page", EXAMPLE
    yield "every optional field", plain(**OPTIONAL)
    yield "no optional field", plain()
    for name, value in OPTIONAL.items():
        yield f"only {name}", plain(**{name: value})
    for code, octets in PREFIXES.items():
        prefix = octets.decode()
        yield f"prefix {code:02x} with a tail, alone, and less its last octet", plain(
            user=prefix + "tail", connection=prefix, app_state=prefix[:-1])
        yield f"prefix {code:02x} before a UUID", plain(connection=prefix + random.uuid())
    for group in (valid_texts, valid_scopes, valid_parameters, valid_tags):
        for comment, fields in group(random).items():
            yield comment, plain(**fields)
    for lifetime in (1, 127, 128, 599, 600, 601, 16383, 16384, 2097151):
        yield f"lifetime {lifetime}", plain(lifetime=lifetime)
    for issued in (0, 255, 2**31 - 1, 2**31, 2**32 - 1):
        yield f"issued at {issued}", plain(issued_at=issued)
    yield "the end is past 2^32", plain(issued_at=2**32 - 1, lifetime=2097151)
    for name, octet in (("zeros", b"\0"), ("ones", b"\xff")):
        yield f"octets of {name}", plain(
            fingerprint=octet * 4, code_verifier=octet * 32, binding=octet * 32, trace_id=octet * 16)
    yield "record of 1023 octets", plain(app_state=random.word(1023 - len(write_record(plain())) - 2))
    room = 1024 - len(write_record(plain(**{**OPTIONAL, "app_state": "x" * 128}))) + 128
    yield "record of 1024 octets with every field", plain(**{**OPTIONAL, "app_state": random.word(room)})
    yield "shortest record", State(issued_at=0, fingerprint=bytes(4), integration="a", workspace="b")
    for step, start in ((2, 0), (2, 1), (3, 0), (3, 1), (3, 2)):
        fields = dict(list(OPTIONAL.items())[start::step])
        yield f"optional fields {', '.join(fields)}", plain(fingerprint=random.octets(4), **fields)

def valid_texts(random):
    near = {
        "one digit short": A_UUID[:-1], "one digit long": A_UUID + "0", "in upper case": A_UUID.upper(),
        "in mixed case": A_UUID[:-1] + "A", "in upper case after a prefix": "user_" + A_UUID.upper(),
        "without hyphens": A_UUID.replace("-", ""), "a hyphen moved": "0190163d8-694-739b-aea5-966c26f8ad91",
        "a hyphen replaced by a digit": "0190163d-8694-739b-aea5a966c26f8ad91",
        "a digit replaced by a hyphen": A_UUID[:-1] + "-", "a letter g": A_UUID[:-2] + "g1",
        "underscores": A_UUID.replace("-", "_"), "braces": "{" + A_UUID + "}", "urn": "urn:uuid:" + A_UUID,
        "a space before": " " + A_UUID, "a line feed after": A_UUID + "\n",
        "36 octets with a non-ASCII digit": A_UUID[:-3] + "１",
        "36 characters with a non-ASCII digit": A_UUID[:-1] + "１", "a plus sign": "+" + A_UUID[1:],
        "a combining accent after": A_UUID + "\u0301",
        "a slash between prefix and UUID": "https:///" + A_UUID, "two UUIDs": A_UUID + A_UUID,
        "after a text that is no prefix": "usr-" + A_UUID,
    }
    texts = {
        "a prefix that is not at the start": " https://www.",
        "one prefix after another: only the first is coded": "https://http://usr_org_x",
        "a prefix twice": "wsp_wsp_", "non-ASCII directly after a prefix": "https://é",
        "byte order mark directly after a prefix": "https://\ufeffabc",
        "noncharacters, replacement character": "\ufdd0\ufffe\uffff\U0001fffe\ufffd",
        "JSON as app state": '{"a":[1,"\\u00e9",null]}',
        "payload of 127 octets with a prefix": "https://" + random.word(126),
        "payload of 128 octets with a prefix": "https://" + random.word(127),
        "text of 128 octets in 64 characters": "é" * 64,
    }
    methods = ("oauth2-pkce", "oauth", "OAuth2", "oauth2 ", "oauth2\u0301")
    first = ("é", "日", "😀", "\u0080", "\u00bf", "\u07ff", "\u0800", "\uffff", "\U00010000", "\U0010ffff")
    return {
        "prefixes are case sensitive": dict(redirect_uri="HTTPS://www.example.com/", user="User_1"),
        "just short of a longer prefix": dict(redirect_uri="https://www.googleapis.com/auth"),
        "www without its dot": dict(redirect_uri="https://wwwx.example.com/"),
        "localhost without a port": dict(redirect_uri="http://localhost/callback"),
        "127.0.0.1 without a port": dict(redirect_uri="http://127.0.0.1/"),
        "integration oauth2, workspace openid": dict(integration="oauth2", workspace="openid"),
        "one-character texts": dict(integration="g", workspace="1", user="u", connection="c", app_state="0"),
        "UUIDs bare": dict(workspace=random.uuid(), user=random.uuid(), connection=random.uuid()),
        "UUIDs after prefixes": dict(workspace="wsp_" + random.uuid(), user="usr_" + random.uuid()),
        "UUID nil and UUID max": dict(user=str(uuid.UUID(int=0)), app_state=str(uuid.UUID(int=2**128 - 1))),
        "UUID in digits only": dict(user="01234567-8901-2345-6789-012345678901"),
        **{f"near-UUID: {comment}": dict(user=text) for comment, text in near.items()},
        **{comment: dict(app_state=text) for comment, text in texts.items()},
        **{f"auth method {ascii(text)}": dict(auth_method=text) for text in methods},
        **{f"text that starts with U+{ord(text):04X}": dict(app_state=text) for text in first},
        "non-ASCII in every free text": dict(
            integration="ïntegration", workspace="wsp_é", auth_method="méthode", user="usr_ü",
            redirect_uri="https://bücher.example/ß", parameters={"a": "ö", "b": "😀"}, connection="conn_日本",
            app_state="\u202eabc"),
        "a combining accent directly after a prefix": dict(app_state="https://\u0301x", user="user_\u0308"),
        "a zero-width joiner directly after a prefix": dict(app_state="wsp_\u200d", user="usr_\ufe0f"),
        "byte order mark first": dict(app_state="\ufeffabc", user="\ufeff"),
        "NUL and other controls": dict(app_state="\x00\x01\x1f\x7f\r\n\t", user="\x00"),
        "composed and decomposed accents are kept": dict(user="\u00e9", app_state="e\u0301 \u00e9 \u212b"),
        "only spaces": dict(app_state=" ", user="  "),
        **{f"text of {length} octets": dict(app_state=random.word(length)) for length in (127, 128, 300)},
        **{f"user label of {length} octets": dict(user_label=random.word(length)) for length in (1, 128, 256)},
        "user label of 256 octets that a prefix makes shorter": dict(user_label="user_" + random.word(251)),
        "user label of 256 octets in 128 characters": dict(user_label="é" * 128),
    }

def valid_scopes(random):
    long = random.word(126)
    scopes = {
        "one": ["a"], "equal": ["mail.read", "mail.read"],
        "one the prefix of the next": ["repo", "repo:status", "repo:status:all"],
        "one the prefix of the one before": ["repo:status:all", "repo:status", "repo"],
        "nothing in common": ["alpha", "beta", "gamma"],
        "the order is kept": ["zeta", "alpha", "mid", "alpha"],
        "shared with the one before only": ["files.read", "mail", "files.write"],
        "the rest is a prefix code": ["a.read:x", "a.user:y", "a.user:"],
        "the rest is a prefix with an empty tail": ["x/", "x/openid", "x/offline_access"],
        "sharing stops inside a prefix": ["read:a", "reader", "read:b", "user:x", "user_y", "user.z"],
        "UUIDs": [random.uuid(), "user:" + random.uuid(), "api/" + A_UUID],
        "the rest is a UUID": ["api://", "api://" + A_UUID, "api://" + A_UUID + "/x"],
        "the rest is a prefix and a UUID": ["t:", "t:wsp_" + A_UUID],
        "every octet of a scope": ["".join(map(chr, sorted(SCOPE_OCTETS)))],
        "the edges of the permitted octets": ["!", "#", "[", "]", "~"],
        "case is kept and not shared": ["Mail.Read", "mail.Read", "MAIL"],
        "127 and 128 shared": [long + "a", long + "ab", long + "abc", long + "abd"],
        "20 with much in common": [f"crm.{i // 8}.{'read' if i % 2 else 'write'}" for i in range(20)],
        "128, a count of two octets": [f"s{i % 10}" for i in range(128)],
    }
    return {f"scopes: {comment}": dict(scopes=value) for comment, value in scopes.items()}

def valid_tags(random):
    return {
        "a tag": dict(tags={"plan": "pro"}), "a tag without a value": dict(tags={"vip": ""}),
        "ten tags": dict(tags={f"tag {index}": random.word(index) for index in range(10)}),
        "tags whose order as strings is another": dict(tags={"é": "1", "z": "2", "A": "3", "\u00df": "4"}),
        "a tag's name and value with prefixes": dict(tags={"user_": "https://", "openid": "wsp_" + A_UUID}),
        "a tag's name that is a UUID": dict(tags={A_UUID: A_UUID}),
        "a tag's name of other characters": dict(tags={" ": "a b", "日本": "東京", "\t": "\n"}),
        "a tag with NUL": dict(tags={"\0": "\0"}), "a label that is a UUID": dict(label=A_UUID),
        "a label with a prefix": dict(label="https://shop.example"), "a label of spaces": dict(label="  "),
        "tags and a label": dict(label="Ada", tags={"Ada": "label"}),
    }

def valid_parameters(random):
    coded = ("a", "https://z", "i", "openid", "p", A_UUID, "1", "wsp_", "x")
    parameters = {
        "one with an empty value": {"a": ""},
        "a name that is the prefix of the next": {"a": "1", "aa": "2", "aaa": "3", "ab": "4"},
        "upper case before lower case": {"Zeta": "1", "alpha": "2", "_": "3"},
        "in the order of the texts, not of their payloads": {name: "v" for name in coded},
        "every character of a name": {"".join(map(chr, sorted(NAME_OCTETS))): "v"},
        "every character of a name, alone": {chr(octet): "" for octet in NAME_OCTETS},
        "values coded": {"aud": "https://api.a.com", "org": "org_" + A_UUID, "t": "oauth2", "u": A_UUID},
        "values that start with non-ASCII": {"a": "é", "b": "日本", "c": "😀", "d": "\u0301", "e": "https://ß"},
        "values with controls and spaces": {"a": "\x00", "b": " ", "c": "\x7f", "d": "\ufeff"},
        "name of 128 octets": {random.word(128): "x"},
        "128, a count of two octets": {f"{i:02x}": random.word(1) for i in range(128)},
    }
    return {f"parameters: {comment}": dict(parameters=value) for comment, value in parameters.items()}

# Records put together by hand, one part at a time, so that one rule at a time can be broken.

def counted(payload):
    return write_varint(len(payload)) + payload

GMAIL, WORKSPACE = counted(b"gmail"), counted(b"\x93123456789")

def raw(bit=None, rest=b"", version=1, flags=0, integration=GMAIL, workspace=WORKSPACE):
    """A record with the optional field of that bit."""
    flags |= 0 if bit is None else 1 << bit
    head = bytes([version]) + flags.to_bytes(2, "big") + ISSUED.to_bytes(4, "big") + FINGERPRINT
    return head + integration + workspace + rest

def app(payload):
    return raw(10, counted(payload))

def raw_scopes(*scopes, count=None):
    """From pairs of a shared count and a payload."""
    parts = [write_varint(shared) + counted(payload) for shared, payload in scopes]
    return raw(3, write_varint(len(parts) if count is None else count) + b"".join(parts))

def raw_parameters(*payloads, count=None):
    """From payloads: a name, its value, the next name and so on."""
    count = len(payloads) // 2 if count is None else count
    return raw(6, write_varint(count) + b"".join(map(counted, payloads)))

def raw_tags(*payloads, count=None):
    """The same for tags."""
    count = len(payloads) // 2 if count is None else count
    return raw(12, write_varint(count) + b"".join(map(counted, payloads)))

def raw_of_length(total):
    """A record of that many octets, right but for its length: an app state fills it."""
    return app(b"x" * (total - len(raw()) - 2))

def other_encodings():
    """What no writer writes and every reader takes: (comment, state, record)."""
    bare = A_UUID.encode()
    for text, payload in (
        ("https://x", b"https://x"), ("user_", b"user_"), ("https://www.x", b"\x80www.x"),
        ("https://www.googleapis.com/auth/x", b"\x82googleapis.com/auth/x"), (A_UUID, bare),
        ("usr_" + A_UUID, b"\x95" + bare), ("https://app." + A_UUID, b"\x80app." + bare),
    ):
        yield f"text of the payload {payload}", plain(app_state=text), app(payload)
    yield "a prefix and a UUID, both as text", plain(user="usr_" + A_UUID), raw(2, counted(b"usr_" + bare))
    yield "integration as text", plain(integration="openid"), raw(integration=counted(b"openid"))
    yield "workspace as text", plain(), raw(workspace=counted(b"wsp_123456789"))
    yield "auth method as text", plain(auth_method="user_x"), raw(1, counted(b"user_x"))
    yield "auth method oauth2x as text", plain(auth_method="oauth2x"), raw(1, counted(b"oauth2x"))
    yield "redirect URI as text", plain(redirect_uri="http://a/"), raw(4, counted(b"http://a/"))
    yield "connection as text", plain(connection="conn_1"), raw(9, counted(b"conn_1"))
    yield "scope as text", plain(scopes=["openid"]), raw_scopes((0, b"openid"))
    for comment, scopes, pairs in (
        ("one less shared than could be", ["abc", "abd"], ((0, b"abc"), (1, b"bd"))),
        ("nothing shared", ["abc", "abd"], ((0, b"abc"), (0, b"abd"))),
        ("equal scopes written out", ["abc", "abc"], ((0, b"abc"), (0, b"abc"))),
        ("all but the last octet of equal scopes", ["abc", "abc"], ((0, b"abc"), (2, b"c"))),
        ("the rest then takes a prefix code", ["read:a", "read:b"], ((0, b"\x90a"), (0, b"\x90b"))),
        ("the last of three shares less", ["ab", "abc", "abcd"], ((0, b"ab"), (2, b"c"), (1, b"bcd"))),
    ):
        yield f"scopes: {comment}", plain(scopes=scopes), raw_scopes(*pairs)
    for comment, parameters, payloads in (
        ("name and value as text", {"openid": "https://x"}, (b"openid", b"https://x")),
        ("one name as text, one coded", {"user.": "1", "user_": "2"}, (b"user.", b"1", b"\x97", b"2")),
    ):
        yield f"parameters: {comment}", plain(parameters=parameters), raw_parameters(*payloads)

BAD_UTF8 = [  # continuation octets, overlong forms, surrogates, beyond U+10FFFF, characters that end early
    *("6180", "61c3", "c3", "c361", "c3a9a9", "e697", "f09f98", "e661a5", "fffe"),
    *("c080", "61c0af", "c1bf", "e08080", "e09fbf", "f0808080", "f08fbfbf"),
    *("eda080", "edafbf", "edb080", "edbfbf", "eda0bdedb880"),
    *("f4908080", "f5808080", "f888808080", "fc8480808080", "fe", "ff"),
]

def text_fields():
    """Each place where a text stands: its name, why an empty one is refused, the record with that text."""
    yield "integration", "empty_text", lambda t: raw(integration=t)
    yield "workspace", "empty_text", lambda t: raw(workspace=t)
    for bit in (1, 2, 4, 9, 10, 11, 14):
        yield NAMES[bit], "empty_text", lambda t, bit=bit: raw(bit, t)
    yield "scope", "scope_empty", lambda t: raw(3, b"\x01\x00" + t)
    yield "second scope", None, lambda t: raw(3, b"\x02\x00\x01a\x01" + t)
    yield "parameter name", "parameter_name", lambda t: raw(6, b"\x01" + t + b"\x01v")
    yield "parameter value", None, lambda t: raw(6, b"\x01\x01n" + t)

def invalid_outlines():
    """(reason, comment, record), and so the four after it."""
    full, example = write_record(plain(**OPTIONAL)), EXAMPLE_OCTETS
    short = write_record(plain(
        lifetime=900, auth_method="key", user="ab", scopes=["a", "ab"], redirect_uri="http://a/",
        parameters={"a": "1", "b": ""}, connection=A_UUID, app_state="é",
        label="L", tags={"é": "1", "z": ""}))
    for total in (1025, 1026, 1100):
        yield "record_too_long", f"a record of {total} octets", raw_of_length(total)
    parameters = raw_parameters(b"a", b"y" * 490, b"b", b"z" * 498)
    yield "record_too_long", f"a record of {len(parameters)} octets, in parameters", parameters
    yield "record_too_long", "a record of 1024 octets and an octet after it", raw_of_length(1024) + b"\0"
    for version in (0x00, 0x02, 0x03, 0x10, 0x7F, 0x80, 0x81, 0xFF):
        yield "version", f"version {version:02x}", raw(version=version)
    yield "truncated", "flag bits 11 to 15 and no field", raw(flags=0xF800)
    yield "truncated", "flags as little endian", b"\x01\x38\x00" + example[3:]
    for length in range(len(short)):
        yield "truncated", f"fields of every kind, the first {length} octets", short[:length]
    yield "truncated", "the example of the page less its last octet", example[:-1]
    for name in (name for name in OPTIONAL if OPTIONAL[name] is not True):
        yield "truncated", f"the flag of {name} and no field", raw(BITS[name])
    for bit, name, size in ((5, "code verifier", 32), (7, "binding", 32), (8, "trace id", 16)):
        yield "truncated", f"{name} of {size - 1} octets", raw(bit, bytes(size - 1))
        yield "trailing", f"{name} of {size + 1} octets", raw(bit, bytes(size + 1))
    for octet in (0x00, 0x01, 0x80, 0xBF, 0xFF):
        yield "trailing", f"an octet {octet:02x} after no optional field", raw(rest=bytes([octet]))
        yield "trailing", f"an octet {octet:02x} after every field", full + bytes([octet])
    for reason, comment, record in (
        ("trailing", "a text after it", raw(2, b"\x01u\x01v")), ("trailing", "twice", raw() + raw()),
        ("lifetime", "lifetime 600", raw(0, b"\xd8\x04")), ("lifetime", "lifetime 0", raw(0, b"\x00")),
        ("trailing", "an octet for the screen", raw(13, b"\x01")),
        ("trailing", "an octet for the new connection", raw(15, b"\x01")),
        ("label_too_long", "user label of 257 octets", raw(14, counted(b"x" * 257))),
        ("label_too_long", "user label of 257 octets, coded shorter", raw(14, counted(b"\x97" + b"x" * 252))),
        ("auth_method", "code of oauth2", raw(1, b"\x01\x8c")),
        ("auth_method", "text oauth2", raw(1, b"\x06oauth2")),
    ):
        yield reason, comment, record

def invalid_varints():
    for comment, octets in {
        "600": b"\xd8\x84\x00", "0 in two octets": b"\x80\x00", "0 in three octets": b"\x80\x80\x00",
        "1": b"\x81\x00", "127": b"\xff\x00", "128": b"\x80\x81\x00", "16383": b"\xff\xff\x00",
    }.items():
        yield "varint_overlong", f"lifetime overlong: {comment}", raw(0, octets)
    for comment, octets in {
        "2097152, four octets": b"\x80\x80\x80\x01", "1 in four octets": b"\x81\x80\x80\x00",
        "2^32 - 1, five octets": b"\xff\xff\xff\xff\x0f", "2^64 - 1, ten octets": b"\xff" * 9 + b"\x01",
        "three octets with the high bit and no fourth": b"\xff\xff\xff",
    }.items():
        yield "varint_too_long", f"lifetime too long: {comment}", raw(0, octets)
    for size in (1, 2):
        yield "truncated", f"lifetime that ends after {size} octets", raw(0, b"\x80" * size)
    for bit, name, item in ((3, "scopes", b"\x00\x01a"), (6, "parameters", b"\x01a\x011"),
                            (12, "tags", b"\x01a\x011")):
        for reason, octets in (
            ("count_zero", b"\0"), ("count_zero", b"\0" + item), ("varint_overlong", b"\x81\x00" + item),
            ("varint_overlong", b"\x80\x00"), ("varint_too_long", b"\x81\x80\x80\x00" + item),
            ("truncated", b"\x02" + item), ("truncated", b"\xff\xff\x7f" + item),
            ("trailing", b"\x01" + item * 2),
        ):
            yield reason, f"count of {name} in {octets.hex(' ')}", raw(bit, octets)
    shared = b"\x02\x00\x03abc"
    yield "varint_overlong", "scopes: shared overlong", raw(3, shared + b"\x81\x00\x01d")
    yield "varint_overlong", "scopes: shared 0 overlong", raw(3, b"\x01\x80\x00\x01a")
    yield "varint_too_long", "scopes: shared of four octets", raw(3, shared + b"\x81\x80\x80\x00\x01d")

def invalid_texts():
    for name, when_empty, record in text_fields():
        if when_empty:
            yield when_empty, f"{name}: empty", record(b"\x00")
        for reason, octets in (
            *(("varint_overlong", text) for text in (b"\x81\x00a", b"\x80\x00")),
            ("varint_too_long", b"\x81\x80\x80\x00a"),
            *(("truncated", text) for text in (b"\xff\xff\x7fa", b"\x7fa")),
            *(("unknown_prefix_code", text) for text in (b"\x02\x98a", b"\x01\xbe")),
            *(("uuid_length", counted(b"\xbf" + bytes(size))) for size in (0, 15, 17)),
            *(("uuid_length", counted(b"\x93\xbf" + bytes(size))) for size in (15, 17)),
            *(("utf8", counted(text)) for text in (b"a\xff", b"\x93\xc3", b"\xed\xa0\x80", b"\xc1\xa1")),
            ("utf8", counted(b"\x80\x93x")),
        ):
            yield reason, f"{name}: text of the octets {octets.hex(' ')}", record(octets)
    for code in range(0x98, 0xBF):
        yield "unknown_prefix_code", f"unknown prefix code {code:02x}", app(bytes([code]) + b"tail")
    yield "unknown_prefix_code", "unknown prefix code a0 before a UUID", app(b"\xa0\xbf" + UUID_OCTETS)
    for octets in map(bytes.fromhex, BAD_UTF8):
        yield "utf8", f"bad UTF-8 {octets.hex(' ')}", app(b"ok " + octets)
        yield "utf8", f"bad UTF-8 {octets.hex(' ')} after a prefix", app(b"\x80" + octets)
    for reason, comment, payload in (
        ("utf8", "the same prefix code twice", b"\x80\x80"),
        ("utf8", "two prefix codes that make a longer prefix of the table", b"\x80\x83"),
        ("utf8", "a prefix code and then an unknown one", b"\x80\x98"),
        ("utf8", "three prefix codes", b"\x80\x93\x97"),
        ("utf8", "a prefix code in the middle of a text", b"ab\x93c"),
        ("utf8", "a UUID in the middle of a text", b"ab\xbf" + UUID_OCTETS),
        ("utf8", "two prefix codes and a UUID", b"\x80\x93\xbf" + UUID_OCTETS),
        ("uuid_length", "a UUID and a UUID", b"\xbf" + UUID_OCTETS + b"\xbf" + UUID_OCTETS),
        ("uuid_length", "a UUID as 36 characters after its code", b"\xbf" + A_UUID.encode()),
        ("uuid_length", "a UUID as 32 digits after its code", b"\xbf" + UUID_OCTETS.hex().encode()),
        ("uuid_length", "the UUID code twice", b"\xbf\xbf" + UUID_OCTETS),
        ("uuid_length", "the UUID code after a prefix, alone", b"\x93\xbf"),
        ("uuid_length", "a UUID and a tail", b"\xbf" + UUID_OCTETS + b"tail"),
    ):
        yield reason, comment, app(payload)

def invalid_scopes():
    for comment, scopes in {
        "the first shares 1": [(1, b"a")], "the first of two shares 1": [(1, b"a"), (0, b"b")],
        "the second shares one too many": [(0, b"abc"), (4, b"d")],
        "the second shares one too many, nothing more": [(0, b"abc"), (4, b"")],
        "the third shares with the first, longer than the second": [(0, b"abcdef"), (0, b"x"), (2, b"y")],
        "shares more than a coded scope has in text": [(0, b"\x8e"), (7, b"x")],
    }.items():
        yield "scope_shared", f"scopes: {comment}", raw_scopes(*scopes)
    yield "scope_empty", "scopes: the second empty", raw_scopes((0, b"abc"), (0, b""))
    for octet in [*range(0x00, 0x21), 0x22, 0x5C, 0x7F]:
        yield "scope_character", f"scopes: octet {octet:02x}", raw_scopes((0, b"a" + bytes([octet]) + b"b"))
    for octets in (b" ", b'"', b"\\"):
        name = octets.hex()
        for scope in ((0, octets), (0, octets + b"a"), (0, b"a" + octets), (2, octets)):
            yield "scope_character", f"scopes: octet {name} in {scope}", raw_scopes((0, b"abc"), scope)
    for text in ("é", "\u0080", "日本", "😀", "a\u0301", "\u00a0", "\ufeffa", "１"):
        yield "scope_character", f"scopes: non-ASCII U+{ord(max(text)):04X}", raw_scopes((0, text.encode()))
    yield "scope_character", "scopes: non-ASCII after a prefix", raw_scopes((0, b"\x90\xc3\xa9"))

def invalid_parameters():
    for octet in [*range(0x00, 0x21), 0x7F]:
        name = b"a" + bytes([octet]) + b"b"
        yield "parameter_name", f"parameters: octet {octet:02x} in a name", raw_parameters(name, b"1")
    for text in ("é", "ñ", "\u0080", "日本", "😀", "e\u0301", "\u00a0", "\ufeffa", "１", "\uff5e"):
        name = f"a name with U+{ord(max(text)):04X}"
        yield "parameter_name", f"parameters: {name}", raw_parameters(text.encode(), b"1")
    for comment, payloads in {
        "the first name empty": (b"", b"1", b"a", b"2"), "the second name empty": (b"a", b"1", b"", b"2"),
        "the only name and value empty": (b"", b""),
        "the second name non-ASCII": (b"a", b"1", b"\xc3\xa9", b"2"),
        "two names that are canonically equivalent": (b"e\xcc\x81", b"1", b"\xc3\xa9", b"2"),
        "a name with non-ASCII after a prefix": (b"\x8e\xc3\xa9", b"1"),
        "a name with a combining accent after a prefix": (b"\x8e\xcc\x81", b"1"),
        "a name with a space after a prefix": (b"\x8e ", b"1"), "a name that is a space": (b" ", b"1"),
    }.items():
        yield "parameter_name", f"parameters: {comment}", raw_parameters(*payloads)
    for comment, payloads in {
        "out of order": (b"b", b"1", b"a", b"2"),
        "the last two out of order": (b"a", b"1", b"c", b"2", b"b", b"3"),
        "a name and then its prefix": (b"aa", b"1", b"a", b"2"),
        "in the order of their payloads, a prefix": (b"i", b"1", b"\x80z", b"2"),
        "in the order of their payloads, a UUID": (b"a", b"1", b"\xbf" + UUID_OCTETS, b"2"),
        "a name twice": (b"a", b"1", b"a", b"2"),
        "a name twice, not side by side": (b"a", b"1", b"b", b"2", b"a", b"3"),
        "a coded name twice": (b"\x8e", b"1", b"\x8e", b"2"),
        "a name twice, as text and coded": (b"openid", b"1", b"\x8e", b"2"),
        "a UUID name twice, as text and coded": (A_UUID.encode(), b"1", b"\xbf" + UUID_OCTETS, b"2"),
    }.items():
        yield "parameter_order", f"parameters: {comment}", raw_parameters(*payloads)
    yield "truncated", "parameters: a name without a value", raw_parameters(b"a", count=1)

def invalid_tags():
    for comment, payloads in {
        "the first name empty": (b"", b"1", b"a", b"2"), "the second name empty": (b"a", b"1", b"", b"2"),
        "the only name and value empty": (b"", b""),
    }.items():
        reason = "tag_name"
        yield reason, f"tags: {comment}", raw_tags(*payloads)
    for comment, payloads in {
        "out of order": (b"b", b"1", b"a", b"2"), "a name and then its prefix": (b"aa", b"1", b"a", b"2"),
        "in the order of their payloads, a prefix": (b"i", b"1", b"\x80z", b"2"),
        "a name twice": (b"a", b"1", b"a", b"2"), "a coded name twice": (b"\x8e", b"1", b"\x8e", b"2"),
        "a name twice, as text and coded": (b"openid", b"1", b"\x8e", b"2"),
        "in the order of strings, not of octets": (b"\xc3\xa9", b"1", b"z", b"2"),
    }.items():
        yield "tag_order", f"tags: {comment}", raw_tags(*payloads)
    for comment, payloads in {
        "two names that are canonically equivalent": (b"e\xcc\x81", b"1", b"\xc3\xa9", b"2"),
        "two such names with another between": (b"e\xcc\x81", b"1", b"f", b"2", b"\xc3\xa9", b"3"),
    }.items():
        yield "tag_equivalent", f"tags: {comment}", raw_tags(*payloads)
    yield "truncated", "tags: a name without a value", raw_tags(b"a", count=1)

def invalid_tokens(random):
    """(reason, comment, token)"""
    material, aad, record = KEYS[FIRST_KEY], associated_data(AUDIENCE), raw()
    token = ""
    while not {"-", "_"} <= set(token):
        iv = random.octets(16)
        token = base64url(seal_octets(record, FIRST_KEY, material, iv, aad))
    sealed = read_base64url(token)
    head, ciphertext, tag = sealed[:21], sealed[21:-32], sealed[-32:]

    def sealed_as(record=record, key_id=FIRST_KEY, material=material, aad=aad):
        return base64url(seal_octets(record, key_id, material, iv, aad))

    by_length = {len(text) % 4: text for text in (sealed_as(app(b"x" * size)) for size in (1, 2, 3))}
    # Base64url
    yield "base64url", "one =", token + "="
    for length, padding in ((2, "=="), (3, "=")):
        yield "base64url", f"padding as base64 writes it, {padding}", by_length[length] + padding
        yield "base64url", f"padding percent-encoded, {padding}", by_length[length] + "%3D" * len(padding)
    yield "base64url", "padding on whole groups", by_length[0] + "===="
    for wrong, right in ("+-", "/_"):
        yield "base64url", f"{wrong} for {right}", token.replace(right, wrong)
    for name, character in {
        "space": " ", "line feed": "\n", "carriage return and line feed": "\r\n", "tab": "\t", "NUL": "\0",
        "no-break space": "\u00a0", "byte order mark": "\ufeff", "combining accent": "\u0301",
    }.items():
        yield "base64url", f"{name} at the start", character + token
        yield "base64url", f"{name} at the end", token + character
        yield "base64url", f"{name} in the middle", token[:40] + character + token[40:]
    for character in "=.,~!*$%&\":@[^`{\uff21\u0410\u017f\U0001f600":
        yield "base64url", f"{character} for a character", token[:50] + character + token[51:]
    for spare, text in ((4, by_length[2]), (2, by_length[3])):
        low = ALPHABET.index(text[-1])
        assert low % (1 << spare) == 0
        for value in range(1, 1 << spare):
            yield "base64url", f"{spare} unused bits that are {value}", text[:-1] + ALPHABET[low + value]
    yield "base64url", "length of 1 modulo 4: one character more on whole groups", by_length[0] + "A"
    yield "base64url", "length of 1 modulo 4: three characters less on whole groups", by_length[0][:-3]
    yield "base64url", "the text A", "A"
    # Length
    yield "token_too_long", "1437 characters", sealed_as(raw_of_length(1024)) + "A"
    yield "token_too_long", "1438 characters, a record of 1025 octets", sealed_as(raw_of_length(1025))
    yield "token_too_long", "719 characters of 1438 octets", "é" * 719
    yield "base64url", "1436 characters that are not base64url", "!" * 1436
    yield "token_prefix", "1436 characters A", "A" * 1436
    for length in range(len(sealed)):
        reason = "token_too_short" if length < 53 else "tag"
        yield reason, f"its first {length} octets", base64url(sealed[:length])
    short = base64url(head[:20] + tag_of(material, aad, iv[:15], b""))
    yield "token_too_short", "52 octets that end in a right tag", short
    for comment, octets in {
        "an octet after it": sealed + b"\0", "one more in the ciphertext": head + ciphertext + b"\0" + tag,
        "an octet less in the ciphertext": head + ciphertext[:-1] + tag, "twice": sealed * 2,
        "a tag of zeros": head + ciphertext + bytes(32), "all zeros after the key id": sealed[:5] + bytes(80),
        "the tag before the ciphertext": head + tag + ciphertext,
    }.items():
        yield "tag", comment, base64url(octets)
    # Changed octets
    for index in range(len(sealed)):
        changed = bytearray(sealed)
        changed[index] ^= 1 << index % 8
        reason = "token_prefix" if index == 0 else "unknown_key" if index < 5 else "tag"
        yield reason, f"bit {index % 8} of octet {index} flipped", base64url(bytes(changed))
    for octet in (0x02, 0x41, 0x80, 0xFF):
        yield "token_prefix", f"first octet {octet:02x}", base64url(bytes([octet]) + sealed[1:])
    # Keys
    for key_id in ("00000000", "029c3a1f", "ffffffff", "07000000"):
        yield "unknown_key", f"the absent key id {key_id}", sealed_as(key_id=bytes.fromhex(key_id))
    for other in list(KEYS)[1:]:
        yield "tag", f"the key id {other.hex()} with the first material", sealed_as(key_id=other)
        yield "tag", f"the first key id with the material of {other.hex()}", sealed_as(material=KEYS[other])
    yield "unknown_key", "no key id", base64url(b"\x01" + sealed[5:])
    # Associated data
    for wrong in (
        *(associated_data(audience) for audience in (
            "https://connect.example.org", "https://connect.example.com/", "https://connect.example.com:443",
            "http://connect.example.com", "https://Connect.example.com", "connect.example.com", "")),
        *(associated_data(AUDIENCE, other) for other in ("grant", "State", "states", "", "state/1")),
        *(aad.replace(b"/1/", other) for other in (b"/2/", b"/")), aad.replace(b"s", b"S", 1),
    ):
        yield "tag", f"the associated data {wrong.decode()}", sealed_as(aad=wrong)
    # A tag over other input
    length = (8 * len(aad)).to_bytes(8, "big")
    message = aad + iv + ciphertext + length
    mac = material[32:]
    for comment, key, text in (
        ("no length", mac, aad + iv + ciphertext),
        ("length in octets", mac, aad + iv + ciphertext + len(aad).to_bytes(8, "big")),
        ("length in little endian", mac, aad + iv + ciphertext + length[::-1]),
        ("length as 4 octets", mac, aad + iv + ciphertext + length[4:]),
        ("length first", mac, length + aad + iv + ciphertext),
        ("the prefix too", mac, aad + head + ciphertext + length),
        ("without the IV", mac, aad + ciphertext + length),
        ("over the record", mac, aad + iv + record + length),
        ("without the associated data", mac, iv + ciphertext + bytes(8)),
        ("under the AES key", material[:32], message), ("under the whole material", material, message),
    ):
        yield "tag", f"tag: {comment}", base64url(head + ciphertext + hmac.digest(key, text, "sha256"))
    # Sealed well, but the record is not one
    for reason, comment, octets in (
        ("truncated", "no octets: a token of 53 octets", b""), ("truncated", "one octet", b"\x01"),
        ("truncated", "an octet missing", record[:-1]), ("version", "unknown version", raw(version=2)),
        ("version", "the text of a token", token.encode()), ("version", "64 zeros", bytes(64)),
        ("truncated", "sealed twice, the key id read as flags", sealed),
        ("trailing", "an octet after it", raw(rest=b"\0")), ("lifetime", "lifetime 600", raw(0, b"\xd8\x04")),
        ("auth_method", "auth method oauth2", raw(1, b"\x01\x8c")), ("utf8", "bad UTF-8", app(b"\xff")),
        ("empty_text", "empty workspace", raw(workspace=b"\0")),
        ("parameter_name", "parameter name with non-ASCII", raw_parameters(b"\xc3\xa9", b"1")),
    ):
        yield f"record_{reason}", f"sealed well, bad record: {comment}", sealed_as(octets)

# For the first vectors: IVs that the counter carries out of, by 32 and 64 bits and the whole block.
SPECIAL_IVS = [
    bytes(range(16)), bytes(16), b"\xff" * 16, bytes(12) + b"\xff" * 4, bytes(8) + b"\xff" * 8,
    b"\xff" * 15 + b"\xfe", bytes(9) + b"\xff" * 7,
]

def valid_vectors(random):
    states = [(comment, state, write_record(state), True) for comment, state in valid_states(random)]
    states += [(f"not canonical: {comment}", *rest, False) for comment, *rest in other_encodings()]
    for index, (comment, state, record, canonical) in enumerate(states):
        iv = SPECIAL_IVS[index] if index < len(SPECIAL_IVS) else random.octets(16)
        key_id = list(KEYS)[index % len(KEYS)]
        token = base64url(seal_octets(record, key_id, KEYS[key_id], iv, associated_data(AUDIENCE)))
        opened, flow_id = open_token(token, KEYS, AUDIENCE)
        assert read_record(record) == state == opened, comment
        assert (write_record(opened) == record) == canonical, comment
        assert flow_id == read_base64url(token)[-32:-16], comment
        yield {"comment": comment, **({} if canonical else {"canonical": False}), "state": state.json(),
               "record": record.hex(), "key_id": key_id.hex(), "iv": iv.hex(), "token": token,
               "flow_id": flow_id.hex()}

def invalid_vectors(member, vectors, read):
    for reason, comment, value in vectors:
        try:
            read(value)
            found = None
        except Refused as refused:
            found = str(refused)
        assert found == reason, (comment, found, reason)
        shown = value.hex() if isinstance(value, bytes) else value
        yield {"comment": comment, member: shown, "reason": reason}

def make_vectors():
    random = Generator("state-record vectors 2")
    valid = list(valid_vectors(random))
    assert valid[0]["record"] == EXAMPLE_OCTETS.hex()
    assert max(len(vector["token"]) for vector in valid) == MAXIMUM_TOKEN
    groups = (
        invalid_outlines, invalid_varints, invalid_texts, invalid_scopes, invalid_parameters, invalid_tags)
    bad_records = [one for group in groups for one in invalid_vectors("record", group(), read_record)]
    open_here = lambda token: open_token(token, KEYS, AUDIENCE)
    bad_tokens = list(invalid_vectors("token", invalid_tokens(random), open_here))
    for vectors, member in ((valid, "record"), (bad_records, "record"), (bad_tokens, "token")):
        for unique in ("comment", member):
            values = [vector[unique] for vector in vectors if unique != "record" or "state" not in vector]
            assert len(set(values)) == len(values), [value for value in values if values.count(value) > 1]
    assert not {v["record"] for v in valid} & {v["record"] for v in bad_records}
    return {
        "keys": [{"id": key_id.hex(), "material": material.hex()} for key_id, material in KEYS.items()],
        "audience": AUDIENCE, "valid": valid, "invalid_records": bad_records, "invalid_tokens": bad_tokens,
    }

def check_by_hand():
    """Octets worked out from the page, not from the writer."""
    for text, octets in {
        "": "00", "https://": "0180", "https://www.x": "028278", "https://www": "0480777777",
        "http://localhost": "0a816c6f63616c686f7374", "oauth2": "018c",
        A_UUID: "11bf0190163d8694739baea5966c26f8ad91",
        "wsp_" + A_UUID: "1293bf0190163d8694739baea5966c26f8ad91", "é": "02c3a9", "https://é": "0380c3a9",
        "x" * 128: "8001" + "78" * 128,
    }.items():
        assert write_text(text).hex() == octets, text
        assert Cursor(bytes.fromhex(octets)).text_octets().decode() == text
    for value, octets in {0: "00", 127: "7f", 128: "8001", 600: "d804", 2097151: "ffff7f"}.items():
        assert write_varint(value).hex() == octets and Cursor(bytes.fromhex(octets)).varint() == value
    assert write_scopes(["a", "a", "ab", "a", "b"]).hex() == "05000161" "0100010162" "0100000162"
    assert write_scopes(["a.user:x", "a.user:", "a.openid"]).hex() == "030008612e757365723a78070002018e"
    assert write_parameters({"b": "", "a": "oauth2"}).hex() == "02" + "0161" + "018c" + "0162" + "00"
    for broken in (
        dict(issued_at=-1), dict(issued_at=2**32), dict(fingerprint=bytes(3)), dict(integration=""),
        dict(workspace=""), dict(lifetime=0), dict(lifetime=2097152), dict(auth_method=""), dict(user=""),
        dict(scopes=[""]), dict(scopes=["a b"]), dict(redirect_uri=""), dict(code_verifier=bytes(31)),
        dict(parameters={"": "x"}), dict(parameters={"é": "x"}), dict(parameters={"a b": "x"}),
        dict(binding=bytes(33)), dict(trace_id=bytes(15)), dict(connection=""), dict(app_state=""),
        dict(user_label=""), dict(user_label="x" * 257), dict(user_label="x" + "é" * 128),
        dict(app_state="x" * 1001), dict(label=""), dict(tags={"": "x"}), dict(tags={"e\u0301": "", "é": ""}),
    ):
        try:
            write_record(plain(**broken))
        except ValueError:
            continue
        raise AssertionError(f"the writer took {broken}")

def show(document):
    """JSON with one vector on each line."""
    one = lambda value: json.dumps(value, separators=(",", ":"))
    lines = lambda value: "[\n" + ",\n".join(map(one, value)) + "\n]"
    many = lambda value: lines(value) if isinstance(value, list) else one(value)
    members = [f"{one(name)}:{many(value)}" for name, value in document.items()]
    return "{\n" + ",\n".join(members) + "\n}\n"

def main(script, documentation, check_by_hand, make_vectors):
    """Writes the vectors of a script, or compares them with the JSON file of its name."""
    check_by_hand()
    text = show(make_vectors())
    written = pathlib.Path(script).with_name(f"{pathlib.Path(script).stem.replace('_', '-')}.json")
    if sys.argv[1:] == ["--check"]:
        if written.read_bytes() != text.encode():
            sys.exit(f"{written.name} is not what {pathlib.Path(script).name} writes")
    elif sys.argv[1:]:
        sys.exit(documentation)
    else:
        sys.stdout.write(text)

if __name__ == "__main__":
    main(__file__, __doc__, check_by_hand, make_vectors)
