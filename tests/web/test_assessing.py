"""Assessments on pages: begun, answered section by section, seen, closed, bound."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from visiting import Place, Visitor, made, served

from equipoise.acts.accounts.sign_in import as_invented
from equipoise.acts.assess import assessment_of, book
from equipoise.acts.site import enrol
from equipoise.web.request import SESSION_COOKIE
from equipoise.weigh.catalogue import catalogue
from equipoise.weigh.questions import asked_in

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "examples" / "fuel-poverty" / "agreement.yaml").read_text(encoding="utf-8")
RATERS = ("Ada Obi", "Ben Roe", "Cy Dunn")
LINE = "No supplier may turn somebody off because of the answer."
CONDITION = "People can ask a person why they did not get it."


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


def answered(place: Place, address: str) -> None:
    for name, sector, answer in zip(
        RATERS, ("council", "voluntary", "health"), ("4", "2", "don't know"), strict=True
    ):
        visitor = visit(place, name)
        sheet = opened(visitor, address)
        answer_all(visitor, sheet, sector, answer, careful=name == "Ben Roe")
        done = visitor.send(sheet)
        assert done.status_code == 302, text_of(done)


def test_smoke(served_here: Place) -> None:
    place = served_here
    address = begun(place, "rebate")
    ada = visit(place, "Ada Obi")
    assert "rebate" in text_of(ada.get("/assessments/"))
    answered(place, address)
    held = book(place.site).assessment("rebate")
    assert [s.rater.name for s in assessment_of(held).sheets] == list(RATERS)
    for page in (
        "",
        "profile",
        "answers",
        "dpia",
        "dpia.md",
        "dpia.html",
        "compare",
        "close",
        "bind",
        "set-aside",
    ):
        got = ada.get(address + page)
        assert got.status_code == 200, (page, text_of(got)[-800:])
    sheet = opened(ada, address)
    for page in (
        "",
        "rater",
        "red-lines",
        "benefits",
        "risks",
        "risks/0",
        "not-sharing",
        "factors",
        "purposeful",
        "conditions",
        "view",
    ):
        got = ada.get(sheet + page)
        assert got.status_code == 200, (page, text_of(got)[-800:])
