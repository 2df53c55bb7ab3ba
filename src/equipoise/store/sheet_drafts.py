"""What raters have answered so far, before they hand it in. It comes and goes without the ledger:
nothing is weighed with it, and only whoever writes it sees it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction

from equipoise.errors import Problem, StateRefused
from equipoise.store import assessment_models as models
from equipoise.store.changing import Change


@dataclass(frozen=True)
class Drafted:
    """One unfinished sheet. ``content`` has the shape of a sheet, with what is missing left out;
    ``stale`` names the answers, as ``tests.purposeful-1``, that a change of the draft took away."""

    number: int
    assessment: str
    owner: str
    rater: str
    content: Mapping[str, Any]
    stale: tuple[str, ...]
    changed: datetime


class SheetDrafts:
    """The unfinished sheets of one site's database."""

    def __init__(self, alias: str) -> None:
        self.alias = alias

    def _rows(self, model: Any = models.SheetDraftRecord) -> Any:
        return model.objects.using(self.alias)

    def of(self, assessment: str, owner: str) -> tuple[Drafted, ...]:
        """Return what ``owner`` has begun in an assessment, oldest first."""
        rows = self._rows().filter(assessment__name=assessment, owner=owner)
        return tuple(_drafted(row) for row in rows.select_related("assessment").order_by("id"))

    def draft(self, assessment: str, owner: str, number: int) -> Drafted:
        """Return one of them. Raises ``StateRefused`` (STO022) when ``owner`` has none so."""
        return _drafted(self._row(assessment, owner, number))

    def _row(self, assessment: str, owner: str, number: int, *, lock: bool = False) -> Any:
        rows = self._rows().filter(assessment__name=assessment, owner=owner, id=number)
        # Only the draft's own row is locked, so that nobody waits who writes another.
        rows = rows.select_for_update(of=("self",)) if lock else rows
        row = rows.select_related("assessment").first()
        if row is None:
            raise StateRefused(
                Problem(
                    "STO022",
                    "you have no such answers under way",
                    why="they were handed in or thrown away, or the assessment has ended",
                    next="open the assessment and look there",
                )
            )
        return row

    def begin(
        self,
        assessment: str,
        owner: str,
        rater: str,
        content: Mapping[str, Any],
        stale: Sequence[str],
        now: datetime,
    ) -> Drafted:
        """Return the draft of a rater's answers: the one under way, or a new one."""
        with transaction.atomic(using=self.alias):
            record = self._rows(models.AssessmentRecord).get(name=assessment)
            made = {"content": dict(content), "stale": list(stale), "changed": now}
            row, _ = self._rows().get_or_create(
                assessment=record, owner=owner, rater=rater, defaults=made
            )
        return _drafted(row)

    def put(
        self,
        drafted: Drafted,
        part: str,
        said: Any,
        now: datetime,
        *,
        stale: Sequence[str] | None = None,
    ) -> Drafted:
        """Keep one part of a draft in place of what stood there; the others stay as they are, also
        where another window has changed them meanwhile."""
        with transaction.atomic(using=self.alias):
            row = self._row(drafted.assessment, drafted.owner, drafted.number, lock=True)
            row.content = {**row.content, part: said}
            row.stale = row.stale if stale is None else list(stale)
            row.changed = now
            row.save(using=self.alias)
        return _drafted(row)

    def drop(self, drafted: Drafted) -> None:
        """Throw a draft away."""
        self._rows().filter(id=drafted.number, owner=drafted.owner).delete()

    def drop_all(self, change: Change, assessment: str) -> None:
        """Throw away whatever is unfinished when an assessment ends."""
        self._rows().filter(assessment__name=assessment).delete()


def _drafted(row: Any) -> Drafted:
    return Drafted(
        number=row.id,
        assessment=row.assessment.name,
        owner=row.owner,
        rater=row.rater,
        content=row.content,
        stale=tuple(row.stale),
        changed=row.changed,
    )
