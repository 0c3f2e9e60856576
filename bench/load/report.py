"""The tables, and what they have to show."""
import pathlib
import statistics

import plots

from . import connections, flows, tokens

# The least that our rate may be of theirs, in the median of the rounds.
LEAST = {
    "SwiftNIO, constant": 0.60, "Hummingbird, constant": 0.80, "Go, securecookie": 1.2, "Go, Redis": 1.35,
    "Go, PostgreSQL": 3.5, "FastAPI, Redis": 8.0,
}
MOST_RESIDENT_MB = 45
MOST_START_MILLISECONDS = 150


def print_all(results):
    entries = {entry["name"]: entry for entry in results["contest"]}
    print(f"\n{results['machine']}; {results['rounds']} rounds of {results['seconds']} s, 64 connections; server on one "
          "core, wrk and stores on the other; medians\n")
    if entries:
        print_contest(results["contest"])
        print_memory(results["contest"])
    if "replicas" in results:
        print_replicas(results["replicas"])
    findings = list(judge(entries, results.get("start")))
    if "tokens" in results:
        print_tokens(results["tokens"])
        findings += tokens.judge(results["tokens"])
    if "flows" in results:
        print()
        table(("finished flows", "at once", "flows/s"), flows.rows(results["flows"]))
        findings += flows.judge(results["flows"])
    if "connections" in results:
        print()
        table(("connections", "", "requests/s", "p50 ms", "p99 ms", "ours / this"),
              list(connections.rows(results["connections"], spread)))
        print()
        table(("", "", "s", "rows/s"), list(connections.import_table(results["connections"])))
        findings += connections.judge(results["connections"])
    print()
    for text, holds in findings:
        print(f"{'holds ' if holds else 'MISSED'}  {text}")
    return all(holds for _, holds in findings)


def plot(contest, folder):
    named = {entry["name"].replace("Symbolon: initiate", "Symbolon").replace("Symbolon: ", ""): entry for entry in contest}
    rates = {name: entry["rate"] for name, entry in named.items()}
    own = {name for name in named if name.startswith(("Symbolon", "callback"))}
    (folder / "http-rates.svg").write_text(plots.bars("requests over HTTP, one core, 64 connections", rates, "/s", own))
    figures = (("p50", "p50"), ("p90", "p90"), ("p99", "p99"), ("p99.9", "p999"))
    latencies = {name: {label: entry[figure] for label, figure in figures} for name, entry in named.items()}
    (folder / "http-latency.svg").write_text(
        plots.percentiles("latency with as many requests under way as there are connections", latencies, "ms"))


def print_contest(contest):
    rows = [(e["name"], f"{e['rate']:,.0f}", f"{e['p50']:.2f}", f"{e['p99']:.2f}", f"{e['p999']:.2f}",
             spread(e["ours_to_this"])) for e in contest]
    table(("", "requests/s", "p50 ms", "p99 ms", "p99.9 ms", "our initiate / this"), rows)


def print_memory(contest):
    rows = [(e["name"], f"{e['idle_mb']:.1f}", f"{e['loaded_mb'][0]:.1f}", f"{e['loaded_mb'][-1]:.1f}",
             f"{e['most_mb']:.1f}", f"{e['octets_per_flow']:.0f}") for e in contest if "callback" not in e["name"]]
    print()
    table(("resident, MB", "idle", "first round", "last round", "most", "octets stored a pending flow"), rows)


def print_replicas(replicas):
    rows = [(str(r["replicas"]), f"{r['rate']:,.0f}", f"{r['p50']:.2f}", f"{r['p99']:.2f}", f"{r['p999']:.2f}",
             f"{r['replica_microseconds']:.1f}", f"{r['balancer_microseconds']:.1f}") for r in replicas]
    print()
    table(("replicas behind HAProxy", "requests/s", "p50 ms", "p99 ms", "p99.9 ms", "replicas' CPU µs a request",
           "HAProxy's"), rows)


def print_tokens(results):
    rows = []
    for entry in results:
        middle = {name: statistics.median(part[name] for part in entry["slices"]) for name in ("rate", "p50", "p99")}
        compared = next(((name, other) for name, other, _ in tokens.PAIRS if other == entry["name"]), None)
        rows.append((entry["name"], f"{middle['rate']:,.0f}", f"{middle['p50']:.2f}", f"{middle['p99']:.2f}",
                     f"{compared[0]} {spread(tokens.ratios(results, *compared))}" if compared else ""))
    print()
    table(("access token", "requests/s", "p50 ms", "p99 ms", "ours / this"), rows)


def judge(entries, start):
    for name, least in LEAST.items():
        if name in entries:
            ratio = statistics.median(entries[name]["ours_to_this"])
            yield f"initiate {ratio:.2f} × {name} (at least {least:.2f})", ratio >= least
    ours = entries.get("Symbolon: initiate")
    if "Go, securecookie" in entries:
        ratio = statistics.median(entries["Go, securecookie"]["p99_ours_to_this"])
        yield f"p99 {ratio:.2f} × Go, securecookie (at most 1.00)", ratio <= 1
    if ours is None:
        return
    # Ours to theirs: what is faster than initiate has less than 1.
    for name, most in (("refused at the last check", 1.0), ("forged", 1.0)):
        ratio = 1 / statistics.median(entries[f"Symbolon: callback, {name}"]["ours_to_this"])
        yield f"callback, {name}: {ratio:.2f} × initiate (at least {most:.2f})", ratio >= most
    resident = max(ours["loaded_mb"])
    yield f"resident {resident:.1f} MB under load (at most {MOST_RESIDENT_MB})", resident <= MOST_RESIDENT_MB
    growth = ours["loaded_mb"][-1] - ours["loaded_mb"][0]
    yield f"resident grew by {growth:.1f} MB from the first round to the last (at most 1)", growth <= 1
    if start:
        yield (f"first answer after {start['milliseconds']:.0f} ms (below {MOST_START_MILLISECONDS}); the program, "
               f"stripped: {start['stripped_octets'] / 1e6:.1f} MB"), start["milliseconds"] < MOST_START_MILLISECONDS


def spread(values):
    return f"{statistics.median(values):.2f} ({min(values):.2f}–{max(values):.2f})"


def table(head, rows):
    widths = [max(len(row[column]) for row in (head, *rows)) for column in range(len(head))]
    for row in (head, *rows):
        print("  ".join([row[0].ljust(widths[0])] + [cell.rjust(width) for cell, width in zip(row[1:], widths[1:])]))


def processor():
    for line in pathlib.Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.split(":", 1)[1].strip()
    return "unknown processor"
