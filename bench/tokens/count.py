#!/usr/bin/env python3
"""Instructions and allocations of one operation: the difference of two run lengths, so that start-up falls out.

Counts do not depend on what else the machine does, so a rise can be a gate. valgrind's processor has no SHA
instructions: libcrypto takes its way without them, the same in every run.
"""

import argparse
import re
import subprocess
import sys

import baseline

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
    parser.add_argument("--count", action="store_true")
    parser.add_argument("--accept", action="store_true", help="write what was counted as the new baseline")
    options = parser.parse_args()
    counted = {
        name: (round(per_operation(instructions, options.program, name)),
               round(per_operation(allocations, options.program, name), 1))
        for name in OPERATIONS
    }
    return 0 if baseline.compare(counted, dict.fromkeys(OPERATIONS, ALLOWED), options.accept) else 1


if __name__ == "__main__":
    sys.exit(main())
