"""usage: check_manuals.py DIRECTORY PROGRAM...: the directory has a page of each program and of each command, man renders it without a warning, and
it has an entry for every option, command and argument that --help names."""
import os
import re
import subprocess
import sys

from help_texts import arguments_of, commands_of, options_of

directory, *programs = sys.argv[1:]
OPTION, WORD = r"--?[\w-]+(?:, --?[\w-]+)*", r"[\w-]+"


def entries(sections, title, tag):
    return {name for each in re.findall(rf"^ {{7}}({tag})(?= |$)", sections.get(title, ""), re.MULTILINE) for name in each.split(", ")}


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
        _, *parts = re.split(r"^([A-Z][A-Z ]*)\n", done.stdout, flags=re.MULTILINE)
        sections = dict(zip(parts[::2], parts[1::2]))
        expect_entries = {
            "OPTIONS": (options_of(program, command), OPTION),
            "COMMANDS": (set(commands[1:] if command is None else []), WORD),
            "ARGUMENTS": (arguments_of(program, command), WORD),
        }
        for title, (names, tag) in expect_entries.items():
            missing = names - entries(sections, title, tag)
            assert not missing, f"{page} has no entries of {sorted(missing)} in {title}:\n{done.stdout}"
present = set(os.listdir(directory))
assert present == expected, f"pages without a program: {sorted(present - expected)}; missing: {sorted(expected - present)}"
print(f"{len(expected)} pages.")
