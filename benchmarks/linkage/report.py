"""From figures to the page beside: tables between its marks, and pictures."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from statistics import median
from typing import Any, Final

from benchmarks.linkage import pictures
from benchmarks.linkage.catalogue import SMALL
from benchmarks.linkage.city_files import SIZES

NAMES: Final = {
    "splink": "Splink, in the clear", "anonlink": "anonlink", "identified": "identified",
    "enclave": "enclave", "encoded": "encoded",
}  # fmt: skip
_BEGIN, _END = "<!-- {0}: written by report.py -->", "<!-- end of {0} -->"

Row = dict[str, Any]


def write(told: Mapping[str, Any], folder: Path) -> None:
    """Write the tables into README.md of ``folder``, and the pictures beside it."""
    rows = summaries(told["entries"])
    page = folder / "README.md"
    text = page.read_text() if page.exists() else _bare()
    tables = {
        "machine": _machine(told), "accuracy": accuracy(rows), "detail": detail(rows),
        "cost": cost(rows), "left out": left_out(told["entries"]),
    }  # fmt: skip
    for name, table in tables.items():
        text = _between(text, name, table)
    kent = folder / "kent.json"
    if kent.exists():
        text = _between(text, "kent", kent_table(json.loads(kent.read_text())))
    page.write_text(text)
    for name, drawn in pictures.draw(rows, titles()).items():
        (folder / f"{name}.svg").write_text(drawn)


def titles() -> dict[str, str]:
    """Return each set's name and title, in the order of the tables."""
    made = {name: one.title for name, one in SMALL.items()}
    return made | {name: f"City, {size:,} a side" for name, size in SIZES.items()}


def summaries(entries: Sequence[Row]) -> dict[tuple[str, str], Row]:
    """Return by set and system the medians over its runs; runs that failed are left out."""
    made: dict[tuple[str, str], Row] = {}
    by_run = {(e["set"], e["system"], e["run"]): e for e in entries if "f1" in e}
    for name, system in dict.fromkeys((one, two) for one, two, _ in by_run):
        runs = {r: e for (one, two, r), e in by_run.items() if (one, two) == (name, system)}
        row: Row = {
            key: median(e[key] for e in runs.values())
            for key in ("wall", "cpu", "peak_mb", "precision", "recall", "f1", "best_f1")
        }
        row["best_f1"] = max(e["best_f1"] for e in runs.values())
        row |= {"runs": len(runs), "when": max(e["when"] for e in runs.values())}
        for key in ("wall", "cpu", "peak_mb"):
            row[f"low_{key}"] = min(e[key] for e in runs.values())
            row[f"high_{key}"] = max(e[key] for e in runs.values())
            beside = [
                by_run[name, "splink", r][key] / e[key]
                for r, e in runs.items()
                if (name, "splink", r) in by_run
            ]
            row[f"splink_{key}"] = median(beside) if beside else None
        made[name, system] = row
    return made


def accuracy(rows: Mapping[tuple[str, str], Row]) -> str:
    """Return F1 by set and system, and the best over thresholds in brackets."""
    systems = [one for one in NAMES if any(system == one for _, system in rows)]
    lines = [["set", *(NAMES[one] for one in systems)]]
    for name, title in titles().items():
        mine = {one: rows[name, one] for one in systems if (name, one) in rows}
        if mine:
            top = max(round(row["f1"], 4) for row in mine.values())
            lines.append([title, *(_f1(mine.get(one), top) for one in systems)])
    return _table(lines)


def _f1(row: Row | None, top: float) -> str:
    if row is None:
        return "–"
    shown = f"{row['f1']:.4f}"
    return f"{f'**{shown}**' if round(row['f1'], 4) == top else shown} ({row['best_f1']:.4f})"


def detail(rows: Mapping[tuple[str, str], Row]) -> str:
    """Return precision and recall of every decision."""
    lines = [["set", "system", "precision", "recall", "F1"]]
    for name, title in titles().items():
        for system, called in NAMES.items():
            if row := rows.get((name, system)):
                shares = (f"{row[key]:.4f}" for key in ("precision", "recall", "f1"))
                lines.append([title, called, *shares])
    return _table(lines)


def cost(rows: Mapping[tuple[str, str], Row]) -> str:
    """Return wall, processor time and memory: medians, the range, and Splink's multiple of each."""
    lines = [["set", "system", "runs", "wall s", "CPU s", "peak MB", "Splink takes: wall", "CPU",
              "memory"]]  # fmt: skip
    for name, title in titles().items():
        for system, called in NAMES.items():
            if not (row := rows.get((name, system))):
                continue
            spans = [_span(row, "wall", 1), _span(row, "cpu", 1), _span(row, "peak_mb", 0)]
            times = [_times(row, key, system) for key in ("wall", "cpu", "peak_mb")]
            lines.append([title, called, str(row["runs"]), *spans, *times])
    return _table(lines)


def _times(row: Row, key: str, system: str) -> str:
    beside = row[f"splink_{key}"]
    return "" if system == "splink" or beside is None else f"{beside:.1f}x"


def _span(row: Row, key: str, places: int) -> str:
    middle, low, high = (row[one] for one in (key, f"low_{key}", f"high_{key}"))
    shown = f"{middle:,.{places}f}"
    if row["runs"] > 1:
        shown += f" ({low:,.{places}f}–{high:,.{places}f})"
    return shown


def left_out(entries: Sequence[Row]) -> str:
    """Return what has no figures and why."""
    named = titles()
    why = {(e["set"], e["system"]): e["failed"] for e in entries if e.get("failed")}
    lines = [f"- {named[name]}, {NAMES[system]}: {said}" for (name, system), said in why.items()]
    return "\n".join(lines) or "Nothing was left out."


def kent_table(told: Mapping[str, Any]) -> str:
    """Return the phases of the five agencies by size."""
    sizes = told["sizes"]
    phases = list(dict.fromkeys(phase for one in sizes for phase in one["phases"]))
    lines = [["phase", *(f"{one['people']:,} an agency, {one['mode']}" for one in sizes)]]
    for phase in phases:
        seconds = [one["phases"].get(phase) for one in sizes]
        lines.append([phase, *("–" if s is None else f"{s:,.1f} s" for s in seconds)])
    lines.append(["**all, minutes**", *(f"{one['wall'] / 60:,.1f}" for one in sizes)])
    lines.append(["CPU, minutes", *(f"{one['cpu'] / 60:,.1f}" for one in sizes)])
    lines.append(["peak MB", *(f"{one['peak_mb']:,.0f}" for one in sizes)])
    lines.append(["precision", *(f"{one['precision']:.4f}" for one in sizes)])
    lines.append(["recall", *(f"{one['recall']:.4f}" for one in sizes)])
    return _table(lines)


def _machine(told: Mapping[str, Any]) -> str:
    of = told["machine"]
    days = sorted({e["when"] for e in told["entries"] if "when" in e})
    when = " to ".join(dict.fromkeys([days[0], days[-1]])) if days else "not yet"
    versions = ", ".join(f"{name} {number}" for name, number in of["versions"].items())
    return (
        f"Measured {when} on {of['cores']} cores and {of['memory_gb']} GB, "
        f"Python {of['python']}, {versions}."
    )


def _table(lines: Sequence[Sequence[str]]) -> str:
    head, *body = (f"| {' | '.join(line)} |" for line in lines)
    return "\n".join([head, f"|{'---|' * len(lines[0])}", *body])


def _between(text: str, name: str, table: str) -> str:
    begin, end = _BEGIN.format(name), _END.format(name)
    if begin not in text:
        text += f"\n{begin}\n{end}\n"
    before, _, rest = text.partition(begin)
    _, _, after = rest.partition(end)
    return f"{before}{begin}\n\n{table}\n\n{end}{after}"


def _bare() -> str:
    return "# Linkage, beside its peers\n"
