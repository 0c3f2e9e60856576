#!/usr/bin/env python3
"""Runs Canaille, an OpenID Connect server from PyPI, on loopback for the end-to-end tests.

    canaille-server.py --port PORT [--redirect-uri URI]... [--token-lifetime SECONDS]
                       [--venv FOLDER] [--parent PID]

Two users and three clients are there from the start, one for each way to authenticate at the token
endpoint. The line `ready ISSUER` on standard output says that it answers. Nothing survives it.
"""

import argparse
import atexit
import datetime
import os
import secrets
import shutil
import signal
import socket
import sys
import tempfile
import threading
import time

sys.dont_write_bytecode = True

import environment
import provider

USERS = [
    {"user_name": "ada", "password": "correct horse battery staple", "given_name": "Ada",
     "family_name": "Lovelace", "formatted_name": "Ada Lovelace", "emails": ["ada@example.test"]},
    {"user_name": "charles", "password": "difference & engine <2>", "given_name": "Charles",
     "family_name": "Babbage", "formatted_name": "Charles Babbage", "emails": ["charles@example.test"]},
]
SCOPES = ["openid", "profile", "email", "address", "phone", "groups"]


def arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--port", type=int, required=True, help="0: any free one, told by the ready line")
    parser.add_argument("--redirect-uri", action="append", default=[], help="of every client; repeatable")
    parser.add_argument("--token-lifetime", type=int, default=3600, help="seconds")
    parser.add_argument("--venv", help="where the virtual environment is or will be")
    parser.add_argument("--parent", type=int, help="the starting process: end when it does")
    return parser.parse_args()


def end_with(parent):
    """A test process that crashes can stop nobody: look whether it still is there."""
    def watch():
        while os.getppid() == parent:
            time.sleep(0.5)
        os.kill(os.getpid(), signal.SIGTERM)

    threading.Thread(target=watch, daemon=True).start()


def configuration(issuer_host, folder, token_lifetime):
    return {
        "SECRET_KEY": "fixed for tests",
        "SERVER_NAME": issuer_host,
        "PREFERRED_URL_SCHEME": "http",
        "OAUTH2_TOKEN_EXPIRES_IN": {
            "authorization_code": token_lifetime,
            "refresh_token": token_lifetime,
        },
        "CANAILLE": {
            # Not "memory": its queries take records that match any of the conditions, so that any code
            # of a client would be as good as the right one.
            "DATABASE": "sql",
            "JAVASCRIPT": False,
            "HTMX": False,
            "SMTP": None,
            "LANGUAGE": "en",
            "CAPTCHA_ENABLED": False,
            "TIMEZONE": "UTC",
        },
        "CANAILLE_SQL": {
            "DATABASE_URI": f"sqlite:///{folder}/canaille.sqlite",
            "PASSWORD_HASH_PARAMS": {"pbkdf2_sha512__rounds": 1},
        },
        "CANAILLE_OIDC": {
            "DYNAMIC_CLIENT_REGISTRATION_OPEN": True,
            # OpenID Connect asks for a nonce only without a code.
            "REQUIRE_NONCE": False,
        },
    }


def seed(app, redirect_uris):
    from canaille.app import models
    from canaille.backends import Backend

    with app.app_context(), Backend.instance.session():
        for user in USERS:
            Backend.instance.save(models.User(**user))
        for client_id, (method, secret) in provider.CLIENTS.items():
            client = models.Client(
                client_id=client_id, client_name=client_id, client_secret=secret or None,
                client_id_issued_at=datetime.datetime.now(datetime.timezone.utc),
                # No client_uri: on a loopback one, Canaille would trust the client and ask for no consent.
                redirect_uris=redirect_uris, token_endpoint_auth_method=method,
                grant_types=["authorization_code", "refresh_token"], response_types=["code"], scope=SCOPES)
            Backend.instance.save(client)
            client.audience = [client]
            Backend.instance.save(client)


def make_access_tokens_differ():
    """Two access tokens of one user in one second are the same JWT, and the second one an error 500."""
    from canaille.oidc import provider

    generate = provider.generate_id_token
    provider.generate_id_token = lambda *arguments, user_info, **others: generate(
        *arguments, user_info={**user_info, "jti": secrets.token_hex(8)}, **others)


def make_refresh_tokens_outlive_access_tokens():
    """Canaille lets both end together, which would leave nothing to refresh with when it is due."""
    from canaille.oidc import models

    models.Token.is_refresh_token_active = lambda token: not token.revokation_date


def serve(options):
    from canaille import create_app
    from werkzeug.serving import WSGIRequestHandler, make_server

    class Handler(WSGIRequestHandler):
        # A browser connects ahead of need and sends nothing: without this, nobody else would be served meanwhile.
        timeout = 0.5

    listener = socket.create_server(("127.0.0.1", options.port), backlog=128)
    host = "127.0.0.1:%d" % listener.getsockname()[1]
    folder = tempfile.mkdtemp(prefix="symbolon-canaille-")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    os.chdir(folder)

    make_access_tokens_differ()
    make_refresh_tokens_outlive_access_tokens()
    app = create_app(config=configuration(host, folder, options.token_lifetime))
    seed(app, options.redirect_uri)
    # One request at a time: SQLite sessions stay with one thread, and no two requests race.
    server = make_server(
        "127.0.0.1", 0, app, threaded=False, request_handler=Handler, fd=listener.fileno())
    threading.Thread(target=announce, args=(host,), daemon=True).start()
    server.serve_forever()


def announce(host):
    """Says that the server is ready once it has answered, not before."""
    import urllib.request

    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    opener.open(f"http://{host}/.well-known/openid-configuration", timeout=30).read()
    print(f"ready http://{host}", flush=True)


if __name__ == "__main__":
    # SIGTERM as an exception, so that the temporary folder goes too.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    options = arguments()
    environment.enter("canaille", options.venv)
    if options.parent:
        end_with(options.parent)
    serve(options)
