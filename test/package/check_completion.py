"""usage: check_completion.py COMPLETION PROGRAM...: bash completes every option and command that --help of the programs names, and no others."""
import subprocess
import sys

from help_texts import commands_of, options_of

SCRIPT = """
source "$1"; shift
COMP_WORDS=("$@") COMP_CWORD=$(($# - 1))
command=${1##*/}
read -ra registered < <(complete -p "$command")
"${registered[2]}" "$1" "${COMP_WORDS[COMP_CWORD]}" "${COMP_WORDS[COMP_CWORD - 1]}"
printf '%s\\n' "${COMPREPLY[@]}"
"""


def completed(*words):
    done = subprocess.run(["bash", "-u", "-c", SCRIPT, "bash", completion, *words], check=True, capture_output=True, text=True, timeout=60)
    assert not done.stderr, done.stderr
    return set(done.stdout.split())


def expect(want, *words):
    got = completed(*words)
    assert got == want, f"{' '.join(words)}: completed {sorted(got - want)} too much, and not {sorted(want - got)}"


completion, *programs = sys.argv[1:]
for program in programs:
    commands = commands_of(program)
    everywhere = options_of(program)
    for command in commands:
        expect(everywhere | options_of(program, command), program, *([command] if command else []), "-")
    if commands[1:]:
        expect(set(commands[1:]), program, "")
        expect(set(commands[1:]), program, "--json", "")
    if "kinds" in commands:
        expect({"github", "gitlab"}, program, "create", "git")
        expect({"github", "gitlab"}, program, "list", "--kind", "git")
    expect(set(), program, "--url", "l")
    if "--ca-file" in everywhere:
        expect({completion}, program, "--ca-file", completion[:-1])
