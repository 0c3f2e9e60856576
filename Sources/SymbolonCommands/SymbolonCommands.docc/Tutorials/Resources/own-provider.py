"""Acme, a provider for this tutorial. It has quirks that an entry has to describe."""
import base64, json, secrets
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl, urlencode, urlsplit

CLIENT = "Basic " + base64.b64encode(b"symbolon:acme-secret").decode()
codes, refresh_tokens = {}, {}


class Acme(BaseHTTPRequestHandler):
    def do_GET(self):
        # The authorization endpoint. A real provider asks its user here; this one agrees at once.
        query = dict(parse_qsl(urlsplit(self.path).query))
        if not {"scope", "redirect_uri", "state"} <= query.keys():
            return self.answer(400, {"error": "invalid_request"})
        code = secrets.token_urlsafe(16)
        codes[code] = query["scope"]
        back = query["redirect_uri"] + "?" + urlencode({"code": code, "state": query["state"]})
        self.answer(303, {}, back)

    def do_POST(self):
        # The token endpoint takes JSON, and has errors with status 200.
        if self.headers["Authorization"] != CLIENT:
            return self.answer(200, {"ok": False, "error": "invalid_client"})
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        if body["grant_type"] == "authorization_code":
            scope = codes.pop(body["code"], None)
        else:
            scope = refresh_tokens.pop(body["refresh_token"], None)
        if scope is None:
            return self.answer(200, {"ok": False, "error": "bad_grant"})
        token = secrets.token_urlsafe(16)
        refresh_tokens[token] = scope
        self.answer(200, {
            "ok": True, "scope": scope, "user": {"id": "u_1", "email": "ada@acme.example"},
            "tokens": {"access_token": secrets.token_urlsafe(16), "refresh_token": token, "expires_in": 3600},
        })

    def answer(self, status, value, location=None):
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        if location:
            self.send_header("Location", location)
        self.end_headers()
        self.wfile.write(json.dumps(value).encode())

    def log_message(self, *_):
        pass


with ThreadingHTTPServer(("127.0.0.1", 9090), Acme) as server:
    print("Acme is at http://127.0.0.1:9090/", flush=True)
    server.serve_forever()
