"""What the benches run: replicas of the service behind HAProxy, and the store that they share."""

import asyncio
import contextlib
import fcntl
import functools
import json
import os
import pathlib
import random
import shutil
import signal
import socket
import sqlite3
import sys
import tempfile
import time

from balancer import Balancer

SHIPPED = pathlib.Path(__file__).parent.parent / "Sources/SymbolonCommands/Deployment/haproxy.cfg"
CALLBACK = "/api/v1/oauth/callback/bench"
REDIRECT_URI = "http://127.0.0.1:9/connected"


def newest_postgresql():
    """Debian's newest PostgreSQL on this machine: its version, and the folder of its programs."""
    versions = [path for path in pathlib.Path("/usr/lib/postgresql").glob("*") if path.name.isdigit()]
    if not versions:
        raise Failed("PostgreSQL is not installed: /usr/lib/postgresql has no version")
    newest = max(versions, key=lambda path: int(path.name))
    return newest.name, newest / "bin"


class Failed(Exception):
    """Something that the bench needs did not work; what it measures is not at issue."""


def run_script(main):
    """Runs a script's coroutine `main` to its end, and exits with the status that it gives."""
    # An end by a signal still stops what was started.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    try:
        sys.exit(asyncio.run(main()))
    except Failed as failure:
        sys.exit(f"error: {failure}")


# Below those that the kernel gives to clients, so that no connection takes one in the meantime.
PORTS = range(20_000, 32_000)
GIVEN = set()


@functools.cache
def port_locks():
    """The file whose octets are locked, one for each port, by the tests and benches that were given them."""
    return open(pathlib.Path(tempfile.gettempdir()) / f"symbolon-ports-{os.getuid()}", "a+b", buffering=0)


def free_ports(count):
    """Free ports, for this process alone: each is locked until it ends."""
    ports = []
    for port in random.sample(PORTS, len(PORTS)):
        if len(ports) == count:
            return ports
        # This process's own locks do not keep it from a port.
        if port in GIVEN:
            continue
        with contextlib.suppress(OSError):
            fcntl.lockf(port_locks(), fcntl.LOCK_EX | fcntl.LOCK_NB, 1, port)
            socket.create_server(("127.0.0.1", port)).close()
            GIVEN.add(port)
            ports.append(port)
    raise Failed(f"there are no {count} free ports on 127.0.0.1")


async def run(*command, user=None, **options):
    """Runs a command to its end: its standard output."""
    process = await asyncio.create_subprocess_exec(
        *command, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE, user=user, group=user,
        extra_groups=None if user is None else [], **options)
    output, errors = await process.communicate()
    if process.returncode != 0:
        raise Failed(f"{command[0]} {command[1]} exited with {process.returncode}: {errors.decode()[-2000:]}")
    return output.decode()


class Program:
    """A program that runs until it is stopped; what it prints is appended to its log."""

    def __init__(self, name, *command, folder, user=None, environment=None):
        self.name = name
        self.command = command
        self.folder = pathlib.Path(folder)
        self.log = self.folder / f"{name}.log"
        self.user = user
        self.environment = environment
        self.process = None

    async def start(self):
        with open(self.log, "ab") as log:
            self.process = await asyncio.create_subprocess_exec(
                *self.command, cwd=self.folder, stdin=asyncio.subprocess.DEVNULL, stdout=log, stderr=log,
                env=None if self.environment is None else {**os.environ, **self.environment}, user=self.user,
                group=self.user, extra_groups=None if self.user is None else [])

    @property
    def runs(self):
        return self.process is not None and self.process.returncode is None

    async def end(self, how=signal.SIGTERM, limit=60):
        """Sends a signal and waits for the end: the seconds that it took."""
        start = time.monotonic()
        if self.runs:
            self.process.send_signal(how)
            try:
                await asyncio.wait_for(self.process.wait(), limit)
            except asyncio.TimeoutError:
                self.process.kill()
                await self.process.wait()
                raise Failed(f"{self.name} did not end within {limit} s") from None
        return time.monotonic() - start


async def until_ok(program, port, path, limit=60):
    """Waits until a port answers with 200."""
    end = time.monotonic() + limit
    while time.monotonic() < end:
        if not program.runs:
            break
        client = Balancer(port)
        with contextlib.suppress(OSError, asyncio.IncompleteReadError):
            status, _, _ = await client.send("GET", path)
            client.close()
            if status == 200:
                return
        await asyncio.sleep(0.02)
    raise Failed(f"{program.name} does not answer {path} on {port}:\n{program.log.read_text()[-3000:]}")


class SQLite:
    """One file on this machine, which several replicas of it can share."""

    @staticmethod
    def name():
        return "SQLite, synchronous=FULL"

    def __init__(self, folder):
        (pathlib.Path(folder) / "sqlite").mkdir()
        self.path = pathlib.Path(folder) / "sqlite/symbolon.sqlite"
        self.url = f"sqlite:{self.path}"

    async def start(self):
        pass

    async def end(self):
        pass

    async def rows(self, statement):
        with contextlib.closing(sqlite3.connect(f"file:{self.path}?mode=ro", uri=True)) as store:
            return [[str(value) for value in row] for row in store.execute(statement)]

    def connections_by_flow(self):
        return "SELECT hex(flow_id), COUNT(*) FROM connections GROUP BY flow_id"

    def octets(self):
        return octets(self.path.parent)


class PostgreSQL:
    """Debian's newest PostgreSQL in a folder of its own on a loopback port, as a user who is not root."""

    @staticmethod
    def name():
        version, _ = newest_postgresql()
        return f"PostgreSQL {version}, fsync and synchronous_commit on"

    def __init__(self, folder):
        _, self.programs = newest_postgresql()
        self.user = "postgres" if os.getuid() == 0 else None
        self.folder = pathlib.Path(folder) / "postgresql"
        self.folder.mkdir()
        self.data = self.folder / "data"
        if self.user:
            # The way to it is through the bench's own folder.
            pathlib.Path(folder).chmod(0o755)
            shutil.chown(self.folder, self.user)
        self.port = free_ports(1)[0]
        self.url = f"postgresql://symbolon@127.0.0.1:{self.port}/symbolon"
        self.server = Program(
            "postgresql", self.programs / "postgres", "-D", self.data, "-p", str(self.port), "-h", "127.0.0.1",
            "-k", self.folder, "-c", "max_connections=200", "-c", "log_checkpoints=off", "-c", "autovacuum=off",
            folder=self.folder, user=self.user)
        # Readable by the server's user, who does not own it.
        self.server.log.touch()

    async def start(self):
        if not self.data.exists():
            await run(
                self.programs / "initdb", "-D", self.data, "-U", "symbolon", "-A", "trust", "-E", "UTF8",
                "--no-instructions", user=self.user, cwd=self.folder)
            await self.resume()
            await run(
                self.programs / "createdb", "-h", "127.0.0.1", "-p", str(self.port), "-U", "symbolon", "symbolon",
                user=self.user, cwd=self.folder)
        else:
            await self.resume()

    async def resume(self):
        """Starts the server: returns when it takes connections."""
        await self.server.start()
        for _ in range(3000):
            # Not until then does it say so itself.
            pid_file = self.data / "postmaster.pid"
            with contextlib.suppress(OSError):
                lines = pid_file.read_text().split("\n")
                if len(lines) > 7 and lines[7].strip() == "ready" and int(lines[0]) == self.server.process.pid:
                    return
            if not self.server.runs:
                break
            await asyncio.sleep(0.01)
        raise Failed(f"PostgreSQL does not start:\n{self.server.log.read_text()[-3000:]}")

    async def end(self):
        # "Fast": whoever is connected is not.
        await self.server.end(signal.SIGINT)

    async def rows(self, statement):
        text = await run(
            self.programs / "psql", "-h", "127.0.0.1", "-p", str(self.port), "-U", "symbolon", "-AtXc", statement,
            "symbolon", user=self.user, cwd=self.folder)
        return [line.split("|") for line in text.splitlines()]

    def connections_by_flow(self):
        return "SELECT encode(flow_id, 'hex'), COUNT(*) FROM connections GROUP BY flow_id"

    def octets(self):
        return octets(self.data)


def octets(folder):
    """What the files of a folder have in them, whatever a disk makes of it."""
    total = 0
    for path in pathlib.Path(folder).rglob("*"):
        # The server removes files while this looks.
        with contextlib.suppress(FileNotFoundError):
            if path.is_file():
                total += path.stat().st_size
    return total


class Replica(Program):
    """One `symbolon serve`."""

    def __init__(self, index, symbolon, port, folder, store_url):
        super().__init__(
            f"replica-{index}", symbolon, "serve", "--config", "symbolon.yaml", "--port", str(port), folder=folder,
            environment={"SYMBOLON_STORE": store_url})
        self.port = port

    async def start(self):
        await super().start()
        await until_ok(self, self.port, "/readyz")

    @property
    def resident(self):
        """Its resident memory in octets."""
        pages = int(pathlib.Path(f"/proc/{self.process.pid}/statm").read_text().split()[1])
        return pages * os.sysconf("SC_PAGE_SIZE")


class Deployment:
    """Three replicas behind HAProxy with the configuration that is shipped, a store and a provider."""

    # What the app's key may do beside what a key may as a rule.
    key_options = ()

    def __init__(self, symbolon, folder, store, provider, stray_store=None, provider_timeout=10, keyring=()):
        self.symbolon = symbolon
        self.folder = pathlib.Path(folder)
        self.store = store
        self.provider = provider
        self.provider_timeout = provider_timeout
        # Options of `keys generate`.
        self.keyring = keyring
        self.balancer_port, self.provider_port, *ports = free_ports(5)
        urls = [store.url, store.url, stray_store.url if stray_store else store.url]
        self.replicas = [
            Replica(index, symbolon, port, self.folder, url) for index, (port, url) in enumerate(zip(ports, urls))
        ]
        self.haproxy = Program(
            "haproxy", "/usr/sbin/haproxy", "-db", "-f", self.folder / "haproxy.cfg", folder=self.folder)
        self.key = ""

    async def start(self):
        for purpose in ("state", "connections"):
            await run(
                self.symbolon, "keys", "generate", "--keyring", self.folder / f"{purpose}.keyring", *self.keyring)
        made = await run(
            self.symbolon, "api-keys", "create", "--file", self.folder / "api-keys.json", "--workspace",
            "wsp_bench", "--json", *self.key_options)
        self.key = json.loads(made)["key"]
        self.write_settings()
        self.write_balancer()
        await self.store.start()
        self.provider_server = await asyncio.start_server(
            self.provider.serve, "127.0.0.1", self.provider_port, backlog=1024)
        for replica in self.replicas:
            await replica.start()
        await self.haproxy.start()
        await until_ok(self.haproxy, self.balancer_port, "/healthz")

    def write_settings(self):
        (self.folder / "workspaces.yaml").write_text(
            f'workspaces:\n  wsp_bench: {{redirect_uris: ["{REDIRECT_URI}"]}}\n')
        (self.folder / "catalog.yaml").write_text(f"""\
integrations:
  bench:
    label: Bench
    documentation: https://www.rfc-editor.org/rfc/rfc6749
    authorization_endpoint: http://127.0.0.1:{self.provider_port}/authorize
    token_endpoint: http://127.0.0.1:{self.provider_port}/token
    pkce: supported
    refresh: {{mode: rotates}}
""")
        (self.folder / "symbolon.yaml").write_text(f"""\
public_url: http://127.0.0.1:{self.balancer_port}
keyrings: {{state: state.keyring, connections: connections.keyring}}
credentials: {{api_keys: api-keys.json}}
workspaces: workspaces.yaml
catalog: [catalog.yaml]
providers: {{allow_insecure_loopback: true, timeout: {self.provider_timeout}}}
integrations:
  bench: {{client_id: bench, client_secret: bench-client-secret}}
""")

    def write_balancer(self):
        """The shipped configuration, with this machine's addresses, and without TLS, which is not at issue."""
        text = SHIPPED.read_text()
        tls = " ssl crt /etc/haproxy/connect.example.com.pem alpn h2,http/1.1"
        changes = {
            "    user haproxy\n    group haproxy\n": "", f":443{tls}": f"127.0.0.1:{self.balancer_port}",
            "/dev/log local0": "stdout format raw local0",
        }
        for index, replica in enumerate(self.replicas):
            changes[f"10.0.0.1{index + 1}:8080"] = f"127.0.0.1:{replica.port}"
        for old, new in changes.items():
            if old not in text:
                raise Failed(f"haproxy.cfg no longer says {old!r}")
            text = text.replace(old, new)
        (self.folder / "haproxy.cfg").write_text(text)

    @property
    def log_octets(self):
        """What the replicas and HAProxy said so far."""
        return sum(program.log.stat().st_size for program in (self.haproxy, *self.replicas))

    async def end(self):
        """Ends all that was started, and only that."""
        failures = []
        for program in (self.haproxy, *self.replicas):
            try:
                await program.end()
            except Failed as failure:
                failures.append(failure)
        await self.store.end()
        if hasattr(self, "provider_server"):
            self.provider_server.close()
        for failure in failures:
            print(f"error: {failure}", file=sys.stderr)
