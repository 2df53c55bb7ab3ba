"""Laws of record-level filters: rows stand alone, order says nothing, both ways agree."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from equipoise.carry.encode import record
from equipoise.carry.encode.kinds import KINDS
from equipoise.carry.encode.record import STRENGTHS, Strength, record_filters
from equipoise.carry.encode.record_plan import USES, plan
from equipoise.carry.encode.record_tokens import record_tokens, token_rules
from equipoise.carry.encode.throwaway import ThrowAwayKey
from equipoise.carry.link import record_pairs
from equipoise.carry.link.record import link_records
from equipoise.carry.link.record_pairs import Piles

KEY = ThrowAwayKey(b"laws of the record level filters")
SMALL = Strength("small", 256, 1024, 60, salting=True, diffusion=4)

texts = st.one_of(
    st.none(),
    st.sampled_from(["Ann", "O'Neill", "1980-04-03", "LS1 4AB", "12 High St", "0", "Zoë", "F"]),
    st.text(max_size=12),
)
fields = st.dictionaries(
    st.sampled_from("abcdefgh"), st.sampled_from(sorted(KINDS)), min_size=1, max_size=6
).filter(lambda made: any(USES[kind].weight >= 1 for kind in made.values()))


@st.composite
def tables(draw):
    kinds = draw(fields)
    rows = draw(st.integers(0, 8))
    columns = {
        name: pa.array(draw(st.lists(texts, min_size=rows, max_size=rows)), pa.string())
        for name in kinds
    }
    return pa.table(columns), kinds


def made(table, kinds, strength=SMALL):
    return record_filters(table, kinds, KEY, strength)


@settings(max_examples=40, deadline=None)
@given(tables(), st.randoms())
def test_a_filter_depends_on_its_own_row_and_not_on_the_order(drawn, random) -> None:
    table, kinds = drawn
    # The order of a column's dates is settled by all of its values, so dates are left out here.
    table = table.select([name for name, kind in kinds.items() if kind != "date"])
    kinds = {name: kind for name, kind in kinds.items() if kind != "date"}
    if not any(USES[kind].weight >= 1 for kind in kinds.values()):
        return
    order = list(range(table.num_rows))
    random.shuffle(order)
    assert (made(table.take(pa.array(order, pa.int64())), kinds) == made(table, kinds)[order]).all()
    for row in range(table.num_rows):
        assert (made(table.slice(row, 1), kinds) == made(table, kinds)[row : row + 1]).all()


@settings(max_examples=40, deadline=None)
@given(tables())
def test_numpy_and_the_compiled_part_make_the_same_filters(drawn) -> None:
    if record.library() is None:
        pytest.skip("there is no compiled part on this machine")
    table, kinds = drawn
    compiled = made(table, kinds)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(record, "library", lambda: None)
        assert (made(table, kinds) == compiled).all()


@settings(max_examples=60, deadline=None)
@given(fields, st.integers(1, 400))
def test_a_plan_uses_its_positions_once_and_never_salts_a_field_with_itself(kinds, count) -> None:
    lines = plan(kinds, count, salting=True)
    assert sum(line.bits for line in lines) == count
    for line in lines:
        salted_with = [name for name, _ in line.salt]
        assert line.field not in salted_with
        assert len(set(salted_with)) == len(salted_with)


@settings(max_examples=30, deadline=None)
@given(tables())
def test_tokens_are_there_for_every_row_and_rule(drawn) -> None:
    table, kinds = drawn
    tokens = record_tokens(table, kinds, KEY)
    assert tokens.shape == (table.num_rows, len(token_rules(kinds)))


filters = st.integers(0, 30).flatmap(
    lambda rows: st.binary(min_size=32 * rows, max_size=32 * rows).map(
        lambda data: np.frombuffer(data, np.uint64).reshape(-1, 4).copy()
    )
)


@settings(max_examples=40, deadline=None)
@given(filters, filters, st.floats(-3, 5))
def test_pairs_are_the_same_from_both_sides_and_both_ways(left, right, cutoff) -> None:
    near = Piles(left, right).all_pairs(cutoff)
    turned = Piles(right, left).all_pairs(cutoff)
    assert set(zip(near.left, near.right, strict=True)) == set(
        zip(turned.right, turned.left, strict=True)
    )
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(record_pairs, "library", lambda: None)
        plain = Piles(left, right).all_pairs(cutoff)
    assert (plain.left == near.left).all()
    assert (plain.right == near.right).all()
    assert (plain.resemblance == near.resemblance).all()


@settings(max_examples=40, deadline=None)
@given(filters, filters, st.booleans())
def test_links_are_probabilities_and_use_no_row_twice(left, right, one_to_one) -> None:
    links = link_records(left, right, pairs="one to one" if one_to_one else "many to one")
    assert ((links.probability > 0) & (links.probability <= 1)).all()
    assert len(set(links.right)) == len(links.right)
    if one_to_one:
        assert len(set(links.left)) == len(links.left)


@pytest.mark.parametrize("strength", [name for name in STRENGTHS if name != "none"])
def test_a_strength_can_be_carried_out(strength: str) -> None:
    made_of = STRENGTHS[strength]
    assert made_of.bits % 64 == 0
    assert made_of.inner & (made_of.inner - 1) == 0
    assert made_of.diffusion > 1 or made_of.inner == made_of.bits
