"""What is published: the figures of a run in one small file, and the page and picture from it."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from .figure import figure
from .page import page

COLUMNS: Final = (
    "run", "scheme", "population", "layout", "overlap", "size", "seed", "attack", "variant",
    "measure", "value", "low", "high", "of", "guessing", "trivial",
)  # fmt: skip


def write(path: Path, accuracy: Sequence[Any], rows: Sequence[Mapping[str, Any]]) -> None:
    """Write the figures: rows as lists under ``COLUMNS``, one a line; and how each scheme was made,
    by its fingerprint, so that figures of an older making are known for what they are."""
    told = [row for row in rows if row.get("measure") not in {None, "none"}]
    makings = {row["scheme"]: row["making"] for row in told}
    lines = ",\n".join(json.dumps([row[name] for name in COLUMNS]) for row in told)
    links = ",\n".join(json.dumps(each) for each in accuracy)
    path.write_text(
        f'{{"accuracy": [\n{links}\n],\n"makings": {json.dumps(makings)},\n'
        f'"columns": {json.dumps(COLUMNS)},\n'
        f'"rows": [\n{lines}\n]}}\n',
        encoding="utf-8",
    )


def read(path: Path) -> dict[str, Any]:
    """Return what ``write`` wrote, each row by its columns' names."""
    held = json.loads(path.read_text(encoding="utf-8"))
    rows = [dict(zip(held["columns"], row, strict=True)) for row in held["rows"]]
    for row in rows:
        row["making"] = held["makings"][row["scheme"]]
    return {"accuracy": held["accuracy"], "rows": rows}


def draw(results: Mapping[str, Any], text: Path, picture: Path, address: str) -> None:
    """Write page and picture; ``address`` is the picture's from the page."""
    picture.write_text(figure(results), encoding="utf-8")
    text.write_text(page(results, address), encoding="utf-8")
