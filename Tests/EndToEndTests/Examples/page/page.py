"""A web app with a page of its own, on which users connect accounts with symbolon.js. Needs nothing but Python's standard library.

    SYMBOLON_API_KEY=sym_… python3 page.py
"""
import json, os, secrets
from http.cookies import SimpleCookie
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import quote
from urllib.request import Request, urlopen

SYMBOLON = os.environ.get("SYMBOLON_URL", "http://127.0.0.1:8080")
KEY = os.environ["SYMBOLON_API_KEY"]
PORT = int(os.environ.get("PORT", "3000"))
PAGE = Path(__file__).with_name("accounts.html").read_text().replace("{symbolon}", SYMBOLON)
users = {}  # our own session → its user; here each browser is a user


def call(path, body=None):
    headers = {"Authorization": "Bearer " + KEY, "Content-Type": "application/json"}
    with urlopen(Request(SYMBOLON + path, body and json.dumps(body).encode(), headers), timeout=60) as answer:
        return json.load(answer)


class App(BaseHTTPRequestHandler):
    def do_GET(self):
        user = self.user()
        if self.path == "/":
            cookie = None
            if user is None:
                session = secrets.token_urlsafe(16)
                users[session] = "user_" + secrets.token_urlsafe(8)
                cookie = f"session={session}; HttpOnly; SameSite=Lax; Path=/"
            self.answer(200, PAGE, "text/html", cookie)
        elif self.path == "/accounts" and user:
            # Asked with the app's own key: what a browser says of connections counts for nothing.
            found = call("/api/v1/connections/users/" + quote(user, safe=""))["data"]
            self.answer(200, json.dumps([
                {"integration": one["integration"], "account": (one["account"] or {}).get("label")} for one in found]))
        else:
            self.answer(404, "{}")

    def do_POST(self):
        user = self.user()
        if self.path == "/session" and user:
            made = call("/api/v1/connect/sessions", {"user_id": user})
            self.answer(200, json.dumps({"connect_url": made["connect_url"]}))
        else:
            self.answer(401, "{}")

    def user(self):
        cookie = SimpleCookie(self.headers.get("Cookie", "")).get("session")
        return users.get(cookie.value) if cookie else None

    def answer(self, status, text, kind="application/json", cookie=None):
        self.send_response(status)
        self.send_header("Content-Type", kind + "; charset=utf-8")
        self.send_header("Cache-Control", "no-store")
        if cookie:
            self.send_header("Set-Cookie", cookie)
        self.end_headers()
        self.wfile.write(text.encode())


with ThreadingHTTPServer(("127.0.0.1", PORT), App) as server:
    print(f"Open http://localhost:{PORT}/", flush=True)
    server.serve_forever()
