"""Whatever tokens come, linking keeps its promises, and a slow, plain linker agrees with it."""

from __future__ import annotations

import hashlib
import random

import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st

from equipoise.agree.document import Agreement
from equipoise.carry.encode import TOKEN
from equipoise.carry.link import link_exact
from equipoise.carry.tables import TablesSession

RULES = 3
tokens = st.tuples(*[st.sampled_from(["a", "b", "c", "d", None])] * RULES)
rows = st.lists(tokens, max_size=7)
inputs = st.fixed_dictionaries({"left": rows, "right": rows, "other": rows})
pairings = st.sampled_from(["one to one", "many to one"])


def _bytes(text):
    return None if text is None else hashlib.blake2b(text.encode(), digest_size=16).digest()


def _named(tables):
    return {
        name: {f"{name}{at}": row for at, row in enumerate(some)} for name, some in tables.items()
    }


def _agreement(pairs):
    fields = {"surname": {"is": "identifier", "why": "for this test"}}
    dataset = {"from": "owner", "about": "people", "fields": fields}
    person = {"spine": "left", "join": ["right", "other"], "rules": [["surname"]] * RULES,
              "pairs": pairs}  # fmt: skip
    return Agreement.model_validate({
        "agreement": "test-link", "version": 1, "title": "A test", "starts": "2026-01-01",
        "ends": "2026-12-31", "gateway": {}, "retention": {}, "weighing": {"route": "light"},
        "parties": {"owner": {"name": "Owner", "sector": "public", "role": "controller",
                              "signatory": {"name": "Somebody"}}},
        "purpose": {"statement": "Testing.", "nature": "statistical", "for": "individuals"},
        "datasets": {"left": dataset, "right": dataset, "other": dataset},
        "linkage": {"mode": "exact", "by": "owner", "entities": {"person": person}},
        "uses": {"links": {"use": "linked", "by": "analyst", "for": "testing", "entity": "person"}},
        "outputs": {"links": {"form": "aggregate"}},
        "public": {"summary": "Test", "contact": "test", "complaints": "test"},
        "on breach": {"notify": ["owner"]},
    })  # fmt: skip


AGREED = {pairs: _agreement(pairs) for pairs in ("one to one", "many to one")}


def _linked(named, pairs):
    tables = {}
    for name, some in named.items():
        columns = {"row_id": pa.array([_bytes(row) for row in some], TOKEN)}
        for rule in range(RULES):
            cells = [_bytes(row[rule] and f"{rule}{row[rule]}") for row in some.values()]
            columns[f"person.{rule}"] = pa.array(cells, TOKEN)
        tables[name] = pa.table(columns)
    return link_exact(TablesSession(tables), AGREED[pairs], "person")


def _pairs(found, named):
    back = {_bytes(row): row for some in named.values() for row in some}
    return {(row["dataset"], back[row["left_row"]], back[row["right_row"]], row["rule"])
            for row in found.pairs.to_pylist()}  # fmt: skip


def _plain(named, pairs):
    """The rule as the agreement words it, one row at a time."""
    made = set()
    for dataset in ("right", "other"):
        free = dict(named["left"])
        waiting = dict(named[dataset])
        for rule in range(RULES):
            meant = {}
            for row, some in waiting.items():
                spine = [left for left, theirs in free.items() if theirs[rule] == some[rule]]
                rivals = [other for other, theirs in waiting.items() if theirs[rule] == some[rule]]
                alone = len(rivals) == 1 or pairs == "many to one"
                if some[rule] is not None and len(spine) == 1 and alone:
                    meant[row] = spine[0]
            for row, left in meant.items():
                made.add((dataset, left, row, rule))
                del waiting[row]
                if pairs == "one to one":
                    del free[left]
    return made


@settings(max_examples=120, deadline=None)
@given(inputs, pairings)
def test_the_result_is_that_of_the_plain_linker(tables, pairs):
    named = _named(tables)
    assert _pairs(_linked(named, pairs), named) == _plain(named, pairs)


@settings(max_examples=60, deadline=None)
@given(inputs, pairings)
def test_every_row_is_in_one_entity_and_one_to_one_is_held(tables, pairs):
    named = _named(tables)
    found = _linked(named, pairs)
    members = [(row["dataset"], row["row_id"]) for row in found.members.to_pylist()]
    assert len(members) == len(set(members)) == sum(len(some) for some in named.values())
    made = _pairs(found, named)
    for dataset in ("right", "other"):
        own = [pair for pair in made if pair[0] == dataset]
        assert len({pair[2] for pair in own}) == len(own)
        if pairs == "one to one":
            assert len({pair[1] for pair in own}) == len(own)
    numbers = {row["row_id"]: row["entity_row"] for row in found.members.to_pylist()}
    for _, left, right, _ in made:
        assert numbers[_bytes(left)] == numbers[_bytes(right)]
    assert len(set(numbers.values())) == found.report.entities == len(numbers) - len(made)
    for count in found.report.datasets:
        for rule in count.rules:
            assert rule.tried == rule.found + rule.ambiguous + rule.missing + rule.absent


@settings(max_examples=40, deadline=None)
@given(inputs, pairings, st.integers(0, 2**32))
def test_the_order_of_rows_changes_nothing_not_even_a_number(tables, pairs, seed):
    named = _named(tables)
    shuffled = {}
    for name, some in named.items():
        order = list(some.items())
        random.Random(seed).shuffle(order)
        shuffled[name] = dict(order)
    one, other = _linked(named, pairs), _linked(shuffled, pairs)
    assert one.pairs.equals(other.pairs)
    assert one.members.equals(other.members)


@settings(max_examples=40, deadline=None)
@given(inputs, pairings, st.sampled_from(["left", "right", "other"]))
def test_a_row_with_tokens_of_its_own_changes_no_link(tables, pairs, where):
    named = _named(tables)
    more = {name: dict(some) for name, some in named.items()}
    more[where]["stranger"] = ("x", "y", "z")
    assert _pairs(_linked(more, pairs), more) == _pairs(_linked(named, pairs), named)
