"""usage: fleet_report.py TOOL SANDBOX: validation and reports over the fleet, and walks that are interrupted."""
import collections
import html.parser
import json
import os
import re
import signal
import subprocess
import tempfile

from harness import TOOL, ToolTest, lines_of, main, rows_of


class Page(html.parser.HTMLParser):
    """Checks that tags are closed in their order, and that nothing comes from elsewhere."""

    VOID = {"meta", "rect"}

    def __init__(self, text):
        super().__init__(convert_charrefs=True)
        self.open, self.tags, self.texts, self.cells = [], collections.Counter(), [], []
        self.feed(text)
        self.close()
        assert not self.open, self.open

    def handle_starttag(self, tag, attributes):
        self.tags[tag] += 1
        assert not {"src", "href", "onload", "onclick"} & {name for name, _ in attributes}, attributes
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attributes):
        self.handle_starttag(tag, attributes)
        if tag not in self.VOID:
            self.open.pop()

    def handle_endtag(self, tag):
        opened = self.open.pop()
        assert tag == opened, (tag, opened)

    def handle_data(self, text):
        self.texts.append(text)
        if self.open and self.open[-1] == "td":
            self.cells.append(text)


class Reports(ToolTest):
    options = ("--organizations", "4", "--projects", "40", "--integrations", "4", "--shared", "4", "--invalid-every", "9")

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.listed = lines_of(cls.sandbox.run("list", "--all", "--json").stdout)

    def report(self, *arguments, status=0):
        return json.loads(self.run_tool("report", "--json", *arguments, status=status).stdout)

    def test_counts_each_kind_in_each_organization(self):
        report = self.report()
        kinds = collections.Counter(each["integration"]["type"] for each in self.listed)
        self.assertEqual(report["kinds"], kinds)
        organizations = {}
        for each in self.listed:
            organizations.setdefault(each["organization"]["id"], collections.Counter())[each["integration"]["type"]] += 1
        self.assertEqual({each["id"]: each["kinds"] for each in report["organizations"]}, organizations)
        self.assertEqual(sum(each["integrations"] for each in report["organizations"]), report["account"]["integrations"])
        self.assertNotIn("invalid", report)

        table = self.run_tool("report").stdout
        kind, count = kinds.most_common(1)[0]
        self.assertRegex(table, f"(?m)^{kind} +{count}$")
        self.assertRegex(table, r"(?m)^alder +Alder Studio +\d+ +[a-z.]+ \d+")

    def test_of_one_organization(self):
        report = self.report("--organization", "birch", "--kind", "webhook")
        self.assertEqual(([each["name"] for each in report["organizations"]], list(report["kinds"])), (["birch"], ["webhook"]))

    def test_names_tokens_that_expire_within_the_days(self):
        def expiring(days):
            return {each["id"]: each["expires_at"] for each in self.report("--days", str(days))["expiring_tokens"]}

        all = {each["integration"]["id"]: each["integration"]["token_expires_at"] for each in self.listed if each["integration"].get("token_expires_at")}
        self.assertGreater(len(all), 2)
        self.assertEqual(expiring(3650), all)
        times = list(expiring(3650).values())
        self.assertEqual(times, sorted(times))
        some = expiring(20)
        self.assertTrue(set(some.items()) < set(all.items()))
        self.assertLess(max(some.values(), default=""), min(time for id, time in all.items() if id not in some))

    def test_names_what_fails_validation(self):
        done = self.run_tool("validate", "--all", "--json", status=5)
        invalid = {each["integration"]["id"]: each for each in lines_of(done.stdout)}
        self.assertTrue(invalid)
        self.assertTrue(all(not each["validation"]["valid"] for each in invalid.values()))
        self.assertEqual({each["id"] for each in self.report("--validate")["invalid"]}, set(invalid))
        for each in self.listed[:12]:
            id = each["integration"]["id"]
            self.assertEqual(self.sandbox.run("validate", id, "-p", each["project"]["id"]).returncode, 5 if id in invalid else 0)

        done = self.run_tool("validate", "--all", status=5)
        self.assertEqual(len(done.stdout.splitlines()), len(invalid))
        self.assertIn("url: ", done.stdout)
        self.assertIn(f"{len(self.listed) - len(invalid)} valid, {len(invalid)} not valid", done.stderr)
        self.assertEqual(self.validated(self.run_tool("validate", "--all", "--json", "--kind", "webhook", "--project", "none-of-them")),
                         {"valid": 0, "invalid": 0, "unsupported": 0, "failed": 0})
        _, printed, shown = self.sandbox.on_terminal("validate", "--all", columns=200, results=None)
        for line in done.stdout.splitlines():  # progress is not in their way
            self.assertRegex(shown, f"(?m)(^|\x1b\\[K){re.escape(line)}$")
        self.run_tool("validate", "--all", "--project", "none-of-them")

    @staticmethod
    def validated(done):
        return lines_of(done.stderr)[-1]["validated"]

    def test_the_page_is_whole_and_shows_what_the_report_says(self):
        with tempfile.TemporaryDirectory() as directory:
            name = os.path.join(directory, "report.html")
            for _ in range(2):  # the second one replaces the first
                self.run_tool("report", "--validate", "--days", "3650", "--html", name)
            self.assertEqual(os.listdir(directory), ["report.html"])
            with open(name, encoding="utf-8") as file:
                text = file.read()
        page = Page(text)
        self.assertEqual(page.tags["svg"], 3)
        self.assertEqual(page.tags["beta"] + page.tags["script"] + page.tags["link"], 0)
        self.assertNotIn("http", text.partition("</head>")[0].replace("http-equiv", ""))
        report = self.report("--validate", "--days", "3650")
        for each in report["expiring_tokens"] + report["invalid"]:
            for member in ("organization", "project", "title", "id"):
                if each[member]:
                    self.assertIn(each[member], page.cells)
        self.assertIn("R&D <beta>", " ".join(page.cells))
        for each in report["organizations"]:
            if each["label"]:
                self.assertIn(each["label"], page.cells)

    def test_a_page_that_cannot_be_written_is_an_error(self):
        self.assertIn("cannot write /dev/full", self.run_tool("report", "--html", "/dev/full", status=1).stderr)

    def test_a_full_disk_is_an_error(self):
        for arguments in (["list", "--all"], ["list", "--all", "--json"], ["validate", "--all"], ["report"], ["projects"], ["organizations", "--csv"]):
            with open("/dev/full", "w") as full, self.subTest(arguments=arguments):
                done = subprocess.run(
                    [TOOL, *arguments], env=self.sandbox.environment, stdout=full, stderr=subprocess.PIPE, text=True, timeout=60)
                self.assertEqual(done.returncode, 1)
                self.assertIn("cannot write the results", done.stderr)


class Interrupted(ToolTest):
    """Each response takes so long that a walk is under way for many seconds, unless many requests are sent at once."""

    options = ("--organizations", "3", "--projects", "150", "--integrations", "2", "--latency", "150", "--invalid-every", "3")

    def interrupt(self, *arguments, number=signal.SIGINT):
        """Interrupts a slow walk after its first line. Returns what it printed."""
        with self.sandbox.start(*arguments, "--concurrency", "1") as tool:
            first = tool.stdout.readline()
            if "--csv" in arguments and first.startswith("organization,"):
                first += tool.stdout.readline()
            self.assertTrue(first.endswith("\n"), first)
            tool.send_signal(number)
            rest = tool.stdout.read()  # communicate() would lose what readline() has buffered
            said = tool.stderr.read()
            self.assertEqual(tool.wait(timeout=60), 128 + number, said)
        return first + rest, said

    def test_goes_on_where_it_was_and_loses_nothing(self):
        whole = self.run_tool("list", "--all", "--json").stdout.splitlines()
        with tempfile.TemporaryDirectory() as directory:
            file = os.path.join(directory, "resume")
            begun, said = self.interrupt("list", "--all", "--json", "--resume-file", file)
            summary = lines_of(said)[0]["summary"]
            self.assertEqual((summary["complete"], summary["integrations"]), (False, len(begun.splitlines())))
            self.assertEqual(os.listdir(directory), ["resume"])
            more, _ = self.interrupt("list", "--all", "--json", "--resume-file", file, number=signal.SIGTERM)
            self.assertEqual(os.listdir(directory), ["resume"])
            rest = self.run_tool("list", "--all", "--json", "--resume-file", file).stdout
            self.assertEqual(os.listdir(directory), [])
        lines = (begun + more + rest).splitlines()
        self.assertTrue(0 < len(begun.splitlines()) < len(whole))
        self.assertEqual(sorted(lines), sorted(whole))

    def test_validation_goes_on_where_it_was(self):
        whole = self.run_tool("validate", "--all", "--json", status=5).stdout.splitlines()
        with tempfile.TemporaryDirectory() as directory:
            file = os.path.join(directory, "resume")
            begun, said = self.interrupt("validate", "--all", "--json", "--resume-file", file)
            rest = self.run_tool("validate", "--all", "--json", "--resume-file", file, status=5)
        counts = [lines_of(text)[-1]["validated"] for text in (said, rest.stderr)]
        self.assertEqual(sum(each["invalid"] for each in counts), len(whole))
        self.assertEqual(sorted((begun + rest.stdout).splitlines()), sorted(whole))

    def test_the_table_of_what_was_read_is_printed(self):
        whole = self.run_tool("list", "--all").stdout.splitlines()
        with tempfile.TemporaryDirectory() as directory:
            file = os.path.join(directory, "resume")
            begun, _ = self.interrupt_early("list", "--all", "--concurrency", "1", "--resume-file", file)
            rest = self.run_tool("list", "--all", "--resume-file", file).stdout
        cells = [[line.split() for line in text.splitlines()] for text in (begun, rest)]
        self.assertEqual([each[0] for each in cells], [whole[0].split()] * 2)
        self.assertEqual(sorted(cells[0][1:] + cells[1][1:]), sorted(line.split() for line in whole[1:]))

    def test_says_so_to_people_and_csv_has_one_head(self):
        with tempfile.TemporaryDirectory() as directory:
            file = os.path.join(directory, "resume")
            begun, said = self.interrupt("list", "--all", "--csv", "--resume-file", file)
            self.assertRegex(said, r"\d+ of \d+ projects")
            self.assertIn(f"goes on where {file} says", said)
            done = self.run_tool("list", "--all", "--csv", "--resume-file", file)
            self.assertIn(f"going on where {file} says", done.stderr)
        rows = rows_of(begun + done.stdout)
        self.assertEqual(len(rows), len(self.run_tool("list", "--all", "--csv").stdout.splitlines()) - 1)
        self.assertEqual(sum(row["id"] == "id" for row in rows), 0)

    def test_a_resume_file_of_another_walk_is_refused_and_stays(self):
        with tempfile.TemporaryDirectory() as directory:
            file = os.path.join(directory, "resume")
            self.interrupt("list", "--all", "--csv", "--resume-file", file)
            with open(file, encoding="utf-8") as opened:
                token = opened.read()
            self.run_tool("list", "--all", "--kind", "webhook", "--resume-file", file, status=5)
            with open(file, encoding="utf-8") as opened:
                self.assertEqual(opened.read(), token)
            for text, status in (("", 2), ("nonsense", 5)):
                with open(file, "w", encoding="utf-8") as opened:
                    opened.write(text)
                self.assertIn(file, self.run_tool("list", "--all", "--resume-file", file, status=status).stderr)

    def test_a_report_is_printed_as_far_as_it_came_and_no_page_is_left(self):
        with tempfile.TemporaryDirectory() as directory:
            page = os.path.join(directory, "report.html")
            printed, _ = self.interrupt_early("report", "--json", "--validate", "--concurrency", "1", "--html", page)
            self.assertFalse(json.loads(printed)["account"]["complete"])
            self.assertEqual(os.listdir(directory), [])

    def test_lists_are_printed_as_far_as_they_came(self):
        printed, said = self.interrupt_early("projects")
        self.assertTrue(printed.startswith("ID "))
        self.assertEqual(len(said.splitlines()), 1)
        self.assertIn("cancelled", said)
        printed, said = self.interrupt_early("list", "--all", "--concurrency", "1")
        self.assertTrue(printed.startswith("ORGANIZATION "))
        self.assertIn("not complete", said)

    def interrupt_early(self, *arguments):
        """Interrupts a command that prints at its end. Returns what it printed."""
        with self.sandbox.start(*arguments) as tool:
            while tool.poll() is None and not self.is_connected(tool):
                pass
            tool.send_signal(signal.SIGINT)
            printed, said = tool.communicate(timeout=60)
            self.assertEqual(tool.returncode, 130, said)
        return printed, said

    @staticmethod
    def is_connected(tool):
        """Whether it has a connection, and so handles signals."""
        try:
            return any(os.readlink(f"/proc/{tool.pid}/fd/{name}").startswith("socket:") for name in os.listdir(f"/proc/{tool.pid}/fd"))
        except OSError:
            return False

    def test_a_reader_that_is_gone_ends_it(self):
        for arguments in (("--json",), ("--csv",)):
            with self.sandbox.start("list", "--all", *arguments, "--concurrency", "1") as tool:
                tool.stdout.readline()
                tool.stdout.close()
                self.assertEqual(tool.stderr.read(), "")
                self.assertEqual(tool.wait(timeout=60), -signal.SIGPIPE)
            with self.sandbox.start("list", "--all", *arguments, "--concurrency", "1", restore_signals=False) as tool:
                tool.stdout.readline()
                tool.stdout.close()
                self.assertIn("cannot write the results", tool.stderr.read())
                self.assertEqual(tool.wait(timeout=60), 1)


if __name__ == "__main__":
    main()
