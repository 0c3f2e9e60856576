#!/usr/bin/env python3
"""A provider's token endpoint (RFC 6749) for refreshes, and its revocation endpoint (RFC 7009), which holds requests back.

    provider-endpoints.py COUNT

`ready http://127.0.0.1:PORT` says that it answers. `/token` rotates: it takes `refresh-N` and gives `new-access-N` and
`new-refresh-N`. Each request to `/revoke` is a line `asked TOKEN` on standard output. The first COUNT are answered 200 and
followed by a line `answered TOKEN`; all others wait until a line comes on standard input.
"""

import http.server
import json
import sys
import threading
import urllib.parse

PASSING = int(sys.argv[1])
LOCK = threading.Lock()
RELEASED = threading.Event()
asked = []


class Handler(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        form = urllib.parse.parse_qs(body)
        if self.path == "/token":
            self.refresh(form)
            return
        token = form["token"][0]
        with LOCK:
            asked.append(token)
            is_passing = len(asked) <= PASSING
            print(f"asked {token}", flush=True)
        if not is_passing:
            RELEASED.wait()
        try:
            self.send_response(200)
            self.send_header("Content-Length", "0")
            self.end_headers()
        except OSError:
            return  # The client is gone.
        with LOCK:
            print(f"answered {token}", flush=True)

    def refresh(self, form):
        name, number = form["refresh_token"][0].rsplit("-", 1)
        answer = {
            "access_token": f"new-access-{number}",
            "refresh_token": f"new-refresh-{number}",
            "token_type": "Bearer",
            "expires_in": 3600,
        }
        content = json.dumps(answer if name == "refresh" else {"error": "invalid_grant"}).encode()
        self.send_response(200 if name == "refresh" else 400)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_):
        pass


def main():
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    print(f"ready http://127.0.0.1:{server.server_address[1]}", flush=True)
    for _ in sys.stdin:
        RELEASED.set()


main()
