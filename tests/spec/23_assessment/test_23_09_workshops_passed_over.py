"""A workshop that was held about an agreement is named in it, or the register says why not; and
what is said of a workshop is what the workshop's own report says."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sites import FUEL, new_site
from sites import text_of as example
from weighers import CONDITION, answers, closing_data, text_of
from workshops_held import LEAD, Held

from equipoise.acts import initiatives
from equipoise.acts import workshop_join as joining
from equipoise.acts import workshop_report as reporting
from equipoise.acts import workshop_steer as steering
from equipoise.acts.assess import begin_assessment, book, close_assessment, cover_of, hand_in
from equipoise.acts.assess_bind import bind
from equipoise.acts.drafts import begin_draft, delete_draft, save_draft
from equipoise.acts.sign import sign_all_for_practice
from equipoise.acts.site import Site, enrol
from equipoise.acts.workshop_over import passed_over
from equipoise.agree.canonical import substance
from equipoise.agree.parse import parse
from equipoise.agree.summary import summarise
from equipoise.agree.weighed import Weighed
from equipoise.errors import DocumentRefused, EquipoiseError, StateRefused

NAME = "fuel-poverty-rebate"
TEXT = example(FUEL)
SUBSTANCE = substance(parse(TEXT).agreement)
EARLIER = TEXT.replace("ends: 2099-12-31", "ends: 2098-12-31")


def codes(error: EquipoiseError) -> list[str]:
    return [problem.code for problem in error.problems]


@pytest.fixture
def site(tmp_path: Path) -> Site:
    made = new_site(tmp_path / "site")
    enrol(made, "council", LEAD, roles=("facilitator", "drafter", "administrator"), practice=True)
    return made


def held_on(
    site: Site, name: str = "tenants", *, report: bool = True, **changed: Any
) -> Weighed | None:
    """Hold a workshop: twenty people vote, and it is reported; return its cover."""
    room = Held(site, name, **changed)
    room.begin()
    for question in ("before.case-1", "after.case-1"):
        room.at(question)
        room.others_vote(question)
    if not report:
        return None
    steering.close_workshop(site, name, LEAD)
    return reporting.report_workshop(site, name, LEAD).cover


def over(site: Site, text: str = TEXT) -> list[str]:
    """The workshops that a text passes over."""
    return [one.what.split("'")[1] for one in passed_over(site, parse(text).agreement)]


def with_weighing(text: str, more: str) -> str:
    at = text.index("\npublic:")
    return f"{text[:at].rstrip()}\n{more}\n{text[at:]}"


# -- left out in silence -------------------------------------------------------------------------


def test_a_text_that_leaves_a_workshop_out_is_refused_and_says_how_to_go_on(
    site: Site, tmp_path: Path
) -> None:
    cover = held_on(site, substance=SUBSTANCE)
    assert cover is not None
    source = tmp_path / "agreement.yaml"
    source.write_text(TEXT, encoding="utf-8")
    with pytest.raises(StateRefused) as refused:
        sign_all_for_practice(site, str(source))
    assert codes(refused.value) == ["ACT227"]
    (told,) = refused.value.problems
    assert "'tenants'" in told.what and cover.digest in told.next and "passed over" in told.next
    assert told.clause == "weighing.workshop" and not site.store.agreements()
    assert cover.said == "divided", "or this test would name it in vain"
    named = with_weighing(
        TEXT,
        f"  workshop: {cover.digest}\n  information pack: {cover.information_pack}\n"
        "  departs:\n    - {people said: One in three would not., because: Winter comes., "
        "decided by: The council}",
    )
    source.write_text(named, encoding="utf-8")
    assert sign_all_for_practice(site, str(source)).state == "signed"


def test_reasons_for_passing_it_over_stand_in_the_text_and_on_the_ledger(
    site: Site, tmp_path: Path
) -> None:
    held_on(site, substance=SUBSTANCE)
    why = "  passed over:\n    - {workshop: %s, because: It was of a draft that is given up., "
    why += "decided by: The council}"
    other = with_weighing(TEXT, why % "others")
    assert over(site, other) == ["tenants"], "reasons are given for each by name"
    source = tmp_path / "agreement.yaml"
    source.write_text(with_weighing(TEXT, why % "tenants"), encoding="utf-8")
    assert sign_all_for_practice(site, str(source)).state == "signed"
    agreement = site.frozen(f"{NAME}@1").agreement
    assert "It was of a draft that is given up" in summarise(agreement)
    (weighed,) = [one for one in site.store.entries() if one.act == "weighed"]
    assert weighed.detail["passed_over"] == 1


def test_each_of_two_workshops_is_named_or_answered_for(site: Site) -> None:
    first = held_on(site, substance=SUBSTANCE)
    held_on(site, "others", substance=SUBSTANCE)
    assert first is not None
    assert over(site, with_weighing(TEXT, f"  workshop: {first.digest}")) == ["others"]


def test_one_that_is_not_reported_yet_is_not_passed_over_either(site: Site) -> None:
    held_on(site, substance=SUBSTANCE, report=False)
    (told,) = passed_over(site, parse(TEXT).agreement)
    assert "close the workshop tenants and make its report" in told.next


# -- what ties a workshop to an agreement --------------------------------------------------------


def test_one_of_an_earlier_draft_counts(site: Site) -> None:
    """The last draft is what is put forward; people may have met about the first."""
    lead = site.person(LEAD)
    draft = begin_draft(site, "rebate", EARLIER, lead)
    save_draft(site, "rebate", TEXT, lead, after=draft.revision)
    held_on(site, substance=substance(parse(EARLIER).agreement))
    assert over(site) == ["tenants"]


def test_to_give_the_draft_another_name_does_not_loose_it(site: Site) -> None:
    lead = site.person(LEAD)
    draft = begin_draft(site, "rebate", TEXT, lead)
    held_on(site, substance=SUBSTANCE)
    other = TEXT.replace(f"agreement: {NAME}", "agreement: another-thing")
    save_draft(site, "rebate", other, lead, after=draft.revision)
    assert over(site, other) == ["tenants"]


def test_to_delete_the_draft_does_not_loose_it(site: Site) -> None:
    draft = begin_draft(site, "rebate", EARLIER, site.person(LEAD))
    held_on(site, substance=substance(parse(EARLIER).agreement))
    delete_draft(site, "rebate", site.person(LEAD), revision=draft.revision)
    assert over(site) == ["tenants"]


def test_one_of_a_text_that_was_assessed_counts(site: Site, tmp_path: Path) -> None:
    source = tmp_path / "earlier.yaml"
    source.write_text(EARLIER, encoding="utf-8")
    begin_assessment(site, "rebate", LEAD, source=str(source))
    held_on(site, substance=substance(parse(EARLIER).agreement))
    assert over(site) == ["tenants"]


def test_one_about_another_agreement_does_not_count(site: Site) -> None:
    other = TEXT.replace(f"agreement: {NAME}", "agreement: another-thing")
    begin_draft(site, "another", other, site.person(LEAD))
    begin_draft(site, "unfinished", f"agreement: {NAME}\nversion: [\n", site.person(LEAD))
    held_on(site, substance=substance(parse(other).agreement))
    held_on(site, "nothing")
    assert over(site) == []


@pytest.mark.parametrize("kind", ["agreement", "draft", "assessment"])
def test_one_of_the_same_initiative_counts(site: Site, tmp_path: Path, kind: str) -> None:
    card = initiatives.add_from_card(site, LEAD, "D")
    held_on(site)
    initiatives.belongs(site, LEAD, card.name, "workshop", "tenants")
    assert over(site) == [], "nothing ties the initiative to the agreement yet"
    source = tmp_path / "agreement.yaml"
    source.write_text(TEXT, encoding="utf-8")
    what = "rebate"
    if kind == "draft":
        begin_draft(site, "rebate", TEXT, site.person(LEAD))
    elif kind == "assessment":
        begin_assessment(site, "rebate", LEAD, source=str(source))
    else:
        sign_all_for_practice(site, str(source))
        what = NAME
    initiatives.belongs(site, LEAD, card.name, kind, what)
    assert over(site) == ["tenants"]


def test_one_where_the_initiative_s_card_was_laid_counts(site: Site) -> None:
    card = initiatives.add_from_card(site, LEAD, "A")
    begin_draft(site, "rebate", TEXT, site.person(LEAD))
    initiatives.belongs(site, LEAD, card.name, "draft", "rebate")
    held_on(site)
    assert over(site) == ["tenants"]


# -- what was not held ---------------------------------------------------------------------------


def test_one_of_invented_people_counts_for_nobody(site: Site) -> None:
    held_on(site, substance=SUBSTANCE, synthetic=True)
    assert over(site) == []


def test_one_in_which_nobody_answered_was_not_held(site: Site) -> None:
    room = Held(site, "tenants", substance=SUBSTANCE)
    assert over(site) == []
    room.begin()
    joining.join_workshop(site, "tenants", sector="council")
    assert over(site) == []


def test_undoing_does_not_make_it_unheld(site: Site) -> None:
    held_on(site, substance=SUBSTANCE, report=False)
    with pytest.raises(StateRefused, match="nothing to undo"):
        while True:
            steering.undo(site, "tenants", LEAD)
    assert over(site) == ["tenants"]


# -- what a closing says of it -------------------------------------------------------------------


def closed_on(site: Site, source: Path, **heard: Any) -> Weighed:
    source.write_text(TEXT, encoding="utf-8")
    begin_assessment(site, "rebate", LEAD, source=str(source))
    for rater, sector in (("Ada Obi", "council"), ("Ben Roe", "voluntary"), ("Cy Dunn", "health")):
        hand_in(site, "rebate", text_of(answers(rater, sector, 4, assessment="rebate")), LEAD)
    said = {"in short": "Most would, with care.", **heard}
    departs = [{"people said": "One in three would not.", "because": "Winter comes.",
                "decided by": "The council"}]  # fmt: skip
    made = text_of(closing_data(heard=said, departs=departs, settled=[]))
    return close_assessment(site, "rebate", made, LEAD)


def test_what_people_said_is_held_against_the_workshop_s_own_cover(
    site: Site, tmp_path: Path
) -> None:
    cover = held_on(site, substance=SUBSTANCE)
    assert cover is not None
    other = "sha256:" + "7" * 64
    source = tmp_path / "agreement.yaml"
    with pytest.raises(DocumentRefused) as refused:
        closed_on(site, source, workshop=cover.digest, said="for", **{"information pack": other})
    assert set(codes(refused.value)) == {"WGH112", "WGH113"}
    assert all(one.line for one in refused.value.problems)
    assert "divided" in refused.value.problems[0].next
    assert book(site).assessment("rebate").state == "open"
    with pytest.raises(DocumentRefused) as refused:
        close_assessment(
            site,
            "rebate",
            text_of(
                closing_data(
                    heard={"workshop": cover.content, "said": "for", "in short": "All would."}
                )
            ),
            LEAD,
        )
    assert "WGH114" in codes(refused.value) and cover.digest in str(refused.value)


def test_the_workshop_that_was_heard_is_the_one_that_is_named(site: Site, tmp_path: Path) -> None:
    cover = held_on(site)
    other = held_on(site, "others")
    assert cover is not None and other is not None
    source = tmp_path / "agreement.yaml"
    made = closed_on(site, source, workshop=cover.digest, said=cover.said)
    assert made.workshop == cover.digest
    assert made == cover_of(site, book(site).assessment("rebate"))
    text = bind(site, "rebate", str(source))
    source.write_text(text.replace(cover.digest, other.digest), encoding="utf-8")
    with pytest.raises(DocumentRefused) as refused:
        sign_all_for_practice(site, str(source))
    assert "AGR262" in codes(refused.value)
    source.write_text(text.replace(f"  workshop: {cover.digest}\n", ""), encoding="utf-8")
    with pytest.raises(DocumentRefused) as refused:
        sign_all_for_practice(site, str(source))
    assert "AGR262" in codes(refused.value)
    source.write_text(text, encoding="utf-8")
    assert CONDITION not in text
    assert sign_all_for_practice(site, str(source)).state == "signed"


def test_a_cover_of_before_keeps_its_digest(site: Site, tmp_path: Path) -> None:
    """Closings of before had covers without the workshop, and agreements name their digests."""
    cover = held_on(site)
    assert cover is not None
    made = closed_on(site, tmp_path / "agreement.yaml", workshop=cover.digest, said=cover.said)
    before = replace(made, workshop="")
    with site.store.change(f"council/{LEAD}") as change:
        book(site).keep_covers(change, [before])
        change.note("weighing taken in", "assessment:rebate", cover=before.digest)
    assert cover_of(site, book(site).assessment("rebate")) == before
    assert "workshop" not in before.as_dict() and "workshop" in made.as_dict()
