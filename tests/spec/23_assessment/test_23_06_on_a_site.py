"""On a site: begun, answered, closed, bound, signed; and refused when it is another text."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sites import FUEL, new_site
from sites import text_of as example
from weighers import CAREFUL, CONDITION, LINE, answers, closing_data, text_of

from equipoise.acts import assess
from equipoise.acts.agreement_file import export_agreement, import_agreement
from equipoise.acts.assess import (
    begin_assessment,
    book,
    close_assessment,
    cover_of,
    hand_in,
    set_aside,
    text_at,
)
from equipoise.acts.assess_bind import bind, compare_weighed
from equipoise.acts.assess_papers import sheet_text, show_assessment, write_dpia
from equipoise.acts.sign import sign_all_for_practice
from equipoise.acts.site import Site, enrol
from equipoise.agree.parse import parse
from equipoise.errors import (
    DocumentRefused,
    EnvironmentFailed,
    EquipoiseError,
    IntegrityRefused,
    StateRefused,
    UsageRefused,
)

LENA = "Lena Marsh"


def codes(error: EquipoiseError) -> list[str]:
    return [problem.code for problem in error.problems]


@pytest.fixture
def site(tmp_path: Path) -> Site:
    made = new_site(tmp_path / "site")
    enrol(made, "council", LENA, roles=("facilitator",), practice=True)
    return made


@pytest.fixture
def source(tmp_path: Path) -> Path:
    path = tmp_path / "agreement.yaml"
    path.write_text(example(FUEL), encoding="utf-8")
    return path


def answer_all(site: Site, name: str = "rebate") -> None:
    for rater, sector, changes in (
        ("Ada Obi", "council", {}),
        ("Ben Roe", "voluntary", CAREFUL),
        ("Cy Dunn", "health", {}),
    ):
        data = answers(rater, sector, 4, **{**changes, "assessment": name})
        hand_in(site, name, text_of(data), LENA)


def weighed_on(site: Site, source: Path, **changes: Any) -> None:
    begin_assessment(site, "rebate", LENA, source=str(source))
    answer_all(site)
    close_assessment(site, "rebate", text_of(closing_data(**changes)), LENA)


def bound_on(site: Site, source: Path, **changes: Any) -> str:
    """Weigh, bind and answer the condition; return the text."""
    weighed_on(site, source, **changes)
    text = bind(site, "rebate", str(source))
    asked = f'    - condition: {CONDITION}\n      set by: "adviser (voluntary)"\n'
    assert asked in text
    text = text.replace(asked, asked + "      clause: public.contact\n")
    source.write_text(text, encoding="utf-8")
    return text


def test_what_was_weighed_is_bound_and_signed(site: Site, source: Path) -> None:
    before = parse(source.read_text(encoding="utf-8")).agreement
    text = bound_on(site, source)
    agreement = parse(text).agreement
    weighing = agreement.weighing
    assert weighing.assessment == cover_of(site, book(site).assessment("rebate")).digest
    assert LINE in [line.line for line in weighing.red_lines]
    assert len(weighing.red_lines) == len(before.weighing.red_lines) + 1
    assert agreement.model_copy(update={"weighing": before.weighing}) == before
    assert sign_all_for_practice(site, str(source)).state == "signed"


def test_binding_keeps_every_other_line_of_the_text(site: Site, source: Path) -> None:
    old = source.read_text(encoding="utf-8")
    new = bound_on(site, source)
    start, end = old.index("weighing:"), old.index("public:")
    assert new.startswith(old[:start])
    assert new.endswith(old[end:])
    assert bind(site, "rebate", str(source)).count(CONDITION) == 1, "a second time adds nothing"


CHANGES = {
    "a field": ("why: to find the home", "why: to find the home and its owner"),
    "the end": ("ends: 2099-12-31", "ends: 2099-12-30"),
    "a prohibition": ("onward use, marketing, profiling]",
                      "onward use, marketing]"),
    "one word for the public": ("so that nobody has to apply", "so that few have to apply"),
    "the title": ("title: ", "title: Our "),
}  # fmt: skip


@pytest.mark.parametrize("name", CHANGES)
def test_a_draft_changed_after_weighing_is_refused_at_signing(
    site: Site, source: Path, name: str
) -> None:
    text = bound_on(site, source)
    old, new = CHANGES[name]
    assert old in text
    source.write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(DocumentRefused) as refused:
        sign_all_for_practice(site, str(source))
    found = codes(refused.value)
    assert found[0] == "AGR252"
    assert set(found[1:]) == {"AGR260"}, "what changed is told, and which answers are stale"
    assert all(each.line for each in refused.value.problems)
    assert not site.store.agreements(), "nothing of it is kept"


def test_a_condition_left_open_is_refused_at_signing(site: Site, source: Path) -> None:
    text = bound_on(site, source)
    source.write_text(text.replace("      clause: public.contact\n", ""), encoding="utf-8")
    with pytest.raises(DocumentRefused) as refused:
        sign_all_for_practice(site, str(source))
    assert codes(refused.value) == ["AGR258"]


def test_a_condition_or_a_line_taken_out_is_refused_at_signing(site: Site, source: Path) -> None:
    text = bound_on(site, source)
    without = text[: text.index("  conditions:")] + text[text.index("\npublic:") :]
    source.write_text(without, encoding="utf-8")
    with pytest.raises(DocumentRefused) as refused:
        sign_all_for_practice(site, str(source))
    assert codes(refused.value) == ["AGR257"]
    reworded = text.replace(LINE, "No supplier may turn anybody off because of the answer.")
    source.write_text(reworded, encoding="utf-8")
    with pytest.raises(DocumentRefused) as refused:
        sign_all_for_practice(site, str(source))
    assert codes(refused.value) == ["AGR255"]


def test_a_line_still_open_is_refused_at_signing(site: Site, source: Path) -> None:
    bound_on(site, source, settled=[])
    with pytest.raises(DocumentRefused) as refused:
        sign_all_for_practice(site, str(source))
    assert codes(refused.value) == ["AGR254"]


def test_what_was_weighed_is_not_passed_over_by_the_light_route(site: Site, source: Path) -> None:
    weighed_on(site, source)
    with pytest.raises(StateRefused) as refused:
        sign_all_for_practice(site, str(source))
    assert codes(refused.value) == ["ACT208"]
    set_aside(site, "rebate", "The scheme was put off.", LENA)
    assert sign_all_for_practice(site, str(source)).state == "signed"


def test_the_light_route_is_as_it_was(site: Site, source: Path) -> None:
    assert sign_all_for_practice(site, str(source)).state == "signed"


def test_a_hash_that_nobody_can_follow_is_refused_at_signing(site: Site, source: Path) -> None:
    text = bound_on(site, source)
    digest = cover_of(site, book(site).assessment("rebate")).digest
    source.write_text(text.replace(digest, "sha256:" + "0" * 64), encoding="utf-8")
    with pytest.raises(DocumentRefused) as refused:
        sign_all_for_practice(site, str(source))
    assert codes(refused.value) == ["AGR251"]


def test_only_what_was_weighed_can_be_bound(site: Site, source: Path) -> None:
    begin_assessment(site, "rebate", LENA, source=str(source))
    answer_all(site)
    with pytest.raises(StateRefused) as refused:
        bind(site, "rebate", str(source))
    assert codes(refused.value) == ["WGH109"]
    close_assessment(site, "rebate", text_of(closing_data()), LENA)
    source.write_text(
        source.read_text(encoding="utf-8").replace("nature: supportive", "nature: punitive"),
        encoding="utf-8",
    )
    with pytest.raises(DocumentRefused) as found:
        bind(site, "rebate", str(source))
    assert codes(found.value) == ["WGH110"]


def test_comparing_says_what_changed_and_what_to_answer_anew(site: Site, source: Path) -> None:
    text = bound_on(site, source)
    same = compare_weighed(site, "rebate", str(source))
    assert (same.same, same.problems) == (True, ())
    source.write_text(text.replace("nature: supportive", "nature: punitive"), encoding="utf-8")
    other = compare_weighed(site, "rebate", str(source))
    assert not other.same
    assert [each.clause for each in other.changes] == ["purpose.nature"]
    assert all("view" in answers for answers in other.anew.values())
    assert [each.code for each in other.problems] == ["AGR252", "AGR260"]


def test_going_on_from_an_earlier_one_takes_over_what_is_not_stale(
    site: Site, source: Path
) -> None:
    text = bound_on(site, source)
    words = text.replace("contact: rebate@example.org", "contact: help@example.org")
    source.write_text(words, encoding="utf-8")
    begun = begin_assessment(site, "again", LENA, source=str(source), after="rebate")
    assert (begun.carried, begun.anew) == (("Ada Obi", "Ben Roe", "Cy Dunn"), {})
    close_assessment(site, "again", text_of(closing_data(assessment="again")), LENA)
    first = cover_of(site, book(site).assessment("rebate")).digest
    source.write_text(bind(site, "again", str(source)), encoding="utf-8")
    assert first not in source.read_text(encoding="utf-8")
    assert sign_all_for_practice(site, str(source)).state == "signed"


def test_what_is_stale_is_asked_anew_with_the_rest_filled_in(site: Site, source: Path) -> None:
    text = bound_on(site, source)
    source.write_text(text.replace("nature: supportive", "nature: punitive"), encoding="utf-8")
    begun = begin_assessment(site, "again", LENA, source=str(source), after="rebate")
    assert begun.carried == ()
    assert "tests.purposeful-5" in begun.anew["Ada Obi"]
    sheet = sheet_text(site, "again", "ada obi")
    assert "  purposeful-5: {answer: , because: }" in sheet
    assert "  responsible-1: {answer: 4" in sheet
    with pytest.raises(UsageRefused) as refused:
        sheet_text(site, "again", "Nobody Known")
    assert codes(refused.value) == ["ACT209"]
    assert "  responsible-1: {answer: 4" in sheet_text(site, "rebate", "Ada Obi")
    assert "responsible-1: {answer: ," in sheet_text(site, "again")


# -- what is kept and told -----------------------------------------------------------------------


def test_the_ledger_holds_hashes_and_numbers_and_no_word_of_a_rater(
    site: Site, source: Path
) -> None:
    bound_on(site, source)
    sign_all_for_practice(site, str(source))
    set_aside_reason = "A secret reason that nobody else reads."
    begin_assessment(site, "other", LENA, card="A")
    set_aside(site, "other", set_aside_reason, LENA)
    entries = site.store.entries()
    acts = [entry.act for entry in entries]
    assert acts.count("assessment answered") == 3
    assert {"assessment begun", "assessment closed", "assessment set aside"} <= set(acts)
    told = json.dumps([dict(entry.detail) for entry in entries])
    for words in ("Ada Obi", "Ben Roe", "So Ada", LINE, CONDITION, set_aside_reason, "Dee Falk"):
        assert words not in told
    closed = next(entry for entry in entries if entry.act == "assessment closed")
    assert closed.detail["cover"] == cover_of(site, book(site).assessment("rebate")).digest
    weighed = next(entry for entry in entries if entry.act == "weighed")
    assert (weighed.detail["conditions"], weighed.detail["red_lines"]) == (1, 2)


def test_the_hash_can_be_made_again_from_what_is_kept(site: Site, source: Path) -> None:
    weighed_on(site, source)
    held = book(site).assessment("rebate")
    assert cover_of(site, held) in book(site).covers()
    shown = show_assessment(site, "rebate")
    assert shown.cover == cover_of(site, held)
    assert shown.profile.raters == 3


def test_what_is_closed_takes_no_more_answers(site: Site, source: Path) -> None:
    weighed_on(site, source)
    with pytest.raises(StateRefused) as refused:
        hand_in(site, "rebate", text_of(answers("Eve Late", "police")), LENA)
    assert codes(refused.value) == ["WGH100"]
    with pytest.raises(StateRefused) as refused:
        close_assessment(site, "rebate", text_of(closing_data()), LENA)
    assert codes(refused.value) == ["WGH100"]


def test_nobody_replaces_what_somebody_else_handed_in(site: Site, source: Path) -> None:
    enrol(site, "hmrc", "Max Other", roles=("facilitator",), practice=True)
    begin_assessment(site, "rebate", LENA, source=str(source))
    hand_in(site, "rebate", text_of(answers("Ada Obi", "council")), LENA)
    hand_in(site, "rebate", text_of(answers("Ada Obi", "council", 2)), LENA)
    with pytest.raises(StateRefused) as refused:
        hand_in(site, "rebate", text_of(answers("ADA  obi", "council", 1)), "Max Other")
    assert codes(refused.value) == ["ACT203"]
    assert len(book(site).assessment("rebate").sheets) == 1


def test_a_sheet_with_faults_is_kept_by_nobody(site: Site, source: Path) -> None:
    begin_assessment(site, "rebate", LENA, source=str(source))
    entries = len(site.store.entries())
    for changes in ({"benefits": []}, {"assessment": "other"}):
        with pytest.raises(DocumentRefused) as refused:
            hand_in(site, "rebate", text_of(answers("Ada Obi", "council", **changes)), LENA)
        assert all(each.line and each.file for each in refused.value.problems)
    with pytest.raises(DocumentRefused) as refused:
        close_assessment(site, "rebate", text_of(closing_data()), LENA)
    assert "WGH101" in codes(refused.value)
    assert len(site.store.entries()) == entries


@pytest.mark.parametrize(
    ("does", "code"),
    [
        (lambda site: begin_assessment(site, "Rebate 1", LENA, card="A"), "ACT202"),
        (lambda site: begin_assessment(site, "rebate", LENA), "WGH102"),
        (lambda site: begin_assessment(site, "rebate", LENA, card="Z"), "WGH111"),
        (lambda site: show_assessment(site, "nothing"), "STO020"),
        (lambda site: set_aside(site, "card", " ", LENA), "ACT204"),
        (lambda site: begin_assessment(site, "card", LENA, card="A"), "STO021"),
        (lambda site: write_dpia(site, "card", site.directory), "ACT210"),
        (lambda site: compare_weighed(site, "card", "agreement.yaml"), "ACT207"),
        (lambda site: text_at(site.directory / "none.yaml"), "ACT206"),
    ],
)
def test_what_makes_no_sense_is_refused(
    site: Site, does: Callable[[Site], object], code: str
) -> None:
    begin_assessment(site, "card", LENA, card="A")
    with pytest.raises((UsageRefused, DocumentRefused, StateRefused, EnvironmentFailed)) as refused:
        does(site)
    assert codes(refused.value) == [code]


def test_a_card_is_assessed_without_a_draft(site: Site) -> None:
    begin_assessment(site, "rebate", LENA, card="C")
    answer_all(site)
    made = close_assessment(site, "rebate", text_of(closing_data()), LENA)
    assert (made.substance, made.raters) == ("", 3)
    again = begin_assessment(site, "again", LENA, after="rebate")
    assert set(again.anew) == {"Ada Obi", "Ben Roe", "Cy Dunn"}
    assert again.assessment.subject.card == "C"
    assert "  responsible-1: {answer: 4" in sheet_text(site, "again", "Ada Obi")


def test_what_an_agreement_binds_is_not_set_aside(site: Site, source: Path) -> None:
    bound_on(site, source)
    sign_all_for_practice(site, str(source))
    with pytest.raises(StateRefused) as refused:
        set_aside(site, "rebate", "We forgot.", LENA)
    assert codes(refused.value) == ["ACT205"]
    begin_assessment(site, "card", LENA, card="A")
    set_aside(site, "card", "We forgot.", LENA)
    with pytest.raises(StateRefused) as refused:
        set_aside(site, "card", "We forgot.", LENA)
    assert codes(refused.value) == ["ACT205"]


def test_a_record_that_was_changed_outside_is_refused(site: Site, source: Path) -> None:
    from equipoise.store import assessment_models as models

    weighed_on(site, source)
    models.AssessmentRecord.objects.using(site.store.alias).update(content={"name": "rebate"})
    with pytest.raises(IntegrityRefused) as refused:
        show_assessment(site, "rebate")
    assert codes(refused.value) == ["ACT201"]


def test_the_dpia_is_written_in_both_forms(site: Site, source: Path, tmp_path: Path) -> None:
    weighed_on(site, source)
    markdown, page = write_dpia(site, "rebate", tmp_path / "papers")
    assert "## Step 7" in markdown.read_text(encoding="utf-8")
    assert page.read_text(encoding="utf-8").startswith("<!doctype html>")


# -- partners ------------------------------------------------------------------------------------


def test_a_partner_takes_in_the_cover_with_the_agreement_and_nothing_else(
    site: Site, source: Path, tmp_path: Path
) -> None:
    bound_on(site, source)
    sign_all_for_practice(site, str(source))
    path, _ = export_agreement(site, "fuel-poverty-rebate@1", tmp_path / "f.agreement.json")
    said = json.loads(path.read_text(encoding="utf-8"))
    assert len(said["weighed"]) == 1
    partner = new_site(tmp_path / "partner")
    unsigned = {**said, "signatures": []}
    path.write_text(json.dumps(unsigned), encoding="utf-8")
    assert import_agreement(partner, path).state == "final text"
    assert [cover.name for cover in book(partner).covers()] == ["rebate"]
    assert "weighing taken in" in [entry.act for entry in partner.store.entries()]
    assert book(partner).assessments() == ()
    import_agreement(partner, path)


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (lambda covers: covers.clear(), "AGR251"),
        (lambda covers: covers[0].update(conditions=[]), "AGR251"),
        (lambda covers: covers[0].update(substance="sha256:" + "0" * 64), "AGR251"),
        (lambda covers: covers[0].pop("lines"), "AGR250"),
        (lambda covers: covers[0].update(raters="4"), "AGR250"),
        (lambda covers: covers[0].update(lines=[{"line": 1, "held_by": "x", "standing": "open"}]),
         "AGR250"),
        (lambda covers: covers.__setitem__(0, "cover"), "AGR250"),
    ],
)  # fmt: skip
def test_a_cover_that_is_not_the_one_bound_is_not_taken_in(
    site: Site, source: Path, tmp_path: Path, change: Callable[[Any], object], code: str
) -> None:
    bound_on(site, source)
    sign_all_for_practice(site, str(source))
    path, _ = export_agreement(site, "fuel-poverty-rebate@1", tmp_path / "f.agreement.json")
    said = {**json.loads(path.read_text(encoding="utf-8")), "signatures": []}
    change(said["weighed"])
    path.write_text(json.dumps(said), encoding="utf-8")
    partner = new_site(tmp_path / "partner")
    with pytest.raises((DocumentRefused, IntegrityRefused)) as refused:
        import_agreement(partner, path)
    assert codes(refused.value) == [code]
    assert not partner.store.agreements() and not book(partner).covers()


# -- two at once ---------------------------------------------------------------------------------


def test_the_rater_themselves_replace_what_came_in_under_their_name(
    site: Site, source: Path
) -> None:
    enrol(site, "council", "Ada Obi", roles=("assessor",), practice=True)
    begin_assessment(site, "rebate", LENA, source=str(source))
    forged = answers("Ada Obi", "council", 5)
    hand_in(site, "rebate", text_of(forged), LENA)
    own = answers("Ada Obi", "council", 1, view={"answer": "do not share", "because": "No."})
    hand_in(site, "rebate", text_of(own), "Ada Obi")
    (sheet,) = show_assessment(site, "rebate").assessment.sheets
    assert sheet.view.answer == "do not share"
    with pytest.raises(StateRefused, match="ACT203"):
        hand_in(site, "rebate", text_of(forged), LENA)


def test_answers_that_come_in_while_it_is_closed_are_refused_and_change_nothing(
    site: Site, source: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    begin_assessment(site, "rebate", LENA, source=str(source))
    answer_all(site)
    check = assess.check_sheet

    def meanwhile(*args: Any, **kwargs: Any) -> Any:
        monkeypatch.setattr(assess, "check_sheet", check)
        close_assessment(site, "rebate", text_of(closing_data()), LENA)
        return check(*args, **kwargs)

    monkeypatch.setattr(assess, "check_sheet", meanwhile)
    with pytest.raises(StateRefused, match="WGH100"):
        hand_in(site, "rebate", text_of(answers("Dai Rees", "health", 1)), LENA)
    held = book(site).assessment("rebate")
    assert cover_of(site, held) in book(site).covers()


def test_a_no_that_comes_in_while_it_is_closed_is_counted(
    site: Site, source: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    begin_assessment(site, "rebate", LENA, source=str(source))
    no = {"view": {"answer": "do not share", "because": "It is too much."}}
    for rater in ("Ada Obi", "Cy Dunn"):
        hand_in(site, "rebate", text_of(answers(rater, "council", 4)), LENA)
    read = assess.read_part

    def meanwhile(*args: Any, **kwargs: Any) -> Any:
        monkeypatch.setattr(assess, "read_part", read)
        for rater in ("Ben Roe", "Dai Rees", "Eve Low"):
            hand_in(site, "rebate", text_of(answers(rater, "health", 1, **no)), LENA)
        return read(*args, **kwargs)

    monkeypatch.setattr(assess, "read_part", meanwhile)
    with pytest.raises(DocumentRefused, match="WGH108"):
        close_assessment(site, "rebate", text_of(closing_data(settled=[])), LENA)
