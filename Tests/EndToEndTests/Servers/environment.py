"""Runs a script of this folder inside a virtual environment of its own, made on first use.

Only the standard library is needed (Debian: python3 and python3-venv), so that a fresh machine can run
the tests. Versions are pinned in NAME.txt beside this file; another list means another installation.
"""

import fcntl
import hashlib
import os
import pathlib
import shutil
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent


def default_location(name):
    cache = os.environ.get("XDG_CACHE_HOME") or pathlib.Path.home() / ".cache"
    return pathlib.Path(cache) / "symbolon-tests" / name


def enter(name, location=None):
    """Returns at once inside the environment, and otherwise starts the same command again inside it.

    The process id stays the same, so whoever started the script can signal it.
    """
    location = pathlib.Path(location or default_location(name)).absolute()
    if pathlib.Path(sys.prefix) == location.resolve():
        return
    python = install(location, HERE / f"{name}.txt")
    os.execv(python, [str(python), *sys.argv])


def install(location, requirements):
    """Makes the environment where it is missing, broken or for other versions; returns its interpreter."""
    python = location / "bin" / "python"
    stamp = location / "installed"
    wanted = hashlib.sha256(requirements.read_bytes() + sys.version.encode()).hexdigest()
    location.parent.mkdir(parents=True, exist_ok=True)
    # Two test runs may start together: the second waits, and finds the work done.
    with open(location.with_name(location.name + ".lock"), "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if python.exists() and stamp.exists() and stamp.read_text() == wanted:
            return python
        shutil.rmtree(location, ignore_errors=True)
        for command in (
            [sys.executable, "-m", "venv", str(location)],
            [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-deps",
             "--only-binary", ":all:", "--requirement", str(requirements)],
        ):
            # Standard output belongs to the script's own protocol.
            subprocess.run(command, check=True, stdin=subprocess.DEVNULL, stdout=sys.stderr)
        stamp.write_text(wanted)
    return python
