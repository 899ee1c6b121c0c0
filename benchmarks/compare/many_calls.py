"""upsun with few and many concurrent calls, and on several threads."""

from peers import Failed, cpu_per_fetch
from rows import Row
from run import program

CONCURRENCY = (1, 4, 16, 64)
MANY = 10_000
THREADS = 4
ENDING = 100_000


def concurrency(run):
    """The cost must not rise with the number of concurrent calls, and p99 must not be much above p50."""

    def measure(callers):
        result = run.runner.run(program("upsun_calls"), run.requests // 2, extra={"callers": callers})
        return cpu_per_fetch(result), result["p50_us"], result["p99_us"]

    seen = run.medians(CONCURRENCY, measure)
    run.raw["by_concurrency"] = {callers: dict(zip(("cpu_us", "p50_us", "p99_us"), figures)) for callers, figures in seen.items()}
    rises = [seen[more][0] / seen[fewer][0] for fewer, more in zip(CONCURRENCY, CONCURRENCY[1:])]
    costs = ", ".join(f"{callers}: {figures[0]:.1f} us" for callers, figures in seen.items())
    yield Row("Most that four times as many concurrent calls add to the cost per fetch, 1 to 64", max(rises), 1.05, note=costs)
    yield Row("p99 against p50 of latency at 64 concurrent calls", seen[64][2] / seen[64][1], 3, note=f"{seen[64][2]:.0f} against {seen[64][1]:.0f} us")


def ten_thousand(run):
    cost = run.medians((64, MANY), lambda callers: cpu_per_fetch(
        run.runner.run(program("upsun"), run.requests + MANY, warmup=2 * MANY, extra={"callers": callers})))
    yield Row(f"CPU per fetch of {MANY:,} concurrent calls over 64 connections, against 64 calls", cost[MANY] / cost[64], 1.15,
              note=f"{cost[MANY]:.1f} against {cost[64]:.1f} us")
    counted = run.runner.run(program("upsun_calls"), 3 * MANY, extra={"callers": MANY})
    yield Row("Memory per waiting call", counted["bytes_per_waiting_call"], 2048, "bytes", "heap in use, callbacks as handlers")
    counted = run.runner.run(program("upsun_calls"), 3 * MANY)
    yield Row("Allocations per fetch beside the value's own strings", counted["allocations_beyond_value"], 2, "", "calls of operator new")


def ending_connections(run):
    """Over HTTP/2: connections that the server ends after 100 requests must cost no call, send none twice, and make few of them slow."""
    server = run.runner.server

    def measure(port):
        before = server.requests()
        result = run.runner.run(program("upsun_calls"), ENDING, warmup=1000, extra={"port": getattr(server, port)})  # which fails when a call does
        if (served := server.requests() - before - 1) != ENDING + 1000:
            raise Failed(f"upsun_calls: the server got {served:,} requests of {ENDING + 1000:,} calls")
        return result["p99_us"] / result["p50_us"], result["p50_us"], result["p99_us"], cpu_per_fetch(result)

    seen = run.medians(("http2_port", "http2_ending_port"), measure)
    run.raw["ending_connections"] = {port: dict(zip(("ratio", "p50_us", "p99_us", "cpu_us"), figures)) for port, figures in seen.items()}
    lasting, ending = seen.values()
    yield Row(f"p99 against p50 of {ENDING:,} fetches over HTTP/2, 64 at once, when each connection ends after 100 requests", ending[0], 3,
              note=f"{ending[2]:,.0f} against {ending[1]:,.0f} us; no call lost or sent twice")
    yield Row("The same when connections last", lasting[0], note=f"{lasting[2]:,.0f} against {lasting[1]:,.0f} us")
    yield Row("CPU per fetch, ending against lasting", ending[3] / lasting[3], note=f"{ending[3]:.1f} against {lasting[3]:.1f} us")


def threads(run):
    """Not pinned: client and server share the two cores."""
    variants = {"1 thread": (1, 0), f"{THREADS} clients": (THREADS, 0), "1 shared client": (THREADS, 1)}

    def measure(variant):
        count, shared = variants[variant]
        result = run.runner.run(program("upsun_calls"), run.requests, extra={"threads": count, "shared": shared}, pinned=False)
        return result["requests"] / result["seconds"], cpu_per_fetch(result)

    seen = run.medians(variants, measure)
    run.raw["by_threads"] = {variant: dict(zip(("fetches_per_second", "cpu_us"), figures)) for variant, figures in seen.items()}
    one, separate, shared = seen.values()
    yield Row(f"Fetches per second of {THREADS} contexts with a client each, against one context", separate[0] / one[0],
              note=f"{separate[0]:,.0f} against {one[0]:,.0f}; the server works on the same two cores")
    yield Row(f"What one client shared by {THREADS} threads loses to {THREADS} separate ones", 100 * (1 - shared[0] / separate[0]), 10, "%",
              f"{shared[0]:,.0f} against {separate[0]:,.0f} fetches per second; {shared[1]:.1f} against {separate[1]:.1f} us of CPU")
