"""Read and change initiatives: what is, or may be, done with data, and what belongs to each."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from equipoise.errors import Problem, StateRefused
from equipoise.store import initiative_models as models
from equipoise.store.changing import Change


@dataclass(frozen=True)
class Initiative:
    """One initiative. ``card`` is its own card as JSON; ``None`` where ``card_id`` names one of the
    site's lists. ``links`` are (kind, name) of what was put to it, oldest first."""

    name: str
    title: str
    card_id: str
    card: Mapping[str, Any] | None
    made: datetime
    made_by: str
    links: tuple[tuple[str, str], ...]


class Initiatives:
    """The initiatives of one site's database."""

    def __init__(self, alias: str) -> None:
        self.alias = alias

    def _rows(self, model: Any) -> Any:
        return model.objects.using(self.alias)

    def _row(self, name: str) -> Any:
        row = self._rows(models.InitiativeRecord).filter(name=name).first()
        if row is None:
            raise StateRefused(
                Problem(
                    "STO040",
                    "there is no such initiative here",
                    next="look for it among the initiatives of this site",
                )
            )
        return row

    # -- reading --------------------------------------------------------------------------------

    def initiative(self, name: str) -> Initiative:
        """Return one initiative. Raises ``StateRefused`` (STO040) when there is none so called."""
        return _initiative(self._row(name))

    def initiatives(self) -> tuple[Initiative, ...]:
        """Return every initiative, oldest first."""
        rows = self._rows(models.InitiativeRecord).order_by("id").prefetch_related("links")
        return tuple(_initiative(row) for row in rows)

    def own_cards(self) -> Mapping[str, Mapping[str, Any]]:
        """Return the cards that initiatives brought with them, by id, as JSON."""
        rows = self._rows(models.InitiativeRecord).filter(card__isnull=False).order_by("id")
        return dict(rows.values_list("card_id", "card"))

    # -- changing -------------------------------------------------------------------------------

    def add(
        self, change: Change, *, name: str, title: str, card_id: str, card: Mapping[str, Any] | None
    ) -> None:
        """Keep a new one. Raises ``StateRefused`` (STO041) when its name is taken."""
        rows = self._rows(models.InitiativeRecord)
        if rows.filter(name=name).exists():
            raise StateRefused(
                Problem("STO041", f"an initiative is called {name} already", next="name another")
            )
        change.saved = True
        rows.create(
            name=name, title=title, card_id=card_id, card=None if card is None else dict(card),
            made=change.now, made_by=change.actor,
        )  # fmt: skip

    def set_card(self, change: Change, name: str, title: str, card: Mapping[str, Any]) -> None:
        """Keep another text of an initiative's own card."""
        change.saved = True
        row = self._row(name)
        row.title, row.card = title, dict(card)
        row.save(using=self.alias)

    def link(self, change: Change, name: str, kind: str, what: str) -> bool:
        """Put something to an initiative; say whether it was new there."""
        row = self._row(name)
        _, made = row.links.using(self.alias).get_or_create(initiative=row, kind=kind, name=what)
        change.saved |= made
        return bool(made)

    def unlink(self, change: Change, name: str, kind: str, what: str) -> bool:
        """Take something from an initiative; say whether it was there."""
        gone, _ = self._row(name).links.using(self.alias).filter(kind=kind, name=what).delete()
        change.saved |= bool(gone)
        return bool(gone)


def _initiative(row: Any) -> Initiative:
    links = sorted(row.links.all(), key=lambda link: link.id)
    return Initiative(
        name=row.name,
        title=row.title,
        card_id=row.card_id,
        card=row.card,
        made=row.made,
        made_by=row.made_by,
        links=tuple((link.kind, link.name) for link in links),
    )
