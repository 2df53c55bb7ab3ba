"""The files inside a release package: tables as CSV, a statement, and one plain page.

Text from data is escaped wherever it goes. In a CSV a group's name that a spreadsheet would run as
a formula gets an apostrophe before it; references and values are the owner's own and stay byte for
byte, and the manifest counts those that begin so.
"""

from __future__ import annotations

import csv
import html
import io
import re
from collections.abc import Mapping, Sequence
from typing import Final
from xml.etree import ElementTree

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pa_csv

from equipoise.carry.disclose import Checked
from equipoise.carry.outputs import OutputColumn
from equipoise.errors import DataRefused, Problem

WITHHELD: Final = "[c]"
NOT_KNOWN: Final = "[z]"
ROW_KINDS: Final = frozenset({"rows", "linked"})
_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")
_MARKDOWN: Final = re.compile(r"([\\`*_\[\]<>#|~!])")
_SVG: Final = "{http://www.w3.org/2000/svg}"
_ELEMENTS: Final = frozenset(
    {
        "svg", "title", "desc", "g", "path", "rect", "line", "circle", "ellipse", "polyline",
        "polygon", "text", "tspan", "defs", "pattern", "clipPath", "marker", "linearGradient",
        "stop",
    }
)  # fmt: skip
_REACHES_OUT: Final = re.compile(r"url\(\s*['\"]?(?!#)|@import|javascript:|expression\(", re.I)


def csv_of(checked: Checked) -> bytes:
    """Return a table as CSV: UTF-8, commas, line feeds, text in quotes.

    In tables of figures ``[c]`` stands for a withheld figure and ``[z]`` for one that could not be
    worked out. Rows are written as they are.
    """
    if checked.output.kind in ROW_KINDS:
        sink = io.BytesIO()
        options = pa_csv.WriteOptions(quoting_style="needed")
        pa_csv.write_csv(checked.output.table, sink, options)
        return sink.getvalue()
    sheet = io.StringIO()
    writer = csv.writer(sheet, quoting=csv.QUOTE_NONNUMERIC, lineterminator="\n")
    writer.writerow(_safe(column.name) for column in checked.output.columns)
    columns = [_cells(checked, column) for column in checked.output.columns]
    writer.writerows(zip(*columns, strict=True))
    return sheet.getvalue().encode()


def _safe(text: str) -> str:
    return f"'{text}" if text.startswith(_FORMULA) else text


def _cells(checked: Checked, column: OutputColumn) -> list[str | int | float]:
    values = checked.output.table.column(column.name).to_pylist()
    if column.kind == "label":
        return ["" if value is None else _safe(str(value)) for value in values]
    held = set(checked.suppressed.get(column.name, ()))
    whole = column.kind != "count" and column.decimals == 0
    return [
        (WITHHELD if row in held else NOT_KNOWN)
        if value is None
        else int(value)
        if whole
        else value
        for row, value in enumerate(values)
    ]


def formula_like(checked: Checked) -> int:
    """Return how many cells of a row-level table a spreadsheet might run as a formula."""
    found = 0
    for column in checked.output.table.columns:
        if pa.types.is_string(column.type) or pa.types.is_large_string(column.type):
            found += pc.sum(pc.match_substring_regex(column, r"^[=+\-@\t\r]")).as_py() or 0
    return int(found)


def statement_of(title: str, facts: Mapping[str, str], sentences: Sequence[str]) -> bytes:
    """Return the statement as Markdown: what this is, and what can and cannot be said."""
    lines = [f"# {_escaped(title)}", ""]
    lines += [f"- {_escaped(name)}: {_escaped(value)}" for name, value in facts.items()]
    lines += ["", *(f"- {_escaped(sentence)}" for sentence in sentences), ""]
    return "\n".join(lines).encode()


def _escaped(text: str) -> str:
    return _MARKDOWN.sub(r"\\\1", " ".join(text.split()))


def check_picture(name: str, svg: str) -> str:
    """Return ``svg`` when it is a still picture that fetches and runs nothing; else PKG010."""
    why = ""
    if "<!" in svg or "<?" in svg:
        why = "it holds declarations or comments"
    else:
        try:
            root = ElementTree.fromstring(svg)  # noqa: S314  # no declarations, so no entities
        except ElementTree.ParseError:
            why = "it is not well formed"
        else:
            why = "" if root.tag == f"{_SVG}svg" and _is_still(root) else "it may fetch or run"
    if why:
        raise DataRefused(
            Problem("PKG010", f"picture {name} cannot go into a report: {why}", next="draw it anew")
        )
    return svg


def _is_still(root: ElementTree.Element) -> bool:
    for each in root.iter():
        if not isinstance(each.tag, str) or each.tag.removeprefix(_SVG) not in _ELEMENTS:
            return False
        for name, value in each.attrib.items():
            local = name.rpartition("}")[2].lower()
            if local.startswith("on") or (local == "href" and not value.startswith("#")):
                return False
            if _REACHES_OUT.search(value):
                return False
        if _REACHES_OUT.search(each.text or ""):
            return False
    return True


def page_of(
    title: str,
    facts: Mapping[str, str],
    sentences: Sequence[str],
    tables: Sequence[Checked],
    pictures: Mapping[str, str],
) -> bytes:
    """Return the report as one HTML page that fetches nothing and runs nothing."""
    told = "".join(f"<li>{html.escape(sentence)}</li>" for sentence in sentences)
    rows = "".join(
        f"<div><dt>{html.escape(name)}</dt><dd>{html.escape(value)}</dd></div>"
        for name, value in facts.items()
    )
    drawn = "".join(
        f'<figure id="picture-{number}">{check_picture(name, svg)}</figure>'
        for number, (name, svg) in enumerate(pictures.items(), 1)
    )
    parts = "".join(_table(checked, number) for number, checked in enumerate(tables, 1))
    heading = html.escape(title)
    return (
        '<!DOCTYPE html>\n<html lang="en-GB"><head><meta charset="utf-8">'
        '<meta http-equiv="Content-Security-Policy" content="default-src \'none\'; '
        "style-src 'unsafe-inline'\">"
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{heading}</title><style>{_STYLE}</style></head><body>"
        f'<a class="skip" href="#main">Skip to the report</a><main id="main"><h1>{heading}</h1>'
        f"<dl>{rows}</dl><h2>What can and cannot be said</h2><ul>{told}</ul>"
        f"{'<h2>Pictures</h2>' if drawn else ''}{drawn}<h2>Tables</h2>"
        f"<p>{WITHHELD} stands for a figure withheld to protect people, {NOT_KNOWN} for one that "
        "could not be worked out. Totals count only the figures shown.</p>"
        f"{parts}</main></body></html>\n"
    ).encode()


_STYLE: Final = (
    "body{font:1.1rem/1.5 sans-serif;color:#111;background:#fff;max-width:60rem;margin:0 auto;"
    "padding:1rem}h1{font-size:2rem}h2{margin-top:2rem}.skip{position:absolute;left:-99rem}"
    ".skip:focus{position:static}dl div{display:flex;flex-wrap:wrap;gap:0 1rem;"
    "border-bottom:1px solid #767676;padding:.25rem 0}dt{font-weight:bold;min-width:12rem}"
    "dd{margin:0;overflow-wrap:anywhere}.wide{overflow-x:auto}table{border-collapse:collapse;"
    "margin:1rem 0}caption{text-align:left;font-weight:bold;padding:.5rem 0}"
    "th,td{border-bottom:1px solid #767676;padding:.4rem .8rem;text-align:left;"
    "vertical-align:top}td.n{text-align:right;font-variant-numeric:tabular-nums}"
    "figure{margin:1rem 0}svg{max-width:100%;height:auto}"
    ":focus{outline:3px solid #1d4f91;outline-offset:2px}"
)


def _table(checked: Checked, number: int) -> str:
    output = checked.output
    name = html.escape(output.title)
    if output.kind in ROW_KINDS:
        file = f"data/{html.escape(output.name)}.csv"
        return f"<p>{name}: {output.table.num_rows:,} rows, in the file <code>{file}</code>.</p>"
    heads = "".join(f'<th scope="col">{html.escape(_words(c.name))}</th>' for c in output.columns)
    lines = zip(*(_cells(checked, column) for column in output.columns), strict=True)
    body = "".join(f"<tr>{_row(output.columns, line)}</tr>" for line in lines)
    return (
        f'<div class="wide" role="region" tabindex="0" aria-labelledby="table-{number}"><table>'
        f'<caption id="table-{number}">{name}</caption><thead><tr>{heads}</tr></thead>'
        f"<tbody>{body}</tbody></table></div>"
    )


def _row(columns: Sequence[OutputColumn], line: Sequence[str | int | float]) -> str:
    cells = zip(columns, line, strict=True)
    return "".join(_cell(column, value, first=at == 0) for at, (column, value) in enumerate(cells))


def _words(name: str) -> str:
    return name.replace("_", " ")


def _cell(column: OutputColumn, value: str | int | float, *, first: bool) -> str:
    if column.kind == "label":
        text = html.escape(str(value).removeprefix("'"))
        return f'<th scope="row">{text}</th>' if first else f"<td>{text}</td>"
    if isinstance(value, str):
        return f'<td class="n">{value}</td>'
    shown = f"{value:,}" if isinstance(value, int) else _figure(column, value)
    return f'<td class="n">{shown}</td>'


def _figure(column: OutputColumn, value: float) -> str:
    return f"{value:,}" if column.decimals is None else f"{value:,.{column.decimals}f}"
