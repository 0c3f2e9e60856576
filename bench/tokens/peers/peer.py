#!/usr/bin/env python3
"""A Python library that carries the same flow: it answers as the Swift program does.

    peer.py LIBRARY            reads `encode MILLISECONDS` or `verify MILLISECONDS`, answers `COUNT NANOSECONDS`
    peer.py LIBRARY length     how many characters its token has
"""

import base64
import hashlib
import json
import pathlib
import secrets
import sys
import time

FLOW = json.loads((pathlib.Path(__file__).parents[2] / "flow.json").read_text())
KEY = bytes(index * 37 + 11 & 0xFF for index in range(64))


def fernet():
    from cryptography.fernet import Fernet

    box = Fernet(base64.urlsafe_b64encode(KEY[:32]))
    return (lambda text: box.encrypt(text)), (lambda token: box.decrypt(token, ttl=600))


def tink():
    import tink
    from tink import aead

    aead.register()
    handle = tink.new_keyset_handle(aead.aead_key_templates.AES256_CTR_HMAC_SHA256)
    primitive = handle.primitive(aead.Aead)
    data = b"symbolon/state/1/https://connect.example.com"

    def seal(text):
        return base64.urlsafe_b64encode(primitive.encrypt(text, data)).rstrip(b"=")

    def unseal(token):
        return primitive.decrypt(base64.urlsafe_b64decode(token + b"=="), data)

    return seal, unseal


def joserfc():
    from joserfc import jwe
    from joserfc.jwk import OctKey

    key = OctKey.import_key(KEY[:32])
    header = {"alg": "dir", "enc": "A256GCM"}
    return (
        lambda text: jwe.encrypt_compact(header, text, key),
        lambda token: jwe.decrypt_compact(token, key).plaintext,
    )


def pyseto():
    import pyseto

    key = pyseto.Key.new(version=4, purpose="local", key=KEY[:32])
    return (lambda text: pyseto.encode(key, text)), (lambda token: pyseto.decode(key, token).payload)


def itsdangerous():
    from itsdangerous import URLSafeTimedSerializer

    serializer = URLSafeTimedSerializer(KEY)
    # It brings its own JSON, and it only signs: what it carries can be read by anybody.
    return (lambda flow: serializer.dumps(flow)), (lambda token: serializer.loads(token, max_age=600))


LIBRARIES = {call.__name__: call for call in (fernet, tink, joserfc, pyseto, itsdangerous)}


def flow():
    verifier = base64.urlsafe_b64encode(secrets.token_bytes(32)).rstrip(b"=")
    challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier).digest()).rstrip(b"=")
    now = int(time.time())
    return dict(FLOW, code_verifier=verifier.decode(), issued_at=now, expires_at=now + 600), challenge


def operations(library):
    seal, unseal = LIBRARIES[library]()
    own_json = library == "itsdangerous"

    def encode():
        values, _ = flow()
        return seal(values if own_json else json.dumps(values, separators=(",", ":")).encode())

    token = encode()

    def verify():
        opened = unseal(token)
        values = opened if own_json else json.loads(opened)
        if values["integration_id"] != FLOW["integration_id"] or values["expires_at"] < time.time():
            raise SystemExit(f"{library} opened something else")

    return {"encode": encode, "verify": verify}, len(token)


def main():
    calls, length = operations(sys.argv[1])
    if len(sys.argv) > 2:
        print(length)
        return
    for line in sys.stdin:
        name, milliseconds = line.split()
        call, count, start = calls[name], 0, time.perf_counter_ns()
        end = start + int(milliseconds) * 1_000_000
        while (now := time.perf_counter_ns()) < end:
            for _ in range(20):
                call()
            count += 20
        print(count, now - start, flush=True)


main()
