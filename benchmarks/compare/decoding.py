"""The decoder alone, compared with other libraries, by the benchmark codec."""

import json
import subprocess

from rows import Row

OTHERS = (("boost_json", "boost::json::parse + struct", 0.45), ("simdjson", "simdjson on-demand", 1.4),
          ("simdjson/in-the-order-of-the-document", "simdjson on-demand, asking in the document's order", 1.4), ("nlohmann", "nlohmann::json", None))
DOCUMENT = "decode/bitbucket-635"


def decoding(run):
    program = run.build / "bin" / "bench_codec"
    if not program.exists():
        yield Row("Decoding against others", None, note="bench_codec is not built")
        return
    command = [program, f"--benchmark_filter=^{DOCUMENT}", "--benchmark_format=json", f"--benchmark_repetitions={run.rounds}", "--benchmark_min_time=0.2",
               "--benchmark_enable_random_interleaving=true"]
    output = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    time = {entry["run_name"]: entry["cpu_time"] for entry in json.loads(output)["benchmarks"] if entry.get("aggregate_name", "median") == "median"}
    run.raw["decode_ns"] = time
    ours = time[DOCUMENT]
    for suffix, title, target in OTHERS:
        theirs = time.get(f"{DOCUMENT}/{suffix}")
        if theirs is None:
            yield Row(f"Decoding against {title}", None, target, note="not built into bench_codec")
        else:
            yield Row(f"Decoding against {title}", ours / theirs, target, note=f"{ours:,.0f} against {theirs:,.0f} ns")
