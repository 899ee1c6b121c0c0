#!/usr/bin/python3
"""usage: check_log.py PROGRAM: each line of its log can be read, and says what happened."""
import shlex
import subprocess
import sys

out = subprocess.run(sys.argv[1:], check=True, capture_output=True, text=True).stdout
print(out)
lines = [dict(pair.split("=", 1) for pair in shlex.split(line)) for line in out.splitlines()]
assert all(line["level"] in ("info", "warn", "error") for line in lines)


def said(message, *names):
    return [tuple(line.get(name) for name in names) for line in lines if line["msg"] == message]


assert said("retry", "call", "attempt", "reason") == [("1", "1", "connection"), ("1", "2", "status")]
assert said("call", "level", "call", "attempts", "status", "error") == [
    ("info", "1", "3", "200", None), ("error", "2", "1", "404", "not_found"), ("info", "3", "1", "200", None),
    ("info", "4", "1", "200", None)]
assert said("drift", "kind", "at") == [("webhook", "/url"), ("httplog", r'/headers/A\x0alevel=error msg="forged"')]
assert len(lines) == 8
assert all(int(us) > 0 for (us,) in said("call", "us"))
assert "sandbox-token" not in out
