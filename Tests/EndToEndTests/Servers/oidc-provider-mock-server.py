#!/usr/bin/env python3
"""Runs oidc-provider-mock on loopback, for the end-to-end tests.

    oidc-provider-mock-server.py [--redirect-uri URI]... [--parent PID]

`ready ISSUER` on standard output says that it answers. Left alone it takes any client with any secret; here it knows those
of provider.py and no others. It asks for no password: whoever types a name is that user.
"""

import sys

sys.dont_write_bytecode = True

import environment
import provider


def application(redirect_uris):
    import flask
    import oidc_provider_mock
    from oidc_provider_mock._storage import Client

    people = [
        oidc_provider_mock.User(sub=name, claims={"preferred_username": name, "email": f"{name}@example.test"})
        for name in provider.USERS]
    app = oidc_provider_mock.app(require_client_registration=True, user_claims=people)

    @app.before_request
    def know_clients():
        storage = flask.g.oidc_provider_mock_storage
        for name, (method, secret) in provider.CLIENTS.items():
            if storage.get_client(name) is None:
                storage.store_client(Client(
                    id=name, secret=secret, redirect_uris=redirect_uris, allowed_scopes=Client.SCOPES_SUPPORTED,
                    token_endpoint_auth_method=method))

    return app


def main():
    options = provider.arguments(__doc__)
    environment.enter("oidc-provider-mock")
    provider.end_with(options.parent)
    listener, issuer = provider.listen()
    app = application(options.redirect_uri)
    provider.announce(issuer)
    provider.serve(app, listener)


if __name__ == "__main__":
    main()
