"""Access tokens handed out: ours from both stores, beside our own /healthz, SwiftNIO with a constant response, and Go servers
that do the same."""
import dataclasses
import json
import pathlib
import statistics
import sys

from . import wrk
from .contest import CONNECTIONS, WRK_CPU
from .deployment import Deployment
from .processes import Server
from .wrk import Request

# What is compared, and the least that the median of the rounds' ratios may be.
PAIRS = (
    ("SQLite", "SwiftNIO, constant", 0.2), ("SQLite", "/healthz", 0.5), ("SQLite", "Go, SQLite", 1.5),
    ("PostgreSQL", "Go, PostgreSQL", 1.5),
)
TOKEN = "ya29." + "a0AfB_byC" * 22


@dataclasses.dataclass
class Entry:
    name: str
    server: Server
    request: Request
    slices: list = dataclasses.field(default_factory=list)


def measure(programs, flow, folder, postgresql, rounds, seconds):
    """The rates and latencies by name; `postgresql` runs already."""
    entries, servers = [], []
    try:
        for store, setting in (("SQLite", "sqlite:symbolon.sqlite"), ("PostgreSQL", postgresql.url)):
            own = pathlib.Path(folder) / f"tokens-{store}"
            own.mkdir()
            deployment = Deployment(programs.symbolon, flow, own, store=setting)
            server = deployment.replica(f"Symbolon, {store}")
            server.start()
            servers.append(server)
            connection = imported(deployment, server, flow)
            request = token_request(connection, deployment.api_key)
            entries.append(Entry(store, server, request))
            if store == "SQLite":
                entries.append(Entry("/healthz", server, Request("/healthz")))
                answer = server.ask("GET", request.path, None, request.headers)[2]
                bare = Server(
                    "SwiftNIO, constant", [programs.bare, "PORT", str(len(answer))], own,
                    {"NIO_SINGLETON_GROUP_LOOP_COUNT": "1"})
                bare.start()
                servers.append(bare)
                entries.append(Entry(bare.name, bare, Request("/")))
            kind, place = (
                ("token-sqlite", own / "go.sqlite") if store == "SQLite" else ("token-postgresql", postgresql.url))
            peer = Server(f"Go, {store}", [programs.go_server, "PORT", kind, place], own, {
                "BENCH_API_KEY": deployment.api_key, "BENCH_CONNECTION": connection, "BENCH_TOKEN": TOKEN,
                "BENCH_SCOPE": " ".join(flow["scopes"]), "GOMAXPROCS": "1",
            })
            peer.start()
            servers.append(peer)
            entries.append(Entry(f"Go, {store}", peer, request))
        for entry in entries:
            check(entry)
        for number in range(-1, rounds):
            for entry in entries:
                result = wrk.run(
                    entry.request, entry.server.port, min(seconds, 2) if number < 0 else seconds, CONNECTIONS,
                    folder, WRK_CPU)
                entry.server.forget_log()
                if number >= 0:
                    entry.slices.append(result)
            print(f"tokens, round {number + 1} of {rounds}", file=sys.stderr)
    finally:
        for server in servers:
            server.stop()
    return [{"name": entry.name, "slices": [dataclasses.asdict(part) for part in entry.slices]} for entry in entries]


def imported(deployment, server, flow):
    """A connection that is good for long: nothing of it is refreshed while it is measured."""
    held = {"access_token": TOKEN, "refresh_token": "1//" + "0gdx" * 25, "scope": " ".join(flow["scopes"])}
    asked = {"integration": flow["integration_id"], "credentials": held, "label": "bench", "user_id": "user_1"}
    status, _, answer = server.ask("POST", "/api/v1/connections", json.dumps(asked), {
        "Authorization": f"Bearer {deployment.admin_key}", "Content-Type": "application/json"})
    if status != 201:
        raise RuntimeError(f"the import answers {status}: {answer[:200]}")
    return json.loads(answer)["id"]


def token_request(connection, key):
    return Request(f"/api/v1/connections/{connection}/token", headers={"Authorization": f"Bearer {key}"})


def check(entry):
    status, _, answer = entry.server.ask("GET", entry.request.path, None, entry.request.headers)
    has_token = entry.name not in ("/healthz", "SwiftNIO, constant")
    if status != 200 or has_token and json.loads(answer)["access_token"] != TOKEN:
        raise RuntimeError(f"{entry.name} answers {status}: {answer[:200]}")


def ratios(results, name, other, figure="rate"):
    """Of each round, so that both sides met the same machine."""
    slices = {entry["name"]: entry["slices"] for entry in results}
    return [mine[figure] / its[figure] for mine, its in zip(slices[name], slices[other])]


def judge(results):
    for name, other, least in PAIRS:
        ratio = statistics.median(ratios(results, name, other))
        yield f"token, {name} {ratio:.2f} × {other} (at least {least:.2f})", ratio >= least
        if other.startswith("Go"):
            ratio = statistics.median(ratios(results, name, other, "p99"))
            yield f"token, {name}: p99 {ratio:.2f} × {other} (at most 1.00)", ratio <= 1
