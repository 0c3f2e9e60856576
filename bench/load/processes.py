"""Servers as processes: started on a core of their own, asked what memory they take, and stopped."""
import contextlib
import http.client
import os
import pathlib
import signal
import socket
import subprocess
import time


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as held:
        return held.getsockname()[1]


class Server:
    """One process that answers HTTP on a port of its own."""

    def __init__(self, name, command, folder, environment=None, cpu=0, port=None):
        self.name = name
        self.port = port or free_port()
        self.log = pathlib.Path(folder) / f"{name.replace(' ', '-').replace('/', '-')}.log"
        self.command = [str(word).replace("PORT", str(self.port)) for word in command]
        self.environment = os.environ | (environment or {})
        self.folder = folder
        self.cpu = cpu
        self.process = None

    def start(self):
        """Gives the seconds from here to the first answer."""
        pinned = [] if self.cpu is None else ["taskset", "-c", str(self.cpu)]
        self.log.unlink(missing_ok=True)
        with self.log.open("ab") as log:
            start = time.monotonic()
            self.process = subprocess.Popen(
                pinned + self.command, cwd=self.folder, env=self.environment, stdin=subprocess.DEVNULL,
                stdout=log, stderr=log)
        while time.monotonic() < start + 30:
            if self.process.poll() is not None:
                break
            with contextlib.suppress(OSError):
                if self.ask("GET", "/readyz")[0] == 200:
                    return time.monotonic() - start
            time.sleep(0.001)
        raise RuntimeError(f"{self.name} does not start:\n{self.log.read_text()[-2000:]}")

    def stop(self):
        if self.process and self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(10)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()

    def ask(self, method, path, body=None, headers=None):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        try:
            connection.request(method, path, body, headers or {})
            answer = connection.getresponse()
            return answer.status, dict(answer.getheaders()), answer.read()
        finally:
            connection.close()

    def memory(self):
        """Resident now and at the most, in MB."""
        status = pathlib.Path(f"/proc/{self.process.pid}/status").read_text()
        fields = dict(line.split(":", 1) for line in status.splitlines())
        return tuple(int(fields[name].split()[0]) / 1024 for name in ("VmRSS", "VmHWM"))

    def processor_seconds(self):
        """User's and kernel's time since the start."""
        fields = pathlib.Path(f"/proc/{self.process.pid}/stat").read_text().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def forget_log(self):
        """Log lines are written as ever, and kept for a slice."""
        os.truncate(self.log, 0)
