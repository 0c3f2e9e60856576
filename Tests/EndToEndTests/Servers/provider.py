"""What the authorization servers of the end-to-end tests have in common: users, clients, options and the way to end.

Every server has the same two users and the same three clients, so that one test drives them all.
"""

import argparse
import os
import signal
import socket
import sys
import threading
import time
import urllib.error
import urllib.request

USERS = {
    "ada": "correct horse battery staple",
    "charles": "difference & engine <2>",
}
CLIENTS = {
    # Each has 32 octets or more, as HS256 needs (RFC 7518 section 3.2). The first has characters that need
    # their percent-encoding before they go into Basic (RFC 6749 section 2.3.1).
    "symbolon-basic": ("client_secret_basic", "basic:100%+&=?/\u00e9-fixed-for-tests"),
    "symbolon-post": ("client_secret_post", "post-secret-fixed-for-these-tests"),
    "symbolon-public": ("none", ""),
}
SCOPES = ["openid", "profile", "email", "offline_access"]


def arguments(document):
    parser = argparse.ArgumentParser(description=document.splitlines()[0])
    parser.add_argument("--redirect-uri", action="append", default=[], help="of every client; repeatable")
    parser.add_argument("--parent", type=int, help="the starting process: end when it does")
    return parser.parse_args()


def end_with(parent):
    """Ends with the tests even if they crash, and turns SIGTERM into an exception, so that files are removed."""
    def watch():
        while os.getppid() == parent:
            time.sleep(0.5)
        os.kill(os.getpid(), signal.SIGTERM)

    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    if parent:
        threading.Thread(target=watch, daemon=True).start()


def listen():
    """A listening socket on a free port, and the issuer there."""
    listener = socket.create_server(("127.0.0.1", 0), backlog=128)
    return listener, "http://127.0.0.1:%d" % listener.getsockname()[1]


def announce(issuer, path="/.well-known/openid-configuration"):
    """Prints `ready ISSUER` once the server answers, not before. One that opens its port itself has 30 s for it."""
    def look():
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        deadline = time.monotonic() + 30
        while True:
            try:
                opener.open(issuer + path, timeout=30).read()
                break
            except urllib.error.URLError as error:
                if not isinstance(error.reason, ConnectionRefusedError) or time.monotonic() > deadline:
                    raise
                time.sleep(0.05)
        print(f"ready {issuer}", flush=True)

    threading.Thread(target=look, daemon=True).start()


def serve(app, listener):
    """Serves a WSGI application, one request at a time."""
    from werkzeug.serving import make_server

    make_server("127.0.0.1", 0, app, threaded=False, fd=listener.fileno()).serve_forever()
