"""What the wall shows now, and what a phone does: the same state, for everybody and for one."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from equipoise.weigh.workshop.answers import standing
from equipoise.weigh.workshop.exercises import Exercise, exercises
from equipoise.weigh.workshop.plan import Plan, Question, Step
from equipoise.weigh.workshop.results import Line, Result, Words, line_of, results, text_of
from equipoise.weigh.workshop.shown import heard, in_fives, tellable
from equipoise.weigh.workshop.state import State
from equipoise.weigh.workshop.steering import answered

MOST_STATEMENTS: Final = 12
"""Conditions that one person is asked about."""


@dataclass(frozen=True)
class Progress:
    """How far one question is: ``heard`` in words - people in fives, tables by number."""

    question: Question
    heard: str
    shown: bool


@dataclass(frozen=True)
class Wall:
    """Everything a wall may show. ``version`` grows with each event: a page that has it is up to
    date. ``minutes_left`` is never more than the step has, whatever a clock did."""

    plan: Plan
    version: int
    title: str
    synthetic: bool
    phase: str
    step: Step
    steps: int
    exercise: Exercise
    people: str
    minutes_left: int
    progress: tuple[Progress, ...]
    results: tuple[Result, ...]


Finding = Callable[[Question], tuple[Result, ...]]
"""Gives the results of a question; whoever keeps them does not work them out again."""


def wall(
    plan: Plan, state: State, words: Words, now: datetime, finding: Finding | None = None
) -> Wall:
    """Return what the wall shows at ``now``."""
    find = finding or (lambda question: results(plan, state, words, question))
    step = plan.steps[min(state.step, len(plan.steps) - 1)]
    asked = [plan.questions[name] for name in step.questions]
    return Wall(
        plan=plan,
        version=state.trace.sequence,
        title=plan.title,
        synthetic=plan.synthetic,
        phase=state.phase,
        step=step,
        steps=len(plan.steps),
        exercise=exercises()[step.exercise],
        people=in_fives(state.present),
        minutes_left=minutes_left(state, step, now),
        progress=tuple(progress(state, question) for question in asked),
        results=tuple(r for question in asked for r in find(question)),
    )


def progress(state: State, question: Question) -> Progress:
    """Return how far one question is, for everybody's eyes."""
    if question.by == "table" and question.kind != "words":
        tables = answered(state, question)
        said = f"{tables} {'table' if tables == 1 else 'tables'}"
    else:
        said = in_fives(heard(state, question)) + " people"
    return Progress(question, said, question.id in state.shown)


def minutes_left(state: State, step: Step, now: datetime) -> int:
    """Return the whole minutes that a step has left, from none to all of them."""
    if state.began is None:
        return step.minutes
    gone = (now - state.began).total_seconds() / 60
    return min(step.minutes, max(0, round(step.minutes - gone)))


@dataclass(frozen=True)
class Own:
    """One question as one person's phone shows it: ``choice`` is what they chose so far, ``said``
    what their table did, ``texts`` what they or their table wrote as (role, words), ``lines`` the
    red lines they drew, ``seen`` the mark of all this, by which an answer says what it takes the
    place of."""

    question: Question
    open: bool
    choice: int | None
    shown: bool
    said: Mapping[str, Any] | None
    texts: tuple[tuple[str, str], ...]
    lines: tuple[Line, ...]
    seen: str


@dataclass(frozen=True)
class Phone:
    """What one participant's phone shows. ``cards`` are those of their table's set, ``scribe``
    says whether they write for the table and ``scribed`` whether anybody does; ``statements`` are
    the conditions to vote on, as id, text and the choice so far. ``stamp`` changes with whatever
    ought to change on the page, and stays while others answer."""

    plan: Plan
    stamp: str
    version: int
    title: str
    synthetic: bool
    phase: str
    step: Step
    exercise: Exercise
    sector: str
    seat: int
    table: int
    at_table: int
    present: bool
    scribe: bool
    scribed: bool
    cards: tuple[str, ...]
    questions: tuple[Own, ...]
    statements: tuple[tuple[str, str, int | None], ...]
    results: tuple[Result, ...]


def phone(
    plan: Plan,
    state: State,
    words: Words,
    who: str,
    finding: Finding | None = None,
    *,
    at: int | None = None,
) -> Phone:
    """Return what a participant's phone shows: the step that is open, or the one ``at``, but none
    that was never open yet: nobody reads the information pack before the first round.

    Raises ``KeyError`` for who has not joined.
    """
    find = finding or (lambda question: results(plan, state, words, question))
    person = state.people[who]
    number = state.step if at is None else min(at, max(state.step, state.trace.reached))
    step = plan.steps[max(0, min(number, len(plan.steps) - 1))]
    asked = [plan.questions[name] for name in step.questions]
    return Phone(
        plan=plan,
        stamp=stamp(plan, state, who),
        version=state.trace.sequence,
        title=plan.title,
        synthetic=plan.synthetic,
        phase=state.phase,
        step=step,
        exercise=exercises()[step.exercise],
        sector=person.sector,
        seat=person.number,
        table=person.table,
        at_table=state.members(person.table),
        present=person.present,
        scribe=state.scribes.get(person.table) == who,
        scribed=person.table in state.scribes,
        cards=plan.set_of(person.table),
        questions=tuple(
            own(state, words, question, who)
            for question in asked
            if question.kind != "items" or question.about in plan.set_of(person.table)
        ),
        statements=statements(state, words, asked, who),
        results=tuple(r for question in asked for r in find(question)),
    )


def own(state: State, words: Words, question: Question, who: str) -> Own:
    """Return one question as a participant sees it."""
    person = state.people[who]
    said = state.tables.get(question.id, {}).get(person.table)
    by_table = question.by == "table"
    if said is not None:
        kept = said.data["own"]
        pairs = [("words", one) if isinstance(one, str) else (one[0], one[1]) for one in kept]
    else:
        pairs = [
            (written.role, text)
            for text, written in state.words.items()
            if written.question == question.id
            and (written.table == person.table if by_table else written.by == who)
        ]
    drawn = state.lines.get(question.id, {}).get(who, ())
    shown = question.id in state.shown
    return Own(
        question=question,
        open=state.phase == "open" and not (shown and question.kind in ("vote", "statement")),
        choice=state.votes.get(question.id, {}).get(who),
        shown=shown,
        said=None if said is None else said.data,
        texts=tuple((role, text_of(state, words, text)) for role, text in pairs),
        lines=tuple(line_of(state, words, line) for line in drawn),
        seen=standing(state, who, question),
    )


def stamp(plan: Plan, state: State, who: str) -> str:
    """Return a mark of what a participant's phone ought to show now.

    It changes with the step, with results, with who writes for the table and with what this person
    or table answered, from whichever phone; not with what everybody else does.
    """
    person = state.people[who]
    step = plan.steps[min(state.step, len(plan.steps) - 1)]
    asked = [plan.questions[name] for name in step.questions]
    told = (
        state.phase,
        state.step,
        person.table,
        person.present,
        state.scribes.get(person.table, "") == who,
        person.table in state.scribes,
        [(q.id in state.shown, len(state.trace.ever.get(q.id, ()))) for q in asked],
        [standing(state, who, q) for q in asked],
        [who in votes for votes in state.statements.values()]
        if any(q.kind == "statement" for q in asked)
        else (),
    )
    return hashlib.sha256(repr(told).encode()).hexdigest()[:16]


def statements(
    state: State, words: Words, asked: list[Question], who: str
) -> tuple[tuple[str, str, int | None], ...]:
    """Return the conditions that a person can vote on now, in an order of their own.

    Where tables wrote more than anybody can read, each person is given as many as they can, drawn
    by a hash, so that every condition is read by about as many people.
    """
    on = {question.on for question in asked if question.kind == "statement"}
    if not on:
        return ()
    told = [text for question in on for text in tellable(state, question)]
    open_to_vote = [text for text in told if text not in state.hidden and text in words]
    open_to_vote.sort(key=lambda text: hashlib.sha256(f"{who} {text}".encode()).digest())
    return tuple(
        (text, words[text], state.statements.get(text, {}).get(who))
        for text in open_to_vote[:MOST_STATEMENTS]
    )
