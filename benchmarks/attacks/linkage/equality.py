"""What equal codes alone give away: field-level encodings and the exact tokens of rules.

Frequency alignment by rank (Kuzu et al., PETS 2011; Christen et al. 2017) tells values; the pattern
of who shares which code with whom tells people, by colour refinement (Weisfeiler and Leman 1968):
two records are told apart as soon as their neighbourhoods in the graph of records and codes differ.
Keys do not help against either, as equality is what the codes are for.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from equipoise.carry.encode.features import encode_fields
from equipoise.carry.encode.record_tokens import record_tokens
from equipoise.carry.encode.tokens import framed

from .align import Guess
from .case import Case
from .leaks import home_pairs
from .matching import KNOWN
from .outcome import Outcome, area, found, share
from .people import FIELDS
from .schemes import SeededKey
from .similarity import Whole

RULES = (
    ("surname", "birth_date"),
    ("forename", "surname", "postcode"),
    ("forename", "birth_date", "sex"),
    ("birth_date", "postcode"),
)
"""Rules as an agreement might have them; their tokens are what exact linkage shows."""

_ROUNDS = 6


def field_codes(table: pa.Table, key: SeededKey) -> list[Whole]:
    """Return each field's exact keyed hash for each row: what the enclave sees."""
    made = encode_fields(table, dict(FIELDS), key)
    return [
        np.where(field.codes < 0, 0, field.exact[field.codes]).view(np.int64)
        for field in made.fields.values()
    ]


def rule_codes(table: pa.Table, key: SeededKey) -> list[Whole]:
    """Return each rule's token for each row: what a linkage unit sees in exact mode."""
    codes = []
    for rule in RULES:
        parts = [pc.cast(table[name], pa.string()).to_pylist() for name in rule]
        messages = [
            None if None in row else b"".join(framed(text) for text in row)
            for row in zip(*parts, strict=True)
        ]
        digests = key(" ".join(rule)).digests(messages).to_pylist()
        codes.append(
            np.array([0 if d is None else int.from_bytes(d[:7], "little") for d in digests])
        )
    return codes


def meeting_codes(table: pa.Table, key: SeededKey) -> list[Whole]:
    """Return the near-unique tokens by which filters of large files meet (``record_tokens``)."""
    made = record_tokens(table, dict(FIELDS), key)
    return [column.view(np.int64) for column in made.T.copy()]


SEEN = {"fields": field_codes, "tokens": rule_codes, "meeting tokens": meeting_codes}


def equality(case: Case) -> Iterator[Outcome]:
    """Attack codes by the frequency of values and by who shares what with whom."""
    make = SEEN[case.scheme]
    seen = make(case.scene.encoded_table(), SeededKey(case.secret))
    there = make(case.scene.register_table(), SeededKey(1))
    if case.scheme == "fields":
        yield from _values(case, seen)
    yield _homes_shown(case, seen)
    nobody = np.zeros(0, dtype=np.int64)
    guess = _same_colour(seen, there, nobody, nobody)
    yield found("equal codes", "person by colour", guess, case.truth, len(there[0]))
    common = np.flatnonzero(case.truth >= 0)
    for part in KNOWN:
        known = case.draw(3).choice(common, max(2, round(len(common) * part)), replace=False)
        guess = _same_colour(seen, there, known, case.truth[known])
        yield found(
            "equal codes, people known", f"{part:.0%} known", guess, case.truth, len(there[0]),
            known,
        )  # fmt: skip


def _same_colour(
    seen: Sequence[Whole], there: Sequence[Whole], known: Whole, where: Whole
) -> Guess:
    """Match records of one colour; the known people bear a colour of their own from the start."""
    own, others = colours(seen, known), colours(there, where)
    place: dict[int, list[int]] = {}
    for row, colour in enumerate(others.tolist()):
        place.setdefault(colour, []).append(row)
    # Of several people of one colour the attacker can only take one by chance: he takes the first.
    best = np.array([place.get(colour, [-2])[0] for colour in own.tolist()])
    alone = Counter(own.tolist())
    sure = np.array([1 / len(place.get(c, [0])) / alone[c] for c in own.tolist()], np.float32)
    return Guess(best, sure, (best >= 0) & (sure == 1))


def _homes_shown(case: Case, seen: Sequence[Whole]) -> Outcome:
    """Tell who lives with whom by how many codes two people share."""
    home = case.scene.population.household[case.scene.encoded]
    together, apart = home_pairs(home, case.draw(6))
    pairs = np.vstack([together, apart])
    left, right = pairs.T
    shared = sum(
        ((code[left] == code[right]) & (code[left] != 0)).astype(np.int64) for code in seen
    )
    return area("households", "codes shared", shared, np.arange(len(pairs)) < len(together))


def _values(case: Case, seen: Sequence[Whole]) -> Iterator[Outcome]:
    """Guess each field's values by rank of frequency."""
    truth = case.scene.encoded_table()
    register = case.scene.register_table()
    for codes, field in zip(seen, FIELDS, strict=True):
        ranked = [value for value, _ in _counted(register[field].to_pylist())]
        rank = {code: at for at, (code, _) in enumerate(_counted(codes.tolist()))}
        real = truth[field].to_pylist()
        guessed = [
            ranked[rank[code]] if rank[code] < len(ranked) else None for code in codes.tolist()
        ]
        right = sum(g == r and r is not None for g, r in zip(guessed, real, strict=True))
        usual = real.count(ranked[0]) / len(real)
        yield share(
            "frequency", f"{field} by rank", "right", right, len(real), 1 / len(ranked), usual
        )


def _counted(values: Sequence[Any]) -> list[tuple[Any, int]]:
    return Counter(v for v in values if v is not None).most_common() or [(None, 0)]


def colours(codes: Sequence[Whole], known: Whole) -> Whole:
    """Return a colour for each record after refinement; it depends on equality and the known."""
    named = [np.unique(code, return_inverse=True)[1] for code in codes]
    colour = np.zeros(len(codes[0]), dtype=np.int64)
    colour[known] = 1 + np.arange(len(known))
    for _ in range(_ROUNDS):
        shades = [colour.astype(np.uint64)]
        for number, code in enumerate(named):
            # A value's colour is the set of its records' colours, order aside.
            total = np.zeros(int(code.max()) + 1, dtype=np.uint64)
            np.add.at(total, code, _scattered(colour.astype(np.uint64)))
            shades.append(_scattered(total + np.uint64(number))[code])
        mixed = np.zeros(len(colour), dtype=np.uint64)
        for number, shade in enumerate(shades):
            mixed = _scattered(mixed + _scattered(shade + np.uint64(number * 7919 + 1)))
        colour = mixed.view(np.int64)
    return colour


def _scattered(numbers: np.ndarray) -> np.ndarray:
    """Mix 64 bits (the finaliser of SplitMix64; Steele, Lea and Flood, OOPSLA 2014)."""
    numbers = (numbers ^ (numbers >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    numbers = (numbers ^ (numbers >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return numbers ^ (numbers >> np.uint64(31))
