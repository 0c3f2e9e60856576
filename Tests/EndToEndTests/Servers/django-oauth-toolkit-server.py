#!/usr/bin/env python3
"""Runs Django OAuth Toolkit on loopback for the end-to-end tests.

    django-oauth-toolkit-server.py [--redirect-uri URI]... [--parent PID]

`ready ISSUER` on standard output says that it answers; the issuer has the path `/o`. ID tokens are signed with HS256 under
the client's secret, and with RS256 for the client that has none. Refresh tokens are used once. `iss` is sent (RFC 9207).
"""

import sys

sys.dont_write_bytecode = True

import environment
import provider

LOGIN = '<form method="post">{% csrf_token %}{{ form }}<input type="hidden" name="next" value="{{ next }}"><button>Log in</button></form>'


def private_key():
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric import rsa

    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()).decode()


def configure(issuer):
    import django
    from django.conf import settings

    settings.configure(
        LOGGING={
            "version": 1, "disable_existing_loggers": False, "handlers": {"log": {"class": "logging.StreamHandler"}},
            "root": {"handlers": ["log"]}},
        ALLOWED_HOSTS=["127.0.0.1"], SECRET_KEY="fixed for tests", ROOT_URLCONF=__name__, USE_TZ=True, LOGIN_URL="/login",
        DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
        PASSWORD_HASHERS=["django.contrib.auth.hashers.MD5PasswordHasher"],
        # In memory: one process, one thread.
        DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}},
        INSTALLED_APPS=[
            "django.contrib.auth", "django.contrib.contenttypes", "django.contrib.sessions", "oauth2_provider"],
        MIDDLEWARE=[
            "django.contrib.sessions.middleware.SessionMiddleware", "django.middleware.csrf.CsrfViewMiddleware",
            "django.contrib.auth.middleware.AuthenticationMiddleware"],
        TEMPLATES=[{
            "BACKEND": "django.template.backends.django.DjangoTemplates",
            "OPTIONS": {
                "context_processors": ["django.template.context_processors.request"],
                "loaders": [
                    ("django.template.loaders.locmem.Loader", {"registration/login.html": LOGIN}),
                    "django.template.loaders.app_directories.Loader"],
            },
        }],
        OAUTH2_PROVIDER={
            "OIDC_ENABLED": True, "OIDC_ISS_ENDPOINT": issuer, "OIDC_RSA_PRIVATE_KEY": private_key(),
            "SCOPES": {scope: scope for scope in provider.SCOPES}, "PKCE_REQUIRED": True,
            "OAUTH2_VALIDATOR_CLASS": __name__ + ".validator", "COMPLIANT_BCP_RFC9700_AUTHZ_RESPONSE_ISS": True,
            "COMPLIANT_BCP_RFC9700_REFRESH_TOKEN": True,
        })
    django.setup()


def validator():
    from oauth2_provider.oauth2_validators import OAuth2Validator

    class Validator(OAuth2Validator):
        def get_additional_claims(self, request):
            name = request.user.get_username()
            return {"preferred_username": name, "email": f"{name}@example.test"}

    return Validator()


def seed(redirect_uris):
    from django.contrib.auth import get_user_model
    from django.core.management import call_command
    from oauth2_provider.models import get_application_model

    call_command("migrate", verbosity=0)
    for name, password in provider.USERS.items():
        get_user_model().objects.create_user(name, password=password)
    for client_id, (method, secret) in provider.CLIENTS.items():
        get_application_model().objects.create(
            client_id=client_id, name=client_id, client_secret=secret, hash_client_secret=False,
            client_type="confidential" if secret else "public", redirect_uris=" ".join(redirect_uris),
            authorization_grant_type="authorization-code", algorithm="HS256" if secret else "RS256")


def main():
    options = provider.arguments(__doc__)
    environment.enter("django-oauth-toolkit")
    provider.end_with(options.parent)
    listener, origin = provider.listen()
    issuer = origin + "/o"
    configure(issuer)

    from django.contrib.auth.views import LoginView
    from django.core.wsgi import get_wsgi_application
    from django.urls import include, path

    urls = [
        path("login", LoginView.as_view()),
        path("o/", include("oauth2_provider.urls", namespace="oauth2_provider")),
    ]
    globals()["urlpatterns"] = urls
    seed(options.redirect_uri)
    app = get_wsgi_application()
    provider.announce(issuer)
    provider.serve(app, listener)


if __name__ == "__main__":
    main()
