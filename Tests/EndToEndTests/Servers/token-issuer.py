#!/usr/bin/env python3
"""An issuer of JSON Web Tokens, made of joserfc from PyPI: serves its key set on loopback, and signs what it is told to.

    token-issuer.py

`ready http://127.0.0.1:PORT` says that it answers; the key set is under `/keys`. Then each line on standard input is
`{"id": N, "op": "sign", "claims": {…}, "header": {…}}`, answered by `{"id": N, "token": "…"}`, or
`{"id": N, "op": "rotate"}`, which puts another key in the set's place, answered by `{"id": N, "kid": "…"}`.
"""

import http.server
import json
import sys
import threading

sys.dont_write_bytecode = True

import environment


class Issuer:
    def __init__(self):
        self.count = 0
        self.fetches = 0
        self.rotate()

    def rotate(self):
        from joserfc.jwk import ECKey

        self.count += 1
        self.key = ECKey.generate_key("P-256", {"kid": f"key-{self.count}", "use": "sig", "alg": "ES256"})

    def key_set(self):
        self.fetches += 1
        return json.dumps({"keys": [self.key.as_dict(private=False)]}).encode()

    def answer(self, request):
        from joserfc import jwt

        if request["op"] == "rotate":
            self.rotate()
            return {"kid": self.key.kid}
        if request["op"] == "fetches":
            return {"fetches": self.fetches}
        header = {"alg": "ES256", "kid": self.key.kid, **request.get("header", {})}
        return {"token": jwt.encode(header, request["claims"], self.key)}


def serve(issuer):
    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            body = issuer.key_set() if self.path == "/keys" else b""
            self.send_response(200 if body else 404)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server.server_address[1]


def main():
    environment.enter("joserfc")
    issuer = Issuer()
    print(f"ready http://127.0.0.1:{serve(issuer)}", flush=True)
    for line in sys.stdin:
        request = json.loads(line)
        print(json.dumps({"id": request["id"], **issuer.answer(request)}), flush=True)


if __name__ == "__main__":
    main()
