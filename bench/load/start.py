"""How long the service takes to its first answer, and how large its program is."""
import pathlib
import shutil
import statistics
import subprocess
import tempfile


def measure_starts(deployment, program, count):
    seconds = []
    for _ in range(count):
        replica = deployment.replica("Symbolon, started", cpu=None)
        try:
            seconds.append(replica.start())
        finally:
            replica.stop()
    with tempfile.TemporaryDirectory() as folder:
        stripped = pathlib.Path(folder) / "stripped"
        shutil.copy(program, stripped)
        subprocess.run(["strip", stripped], check=True)
        return {
            "milliseconds": statistics.median(seconds) * 1000, "least": min(seconds) * 1000,
            "most": max(seconds) * 1000, "octets": program.stat().st_size, "stripped_octets": stripped.stat().st_size,
        }
