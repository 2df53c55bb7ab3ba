"""An invented workshop, for the demonstration and the tests. It is marked synthetic everywhere.

Nobody said any of this. The draws lean the way in which the founding report says the day went - who
was asked again after hearing how much is shared about named people felt less comfortable (L482-491)
- but they are draws, and no count in them is a fact about anybody.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Final

from equipoise.weigh.catalogue import Catalogue, Group
from equipoise.weigh.workshop.answers import Answer, Draft
from equipoise.weigh.workshop.events import Said, participant
from equipoise.weigh.workshop.exercises import CANNOT_SAY
from equipoise.weigh.workshop.plan import Plan, Question
from equipoise.weigh.workshop.room import Room
from equipoise.weigh.workshop.steering import answered
from equipoise.weigh.workshop.wall import statements

BEGINS: Final = datetime(2027, 6, 30, 9, 30, tzinfo=UTC)

HOPES: Final = (
    "Families tell their story once",
    "Help arrives before the crisis",
    "We see what works and stop what does not",
    "Fewer letters to the wrong address",
    "Services that know of each other",
)
DOUBTS: Final = (
    "Nobody asked the people it is about",
    "Once it is there it will be used for more",
    "Old mistakes in the records travel further",
    "Small charities cannot keep it safe",
    "A score decides who gets help",
)
CONDITIONS: Final = (
    "People are told beforehand in plain words",
    "Only those who need the answer see it, and only the answer",
    "The data is deleted when the purpose is met",
    "Somebody outside looks at it every year",
    "No sale and no passing on to companies",
)
LINES: Final = ("Never to find people to punish", "Never without a way to say no")
TAKE_AWAYS: Final = (
    "We do not mean the same by anonymous",
    "The order depends on what you leave out",
    "Ask the people it is about next time",
    "Safeguards help us share with good conscience",
    "Small groups need a simpler way in",
)
OWN: Final = ("Neighbours notice", "Trust once lost does not come back", "Help for carers too")


@dataclass
class Day:
    """One invented day: the room, who steers it, and everybody's tokens."""

    room: Room
    draw: random.Random
    facilitator: str
    tokens: dict[str, str] = field(default_factory=dict)
    _count: int = 0

    @property
    def said(self) -> tuple[Said, ...]:
        """Return every text with its salt."""
        return tuple(self.room.said)

    def fresh(self, what: str) -> str:
        """Return an id that was not given out before, here or in another workshop of the seed."""
        self._count += 1
        own = int.from_bytes(sha256(self.room.plan.id.encode()).digest()[:8])
        return f"{what}{self._count:06d}{self.draw.getrandbits(64) ^ own:016x}"

    def draft(self, role: str, text: str) -> Draft:
        """Return a text with an id and a salt."""
        return Draft(role, text, self.fresh("t"), self.fresh("s"))


def simulate(plan: Plan, catalogue: Catalogue, seed: int, *, begins: datetime = BEGINS) -> Day:
    """Run a whole workshop with as many invented people as the plan is for.

    Everybody joins, every table writes, ranks and answers, everybody votes, and it is closed. The
    same seed gives the same day. Raises ``ValueError`` for a plan that is not marked synthetic.
    """
    if not plan.synthetic:
        raise ValueError("only a workshop that is marked synthetic may hold invented answers")
    draw = random.Random(seed)  # noqa: S311  # invented people need no secrets
    ticks = iter(range(10**9))
    day = Day(
        Room(plan, catalogue, lambda: begins + timedelta(seconds=next(ticks))),
        draw,
        plan.facilitators[0],
    )
    day.room.begin(day.facilitator)
    _arrive(day)
    for step in plan.steps:
        day.room.move(day.facilitator, step.number)
        for name in step.questions:
            _ask(day, plan.questions[name])
        for name in step.questions:
            _show(day, plan.questions[name])
    day.room.close(day.facilitator)
    return day


def _show(day: Day, question: Question) -> None:
    if answered(day.room.state, question):
        day.room.show(day.facilitator, question.id)


def _arrive(day: Day) -> None:
    plan = day.room.plan
    for number in range(plan.people):
        token = f"invented-{number}-{day.draw.getrandbits(64):016x}"
        who = participant(token, plan.id)
        day.tokens[who] = token
        sector = plan.sectors[day.draw.randrange(len(plan.sectors))]
        day.room.join(who, sector)
    for table in range(1, plan.tables + 1):
        day.room.write(_at(day, table)[0])


def _at(day: Day, table: int) -> list[str]:
    return [who for who, person in day.room.state.people.items() if person.table == table]


def _ask(day: Day, question: Question) -> None:
    for who, sent in _answers(day, question):
        day.room.answer(who, sent)


def _answers(day: Day, question: Question) -> Iterator[tuple[str, Answer]]:
    if question.by == "table":
        for table, who in sorted(day.room.state.scribes.items()):
            yield from ((who, sent) for sent in _of_table(day, question, table))
        return
    for who in list(day.room.state.people):
        # Somebody is always out of the room, or has had enough of pressing.
        if day.draw.random() < 0.93:
            yield from ((who, sent) for sent in _of_person(day, question, who))


def _of_person(day: Day, question: Question, who: str) -> Iterator[Answer]:
    draw = day.draw
    if question.kind == "vote":
        yield Answer(question.id, day.fresh("c"), choice=_choice(day, question, who))
    elif question.kind == "statement":
        for text, _, _ in statements(day.room.state, day.room.words, [question], who):
            if draw.random() < 0.9:
                choice = 2 if draw.random() < 0.72 else 1
                yield Answer(question.id, day.fresh("c"), choice=choice, about=text)
    elif question.kind == "line":
        if draw.random() < 0.75:
            yield _line(day, question)
    else:
        texts = {"hopes": HOPES, "doubts": DOUBTS}.get(question.id, TAKE_AWAYS)
        if draw.random() < 0.6:
            yield Answer(
                question.id, day.fresh("c"), drafts=(day.draft("words", draw.choice(texts)),)
            )


def _line(day: Day, question: Question) -> Answer:
    lines = [item.id for item in day.room.catalogue.of("red lines")]
    own = day.draw.random() < 0.2
    return Answer(
        question.id,
        day.fresh("c"),
        items=() if own else (day.draw.choice(lines),),
        id=day.fresh("l"),
        drafts=(day.draft("words", day.draw.choice(LINES)),) if own else (),
    )


def _choice(day: Day, question: Question, who: str) -> int:
    """Draw a point on the scale: lower in a second round, and lower for some sectors."""
    points = len(question.scale)
    if day.draw.random() < 0.03:
        return CANNOT_SAY
    before = day.room.state.votes.get(question.since, {}).get(who, CANNOT_SAY)
    if before != CANNOT_SAY:
        step = day.draw.choice((0, 0, 0, -1, -1, -1, -2, 1))
        return min(points, max(1, before + step))
    sector = day.room.plan.all_sectors.index(day.room.state.people[who].sector)
    middle = points * (0.66 - 0.08 * (sector % 3))
    return min(points, max(1, round(day.draw.gauss(middle, points / 4.5))))


def _of_table(day: Day, question: Question, table: int) -> Iterator[Answer]:
    plan, draw = day.room.plan, day.draw
    if question.kind == "items" and question.about in plan.set_of(table):
        group: Group = "risks" if question.group == "risks" else "benefits"
        items = [item.id for item in day.room.catalogue.of(group)]
        own = (day.draft("words", draw.choice(OWN)),) if draw.random() < 0.3 else ()
        ticked = tuple(draw.sample(items, k=draw.randint(2, 5)))
        yield Answer(question.id, day.fresh("c"), items=ticked, drafts=own)
    elif question.kind == "order":
        yield _order(day, question, table)
    elif question.kind == "words":
        texts = CONDITIONS if question.id == "conditions" else ("What does the law say here",)
        for text in draw.sample(texts, k=min(2, len(texts))):
            yield Answer(question.id, day.fresh("c"), drafts=(day.draft("words", text),))


def _order(day: Day, question: Question, table: int) -> Answer:
    cards = list(day.room.plan.set_of(table))
    group: Group = "risk criteria" if question.group == "risk criteria" else "criteria"
    criteria = [item.id for item in day.room.catalogue.of(group)]
    avoided = [item.id for item in day.room.catalogue.of("avoided")]
    out = tuple(day.draw.sample(avoided, k=2))
    return Answer(
        question.id,
        day.fresh("c"),
        order=_drawn_order(day, cards),
        criteria=tuple(day.draw.sample(criteria, k=min(2, len(criteria)))),
        left_out=out,
        counted_in=out[0],
        order_then=_drawn_order(day, cards),
    )


def _drawn_order(day: Day, cards: Sequence[str]) -> tuple[tuple[str, ...], ...]:
    """Draw an order that leans on the order of the cards, with a tie now and then."""
    score = {card: at + day.draw.gauss(0, len(cards) / 3) for at, card in enumerate(cards)}
    ordered = sorted(cards, key=score.__getitem__)
    if len(ordered) > 2 and day.draw.random() < 0.25:
        return ((ordered[0], ordered[1]), *((card,) for card in ordered[2:]))
    return tuple((card,) for card in ordered)
