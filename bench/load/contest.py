"""Interleaved rounds: every server gets a slice in turn, so that what else the machine does falls on all of them."""
import dataclasses
import statistics
import sys

from . import wrk

CONNECTIONS = 64
WRK_CPU = 1


@dataclasses.dataclass
class Entry:
    """One server with one kind of request."""

    name: str
    server: object
    store: object = None
    # The request's name among the callbacks; None: initiate.
    callback: str | None = None
    slices: list = dataclasses.field(default_factory=list)
    memory: list = dataclasses.field(default_factory=list)
    octets_per_flow: list = dataclasses.field(default_factory=list)


class Contest:
    def __init__(self, deployment, folder, only=None):
        self.deployment = deployment
        self.folder = folder
        self.only = only
        self.entries = []
        self.servers = []

    def add(self, server, store=None, callbacks=False):
        if self.only and self.only.lower() not in server.name.lower():
            return
        server.start()
        self.servers.append(server)
        self.entries.append(Entry(f"{server.name}: initiate" if callbacks else server.name, server, store))
        if callbacks:
            for name in self.deployment.callbacks(server):
                self.entries.append(Entry(f"{server.name}: {name}", server, callback=name))

    def run(self, rounds, seconds):
        idle = {server.name: server.memory() for server in self.servers}
        for number in range(-1, rounds):
            # The first round warms everything up: pools, caches, tables that grow.
            for entry in self.entries:
                self.slice(entry, min(seconds, 2) if number < 0 else seconds, counts=number >= 0)
            print(f"round {number + 1} of {rounds}", file=sys.stderr)
        return [self.result(entry, idle[entry.server.name]) for entry in self.entries]

    def slice(self, entry, seconds, counts):
        request = (
            self.deployment.callbacks(entry.server)[entry.callback] if entry.callback else self.deployment.initiate())
        status, _, answer = entry.server.ask(request.method, request.path, request.body or None, request.headers)
        if status != request.status:
            raise wrk.LoadFailed(f"{entry.name} answers {status}: {answer[:200]}")
        before = None
        if entry.store:
            entry.store.clear()
            before = entry.store.measure()
        result = wrk.run(request, entry.server.port, seconds, CONNECTIONS, self.folder, WRK_CPU)
        resident = entry.server.memory()
        entry.server.forget_log()
        if not counts:
            return
        entry.slices.append(result)
        entry.memory.append(resident)
        if entry.store:
            flows, octets = entry.store.measure()
            entry.octets_per_flow.append((octets - before[1]) / (flows - before[0]))

    def result(self, entry, idle):
        ours = self.entries[0]
        middle = {name: statistics.median(getattr(part, name) for part in entry.slices) for name in
                  ("rate", "p50", "p90", "p99", "p999", "most")}
        return {
            "name": entry.name, **middle,
            # Of each round, so that both sides met the same machine.
            "ours_to_this": [mine.rate / its.rate for mine, its in zip(ours.slices, entry.slices)],
            "p99_ours_to_this": [mine.p99 / its.p99 for mine, its in zip(ours.slices, entry.slices)],
            "rates": [part.rate for part in entry.slices],
            "idle_mb": idle[0], "loaded_mb": [resident for resident, _ in entry.memory],
            "most_mb": entry.memory[-1][1],
            "octets_per_flow": statistics.median(entry.octets_per_flow) if entry.octets_per_flow else 0,
        }

    def stop(self):
        for server in self.servers:
            server.stop()
