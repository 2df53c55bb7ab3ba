"""Chapter 14, section 3: going through blocks, with counts and sums that can be done by hand."""

from __future__ import annotations

import itertools
import threading

import numpy as np
import pyarrow as pa
import pytest

from equipoise.carry.encode.columns import EncodedTable, stacked
from equipoise.carry.encode.features import encode_fields
from equipoise.carry.encode.kinds import Kind
from equipoise.carry.encode.throwaway import ThrowAwayKey
from equipoise.carry.link import kernel, kernel_native
from equipoise.carry.link.kernel import Rule
from equipoise.carry.link.levels import levels_of
from equipoise.errors import DataRefused, UsageRefused

KEY = ThrowAwayKey(bytes(32))
FIELDS: dict[str, Kind] = {"town": "place", "sex": "sex"}
TOWN: Rule = (("town", "exact"),)
SEX: Rule = (("sex", "exact"),)
KERNELS = ["C", "numpy"]


def people(*rows: tuple[str | None, str | None]) -> EncodedTable:
    towns, sexes = zip(*rows, strict=True) if rows else ((), ())
    table = pa.table({"town": pa.array(towns, pa.string()), "sex": pa.array(sexes, pa.string())})
    return encode_fields(table, FIELDS, KEY)


LEFT = people(("Leeds", "F"), ("Leeds", "M"), ("York", "F"), (None, "F"), ("Hull", None))
RIGHT = people(("Leeds", "F"), ("York", "M"), ("York", "F"), (None, None))
ZERO = [np.zeros(len(levels_of(kind)), np.float32) for kind in FIELDS.values()]


@pytest.fixture(params=KERNELS, autouse=True)
def at_work(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Everything here holds for either kernel."""
    if request.param == "numpy":
        monkeypatch.setattr(kernel_native, "library", lambda: None)
    elif kernel_native.library() is None:
        pytest.skip("the compiled kernel is not built here")
    return str(request.param)


def pairs(found: kernel.Scored) -> list[tuple[int, int]]:
    return list(zip(found.left.tolist(), found.right.tolist(), strict=True))


def test_the_kernel_at_work_is_named(at_work: str) -> None:
    assert kernel.kernel_name() == at_work


def test_only_rows_that_share_a_key_are_compared() -> None:
    keyed = kernel.blocks_of(LEFT, RIGHT, (TOWN,))
    assert keyed.keys_left[0, 3] == 0, "a missing town is no key"
    found = kernel.score_pairs(LEFT, RIGHT, keyed, ZERO, {}, 0.0)
    assert sorted(pairs(found)) == [(0, 0), (1, 0), (2, 1), (2, 2)]
    assert kernel.block_sizes(keyed, 0) == (4, 2)


def test_a_pair_that_meets_twice_counts_once_under_the_first_rule() -> None:
    keyed = kernel.blocks_of(LEFT, RIGHT, (TOWN, SEX))
    found = kernel.score_pairs(LEFT, RIGHT, keyed, ZERO, {}, 0.0)
    assert len(set(pairs(found))) == len(pairs(found))
    by_rule = dict(zip(pairs(found), found.rule.tolist(), strict=True))
    assert by_rule[0, 0] == 0 and by_rule[0, 2] == 1
    counted = kernel.count_patterns(LEFT, RIGHT, keyed)
    assert counted.count.sum() == len(found.left)
    assert counted.count[counted.rule == 0].sum() == 4


def test_without_a_rule_every_pair_is_compared() -> None:
    keyed = kernel.blocks_of(LEFT, RIGHT, ((),))
    found = kernel.score_pairs(LEFT, RIGHT, keyed, ZERO, {}, 0.0)
    assert sorted(pairs(found)) == list(itertools.product(range(5), range(4)))
    assert kernel.block_sizes(keyed, 0) == (20, 20)


def test_within_one_table_each_pair_is_compared_once() -> None:
    keyed = kernel.blocks_of(LEFT, None, ((),))
    found = kernel.score_pairs(LEFT, LEFT, keyed, ZERO, {}, 0.0, within=True)
    assert sorted(pairs(found)) == list(itertools.combinations(range(5), 2))
    assert kernel.block_sizes(keyed, 0, within=True) == (10, 10)
    assert kernel.count_patterns(LEFT, LEFT, keyed, within=True).count.sum() == 10


def test_a_pattern_is_the_number_of_its_levels_the_first_field_lowest() -> None:
    town, sex = (len(levels_of(kind)) for kind in FIELDS.values())
    assert kernel.radices(LEFT) == (town, sex)
    at = np.array([0, 0, 3], np.int32)
    found = kernel.patterns_of(LEFT, RIGHT, at, np.array([0, 1, 3], np.int32))
    top_town, top_sex = town - 1, sex - 1
    assert found.tolist() == [top_town + town * top_sex, 1 + town * 1, 0]
    assert kernel.levels_in(found, (town, sex)).tolist() == [[top_town, top_sex], [1, 1], [0, 0]]


def test_weights_add_up_and_the_threshold_is_reached_not_passed() -> None:
    """Town: differ -3, exact +4 (York +6); sex: differ -2, exact +1; missing 0."""
    town, sex = (np.zeros(len(levels_of(kind)), np.float32) for kind in FIELDS.values())
    town[1], town[-1], sex[1], sex[-1] = -3, 4, -2, 1
    by_value = np.full(len(LEFT.fields["town"].exact), 4, np.float32)
    by_value[LEFT.fields["town"].codes[2]] = 6
    keyed = kernel.blocks_of(LEFT, RIGHT, ((),))
    found = kernel.score_pairs(LEFT, RIGHT, keyed, [town, sex], {"town": by_value}, 2.0)
    told = dict(zip(pairs(found), found.weight.tolist(), strict=True))
    assert told == {(0, 0): 5.0, (1, 0): 2.0, (2, 1): 4.0, (2, 2): 7.0}
    stricter = kernel.score_pairs(LEFT, RIGHT, keyed, [town, sex], {"town": by_value}, 2.001)
    assert sorted(pairs(stricter)) == [(0, 0), (2, 1), (2, 2)]


@pytest.mark.parametrize("rows", [0, 1])
def test_tables_of_no_row_and_of_one(rows: int) -> None:
    one = people(*[("Leeds", "F")] * rows)
    for left, right in ((one, LEFT), (LEFT, one), (one, one)):
        keyed = kernel.blocks_of(left, right, (TOWN, ()))
        counted = kernel.count_patterns(left, right, keyed)
        assert counted.count.sum() == left.rows * right.rows
        assert (
            len(kernel.score_pairs(left, right, keyed, ZERO, {}, 0.0).left) == counted.count.sum()
        )
    keyed = kernel.blocks_of(one, None, (TOWN,))
    assert kernel.count_patterns(one, one, keyed, within=True).count.sum() == 0


def test_a_column_that_is_all_missing_blocks_nothing() -> None:
    empty = people((None, None), (None, None))
    keyed = kernel.blocks_of(empty, empty, (TOWN, SEX))
    assert kernel.count_patterns(empty, empty, keyed).count.sum() == 0


def test_a_block_larger_than_a_tile_is_cut_and_counted_whole() -> None:
    rows = 3000
    many = people(*[("Leeds", "F" if row % 3 else "M") for row in range(rows)])
    keyed = kernel.blocks_of(many, None, (TOWN,))
    counted = kernel.count_patterns(many, many, keyed, within=True)
    assert counted.count.sum() == rows * (rows - 1) // 2
    alike = 1000 * 999 // 2 + 2000 * 1999 // 2
    assert sorted(counted.count.tolist()) == sorted([alike, rows * (rows - 1) // 2 - alike])


def test_swapped_names_meet_in_a_block_of_both() -> None:
    fields: dict[str, Kind] = {"given": "forename", "family": "surname"}
    left = encode_fields(pa.table({"given": ["Kwame"], "family": ["Mensah"]}), fields, KEY)
    right = encode_fields(pa.table({"given": ["Mensah"], "family": ["Kwame"]}), fields, KEY)
    both: Rule = (("given", "either name"), ("family", "either name"))
    assert kernel.block_keys(left, both) == kernel.block_keys(right, both)


def test_whoever_watches_can_stop_the_work() -> None:
    told: list[float] = []

    def stop(done: float) -> None:
        told.append(done)
        raise KeyboardInterrupt

    keyed = kernel.blocks_of(LEFT, RIGHT, (TOWN, SEX))
    with pytest.raises(KeyboardInterrupt):
        kernel.count_patterns(LEFT, RIGHT, keyed, progress=stop)
    assert len(told) == 1
    kernel.count_patterns(LEFT, RIGHT, keyed, progress=told.append)
    assert told[-1] == 1.0 and threading.active_count() < 50


def test_tables_stacked_are_one_table() -> None:
    both = stacked([LEFT, RIGHT])
    assert both.rows == 9
    towns = both.fields["town"]
    assert towns.codes[0] == towns.codes[5] and towns.codes[3] == towns.codes[8] == -1
    assert towns.counts.sum() == 7 and len(set(towns.exact)) == len(towns.exact)
    some = both.taken(np.array([0, 5]))
    assert some.rows == 2 and some.fields["town"].counts.sum() == 2


def test_what_does_not_fit_is_refused() -> None:
    other = encode_fields(pa.table({"town": ["Leeds"]}), {"town": "place"}, KEY)
    keyed = kernel.blocks_of(LEFT, RIGHT, (TOWN,))
    with pytest.raises(DataRefused, match="LNK101"):
        kernel.count_patterns(LEFT, other, keyed)
    with pytest.raises(UsageRefused, match="LNK102"):
        kernel.block_keys(LEFT, (("born", "exact"),))
    with pytest.raises(UsageRefused, match="LNK103"):
        kernel.blocks_of(LEFT, RIGHT, (TOWN,) * 65)
    many: dict[str, Kind] = {f"f{place}": "surname" for place in range(25)}
    wide = encode_fields(pa.table({name: ["a"] for name in many}), many, KEY)
    with pytest.raises(UsageRefused, match="LNK104"):
        kernel.plan_of(wide, wide)
    for wrong in (ZERO[:1], [ZERO[0][:-1], ZERO[1]], [ZERO[0] * np.nan, ZERO[1]]):
        with pytest.raises(UsageRefused, match="LNK105"):
            kernel.score_pairs(LEFT, RIGHT, keyed, wrong, {}, 0.0)
    with pytest.raises(UsageRefused, match="LNK105"):
        kernel.score_pairs(LEFT, RIGHT, keyed, ZERO, {"born": ZERO[0]}, 0.0)
