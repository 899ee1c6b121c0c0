"""The cost of a fetch, compared with peers: CPU time, and instructions where they can be counted."""

import shutil

import parts
from peers import BY_NAME, PEERS, Failed, cpu_per_fetch
from rows import Row
from run import say

# Target: upsun's CPU time per fetch divided by that of the peer, at most. None: only reported.
CPU_TARGETS = (("floor", 1.3), ("wrk", 1.0), ("curl_multi_decode", 0.30), ("curl_multi", None), ("undici", 0.28), ("go_nethttp", 0.28), ("beast_tutorial", 0.55))
MOST_INSTRUCTIONS = 35_000
# The shorter of two runs is subtracted, which leaves out start, handshakes and end.
FEW, MANY = 1000, 4000


def cpu(run):
    present = [name for name in BY_NAME if name not in run.missing]
    cost = run.medians(present, lambda name: cpu_per_fetch(run.runner.run(BY_NAME[name], run.requests)), dispensable=True)
    run.raw["cpu_us_per_fetch"] = cost
    for name, target in CPU_TARGETS:
        what = f"CPU per fetch against {BY_NAME[name].title}"
        if name in cost and "upsun" in cost:
            yield Row(what, cost["upsun"] / cost[name], target, note=f"{cost['upsun']:.1f} against {cost[name]:.1f} us", headline=target is not None)
        else:
            yield Row(what, None, target, note=run.missing.get(name) or run.missing.get("upsun"), headline=target is not None)


def instructions(run):
    if not shutil.which("valgrind"):
        raise Failed("no valgrind")
    run.raw["instructions_per_fetch"], run.raw["profile"] = {}, {}
    for peer in PEERS:
        if not peer.counted:
            continue
        target = MOST_INSTRUCTIONS if peer.name == "upsun" else None
        if peer.name not in run.missing:
            files = [count_instructions(run.runner, peer, requests, run.folder) for requests in (FEW, MANY)]
            run.raw["profile"][peer.name] = parts.per_fetch(*files, MANY - FEW)
        count = sum(run.raw["profile"][peer.name].values()) if peer.name not in run.missing else None
        run.raw["instructions_per_fetch"][peer.name] = count
        say(f"  {peer.name}: " + (f"{count:,.0f}" if count else run.missing[peer.name]))
        yield Row(f"Instructions per fetch, {peer.title}", count, target, "", run.missing.get(peer.name, ""), headline=target is not None)


def count_instructions(runner, peer, requests, folder):
    """Runs under callgrind; returns the file that it wrote."""
    file = folder / f"callgrind.{peer.name}.{requests}"
    runner.run(peer, requests, warmup=0, before=("valgrind", "--tool=callgrind", f"--callgrind-out-file={file}"), pinned=False)
    return file
