#!/usr/bin/env python3
"""The parts of bench/chaos. Each starts replicas, a store, HAProxy and a provider of its own, and says what it claims."""

import argparse
import asyncio
import collections
import contextlib
import json
import os
import pathlib
import random
import resource
import shutil
import signal
import tempfile
import time

from app import INITIATE, App, at_rate, told
from balancer import percentiles, read_answer, request
from provider import Provider
from replicas import Deployment, Failed, PostgreSQL, SQLite, octets, run, run_script


class Part:
    """One part: what it measured, and what it claims about that."""

    def __init__(self, options, folder):
        self.options = options
        self.folder = pathlib.Path(folder)
        self.measured = {}
        self.claims = []

    def size(self, short, long):
        return short if self.options.short else long

    def claim(self, text, holds):
        self.claims.append((text, bool(holds)))

    def deployment(self, provider, strays=False, **settings):
        """`strays` is the control of what the store is there for: the third replica has a store of its own."""
        kind = SQLite if self.options.store == "sqlite" else PostgreSQL
        store = kind(self.folder)
        stray = None
        if strays and self.options.control:
            (self.folder / "stray").mkdir()
            stray = SQLite(self.folder / "stray")
        return Deployment(self.options.symbolon, self.folder, store, provider, stray_store=stray, **settings)

    @contextlib.asynccontextmanager
    async def running(self, provider, **settings):
        deployment = self.deployment(provider, **settings)
        try:
            await deployment.start()
            app = App(deployment)
            yield deployment, app
            app.balancer.close()
        finally:
            await deployment.end()

    async def check_connections(self, deployment, app, flows):
        """As many connections as flows succeeded, one each, each that which its app was told of, and each opens."""
        succeeded = [flow for flow in flows if flow.told.get("status") == "success"]
        rows = await deployment.store.rows(deployment.store.connections_by_flow())
        doubled = sum(int(count) > 1 for _, count in rows)
        opened = wrong = 0
        for flow in succeeded:
            status, _, content = await app.get(f"/api/v1/connections/{flow.told['connection_id']}/token")
            token = json.loads(content).get("access_token") if status == 200 else None
            opened += status == 200
            wrong += token != deployment.provider.access_tokens.get(flow.code)
        self.measured |= {
            "succeeded": len(succeeded), "connections stored": sum(int(count) for _, count in rows),
            "connections that open": opened,
        }
        self.claim("no flow made two connections", doubled == 0)
        self.claim("a connection for each flow that succeeded, and no other", len(rows) == len(succeeded))
        self.claim("every row opens, with the tokens of its own flow's code", opened == len(succeeded) and wrong == 0)


class Deliveries(Part):
    """Simultaneous deliveries of one callback over three replicas."""

    async def run(self):
        deliveries, flows = self.size(200, 1000), self.size(10, 100)
        async with self.running(Provider(pause=(0.2, 0.4)), strays=True) as (deployment, app):
            same = told_well = 0
            done = []
            start = time.monotonic()
            for _ in range(flows):
                flow = await app.initiate()
                answers = await self.deliver(deployment, flow, deliveries)
                same += len(set(answers)) == 1
                flow.told = json.loads(answers[0][1])
                told_well += flow.told.get("status") == "success"
                done.append(flow)
            seconds = time.monotonic() - start
            requests = sum(deployment.provider.codes[flow.code] for flow in done)
            self.measured = {
                "flows": flows, "deliveries each": deliveries, "deliveries/s": f"{flows * deliveries / seconds:.0f}",
                "token requests": requests, "flows with one outcome for all": same,
            }
            self.claim("exactly one token request a flow",
                       all(deployment.provider.codes[flow.code] == 1 for flow in done) and requests == flows)
            self.claim("the same outcome to every delivery", same == flows and told_well == flows)
            await self.check_connections(deployment, app, done)

    @staticmethod
    async def deliver(deployment, flow, count):
        """All connections are open before the first delivery is sent."""
        opened = await asyncio.gather(*(
            asyncio.open_connection("127.0.0.1", deployment.balancer_port) for _ in range(count)))
        message = request(deployment.balancer_port, "GET", flow.target, ("Connection: close",))
        for _, writer in opened:
            writer.write(message)

        async def answer(reader, writer):
            try:
                status, headers, _ = await asyncio.wait_for(read_answer(reader), 60)
                return status, json.dumps(told(headers), sort_keys=True)
            except (OSError, asyncio.IncompleteReadError, asyncio.TimeoutError) as error:
                return 0, json.dumps({"error": type(error).__name__})
            finally:
                writer.close()

        return await asyncio.gather(*(answer(*connection) for connection in opened))


class Kill(Part):
    """kill -9 of a random replica every two seconds."""

    async def run(self):
        count = self.size(500, 10_000)
        # Short enough that flows whose owner died are told so within the run, long enough to be hit.
        provider = Provider(pause=(0.05, 0.4))
        async with self.running(provider, strays=True, provider_timeout=3) as (deployment, app):
            flows = []
            kills = collections.Counter()
            killer = asyncio.create_task(self.kill(deployment, kills))

            async def one(_):
                flow = await self.begin(app)
                await asyncio.sleep(random.uniform(0, 1))
                await app.come_back_patiently(flow)
                flows.append(flow)

            start = time.monotonic()
            # A rate at which even the short form meets several kills.
            await at_rate(min(self.options.rate, count / 20), count, one)
            seconds = time.monotonic() - start
            killer.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await killer
            for replica in deployment.replicas:
                if not replica.runs:
                    await replica.start()
            outcomes = collections.Counter(flow.told.get("error", flow.told.get("status")) for flow in flows)
            twice = sum(amount > 1 for amount in provider.codes.values())
            self.measured = {
                "flows": count, "seconds": f"{seconds:.0f}", "kills": sum(kills.values()),
                "codes sent": len(provider.codes), "codes sent twice": twice,
                "flows whose browser looked again": sum(flow.looks > 0 for flow in flows),
                "  after seeing": ", ".join(f"{what} {amount}" for what, amount in app.again.items()) or "nothing",
                "lost in flight, and told": ", ".join(
                    f"{outcome} {amount}" for outcome, amount in outcomes.items() if outcome != "success") or 0,
            }
            self.claim("no code was sent twice", twice == 0)
            self.claim("replicas were killed", sum(kills.values()) >= self.size(5, count // 600))
            self.claim("every flow that was lost was told what to do (restart, exchange_failed)",
                       set(outcomes) <= {"success", "restart", "exchange_failed"})
            await self.check_connections(deployment, app, flows)

    @staticmethod
    async def begin(app):
        """As an app does that is asked again by its user, when its request was cut off."""
        for _ in range(20):
            try:
                return await app.initiate()
            except (OSError, asyncio.IncompleteReadError, ValueError):
                app.again["initiate"] += 1
                await asyncio.sleep(0.2)
        raise Failed("no replica begins a flow")

    @staticmethod
    async def kill(deployment, kills):
        while True:
            await asyncio.sleep(2)
            replica = random.choice(deployment.replicas)
            await replica.end(signal.SIGKILL)
            kills[replica.name] += 1
            await replica.start()


class Rolling(Part):
    """A rolling restart of three replicas behind HAProxy."""

    async def run(self):
        rounds = self.size(1, 5)
        provider = Provider(pause=(0.02, 0.1))
        async with self.running(provider) as (deployment, app):
            flows, failures = [], collections.Counter()
            ends = []
            restarted = asyncio.Event()

            async def one():
                try:
                    flow = await app.initiate()
                    await asyncio.sleep(random.uniform(0, 1))
                    status, _, flow.told = await app.come_back(flow)
                    flows.append(flow)
                    if flow.told.get("status") != "success":
                        failures[f"callback answered {status} {flow.told.get('error', '')}"] += 1
                except (OSError, asyncio.IncompleteReadError, ValueError) as error:
                    failures[f"{type(error).__name__}: {error}"[:80]] += 1

            async def restart():
                await asyncio.sleep(2)
                for _ in range(rounds):
                    for replica in deployment.replicas:
                        # The control cuts off what is under way.
                        how = signal.SIGKILL if self.options.control else signal.SIGTERM
                        ends.append(await replica.end(how))
                        await replica.start()
                        # HAProxy looks every second whether one that was down is up.
                        await asyncio.sleep(2.5)
                restarted.set()

            restarting = asyncio.create_task(restart())
            tasks = set()
            start = time.monotonic()
            begun = 0
            while not restarted.is_set():
                delay = start + begun / self.options.rate - time.monotonic()
                if delay > 0:
                    await asyncio.sleep(delay)
                if restarting.done():
                    break
                tasks.add(asyncio.create_task(one()))
                begun += 1
            seconds = time.monotonic() - start
            await restarting
            await asyncio.gather(*tasks)
            self.measured = {
                "flows": begun, "flows/s": f"{begun / seconds:.0f}", "restarts": len(ends),
                "seconds to end": ", ".join(f"{end:.1f}" for end in ends), "failures": sum(failures.values()),
                "initiate ms": percentiles(app.milliseconds["initiate"]),
                "callback ms": percentiles(app.milliseconds["callback"]),
            }
            for reason, amount in failures.most_common(5):
                self.measured[f"  {reason}"] = amount
            self.claim("0 failures", not failures)
            self.claim("the load was kept up", begun / seconds > 0.9 * self.options.rate)
            await self.check_connections(deployment, app, flows)


class Outage(Part):
    """The database is stopped under load."""

    async def run(self):
        length = self.size(8, 30)
        if self.options.store == "sqlite":
            raise Failed("outage is about a server: it needs PostgreSQL")
        provider = Provider(pause=(0.02, 0.1))
        async with self.running(provider) as (deployment, app):
            store = deployment.store
            flows = {"before": [], "during": [], "after": []}
            phase = "before"
            initiates, unanswered = collections.Counter(), collections.Counter()
            ready = collections.Counter()
            stopped = returned = first = None
            running = True

            async def one(number):
                nonlocal first
                begun_in = phase
                initiates[begun_in] += 1
                try:
                    flow = await app.initiate()
                except (OSError, asyncio.IncompleteReadError, ValueError) as error:
                    unanswered[f"{begun_in}: {error}"[:80]] += 1
                    return
                # One flow of four comes back; the others are there to be begun.
                if number % 4:
                    return
                await asyncio.sleep(random.uniform(0, 1))
                flow.came_back = time.monotonic()
                flows[phase].append(flow)
                if (await app.come_back_patiently(flow)).get("status") == "success":
                    flow.ended = time.monotonic()
                    if phase == "after" and first is None:
                        first = flow.ended

            async def look():
                while running:
                    await asyncio.sleep(0.5)
                    for replica in deployment.replicas:
                        client = App(deployment)
                        client.balancer.port = replica.port
                        status, _, content = await client.get("/readyz")
                        client.balancer.close()
                        ready[phase, status, "store" in json.loads(content)["degraded"]] += 1

            async def stop_and_resume():
                nonlocal phase, stopped, returned
                await asyncio.sleep(3)
                await store.end()
                phase, stopped = "during", time.monotonic()
                await asyncio.sleep(length)
                if not self.options.control:
                    await store.resume()
                phase, returned = "after", time.monotonic()
                if self.options.control:
                    # Later than is said: recovery must be seen to take too long.
                    await asyncio.sleep(8)
                    await store.resume()

            looking = asyncio.create_task(look())
            stopping = asyncio.create_task(stop_and_resume())
            await at_rate(self.options.rate, int((length + 13) * self.options.rate), one)
            await stopping
            running = False
            await looking
            # Sent while there was no store to hold the claim: the code of a flow that was claimed before may be.
            burnt = [flow for flow in flows["during"] if flow.told.get("status") != "success"]
            sent = [code for code, moment in provider.sent_at.items() if stopped + 0.5 < moment < returned]
            in_flight = [flow for flow in flows["before"] if flow.told.get("status") != "success"]
            late = [flow for flow in flows["after"] if flow.told.get("status") != "success"]
            recovery = max(app.last_unavailable, first or float("inf")) - returned
            self.measured = {
                "seconds without database": f"{returned - stopped:.1f}", "initiates": sum(initiates.values()),
                "  of these during it": initiates["during"], "not answered": sum(unanswered.values()),
                "callbacks that came during it": len(flows["during"]), "  of these burnt": len(burnt),
                "codes sent during it": len(sent), "in flight when it went, and told": len(in_flight),
                "answers 503": app.again[503], "last 503 or first success after its return, s": f"{recovery:.2f}",
                "initiate ms": percentiles(app.milliseconds["initiate"]),
            }
            self.claim("every initiate was answered", not unanswered and initiates["during"] > 0)
            self.claim("no code was burnt", not burnt and not sent and not late and flows["during"])
            self.claim("callbacks were told 503 meanwhile", app.again[503] >= len(flows["during"]) * 0.9)
            self.claim("those that were in flight were told to begin again",
                       all(flow.told.get("error") in ("restart", "exchange_failed") for flow in in_flight))
            self.claim("/readyz stayed 200 and named the store",
                       all(status == 200 for _, status, _ in ready) and ready["during", 200, True] > 0)
            self.claim("recovery within 5 s of its return", recovery < 5)
            await self.check_connections(deployment, app, [flow for some in flows.values() for flow in some])


class Refresh(Part):
    """Simultaneous refreshes of one connection, at a provider that rotates refresh tokens and punishes reuse."""

    async def run(self):
        rounds, together = self.size(5, 50), 20
        provider = Provider(pause=(0.1, 0.3), lifetime=30)
        async with self.running(provider, strays=True) as (deployment, app):
            good = one_answer = single = alive = 0
            for _ in range(rounds):
                flow = await app.initiate()
                connection = (await app.come_back_patiently(flow)).get("connection_id", "")
                before = sum(provider.refreshes.values())
                path = f"/api/v1/connections/{connection}/token"
                answers = await asyncio.gather(*(app.get(path) for _ in range(together)))
                tokens = {json.loads(content).get("access_token") for status, _, content in answers if status == 200}
                good += sum(status == 200 for status, _, _ in answers)
                one_answer += len(tokens) == 1 and tokens != {provider.access_tokens.get(flow.code)}
                single += sum(provider.refreshes.values()) - before == 1
                # What was stored must be what the provider gave last: a forced refresh uses it.
                status, _, _ = await app.balancer.send("POST", f"/api/v1/oauth/refresh/{connection}", app.headers)
                alive += status == 200
            self.measured = {
                "rounds": rounds, "requests together": together, "good answers": good,
                "rounds with one refresh": single, "rounds with one new access token": one_answer,
                "refresh tokens used twice": provider.reused, "rounds whose grant lives on": alive,
            }
            self.claim("one refresh a round", single == rounds)
            self.claim("a good answer to everybody, and the same", good == rounds * together and one_answer == rounds)
            self.claim("no refresh token was used twice, and each grant lives on",
                       provider.reused == 0 and alive == rounds)


class Initiates(Part):
    """A great many flows that nobody finishes."""

    lanes = 24
    depth = 25
    path, body, begins = "/api/v1/oauth/initiate", INITIATE, b'{"auth_url":"'

    async def run(self):
        count, warm_up = self.size(50_000, 1_000_000), self.size(10_000, 50_000)
        async with self.running(Provider()) as (deployment, app):
            if self.options.control:
                await app.come_back_patiently(await app.initiate())
            await self.send(deployment, warm_up)
            await asyncio.sleep(3)
            resident = [replica.resident for replica in deployment.replicas]
            stored, written = deployment.store.octets(), octets(deployment.folder)
            logged = deployment.log_octets
            start = time.monotonic()
            answered = await self.send(deployment, count)
            seconds = time.monotonic() - start
            await asyncio.sleep(3)
            if self.options.control:
                await app.come_back_patiently(await app.initiate())
            grown = [replica.resident - before for replica, before in zip(deployment.replicas, resident)]
            logged = deployment.log_octets - logged
            # What goes to standard error is where the bench puts it, and told apart.
            more, written = deployment.store.octets() - stored, octets(deployment.folder) - written - logged
            rows = sum([
                int((await deployment.store.rows(f"SELECT COUNT(*) FROM {table}"))[0][0])
                for table in ("claims", "connections")
            ])
            self.measured = {
                "requests": count, "answered": answered, "requests/s": f"{count / seconds:.0f}", "rows": rows,
                "octets more in the store": more, "octets more in all files but logs": written,
                "octets of log a request": f"{logged / count:.0f}",
                "resident kB more, by replica": ", ".join(f"{octet_count / 1000:+.0f}" for octet_count in grown),
            }
            self.claim("every request was answered", answered == count)
            self.claim("0 rows", rows == 0)
            self.claim("0 octets more on disk", more == 0 and written == 0)
            self.claim("resident memory grew by less than 1 MB", max(grown) < 1_000_000)

    async def send(self, deployment, count):
        """Asks the replicas themselves, many requests at once on each connection: how many were answered well."""
        left = count
        answered = 0
        headers = (f"Authorization: Bearer {deployment.key}", "Content-Type: application/json")

        async def lane(port):
            nonlocal left, answered
            message = request(port, "POST", self.path, headers, self.body)
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            while left > 0:
                depth = min(self.depth, left)
                left -= depth
                writer.write(message * depth)
                for _ in range(depth):
                    status, _, content = await read_answer(reader)
                    answered += status == 200 and content.startswith(self.begins)
            writer.close()

        ports = [replica.port for replica in deployment.replicas]
        await asyncio.gather(*(lane(ports[index % len(ports)]) for index in range(self.lanes)))
        return answered


class Sessions(Initiates):
    """A great many connect sessions that nobody uses."""

    path, body, begins = "/api/v1/connect/sessions", b'{"user_id": "user_1"}', b'{"token":"'


class Mix(Part):
    """What an app does all day, through a rotation, a restart and a slow provider."""

    # Of a hundred requests; a finished flow is two.
    shares = {"token": 70, "initiate": 15, "flow": 5, "list": 5, "refresh": 5}

    async def run(self):
        seconds = self.options.seconds or self.size(90, 600)
        self.provider = Provider(pause=(0.01, 0.03))
        self.milliseconds = {kind: [] for kind in self.shares}
        self.errors = collections.Counter()
        async with self.running(self.provider, keyring=("--propagation", "4", "--skew", "2")) as (deployment, app):
            flows = [await app.initiate() for _ in range(100)]
            for flow in flows:
                await app.come_back_patiently(flow)
            self.connections = [flow.told["connection_id"] for flow in flows]
            names = random.choices(list(self.shares), list(self.shares.values()), k=int(seconds * self.options.rate))
            happening = asyncio.create_task(self.happen(deployment, seconds))
            took = await at_rate(self.options.rate, len(names), lambda number: self.one(app, names[number]))
            notes = await happening
            resident = [replica.resident for replica in deployment.replicas]
            self.measured = {
                "requests": len(names), "requests/s": f"{len(names) / took:.0f}", "errors": sum(self.errors.values()),
                **{f"{kind} ms": percentiles(values, (50, 99, 99.9)) for kind, values in self.milliseconds.items()},
                "resident MB, at an eighth": self.megabytes(notes["resident"]), "resident MB, at the end": self.megabytes(resident),
                "keys": notes["keys"], "refresh tokens used twice": self.provider.reused,
            }
            for reason, amount in self.errors.most_common(5):
                self.measured[f"  {reason}"] = amount
            self.claim("0 errors", not self.errors)
            self.claim("the load was kept up", len(names) / took > 0.9 * self.options.rate)
            self.claim("no refresh token was used twice", self.provider.reused == 0)
            # Of the one that was restarted in between nothing can be said.
            grown = max(after - before for after, before in list(zip(resident, notes["resident"]))[1:])
            self.claim("resident memory grew by less than 8 MB", grown < 8_000_000)

    async def happen(self, deployment, seconds):
        """What goes on beside, each in an eighth of its own."""
        eighth = seconds / 8
        await asyncio.sleep(eighth)
        notes = {"resident": [replica.resident for replica in deployment.replicas]}
        await asyncio.sleep(eighth)
        rotated = await run(
            deployment.symbolon, "keys", "rotate", "--keyring", deployment.folder / "state.keyring", "--json")
        notes["keys"] = 1 + json.loads(rotated)["new"]
        await asyncio.sleep(2 * eighth)
        # The control cuts off what is in progress.
        await deployment.replicas[0].end(signal.SIGKILL if self.options.control else signal.SIGTERM)
        await deployment.replicas[0].start()
        await asyncio.sleep(eighth)
        pause, self.provider.pause = self.provider.pause, (1, 2)
        await asyncio.sleep(eighth)
        self.provider.pause = pause
        return notes

    async def one(self, app, kind):
        start = time.monotonic()
        try:
            await getattr(self, kind)(app)
        except (OSError, asyncio.IncompleteReadError, ValueError) as error:
            self.errors[f"{kind}: {type(error).__name__}: {error}"[:100]] += 1
        else:
            self.milliseconds[kind].append((time.monotonic() - start) * 1000)

    async def token(self, app):
        await self.answered(app, "GET", f"/api/v1/connections/{random.choice(self.connections)}/token")

    async def list(self, app):
        await self.answered(app, "GET", "/api/v1/connections?limit=100")

    async def refresh(self, app):
        await self.answered(app, "POST", f"/api/v1/oauth/refresh/{random.choice(self.connections)}")

    async def initiate(self, app):
        await app.initiate()

    async def flow(self, app):
        flow = await app.initiate()
        status, _, flow.told = await app.come_back(flow)
        if flow.told.get("status") != "success":
            raise ValueError(f"the callback answered {status} {flow.told.get('error', '')}")

    @staticmethod
    async def answered(app, method, path):
        status, _, content = await app.balancer.send(method, path, app.headers)
        if status != 200:
            raise ValueError(f"{status} {content[:60]!r}")

    @staticmethod
    def megabytes(counts):
        return ", ".join(f"{count / 1e6:.1f}" for count in counts)


PARTS = {
    "deliveries": Deliveries, "kill": Kill, "rolling": Rolling, "outage": Outage, "refresh": Refresh,
    "initiates": Initiates, "sessions": Sessions, "mix": Mix,
}


async def run_part(name, options):
    """Runs one part, prints its table: whether every claim held."""
    folder = tempfile.mkdtemp(prefix=f"symbolon-{name}-", dir=options.folder)
    part = PARTS[name](options, folder)
    store = SQLite.name() if options.store == "sqlite" else PostgreSQL.name()
    print(f"\n{name}: {PARTS[name].__doc__.rstrip('.')}{', with a fault built in' if options.control else ''}")
    print(f"  {store}; load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores at the beginning", flush=True)
    kept = False
    try:
        await part.run()
        kept = options.keep
    except BaseException:
        kept = options.keep
        raise
    finally:
        if kept:
            print(f"  kept: {folder}")
        else:
            shutil.rmtree(folder, ignore_errors=True)
    width = max(map(len, part.measured))
    for label, value in part.measured.items():
        print(f"  {label:<{width}}  {value}")
    for text, holds in part.claims:
        print(f"  {'holds' if holds else 'DOES NOT HOLD':<13}  {text}")
    print(flush=True)
    return all(holds for _, holds in part.claims)


async def main():
    parser = argparse.ArgumentParser(prog="bench/chaos", description="What must hold under chaos.")
    parser.add_argument("parts", nargs="*", metavar="PART", help=f"of {', '.join(PARTS)} (default: all)")
    parser.add_argument("--short", action="store_true", help="fewer flows")
    parser.add_argument("--control", action="store_true", help="with a fault built in, which must be noticed")
    parser.add_argument("--store", choices=("postgresql", "sqlite"), default="postgresql")
    parser.add_argument("--seconds", type=int, help="how long mix takes")
    parser.add_argument("--keep", action="store_true", help="keep the folders, with all logs")
    parser.add_argument("--symbolon", required=True, help=argparse.SUPPRESS)
    parser.add_argument("--folder", required=True, help=argparse.SUPPRESS)
    parser.add_argument("--rate", type=float, required=True, help=argparse.SUPPRESS)
    options = parser.parse_args()
    for name in options.parts:
        if name not in PARTS:
            parser.error(f"there is no part {name}: {', '.join(PARTS)}")
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    good = True
    for name in options.parts or PARTS:
        held = await run_part(name, options)
        if options.control:
            print(f"{name}: " + ("error: a fault was built in, and nothing noticed" if held else "noticed, as it has to be"))
        good = good and held != options.control
    return 0 if good else 1


if __name__ == "__main__":
    run_script(main)
