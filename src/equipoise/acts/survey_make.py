"""Make a pairwise survey from what a form says, and see it as its facilitators do."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Final

from equipoise.acts.initiatives import RESERVED, belongs, slug_of
from equipoise.acts.site import Site
from equipoise.acts.workshop_make import workshops
from equipoise.acts.workshop_survey import make_survey, surveys, waiting_ideas
from equipoise.errors import Problem, StateRefused, UsageRefused
from equipoise.store.facts import Person
from equipoise.store.workshops import Held
from equipoise.weigh.pairwise import MOST
from equipoise.weigh.workshop.shown import in_fives
from equipoise.weigh.workshop.survey import Phase, Standing, SurveyPlan, standings

LONGEST_DAYS: Final = 366
QUESTION: Final = "Which of these two matters more to you?"


@dataclass(frozen=True)
class SurveyWish:
    """What somebody wants to ask: ``ideas`` one a line, open for ``days``.

    It begins ``now``, at the first moment of the ``day`` that ``begins_on`` names, or is kept as a
    draft and begins ``later``, when somebody opens it. ``initiative`` is the one that it belongs
    to, if any."""

    title: str
    question: str
    ideas: str
    days: int
    own_ideas: bool = True
    initiative: str = ""
    synthetic: bool = False
    begins: str = "now"
    begins_on: date | None = None


@dataclass(frozen=True)
class SurveySeen:
    """One survey in a list or on its facilitators' page. A draft has no day to open or close on,
    only ``days``, for which it is open; ``waiting`` the ideas to be let in, ``asked`` those that
    pairs are made of, by id and words; ``mine`` whether whoever looks may steer it."""

    name: str
    title: str
    question: str
    phase: Phase
    opens: datetime | None
    closes: datetime | None
    days: int
    code: str
    people: str
    waiting: tuple[tuple[str, str], ...]
    asked: tuple[tuple[str, str], ...]
    standings: tuple[Standing, ...]
    mine: bool
    synthetic: bool
    own_ideas: bool


def ideas_of(text: str) -> tuple[str, ...]:
    """Return the ideas of a text, one a line, without repeats."""
    found: dict[str, str] = {}
    for line in text.splitlines():
        if words := " ".join(line.split()):
            found.setdefault(words.casefold(), words)
    return tuple(found.values())


def make_wished(site: Site, by: str, wish: SurveyWish) -> str:
    """Make a survey and return its name; what was sent twice is made once.

    Raises ``GateRefused`` (ACT250), ``UsageRefused`` (ACT286) with everything that is wrong.
    """
    person = site.person(by)
    ideas = ideas_of(wish.ideas)
    if problems := [*_faults(wish, ideas), *_faults_of_day(wish, site.clock())]:
        raise UsageRefused(problems)
    begins = _beginning(site, wish)
    plan = SurveyPlan(
        id=_name(site, wish.title),
        title=wish.title.strip(),
        question=wish.question.strip(),
        ideas={f"i{number}": words for number, words in enumerate(ideas, 1)},
        facilitators=(person.key,),
        opens=begins,
        closes=begins + timedelta(days=wish.days),
        own_ideas=wish.own_ideas,
        synthetic=wish.synthetic,
        waits=wish.begins == "later",
    )
    name = _made_before(site, plan) or make_survey(site, by, plan).name
    if wish.initiative:
        belongs(site, by, wish.initiative, "survey", name)
    return name


def _faults(wish: SurveyWish, ideas: tuple[str, ...]) -> list[Problem]:
    checks = (
        ("title", 3 <= len(wish.title.strip()) <= 120, "a title has 3 to 120 letters"),
        ("question", 3 <= len(wish.question.strip()) <= 300, "a question has 3 to 300 letters"),
        ("ideas", 3 <= len(ideas) <= MOST, f"a survey begins with 3 to {MOST} different ideas"),
        ("ideas", all(2 <= len(one) <= 300 for one in ideas), "an idea has 2 to 300 letters"),
        ("days", 1 <= wish.days <= LONGEST_DAYS, f"it is open for 1 to {LONGEST_DAYS} days"),
    )
    return [
        Problem("ACT286", "the survey cannot open like this", why=told, clause=field)
        for field, fits, told in checks
        if not fits
    ]


def _faults_of_day(wish: SurveyWish, now: datetime) -> list[Problem]:
    if wish.begins != "day":
        return []
    day, today = wish.begins_on, now.astimezone(UTC).date()
    if day is not None and today < day <= today + timedelta(days=LONGEST_DAYS):
        return []
    told = "name a day after today" if day is None or day <= today else "that day is too far away"
    why = f"it begins at the first moment of a day from tomorrow on, within {LONGEST_DAYS} days"
    return [Problem("ACT286", told, why=why, clause="begins_on")]


def _beginning(site: Site, wish: SurveyWish) -> datetime:
    if wish.begins == "day" and wish.begins_on is not None:
        return datetime.combine(wish.begins_on, time(), UTC)
    return site.clock()


def _name(site: Site, title: str) -> str:
    taken = {*RESERVED, *(one.name for one in (*workshops(site), *surveys(site).all_held()))}
    base = slug_of(title)
    base = base if len(base) > 2 else f"survey-{base}"
    number = 1
    while (name := base if number == 1 else f"{base}-{number}") in taken:
        number += 1
    return name


def _made_before(site: Site, plan: SurveyPlan) -> str | None:
    """Return the running survey that says the very same, as when a form was sent twice."""
    for held in surveys(site).all_held():
        made = SurveyPlan.model_validate(held.plan)
        alike = {"id": made.id, "opens": made.opens, "closes": made.closes}
        same_days = plan.closes - plan.opens == made.closes - made.opens
        same_day = made.opens == plan.opens or max(made.opens, plan.opens) <= site.clock()
        if (
            held.report is None
            and same_days
            and same_day
            and (plan.model_copy(update=alike) == made)
        ):
            return held.name
    return None


def see_survey(site: Site, name: str, person: Person | None) -> SurveySeen:
    """Return one survey as a person sees it. Raises ``StateRefused`` (STO030)."""
    return _seen(site, surveys(site).held(name=name, kind="survey"), person)


def see_surveys(site: Site, person: Person) -> tuple[SurveySeen, ...]:
    """Return every survey, the newest first."""
    return tuple(_seen(site, held, person) for held in reversed(surveys(site).all_held()))


def _seen(site: Site, held: Held, person: Person | None) -> SurveySeen:
    with surveys(site).live(held.name) as live:
        plan, state = live.plan, live.state
        opens, closes = state.window(plan) or (None, None)
        words = {**live.words, **plan.ideas}
        mine = person is not None and person.key in plan.facilitators
        return SurveySeen(
            name=held.name,
            title=plan.title,
            question=plan.question,
            phase=state.phase(plan, site.clock()),
            opens=opens,
            closes=closes,
            days=(plan.closes - plan.opens).days,
            code=held.code,
            people=in_fives(len(state.pairs)),
            waiting=tuple(waiting_ideas(site, held.name).items()) if mine else (),
            asked=tuple((one, words.get(one, "(taken out)")) for one in state.asked_about(plan)),
            standings=standings(plan, state, live.words),
            mine=mine,
            synthetic=plan.synthetic,
            own_ideas=plan.own_ideas,
        )


def survey_report_of(site: Site, name: str) -> dict[str, object]:
    """Return the report of a closed survey. Raises ``StateRefused`` (ACT287) while it is open."""
    held = surveys(site).held(name=name, kind="survey")
    if held.report is None:
        raise StateRefused(
            Problem(
                "ACT287",
                "this survey has no report yet",
                why="a report is made when the survey is closed",
                next="wait until its facilitator has closed it",
            )
        )
    return dict(held.report)
