"""Instructions of requests in user space, by callgrind: they do not depend on what else the machine does."""
import contextlib
import http.server
import json
import pathlib
import re
import signal
import socket
import subprocess
import tempfile
import threading
import urllib.parse

import baseline

from . import flows, tokens
from .deployment import Deployment
from .processes import Server
from .stores import PostgreSQL
from .wrk import Request

CONNECTIONS = 16
# What is counted is counted so many times, and the least of it is taken: a machine with much else to do makes the service
# wait where it need not, which costs instructions, too.
TIMES = 8
WARMING, COUNTED = 20, 5
# A flow is two requests, and waits for the disk.
WARMING_FLOWS, COUNTED_FLOWS = 5, 3
# Where threads meet, how often they wait for each other is not the same each time; a read from SQLite goes another way
# while the disk seems slow.
ALLOWED = {
    "initiate": 0.02, "token-sqlite": 0.1, "token-postgresql": 0.1, "flow-sqlite": 0.1, "flow-postgresql": 0.1,
}


class Provider(http.server.BaseHTTPRequestHandler):
    """A token endpoint that takes any code."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def do_POST(self):
        self.rfile.read(int(self.headers["Content-Length"]))
        content = json.dumps({
            "access_token": "a" * 43, "refresh_token": "r" * 43, "token_type": "Bearer", "expires_in": 3600}).encode()
        head = f"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {len(content)}\r\n\r\n"
        self.wfile.write(head.encode() + content)

    def log_message(self, *_):
        pass


def check(symbolon, flow, accept):
    """Whether nothing takes more than was accepted."""
    counted = {name: (count, None) for name, count in measure(symbolon, flow).items()}
    return baseline.compare(counted, ALLOWED, accept)


def measure(symbolon, flow):
    """Instructions by what is asked: what the whole process does, for each of many that arrive together."""
    counted = {}
    with contextlib.ExitStack() as stack:
        folder = pathlib.Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="symbolon-count-")))
        folder.chmod(0o755)
        # valgrind reads no DWARF 5; it needs none.
        program = folder / "symbolon"
        subprocess.run(["strip", "--strip-debug", "-o", program, symbolon], check=True)
        postgresql = PostgreSQL(folder)
        stack.callback(postgresql.stop)
        provider = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Provider)
        threading.Thread(target=provider.serve_forever, daemon=True).start()
        stack.callback(provider.shutdown)
        for store, url in (("sqlite", "sqlite:symbolon.sqlite"), ("postgresql", postgresql.url)):
            own = folder / f"service-{store}"
            own.mkdir()
            deployment = Deployment(program, flow, own, store=url)
            flows.configure(own, provider.server_port)
            with Counted(program, own) as server:
                connection = tokens.imported(deployment, server, flow)
                if store == "sqlite":
                    counted["initiate"] = server.requests(deployment.initiate())
                counted[f"token-{store}"] = server.requests(tokens.token_request(connection, deployment.api_key))
                counted[f"flow-{store}"] = server.flows(deployment)
    return counted


class Counted(Server):
    """The service under callgrind."""

    def __init__(self, program, folder):
        self.output = folder / "callgrind.out"
        self.dumps = 0
        super().__init__("counted", [
            "valgrind", "--tool=callgrind", "--instr-atstart=no", f"--callgrind-out-file={self.output}", program, "serve",
            "--config", "symbolon.yaml", "--port", "PORT",
        ], folder, {"NIO_SINGLETON_GROUP_LOOP_COUNT": "1"}, cpu=None)

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *_):
        self.stop()

    def requests(self, request):
        """Instructions of one of many requests that are the same."""
        with self.connected() as clients:
            messages = [self.message(request)] * CONNECTIONS

            def rounds(number):
                for _ in range(number):
                    self.exchange(clients, messages, 200)

            return self.count(rounds, WARMING, COUNTED)

    def flows(self, deployment):
        """Instructions of a flow from its initiate to the redirect back to the app."""
        asked = Request("/api/v1/oauth/initiate", "POST", json.dumps({
            "integration_id": "bench", "redirect_uri": deployment.flow["redirect_uri"]}), deployment.initiate().headers)
        codes = iter(range(1_000_000))

        with self.connected() as clients:
            begin = [self.message(asked)] * CONNECTIONS

            def rounds(number):
                for _ in range(number):
                    states = [json.loads(content)["state"] for _, content in self.exchange(clients, begin, 200)]
                    callbacks = [self.message(Request("/api/v1/oauth/callback/bench?" + urllib.parse.urlencode(
                        {"code": f"code-{next(codes):06}", "state": state}))) for state in states]
                    for head, _ in self.exchange(clients, callbacks, 303):
                        if b"status=success" not in head:
                            raise RuntimeError(f"the flow ends with {head[:400]}")

            return self.count(rounds, WARMING_FLOWS, COUNTED_FLOWS)

    @contextlib.contextmanager
    def connected(self):
        clients = [socket.create_connection(("127.0.0.1", self.port), 60) for _ in range(CONNECTIONS)]
        try:
            yield clients
        finally:
            for client in clients:
                client.close()

    def message(self, request):
        body = request.body.encode()
        fields = {"Host": f"127.0.0.1:{self.port}", **request.headers}
        if body:
            fields["Content-Length"] = len(body)
        head = "".join(f"{name}: {value}\r\n" for name, value in fields.items())
        return f"{request.method} {request.path} HTTP/1.1\r\n{head}\r\n".encode() + body

    def exchange(self, clients, messages, status):
        """All connections send while the server stands still, so that it always finds the same."""
        self.process.send_signal(signal.SIGSTOP)
        for client, message in zip(clients, messages):
            client.sendall(message)
        self.process.send_signal(signal.SIGCONT)
        return [response(client, status) for client in clients]

    def count(self, rounds, warming, counted):
        rounds(warming)
        self.control("--instr=on")
        rounds(2)
        totals = []
        for _ in range(TIMES):
            self.control("--zero")
            rounds(counted)
            self.control("--dump")
            self.dumps += 1
            text = self.output.with_name(f"{self.output.name}.{self.dumps}").read_text()
            totals.append(int(re.search(r"^totals: (\d+)", text, re.M)[1]))
        self.control("--instr=off")
        return round(min(totals) / (counted * CONNECTIONS))

    def control(self, option):
        subprocess.run(
            ["callgrind_control", option, str(self.process.pid)], check=True, capture_output=True)


def response(client, status):
    answer = b""
    while b"\r\n\r\n" not in answer:
        answer += received(client)
    head, _, content = answer.partition(b"\r\n\r\n")
    if not head.startswith(f"HTTP/1.1 {status} ".encode()):
        raise RuntimeError(f"the server answers {answer[:400]}")
    length = int((re.search(rb"(?i)content-length: (\d+)", head) or [0, 0])[1])
    while len(content) < length:
        content += received(client)
    return head, content


def received(client):
    octets = client.recv(65536)
    if not octets:
        raise RuntimeError("the server closed the connection")
    return octets
