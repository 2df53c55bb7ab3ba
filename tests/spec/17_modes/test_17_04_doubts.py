"""Where only filters are seen, the report says what it cannot tell, and what to look into."""

from __future__ import annotations

from typing import Any

import pyarrow as pa
import pytest
from in_modes import COMPARE, JOINED, KEY, SPINE, Files, agreed, ids, packed

from equipoise.carry.encode.outgoing import outgoing
from equipoise.carry.encode.throwaway import ThrowAwayKey
from equipoise.carry.link import LinkReport, link
from equipoise.carry.tables import TablesSession


def compared(report: LinkReport) -> Any:
    found = report.datasets[0].compared
    assert found is not None
    return found


def spoilt(table: pa.Table) -> pa.Table:
    """Every other row of a file without its surname, birth date and postcode."""
    for name in ("surname", "birth_date", "postcode"):
        at = table.column_names.index(name)
        cells = [None if n % 2 else cell for n, cell in enumerate(table[name].to_pylist())]
        table = table.set_column(at, name, pa.array(cells, table[name].type))
    return table


def test_what_filters_cannot_show_is_in_no_figure_that_is_called_recall(files: Files) -> None:
    poor = Files({**files.tables, JOINED[0]: spoilt(files.tables[JOINED[0]])}, files.truth)
    sent = packed(poor, agreed("encoded", compare=[n for n in COMPARE if n != "uprn"]))
    found = sent.linked()
    made = sent.pairs(found)[JOINED[0]]
    truly = len(made & files.truth[JOINED[0]]) / len(files.truth[JOINED[0]])
    told = compared(found.report)
    assert truly < 0.6, "half of the file cannot be recognised"
    assert told.of_those_seen > truly + 0.2, "of what can be seen, most was found"
    assert told.recall is None
    assert found.report.as_dict()["datasets"][0]["compared"]["recall"] is None
    said = " ".join(found.report.sentences())
    assert "so this is no recall" in said
    assert "all that could be found" not in said


@pytest.mark.parametrize("mode", ["encoded", "enclave"])
def test_files_under_two_keys_are_doubted_in_words_and_in_json(files: Files, mode: str) -> None:
    """The rooms refuse such files beforehand; whoever calls the linker on tables is told so."""
    of = agreed(mode)
    other = ThrowAwayKey(bytes(reversed(range(32))))
    tables = {name: outgoing(table, of, name, KEY, ids(table.num_rows))
              for name, table in files.tables.items()}  # fmt: skip
    own = files.tables[JOINED[0]]
    tables[JOINED[0]] = outgoing(own, of, JOINED[0], other, ids(own.num_rows))
    report = link(TablesSession(tables), of, "person").report
    doubted, fine = (count.compared for count in report.datasets)
    assert doubted is not None and fine is not None
    assert "encoded otherwise" in doubted.doubt or "under the same key" in doubted.doubt
    assert fine.doubt == ""
    assert sum("Look into this before the links are used" in one for one in report.sentences()) == 1
    assert report.as_dict()["datasets"][0]["compared"]["doubt"] == doubted.doubt


@pytest.mark.parametrize("pairs", ["one to one", "many to one"])
def test_a_crowd_of_one_filter_is_linked_to_nobody_and_told(files: Files, pairs: str) -> None:
    """As where a thousand rows have no more than a default date and a hostel's address."""
    of = agreed("encoded", pairs=pairs)
    crowd = 1500

    def crowded(table: pa.Table) -> pa.Table:
        return pa.concat_tables([table, pa.concat_tables([table.slice(0, 1)] * crowd)])

    tables = {name: crowded(files.tables[name]) for name in (SPINE, JOINED[0])}
    tables[JOINED[1]] = files.tables[JOINED[1]]
    sent = {name: outgoing(table, of, name, KEY, ids(table.num_rows))
            for name, table in tables.items()}  # fmt: skip
    found = link(TablesSession(sent), of, "person")
    told = compared(found.report)
    assert "to the last bit" in told.doubt
    usual = compared(packed(files, of).linked().report)
    assert 0.95 * usual.links <= told.links <= 1.02 * usual.links
    of_the_crowd = set(sent[SPINE]["row_id"].to_pylist()[-crowd:])
    linked = {row["left_row"] for row in found.pairs.to_pylist()}
    assert not of_the_crowd & linked
