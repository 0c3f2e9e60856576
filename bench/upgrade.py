#!/usr/bin/env python3
"""bench/upgrade: connections that live through an upgrade, by way of replicas of two releases at once."""

import argparse
import asyncio
import base64
import collections
import contextlib
import hashlib
import hmac
import json
import random
import secrets
import shutil
import signal
import tempfile
import time
import types

from app import INITIATE, App
from balancer import read_head
from provider import Provider
from replicas import REDIRECT_URI, Deployment, Failed, PostgreSQL, Replica, SQLite, run, run_script

SECRET = base64.b64encode(b"a secret of thirty-two octets ..").decode()


class StrictProvider(Provider):
    """The provider of the benches, which also revokes (RFC 7009) and knows the newest access token of each grant."""

    def __init__(self):
        super().__init__(pause=(0.005, 0.02))
        self.newest = {}
        self.grant_of = {}
        # Whose account a code is for; without one the response names none.
        self.accounts = {}
        self.revoked = 0

    def answer(self, form):
        if "grant_type" in form:
            return super().answer(form)
        self.revoked += 1
        self.grants.get(form.get("token"), []).clear()
        return "200 OK", {}

    def exchange(self, form):
        status, answer = super().exchange(form)
        if "refresh_token" in answer:
            self.grant_of[form["code"]] = self.grants[answer["refresh_token"]]
            if self.accounts.get(form["code"]):
                answer["account_id"] = self.accounts[form["code"]]
        return status, answer

    def tokens(self, grant, lifetime):
        answer = super().tokens(grant, lifetime)
        self.newest[id(grant)] = answer["access_token"]
        return answer

    def newest_token(self, code):
        return self.newest[id(self.grant_of[code])]


class Receiver:
    """An app's endpoint for webhooks (Standard Webhooks): keeps what is signed well, in the order of its first arrival."""

    def __init__(self):
        self.types = collections.defaultdict(list)
        self.seen = set()
        self.forged = 0
        self.again = 0

    async def serve(self, reader, writer):
        with contextlib.suppress(asyncio.IncompleteReadError, ConnectionError, asyncio.CancelledError):
            while True:
                _, headers = await read_head(reader)
                body = await reader.readexactly(int(headers.get("content-length", 0)))
                self.take(headers, body)
                writer.write(b"HTTP/1.1 204 No Content\r\n\r\n")
                await writer.drain()
        writer.close()

    def take(self, headers, body):
        signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
        mac = hmac.digest(base64.b64decode(SECRET), signed, hashlib.sha256)
        if f"v1,{base64.b64encode(mac).decode()}" not in headers["webhook-signature"].split(" "):
            self.forged += 1
        elif headers["webhook-id"] in self.seen:
            self.again += 1
        else:
            self.seen.add(headers["webhook-id"])
            message = json.loads(body)
            if "connection" in message["data"]:
                self.types[message["data"]["connection"]["id"]].append(message["type"])


class UpgradedDeployment(Deployment):
    """Replicas of the old release, each with its own settings: those of the new one also tell an app by webhooks."""

    key_options = tuple(part for name in ("initiate", "read", "credentials", "admin") for part in ("--permission", name))

    def __init__(self, old, new, folder, store, provider, receiver):
        super().__init__(old, folder, store, provider)
        self.old, self.new, self.receiver = old, new, receiver
        self.is_new = [False] * len(self.replicas)
        self.new_folder = self.folder / "new"
        self.new_folder.mkdir()

    async def start(self):
        self.receiver_server = await asyncio.start_server(self.receiver.serve, "127.0.0.1", 0)
        self.receiver_port = self.receiver_server.sockets[0].getsockname()[1]
        await super().start()

    def write_settings(self):
        super().write_settings()
        catalog = (self.folder / "catalog.yaml").read_text()
        (self.folder / "catalog.yaml").write_text(
            catalog + "    account: {id: account_id}\n"
            f"    revocation_endpoint: http://127.0.0.1:{self.provider_port}/revoke\n")
        settings = (self.folder / "symbolon.yaml").read_text()
        for name in ("state.keyring", "connections.keyring", "api-keys.json", "catalog.yaml"):
            settings = settings.replace(name, str(self.folder / name))
        (self.new_folder / "symbolon.yaml").write_text(settings)
        hook = f'{{url: "http://127.0.0.1:{self.receiver_port}/hook", secret_file: webhook-secret}}'
        (self.new_folder / "workspaces.yaml").write_text(
            f'workspaces:\n  wsp_bench: {{redirect_uris: ["{REDIRECT_URI}"], webhooks: [{hook}]}}\n')
        secret = self.new_folder / "webhook-secret"
        secret.touch(mode=0o600)
        secret.write_text(f"whsec_{SECRET}\n")

    async def replace(self, index, how=signal.SIGTERM):
        """Puts the new release in the place of one replica."""
        await self.replicas[index].end(how)
        self.replicas[index] = Replica(
            index, self.new, self.replicas[index].port, self.new_folder, self.store.url)
        await self.replicas[index].start()
        self.is_new[index] = True

    def at(self, index):
        """An app that talks to one replica."""
        return Client(types.SimpleNamespace(
            balancer_port=self.replicas[index].port, key=self.key, provider=self.provider))

    async def end(self):
        await super().end()
        if hasattr(self, "receiver_server"):
            self.receiver_server.close()


class Client(App):
    """An app that also reads, changes and ends its connections."""

    async def ask(self, method, path, body=None, expect=200):
        content = b"" if body is None else json.dumps(body).encode()
        status, _, answer = await self.balancer.send(method, path, self.headers, content)
        if status != expect:
            raise ValueError(f"{method} {path.split('conn_')[0]} answered {status}: {answer[:120]!r}")
        return json.loads(answer)

    async def connect(self, callback=None, is_named=True):
        flow = await self.initiate()
        self.deployment.provider.accounts[flow.code] = f"account {secrets.token_hex(8)}" if is_named else None
        _, _, flow.told = await (callback or self).come_back(flow)
        if flow.told.get("status") != "success":
            raise ValueError(f"a flow ended with {flow.told}")
        flow.path = f"/api/v1/connections/{flow.told['connection_id']}"
        return flow

    async def renew(self, flow, callback=None):
        """The same connection by another flow."""
        body = json.loads(INITIATE) | {"connection_id": flow.told["connection_id"]}
        answer = await self.ask("POST", "/api/v1/oauth/initiate", body)
        renewed = self.flow(answer)
        accounts = self.deployment.provider.accounts
        accounts[renewed.code] = accounts[flow.code]
        _, _, renewed.told = await (callback or self).come_back(renewed)
        if renewed.told.get("connection_id") != flow.told["connection_id"]:
            raise ValueError(f"a renewal ended with {renewed.told}")
        flow.code = renewed.code

    async def expect_token(self, flow):
        token = await self.ask("GET", f"{flow.path}/token")
        if token["access_token"] != self.deployment.provider.newest_token(flow.code):
            raise ValueError("an access token is not the newest one of its grant")

    async def refresh(self, flow):
        await self.ask("POST", f"/api/v1/oauth/refresh/{flow.told['connection_id']}")

    async def relabel(self, flow, label):
        changed = await self.ask("PATCH", flow.path, {"label": label})
        if changed["label"] != label:
            raise ValueError("a changed label is not shown")

    async def expect_label(self, flow, label):
        if (await self.ask("GET", flow.path))["label"] != label:
            raise ValueError("a label is not what another replica wrote")

    async def disconnect(self, flow):
        if not (await self.ask("DELETE", flow.path))["revoked"]:
            raise ValueError("a disconnected grant was not revoked")


class Lives:
    """Connections that are made, read, refreshed, changed, renewed and ended, each step by any replica."""

    def __init__(self, client):
        self.client = client
        self.failures = collections.Counter()
        # A grant is not revoked while a connection of an unknown account may live by it.
        self.ending = asyncio.Lock()
        self.ended, self.kept = [], []
        self.steps = 0

    async def one(self, is_ended):
        label = f"label {random.randrange(1 << 30)}"
        client = self.client
        try:
            flow = await client.connect()
            flow.begun_new = client.is_all_new()
            steps = [
                lambda: client.expect_token(flow), lambda: client.relabel(flow, label),
                lambda: client.refresh(flow), lambda: client.expect_token(flow),
                lambda: client.expect_label(flow, label), lambda: client.renew(flow),
                lambda: client.expect_token(flow), lambda: client.refresh(flow),
                lambda: client.expect_token(flow),
            ]
            for step in steps:
                await asyncio.sleep(random.uniform(0, 0.5))
                await step()
                self.steps += 1
            if is_ended:
                async with self.ending:
                    await client.disconnect(flow)
                await client.ask("GET", flow.path, expect=404)
                self.ended.append(flow)
            else:
                flow.label = label
                self.kept.append(flow)
        except (OSError, asyncio.IncompleteReadError, ValueError, KeyError) as error:
            self.failures[f"{type(error).__name__}: {error}"[:160]] += 1

    async def run(self, rate, over):
        """Begins lives at a rate until told to stop."""
        start, number, tasks = time.monotonic(), 0, set()
        while not over.is_set():
            tasks.add(asyncio.create_task(self.one(number % 2 == 0)))
            number += 1
            await asyncio.sleep(max(0, start + number / rate - time.monotonic()))
        await asyncio.gather(*tasks)


async def hand_over(writer, reader):
    """Two replicas, each with what the other wrote: every kind of row, and flows that change replicas half way."""
    flow = await writer.connect(callback=reader)
    await writer.expect_token(flow)
    await reader.refresh(flow)
    await writer.expect_token(flow)
    await writer.refresh(flow)
    await reader.expect_token(flow)
    await reader.relabel(flow, "theirs")
    await writer.expect_label(flow, "theirs")
    await writer.renew(flow, callback=reader)
    await reader.expect_token(flow)
    await writer.expect_token(flow)
    shown = [await client.ask("GET", flow.path) for client in (writer, reader)]
    newer_only = {"account"}
    if any(shown[0].get(name) != shown[1].get(name) for name in shown[0].keys() & shown[1].keys() - newer_only):
        raise ValueError("two replicas show one connection differently")
    listed = [await client.ask("GET", "/api/v1/connections?limit=1000") for client in (writer, reader)]
    if [row["id"] for row in listed[0]["data"]] != [row["id"] for row in listed[1]["data"]]:
        raise ValueError("two replicas list different connections")
    events = await reader.ask("GET", f"{flow.path}/events")
    types_seen = [event["type"] for event in events["data"]]
    for wanted in ("created", "refreshed", "updated", "renewed"):
        if wanted not in types_seen:
            raise ValueError(f"an event {wanted} that another replica wrote is missing")
    await reader.disconnect(flow)
    await writer.ask("GET", flow.path, expect=404)


async def comparison(old, new):
    """What only the new release says, and what an old replica's renewal does to it."""
    flow = await old.connect(is_named=False)
    try:
        await new.renew(flow)
        said = (await new.ask("GET", flow.path))["account"]
        if said != {"id": None, "label": None, "compared": False}:
            raise ValueError(f"a renewal that could not compare says {said}")
        await old.expect_token(flow)
        await old.ask("GET", flow.path)
        await old.relabel(flow, "kept")
        if (await new.ask("GET", flow.path))["account"] != said:
            raise ValueError("an old replica's change loses what the new one wrote")
        await old.renew(flow)
        if (await new.ask("GET", flow.path))["account"] is not None:
            raise ValueError("what was said of another renewal outlives it")
    finally:
        await new.ask("DELETE", f"{flow.path}?revoke=false")


class Report:
    def __init__(self, title):
        print(f"\n{title}", flush=True)
        self.good = True

    def measured(self, label, value):
        print(f"  {label:<44}  {value}", flush=True)

    def claim(self, text, holds):
        print(f"  {'holds' if holds else 'DOES NOT HOLD':<13}  {text}", flush=True)
        self.good = self.good and bool(holds)

    async def claimed(self, text, work):
        try:
            await work
            self.claim(text, True)
        except (OSError, asyncio.IncompleteReadError, ValueError, KeyError) as error:
            self.measured(f"{type(error).__name__}", error)
            self.claim(text, False)


async def rolling(options, folder):
    """Old and new replicas side by side on PostgreSQL, behind HAProxy."""
    report = Report(rolling.__doc__)
    provider, receiver = StrictProvider(), Receiver()
    deployment = UpgradedDeployment(options.old, options.new, folder, PostgreSQL(folder), provider, receiver)
    how = signal.SIGKILL if options.control else signal.SIGTERM
    try:
        await deployment.start()
        client = Client(deployment)
        client.is_all_new = lambda: all(deployment.is_new)
        lives, over = Lives(client), asyncio.Event()
        load = asyncio.create_task(lives.run(options.rate, over))
        await asyncio.sleep(4)
        planned = await run(options.new, "store", "migrate", "--dry-run", "--store", deployment.store.url)
        await run(options.new, "store", "migrate", "--store", deployment.store.url)
        await asyncio.sleep(4)
        await deployment.replace(0, how)
        # HAProxy looks every second whether one that was down is up.
        await asyncio.sleep(3)
        new, old = deployment.at(0), deployment.at(1)
        await report.claimed("the old reads and refreshes what the new wrote", hand_over(new, old))
        await report.claimed("the new reads and refreshes what the old wrote", hand_over(old, new))
        async with lives.ending:
            await report.claimed(
                "what only the new one says is not left on what the old one renews", comparison(old, new))
        await asyncio.sleep(6)
        for index in (1, 2):
            await deployment.replace(index, how)
            await asyncio.sleep(4)
        over.set()
        await load
        for flow in lives.kept:
            with contextlib.suppress(ValueError):
                await client.expect_label(flow, flow.label)
                await client.expect_token(flow)
                flow.is_whole = True
        end = time.monotonic() + 30
        complete = [flow for flow in lives.ended if flow.begun_new]
        expected = ["connection.created", "connection.updated", "connection.renewed", "connection.deleted",
                    "connection.revoked"]
        told = lambda flow: receiver.types[flow.told["connection_id"]]
        while time.monotonic() < end and any(told(flow) != expected for flow in complete):
            await asyncio.sleep(0.2)
        report.measured("statements of the migration", planned.count(";"))
        report.measured("connections made", len(lives.ended) + len(lives.kept))
        report.measured("steps after that, by any replica", lives.steps)
        report.measured("refresh tokens sent", sum(provider.refreshes.values()))
        report.measured("webhooks received, and again", f"{len(receiver.seen)}, {receiver.again}")
        for reason, amount in lives.failures.most_common(5):
            report.measured(f"failed {amount} times", reason)
        report.claim("0 failures", not lives.failures and len(lives.ended) > 20)
        report.claim("no code and no refresh token was sent twice", provider.reused == 0 and provider.refused == 0
                     and max(provider.codes.values()) == 1 and max(provider.refreshes.values()) == 1)
        report.claim("every connection that was kept opens, with its newest token",
                     all(getattr(flow, "is_whole", False) for flow in lives.kept))
        report.claim("every grant that was to be revoked is", provider.revoked >= len(lives.ended))
        report.claim("webhooks are signed, and in the order of the changes", receiver.forged == 0 and all(
            [one for one in expected if one in types_seen] == types_seen for types_seen in receiver.types.values()))
        report.claim("once all replicas are new, each change is told of",
                     bool(complete) and all(told(flow) == expected for flow in complete))
        client.balancer.close()
    finally:
        await deployment.end()
    return report.good


async def one_process(options, folder):
    """One process after the other on one SQLite."""
    report = Report(one_process.__doc__)
    provider, receiver = StrictProvider(), Receiver()
    deployment = UpgradedDeployment(options.old, options.new, folder, SQLite(folder), provider, receiver)
    deployment.replicas = deployment.replicas[:1]
    deployment.write_balancer = lambda: None
    # Nothing stands before the one process.
    deployment.haproxy = deployment.replicas[0]
    deployment.balancer_port = deployment.replicas[0].port
    try:
        deployment.replicas[0].start_once = deployment.replicas[0].start

        async def start():
            if not deployment.replicas[0].runs:
                await deployment.replicas[0].start_once()

        deployment.replicas[0].start = start
        await deployment.start()
        client = Client(deployment)
        flows = [await client.connect() for _ in range(20)]
        for flow in flows[::2]:
            await client.refresh(flow)
        pending = await client.initiate()
        client.balancer.close()
        await deployment.replace(0)
        deployment.haproxy = deployment.replicas[0]
        client = Client(deployment)

        async def read_on():
            for number, flow in enumerate(flows):
                await client.expect_token(flow)
                await client.refresh(flow)
                await client.expect_token(flow)
                await client.relabel(flow, f"label {number}")
                await client.renew(flow)
                if number % 2:
                    await client.disconnect(flow)

        async def finish_pending():
            _, _, told = await client.come_back(pending)
            if told.get("status") != "success":
                raise ValueError(f"it ended with {told}")

        async def refuse_old():
            old = Replica(9, options.old, deployment.balancer_port + 1, deployment.folder, deployment.store.url)
            try:
                await old.start()
            except Failed:
                said = old.log.read_text()
                if "newer" not in said:
                    raise ValueError(f"it does not say why: {said[-300:]}") from None
            else:
                raise ValueError("it started")
            finally:
                await old.end()

        await report.claimed("the new one reads, refreshes, changes and ends what the old one wrote", read_on())
        await report.claimed("a flow that the old one began ends at the new one", finish_pending())
        report.claim("no refresh token was sent twice", provider.reused == 0 and max(provider.refreshes.values()) == 1)
        client.balancer.close()
        await deployment.replicas[0].end()
        await report.claimed("the old one refuses the newer file, and says so", refuse_old())
    finally:
        await deployment.end()
    return report.good


async def main():
    parser = argparse.ArgumentParser(prog="bench/upgrade", description="What must hold while a release replaces another.")
    parser.add_argument("--control", action="store_true", help="replicas are killed, which must be noticed")
    parser.add_argument("--keep", action="store_true", help="keep the folders, with all logs")
    parser.add_argument("--folder", required=True, help=argparse.SUPPRESS)
    parser.add_argument("--rate", type=float, required=True, help=argparse.SUPPRESS)
    parser.add_argument("old")
    parser.add_argument("new")
    options = parser.parse_args()
    good = True
    for part in (rolling,) if options.control else (rolling, one_process):
        folder = tempfile.mkdtemp(prefix=f"symbolon-{part.__name__}-", dir=options.folder)
        try:
            held = await part(options, folder)
        finally:
            if options.keep:
                print(f"  kept: {folder}")
            else:
                shutil.rmtree(folder, ignore_errors=True)
        good = good and held
    if options.control:
        print("error: replicas were killed, and nothing noticed" if good else "noticed, as it has to be")
        return 1 if good else 0
    return 0 if good else 1


if __name__ == "__main__":
    run_script(main)
