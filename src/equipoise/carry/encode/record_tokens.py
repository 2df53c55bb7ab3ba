"""Tokens by which records of large files may meet: each so particular that few people share it.

Comparing all filters of two files of a million rows would take an hour. A token of several parts of
a record that carry 22 bits or more together is nearly unique: who holds a file of them sees next to
no two that are equal, so neither frequencies nor likenesses can be read from them. They only say
which filters to compare first. Which parts make a token follows from the kinds of the fields, so
that two owners choose alike: enough of them that whatever two fields are wrong, one token is right.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from itertools import combinations
from typing import Final

import numpy as np
import pyarrow as pa

from equipoise.carry.encode.kinds import Kind
from equipoise.carry.encode.record_parts import Column, Words
from equipoise.carry.encode.record_plan import USES, Salt, is_personal
from equipoise.carry.encode.tokens import Hasher

LAYOUT: Final = "equipoise record token 2"
LEAST: Final = 22.0
MOST: Final = 34.0
"""Bits that the parts of one token carry together."""
_MOST_TOKENS: Final = 12
_MOST_PARTS: Final = 4
_WRONG: Final = 0.1
"""How often a field is wrong or missing, as a rule of thumb, in choosing tokens."""


def token_rules(fields: Mapping[str, Kind]) -> tuple[Salt, ...]:
    """Return which parts make each token, the best first; none where fields carry too little.

    Chosen greedily: each next token is the one that saves the most records that the earlier ones
    would lose, if each field were wrong in a tenth of records.
    """
    rules = list(_candidates(fields))
    lost = [set(wrong) for wrong in _errors(fields)]
    chosen: list[Salt] = []
    while rules and len(chosen) < _MOST_TOKENS:
        gains = [
            sum(_WRONG ** len(wrong) for wrong in lost if not wrong & {name for name, _ in rule})
            for rule in rules
        ]
        best = max(range(len(rules)), key=lambda at: (gains[at], -len(rules[at]), -at))
        if gains[best] <= 0:
            break
        rule = rules.pop(best)
        chosen.append(rule)
        lost = [wrong for wrong in lost if wrong & {name for name, _ in rule}]
    return tuple(chosen)


def _errors(fields: Mapping[str, Kind]) -> Iterator[tuple[str, ...]]:
    """Yield every choice of up to three fields that may be wrong."""
    for count in range(4):
        yield from combinations(fields, count)


def _candidates(fields: Mapping[str, Kind]) -> Iterator[Salt]:
    """Yield sets of parts, one a field, that carry enough and are not all of one home."""
    parts = [
        (name, part, bits)
        for name, kind in fields.items()
        for part, bits in USES[kind].salts.items()
    ]
    for count in range(1, _MOST_PARTS + 1):
        for some in combinations(parts, count):
            salt = tuple((name, part) for name, part, _ in some)
            carried = sum(bits for _, _, bits in some)
            one_each = len({name for name, _ in salt}) == count
            if one_each and LEAST <= carried <= MOST and is_personal(fields, salt):
                yield salt


def record_tokens(
    table: pa.Table,
    fields: Mapping[str, Kind],
    hasher: Callable[[str], Hasher],
    *,
    column: Mapping[str, str] | None = None,
) -> Words:
    """Return tokens (n x t; t by ``token_rules``), 0 where a part is missing.

    A token is the sum, modulo 2**64, of one keyed 64-bit digest for each part, made under a label
    of the rule, the field and the part.
    """
    column = column or {}
    rules = token_rules(fields)
    columns = {
        name: Column(table[column.get(name, name)], fields[name])
        for name in {name for rule in rules for name, _ in rule}
    }
    tokens = np.zeros((table.num_rows, len(rules)), np.uint64)
    for number, rule in enumerate(rules):
        whole = np.ones(table.num_rows, np.bool_)
        for name, part in rule:
            label = "\n".join([LAYOUT, *(f"{field}:{piece}" for field, piece in rule), name])
            made = columns[name].part(part, hasher(label))[columns[name].codes]
            tokens[:, number] += made
            whole &= made != 0
        tokens[~whole, number] = 0
    return tokens
