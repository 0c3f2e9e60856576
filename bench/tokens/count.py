#!/usr/bin/env python3
"""Instructions and allocations of one operation: the difference of two run lengths, so that start-up falls out.

Counts do not depend on what else the machine does, so a rise can be a gate. valgrind's processor has no SHA
instructions: libcrypto takes its way without them, the same in every run.
"""

import argparse
import csv
import pathlib
import re
import subprocess
import sys

OPERATIONS = [
    "encode", "verify", "refuse-malformed", "refuse-unknown-key", "refuse-forged", "refuse-expired", "seal-200", "open-200",
]
FEW, MANY = 200, 1200
ALLOWED = 0.02


def run(tool, program, operation, count):
    done = subprocess.run(
        ["valgrind", *tool, program, "count", operation, str(count)], capture_output=True, text=True)
    if done.returncode != 0:
        sys.exit(f"error: valgrind of {operation}: {done.stderr[-400:]}")
    return done.stderr


def instructions(program, operation, count):
    output = run(["--tool=callgrind", "--callgrind-out-file=/dev/null"], program, operation, count)
    return int(re.search(r"Collected : (\d+)", output)[1])


def allocations(program, operation, count):
    output = run(["--tool=memcheck", "--leak-check=no", "--undef-value-errors=no"], program, operation, count)
    return int(re.search(r"total heap usage: ([\d,]+) allocs", output)[1].replace(",", ""))


def per_operation(measure, program, operation):
    return (measure(program, operation, MANY) - measure(program, operation, FEW)) / (MANY - FEW)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--program", required=True)
    parser.add_argument("--baseline", type=pathlib.Path, required=True)
    parser.add_argument("--count", action="store_true")
    parser.add_argument("--accept", action="store_true", help="write what was counted as the new baseline")
    options = parser.parse_args()
    counted = {
        name: (round(per_operation(instructions, options.program, name)),
               round(per_operation(allocations, options.program, name), 1))
        for name in OPERATIONS
    }
    if options.accept:
        with options.baseline.open("w") as file:
            writer = csv.writer(file, lineterminator="\n")
            writer.writerow(["operation", "instructions", "allocations"])
            writer.writerows([name, *values] for name, values in counted.items())
    with options.baseline.open() as file:
        baseline = {row["operation"]: row for row in csv.DictReader(file)}
    risen = []
    print(f"{'operation':<22}{'instructions':>14}{'before':>10}{'change':>9}{'allocations':>13}{'before':>8}")
    for name, (count, blocks) in counted.items():
        before, blocks_before = int(baseline[name]["instructions"]), float(baseline[name]["allocations"])
        change = count / before - 1
        print(f"{name:<22}{count:>14,}{before:>10,}{change:>+9.1%}{blocks:>13}{blocks_before:>8}")
        if change > ALLOWED or blocks > blocks_before + 0.1:
            risen.append(name)
    if risen:
        print(f"error: more than before: {', '.join(risen)}. If it has to be, say why and run it with --accept")
    return 1 if risen else 0


if __name__ == "__main__":
    sys.exit(main())
