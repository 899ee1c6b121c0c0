"""The cost of a connection: memory while it is idle, and CPU time of a new one."""

from peers import BY_NAME, Failed, cpu_per_fetch
from rows import Row
from run import program

MANY = 500
REST = 2  # seconds; upsun frees its buffers after one
FEW = 8  # few enough that each finds a ticket of an earlier connection


def idle_memory(run):
    ours = idle_kib(run, program("upsun"), {"rest": REST})
    theirs = idle_kib(run, BY_NAME["curl_multi"]) if "curl_multi" not in run.missing else None
    run.raw["idle_connection_kib"] = {"upsun": ours, "libcurl": theirs}
    yield Row("Memory per idle pooled TLS connection", ours, 32, "KiB", f"heap in use, OpenSSL's included, {REST} s after the last exchange")
    yield Row("The same of libcurl", theirs, None, "KiB", run.missing.get("curl_multi", "easy handles cleaned up"))


def idle_kib(run, peer, extra={}):
    """The heap that each further connection takes, all of them used before."""
    heap = {}
    for connections in (1, MANY):
        before = run.runner.server.accepted()
        heap[connections] = run.runner.run(peer, 2 * connections, warmup=0, extra={"connections": connections} | extra)["idle_heap"]
        opened = run.runner.server.accepted() - before
        if opened < connections:
            raise Failed(f"{peer.name} opened {opened} connections, not {connections}")
    return (heap[MANY] - heap[1]) / (MANY - 1) / 1024


def reconnect(run):
    cost = run.medians((1, 0), lambda tickets: cpu_per_fetch(
        run.runner.run(program("upsun"), 1000, warmup=100, extra={"port": run.runner.server.closing_port, "connections": FEW, "tickets": tickets})))
    yield Row("CPU of connecting with a TLS ticket and fetching, against a full handshake", cost[1] / cost[0], 0.5, note=f"{cost[1]:.0f} against {cost[0]:.0f} us")
