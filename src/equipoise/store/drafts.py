"""Read and change drafts. Every text that was saved is kept while the draft is; none is ever
written over."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.db import DatabaseError, IntegrityError, transaction

from equipoise.errors import EnvironmentFailed, Problem, StateRefused
from equipoise.store import draft_models as models
from equipoise.store.changing import Change
from equipoise.store.connect import why_not

PREFIX: Final = "draft:"
"""How a draft is named wherever an agreement may be named, as ``draft:fuel-poverty``."""


@dataclass(frozen=True)
class Draft:
    """One draft as its newest revision has it, or as an earlier one had. ``by`` saved it."""

    name: str
    revision: int
    text: str
    by: str
    at: datetime
    begun: datetime

    @property
    def source(self) -> str:
        """Return how the draft is named where an agreement may be named."""
        return f"{PREFIX}{self.name}"


class Drafts:
    """The drafts of one site's database."""

    def __init__(self, alias: str) -> None:
        self.alias = alias

    def _rows(self, model: Any) -> Any:
        return model.objects.using(self.alias)

    def _row(self, name: str) -> Any:
        row = self._rows(models.DraftRecord).filter(name=name).first()
        if row is None:
            raise StateRefused(
                Problem(
                    "STO050",
                    "there is no such draft here",
                    next="look for it among the agreements of this site",
                )
            )
        return row

    # -- reading --------------------------------------------------------------------------------

    def knows(self, name: str) -> bool:
        """Say whether there is a draft so called."""
        return bool(self._rows(models.DraftRecord).filter(name=name).exists())

    def drafts(self) -> tuple[Draft, ...]:
        """Return every draft as it is now, by name."""
        rows = self._rows(models.DraftRecord).order_by("name")
        return tuple(_draft(row, _newest(row)) for row in rows)

    def draft(self, name: str, revision: int | None = None) -> Draft:
        """Return a draft as it is now, or as one revision had it.

        Raises ``StateRefused``: STO050 when there is no draft so called, STO052 no such revision.
        """
        row = self._row(name)
        if revision is None:
            return _draft(row, _newest(row))
        text = row.revisions.filter(number=revision).first()
        if text is None:
            raise StateRefused(Problem("STO052", f"{name} has no revision {revision}"))
        return _draft(row, text)

    def history(self, name: str) -> tuple[Draft, ...]:
        """Return every revision of a draft, newest first."""
        row = self._row(name)
        return tuple(_draft(row, text) for text in row.revisions.order_by("-number"))

    # -- changing -------------------------------------------------------------------------------

    def begin(self, change: Change, name: str, text: str) -> None:
        """Keep a new draft. Raises ``StateRefused`` (STO051) when its name is taken."""
        if self.knows(name):
            raise StateRefused(
                Problem("STO051", f"a draft is called {name} already", next="choose another name")
            )
        change.saved = True
        row = self._rows(models.DraftRecord).create(
            name=name, begun=change.now, begun_by=change.actor
        )
        self._rows(models.RevisionRecord).create(
            draft=row, number=1, text=text, by=change.actor, at=change.now
        )

    def delete(self, change: Change, name: str) -> None:
        """Delete a draft with every text of it. Raises ``StateRefused`` (STO050)."""
        row = self._row(name)
        change.saved = True
        row.revisions.all().delete()
        row.delete()

    def save(self, name: str, text: str, *, after: int, by: str, at: datetime) -> bool:
        """Keep a text as the revision that follows ``after``; say whether it was the first to.

        A draft binds nobody, so what is saved on the way is kept here and is not on the ledger.
        """
        row = self._row(name)
        if _newest(row).number != after:
            return False
        try:
            with transaction.atomic(using=self.alias):
                self._rows(models.RevisionRecord).create(
                    draft=row, number=after + 1, text=text, by=by, at=at
                )
        except IntegrityError:
            return False
        except DatabaseError as error:
            raise EnvironmentFailed(
                Problem(
                    "STO053",
                    "the draft could not be saved; what was saved before is kept",
                    why=why_not(error),
                    next="check free space and permissions, then save again",
                )
            ) from error
        return True


def _newest(row: Any) -> Any:
    return row.revisions.order_by("-number").first()


def _draft(row: Any, text: Any) -> Draft:
    return Draft(row.name, text.number, text.text, text.by, text.at, row.begun)
