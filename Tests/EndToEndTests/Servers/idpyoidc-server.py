#!/usr/bin/env python3
"""Runs an OpenID provider made with idpyoidc and Flask on loopback, for the end-to-end tests.

    idpyoidc-server.py [--redirect-uri URI]... [--parent PID]

`ready ISSUER` on standard output says that it answers. It asks for no consent: whoever logs in has agreed.
"""

import atexit
import os
import pathlib
import shutil
import sys
import tempfile
import urllib.parse

sys.dont_write_bytecode = True

import environment
import provider

LOGIN = """<form method="post" action="{{ action }}"><input type="hidden" name="token" value="{{ token }}">
<input name="username"><input name="password" type="password"><button>Log in</button></form>"""
PASSWORD = "urn:oasis:names:tc:SAML:2.0:ac:classes:InternetProtocolPassword"
METHODS = ["client_secret_basic", "client_secret_post", "none"]


def configuration(issuer):
    package = "idpyoidc.server."
    endpoints = {
        "provider_config": (".well-known/openid-configuration", "oidc.provider_config.ProviderConfiguration", {}),
        "authorization": ("authorization", "oidc.authorization.Authorization", {
            "client_authn_method": None, "response_types_supported": ["code"],
            "response_modes_supported": ["query", "form_post"]}),
        "token": ("token", "oidc.token.Token", {"client_authn_method": METHODS}),
        "userinfo": ("userinfo", "oidc.userinfo.UserInfo", {}),
        "token_revocation": (
            "revocation", "oauth2.token_revocation.TokenRevocation", {"client_authn_method": METHODS}),
    }
    people = {name: {"sub": name, "email": f"{name}@example.test"} for name in provider.USERS}
    usage = {
        "authorization_code": {
            "supports_minting": ["access_token", "refresh_token", "id_token"], "max_usage": 1},
        "access_token": {},
        "refresh_token": {"supports_minting": ["access_token", "refresh_token", "id_token"]},
    }
    return {
        "issuer": issuer,
        "keys": {
            "key_defs": [{"type": "RSA", "use": ["sig"]}, {"type": "EC", "crv": "P-256", "use": ["sig"]}],
            "uri_path": "jwks"},
        "token_handler_args": {
            "code": {"lifetime": 600},
            "token": {"class": package + "token.jwt_token.JWTToken", "kwargs": {"lifetime": 3600}},
            "refresh": {"lifetime": 86400},
            "id_token": {"class": package + "token.id_token.IDToken", "kwargs": {}},
        },
        "endpoint": {
            name: {"path": path, "class": package + cls, "kwargs": kwargs}
            for name, (path, cls, kwargs) in endpoints.items()},
        "add_on": {"pkce": {
            "function": package + "oauth2.add_on.pkce.add_support",
            "kwargs": {"essential": True, "code_challenge_method": "S256"}}},
        "authentication": {"user": {
            "acr": PASSWORD, "class": package + "user_authn.user.UserPassJinja2",
            "kwargs": {
                "verify_endpoint": "/verify", "template": "login.jinja2",
                "db": {"class": "builtins.dict", "kwargs": provider.USERS}}}},
        "userinfo": {"class": package + "user_info.UserInfo", "kwargs": {"db": people}},
        "authz": {
            "class": package + "authz.AuthzHandling",
            "kwargs": {"grant_config": {"usage_rules": usage, "expires_in": 43200}}},
        "claims_interface": {"class": package + "session.claims.ClaimsInterface", "kwargs": {}},
        "template_dir": "templates",
        "session_params": {"password": "fixed for tests, long enough", "salt": "salt for the tests"},
    }


def application(issuer, redirect_uris):
    from flask import Flask, make_response, redirect, request
    from idpyoidc.message.oidc import AuthorizationRequest
    from idpyoidc.server import Server
    from idpyoidc.server.configure import OPConfiguration
    from idpyoidc.server.exception import ClientAuthenticationError

    server = Server(OPConfiguration(conf=configuration(issuer), base_path=os.getcwd()), cwd=os.getcwd())
    for client_id, (method, secret) in provider.CLIENTS.items():
        if method == "client_secret_basic":
            # It does not undo the form encoding (RFC 6749 section 2.3.1), so it gets to know the encoded secret.
            secret = urllib.parse.quote_plus(secret)
        server.context.cdb[client_id] = {
            "client_id": client_id, "redirect_uris": [(uri, {}) for uri in redirect_uris], "client_salt": "salted",
            "token_endpoint_client_authn_method": [method], "revocation_endpoint_client_authn_method": [method],
            "response_types_supported": ["code"],
            "allowed_scopes": provider.SCOPES, **({"client_secret": secret} if secret else {})}
        if secret:
            server.keyjar.add_symmetric(client_id, secret)
    app = Flask("idpyoidc-server")

    def answer(endpoint, values):
        """What the endpoint has to say, as an HTTP response."""
        if "error" in values and "response_args" not in values:
            status = 401 if values["error"] in ("invalid_client", "unauthorized_client") else 400
            return make_response({name: values[name] for name in values.keys()}, status)
        if "http_response" in values:
            return make_response(values["http_response"])
        info = endpoint.do_response(**values)
        placement = info.get("response_placement", endpoint.response_placement)
        response = redirect(info["response"]) if placement == "url" else make_response(info["response"])
        for name, value in info["http_headers"]:
            response.headers[name] = value
        return response

    def handle(name):
        endpoint = server.get_endpoint(name)
        http = {
            "headers": {key.lower(): value for key, value in request.headers.items()}, "method": request.method,
            "url": request.url, "cookie": []}
        arguments = (request.form if request.method == "POST" else request.args).to_dict()
        try:
            parsed = endpoint.parse_request(arguments, http_info=http)
            if "error" in parsed:
                return answer(endpoint, parsed)
            return answer(endpoint, endpoint.process_request(parsed, http_info=http))
        except ClientAuthenticationError as error:
            return make_response({"error": "invalid_client", "error_description": str(error)}, 401)
        except Exception as error:
            # As in the example that comes with it.
            app.logger.exception("%s", name)
            return make_response({"error": "invalid_request", "error_description": str(error)}, 400)

    @app.get("/.well-known/openid-configuration")
    def discovery():
        return handle("provider_config")

    @app.get("/jwks")
    def jwks():
        return make_response(server.keyjar.export_jwks())

    @app.get("/authorization")
    def authorization():
        return handle("authorization")

    @app.post("/verify")
    def verify():
        method = server.context.authn_broker.get_method_by_id("user")
        name = method.verify(**request.form.to_dict())
        asked = method.unpack_token(request.form["token"])
        wanted = AuthorizationRequest().from_urlencoded(asked["query"])
        endpoint = server.get_endpoint("authorization")
        session = endpoint.create_session(wanted, name, asked["authn_class_ref"], asked["iat"], method)
        return answer(endpoint, {"request": wanted, **endpoint.authz_part2(request=wanted, session_id=session)})

    @app.post("/token")
    def token():
        return handle("token")

    @app.post("/revocation")
    def revocation():
        return handle("token_revocation")

    @app.get("/userinfo")
    def userinfo():
        return handle("userinfo")

    return app


def main():
    options = provider.arguments(__doc__)
    environment.enter("idpyoidc")
    provider.end_with(options.parent)
    folder = tempfile.mkdtemp(prefix="symbolon-idpyoidc-")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    os.chdir(folder)
    templates = pathlib.Path("templates")
    templates.mkdir()
    (templates / "login.jinja2").write_text(LOGIN)
    listener, issuer = provider.listen()
    app = application(issuer, options.redirect_uri)
    provider.announce(issuer)
    provider.serve(app, listener)


if __name__ == "__main__":
    main()
