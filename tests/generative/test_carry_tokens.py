"""Tokens of two owners meet exactly where the standardised parts are equal, and nowhere else."""

from __future__ import annotations

import hmac
import os
from datetime import date

import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st

from equipoise.agree.document import Agreement
from equipoise.carry.encode import TOKEN, encode, standardise
from equipoise.carry.encode.transforms import part_text

FIELDS = {"forename": "forename", "surname": "surname", "birth_date": "date",
          "postcode": "postcode"}  # fmt: skip
RULES = [["surname", "forename", "birth_date"], ["surname:sound", "birth_date:year"],
         ["forename:nickname", "postcode:sector"], ["postcode"]]  # fmt: skip


class _Hasher:
    def __init__(self, key: bytes, label: str) -> None:
        self._key = hmac.digest(key, label.encode(), "sha256")

    def digests(self, values):
        return pa.array([hmac.digest(self._key, value, "sha256")[:16] for value in values], TOKEN)


def _agreement(name: str, version: int) -> Agreement:
    fields = {field: {"is": "identifier", "why": "for this test"} for field in FIELDS}
    dataset = {"from": "owner", "about": "people", "fields": fields}
    person = {"spine": "left", "join": ["right"], "rules": RULES}
    return Agreement.model_validate({
        "agreement": name, "version": version, "title": "A test", "starts": "2026-01-01",
        "ends": "2026-12-31", "gateway": {}, "retention": {}, "weighing": {"route": "light"},
        "parties": {"owner": {"name": "Owner", "sector": "public", "role": "controller",
                              "signatory": {"name": "Somebody"}}},
        "purpose": {"statement": "Testing.", "nature": "statistical", "for": "individuals"},
        "datasets": {"left": dataset, "right": dataset},
        "linkage": {"mode": "exact", "by": "owner", "entities": {"person": person}},
        "uses": {"links": {"use": "linked", "by": "analyst", "for": "testing", "entity": "person"}},
        "outputs": {"links": {"form": "aggregate"}},
        "public": {"summary": "Test", "contact": "test", "complaints": "test"},
        "on breach": {"notify": ["owner"]},
    })  # fmt: skip


names = st.text(max_size=6) | st.sampled_from([
    "O'Neill", "ONEILL", "o neill", "Smith-Jones", "Smithjones", "Smyth", "Bill", "William", "Zoë",
    "ZOE", "-", None,
])  # fmt: skip
person = st.fixed_dictionaries({
    "forename": names, "surname": names,
    "birth_date": st.sampled_from([date(1980, 4, 3), date(1980, 3, 4), None]),
    "postcode": st.sampled_from(["LS7 4DL", "ls74dl", "LS7 4DM", "LS7", None]),
})  # fmt: skip


people = st.lists(person, min_size=1, max_size=12)


def _columns(rows):
    return {
        field: pa.array(
            [row[field] for row in rows], pa.date32() if kind == "date" else pa.string()
        )
        for field, kind in FIELDS.items()
    }


def _tokens(rows, of, dataset, key=b"k" * 32):
    """One list of tokens for each rule."""
    ids = pa.array([os.urandom(16) for _ in rows], TOKEN)
    made = encode(pa.table(_columns(rows)), of, dataset, lambda label: _Hasher(key, label), ids)
    return [made[f"person.{rule}"].to_pylist() for rule in range(len(RULES))]


def _parts(rows, rule):
    """What a rule reads of each row, None where a part is missing."""
    columns = _columns(rows)
    made = []
    for text in rule:
        field, _, part = text.partition(":")
        values = standardise(columns[field], FIELDS[field])
        made.append(part_text(values, FIELDS[field], part or None).to_pylist())
    return [None if None in parts else parts for parts in zip(*made, strict=True)]


@settings(max_examples=15, deadline=None)
@given(people, people)
def test_tokens_meet_where_and_only_where_the_parts_are_equal(mine, theirs):
    of = _agreement("first", 1)
    for rule, left, right in zip(
        RULES, _tokens(mine, of, "left"), _tokens(theirs, of, "right"), strict=True
    ):
        my_parts, their_parts = _parts(mine, rule), _parts(theirs, rule)
        assert [token is None for token in left] == [parts is None for parts in my_parts]
        for one, my_part in zip(left, my_parts, strict=True):
            for other, their_part in zip(right, their_parts, strict=True):
                if one is not None and other is not None:
                    assert (one == other) == (my_part == their_part)


@settings(max_examples=10, deadline=None)
@given(people)
def test_nothing_meets_across_agreements_versions_keys_or_rules(rows):
    worlds = [
        (_agreement("first", 1), b"k" * 32), (_agreement("first", 2), b"k" * 32),
        (_agreement("second", 1), b"k" * 32), (_agreement("first", 1), b"j" * 32),
    ]  # fmt: skip
    seen = [
        {token for token in column if token is not None}
        for of, key in worlds
        for column in _tokens(rows, of, "left", key)
    ]
    assert sum(len(tokens) for tokens in seen) == len(set().union(*seen))
