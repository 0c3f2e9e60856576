#!/usr/bin/env python3
"""Takes a connection through its life with a client that was generated from the OpenAPI document, as a developer would.

Generates the client, of which a warning is an error, starts the built program in development mode, and connects at its
sandbox. What is written here names operations and their models, and no URL, method, header or JSON of the service.

    check.py [--program .build/debug/symbolon]
"""

import argparse
import contextlib
import importlib
import os
import pathlib
import signal
import socket
import subprocess
import sys
import tempfile
import time

import httpx
import mechanize

ROOT = pathlib.Path(__file__).parents[2]
DOCUMENT = ROOT / "Sources/ConnectAPI/Resources/openapi.json"


def generate(folder: pathlib.Path) -> None:
    # The generator's own formatter is no part of what is tested. Pictures are octets to it.
    (folder / "generator.yaml").write_text(
        "post_hooks: []\n"
        "content_type_overrides: {image/png: application/octet-stream, image/svg+xml: application/octet-stream}\n")
    subprocess.run(
        [
            pathlib.Path(sys.executable).with_name("openapi-python-client"),
            "generate", "--path", DOCUMENT, "--meta", "none", "--config", "generator.yaml",
            "--output-path", folder / "symbolon_client", "--fail-on-warning",
        ],
        cwd=folder, check=True, stdout=subprocess.DEVNULL,
    )  # fmt: skip
    sys.path.insert(0, str(folder))


def operation(name: str):
    """The module of an operation, which bears its path and method in its name."""
    found = list(pathlib.Path(sys.path[0], "symbolon_client/api").glob(f"*/{name}_*.py"))
    if len(found) != 1:
        sys.exit(f"error: {len(found)} operations are called {name}")
    return importlib.import_module(f"symbolon_client.api.{found[0].parent.name}.{found[0].stem}")


def call(name: str, kind, *arguments, status: int = 200, **options):
    """What an operation answers with, which has to be of the kind that the document promises."""
    response = operation(name).sync_detailed(*arguments, **options)
    if response.status_code != status or not isinstance(response.parsed, kind):
        sys.exit(f"error: {name}: {response.status_code}, {response.parsed!r}")
    return response.parsed


@contextlib.contextmanager
def service(program: pathlib.Path, folder: pathlib.Path):
    """The program in development mode: its base URL and its API key."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port = listener.getsockname()[1]
    with (folder / "log").open("wb") as log:
        server = subprocess.Popen(
            [program.resolve(), "serve", "--port", str(port)], cwd=folder, env={**os.environ},
            stdout=log, stderr=subprocess.STDOUT,
        )  # fmt: skip
    try:
        yield f"http://127.0.0.1:{port}", folder / ".symbolon/api-key"
    finally:
        server.send_signal(signal.SIGTERM)
        server.wait(10)


def wait_until_ready(client) -> None:
    for _ in range(300):
        with contextlib.suppress(httpx.ConnectError):
            if operation("healthz").sync_detailed(client=client).status_code == 200:
                return
        time.sleep(0.05)
    sys.exit("error: the service does not get ready")


def consent(url: str) -> None:
    """The user's browser: reads the provider's page, and presses its button."""
    browser = mechanize.Browser()
    browser.set_handle_robots(False)
    browser.open(url)
    browser.select_form(nr=0)
    browser.submit(name="answer", nr=0)
    if "Connected" not in browser.title():
        sys.exit(f"error: the flow ended with {browser.title()!r}")


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--program", default=ROOT / ".build/debug/symbolon", type=pathlib.Path)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        generate(folder)
        from symbolon_client import AuthenticatedClient, Client, models

        with service(options.program, folder) as (url, key_file):
            wait_until_ready(Client(url))
            client = AuthenticatedClient(url, key_file.read_text().strip(), raise_on_unexpected_status=True)

            # A flow.
            call("list_integrations", models.IntegrationList, client=client, limit=1000)
            integration = call("get_integration", models.Integration, "sandbox", client=client)
            request = models.OAuthInitiateRequest(integration_id=integration.id)
            begun = call("initiate_oauth", models.OAuthInitiateResponse, client=client, body=request)
            consent(begun.auth_url)
            [connection] = call("list_connections", models.ConnectionList, client=client).data
            assert connection.status is models.ConnectionStatus.ACTIVE, connection.status
            assert connection.integration == begun.integration_id

            # Its tokens.
            before = call("get_access_token", models.AccessToken, connection.id, client=client)
            call("refresh_connection", models.RefreshResult, connection.id, client=client)
            after = call("get_access_token", models.AccessToken, connection.id, client=client)
            assert before.access_token and after.access_token != before.access_token
            events = call("list_connection_events", models.ConnectionEvents, connection.id, client=client)
            assert len(events.data) >= 2, events

            # Errors, as what they are.
            stranger = AuthenticatedClient(url, "sym_unknown")
            error = call("list_connections", models.Error, client=stranger, status=401)
            assert error.error_code == "invalid_credential"
            request = models.OAuthInitiateRequest(integration_id="sandbox", scopes=["two words"])
            wrong = call("initiate_oauth", models.HTTPValidationError, client=client, body=request, status=422)
            assert wrong.detail[0].type_ == "invalid_scope" and wrong.detail[0].loc == ["body", "scopes", 0]

            # Its end.
            call("delete_connection", models.DeleteResult, connection.id, client=client)
            assert not call("list_connections", models.ConnectionList, client=client).data
            call("get_connection", models.Error, connection.id, client=client, status=404)
    print("a generated client connects, reads, refreshes, understands errors and disconnects")


main()
