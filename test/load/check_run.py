#!/usr/bin/env python3
"""usage: check_run.py UPSUN-LOAD UPSUN-SANDBOX: runs it against sandboxes and checks what it counts, not how fast it was."""
import base64
import csv
import json
import os
import re
import resource
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import time
import zlib
from concurrent.futures import ThreadPoolExecutor

program, sandbox_program = sys.argv[1:]


def run(*arguments, status=0):
    with tempfile.TemporaryDirectory() as directory:
        file = os.path.join(directory, "load.json")
        done = subprocess.run([program, "--json", file, *arguments], capture_output=True, text=True, timeout=60)
        assert done.returncode == status, (arguments, done)
        return json.load(open(file))["runs"] if os.path.exists(file) else done


def hdr_total(text):
    """The number of values in a histogram of HdrHistogram's compressed encoding V2."""
    outer = base64.b64decode(text)
    assert outer[:4] == b"\x1c\x84\x93\x14" and int.from_bytes(outer[4:8], "big") == len(outer) - 8, outer
    inner = zlib.decompress(outer[8:])
    cookie, length, offset, digits, lowest, highest, ratio = struct.unpack(">IIIIqqd", inner[:40])
    assert (cookie, length, offset, digits, lowest, ratio) == (0x1C849313, len(inner) - 40, 0, 2, 1, 1.0), inner
    total = shift = value = 0
    for byte in inner[40:]:
        value |= (byte & 0x7F) << shift
        shift += 7
        if byte < 0x80:
            total += max(0, (value >> 1) ^ -(value & 1))  # a negative one is a run of empty buckets
            shift = value = 0
    return total


def check_counts(report, requests):
    assert report["fetched"] == requests == report["latency_us"]["count"], report
    assert report["failed"] == report["unfinished"] == 0 and not report["errors"], report
    assert sum(slice["fetched"] for slice in report["timeline"]) == requests, report
    assert 1 <= report["connections"]["dials"] <= report["settings"]["connections"], report
    assert requests - report["connections"]["dials"] <= report["connections"]["reuses"] < requests, report
    assert report["cpu_us_per_fetch"]["total"] > 0, report
    assert report["allocations_per_fetch"] is None or report["allocations_per_fetch"] > 1, report


for extra in [[], ["--threads", "2"], ["--threads", "2", "--shared"], ["--rate", "2000"], ["--rate", "2000", "--threads", "2", "--shared"]]:
    [report] = run("--requests", "300", "--concurrency", "8", "--connections", "4", *extra)
    check_counts(report, 300)

[report] = run("--requests", "100", "--concurrency", "8", "--http", "2", "--streams", "4")
assert report["fetched"] == 100 and report["failed"] == 0, report

# A mix of operations, each with figures of its own, and the same calls by the same seed.
mixes = []
for _ in range(2):
    [report] = run("--requests", "120", "--concurrency", "8", "--mix", "get=6,list=3,activities=2,project=1,environments=1,capabilities=1", "--seed", "7")
    check_counts(report, 120)
    mixes.append([(each["name"], each["fetched"]) for each in report["operations"]])
    assert [name for name, _ in mixes[-1]] == ["get", "list", "activities", "project", "environments", "capabilities"], report
    assert sum(count for _, count in mixes[-1]) == 120 == sum(each["latency_us"]["count"] for each in report["operations"]), report
assert mixes[0] == mixes[1] and min(count for _, count in mixes[0]) > 0, mixes

# Stages: as many calls as planned, 40 and 60, however late; whether one more is due at the very end is a matter of rounding.
[report] = run("--warmup", "0", "--stages", "200/s:200ms,200..400/s:200ms")
assert report["latency_us"]["count"] + report["unfinished"] in [100, 101], report
assert [each["name"] for each in report["stages"]] == ["200/s", "200..400/s"], report
assert report["phases_us"]["start"]["count"] > 0, report

# A new connection for each call.
for kind in ["resumed", "full"]:
    [report] = run("--requests", "30", "--concurrency", "4", "--handshakes", kind)
    assert report["fetched"] == 30 == report["phases_us"]["tls"]["count"] and report["connections"]["reuses"] == 0, report

# The latencies as a log of HdrHistogram hold each call once.
with tempfile.TemporaryDirectory() as directory:
    file, log, table = (os.path.join(directory, "load." + kind) for kind in ["json", "hlog", "csv"])
    done = subprocess.run([program, "--requests", "150", "--json", file, "--hdr-log", log, "--csv", table], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done
    intervals = [line.split(",") for line in open(log) if line[0] not in '#"']
    assert sum(hdr_total(histogram) for _, _, _, histogram in intervals) == 150, intervals
    rows = list(csv.DictReader(open(table, newline="")))
    assert [row["count"] for row in rows if row["part"] == "all"] == ["150"], rows
    assert sum(int(row["count"]) for row in rows if row["part"] == "slice") == 150, rows

    # A report compared with one in which no call succeeded, and the other way round.
    dead = os.path.join(directory, "dead.json")
    nowhere = ["--url", "https://127.0.0.1:1", "--project", "p", "--integration", "i", "--requests", "5", "--attempts", "1"]
    assert subprocess.run([program, *nowhere, "--json", dead], capture_output=True, timeout=60).returncode == 1
    done = subprocess.run([program, "--compare", file, dead, "--worse-by", "5"], capture_output=True, text=True, timeout=60)
    assert done.returncode == 3 and f"failed: no call succeeded in {dead}\n" in done.stdout, done
    assert "not the same server: " in done.stdout and "not the same sandbox_latency_ms: 0 and none" in done.stdout, done
    done = subprocess.run([program, "--compare", dead, file, "--worse-by", "5"], capture_output=True, text=True, timeout=60)
    assert done.returncode == 2 and f"none did in {dead}\n" in done.stderr, done

    # A report compared with itself shows no difference, and one with failures fails.
    done = subprocess.run([program, "--compare", file, file], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0 and "fetches a second" in done.stdout and "+0.0 %" in done.stdout, done
    slower = json.load(open(file))
    json.dump({**slower, "runs": [{**slower["runs"][0], "timeline": []}]}, open(os.path.join(directory, "short.json"), "w"))
    done = subprocess.run([program, "--compare", *[os.path.join(directory, "short.json")] * 2, "--worse-by", "0"], capture_output=True, text=True, timeout=60)
    assert done.returncode == 2 and "--worse-by needs two or more rounds or time slices" in done.stderr, done
    slices = [{**slower["runs"][0]["timeline"][0], "end_s": number + 1, "fetched": 100, "p99_us": 1000 + number} for number in range(4)]
    for name, factor in [("before.json", 1), ("after.json", 2)]:
        slower["runs"][0]["timeline"] = [{**each, "p99_us": each["p99_us"] * factor} for each in slices]
        json.dump(slower, open(os.path.join(directory, name), "w"))
    pair = [os.path.join(directory, name) for name in ["before.json", "after.json"]]
    for files, status in [(pair, 3), (pair[::-1], 0)]:
        done = subprocess.run([program, "--compare", *files, "--worse-by", "50"], capture_output=True, text=True, timeout=60)
        assert done.returncode == status and ("failed: latency p99, us is worse by more than 50 %" in done.stdout) == (status == 3), done
    done = subprocess.run([program, "--compare", log, file], capture_output=True, text=True, timeout=60)
    assert done.returncode == 2 and log + " is no JSON" in done.stderr, done

# Thresholds: one line each, and a status of their own, which comes before that of calls that failed.
with tempfile.TemporaryDirectory() as directory:
    file = os.path.join(directory, "load.json")
    for conditions, status in [(["p99>1h"], 2), (["p99>3600s", "errors>0%"], 0), (["p99>3600s", "max>0us"], 3)]:
        done = subprocess.run([program, "--requests", "20", "--json", file, *(word for each in conditions for word in ["--fail-if", each])], capture_output=True, text=True, timeout=60)
        assert done.returncode == status, done
        if status != 2:
            assert [each["failed"] for each in json.load(open(file))["thresholds"]] == [False, status == 3], done
            assert all(f": {each} (" in done.stdout for each in conditions), done
nowhere = ["--url", "https://127.0.0.1:1", "--project", "p", "--integration", "i", "--requests", "5", "--attempts", "1"]
run(*nowhere, "--fail-if", "errors>50%", status=3)
run(*nowhere, "--fail-if", "rate<0", status=1)

# The highest rate, of a server that is never there, and under an objective that always holds: the search ends by itself.
runs = run(*[word for word in nowhere if word not in ["--requests", "5"]], "--find-rate", "p99<1s", "--rate", "4", "--warmup", "0", "--duration", "0.2", status=3)
assert [report["settings"]["rate"] for report in runs] == [4, 2, 1], runs
done = run("--find-rate", "p99<0us,errors<=100%", "--rate", "1.5", "--warmup", "0", "--duration", "0.2", status=3)
assert [report["settings"]["rate"] for report in done] == [1.5, 1], done

runs = run("--requests", "200", "--sweep", "concurrency=1,8")
assert [report["settings"]["concurrency"] for report in runs] == [1, 8], runs
for report in runs:
    check_counts(report, 200)
assert runs[0]["connections"]["dials"] == 1, runs[0]

[report] = run("--requests", "20", "--latency", "20", "--concurrency", "2")
check_counts(report, 20)
assert report["latency_us"]["p50"] >= 20000, report

# A measured time, long enough for this machine: at each end of it, the calls under way may belong to one figure and not to the other.
for duration in ["0.3", "2", "15"]:
    try:
        [report] = run("--warmup", "0.1", "--duration", duration, "--concurrency", "2")
        break
    except AssertionError:
        continue
assert 0 < report["fetched"] and abs(report["latency_us"]["count"] - report["fetched"]) <= 2, report
assert report["failed"] == report["unfinished"] == 0, report

# A server of one's own, with its authority and its token, which is sent and never shown.
with subprocess.Popen([sandbox_program, "--token", "a-token-to-hide"], stdout=subprocess.PIPE, text=True) as sandbox, tempfile.TemporaryDirectory() as directory:
    url, authority = (sandbox.stdout.readline().strip().split("=", 1)[1] for _ in range(2))
    file = os.path.join(directory, "load.json")
    where = [program, "--url", url, "--ca-file", authority, "--project", "project-0", "--integration", "integration-0", "integration-1"]
    run_there = [*where, "--requests", "50", "--json", file]
    for arguments, token, status in [
        (run_there, "a-token-to-hide", 0),
        ([*run_there, "--token", "a-token-to-hide"], "another", 0),
        (run_there, "a-wrong-token-to-hide", 1),
        ([*where, "--concurrency", "0"], "a-token-to-hide", 2),
    ]:
        done = subprocess.run(arguments, env={**os.environ, "UPSUN_ACCESS_TOKEN": token}, capture_output=True, text=True, timeout=60)
        assert done.returncode == status, done
        assert "to-hide" not in done.stdout + done.stderr + open(file).read(), done
    assert json.load(open(file))["runs"][0]["failed"] == 50
    sandbox.terminate()

# Failures are counted by text, and shown by the status.
[record] = run("--url", "https://127.0.0.1:1", "--project", "p", "--integration", "i", "--requests", "5", "--attempts", "1", status=1)
assert record["fetched"] == 0 and record["failed"] == 5 and list(record["errors"].values()) == [5], record


def interrupted(number, *arguments, before_the_signal=lambda: None, status=130):
    """What it prints when it is interrupted as a terminal does it: by a signal to it and to its sandbox."""
    child = subprocess.Popen([program, *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True)
    while int(open(f"/proc/{child.pid}/stat").read().rsplit(")", 1)[1].split()[17]) < 2:  # until it has its thread of calls
        time.sleep(0.01)
    before_the_signal()
    os.killpg(child.pid, number)
    table, errors = child.communicate(timeout=60)
    assert child.returncode == status, (child.returncode, table, errors)
    return table, errors


# A signal ends the run, which still reports what it measured; so does a terminal that is closed.
for number in [signal.SIGINT, signal.SIGTERM, signal.SIGHUP]:
    with tempfile.TemporaryDirectory() as directory:
        file = os.path.join(directory, "load.json")
        table, _ = interrupted(number, "--duration", "60", "--warmup", "0", "--json", file)
        assert "interrupted after" in table, table
        [report] = json.load(open(file))["runs"]
        assert report["interrupted"] and report["failed"] == 0, report

# So does one while it waits, once the measured time is over, for calls that take a minute; and one amid a backlog of millions of calls.
table, _ = interrupted(signal.SIGINT, "--duration", "0.01", "--warmup", "0", "--latency", "60000")
assert "interrupted after 0.0 s" in table, table
interrupted(signal.SIGINT, "--rate", "1e9", "--duration", "60", "--warmup", "0", "--concurrency", "4")

table, _ = interrupted(signal.SIGINT, "--find-rate", "p99<1000s", "--rate", "1", "--duration", "60", "--warmup", "0")
assert "The search was interrupted; until then no rate held p99<1000s." in table, table
assert re.search(r"\n1/s .* interrupted\n", table), table

# Of reports the one that cannot be written, as its directory is gone, leaves the others.
with tempfile.TemporaryDirectory() as directory:
    gone = os.path.join(directory, "gone")
    os.mkdir(gone)
    files = [os.path.join(*each) for each in [(gone, "load.json"), (gone, "load.html"), (directory, "load.csv")]]
    table, errors = interrupted(signal.SIGINT, "--duration", "60", "--json", files[0], "--html", files[1], "--csv", files[2], before_the_signal=lambda: os.rmdir(gone), status=2)
    assert "interrupted after" in table and os.path.exists(files[2]), table
    assert [f"upsun-load: cannot write {each}: No such file or directory" for each in files[:2]] == errors.splitlines(), errors

# A later run of a sweep that cannot begin, for want of descriptors, leaves those that ended.
with tempfile.TemporaryDirectory() as directory:
    file = os.path.join(directory, "load.json")
    few = lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (60, 60))
    done = subprocess.run([program, "--sweep", "threads=1,64", "--requests", "1", "--json", file], preexec_fn=few, capture_output=True, text=True, timeout=60)
    assert done.returncode == 2 and "upsun-load: run 2: " in done.stderr and done.stderr.count("\n") == 1, done
    assert [each["fetched"] for each in json.load(open(file))["runs"]] == [1] and "fetches a second" in done.stdout, done

# A call that was due in the warm-up and fails later counts with its latency, so not at all. The first call is due then, and fails when the second one comes, which is due in the measured time.
with socket.create_server(("127.0.0.1", 0)) as server, ThreadPoolExecutor() as threads:
    def refuse_two():
        with server.accept()[0], server.accept()[0]:
            pass

    refused = threads.submit(refuse_two)
    url = f"http://127.0.0.1:{server.getsockname()[1]}"
    [report] = run("--url", url, "--project", "p", "--integration", "i", "--attempts", "1", "--rate", "1", "--warmup", "0.5", "--duration", "1", status=1)
    refused.result()
    assert report["failed"] == 1 == sum(report["errors"].values()), report

with tempfile.TemporaryDirectory() as directory:
    file = os.path.join(directory, "load.html")
    done = subprocess.run([program, "--requests", "50", "--html", file], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0 and open(file).read().count("<svg") == 4, done

# Whoever reads the table may go, and the report is still written; what cannot be written is an error, before the run where that can be known.
with tempfile.TemporaryDirectory() as directory:
    file = os.path.join(directory, "load.json")
    with subprocess.Popen([program, "--requests", "20", "--json", file], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as child:
        child.stdout.close()
        said = child.stderr.read()
    assert child.returncode == 2 and "cannot write the report" in said and json.load(open(file))["runs"][0]["fetched"] == 20, said
    with open("/dev/full", "w") as full:
        done = subprocess.run([program, "--requests", "20"], stdout=full, stderr=subprocess.PIPE, text=True, timeout=60)
    assert done.returncode == 2 and "cannot write the report" in done.stderr, done
    missing = os.path.join(directory, "none", "load.json")
    done = subprocess.run([program, "--duration", "3600", "--json", missing], capture_output=True, text=True, timeout=60)
    assert done.returncode == 2 and missing in done.stderr, done

for wrong, problem in [
    (["--rate", "nan"], "nan is not a number"),
    (["--duration", "nan"], "nan is not a number"),
    (["--warmup", "NaN"], "NaN is not a number"),
    (["--rate", "inf"], "not in range"),
    (["--sweep", "speed=1"], "cannot be swept"),
    (["--threads", "4", "--concurrency", "2"], "--shared"),
    (["--url", "https://127.0.0.1:1"], "--project"),
    (["--ca-file", "ca.pem"], "--url"),
    (["--requests", "5", "--warmup", "1"], "--warmup"),
    (["--requests", "5", "--duration", "1"], "--duration"),
    (["--concurrency", "0"], "0 not in range"),
    (["--url", "ftp://127.0.0.1", "--project", "p", "--integration", "i"], "base_url"),
    (["--nonsense"], "--nonsense"),
    (["--fail-if", ""], "--fail-if"),
    (["--stages", ""], "--stages"),
    (["--find-rate", ""], "--find-rate"),
    (["--fail-if", "p99"], "--fail-if: 'p99' has no comparison"),
    (["--find-rate", "p99<5ms,"], "--find-rate: '' has no comparison"),
    (["--find-rate", "p99<5ms", "--requests", "5"], "--requests"),
    (["--worse-by", "5"], "--compare"),
    (["--compare", "one.json", "two.json", "--fail-if", "p99>1ms"], "--compare"),
    (["--compare", "one.json"], "--compare"),
    (["--mix", "delete=1"], "--mix: 'delete' is no operation"),
    (["--stages", "100/s"], "--stages: '100/s' is not RATE/s:LENGTH"),
    (["--stages", "100/s:1s", "--rate", "5"], "--rate"),
    (["--stages", "100/s:1s", "--sweep", "rate=1,2"], "--sweep"),
    (["--handshakes", "half"], "half"),
    (["--handshakes", "full", "--http", "2"], "--http 2"),
    (["--handshakes", "full", "--url", "http://127.0.0.1", "--project", "p", "--integration", "i"], "--handshakes full"),
    (["--sweep", "threads=1,257"], "--sweep: '257' is no value for threads"),
    (["--sweep", "connections=70000", "--threads", "1"], "from 1 to 65535"),
    (["--compare", "one.json", "two.json", "--rate", "5"], "leave --rate out"),
    (["--compare", "one.json", "two.json", "--shared"], "leave --shared out"),
    (["--json", "x", "--html", "./x"], "--json and --html name one file"),
    (["--csv", "x/../y", "--hdr-log", "y"], "--csv and --hdr-log name one file"),
    (["--json", ""], "--json: needs a value"),
    (["--url", ""], "--url: needs a value"),
    (["--concurrency", "010"], "010 is no whole number"),
    (["--seed", "0x10"], "0x10 is no whole number"),
    (["--requests", "1e3"], "1e3 is no whole number"),
    (["--streams", "8"], "--streams is for HTTP/2"),
    (["--streams", "8", "--http", "1", "--url", "https://127.0.0.1", "--project", "p", "--integration", "i"], "--streams is for HTTP/2"),
]:
    done = subprocess.run([program, *wrong], capture_output=True, text=True, timeout=60)
    assert done.returncode == 2 and done.stdout == "" and done.stderr.startswith("upsun-load: ") and problem in done.stderr and done.stderr.count("\n") == 1, done
