#!/usr/bin/env python3
"""Holds the running service against its own OpenAPI document, with a valid API key.

Starts the built program in development mode, makes connections at its sandbox, and lets schemathesis send what
the document allows and what it does not, from one operation's answer to the next one's request too. Fails on a
server error, on an answer that the document does not describe, on a request that should have been refused and
was not, and on a deleted connection that is still there.

    check.py [--program .build/debug/symbolon] [--examples 60] [--seed N]
"""

import argparse
import html
import os
import pathlib
import re
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.parse

import requests

ROOT = pathlib.Path(__file__).parents[3]
CHECKS = [
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_headers_conformance",
    "response_schema_conformance",
    "negative_data_rejection",
    "ignored_auth",
    "use_after_free",
    "ensure_resource_availability",
]
CONNECTIONS = 40


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def wait_until_ready(url: str, server: subprocess.Popen) -> None:
    for _ in range(300):
        if server.poll() is not None:
            sys.exit(f"error: the service ended with {server.returncode}")
        try:
            if requests.get(f"{url}/readyz", timeout=5).ok:
                return
        except requests.ConnectionError:
            time.sleep(0.1)
    sys.exit("error: the service does not get ready")


def connect(url: str, key: str) -> None:
    """One flow at the sandbox, as a user goes through it."""
    begun = requests.post(
        f"{url}/api/v1/oauth/initiate",
        json={"integration_id": "sandbox"},
        headers={"Authorization": f"Bearer {key}"},
        timeout=10,
    )
    begun.raise_for_status()
    page = requests.get(begun.json()["auth_url"], timeout=10)
    fields = {
        html.unescape(name): html.unescape(value)
        for name, value in re.findall(r'<input type="hidden" name="([^"]*)" value="([^"]*)">', page.text)
    }
    action = re.search(r'<form method="post" action="([^"]*)"', page.text).group(1)
    done = requests.post(
        urllib.parse.urljoin(page.url, html.unescape(action)), {**fields, "answer": "allow"}, timeout=10
    )
    if done.status_code != 200 or "conn_" not in done.text:
        sys.exit(f"error: the sandbox's flow ended with {done.status_code}")


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--program", default=ROOT / ".build/debug/symbolon", type=pathlib.Path)
    parser.add_argument("--examples", default=60, type=int)
    parser.add_argument("--seed", type=int)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        port = free_port()
        url = f"http://127.0.0.1:{port}"
        log = pathlib.Path(folder, "log")
        with log.open("wb") as output:
            server = subprocess.Popen(
                [options.program.resolve(), "serve", "--port", str(port)],
                # All of it comes from one address, and much of it without a credential.
                env={**os.environ, "SYMBOLON_LIMITS_FAILURES_PER_ADDRESS": "0"},
                cwd=folder, stdout=output, stderr=subprocess.STDOUT,
            )  # fmt: skip
        try:
            wait_until_ready(url, server)
            key = pathlib.Path(folder, ".symbolon/api-key").read_text().strip()
            for _ in range(CONNECTIONS):
                connect(url, key)
            status = subprocess.run(
                [
                    pathlib.Path(sys.executable).with_name("schemathesis"),
                    "run", f"{url}/openapi.json", "--header", f"Authorization: Bearer {key}",
                    "--checks", ",".join(CHECKS), "--max-examples", str(options.examples),
                    "--phases", "examples,coverage,fuzzing,stateful", "--continue-on-failure",
                    "--warnings", "off", "--no-color",
                    *(["--seed", str(options.seed)] if options.seed is not None else []),
                ],
                cwd=folder,
                env={"PATH": "/usr/bin:/bin", "HOME": folder, "LC_ALL": "C.UTF-8", "NO_COLOR": "1",
                     "PYTHONPATH": str(pathlib.Path(__file__).parent), "SCHEMATHESIS_HOOKS": "hooks"},
            ).returncode  # fmt: skip
            if server.poll() is not None:
                sys.exit(f"error: the service ended with {server.returncode}")
            if "unexpected error" in log.read_text():
                sys.exit("error: the service logged an unexpected error")
        finally:
            server.send_signal(signal.SIGTERM)
            server.wait(timeout=30)
    sys.exit(status)


if __name__ == "__main__":
    main()
