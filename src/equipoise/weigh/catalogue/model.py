"""An item of the catalogue, and the catalogue: a list that a site may lengthen, with a digest."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final, Literal, get_args

from equipoise.agree.canonical import canonical_bytes, digest_of
from equipoise.weigh.entry import Entry, ItemId, PlaceText, SeedLines, Words, line_ranges

Group = Literal[
    "benefits",
    "ranking questions",
    "criteria",
    "avoided",
    "risks",
    "risk criteria",
    "factors",
    "red lines",
    "effects",
    "steps",
    "opportunities",
    "insights",
    "evaluation",
    "card",
    "facts",
]
GROUPS: Final[tuple[Group, ...]] = get_args(Group)
"""Every group, in the order in which it is shown."""


class Item(Entry):
    """One thing that must be weighed, or that weighing must have.

    ``words`` are ours; ``seed`` names the lines of the founding report that say it (``L159-160``,
    several with commas), and an item of a site names its own ``source`` instead. ``place`` says
    where in the product it lives, ``also`` where else. ``on`` says whom a benefit or risk falls on;
    ``topic`` groups items below their group; ``kind`` tells red lines that the agreement itself
    answers (``computed``) from those that people judge, and closed questions from open ones.
    """

    id: ItemId
    group: Group
    words: Words
    place: PlaceText
    also: tuple[PlaceText, ...] = ()
    seed: SeedLines = ""
    on: Literal["people", "providers"] | None = None
    topic: str = ""
    kind: Literal["computed", "judged", "closed", "open"] | None = None
    source: str = ""

    @property
    def places(self) -> tuple[str, ...]:
        """Return every place of the item, the main one first."""
        return (self.place, *self.also)

    @property
    def lines(self) -> tuple[tuple[int, int], ...]:
        """Return the first and last line of each passage that ``seed`` names."""
        return line_ranges(self.seed)


class Catalogue(Entry):
    """Items in order. ``version`` is ``1`` as shipped and ``1+leeds.2`` with a site's second list.

    An assessment and a workshop name version and digest, so that it can be seen later which list
    they went through.
    """

    version: str
    items: tuple[Item, ...]

    def __getitem__(self, item_id: str) -> Item:
        """Return one item. Raises ``KeyError`` for an id that is not there."""
        for item in self.items:
            if item.id == item_id:
                return item
        raise KeyError(item_id)

    def __contains__(self, item_id: object) -> bool:
        """Tell whether there is an item of this id."""
        return any(item.id == item_id for item in self.items)

    def __len__(self) -> int:
        """Return how many items there are."""
        return len(self.items)

    def of(self, group: Group) -> tuple[Item, ...]:
        """Return the items of a group, in order."""
        return tuple(item for item in self.items if item.group == group)

    @property
    def digest(self) -> str:
        """Return the digest of what the items say: ``sha256:`` and 64 digits.

        Where an item lives in the product is left out, because that may move between releases
        while what people weighed stays the same.
        """
        said = self.model_dump(mode="json", exclude_none=True)
        for item in said["items"]:
            del item["place"], item["also"]
        return digest_of(canonical_bytes(said))

    def with_items(self, added: Iterable[Item], version: str) -> Catalogue:
        """Return a catalogue with more items, under another version."""
        return Catalogue(version=version, items=(*self.items, *added))
