"""The provider of the benches: an OAuth 2.0 token endpoint that counts, and forgives nothing."""

import asyncio
import base64
import collections
import contextlib
import hashlib
import json
import random
import secrets
import time
import urllib.parse

from balancer import read_head


class Provider:
    """Each code is good once, and only with the verifier of its flow's challenge (RFC 7636 §4.6); each refresh token is
    good once, and whoever uses one again loses the whole grant (RFC 9700 §4.14.2)."""

    def __init__(self, pause=(0, 0), lifetime=3600):
        self.pause = pause
        self.lifetime = lifetime
        self.challenges = {}
        self.refused = 0
        # How often each code and each refresh token was sent, and when a code was first.
        self.codes = collections.Counter()
        self.sent_at = {}
        self.refreshes = collections.Counter()
        # The access token that a code gave, and the grants by their refresh tokens: [the one that is good, ...].
        self.access_tokens = {}
        self.grants = {}
        self.reused = 0

    def authorize(self, challenge):
        code = secrets.token_urlsafe(18)
        self.challenges[code] = challenge
        return code

    async def serve(self, reader, writer):
        # It ends with its client's connection, or with the run.
        with contextlib.suppress(asyncio.IncompleteReadError, ConnectionError, asyncio.CancelledError):
            while True:
                _, headers = await read_head(reader)
                body = await reader.readexactly(int(headers.get("content-length", 0)))
                status, answer = self.answer(dict(urllib.parse.parse_qsl(body.decode())))
                if self.pause[1] > 0:
                    await asyncio.sleep(random.uniform(*self.pause))
                content = json.dumps(answer).encode()
                head = [f"HTTP/1.1 {status}", "Content-Type: application/json", f"Content-Length: {len(content)}"]
                writer.write("\r\n".join(head).encode() + b"\r\n\r\n" + content)
                await writer.drain()
        writer.close()

    def answer(self, form):
        if form.get("grant_type") == "refresh_token":
            return self.refresh(form.get("refresh_token"))
        return self.exchange(form)

    def exchange(self, form):
        code = form.get("code")
        self.codes[code] += 1
        self.sent_at.setdefault(code, time.monotonic())
        challenge = self.challenges.pop(code, None)
        digest = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
        if challenge is None or base64.urlsafe_b64encode(digest).rstrip(b"=").decode() != challenge:
            self.refused += 1
            return "400 Bad Request", {"error": "invalid_grant"}
        tokens = self.tokens([], self.lifetime)
        self.access_tokens[code] = tokens["access_token"]
        return "200 OK", tokens

    def refresh(self, token):
        self.refreshes[token] += 1
        grant = self.grants.get(token, [])
        if not grant or grant[0] != token:
            # Used before: the grant is over, whoever holds it.
            self.reused += 1
            grant.clear()
            return "400 Bad Request", {"error": "invalid_grant"}
        return "200 OK", self.tokens(grant, 3600)

    def tokens(self, grant, lifetime):
        token = secrets.token_urlsafe(24)
        grant[:] = [token]
        self.grants[token] = grant
        return {
            "access_token": secrets.token_urlsafe(24), "refresh_token": token, "token_type": "Bearer",
            "expires_in": lifetime,
        }
