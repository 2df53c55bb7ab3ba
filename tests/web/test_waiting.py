"""The first page: what waits for whoever is signed in, and for nobody else."""

from __future__ import annotations

from pathlib import Path

from visiting import Place

from equipoise.acts.assess import begin_assessment
from equipoise.acts.practice import enrol_cast
from equipoise.acts.sign import sign, sign_all_for_practice
from equipoise.acts.site import enrol
from equipoise.acts.waiting import to_lead, to_rate, waiting_for
from equipoise.acts.workshop_invent import invented_wish
from equipoise.acts.workshop_make import make_workshop, propose_workshop
from equipoise.acts.workshop_steer import close_workshop, open_workshop
from equipoise.store.facts import Review

EXAMPLE = Path(__file__).parents[2] / "examples" / "fuel-poverty" / "agreement.yaml"
STEPS = ("permit", "start", "compute", "check", "submit")


def told(place: Place, who: str) -> list[str]:
    return [one.what for one in waiting_for(place.site, place.person(who))]


def begun(place: Place) -> str:
    """Put the example forward with one signature; return its reference."""
    enrol_cast(place.site, place.site.read(EXAMPLE).agreement)
    return sign(place.site, EXAMPLE, "Bernard Lyle").reference


def test_an_agreement_waits_for_those_who_have_not_signed_it(practice: Place) -> None:
    begun(practice)
    assert told(practice, "voa/Bernard Lyle") == []
    assert told(practice, "brightgas/Carys Penhale") == ["Sign it"]
    assert told(practice, "council/Ben Hale") == []
    visitor = practice.visitor()
    visitor.send("/sign-in/as", "/sign-in", person="brightgas/Carys Penhale")
    page = visitor.get("/").content.decode()
    assert "Sign it" in page and "equipoise sign" not in page
    assert "/agreements/fuel-poverty-rebate@1/sign" in page
    sign_all_for_practice(practice.site, EXAMPLE)
    assert "Nothing waits for you, Carys Penhale" in visitor.get("/").content.decode()


def test_a_review_waits_for_the_checking_parties_but_for_those_who_asked_or_have_seen_it(
    practice: Place,
) -> None:
    reference = begun(practice)
    sign_all_for_practice(practice.site, EXAMPLE)
    site = practice.site
    agreement = site.frozen(reference).agreement
    use = next(iter(agreement.outputs))
    checking = {
        party: [one for one in site.people() if one.party == party]
        for party in agreement.outputs[use].checked_by
    }
    asker, seer = checking["rebate-team"][0], checking["hmrc"][0]
    others = [one for people in checking.values() for one in people if one not in (asker, seer)]
    outsider = site.person("brightgas/Carys Penhale")
    with site.store.change("site/machine") as change:
        change.request_run(reference, "r1", use, asker)
        for step in STEPS:
            change.move_run("r1", step)
        seen = Review(seer.party, seer.name, "approve", "seen", change.now, "sha256:0", "s")
        change.review("r1", seen)
        change.note("ledger exported", "ledger:all", entries=1)
    wanted = [f"Review what {use} computed"]
    for person in others:
        assert told(practice, person.key) == wanted
    for person in (asker, seer, outsider):
        assert told(practice, person.key) == []
    assert others, "somebody must be left for whom it waits"


def test_what_is_due_for_erasure_waits_for_who_holds_it(practice: Place) -> None:
    reference = begun(practice)
    sign_all_for_practice(practice.site, EXAMPLE)
    site = practice.site
    holder = next(one for one in site.people() if "secure room" in one.roles)
    with site.store.change("site/machine") as change:
        change.deliver(reference, "p1", "customers_brightgas", "secure-room", 3, {})
        change.note("ledger exported", "ledger:all", entries=1)
    assert told(practice, holder.key) == []
    practice.clock.pass_by(days=3650)
    assert [one for one in told(practice, holder.key) if one.startswith("Erase: ")]
    assert told(practice, "brightgas/Carys Penhale") == []


def test_an_open_assessment_waits_for_assessors_and_a_workshop_for_who_leads_it(
    practice: Place,
) -> None:
    site = practice.site
    enrol(site, "council", "Ada Obi", roles=("assessor",), practice=True)
    begin_assessment(site, "rebate", "council/Ada Obi", card="A")
    cleo = site.person("council/Cleo Marsh")
    plan = propose_workshop(site, invented_wish(cleo.key)).plan
    make_workshop(site, cleo.key, plan)
    ada = site.person("council/Ada Obi")
    assert to_rate(site, ada) == ("rebate",) and to_lead(site, ada) == ()
    assert to_rate(site, cleo) == () and [one.name for one in to_lead(site, cleo)] == [plan.id]
    for who, words in ((ada, "/assessments/rebate/"), (cleo, f"/workshops/{plan.id}/")):
        visitor = practice.visitor()
        visitor.send("/sign-in/as", "/sign-in", person=who.key)
        page = visitor.get("/").content.decode()
        assert words in page and "Nothing waits" not in page
    begins = {"/assessments/new": ada, "/workshops/new": cleo, "/surveys/new": cleo}
    for address, who in begins.items():
        for one in (ada, cleo):
            visitor = practice.visitor()
            visitor.send("/sign-in/as", "/sign-in", person=one.key)
            assert (f'href="{address}"' in visitor.get("/").content.decode()) is (one == who)
    open_workshop(site, plan.id, cleo.key)
    close_workshop(site, plan.id, cleo.key)
    assert to_lead(site, cleo) == ()
