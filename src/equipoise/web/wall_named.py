"""What tables named, on few screens of a wall: the most named first, the rest counted.

Ten cards with a dozen things named for each would fill a wall's pages for six minutes. Here several
cards stand beside each other, each with what most tables named, so that a hall has seen all of
them in little more than a minute. Nothing is lost by it: the wall has a way to every page, and the
phones, the facilitator's page and the report tell everything.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import zip_longest
from typing import Final

from equipoise.charts import part_of
from equipoise.web.wall_screens import TALL, Column, Row, Screen, filled, height
from equipoise.web.workshop_pictures import about, item_words
from equipoise.weigh.catalogue import Catalogue
from equipoise.weigh.workshop.plan import Plan
from equipoise.weigh.workshop.results import Named, Result

FEW: Final = 5
"""As many pages as a hall may be shown in one round: at 15 seconds each, a minute and a quarter."""
_CARDS: Final = FEW - 1
"""Of these, as many as are for the cards; the last is for what tables wrote themselves."""
_LETTERS: Final = {2: 46, 3: 27, 4: 19}
"""Columns side by side -> letters on a line of what was named, beside its bar."""


def cut(results: Iterable[Result]) -> tuple[list[Named], list[Result]]:
    """Return what was named, and every other result."""
    every = [*results]
    named = [one for one in every if isinstance(one, Named)]
    return named, [one for one in every if not isinstance(one, Named)]


def folded(
    plan: Plan, named: Sequence[Named], items: Catalogue, planned: int = 0
) -> tuple[Screen, ...]:
    """Return what was named on few screens. ``planned`` is how many cards the step asks about: the
    same card then keeps its place while others are still to be shown."""
    side = min(max(_LETTERS), max(min(_LETTERS), -(-max(planned, len(named)) // _CARDS)))
    made: list[Screen] = []
    for words in dict.fromkeys(plan.questions[one.question].words for one in named):
        mine = [one for one in named if plan.questions[one.question].words == words]
        for at in range(0, len(mine), side):
            part = mine[at : at + side]
            key = "named " + " ".join(one.question for one in part)
            columns = tuple(_column(plan, one, items, side) for one in part)
            made.append(Screen(key, words, named=columns, side=side))
    return (*made, *_own(plan, named, max(1, FEW - len(made))))


def _column(plan: Plan, found: Named, items: Catalogue, side: int) -> Column:
    card = about(plan, found.card)
    of = len({table for tables in found.items.values() for table in tables})
    room = TALL - height(card, _LETTERS[side] + 8) - 2 * height("", 1)
    told: list[Row] = []
    letters = _LETTERS[side]
    for name, tables in found.items.items():
        words = item_words(items, name).rstrip(".")
        room -= height(words, letters, 1.2)
        if told and room < 0:
            break
        told.append(Row(words, len(tables), part_of(len(tables), of)))
    return Column(card, of, tuple(told), _rest([*found.items.values()][len(told) :]))


def _rest(left: Sequence[Sequence[int]]) -> str:
    """Count what has no row. It comes in order, so the first was named by most."""
    if not left:
        return ""
    most = len(left[0])
    by = "one table" if most == 1 else f"{most} tables"
    if len(left) == 1:
        return f"and 1 more, named by {by}"
    return f"and {len(left)} more, each by {by}{' or fewer' if most > 1 else ''}"


def _own(plan: Plan, named: Sequence[Named], most: int) -> Iterator[Screen]:
    """Yield what tables wrote themselves, a text of each card in turn, on ``most`` screens."""
    by_card = [[f"{about(plan, one.card)}: {words}" for words in one.own] for one in named]
    said = [words for turn in zip_longest(*by_card) for words in turn if words]
    parts = [*filled(said, 2 * TALL - 6, lambda words: height(words, 44))]
    told = sum(map(len, parts[:most]))
    for number, part in enumerate(parts[:most]):
        left = len(said) - told if number == most - 1 else 0
        notes = (f"{left} more stand on the phones and in the report.",) if left else ()
        yield Screen(
            f"own {number} {len(said)}", "In the tables’ own words", said=part, notes=notes
        )
