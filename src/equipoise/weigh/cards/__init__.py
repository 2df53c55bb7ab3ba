"""Initiative cards as data: the twelve examples and three case studies of the founding report.

``cards()`` are those shipped; ``equipoise.weigh.catalogue.with_addition`` adds a site's own.
"""

from equipoise.weigh.cards.card import FIELDS, Card, Cards, Impacts
from equipoise.weigh.cards.shipped_cards import cards

__all__ = ["FIELDS", "Card", "Cards", "Impacts", "cards"]
