"""The compiled kernel and the one in numpy give the same answers, whatever the tables."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from equipoise.carry.encode.features import encode_fields
from equipoise.carry.encode.kinds import Kind
from equipoise.carry.encode.throwaway import ThrowAwayKey
from equipoise.carry.link import kernel, kernel_native, kernel_numpy
from equipoise.carry.link.kernel import Rule
from equipoise.carry.link.levels import levels_of

KEY = ThrowAwayKey(bytes(range(32)))
FIELDS: dict[str, Kind] = {
    "forename": "forename",
    "surname": "surname",
    "born": "date",
    "postcode": "postcode",
    "address": "address",
    "year": "year",
    "email": "email",
    "body": "organisation",
    "whole": "name",
    "sex": "sex",
}
FEW: dict[str, list[str | None]] = {
    "forename": ["Ann", "Anne", "Anna Mary", "A", "James", "Jim", "Smith", "राम", None, ""],
    "surname": ["Smith", "Smyth", "Smith-Jones", "Jones", "James", "Ann", "山田", None],
    "born": ["1980-02-03", "03/02/1980", "2 March 1980", "1980-02-04", "1980", "x", None],
    "postcode": ["LS1 4AB", "LS1 4AC", "ls2 4ab", "LS1", "3042", "3043", None],
    "address": ["1 High St", "1 High Street", "2 High St", "Flat 1, 2 High Street", None],
    "year": ["1980", "1981", "80", "1990", None],
    "email": ["a@b.org", "a@c.org", "ab@b.org", None],
    "body": ["Leeds City Council", "Council of Leeds", "Leeds", "Acme Ltd", None],
    "whole": ["Ann Smith", "Smith, Ann", "A Smith", "Ann Mary Smith", "Jim Jones", None],
    "sex": ["F", "female", "M", "2", "X", "unknown", None],
}
RULES: tuple[Rule, ...] = (
    (("born", "exact"),),
    (("forename", "either name"), ("surname", "either name")),
    (("surname", "sound"),),
    (("sex", "exact"),),
    (),
)
native = pytest.mark.skipif(
    kernel_native.library() is None, reason="the compiled kernel is not built here"
)


def tables(rows: int) -> st.SearchStrategy[pa.Table]:
    columns = {
        name: st.lists(st.sampled_from(few), min_size=rows, max_size=rows)
        for name, few in FEW.items()
    }
    return st.fixed_dictionaries(columns).map(
        lambda drawn: pa.table({name: pa.array(drawn[name], pa.string()) for name in drawn})
    )


some_table = st.integers(0, 12).flatmap(tables)
weights = st.lists(st.floats(-20, 20, width=32), min_size=8, max_size=8)


def both(monkeypatch: pytest.MonkeyPatch, work: Any) -> tuple[Any, Any]:
    with monkeypatch.context() as patch:
        patch.setattr(kernel, "_at_work", lambda: kernel_numpy)
        slow = work()
    with monkeypatch.context() as patch:
        patch.setattr(kernel, "_at_work", lambda: kernel_native)
        return slow, work()


def assert_same(one: Any, two: Any) -> None:
    for name in one.__dataclass_fields__:
        np.testing.assert_array_equal(getattr(one, name), getattr(two, name), err_msg=name)
        assert getattr(one, name).dtype == getattr(two, name).dtype


@native
@settings(max_examples=60, deadline=None)
@given(some_table, some_table, st.permutations(RULES), st.data())
def test_two_tables(left: pa.Table, right: pa.Table, rules: list[Rule], data: Any) -> None:
    one, two = encode_fields(left, FIELDS, KEY), encode_fields(right, FIELDS, KEY)
    keyed = kernel.blocks_of(one, two, tuple(rules[:3]))
    given_weights = [
        np.array(data.draw(weights)[: len(levels_of(kind))], np.float32)
        if len(levels_of(kind)) <= 8
        else np.arange(len(levels_of(kind)), dtype=np.float32)
        for kind in FIELDS.values()
    ]
    by_value = {"surname": np.linspace(1, 9, len(one.fields["surname"].exact)).astype(np.float32)}
    with pytest.MonkeyPatch.context() as patch:
        assert_same(*both(patch, lambda: kernel.count_patterns(one, two, keyed)))
        for threshold in (-1000.0, 0.0, 7.5):
            assert_same(
                *both(
                    patch,
                    lambda threshold=threshold: kernel.score_pairs(
                        one, two, keyed, given_weights, by_value, threshold
                    ),
                )
            )


@native
@settings(max_examples=30, deadline=None)
@given(some_table, st.permutations(RULES))
def test_one_table(table: pa.Table, rules: list[Rule]) -> None:
    one = encode_fields(table, FIELDS, KEY)
    keyed = kernel.blocks_of(one, None, tuple(rules[:3]))
    flat = [np.arange(len(levels_of(kind)), dtype=np.float32) for kind in FIELDS.values()]
    with pytest.MonkeyPatch.context() as patch:
        counted = both(patch, lambda: kernel.count_patterns(one, one, keyed, within=True))
        assert_same(*counted)
        assert_same(
            *both(patch, lambda: kernel.score_pairs(one, one, keyed, flat, {}, 20.0, within=True))
        )


@native
@settings(max_examples=30, deadline=None)
@given(some_table)
def test_every_pair_is_compared_once_and_under_its_first_rule(table: pa.Table) -> None:
    one = encode_fields(table, FIELDS, KEY)
    rules: tuple[Rule, ...] = ((("sex", "exact"),), ())
    keyed = kernel.blocks_of(one, one, rules)
    every = kernel.score_pairs(
        one,
        one,
        keyed,
        [np.zeros(len(levels_of(kind)), np.float32) for kind in FIELDS.values()],
        {},
        0.0,
    )
    sexes = one.fields["sex"].codes
    met = {(a, b) for a, b in zip(every.left.tolist(), every.right.tolist(), strict=True)}
    assert len(every.left) == len(met) == table.num_rows**2
    for a, b, rule in zip(every.left, every.right, every.rule, strict=True):
        assert (rule == 0) == (sexes[a] >= 0 and sexes[a] == sexes[b])
