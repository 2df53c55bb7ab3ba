"""The cards as shipped."""

from __future__ import annotations

from functools import cache
from types import MappingProxyType
from typing import Final

from equipoise.weigh.cards.card import Card, Cards
from equipoise.weigh.shipped import entries, read_shipped

FILES: Final = ("letters.yaml", "numbers.yaml", "cases.yaml")


@cache
def cards() -> Cards:
    """Return the fifteen cards as shipped: A to F, 1 to 6, and the three case studies."""
    found = [
        card for name in FILES for card in entries(Card, read_shipped(__package__, name)["cards"])
    ]
    return MappingProxyType({card.id: card for card in found})
