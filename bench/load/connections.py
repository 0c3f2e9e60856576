"""Connections listed, changed, refreshed and imported: ours in both stores, beside Go servers that do the same."""
import dataclasses
import json
import pathlib
import statistics
import subprocess
import sys
import time

from . import flows, wrk
from .contest import CONNECTIONS, WRK_CPU
from .deployment import Deployment
from .processes import Server
from .wrk import Request, quoted

ROWS, IMPORTED = 1_000, 10_000
STORES = ("SQLite", "PostgreSQL")
LIST = f"list of 100 of {ROWS:,}"
# The least that the median of the rounds' ratios may be, ours to Go's.
LEAST = {LIST: 1.5}
MOST_IMPORT_SECONDS = 10
REFRESH = "/api/v1/oauth/refresh/"


@dataclasses.dataclass
class EachInTurn(Request):
    """A request for each of many paths in turn; of its body %d is another number each time."""

    paths: list = dataclasses.field(default_factory=list)

    def script(self):
        paths = ", ".join(quoted(path) for path in self.paths)
        body = f"({quoted(self.body)}):format(sent)" if self.body else "nil"
        return super().script() + f"""
local paths, sent = {{{paths}}}, 0
function request()
    sent = sent + 1
    return wrk.format(nil, paths[sent % #paths + 1], nil, {body})
end
"""


@dataclasses.dataclass
class Entry:
    kind: str
    name: str
    server: Server
    request: Request
    slices: list = dataclasses.field(default_factory=list)


def measure(programs, flow, folder, postgresql, rounds, seconds):
    """The rates and latencies by what is asked, and the seconds of imports; `postgresql` runs already."""
    folder = pathlib.Path(folder)
    rows, more = folder / "rows.jsonl", folder / "more-rows.jsonl"
    write_rows(rows, ROWS, flow)
    write_rows(more, IMPORTED, flow)
    provider = Server("provider", [programs.go_server, "PORT", "provider"], folder, {"GOMAXPROCS": "1"}, cpu=WRK_CPU)
    provider.start()
    entries, servers = [], [provider]
    try:
        for store in STORES:
            for name, server, key in contestants(programs, flow, folder, postgresql, store, provider, rows):
                server.start()
                servers.append(server)
                ids = listed(server, key)
                entries += [Entry(kind, name, server, request) for kind, request in requests(ids, key).items()]
        entries.sort(key=lambda entry: entry.kind)
        check(entries)
        for number in range(-1, rounds):
            for entry in entries:
                result = run(entry, min(seconds, 2) if number < 0 else seconds, folder)
                entry.server.forget_log()
                if number >= 0:
                    entry.slices.append(result)
            print(f"connections, round {number + 1} of {rounds}", file=sys.stderr)
    finally:
        for server in servers:
            server.stop()
    return {
        "requests": [{"kind": entry.kind, "name": entry.name, "slices": [dataclasses.asdict(part) for part in entry.slices]}
                     for entry in entries],
        "imports": imports(programs, flow, folder, postgresql, more, rounds),
    }


def run(entry, seconds, folder):
    try:
        return wrk.run(entry.request, entry.server.port, seconds, CONNECTIONS, folder, WRK_CPU)
    except wrk.LoadFailed as error:
        raise wrk.LoadFailed(f"{entry.server.name}: {error}") from error


def write_rows(path, count, flow):
    with path.open("w") as file:
        for number in range(count):
            file.write(json.dumps({
                "integration": "bench", "user_id": f"user_{number:06}", "label": f"Mailbox of user {number}",
                "tags": {"plan": "pro", "tenant": f"tenant_{number % 100}"}, "external_id": f"row_{number}",
                "credentials": {
                    "access_token": "ya29." + "a0AfB_byC" * 22, "refresh_token": f"1//{number:08}" + "0gdx" * 23,
                    "scope": " ".join(flow["scopes"]), "expires_at": "2099-01-01T00:00:00Z"},
            }) + "\n")
    # It has tokens, and ours reads no such file that others may read.
    path.chmod(0o600)


def contestants(programs, flow, folder, postgresql, store, provider, rows):
    own = folder / f"connections-{store}"
    own.mkdir()
    deployment = Deployment(programs.symbolon, flow, own, "sqlite:symbolon.sqlite" if store == "SQLite" else postgresql.url)
    flows.configure(own, provider.port)
    import_rows(deployment, flow, rows)
    key = deployment.command(
        "api-keys", "create", "--file", own / "api-keys.json", "--workspace", flow["workspace_id"],
        *(word for permission in ("read", "credentials", "admin") for word in ("--permission", permission))).strip()
    yield store, deployment.replica(f"Symbolon, {store}"), key
    place = own / "go.sqlite" if store == "SQLite" else postgresql.url
    yield f"Go, {store}", Server(
        f"Go, {store}", [programs.go_server, "PORT", f"connections-{store.lower()}", place,
                         f"http://127.0.0.1:{provider.port}/token", rows], own,
        {"BENCH_API_KEY": key, "GOMAXPROCS": "1"}), key


def listed(server, key):
    """The ids of all."""
    ids = []
    while len(ids) < ROWS:
        status, _, answer = server.ask(
            "GET", f"/api/v1/connections?limit=100&skip={len(ids)}", None, {"Authorization": f"Bearer {key}"})
        if status != 200 or not json.loads(answer)["data"]:
            raise RuntimeError(f"{server.name} lists {status}: {answer[:200]}")
        ids += [row["id"] for row in json.loads(answer)["data"]]
    return ids


def requests(ids, key):
    """By kind. All connections are changed and refreshed in turn, so that no two requests at a time are for the same."""
    headers = {"Authorization": f"Bearer {key}"}
    one = f"/api/v1/connections/{ids[0]}"
    return {
        LIST: Request("/api/v1/connections?limit=100", headers=headers),
        "change of a label": EachInTurn(
            one, "PATCH", '{"label": "Mailbox %d"}', headers | {"Content-Type": "application/json"},
            paths=[f"/api/v1/connections/{id}" for id in ids]),
        "refresh": EachInTurn(
            f"{REFRESH}{ids[0]}", "POST", "", headers, paths=[f"{REFRESH}{id}" for id in ids]),
    }


def check(entries):
    """That all answer, and with the same members."""
    members = {}
    for entry in entries:
        request = entry.request
        body = request.body.replace("%d", "0") or None
        status, _, answer = entry.server.ask(request.method, request.path, body, request.headers)
        if status != 200:
            raise RuntimeError(f"{entry.name}, {entry.kind}: {status} {answer[:200]}")
        found = json.loads(answer)
        if entry.kind == LIST:
            if len(found["data"]) != 100 or not found["next_cursor"]:
                raise RuntimeError(f"{entry.name} lists {len(found['data'])}")
            found = found["data"][0]
        if members.setdefault(entry.kind, list(found)) != list(found):
            raise RuntimeError(f"{entry.name}, {entry.kind}: {list(found)} is not {members[entry.kind]}")


# MARK: Imports

def import_rows(deployment, flow, rows):
    """The seconds of the whole command."""
    deployment.command("store", "migrate", "--config", "symbolon.yaml")
    return timed(
        [deployment.symbolon, "connections", "import", rows, "--workspace", flow["workspace_id"],
         "--config", "symbolon.yaml"], deployment.folder)


def timed(command, folder):
    start = time.monotonic()
    result = subprocess.run(
        ["taskset", "-c", "0", *map(str, command)], capture_output=True, text=True, cwd=folder)
    if result.returncode != 0:
        raise RuntimeError(f"{command[1]} ends with {result.returncode}: {(result.stdout + result.stderr)[-400:]}")
    return time.monotonic() - start


def imports(programs, flow, folder, postgresql, rows, rounds):
    seconds = {}
    for number in range(rounds):
        for store in STORES:
            own = folder / f"imports-{store}-{number}"
            own.mkdir()
            places = {}
            for who in ("symbolon", "go"):
                name = f"{who}_{number}"
                if store == "PostgreSQL":
                    postgresql.query(f"CREATE DATABASE {name}")
                    places[who] = postgresql.url.replace("/postgres?", f"/{name}?")
                else:
                    places[who] = own / f"{name}.sqlite"
            deployment = Deployment(
                programs.symbolon, flow, own,
                f"sqlite:{places['symbolon']}" if store == "SQLite" else places["symbolon"])
            flows.configure(own, 1)
            seconds.setdefault(store, []).append(import_rows(deployment, flow, rows))
            seconds.setdefault(f"Go, {store}", []).append(
                timed([programs.go_server, "import", store.lower(), places["go"], rows], own))
        print(f"imports, round {number + 1} of {rounds}", file=sys.stderr)
    return seconds


# MARK: Results

def ratios(results, kind, store, figure="rate"):
    """Of each round, so that both sides met the same machine."""
    slices = {entry["name"]: entry["slices"] for entry in results["requests"] if entry["kind"] == kind}
    return [mine[figure] / its[figure] for mine, its in zip(slices[store], slices[f"Go, {store}"])]


def kinds(results):
    return list(dict.fromkeys(entry["kind"] for entry in results["requests"]))


def judge(results):
    for kind, least in LEAST.items():
        for store in STORES:
            ratio = statistics.median(ratios(results, kind, store))
            yield f"{kind}, {store} {ratio:.2f} × Go (at least {least:.2f})", ratio >= least
    for store in STORES:
        seconds = statistics.median(results["imports"][store])
        yield (f"import of {IMPORTED:,}, {store} {seconds:.1f} s (at most {MOST_IMPORT_SECONDS})",
               seconds <= MOST_IMPORT_SECONDS)


def rows(results, spread):
    for entry in results["requests"]:
        middle = {name: statistics.median(part[name] for part in entry["slices"]) for name in ("rate", "p50", "p99")}
        ratio = "" if entry["name"] in STORES else spread(
            ratios(results, entry["kind"], entry["name"].removeprefix("Go, ")))
        yield entry["kind"], entry["name"], f"{middle['rate']:,.0f}", f"{middle['p50']:.2f}", f"{middle['p99']:.2f}", ratio


def import_table(results):
    for name, seconds in results["imports"].items():
        middle = statistics.median(seconds)
        yield f"import of {IMPORTED:,}", name, f"{middle:.1f}", f"{IMPORTED / middle:,.0f}"
