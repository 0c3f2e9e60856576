#!/usr/bin/env python3
"""Runs LemonLDAP::NG's portal (Debian: liblemonldap-ng-portal-perl, libdbd-sqlite3-perl) on loopback for the tests.

    lemonldap-ng-server.py [--redirect-uri URI]... [--parent PID]

`ready ISSUER` on standard output says that it answers. Its files are in a folder of its own: settings, users and
sessions. Refresh tokens are not rotated, and it revokes none.
"""

import atexit
import contextlib
import json
import pathlib
import shutil
import sqlite3
import subprocess
import sys
import tempfile

sys.dont_write_bytecode = True

import provider

HERE = pathlib.Path(__file__).resolve().parent / "lemonldap-ng"
PORTAL = pathlib.Path("/usr/share/lemonldap-ng/portal/htdocs/index.psgi")
# It reads Basic up to the first character that is no letter, digit or underscore, and a secret up to its first colon.
CLIENTS = provider.CLIENTS | {"symbolon-basic": ("client_secret_basic", "basic-secret-fixed-for-these-tests")}
CLAIMS = {"email": "mail", "name": "cn", "preferred_username": "uid"}


def key_pair():
    key = subprocess.run(
        ["openssl", "genpkey", "-quiet", "-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048"],
        check=True, capture_output=True, text=True).stdout
    public = subprocess.run(
        ["openssl", "pkey", "-pubout"], input=key, check=True, capture_output=True, text=True).stdout
    return key, public


def options_of(client_id, method, secret, redirect_uris):
    options = {
        "ClientID": client_id, "DisplayName": client_id, "RedirectUris": " ".join(redirect_uris),
        "AllowOffline": 1, "RefreshToken": 1, "RequirePKCE": 1, "BypassConsent": 0, "IDTokenSignAlg": "RS256",
        "Public": 0 if secret else 1, "UserIDAttr": "uid"}
    if secret:
        options["ClientSecret"] = secret
    return {f"oidcRPMetaDataOptions{name}": value for name, value in options.items()}


def users(path):
    with contextlib.closing(sqlite3.connect(path)) as database:
        database.execute("CREATE TABLE users (uid TEXT PRIMARY KEY, password TEXT, cn TEXT, mail TEXT)")
        database.executemany(
            "INSERT INTO users VALUES (?, ?, ?, ?)",
            [(name, password, name, f"{name}@example.test") for name, password in provider.USERS.items()])
        database.commit()


def main():
    options = provider.arguments(__doc__)
    provider.end_with(options.parent)
    listener, origin = provider.listen()
    port = str(listener.getsockname()[1])
    # It opens the port itself.
    listener.close()
    folder = pathlib.Path(tempfile.mkdtemp(prefix="symbolon-lemonldap-ng-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    for name in ("conf", "sessions/lock", "psessions/lock"):
        (folder / name).mkdir(parents=True)
    users(folder / "users.sqlite")
    key, public = key_pair()
    settings = json.loads(
        (HERE / "settings.json").read_text().replace("FOLDER", str(folder)).replace("ORIGIN", origin))
    settings.update({
        "oidcServicePrivateKeySig": key, "oidcServicePublicKeySig": public,
        "oidcRPMetaDataOptions": {
            client_id: options_of(client_id, method, secret, options.redirect_uri)
            for client_id, (method, secret) in CLIENTS.items()},
        "oidcRPMetaDataExportedVars": {client_id: CLAIMS for client_id in CLIENTS}})
    (folder / "conf/lmConf-1.json").write_text(json.dumps(settings))
    (folder / "lemonldap-ng.ini").write_text(
        (HERE / "lemonldap-ng.ini").read_text().replace("FOLDER", str(folder)))
    server = subprocess.Popen(
        ["plackup", "--env", "deployment", "--host", "127.0.0.1", "--port", port, str(PORTAL)],
        env={"PATH": "/usr/bin:/bin", "LLNG_DEFAULTCONFFILE": str(folder / "lemonldap-ng.ini")})
    atexit.register(server.kill)
    provider.announce(origin)
    sys.exit(server.wait())


if __name__ == "__main__":
    main()
