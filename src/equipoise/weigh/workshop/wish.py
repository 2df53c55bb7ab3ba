"""From what a facilitator wishes to a plan that fits, or every reason why none can."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from equipoise.errors import Problem, UsageRefused
from equipoise.weigh.cards import Cards
from equipoise.weigh.catalogue import Catalogue
from equipoise.weigh.workshop.criteria import Lists, faults_of_criteria
from equipoise.weigh.workshop.exercises import Exercise, exercises
from equipoise.weigh.workshop.plan import (
    NOT_SAID,
    Chosen,
    Information,
    Laid,
    Plan,
    Variation,
)

SEATS: Final = (4, 6)
"""How many people one table is planned for (seed L72)."""
MOST_PEOPLE: Final = 1200
SET_SIZES: Final = (2, 8)
"""Cards that one table can rank in the time there is; people found even six hard (L957-959)."""
MOST_CASES: Final = 4
BREAK: Final = (150, 15)
"""From so many minutes on, so many are left for a break."""
LONGEST_DAY: Final = 600

USUAL_VARIATIONS: Final = (
    Variation(
        id="voluntary", changes="who", words="A local voluntary organisation is given the data too."
    ),
    Variation(id="commercial", changes="who", words="A commercial company is given the data too."),
    Variation(
        id="identified", changes="what", words="Names and addresses are shared instead of codes."
    ),
    Variation(
        id="enforcement", changes="purpose", words="The same data is used to find and fine people."
    ),
)
"""Four changes of one thing each, to begin from (L486-491, L525-541, L550-586)."""


@dataclass(frozen=True)
class Wish:
    """What a facilitator asks for. Without ``exercises``, those that fit are chosen; without
    ``tables``, as few as seat everybody at four to six."""

    id: str
    title: str
    facilitators: tuple[str, ...]
    people: int
    minutes: int
    sets: dict[str, tuple[str, ...]]
    cases: tuple[str, ...] = ()
    tables: int | None = None
    sectors: tuple[str, ...] = ("public sector", "voluntary sector")
    exercises: tuple[str, ...] | None = None
    information: Information | None = None
    variations: tuple[Variation, ...] = USUAL_VARIATIONS
    about: str = ""
    substance: str | None = None
    synthetic: bool = False
    criteria: Lists = field(default_factory=dict)
    own_criteria: Lists = field(default_factory=dict)


def propose(wish: Wish, cards: Cards, catalogue: Catalogue) -> Plan:
    """Return the plan that fits the wish. Raises ``UsageRefused`` with all of WGH120 to WGH131,
    WGH183 and WGH184."""
    problems = [
        *_faults_of_people(wish),
        *_faults_of_cards(wish, cards),
        *_faults_asked(wish),
        *faults_of_criteria(wish.criteria, wish.own_criteria, catalogue),
    ]
    if problems:
        raise UsageRefused(problems)
    chosen = _fitted(wish)
    laid = {
        name: Laid(title=cards[name].title, digest=cards[name].digest)
        for name in (*(c for cs in wish.sets.values() for c in cs), *wish.cases)
    }
    return Plan(
        id=wish.id,
        title=wish.title.strip(),
        about=wish.about,
        substance=wish.substance,
        facilitators=wish.facilitators,
        synthetic=wish.synthetic,
        people=wish.people,
        tables=wish.tables or _tables_for(wish.people),
        minutes=wish.minutes,
        sectors=wish.sectors,
        sets=wish.sets,
        cases=wish.cases,
        cards=laid,
        variations=wish.variations,
        information=wish.information,
        exercises=chosen,
        break_minutes=_break(wish.minutes),
        catalogue=catalogue.version,
        catalogue_digest=catalogue.digest,
        criteria=wish.criteria,
        own_criteria={group: words for group, words in wish.own_criteria.items() if words},
    )


def left_out(wish: Wish, plan: Plan) -> tuple[tuple[str, str], ...]:
    """Return the exercises that a plan leaves out, each with why: what it lacks, or the time.
    Empty where the facilitator chose them."""
    if wish.exercises is not None:
        return ()
    chosen = {one.exercise for one in plan.exercises}
    return tuple(
        (each.title, f"it needs {lack}" if (lack := _wants(each, wish)) else "there is no time")
        for each in exercises().values()
        if each.id not in chosen
    )


def advice(plan: Plan) -> tuple[str, ...]:
    """Return what a facilitator should know before making it; nothing here is refused."""
    names = {chosen.exercise for chosen in plan.exercises}
    found = []
    if plan.people < 10:
        found.append(
            "With fewer than ten people a poll cannot be split without showing what fewer than "
            "five answered. It will say how many took part, and little more: talk instead."
        )
    if plan.tables == 1:
        found.append("With one table there is no agreement between tables to measure.")
    if len(names & {"ranking benefit", "ranking risk"}) == 1:
        found.append(
            "Only benefit or only risk is ranked. In the workshop that this follows, people asked "
            "for both on the same cards by the same table."
        )
    if any(len(cards) > 6 for cards in plan.sets.values()):
        found.append(
            "More than six cards are hard to rank in the time. Fewer and fuller is better."
        )
    if plan.sets and len(plan.sets) > plan.tables:
        found.append("There are more sets of cards than tables: some sets will not be ranked.")
    return tuple(found)


def _break(minutes: int) -> int:
    return BREAK[1] if minutes >= BREAK[0] else 0


def _tables_for(people: int) -> int:
    return math.ceil(people / SEATS[1])


def _seats_fit(people: int, tables: int) -> bool:
    return tables * SEATS[0] <= people <= tables * SEATS[1]


def _faults_of_people(wish: Wish) -> Iterator[Problem]:
    if not 3 <= len(wish.title.strip()) <= 120:
        yield Problem("WGH120", "the workshop needs a title of 3 to 120 letters")
    if not SEATS[0] <= wish.people <= MOST_PEOPLE:
        yield Problem(
            "WGH121",
            f"a workshop is for {SEATS[0]} to {MOST_PEOPLE} people, not {wish.people}",
            why="fewer are no table, and what they said could not be shown",
            next="invite more people, or hold several workshops",
        )
    else:
        tables = _tables_for(wish.people) if wish.tables is None else wish.tables
        if not _seats_fit(wish.people, tables):
            yield Problem(
                "WGH122",
                f"{wish.people} people at {tables} tables are not four to six at each",
                why="a table of fewer falls silent, and at a larger one some do",
                next=_tables_advised(wish.people),
            )
    if not 2 <= len(wish.sectors) <= 12:
        yield Problem(
            "WGH123",
            f"{len(wish.sectors)} sectors were named; name 2 to 12 for people to choose from",
            why="agreement across groups needs groups",
        )
    folded = [name.strip().casefold() for name in wish.sectors]
    if len(set(folded)) < len(folded) or NOT_SAID in folded or "" in folded:
        yield Problem(
            "WGH124",
            f"sectors must differ, and none may be empty or called {NOT_SAID!r}",
            why="that choice is always there",
        )
    for name in wish.facilitators or ("",):
        if not all(name.partition("/")):
            yield Problem(
                "WGH125",
                "a workshop needs facilitators, each as party/Name",
                why="only they may move it on, show results and undo",
            )


def _tables_advised(people: int) -> str:
    fits = [t for t in range(1, people // SEATS[0] + 1) if _seats_fit(people, t)]
    if not fits:
        return "invite one more, or one fewer"
    if len(fits) == 1:
        return f"plan for {fits[0]} tables"
    return f"plan for {fits[0]} to {fits[-1]} tables"


def _faults_of_cards(wish: Wish, cards: Cards) -> Iterator[Problem]:
    for name, members in wish.sets.items():
        if not SET_SIZES[0] <= len(members) <= SET_SIZES[1] or len(set(members)) < len(members):
            yield Problem(
                "WGH126",
                f"the set {name!r} must hold {SET_SIZES[0]} to {SET_SIZES[1]} different cards",
                why="one card has no order, and nobody ranks more in the time there is",
                next="split it into two sets; tables take them in turn",
            )
    ranked = [card for members in wish.sets.values() for card in members]
    for card in dict.fromkeys((*ranked, *wish.cases)):
        if card not in cards:
            yield Problem("WGH127", f"there is no card {card!r}", next="choose one from the list")
        elif not cards[card].described:
            yield Problem(
                "WGH128",
                f"the card {card} is not described",
                why="nobody can weigh what is not told",
                next="leave it out, or describe it in a card of your own",
            )
    if len(wish.cases) > MOST_CASES or len(set(wish.cases)) < len(wish.cases):
        yield Problem("WGH126", f"choose at most {MOST_CASES} different cases to poll on")


def _wants(exercise: Exercise, wish: Wish) -> str:
    """Return what an exercise lacks, in words, or nothing."""
    if exercise.cards == "ranked" and not wish.sets:
        return "a set of cards to rank"
    if exercise.cards == "cases" and not wish.cases:
        return "a case"
    if exercise.information and wish.information is None:
        return "an information pack to read between its two rounds"
    if exercise.variations and not wish.variations:
        return "variations"
    return ""


def _faults_asked(wish: Wish) -> Iterator[Problem]:
    for name in wish.exercises or ():
        if name not in exercises():
            known = ", ".join(exercises())
            yield Problem("WGH129", f"there is no exercise {name!r}", next=f"choose from: {known}")
        elif lacks := _wants(exercises()[name], wish):
            yield Problem("WGH130", f"the exercise {name!r} needs {lacks}")
    if len({variation.id for variation in wish.variations}) < len(wish.variations):
        yield Problem("WGH130", "each variation needs an id of its own")
    if wish.minutes > LONGEST_DAY:
        yield Problem("WGH131", f"{wish.minutes} minutes are longer than a day", next="plan two")
        return
    if any(name not in exercises() for name in wish.exercises or ()):
        return
    kept = [e for e in _candidates(wish) if wish.exercises is not None or e.drop == 0]
    extra = 0 if wish.exercises is not None else _least_work(wish)
    least = sum(_least(e, wish) for e in kept) + extra + _break(wish.minutes)
    if least > wish.minutes:
        yield Problem(
            "WGH131",
            f"{wish.minutes} minutes are too few: {least} are the least for this",
            why="a rushed exercise is worse than none",
            next="give it more time, fewer exercises or fewer cards",
        )


def _candidates(wish: Wish) -> list[Exercise]:
    """Return what could be done, in the order of a day; welcome and evaluation always are."""
    asked = wish.exercises
    return [
        exercise
        for exercise in exercises().values()
        if exercise.drop == 0
        or (exercise.id in asked if asked is not None else not _wants(exercise, wish))
    ]


def _cards_in(exercise: Exercise, wish: Wish) -> int:
    if exercise.cards == "ranked":
        return max((len(members) for members in wish.sets.values()), default=0)
    return len(wish.cases) if exercise.cards == "cases" else 0


def _least(exercise: Exercise, wish: Wish) -> int:
    return exercise.least(_cards_in(exercise, wish))


def _least_work(wish: Wish) -> int:
    """Return the minutes of the shortest exercise in which anything is weighed."""
    return min((_least(e, wish) for e in _candidates(wish) if e.drop), default=0)


def _fitted(wish: Wish) -> tuple[Chosen, ...]:
    """Drop what matters least until the least times fit, then share out the minutes left over."""
    left = _candidates(wish)
    room = wish.minutes - _break(wish.minutes)
    if wish.exercises is None:
        while sum(_least(e, wish) for e in left) > room:
            # Of those that may go first, the longest goes: fewer and fuller exercises stay.
            gone = max(left, key=lambda e: (e.drop, _least(e, wish)))
            left.remove(gone)
    minutes = {e.id: _least(e, wish) for e in left}
    spare = room - sum(minutes.values())
    while spare > 0:
        short = [e for e in left if minutes[e.id] < e.usual(_cards_in(e, wish))]
        if not short:
            break
        for exercise in short[:spare]:
            minutes[exercise.id] += 1
            spare -= 1
    return tuple(Chosen(exercise=e.id, minutes=minutes[e.id]) for e in left)
