"""The tool and a sandbox, for the tests beside this file. Their command lines: TOOL SANDBOX."""
import csv
import fcntl
import http.server
import io
import json
import os
import pty
import ssl
import struct
import subprocess
import sys
import termios
import threading
import unittest
import urllib.request

TOOL, SANDBOX = sys.argv[1:3]
# Whatever leads a user's tool somewhere must not lead these.
LEADING = ("UPSUN_", "PLATFORMSH_", "PLATFORM_", "SSL_CERT_", "HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy")


class Sandbox:
    """A sandbox of its own, and the environment that leads the tool to its project-0."""

    def __init__(self, *options):
        self.process = subprocess.Popen([SANDBOX, "--exit-with-parent", *options], stdout=subprocess.PIPE, text=True)
        url, authority = (self.process.stdout.readline().rstrip("\n").partition("=")[2] for _ in range(2))
        self.environment = {k: v for k, v in os.environ.items() if not k.startswith(LEADING)}
        self.environment |= {"UPSUN_API_URL": url, "SSL_CERT_FILE": authority, "UPSUN_ACCESS_TOKEN": "sandbox-token", "UPSUN_PROJECT": "project-0"}

    def close(self):
        self.process.terminate()
        self.process.wait()
        self.process.stdout.close()

    def run(self, *arguments, env=None, **options):
        """The finished process. `env` is laid over the environment; None removes a variable."""
        environment = {k: v for k, v in (self.environment | (env or {})).items() if v is not None}
        options.setdefault("input", "")
        return subprocess.run([TOOL, *arguments], env=environment, capture_output=True, text=True, timeout=60, **options)

    def start(self, *arguments, **options):
        """The process, under way, with pipes."""
        return subprocess.Popen([TOOL, *arguments], env=self.environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, **options)

    def on_terminal(self, *arguments, columns, env=None, results=subprocess.PIPE):
        """Its exit status, its results, and what stands on a terminal of that width: what it prints to standard error, and with `results=None` all."""
        here, there = pty.openpty()
        fcntl.ioctl(there, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
        environment = {k: v for k, v in (self.environment | {"TERM": "xterm"} | (env or {})).items() if v is not None}
        tool = subprocess.Popen([TOOL, *arguments], env=environment, stdin=there, stderr=there, stdout=there if results is None else results, text=True)
        os.close(there)
        shown = b""
        try:
            while block := os.read(here, 65536):
                shown += block
        except OSError:  # the other end is closed
            pass
        os.close(here)
        printed, _ = tool.communicate(timeout=60)
        return tool.returncode, printed, shown.decode().replace("\r\n", "\n")

    def api(self, path):
        """A document of the API, fetched without the tool."""
        request = urllib.request.Request(self.environment["UPSUN_API_URL"] + path, headers={"Authorization": "Bearer sandbox-token"})
        context = ssl.create_default_context(cafile=self.environment["SSL_CERT_FILE"])
        with urllib.request.urlopen(request, context=context, timeout=60) as response:
            return json.load(response)

    def pages(self, path):
        """The items of all pages of a list."""
        items = []
        while path:
            page = self.api(path)
            items += page["items"]
            path = page["_links"].get("next", {}).get("href")
        return items


class Scripted(Sandbox):
    """A server that answers each path with a given text, in place of a sandbox. `asked` has the paths of the requests."""

    def __init__(self, responses):
        self.asked = asked = []

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                asked.append(self.path)
                body = responses.get(self.path.partition("?")[0])
                self.send_response(404 if body is None else 200)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(body or "")))
                self.end_headers()
                self.wfile.write((body or "").encode())

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.environment = {k: v for k, v in os.environ.items() if not k.startswith(LEADING)}
        self.environment |= {"UPSUN_API_URL": f"http://127.0.0.1:{self.server.server_port}", "UPSUN_ACCESS_TOKEN": "scripted-token", "UPSUN_PROJECT": "p"}

    def close(self):
        self.server.shutdown()
        self.server.server_close()


class ToolTest(unittest.TestCase):
    """One sandbox for each class of tests."""

    options = ()

    @classmethod
    def make_server(cls):
        return Sandbox(*cls.options)

    @classmethod
    def setUpClass(cls):
        cls.sandbox = cls.make_server()
        cls.addClassCleanup(cls.sandbox.close)

    def run_tool(self, *arguments, status=0, **options):
        done = self.sandbox.run(*arguments, **options)
        self.assertEqual(done.returncode, status, done.stdout + done.stderr)
        return done

    def run_json(self, *arguments, **options):
        done = self.run_tool(*arguments, "--json", **options)
        self.assertEqual(done.stderr, "")
        return json.loads(done.stdout)

    def fail_json(self, *arguments, status, **options):
        """The error that it prints as JSON."""
        done = self.run_tool(*arguments, "--json", status=status, **options)
        self.assertEqual(done.stdout, "")
        error = json.loads(done.stderr)["error"]
        self.assertEqual(error["exit_status"], status)
        return error


def lines_of(text):
    """The documents of JSON lines."""
    return [json.loads(line) for line in text.splitlines()]


def rows_of(text):
    """The rows of CSV, by the names of its head."""
    return list(csv.DictReader(io.StringIO(text)))


def main():
    unittest.main(argv=sys.argv[:1])
