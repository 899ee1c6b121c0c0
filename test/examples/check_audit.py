#!/usr/bin/python3
"""usage: check_audit.py AUDIT_FLEET UPSUN-SANDBOX: what an audit finds, also when it is interrupted and goes on."""
import json
import os
import re
import signal
import ssl
import subprocess
import sys
import tempfile
import urllib.request

AUDIT, SANDBOX = sys.argv[1:3]
FLEET = ("--organizations=5", "--projects=120", "--shared=4", "--suspended-every=50", "--forbidden-every=40", "--missing-every=30",
         "--broken-every=119")


def served(*options):
    """A sandbox of the fleet, and the environment that leads there."""
    process = subprocess.Popen([SANDBOX, "--exit-with-parent", *FLEET, *options], stdout=subprocess.PIPE, text=True)
    url, authority = (process.stdout.readline().rstrip("\n").partition("=")[2] for _ in range(2))
    assert url.startswith("https://127.0.0.1:"), url
    return process, os.environ | {"UPSUN_API_URL": url, "SSL_CERT_FILE": authority, "UPSUN_ACCESS_TOKEN": "sandbox-token"}


def end(process):
    process.terminate()
    process.wait()
    process.stdout.close()


def findings(text):
    """Counts by kind, what is said about single integrations and projects, and the numbers of integrations, projects and broken elements."""
    lines = text.splitlines()
    kinds = {found[2]: int(found[1]) for line in lines if (found := re.fullmatch(r"(\d+) (\S+)", line))}
    # Without the time, which another sandbox counts from its own start.
    told = sorted(line.partition("expires")[0] for line in lines if re.search(": (its token expires|not read)", line))
    totals = re.search(r"^(\d+) integrations of (\d+) projects, (\d+) broken ones$", text, re.MULTILINE)
    return kinds, told, *map(int, totals.groups())


def create_webhook(environment, project, url):
    """Returns the id of an integration."""
    body = json.dumps({"type": "webhook", "url": url}).encode()
    request = urllib.request.Request(f"{environment['UPSUN_API_URL']}/projects/{project}/integrations", body, {
        "Authorization": "Bearer sandbox-token", "Content-Type": "application/json"})
    with urllib.request.urlopen(request, timeout=60, context=ssl.create_default_context(cafile=environment["SSL_CERT_FILE"])) as response:
        return json.load(response)["_embedded"]["entity"]["id"]


def audited(environment, *arguments):
    """What an audit that comes to its end prints."""
    return subprocess.run([AUDIT, *arguments], env=environment, check=True, capture_output=True, text=True).stdout


server, environment = served()
whole = audited(environment)
kinds, told, *totals = findings(whole)
print(whole)
assert totals[0] == sum(kinds.values()) > 500 and totals[1:] == [124, 1]
assert sum(": not read (forbidden): " in line for line in told) == 2  # the third is missing as well
assert sum(": not read (not found): " in line for line in told) == 4
assert sum(": not read (suspended): " in line for line in told) == 2
assert 0 < whole.count(": its token expires 20") < kinds["gitlab"]  # half of them expire later
assert "sends without TLS" not in whole

# After 60 requests this one is silent, so that the walk cannot come to its end before it is interrupted.
silent, there = served("--fault=delay=0*60", "--fault=silent")
with tempfile.TemporaryFile("w+") as messages:
    with subprocess.Popen([AUDIT], env=there, stdout=subprocess.PIPE, stderr=messages, text=True) as process:
        first = process.stdout.readline()
        while first and ": its token expires" not in first:
            first += process.stdout.readline()
        process.send_signal(signal.SIGINT)
        first += process.stdout.read()
        assert process.wait() == 1
    messages.seek(0)
    assert re.fullmatch("audit_fleet: [^\n]*cancelled[^\n]*\n", text := messages.read()), text
end(silent)

begun, rest = findings(first), findings(audited(environment, first.splitlines()[-1]))
print(f"interrupted after {begun[2]} integrations of {begun[3]} projects; {rest[2]} of {rest[3]} after that")
assert begun[3] > 0 < rest[3]
assert {kind: begun[0].get(kind, 0) + rest[0].get(kind, 0) for kind in kinds} == kinds
assert sorted(begun[1] + rest[1]) == told
assert [a + b for a, b in zip(begun[2:], rest[2:])] == totals

project = re.search(r"^\S+ (\S+) \S+: its token expires", whole, re.MULTILINE)[1]
hook = create_webhook(environment, project, "http://example.com/hook")
now = audited(environment)
end(server)
assert f" {project} {hook}: sends without TLS\n" in now and now.count("sends without TLS") == 1, now
