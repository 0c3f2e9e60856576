#!/usr/bin/env python3
"""Makes tokens.json with joserfc, a second implementation: tokens that hold, and tokens that do not.

    tokens.py           writes the file anew, with new keys
    tokens.py --check   verifies every token of the file that is to be accepted, and no other

A token is judged at `now`, for the issuer, the audience and the algorithms that the file states.
"""

import base64
import hashlib
import hmac
import json
import pathlib
import sys

from joserfc import jws, jwt
from joserfc.jwk import ECKey, KeySet, OctKey, OKPKey, RSAKey

FILE = pathlib.Path(__file__).with_name("tokens.json")
NOW = 1_800_000_000
ISSUER = "https://issuer.example.com"
AUDIENCE = "https://connect.example.com"
ACCESS_TOKEN = "access-token-1"
ALGORITHMS = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA"]
REGISTRY = jws.JWSRegistry(algorithms=ALGORITHMS + ["HS256", "Ed25519"])


def b64(octets):
    return base64.urlsafe_b64encode(octets).rstrip(b"=").decode()


def unb64(text):
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def claims(**changes):
    base = {"iss": ISSUER, "aud": AUDIENCE, "sub": "user-1", "iat": NOW - 10, "nbf": NOW - 10, "exp": NOW + 300,
            "workspace_id": "wsp_1", "realm": {"permissions": ["initiate", "read"]}}
    base.update(changes)
    return {name: value for name, value in base.items() if value is not None}


def sign(key, algorithm, content, **header):
    header = {"alg": algorithm, **header}
    return jws.serialize_compact(header, json.dumps(content).encode(), key, registry=REGISTRY)


def by_hand(header, content, signature=b""):
    parts = [b64(json.dumps(part).encode()) for part in (header, content)]
    if callable(signature):
        signature = signature(".".join(parts).encode())
    return ".".join(parts + [b64(signature)])


def make():
    rsa = RSAKey.generate_key(2048, {"kid": "rsa"})
    pinned = RSAKey.generate_key(2048, {"kid": "pinned", "alg": "PS256"})
    other = RSAKey.generate_key(2048, {"kid": "rsa"})
    short = RSAKey.generate_key(1024, {"kid": "short"})
    encrypting = RSAKey.generate_key(2048, {"kid": "encrypting", "use": "enc"})
    private = RSAKey.generate_key(2048, {"kid": "private"})
    p256 = ECKey.generate_key("P-256", {"kid": "p256"})
    p384 = ECKey.generate_key("P-384", {"kid": "p384"})
    p521 = ECKey.generate_key("P-521", {"kid": "p521"})
    ed = OKPKey.generate_key("Ed25519", {"kid": "ed"})
    keys = [key.as_dict(private=False) for key in (rsa, pinned, short, encrypting, p256, p384, p521, ed)]
    keys.append(private.as_dict(private=True))
    keys.append({"kty": "oct", "kid": "shared", "k": b64(b"s" * 32), "alg": "HS256"})
    for key in keys:
        if key["kid"] != "encrypting":
            key.setdefault("use", "sig")

    good = {
        "RS256": sign(rsa, "RS256", claims(), kid="rsa"),
        "RS384": sign(rsa, "RS384", claims(), kid="rsa"),
        "RS512": sign(rsa, "RS512", claims(), kid="rsa"),
        "PS256": sign(rsa, "PS256", claims(), kid="rsa"),
        "PS384": sign(rsa, "PS384", claims(), kid="rsa"),
        "PS512": sign(rsa, "PS512", claims(), kid="rsa"),
        "PS256 with the key that is for nothing else": sign(pinned, "PS256", claims(), kid="pinned"),
        "ES256": sign(p256, "ES256", claims(), kid="p256"),
        "ES384": sign(p384, "ES384", claims(), kid="p384"),
        "ES512": sign(p521, "ES512", claims(), kid="p521"),
        "EdDSA": sign(ed, "EdDSA", claims(), kid="ed"),
        "no kid where one key fits": sign(p256, "ES256", claims()),
        "no kid where several keys fit": sign(rsa, "PS256", claims()),
        "several audiences": sign(p256, "ES256", claims(aud=["https://other.example.com", AUDIENCE]), kid="p256"),
        "without nbf and iat": sign(p256, "ES256", claims(nbf=None, iat=None), kid="p256"),
        "expired, within the skew": sign(p256, "ES256", claims(exp=NOW - 30), kid="p256"),
        "nbf ahead, within the skew": sign(p256, "ES256", claims(nbf=NOW + 30), kid="p256"),
        "dates with fractions": sign(p256, "ES256", claims(exp=NOW + 300.5), kid="p256"),
    }

    rsa_public = rsa.as_pem(private=False)
    octets = unb64(rsa.as_dict(private=False)["n"])
    signed = sign(p256, "ES256", claims(), kid="p256")
    head, body, tag = signed.split(".")
    bad = {
        "malformed": {
            "nothing": "", "two parts": f"{head}.{body}", "four parts": f"{signed}.", "padding": f"{signed}=",
            "spaces": f" {signed}", "a header that is no JSON": f"{b64(b'x')}.{body}.{tag}",
            "a header that is a list": f"{b64(b'[]')}.{body}.{tag}",
            "a payload that is a text": f"{head}.{b64(json.dumps('x').encode())}.{tag}",
            "a kid that is a number": by_hand({"alg": "ES256", "kid": 1}, claims()),
            "longer than any": sign(p256, "ES256", claims(padding="x" * 13_000), kid="p256"),
        },
        "algorithm_not_allowed": {
            "none": by_hand({"alg": "none"}, claims()),
            "none with another's signature": f"{b64(json.dumps({'alg': 'none', 'kid': 'p256'}).encode())}.{body}.{tag}",
            "None": by_hand({"alg": "None"}, claims()),
            "an empty alg": by_hand({"alg": ""}, claims()),
            "no alg": by_hand({"kid": "rsa"}, claims()),
            "HS256 under the RSA key's PEM": by_hand(
                {"alg": "HS256", "kid": "rsa"}, claims(),
                lambda text: hmac.new(rsa_public, text, hashlib.sha256).digest()),
            "HS256 under the modulus": by_hand(
                {"alg": "HS256", "kid": "rsa"}, claims(),
                lambda text: hmac.new(octets, text, hashlib.sha256).digest()),
            "HS256 under the shared key of the set": by_hand(
                {"alg": "HS256", "kid": "shared"}, claims(),
                lambda text: hmac.new(b"s" * 32, text, hashlib.sha256).digest()),
            "rs256 in small letters": by_hand({"alg": "rs256", "kid": "rsa"}, claims()),
        },
        "header_not_allowed": {
            name: sign_unchecked(p256, {"alg": "ES256", "kid": "p256", name: value})
            for name, value in {
                "jku": "https://attacker.example.com/keys", "x5u": "https://attacker.example.com/chain",
                "jwk": other.as_dict(private=False), "x5c": ["MIIB"], "crit": ["exp"], "b64": False,
            }.items()
        },
        "unknown_key": {
            "another kid": sign(p256, "ES256", claims(), kid="p-256"),
            "an empty kid": sign(p256, "ES256", claims(), kid=""),
            "a key for another algorithm": sign_unchecked(pinned, {"alg": "RS256", "kid": "pinned"}),
            "an RSA kid with ES256": sign(p256, "ES256", claims(), kid="rsa"),
            "an EC kid with RS256": sign(rsa, "RS256", claims(), kid="p256"),
            "a curve of another key": sign(p384, "ES384", claims(), kid="p256"),
            "a key of 1024 bits": sign(short, "RS256", claims(), kid="short"),
            "a key for encryption": sign_unchecked(encrypting, {"alg": "RS256", "kid": "encrypting"}),
            "a private key that lies open": sign(private, "RS256", claims(), kid="private"),
        },
        "bad_signature": {
            "no signature": f"{head}.{body}.",
            "another key's": sign(other, "RS256", claims(), kid="rsa"),
            "another payload": f"{head}.{b64(json.dumps(claims(sub='user-2')).encode())}.{tag}",
            "another header": f"{b64(json.dumps({'kid': 'p256', 'alg': 'ES256'}).encode())}.{body}.{tag}",
            "cut": f"{head}.{body}.{b64(unb64(tag)[:-1])}",
            "zeroes": f"{head}.{body}.{b64(bytes(64))}",
            "RS256 said to be PS256": with_header(sign(rsa, "RS256", claims(), kid="rsa"), {"alg": "PS256", "kid": "rsa"}),
        },
        "claim_missing": {
            "no exp": sign(p256, "ES256", claims(exp=None), kid="p256"),
            "no iss": sign(p256, "ES256", claims(iss=None), kid="p256"),
            "no aud": sign(p256, "ES256", claims(aud=None), kid="p256"),
            "an empty aud": sign(p256, "ES256", claims(aud=[]), kid="p256"),
            "an aud with a number": sign(p256, "ES256", claims(aud=[AUDIENCE, 1]), kid="p256"),
            "exp as a text": sign(p256, "ES256", claims(exp=str(NOW + 300)), kid="p256"),
            "exp before 1970": sign(p256, "ES256", claims(exp=-1), kid="p256"),
            "exp after all calendars": sign(p256, "ES256", claims(exp=1e300), kid="p256"),
            "nbf as a list": sign(p256, "ES256", claims(nbf=[NOW]), kid="p256"),
        },
        "wrong_issuer": {
            "another": sign(p256, "ES256", claims(iss="https://attacker.example.com"), kid="p256"),
            "a slash more": sign(p256, "ES256", claims(iss=ISSUER + "/"), kid="p256"),
            "capitals": sign(p256, "ES256", claims(iss=ISSUER.upper()), kid="p256"),
        },
        "wrong_audience": {
            "another": sign(p256, "ES256", claims(aud="https://other.example.com"), kid="p256"),
            "a prefix": sign(p256, "ES256", claims(aud=AUDIENCE[:-1]), kid="p256"),
            "others": sign(p256, "ES256", claims(aud=["a", "b"]), kid="p256"),
        },
        "expired": {
            "long ago": sign(p256, "ES256", claims(exp=NOW - 3600), kid="p256"),
            "just beyond the skew": sign(p256, "ES256", claims(exp=NOW - 60), kid="p256"),
        },
        "not_yet_valid": {
            "nbf ahead": sign(p256, "ES256", claims(nbf=NOW + 61), kid="p256"),
            "iat ahead": sign(p256, "ES256", claims(iat=NOW + 3600), kid="p256"),
        },
    }
    return {"now": NOW, "issuer": ISSUER, "audience": AUDIENCE, "keys": {"keys": keys}, "accepted": good,
            "refused": bad, "access_token": ACCESS_TOKEN, "id_tokens": id_tokens(rsa, p256, p384, p521, ed),
            "sharedKey": shared_key(rsa_public, octets, signed)}


def half_hash(name):
    digest = hashlib.new(name, ACCESS_TOKEN.encode()).digest()
    return b64(digest[:len(digest) // 2])


def id_tokens(rsa, p256, p384, p521, ed):
    """Tokens whose signature and usual claims hold: what OpenID Connect Core 3.1.3.7 asks besides decides."""
    def token(**changes):
        return sign(p256, "ES256", claims(**changes), kid="p256")

    return {
        "accepted": {
            "without at_hash and azp": token(),
            "at_hash under ES256": token(at_hash=half_hash("sha256")),
            "at_hash under RS256": sign(rsa, "RS256", claims(at_hash=half_hash("sha256")), kid="rsa"),
            "at_hash under ES384": sign(p384, "ES384", claims(at_hash=half_hash("sha384")), kid="p384"),
            "at_hash under ES512": sign(p521, "ES512", claims(at_hash=half_hash("sha512")), kid="p521"),
            "at_hash under EdDSA": sign(ed, "EdDSA", claims(at_hash=half_hash("sha512")), kid="ed"),
            "azp": token(azp=AUDIENCE),
            "azp among several audiences": token(aud=[AUDIENCE, "other"], azp=AUDIENCE),
            "several audiences without azp": token(aud=[AUDIENCE, "other"]),
            "one audience twice": token(aud=[AUDIENCE, AUDIENCE], azp="other"),
            "azp of another party, which errata 2 says to ignore": token(azp="other"),
            "azp that is a list, to be ignored": token(azp=["other"]),
            "the longest sub": token(sub="s" * 255),
        },
        "refused": {
            "another access token's at_hash": token(at_hash=b64(b"x" * 16)),
            "at_hash of another hash function": token(at_hash=half_hash("sha384")),
            "an empty at_hash": token(at_hash=""),
            "at_hash that is a number": token(at_hash=1),
            "several audiences for another party": token(aud=[AUDIENCE, "other"], azp="other"),
            "several audiences and an azp that is a list": token(aud=[AUDIENCE, "other"], azp=[AUDIENCE]),
            "several audiences and an empty azp": token(aud=[AUDIENCE, "other"], azp=""),
            "other audiences only": token(aud=["other", "another"], azp=AUDIENCE),
            "no sub": token(sub=None),
            "an empty sub": token(sub=""),
            "a sub that is a number": token(sub=1),
            "a sub longer than any": token(sub="s" * 256),
            "no iat": token(iat=None),
            "another client's": token(aud="other"),
            "another issuer's": token(iss="https://attacker.example.com"),
            "expired": token(exp=NOW - 61),
            "unsigned": by_hand({"alg": "none"}, claims()),
        },
    }


SECRET = "client-secret-of-at-least-64-octets-as-HS512-asks-of-its-keys-0123456789-\u00e9"
HASHES = {"HS256": "sha256", "HS384": "sha384", "HS512": "sha512"}


def shared_key(rsa_public, modulus, signed):
    """ID tokens under the client's secret: the key is its UTF-8 octets (OpenID Connect Core 10.1)."""
    registry = jws.JWSRegistry(algorithms=list(HASHES))

    def token(algorithm, secret=SECRET, **changes):
        return jws.serialize_compact(
            {"alg": algorithm}, json.dumps(claims(**changes)).encode(), OctKey.import_key(secret), registry=registry)

    def under(octets, algorithm="HS256", **header):
        return by_hand({"alg": algorithm, **header}, claims(),
                       lambda text: hmac.new(octets, text, HASHES[algorithm]).digest())

    head, body, tag = token("HS256").split(".")
    return {
        "secret": SECRET,
        "accepted": {
            **{name: token(name) for name in HASHES},
            **{f"at_hash under {name}": token(name, at_hash=half_hash(hash)) for name, hash in HASHES.items()},
            "a kid of the set, which says nothing": under(SECRET.encode(), kid="rsa"),
        },
        "refused": {
            "no signature": f"{head}.{body}.",
            "cut": f"{head}.{body}.{b64(unb64(tag)[:-1])}",
            "an octet more": f"{head}.{body}.{b64(unb64(tag) + bytes(1))}",
            "zeroes": f"{head}.{body}.{b64(bytes(32))}",
            "another payload": f"{head}.{b64(json.dumps(claims(sub='user-2')).encode())}.{tag}",
            "another algorithm's tag": f"{b64(json.dumps({'alg': 'HS512'}).encode())}.{body}.{tag}",
            "under nothing": under(b""),
            "under the secret's first 32 octets": under(SECRET.encode()[:32]),
            "under the secret in base64url": under(b64(SECRET.encode()).encode()),
            "under the RSA key's PEM": under(rsa_public, kid="rsa"),
            "under the RSA key's modulus": under(modulus, kid="rsa"),
            "under the shared key of the set": under(b"s" * 32, kid="shared"),
            "under a public key": signed,
        },
        "underEmptySecret": {name: under(b"", name) for name in HASHES},
        "refusedClaims": {
            "another client's": token("HS256", aud="other"),
            "another issuer's": token("HS256", iss="https://attacker.example.com"),
            "expired": token("HS256", exp=NOW - 61),
            "no sub": token("HS256", sub=None),
            "no iat": token("HS256", iat=None),
            "another access token's at_hash": token("HS256", at_hash=b64(b"x" * 16)),
        },
    }


def sign_unchecked(key, header):
    """A header that joserfc would not sign: its own signature over it."""
    algorithm = REGISTRY.algorithms[header["alg"]]
    return by_hand(header, claims(), lambda text: algorithm.sign(text, key))


def with_header(token, header):
    _, body, tag = token.split(".")
    return f"{b64(json.dumps(header).encode())}.{body}.{tag}"


def check():
    vectors = json.loads(FILE.read_text())
    kept = [key for key in vectors["keys"]["keys"]
            if key["kty"] != "oct" and "d" not in key and key["kid"] not in ("short", "encrypting")]
    keys = KeySet.import_key_set({"keys": kept})
    rules = jwt.JWTClaimsRegistry(
        now=lambda: vectors["now"], leeway=60, iss={"essential": True, "value": vectors["issuer"]},
        aud={"essential": True, "value": vectors["audience"]}, exp={"essential": True})
    for name, token in vectors["accepted"].items():
        # A set of joserfc's finds no key for a token that names none.
        one = keys if "no kid" not in name else keys.get_by_kid("rsa" if "several" in name else "p256")
        decoded = jwt.decode(token, one, algorithms=ALGORITHMS)
        rules.validate(decoded.claims)
    shared = vectors["sharedKey"]
    for name, token in shared["accepted"].items():
        rules.validate(jwt.decode(token, OctKey.import_key(shared["secret"]), algorithms=list(HASHES)).claims)
    wrong = []
    for name, token in shared["refused"].items():
        try:
            jwt.decode(token, OctKey.import_key(shared["secret"]), algorithms=list(HASHES))
        except Exception:
            continue
        wrong.append(f"shared key: {name}")
    for reason, tokens in vectors["refused"].items():
        for name, token in tokens.items():
            try:
                decoded = jwt.decode(token, keys, algorithms=ALGORITHMS)
                rules.validate(decoded.claims)
            except Exception:
                continue
            wrong.append(f"{reason}: {name}")
    return wrong


if __name__ == "__main__":
    if "--check" not in sys.argv:
        FILE.write_text(json.dumps(make(), indent=1) + "\n")
    taken = check()
    print(f"joserfc takes what it should; of what we refuse it also takes: {taken}")
