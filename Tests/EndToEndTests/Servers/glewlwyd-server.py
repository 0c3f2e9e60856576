#!/usr/bin/env python3
"""Runs Glewlwyd (Debian: glewlwyd) on loopback for the end-to-end tests.

    glewlwyd-server.py [--redirect-uri URI]... [--parent PID]

`ready ISSUER` on standard output says that it answers; the issuer has the path `/api/oidc`. Its files are in a folder of
its own; the plug-in's settings, users and clients are posted to its administration API. Refresh tokens are used once.
"""

import atexit
import contextlib
import http.cookiejar
import json
import pathlib
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request

sys.dont_write_bytecode = True

import provider

HERE = pathlib.Path(__file__).resolve().parent / "glewlwyd"
TABLES = pathlib.Path("/usr/share/dbconfig-common/data/glewlwyd/install/sqlite3")


class Administration:
    def __init__(self, origin):
        self.base = origin + "/api"
        self.opener = urllib.request.build_opener(
            urllib.request.ProxyHandler({}), urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar()))

    def post(self, path, value):
        request = urllib.request.Request(
            self.base + path, json.dumps(value).encode(), {"Content-Type": "application/json"})
        try:
            self.opener.open(request, timeout=30).read()
        except urllib.error.HTTPError as error:
            raise SystemExit(f"{path}: {error.code} {error.read().decode()}") from error

    def log_in(self):
        """Waits until the server listens."""
        deadline = time.monotonic() + 30
        while True:
            try:
                # The account that the tables come with.
                return self.post("/auth/", {"username": "admin", "password": "password"})
            except urllib.error.URLError:
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.05)


def private_key():
    return subprocess.run(
        ["openssl", "genpkey", "-quiet", "-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048"],
        check=True, capture_output=True, text=True).stdout


def configure(origin, issuer, redirect_uris):
    administration = Administration(origin)
    administration.log_in()
    key = private_key()
    public = subprocess.run(
        ["openssl", "pkey", "-pubout"], input=key, check=True, capture_output=True, text=True).stdout
    for scope in provider.SCOPES:
        if scope != "openid":
            administration.post(
                "/scope/", {"name": scope, "display_name": scope, "description": scope, "password_required": False})
    for name, password in provider.USERS.items():
        administration.post("/user/", {
            "username": name, "password": password, "name": name, "email": f"{name}@example.test", "enabled": True,
            "scope": ["g_profile", *provider.SCOPES]})
    for client_id, (method, secret) in provider.CLIENTS.items():
        administration.post("/client/", {
            "client_id": client_id, "name": client_id, "enabled": True, "confidential": bool(secret),
            "client_secret": secret, "redirect_uri": redirect_uris, "token_endpoint_auth_method": [method],
            "authorization_type": ["code", "refresh_token"], "scope": []})
    plugin = json.loads((HERE / "plugin.json").read_text())
    plugin["parameters"].update({"iss": issuer, "key": key, "cert": public})
    administration.post("/mod/plugin/", plugin)


def main():
    options = provider.arguments(__doc__)
    provider.end_with(options.parent)
    listener, origin = provider.listen()
    port = str(listener.getsockname()[1])
    # It opens the port itself.
    listener.close()
    folder = tempfile.mkdtemp(prefix="symbolon-glewlwyd-")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    with contextlib.closing(sqlite3.connect(f"{folder}/glewlwyd.sqlite")) as database:
        database.executescript(TABLES.read_text())
        database.commit()
    settings = (HERE / "glewlwyd.conf").read_text().replace("PORT", port).replace("FOLDER", folder)
    path = pathlib.Path(folder, "glewlwyd.conf")
    path.write_text(settings)
    server = subprocess.Popen(["glewlwyd", f"--config-file={path}"])
    atexit.register(server.kill)
    issuer = origin + "/api/oidc"
    configure(origin, issuer, options.redirect_uri)
    provider.announce(issuer)
    sys.exit(server.wait())


if __name__ == "__main__":
    main()
