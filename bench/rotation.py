#!/usr/bin/env python3
"""The load behind bench/rotation: an app, its users' browsers, the provider, and the person who rotates the keys.

Nothing but the standard library. One process drives everything, so that a flow's two requests, the provider's
knowledge of it and the time of each rotation lie side by side.
"""

import argparse
import asyncio
import base64
import collections
import contextlib
import itertools
import json
import os
import pathlib
import random
import signal
import sqlite3
import statistics
import sys
import time
import urllib.parse

from balancer import Balancer, percentiles
from provider import Provider

REDIRECT_URI = "http://127.0.0.1:9/connected"
INITIATE = json.dumps({"integration_id": "bench", "redirect_uri": REDIRECT_URI}).encode()


class CommandFailed(Exception):
    """The command did not do what a rotation needs."""


class Keys:
    """Rotates the master keyring with the command, and carries it to each replica late and at random."""

    def __init__(self, options):
        self.options = options
        self.folder = pathlib.Path(options.folder)
        self.master = self.folder / "state.keyring"
        self.count = 0
        self.pruned = 0
        self.deliveries = set()
        self.is_done = False

    async def run(self, end):
        """Rotates at every interval until `end`."""
        for number in itertools.count(1):
            moment = self.options.start + number * self.options.every
            if moment >= end:
                break
            await asyncio.sleep(moment - time.monotonic())
            await self.rotate()
            await self.prune()
            self.publish()
        self.is_done = True
        await asyncio.gather(*self.deliveries)

    async def rotate(self):
        early = ("--activates-at", "now", "--force") if self.options.activate_early else ()
        made = await self.command("rotate", *early)
        self.count += made["new"]

    async def prune(self):
        # Without the day of grace, which no short run could wait for: a key goes when its last state is too old.
        keys = len(self.read()["keys"])
        await self.command("prune", "--force")
        self.pruned += keys - len(self.read()["keys"])

    def publish(self):
        """What is in the master now begins its way to the replicas."""
        content = self.master.read_bytes()
        for replica in self.folder.glob("replica-*"):
            delivery = asyncio.create_task(self.deliver(content, replica))
            self.deliveries.add(delivery)
            delivery.add_done_callback(self.deliveries.discard)

    def read(self):
        return json.loads(self.master.read_bytes())

    async def deliver(self, content, replica):
        await asyncio.sleep(random.uniform(0, self.options.propagation))
        arrived = replica / "state.keyring.new"
        descriptor = os.open(arrived, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with open(descriptor, "wb") as file:
            file.write(content)
        arrived.rename(replica / "state.keyring")

    async def start(self, name, *arguments):
        return await asyncio.create_subprocess_exec(
            self.options.symbolon, "keys", name, *arguments, "--keyring", self.master, "--json",
            stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE)

    async def command(self, name, *arguments):
        process = await self.start(name, *arguments)
        output, errors = await process.communicate()
        if process.returncode != 0:
            reason = errors.decode().strip()
            raise CommandFailed(f"symbolon keys {name} exited with {process.returncode}: {reason}")
        return json.loads(output)


class KilledKeys(Keys):
    """Rotates, is killed at a random moment of it, and rotates again; the ring has to load after each."""

    def __init__(self, options):
        super().__init__(options)
        self.killed = 0
        self.written_by_the_killed = 0
        self.materials = {}

    async def run(self, end):
        """Until so many are killed as there have to be: after `end`, too, on a slow machine, and twice as long at most."""
        usual = await self.duration()
        self.note()
        # Some are done before they are killed, so they come faster than they are needed.
        pace = (end - time.monotonic()) / self.options.kills / 2
        for number in itertools.count():
            if self.killed == self.options.kills or time.monotonic() >= end + self.options.seconds:
                break
            start = time.monotonic()
            await self.kill_one(usual * random.uniform(0.1, 1.2))
            if number % 10 == 9:
                await self.rotate()
                await self.prune()
                self.publish()
                self.note()
            await asyncio.sleep(max(0, start + pace - time.monotonic()))
        self.is_done = True
        await asyncio.gather(*self.deliveries)

    async def duration(self):
        """How long the command takes here when nobody kills it: the median of five."""
        durations = []
        for _ in range(5):
            start = time.monotonic()
            await self.command("rotate", "--dry-run")
            durations.append(time.monotonic() - start)
        return statistics.median(durations)

    async def kill_one(self, delay):
        before = self.master.read_bytes()
        process = await self.start("rotate")
        await asyncio.sleep(delay)
        # Not Process.kill(), which may reap the process itself, and then nobody knows how it ended.
        with contextlib.suppress(ProcessLookupError):
            os.kill(process.pid, signal.SIGKILL)
        await process.communicate()
        was_killed = process.returncode < 0
        self.killed += was_killed
        if self.master.read_bytes() != before:
            self.count += 1
            self.written_by_the_killed += was_killed
            self.publish()
        # It loads, as a replica would load it, whatever was going on.
        await self.command("check")
        self.note()

    def note(self):
        for key in self.read()["keys"]:
            if self.materials.setdefault(key["id"], key["material"]) != key["material"]:
                raise CommandFailed(f"key {key['id']} has two materials")


class Load:
    """Flows at a fixed rate, whatever the answers: each begins, waits as its user would, and comes back."""

    def __init__(self, options, provider):
        self.options = options
        self.provider = provider
        self.balancer = Balancer(options.balancer_port)
        key = (pathlib.Path(options.folder) / "api-key").read_text().strip()
        self.headers = (f"Authorization: Bearer {key}", "Content-Type: application/json")
        self.begun = 0
        self.succeeded = 0
        self.failures = collections.Counter()
        self.returned = collections.Counter()
        self.milliseconds = {"initiate": [], "callback": []}

    async def run(self, end, keys):
        """Until `end`, and until nothing more happens to the keys."""
        flows = set()
        for number in itertools.count():
            moment = self.options.start + number / self.options.rate
            if moment >= end and keys.is_done:
                break
            delay = moment - time.monotonic()
            if delay > 0:
                await asyncio.sleep(delay)
            flow = asyncio.create_task(self.flow())
            flows.add(flow)
            flow.add_done_callback(flows.discard)
        self.seconds = time.monotonic() - self.options.start
        await asyncio.gather(*flows)
        self.balancer.close()

    async def flow(self):
        self.begun += 1
        try:
            state, code = await self.initiate()
            # Half of the users are quick, so that keys are met when they are new; the others take all their time.
            await asyncio.sleep(random.uniform(0, random.choice((1, self.options.longest_visit))))
            await self.come_back(state, code)
        except (OSError, asyncio.IncompleteReadError, ValueError, KeyError) as error:
            self.failures[f"{type(error).__name__}: {error}"[:100]] += 1

    async def initiate(self):
        status, _, content = await self.timed(
            "initiate", "POST", "/api/v1/oauth/initiate", self.headers, INITIATE)
        if status != 200:
            raise ValueError(f"initiate answered {status}: {content[:60]!r}")
        answer = json.loads(content)
        query = dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(answer["auth_url"]).query))
        return answer["state"], self.provider.authorize(query["code_challenge"])

    async def come_back(self, state, code):
        query = urllib.parse.urlencode({"code": code, "state": state})
        self.returned[base64.urlsafe_b64decode(state[:8])[1:5].hex()] += 1
        status, headers, _ = await self.timed("callback", "GET", f"/api/v1/oauth/callback/bench?{query}")
        location = urllib.parse.urlsplit(headers.get("location", ""))
        told = dict(urllib.parse.parse_qsl(location.query))
        if status == 303 and told.get("status") == "success" and REDIRECT_URI.endswith(location.path):
            self.succeeded += 1
        else:
            self.failures[f"callback answered {status} {told.get('error', '')}".strip()] += 1

    async def timed(self, name, *request):
        start = time.monotonic()
        answer = await self.balancer.send(*request)
        self.milliseconds[name].append((time.monotonic() - start) * 1000)
        return answer


def report(load, keys, provider, options):
    with sqlite3.connect(f"file:{options.store}?mode=ro", uri=True) as store:
        connections = store.execute("SELECT COUNT(*) FROM connections").fetchone()[0]
    failures = sum(load.failures.values())
    lines = {
        "flows": load.begun, "flows/s": f"{load.begun / load.seconds:.1f}", "succeeded": load.succeeded,
        "connections stored": connections, "failures": failures, "rotations": keys.count,
        "keys pruned": keys.pruned, "codes refused": provider.refused,
        "initiate ms": percentiles(load.milliseconds["initiate"]), "callback ms": percentiles(load.milliseconds["callback"]),
    }
    for name, value in lines.items():
        print(f"{name:<20}{value}")
    if options.kills:
        print(f"{'killed':<20}{keys.killed}, of which {keys.written_by_the_killed} had written their key")
        print(f"{'key ids seen':<20}{len(keys.materials)}, each with one material; the ring loaded after every kill")
    for reason, count in load.failures.most_common(10):
        print(f"  failed{count:>12}  {reason}")
    opened = "".join(f"  {key}  {count}\n" for key, count in sorted(load.returned.items()))
    (pathlib.Path(options.folder) / "returned").write_text(opened)
    if connections != load.succeeded:
        print(f"error: {load.succeeded} flows were told of success, and {connections} connections are stored")
        return False
    if options.kills and keys.killed < options.kills:
        print(f"error: {keys.killed} rotations were killed, and {options.kills} had to be")
        return False
    return failures == 0


async def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--symbolon", required=True)
    parser.add_argument("--folder", required=True, help="of the master keyring, the API key and the replicas")
    parser.add_argument("--store", required=True)
    parser.add_argument("--balancer-port", type=int, required=True)
    parser.add_argument("--provider-port", type=int, required=True)
    parser.add_argument("--seconds", type=float, required=True)
    parser.add_argument("--rate", type=float, required=True)
    parser.add_argument("--every", type=float, required=True)
    parser.add_argument("--kills", type=int, default=0, help="how many rotations to kill; then --every is not used")
    parser.add_argument("--propagation", type=float, required=True)
    parser.add_argument("--skew", type=float, required=True)
    parser.add_argument("--lifetime", type=float, required=True)
    parser.add_argument("--activate-early", action="store_true")
    options = parser.parse_args()
    # A state may be younger on the clock that made it, and older on the one that judges it.
    options.longest_visit = options.lifetime - 2 * options.skew
    provider = Provider()
    server = await asyncio.start_server(provider.serve, "127.0.0.1", options.provider_port)
    options.start = time.monotonic()
    end = options.start + options.seconds
    load = Load(options, provider)
    keys = KilledKeys(options) if options.kills else Keys(options)
    await asyncio.gather(load.run(end, keys), keys.run(end))
    server.close()
    return 0 if report(load, keys, provider, options) else 1


if __name__ == "__main__":
    try:
        sys.exit(asyncio.run(main()))
    except CommandFailed as failure:
        sys.exit(f"error: {failure}")
