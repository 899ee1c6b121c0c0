"""usage: commands.py TOOL SANDBOX: each command does what it says, for people and for programs."""
import json
import os
import pty
import subprocess
import tempfile

from harness import TOOL, Scripted, ToolTest, main

# The least that creates one of each kind, secrets by environment variables.
CREATE = {
    "bitbucket": ["--set", "repository=acme/one"],
    "bitbucket_server": ["--set", "url=https://git.example.com", "--set", "username=u", "--set-env", "token=KEY", "--set", "project=P", "--set", "repository=r"],
    "blackfire": [],
    "cdn.fastly": ["--set-env", "token=KEY", "--set", "service_id=s"],
    "github": ["--set-env", "token=KEY", "--set", "repository=acme/two"],
    "gitlab": ["--set-env", "token=KEY", "--set", "project=acme/three"],
    "health.email": ["--set", "recipients=#admins,ops@example.com"],
    "health.pagerduty": ["--set-env", "routing_key=KEY"],
    "health.slack": ["--set-env", "token=KEY", "--set", "channel=#ops"],
    "health.webhook": ["--set", "url=https://example.com", "--set-env", "shared_key=KEY"],
    "httplog": ["--set", "url=https://example.com", "--set-env", "headers.X-Key=KEY"],
    "newrelic": ["--set", "url=https://example.com", "--set-env", "license_key=KEY"],
    "otlplog": ["--set", "url=https://example.com", "--set-env", "headers.X-Key=KEY"],
    "script": ["--set", "script=console.log(1)"],
    "splunk": ["--set", "url=https://example.com", "--set", "index=i", "--set-env", "token=KEY"],
    "sumologic": ["--set", "url=https://example.com"],
    "syslog": ["--set", "host=logs.example.com", "--set", "port=6514", "--set-env", "auth_token=KEY"],
    "webhook": ["--set", "url=https://example.com", "--set-env", "shared_key=KEY"],
}
# A change of each kind; blackfire has nothing to change.
UPDATE = {
    "bitbucket": ("repository", "acme/four"),
    "bitbucket_server": ("username", "v"),
    "cdn.fastly": ("service_id", "t"),
    "github": ("fetch_branches", True),
    "gitlab": ("project", "acme/five"),
    "health.email": ("recipients", ["#viewers"]),
    "health.pagerduty": ("routing_key", "other"),
    "health.slack": ("channel", "#dev"),
    "health.webhook": ("url", "https://example.org"),
    "httplog": ("tls_verify", False),
    "newrelic": ("url", "https://example.org"),
    "otlplog": ("excluded_services", ["app", "db"]),
    "script": ("script", "a = 1\nb = 2"),
    "splunk": ("sourcetype", "json"),
    "sumologic": ("category", "c"),
    "syslog": ("port", 514),
    "webhook": ("events", ["environment.push"]),
}


def spelled(value):
    return value if isinstance(value, str) else json.dumps(value)


class EveryKind(ToolTest):
    options = ("--integrations", "0")

    def test_is_created_shown_changed_and_deleted(self):
        self.assertEqual(self.run_json("kinds"), sorted(CREATE))
        for kind, arguments in CREATE.items():
            with self.subTest(kind=kind):
                created = self.run_json("create", kind, *arguments, "--no-wait", env={"KEY": "planted-secret"})
                self.assertEqual((created["code"], created["entity"]["type"]), (201, kind))
                id = created["entity"]["id"]
                for done in (json.dumps(created), self.run_tool("get", id).stdout, self.run_tool("get", id, "--json").stdout):
                    self.assertNotIn("planted-secret", done)

                if kind in UPDATE:
                    name, value = UPDATE[kind]
                    self.run_tool("update", id, "--no-wait", "--set-env", f"{name}=VALUE", env={"VALUE": spelled(value)})
                    self.assertEqual(self.run_json("get", id, "--show-secrets")[name], value)
                self.run_tool("delete", id, "--yes")
                self.run_tool("get", id, status=3)


class Commands(ToolTest):
    def test_list_is_a_table_with_aligned_columns(self):
        lines = self.run_tool("list").stdout.splitlines()
        self.assertEqual(len(lines), 19)
        column = lines[0].index("KIND")
        self.assertEqual({line[column - 1] for line in lines}, {" "})
        self.assertNotIn(" ", {line[column] for line in lines})
        self.assertIn("  bitbucket  ", lines[1])

    def test_list_as_json_holds_what_get_gives(self):
        listed = self.run_json("list")
        self.assertEqual(len(listed), 18)
        for each in listed:
            self.assertEqual(self.run_json("get", each["id"]), each)

    def test_get_prints_a_line_for_each_member(self):
        shown = dict(line.split(None, 1) for line in self.run_tool("get", "integration-4").stdout.splitlines() if len(line.split(None, 1)) == 2)
        self.assertEqual(shown["type"], "github")
        self.assertEqual(shown["repository"], "repository-4")

    def test_get_of_several_keeps_their_order(self):
        self.assertEqual([each["id"] for each in self.run_json("get", "integration-7", "integration-2")], ["integration-7", "integration-2"])

    def test_get_of_several_shows_those_there_are(self):
        done = self.run_tool("get", "integration-7", "none", "integration-2", "--json", status=3)
        first, missing, last = json.loads(done.stdout)
        self.assertEqual((first["id"], missing["error"]["code"], last["id"]), ("integration-7", "not_found", "integration-2"))
        self.assertIn("none: not found", self.run_tool("get", "integration-7", "none", status=3).stderr)

    def test_secrets_are_shown_when_asked_for(self):
        for id, place in (("integration-17", ["shared_key"]), ("integration-7", ["routing_key"])):
            hidden, shown = self.run_json("get", id), self.run_json("get", id, "--show-secrets")
            for name in place:
                hidden, shown = hidden.pop(name), shown.pop(name)
            self.assertEqual(hidden, "***")
            self.assertNotEqual(shown, "***")
        self.assertIn("***", self.run_tool("get", "integration-17").stdout)

    def test_what_get_prints_creates_a_copy(self):
        original = self.run_tool("get", "integration-17", "--json", "--show-secrets").stdout
        copy = json.loads(self.run_tool("create", "--no-wait", "--from", "-", "--set", "url=https://example.org", "--json", "--show-secrets", input=original).stdout)["entity"]
        expected = json.loads(original) | {"url": "https://example.org"}
        for name in ("id", "created_at", "updated_at", "role"):
            expected[name] = copy[name]
        self.assertEqual(copy, expected)

    def test_values_come_from_files_and_standard_input(self):
        with tempfile.TemporaryDirectory() as directory:
            script = os.path.join(directory, "script.js")
            with open(script, "w", encoding="utf-8") as file:
                file.write("one()\ntwo()\n")
            created = self.run_json("create", "script", "--no-wait", "--set-file", f"script={script}")
            self.assertEqual(created["entity"]["script"], "one()\ntwo()")
            members = os.path.join(directory, "members.json")
            with open(members, "w", encoding="utf-8") as file:
                json.dump({"url": "https://example.com", "extra": {"a": "1", "b": "2"}}, file)
            created = self.run_json("create", "httplog", "--no-wait", "--from", members, "--set-file", "headers.Key=-", "--set", "extra.b=3", "--show-secrets", input="k\n")
            self.assertEqual(created["entity"]["headers"], {"Key": "k"})
            self.assertEqual(created["entity"]["extra"], {"a": "1", "b": "3"})

    def test_objects_are_set_member_by_member(self):
        created = self.run_json("create", "bitbucket", "--no-wait", "--set", "repository=acme/objects", "--set", "app_credentials.key=k", "--set-file", "app_credentials.secret=-", input="s")
        self.assertEqual(created["entity"]["app_credentials"], {"key": "k"})

    def test_unset_sends_null(self):
        self.assertEqual(self.run_json("update", "integration-17", "--no-wait", "--unset", "shared_key")["entity"]["shared_key"], None)

    def test_update_with_the_kind_asks_nothing_else(self):
        self.run_tool("update", "integration-8", "--no-wait", "--kind", "health.slack", "--set", "channel=#x")
        self.assertEqual(self.run_json("get", "integration-8")["channel"], "#x")

    def test_kinds_lists_members(self):
        members = {each["name"]: each for each in self.run_json("kinds", "github")}
        self.assertTrue(members["token"]["required"])
        self.assertEqual(members["token"]["type"], "secret")
        self.assertFalse(members["base_url"]["required"])

    def test_api_tokens_are_exchanged(self):
        url = self.sandbox.environment["UPSUN_API_URL"]
        self.run_tool("list", env={"UPSUN_ACCESS_TOKEN": None, "UPSUN_CLI_TOKEN": "sandbox-api-token", "UPSUN_AUTH_URL": url})

    def test_options_stand_for_the_environment(self):
        url, authority = self.sandbox.environment["UPSUN_API_URL"], self.sandbox.environment["SSL_CERT_FILE"]
        nothing = {"UPSUN_API_URL": None, "SSL_CERT_FILE": None, "UPSUN_PROJECT": None}
        self.run_tool("--url", url, "list", "--ca-file", authority, "-p", "project-0", env=nothing)
        self.run_tool("list", env={"UPSUN_PROJECT": None, "PLATFORM_PROJECT": "project-0"})


class Delete(ToolTest):
    def confirm(self, text):
        """Deletes integration-3 with a terminal on which somebody types that. Returns the exit status and what stands on the terminal."""
        here, there = pty.openpty()
        try:
            os.write(here, text)
            done = subprocess.run([TOOL, "delete", "integration-3"], env=self.sandbox.environment, stdin=there, stderr=subprocess.PIPE, stdout=subprocess.PIPE,
                                  text=True, timeout=60)
        finally:
            os.close(here)
            os.close(there)
        return done.returncode, done.stderr

    def test_asks_on_a_terminal(self):
        status, asked = self.confirm(b"n\n")
        self.assertEqual(status, 1)
        self.assertIn("Delete integration integration-3 of project project-0? [y/N]", asked)
        self.run_tool("get", "integration-3")
        self.assertEqual(self.confirm(b"y\n")[0], 0)
        self.run_tool("get", "integration-3", status=3)

    def test_refuses_where_there_is_no_terminal(self):
        self.assertIn("--yes", self.run_tool("delete", "integration-1", status=2).stderr)
        self.run_tool("get", "integration-1")


class UnknownKind(ToolTest):
    """What this version cannot read is printed as it came."""

    RAW = '{"type":"new","id":"i","n":1e400,"big":123456789012345678901234567890,"deep":' + "[" * 60 + "]" * 60 + r',"odd":"\udce9"}'
    BROKEN = '{"type":"health.slack","id":"b","channel":7,"_links":{"self":{"href":"/x"}}}'

    @classmethod
    def make_server(cls):
        integrations = "/projects/p/integrations"
        return Scripted({integrations + "/i": cls.RAW, integrations + "/b": cls.BROKEN, integrations: f"[{cls.RAW},{cls.BROKEN}]"})

    def test_is_its_text(self):
        self.assertEqual(self.run_tool("get", "i", "--json", "--show-secrets").stdout, self.RAW + "\n")
        self.assertEqual(self.run_tool("list", "--json", "--show-secrets").stdout, f"[{self.RAW},{self.BROKEN}]\n")
        self.assertIn("1e400", self.run_tool("get", "i", "--show-secrets").stdout)

    def test_hides_what_may_be_secret(self):
        self.assertEqual(self.run_tool("get", "i", "--json").stdout, '{"type":"new","id":"i","n":"***","big":"***","deep":"***","odd":"***"}\n')
        self.assertEqual(self.run_json("list")[1], {"type": "health.slack", "id": "b", "channel": "***"})

    def test_people_are_told_why(self):
        self.assertIn("does not know the kind 'new'", self.run_tool("get", "i").stderr)
        self.assertIn("cannot read the settings: /channel: expected string, found number", self.run_tool("get", "b").stderr)


if __name__ == "__main__":
    main()
