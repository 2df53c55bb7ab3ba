"""What a page says to do next can be done by whoever reads a page: no refusal names a command."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from django.urls import reverse
from visiting import Place, Visitor

from equipoise.acts.assess import begin_assessment
from equipoise.acts.drafts import begin_draft, example_text
from equipoise.acts.site import enrol
from equipoise.errors import Problem, UsageRefused
from equipoise.web.form import Form, words
from equipoise.web.pages.assess_form import sentence_of
from equipoise.web.remedies import REMEDIES, leads_to, names_a_command, on_page

SOURCE = Path(__file__).parents[2] / "src" / "equipoise"
ROOMS = ("acts", "agree", "carry", "gate", "keys", "store", "weigh", "account")
CODE = re.compile(r"[A-Z]{3,4}\d{3}")


def refusals() -> Iterator[tuple[str, str]]:
    """Every (code, words) that the program's text holds side by side, wherever a page's acts are.

    A refusal is written as a call that is given its code first, or as a row of a catalogue.
    """
    for file in (found for room in ROOMS for found in (SOURCE / room).rglob("*.py")):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            parts: list[ast.expr] = []
            if isinstance(node, ast.Call):
                parts = [*node.args, *(each.value for each in node.keywords)]
                yield from told(parts[0] if parts else None, parts[1:])
            elif isinstance(node, ast.Dict):
                for key, value in zip(node.keys, node.values, strict=True):
                    yield from told(key, [value])


def told(first: ast.expr | None, rest: list[ast.expr]) -> Iterator[tuple[str, str]]:
    if isinstance(first, ast.Constant) and CODE.fullmatch(str(first.value)):
        for one in (part for each in rest for part in ast.walk(each)):
            if isinstance(one, ast.Constant) and isinstance(one.value, str):
                yield str(first.value), one.value


def test_no_refusal_that_the_program_knows_names_a_command_on_a_page() -> None:
    naming = [(code, text) for code, text in refusals() if names_a_command(text)]
    assert len({code for code, _ in naming}) > 40, "the search finds what there is"
    for code, text in naming:
        said = on_page(Problem(code, "it is refused", next=text)).next
        assert said and not names_a_command(said), (code, said)
        assert code in REMEDIES or code in said, "whoever runs the site is told which it was"


def test_what_names_no_command_is_told_as_it_was_written() -> None:
    plain = Problem("ACT208", "it is refused", next="bind it")
    assert on_page(plain) == plain
    for text in ("the site runs on Equipoise", "a parcel is called DATASET--KIND--ID", ""):
        assert not names_a_command(text)
    for text in ("equipoise sign X", "link first: equipoise link AGREEMENT", "add --because 'WHY'"):
        assert names_a_command(text)


def test_every_remedy_is_of_a_refusal_that_names_a_command_and_leads_to_a_page() -> None:
    naming = {code for code, text in refusals() if names_a_command(text)}
    naming |= {"STO010", "WGH082", "ACT303"}  # their words are put together elsewhere
    assert set(REMEDIES) <= naming
    for code, remedy in REMEDIES.items():
        assert not names_a_command(remedy.words)
        assert bool(remedy.address) == bool(remedy.link), code
        if remedy.address:
            assert reverse(remedy.address, urlconf="equipoise.web.urls")
            assert leads_to(Problem(code, "")) is remedy
    assert leads_to(Problem("ACT132", "")) is None and leads_to(Problem("XYZ000", "")) is None


def test_no_page_shows_a_next_step_that_was_not_looked_at() -> None:
    """In templates and views every ``.next`` of a problem goes through ``on_page``."""
    for file in [*(SOURCE / "web").rglob("*.jinja"), *(SOURCE / "web" / "pages").glob("*.py")]:
        if "phone" in file.name:
            continue  # a phone reads its own refusals, which name no command
        text = file.read_text(encoding="utf-8")
        if re.search(r"\b(one|problem|found)\.next\b", text):
            assert "on_page" in text, file.name


def test_fields_and_pages_tell_what_to_do_on_the_site(place: Place) -> None:
    refusal = Problem("ACT204", "no reason is given", next="add --because 'WHY'", clause="why")
    assert sentence_of(refusal) == "No reason is given. write the reason (ACT204)"

    class Asked(Form):
        why = words("Say why")

    form = Asked({"why": "x"})
    assert form.is_valid()
    form.refuse(UsageRefused(refusal))
    assert form.faults("why") == ["No reason is given. Write the reason (ACT204)"]


def test_a_draft_that_passes_over_its_assessment_is_led_to_it(place: Place) -> None:
    site = place.site
    drafter = enrol(site, "council", "Dora Reed", roles=("drafter", "assessor"))
    begin_draft(site, "lalonde", example_text("lalonde"), drafter)
    begin_assessment(site, "jobs", drafter.key, source="draft:lalonde")
    visitor: Visitor = place.signed_in("Dora Reed")
    page = visitor.get("/agreements/drafts/lalonde/forward").content.decode()
    assert "ACT208" in page and "set it aside there and say why" in page
    assert 'href="/assessments/"' in page and "equipoise assess" not in page
    missing = visitor.get("/assessments/nosuch/").content.decode()
    assert not re.search(r"equipoise (assess|status)", missing)
