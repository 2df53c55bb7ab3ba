"""A file encoded part by part, as packing does, gives what the whole file gives, in every mode."""

from __future__ import annotations

from datetime import date
from itertools import product
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from in_modes import KEY, SPINE, Files, agreed, ids

from equipoise.carry.encode.outgoing import Outgoing, outgoing
from equipoise.carry.spool import Spool

FORENAMES = [None, "MARY ANN", "MARYANN", "MA RYANN", "ANN", "BILL", "WILLIAM", "ZOE"]
SURNAMES = [None, "ONEILL", "O NEILL", "SMITH JONES", "SMITHJONES", "VAN DER BERG", "VANDERBERG"]
BORN = [None, date(1980, 4, 3), date(1980, 3, 4), date(1975, 1, 1), date(2001, 12, 25)]
POSTCODES = [None, "EQ1 1AA", "EQ1 1AB", "EQ11 1AA"]
ROW = st.tuples(*map(st.sampled_from, (FORENAMES, SURNAMES, BORN, POSTCODES)))
MODES = {
    "exact": {
        "rules": [["forename", "surname"], ["surname", "birth_date:year", "postcode:sector"]],
    },
    "encoded": {"rules": [["uprn", "surname"]]},
    "enclave": {"rules": [["forename:initial", "surname", "birth_date"]]},
    "identified": {},
}  # fmt: skip


def table(rows: list[tuple[Any, ...]]) -> pa.Table:
    """Rows as intake gives them."""
    fields = agreed("exact").datasets[SPINE].fields
    kinds = {"birth_date": pa.date32(), "on_credit": pa.bool_()}
    values: dict[str, list[Any]] = {name: [None] * len(rows) for name in fields}
    for at, name in enumerate(("forename", "surname", "birth_date", "postcode")):
        values[name] = [row[at] for row in rows]
    return pa.table({k: pa.array(v, kinds.get(k, pa.string())) for k, v in values.items()})


def by_row(parts: list[pa.Table]) -> dict[bytes, dict[str, Any]]:
    return {row.pop("row_id"): row for part in parts for row in part.to_pylist()}


def in_parts(whole: pa.Table, mode: str, rows: int, *, look: bool = True) -> tuple[Any, Any]:
    """The encodings of a table by row id: made part by part from a spool, and all at once."""
    of = agreed(mode, **MODES[mode])
    with TemporaryDirectory() as folder:
        spool = Spool(Path(folder) / "rows")
        for start in range(0, max(1, whole.num_rows), 3):
            spool.add(whole.slice(start, 3))
        maker = Outgoing(of, SPINE, KEY)
        if look:
            maker.look(lambda: spool.chunks(rows), spool.rows, Path(folder))
        parts = [
            maker.of(part.drop_columns(["row_id"]), part["row_id"]) for part in spool.chunks(rows)
        ]
        together = pa.concat_tables(spool.chunks())
    at_once = outgoing(together.drop_columns(["row_id"]), of, SPINE, KEY, together["row_id"])
    assert {part.schema for part in parts} == {at_once.schema}
    return by_row(parts), by_row([at_once])


@pytest.mark.parametrize("mode", MODES)
@settings(max_examples=6, deadline=None, suppress_health_check=list(HealthCheck))
@given(rows=st.lists(ROW, max_size=8), size=st.integers(1, 5))
@example(rows=[], size=3)
@example(rows=[(name, "ONEILL", None, None) for name in FORENAMES], size=1)
def test_parts_give_what_the_whole_gives(mode: str, rows: list[Any], size: int) -> None:
    one, two = in_parts(table(rows), mode, size)
    assert one == two and len(one) == len(rows)


@pytest.mark.parametrize("mode", MODES)
def test_a_whole_file_of_the_city_in_parts_too(files: Files, mode: str) -> None:
    one, two = in_parts(files.tables[SPINE].slice(0, 150), mode, 40)
    assert one == two and len(one) == 150


def test_a_value_written_in_two_ways_has_one_encoding_because_the_file_was_looked_through() -> None:
    rows = [(name, None, None, None) for name in ("MARY ANN", "MARYANN")]
    one, two = in_parts(table(rows), "enclave", 1)
    assert one == two and len({row["person.forename"] for row in one.values()}) == 1
    blind = [in_parts(table(rows), "enclave", 1, look=False)[0] for _ in range(8)]
    assert any(len({row["person.forename"] for row in each.values()}) == 2 for each in blind)


def test_a_key_store_is_asked_once_for_each_label() -> None:
    asked: list[str] = []

    def hasher(label: str) -> Any:
        asked.append(label)
        return KEY(label)

    maker = Outgoing(agreed("encoded", **MODES["encoded"]), SPINE, hasher)
    for _ in range(3):
        maker.of(table([("ANN", "SMITH", None, None)]), ids(1))
    assert asked and len(asked) == len(set(asked))


def test_tokens_that_many_share_are_left_out_of_every_part_or_of_none() -> None:
    """A thousand people of one name and birth date: their tokens would tell how many they are."""
    rows = [
        ("ANN", "ONEILL", BORN[1], f"EQ{n} 1A{letter}") for n in range(1, 41) for letter in "AB"
    ]
    mixed = [*rows * 3, *[("ZOE", "VAN DER BERG", BORN[4], "EQ1 1AA")]]
    one, two = in_parts(table(mixed), "encoded", 60)
    shown = [np.frombuffer(row["person.meeting"], "<u8") for row in one.values()]
    whole = [np.frombuffer(row["person.meeting"], "<u8") for row in two.values()]
    assert (np.any(np.array(shown), axis=0) == np.any(np.array(whole), axis=0)).all()
    assert not np.any(np.array(shown), axis=0).all(), "some rule was left out"


def test_a_default_is_told_to_the_owner_by_its_field_and_left_out_of_every_part() -> None:
    names = ["".join(letters) + "A" for letters in product("BDFGKLMNPR", "AEIOU", "LMNRST")]
    rows = [(names[n], names[-n - 1], BORN[4], f"EQ{n} 1AA") for n in range(300)]
    bare = [(forename, surname, None, postcode) for forename, surname, _, postcode in rows]
    of = agreed("encoded", **MODES["encoded"])
    maker = Outgoing(of, SPINE, KEY)
    parts = [maker.of(table(rows).slice(start, 100), ids(100)) for start in (0, 100, 200)]
    wanted = outgoing(table(bare), of, SPINE, KEY, ids(300))
    told = [(problem.code, problem.clause) for problem in maker.warnings()]
    assert told == [("ENC205", f"datasets.{SPINE}.fields.birth_date")]
    assert all("2001" not in str(problem) for problem in maker.warnings())
    assert pa.concat_tables(parts)["person.filter"].equals(wanted["person.filter"])
