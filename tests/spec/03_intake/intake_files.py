"""Files that owners send, written by hand for the chapter on intake."""

from __future__ import annotations

import zipfile
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from equipoise.agree.parts import Dataset
from equipoise.agree.words import FIELD_TYPE_BY_NAME
from equipoise.carry.intake import Intake, take_in
from equipoise.errors import EquipoiseError, Problem

TODAY = date(2026, 6, 30)
ROLES = {"account": "reference"}
IDENTIFIERS = {*FIELD_TYPE_BY_NAME, "nhs_number"}


def dataset(fields: dict[str, dict[str, Any]], **clauses: Any) -> Dataset:
    """A dataset clause; a field of a well-known name is an identifier unless it says otherwise."""
    whole = {}
    for name, said in fields.items():
        role = ROLES.get(name, "identifier" if name in IDENTIFIERS else "payload")
        whole[name] = {"is": role, "why": "for this test", **said}
    quality = {"quality": {"rejected at most": 1}} if "quality" not in clauses else {}
    return Dataset.model_validate(
        {"from": "owner", "about": "people", "fields": whole, **quality, **clauses}
    )


def types(of: Dataset) -> dict[str, Any]:
    return {name: field.type or FIELD_TYPE_BY_NAME[name] for name, field in of.fields.items()}


def taken(path: Path, of: Dataset, **more: Any) -> Intake:
    return take_in(path, of, types(of), today=TODAY, **more)


def written(folder: Path, content: str | bytes, name: str = "people.csv") -> Path:
    path = folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def column(folder: Path, kind: str, texts: Sequence[str], **said: Any) -> Intake:
    """Take in a file with one field called ``it`` beside a row number, one value to a row."""
    of = dataset({"n": {"type": "code"}, "it": {"type": kind, **said}})
    quoted = [text.replace('"', '""') for text in texts]
    rows = "".join(f'{at},"{text}"\n' for at, text in enumerate(quoted))
    return taken(written(folder, "n,it\n" + rows), of)


def refusal(path: Path, of: Dataset) -> tuple[Problem, ...]:
    with pytest.raises(EquipoiseError) as caught:
        taken(path, of)
    return caught.value.problems


def codes(problems: Sequence[Problem]) -> list[str]:
    return [problem.code for problem in problems]


def faults(intake: Intake) -> list[tuple[int, str]]:
    rows = intake.rejected.to_pylist()
    return [(row["row"], row["code"]) for row in rows]


def workbook(folder: Path, rows: Sequence[Sequence[Any]], more_sheets: int = 0) -> Path:
    """Write the smallest .xlsx that Excel would open; dates are cells formatted as dates."""
    path = folder / "people.xlsx"
    names = ["people", *(f"other{at}" for at in range(more_sheets))]
    sheets = "".join(
        f'<sheet name="{name}" sheetId="{at}" r:id="rId{at}"/>' for at, name in enumerate(names, 1)
    )
    links = (
        "".join(
            f'<Relationship Id="rId{at}" Type="{_R}/worksheet" Target="worksheets/s{at}.xml"/>'
            for at in range(1, len(names) + 1)
        )
        + f'<Relationship Id="rId99" Type="{_R}/styles" Target="styles.xml"/>'
    )
    styles = (
        f'<styleSheet xmlns="{_M}"><cellXfs count="2"><xf numFmtId="0"/><xf numFmtId="14"/>'
        "</cellXfs></styleSheet>"
    )
    with zipfile.ZipFile(path, "w") as book:
        book.writestr("[Content_Types].xml", _TYPES)
        book.writestr(
            "_rels/.rels",
            f'<Relationships xmlns="{_P}"><Relationship Id="rId1" '
            f'Type="{_R}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        )
        book.writestr(
            "xl/workbook.xml",
            f'<workbook xmlns="{_M}" xmlns:r="{_R}"><sheets>{sheets}</sheets></workbook>',
        )
        book.writestr(
            "xl/_rels/workbook.xml.rels", f'<Relationships xmlns="{_P}">{links}</Relationships>'
        )
        book.writestr("xl/styles.xml", styles)
        for at in range(1, len(names) + 1):
            book.writestr(f"xl/worksheets/s{at}.xml", _sheet(rows if at == 1 else [["x"]]))
    return path


_M = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_R = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_P = "http://schemas.openxmlformats.org/package/2006/relationships"
_TYPES = (
    '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
    '<Default Extension="xml" ContentType="application/xml"/>'
    '<Default Extension="rels" '
    'ContentType="application/vnd.openxmlformats-package.relationships+xml"/></Types>'
)


def _sheet(rows: Sequence[Sequence[Any]]) -> str:
    body = ""
    for row_at, row in enumerate(rows, 1):
        cells = "".join(_cell(f"{chr(65 + at)}{row_at}", value) for at, value in enumerate(row))
        body += f'<row r="{row_at}">{cells}</row>'
    return f'<worksheet xmlns="{_M}"><sheetData>{body}</sheetData></worksheet>'


def _cell(place: str, value: Any) -> str:
    if value is None:
        return f'<c r="{place}"/>'
    if isinstance(value, bool):
        return f'<c r="{place}" t="b"><v>{int(value)}</v></c>'
    if isinstance(value, int | float):
        return f'<c r="{place}"><v>{value}</v></c>'
    if isinstance(value, date):
        days = (value - date(1899, 12, 30)).days
        return f'<c r="{place}" s="1"><v>{days}</v></c>'
    return f'<c r="{place}" t="inlineStr"><is><t>{value}</t></is></c>'
