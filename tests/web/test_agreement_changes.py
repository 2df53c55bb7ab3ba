"""Suspended, resumed and ended by a signatory; a draft deleted; a partner's file taken in."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from html import unescape
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpResponse
from visiting import Place, Visitor, made, served

from equipoise.acts.agreement_file import export_agreement
from equipoise.acts.drafts import begin_draft, draft_called, drafts_of, example_text, save_draft
from equipoise.acts.practice import enrol_cast
from equipoise.acts.publish import publish
from equipoise.acts.sign import sign, sign_all_for_practice
from equipoise.acts.site import enrol
from equipoise.agree.parse import parse

TEXT = example_text("lalonde")
AGREED = parse(TEXT).agreement
JO = "Jo Bell"
AT = f"/agreements/{AGREED.reference}/"


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    found = made(tmp_path, practice=True)
    enrol(found.site, "council", "Dora Reed", roles=("drafter",), practice=True)
    enrol_cast(found.site, AGREED)
    yield from served(found, invented=True)


def entered(place: Place, who: str) -> Visitor:
    visitor = place.visitor()
    visitor.send("/sign-in/as", "/sign-in", person=place.person(who).key)
    return visitor


def shown(response: HttpResponse) -> str:
    return unescape(re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", response.content.decode())))


def test_a_signatory_suspends_resumes_and_ends_it_and_says_why(
    place: Place, tmp_path: Path
) -> None:
    file = tmp_path / "lalonde.yaml"
    file.write_text(TEXT, encoding="utf-8")
    sign_all_for_practice(place.site, str(file))
    jo, dora = entered(place, JO), entered(place, "Dora Reed")
    assert "Suspend it" in shown(jo.get(AT)) and "Suspend it" not in shown(dora.get(AT))
    assert "Only a signatory" in shown(dora.get(f"{AT}standing/suspend"))
    refused = dora.send(f"{AT}standing/suspend", AT, cause="request")
    assert refused.status_code == 422 and "ACT015" in shown(refused)
    for cause in ("", "a whim"):
        unsaid = jo.send(f"{AT}standing/suspend", cause=cause)
        assert unsaid.status_code == 422 and "Choose why (ACT016)" in shown(unsaid)
    assert place.site.store.agreement(AGREED.reference).state == "signed"
    done = jo.send(f"{AT}standing/suspend", cause="security")
    assert done.status_code == 302 and "is suspended" in shown(jo.get(done["Location"]))
    again = jo.send(f"{AT}standing/suspend", AT, cause="security")
    assert again.status_code == 409 and "AGR401" in shown(again)
    page = shown(jo.get(AT))
    assert "Resume it" in page and "Suspend it" not in page
    assert jo.send(f"{AT}standing/resume").status_code == 302
    assert jo.send(f"{AT}standing/end", cause="complaint").status_code == 422
    assert jo.send(f"{AT}standing/end", cause="breach").status_code == 302
    assert place.site.store.agreement(AGREED.reference).state == "ended"
    assert "End it" not in shown(jo.get(AT))
    assert jo.get(f"{AT}standing/dance").status_code == 404
    entries = {one.act: one for one in place.site.store.entries()}
    assert entries["suspended"].detail["cause"] == "security"
    assert entries["ended"].detail["cause"] == "breach"
    assert entries["resumed"].actor == place.person(JO).key


def test_a_signatory_says_why_in_their_own_words(place: Place, tmp_path: Path) -> None:
    file = tmp_path / "lalonde.yaml"
    file.write_text(TEXT, encoding="utf-8")
    sign_all_for_practice(place.site, str(file))
    jo = entered(place, JO)
    suspend = f"{AT}standing/suspend"
    silent = jo.send(suspend, cause="other")
    assert silent.status_code == 422 and "ACT017" in shown(silent)
    long = jo.send(suspend, cause="other", words="never ending " * 60)
    assert long.status_code == 422 and "500 letters" in shown(long)
    both = jo.send(suspend, cause="a whim", words="never ending " * 60)
    assert {"ACT016", "ACT017"} <= {*shown(both).replace("(", " ").replace(")", " ").split()}
    number = jo.send(suspend, cause="other", words="About 943 476 5919 only")
    assert number.status_code == 422 and "an NHS number" in shown(number)
    assert 'name="confirmed"' not in number.content.decode(), "a number has to come out"
    words = "The\u202e bulletin of Dr Finch\x07 is <b>late</b>"
    asked = jo.send(suspend, cause="other", words=words)
    assert asked.status_code == 422 and "somebody's name" in shown(asked)
    found = re.search(r'name="confirmed"[^>]*value="([^"]+)"', asked.content.decode())
    assert found is not None and "Dr Finch" in shown(asked), "what was typed is still there"
    assert place.site.store.agreement(AGREED.reference).state == "signed"
    done = jo.send(suspend, cause="other", words=words, confirmed=found[1])
    assert done.status_code == 302
    page = entered(place, "Dora Reed").get(AT).content.decode()
    assert "The bulletin of Dr Finch is ‹b>late‹/b>" in unescape(page) and "<b>late" not in page
    assert f"{JO} (" in page and "suspended it on" in page
    publish(place.site)
    register = place.site.directory / "register" / "agreements"
    name = AGREED.reference.replace("@", "-v")
    assert "The bulletin of Dr Finch" in (register / f"{name}.html").read_text(encoding="utf-8")
    assert "Dr Finch" in json.loads((register / f"{name}.json").read_text("utf-8"))["stopped"]
    (entry,) = [
        one for one in place.site.store.entries()
        if one.act == "suspended" and one.object == f"agreement:{AGREED.reference}"
    ]  # fmt: skip
    assert set(entry.detail) == {"reason"} and "Finch" not in str(entry.as_dict())
    assert jo.send(f"{AT}standing/resume").status_code == 302
    assert "Dr Finch" not in shown(jo.get(AT)), "it goes on"
    assert jo.send(f"{AT}standing/end", cause="breach", words="Sold on").status_code == 302
    ended = shown(jo.get(AT))
    assert "ended it on" in ended and "The agreement was broken. “Sold on”" in ended


def test_a_draft_is_deleted_as_it_was_looked_at(place: Place) -> None:
    dora = entered(place, "Dora Reed")
    drafter = place.person("Dora Reed")
    begin_draft(place.site, "jobs", TEXT, drafter)
    at = "/agreements/drafts/jobs/delete"
    assert "Delete the draft" in shown(dora.get("/agreements/drafts/jobs/"))
    assert "All 1 revision of it" in shown(dora.get(at))
    save_draft(place.site, "jobs", TEXT + "# more\n", drafter, after=1)
    for revision in ("1", "x", "9" * 30):
        late = dora.send(at, revision=revision)
        assert late.status_code == 409 and "ACT272" in shown(late)
    assert draft_called(place.site, "jobs").revision == 2
    done = dora.send(at, revision="2")
    assert done["Location"] == "/agreements/"
    assert drafts_of(place.site) == () and dora.get(at).status_code == 404
    assert [one.act for one in place.site.store.entries()][-1] == "draft deleted"
    begin_draft(place.site, "jobs", TEXT, drafter)


def test_a_partners_file_is_taken_in_whole_or_not_at_all(place: Place, tmp_path: Path) -> None:
    """The partner is a site of its own, whose signatory's key is known here."""
    theirs = made(tmp_path / "theirs", practice=True)
    enrol_cast(theirs.site, AGREED)
    file = tmp_path / "lalonde.yaml"
    file.write_text(TEXT, encoding="utf-8")
    sign(theirs.site, str(file), JO)
    out, _ = export_agreement(theirs.site, AGREED.reference, tmp_path / "out.agreement.json")
    dora = entered(place, "Dora Reed")
    at = "/agreements/take-in"

    def sent(data: bytes | None) -> HttpResponse:
        token = re.search(r'csrfmiddlewaretoken" value="([^"]+)"', dora.get(at).content.decode())
        assert token
        fields: dict[str, object] = {"csrfmiddlewaretoken": token[1]}
        if data is not None:
            fields["file"] = SimpleUploadedFile("a.json", data)
        return dora.post(at, fields)

    for data, code in ((None, "WEB020"), (b"{}", "ACT133"), (out.read_bytes(), "AGR306")):
        refused = sent(data)
        assert refused.status_code in (409, 422) and code in shown(refused), code
        assert "equipoise agreement" not in shown(refused)
    assert not place.site.store.knows(AGREED.reference), "a key that is not hers: nothing is kept"
    # a file without signatures is a text that is put forward
    unsigned = out.read_text().replace(
        re.search(r'"signatures":(\[.*?\])', out.read_text())[1],
        "[]",  # type: ignore[index]
    )
    done = sent(unsigned.encode())
    assert done.status_code == 302 and "Still to sign" in shown(dora.get(done["Location"]))
    proposed = [one for one in place.site.store.entries() if one.act == "agreement proposed"]
    assert [one.actor for one in proposed] == ["council/Dora Reed"]
