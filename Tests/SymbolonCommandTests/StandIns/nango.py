#!/usr/bin/env python3
"""Answers as Nango's documentation says that its API does (https://nango.dev/docs/reference/backend/http-api).

    nango.py

It listens on a free port of 127.0.0.1, prints `ready URL`, and ends with its standard input. Connections have a refresh token
only with `refresh_token=true`, and `provider_config_key` is required, as there.
"""

import http.server
import json
import sys
import threading
import urllib.parse


def connection(key, provider, identifier, credentials, **more):
    return {
        "id": 18393,
        "created_at": "2023-03-08T09:43:03.725Z",
        "updated_at": "2023-03-08T09:43:03.725Z",
        "last_fetched_at": "2023-03-08T09:43:03.725Z",
        "provider_config_key": key,
        "connection_id": identifier,
        "provider": provider,
        "errors": [],
        "end_user": None,
        "tags": {},
        "connection_config": {},
        "metadata": {"selected_folder": "inbox"},
        "credentials": credentials,
    } | more


CONNECTIONS = [
    connection(
        "mail main", "sandbox", "1/a",
        {
            "type": "OAUTH2",
            "access_token": "secret-1",
            "refresh_token": "secret-2",
            "expires_at": "2024-03-08T09:43:03.725Z",
            "raw": {"token_type": "Bearer", "scope": "read write", "access_token": "secret-1"},
        },
        end_user={
            "id": "user_1", "email": "ada@example.com", "display_name": "Ada", "organization": {"id": "org_1"},
        },
        connection_config={"subdomain": "acme", "nested": {"left": "out"}},
        tags={"plan": "pro", "seats": 3},
    ),
    connection(
        "mail main", "sandbox", "2",
        {"type": "OAUTH2", "access_token": "secret-3", "raw": {}},
        tags={"end_user_id": "user_2", "end_user_email": "grace@example.com"},
    ),
    connection("keyed", "sandbox", "3", {"type": "API_KEY", "apiKey": "secret-4"}),
]


class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        url = urllib.parse.urlsplit(self.path)
        query = urllib.parse.parse_qs(url.query)
        parts = [urllib.parse.unquote(part) for part in url.path.split("/")[1:]]
        if self.headers["Authorization"] != "Bearer nango-secret":
            self.answer(401, {"error": {"code": "missing_auth_header", "message": "Authentication failed."}})
        elif parts == ["connections"]:
            shown = ["id", "connection_id", "provider_config_key", "provider", "errors", "end_user", "tags", "metadata"]
            self.answer(200, {"connections": [{name: one[name] for name in shown} for one in CONNECTIONS]})
        else:
            found = [
                one for one in CONNECTIONS
                if parts == ["connections", one["connection_id"]]
                and query.get("provider_config_key") == [one["provider_config_key"]]
            ]
            if not found:
                self.answer(404, {"error": {"code": "not_found", "message": "Connection does not exist"}})
                return
            one = json.loads(json.dumps(found[0]))
            if query.get("refresh_token") != ["true"]:
                one["credentials"].pop("refresh_token", None)
            self.answer(200, one)

    def answer(self, status, document):
        body = json.dumps(document, indent=2).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


def main():
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    print(f"ready http://127.0.0.1:{server.server_address[1]}", flush=True)
    sys.stdin.read()


main()
