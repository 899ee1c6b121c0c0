#!/usr/bin/env python3
"""Fails when a comment or a name in include/, src/ or tools/ says, in a word of our own, what the field has a word for."""
import pathlib
import re
import sys

INSTEAD = {
    "ghost": "abandoned request",
    "passenger": "waiter",
    "aboard": "deferred, or waiting",
    "harvest": "poll",
    "relief": "shared fetch begun again",
}
# Whole words, also as a part of a name: make_ghost, ghosts_.
WORD = re.compile(r"(?<![a-z])(" + "|".join(INSTEAD) + r")s?(?![a-z])", re.IGNORECASE)


def problems_of(top):
    for folder in ("include", "src", "tools"):
        for path in sorted((top / folder).rglob("*.[ch]pp")):
            name = path.relative_to(top)
            for number, line in enumerate(path.read_text().splitlines(), 1):
                for word in WORD.findall(line):
                    yield f"{name}:{number}: {word}: say {INSTEAD[word.lower()]}"


def main():
    problems = list(problems_of(pathlib.Path(__file__).resolve().parents[2]))
    print("\n".join(problems) or "Plain words.")
    return 1 if problems else 0


sys.exit(main())
