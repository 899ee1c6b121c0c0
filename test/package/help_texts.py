"""What --help of a program says it takes, for the tests beside this file."""
import re
import subprocess


def help_of(program, command=None):
    return subprocess.run([program, *([command] if command else []), "--help"], check=True, capture_output=True, text=True, timeout=60).stdout


def commands_of(program):
    """Its commands, after None, which stands for the program without one."""
    found = re.search(r"^Subcommands:\n((?:  .*\n)+)", help_of(program), re.MULTILINE)
    return [None, *re.findall(r"^  ([a-z][a-z-]*)", found[1], re.MULTILINE)] if found else [None]


def arguments_of(program, command=None):
    """Those without a dash, as a page has them."""
    found = re.search(r"^Positionals:\n((?:  .*\n)+)", help_of(program, command), re.MULTILINE)
    return set(re.findall(r"^  (\w+)", found[1], re.MULTILINE)) if found else set()


def options_of(program, command=None):
    names = re.findall(r"^ +(-[^ ]+)", help_of(program, command), re.MULTILINE)
    options = {re.sub("[^a-z-].*", "", each) for name in names for each in name.split(",")}
    assert "--help" in options, f"cannot read the options of {program} {command or ''}"
    return options
