"""A web app whose users connect an account through Symbolon. Needs nothing but Python's standard library.

    SYMBOLON_API_KEY=sym_… python3 connect.py
"""
import base64, json, os, secrets, urllib.error
from http.cookies import SimpleCookie
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl, quote, urlsplit
from urllib.request import Request, urlopen

SYMBOLON = os.environ.get("SYMBOLON_URL", "http://127.0.0.1:8080")
KEY = os.environ["SYMBOLON_API_KEY"]
INTEGRATION = os.environ.get("INTEGRATION", "sandbox")
PROVIDER_API = os.environ.get("PROVIDER_API", SYMBOLON + "/sandbox/userinfo")
PORT = int(os.environ.get("PORT", "3000"))
pending = {}  # our own session → the flow that it began


def call(url, credential, body=None):
    headers = {"Authorization": "Bearer " + credential, "Content-Type": "application/json"}
    with urlopen(Request(url, body and json.dumps(body).encode(), headers), timeout=60) as answer:
        return json.load(answer)


class App(BaseHTTPRequestHandler):
    def do_GET(self):
        url = urlsplit(self.path)
        cookie = SimpleCookie(self.headers.get("Cookie", "")).get("session")
        if url.path == "/":
            self.begin()
        elif url.path == "/connected":
            self.connected(dict(parse_qsl(url.query)), pending.pop(cookie and cookie.value, None))
        else:
            self.answer(404, "Nothing here.")

    def begin(self):
        flow = call(SYMBOLON + "/api/v1/oauth/initiate", KEY, {
            "integration_id": INTEGRATION, "redirect_uri": f"http://localhost:{PORT}/connected"})
        state = base64.urlsafe_b64decode(flow["state"] + "=" * (-len(flow["state"]) % 4))
        session = secrets.token_urlsafe(16)
        # The flow id is the first half of the 32 octets that the state ends with.
        pending[session] = base64.urlsafe_b64encode(state[-32:-16]).decode().rstrip("=")
        self.answer(303, "", Location=flow["auth_url"],
                    Set_Cookie=f"session={session}; HttpOnly; SameSite=Lax; Path=/")

    def connected(self, hints, flow_id):
        if hints.get("status") != "success":
            return self.answer(400, "Not connected: " + hints.get("error", "no answer"))
        # Anybody can write an address with a connection_id. What counts is the connection as Symbolon has it, and
        # that it came of the flow that this very session began.
        try:
            path = SYMBOLON + "/api/v1/connections/" + quote(hints.get("connection_id", ""), safe="")
            connection = call(path, KEY)
        except urllib.error.HTTPError:
            return self.answer(403, "There is no such connection.")
        if flow_id is None or connection.get("flow_id") != flow_id:
            return self.answer(403, "This connection is not of your making.")
        token = call(path + "/token", KEY)["access_token"]  # refreshed when it is due; ask whenever you need one
        account = call(PROVIDER_API, token)
        self.answer(200, f"Connected {connection['id']}: {account.get('email') or account.get('login')}")

    def answer(self, status, text, **headers):
        self.send_response(status)
        self.send_header("Content-Type", "text/plain; charset=utf-8")
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        self.wfile.write(text.encode())

    def log_message(self, *_):
        pass


with ThreadingHTTPServer(("127.0.0.1", PORT), App) as server:
    print(f"Open http://localhost:{PORT}/", flush=True)
    server.serve_forever()
