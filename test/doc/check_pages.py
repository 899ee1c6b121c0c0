#!/usr/bin/env python3
"""Reads the pages as they lie in the repository. Fails for a relative link to a file or an anchor that is not there, and for a page, an example or a public
header that is not in the navigation of the site."""
import os
import pathlib
import re
import sys
import tomllib

ROOT = pathlib.Path(__file__).resolve().parents[2]
NAVIGATION = "doc/site/navigation.toml"
FENCE = re.compile(r"^(`{3,})[^\n]*\n.*?^\1`*\s*?$", re.MULTILINE | re.DOTALL)
INLINE_CODE = re.compile(r"`[^`\n]+`")
LINK = re.compile(r"\]\(([^\s()]+)\)")
HEADING = re.compile(r"^#+ +(.*?) *$", re.MULTILINE)


def text_of(page):
    return FENCE.sub("", page.read_text())


def anchors_of(page):
    """As code hosts make them of headings."""
    anchors = set()
    for heading in HEADING.findall(text_of(page)):
        words = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading).replace("`", "").lower()
        anchor = first = re.sub(r"[^\w\- ]", "", words).replace(" ", "-")
        count = 0
        while anchor in anchors:
            count += 1
            anchor = f"{first}-{count}"
        anchors.add(anchor)
    return anchors


def problems_of_links(page):
    for link in LINK.findall(INLINE_CODE.sub("", text_of(page))):
        path, _, anchor = link.partition("#")
        if re.match(r"[a-z]+:", path):
            continue
        target = (page.parent / path) if path else page
        if not target.exists():
            yield f"{page.relative_to(ROOT)}: the link {link} leads to no file"
        elif anchor and anchor not in anchors_of(target):
            yield f"{page.relative_to(ROOT)}: the link {link} leads to no heading of the page"


def problems_of_navigation():
    navigation = tomllib.loads((ROOT / NAVIGATION).read_text())
    listed = [os.path.normpath(f"doc/{page}.md") for group in navigation["guide"] for page in group["pages"]]
    listed += [f"examples/{program}" for program in navigation["examples"]["programs"]]
    listed += [f"include/upsun/{header}" for topic in navigation["reference"] for header in topic["headers"]]
    there = [*(ROOT / "doc").glob("*.md"), *(ROOT / "packaging").rglob("*.md"), *(path for path in (ROOT / "examples").iterdir() if path.is_dir() or path.suffix == ".cpp")]
    there += [path for path in (ROOT / "include/upsun").rglob("*.hpp") if "detail" not in path.parts]
    there = {str(path.relative_to(ROOT)) for path in there}
    for name in sorted(there - set(listed)):
        yield f"{name} is missing in the navigation of the site: add it to a group in {NAVIGATION}"
    for name in sorted(set(listed) - there):
        yield f"{NAVIGATION}: there is no {name}"
    for name in sorted({name for name in listed if listed.count(name) > 1}):
        yield f"{NAVIGATION}: {name} is listed twice"


def main():
    pages = [ROOT / "README.md", ROOT / "CHANGELOG.md", *sorted((ROOT / "doc").rglob("*.md")), *sorted((ROOT / "packaging").rglob("*.md"))]
    problems = [problem for page in pages for problem in problems_of_links(page)] + list(problems_of_navigation())
    print("\n".join(problems) or f"{len(pages)} pages: their links lead somewhere, and all are in the navigation.")
    return 1 if problems else 0


sys.exit(main())
