"""Measures initiate and the callback's verification over HTTP, beside the servers that one would build instead.

Run by bench/http, which installs and builds what this needs.
"""
import argparse
import contextlib
import json
import pathlib
import platform
import sys
import tempfile

from . import connections, counts, flows, replicas, report, tokens
from .contest import Contest
from .deployment import Deployment
from .processes import Server
from .start import measure_starts
from .stores import PostgreSQL, Redis

BENCH = pathlib.Path(__file__).resolve().parent.parent


def main():
    parser = argparse.ArgumentParser(prog="bench/http", description=__doc__.splitlines()[0])
    for program in ("symbolon", "constant", "bare", "go-server", "python"):
        parser.add_argument(f"--{program}", required=True, type=pathlib.Path, help=argparse.SUPPRESS)
    parser.add_argument("--output", type=pathlib.Path, required=True, help=argparse.SUPPRESS)
    parser.add_argument("--short", action="store_true", help="two rounds of 2 s instead of five of 5 s")
    parser.add_argument("--check", action="store_true", help="exit with 1 if a ratio is missed")
    parser.add_argument("--only", metavar="TEXT", help="only contestants whose name has this in it")
    parser.add_argument("--tokens", action="store_true", help="only access tokens")
    parser.add_argument("--flows", action="store_true", help="only finished flows")
    parser.add_argument("--connections", action="store_true", help="only lists, changes, refreshes and imports")
    parser.add_argument("--count", action="store_true", help="only instructions, by callgrind")
    parser.add_argument("--accept", action="store_true", help="write what was counted as the new baseline")
    options = parser.parse_args()
    rounds, seconds = (2, 2) if options.short else (5, 5)
    flow = json.loads((BENCH / "flow.json").read_text())
    if options.count:
        return 0 if counts.check(options.symbolon, flow, options.accept) else 1
    with contextlib.ExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="symbolon-http-"))
        pathlib.Path(folder).chmod(0o755)
        deployment = Deployment(options.symbolon, flow, folder)
        results = {
            "machine": f"{report.processor()}, {platform.system()} {platform.release()}",
            "rounds": rounds, "seconds": seconds, "contest": [],
        }
        if not options.only:
            parts = {"tokens": tokens, "flows": flows, "connections": connections}
            chosen = [part for part in parts if getattr(options, part)]
            for part, module in parts.items():
                if chosen and part not in chosen:
                    continue
                postgresql = PostgreSQL(folder, part)
                try:
                    results[part] = module.measure(options, flow, folder, postgresql, rounds, seconds)
                finally:
                    postgresql.stop()
        if options.tokens or options.flows or options.connections:
            return conclude(results, options)
        contest = Contest(deployment, folder, only=options.only)
        stack.callback(contest.stop)
        add_contestants(contest, deployment, options, folder, stack)
        results["contest"] = contest.run(rounds, seconds)
        contest.stop()
        if not options.only:
            results["start"] = measure_starts(deployment, options.symbolon, 3 if options.short else 15)
            results["replicas"] = replicas.measure(deployment, folder, seconds)
    return conclude(results, options)


def conclude(results, options):
    options.output.parent.mkdir(parents=True, exist_ok=True)
    options.output.write_text(json.dumps(results, indent=1) + "\n")
    held = report.print_all(results)
    if results["contest"]:
        report.plot(results["contest"], options.output.parent)
    print(f"\nAll figures: {options.output}, and plots beside it")
    return 0 if held or not options.check else 1


def add_contestants(contest, deployment, options, folder, stack):
    environment = {
        "BENCH_API_KEY": deployment.api_key, "BENCH_REDIRECT_URI": deployment.flow["redirect_uri"], "GOMAXPROCS": "1",
    }
    redis = Redis(folder)
    stack.callback(redis.stop)
    postgresql = PostgreSQL(folder)
    stack.callback(postgresql.stop)
    contest.add(deployment.replica("Symbolon"), callbacks=True)
    one_loop = {"NIO_SINGLETON_GROUP_LOOP_COUNT": "1"}
    contest.add(Server("SwiftNIO, constant", [options.bare, "PORT", "1000"], folder, one_loop))
    contest.add(Server("Hummingbird, constant", [options.constant, "PORT"], folder, one_loop))
    go = options.go_server
    contest.add(Server("Go, securecookie", [go, "PORT", "securecookie"], folder, environment))
    contest.add(Server("Go, Redis", [go, "PORT", "redis", redis.address], folder, environment), store=redis)
    contest.add(Server(
        "Go, PostgreSQL", [go, "PORT", "postgresql", postgresql.url], folder, environment), store=postgresql)
    contest.add(Server(
        "FastAPI, Redis",
        [options.python, "-B", "-m", "uvicorn", "--app-dir", BENCH / "servers/fastapi", "app:app", "--port", "PORT",
         "--loop", "uvloop", "--http", "httptools", "--no-access-log", "--log-level", "warning"],
        folder, environment | {"BENCH_REDIS": f"redis://{redis.address}"}), store=redis)


if __name__ == "__main__":
    sys.exit(main())
