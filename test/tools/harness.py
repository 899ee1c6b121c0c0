"""The tool and a sandbox, for the tests beside this file. Their command lines: TOOL SANDBOX."""
import http.server
import json
import os
import subprocess
import sys
import threading
import unittest

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


class Scripted(Sandbox):
    """A server that answers each path with a given text, in place of a sandbox."""

    def __init__(self, responses):
        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
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


def main():
    unittest.main(argv=sys.argv[:1])
