import base64, hashlib, json, os, secrets
from urllib.request import Request, urlopen

SYMBOLON = os.environ["SYMBOLON_URL"]
HEADERS = {"Authorization": "Bearer " + os.environ["SYMBOLON_API_KEY"], "Content-Type": "application/json"}

def call(path, body):
    with urlopen(Request(SYMBOLON + path, json.dumps(body).encode(), HEADERS), timeout=60) as answer:
        return json.load(answer)

def begin(session, integration, redirect_uri):
    """The user asks to connect an account: the address to send the browser to."""
    secret = session["binding_secret"] = secrets.token_urlsafe(32)
    binding = base64.urlsafe_b64encode(hashlib.sha256(secret.encode()).digest()).decode().rstrip("=")
    return call("/api/v1/oauth/initiate", {
        "integration_id": integration, "redirect_uri": redirect_uri, "binding": binding})["auth_url"]

def finish(session, query):
    """The browser is back at the redirect URI: the connection, if this very session began it."""
    secret = session.pop("binding_secret")  # the session that the browser's cookie names, and no other
    if query["status"] != "confirm":
        raise PermissionError(query.get("error", "the answer is no ticket"))
    return call("/api/v1/oauth/complete", {"ticket": query["ticket"], "binding_secret": secret})["connection"]
