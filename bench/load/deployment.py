"""The service in production configuration, and the requests that it is sent."""
import json
import pathlib
import subprocess
import urllib.parse

from .processes import Server
from .wrk import Request

PUBLIC_URL = "https://connect.example.com"


class Deployment:
    """Keys, API key, workspace and configuration in a folder; any number of replicas run on them."""

    def __init__(self, symbolon, flow, folder, store="sqlite:symbolon.sqlite"):
        self.symbolon = symbolon
        self.flow = flow
        self.folder = pathlib.Path(folder)
        for name in ("state", "connections"):
            self.command("keys", "generate", "--keyring", self.folder / f"{name}.keyring")
        self.api_key = self.command(
            "api-keys", "create", "--file", self.folder / "api-keys.json", "--workspace", flow["workspace_id"]).strip()
        self.admin_key = self.command(
            "api-keys", "create", "--file", self.folder / "api-keys.json", "--workspace", flow["workspace_id"],
            "--permission", "admin").strip()
        (self.folder / "workspaces.yaml").write_text(
            f"workspaces:\n  {flow['workspace_id']}: {{redirect_uris: [\"{flow['redirect_uri']}\"]}}\n")
        (self.folder / "symbolon.yaml").write_text(f"""
public_url: {PUBLIC_URL}
keyrings: {{state: state.keyring, connections: connections.keyring}}
credentials: {{api_keys: api-keys.json}}
store: {store}
workspaces: workspaces.yaml
integrations:
  gmail: {{client_id: 407408718192.apps.googleusercontent.com, client_secret: bench-client-secret}}
""")

    def command(self, *arguments):
        return subprocess.run(
            [self.symbolon, *arguments], check=True, capture_output=True, text=True, cwd=self.folder).stdout

    def replica(self, name, cpu=0):
        # One event loop for one core; without it there are as many as the machine has cores.
        return Server(
            name, [self.symbolon, "serve", "--config", "symbolon.yaml", "--port", "PORT"], self.folder,
            {"NIO_SINGLETON_GROUP_LOOP_COUNT": "1"}, cpu)

    def initiate(self):
        """The same for every server; ours alone looks for a workspace, which the key chooses anyway."""
        asked = {name: self.flow[name] for name in ("integration_id", "auth_method_id", "scopes", "redirect_uri")}
        return Request(
            "/api/v1/oauth/initiate", "POST", json.dumps(asked),
            {"Authorization": f"Bearer {self.api_key}", "Content-Type": "application/json"})

    def callbacks(self, replica):
        """By name: callbacks with a state that was made just now, so that it does not expire under way."""
        request = self.initiate()
        status, _, answer = replica.ask(request.method, request.path, request.body, request.headers)
        if status != 200:
            raise RuntimeError(f"initiate answers {status}: {answer[:200]}")
        state = json.loads(answer)["state"]
        forged = state[:-1] + ("A" if state[-1] != "A" else "Q")
        return {
            "callback, denied by the user": self.callback(303, state=state, error="access_denied"),
            "callback, refused at the last check": self.callback(400, state=state),
            "callback, forged": self.callback(400, state=forged, code="4/0AX4XfWh"),
        }

    @staticmethod
    def callback(status, **parameters):
        query = urllib.parse.urlencode(parameters)
        return Request(f"/api/v1/oauth/callback/gmail?{query}", status=status)
