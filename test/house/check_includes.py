#!/usr/bin/env python3
"""Fails when a file in src/ stands in no folder of floors.txt, or includes something that does not stand below it."""
import pathlib
import re
import sys

# Beside the floors: what services link in their own tests. It stands on the public headers and these two.
TESTING = {"testing", "codec", "model"}

# What reads the user's settings as they are given. Below, they are plain settings (config/settings.hpp).
SEES_CLIENT_CONFIG = {"client", "operations", "calls", "config"}


def read_floors(path):
    lines = (line.split("#")[0].split() for line in path.read_text().splitlines())
    return {folder: number for number, folders in enumerate(filter(None, lines)) for folder in folders}


def longest_prefix(path, floors):
    """The most specific folder of the table that `path`, a folder, stands in; none: ''."""
    parts = path.split("/")
    folders = ("/".join(parts[:count]) for count in range(len(parts), 0, -1))
    return next((folder for folder in folders if folder in floors), "")


def problem_of(folder, included, floors):
    top, included_top = folder.split("/")[0], included.split("/")[0]
    if top == "testing":
        return None if included_top in TESTING else "testing/ includes public headers, codec/ and model/ only"
    if top != included_top:
        folder, included = top, included_top
    mine, other = longest_prefix(folder, floors), longest_prefix(included, floors)
    if mine == other or (mine and other and floors[mine] < floors[other]):
        return None
    return f"{included}/ does not stand below {folder}/"


def check(src, floors):
    for path in sorted(src.rglob("*.[ch]pp")):
        name = path.relative_to(src)
        folder = name.parent.as_posix()
        if len(name.parts) == 1 or (not longest_prefix(folder, floors) and name.parts[0] != "testing"):
            yield f"src/{name}: stands in no folder of test/house/floors.txt"
            continue
        for number, line in enumerate(path.read_text().splitlines(), 1):
            if line == "#include <upsun/client_config.hpp>" and name.parts[0] not in SEES_CLIENT_CONFIG:
                yield f"src/{name}:{number}: {line}: only {', '.join(sorted(SEES_CLIENT_CONFIG))} may"
            found = re.match(r'#include "([^"]+)/[^/"]+"', line)
            if found and (problem := problem_of(folder, found[1], floors)):
                yield f"src/{name}:{number}: {line}: {problem}"


def main():
    house = pathlib.Path(__file__).resolve().parent
    problems = list(check(house.parents[1] / "src", read_floors(house / "floors.txt")))
    print("\n".join(problems) or "Every include goes down.")
    return 1 if problems else 0


sys.exit(main())
