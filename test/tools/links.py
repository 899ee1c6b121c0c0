"""usage: links.py TOOL SANDBOX: what an integration's links do: validation and hooks."""
import json

from harness import ToolTest, main


class Links(ToolTest):
    options = ("--invalid", "integration-17")

    def test_a_valid_integration(self):
        self.assertEqual(self.run_json("validate", "integration-9"), {"valid": True, "message": "", "problems": {}})
        self.assertEqual(self.run_tool("validate", "integration-9").stdout, "integration-9 is valid\n")

    def test_an_invalid_integration_is_the_exit_status(self):
        done = self.run_tool("validate", "integration-17", "--json", status=5)
        verdict = json.loads(done.stdout)
        self.assertEqual((verdict["valid"], verdict["problems"]), (False, {"url": "Not reachable"}))
        self.assertIn("\n  url: Not reachable\n", self.run_tool("validate", "integration-17", status=5).stdout)

    def test_a_hook_is_triggered(self):
        self.assertEqual(self.run_json("hook", "integration-4"), {"status": "triggered"})

    def test_the_url_of_a_hook_is_printed(self):
        url = self.run_json("hook-url", "integration-4")["url"]
        self.assertRegex(url, "^https://.*/projects/project-0/integrations/integration-4/hook$")
        self.assertEqual(self.run_tool("hook-url", "integration-4").stdout, url + "\n")

    def test_what_is_not_there(self):
        for command in ("validate", "hook", "hook-url"):
            self.run_tool(command, "none", status=3)


if __name__ == "__main__":
    main()
