"""Fill a practice site with something to weigh: people in every role, initiatives, a finished
workshop, an assessment and a survey. Everybody in it is invented, and everything says so."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files
from random import Random
from typing import Any, Final

from equipoise.acts.assess import begin_assessment, hand_in_said
from equipoise.acts.drafts import begin_draft, next_version
from equipoise.acts.initiatives import add_from_card, belongs
from equipoise.acts.practice import insist_on_practice
from equipoise.acts.site import Site, enrol
from equipoise.acts.survey_make import SurveyWish, make_wished
from equipoise.acts.workshop_invent import invent_workshop
from equipoise.acts.workshop_survey import see_ballot, surveys, vote_on_pair
from equipoise.agree.yaml_text import plain_data, read_yaml
from equipoise.store.facts import Person

PARTY: Final = "city-council"
PEOPLE: Final = (
    ("Imogen Ward", "head of data", ("administrator",)),
    ("Joss Abara", "workshop lead", ("facilitator",)),
    ("Kit Lindqvist", "data protection adviser", ("assessor",)),
    ("Lena Farouk", "service manager", ("assessor",)),
    ("Dara Quill", "agreements officer", ("drafter",)),
)
"""Name, post and roles of the invented people who weigh and draft; agreements bring the others."""

LEADS: Final = "Joss Abara"
RATES: Final = "Kit Lindqvist"
DRAFTS: Final = "Dara Quill"
ASSESSMENT: Final = "invented-rebate"
_PARTS: Final = ("benefits", "risks", "not sharing", "red lines", "conditions")
_VOTERS: Final = 24
_TURNS: Final = 9


@dataclass(frozen=True)
class Filled:
    """What there is to look at: names of the pages' things, and who is there to be."""

    workshop: str
    assessment: str
    survey: str
    initiatives: tuple[str, ...]
    people: tuple[Person, ...]


def fill_weighing(site: Site, *, seed: int = 2026) -> Filled:
    """Fill a practice site. Raises ``UsageRefused`` (ACT012) on a real one.

    The draft that is assessed is the next version of the first agreement signed here; a site that
    has none gets an assessment of a card alone.
    """
    insist_on_practice(site)
    for name, post, roles in PEOPLE:
        if f"{PARTY}/{name}" not in site.trusted():
            enrol(site, PARTY, name, roles=roles, post=post, practice=True)
    workshop = str(invent_workshop(site, LEADS, seed=seed).report.data["plan"]["id"])
    made = [add_from_card(site, LEADS, card).name for card in ("C", "E", "case-1")]
    rebate, justice, _ = made
    assessment = _assess(site, rebate)
    for record in site.store.agreements():
        name = record.reference.partition("@")[0]
        belongs(site, RATES, justice if name.startswith("justice") else rebate, "agreement", name)
    return Filled(workshop, assessment, _ask(site, made[2], seed), tuple(made), site.people())


def _assess(site: Site, initiative: str) -> str:
    """Begin an assessment of the rebate's next version, and hand in what three people say."""
    signed = [record.reference for record in site.store.agreements()]
    rebate = next((each for each in signed if each.startswith("fuel-poverty")), None)
    source = None
    if rebate is not None:
        text = next_version(site, rebate)
        source = begin_draft(site, "fuel-poverty-next", text, site.person(DRAFTS)).source
        belongs(site, RATES, initiative, "draft", "fuel-poverty-next")
    begin_assessment(site, ASSESSMENT, RATES, source=source, card="C")
    for said in sheets():
        hand_in_said(site, ASSESSMENT, {"assessment": ASSESSMENT, **said}, RATES)
    return ASSESSMENT


def sheets() -> tuple[dict[str, Any], ...]:
    """Return what the three invented raters answered, each as a sheet's data."""
    text = files(__package__).joinpath("demo_answers.yaml").read_text(encoding="utf-8")
    reading = read_yaml(text)
    assert reading.node is not None and not reading.problems, reading.problems
    data: dict[str, Any] = plain_data(reading.node)
    return tuple(_sheet(data, number, rater) for number, rater in enumerate(data["raters"]))


def _sheet(data: Mapping[str, Any], number: int, rater: Mapping[str, Any]) -> dict[str, Any]:
    judged = {
        part: {
            name: {"answer": said[2 * number], "because": said[2 * number + 1]}
            for name, said in data[part].items()
        }
        for part in ("factors", "tests")
    }
    parts = {part: data[part][number] for part in _PARTS}
    return {"rater": dict(rater), **judged, **parts, "view": data["views"][number]}


def _ask(site: Site, initiative: str, seed: int) -> str:
    """Make a survey and let invented people vote, each by a liking of their own."""
    name = make_wished(
        site,
        LEADS,
        SurveyWish(
            title="What matters when councils join records?",
            question="Which of these two matters more to you?",
            ideas="Knowing beforehand what is joined\nBeing asked first\n"
            "Help that comes before I ask\nMistakes that can be put right\n"
            "Few people who can look\nLower costs for everybody",
            days=30,
            initiative=initiative,
            synthetic=True,
        ),
    )
    draw = Random(seed)  # noqa: S311  # invents people, and guards nothing
    with surveys(site).live(name) as live:
        ideas = tuple(live.plan.ideas)
    for person in range(_VOTERS):
        liking = {idea: draw.gauss(-place, 2.0) for place, idea in enumerate(ideas)}
        _vote(site, name, f"invented-{seed}-{person:04}-voter", liking)
    return name


def _vote(site: Site, name: str, token: str, liking: Mapping[str, float]) -> None:
    for turn in range(_TURNS):
        pair = tuple(idea for idea, _ in see_ballot(site, name, token).pair)
        if len(pair) == 2:
            best = max(pair, key=liking.__getitem__)
            vote_on_pair(
                site, name, token, pair=(pair[0], pair[1]), chosen=best, client=f"c-{turn:02}"
            )
