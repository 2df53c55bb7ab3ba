"""Knowing rows again by comparing: the engines of the modes that compare, held against a register.

An identity is held against a new row by all the encodings by which it is remembered, a former
surname and a former home included, and counts as one: its best encoding speaks for it, and then
identities compete for rows and rows for identities as in any linkage. Remembered rows are never
held against one another.

Where the agreement has rules as well, they are tried first, and what they say stands.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from equipoise.agree.words import Pairs
from equipoise.carry.encode.columns import EncodedTable
from equipoise.carry.encode.kinds import Kind
from equipoise.carry.encode.wire import FILTER, read_fields, read_records
from equipoise.carry.identity.match import PAIRS, codes, encoding_keys, exact_matcher
from equipoise.carry.identity.register import Numbers, Truths, numbers
from equipoise.carry.link.calibrate import Rivals, calibrate
from equipoise.carry.link.fitting import fitted
from equipoise.carry.link.judged import chance_of
from equipoise.carry.link.probabilistic import learn_from, score
from equipoise.carry.link.record_crowds import Part
from equipoise.carry.link.record_model import judge
from equipoise.carry.link.record_pairs import Near
from equipoise.carry.link.record_search import search

Shares = npt.NDArray[np.float64]

COMPARED: Final = PAIRS.append(pa.field("alone", pa.float64()))
"""``PAIRS`` after rows and identities competed; ``alone`` is what the probability would be without
rivals: two identities with a high one are rivals for a row, and may be one."""

LIKELY: Final = 0.5
"""Pairs that would be less probable than this even without rivals are not handed on."""

_RULE: Final = 0.999
"""Pairs that a rule found are above this, in the order of the rules, and below 1."""
_BITS_TO_SPARE: Final = 7.0
_FULL: Final = 0.6
_SEED: Final = 11


@dataclass(frozen=True)
class Found:
    """Pairs of a remembered line and a new one, one for each identity and new line."""

    held: Numbers
    new: Numbers
    chance: Shares
    alone: Shares


Engine = Callable[[pa.Table, Numbers, pa.Table], Found]
"""(remembered lines, the identity of each, new lines) -> pairs."""


@dataclass(frozen=True)
class Comparer:
    """A ``Matcher`` that compares. ``rules`` are token columns, ``columns`` those that the engine
    compares; ``telling`` says of which rows an equal encoding means one and the same record."""

    rules: tuple[str, ...]
    columns: tuple[str, ...]
    engine: Engine
    telling: Callable[[pa.Table], Truths]

    def __call__(self, register: pa.Table, new: pa.Table) -> pa.Table:
        """Return ``COMPARED``; see ``match.Matcher``."""
        parts = [COMPARED.empty_table()]
        if self.rules:
            parts.append(_by_rules(exact_matcher(self.rules)(register, new)))
        lines = _variants(register, self.columns)
        there = np.flatnonzero(encoding_keys(new, self.columns)[1])
        if len(lines) and len(there):
            names = list(self.columns)
            held = register.select(names).take(pa.array(lines))
            fresh = new.select(names).take(pa.array(there))
            found = self.engine(held, numbers(register["identity"])[lines], fresh)
            kept = np.flatnonzero(found.alone >= LIKELY)
            made = (lines[found.held], there[found.new], found.chance, found.alone)
            parts.append(pa.table([each[kept] for each in made], schema=COMPARED))
        return pa.concat_tables(parts)

    def firm(self, table: pa.Table) -> Truths:
        """Return which rows say so much that another with the same encoding is the same record.

        A row that a rule could link does; of the others ``telling`` says.
        """
        firm = self.telling(table)
        for rule in self.rules:
            firm = firm | np.asarray(table[rule].is_valid())
        return firm


def _by_rules(pairs: pa.Table) -> pa.Table:
    rank = np.asarray(pairs["probability"].to_numpy(), np.float64)
    sure = _RULE + (1 - _RULE) * rank
    return pa.table([pairs["register_row"], pairs["new_row"], sure, sure], schema=COMPARED)


def _variants(register: pa.Table, columns: tuple[str, ...]) -> Numbers:
    """Return one line for each identity and each encoding by which it is remembered."""
    marks, some = encoding_keys(register, columns)
    if not len(marks):
        return np.zeros(0, np.int64)
    code, _ = codes(marks)
    key = numbers(register["identity"]) * (int(code.max()) + 1) + code
    _, first = np.unique(key, return_index=True)
    return np.sort(first[some[first]]).astype(np.int64)


def _best(identity: Numbers, new: Numbers, weight: npt.NDArray[np.floating]) -> Numbers:
    """Return the place of the best pair of each identity and new line."""
    order = np.lexsort((-weight, identity, new))
    first = np.ones(len(order), np.bool_)
    one, two = order[1:], order[:-1]
    first[1:] = (new[one] != new[two]) | (identity[one] != identity[two])
    return order[first]


# -- encodings of each field ---------------------------------------------------------------------


def by_fields(entity: str, kinds: Mapping[str, Kind], pairs: Pairs) -> Engine:
    """Return the engine that compares field by field (``link.probabilistic``)."""

    def find(held: pa.Table, identity: Numbers, new: pa.Table) -> Found:
        both = {
            name: kind
            for name, kind in kinds.items()
            if all(table[f"{entity}.{name}"].null_count < table.num_rows for table in (held, new))
        }
        if not both:
            return _nobody()
        left, right = fitted(read_fields(held, entity, both), read_fields(new, entity, both))
        learned = learn_from(left, right, pairs=pairs)
        scored = score(left, right, learned)
        people, place = np.unique(identity, return_inverse=True)
        weight = scored.log_odds - learned.model.prior_bits
        at = _best(identity[scored.left], scored.right.astype(np.int64), weight)
        rivals = Rivals(
            place[scored.left[at]].astype(np.int32),
            scored.right[at],
            len(people),
            new.num_rows,
            pairs,
        )
        first_thought = learned.expected * len(people) / held.num_rows
        odds = calibrate(rivals, scored.pattern[at], weight[at], first_thought)
        return Found(
            scored.left[at].astype(np.int64),
            scored.right[at].astype(np.int64),
            rivals.probabilities(odds),
            chance_of(odds),
        )

    return find


def telling_fields(entity: str, kinds: Mapping[str, Kind]) -> Callable[[pa.Table], Truths]:
    """Return what says of which rows the fields that are there would hardly meet by chance.

    A value is worth as many bits as it is rare; a row tells enough when it is worth so much more
    than the table has rows that a stranger with the same values is not to be expected.
    """

    def tell(table: pa.Table) -> Truths:
        rows = table.num_rows
        bits = np.zeros(rows)
        for field in _counted(table, entity, kinds).fields.values():
            there = field.codes >= 0
            bits[there] -= np.log2(np.maximum(field.counts[field.codes[there]], 1) / rows)
        return np.asarray(bits >= np.log2(max(rows, 2)) + _BITS_TO_SPARE)

    return tell


def _counted(table: pa.Table, entity: str, kinds: Mapping[str, Kind]) -> EncodedTable:
    return read_fields(table, entity, kinds)


# -- filters of whole records --------------------------------------------------------------------


def by_filters(entity: str, pairs: Pairs) -> Engine:
    """Return the engine that compares record-level filters (``link.record_search``)."""

    def find(held: pa.Table, identity: Numbers, new: pa.Table) -> Found:
        left, right = read_records(held, entity), read_records(new, entity)
        tokens = None
        if left.tokens is not None and right.tokens is not None:
            tokens = (left.tokens, right.tokens)
        found = search(left.filters, right.filters, tokens, np.random.default_rng(_SEED))
        return _gathered([_judged(part, identity, pairs) for part in found.parts])

    return find


def _judged(part: Part, identity: Numbers, pairs: Pairs) -> Found:
    """Judge near pairs as pairs of identities and new rows: the best of each speaks for it."""
    near = part.near
    people, place = np.unique(identity[part.left], return_inverse=True)
    at = _best(place[near.left], near.right.astype(np.int64), near.resemblance)
    best = Near(
        place[near.left[at]].astype(np.int32),
        near.right[at],
        near.resemblance[at],
        near.cutoff,
        near.compared,
        near.chance,
    )
    judged = judge(best, len(people), len(part.right), pairs)
    return Found(
        part.left[near.left[at]].astype(np.int64),
        part.right[best.right].astype(np.int64),
        np.asarray(judged.probability, np.float64),
        np.asarray(judged.odds / (1 + judged.odds), np.float64),
    )


def _gathered(parts: list[Found]) -> Found:
    if not parts:
        return _nobody()
    return Found(
        np.concatenate([part.held for part in parts]),
        np.concatenate([part.new for part in parts]),
        np.concatenate([part.chance for part in parts]),
        np.concatenate([part.alone for part in parts]),
    )


def telling_filters(entity: str) -> Callable[[pa.Table], Truths]:
    """Return what says of which rows the filter is full enough: most of the agreed fields are in
    it, judged by how many bits the filters of the same file have."""

    def tell(table: pa.Table) -> Truths:
        there = np.asarray(table[f"{entity}.{FILTER}"].is_valid())
        if not there.any():
            return there
        bits = np.zeros(table.num_rows)
        filters = read_records(table.filter(pa.array(there)), entity).filters
        bits[there] = np.bitwise_count(filters).sum(axis=1)
        return np.asarray(bits >= _FULL * np.median(bits[there]))

    return tell


def _nobody() -> Found:
    none, nothing = np.zeros(0, np.int64), np.zeros(0)
    return Found(none, none, nothing, nothing)
