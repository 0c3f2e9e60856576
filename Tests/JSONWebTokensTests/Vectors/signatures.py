#!/usr/bin/env python3
"""Makes signatures.json with joserfc, a second implementation: a key of each type, and a signature under each algorithm.

    signatures.py           writes the file with new keys
    signatures.py --check   verifies every signature of the file
"""

import json
import pathlib
import sys

from joserfc import jws
from joserfc.jwk import ECKey, OKPKey, RSAKey

FILE = pathlib.Path(__file__).with_name("signatures.json")
ALGORITHMS = {
    "RS256": "rsa", "RS384": "rsa", "RS512": "rsa", "PS256": "rsa", "PS384": "rsa", "PS512": "rsa",
    "ES256": "p256", "ES384": "p384", "ES512": "p521", "EdDSA": "ed25519",
}
REGISTRY = jws.JWSRegistry(algorithms=list(ALGORITHMS))
PAYLOADS = [b"", b"{}", b"A message of some length. " * 40]


def make():
    keys = {
        "rsa": RSAKey.generate_key(2048), "rsa3072": RSAKey.generate_key(3072), "weak": RSAKey.generate_key(1024),
        "p256": ECKey.generate_key("P-256"), "p384": ECKey.generate_key("P-384"), "p521": ECKey.generate_key("P-521"),
        "secp256k1": ECKey.generate_key("secp256k1"), "ed25519": OKPKey.generate_key("Ed25519"),
        "ed448": OKPKey.generate_key("Ed448"), "x25519": OKPKey.generate_key("X25519"),
    }
    return {
        "keys": {
            name: {
                "jwk": key.as_dict(private=True), "privatePEM": key.as_pem(private=True).decode(),
                "publicPEM": key.as_pem(private=False).decode(),
            }
            for name, key in keys.items()
        },
        "signatures": [
            {"algorithm": algorithm, "key": name,
             "token": jws.serialize_compact({"alg": algorithm}, payload, keys[name], registry=REGISTRY)}
            for algorithm, name in ALGORITHMS.items() for payload in PAYLOADS
        ],
    }


def check():
    vectors = json.loads(FILE.read_text())
    types = {"RSA": RSAKey, "EC": ECKey, "OKP": OKPKey}
    for vector in vectors["signatures"]:
        jwk = vectors["keys"][vector["key"]]["jwk"]
        jws.deserialize_compact(vector["token"], types[jwk["kty"]].import_key(jwk), registry=REGISTRY)


if __name__ == "__main__":
    if "--check" not in sys.argv:
        FILE.write_text(json.dumps(make(), indent=1) + "\n")
    check()
