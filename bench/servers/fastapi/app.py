"""The flow that the bench's service begins, begun by FastAPI, with the pending flows in Redis."""
import base64
import hashlib
import hmac
import json
import os
import secrets
import time
import typing
import urllib.parse

import fastapi
import pydantic
import redis.asyncio

LIFETIME = 600
API_KEY = hashlib.sha256(os.environ["BENCH_API_KEY"].encode()).digest()
ALLOWED = {os.environ["BENCH_REDIRECT_URI"]}

app = fastapi.FastAPI()
flows = redis.asyncio.Redis.from_url(os.environ["BENCH_REDIS"])


class Initiate(pydantic.BaseModel):
    integration_id: str
    auth_method_id: str = "oauth2"
    scopes: list[str] | None = None
    redirect_uri: str | None = None


class Initiated(pydantic.BaseModel):
    auth_url: str
    state: str
    integration_id: str


@app.get("/readyz")
async def ready() -> dict:
    return {}


@app.post("/api/v1/oauth/initiate")
async def initiate(
    asked: Initiate, response: fastapi.Response, authorization: typing.Annotated[str, fastapi.Header()]
) -> Initiated:
    key = hashlib.sha256(authorization.removeprefix("Bearer ").encode()).digest()
    if not hmac.compare_digest(key, API_KEY):
        raise fastapi.HTTPException(401)
    if asked.integration_id != "gmail" or asked.auth_method_id != "oauth2" or asked.redirect_uri not in ALLOWED:
        raise fastapi.HTTPException(422)
    state = secrets.token_urlsafe(32)
    verifier = secrets.token_urlsafe(32)
    flow = {
        "integration": asked.integration_id, "auth_method": asked.auth_method_id, "workspace": "wsp_123456789",
        "scopes": asked.scopes, "redirect_uri": asked.redirect_uri, "verifier": verifier,
        "issued_at": int(time.time()),
    }
    await flows.set(f"flow:{state}", json.dumps(flow, separators=(",", ":")), ex=LIFETIME)
    challenge = hashlib.sha256(verifier.encode()).digest()
    query = urllib.parse.urlencode({
        "response_type": "code", "client_id": "407408718192.apps.googleusercontent.com",
        "redirect_uri": "https://connect.example.com/api/v1/oauth/callback/gmail",
        "scope": " ".join(asked.scopes or ()), "state": state, "access_type": "offline", "prompt": "consent",
        "code_challenge_method": "S256",
        "code_challenge": base64.urlsafe_b64encode(challenge).rstrip(b"=").decode(),
    })
    response.headers["Cache-Control"] = "no-store"
    return Initiated(
        auth_url=f"https://accounts.google.com/o/oauth2/v2/auth?{query}", state=state,
        integration_id=asked.integration_id)
