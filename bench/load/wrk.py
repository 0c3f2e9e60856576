"""One slice of load: wrk for so many seconds, with its own figures read back as JSON."""
import dataclasses
import json
import pathlib
import subprocess

# What wrk says by itself ends at p99, so its figures are taken in the script's `done`.
SCRIPT = """
wrk.method = {method}
wrk.body = {body}
{headers}
function done(summary, latency, requests)
    local errors = summary.errors
    io.write(string.format(
        "\\nFIGURES {{\\"requests\\": %d, \\"microseconds\\": %d, \\"broken\\": %d, \\"refused\\": %d, "
            .. "\\"p50\\": %d, \\"p90\\": %d, \\"p99\\": %d, \\"p999\\": %d, \\"most\\": %d}}\\n",
        summary.requests, summary.duration, errors.connect + errors.read + errors.write + errors.timeout,
        errors.status, latency:percentile(50), latency:percentile(90), latency:percentile(99),
        latency:percentile(99.9), latency.max))
end
"""


@dataclasses.dataclass
class Request:
    """What wrk sends; `status` is what has to come back, which one request finds out beforehand."""

    path: str
    method: str = "GET"
    body: str = ""
    headers: dict = dataclasses.field(default_factory=dict)
    status: int = 200

    def script(self):
        headers = "\n".join(f"wrk.headers[{quoted(k)}] = {quoted(v)}" for k, v in self.headers.items())
        body = quoted(self.body) if self.body else "nil"
        return SCRIPT.format(method=quoted(self.method), body=body, headers=headers)


@dataclasses.dataclass
class Slice:
    """What came of it; times in milliseconds."""

    rate: float
    p50: float
    p90: float
    p99: float
    p999: float
    most: float


class LoadFailed(Exception):
    pass


def run(request, port, seconds, connections, folder, cpu=None):
    script = pathlib.Path(folder) / "request.lua"
    script.write_text(request.script())
    command = [] if cpu is None else ["taskset", "-c", str(cpu)]
    command += ["wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "--timeout", "10s", "-s", str(script),
                f"http://127.0.0.1:{port}{request.path}"]
    output = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    figures = json.loads(output.split("FIGURES ", 1)[1].splitlines()[0])
    # wrk counts what is not 2xx or 3xx; a request that is to be refused is so every time.
    unlike = figures["refused"] if request.status < 400 else figures["requests"] - figures["refused"]
    if figures["broken"] or unlike:
        raise LoadFailed(f"{request.method} {request.path[:60]}: {figures}")
    return Slice(
        figures["requests"] / figures["microseconds"] * 1e6,
        *(figures[name] / 1000 for name in ("p50", "p90", "p99", "p999", "most")))


def quoted(text):
    """A Lua string: JSON's escapes are Lua's for what is sent here."""
    return json.dumps(text)
