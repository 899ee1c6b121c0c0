"""What is measured. Each function gives rows of the table; those that need a peer which is missing say so in the row."""

import re
import statistics

from peers import BY_NAME, PEERS, Failed, cpu_per_fetch
from rows import Row

# CPU time of upsun's fetch against another's, by issue: peer, target.
CPU_TARGETS = (("floor", 1.3), ("wrk", 1.0), ("curl_multi_decode", 0.40), ("curl_multi", None), ("undici", 0.33), ("go_nethttp", 0.33), ("beast_tutorial", 0.55))
MOST_INSTRUCTIONS = 32_000
CALLGRIND = ("valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null")


def measure_peers(runner, rounds, requests, say):
    """All peers in turn, round after round, so that a slow spell of the machine meets them all. Gives microseconds by peer, one a round; and who is missing."""
    missing = {peer.name: why for peer in PEERS if (why := runner.missing(peer))}
    seen = {peer.name: [] for peer in PEERS if peer.name not in missing}
    for number in range(1, rounds + 1):
        for name in list(seen):
            try:
                seen[name].append(cpu_per_fetch(runner.run(BY_NAME[name], requests)))
            except Failed as failure:
                missing[name] = str(failure)
                del seen[name]
        say(f"round {number}: " + ", ".join(f"{name} {costs[-1]:.1f}" for name, costs in seen.items()))
    return seen, missing


def cpu_rows(seen, missing):
    middle = {name: statistics.median(costs) for name, costs in seen.items()}
    for name, target in CPU_TARGETS:
        what = f"CPU per fetch against {BY_NAME[name].title}"
        if name in middle and "upsun" in middle:
            yield Row(what, middle["upsun"] / middle[name], target, note=f"{middle['upsun']:.1f} against {middle[name]:.1f} us")
        else:
            yield Row(what, None, target, note=missing.get(name) or missing.get("upsun"))


def instructions(runner, peer, few=1000, many=4000):
    """User-space instructions of one fetch: what the second thousands cost, so that start, connecting and end are left out."""
    counts = []
    for requests in (few, many):
        result = runner.run(peer, requests, warmup=0, before=CALLGRIND, pinned=False)
        counts.append(int(re.search(r"Collected : (\d+)", result["stderr"])[1]))
    return (counts[1] - counts[0]) / (many - few)


def instruction_rows(runner, missing, say):
    for peer in PEERS:
        if not peer.counted:
            continue
        target = MOST_INSTRUCTIONS if peer.name == "upsun" else None
        count = None if peer.name in missing else instructions(runner, peer)
        say(f"instructions, {peer.name}: " + (f"{count:,.0f}" if count else missing[peer.name]))
        yield Row(f"Instructions per fetch, {peer.title}", count, target, "instructions", missing.get(peer.name, ""))
