"""A value that a file's rows share hides nobody: filters go without it, and real names stay."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest

from equipoise.carry.encode.kinds import Kind
from equipoise.carry.encode.record import STRENGTHS, record_filters
from equipoise.carry.encode.throwaway import ThrowAwayKey

KEY = ThrowAwayKey(bytes(range(32)))
ROWS = 1500
NAMES: dict[str, Kind] = {"forename": "forename", "surname": "surname"}
STANDARD = STRENGTHS["standard"]


def people(seed: int = 3) -> pa.Table:
    """Return people of 300 forenames and 300 surnames, with numbers that tell much and nothing."""
    draw = np.random.default_rng(seed)
    signs = np.array(list("BCDFGKLMNPRSTVW"))
    words = np.array(["".join(draw.choice(signs, 4)) + "A" + str(n % 7) for n in range(300)])
    return pa.table(
        {
            "forename": words[draw.integers(0, 300, ROWS)],
            "surname": words[::-1][draw.integers(0, 300, ROWS)],
            "born": np.datetime64("1930-01-01") + draw.integers(0, 30_000, ROWS),
            "claim": draw.permutation(ROWS) + 100_000,
            "year": np.full(ROWS, 2024),
            "rooms": draw.integers(1, 6, ROWS),
            "home": np.full(ROWS, "1 HIGH STREET"),
            "town": np.where(draw.random(ROWS) < 2 / 3, "SALFORD", "STOCKPORT"),
            "towns": words[draw.integers(0, 20, ROWS)],
        }
    )


def namesakes_stand_out(fields: dict[str, Kind], **given: object) -> float:
    """Return by how many standard errors two people of one forename resemble each other."""
    table = people()
    made = record_filters(table, fields, KEY, STANDARD, **given)
    bits = np.unpackbits(made.view(np.uint8), axis=1).astype(np.float32)
    bits -= bits.mean(axis=0)
    like = bits @ bits.T / np.sqrt(bits.shape[1]) / bits.var()
    forename, surname = (np.array(table[name].to_pylist()) for name in NAMES)
    same = (forename[:, None] == forename) & (surname[:, None] != surname)
    return float(like[np.triu(same, 1)].mean())


@pytest.mark.parametrize("odd", ["year", "rooms"])
def test_namesakes_do_not_stand_out_under_a_number_that_all_or_many_share(odd: str) -> None:
    assert abs(namesakes_stand_out({**NAMES, odd: "number", "born": "date"})) < 0.3


@pytest.mark.parametrize(
    ("odd", "kind"), [("home", "address"), ("town", "place"), ("year", "code"), ("home", "text")]
)
def test_nor_under_a_town_or_a_code_that_most_share(odd: str, kind: Kind) -> None:
    """Too little to salt alone: joined with an initial it would leave one in fifteen one salt."""
    fields: dict[str, Kind] = {**NAMES, "born": "date", odd: kind}
    assert abs(namesakes_stand_out(fields)) < 0.2
    assert namesakes_stand_out(fields, defaults={}) > 0.25, "or the line above could not fail"


def test_twenty_towns_of_one_size_salt_as_they_are() -> None:
    table, fields = people(), {**NAMES, "born": "date", "towns": "place"}
    whole = record_filters(table, fields, KEY, STANDARD)
    assert (whole == record_filters(table, fields, KEY, STANDARD, defaults={})).all()


def test_a_default_is_as_good_as_missing() -> None:
    table = people()
    some = np.arange(ROWS) % 4 == 0
    default = pa.array(np.where(some, 999_999, table["claim"].to_numpy()))
    missing = pa.array(default.to_pylist(), mask=some)
    fields: dict[str, Kind] = {**NAMES, "claim": "number", "born": "date"}
    at = table.column_names.index("claim")
    made, wanted = (
        record_filters(table.set_column(at, "claim", column), fields, KEY, STANDARD)
        for column in (default, missing)
    )
    assert (made == wanted).all()


def test_common_names_and_small_files_are_as_they_were() -> None:
    table = people()
    names = table["forename"].to_pylist()
    tenth = pa.array(["JOHN" if at % 10 == 0 else name for at, name in enumerate(names)])
    table = table.set_column(0, "forename", tenth)
    fields: dict[str, Kind] = {**NAMES, "born": "date"}
    whole = record_filters(table, fields, KEY, STANDARD)
    assert (whole == record_filters(table, fields, KEY, STANDARD, defaults={})).all()
    one = pa.concat_tables([table.slice(0, 1)] * 60)
    alike = record_filters(one, fields, KEY, STANDARD)
    assert (alike == whole[0]).all()
