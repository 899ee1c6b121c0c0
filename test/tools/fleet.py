"""usage: fleet.py TOOL SANDBOX: commands over organizations and projects, compared with what the API itself says."""
import json
import os
import re
import tempfile

from harness import Sandbox, Scripted, ToolTest, lines_of, main, rows_of

TERMINAL_CODES = re.compile(r"\x1b\[[0-9;]*[A-Za-z]")


class FleetTest(ToolTest):
    """`integrations` has what an account sees, by the id of the project."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.sandbox.environment.pop("UPSUN_PROJECT")
        cls.organizations = cls.sandbox.pages("/organizations?page%5Bsize%5D=100")
        cls.projects = [each for of in cls.organizations for each in cls.sandbox.pages(f"/organizations/{of['id']}/projects?page%5Bsize%5D=100")]

    @classmethod
    def shared(cls):
        user = cls.sandbox.api("/users/me")["id"]
        own = {each["id"] for each in cls.organizations}
        return [each["resource_id"] for each in cls.sandbox.pages(f"/users/{user}/extended-access?filter%5Bresource_type%5D=project") if each["organization_id"] not in own]

    @classmethod
    def integrations(cls, *, shared=True):
        projects = [each["id"] for each in cls.projects] + (cls.shared() if shared else [])
        return {(project, each["id"]): each["type"] for project in projects for each in cls.sandbox.api(f"/projects/{project}/integrations")}


class Lists(FleetTest):
    options = ("--organizations", "3", "--projects", "45", "--integrations", "2", "--shared", "6")

    def test_organizations(self):
        head, *lines = self.run_tool("organizations").stdout.splitlines()
        self.assertEqual(head.split(), ["ID", "NAME", "LABEL", "STATUS", "TYPE"])
        self.assertEqual([line.split()[:2] for line in lines], [[each["id"], each["name"]] for each in self.organizations])
        members = ("id", "name", "label", "status", "type")
        self.assertEqual(rows_of(self.run_tool("organizations", "--csv").stdout), [{name: each[name] for name in members} for each in self.organizations])
        shown = lines_of(self.run_tool("organizations", "--json").stdout)
        self.assertEqual([{name: each[name] for name in members} for each in shown], [{name: each[name] for name in members} for each in self.organizations])
        self.assertEqual(shown[0]["namespace"], self.organizations[0]["namespace"])

    def test_projects(self):
        expected = {each["id"]: each["title"] for each in self.projects}
        rows = rows_of(self.run_tool("projects", "--csv").stdout)
        self.assertEqual({row["id"] for row in rows}, set(expected) | set(self.shared()))
        self.assertEqual(len(rows), len(expected) + 6)
        self.assertTrue(all(row["title"] == expected.get(row["id"], row["title"]) and row["title"] for row in rows))
        shown = lines_of(self.run_tool("projects", "--json").stdout)
        self.assertEqual({each["project"]["id"]: each["project"]["region"] for each in shown}, {row["id"]: row["region"] for row in rows})
        head, *lines = self.run_tool("projects").stdout.splitlines()
        self.assertEqual(head.split(), ["ID", "TITLE", "REGION", "STATUS", "ORGANIZATION"])
        self.assertEqual({line.split()[0] for line in lines}, {row["id"] for row in rows})
        organizations = [line.split()[-1] for line in lines]
        self.assertEqual(organizations, sorted(organizations))

    def test_projects_of_organizations_by_id_and_name(self):
        birch = self.organizations[1]
        expected = {each["id"] for each in self.projects if each["organization_id"] == birch["id"]}
        for of in (birch["id"], birch["name"]):
            self.assertEqual({row["id"] for row in rows_of(self.run_tool("projects", "--csv", "--organization", of).stdout)}, expected)
        both = self.run_tool("projects", "--csv", "--organization", "alder", "--organization", birch["id"]).stdout
        self.assertEqual({row["organization"] for row in rows_of(both)}, {"alder", "birch"})
        self.assertIn("organization", self.run_tool("projects", "--organization", "none", status=3).stderr)

    def test_a_project_is_found_by_its_title(self):
        for project in (self.projects[0], next(each for each in self.projects if "," in each["title"])):
            by_id = self.run_json("list", "--project", project["id"])
            self.assertEqual(self.run_json("list", "--project", project["title"]), by_id)
        self.assertEqual(self.run_json("list", env={"UPSUN_PROJECT": self.projects[0]["title"]}), self.run_json("list", "-p", self.projects[0]["id"]))
        title = next(row["title"] for row in rows_of(self.run_tool("projects", "--csv").stdout) if row["id"] == self.shared()[0])
        self.assertEqual(self.run_json("list", "-p", title), self.run_json("list", "-p", self.shared()[0]))

    def test_a_title_that_no_project_has(self):
        title = self.projects[0]["title"]
        for almost in (title.upper(), title + " "):
            self.assertIn(f"no project has the title '{almost}'", self.run_tool("list", "-p", almost, status=3).stderr)

    def test_list_has_every_integration_of_every_project(self):
        expected = self.integrations()
        self.assertGreater(len(expected), 60)
        done = self.run_tool("list", "--all", "--json")
        shown = lines_of(done.stdout)
        self.assertEqual({(each["project"]["id"], each["integration"]["id"]): each["integration"]["type"] for each in shown}, expected)
        self.assertEqual(len(shown), len(expected))
        (summary,) = lines_of(done.stderr)
        self.assertEqual({name: summary["summary"][name] for name in ("complete", "organizations", "projects", "shared", "integrations", "failed")},
                         {"complete": True, "organizations": 3, "projects": 51, "shared": 6, "integrations": len(expected), "failed": 0})

        done = self.run_tool("list", "--all", "--csv")
        rows = rows_of(done.stdout)
        self.assertEqual({(row["project"], row["id"]): row["kind"] for row in rows}, expected)
        self.assertRegex(done.stderr, f"^3 organizations, 51 projects \\(6 shared\\), {len(expected)} integrations in [0-9.]+ s\n$")
        titles = {each["id"]: each["title"] for each in self.projects}
        self.assertTrue(all(row["title"] == titles.get(row["project"], row["title"]) for row in rows))

        head, *lines = self.run_tool("list", "--all").stdout.splitlines()
        self.assertEqual(head.split(), ["ORGANIZATION", "PROJECT", "TITLE", "ID", "KIND", "TARGET", "UPDATED"])
        self.assertEqual(len(lines), len(expected))
        self.assertEqual([line.split()[0] for line in lines], sorted(row["organization"] for row in rows))

    def test_a_line_holds_what_get_shows(self):
        line = json.loads(self.run_tool("list", "--all", "--json").stdout.splitlines()[0])
        self.assertEqual(self.run_json("get", line["integration"]["id"], "-p", line["project"]["id"]), line["integration"])
        self.assertEqual(set(line), {"organization", "project", "integration"})

    def test_secrets_are_hidden_unless_asked_for(self):
        def secrets(*more):
            return {each["integration"]["shared_key"] for each in lines_of(self.run_tool("list", "--all", "--kind", "webhook", "--json", *more).stdout)}

        self.assertEqual(secrets() - {None}, {"***"})
        self.assertNotIn("***", secrets("--show-secrets"))

    def test_filters(self):
        expected = self.integrations()
        own = self.integrations(shared=False)

        def listed(*arguments):
            return {(row["project"], row["id"]): row["kind"] for row in rows_of(self.run_tool("list", "--csv", *arguments).stdout)}

        self.assertEqual(listed("--all", "--no-shared"), own)
        kinds = ("webhook", "github")
        self.assertEqual(listed("--all", "--kind", kinds[0], "--kind", kinds[1]), {key: kind for key, kind in expected.items() if kind in kinds})
        blogs = {each["id"] for each in self.projects if each["title"].endswith("Blog")}
        self.assertEqual(listed("--all", "--no-shared", "--project", "*Blog"), {key: kind for key, kind in own.items() if key[0] in blogs})
        one = next(project for project, _ in expected)
        self.assertEqual(listed("--all", "-p", one), {key: kind for key, kind in expected.items() if key[0] == one})
        regions = {each["id"] for each in self.projects if each["region"].startswith("eu-")}
        self.assertEqual(listed("--all", "--no-shared", "--region", "eu-*"), {key: kind for key, kind in own.items() if key[0] in regions})
        self.assertEqual(listed("--all", "--status", "suspended"), {})
        cedar = self.organizations[2]
        of_cedar = {each["id"] for each in self.projects if each["organization_id"] == cedar["id"]}
        for of in (cedar["id"], cedar["name"]):
            self.assertEqual(listed("--organization", of), {key: kind for key, kind in own.items() if key[0] in of_cedar})

    def test_the_project_of_the_environment_is_no_filter(self):
        self.assertEqual(len(self.run_tool("list", "--all", "--csv", env={"UPSUN_PROJECT": "none"}).stdout.splitlines()) - 1, len(self.integrations()))

    def test_a_window_of_one_changes_nothing(self):
        self.assertEqual(len(self.run_tool("list", "--all", "--csv", "--concurrency", "1").stdout.splitlines()) - 1, len(self.integrations()))

    def test_get_finds_integrations_wherever_they_are(self):
        project, id = list(self.integrations())[-1]
        expected = self.run_json("get", id, "-p", project)
        found = json.loads(self.run_tool("get", "--all", id, "--json").stdout)
        self.assertEqual((found["project"]["id"], found["integration"]), (project, expected))
        done = self.run_tool("get", "--all", id)
        self.assertIn(project, done.stderr)
        self.assertIn(id, done.stdout)
        done = self.run_tool("get", "--all", id, "none", status=3)
        self.assertIn(id, done.stdout)
        self.assertIn("none: no project has it", done.stderr)

    def test_on_a_narrow_terminal_titles_are_shortened_and_ids_are_not(self):
        status, _, wide = self.sandbox.on_terminal("list", "--organization", "cedar", columns=400, results=None)
        self.assertEqual(status, 0)
        _, _, narrow = self.sandbox.on_terminal("list", "--organization", "cedar", columns=120, results=None)
        tables = [[line for line in TERMINAL_CODES.sub("", text).splitlines() if re.match("ORGANIZATION|cedar", line)] for text in (wide, narrow)]
        self.assertGreater(max(map(len, tables[0])), 120)
        self.assertLessEqual(max(map(len, tables[1])), 120)
        self.assertIn("\u2026", narrow)
        self.assertEqual([line.split()[1] for line in tables[1]], [line.split()[1] for line in tables[0]])
        self.assertEqual([line.split()[-1] for line in tables[1]], [line.split()[-1] for line in tables[0]])

    def test_nothing_has_colours(self):
        for environment in ({"NO_COLOR": "1"}, {}):
            _, _, shown = self.sandbox.on_terminal("list", "--all", columns=80, env=environment, results=None)
            self.assertNotRegex(shown, r"\x1b\[[0-9;]*m")
            self.assertEqual(set(TERMINAL_CODES.findall(shown)) - {"\x1b[K"}, set())

    def test_progress_is_for_terminals_and_fits_them(self):
        status, printed, shown = self.sandbox.on_terminal("list", "--all", "--csv", columns=30)
        self.assertEqual((status, len(rows_of(printed))), (0, len(self.integrations())))
        drawn = [part for part in re.split(r"\r|\n", shown) if part.endswith("\x1b[K") and part != "\x1b[K"]
        self.assertTrue(drawn)
        self.assertRegex(drawn[0], "^[0-9]+ of [0-9]+ projects")
        self.assertLess(max(len(TERMINAL_CODES.sub("", part)) for part in drawn), 30)
        self.assertIn("3 organizations, 51 projects", shown)
        for environment in ({"TERM": "dumb"}, {"TERM": None}):
            self.assertNotIn("\r", self.sandbox.on_terminal("list", "--all", "--csv", columns=80, env=environment)[2])
        self.assertNotIn("\r", self.run_tool("list", "--all").stderr)


class SameTitles(FleetTest):
    options = ("--organizations", "18", "--projects", "330", "--integrations", "1")

    def test_a_title_of_several_projects_is_refused_with_their_ids(self):
        by_title = {}
        for each in self.projects:
            by_title.setdefault(each["title"], []).append(each["id"])
        title, ids = next((title, ids) for title, ids in by_title.items() if len(ids) > 1)
        message = self.fail_json("list", "-p", title, status=2)["message"]
        for id in ids:
            self.assertIn(id, message)


class Requests(ToolTest):
    """What is asked, and what is not."""

    @classmethod
    def make_server(cls):
        return Scripted({"/projects/abcdefghijk12/integrations": "[]", "/projects/p/integrations": "[]"})

    def test_an_id_costs_no_request(self):
        del self.sandbox.asked[:]
        self.run_tool("list", "-p", "abcdefghijk12")
        self.assertEqual(self.sandbox.asked, ["/projects/abcdefghijk12/integrations"])

    def test_where_nothing_can_be_listed_a_text_may_still_be_an_id(self):
        self.assertEqual(self.run_json("list", "-p", "p"), [])

    def test_what_cannot_be_written_is_refused_before_anything_is_sent(self):
        del self.sandbox.asked[:]
        with tempfile.TemporaryDirectory() as directory:
            missing = os.path.join(directory, "no", "such")
            for arguments in (("report", "--html", missing), ("report", "--html", directory), ("list", "--all", "--resume-file", missing)):
                self.assertIn("cannot write", self.run_tool(*arguments, status=1).stderr)
            self.assertEqual(os.listdir(directory), [])
        self.assertEqual(self.sandbox.asked, [])

    def test_command_lines_that_make_no_sense(self):
        for arguments, says in (
            (("list", "--kind", "webhook"), "--kind needs --all or --organization"),
            (("list", "--no-shared"), "--no-shared needs"),
            (("list", "--csv"), "--csv needs"),
            (("list", "--all", "--csv", "--json"), "exclude each other"),
            (("list", "--all", "--concurrency", "0"), "--concurrency"),
            (("validate",), "ID is required"),
            (("validate", "x", "--all"), "takes no ID"),
            (("report", "--days", "-1"), "--days"),
        ):
            self.assertIn(says, self.run_tool(*arguments, status=2).stderr)

    def test_a_list_of_organizations_that_cannot_be_read_ends_the_walk(self):
        self.assertIn("not complete", self.run_tool("list", "--all", status=3).stderr)


class Faults(FleetTest):
    options = ("--organizations", "3", "--projects", "40", "--integrations", "2", "--forbidden-every", "7", "--missing-every", "11", "--suspended-every", "13")

    def test_each_part_that_cannot_be_read_is_named_with_its_reason(self):
        expected = {"forbidden": set(), "not found": set(), "suspended": set()}
        for i, each in enumerate(self.projects, 1):
            reason = "not found" if i % 11 == 0 else "suspended" if i % 13 == 0 else "forbidden" if i % 7 == 0 else None
            if reason:
                expected[reason].add(each["id"])
        done = self.run_tool("list", "--all", "--json", status=9)
        *errors, summary = lines_of(done.stderr)
        seen = {}
        for each in errors:
            seen.setdefault(each["error"]["reason"].replace("_", " "), set()).add(each["error"]["project"]["id"])
        self.assertEqual(seen, expected)
        self.assertEqual([summary["summary"][name] for name in ("forbidden", "not_found", "suspended", "failed")], [len(ids) for ids in expected.values()] + [0])
        self.assertEqual({each["project"]["id"] for each in lines_of(done.stdout) if "error" in each}, set().union(*expected.values()))

        done = self.run_tool("list", "--all", "--csv", status=9)
        for reason, ids in expected.items():
            for id in ids:
                self.assertRegex(done.stderr, f"(?m)^{reason} .*{id}.*HTTP 40")
        counts = ", ".join(f"{len(ids)} {reason}" for reason, ids in expected.items())
        self.assertTrue(done.stderr.endswith(f"not read: {counts}\n"), done.stderr)
        self.run_tool("report", status=9)

    def test_they_fit_a_narrow_terminal(self):
        _, _, shown = self.sandbox.on_terminal("list", "--all", "--csv", columns=70)
        lines = [line for line in TERMINAL_CODES.sub("", shown).replace("\r", "\n").splitlines() if re.match("NOT READ|forbidden|not found|suspended", line)]
        self.assertEqual(len(lines), 12)
        self.assertLessEqual(max(map(len, lines)), 70)


class Broken(FleetTest):
    options = ("--organizations", "3", "--projects", "12", "--integrations", "2", "--broken-every", "5", "--forbidden-organizations-every", "3")

    @classmethod
    def setUpClass(cls):
        ToolTest.setUpClass.__func__(cls)

    def test_what_is_no_integration_is_an_error_in_its_place(self):
        done = self.run_tool("list", "--all", "--json", status=1)
        broken = [each for each in lines_of(done.stdout) if "error" in each]
        self.assertEqual([each["error"]["code"] for each in broken], ["decode_failed"])
        self.assertRegex(self.run_tool("list", "--all", status=1).stderr, f"(?m)^broken .*{broken[0]['project']['id']}")

    def test_an_organization_that_cannot_be_listed_is_named(self):
        self.assertRegex(self.run_tool("list", "--all", "--kind", "webhook", status=1).stderr, r"(?m)^forbidden +cedar +\(the list of projects\)")
        done = self.run_tool("projects", "--csv", status=9)
        self.assertIn("cedar: ", done.stderr)
        self.assertEqual({row["organization"] for row in rows_of(done.stdout)}, {"alder", "birch"})
        self.run_tool("projects", "--organization", "cedar", status=4)


class Throttled(FleetTest):
    options = ("--organizations", "2", "--projects", "20", "--integrations", "2", "--throttle-every", "9", "--throttle-seconds", "0")

    @classmethod
    def setUpClass(cls):
        ToolTest.setUpClass.__func__(cls)

    def test_a_limit_of_the_rate_loses_nothing(self):
        sandbox = Sandbox("--organizations", "2", "--projects", "20", "--integrations", "2")
        self.addCleanup(sandbox.close)
        self.assertEqual(sorted(self.run_tool("list", "--all", "--csv").stdout.splitlines()), sorted(sandbox.run("list", "--all", "--csv").stdout.splitlines()))


if __name__ == "__main__":
    main()
