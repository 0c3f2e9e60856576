"""The app whose users connect, and the users' browsers."""

import asyncio
import collections
import json
import time
import urllib.parse

from balancer import Balancer
from replicas import CALLBACK, REDIRECT_URI

INITIATE = json.dumps({"integration_id": "bench", "redirect_uri": REDIRECT_URI}).encode()


class Flow:
    """A flow that its user has been through at the provider: the callback is yet to come."""

    def __init__(self, state, code):
        self.state = state
        self.code = code
        self.target = f"{CALLBACK}?{urllib.parse.urlencode({'code': code, 'state': state})}"
        # What the browser was told at last, and how often it had to look again before.
        self.told = {}
        self.looks = 0


class App:
    """Begins flows through the load balancer, and brings their users back."""

    def __init__(self, deployment):
        self.deployment = deployment
        self.balancer = Balancer(deployment.balancer_port)
        self.headers = (f"Authorization: Bearer {deployment.key}", "Content-Type: application/json")
        self.milliseconds = {"initiate": [], "callback": []}
        # Answers to callbacks that were not the last: 503, 504, a page that looks again, a lost connection.
        self.again = collections.Counter()
        self.last_unavailable = 0

    async def initiate(self):
        """Begins a flow, and takes its user through the provider."""
        status, _, content = await self.timed(
            "initiate", "POST", "/api/v1/oauth/initiate", self.headers, INITIATE)
        if status != 200:
            raise ValueError(f"initiate answered {status}: {content[:80]!r}")
        return self.flow(json.loads(content))

    def flow(self, begun):
        """A flow that was begun, as its user comes back from the provider."""
        query = dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(begun["auth_url"]).query))
        return Flow(begun["state"], self.deployment.provider.authorize(query["code_challenge"]))

    async def come_back(self, flow):
        """One delivery of the callback: its status, and what the app is told by it."""
        status, headers, _ = await self.timed("callback", "GET", flow.target)
        return status, headers, told(headers)

    async def come_back_patiently(self, flow, limit=120):
        """The callback as a person's browser brings it: a page that looks again by itself does, whoever sees an error
        reloads."""
        end = time.monotonic() + limit
        while time.monotonic() < end:
            pause = 0.5
            try:
                status, headers, flow.told = await self.come_back(flow)
                if status == 303:
                    return flow.told
                if status not in (200, 502, 503, 504):
                    flow.told = {"error": f"status {status}"}
                    return flow.told
                self.again[status] += 1
                if status == 503:
                    self.last_unavailable = time.monotonic()
                pause = float(headers.get("retry-after", pause))
            except (OSError, asyncio.IncompleteReadError) as error:
                self.again[type(error).__name__] += 1
            flow.looks += 1
            await asyncio.sleep(min(pause, 2))
        flow.told = {"error": "nothing in time"}
        return flow.told

    async def get(self, path):
        status, headers, content = await self.balancer.send("GET", path, self.headers)
        return status, headers, content

    async def timed(self, name, *request):
        start = time.monotonic()
        answer = await self.balancer.send(*request)
        self.milliseconds[name].append((time.monotonic() - start) * 1000)
        return answer


def told(headers):
    """What the app is told on its redirect URI."""
    location = urllib.parse.urlsplit(headers.get("location", ""))
    return dict(urllib.parse.parse_qsl(location.query))


async def at_rate(rate, count, flow):
    """Runs `flow` so many times at a fixed rate, whatever comes of it: how many seconds it took to begin them."""
    start = time.monotonic()
    tasks = set()
    for number in range(count):
        delay = start + number / rate - time.monotonic()
        if delay > 0:
            await asyncio.sleep(delay)
        tasks.add(asyncio.create_task(flow(number)))
    seconds = time.monotonic() - start
    await asyncio.gather(*tasks)
    return seconds
