"""What survives of the workshop in Leeds, as facts a test or a made-up workshop can be held to.

Where some cards stood by some criterion; which way comfort moved; how high the bars of the
evaluation were, without saying which bar is which answer. Every count of a vote is lost, so a
workshop that is shown must be marked synthetic, and may only agree with this.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from types import MappingProxyType
from typing import Any, Final, Literal

from equipoise.weigh.cards.shipped_cards import cards
from equipoise.weigh.entry import Entry, ItemId, SeedLines
from equipoise.weigh.shipped import entries, read_shipped

Place = Literal["highest", "high", "low", "lowest", "above"]


class Standing(Entry):
    """Where some cards stood when a table ordered by one criterion, best or riskiest first."""

    id: str
    criterion: ItemId
    cards: tuple[str, ...]
    stood: Place
    than: tuple[str, ...] = ()
    seed: SeedLines

    def holds(self, ranking: Sequence[frozenset[str]]) -> bool:
        """Tell whether a ranking agrees, best or riskiest first, ties in one set.

        Only cards of one set were ever ordered together: of the cards named here, those that the
        ranking leaves out are not asked for. *High* is the upper half of the order, *low* the
        lower; the middle of an odd number is neither. A ranking with none of the cards agrees.
        """
        places = _places(ranking)
        return all(self._stands(places, card) for card in self.cards if card in places)

    def _stands(self, places: Mapping[str, float], card: str) -> bool:
        if self.stood == "above":
            return all(places[card] < places[other] for other in self.than if other in places)
        others = [place for other, place in places.items() if other != card]
        middle = (len(places) + 1) / 2
        return {
            "highest": all(places[card] < other for other in others),
            "high": places[card] < middle,
            "low": places[card] > middle,
            "lowest": all(places[card] > other for other in others),
        }[self.stood]


class Shift(Entry):
    """Which way comfort with some cases moved when one thing was changed, and how that is known."""

    id: str
    cases: tuple[str, ...]
    changed: Literal["what", "who", "purpose"]
    comfort: Literal["rises", "falls"]
    known_by: Literal["poll", "notes"]
    words: str
    seed: SeedLines


class Rating(Entry):
    """How high the four bars of one question were, largest first; which answer each is, is lost."""

    id: str
    heights: tuple[int, ...]
    seed: SeedLines


def _places(ranking: Sequence[frozenset[str]]) -> dict[str, float]:
    """Return each card's place from 1; cards that tie share the middle of their places."""
    places: dict[str, float] = {}
    for tied in ranking:
        shared = len(places) + (len(tied) + 1) / 2
        places.update(dict.fromkeys(tied, shared))
    return places


@cache
def _remembered() -> Mapping[str, Any]:
    return MappingProxyType(read_shipped(__package__, "remembered.yaml"))


@cache
def standings() -> tuple[Standing, ...]:
    """Return where cards stood, in the order in which the report tells it."""
    return entries(Standing, _remembered()["standings"])


@cache
def shifts() -> tuple[Shift, ...]:
    """Return which way comfort moved."""
    return entries(Shift, _remembered()["shifts"])


@cache
def ratings() -> tuple[Rating, ...]:
    """Return the heights of the bars of the three closed questions about the day."""
    return entries(Rating, _remembered()["ratings"])


def most_split() -> str:
    """Return the case on which the first vote was most split."""
    case: str = _remembered()["most_split"]["case"]
    assert case in cards()
    return case


TOOK_PART: Final = 22
ANSWERED: Final = 18
"""How many took part, and how many answered the questions about the day (L821-823)."""
