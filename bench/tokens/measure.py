#!/usr/bin/env python3
"""Asks every program in turn for a slice of time, round after round, so that whatever the machine does meets all alike."""

import argparse
import json
import pathlib
import platform
import statistics
import subprocess
import sys
import time

import plots

HERE = pathlib.Path(__file__).parent

# What has to be reached: name, ours, the other's, the bound. Times: ours may take so many times theirs.
LIMITS = [
    ("seal 100 B", "seal-100", "floor-evp-seal-100", 1.20),
    ("seal 200 B", "seal-200", "floor-evp-seal-200", 1.20),
    ("seal 400 B", "seal-400", "floor-evp-seal-400", 1.20),
    ("open 100 B", "open-100", "floor-evp-open-100", 1.20),
    ("open 200 B", "open-200", "floor-evp-open-200", 1.20),
    ("open 400 B", "open-400", "floor-evp-open-400", 1.20),
    ("whole encode", "encode", "floor-evp-encode", 1.60),
    ("whole verify", "verify", "floor-evp-verify", 1.80),
    ("refused: malformed", "refuse-malformed", "verify", 1.0),
    ("refused: unknown key", "refuse-unknown-key", "verify", 1.0),
    ("refused: forged", "refuse-forged", "verify", 1.0),
    ("refused: expired", "refuse-expired", "verify", 1.1),
]
# They may take no less than so many times ours.
FACTORS = [
    *((f"{peer} {call}", f"{peer}:{call}", call, 6.0)
      for peer in ("python tink", "python fernet", "python joserfc", "python pyseto", "python itsdangerous",
                   "go securecookie", "go jose", "go fernet", "node jose")
      for call in ("encode", "verify")),
    ("swift-crypto AES.GCM seal 200 B", "swift-crypto-seal-200", "seal-200", 2.0),
    ("swift-crypto AES.GCM open 200 B", "swift-crypto-open-200", "open-200", 1.2),
    ("two threads, encode", "encode", "encode-two-threads", 1.85),
    ("two threads, verify", "verify", "verify-two-threads", 1.85),
]


class Peer:
    """A program that measures what it is asked for."""

    def __init__(self, *command):
        self.command = command
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def measure(self, operation, milliseconds):
        self.process.stdin.write(f"{operation} {milliseconds}\n")
        self.process.stdin.flush()
        answer = self.process.stdout.readline().split()
        if len(answer) != 2:
            sys.exit(f"error: {self.command} answered {answer!r} to {operation}")
        return int(answer[1]) / int(answer[0])

    def length(self):
        return int(subprocess.run([*self.command, "length"], capture_output=True, text=True, check=True).stdout)

    def stop(self):
        self.process.stdin.close()
        self.process.wait()


def peers(options):
    found = {
        f"python {name}": Peer(options.python, "-B", str(HERE / "peers" / "peer.py"), name)
        for name in ("tink", "fernet", "joserfc", "pyseto", "itsdangerous")
    }
    found |= {f"go {name}": Peer(options.go, name) for name in ("securecookie", "jose", "fernet")}
    found["node jose"] = Peer("node", str(HERE / "peers" / "peer.mjs"))
    return found


def measure(options, ours, others):
    """Nanoseconds of each operation, a list over the rounds."""
    names = subprocess.run([options.program, "list"], capture_output=True, text=True, check=True).stdout.split()
    calls = [(name, ours, name) for name in names]
    calls += [(f"{peer}:{call}", process, call) for peer, process in others.items() for call in ("encode", "verify")]
    times = {name: [] for name, _, _ in calls}
    for turn in range(options.rounds + 1):
        for name, process, call in calls:
            value = process.measure(call, options.slice)
            # The first round warms up.
            if turn:
                times[name].append(value)
    return times


def quotients(times, one, other):
    """Within each round, for only what was measured side by side can be compared."""
    return [a / b for a, b in zip(times[one], times[other])]


def spread(values):
    quarters = statistics.quantiles(values, n=4) if len(values) > 1 else [values[0]] * 3
    return statistics.median(values), quarters[0], quarters[2]


def report(times, lengths):
    """Prints the tables; returns what was missed."""
    missed = []
    print(f"{'operation':<28}{'ns':>9}{'quartiles':>20}{'per second':>14}")
    for name, values in sorted(times.items(), key=lambda item: statistics.median(item[1])):
        middle, low, high = spread(values)
        print(f"{name:<28}{middle:>9.0f}{f'{low:.0f} to {high:.0f}':>20}{1e9 / middle:>14,.0f}")
    print(f"\n{'of the floor, or of verify':<36}{'ratio':>7}{'at most':>9}")
    for title, one, other, bound in LIMITS:
        ratio = statistics.median(quotients(times, one, other))
        print(f"{title:<36}{ratio:>7.2f}{bound:>9.2f}{'' if ratio <= bound else '  missed'}")
        if ratio > bound:
            missed.append(title)
    print(f"\n{'how many times faster than':<36}{'ratio':>7}{'at least':>9}")
    for title, one, other, bound in FACTORS:
        ratio = statistics.median(quotients(times, one, other))
        print(f"{title:<36}{ratio:>7.2f}{bound:>9.2f}{'' if ratio >= bound else '  missed'}")
        if ratio < bound:
            missed.append(title)
    print(f"\n{'characters of the same flow':<36}")
    for name, length in sorted(lengths.items(), key=lambda item: item[1]):
        print(f"{name:<36}{length:>7}")
    encrypting = min(length for name, length in lengths.items() if name not in ("symbolon", "python itsdangerous"))
    ratio = lengths["symbolon"] / encrypting
    print(f"{'of the shortest that encrypts':<36}{ratio:>7.2f}{0.55:>9.2f}{'' if ratio <= 0.55 else '  missed'}")
    if ratio > 0.55:
        missed.append("length")
    return missed


def processor():
    for line in pathlib.Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.split(":", 1)[1].strip()
    return platform.machine()


def plot(folder, times, lengths):
    middle = {name: statistics.median(values) for name, values in times.items()}
    for call in ("encode", "verify"):
        rates = {"symbolon": 1e9 / middle[call], "floor in C": 1e9 / middle[f"floor-evp-{call}"]}
        rates |= {name.split(":")[0]: 1e9 / value for name, value in middle.items() if name.endswith(f":{call}")}
        title = f"{call} of the same flow, one thread"
        (folder / f"{call}.svg").write_text(plots.bars(title, rates, "/s", {"symbolon"}))
    (folder / "lengths.svg").write_text(plots.bars("the same flow as a token", lengths, "characters", {"symbolon"}))
    for call in ("seal", "open"):
        series = {
            name: {size: middle[f"{prefix}{call}-{size}"] for size in (100, 200, 400)}
            for name, prefix in (("symbolon", ""), ("floor in C", "floor-evp-"))
        }
        (folder / f"{call}.svg").write_text(plots.lines(f"{call}: cost against the payload", series, "ns"))
    threads = {}
    for call in ("encode", "verify"):
        threads[f"{call}, one thread"] = 1e9 / middle[call]
        threads[f"{call}, two threads"] = 1e9 / middle[f"{call}-two-threads"]
    own = {name for name in threads if name.endswith("two threads")}
    (folder / "threads.svg").write_text(plots.bars("scaling over threads", threads, "/s", own))


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--program", required=True)
    parser.add_argument("--go", required=True)
    parser.add_argument("--python", required=True)
    parser.add_argument("--output", required=True)
    parser.add_argument("--short", action="store_true")
    parser.add_argument("--check", action="store_true")
    options = parser.parse_args()
    options.rounds, options.slice = (5, 40) if options.short else (21, 150)
    ours, others = Peer(options.program), peers(options)
    lengths = {name: peer.length() for name, peer in others.items()}
    lines = subprocess.run([options.program, "lengths"], capture_output=True, text=True, check=True).stdout
    lengths |= {name: int(length) for name, length in (line.split() for line in lines.splitlines())}
    print(f"Tokens, {time.strftime('%Y-%m-%d')}, {processor()}: medians of {options.rounds} rounds of {options.slice} ms\n")
    times = measure(options, ours, others)
    for peer in (ours, *others.values()):
        peer.stop()
    missed = report(times, lengths)
    output = pathlib.Path(options.output)
    (output / "tokens.json").write_text(json.dumps({"nanoseconds": times, "characters": lengths}, indent=1) + "\n")
    plot(output, times, lengths)
    print(f"\nwritten: {output}/tokens.json, and plots beside it")
    if missed:
        print(f"missed: {', '.join(missed)}")
    return 1 if missed and options.check else 0


if __name__ == "__main__":
    sys.exit(main())
