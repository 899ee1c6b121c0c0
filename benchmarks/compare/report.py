"""The table, as text for people, as Markdown and as JSON."""

import dataclasses
import json


def markdown(rows):
    lines = ["| What | Measured | Target | | |", "|---|---|---|---|---|"]
    for row in rows:
        target = f"<= {row.text(row.target)}" if row.target is not None else ""
        lines.append(f"| {row.what} | {row.text(row.measured) or 'not measured'} | {target} | {row.verdict} | {row.note} |")
    return "\n".join(lines) + "\n"


def as_json(conditions, rows, raw):
    return json.dumps({"conditions": conditions, "rows": [dataclasses.asdict(row) | {"met": row.met} for row in rows], "raw": raw}, indent=1)
