"""Assessments on pages: begun, answered section by section, seen, closed, bound."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from visiting import Place, Visitor, made, served

from equipoise.acts.accounts.sign_in import as_invented
from equipoise.acts.assess import assessment_of, book, hand_in_said
from equipoise.acts.assess_answer import PARTS, answers_of, put_answers
from equipoise.acts.drafts import begin_draft, draft_called, save_draft
from equipoise.acts.site import enrol
from equipoise.acts.workshop_make import library
from equipoise.agree.parse import parse
from equipoise.web.request import SESSION_COOKIE
from equipoise.weigh.catalogue import catalogue
from equipoise.weigh.questions import asked_in, questions_digest

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT / "tests" / "spec" / "23_assessment"))
from weighers import CAREFUL, CONDITION, LINE, answers  # noqa: E402  # the same people as there

AGREED = "fuel-poverty-rebate"
TEXT = (ROOT / "examples" / "fuel-poverty" / "agreement.yaml").read_text(encoding="utf-8")
OPINIONS = (
    ("Ada Obi", "council", 4), ("Ben Roe", "voluntary", 2), ("Cy Dunn", "health", "don't know"),
)  # fmt: skip
RATERS = tuple(name for name, _, _ in OPINIONS)
OWN = """\
adds: town
version: 1
items:
  town-stars:
    group: benefits
    words: Children see the stars.
    source: Council of lamps
    place: exercise:first impressions
    on: people
cards:
  town-lamps:
    title: A lamp post is counted
    set: town
    who: The council
    why: To save power
    what: Lamps
    how: By counting
questions:
  town-nights:
    test: purposeful
    words: Does it help people who work at night?
    low: Not at all.
    high: It is made for them.
    draws: [town-stars]
"""


@pytest.fixture(scope="module")
def served_here(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    """One practice site for all of this file; each test takes an assessment of its own."""
    place = made(tmp_path_factory.mktemp("assess"), practice=True)
    for name in RATERS:
        enrol(place.site, "council", name, roles=("assessor",), practice=True)
    yield from served(place, invented=True)


def visit(place: Place, name: str) -> Visitor:
    visitor = place.visitor()
    started = as_invented(place.site, place.person(name))
    visitor.cookies[SESSION_COOKIE] = started.token
    return visitor


def text_of(response: Any) -> str:
    return unescape(response.content.decode())


def begun(place: Place, name: str, **fields: str) -> str:
    ada = visit(place, "Ada Obi")
    wanted = {"name": name, "text": TEXT, **fields}
    done = ada.send("/assessments/new", **wanted)
    assert done.status_code == 302, re.findall(r"error-summary.*?</ul>", text_of(done), re.DOTALL)
    return f"/assessments/{name}/"


def opened(visitor: Visitor, address: str, rater: str = "") -> str:
    """Begin answers, and return their address."""
    done = visitor.send(f"{address}sheets/begin", address, rater=rater)
    assert done.status_code == 302, text_of(done)
    return str(done["Location"])


def judged(keys: list[str], answer: str) -> dict[str, str]:
    return {
        f"{key}.{part}": value
        for key in keys
        for part, value in (("answer", answer), ("because", f"So it seems for {key}."))
    }


def number_of(sheet: str) -> int:
    return int(sheet.rstrip("/").rpartition("/")[2])


FACTORS = [item.id for item in catalogue().of("factors")]
EFFECT = {"on": "people in the data", "size": "4", "likelihood": "4", "because": "We saw it."}


def keep(visitor: Visitor, address: str, **fields: str) -> None:
    done = visitor.send(address, **fields)
    assert done.status_code == 302, (
        address,
        re.findall(r"There is a problem.*?</ul>", text_of(done), re.DOTALL),
    )


def answer_all(
    visitor: Visitor, sheet: str, sector: str, answer: str = "4", *, careful: bool = False
) -> None:
    """Fill in every section as somebody would."""
    keep(visitor, f"{sheet}rater", sector=sector, role="adviser")
    keep(visitor, f"{sheet}benefits/new", **EFFECT, item="B01")
    keep(visitor, f"{sheet}risks/new", **{
        **EFFECT, "item": "R02", "size": "3", "controls.0.what": "One yes or no per account.",
        "controls.0.likelihood-becomes": "2", "controls.0.evidence": "releases.0",
    })  # fmt: skip
    keep(visitor, f"{sheet}factors", **judged(FACTORS, answer))
    for test in ("purposeful", "proportionate", "responsible"):
        keep(visitor, f"{sheet}{test}", **judged([one.id for one in asked_in(test)], answer))
    view = "share"
    if careful:
        view = "share with conditions"
        keep(visitor, f"{sheet}red-lines/new", **{
            "line": LINE, "held-by": "Energy Advice Line", "scope": "every supplier",
            "about": "X3", "because": "A cold home can kill.",
        })  # fmt: skip
        keep(
            visitor,
            f"{sheet}conditions/new",
            condition=CONDITION,
            because="A no must be explained.",
        )
    keep(visitor, f"{sheet}view", answer=view, because="It does more good than harm.")


def answered(place: Place, address: str, *names: str) -> None:
    """Let people hand whole sheets in, by act; what pages do with them is what is tested."""
    name = address.split("/")[2]
    for rater, sector, answer in OPINIONS:
        if rater in (names or RATERS):
            changes = CAREFUL if rater == "Ben Roe" else {}
            said = answers(rater, sector, answer, **{**changes, "assessment": name})
            hand_in_said(place.site, name, said, f"council/{rater}")


def faults(response: Any) -> list[str]:
    """What the summary at the top says."""
    found = re.search(r"There is a problem(.*?)</ul>", text_of(response), re.DOTALL)
    return re.findall(r"<li>\s*(?:<a[^>]*>)?(.*?)(?:</a>)?\s*</li>", found[1]) if found else []


@pytest.fixture(scope="module")
def rebate(served_here: Place) -> str:
    """An assessment that three people have answered, one of them on its pages."""
    address = begun(served_here, "rebate", card="C")
    answered(served_here, address, "Ada Obi")
    ben = visit(served_here, "Ben Roe")
    sheet = opened(ben, address)
    answer_all(ben, sheet, "voluntary", "2", careful=True)
    assert ben.send(sheet).status_code == 302
    answered(served_here, address, "Cy Dunn")
    return address


def closing(**changes: str) -> dict[str, str]:
    return {
        "consulted": "Two tables of people who rent, in June.",
        "settled.0.by": "Ben Roe",
        "settled.0.on-behalf-of": "Energy Advice Line",
        "settled.0.how": "The release has no such field.",
        "adviser.name": "Dee Falk",
        "adviser.advice": "Go on, with the condition.",
        "adviser.followed": "yes",
        "approved-by": "Amara Osei",
        "accepted-by": "Amara Osei",
        "reviewed-by": "Dee Falk",
        **changes,
    }


def test_what_was_answered_on_pages_is_what_the_assessment_holds(
    served_here: Place, rebate: str
) -> None:
    held = assessment_of(book(served_here.site).assessment("rebate"))
    assert [sheet.rater.name for sheet in held.sheets] == list(RATERS)
    assert held.subject.card == "C"
    ada, ben, cy = held.sheets
    assert ada.tests["responsible-6"].answer == 4 and cy.factors["A1"].answer == "don't know"
    assert ben.red_lines[0].held_by == "Energy Advice Line" and ben.red_lines[0].about == "X3"
    assert ben.risks[0].controls[0].likelihood == 2
    assert ben.view.answer == "share with conditions"


def test_the_profile_shows_each_answer_its_spread_and_no_score(
    served_here: Place, rebate: str
) -> None:
    page = text_of(visit(served_here, "Ada Obi").get(f"{rebate}profile"))
    for said in ("1: council", "2: voluntary", "3: health", "2 to 4, middle 3; 1 does not know"):
        assert said in page
    assert page.count("data:image/svg+xml") == 2 and page.count("The figures as a table") == 2
    assert "weight 15 or more" in page and "people in the data" in page
    for name in RATERS:
        assert name not in page.replace("Ada Obi</", "")


def test_reasons_are_read_beside_each_other_by_sector(served_here: Place, rebate: str) -> None:
    page = text_of(visit(served_here, "Cleo Marsh").get(f"{rebate}answers"))
    assert "So it seems for A1." in page and LINE in page and "2: voluntary" in page
    assert "Ben Roe" not in page


def test_the_document_is_read_and_taken_away(served_here: Place, rebate: str) -> None:
    ada = visit(served_here, "Ada Obi")
    page = text_of(ada.get(f"{rebate}dpia"))
    assert "Step 7." in page and "Still to be written" in page
    taken = ada.get(f"{rebate}dpia.md")
    assert taken["Content-Disposition"] == 'attachment; filename="dpia-rebate.md"'
    assert taken.content.decode().startswith("# Data protection impact assessment")
    assert b"<!doctype html>" in ada.get(f"{rebate}dpia.html").content


def test_who_may_not_rate_is_refused_and_may_look(served_here: Place, rebate: str) -> None:
    cleo = visit(served_here, "Cleo Marsh")
    page = text_of(cleo.get(rebate))
    assert LINE in page and "Nothing unlawful" in page
    assert "Ben Roe" not in page and "Close it" not in page
    for path in ("close", "set-aside"):
        assert cleo.get(f"{rebate}{path}").status_code == 403
    assert cleo.get("/assessments/new").status_code == 403
    refused = cleo.send(f"{rebate}sheets/begin", "/account/password")
    assert refused.status_code == 403 and "ACT250" in text_of(refused)


def test_nobody_sees_anothers_unfinished_answers(served_here: Place) -> None:
    address = begun(served_here, "apart")
    sheet = opened(visit(served_here, "Ada Obi"), address)
    keep(visit(served_here, "Ada Obi"), f"{sheet}rater", sector="council", role="secret role")
    other = visit(served_here, "Ben Roe").get(f"{sheet}rater")
    assert other.status_code in (404, 409) and "secret role" not in text_of(other)


def test_everything_wrong_is_told_at_once_and_nothing_typed_is_lost(served_here: Place) -> None:
    ada = visit(served_here, "Ada Obi")
    sheet = opened(ada, begun(served_here, "wrong"))
    refused = ada.send(f"{sheet}risks/new", **{
        "item": "R02", "words": "Both <b>said</b>", "likelihood": "2", "because": "It may be.",
        "controls.0.what": "A lock", "controls.0.likelihood-becomes": "4",
    })  # fmt: skip
    assert refused.status_code == 422
    assert faults(refused) == [
        "Choose on whom it falls (WGH081)",
        "Choose how large it is, or don\u2019t know (WGH081)",
        "Say what shows that it works (WGH081)",
    ]
    page = refused.content.decode()
    assert "Both &lt;b&gt;said&lt;/b&gt;" in page and ">It may be.<" in page
    assert f'action="{sheet}risks/0"' in page, "sending it again changes it, and adds no other"
    again = ada.send(f"{sheet}risks/0", **{
        "item": "R02", "words": "Both said", "on": "staff", "size": "9", "likelihood": "2",
        "because": "It may be.", "controls.0.what": "A lock",
        "controls.0.likelihood-becomes": "4", "controls.0.evidence": "none",
    })  # fmt: skip
    assert any("1, 2, 3, 4, 5 or don't know" in one for one in faults(again)), faults(again)
    third = ada.send(f"{sheet}risks/0", **{
        "item": "R02", "words": "Both said", "on": "staff", "size": "5", "likelihood": "2",
        "because": "It may be.", "controls.0.what": "A lock",
        "controls.0.likelihood-becomes": "4", "controls.0.evidence": "none",
    })  # fmt: skip
    codes = re.findall(r"WGH\d+", " ".join(faults(third)))
    assert sorted(codes) == ["WGH092", "WGH093"]


def test_a_question_that_is_left_out_is_told_with_its_number_and_the_rest_is_kept(
    served_here: Place,
) -> None:
    ada = visit(served_here, "Ada Obi")
    sheet = opened(ada, begun(served_here, "gaps"))
    keys = [one.id for one in asked_in("purposeful")]
    given = judged(keys, "3")
    del given["purposeful-4.answer"], given["purposeful-5.because"]
    refused = ada.send(f"{sheet}purposeful", **given)
    assert faults(refused) == [
        "Question 4: choose 1 to 5, or don\u2019t know (WGH081)",
        "Question 5: say why (WGH081)",
    ]
    assert "4 of 6 answered" in text_of(ada.get(sheet))
    later = ada.send(f"{sheet}proportionate", **{"later": "yes", "proportionate-1.answer": "2"})
    assert later["Location"] == sheet
    assert 'value="2" checked' in ada.get(f"{sheet}proportionate").content.decode()
    unready = ada.send(sheet)
    assert unready.status_code == 422
    told = " ".join(faults(unready))
    for section in ("Who answers", "Benefits", "Risks", "Is it purposeful?", "What you would do"):
        assert f"{section}: " in told
    assert assessment_of(book(served_here.site).assessment("gaps")).sheets == ()


def test_what_is_sent_twice_is_there_once(served_here: Place) -> None:
    ada = visit(served_here, "Ada Obi")
    address = begun(served_here, "twice")
    assert begun(served_here, "twice") == address
    sheet = opened(ada, address)
    assert opened(ada, address) == sheet
    for _ in range(2):
        keep(ada, f"{sheet}benefits/new", **EFFECT, item="B01")
    assert "Take out" in text_of(ada.get(f"{sheet}benefits"))
    assert text_of(ada.get(f"{sheet}benefits")).count(">Take out<") == 1
    for _ in range(2):
        keep(ada, f"{sheet}benefits", entry="0")
    assert "You have named none so far" in text_of(ada.get(f"{sheet}benefits"))
    assert ada.get(f"{sheet}benefits/0").status_code == 404
    assert ada.get(f"{sheet}nosuch").status_code == 404
    other = ada.send("/assessments/new", name="twice", card="A")
    assert "STO021" in text_of(other)


def test_a_text_without_measure_and_hidden_characters_do_no_harm(served_here: Place) -> None:
    ada = visit(served_here, "Ada Obi")
    sheet = opened(ada, begun(served_here, "long"))
    refused = ada.send(f"{sheet}view", answer="share", because="x" * 1_000_000)
    assert refused.status_code == 422 and "too long" in " ".join(faults(refused))
    assert "x" * 100_000 in refused.content.decode(), "what was typed is still there to shorten"
    entry = ada.send(f"{sheet}conditions/new", condition="y" * 1_000_000, because="So.")
    assert entry.status_code == 422 and "too long" in " ".join(faults(entry))
    keep(ada, f"{sheet}view", answer="share", because="A \u202eplain\x00 word <script>")
    page = ada.get(f"{sheet}view").content.decode()
    assert "A plain word &lt;script&gt;" in page


def test_answers_from_paper_are_handed_in_under_the_raters_name(served_here: Place) -> None:
    ada = visit(served_here, "Ada Obi")
    address = begun(served_here, "paper")
    sheet = opened(ada, address, rater="Old Mr Hill")
    said = {**answers("Old Mr Hill", "voluntary"), "assessment": "paper"}
    drafted = answers_of(served_here.site, "paper", served_here.person("Ada Obi"), number_of(sheet))
    for part in PARTS:
        drafted, wrong = put_answers(served_here.site, drafted, part, said[part])
    assert wrong == () and ada.send(sheet).status_code == 302
    made = assessment_of(book(served_here.site).assessment("paper"))
    assert [one.rater.name for one in made.sheets] == ["Old Mr Hill"]
    ben = visit(served_here, "Ben Roe")
    theirs = opened(ben, address, rater="old mr hill")
    refused = ben.send(theirs)
    assert refused.status_code == 409 and "ACT203" in text_of(refused)
    short = ada.send(f"{address}sheets/begin", address, rater="x")
    assert "ACT211" in text_of(short)
    thrown = ben.send(f"{theirs}throw-away", theirs)
    assert thrown.status_code == 302 and ben.get(theirs).status_code in (404, 409)


def test_closing_tells_all_that_it_lacks_and_then_binds(served_here: Place) -> None:
    place = served_here
    address = begun(place, "ended")
    answered(place, address)
    ada = visit(place, "Ada Obi")
    refused = ada.send(f"{address}close", consulted="Two tables.")
    told = " ".join(faults(refused))
    for said in ("who advised", "what the advice was", "whether the advice", "who approves"):
        assert said in told.lower(), (said, told)
    assert ">Two tables.<" in refused.content.decode()
    wrong = ada.send(f"{address}close", **closing(**{"settled.0.on-behalf-of": "Somebody else"}))
    assert (
        "WGH106" in " ".join(faults(wrong)) and 'id="settled.0.by-error"' in wrong.content.decode()
    )
    overruled = ada.send(f"{address}close", **closing(**{"adviser.followed": "no"}))
    assert "WGH103" in " ".join(faults(overruled))
    assert ada.send(f"{address}close", **closing()).status_code == 302
    page = text_of(ada.get(address))
    assert "sha256:" in page and "Settled by Ben Roe, for Energy Advice Line" in page
    again = ada.send(f"{address}close", f"{address}set-aside", **closing())
    assert again.status_code == 409 and "WGH100" in text_of(again)
    late = ada.send(f"{address}sheets/begin", f"{address}set-aside")
    assert late.status_code == 409 and "WGH100" in text_of(late)


def test_what_was_weighed_is_bound_into_its_draft_and_a_change_is_told(served_here: Place) -> None:
    place = served_here
    begin_draft(place.site, "fuel", TEXT, place.person("Ada Obi"))
    address = begun(place, "bound", text="", draft="draft:fuel")
    answered(place, address)
    ada = visit(place, "Ada Obi")
    assert ada.send(f"{address}close", **closing()).status_code == 302
    shown = ada.send(f"{address}bind", draft="draft:fuel")
    assert shown.status_code == 200 and "sha256:" in text_of(shown)
    assert faults(ada.send(f"{address}bind", draft="/etc/passwd")) == [
        "Choose a text, or paste one"
    ]
    same = text_of(ada.get(f"{address}compare?draft=draft:fuel"))
    assert "This is the text that was weighed" in same
    pasted = ada.send(f"{address}compare", text=TEXT.replace("title: ", "title: Our ", 1))
    assert "What changed since it was weighed" in text_of(pasted)
    assert faults(ada.send(f"{address}compare", draft="")) == ["Choose a text, or paste one"]
    mistyped = ada.send(f"{address}compare", text="no: agreement")
    assert mistyped.status_code == 422 and "problems of its own" in text_of(mistyped)
    assert "sha256:" in text_of(ada.send(f"{address}bind", draft="as weighed"))
    saved = ada.send(
        f"{address}bind",
        draft="draft:fuel",
        save="yes",
        **{"conditions.0.clause": "public.contact"},
    )
    assert saved.status_code == 302, text_of(saved)
    text = draft_called(place.site, "fuel").text
    weighing = parse(text).agreement.weighing
    assert weighing.assessment is not None and weighing.conditions is not None
    assert [one.clause for one in weighing.conditions] == ["public.contact"]
    changed = text.replace("onward use, marketing, profiling]", "onward use, marketing]")
    assert changed != text
    revision = draft_called(place.site, "fuel").revision
    save_draft(place.site, "fuel", changed, place.person("Ada Obi"), after=revision)
    page = text_of(ada.get(f"{address}compare?draft=draft:fuel"))
    assert "Makes stale" in page and "AGR252" in page and "Ada Obi" in page
    refused = ada.send(f"{address}bind", draft="draft:fuel")
    assert refused.status_code == 422 and "WGH110" in text_of(refused)
    done = ada.send("/assessments/new", name="anew", draft="draft:fuel", after="bound")
    assert done.status_code == 302
    sheet = opened(ada, "/assessments/anew/")
    said = text_of(ada.get(sheet))
    assert "To be answered anew" in said and "What changed in the text" in said
    risks = text_of(ada.get(f"{sheet}risks"))
    assert "The text changed under this answer" in risks and "Not finished" not in risks
    assert "What changed in the text" in risks
    anew = [
        (section, text_of(ada.get(f"{sheet}{section}")))
        for section in ("factors", "purposeful", "proportionate", "responsible")
    ]
    assert any("The text changed under this answer. Before it was: 4." in page for _, page in anew)
    assert any("checked" in page for _, page in anew), "what the change does not touch stands"


def test_a_draft_with_problems_is_told_line_by_line_and_a_card_can_be_weighed(
    served_here: Place,
) -> None:
    ada = visit(served_here, "Ada Obi")
    text = TEXT.replace("purpose:", "porpoise:", 1)
    refused = ada.send("/assessments/new", name="broken", text=text)
    page = text_of(refused)
    assert refused.status_code == 422 and "What the draft lacks" in page
    assert re.search(r"AGR\d{3}, .*line \d+", page)
    assert "porpoise:" in page, "the text is still there"
    nothing = ada.send("/assessments/new", name="broken")
    assert "WGH102" in text_of(nothing)
    misnamed = ada.send("/assessments/new", name="A b", card="A")
    assert "ACT202" in text_of(misnamed) and 'href="#name"' in text_of(misnamed)
    assert 'value="A b"' in text_of(misnamed)
    address = begun(served_here, "card", text="", card="A")
    card_only = text_of(visit(served_here, "Ada Obi").get(f"{address}bind"))
    assert "Only a card was weighed here" in card_only
    assert "Begin an assessment of a draft" in card_only
    for path in ("", "profile", "answers", "compare", "bind"):
        assert ada.get(f"{address}{path}").status_code == 200
    assert "ACT210" in text_of(ada.get(f"{address}dpia"))
    assert ada.get("/assessments/nosuch/").status_code == 404


def test_one_that_nobody_names_is_named_after_what_is_weighed(served_here: Place) -> None:
    """And sent twice, it is begun once: the second time leads to the first."""
    ada = visit(served_here, "Ada Obi")
    for fields, name in (
        ({"card": "A"}, "kent-integrated-dataset"),
        ({"text": TEXT}, AGREED),
        ({"text": TEXT, "after": f"{AGREED}-2"}, f"{AGREED}-3"),
    ):
        for _ in range(2):
            done = ada.send("/assessments/new", name="", **fields)
            assert (done.status_code, done["Location"]) == (302, f"/assessments/{name}/")
        if name == AGREED:  # somebody answers it: what comes now is another
            answered(served_here, f"/assessments/{name}/", "Ada Obi")
            done = ada.send("/assessments/new", name="", **fields)
            assert done["Location"] == f"/assessments/{AGREED}-2/"
    page = text_of(ada.get("/assessments/new?card=A"))
    assert 'value="kent-integrated-dataset-2"' in page, "one that is free is proposed"
    page = text_of(ada.get("/assessments/new?card=A&initiative=lamps"))
    assert 'value="lamps"' in page
    page = text_of(ada.get(f"/assessments/new?after={AGREED}-2"))
    assert f'value="{AGREED}-4"' in page
    broken = ada.send("/assessments/new", name="", text="porpoise: 1")
    assert broken.status_code == 422 and "What the draft lacks" in text_of(broken)
    assert "WGH102" in text_of(ada.send("/assessments/new", name=""))
    taken = ada.send("/assessments/new", name=AGREED, card="A")
    assert taken.status_code == 409 and 'href="#name"' in text_of(taken)


def test_one_is_set_aside_with_a_reason(served_here: Place) -> None:
    ada = visit(served_here, "Ada Obi")
    address = begun(served_here, "aside")
    sheet = opened(ada, address)
    assert "Say why it is set aside" in faults(ada.send(f"{address}set-aside", reason=" "))
    assert ada.send(f"{address}set-aside", reason="Begun by mistake.").status_code == 302
    assert "Set aside" in text_of(ada.get(address))
    assert ada.get(sheet).status_code in (404, 409), "unfinished answers went with it"
    again = ada.send(f"{address}set-aside", reason="Once more.")
    assert "ACT205" in text_of(again)


def test_a_sites_own_lists_are_weighed_with(served_here: Place) -> None:
    folder = served_here.site.folder("weighing")
    folder.mkdir(exist_ok=True)
    (folder / "town.yaml").write_text(OWN, encoding="utf-8")
    ada = visit(served_here, "Ada Obi")
    try:
        assert "A lamp post is counted" in text_of(ada.get("/assessments/new"))
        address = begun(served_here, "own", text="", card="town-lamps")
        sheet = opened(ada, address)
        assert "Children see the stars." in text_of(ada.get(f"{sheet}benefits/new"))
        keep(ada, f"{sheet}benefits/new", **EFFECT, item="town-stars")
        page = text_of(ada.get(f"{sheet}purposeful"))
        assert "7. Does it help people who work at night?" in page
        given = judged([one.id for one in asked_in("purposeful")], "3")
        refused = ada.send(f"{sheet}purposeful", **given)
        assert faults(refused) == [
            "Question 7: choose 1 to 5, or don\u2019t know (WGH081)",
            "Question 7: say why (WGH081)",
        ]
        keep(ada, f"{sheet}purposeful", **given, **judged(["town-nights"], "5"))
        assert "Is it purposeful?" not in " ".join(faults(ada.send(sheet)))
        held = assessment_of(book(served_here.site).assessment("own"))
        assert held.questions_digest != questions_digest()
        cards, items = library(served_here.site)
        assert "town-lamps" in cards and "town-stars" in items
    finally:
        (folder / "town.yaml").unlink()
    assert ada.get(f"{sheet}benefits").status_code == 200
    assert ada.get(address).status_code == 200
