"""Does the same work through upsun and through what else would be picked, side by side, and prints the ratios against their targets.

The server is an nginx on one core, the client runs on another. Run by `cmake/dev bench`.
"""

import argparse
import os
import pathlib
import shutil
import sys

import measurements
import report
from conditions import conditions
from peers import Runner
from server import Server


def parse_arguments():
    parser = argparse.ArgumentParser(prog="compare", description=__doc__)
    parser.add_argument("--build", type=pathlib.Path, required=True, help="build directory with the programs in bin/")
    parser.add_argument("--rounds", type=int, default=5, help="how often each peer runs (default 5)")
    parser.add_argument("--requests", type=int, default=40_000, help="measured requests of a run (default 40,000)")
    return parser.parse_args()


def say(text):
    print(text, file=sys.stderr, flush=True)


def main():
    arguments = parse_arguments()
    os.environ["PATH"] += os.pathsep + "/usr/sbin"  # where Debian has nginx
    cores = sorted(os.sched_getaffinity(0))
    if len(cores) < 2 or not shutil.which("nginx"):
        sys.exit("compare: it takes nginx and two cores, one for the server and one for the client")
    rows = []
    with Server(cores[1]) as server:
        runner = Runner(server, arguments.build / "bin", cores[0])
        seen, missing = measurements.measure_peers(runner, arguments.rounds, arguments.requests, say)
        rows += measurements.cpu_rows(seen, missing)
        rows += measurements.instruction_rows(runner, missing, say)

    folder = arguments.build / "compare"
    folder.mkdir(exist_ok=True)
    (folder / "table.md").write_text(report.markdown(rows))
    (folder / "result.json").write_text(report.as_json(conditions(), rows, {"cpu_us": seen, "missing": missing}))
    print(report.markdown(rows), end="")
    say(f"In {folder}: table.md, result.json")


if __name__ == "__main__":
    main()
