#!/usr/bin/env python3
"""Opens and makes sealed tokens with Google Tink, a second implementation of the sealed layout.

    tink-interop.py KEYSET.json [--venv FOLDER]

KEYSET.json is a cleartext JSON Tink keyset. After the line `ready`, each line of standard input is a
JSON request, and each answer is one line of JSON on standard output:

    {"op": "open", "tokens": [{"sealed": BASE64URL, "aad": HEX, "plaintext": HEX}, ...]}
        -> {"opened": N, "wrong_plaintext": N, "refused": N, "first_failure": INDEX or null}
    {"op": "seal", "count": N, "sizes": [BYTES, ...], "aads": [HEX, ...]}
        -> {"tokens": [{"sealed": BASE64URL, "aad": HEX, "plaintext": HEX}, ...]}

Token number i has the i-th size and the i-th associated data, both lists used cyclically; without
"aads" the associated data is random. Whatever is no such request is answered {"error": TEXT}. An
answer begins with the "id" of its request, where that has one.
"""

import argparse
import base64
import json
import secrets
import sys

sys.dont_write_bytecode = True

import environment


def arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("keyset")
    parser.add_argument("--venv", help="where the virtual environment is or will be")
    return parser.parse_args()


def primitive(path):
    import tink
    from tink import aead, cleartext_keyset_handle

    aead.register()
    with open(path, encoding="utf-8") as file:
        handle = cleartext_keyset_handle.read(tink.JsonKeysetReader(file.read()))
    return handle.primitive(aead.Aead)


def decode(text):
    """One string per token: no padding, no other alphabet, no stray bits."""
    octets = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    if encode(octets) != text:
        raise ValueError("not canonical base64url")
    return octets


def encode(octets):
    return base64.urlsafe_b64encode(octets).rstrip(b"=").decode()


def open_all(aead, tokens):
    counts = {"opened": 0, "wrong_plaintext": 0, "refused": 0, "first_failure": None}
    for index, token in enumerate(tokens):
        outcome = opened_as(aead, token)
        counts[outcome] += 1
        if outcome != "opened" and counts["first_failure"] is None:
            counts["first_failure"] = index
    return counts


def opened_as(aead, token):
    from tink import TinkError

    try:
        plaintext = aead.decrypt(decode(token["sealed"]), bytes.fromhex(token["aad"]))
    except (TinkError, ValueError):
        return "refused"
    return "opened" if plaintext == bytes.fromhex(token["plaintext"]) else "wrong_plaintext"


def seal_all(aead, count, sizes, aads):
    tokens = []
    for index in range(count):
        plaintext = secrets.token_bytes(sizes[index % len(sizes)])
        aad = bytes.fromhex(aads[index % len(aads)]) if aads else secrets.token_bytes(index % 48)
        tokens.append({"sealed": encode(aead.encrypt(plaintext, aad)), "aad": aad.hex(),
                       "plaintext": plaintext.hex()})
    return {"tokens": tokens}


def answer(aead, request):
    if request["op"] == "open":
        return open_all(aead, request["tokens"])
    if request["op"] == "seal":
        return seal_all(aead, request["count"], request["sizes"], request.get("aads"))
    raise ValueError(f"no such op: {request['op']}")


def main():
    options = arguments()
    environment.enter("tink", options.venv)
    aead = primitive(options.keyset)
    print("ready", flush=True)
    for line in sys.stdin:
        identity = {}
        try:
            request = json.loads(line)
            identity = {"id": request["id"]} if "id" in request else {}
            response = answer(aead, request)
        except (KeyError, TypeError, ValueError, ZeroDivisionError) as error:
            response = {"error": f"{type(error).__name__}: {error}"}
        print(json.dumps({**identity, **response}), flush=True)


if __name__ == "__main__":
    main()
