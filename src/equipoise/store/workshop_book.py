"""What workshops and surveys are kept in: records, events only added, texts that can go."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, ClassVar, Final, Generic, Protocol, TypeVar

from django.db import DatabaseError, connections, transaction

from equipoise.errors import Problem, StateRefused
from equipoise.store import workshop_models as models
from equipoise.store.account_models import AttemptRecord
from equipoise.store.changing import Change
from equipoise.store.connect import not_written
from equipoise.weigh.workshop.events import Event, New, Said

try:
    import fcntl
except ImportError:  # pragma: no cover  # Windows has no flock; SQLite's own waiting must do
    fcntl = None  # type: ignore[assignment]

MOST_LIVE: Final = 64
"""Workshops that one process keeps folded; the one that was opened first is let go."""

_NEWEST: Final = """
    SELECT record.id, record.made,
           (SELECT MAX(event.sequence) FROM store_workshopevent event
            WHERE event.workshop_id = record.id)
    FROM store_workshoprecord record WHERE record.name = %s AND record.kind = %s
"""


@dataclass(frozen=True)
class Held:
    """One workshop's or survey's record. ``code`` is typed, ``key`` is scanned."""

    name: str
    kind: str
    code: str
    key: str
    plan: Mapping[str, Any]
    made: datetime
    report: Mapping[str, Any] | None
    cover: Mapping[str, Any] | None


class Folded(Protocol):
    """What this process keeps of one workshop."""

    words: dict[str, str]
    lock: threading.RLock

    @property
    def last(self) -> int:
        """Return the place of the newest event folded in."""
        ...

    def take(self, event: Event) -> None:
        """Fold one event in."""
        ...


Kept = TypeVar("Kept", bound=Folded)


class Book(Generic[Kept]):
    """The workshops, or the surveys, of one site's database.

    What is folded is kept by the process and taken further by what is new in the database, so that
    several processes may serve one workshop. It is read and decided upon under its lock; events
    are added in one transaction that locks the record's row, so that two processes never give one
    place to two events. Its own lock comes before the database's, always.
    """

    kind: ClassVar[str]
    _live: ClassVar[dict[tuple[str, int, datetime | None], Any]]
    _guard: Final = threading.Lock()

    def __init__(self, alias: str) -> None:
        self.alias = alias

    def _rows(self, model: Any) -> Any:
        return model.objects.using(self.alias)

    def _fresh(self, plan: Mapping[str, Any]) -> Kept:
        raise NotImplementedError

    # -- reading --------------------------------------------------------------------------------

    def held(self, **by: Any) -> Held:
        """Return one record, by ``name``, ``code`` or ``key``. Raises ``StateRefused`` (STO030)."""
        row = self._rows(models.WorkshopRecord).filter(**by).first()
        if row is None:
            raise StateRefused(
                Problem(
                    "STO030",
                    "there is no such workshop or survey here",
                    next="look at the code again, or ask the facilitator",
                )
            )
        return _held(row)

    def all_held(self) -> tuple[Held, ...]:
        """Return every record of this kind, oldest first."""
        rows = self._rows(models.WorkshopRecord).filter(kind=self.kind).order_by("id")
        return tuple(_held(row) for row in rows)

    def events(self, name: str, *, after: int = 0) -> Iterator[Event]:
        """Yield the events after a place, in order."""
        rows = self._rows(models.WorkshopEvent).filter(workshop__name=name, sequence__gt=after)
        found = rows.order_by("sequence").values_list("sequence", "at", "who", "kind", "data")
        for row in found.iterator():
            yield Event(*row)

    @contextmanager
    def live(self, name: str) -> Iterator[Kept]:
        """Hold one, brought up to date, while it is read. Raises ``StateRefused`` (STO030)."""
        live = self._known(name)
        with live.lock:
            self._catch_up(name, live)
            yield live

    def _known(self, name: str) -> Kept:
        number, made, _ = self._newest(name)
        key = (self.alias, number, made)
        with self._guard:
            if key not in self._live:
                fresh = self._fresh(self.held(name=name, kind=self.kind).plan)
                while len(self._live) >= MOST_LIVE:
                    self._live.pop(next(iter(self._live)))
                self._live[key] = fresh
            found: Kept = self._live[key]
            return found

    def _newest(self, name: str) -> tuple[int, Any, int]:
        """Return a record's number, when it was made, and the place of its newest event.

        In SQL as it is: every phone in a full hall asks this every few seconds, and making the
        statement anew each time took longer than answering it.
        """
        with connections[self.alias].cursor() as cursor:
            cursor.execute(_NEWEST, [name, self.kind])
            number, made, newest = cursor.fetchone() or (0, None, None)
        return number, made, newest or 0

    def _catch_up(self, name: str, live: Kept) -> None:
        if self._newest(name)[2] <= live.last:
            return
        fresh = [*self.events(name, after=live.last)]
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
        self, change: Change, *, name: str, code: str, key: str, plan: Mapping[str, Any]
    ) -> None:
        """Keep a new one. Raises ``StateRefused`` (STO031) when its name is taken."""
        rows = self._rows(models.WorkshopRecord)
        if rows.filter(name=name).exists():
            raise StateRefused(
                Problem("STO031", f"a workshop is called {name} already", next="name another")
            )
        change.saved = True
        rows.create(name=name, kind=self.kind, code=code, key=key, plan=dict(plan), made=change.now)

    def code_taken(self, code: str) -> bool:
        """Say whether a code is in use, or ever was."""
        return bool(self._rows(models.WorkshopRecord).filter(code=code).exists())

    @contextmanager
    def adding(self, name: str, live: Kept) -> Iterator[Any]:
        """Hold one for adding to it; yield its row.

        Raises ``EnvironmentFailed`` (STO003) when the database refuses.
        """
        try:
            with live.lock, self._in_turn(), transaction.atomic(using=self.alias):
                rows = self._rows(models.WorkshopRecord).select_for_update()
                row = rows.only("id").get(name=name)
                self._catch_up(name, live)
                yield row
        except DatabaseError as error:
            raise not_written(error, "send it again") from error

    @contextmanager
    def _in_turn(self) -> Iterator[None]:
        """Let processes that write to one SQLite file queue up.

        Left to itself SQLite has whoever comes second look again after a sleep, and in a full hall
        most of a minute is slept away. Who writes already, in a transaction around this one, has
        had their turn.
        """
        connection = connections[self.alias]
        file = str(connection.settings_dict["NAME"])
        if fcntl is None or connection.vendor != "sqlite" or connection.in_atomic_block:
            yield
            return
        with Path(f"{file}-queue").open("a", encoding="utf-8") as handle:
            fcntl.flock(handle, fcntl.LOCK_EX)
            yield

    def append(
        self, row: Any, last: int, now: datetime, decided: New | Iterable[New] | None
    ) -> bool:
        """Add what was decided after the event at ``last``; say whether there was any."""
        news = [] if decided is None else [decided] if isinstance(decided, New) else [*decided]
        self.keep_texts(row, (said for new in news for said in new.said))
        numbered = enumerate(news, last + 1)
        self.keep_events(row, (Event(n, now, e.who, e.kind, e.data) for n, e in numbered))
        return bool(news)

    def keep_events(self, row: Any, events: Iterable[Event]) -> None:
        """Add events, each with its place and time."""
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

    def keep_texts(self, row: Any, said: Iterable[Said]) -> None:
        """Keep texts beside the events."""
        self._rows(models.WorkshopText).bulk_create(
            models.WorkshopText(workshop=row, text=each.id, salt=each.salt, words=each.text)
            for each in said
        )

    def erase_text(self, change: Change, name: str, text: str) -> None:
        """Erase a text and its salt for good; the event that named it stays.

        SQLite is told to overwrite what it frees. ``scrub`` then empties its journal; a Postgres
        server does both in its own time, when it vacuums.
        """
        change.saved = True
        if connections[self.alias].vendor == "sqlite":
            with connections[self.alias].cursor() as cursor:
                cursor.execute("PRAGMA secure_delete = ON")
        rows = self._rows(models.WorkshopText).filter(workshop__name=name, text=text)
        rows.update(words="", salt="", erased=change.now)

    def scrub(self) -> None:
        """Empty the journal of a SQLite database, so that nothing erased is left in it."""
        if connections[self.alias].vendor == "sqlite":
            with connections[self.alias].cursor() as cursor:
                cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")

    def keep_report(
        self, change: Change, name: str, report: Mapping[str, Any], cover: Mapping[str, Any] | None
    ) -> None:
        """Keep a report."""
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
