"""Whatever a file holds, intake accounts for every row once and shows no value in a message."""

from __future__ import annotations

import csv
import io
import tempfile
from datetime import date, datetime
from pathlib import Path

import numpy as np
import pyarrow as pa
from hypothesis import example, given, settings
from hypothesis import strategies as st

from equipoise.agree.parts import Dataset
from equipoise.carry.encode import standardise
from equipoise.carry.encode.standardise import STANDARDS
from equipoise.carry.intake import take_in
from equipoise.carry.intake.dates import read_dates
from equipoise.errors import EquipoiseError

TYPES = {"ref": "code", "surname": "surname", "born": "date", "paid": "whole number",
         "agrees": "yes/no", "objects": "yes/no"}  # fmt: skip
ROLES = {"ref": "reference", "surname": "identifier"}
PEOPLE = Dataset.model_validate({
    "from": "owner", "about": "people", "quality": {"rejected at most": 1},
    "consent": {"field": "agrees"}, "opt out": {"field": "objects"},
    "fields": {name: {"is": ROLES.get(name, "payload"), "type": kind, "why": "for this test"}
               for name, kind in TYPES.items()},
})  # fmt: skip

words = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=8)
cells = st.tuples(
    words, words, st.sampled_from(["1980-04-03", "3/4/1980", "", "x", "31/2/1980"]) | words,
    st.sampled_from(["1", "", "x", "2.5"]), st.sampled_from(["yes", "no", "", "x"]),
    st.sampled_from(["yes", "no", "", "x"]),
)  # fmt: skip
ragged = st.lists(words, min_size=1, max_size=8).filter(lambda row: len(row) != len(TYPES))


def _taken(rows, delimiter=",", line_end="\n", encoding="utf-8"):
    text = io.StringIO()
    out = csv.writer(text, delimiter=delimiter, lineterminator=line_end, quoting=csv.QUOTE_ALL)
    out.writerow(TYPES)
    out.writerows(rows)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "people.csv"
        path.write_bytes(text.getvalue().encode(encoding))
        return take_in(path, PEOPLE, TYPES, today=date(2026, 6, 30))


@settings(max_examples=60, deadline=None)
@given(
    st.lists(cells | ragged, min_size=1, max_size=12),
    st.sampled_from([",", ";", "\t", "|"]),
    st.sampled_from(["\n", "\r\n"]),
    st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]),
)
@example([["\x1f", "\x1f\x08"]], ",", "\n", "utf-8")
def test_every_row_is_counted_exactly_once(rows, delimiter, line_end, encoding):
    try:
        intake = _taken(rows, delimiter, line_end, encoding)
    except EquipoiseError as refusal:
        # A file with many control characters is refused as no text; one without any never is.
        unfit = (
            {"INT006"}
            if any(c < " " or c == "\x7f" for c in "".join(cell for row in rows for cell in row))
            else set()
        )
        allowed = {"INT031", "INT032", "INT034"} | unfit
        assert {problem.code for problem in refusal.problems} <= allowed
        return
    assert intake.counts.reconciled
    assert intake.counts.read == len(rows)
    assert intake.table.num_rows == intake.counts.accepted
    faulty = set(intake.rejected["row"].to_pylist())
    assert len(faulty) == intake.counts.rejected
    assert not faulty & set(intake.row_numbers.to_pylist())


@settings(max_examples=40, deadline=None)
@given(st.lists(cells, min_size=1, max_size=6))
def test_no_message_holds_a_cell(rows):
    marked = [tuple(f"{cell}Qz{cell}" if cell.isalpha() else cell for cell in row) for row in rows]
    try:
        intake = _taken(marked)
        said = " ".join(warning.sentence() for warning in intake.warnings)
        said += str(intake.rejected.to_pylist()) + str(intake.quality.as_dict())
    except EquipoiseError as refusal:
        said = str(refusal)
    assert "Qz" not in said


@given(
    st.lists(st.dates(date(1800, 1, 1), date(2199, 12, 31)), min_size=1, max_size=20),
    st.sampled_from(
        [
            "%Y-%m-%d",
            "%d/%m/%Y",
            "%d %b %Y",
            "%d %B %Y",
            "%Y%m%d",
            "%d%m%Y",
            "%B %d, %Y",
            "%d-%b-%Y",
        ]
    ),
)
def test_every_day_is_read_back_from_every_form(days, form):
    read = read_dates(pa.array([day.strftime(form) for day in days]))
    assert not read.faults.any()
    assert (read.moments // 86_400).astype("datetime64[D]").tolist() == days


@given(st.datetimes(datetime(1970, 1, 1), datetime(2199, 12, 31)))
def test_every_second_is_read_back(moment):
    whole = moment.replace(microsecond=0)
    read = read_dates(pa.array([whole.isoformat()]))
    assert np.datetime64(int(read.moments[0]), "s").astype(datetime) == whole


texts = st.text(st.characters(codec="utf-8"), max_size=20) | st.text(
    "ABMRSDTLO1290 -.'/&", max_size=20
)


@settings(max_examples=60, deadline=None)
@given(
    st.sampled_from([kind for kind in STANDARDS if kind not in ("date", "datetime")]),
    st.lists(texts, min_size=1, max_size=40),
)
def test_a_standard_form_is_its_own_standard_form(kind, some):
    once = standardise(pa.array(some), kind)
    assert standardise(once, kind).to_pylist() == once.to_pylist()
