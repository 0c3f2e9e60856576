#!/usr/bin/env python3
"""An app's webhook endpoints, verified by standardwebhooks from PyPI.

    webhook-receiver.py

`ready http://127.0.0.1:PORT` says that it answers. Each line on standard input is `{"secret": "whsec_…"}`, the secret to
verify with from then on, answered by the line `secret`. Each request is a line of JSON on standard output: `{"path",
"id", "verified", "signatures", "traceparent", "body"}`. `/ok` is answered 204, `/fail` 500, and `/redirect` by a redirect to `/ok`.
"""

import http.server
import json
import sys
import threading

sys.dont_write_bytecode = True

import environment


def serve(secrets):
    from standardwebhooks.webhooks import Webhook, WebhookVerificationError

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_POST(self):
            body = self.rfile.read(int(self.headers["Content-Length"]))
            try:
                Webhook(secrets[-1]).verify(body, dict(self.headers.items()))
                verified = True
            except WebhookVerificationError:
                verified = False
            line = {
                "path": self.path,
                "id": self.headers["webhook-id"],
                "verified": verified,
                "signatures": len(self.headers["webhook-signature"].split(" ")),
                "traceparent": self.headers["traceparent"],
                "body": json.loads(body),
            }
            status = {"/ok": 204, "/fail": 500}.get(self.path, 307)
            print(json.dumps(line), flush=True)
            self.send_response(status)
            if status == 307:
                self.send_header("Location", "/ok")
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_):
            pass

    return http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)


def main():
    environment.enter("webhooks")
    secrets = ["whsec_" + "A" * 32]
    server = serve(secrets)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    print(f"ready http://127.0.0.1:{server.server_address[1]}", flush=True)
    for line in sys.stdin:
        secrets.append(json.loads(line)["secret"])
        print("secret", flush=True)


main()
