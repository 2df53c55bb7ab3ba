"""Tokens by which records meet are nearly unique in the very file, or they do not leave its owner.

What a kind of field carries is a rule of thumb; a field that carries less than its kind would turn
tokens into a table of how often each name occurs, which a register of the population can read.
"""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest

from equipoise.carry.encode.record import STRENGTHS, record_filters
from equipoise.carry.encode.record_tokens import Common, record_tokens, token_rules
from equipoise.carry.encode.throwaway import ThrowAwayKey
from equipoise.carry.link import record_search
from equipoise.carry.link.record import link_records

KEY = ThrowAwayKey(bytes(range(32)))
ROWS = 6000
NAMES = {"forename": "forename", "surname": "surname"}


def people(seed: int = 1, rows: int = ROWS) -> pa.Table:
    """Return people whose names are common and rare, the k-th a k-th as common as the first."""
    draw = np.random.default_rng(seed)
    signs = np.array(list("BCDFGKLMNPRSTVW"))
    words = ["".join(draw.choice(signs, 3)) + "A" + str(n % 7) for n in range(900)]
    share = 1 / np.arange(1, 901)
    named = draw.choice(900, (2, rows), p=share / share.sum())
    days = np.datetime64("1930-01-01") + draw.integers(0, 30_000, rows)
    return pa.table(
        {
            "forename": [words[n] for n in named[0]],
            "surname": [words[-n - 1] for n in named[1]],
            "born": pa.array(days),
            "rooms": pa.array(draw.integers(1, 6, rows)),
            "year": pa.array(["2024"] * rows),
            "claim": pa.array(draw.permutation(rows) + 100_000),
        }
    )


def most_alike(tokens: np.ndarray) -> int:
    """Return how many rows share the commonest token."""
    counts = [np.unique(column[column != 0], return_counts=True)[1] for column in tokens.T]
    return max(each.max(initial=0) for each in counts)


@pytest.mark.parametrize("odd", ["rooms", "year"])
def test_a_number_that_hardly_tells_anything_makes_no_tokens(odd: str) -> None:
    fields = {**NAMES, odd: "number"}
    rules = token_rules(fields)
    assert any(odd in {name for name, _ in rule} for rule in rules), "its kind is one that tells"
    tokens = record_tokens(people(), fields, KEY)
    for rule, column in zip(rules, tokens.T, strict=True):
        if odd in {name for name, _ in rule}:
            assert not column.any(), rule
    assert most_alike(tokens) <= 12


def test_numbers_and_dates_that_tell_keep_their_tokens() -> None:
    fields = {**NAMES, "born": "date", "claim": "number"}
    tokens = record_tokens(people(), fields, KEY)
    assert (tokens != 0).all()


def test_one_default_date_among_many_dates_costs_nobody_else_a_token() -> None:
    table = people()
    born = table["born"].to_pylist()
    some = pa.array([*([born[0]] * (ROWS // 10)), *born[ROWS // 10 :]])
    table = table.set_column(2, "born", some)
    tokens = record_tokens(table, {**NAMES, "born": "date", "claim": "number"}, KEY)
    assert (tokens != 0).all()


def test_a_crowd_of_one_name_and_date_loses_its_own_tokens_and_nobody_else_does() -> None:
    table, crowd = people(), np.arange(ROWS) < ROWS // 10
    for name in ("forename", "surname", "born"):
        values = table[name].to_pylist()
        values[: ROWS // 10] = [values[0]] * (ROWS // 10)
        table = table.set_column(table.column_names.index(name), name, pa.array(values))
    fields = {**NAMES, "born": "date", "claim": "number"}
    tokens = record_tokens(table, fields, KEY)
    assert (tokens[~crowd] != 0).all()
    for rule, column in zip(token_rules(fields), tokens[crowd].T, strict=True):
        assert column.all() == ("claim" in {name for name, _ in rule}), rule
        assert column.any() == column.all()
    assert most_alike(tokens) <= 12


def test_a_date_that_stands_for_none_does_not_tell_which_names_are_common() -> None:
    """It has a token for each name: the commonest left out alone would tell who bears them."""
    table = people(rows=2 * ROWS)
    born = table["born"].to_pylist()
    table = table.set_column(2, "born", pa.array([born[0]] * 2 * ROWS))
    fields = {**NAMES, "born": "date", "claim": "number"}
    assert most_alike(record_tokens(table, fields, KEY, common={})) > 100
    tokens = record_tokens(table, fields, KEY)
    for rule, column in zip(token_rules(fields), tokens.T, strict=True):
        assert column.any() == ("claim" in {name for name, _ in rule}), rule


def test_one_person_many_times_over_is_no_crowd() -> None:
    """A file of claims in which everybody stands twenty times."""
    table = people(rows=300)
    often = pa.concat_tables([table] * 20)
    fields = {**NAMES, "born": "date", "claim": "number"}
    tokens = record_tokens(often, fields, KEY)
    assert (tokens != 0).all()


def test_the_order_of_rows_changes_no_token() -> None:
    table = people()
    turned = np.random.default_rng(3).permutation(ROWS)
    fields = {**NAMES, "born": "date", "rooms": "number"}
    tokens = record_tokens(table, fields, KEY)
    assert np.array_equal(record_tokens(table.take(pa.array(turned)), fields, KEY), tokens[turned])


def test_however_a_file_is_parted_the_same_tokens_are_left_out() -> None:
    table, fields = people(), {**NAMES, "born": "date", "rooms": "number"}
    whole = record_tokens(table, fields, KEY)
    seen = Common()
    parts = [table.slice(start, 700) for start in range(0, ROWS, 700)]
    for part in parts:
        seen.see(record_tokens(part, fields, KEY, common={}))
    common = seen.left_out()
    assert common, "rooms tell next to nothing"
    made = [record_tokens(part, fields, KEY, common=common) for part in parts]
    assert np.array_equal(np.concatenate(made), whole)


def test_of_a_large_file_a_sample_tells_how_many_records_there_are(monkeypatch) -> None:
    table, fields = people(), {**NAMES, "claim": "number", "rooms": "number"}
    every = Common()
    every.see(record_tokens(table, fields, KEY, common={}))
    monkeypatch.setattr("equipoise.carry.encode.record_tokens._LOOKED_AT", 1500)
    some = Common()
    some.see(record_tokens(table, fields, KEY, common={}))
    assert some.left_out() == every.left_out()
    assert 0 < len(some.left_out()) < len(token_rules(fields))
    assert Common().left_out() == {}


@pytest.mark.parametrize("rows", [0, 1, 2])
def test_a_file_of_hardly_a_row_keeps_its_tokens(rows: int) -> None:
    tokens = record_tokens(people().slice(0, rows), {**NAMES, "rooms": "number"}, KEY)
    assert tokens.shape[0] == rows and (tokens != 0).all()


def test_files_that_have_no_token_left_are_linked_as_files_without(monkeypatch) -> None:
    monkeypatch.setattr(record_search, "COMPARED_WITHOUT", 1000)
    table, fields = people(rows=2000), {**NAMES, "rooms": "number"}
    made = record_filters(table, fields, KEY, STRENGTHS["standard"])
    none = np.zeros((2000, 2), np.uint64)
    links = link_records(made, made, tokens_left=none, tokens_right=none)
    assert links.report == link_records(made, made).report
