"""usage: activities.py TOOL SANDBOX: what a change sets off is waited for, listed, cancelled, and its end is the exit status."""
import json
import signal
import subprocess

from harness import TOOL, ToolTest, main


class Quick(ToolTest):
    options = ("--activity-time", "50")

    def test_a_change_is_waited_for(self):
        for arguments in (["create", "sumologic", "--set", "url=u"], ["update", "integration-15", "--set", "url=v"]):
            done = self.run_json(*arguments)
            self.assertEqual([(each["state"], each["result"]) for each in done["activities"]], [("complete", "success")])

    def test_a_change_is_not_waited_for_on_request(self):
        done = self.run_json("update", "integration-15", "--set", "url=w", "--no-wait")
        self.assertEqual([each["result"] for each in done["activities"]], [None])

    def test_progress_is_for_people_and_beside_the_results(self):
        done = self.run_tool("create", "sumologic", "--set", "url=u")
        self.assertIn("integration.add  success  100 %", done.stderr)
        self.assertTrue(done.stdout.startswith("created sumologic created-"), done.stdout)
        self.assertIn("complete  success", done.stdout)

    def test_activities_are_listed_the_newest_first(self):
        id = self.run_json("create", "sumologic", "--set", "url=u")["entity"]["id"]
        for url in ("v", "w"):
            self.run_tool("update", id, "--set", f"url={url}")
        types = [each["type"] for each in self.run_json("activities", id)]
        self.assertEqual(types, ["integration.update", "integration.update", "integration.add"])
        self.assertEqual(len(self.run_json("activities", id, "--limit", "2")), 2)
        self.assertEqual(len(self.run_json("activities", id, "--limit", "0")), 3)
        self.assertEqual([each["type"] for each in self.run_json("activities", id, "--type", "integration.add")], ["integration.add"])
        self.assertEqual(self.run_json("activities", id, "--state", "pending", "--state", "cancelled"), [])
        head, newest, *_ = self.run_tool("activities", id).stdout.splitlines()
        self.assertEqual(head.split(), ["ID", "TYPE", "STATE", "RESULT", "DONE", "CREATED", "TEXT"])
        self.assertIn("integration.update", newest)

    def test_wait_for_what_is_not_there(self):
        self.assertIn("activity none", self.fail_json("wait", "integration-0", "none", status=3)["message"])
        self.run_tool("activities", "none", status=3)


class Failing(ToolTest):
    options = ("--activity-time", "50", "--failing-activities", "2")

    def test_a_failed_activity_is_the_exit_status(self):
        done = self.run_tool("update", "integration-15", "--set", "url=v", "--json", status=8)
        (activity,) = json.loads(done.stdout)["activities"]
        self.assertEqual(activity["result"], "failure")
        self.run_tool("wait", "integration-15", activity["id"], status=8)
        self.assertIn("failure", self.run_tool("create", "sumologic", "--set", "url=u", status=8).stdout)
        self.run_tool("create", "sumologic", "--set", "url=u")


class Slow(ToolTest):
    """Activities that end long after the tests."""

    options = ("--activity-time", "3600000")

    def test_a_wait_ends_with_its_timeout_and_the_change_is_printed(self):
        for timeout in ("0.3", "3", "30"):  # on a slow machine the change itself may take longer than the first
            done = self.run_tool("create", "sumologic", "--set", "url=u", "--timeout", timeout, "--json", status=6)
            if done.stdout:
                break
        change = json.loads(done.stdout)
        self.assertEqual(change["code"], 201)
        self.assertIn(change["activities"][0]["id"], json.loads(done.stderr)["error"]["message"])

    def test_a_cancelled_activity_did_not_succeed(self):
        (activity,) = self.run_json("update", "integration-15", "--set", "url=v", "--no-wait")["activities"]
        self.run_json("cancel", "integration-15", activity["id"])
        (ended,) = json.loads(self.run_tool("wait", "integration-15", activity["id"], "--json", status=8).stdout)
        self.assertEqual(ended["state"], "cancelled")

    def test_wait_without_activities_takes_those_that_have_not_ended(self):
        (activity,) = self.run_json("update", "integration-14", "--set", "url=x", "--no-wait")["activities"]
        with subprocess.Popen([TOOL, "wait", "integration-14"], env=self.sandbox.environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as tool:
            self.assertIn("integration.update", tool.stderr.readline())  # it has begun to wait
            self.run_json("cancel", "integration-14", activity["id"])
            ended, _ = tool.communicate(timeout=60)
            self.assertIn(activity["id"], ended)
            self.assertEqual(tool.returncode, 8)
        self.assertEqual(self.run_json("wait", "integration-14"), [])
        self.assertIn("nothing to wait for", self.run_tool("wait", "integration-14").stderr)

    def test_a_signal_ends_a_wait_and_keeps_what_was_made(self):
        with subprocess.Popen([TOOL, "create", "sumologic", "--set", "url=u"], env=self.sandbox.environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                              text=True) as tool:
            self.assertRegex(tool.stdout.readline(), "^created sumologic created-")  # printed at once, and then it waits
            self.assertIn("integration.add", tool.stderr.readline())
            tool.send_signal(signal.SIGINT)
            tool.communicate(timeout=60)
            self.assertEqual(tool.returncode, 130)


if __name__ == "__main__":
    main()
