"""Which of these two? A public vote on pairs over days, in the manner of All Our Ideas.

Anybody with the link votes on as many pairs as they like, and may send in an idea of their own,
which is screened like any text and asked about once somebody has let it in. The figure is the
chance to be chosen over another idea drawn at random (``pairwise``). It is shown in steps: only
when five people more have voted than when it was last shown, and for an idea only when five people
were asked about it; so no single vote can be seen to arrive.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Annotated, Any, Final, Literal

from pydantic import Field

from equipoise.agree.canonical import canonical_bytes, digest_of
from equipoise.errors import Problem, StateRefused, UsageRefused
from equipoise.weigh.pairwise import MOST, Strengths, bradley_terry, chance_to_win, next_pair
from equipoise.weigh.shipped import Entry
from equipoise.weigh.workshop.answers import Draft
from equipoise.weigh.workshop.events import Event, New, Said
from equipoise.weigh.workshop.screening import screened
from equipoise.weigh.workshop.shown import LEAST, in_fives

MOST_VOTES: Final = 150
"""Votes from one phone: one eager person must not speak for all."""
MOST_IDEAS: Final = 5


Phase = Literal["draft", "before", "open", "over", "closed"]
"""A draft; before its day; open; over, as its time has passed; closed, and reported."""


class SurveyPlan(Entry):
    """One survey: the question put with every pair, and the ideas to begin with, id -> words.

    It opens at ``opens`` by itself; one that ``waits`` is a draft until a facilitator opens it,
    and then is open for as long as from ``opens`` to ``closes``."""

    id: Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]{2,62}$")]
    title: Annotated[str, Field(min_length=3, max_length=120)]
    question: Annotated[str, Field(min_length=3, max_length=300)]
    ideas: Mapping[str, Annotated[str, Field(min_length=2, max_length=300)]]
    facilitators: tuple[str, ...] = Field(min_length=1)
    opens: datetime
    closes: datetime
    own_ideas: bool = True
    synthetic: bool = False
    waits: bool = False

    @cached_property
    def digest(self) -> str:
        """Return the digest of the plan. That one does not wait goes without saying."""
        told = self.model_dump(mode="json")
        return digest_of(canonical_bytes({k: v for k, v in told.items() if k != "waits" or v}))


def check_survey(plan: SurveyPlan) -> None:
    """Raise ``UsageRefused`` (WGH174) with everything that keeps a survey from being held."""
    problems = []
    if not 3 <= len(plan.ideas) <= MOST:
        problems.append(Problem("WGH174", f"a survey begins with 3 to {MOST} ideas"))
    if len({words.casefold().strip() for words in plan.ideas.values()}) < len(plan.ideas):
        problems.append(Problem("WGH174", "two ideas are the same"))
    if plan.opens.tzinfo is None or plan.closes.tzinfo is None:
        problems.append(Problem("WGH174", "a time needs its zone"))
    elif plan.opens >= plan.closes:
        problems.append(Problem("WGH174", "a survey closes after it opens"))
    if not all(all(name.partition("/")) for name in plan.facilitators):
        problems.append(Problem("WGH174", "a facilitator is named as party/Name"))
    if problems:
        raise UsageRefused(problems)


@dataclass(slots=True)
class SurveyTrace:
    """What no undoing takes back; there is none here but hiding."""

    sequence: int = 0
    sent: dict[tuple[str, str], int] = field(default_factory=dict)


@dataclass(slots=True)
class SurveyState:
    """A survey now. ``wins`` are (chosen, other) -> how often, a half each way for "cannot decide";
    ``pairs`` those that each person was asked; ``ideas`` the texts let in."""

    wins: dict[tuple[str, str], float] = field(default_factory=dict)
    pairs: dict[str, set[frozenset[str]]] = field(default_factory=dict)
    met: dict[str, set[str]] = field(default_factory=dict)
    sent_in: dict[str, str] = field(default_factory=dict)
    ideas: list[str] = field(default_factory=list)
    hidden: set[str] = field(default_factory=set)
    shown: Mapping[str, Any] = field(default_factory=dict)
    shown_to: int = 0
    opened: datetime | None = None
    ended: bool = False
    ended_at: datetime | None = None
    trace: SurveyTrace = field(default_factory=SurveyTrace)

    def asked_about(self, plan: SurveyPlan) -> tuple[str, ...]:
        """Return every idea that pairs are made of."""
        return tuple(i for i in (*plan.ideas, *self.ideas) if i not in self.hidden)

    def window(self, plan: SurveyPlan) -> tuple[datetime, datetime] | None:
        """Return when it opens and closes; ``None`` for a draft that nobody has opened."""
        if self.opened is not None:
            return self.opened, self.opened + (plan.closes - plan.opens)
        return None if plan.waits else (plan.opens, plan.closes)

    def phase(self, plan: SurveyPlan, now: datetime) -> Phase:
        """Return how it stands at ``now``."""
        window = self.window(plan)
        if self.ended:
            return "closed"
        if window is None:
            return "draft"
        return "before" if now < window[0] else "open" if now < window[1] else "over"


class SurveyFolding:
    """A survey's state, going on with each new event."""

    def __init__(self, plan: SurveyPlan) -> None:
        self.plan = plan
        self.state = SurveyState()
        self._strengths: tuple[int, int, Strengths] | None = None

    def take(self, events: Iterable[Event]) -> SurveyState:
        """Fold new events in. Raises ``ValueError`` for one out of order."""
        state = self.state
        for event in events:
            if event.sequence != state.trace.sequence + 1:
                raise ValueError("events are folded in their order, each once")
            state.trace.sequence = event.sequence
            if client := event.data.get("client"):
                state.trace.sent[event.who, client] = event.sequence
            _fold(state, event)
        return state

    def forget(self) -> None:
        """Work the strengths out anew when they are next asked for."""
        self._strengths = None

    def strengths(self) -> Strengths:
        """Return how strong each idea is, worked out anew when a twentieth more votes are in."""
        ideas = self.state.asked_about(self.plan)
        votes = sum(len(pairs) for pairs in self.state.pairs.values())
        held = self._strengths
        if held is None or held[0] != len(ideas) or votes > held[1] + held[1] // 20:
            known = set(ideas)
            wins = {pair: n for pair, n in self.state.wins.items() if known.issuperset(pair)}
            held = (len(ideas), votes, bradley_terry(wins, ideas))
            self._strengths = held
        return held[2]


def _fold(state: SurveyState, event: Event) -> None:
    data = event.data
    if event.kind == "voted":
        one, other = data["pair"]
        state.pairs.setdefault(event.who, set()).add(frozenset((one, other)))
        for idea in (one, other):
            state.met.setdefault(idea, set()).add(event.who)
        ways = (
            ((one, other, 0.5), (other, one, 0.5))
            if data["chosen"] == ""
            else ((data["chosen"], other if data["chosen"] == one else one, 1.0),)
        )
        for chosen, beaten, weight in ways:
            state.wins[chosen, beaten] = state.wins.get((chosen, beaten), 0.0) + weight
    elif event.kind == "suggested":
        state.sent_in[data["text"]] = event.who
    elif event.kind == "admitted":
        state.ideas.append(data["text"])
    elif event.kind == "hidden":
        state.hidden.add(data["text"])
    elif event.kind == "shown":
        state.shown, state.shown_to = data["figures"], data["people"]
    elif event.kind == "opened":
        state.opened = event.at
    elif event.kind == "closed":
        state.ended, state.ended_at = True, event.at


def refuse_unless_running(plan: SurveyPlan, state: SurveyState, now: datetime) -> None:
    """Raise ``StateRefused`` (WGH175) before a survey opens and after it closes."""
    phase = state.phase(plan, now)
    if phase != "open":
        early = phase in ("draft", "before")
        raise StateRefused(
            Problem("WGH175", f"this survey has {'not opened yet' if early else 'closed'}")
        )


def open_now(plan: SurveyPlan, state: SurveyState, now: datetime, who: str) -> New | None:
    """Open a survey before its day, or one that is a draft; ``None`` where it is open already.

    Raises ``UsageRefused`` (WGH163), ``StateRefused`` (WGH175) once its time is over.
    """
    _insist(plan, who)
    if state.phase(plan, now) == "open":
        return None
    if state.phase(plan, now) in ("over", "closed"):
        refuse_unless_running(plan, state, now)
    return New(who, "opened")


def offered(folding: SurveyFolding, who: str) -> tuple[str, str] | None:
    """Return the pair to ask somebody next, or ``None`` when they have had every pair.

    The draw is a hash of who they are and how often they voted: looking again shows the same pair,
    so that nobody can leaf through to the one they like.
    """
    state = folding.state
    asked = state.pairs.get(who, set())
    if len(asked) >= MOST_VOTES:
        return None
    seed = hashlib.sha256(f"{folding.plan.id} {who} {len(asked)}".encode()).digest()
    draw = int.from_bytes(seed[:8], "big") / 2**64
    return next_pair(folding.strengths(), asked=asked, draw=draw)


def vote(
    plan: SurveyPlan,
    state: SurveyState,
    now: datetime,
    who: str,
    *,
    pair: tuple[str, str],
    chosen: str,
    client: str,
) -> New | None:
    """Take a vote; ``chosen`` is one of the pair, or empty for "cannot decide".

    ``None`` when this sending was taken before. Raises ``StateRefused`` (WGH175, WGH176) and
    ``UsageRefused`` (WGH177).
    """
    if (who, client) in state.trace.sent:
        return None
    refuse_unless_running(plan, state, now)
    known = state.asked_about(plan)
    if pair[0] == pair[1] or not set(pair) <= set(known) or chosen not in (*pair, ""):
        raise UsageRefused(Problem("WGH177", "that is no choice between two ideas of this survey"))
    asked = state.pairs.get(who, set())
    if frozenset(pair) in asked or len(asked) >= MOST_VOTES:
        raise StateRefused(
            Problem(
                "WGH176",
                "you have voted on this pair, or on as many as one person may",
                why="each voice counts once for each pair",
            )
        )
    return New(who, "voted", {"pair": list(pair), "chosen": chosen, "client": client})


def suggest(
    plan: SurveyPlan,
    state: SurveyState,
    now: datetime,
    who: str,
    draft: Draft,
    *,
    client: str,
    confirmed: frozenset[str] = frozenset(),
) -> New | None:
    """Take an idea of somebody's own. It is asked about once a facilitator has let it in.

    Raises ``DataRefused`` as ``screening.screened``, ``StateRefused`` (WGH175, WGH176).
    """
    if (who, client) in state.trace.sent:
        return None
    refuse_unless_running(plan, state, now)
    if not plan.own_ideas or sum(by == who for by in state.sent_in.values()) >= MOST_IDEAS:
        raise StateRefused(Problem("WGH176", "no more ideas can be sent in from here"))
    said = Said(draft.id, draft.salt, screened(draft.text, "idea", confirmed=confirmed))
    return New(
        who,
        "suggested",
        {
            "text": said.id,
            "digests": [said.digest],
            "client": client,
            "texts": [["words", said.id]],
        },
        (said,),
    )


def admit(plan: SurveyPlan, state: SurveyState, who: str, text: str) -> New | None:
    """Let an idea in. Raises ``UsageRefused`` (WGH163, WGH167), ``StateRefused`` (WGH179)."""
    _insist(plan, who)
    if text not in state.sent_in or text in state.hidden:
        raise UsageRefused(Problem("WGH167", "there is no such text"))
    if text in state.ideas:
        return None
    if len(state.asked_about(plan)) >= MOST:
        raise StateRefused(
            Problem(
                "WGH179",
                f"a survey asks about {MOST} ideas at most",
                next="take another one out first",
            )
        )
    return New(who, "admitted", {"text": text})


def hide(plan: SurveyPlan, state: SurveyState, who: str, text: str) -> New | None:
    """Take an idea out; pairs with it count no more.

    Raises ``UsageRefused`` (WGH163, WGH167), ``StateRefused`` (WGH179) for one of the last two.
    """
    _insist(plan, who)
    if text not in plan.ideas and text not in state.sent_in:
        raise UsageRefused(Problem("WGH167", "there is no such text"))
    if text in state.hidden:
        return None
    asked = state.asked_about(plan)
    if text in asked and len(asked) <= 2:
        raise StateRefused(
            Problem(
                "WGH179",
                "these are the last two ideas of the survey",
                why="with one alone there is nothing to choose",
                next="let another idea in first, or close the survey",
            )
        )
    return New(who, "hidden", {"text": text})


def _insist(plan: SurveyPlan, who: str) -> None:
    if who not in plan.facilitators:
        raise UsageRefused(Problem("WGH163", "only a facilitator of this survey may do that"))


def show(folding: SurveyFolding, *, last: bool = False) -> New | None:
    """Return the event that shows new figures, when five people more have voted; else nothing."""
    state = folding.state
    people = len(state.pairs)
    if people - state.shown_to < LEAST:
        return None
    folding.forget()
    chances = chance_to_win(folding.strengths())
    told = {
        idea: [round(100 * chance.chance), round(100 * chance.low), round(100 * chance.high)]
        for idea, chance in chances.items()
        if len(state.met.get(idea, ())) >= LEAST
    }
    figures = {"people": in_fives(people), "ideas": told, "last": last}
    return New("site/survey", "shown", {"question": "survey", "figures": figures, "people": people})


def close(folding: SurveyFolding, who: str) -> tuple[New, ...]:
    """Close a survey, and show what may be shown at its end."""
    _insist(folding.plan, who)
    if folding.state.ended:
        return ()
    told = show(folding, last=True)
    return (*([told] if told else []), New(who, "closed"))


@dataclass(frozen=True)
class Standing:
    """One idea as it stands: the chance in hundred to be chosen over another, with its interval."""

    idea: str
    words: str
    chance: int
    low: int
    high: int


def standings(
    plan: SurveyPlan, state: SurveyState, words: Mapping[str, str]
) -> tuple[Standing, ...]:
    """Return the ideas as they were last shown, the strongest first."""
    found = [
        Standing(idea, plan.ideas.get(idea) or words.get(idea, "(taken out)"), *figures)
        for idea, figures in state.shown.get("ideas", {}).items()
        if idea not in state.hidden
    ]
    return tuple(sorted(found, key=lambda each: (-each.chance, each.idea)))
