"""usage: check_manuals.py DIRECTORY PROGRAM...: the directory has a page of each program and of each command, man renders it without a warning, and
it names every option and command that --help names."""
import os
import re
import subprocess
import sys

from help_texts import commands_of, options_of

directory, *programs = sys.argv[1:]
expected = set()
for program in programs:
    name = os.path.basename(program)
    commands = commands_of(program)
    for command in commands:
        page = f"{name}-{command}" if command else name
        expected.add(f"{page}.1.gz")
        environment = os.environ | {"MANWIDTH": "500", "LC_ALL": "C.UTF-8"}
        command_line = ["man", "--warnings", "--no-hyphenation", "--no-justification", "--local-file", f"{directory}/{page}.1.gz"]
        done = subprocess.run(command_line, check=True, capture_output=True, text=True, env=environment)
        assert not done.stderr, f"{page}: {done.stderr}"
        assert re.search(rf"^NAME\n +{page} +- +\S", done.stdout, re.MULTILINE), f"{page} has no name:\n{done.stdout}"
        tags = re.findall(r"^ {7}((?:[\w-]+,? ?)+)", done.stdout, re.MULTILINE)
        named = {word.rstrip(",") for tag in tags for word in tag.split()}
        missing = (options_of(program, command) | set(commands[1:] if command is None else [])) - named
        assert not missing, f"{page} does not name {sorted(missing)}:\n{done.stdout}"
present = set(os.listdir(directory))
assert present == expected, f"pages without a program: {sorted(present - expected)}; missing: {sorted(expected - present)}"
print(f"{len(expected)} pages.")
