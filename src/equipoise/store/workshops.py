"""Keep workshops: events that are only ever added, texts that can be erased, and how each stands.

A ``Live`` workshop is the fold of its events so far, kept by the process and taken further by what
is new in the database, so that several processes may serve one workshop. It is read and decided
upon under its lock; events are added in one transaction that locks the workshop's row, so that two
processes never give one place to two events.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from django.db import DatabaseError, transaction

from equipoise.errors import EnvironmentFailed, Problem, StateRefused
from equipoise.store import workshop_models as models
from equipoise.store.account_models import AttemptRecord
from equipoise.store.changing import Change
from equipoise.store.connect import why_not
from equipoise.weigh.workshop.events import Event, New, Said
from equipoise.weigh.workshop.plan import Plan, Question
from equipoise.weigh.workshop.results import Result, results
from equipoise.weigh.workshop.state import Folding, State

Decide = Callable[[Plan, State], New | Iterable[New] | None]
"""Looks at a workshop and says what is to be added, or raises."""

_COUNTED: Final = ("vote", "statement")


@dataclass
class Live:
    """One workshop as this process knows it. Hold ``lock`` while reading; ``changed`` is the place
    of the newest event that can change what is shown, which a vote by itself cannot."""

    plan: Plan
    folding: Folding
    words: dict[str, str] = field(default_factory=dict)
    lock: threading.RLock = field(default_factory=threading.RLock)
    changed: int = 0
    _found: dict[str, tuple[int, tuple[Result, ...]]] = field(default_factory=dict)

    @property
    def state(self) -> State:
        """Return how it stands."""
        return self.folding.state

    def results(self, question: Question) -> tuple[Result, ...]:
        """Return what may be seen of a question, worked out anew only when it can have changed."""
        held = self._found.get(question.id)
        if held is None or held[0] != self.changed:
            held = (self.changed, results(self.plan, self.state, self.words, question))
            self._found[question.id] = held
        return held[1]

    def take(self, event: Event) -> None:
        """Fold one event in."""
        self.folding.take([event])
        if event.kind not in ("joined", "left", "returned") and (
            event.data.get("answer") not in _COUNTED
        ):
            self.changed = event.sequence
        if event.data.get("erased"):
            self.words.pop(event.data["text"], None)


@dataclass(frozen=True)
class Held:
    """One workshop's record."""

    name: str
    kind: str
    code: str
    key: str
    plan: Mapping[str, Any]
    made: datetime
    report: Mapping[str, Any] | None
    cover: Mapping[str, Any] | None


_LIVE: Final[dict[tuple[str, int, datetime], Live]] = {}
_MOST_LIVE: Final = 64
"""Workshops that one process keeps folded; the one that was opened first is let go."""
_GUARD: Final = threading.Lock()


class Workshops:
    """The workshops and surveys of one site's database."""

    def __init__(self, alias: str) -> None:
        self.alias = alias

    def _rows(self, model: Any) -> Any:
        return model.objects.using(self.alias)

    def _row(self, **by: Any) -> Any:
        row = self._rows(models.WorkshopRecord).filter(**by).first()
        if row is None:
            raise StateRefused(
                Problem(
                    "STO030",
                    "there is no such workshop or survey here",
                    next="look at the code again, or ask the facilitator",
                )
            )
        return row

    # -- reading --------------------------------------------------------------------------------

    def held(self, **by: Any) -> Held:
        """Return one record, by ``name``, ``code`` or ``key``. Raises ``StateRefused`` (STO030)."""
        return _held(self._row(**by))

    def all_held(self, kind: str = "workshop") -> tuple[Held, ...]:
        """Return every record of a kind, oldest first."""
        rows = self._rows(models.WorkshopRecord).filter(kind=kind).order_by("id")
        return tuple(_held(row) for row in rows)

    def events(self, name: str, *, after: int = 0) -> Iterator[Event]:
        """Yield the events after a place, in order."""
        rows = self._rows(models.WorkshopEvent).filter(workshop__name=name, sequence__gt=after)
        found = rows.order_by("sequence").values_list("sequence", "at", "who", "kind", "data")
        for row in found.iterator():
            yield Event(*row)

    @contextmanager
    def live(self, name: str) -> Iterator[Live]:
        """Hold a workshop, brought up to date, while it is read. Raises (STO030)."""
        live = self._known(name)
        with live.lock:
            self._catch_up(name, live)
            yield live

    def _known(self, name: str) -> Live:
        rows = self._rows(models.WorkshopRecord).filter(name=name, kind="workshop")
        found = rows.values_list("id", "made").first() or (0, None)
        key = (self.alias, *found)
        with _GUARD:
            if key not in _LIVE:
                plan = Plan.model_validate(self.held(name=name, kind="workshop").plan)
                while len(_LIVE) >= _MOST_LIVE:
                    _LIVE.pop(next(iter(_LIVE)))
                _LIVE[key] = Live(plan, Folding(plan))
            return _LIVE[key]

    def _catch_up(self, name: str, live: Live) -> None:
        fresh = [*self.events(name, after=live.state.trace.sequence)]
        texts = [text for event in fresh for _, text in event.data.get("texts", ())]
        if texts:
            rows = self._rows(models.WorkshopText).filter(workshop__name=name, erased__isnull=True)
            if len(texts) < 500:
                rows = rows.filter(text__in=texts)
            live.words |= dict(rows.values_list("text", "words"))
        for event in fresh:
            live.take(event)

    # -- changing -------------------------------------------------------------------------------

    def make(
        self, change: Change, *, name: str, kind: str, code: str, key: str, plan: Mapping[str, Any]
    ) -> None:
        """Keep a new workshop. Raises ``StateRefused`` (STO031) when its name is taken."""
        rows = self._rows(models.WorkshopRecord)
        if rows.filter(name=name).exists():
            raise StateRefused(
                Problem("STO031", f"a workshop is called {name} already", next="name another")
            )
        change.saved = True
        rows.create(name=name, kind=kind, code=code, key=key, plan=dict(plan), made=change.now)

    def code_taken(self, code: str) -> bool:
        """Say whether a code is in use, or ever was."""
        return bool(self._rows(models.WorkshopRecord).filter(code=code).exists())

    def add(self, name: str, now: datetime, decide: Decide) -> bool:
        """Decide on the workshop as it stands and add what follows; say whether anything did.

        Raises what ``decide`` raises, and ``EnvironmentFailed`` (STO003) when the database refuses.
        """
        live = self._known(name)
        try:
            with live.lock, transaction.atomic(using=self.alias):
                rows = self._rows(models.WorkshopRecord).select_for_update()
                row = rows.get(name=name)
                self._catch_up(name, live)
                decided = decide(live.plan, live.state)
                news = (
                    () if decided is None else (decided,) if isinstance(decided, New) else decided
                )
                return self._append(row, live.state.trace.sequence, now, [*news])
        except DatabaseError as error:
            raise EnvironmentFailed(
                Problem(
                    "STO003",
                    "the site's database could not be written; nothing was changed",
                    why=why_not(error),
                    next="send it again",
                )
            ) from error

    def _append(self, row: Any, last: int, now: datetime, news: list[New]) -> bool:
        self._keep_texts(row, (said for new in news for said in new.said))
        numbered = enumerate(news, last + 1)
        self._keep_events(row, (Event(n, now, e.who, e.kind, e.data) for n, e in numbered))
        return bool(news)

    def _keep_events(self, row: Any, events: Iterable[Event]) -> None:
        self._rows(models.WorkshopEvent).bulk_create(
            (
                models.WorkshopEvent(
                    workshop=row,
                    sequence=event.sequence,
                    at=event.at,
                    who=event.who,
                    kind=event.kind,
                    client=event.data.get("client"),
                    data=dict(event.data),
                )
                for event in events
            ),
            batch_size=2000,
        )

    def take_over(self, name: str, events: Iterable[Event], said: Iterable[Said]) -> None:
        """Add the events of an invented workshop that was held in memory, with their own times.

        Raises ``StateRefused`` (STO032) where anything has happened in it, or people are real.
        """
        live = self._known(name)
        with live.lock, transaction.atomic(using=self.alias):
            row = self._rows(models.WorkshopRecord).select_for_update().get(name=name)
            if row.events.exists() or not live.plan.synthetic:
                raise StateRefused(
                    Problem(
                        "STO032",
                        f"{name} cannot be filled with invented people",
                        why="invented answers never stand beside real ones",
                    )
                )
            self._keep_texts(row, said)
            self._keep_events(row, events)

    def _keep_texts(self, row: Any, said: Iterable[Said]) -> None:
        self._rows(models.WorkshopText).bulk_create(
            models.WorkshopText(workshop=row, text=each.id, salt=each.salt, words=each.text)
            for each in said
        )

    def erase_text(self, change: Change, name: str, text: str) -> None:
        """Erase a text and its salt for good; the event that named it stays."""
        change.saved = True
        rows = self._rows(models.WorkshopText).filter(workshop__name=name, text=text)
        rows.update(words="", salt="", erased=change.now)

    def keep_report(
        self, change: Change, name: str, report: Mapping[str, Any], cover: Mapping[str, Any] | None
    ) -> None:
        """Keep the report of a closed workshop."""
        change.saved = True
        rows = self._rows(models.WorkshopRecord).filter(name=name)
        rows.update(report=dict(report), cover=None if cover is None else dict(cover))

    # -- guessing -------------------------------------------------------------------------------

    def wrong_codes(self, mark: str, since: datetime, most: int) -> tuple[datetime, ...]:
        """Return when wrong codes were typed under a mark, the newest ``most``."""
        rows = self._rows(AttemptRecord).filter(mark=mark, at__gt=since).order_by("-at")
        return tuple(rows.values_list("at", flat=True)[:most])

    def count_wrong_code(self, marks: Iterable[str], now: datetime) -> None:
        """Count one wrong code under each mark."""
        self._rows(AttemptRecord).bulk_create(AttemptRecord(mark=mark, at=now) for mark in marks)


def _held(row: Any) -> Held:
    return Held(row.name, row.kind, row.code, row.key, row.plan, row.made, row.report, row.cover)
