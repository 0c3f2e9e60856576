"""Finished flows: initiate, callback, exchange and the redirect back to the app, with the connection in the store."""
import json
import pathlib
import statistics
import subprocess
import sys

from .contest import CONNECTIONS, WRK_CPU
from .deployment import Deployment
from .processes import Server
from .wrk import LoadFailed, quoted

# A connection that has a state takes its flow back, another begins one. A code is good once, so that each is new.
SCRIPT = """
wrk.headers["Authorization"] = {authorization}
wrk.headers["Content-Type"] = "application/json"
local initiate
local states, codes = {{}}, 0
finished, others, answer = 0, 0, ""
local threads = {{}}
function setup(thread) table.insert(threads, thread) end
function init(arguments)
    initiate = wrk.format("POST", {path}, nil, {body})
end
function request()
    local state = table.remove(states)
    if not state then return initiate end
    codes = codes + 1
    return wrk.format("GET", {callback} .. "?code=" .. {prefix} .. codes .. "&state=" .. state)
end
function response(status, headers, body)
    local state = status == 200 and body:match('"state":"([^"]+)"')
    if state then
        table.insert(states, state)
    elseif status == 303 and (headers["Location"] or ""):find("status=success", 1, true) then
        finished = finished + 1
    else
        others = others + 1
        answer = status .. " " .. (headers["Location"] or body)
    end
end
function done(summary, latency, requests)
    local thread = threads[1]
    io.write(string.format("\\nFLOWS %d %d %d %s\\n", thread:get("finished"), summary.duration, thread:get("others"),
        thread:get("answer")))
end
"""

PEER = "Go, PostgreSQL"
# Of the peer's rate, with 64 at once.
LEAST = 2


class Flows:
    """One server, and how many flows it finishes."""

    def __init__(self, name, server, flow, api_key, folder):
        self.name = name
        self.server = server
        self.redirect_uri = flow["redirect_uri"]
        self.api_key = api_key
        self.folder = folder
        self.slices = 0
        self.rates = {}
        server.start()

    def slice(self, connections, seconds, counts):
        self.slices += 1
        asked = {"integration_id": "bench", "redirect_uri": self.redirect_uri}
        script = self.folder / "flows.lua"
        script.write_text(SCRIPT.format(
            path=quoted("/api/v1/oauth/initiate"), authorization=quoted(f"Bearer {self.api_key}"),
            body=quoted(json.dumps(asked)), callback=quoted("/api/v1/oauth/callback/bench"),
            prefix=quoted(f"c{self.slices}-")))
        output = subprocess.run(
            ["taskset", "-c", str(WRK_CPU), "wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "--timeout", "20s", "-s",
             str(script), f"http://127.0.0.1:{self.server.port}/"], check=True, capture_output=True, text=True).stdout
        finished, microseconds, others, *answer = output.split("FLOWS ", 1)[1].splitlines()[0].split(" ", 3)
        if int(others) or not int(finished):
            raise LoadFailed(f"{self.name}: {others} other answers, {answer}")
        self.server.forget_log()
        if counts:
            self.rates.setdefault(connections, []).append(int(finished) / int(microseconds) * 1e6)


def configure(folder, provider_port):
    """Adds an integration whose token endpoint is the bench's own."""
    (folder / "catalog.yaml").write_text(f"""\
integrations:
  bench:
    label: Bench
    documentation: https://www.rfc-editor.org/rfc/rfc6749
    authorization_endpoint: http://127.0.0.1:{provider_port}/authorize
    token_endpoint: http://127.0.0.1:{provider_port}/token
    pkce: supported
    refresh: {{mode: rotates}}
""")
    settings = folder / "symbolon.yaml"
    # Insecure endpoints are for development, where the service's own address is a loopback address, too.
    settings.write_text(
        settings.read_text().replace("https://connect.example.com", "http://127.0.0.1:8080").replace(
            "integrations:\n", "integrations:\n  bench: {client_id: bench, client_secret: bench-client-secret}\n")
        + "catalog: [catalog.yaml]\nproviders: {allow_insecure_loopback: true}\n")


def measure(programs, flow, folder, postgresql, rounds, seconds):
    symbolon = programs.symbolon
    services = {"SQLite": (symbolon, "sqlite:symbolon.sqlite"), "PostgreSQL": (symbolon, postgresql.url)}
    return compare(services, programs.go_server, flow, folder, rounds, seconds, postgresql.url)


def compare(services, go_server, flow, folder, rounds, seconds, peer_store=None):
    """Flows a second, by name and by how many are under way; `services` has a program and a store for each name.

    peer_store: the PostgreSQL in which the Go server keeps pending flows and connections; none: without it.
    """
    provider = Server("provider", [go_server, "PORT", "provider"], folder, {"GOMAXPROCS": "1"}, cpu=WRK_CPU)
    provider.start()
    entries = []
    try:
        for name, (symbolon, store) in services.items():
            own = pathlib.Path(folder) / f"flows-{name.replace(' ', '-')}"
            own.mkdir()
            deployment = Deployment(symbolon, flow, own, store=store)
            configure(own, provider.port)
            server = deployment.replica(f"Symbolon, {name}")
            entries.append(Flows(name, server, flow, deployment.api_key, own))
        if peer_store:
            own = pathlib.Path(folder) / "flows-go"
            own.mkdir()
            server = Server(
                PEER, [go_server, "PORT", "flows-postgresql", peer_store, f"http://127.0.0.1:{provider.port}/token"], own, {
                    "BENCH_API_KEY": "bench-key", "BENCH_REDIRECT_URI": flow["redirect_uri"], "GOMAXPROCS": "1"})
            entries.append(Flows(PEER, server, flow, "bench-key", own))
        for number in range(-1, rounds):
            for connections in (CONNECTIONS, 1):
                for entry in entries:
                    entry.slice(connections, min(seconds, 2) if number < 0 else seconds, counts=number >= 0)
            print(f"flows, round {number + 1} of {rounds}", file=sys.stderr)
    finally:
        for entry in entries:
            entry.server.stop()
        provider.stop()
    return [{"name": entry.name, "connections": connections, "rates": rates}
            for entry in entries for connections, rates in entry.rates.items()]


def ratios(results, connections):
    """Ours with PostgreSQL to the peer's, of each round."""
    rates = {entry["name"]: entry["rates"] for entry in results if entry["connections"] == connections}
    return [ours / its for ours, its in zip(rates["PostgreSQL"], rates[PEER])] if PEER in rates else []


def judge(results):
    found = ratios(results, CONNECTIONS)
    if found:
        ratio = statistics.median(found)
        yield f"finished flows, PostgreSQL {ratio:.2f} × {PEER} (at least {LEAST:.2f})", ratio >= LEAST


def rows(results):
    return [(entry["name"], str(entry["connections"]), f"{statistics.median(entry['rates']):,.0f}") for entry in results]
