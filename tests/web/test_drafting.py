"""Drafting: the guided form beside the text, problems at their line, two writers on one draft."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from html import unescape
from html.parser import HTMLParser
from typing import Any

import pytest
from django.http import HttpResponse
from visiting import Place, Visitor, made, served

from equipoise.acts.drafts import (
    begin_draft,
    draft_called,
    example_text,
    history_of,
    save_draft,
)
from equipoise.acts.merge import merged
from equipoise.acts.site import enrol
from equipoise.errors import EquipoiseError
from equipoise.web.pages.drafting_fill import filled_in
from equipoise.web.pages.drafting_form import guide
from equipoise.web.pages.drafting_words import PARTS

DRAFT = "/agreements/drafts/rebate/"


class Form(HTMLParser):
    """The fields of the form of a draft's page, as a browser would send them."""

    def __init__(self, page: str) -> None:
        super().__init__(convert_charrefs=True)
        self.fields: dict[str, list[str]] = {}
        self.picking = self.typing = ""
        self.feed(
            page[page.index('id="draft-form"') : page.index("</form>", page.index('id="text"'))]
        )

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        said = {key: value or "" for key, value in attrs}
        name = said.get("name", "")
        if tag == "input" and (said.get("type") != "checkbox" or "checked" in said):
            self.fields.setdefault(name, []).append(said.get("value", ""))
        elif tag == "select":
            self.picking = name
        elif tag == "option" and self.picking and "selected" in said:
            self.fields[self.picking] = [said["value"]]
        elif tag == "textarea":
            self.typing = name
            self.fields[name] = [""]

    def handle_endtag(self, tag: str) -> None:
        if tag == "select":
            self.picking = ""
        if tag == "textarea":
            self.fields[self.typing] = [self.fields[self.typing][0].removeprefix("\n")]
            self.typing = ""

    def handle_data(self, data: str) -> None:
        if self.typing:
            self.fields[self.typing][0] += data

    @property
    def text(self) -> str:
        return self.fields["text"][0]


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    """One practice site for all these tests; each begins a draft of its own name."""
    built = made(tmp_path_factory.mktemp("drafting"), practice=True)
    for name, role in (("Dora Reed", "drafter"), ("Eli Stone", "drafter"), ("Fay Moss", "analyst")):
        enrol(built.site, "council", name, roles=(role,), practice=True)
    yield from served(built, invented=True)


@pytest.fixture(scope="module")
def people(place: Place) -> dict[str, Visitor]:
    found = {}
    for name in ("Dora Reed", "Eli Stone", "Fay Moss"):
        found[name.split()[0]] = visitor = place.visitor()
        visitor.send("/sign-in/as", "/sign-in", person=f"council/{name}")
    return found


@pytest.fixture
def dora(people: dict[str, Visitor], place: Place, request: pytest.FixtureRequest) -> Visitor:
    return people["Dora"]


def shown(response: HttpResponse) -> str:
    return unescape(re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", response.content.decode())))


def begun(place: Place, visitor: Visitor, name: str, start: str = "example:fuel-poverty") -> str:
    done = visitor.send("/agreements/drafts/new", name=name, start=start, title="A rebate")
    assert done.status_code == 302, shown(done)
    return f"/agreements/drafts/{name}/"


def opened(visitor: Visitor, address: str, part: str = "") -> Form:
    return Form(visitor.get(address, {"part": part}).content.decode())


def sent(visitor: Visitor, address: str, form: Form, do: str, **changed: Any) -> HttpResponse:
    """Press a button of the page, with fields changed; a name has its clause with dots."""
    fields = {**form.fields, "do": [do]}
    for name, value in changed.items():
        clause = name.replace("__", ".").replace("_", " ")
        fields[clause] = value if isinstance(value, list) else [value]
    return visitor.post(address, fields)


def test_a_draft_begins_from_nothing_an_example_a_held_version_or_a_pasted_text(
    place: Place, dora: Visitor
) -> None:
    begun(place, dora, "bare", "nothing")
    text = draft_called(place.site, "bare").text
    assert text.startswith("agreement: bare\nversion: 1\ntitle: A rebate\nstarts: 2027-01-01")
    begun(place, dora, "from-example", "example:justice-data-lab")
    pasted = dora.send("/agreements/drafts/new", name="pasted", start="text", text="title: <b>&x\n")
    assert pasted.status_code == 302
    assert draft_called(place.site, "pasted").text == "title: <b>&x\n"
    assert "<b>&x" not in dora.get("/agreements/drafts/pasted/").content.decode()
    assert [e.act for e in place.site.store.entries()].count("draft begun") == 3


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({}, ["Enter a short name", "Choose what the draft begins from"]),
        ({"name": "x", "start": "nothing"}, ["Enter what people will call the agreement"]),
        ({"name": "x", "start": "text"}, ["Paste the text of an agreement"]),
        ({"name": "Two words", "start": "nothing", "title": "T"}, ["ACT270", "small letters"]),
        ({"name": "x", "start": "example:../../etc"}, ["ACT273"]),
        ({"name": "x", "start": "held:/etc/passwd"}, ["STO010"]),
        ({"name": "x", "start": "text", "text": "a" * 400_001}, ["400000 characters at most"]),
    ],
)
def test_a_beginning_that_lacks_something_is_told_at_once_and_nothing_typed_is_lost(
    place: Place, dora: Visitor, fields: dict[str, str], told: list[str]
) -> None:
    refused = dora.send("/agreements/drafts/new", **fields)
    assert refused.status_code in (404, 409, 422)
    page = shown(refused)
    assert all(words in page for words in told), page
    assert "<title>Error: " in refused.content.decode()
    for field, value in fields.items():
        assert field == "start" or len(value) > 100 or value in unescape(refused.content.decode())


def test_a_name_is_given_once(place: Place, dora: Visitor) -> None:
    begun(place, dora, "twice")
    again = dora.send("/agreements/drafts/new", name="twice", start="nothing", title="T")
    assert again.status_code == 409 and "STO051" in shown(again)


def test_what_is_filled_in_goes_into_the_text_and_leaves_the_rest_as_it_was(
    place: Place, dora: Visitor
) -> None:
    address = begun(place, dora, "filled")
    before = draft_called(place.site, "filled").text
    form = opened(dora, address, "parties.hmrc")
    assert form.fields["parties.hmrc.role"] == ["controller"]
    done = sent(dora, address, form, "save", parties__hmrc__name="Revenue, the: ‘Office’",
                parties__hmrc__role=["controller", "recipient"])  # fmt: skip
    assert done.status_code == 302 and done["Location"] == f"{address}?part=parties.hmrc"
    after = draft_called(place.site, "filled").text
    gone = [line for line in before.split("\n") if line not in after.split("\n")]
    assert gone == ["    name: Revenue Office of the City"]
    assert '    name: "Revenue, the: ‘Office’"\n' in after
    assert "    role: [controller, recipient]\n    signatory: {name: Amara Osei" in after
    assert "Saved as revision 2. The text holds together" in shown(dora.get(done["Location"]))


@pytest.mark.parametrize(
    ("part", "changed", "line"),
    [
        ("", {"version": "2"}, "version: 2"),
        ("", {"review": ""}, None),
        (
            "purpose",
            {"purpose__for": ["individuals", "providers"]},
            "for: [individuals, providers]",
        ),
        ("outputs.entitled", {"outputs__entitled__min_count": "12"}, "min count: 12"),
        (
            "retention.entitled",
            {"retention__entitled__days": "", "retention__entitled__after_use": "yes"},
            "  entitled: delete after use",
        ),
        (
            "retention.properties",
            {
                "retention__properties__after_use": "",
                "retention__properties__until": "2027-12-31",
            },
            "  properties: {until: 2027-12-31}",
        ),
        ("on breach", {"on breach__suspend": "no"}, "  suspend: false"),
        ("linkage.entities.home", {"linkage__entities__home__rules": "uprn\r\npostcode, uprn"},
         "        - [postcode, uprn]"),
        ("uses.entitled", {"uses__entitled__by": "analyst\r\nclerk"}, "    by: [analyst, clerk]"),
        ("datasets.tax credits", {}, None),
    ],
)  # fmt: skip
def test_each_kind_of_field_is_written_as_people_write_it(
    place: Place, dora: Visitor, part: str, changed: dict[str, Any], line: str | None
) -> None:
    name = re.sub("[^a-z]+", "-", f"kind-{part}-{'-'.join(changed)}")[:63]
    address = begun(place, dora, name)
    form = opened(dora, address, part)
    done = sent(dora, address, form, "save", **changed)
    assert done.status_code == 302
    text = draft_called(place.site, name).text
    if line is not None:
        assert f"{line}\n" in text
    if part == "" and line is None:
        assert "review:" not in text


def test_every_part_of_an_agreement_has_its_form_and_unchanged_it_changes_nothing() -> None:
    text = example_text("justice-data-lab")
    todo, seen = list(PARTS), set()
    while todo:
        part = todo.pop()
        form = guide(text, part)
        assert form is not None and form.clause == part
        seen.add(part)
        values = {
            one.clause: list(one.value) if isinstance(one.value, tuple) else [one.value]
            for one in form.fields()
        }
        filled = filled_in(text, part, form.was(), values)
        assert (filled.text, filled.changed) == (text, ()), part
        todo += [clause for listed in form.entries for clause, _, _ in listed.rows]
    assert len(seen) > 50
    assert guide(text, "nowhere.at.all") is None and guide(text, "purpose.statement.x") is None


def test_entries_are_added_named_and_taken_out(place: Place, dora: Visitor) -> None:
    address = begun(place, dora, "entries", "nothing")
    form = opened(dora, address, "parties")
    refused = sent(dora, address, form, "add:parties")
    assert "Enter a name of letters" in shown(refused)
    form = Form(
        sent(
            dora, address, form, "add:parties", new_parties="x", **{"new-parties": "police"}
        ).content.decode()
    )
    assert form.fields["part"] == ["parties.police"]
    form = Form(
        sent(dora, address, form, "add:parties", parties__police__name="City police",
             parties__police__signatory__name="Ann Lee").content.decode()
    )  # fmt: skip
    assert "  police:\n    name: City police\n    signatory: {name: Ann Lee}\n" in form.text
    form = Form(sent(dora, address, form, "go:purpose").content.decode())
    form = Form(sent(dora, address, form, "add:purpose.benefits").content.decode())
    assert form.fields["part"] == ["purpose.benefits.0"]
    form = Form(sent(dora, address, form, "go:parties").content.decode())
    again = sent(dora, address, form, "add:parties", **{"new-parties": "police"})
    assert "There is one called police already" in shown(again)
    gone = sent(dora, address, form, "remove:parties.police")
    assert "police" not in Form(gone.content.decode()).text
    assert "is taken out" in shown(gone)
    for odd in (
        "remove:nowhere.at.all",
        "remove:purpose.benefits.9",
        "add:nowhere",
        "go:a.b.c",
        "x",
    ):
        assert sent(dora, address, form, odd).status_code == 200
    assert draft_called(place.site, "entries").revision == 1, "nothing was saved by looking"


def test_a_use_shows_what_its_kind_needs(place: Place, dora: Visitor) -> None:
    address = begun(place, dora, "kinds", "nothing")
    form = opened(dora, address, "uses")
    form = Form(sent(dora, address, form, "add:uses", **{"new-uses": "share"}).content.decode())
    assert "uses.share.entity" not in form.fields
    form = Form(sent(dora, address, form, "put", uses__share__use="linked").content.decode())
    assert "uses.share.entity" in form.fields
    assert "  share: {use: linked}\n" in form.text


def test_a_field_changed_in_form_and_text_is_told_and_both_can_be_read(
    place: Place, dora: Visitor
) -> None:
    address = begun(place, dora, "both")
    form = opened(dora, address, "")
    text = form.text.replace("title: Automatic energy rebates", "title: From the text")
    page = shown(sent(dora, address, form, "check", title="From the form", text=text))
    assert "the text said: From the text" in page and "title: From the form" in page


def test_every_problem_is_told_at_its_line_its_field_and_in_the_summary(
    place: Place, dora: Visitor
) -> None:
    address = begun(place, dora, "wrong")
    form = opened(dora, address, "purpose")
    text = form.text.replace("nature: supportive", "nature: suportive").replace(
        "sector: housing", "sector: hous"
    ).replace("starts: 2026-01-01", "starts: 1 January")  # fmt: skip
    answer = sent(dora, address, form, "check", text=text)
    page, source = shown(answer), answer.content.decode()
    assert "There are 2 problems" in page and "<title>Error: " in source
    for said in ("AGR023", "AGR026", "line 47", "clause purpose.nature",
                 "Did you mean 'supportive'?", "Why: Only words", "What to do next:"):  # fmt: skip
        assert said in page, said
    assert 'href="#c-purpose-nature"' in source and 'id="c-purpose-nature-error"' in source
    assert re.search(
        r'app-code-line--here"><span class="app-line-number">47.*?nature: suportive', source
    )
    saved = sent(dora, address, form, "save", text=text)
    assert "Saved as revision 2. 2 problems were found." in shown(dora.get(saved["Location"]))


def test_a_text_that_cannot_be_read_keeps_its_form_back_and_is_kept(
    place: Place, dora: Visitor
) -> None:
    address = begun(place, dora, "broken")
    form = opened(dora, address, "purpose")
    for text in ("a: [1\nb: }{", "- a list", "x: &a 1\ny: *a", "\t", "a\x00b: 1"):
        answer = sent(dora, address, form, "check", text=text)
        assert answer.status_code == 200, text
        assert "the form has to wait" in shown(answer)
        assert sent(dora, address, form, "add:parties", text=text).status_code == 200
        assert sent(dora, address, form, "remove:parties.hmrc", text=text).status_code == 200
    saved = sent(dora, address, form, "save", text="a: [1\nb: }{")
    assert saved.status_code == 302
    assert draft_called(place.site, "broken").text == "a: [1\nb: }{\n"
    assert dora.get(address).status_code == 200
    empty = sent(dora, address, opened(dora, address), "save", text="  ")
    assert empty.status_code == 422 and "ACT271" in shown(empty)


def test_while_somebody_writes_form_and_text_follow_each_other(place: Place, dora: Visitor) -> None:
    address = begun(place, dora, "live")
    form = opened(dora, address, "")
    page = dora.get(address).content.decode()
    assert f'hx-post="{address}check"' in page
    live = {"HX-Request": "true", "HX-Trigger": "guided"}
    fields = {**form.fields, "title": ["Another title"]}
    answer = dora.post(f"{address}check", fields, headers=live).content.decode()
    assert "title: Another title" in unescape(answer) and 'id="was"' in answer
    assert "no problem was found" in answer and "<html" not in answer
    fields = {**form.fields, "text": [form.text.replace("version: 1", "version: one")]}
    live["HX-Trigger"] = "text"
    answer = dora.post(f"{address}check", fields, headers=live).content.decode()
    assert "1 problem was found" in answer and 'id="c-version-error"' in answer
    assert draft_called(place.site, "live").revision == 1


def test_two_writers_are_told_and_neither_loses_work(
    place: Place, people: dict[str, Visitor]
) -> None:
    dora, eli = people["Dora"], people["Eli"]
    address = begun(place, dora, "met")
    hers, his = opened(dora, address, ""), opened(eli, address, "public")
    assert sent(eli, address, his, "save", public__contact="help@example.org").status_code == 302
    told = sent(dora, address, hers, "save", title="Hers")
    page = shown(told)
    assert told.status_code == 409 and "ACT272" in page and "Eli Stone saved" in page
    assert "Whom to ask is now rebate@example.org, instead of help@example.org" in page
    assert "council/Eli" not in page
    form = Form(told.content.decode())
    assert "title: Hers" in form.text and form.fields["revision"] == ["2"]
    both = Form(sent(dora, address, form, "merge").content.decode())
    assert "title: Hers" in both.text and "contact: help@example.org" in both.text
    assert sent(dora, address, both, "save").status_code == 302
    again = sent(
        eli, address, his, "save", text=his.text.replace("title: Auto", "title: Semi-auto")
    )
    assert again.status_code == 409
    apart = sent(eli, address, Form(again.content.decode()), "merge")
    assert "Both of you wrote in the same lines" in shown(apart)
    mine = Form(again.content.decode())
    assert sent(eli, address, mine, "save").status_code == 302
    titles = [re.search("title: (.*)", one.text)[1] for one in history_of(place.site, "met")]  # type: ignore[index]
    assert titles == ["Semi-automatic energy rebates", "Hers", *["Automatic energy rebates"] * 2]
    assert "Semi-auto" in shown(eli.get(f"{address}revisions/4"))
    assert eli.get(f"{address}revisions/1").status_code == 200
    assert eli.get(f"{address}revisions/9").status_code == 409
    mine.fields["first"] = ["x"]
    assert sent(eli, address, mine, "merge").status_code == 200


def test_a_text_sent_twice_is_saved_once(place: Place, dora: Visitor) -> None:
    address = begun(place, dora, "once")
    form = opened(dora, address, "")
    for _ in range(2):
        assert sent(dora, address, form, "save", title="New").status_code == 302
    assert draft_called(place.site, "once").revision == 2
    for revision in ("x", "", "99999999999999", "7"):
        form.fields["revision"] = [revision]
        assert sent(dora, address, form, "save", title="Newer").status_code == 409
    form.fields["was"] = ["no json"]
    assert sent(dora, address, form, "check", title="Newer").status_code == 200


def test_only_a_drafter_changes_a_draft_and_everybody_signed_in_may_read_it(
    place: Place, people: dict[str, Visitor]
) -> None:
    address = begun(place, people["Dora"], "guarded")
    fay = people["Fay"]
    page = fay.get(address)
    assert page.status_code == 200 and "you need the role of a drafter" in shown(page)
    assert 'value="save"' not in page.content.decode()
    form = Form(page.content.decode())
    for do in ("save", "check", "merge", "remove:parties"):
        assert sent(fay, address, form, do).status_code == 403
    assert fay.post(f"{address}check", form.fields).status_code == 403
    assert fay.get("/agreements/drafts/new").status_code == 403
    assert fay.get(f"{address}forward").status_code == 403
    assert fay.get("/agreements/drafts/none/").status_code == 404
    fay_here = place.person("Fay Moss")
    with pytest.raises(EquipoiseError, match="ACT250"):
        save_draft(place.site, "guarded", "x", fay_here, after=1)
    with pytest.raises(EquipoiseError, match="ACT250"):
        begin_draft(place.site, "other", "x", fay_here)


@pytest.mark.parametrize(
    ("mine", "theirs", "both"),
    [
        ("a\nB\nc\nd", "a\nb\nc\nD", "a\nB\nc\nD"),
        ("a\nB\nc\nd", "a\nB\nc\nd", "a\nB\nc\nd"),
        ("a\nB\nc\nd", "a\nX\nc\nd", None),
        ("a\nb\nc\nd\ne", "x\na\nb\nc\nd", "x\na\nb\nc\nd\ne"),
        ("b\nc\nd", "a\nb\nc\nd\nnew", "b\nc\nd\nnew"),
        ("a\nb\nc\nd", "", ""),
    ],
)
def test_texts_of_two_writers_come_together_where_they_do_not_touch(
    mine: str, theirs: str, both: str | None
) -> None:
    assert merged("a\nb\nc\nd", mine, theirs) == both
    assert merged("a\nb\nc\nd", theirs, mine) == both


def test_was_tells_what_the_form_showed(place: Place, dora: Visitor) -> None:
    address = begun(place, dora, "was")
    form = opened(dora, address, "prohibitions")
    assert json.loads(form.fields["was"][0]) == {
        "prohibitions": ["re-identify", "onward use", "marketing", "profiling"]
    }
