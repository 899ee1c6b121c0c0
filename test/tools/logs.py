"""usage: logs.py TOOL SANDBOX: what an activity writes is printed, at once or as it comes."""
import json
import signal
import subprocess

from harness import TOOL, Scripted, ToolTest, main


class LogTest(ToolTest):
    def change(self):
        return self.run_json("update", "integration-15", "--set", "url=u", "--no-wait")["activities"][0]["id"]


class Logs(LogTest):
    options = ("--activity-time", "300")

    def test_follow_goes_on_until_the_activity_has_ended(self):
        activity = self.change()
        followed = self.run_tool("log", "integration-15", activity, "--follow").stdout
        self.assertTrue(followed.endswith("Done.\n"), followed)
        self.assertEqual(self.run_json("activities", "integration-15", "--limit", "1")[0]["state"], "complete")
        self.assertEqual(self.run_tool("log", "integration-15", activity).stdout, followed)

    def test_json_is_an_object_a_line(self):
        activity = self.change()
        lines = [json.loads(line) for line in self.run_tool("log", "integration-15", activity, "-f", "--json").stdout.splitlines()]
        self.assertTrue(all(set(line) == {"id", "timestamp", "message"} for line in lines))
        self.assertTrue("".join(line["message"] for line in lines).endswith("Done.\n"))

    def test_of_what_is_not_there(self):
        self.run_tool("log", "integration-15", "none", status=3)
        self.run_tool("log", "integration-15", "none", "--follow", status=3)


class Endless(LogTest):
    options = ("--activity-time", "3600000")

    def test_without_follow_what_there_is_comes_and_people_are_pointed_to_follow(self):
        activity = self.change()
        done = self.run_tool("log", "integration-15", activity)
        while not done.stdout:  # the first line is written a moment after the activity began
            done = self.run_tool("log", "integration-15", activity)
        self.assertNotIn("Done.", done.stdout)
        self.assertIn("--follow", done.stderr)

    def test_a_signal_ends_following(self):
        with subprocess.Popen([TOOL, "log", "integration-15", self.change(), "-f"], env=self.sandbox.environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                              text=True) as tool:
            self.assertNotEqual(tool.stdout.readline(), "")
            tool.send_signal(signal.SIGINT)
            tool.communicate(timeout=60)
            self.assertEqual(tool.returncode, 130)


    def test_following_ends_when_nobody_reads(self):
        # restore_signals=False: SIGPIPE is ignored, as under Python itself, so that only the failed write shows it
        with subprocess.Popen([TOOL, "log", "integration-15", self.change(), "-f"], env=self.sandbox.environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                              text=True, restore_signals=False) as tool:
            tool.stdout.close()
            self.assertIn("cannot write the results", tool.stderr.read())
            self.assertEqual(tool.wait(timeout=60), 1)


class Unreadable(ToolTest):
    """One item that cannot be read costs no other."""

    @classmethod
    def make_server(cls):
        activity = "/projects/p/integrations/i/activities/a"
        items = [
            r'{"_id":"1","data":{"message":"one\n"}}',
            '{"_id":"2","data":null}',
            r'{"_id":"3","data":{"message":"caf\udce9\n"}}',
            '{"_id":"4","data":{"message":5}}',
            "nonsense",
            r'{"_id":"6","data":{"message":"last\n"}}',
            '{"seal":true}',
        ]
        return Scripted({
            activity: json.dumps({"id": "a", "type": "t", "state": "complete", "completion_percent": 100, "_links": {"log": {"href": activity + "/log"}}}),
            activity + "/log": "\n".join(items) + "\n",
        })

    def test_is_an_error_and_the_rest_is_printed(self):
        done = self.run_tool("log", "i", "a", status=1)
        self.assertEqual(done.stdout, "one\ncaf\ufffd\nlast\n")
        self.assertEqual(done.stderr.count("an item of the log: "), 3, done.stderr)
        self.assertIn("/data: expected object, found null", done.stderr)

    def test_stands_in_its_place_with_json(self):
        done = self.run_tool("log", "i", "a", "-f", "--json", status=1)
        lines = [json.loads(line) for line in done.stdout.splitlines()]
        self.assertEqual([line.get("id", "error" if "error" in line else None) for line in lines], ["1", "error", "3", "error", "error", "6"])
        self.assertEqual(len(done.stderr.splitlines()), 3)


class WholeLife(ToolTest):
    """What stands between the commands."""

    options = ("--activity-time", "50", "--integrations", "0")

    def test_created_waited_for_read_validated_and_deleted(self):
        created = self.run_json("create", "webhook", "--set", "url=https://example.com", "--no-wait")
        id, activity = created["entity"]["id"], created["activities"][0]["id"]
        self.assertEqual([each["id"] for each in self.run_json("wait", id, activity)], [activity])
        self.assertIn("Done.", self.run_tool("log", id, activity).stdout)
        self.assertTrue(self.run_json("validate", id)["valid"])
        self.assertEqual([each["id"] for each in self.run_json("list")], [id])
        self.run_tool("delete", id, "--yes")
        for command in (["get", id], ["validate", id], ["activities", id], ["wait", id, activity], ["log", id, activity]):
            self.run_tool(*command, status=3)


if __name__ == "__main__":
    main()
