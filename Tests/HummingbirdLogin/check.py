#!/usr/bin/env python3
"""Logs in at the app that its page shows, as it was built, with a provider that holds it to PKCE.

    check.py FOLDER     the folder with the built programs
"""

import base64
import hashlib
import http.client
import http.server
import os
import pathlib
import socket
import subprocess
import sys
import tempfile
import threading
import time
import urllib.parse


class Provider(http.server.BaseHTTPRequestHandler):
    """Consents without asking, and gives a token for a code once, to whom has the verifier (RFC 7636 §4.6)."""

    challenges: dict[str, tuple[str, str]] = {}
    requests = 0

    def do_GET(self):
        asked = dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(self.path).query))
        assert asked["response_type"] == "code" and asked["code_challenge_method"] == "S256", asked
        code = f"code+{len(self.challenges)}"
        self.challenges[code] = (asked["code_challenge"], asked["redirect_uri"])
        query = urllib.parse.urlencode({"code": code, "state": asked["state"]})
        self.answer(303, location=f"{asked['redirect_uri']}?{query}")

    def do_POST(self):
        Provider.requests += 1
        form = dict(urllib.parse.parse_qsl(self.rfile.read(int(self.headers["Content-Length"])).decode()))
        digest = hashlib.sha256(form["code_verifier"].encode()).digest()
        challenge = base64.urlsafe_b64encode(digest).decode().rstrip("=")
        granted = self.challenges.pop(form["code"], None) == (challenge, form["redirect_uri"])
        self.answer(200 if granted else 400, b'{"access_token": "a", "token_type": "Bearer"}' if granted else b"")

    def answer(self, status: int, body: bytes = b"", location: str | None = None) -> None:
        self.send_response(status)
        if location:
            self.send_header("Location", location)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


def get(url: str, cookie: str | None = None) -> http.client.HTTPResponse:
    parts = urllib.parse.urlsplit(url)
    connection = http.client.HTTPConnection(parts.hostname, parts.port, timeout=20)
    connection.request("GET", f"{parts.path}?{parts.query}", headers={"Cookie": cookie} if cookie else {})
    response = connection.getresponse()
    response.text = response.read().decode()
    connection.close()
    return response


def start(program: pathlib.Path, settings: dict[str, str]) -> subprocess.Popen:
    app = subprocess.Popen([program], env={**os.environ, **settings})
    for _ in range(400):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", int(settings["PORT"]))) == 0:
                return app
        if app.poll() is not None:
            break
        time.sleep(0.05)
    app.kill()
    sys.exit("error: the app does not start")


def expect(what: str, url: str, status: int, cookie: str | None = None, words: str = "") -> None:
    response = get(url, cookie)
    if response.status != status or words not in response.text:
        sys.exit(f"error: {what}: {response.status} {response.text!r}, and not {status} {words!r}")


def main() -> None:
    programs = pathlib.Path(sys.argv[1]).resolve()
    provider = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Provider)
    threading.Thread(target=provider.serve_forever, daemon=True).start()
    with tempfile.TemporaryDirectory() as folder, socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port = listener.getsockname()[1]
        listener.close()
        base, at = f"http://127.0.0.1:{port}", f"http://127.0.0.1:{provider.server_address[1]}"
        settings = {
            "PORT": str(port), "PUBLIC_URL": base, "KEYRING": f"{folder}/state.keyring", "CLIENT_ID": "app",
            "AUTHORIZATION_ENDPOINT": f"{at}/authorize", "TOKEN_ENDPOINT": f"{at}/token",
        }  # fmt: skip
        app = start(programs / "HummingbirdLogin", settings)
        try:
            begun = get(f"{base}/login")
            cookie = begun.headers["Set-Cookie"].partition(";")[0]
            assert begun.status == 303 and "HttpOnly" in begun.headers["Set-Cookie"], begun.headers
            callback = get(begun.headers["Location"]).headers["Location"]
            # What was begun by one process is finished by another: nothing but the keyring is shared.
            app.terminate()
            app.wait(20)
            app = start(programs / "HummingbirdLogin", settings)

            head, _, state = callback.partition("state=")
            forged = state[:-9] + ("A" if state[-9] != "A" else "B") + state[-8:]
            expect("a forged state", f"{head}state={forged}", 400, cookie, "no login of ours")
            expect("no state", f"{base}/callback?code=1", 400, cookie, "no login of ours")
            expired = subprocess.run(
                [programs / "ExpiredState", settings["KEYRING"], base], check=True, capture_output=True, text=True)
            expect("an old state", f"{head}state={expired.stdout.strip()}", 410, cookie, "took too long")
            expect("a browser without the cookie", callback, 403, words="Another browser")
            other = get(f"{base}/login").headers["Set-Cookie"].partition(";")[0]
            expect("another browser's cookie", callback, 403, other, "Another browser")
            expect("a refusal", f"{base}/callback?error=access_denied&state={state}", 400, cookie, "did not log you in")
            if Provider.requests:
                sys.exit("error: a code was sent for a login that is refused")

            expect("the login", callback, 200, cookie, "Logged in")
            expect("the login once more", callback, 502, cookie, "did not take the code")
        finally:
            app.terminate()
            app.wait(20)
    print("a Hummingbird app logs in across a restart, and refuses what is forged, old or another browser's")


main()
