"""Tokens by which records of large files may meet: each so particular that few people share it.

Comparing all filters of two files of a million rows would take an hour. A token of several parts of
a record that carry 22 bits or more together is nearly unique: who holds a file of them sees next to
no two that are equal, so neither frequencies nor likenesses can be read from them. They only say
which filters to compare first. Which parts make a token follows from the kinds of the fields, so
that two owners choose alike: enough of them that whatever two fields are wrong, one token is right.

What a kind of field carries is a rule of thumb. A number that is one of five, or a date that is the
same for everybody, carries nothing, and tokens that rest on it would show how often each name
occurs. So an owner looks whether the tokens of its own file are as particular as they should be,
and leaves out those that are not: the one that a crowd shares, or all of a rule.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache
from itertools import combinations
from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from equipoise.carry.encode.kinds import Kind
from equipoise.carry.encode.record_parts import Column, Words, columns_of
from equipoise.carry.encode.record_plan import USES, Salt, is_personal
from equipoise.carry.encode.tokens import Hasher

LeftOut = Mapping[int, Words | None]
"""By the number of a rule the tokens that are left out, None for all of them."""

LAYOUT: Final = "equipoise record token 2"
LEAST: Final = 22.0
MOST: Final = 34.0
"""Bits that the parts of one token carry together."""
_MOST_TOKENS: Final = 12
_MOST_PARTS: Final = 4
_WRONG: Final = 0.1
"""How often a field is wrong or missing, as a rule of thumb, in choosing tokens."""
_SHARED: Final = 2.0**-12
"""The chance that two records share a token, from which on it is left out: a thousand times what 22
bits give, so that neither common names nor a default value here and there come near it."""
_BEARERS: Final = 8
"""Other records that share a record's token, on average; fewer tell nothing by their number."""
_CROWDS: Final = 4
"""Tokens of a rule that may be left out alone. A crowd of one name and birth date has one; a date
that stands for none has one for each name, and which rows lack theirs would tell the common names.
"""
_LOOKED_AT: Final = 50_000
"""Records by which this is judged."""


def token_rules(fields: Mapping[str, Kind]) -> tuple[Salt, ...]:
    """Return which parts make each token, the best first; none where fields carry too little.

    Chosen greedily: each next token is the one that saves the most records that the earlier ones
    would lose, if each field were wrong in a tenth of records.
    """
    return _chosen(tuple(fields.items()))


@lru_cache(64)
def _chosen(named: tuple[tuple[str, Kind], ...]) -> tuple[Salt, ...]:
    fields = dict(named)
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
    columns: Mapping[str, Column] | None = None,
    common: LeftOut | None = None,
) -> Words:
    """Return tokens (n x t; t by ``token_rules``), 0 where a part is missing and where the token,
    or all of its rule, is too ``common`` (``Common.left_out``). Unless these are given, the table
    is the whole file and tells it by itself. ``columns`` (of ``columns_of``) may be given by
    whoever has them already.

    A token is the sum, modulo 2**64, of one keyed 64-bit digest for each part, made under a label
    of the rule, the field and the part.
    """
    rules = token_rules(fields)
    read = {name for rule in rules for name, _ in rule}
    used = {name: kind for name, kind in fields.items() if name in read}
    columns = columns or columns_of(table, used, column)
    tokens = np.zeros((table.num_rows, len(rules)), np.uint64)
    for number, rule in enumerate(rules):
        whole = np.ones(table.num_rows, np.bool_)
        for name, part in rule:
            label = "\n".join([LAYOUT, *(f"{field}:{piece}" for field, piece in rule), name])
            made = columns[name].part(part, hasher(label))[columns[name].codes]
            tokens[:, number] += made
            whole &= made != 0
        tokens[~whole, number] = 0
    if common is None:
        whole_file = Common()
        whole_file.see(tokens)
        common = whole_file.left_out()
    leave_out(tokens, common)
    return tokens


def leave_out(tokens: Words, common: LeftOut) -> None:
    """Set tokens (n x t) that are too common to 0, in place."""
    for number, some in common.items():
        column = tokens[:, number]
        column[... if some is None else np.isin(column, some)] = 0


class Common:
    """Tells, of a file that is seen in parts, which tokens too many rows share.

    Records of which every token is the same count once: they may be one person's. Tokens are
    random to look at, so the records with the least sums are a sample, in whatever order rows lie
    and however the file is parted; and how small the greatest of these is tells how many there are.
    """

    def __init__(self) -> None:
        self._sums: Words = np.zeros(0, np.uint64)
        self._some: Words | None = None

    def see(self, tokens: Words) -> None:
        """Take note of some rows' tokens (n x t), made with nothing ``common``."""
        sums = np.append(self._sums, tokens.sum(axis=1, dtype=np.uint64))
        some = tokens if self._some is None else np.vstack([self._some, tokens])
        sums, at = np.unique(sums, return_index=True)
        self._sums, self._some = sums[:_LOOKED_AT], some[at[:_LOOKED_AT]]

    def left_out(self, times: float = 1.0) -> dict[int, Words | None]:
        """Return which tokens are to be left out, by the number of their rule; None is all of it.

        ``times`` says how many times the rows seen the file has, where those were drawn at random.
        """
        if self._some is None:
            return {}
        records = self._records() * times
        made = {number: _too_common(held, records) for number, held in enumerate(self._some.T)}
        return {number: some for number, some in made.items() if some is None or len(some)}

    def _records(self) -> float:
        """Return how many different records there are, from the least sums of all."""
        if len(self._sums) < _LOOKED_AT:
            return len(self._sums)
        return _LOOKED_AT / (float(self._sums[-1]) / 2.0**64)


def _too_common(tokens: Words, records: float) -> Words | None:
    """Return the tokens of one rule that too many of a sample share; None where that is no matter
    of a few of them."""
    values, counts = np.unique(tokens[tokens != 0], return_counts=True)
    if not _tells(counts, records):
        return values[:0]
    often = counts > _BEARERS
    few = np.count_nonzero(often) <= _CROWDS
    return values[often] if few and not _tells(counts[~often], records) else None


def _tells(counts: npt.NDArray[np.int64], records: float) -> bool:
    """Return whether two records share their token so often that it would tell something."""
    borne = counts.astype(np.float64)
    shared = (borne * (borne - 1)).sum() / max(1.0, borne.sum() * (borne.sum() - 1))
    return bool(shared > _SHARED and shared * records > _BEARERS)
