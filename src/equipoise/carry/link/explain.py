"""Why two rows are linked, or are not: one step for each thing that spoke for it or against.

In the mode ``identified`` each field says how alike the two values are and how much that weighs for
values as common as these. In the mode ``enclave`` the values were never seen, and how rare they are
is told in one step for all fields together. In the mode ``encoded`` a linkage unit holds filters of
whole records: only that the wholes resemble each other can be said, and no more is. No step ever
holds a value.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np

from equipoise.agree.words import LinkMode
from equipoise.carry.encode.columns import EncodedTable
from equipoise.carry.link.judged import Judged, bits_of
from equipoise.carry.link.kernel import levels_in
from equipoise.carry.link.kin import kin_bits, moved_bits
from equipoise.carry.link.levels import levels_of
from equipoise.carry.link.plan import radices
from equipoise.carry.link.rarity import exact_weights
from equipoise.errors import Problem, UsageRefused

Kind = Literal["start", "field", "rarity", "kin", "moved", "pattern", "rivals"]

_SURE: Final = (0.999, 0.99, 0.95, 0.9, 0.8, 0.7, 0.5)


@dataclass(frozen=True)
class Step:
    """One thing that counts: what it is, what was found, and its weight in bits."""

    kind: Kind
    what: str
    found: str
    bits: float


@dataclass(frozen=True)
class Explained:
    """Why a pair is linked or not. ``steps`` add up to ``bits``, the log-odds of ``probability``.

    In the mode ``encoded`` there are no steps, and ``words`` is all there is.
    """

    steps: tuple[Step, ...]
    bits: float
    probability: float
    linked: bool
    words: str

    def rows(self) -> Iterator[tuple[str, str, str, str]]:
        """Yield the table: what, found, bits, and bits added up so far."""
        total = 0.0
        for step in self.steps:
            total += step.bits
            yield step.what, step.found, f"{step.bits:+.1f}", f"{total:+.1f}"

    def lines(self) -> tuple[str, ...]:
        """Return the whole explanation as lines of text, for a terminal."""
        rows = [("what", "found", "bits", "so far"), *self.rows()]
        wide = [max(len(row[n]) for row in rows) for n in range(4)]
        told = [
            f"{a:<{wide[0]}}  {b:<{wide[1]}}  {c:>{wide[2]}}  {d:>{wide[3]}}" for a, b, c, d in rows
        ]
        return (*(told if self.steps else ()), self.words)


def _no_fields(mode: LinkMode) -> Problem:
    return Problem(
        "LNK301",
        f"a link of the mode {mode!r} cannot be explained field by field",
        why="what was linked does not show its fields, so that nobody can learn them",
        next="explain_record tells what may be told",
    )


def explain(
    found: Judged,
    left: EncodedTable,
    right: EncodedTable,
    pair: int,
    *,
    mode: LinkMode = "identified",
) -> Explained:
    """Explain one scored pair; ``pair`` is its place among them.

    Raises ``UsageRefused`` (LNK301) in a mode that does not compare field by field, (LNK302) for a
    pair that is not there.
    """
    if mode not in ("identified", "enclave"):
        raise UsageRefused(_no_fields(mode))
    if not 0 <= pair < len(found.chance):
        raise UsageRefused(
            Problem(
                "LNK302",
                f"there is no pair {pair}",
                why=f"{len(found.chance)} pairs were likely enough to be kept",
                next="name one from 0 upwards",
            )
        )
    model = found.learned.model
    levels = levels_in(found.scored.pattern[[pair]], radices(left))
    steps = [Step("start", "two rows at random", "one in how many are one", model.prior_bits)]
    steps += _fields(found, left, right, pair, levels, apart=mode == "identified")
    kin = float(kin_bits(model, levels)[0])
    shared = "people who share a home or a name agree so too"
    steps.append(Step("kin", "kin and namesakes", shared, kin))
    if model.moved:
        moved = float(moved_bits(model, levels)[0])
        steps.append(Step("moved", "people who moved", "fields change together", moved))
    so_far = float(found.log_odds[pair]) - sum(step.bits for step in steps)
    steps.append(
        Step("pattern", "all pairs like this", "how they fare, and rows left over", so_far)
    )
    chance = float(found.chance[pair])
    final = float(bits_of(np.array([chance]))[0])
    lost = final - sum(step.bits for step in steps)
    steps.append(Step("rivals", "other candidates", _rivals(found, pair), lost))
    return Explained(
        tuple(steps), final, chance, bool(found.linked[pair]), _words(chance, found.linked[pair])
    )


def _fields(
    found: Judged,
    left: EncodedTable,
    right: EncodedTable,
    pair: int,
    levels: np.ndarray,
    *,
    apart: bool,
) -> list[Step]:
    """Return a step for each field; how rare values are stands ``apart``, or is one step."""
    row, learned = int(found.scored.left[pair]), found.learned
    left, right, model = learned.weighed(left), learned.weighed(right), learned.model
    exact = exact_weights(model, left, right, learned.crowds, learned.pairs)
    steps, rare = [], 0.0
    for place, (name, weight) in enumerate(zip(model.fields, model.weights, strict=True)):
        level = int(levels[0, place])
        field = left.fields[name]
        bits = float(weight[level])
        said = levels_of(field.kind)[level]
        if level == len(weight) - 1 and field.codes[row] >= 0:
            extra = float(exact[name][field.codes[row]]) - bits
            rare += extra
            if apart:
                bits += extra
                said += _rarity(extra)
        steps.append(Step("field", name, said, bits))
    if not apart:
        steps.append(Step("rarity", "all fields", "how rare the values are that agree", rare))
    return steps


def _rarity(extra: float) -> str:
    return ", and a rare value" if extra > 1 else ", but a common value" if extra < -1 else ""


def _rivals(found: Judged, pair: int) -> str:
    scored = found.scored
    same = (scored.left == scored.left[pair]) | (scored.right == scored.right[pair])
    others = int(same.sum()) - 1
    if found.pairs == "many to many" or not others:
        return "none" if not others else "a row may have several partners"
    return f"{others} other {'pair shares' if others == 1 else 'pairs share'} a row with this one"


def _words(chance: float, linked: object) -> str:
    least = next((edge for edge in _SURE if chance >= edge), None)
    said = f"at least {least:.1%}".replace(".0%", "%") if least else "less than 50%"
    return f"Probability {said}; {'linked' if linked else 'not linked'}."


def explain_record(probability: float, *, linked: bool) -> Explained:
    """Explain a link of the mode ``encoded``: that the wholes resemble each other, and no more.

    The probability is told as a band, and no step is: which field differs would tell something of a
    person to a linkage unit that must not learn it.
    """
    least = next((edge for edge in _SURE if probability >= edge), 0.0)
    words = (
        "The two records as wholes resemble each other "
        + ("more than those of different people do. " if linked else "too little to be linked. ")
        + _words(probability, linked)
        + " In the mode 'encoded' nothing else is known here, and nothing else can be told."
    )
    return Explained((), 0.0, least, linked, words)


def waterfall_rows(explained: Explained) -> tuple[tuple[str, str, float], ...]:
    """Return what ``charts.waterfall`` draws: what, found, bits."""
    return tuple((step.what, step.found, step.bits) for step in explained.steps)


def as_dict(explained: Explained) -> Mapping[str, object]:
    """Return an explanation for JSON."""
    return {
        "steps": [
            {"what": s.what, "found": s.found, "bits": round(s.bits, 2)} for s in explained.steps
        ],
        "probability": round(explained.probability, 4),
        "linked": explained.linked,
        "words": explained.words,
    }
