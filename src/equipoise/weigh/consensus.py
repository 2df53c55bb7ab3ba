"""What every declared group agrees to, not only the most numerous one.

The measure is that of Polis (C Small and others, Polis: scaling deliberation by mapping
high-dimensional opinion spaces, Recerca 26, 2021): for each group the share that agrees, with one
imagined person for and one against, and the product of these over the groups. Polis finds its
groups by clustering; a room of twenty is too small for that, so here people declare their sector.

A group that did not vote on a statement stands at a half: nothing is known of it, and that is not
consent. The figures order statements of one exercise; they are no share of anybody.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from math import prod

from equipoise.errors import Problem, UsageRefused


@dataclass(frozen=True)
class Votes:
    """How many of one group said what of one statement."""

    agree: int
    disagree: int
    passed: int = 0

    @property
    def people(self) -> int:
        """Return how many voted, passes with them."""
        return self.agree + self.disagree + self.passed


@dataclass(frozen=True)
class Consensus:
    """One statement, over all groups:

    ``product``    of (agree + 1) / (people + 2): the measure of Polis, and what statements are
                   ordered by;
    ``half``       the same with half an imagined person either way: small groups weigh more;
    ``geometric``  the product's root by the number of groups, so that exercises with more groups
                   and with fewer can be set side by side;
    ``firm``       product of P(agree) x (1 - P(disagree)): a pass counts less against a statement
                   than a no;
    ``against``    the product for disagreeing: what all groups refuse;
    ``spread``     P(agree) of the group that agrees most, less that of the one that does least.
    """

    statement: str
    product: float
    half: float
    geometric: float
    firm: float
    against: float
    spread: float
    groups: Mapping[str, Votes]


def counted(
    answers: Mapping[str, Mapping[str, str]], groups: Mapping[str, str]
) -> dict[str, dict[str, Votes]]:
    """Return group -> statement -> votes from token -> statement -> agree, disagree or pass.

    ``groups`` is token -> declared group. Errors: WGH059 a vote that is none of the three words, or
    a token without a group.
    """
    known = {"agree": 0, "disagree": 1, "pass": 2}
    strange = sum(vote not in known for mine in answers.values() for vote in mine.values())
    homeless = sum(token not in groups for token in answers)
    if strange or homeless:
        raise UsageRefused(
            Problem(
                "WGH059",
                f"votes that say nothing known: {strange}; people of no declared group: {homeless}",
                why="Each vote is agree, disagree or pass, and counts in one group.",
                next="Ask again, or leave these votes out and say so.",
            )
        )
    sums: dict[str, dict[str, list[int]]] = {}
    for token, mine in answers.items():
        group = sums.setdefault(groups[token], {})
        for statement, vote in mine.items():
            group.setdefault(statement, [0, 0, 0])[known[vote]] += 1
    return {
        group: {statement: Votes(*three) for statement, three in mine.items()}
        for group, mine in sums.items()
    }


def group_aware(votes: Mapping[str, Mapping[str, Votes]]) -> tuple[Consensus, ...]:
    """Return each statement's consensus over the groups, most agreed first, ties by name.

    ``votes`` is group -> statement -> votes.
    """
    statements = sorted({statement for mine in votes.values() for statement in mine})
    none = Votes(0, 0)
    found = [
        _of_statement(name, {group: votes[group].get(name, none) for group in sorted(votes)})
        for name in statements
    ]
    return tuple(sorted(found, key=lambda each: (-each.product, each.statement)))


def _of_statement(statement: str, groups: Mapping[str, Votes]) -> Consensus:
    def share(pick: Callable[[Votes], int], prior: Fraction = Fraction(1)) -> list[Fraction]:
        return [(pick(v) + prior) / (v.people + 2 * prior) for v in groups.values()]

    agree = share(lambda v: v.agree)
    disagree = share(lambda v: v.disagree)
    product = prod(agree)
    return Consensus(
        statement=statement,
        product=float(product),
        half=float(prod(share(lambda v: v.agree, Fraction(1, 2)))),
        geometric=float(product) ** (1 / len(groups)),
        firm=float(prod(yes * (1 - no) for yes, no in zip(agree, disagree, strict=True))),
        against=float(prod(disagree)),
        spread=float(max(agree) - min(agree)),
        groups=groups,
    )
