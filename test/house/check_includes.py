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


def problem_of(folder, included, floors):
    if folder == "testing":
        return None if included in TESTING else "testing/ includes public headers, codec/ and model/ only"
    if included == folder or (included in floors and floors[folder] < floors[included]):
        return None
    return f"{included}/ does not stand below {folder}/"


def check(src, floors):
    for path in sorted(src.rglob("*.[ch]pp")):
        name = path.relative_to(src)
        folder = name.parts[0]
        if len(name.parts) == 1 or (folder not in floors and folder != "testing"):
            yield f"src/{name}: stands in no folder of test/house/floors.txt"
            continue
        for number, line in enumerate(path.read_text().splitlines(), 1):
            if line == "#include <upsun/client_config.hpp>" and folder not in SEES_CLIENT_CONFIG:
                yield f"src/{name}:{number}: {line}: only {', '.join(sorted(SEES_CLIENT_CONFIG))} may"
            found = re.match(r'#include "([^/"]+)/', line)
            if found and (problem := problem_of(folder, found[1], floors)):
                yield f"src/{name}:{number}: {line}: {problem}"


def main():
    house = pathlib.Path(__file__).resolve().parent
    problems = list(check(house.parents[1] / "src", read_floors(house / "floors.txt")))
    print("\n".join(problems) or "Every include goes down.")
    return 1 if problems else 0


sys.exit(main())
