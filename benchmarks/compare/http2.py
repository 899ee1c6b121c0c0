"""HTTP/2 against HTTP/1.1 and against peers: CPU time, bytes and memory."""

from peers import OVER_HTTP2, cpu_per_fetch
from rows import Row

# Target: upsun's CPU time per fetch over HTTP/2 divided by that of the peer, at most.
CPU_TARGETS = {"wrk": 0.75, "upsun_http1": 0.80, "h2load": 1.05, "curl_multi": 0.30, "go_nethttp": 0.28}
STREAMS, CONNECTIONS = 32, 2  # what 64 calls have with the default options
TOKEN = 600


def http2(run):
    peers = {peer.name: peer for peer in OVER_HTTP2}
    missing = {name: why for name, peer in peers.items() if (why := run.runner.missing(peer))}

    def measure(name):
        if name == "h2load":
            return cpu_per_fetch(run.runner.run_h2load(run.requests, CONNECTIONS, STREAMS))
        port = run.runner.server.port if name in ("upsun_http1", "wrk") else run.runner.server.http2_port
        return cpu_per_fetch(run.runner.run(peers[name], run.requests, extra={"port": port}))

    cost = run.medians([name for name in peers if name not in missing], measure, dispensable=True)
    run.raw["http2_cpu_us_per_fetch"] = cost
    for name, target in CPU_TARGETS.items():
        what = f"CPU per fetch over HTTP/2 against {peers[name].title}"
        if name in cost and "upsun" in cost:
            yield Row(what, cost["upsun"] / cost[name], target, note=f"{cost['upsun']:.1f} against {cost[name]:.1f} us", headline=True)
        else:
            yield Row(what, None, target, note=missing.get(name) or run.missing.get(name), headline=True)

    # After a rest every byte has been acknowledged.
    ports = {"2": run.runner.server.http2_port, "1.1": run.runner.server.port}
    seen = {version: run.runner.run(peers["upsun"], run.requests, warmup=1000, extra={"port": port, "token": TOKEN, "rest": 1})
            for version, port in ports.items()}
    sent, heap = ({version: result[figure] for version, result in seen.items()} for figure in ("bytes_sent", "busy_heap"))
    each = {version: count / (run.requests + 1000) for version, count in sent.items()}
    yield Row(f"Bytes sent per fetch over HTTP/2 against HTTP/1.1, with a token of {TOKEN} bytes", each["2"] / each["1.1"], 0.85,
              note=f"{each['2']:.0f} against {each['1.1']:.0f}, handshakes included")
    yield Row("Memory of 64 calls under way over HTTP/2 against HTTP/1.1", heap["2"] / heap["1.1"], 0.35,
              note=f"{heap['2'] / 1024:.0f} against {heap['1.1'] / 1024:.0f} KiB of heap, connections included")
