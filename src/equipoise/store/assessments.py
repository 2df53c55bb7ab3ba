"""Read and change assessments, and the covers by which agreements name what was weighed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from equipoise.agree.weighed import Weighed
from equipoise.errors import Problem, StateRefused
from equipoise.store import assessment_models as models
from equipoise.store.changing import Change


@dataclass(frozen=True)
class Assessed:
    """One assessment as the site holds it. ``sheets`` are raters' answers, oldest first."""

    name: str
    reference: str
    text: str
    content: Mapping[str, Any]
    salt: str
    state: str
    begun: datetime
    ended: datetime | None
    sheets: tuple[Mapping[str, Any], ...]


class Assessments:
    """The assessments of one site's database."""

    def __init__(self, alias: str) -> None:
        self.alias = alias

    def _rows(self, model: Any) -> Any:
        return model.objects.using(self.alias)

    def _row(self, name: str) -> Any:
        row = self._rows(models.AssessmentRecord).filter(name=name).first()
        if row is None:
            names = self._rows(models.AssessmentRecord).values_list("name", flat=True)
            known = ", ".join(names.order_by("name")) or "none yet"
            raise StateRefused(
                Problem(
                    "STO020",
                    f"the site has no assessment called {name}",
                    next=f"known: {known}; equipoise assess start begins one",
                )
            )
        return row

    # -- reading --------------------------------------------------------------------------------

    def assessment(self, name: str) -> Assessed:
        """Return one assessment. Raises ``StateRefused`` (STO020) when there is none so called."""
        return self._assessed(self._row(name))

    def assessments(self) -> tuple[Assessed, ...]:
        """Return all assessments, oldest first."""
        rows = self._rows(models.AssessmentRecord).order_by("id")
        return tuple(self._assessed(row) for row in rows)

    def _assessed(self, row: Any) -> Assessed:
        return Assessed(
            name=row.name,
            reference=row.reference,
            text=row.text,
            content=row.content,
            salt=row.salt,
            state=row.state,
            begun=row.begun,
            ended=row.ended,
            sheets=tuple(sheet.content for sheet in row.sheets.order_by("id")),
        )

    def handed_in_by(self, name: str, rater: str) -> str:
        """Return who handed a rater's sheet in, or nothing."""
        row = self._row(name).sheets.filter(rater=rater).first()
        return "" if row is None else str(row.handed_in_by)

    def covers(self) -> tuple[Weighed, ...]:
        """Return the covers of everything that was weighed here or came from partners."""
        rows = self._rows(models.WeighedRecord).order_by("id")
        return tuple(Weighed.from_dict(row.content) for row in rows)

    # -- changing -------------------------------------------------------------------------------

    def begin(
        self,
        change: Change,
        name: str,
        *,
        reference: str,
        text: str,
        content: Mapping[str, Any],
        salt: str,
    ) -> None:
        """Keep a new assessment. Raises ``StateRefused`` (STO021) when the name is taken."""
        if self._rows(models.AssessmentRecord).filter(name=name).exists():
            raise StateRefused(
                Problem("STO021", f"an assessment is called {name} already", next="name another")
            )
        change.saved = True
        self._rows(models.AssessmentRecord).create(
            name=name, reference=reference, text=text, content=dict(content), salt=salt,
            state="open", begun=change.now,
        )  # fmt: skip

    def hand_in(self, change: Change, name: str, rater: str, content: Mapping[str, Any]) -> None:
        """Keep a rater's sheet, in the place of an earlier one."""
        change.saved = True
        made = {"content": dict(content), "handed_in_by": change.actor, "at": change.now}
        row = self._row(name)
        self._rows(models.SheetRecord).update_or_create(assessment=row, rater=rater, defaults=made)

    def end(
        self, change: Change, name: str, *, state: str, content: Mapping[str, Any] | None = None
    ) -> None:
        """Close an assessment with its end, or set it aside."""
        change.saved = True
        row = self._row(name)
        row.state, row.ended = state, change.now
        if content is not None:
            row.content = dict(content)
        row.save(using=self.alias)

    def keep_covers(self, change: Change, covers: Sequence[Weighed]) -> None:
        """Keep the covers of what was weighed; one that is held is left as it is."""
        for cover in covers:
            rows = self._rows(models.WeighedRecord)
            if not rows.filter(digest=cover.digest).exists():
                change.saved = True
                rows.create(
                    digest=cover.digest, kind=cover.kind, name=cover.name,
                    content=cover.as_dict(), at=change.now,
                )  # fmt: skip
