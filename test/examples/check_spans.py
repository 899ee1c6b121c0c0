#!/usr/bin/python3
"""usage: check_spans.py PROGRAM: its spans have OpenTelemetry's names, and their places in the caller's trace."""
import re
import subprocess
import sys

out = subprocess.run(sys.argv[1:], check=True, capture_output=True, text=True).stdout
print(out)
spans = re.findall(r"^(\S+ \S+)\n  trace (\w+), span (\w+), parent (\w+), (\d+) us(, failed)?\n((?:  \S+=.*\n)+)", out, re.MULTILINE)
assert len(spans) == 3, spans

PATH = "/projects/{projectId}/integrations/{integrationId}"
attributes = [dict(line.split("=", 1) for line in each[6].replace("  ", "").splitlines()) for each in spans]
for (name, trace, span, parent, took, _, _), has in zip(spans, attributes):
    assert name == f"GET {PATH}", name
    assert trace == "4bf92f3577b34da6a3ce929d0e0e4736" and parent == "00f067aa0ba902b7", (trace, parent)
    assert re.fullmatch("[0-9a-f]{16}", span) and span not in ("0" * 16, parent), span
    assert int(took) > 0
    assert has.pop("http.request.method") == "GET" and has.pop("url.template") == PATH
    assert has.pop("server.address") == "127.0.0.1" and int(has.pop("server.port")) > 0
    assert has.pop("network.protocol.version") == "1.1"
assert len({each[2] for each in spans}) == 3, "two spans have one id"
assert [bool(each[5]) for each in spans] == [True, False, True]
# The first attempt, its retry, and another call.
assert attributes == [{"http.response.status_code": "503", "error.type": "503"},
                      {"http.response.status_code": "200", "http.request.resend_count": "1"},
                      {"http.response.status_code": "404", "error.type": "404"}], attributes
