"""The outcome for people and programs: Markdown, JSON, a page of HTML that needs no other file, and the page of the documentation."""

import dataclasses
import html
import json
import re
import shutil

import parts

PAGE = """<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><title>upsun side by side</title><style>
body {{ font: 15px/1.5 sans-serif; max-width: 64em; margin: 2em auto; padding: 0 1em; color: #222 }}
table {{ border-collapse: collapse; width: 100% }} th, td {{ text-align: left; padding: .25em .6em; border-bottom: 1px solid #ddd; vertical-align: top }}
td.number {{ white-space: nowrap }} td.met {{ color: #2f6f4f }} td.not {{ color: #af3f2f; font-weight: bold }} svg {{ max-width: 100%; height: auto }}
</style></head><body><h1>upsun side by side</h1>
<table><tr><th>What</th><th>Measured</th><th>Target</th><th></th><th></th></tr>
{rows}</table>
{pictures}
<h2>Conditions</h2><table>{conditions}</table></body></html>
"""

ROW = '<tr><td>{}</td><td class="number">{}</td><td class="number">{}</td><td class="{}">{}</td><td>{}</td></tr>\n'


def cells(row):
    return row.what, row.text(row.measured) or "not measured", f"<= {row.text(row.target)}" if row.target is not None else "", row.verdict, row.note


def markdown(rows):
    lines = ["| What | Measured | Target | | |", "|---|---|---|---|---|"]
    for row in rows:
        what, measured, target, verdict, note = cells(row)
        lines.append(f"| {what} | {measured} | {target} | {f'**{verdict}**' if verdict == 'not met' else verdict} | {note} |")
    return "\n".join(lines) + "\n"


def as_json(conditions, rows, raw):
    return json.dumps({"conditions": conditions, "rows": [dataclasses.asdict(row) | {"met": row.met} for row in rows], "raw": raw}, indent=1)


def page(conditions, rows, pictures):
    lines = []
    for row in rows:
        what, measured, target, verdict, note = map(html.escape, cells(row))
        lines.append(ROW.format(what, measured, target, verdict.split(" ")[0], verdict, note))
    drawn = "\n".join(re.sub(r"^.*?(?=<svg)", "", file.read_text(), flags=re.DOTALL) for file in pictures)
    facts = "".join(f"<tr><td>{name}</td><td>{html.escape(str(value))}</td></tr>" for name, value in conditions.items())
    return PAGE.format(rows="".join(lines), pictures=drawn, conditions=facts)


def update_documentation(root, conditions, rows, raw, pictures):
    """Puts the outcome between the markers of doc/performance.md and of the README, and the pictures into doc/performance."""
    folder = root / "doc" / "performance"
    facts = "".join(f"- {name}: {value}\n" for name, value in conditions.items())
    fill(folder.with_suffix(".md"), {"table": markdown(rows), "conditions": facts, "profile": parts.markdown(raw["profile"])})
    fill(root / "README.md", {"headlines": markdown(row for row in rows if row.headline)})
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
