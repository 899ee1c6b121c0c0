#!/usr/bin/env python3
"""usage: check_page.py UPSUN-LOAD: loads its page in Chromium, where there is one; exits with 77 where there is none."""
import os
import re
import shutil
import subprocess
import sys
import tempfile

program = sys.argv[1]
browser = next(filter(None, map(shutil.which, ["chromium", "chromium-browser", "google-chrome"])), None)
if browser is None:
    print("skipped: no Chromium here")
    sys.exit(77)

quiet = "--headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking --disable-component-update --disable-sync --disable-dev-shm-usage".split()


def rendered(file):
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:
        command = [browser, *quiet, "--enable-logging=stderr", f"--user-data-dir={profile}", "--dump-dom", f"file://{file}"]
        done = subprocess.run(command, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done
    # What a page does wrong, such as a resource that its policy forbids, goes to the console.
    assert "CONSOLE" not in done.stderr, done.stderr
    return done.stdout


with tempfile.TemporaryDirectory() as directory:
    page = os.path.join(directory, "load.html")
    subprocess.run([program, "--requests", "60", "--mix", "get=1,list=1", "--fail-if", "p99>1us", "--html", page], stdout=subprocess.DEVNULL, timeout=60)
    document = rendered(page)
    charts = re.findall(r"<svg .*?</svg>", document, re.DOTALL)
    assert len(charts) == document.count("<figure>") == 5, document
    assert all("<path" in chart and "<text" in chart and "NaN" not in chart for chart in charts), charts
    assert "failed: p99&gt;1us" in document, document

    # The check itself sees an error: a script, which the policy forbids.
    with open(page) as file:
        text = file.read().replace("</body>", "<script>document.title = 'x'</script></body>")
    with open(page, "w") as file:
        file.write(text)
    try:
        rendered(page)
    except AssertionError as error:
        assert "CONSOLE" in str(error), error
    else:
        raise AssertionError("an error went unseen")
