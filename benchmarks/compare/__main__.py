"""Does the same work with upsun and with the alternatives, and prints the ratios and their targets.

The server is an nginx on one core, for walks over a fleet a sandbox; the client runs on another. Run by `cmake/dev bench`.
"""

import argparse
import os
import pathlib
import shutil
import sys

import against_peers
import compiling
import connections
import decoding
import fleet
import http2
import many_calls
import pictures
import report
from conditions import conditions
from peers import PEERS, Failed, Runner
from rows import Row
from run import Run, say
from server import Server

ROOT = pathlib.Path(__file__).parent.parent.parent

SECTIONS = {
    "cpu": against_peers.cpu,
    "instructions": against_peers.instructions,
    "http2": http2.http2,
    "concurrency": many_calls.concurrency,
    "ten-thousand": many_calls.ten_thousand,
    "ending-connections": many_calls.ending_connections,
    "threads": many_calls.threads,
    "fleet": fleet.fleet,
    "idle-memory": connections.idle_memory,
    "reconnect": connections.reconnect,
    "decoding": decoding.decoding,
    "compiling": compiling.compiling,
}


def parse_arguments():
    parser = argparse.ArgumentParser(prog="cmake/dev bench", description=__doc__)
    parser.add_argument("--build", type=pathlib.Path, required=True, help=argparse.SUPPRESS)
    parser.add_argument("--rounds", type=int, default=5, help="how often each measurement is made, for medians (default 5)")
    parser.add_argument("--requests", type=int, default=40_000, help="measured requests of a run (default 40,000)")
    parser.add_argument("--only", metavar="SECTION", nargs="+", choices=SECTIONS, default=list(SECTIONS), help="of " + ", ".join(SECTIONS))
    parser.add_argument("--update-doc", action="store_true", help="write the results into doc/performance.md and README.md")
    arguments = parser.parse_args()
    if arguments.update_doc and len(arguments.only) < len(SECTIONS):
        parser.error("--update-doc takes all sections")
    return arguments


def main():
    arguments = parse_arguments()
    os.environ["PATH"] += os.pathsep + "/usr/sbin"  # where Debian has nginx
    cores = sorted(os.sched_getaffinity(0))
    if len(cores) < 2 or not shutil.which("nginx"):
        sys.exit("compare: needs nginx and two cores, one for the server and one for the client")
    with Server(cores[1]) as server:
        runner = Runner(server, arguments.build / "bin", cores[0])
        run = Run(runner, arguments.build, arguments.rounds, arguments.requests, {peer.name: why for peer in PEERS if (why := runner.missing(peer))})
        rows = []
        for name in arguments.only:
            say(f"{name}:")
            try:
                rows += SECTIONS[name](run)
            except Failed as failure:
                say(failure)
                rows.append(Row(f"Section {name}", None, note="failed"))

    facts = conditions() | {"rounds": arguments.rounds, "requests of a run": arguments.requests}
    folder = run.folder
    drawn = pictures.draw(run.raw, folder)
    (folder / "table.md").write_text(report.markdown(report.table(rows)))
    (folder / "result.json").write_text(report.as_json(facts, rows, run.raw | {"missing": run.missing}))
    (folder / "page.html").write_text(report.page(facts, rows, run.raw, drawn))
    if arguments.update_doc:
        report.update_documentation(ROOT, facts, rows, run.raw, drawn)
    print(report.markdown(report.table(rows)), end="")
    for name, why in run.missing.items():
        print(f"Not available: {name}: {why}")
    say(f"In {folder}: table.md, result.json, page.html")


if __name__ == "__main__":
    main()
