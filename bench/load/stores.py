"""Redis and PostgreSQL as places for pending flows, on a core that no server is on."""
import glob
import os
import pathlib
import shutil
import socket
import subprocess
import time

from .processes import free_port

CPU = 1


class Redis:
    """In memory alone, as a pending flow needs no more; nothing is written to a disk behind the measurement's back."""

    def __init__(self, folder):
        self.port = free_port()
        self.process = subprocess.Popen(
            ["taskset", "-c", str(CPU), "redis-server", "--port", str(self.port), "--bind", "127.0.0.1",
             "--save", "", "--appendonly", "no", "--dir", folder],
            stdout=subprocess.DEVNULL)
        wait_for(self.port)

    @property
    def address(self):
        return f"127.0.0.1:{self.port}"

    def command(self, *words):
        return subprocess.run(
            ["redis-cli", "-p", str(self.port), *words], check=True, capture_output=True, text=True).stdout

    def measure(self):
        """Pending flows, and the octets that Redis takes in all."""
        memory = dict(line.strip().split(":", 1) for line in self.command("INFO", "memory").splitlines() if ":" in line)
        return int(self.command("DBSIZE")), int(memory["used_memory"])

    def clear(self):
        self.command("FLUSHALL", "SYNC")

    def stop(self):
        self.process.terminate()
        self.process.wait()


class PostgreSQL:
    """As Debian configures it: every flow is on the disk when its answer goes out."""

    def __init__(self, folder, name="postgresql"):
        self.port = free_port()
        self.programs = pathlib.Path(sorted(glob.glob("/usr/lib/postgresql/*/bin"))[-1])
        self.data = pathlib.Path(folder) / name
        self.data.mkdir()
        # It refuses to run as root.
        self.user = []
        if os.geteuid() == 0:
            shutil.chown(self.data, "postgres")
            self.user = ["runuser", "-u", "postgres", "--"]
        self.run("initdb", "--pgdata", self.data, "--auth", "trust", "--username", "bench", "--no-sync")
        self.run(
            "pg_ctl", "--pgdata", self.data, "--wait", "--log", self.data / "log", "--options",
            f"-p {self.port} -c listen_addresses=127.0.0.1 -c unix_socket_directories={self.data}", "start")
        self.url = f"postgres://bench@127.0.0.1:{self.port}/postgres?sslmode=disable"

    def run(self, program, *arguments):
        subprocess.run(
            [*self.user, "taskset", "-c", str(CPU), self.programs / program, *arguments], check=True,
            stdout=subprocess.DEVNULL, cwd=self.data)

    def query(self, text):
        command = [self.programs / "psql", "--no-align", "--tuples-only", "--command", text, self.url]
        return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()

    def measure(self):
        """Pending flows, and the octets of table and index on the disk."""
        return tuple(int(self.query(text)) for text in (
            "SELECT count(*) FROM flows", "SELECT pg_total_relation_size('flows')"))

    def clear(self):
        self.query("TRUNCATE flows")

    def stop(self):
        self.run("pg_ctl", "--pgdata", self.data, "--mode", "fast", "--wait", "stop")


def wait_for(port):
    for _ in range(500):
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
            return
        except OSError:
            time.sleep(0.02)
    raise RuntimeError(f"nothing listens on port {port}")
