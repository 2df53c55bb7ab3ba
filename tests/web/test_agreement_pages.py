"""Agreements on pages: put forward, signed where the key lies, compared, and held to what was
weighed."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterator
from html import unescape
from pathlib import Path

import pytest
from django.http import HttpResponse
from typer.testing import CliRunner
from visiting import Place, Visitor, made, served

from equipoise.acts.assess import begin_assessment, close_assessment, hand_in
from equipoise.acts.assess_bind import bind
from equipoise.acts.drafts import begin_draft, draft_called, example_text, save_draft
from equipoise.acts.practice import enrol_cast
from equipoise.acts.sign_here import sign_with_practice_key, statement, take_signature
from equipoise.acts.site import Site, enrol
from equipoise.agree.parse import parse
from equipoise.agree.sign import DOMAIN
from equipoise.cli.main import app
from equipoise.errors import EquipoiseError

ROOT = Path(__file__).parents[2]
TEXT = example_text("lalonde")
REFERENCE = parse(TEXT).agreement.reference
JO, KIT = "Jo Bell", "Kit Moran"


def shown(response: HttpResponse) -> str:
    return unescape(re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", response.content.decode())))


def with_people(place: Place, text: str) -> Place:
    practice = place.site.practice
    enrol(place.site, "council", "Dora Reed", roles=("drafter",), practice=practice)
    if practice:
        enrol_cast(place.site, parse(text).agreement)
    else:
        for party, said in parse(text).agreement.parties.items():
            enrol(place.site, party, said.signatory.name, roles=said.roles)
    return place


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    """A real site, whose people have keys of their own."""
    yield from served(with_people(made(tmp_path_factory.mktemp("signing"), practice=False), TEXT))


@pytest.fixture(scope="module")
def visitors(place: Place) -> dict[str, Visitor]:
    from django.contrib.auth.hashers import ScryptPasswordHasher

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(ScryptPasswordHasher, "work_factor", 2)
        found = {name.split()[0]: place.signed_in(name) for name in ("Dora Reed", JO, KIT)}
    return found


@pytest.fixture(scope="module")
def forward(place: Place, visitors: dict[str, Visitor]) -> str:
    """A draft that was put forward on its page; return the agreement's address."""
    begin_draft(place.site, "lalonde", TEXT, place.person("Dora Reed"))
    dora = visitors["Dora"]
    page = dora.get("/agreements/drafts/lalonde/forward")
    assert "frozen" in shown(page) and JO in shown(page)
    for _ in range(2):
        done = dora.send("/agreements/drafts/lalonde/forward", revision="1")
        assert done.status_code == 302
    assert done["Location"] == f"/agreements/{REFERENCE}/"
    acts = [one.act for one in place.site.store.entries()]
    assert acts.count("agreement proposed") == 1, "sent twice, done once"
    return str(done["Location"])


def handed_in(visitor: Visitor, address: str, **fields: object) -> HttpResponse:
    page = visitor.get(f"{address}sign").content.decode()
    token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page)
    at = re.search(r'name="at" value="([^"]+)"', page)
    assert token and at
    return visitor.post(f"{address}sign", {"csrfmiddlewaretoken": token[1], "at": at[1], **fields})


def signature_of(place: Place, visitor: Visitor, address: str, name: str) -> bytes:
    """What the holder's own key makes of the statement that the page gives."""
    page = visitor.get(f"{address}sign").content.decode()
    link = re.search(r'href="([^"]+/statement/[^"]+)"', page)
    assert link
    message = visitor.get(unescape(link[1])).content
    assert message.startswith(DOMAIN)
    person = place.person(name)
    return bytes.fromhex(place.site.custody.person_signer(person.party, name).sign(message))


def test_a_page_tells_what_is_agreed_who_signs_and_where_it_stands(
    place: Place, visitors: dict[str, Visitor], forward: str
) -> None:
    page = shown(visitors["Dora"].get(forward))
    for said in ("Waits for signatures", "Jo Bell", "Not yet", "In plain words", "sha256:",
                 "nothing to review", "weighed by the"):  # fmt: skip
        assert said in page, said
    assert "waits for your signature" not in page
    assert "waits for your signature" in shown(visitors["Jo"].get(forward))
    text = visitors["Jo"].get(f"{forward}text")
    assert text.content.decode() == TEXT and "attachment" in text["Content-Disposition"]
    assert shown(visitors["Dora"].get("/agreements/")).count(f"{JO}, {KIT}") == 1
    assert visitors["Dora"].get("/agreements/none@1/").status_code == 404
    assert visitors["Dora"].get("/agreements/none@1/sign").status_code == 404


def test_only_whom_the_agreement_names_may_sign(visitors: dict[str, Visitor], forward: str) -> None:
    refused = visitors["Dora"].get(f"{forward}sign")
    assert refused.status_code == 422 and "ACT274" in shown(refused)
    assert visitors["Dora"].get(f"{forward}statement/2026-03-02T09:00:00Z").status_code == 422
    assert visitors["Jo"].get(f"{forward}statement/yesterday").status_code == 404


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ("", "paste the signature"),
        ("no signature", "ACT275"),
        ("00" * 64, "AGR307"),
        ("zz" * 64, "ACT275"),
        ("{broken", "ACT275"),
        ('{"party": 1}', "AGR308"),
        (base64.b64encode(b"x" * 63).decode(), "ACT275"),
        ("ü" * 64, "ACT275"),
    ],
    ids=["none", "words", "noughts", "no digits", "broken", "shape", "short", "letters"],
)
def test_what_is_no_signature_of_the_statement_is_not_taken(
    place: Place, visitors: dict[str, Visitor], forward: str, given: str, code: str
) -> None:
    refused = handed_in(visitors["Jo"], forward, signature=given)
    assert refused.status_code in (409, 422) and code in shown(refused)
    assert place.site.store.agreement(REFERENCE).signatures == ()


def test_a_statement_serves_for_seven_days_and_for_its_own_signatory(
    place: Place, visitors: dict[str, Visitor], forward: str
) -> None:
    person = place.person(JO)
    custody = place.site.custody
    now = place.clock.now
    for at in ("2026-01-02T09:00:00Z", "2036-01-02T09:00:00Z"):
        unsigned = statement(place.site, REFERENCE, person)
        message = type(unsigned)(**{**unsigned.as_dict(), "at": at}).message()
        value = custody.person_signer(person.party, JO).sign(message)
        refused = handed_in(visitors["Jo"], forward, signature=value, at=at)
        assert refused.status_code == 422 and "ACT276" in shown(refused)
    refused = handed_in(visitors["Jo"], forward, signature="00" * 64, at="now")
    assert "AGR308" in shown(refused)
    place.clock.now = now
    theirs = signature_of(place, visitors["Kit"], forward, KIT)
    refused = handed_in(visitors["Jo"], forward, signature=theirs.hex())
    assert "AGR307" in shown(refused)
    kit = place.person(KIT)
    whole = statement(place.site, REFERENCE, kit)
    whole = type(whole)(**{**whole.as_dict(), "value": theirs.hex()})
    with pytest.raises(EquipoiseError, match="ACT274"):
        take_signature(place.site, REFERENCE, place.person("Dora Reed"), whole.at, theirs)


def test_signatures_made_elsewhere_are_taken_as_a_file_or_pasted(
    place: Place, visitors: dict[str, Visitor], forward: str, tmp_path: Path
) -> None:
    jo, kit = visitors["Jo"], visitors["Kit"]
    # the first by the command that the page names, from the very files that it gives
    page = unescape(jo.get(f"{forward}sign").content.decode())
    link = re.search(r'href="([^"]+/statement/[^"]+)"', page)
    assert link
    (tmp_path / "text.yaml").write_bytes(jo.get(f"{forward}text").content)
    (tmp_path / "statement").write_bytes(jo.get(link[1]).content)
    command = ["sign", str(tmp_path / "text.yaml"), "--site", str(place.site.directory),
               "--statement", str(tmp_path / "statement")]  # fmt: skip
    out = ["--out", str(tmp_path / "signature.json")]
    assert "CLI014" in str(CliRunner().invoke(app, command).exception)
    other = CliRunner().invoke(app, [*command, "--as", KIT, *out])
    assert "ACT002" in str(other.exception)
    changed = tmp_path / "changed.yaml"
    changed.write_text(TEXT.replace("title: ", "title: Not ", 1), encoding="utf-8")
    wrong = ["sign", str(changed), *command[2:], "--as", JO, *out]
    assert "ACT277" in str(CliRunner().invoke(app, wrong).exception)
    done = CliRunner().invoke(app, [*command, "--as", JO, *out])
    assert done.exit_code == 0, done.exception
    assert place.site.store.agreement(REFERENCE).signatures == (), "the command keeps nothing"
    with (tmp_path / "signature.json").open("rb") as file:
        taken = handed_in(jo, forward, file=file)
    assert taken.status_code == 302
    assert f"Still to sign: {KIT}" in shown(jo.get(taken["Location"]))
    again = handed_in_again(jo, forward, json.loads((tmp_path / "signature.json").read_text()))
    assert again.status_code == 302, "handed in twice, taken once"
    # the second pasted in base64, with line ends
    value = base64.encodebytes(signature_of(place, kit, forward, KIT)).decode()
    taken = handed_in(kit, forward, signature=value)
    assert taken.status_code == 302
    page = shown(kit.get(taken["Location"]))
    assert "Everybody has signed" in page and "State Signed" in page
    assert "You have signed it" in shown(kit.get(f"{forward}sign"))
    signed = [one for one in place.site.store.entries() if one.act == "signed"]
    assert [one.actor for one in signed] == [place.person(JO).key, place.person(KIT).key]


def handed_in_again(visitor: Visitor, address: str, signature: dict[str, str]) -> HttpResponse:
    seen = visitor.get("/agreements/drafts/lalonde/").content.decode()
    token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', seen)
    assert token
    fields = {"csrfmiddlewaretoken": token[1], "at": signature["at"]}
    return visitor.post(f"{address}sign", {**fields, "signature": json.dumps(signature)})


def test_two_texts_are_compared_in_plain_words_with_what_shares_more_first(
    place: Place, visitors: dict[str, Visitor], forward: str
) -> None:
    dora = visitors["Dora"]
    draft = draft_called(place.site, "lalonde")
    wider = TEXT.replace("version: 1", "version: 2").replace("min count: 10", "min count: 5")
    assert wider.count("min count: 5") >= 1
    save_draft(place.site, "lalonde", wider, place.person("Dora Reed"), after=draft.revision)
    page = dora.get("/agreements/compare", {"old": REFERENCE, "new": "draft:lalonde"})
    said = shown(page)
    assert "Shares more" in said and "of which" in said
    assert "version: 2" in said
    same = dora.get("/agreements/compare", {"old": "draft:lalonde:1", "new": REFERENCE})
    assert "The two texts say the same" in shown(same)
    assert "Draft lalonde, revision 1" in shown(same)
    assert dora.get("/agreements/compare").status_code == 200
    for odd in ("/etc/passwd", "draft:none", "draft:lalonde:99", "draft:lalonde:x", "../x"):
        refused = dora.get("/agreements/compare", {"old": odd, "new": REFERENCE})
        assert refused.status_code in (404, 409, 422), odd
    begin_draft(place.site, "unsound", "title: x\n", place.person("Dora Reed"))
    refused = dora.get("/agreements/compare", {"old": "draft:unsound", "new": REFERENCE})
    assert refused.status_code == 422 and "AGR021" in shown(refused)
    assert "Has problems" in shown(dora.get("/agreements/"))
    assert dora.get("/agreements/drafts/unsound/words").status_code == 422
    assert dora.get("/agreements/drafts/none/words").status_code == 404
    assert "version 2" in shown(dora.get("/agreements/drafts/lalonde/words"))


def test_a_version_that_is_held_is_frozen_and_the_next_begins_from_it(
    place: Place, visitors: dict[str, Visitor], forward: str
) -> None:
    dora = visitors["Dora"]
    other = TEXT.replace("title: ", "title: Another ", 1)
    begin_draft(place.site, "same-version", other, place.person("Dora Reed"))
    refused = dora.send("/agreements/drafts/same-version/forward", revision="1")
    assert refused.status_code == 409 and "ACT010" in shown(refused)
    late = dora.send("/agreements/drafts/same-version/forward", revision="7")
    assert late.status_code == 409 and "ACT272" in shown(late)
    done = dora.send("/agreements/drafts/new", name="next", start=f"held:{REFERENCE}")
    assert done.status_code == 302
    assert draft_called(place.site, "next").text == TEXT.replace("version: 1", "version: 2", 1)


# -- practice --------------------------------------------------------------------------------------

LENA = "Cleo Marsh"


def weighed_on(site: Site, source: str) -> None:
    """Assess a draft, close it, bind it in the draft, and answer the condition that was set."""
    from weighers import CAREFUL, CONDITION, answers, closing_data, text_of

    begin_assessment(site, "rebate", LENA, source=source)
    for rater, sector, changes in (("Ada Obi", "council", {}), ("Ben Roe", "voluntary", CAREFUL)):
        hand_in(site, "rebate", text_of(answers(rater, sector, 4, **changes)), LENA)
    close_assessment(site, "rebate", text_of(closing_data()), LENA)
    text = bind(site, "rebate", source)
    asked = f'    - condition: {CONDITION}\n      set by: "adviser (voluntary)"\n'
    text = text.replace(asked, asked + "      clause: public.contact\n")
    draft = draft_called(site, "fuel")
    save_draft(site, "fuel", text, site.person("Dora Reed"), after=draft.revision)


def test_a_draft_changed_after_weighing_is_refused_at_signing_with_the_reason(
    practice: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.syspath_prepend(str(ROOT / "tests" / "spec" / "23_assessment"))
    text = example_text("fuel-poverty")
    with_people(practice, text)
    site, by = practice.site, practice.person("Dora Reed")
    begin_draft(site, "fuel", text, by)
    dora = practice.visitor()
    dora.send("/sign-in/as", "/sign-in", person="council/Dora Reed")
    weighed_on(site, "draft:fuel")
    page = shown(dora.get("/agreements/weighed", {"text": "draft:fuel"}))
    assert "Nothing that was weighed is different" in page
    good = draft_called(site, "fuel")
    bad = good.text.replace("marketing, profiling]", "marketing]")
    save_draft(site, "fuel", bad, by, after=good.revision)
    told = dora.get("/agreements/drafts/fuel/forward")
    assert "cannot be signed as it is" in shown(told) and "AGR252" in shown(told)
    assert "Put it forward</" not in told.content.decode()
    refused = dora.send("/agreements/drafts/fuel/forward", "/agreements/drafts/fuel/",
                        revision=str(good.revision + 1))  # fmt: skip
    assert refused.status_code == 422
    assert "AGR252" in shown(refused) and "AGR260" in shown(refused)
    assert site.store.agreements() == ()
    page = shown(dora.get("/agreements/weighed", {"text": "draft:fuel"}))
    assert "This is not the text that was weighed" in page and "profiling" in page
    assert "is to answer anew" in page and "AGR252" in page
    save_draft(site, "fuel", good.text, by, after=good.revision + 1)
    done = dora.send("/agreements/drafts/fuel/forward", revision=str(good.revision + 2))
    assert done.status_code == 302, shown(done)
    held = dora.get(done["Location"])
    assert "See what was weighed beside what is signed" in shown(held)
    assert dora.get("/agreements/weighed").status_code == 200
    odd = dora.get("/agreements/weighed", {"text": "/etc/passwd"})
    assert odd.status_code == 422 and "ACT278" in shown(odd)
    signs_in_practice(practice, done["Location"])


def signs_in_practice(practice: Place, address: str) -> None:
    """An invented signatory signs with the practice key, once however often they press."""
    site = practice.site
    reference = address.split("/")[2]
    amara = practice.visitor()
    amara.send("/sign-in/as", "/sign-in", person="hmrc/Amara Osei")
    assert "the site holds your practice key" in shown(amara.get(f"{address}sign"))
    for _ in range(2):
        done = amara.send(f"{address}sign", address)
        assert done.status_code == 302
    given = site.store.agreement(reference).signatures
    assert [one.name for one in given] == ["Amara Osei"]
    assert "You have signed it" in shown(amara.get(f"{address}sign"))


def test_on_a_real_site_nobody_signs_because_they_are_signed_in(place: Place, forward: str) -> None:
    with pytest.raises(EquipoiseError, match="ACT012"):
        sign_with_practice_key(place.site, REFERENCE, place.person(JO))
