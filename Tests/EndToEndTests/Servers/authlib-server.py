#!/usr/bin/env python3
"""Runs an authorization server made with Authlib and Flask on loopback, for the end-to-end tests.

    authlib-server.py [--redirect-uri URI]... [--parent PID]

`ready ISSUER` on standard output says that it answers. ID tokens are signed as Authlib does by default, with HS256 under
the client's secret, and with RS256 for the client that has none. Refresh tokens are used once. `iss` is sent (RFC 9207).
"""

import hmac
import sys
import time

sys.dont_write_bytecode = True

import environment
import provider


def application(issuer, redirect_uris):
    from authlib.integrations.flask_oauth2 import AuthorizationServer, ResourceProtector, current_token
    from authlib.oauth2 import OAuth2Error
    from authlib.oauth2.rfc6749 import ClientMixin, TokenMixin, grants, list_to_scope, scope_to_list
    from authlib.oauth2.rfc6750 import BearerTokenValidator
    from authlib.oauth2.rfc7009 import RevocationEndpoint
    from authlib.oauth2.rfc7636 import CodeChallenge
    from authlib.oauth2.rfc9207 import IssuerParameter
    from authlib.oidc.core import AuthorizationCodeMixin
    from authlib.oidc.core.grants import OpenIDCode, OpenIDToken
    from flask import Flask, jsonify, redirect, request, session
    from joserfc.jwk import OctKey, RSAKey

    signing_key = RSAKey.generate_key(2048, {"kid": "key-1", "use": "sig", "alg": "RS256"})

    class Client(ClientMixin):
        def __init__(self, client_id, method, secret):
            self.client_id, self.method, self.secret = client_id, method, secret
            self.id_token_signed_response_alg = "HS256" if secret else "RS256"

        def get_client_id(self):
            return self.client_id

        def get_default_redirect_uri(self):
            return redirect_uris[0]

        def get_allowed_scope(self, scope):
            return list_to_scope([one for one in scope_to_list(scope) or [] if one in provider.SCOPES])

        def check_redirect_uri(self, redirect_uri):
            return redirect_uri in redirect_uris

        def check_client_secret(self, client_secret):
            return hmac.compare_digest(self.secret.encode(), client_secret.encode())

        def check_endpoint_auth_method(self, method, endpoint):
            return self.method == method

        def check_response_type(self, response_type):
            return response_type == "code"

        def check_grant_type(self, grant_type):
            return grant_type in ("authorization_code", "refresh_token")

    class Code(AuthorizationCodeMixin):
        def __init__(self, code, request):
            data = request.payload.data
            self.code, self.client_id, self.user = code, request.client.client_id, request.user
            self.redirect_uri, self.scope = request.payload.redirect_uri, request.scope
            self.nonce, self.code_challenge = data.get("nonce"), data.get("code_challenge")
            self.code_challenge_method = data.get("code_challenge_method")
            self.auth_time = int(time.time())

        def get_redirect_uri(self):
            return self.redirect_uri

        def get_scope(self):
            return self.scope

        def get_nonce(self):
            return self.nonce

        def get_auth_time(self):
            return self.auth_time

        def get_acr(self):
            return None

        def get_amr(self):
            return None

    class Token(TokenMixin):
        def __init__(self, token, client_id, user):
            self.access_token, self.refresh_token = token["access_token"], token.get("refresh_token")
            self.scope, self.expires_at = token["scope"], time.time() + token["expires_in"]
            self.client_id, self.user = client_id, user
            self.access_revoked = self.refresh_revoked = False

        def check_client(self, client):
            return self.client_id == client.client_id

        def get_scope(self):
            return self.scope

        def get_user(self):
            return self.user

        def is_expired(self):
            return self.expires_at < time.time()

        def is_revoked(self):
            return self.access_revoked

    clients = {name: Client(name, *values) for name, values in provider.CLIENTS.items()}
    codes, tokens = {}, []

    def token_of(text):
        return next((token for token in tokens if text in (token.access_token, token.refresh_token)), None)

    class CodeGrant(grants.AuthorizationCodeGrant):
        TOKEN_ENDPOINT_AUTH_METHODS = ["client_secret_basic", "client_secret_post", "none"]

        def save_authorization_code(self, code, request):
            codes[code] = Code(code, request)

        def query_authorization_code(self, code, client):
            found = codes.get(code)
            return found if found and found.client_id == client.client_id else None

        def delete_authorization_code(self, authorization_code):
            del codes[authorization_code.code]

        def authenticate_user(self, authorization_code):
            return authorization_code.user

    class RefreshGrant(grants.RefreshTokenGrant):
        TOKEN_ENDPOINT_AUTH_METHODS = CodeGrant.TOKEN_ENDPOINT_AUTH_METHODS
        INCLUDE_NEW_REFRESH_TOKEN = True

        def authenticate_refresh_token(self, refresh_token):
            token = token_of(refresh_token)
            return token if token and refresh_token == token.refresh_token and not token.refresh_revoked else None

        def authenticate_user(self, refresh_token):
            return refresh_token.user

        def revoke_old_credential(self, refresh_token):
            refresh_token.access_revoked = refresh_token.refresh_revoked = True

    class Revocation(RevocationEndpoint):
        CLIENT_AUTH_METHODS = CodeGrant.TOKEN_ENDPOINT_AUTH_METHODS

        def query_token(self, token_string, token_type_hint):
            return token_of(token_string)

        def revoke_token(self, token, request):
            token.access_revoked = token.refresh_revoked = True

    class IDToken:
        def resolve_client_private_key(self, client):
            return OctKey.import_key(client.secret) if client.secret else signing_key

        def get_client_claims(self, client):
            return {"iss": issuer, "aud": [client.client_id], "exp": int(time.time()) + 3600}

        def get_encode_header(self, client):
            algorithm = client.id_token_signed_response_alg
            return {"alg": algorithm} if client.secret else {"alg": algorithm, "kid": "key-1"}

        def get_client_algorithm(self, client):
            return client.id_token_signed_response_alg

        def exists_nonce(self, nonce, request):
            return any(code.nonce == nonce for code in codes.values())

        def generate_user_info(self, user, scope):
            return claims(user)

    class CodeIDToken(IDToken, OpenIDCode):
        pass

    class RefreshIDToken(IDToken, OpenIDToken):
        pass

    class Issuer(IssuerParameter):
        def get_issuer(self):
            return issuer

    class Challenge(CodeChallenge):
        SUPPORTED_CODE_CHALLENGE_METHOD = ["S256"]

    class Validator(BearerTokenValidator):
        def authenticate_token(self, token_string):
            return token_of(token_string)

    def claims(user):
        return {"sub": user, "preferred_username": user, "email": f"{user}@example.test"}

    app = Flask("authlib-server")
    app.config.update(SECRET_KEY="fixed for tests", OAUTH2_REFRESH_TOKEN_GENERATOR=True)
    app.config.update(OAUTH2_SCOPES_SUPPORTED=provider.SCOPES)
    server = AuthorizationServer(
        app, query_client=clients.get,
        save_token=lambda token, request: tokens.append(Token(token, request.client.client_id, request.user)))
    server.register_grant(CodeGrant, [CodeIDToken(), Challenge(required=True)])
    server.register_grant(RefreshGrant, [RefreshIDToken()])
    server.register_endpoint(Revocation)
    server.register_extension(Issuer())
    protect = ResourceProtector()
    protect.register_token_validator(Validator())

    @app.get("/.well-known/openid-configuration")
    def discovery():
        return jsonify({
            "issuer": issuer, "authorization_endpoint": issuer + "/authorize", "token_endpoint": issuer + "/token",
            "revocation_endpoint": issuer + "/revoke", "userinfo_endpoint": issuer + "/userinfo",
            "jwks_uri": issuer + "/jwks", "response_types_supported": ["code"], "subject_types_supported": ["public"],
            "scopes_supported": provider.SCOPES, "id_token_signing_alg_values_supported": ["HS256", "RS256"],
            "token_endpoint_auth_methods_supported": CodeGrant.TOKEN_ENDPOINT_AUTH_METHODS,
            "code_challenge_methods_supported": ["S256"], "authorization_response_iss_parameter_supported": True,
        })

    @app.get("/jwks")
    def jwks():
        return jsonify({"keys": [signing_key.as_dict(private=False)]})

    @app.route("/authorize", methods=["GET", "POST"])
    def authorize():
        if request.method == "POST" and "password" in request.form:
            name = request.form["username"]
            if provider.USERS.get(name) == request.form["password"]:
                session["user"] = name
            return redirect(request.url)
        user = session.get("user")
        if not user:
            return page('<input name="username"><input name="password" type="password"><button>Log in</button>')
        try:
            grant = server.get_consent_grant(end_user=user)
        except OAuth2Error as error:
            return server.handle_error_response(server.create_oauth2_request(request), error)
        if request.method == "GET":
            return page('<button name="answer" value="yes">Allow</button><button name="answer" value="no">Deny</button>')
        allowed = request.form["answer"] == "yes"
        return server.create_authorization_response(grant_user=user if allowed else None, grant=grant)

    def page(fields):
        return f'<!doctype html><title>Authlib</title><form method="post">{fields}</form>'

    @app.post("/token")
    def token():
        return server.create_token_response()

    @app.post("/revoke")
    def revoke():
        return server.create_endpoint_response("revocation")

    @app.get("/userinfo")
    @protect("openid")
    def userinfo():
        return jsonify(claims(current_token.user))

    return app


def main():
    options = provider.arguments(__doc__)
    environment.enter("authlib-server")
    provider.end_with(options.parent)
    listener, issuer = provider.listen()
    app = application(issuer, options.redirect_uri)
    provider.announce(issuer)
    provider.serve(app, listener)


if __name__ == "__main__":
    main()
