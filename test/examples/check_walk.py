#!/usr/bin/python3
"""usage: check_walk.py WALK_FLEET: its tables add up, in a pipe and on a narrow terminal."""
import fcntl
import os
import pty
import re
import struct
import subprocess
import sys
import termios

COMMAND = [sys.argv[1], "--organizations=14", "--projects=300", "--window=8"]
ENVIRONMENT = {name: value for name, value in os.environ.items() if not name.startswith(("UPSUN_", "PLATFORMSH_"))} | {"TERM": "xterm", "NO_COLOR": "1"}
COLUMNS = 40


def on_a_terminal():
    """What the program writes to a terminal of so many columns."""
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, COLUMNS, 0, 0))
    with subprocess.Popen(COMMAND, env=ENVIRONMENT, stdout=theirs) as process:
        os.close(theirs)
        written = b""
        while True:
            try:
                part = os.read(ours, 65536)
            except OSError:  # how Linux says that the other end is closed
                break
            written += part
        assert process.wait() == 0
    os.close(ours)
    return written.decode().replace("\r\n", "\n")


def sum_of(table):
    """Of the second column of a table whose head begins so."""
    return sum(int(line.rsplit(None, 3)[1]) for line in table.splitlines()[1:])


piped = subprocess.run(COMMAND, env=ENVIRONMENT, check=True, capture_output=True, text=True)
print(piped.stdout)
assert piped.stderr == "", piped.stderr
assert "\x1b" not in piped.stdout and "\r" not in piped.stdout
progress, kinds, organizations, unread, requests, summary = piped.stdout.split("\n\n")
total = int(re.search(r"^integrations +(\d+)$", summary, re.MULTILINE)[1])
assert total > 1000
assert sum_of(kinds) == total, kinds
assert sum_of(organizations) == total, organizations
assert len(organizations.splitlines()) == 12 and " other organizations " in organizations.splitlines()[-1], organizations
assert "\norganizations  14\n" in "\n" + summary and "projects       306, 6 of them shared" in summary, summary
# Every 83rd is suspended, every 97th forbidden, every 151st missing.
assert [line.split()[-1] for line in unread.splitlines()[1:4]] == ["3", "2", "3"], unread
assert re.search(r"^/projects/\{projectId\}/integrations +306 ", requests, re.MULTILINE), requests
assert progress.endswith(f"100 %  306 of 306 projects{progress.rpartition('projects')[2]}") and f"{total} integrations" in progress, progress
assert re.search(r"^connections +\d+ by HTTP/[\d.]+, ", summary, re.MULTILINE), summary

both = subprocess.run([*COMMAND, "--url=https://localhost"], env=ENVIRONMENT, check=False, capture_output=True, text=True)
assert both.returncode != 0 and "--url" in both.stderr and both.stdout == "", both

narrow = on_a_terminal()
print(narrow)
drawn, _, tables = narrow.partition("\n\n")
assert drawn.count("\r") >= 1 and "\x1b[K" in drawn
for line in re.split(r"\r|\n", drawn)[1:]:
    assert len(line.replace("\x1b[K", "")) < COLUMNS, line
assert "\x1b" not in tables
for line in tables.partition("\n\n")[0].splitlines():
    assert len(line) <= COLUMNS, line
