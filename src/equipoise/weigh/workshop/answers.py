"""What people send: a choice, an order, items of the catalogue, words, a red line.

``answer`` looks at the state and returns the event to add, or nothing where the phone has sent the
same before and never heard back. Everything wrong with an answer is told at once, in words that
the person who sent it understands.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from equipoise.agree.canonical import canonical_bytes, digest_of
from equipoise.errors import DataRefused, EquipoiseError, Problem, StateRefused, UsageRefused
from equipoise.weigh.catalogue import Catalogue
from equipoise.weigh.rank import Ranking
from equipoise.weigh.workshop.events import New, Said
from equipoise.weigh.workshop.exercises import CANNOT_SAY
from equipoise.weigh.workshop.joining import known, refuse_flood, refuse_unless_open
from equipoise.weigh.workshop.plan import Plan, Question
from equipoise.weigh.workshop.screening import screened
from equipoise.weigh.workshop.state import State

MOST_TEXTS: Final = 8
"""Texts in one sending."""
MOST_FROM_ONE: Final = 80
"""Texts from one phone in one workshop; a hand that writes more is no hand."""
MOST_LINES: Final = 20
"""Red lines from one phone: everybody's must be read."""
SCOPES: Final = ("this initiative", "every use of data")
CRITERIA: Final = ("criteria", "ranking questions", "avoided", "risk criteria", "factors")
"""The groups of the catalogue from which a table takes what it judges by, or leaves out."""


@dataclass(frozen=True)
class Draft:
    """A text as somebody wrote it. ``role`` says which box: ``words``, ``judged by``, ``left
    out``, ``holder``; ``id`` and ``salt`` are drawn at random by whoever calls."""

    role: str
    text: str
    id: str
    salt: str


@dataclass(frozen=True)
class Answer:
    """One sending. ``client`` is an id that the phone made up for it and uses again when it sends
    it again. ``confirmed`` holds the marks of texts that the writer was asked about. ``seen`` is
    the mark (``standing``) of what the page showed as answered; without it nothing is compared."""

    question: str
    client: str
    choice: int | None = None
    about: str = ""
    order: tuple[tuple[str, ...], ...] = ()
    criteria: tuple[str, ...] = ()
    left_out: tuple[str, ...] = ()
    counted_in: str = ""
    order_then: tuple[tuple[str, ...], ...] = ()
    items: tuple[str, ...] = ()
    scope: str = SCOPES[0]
    id: str = ""
    drafts: tuple[Draft, ...] = ()
    confirmed: frozenset[str] = field(default_factory=frozenset)
    seen: str | None = None


def answer(plan: Plan, state: State, catalogue: Catalogue, who: str, sent: Answer) -> New | None:
    """Return the event for an answer, or ``None`` when this very sending was taken before, or draws
    a line of the list that its sender has drawn already.

    Raises ``StateRefused`` where it comes at the wrong time (WGH132 to WGH134, WGH150 to WGH153,
    WGH178),
    ``UsageRefused`` or ``DataRefused`` for what is wrong with it (WGH138 to WGH149, WGH154 to
    WGH162).
    """
    if (who, sent.client) in state.trace.sent:
        return None
    refuse_unless_open(state)
    person = known(state, who)
    refuse_flood(state, who)
    question = _open_question(plan, state, sent.question)
    if question.by == "table":
        _refuse_unless_scribe(state, who, person.table)
    drawn = state.lines.get(question.id, {}).get(who, [])
    if _is_drawn(drawn, sent):
        return None
    problems = [*_faults_of_sending(sent, state, who)]
    if len(drawn) >= MOST_LINES:
        problems.append(Problem("WGH155", f"{MOST_LINES} red lines are as many as one may draw"))
    problems += _FAULTS[question.kind](plan, state, catalogue, question, sent, person.table)
    said, found = _texts(sent)
    if problems or found:
        kinds = DataRefused if found and not problems else UsageRefused
        raise kinds([*problems, *found])
    _refuse_overtaken(state, who, question, sent)
    return New(who, "answered", _data(state, question, sent, person.table, said), said)


def _is_drawn(drawn: Sequence[Mapping[str, Any]], sent: Answer) -> bool:
    """Say whether a line of the list, without a word or a name to it, stands there already."""
    said = sent.items[0] if len(sent.items) == 1 and not sent.drafts else ""
    return any(said and (line["item"], line["scope"]) == (said, sent.scope) for line in drawn)


def standing(state: State, who: str, question: Question, about: str = "") -> str:
    """Return a mark of what somebody, or their table, has answered to a question so far.

    ``about`` names the statement where there are several. Empty where nothing was answered.
    """
    if question.kind == "statement":
        votes = state.statements.get(about, {})
        return str(votes[who]) if who in votes else ""
    if question.kind == "vote":
        return str(state.votes.get(question.id, {}).get(who, ""))
    if question.kind in ("order", "items"):
        said = state.tables.get(question.id, {}).get(state.people[who].table)
        return "" if said is None else digest_of(canonical_bytes(dict(said.data)))[7:23]
    return ""


def _refuse_overtaken(state: State, who: str, question: Question, sent: Answer) -> None:
    """Refuse an answer from a page that did not show the newest one, as on a second phone."""
    now = standing(state, who, question, sent.about)
    if sent.seen is None or now in (sent.seen, str(sent.choice)):
        return
    raise StateRefused(
        Problem(
            "WGH178",
            "this was answered from another phone or page since yours was opened",
            why="your place in the room, or your table's answer, is on more than one screen, and "
            "the last to send would silently win",
            next="look at what stands there now; send again if you still want yours instead",
        )
    )


def order_from_places(places: Mapping[str, float | None]) -> tuple[tuple[str, ...], ...]:
    """Return an order from the place given to each card: equal places tie, gaps do not count."""
    steps: dict[float, list[str]] = {}
    for card, place in places.items():
        if place is not None:
            steps.setdefault(place, []).append(card)
    return tuple(tuple(sorted(steps[place])) for place in sorted(steps))


def ranking(order: Any) -> Ranking:
    """Return a kept order as a ranking, best first."""
    return tuple(frozenset(step) for step in order)


def _open_question(plan: Plan, state: State, name: str) -> Question:
    question = plan.questions.get(name)
    if question is None:
        raise UsageRefused(Problem("WGH150", "there is no such question in this workshop"))
    if question.kind in ("vote", "statement"):
        if name in state.shown:
            raise StateRefused(
                Problem(
                    "WGH151",
                    "voting on this has ended: its results have been shown",
                    why="an answer given after seeing the others' is another kind of answer",
                )
            )
        if question.step != state.step:
            raise StateRefused(
                Problem(
                    "WGH152",
                    "this question is not open now",
                    why="everybody answers at the same point of the day",
                    next="look at the wall: it says what is being asked",
                )
            )
    elif question.step > state.step:
        raise StateRefused(Problem("WGH152", "this question is not open yet"))
    return question


def _refuse_unless_scribe(state: State, who: str, table: int) -> None:
    if state.scribes.get(table) != who:
        raise StateRefused(
            Problem(
                "WGH153",
                "somebody else writes for your table"
                if table in state.scribes
                else "nobody writes for your table yet",
                why="a table answers with one voice, and one phone sends it",
                next="let them send it, or take over the writing",
            )
        )


def _faults_of_sending(sent: Answer, state: State, who: str) -> Iterator[Problem]:
    if not 8 <= len(sent.client) <= 64 or not sent.client.isascii():
        yield Problem("WGH154", "a sending needs an id of 8 to 64 letters or digits")
    if len(sent.drafts) > MOST_TEXTS:
        yield Problem("WGH155", f"at most {MOST_TEXTS} texts can be sent at once")
    if sent.drafts and sum(w.by == who for w in state.words.values()) >= MOST_FROM_ONE:
        yield Problem("WGH155", "this phone has sent as many texts as one may")


_Faults = Callable[[Plan, State, Catalogue, Question, Answer, int], Iterator[Problem]]


def _vote_faults(
    plan: Plan, state: State, catalogue: Catalogue, question: Question, sent: Answer, table: int
) -> Iterator[Problem]:
    points = len(question.scale)
    if isinstance(sent.choice, bool) or sent.choice not in range(CANNOT_SAY, points + 1):
        yield Problem(
            "WGH156",
            f"choose one of the {points} points of the scale, or say that you cannot say",
        )
    if sent.drafts:
        yield Problem("WGH155", "this question takes no words")


def _statement_faults(
    plan: Plan, state: State, catalogue: Catalogue, question: Question, sent: Answer, table: int
) -> Iterator[Problem]:
    yield from _vote_faults(plan, state, catalogue, question, sent, table)
    written = state.words.get(sent.about)
    if written is None or written.question != question.on or sent.about in state.hidden:
        yield Problem("WGH157", "there is no such statement to vote on")


def _order_faults(
    plan: Plan, state: State, catalogue: Catalogue, question: Question, sent: Answer, table: int
) -> Iterator[Problem]:
    cards = plan.set_of(table)
    yield from _faults_of_order(sent.order, cards, "the order")
    both = set(sent.criteria) & set(sent.left_out)
    if both:
        yield Problem(
            "WGH159", "something is both judged by and left out", next=", ".join(sorted(both))
        )
    for item in (*sent.criteria, *sent.left_out):
        if item not in catalogue or catalogue[item].group not in CRITERIA:
            yield Problem("WGH160", "a criterion is not one of the list", next="use your own words")
    if bool(sent.counted_in) != bool(sent.order_then):
        yield Problem("WGH159", "name what you left out, and the order if it counted: both or none")
    elif sent.counted_in:
        if sent.counted_in not in sent.left_out:
            yield Problem("WGH159", "only something that was left out can be counted in")
        yield from _faults_of_order(sent.order_then, cards, "the order with it counted in")


def _faults_of_order(
    order: tuple[tuple[str, ...], ...], cards: tuple[str, ...], which: str
) -> Iterator[Problem]:
    named = [card for step in order for card in step]
    if len(set(named)) < len(named):
        yield Problem(
            "WGH158",
            f"{which} names a card twice",
            why="a card has one place",
            next="give it the place you mean; two different cards may share one",
        )
    if set(named) - set(cards):
        yield Problem("WGH158", f"{which} names a card that is not in your table's set")
    if len(set(named)) < 2 or not all(order):
        yield Problem(
            "WGH158",
            f"{which} must place at least two cards, and no place may be empty",
            why="one card has no order; cards you cannot judge may stay out",
        )


def _items_faults(
    plan: Plan, state: State, catalogue: Catalogue, question: Question, sent: Answer, table: int
) -> Iterator[Problem]:
    if question.about not in plan.set_of(table):
        yield Problem("WGH161", "that card is not in your table's set")
    if len(set(sent.items)) < len(sent.items):
        yield Problem("WGH160", "something is ticked twice")
    if any(i not in catalogue or catalogue[i].group != question.group for i in sent.items):
        yield Problem("WGH160", f"something ticked is not one of the {question.group}")


def _words_faults(
    plan: Plan, state: State, catalogue: Catalogue, question: Question, sent: Answer, table: int
) -> Iterator[Problem]:
    if not sent.drafts:
        yield Problem("WGH138", "nothing was written", next="write a few words")


def _line_faults(
    plan: Plan, state: State, catalogue: Catalogue, question: Question, sent: Answer, table: int
) -> Iterator[Problem]:
    roles = [draft.role for draft in sent.drafts]
    if not sent.items and "words" not in roles:
        yield Problem("WGH162", "choose a red line from the list, or write your own")
    if len(sent.items) > 1 or len(set(roles)) < len(roles):
        yield Problem("WGH162", "send one red line at a time")
    if any(i not in catalogue or catalogue[i].group != question.group for i in sent.items):
        yield Problem("WGH160", "that is not one of the red lines of the list")
    if sent.scope not in SCOPES:
        yield Problem("WGH162", f"say what it covers: {' or '.join(SCOPES)}")
    if not sent.id:
        yield Problem("WGH154", "a red line needs an id")


_FAULTS: Final[Mapping[str, _Faults]] = {
    "vote": _vote_faults,
    "statement": _statement_faults,
    "order": _order_faults,
    "items": _items_faults,
    "words": _words_faults,
    "line": _line_faults,
}


def _texts(sent: Answer) -> tuple[tuple[Said, ...], list[Problem]]:
    """Screen every text, and gather what is wrong with any."""
    said: list[Said] = []
    problems: list[Problem] = []
    for number, draft in enumerate(sent.drafts[:MOST_TEXTS], 1):
        box = f"{draft.role} {number}" if len(sent.drafts) > 1 else draft.role
        try:
            named = draft.role == "holder"
            text = screened(draft.text, box, confirmed=sent.confirmed, name=named)
            said.append(Said(draft.id, draft.salt, text))
        except EquipoiseError as error:
            problems += error.problems
    return tuple(said), problems


def _data(
    state: State, question: Question, sent: Answer, table: int, said: tuple[Said, ...]
) -> dict[str, Any]:
    data: dict[str, Any] = {
        "question": question.id,
        "answer": question.kind,
        "client": sent.client,
    }
    if question.kind in ("vote", "statement"):
        data["choice"] = sent.choice
    if question.kind == "statement":
        data["about"] = sent.about
    if question.by == "table":
        data |= {"table": table, "people": state.members(table)}
    if question.kind == "order":
        data["said"] = {
            "order": [sorted(step) for step in sent.order],
            "criteria": sorted(sent.criteria),
            "left out": sorted(sent.left_out),
            "counted in": sent.counted_in,
            "order then": [sorted(step) for step in sent.order_then],
            "own": [[d.role, s.id] for d, s in zip(sent.drafts, said, strict=True)],
        }
    elif question.kind == "items":
        own = [s.id for s in said]
        data["said"] = {"items": sorted(sent.items), "own": own}
    elif question.kind == "line":
        data["said"] = {
            "id": sent.id,
            "item": sent.items[0] if sent.items else "",
            "scope": sent.scope,
            **{draft.role: s.id for draft, s in zip(sent.drafts, said, strict=True)},
        }
    if said:
        data["texts"] = [[d.role, s.id] for d, s in zip(sent.drafts, said, strict=True)]
        data["digests"] = [s.digest for s in said]
        if question.by == "table":
            data["members"] = sorted(state.at_table(table))
    return data
