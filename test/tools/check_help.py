"""usage: check_help.py TOOL PAGE: every block of the page that begins with a command line `$ upsun-integrations ... --help` shows what that prints."""
import re
import subprocess
import sys

tool, page = sys.argv[1:3]
with open(page, encoding="utf-8") as file:
    blocks = re.findall(r"^```\n\$ upsun-integrations ([^\n]*--help)\n(.*?)^```$", file.read(), re.DOTALL | re.MULTILINE)
assert blocks, "the page shows no help"
shown = [arguments for arguments, _ in blocks]
(commands,) = re.findall(r"^Subcommands:\n(.*?)\n\n", blocks[0][1], re.DOTALL | re.MULTILINE)
missing = [name for name in re.findall(r"^  (\w+)", commands, re.MULTILINE) if f"{name} --help" not in shown]
assert not missing, f"the page does not show the help of {missing}"
for arguments, text in blocks:
    printed = subprocess.run([tool, *arguments.split()], check=True, capture_output=True, text=True).stdout
    printed = "".join(line.rstrip() + "\n" for line in printed.strip("\n").splitlines())
    assert text == printed, f"{page} shows another text for {arguments}:\n{printed}"
