"""Fill a practice site with an invented workshop, from its making to its report."""

from __future__ import annotations

from datetime import timedelta

from equipoise.acts.site import Site
from equipoise.acts.workshop_make import book, library, make_workshop, propose_workshop
from equipoise.acts.workshop_report import Reported, report_workshop
from equipoise.weigh.workshop.plan import Information
from equipoise.weigh.workshop.simulate import simulate
from equipoise.weigh.workshop.wish import Wish

NAME = "leeds-retold"
INFORMATION = Information(
    title="What is shared in the three cases",
    words=(
        "In each of the three cases, agencies share records that name people. For the residents' "
        "index that is who lives where, from sixteen systems of the council. For families in "
        "difficulties it is police, school, health and benefit records, and the first that a "
        "family may hear of it is an offer of help. For community safety it is who was hurt, "
        "where, and by whom. Each rests on a power in law; none rests on consent."
    ),
)
"""What is read between the two rounds: in our own words, after the founding report (L482-541)."""


def invented_wish(facilitator: str, *, people: int = 22, tables: int = 4) -> Wish:
    """Return the wish for the founding report's day with invented people."""
    return Wish(
        id=NAME,
        title="Leeds, 30 June 2017, retold with invented people",
        facilitators=(facilitator,),
        people=people,
        tables=tables,
        minutes=330,
        sets={"letters": ("A", "B", "C", "E", "F"), "numbers": ("1", "2", "3", "5", "6")},
        cases=("case-1", "case-2", "case-3"),
        sectors=("public sector", "voluntary sector"),
        information=INFORMATION,
        about="The examples and case studies of the founding report.",
        synthetic=True,
    )


def invent_workshop(site: Site, by: str, *, seed: int = 2017, people: int = 22) -> Reported:
    """Make, hold, close and report an invented workshop on a practice site.

    Raises ``UsageRefused`` (ACT220) on a real one.
    """
    person = site.person(by)
    wish = invented_wish(person.key, people=people, tables=max(1, round(people / 5.5)))
    plan = propose_workshop(site, wish).plan
    make_workshop(site, by, plan)
    _, items = library(site)
    now = site.clock()
    day = simulate(plan, items, seed, begins=now - timedelta(minutes=plan.minutes))
    book(site).take_over(plan.id, day.room.events, day.said)
    return report_workshop(site, plan.id, by)
