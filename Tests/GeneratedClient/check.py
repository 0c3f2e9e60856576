#!/usr/bin/env python3
"""Takes a connection through its life with a client that was generated from the OpenAPI document, as a developer would.

Generates the client, of which a warning is an error, starts the built program in development mode, and connects at its
sandbox. Then it is told by webhooks of a production deployment, which standardwebhooks from PyPI verifies and the client's models
read. What is written here names operations and their models, and no URL, method, header or JSON of the service.

    check.py [--program .build/debug/symbolon]
"""

import argparse
import base64
import contextlib
import http.server
import importlib
import os
import pathlib
import queue
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import urllib.parse

import httpx
import mechanize
from standardwebhooks.webhooks import Webhook, WebhookVerificationError

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


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


@contextlib.contextmanager
def service(program: pathlib.Path, folder: pathlib.Path, port: int, *options: str):
    """The program in a folder: its base URL, once it is ready."""
    from symbolon_client import Client

    with (folder / "log").open("wb") as log:
        server = subprocess.Popen(
            [program.resolve(), "serve", "--port", str(port), *options], cwd=folder, env={**os.environ},
            stdout=log, stderr=subprocess.STDOUT,
        )  # fmt: skip
    try:
        wait_until_ready(Client(f"http://127.0.0.1:{port}"))
        yield f"http://127.0.0.1:{port}"
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


def walk(url: str, key: str) -> None:
    """A connection's life in development mode."""
    from symbolon_client import AuthenticatedClient, models

    client = AuthenticatedClient(url, key, raise_on_unexpected_status=True)

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


class Counterpart(http.server.BaseHTTPRequestHandler):
    """All that the service talks to: an app with a webhook endpoint, and a provider whose token endpoint fails."""

    deliveries: queue.Queue = queue.Queue()

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if self.path == "/hook":
            self.deliveries.put((body, dict(self.headers.items())))
        self.answer(204 if self.path == "/hook" else 500)

    def do_GET(self):
        """The provider consents without asking, and the app's own page says nothing."""
        url = urllib.parse.urlsplit(self.path)
        asked = dict(urllib.parse.parse_qsl(url.query))
        if url.path == "/authorize":
            response = urllib.parse.urlencode({"code": "a-code", "state": asked["state"]})
            self.answer(303, f"{asked['redirect_uri']}?{response}")
        else:
            self.answer(200)

    def answer(self, status: int, location: str | None = None) -> None:
        self.send_response(status)
        if location:
            self.send_header("Location", location)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_):
        pass


def deploy(program: pathlib.Path, folder: pathlib.Path, port: int, counterpart: str, secret: str) -> str:
    """Writes what a production deployment needs, with a webhook endpoint: its API key."""
    for name in ["state", "connections"]:
        subprocess.run(
            [program.resolve(), "keys", "generate", "--keyring", f"{name}.keyring"], cwd=folder, check=True,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
    made = subprocess.run(
        [
            program.resolve(), "api-keys", "create", "--file", "api-keys.json", "--workspace", "wsp_1",
            "--permission", "initiate", "admin",
        ],
        cwd=folder, check=True, capture_output=True, text=True,
    )  # fmt: skip
    (folder / "webhook-secret").touch(mode=0o600)
    (folder / "webhook-secret").write_text(secret)
    (folder / "workspaces.yaml").write_text(f"""
workspaces:
  wsp_1:
    redirect_uris: [{counterpart}/done]
    webhooks: [{{url: {counterpart}/hook, secret_file: webhook-secret}}]
""")
    (folder / "symbolon.yaml").write_text(f"""
public_url: http://127.0.0.1:{port}
keyrings: {{state: state.keyring, connections: connections.keyring}}
credentials: {{api_keys: api-keys.json}}
store: sqlite:symbolon.sqlite
workspaces: workspaces.yaml
providers: {{allow_insecure_loopback: true}}
integrations:
  app:
    inherits: generic
    client_id: client
    client_secret: secret
    authorization_endpoint: {counterpart}/authorize
    token_endpoint: {counterpart}/token
""")
    return next(word for word in made.stdout.split() if word.startswith("sym_"))


def receive(webhook: Webhook, model):
    """The next message, verified and read, of which the document describes each member."""
    try:
        body, headers = Counterpart.deliveries.get(timeout=30)
    except queue.Empty:
        sys.exit(f"error: no {model.__name__} is delivered")
    stranger = Webhook("whsec_" + base64.b64encode(os.urandom(24)).decode())
    for other, content in [(stranger, body), (webhook, body.replace(b'"type"', b'"kind"'))]:
        with contextlib.suppress(WebhookVerificationError):
            other.verify(content, headers)
            sys.exit("error: a message of another secret, or another message, is verified")
    message = model.from_dict(webhook.verify(body, headers))
    unknown = [*message.additional_properties, *message.data.additional_properties]
    if unknown:
        sys.exit(f"error: the document's {model.__name__} has no {unknown}")
    return message


def be_told(url: str, key: str, app: str, webhook: Webhook) -> None:
    """What an app is told: of a connection from its import to its end, and of a flow that came to nothing."""
    from symbolon_client import AuthenticatedClient, models

    client = AuthenticatedClient(url, key, raise_on_unexpected_status=True)
    kinds = models.ConnectionMessageType
    imported = call(
        "import_connection", models.Connection, client=client, status=201,
        body=models.ConnectionImport(
            integration="app", user_id="usr_1", credentials=models.HeldCredentials(access_token="a-token"),
            tags=models.ConnectionImportTagsType0.from_dict({"team": "sales"}),
        ),
    )  # fmt: skip
    message = receive(webhook, models.ConnectionMessage)
    assert message.type_ is kinds.CONNECTION_CREATED, message
    assert message.data.connection.id == imported.id and message.data.connection.user_id == "usr_1", message
    assert message.data.connection.status is models.ConnectionStatus.ACTIVE, message
    assert message.data.tags["team"] == "sales" and message.timestamp.tzinfo, message
    call("delete_connection", models.DeleteResult, imported.id, client=client)
    message = receive(webhook, models.ConnectionMessage)
    assert message.type_ is kinds.CONNECTION_DELETED and message.data.connection.id == imported.id, message

    request = models.OAuthInitiateRequest(integration_id="app", redirect_uri=f"{app}/done", label="mine")
    begun = call("initiate_oauth", models.OAuthInitiateResponse, client=client, body=request)
    httpx.get(begun.auth_url, follow_redirects=True)
    message = receive(webhook, models.FlowMessage)
    assert message.type_ == "flow.failed" and message.data.flow.integration == "app", message
    assert message.data.flow.label == "mine" and message.data.reason, message


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--program", default=ROOT / ".build/debug/symbolon", type=pathlib.Path)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        generate(folder)
        with service(options.program, folder, free_port()) as url:
            walk(url, (folder / ".symbolon/api-key").read_text().strip())
        site, port = folder / "site", free_port()
        site.mkdir()
        counterpart = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Counterpart)
        threading.Thread(target=counterpart.serve_forever, daemon=True).start()
        app = f"http://127.0.0.1:{counterpart.server_address[1]}"
        secret = "whsec_" + base64.b64encode(os.urandom(32)).decode()
        key = deploy(options.program, site, port, app, secret)
        with service(options.program, site, port, "--config", "symbolon.yaml") as url:
            be_told(url, key, app, Webhook(secret))
    print("a generated client connects, reads, refreshes, understands errors, disconnects, and reads signed messages")


main()
