"""The catalogue as shipped."""

from __future__ import annotations

from functools import cache
from typing import Final

from equipoise.weigh.catalogue.model import GROUPS, Catalogue, Item
from equipoise.weigh.shipped import entries, read_shipped

VERSION: Final = "1"
"""Raised whenever a shipped item is added, taken out, or comes to mean something else."""

FILES: Final = ("benefits.yaml", "risks.yaml", "deliberation.yaml", "practice.yaml")


@cache
def catalogue() -> Catalogue:
    """Return the 132 items as shipped, group by group."""
    items = [
        item for name in FILES for item in entries(Item, read_shipped(__package__, name)["items"])
    ]
    items.sort(key=lambda item: GROUPS.index(item.group))
    return Catalogue(version=VERSION, items=tuple(items))
