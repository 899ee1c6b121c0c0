"""The results as Markdown, JSON, a self-contained page of HTML, and in the documentation."""

import dataclasses
import html
import json
import re
import shutil

import parts

PAGE = """<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><title>upsun side by side</title><style>
body {{ font: 15px/1.5 sans-serif; max-width: 64em; margin: 2em auto; padding: 0 1em; color: #222 }}
table {{ border-collapse: collapse }} th, td {{ text-align: left; padding: .25em .6em; border-bottom: 1px solid #ddd; vertical-align: top }}
svg {{ max-width: 100%; height: auto }}
</style></head><body><h1>upsun side by side</h1>
{outcome}
{pictures}
<h2>Where the instructions go</h2>
{profile}
<h2>Conditions</h2>
{conditions}
</body></html>
"""


def table(rows):
    lines = [["What", "Measured", "Target", "", ""]]
    for row in rows:
        lines.append([row.what, row.text(row.measured) or "not measured", f"<= {row.text(row.target)}" if row.target is not None else "", row.verdict, row.note])
    return lines


def markdown(lines):
    head, *body = lines
    return "".join("| " + " | ".join(line) + " |\n" for line in (head, ["---"] * len(head), *body))


def as_html(lines):
    return "<table>\n" + "".join("<tr><td>" + "</td><td>".join((html.escape(cell.strip("*")) for cell in line)) + "</td></tr>\n" for line in lines) + "</table>"


def as_json(conditions, rows, raw):
    return json.dumps({"conditions": conditions, "rows": [dataclasses.asdict(row) | {"met": row.met} for row in rows], "raw": raw}, indent=1)


def page(conditions, rows, raw, pictures):
    drawn = "\n".join(re.sub(r"^.*?(?=<svg)", "", file.read_text(), flags=re.DOTALL) for file in pictures)
    facts = [[name, str(value)] for name, value in conditions.items()]
    return PAGE.format(outcome=as_html(table(rows)), pictures=drawn, profile=as_html(parts.table(raw.get("profile", {}))), conditions=as_html(facts))


def update_documentation(root, conditions, rows, raw, pictures):
    """Writes the results between the markers of doc/performance.md and of the README, and the pictures into doc/performance."""
    folder = root / "doc" / "performance"
    facts = "".join(f"- {name}: {value}\n" for name, value in conditions.items())
    fill(folder.with_suffix(".md"), {"table": markdown(table(rows)), "conditions": facts, "profile": markdown(parts.table(raw["profile"]))})
    fill(root / "README.md", {"headlines": markdown(table(row for row in rows if row.headline))})
    folder.mkdir(exist_ok=True)
    for picture in pictures:
        shutil.copy(picture, folder)


def fill(file, blocks):
    text = file.read_text()
    for name, block in blocks.items():
        text, count = re.subn(rf"(<!-- begin {name}.*?-->\n).*?(<!-- end {name} -->)", lambda found: found[1] + block + found[2], text, flags=re.DOTALL)
        if count != 1:
            raise RuntimeError(f"{file} has no place for the {name}")
    file.write_text(text)
