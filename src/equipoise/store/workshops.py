"""Workshops and surveys as a process knows them: folded, and taken further by what is new."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, ClassVar, Final

from equipoise.errors import Problem, StateRefused
from equipoise.store.workshop_book import Book, Held
from equipoise.weigh.workshop.events import Event, New, Said
from equipoise.weigh.workshop.plan import Plan, Question
from equipoise.weigh.workshop.results import Result, results
from equipoise.weigh.workshop.state import Folding, State
from equipoise.weigh.workshop.survey import SurveyFolding, SurveyPlan, SurveyState

__all__ = ["Decide", "Held", "Live", "LiveSurvey", "Surveys", "Workshops"]

Decided = New | Iterable[New] | None
Decide = Callable[[Plan, State], Decided]
"""Looks at a workshop and says what is to be added, or raises."""

_COUNTED: Final = ("vote", "statement")


@dataclass
class Live:
    """One workshop. Hold ``lock`` while reading; ``changed`` is the place of the newest event that
    can change what is shown, which a vote by itself cannot."""

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

    @property
    def last(self) -> int:
        """Return the place of the newest event folded in."""
        return self.state.trace.sequence

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


@dataclass
class LiveSurvey:
    """One survey. Hold ``lock`` while reading."""

    plan: SurveyPlan
    folding: SurveyFolding
    words: dict[str, str] = field(default_factory=dict)
    lock: threading.RLock = field(default_factory=threading.RLock)

    @property
    def state(self) -> SurveyState:
        """Return how it stands."""
        return self.folding.state

    @property
    def last(self) -> int:
        """Return the place of the newest event folded in."""
        return self.state.trace.sequence

    def take(self, event: Event) -> None:
        """Fold one event in."""
        self.folding.take([event])


class Workshops(Book[Live]):
    """The workshops of one site's database."""

    kind = "workshop"
    _live: ClassVar[dict[tuple[str, int, datetime | None], Any]] = {}

    def _fresh(self, plan: Mapping[str, Any]) -> Live:
        made = Plan.model_validate(plan)
        return Live(made, Folding(made))

    def add(self, name: str, now: datetime, decide: Decide) -> bool:
        """Decide on the workshop as it stands and add what follows; say whether anything did.

        Raises what ``decide`` raises, and ``EnvironmentFailed`` (STO003) when the database refuses.
        """
        live = self._known(name)
        with self.adding(name, live) as row:
            return self.append(row, live.last, now, decide(live.plan, live.state))

    def take_over(self, name: str, events: Iterable[Event], said: Iterable[Said]) -> None:
        """Add the events of an invented workshop that was held in memory, with their own times.

        Raises ``StateRefused`` (STO032) where anything has happened in it, or people are real.
        """
        live = self._known(name)
        with self.adding(name, live) as row:
            if live.last or not live.plan.synthetic:
                raise StateRefused(
                    Problem(
                        "STO032",
                        f"{name} cannot be filled with invented people",
                        why="invented answers never stand beside real ones",
                    )
                )
            self.keep_texts(row, said)
            self.keep_events(row, events)


class Surveys(Book[LiveSurvey]):
    """The surveys of one site's database."""

    kind = "survey"
    _live: ClassVar[dict[tuple[str, int, datetime | None], Any]] = {}

    def _fresh(self, plan: Mapping[str, Any]) -> LiveSurvey:
        made = SurveyPlan.model_validate(plan)
        return LiveSurvey(made, SurveyFolding(made))

    def add(self, name: str, now: datetime, decide: Callable[[SurveyFolding], Decided]) -> bool:
        """Decide on the survey as it stands and add what follows; say whether anything did."""
        live = self._known(name)
        with self.adding(name, live) as row:
            return self.append(row, live.last, now, decide(live.folding))
