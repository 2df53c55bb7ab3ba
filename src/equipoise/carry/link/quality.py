"""How good a linkage is, told without any truth: precision and recall, each with an interval.

Two things tell how many links are wrong, and they err in different ways. The probabilities say it
by themselves: links of 0.9 are wrong one time in ten, if the model is right. And orphans say it
without the model (``orphans``): rows whose sure partner was taken away, and whom they are then
linked with. The interval holds what both say.

Matches that were missed are of four sorts, and each is told apart: proposed by a rule and not
linked; proposed and so unlike that the pair was not kept; proposed by no rule (``recapture``); and
not in question here, people who are not in both tables.

For estimates from probabilities see Blakely and Salmond, Probabilistic record linkage and a method
to calculate the positive predictive value (2002).
"""

from __future__ import annotations

from dataclasses import astuple, dataclass, replace
from typing import Final

import numpy as np

from equipoise.carry.encode.columns import EncodedTable
from equipoise.carry.link.blocks import Rule, block_sizes, blocks_of
from equipoise.carry.link.estimate import pattern_weights
from equipoise.carry.link.estimates import Estimate, bounded, counted, share_of
from equipoise.carry.link.judged import Judged
from equipoise.carry.link.kernel import levels_in
from equipoise.carry.link.kin import moved_bits
from equipoise.carry.link.orphans import orphans_of
from equipoise.carry.link.plan import radices
from equipoise.carry.link.recapture import Unseen, matches_in_all, met_by, unseen

_ROOM: Final = 4.0
"""How many times more matches may differ beyond recognition than independent fields would."""
_SEED: Final = 7
_DRAWN: Final = 50_000
_FLOOR_BITS: Final = -7.0
_LIKELY: Final = 0.5


@dataclass(frozen=True)
class RuleFound:
    """What one blocking rule did: pairs it cost by itself, links it brings together (``found``),
    and links that no other rule does (``alone``)."""

    rule: Rule
    pairs: int
    found: int
    alone: int


@dataclass(frozen=True)
class Missed:
    """Matches not linked, by where they were lost.

    ``no_rule`` says why where it cannot be told. ``in_all`` is a second opinion on all of them
    together, from two rules that read different fields; None where there are no such rules.
    """

    too_unsure: Estimate
    too_unlike: Estimate
    no_rule: Unseen
    in_all: Estimate | None = None


@dataclass(frozen=True)
class Quality:
    """Estimates without truth for one linkage.

    ``recall`` is None, as ``precision``, where nothing can be said; where ``missed.no_rule`` cannot
    be told, ``recall`` is of what rules proposed only. ``wrong_by_orphans`` is the second opinion
    on the number of wrong links, None where rows do not compete or too few are firm.
    """

    links: int
    precision: Estimate | None
    recall: Estimate | None
    missed: Missed
    rules: tuple[RuleFound, ...]
    wrong: Estimate
    wrong_by_orphans: Estimate | None

    @property
    def whole(self) -> bool:
        """Say whether recall counts what no rule proposed too."""
        return self.missed.no_rule.matches is not None


def quality_of(found: Judged, left: EncodedTable, right: EncodedTable) -> Quality:
    """Return how good a linkage is; the tables are those that were linked."""
    links = int(found.linked.sum())
    wrong = counted(1 - found.chance[found.linked])
    orphans = orphans_of(found)
    told = None if orphans is None else orphans.wrong_links()
    precision = _precision(links, wrong, told)
    missed = Missed(
        counted(found.chance[~found.linked]),
        _too_unlike(found, left),
        *_by_recapture(found, left, right, precision),
    )
    return Quality(
        links,
        precision,
        _recall(links, precision, missed),
        missed,
        rules_found(found, left, right),
        wrong,
        told,
    )


def sure_only(found: Judged, at_least: float) -> Judged:
    """Return the pairs with only those links that have a probability of ``at_least``."""
    return replace(found, linked=found.linked & (found.chance >= at_least))


# -- precision ------------------------------------------------------------------------------------


def _precision(links: int, wrong: Estimate, told: Estimate | None) -> Estimate | None:
    if not links:
        return None
    value = wrong.value if told is None else (wrong.value + told.value) / 2
    most = wrong.high if told is None else max(wrong.high, told.high)
    least = wrong.low if told is None else min(wrong.low, told.low)
    return Estimate(*(bounded(1 - count / links) for count in (value, most, least)))


# -- recall ---------------------------------------------------------------------------------------


def _too_unlike(found: Judged, left: EncodedTable) -> Estimate:
    """Return the matches whose pairs were not kept, as the model tells: it is asked how often two
    rows of one person differ so much, fields that are missing in as many links as they are."""
    levels = levels_in(found.scored.pattern, radices(left))
    likely = found.chance
    total = float(likely.sum())
    if not total:
        return Estimate(0.0, 0.0, 0.0)
    rng = np.random.default_rng(_SEED)
    model = found.learned.model
    classes = [(model.prior, model.match), *((each.share, each.levels) for each in model.moved)]
    of = rng.choice(len(classes), _DRAWN, p=[share / model.matches for share, _ in classes])
    drawn = np.zeros((_DRAWN, levels.shape[1]), np.int8)
    for number, (_, chances) in enumerate(classes):
        own = np.flatnonzero(of == number)
        for field, match in enumerate(chances):
            lacking = float(likely[levels[:, field] == 0].sum()) / total
            picked = rng.choice(len(match), len(own), p=match / match.sum())
            drawn[own, field] = np.where(rng.random(len(own)) < lacking, 0, picked)
    weights = pattern_weights(drawn, model.weights) + moved_bits(model, drawn) + model.prior_bits
    lost = float((weights < _FLOOR_BITS).mean())
    value = total * lost / max(1 - lost, 1e-9)
    # Nothing was seen of these: there may be none. Fields err together more often than the model
    # thinks, so the upper end is given room.
    return Estimate(value, 0.0, float(np.ceil(value * _ROOM)))


def _by_recapture(
    found: Judged, left: EncodedTable, right: EncodedTable, precision: Estimate | None
) -> tuple[Unseen, Estimate | None]:
    """Return what no rule proposed, and by how many matches there are more than are linked."""
    at = np.flatnonzero(found.chance >= _LIKELY)
    rows, rules = (found.scored.left[at], found.scored.right[at]), found.learned.rules
    left, right = found.learned.blocked(left), found.learned.blocked(right)
    no_rule = unseen(left, right, rules, rows, found.chance[at])
    whole = matches_in_all(left, right, rules, rows, found.chance[at])
    if whole is None or precision is None:
        return no_rule, None
    linked = float(found.linked.sum()) * precision.value
    return no_rule, Estimate(*(max(0.0, n - linked) for n in (whole.value, whole.low, whole.high)))


def _recall(links: int, precision: Estimate | None, missed: Missed) -> Estimate | None:
    """Return the share of matches that are linked. Of two opinions on how many are missing the
    greater counts, because errors that come together make both too small; the interval holds
    both."""
    if precision is None:
        return None
    parts = [missed.too_unsure, missed.too_unlike]
    if missed.no_rule.matches is not None:
        parts.append(missed.no_rule.matches)
    lost = Estimate(*(sum(ends) for ends in zip(*map(astuple, parts), strict=True)))
    if missed.in_all is not None:
        other = missed.in_all
        lost = Estimate(
            max(lost.value, other.value), min(lost.low, other.low), max(lost.high, other.high)
        )
    found = Estimate(*(links * end for end in astuple(precision)))
    return share_of(found, [lost])


# -- rules ----------------------------------------------------------------------------------------


def rules_found(found: Judged, left: EncodedTable, right: EncodedTable) -> tuple[RuleFound, ...]:
    """Return what each blocking rule cost and found, by itself and that no other rule did."""
    rules = found.learned.rules
    left, right = found.learned.blocked(left), found.learned.blocked(right)
    keyed = blocks_of(left, right, tuple(rules))
    at = np.flatnonzero(found.linked)
    met = met_by(left, right, rules, (found.scored.left[at], found.scored.right[at]))
    return tuple(
        RuleFound(
            rule,
            block_sizes(keyed, number).pairs,
            int(met[:, number].sum()),
            int((met[:, number] & (met.sum(axis=1) == 1)).sum()),
        )
        for number, rule in enumerate(rules)
    )
