import json, os, secrets
from http.cookies import SimpleCookie
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl, urlsplit
from urllib.request import Request, urlopen

SYMBOLON = "http://127.0.0.1:8080"
KEY = os.environ["SYMBOLON_API_KEY"]
sessions = {}  # what the app keeps for each browser, by its cookie


def call(path, body):
    headers = {"Authorization": "Bearer " + KEY, "Content-Type": "application/json"}
    with urlopen(Request(SYMBOLON + path, json.dumps(body).encode(), headers)) as response:
        return json.load(response)


def begin(session):
    return call("/api/v1/oauth/initiate", {
        "integration_id": "sandbox",
        "redirect_uri": "http://localhost:3000/connected",
    })["auth_url"]


def finish(session, query):
    if query.get("status") != "success":
        return "Not connected: " + query.get("error", "")
    return "Connected: " + query["connection_id"]


class App(BaseHTTPRequestHandler):
    def do_GET(self):
        cookie = SimpleCookie(self.headers.get("Cookie", "")).get("session")
        name = cookie.value if cookie and cookie.value in sessions else secrets.token_urlsafe(16)
        session = sessions.setdefault(name, {})
        url = urlsplit(self.path)
        if url.path == "/connect":
            self.send_response(303)
            self.send_header("Location", begin(session))
            self.send_header("Set-Cookie", f"session={name}; HttpOnly; SameSite=Lax; Path=/")
            text = ""
        elif url.path == "/connected":
            self.send_response(200)
            text = finish(session, dict(parse_qsl(url.query)))
        else:
            self.send_response(404)
            text = "Nothing here."
        self.send_header("Content-Type", "text/plain; charset=utf-8")
        self.end_headers()
        self.wfile.write(text.encode())

    def log_message(self, *_):
        pass


with ThreadingHTTPServer(("127.0.0.1", 3000), App) as server:
    print("Open http://localhost:3000/connect", flush=True)
    server.serve_forever()
