"""usage: failures.py TOOL SANDBOX: each failure has its exit status, its words, and no secret."""
import signal
import socket
import subprocess

from harness import TOOL, Sandbox, ToolTest, main


class Usage(ToolTest):
    def refused(self, *arguments, says, **options):
        done = self.run_tool(*arguments, status=2, **options)
        self.assertEqual(done.stdout, "")
        self.assertRegex(done.stderr, says)
        self.assertEqual(len(done.stderr.splitlines()), 1)
        self.assertNotIn("planted-secret", done.stderr)
        self.assertRegex(self.fail_json(*arguments, status=2, **options)["message"], says)

    def test_of_the_command_line(self):
        self.refused(says="subcommand is required; see --help")
        self.refused("fetch", says="no command 'fetch'; see --help")
        self.refused("get", says="ID is required")
        self.refused("list", "--frobnicate", says="--frobnicate")
        self.refused("list", "--timeout", "soon", says="--timeout")
        self.refused("list", "--timeout", "nan", says="nan is not a number")
        self.refused("list", env={"UPSUN_PROJECT": None}, says="which project.*UPSUN_PROJECT")
        self.refused("list", "--url", "api.example.com", says="base_url")
        self.refused("list", env={"UPSUN_DEFAULT_TIMEOUT": "soon"}, says="UPSUN_DEFAULT_TIMEOUT")

    def test_of_members(self):
        self.refused("create", says="which KIND")
        self.refused("create", "hipchat", says="no kind 'hipchat'")
        self.refused("create", "github", "--set", "repository=a/b", says="github needs token")
        self.refused("create", "splunk", says="splunk needs url, index, token")
        self.refused("create", "webhook", "--set", "planted-secret", says="NAME=VALUE")
        self.refused("create", "webhook", "--set", "url=u", "--set", "key=planted-secret", says="no member 'key'.*kinds webhook")
        self.refused("create", "webhook", "--set", "url=u", "--set", "id=x", says="no member 'id' to set")
        self.refused("create", "webhook", "--set-env", "url=NOT_THERE", says="NOT_THERE is not set")
        self.refused("create", "webhook", "--set-file", "url=/not/there", says="cannot read the file '/not/there'")
        self.refused("create", "webhook", "--set-file", "url=/", says="cannot read the file '/'")
        self.refused("create", "webhook", "--from", "-", "--set-file", "url=-", says="only once", input="{}")
        self.refused("create", "webhook", "--from", "-", says="not JSON", input='{"shared_key":"planted-secret"')
        self.refused("create", "webhook", "--from", "-", says="not a JSON object", input="[]")
        self.refused("create", "github", "--from", "-", says="its type is not github", input='{"type":"webhook"}')
        self.refused("create", "syslog", "--set", "port=planted-secret", says="port must be an integer")
        self.refused("create", "syslog", "--set", "tls_verify=planted-secret", says="tls_verify must be true or false")
        self.refused("create", "httplog", "--set", "url=u", "--set-file", "headers=-", input="planted-secret", says="headers must be an object.*headers.KEY=VALUE")
        self.refused("create", "bitbucket", "--set", "repository=r", "--set", "app_credentials.key=k", says="app_credentials.secret is missing")
        self.refused("create", "webhook", "--set", "url=u", "--set-file", "shared_key=-", input="***", says="shared_key must be the secret itself")
        self.refused("create", "github", "--set", "repository=a/b", "--set", "token=planted-secret",
                     says="token is a secret.*--set-env token=VARIABLE or --set-file token=FILE")
        self.refused("create", "httplog", "--set", "url=u", "--set", "headers.X-Key=planted-secret", says="headers.X-Key is a secret")
        self.refused("create", "bitbucket", "--set", "repository=r", "--set", "app_credentials.secret=planted-secret", says="app_credentials.secret is a secret")
        self.refused("create", "bitbucket", "--set", 'app_credentials={"key":"k","secret":"planted-secret"}', says="app_credentials is a secret")
        self.refused("update", "integration-17", says="nothing to change")
        self.refused("update", "integration-17", "--set", "repository=r", says="webhook has no member 'repository'")


class Server(ToolTest):
    def test_not_found(self):
        error = self.fail_json("get", "none", status=3)
        self.assertEqual((error["code"], error["status"]), ("not_found", 404))
        done = self.run_tool("list", "--project", "none", status=3)
        self.assertEqual(done.stdout, "")
        self.assertIn("check the project and the id", done.stderr)

    def test_not_permitted(self):
        for token in ("planted-secret", None):
            done = self.run_tool("list", env={"UPSUN_ACCESS_TOKEN": token}, status=4)
            self.assertIn("UPSUN_CLI_TOKEN", done.stderr)
            self.assertNotIn("planted-secret", done.stderr)
        url = self.sandbox.environment["UPSUN_API_URL"]
        error = self.fail_json("list", env={"UPSUN_ACCESS_TOKEN": None, "UPSUN_CLI_TOKEN": "planted-secret", "UPSUN_AUTH_URL": url}, status=4)
        self.assertEqual(error["code"], "credentials_refused")
        self.assertNotIn("planted-secret", str(error))

    def test_invalid_names_the_members(self):
        error = self.fail_json("update", "integration-17", "--unset", "url", status=5)
        self.assertEqual(error["server"]["fields"], {"url": "Expected string, found null"})
        self.assertIn("\n  url: Expected string", self.run_tool("update", "integration-17", "--unset", "url", status=5).stderr)
        self.assertIn("port is 70000", self.fail_json("create", "syslog", "--set", "port=70000", status=5)["message"])
        self.assertIn("protocol is none of tcp, tls, udp", self.run_tool("create", "syslog", "--set", "protocol=pigeon", status=5).stderr)

    def test_conflict_is_a_failure(self):
        self.assertEqual(self.fail_json("create", "gitlab", "--set-file", "token=-", "--set", "project=project-5", status=1, input="t")["code"], "conflict")


class Network(ToolTest):
    options = ("--fault", "silent")

    def test_timeout(self):
        self.assertEqual(self.fail_json("list", "--timeout", "0.05", status=6)["code"], "deadline_exceeded")
        self.assertIn("--timeout", self.run_tool("list", "--timeout", "0.05", status=6).stderr)

    def test_unreachable(self):
        with socket.socket() as unused:
            unused.bind(("127.0.0.1", 0))  # and nobody listens
            url = f"https://127.0.0.1:{unused.getsockname()[1]}"
            self.assertIn("could not be reached", self.run_tool("list", "--url", url, status=7).stderr)

    def test_wrong_authority(self):
        self.assertIn("--ca-file", self.run_tool("list", env={"SSL_CERT_FILE": None}, status=7).stderr)

    def test_a_signal_cancels_the_call(self):
        for number in (signal.SIGINT, signal.SIGTERM):
            with self.subTest(signal=number), socket.create_server(("127.0.0.1", 0)) as listener:
                environment = self.sandbox.environment | {"UPSUN_API_URL": f"https://127.0.0.1:{listener.getsockname()[1]}"}
                with subprocess.Popen([TOOL, "list"], env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as tool:
                    connection, _ = listener.accept()  # so it handles signals by now, and waits for a handshake
                    with connection:
                        tool.send_signal(number)
                        printed, said = tool.communicate(timeout=60)
                        self.assertEqual((tool.returncode, printed), (128 + number, ""))
                        self.assertRegex(said, "^upsun-integrations: .*(cancelled|interrupted)")


class BadResponses(ToolTest):
    def test_a_bad_response_is_a_failure(self):
        sandbox = Sandbox("--fault", "status=418")
        self.addCleanup(sandbox.close)
        done = sandbox.run("get", "integration-0")
        self.assertEqual((done.returncode, done.stdout), (1, ""))
        self.assertIn("HTTP 418", done.stderr)


if __name__ == "__main__":
    main()
