"""usage: check_completion.py COMPLETION PROGRAM...: bash completes every option and command that --help of the programs names, and no others."""
import pathlib
import subprocess
import sys
import tempfile

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
        expect({"get"}, program, "--project", "list", "g")
        expect(everywhere | options_of(program, "get"), program, "--project", "list", "get", "-")
        # A name of a command in another place is no command.
        expect(set(), program, "get", "create", "")
        expect(set(), program, "delete", "kinds", "")
        expect(set(), program, "create", "github", "")
    if "kinds" in commands:
        expect({"github", "gitlab"}, program, "create", "git")
        expect({"github", "gitlab"}, program, "list", "--kind", "git")
        expect({"github", "gitlab"}, program, "list", "--kind", "=", "git")
        expect(completed(program, "kinds", ""), program, "list", "--kind", "=")
    expect(set(), program, "--url", "l")
    if "--ca-file" in everywhere:
        expect({completion}, program, "--ca-file", completion[:-1])
        # As bash splits the words, as it does where somebody took = from COMP_WORDBREAKS, and with a name that it splits, too.
        expect({completion}, program, "--ca-file", "=", completion[:-1])
        expect({f"--ca-file={completion}"}, program, f"--ca-file={completion[:-1]}")
        with tempfile.TemporaryDirectory() as folder:
            pathlib.Path(folder, "a:b=c.pem").touch()
            expect({"c.pem"}, program, "--ca-file", "=", f"{folder}/a", ":", "b", "=", "c")
            expect({"b=c.pem"}, program, "--ca-file", f"{folder}/a", ":")
