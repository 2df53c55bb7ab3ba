"""Who may do what, on every address of the site: one table, asked of people in every role.

A new address needs a row here. Whoever adds it decides, and says it in the same change.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import pytest
from django.urls import get_resolver, reverse
from visiting import Place, StillClock, Visitor, served

from equipoise.acts.accounts.permission import DUTIES, ROLES
from equipoise.acts.demo_weigh import PARTY, fill_weighing
from equipoise.acts.practice import enrol_cast
from equipoise.acts.sign import sign
from equipoise.acts.site import enrol, found_site
from equipoise.web.request import is_open_to_all

EXAMPLE = Path(__file__).parents[2] / "examples" / "fuel-poverty" / "agreement.yaml"

ALL, SIGNED, NONE = "all", "signed in", "none"
"""Everybody; whoever is signed in; nobody, for the method is not answered."""
KEEP, ADD, LEAD, RATE, WRITE = (
    "keep accounts", "add initiatives", "facilitate workshops", "rate initiatives",
    "draft agreements",
)  # fmt: skip
OWN = "a facilitator of this workshop or survey"

TABLE: Final[dict[str, tuple[str, str]]] = {
    # address: who may look (GET), who may send (POST)
    "home": (SIGNED, NONE),
    "health": (ALL, NONE),
    "sign-in": (ALL, ALL),
    "step-in": (NONE, ALL),
    "code": (SIGNED, SIGNED),
    "elsewhere": (ALL, NONE),
    "elsewhere-return": (ALL, NONE),
    "sign-out": (NONE, ALL),
    "account": (SIGNED, NONE),
    "password": (SIGNED, SIGNED),
    "second-factor": (SIGNED, SIGNED),
    "recovery-codes": (NONE, SIGNED),
    "everywhere": (NONE, SIGNED),
    "cards": (SIGNED, NONE),
    "card": (SIGNED, NONE),
    "initiatives": (SIGNED, NONE),
    "initiative-new": (ADD, ADD),
    "initiative-own": (ADD, ADD),
    "initiative": (SIGNED, NONE),
    "initiative-change": (ADD, ADD),
    "initiative-put": (NONE, ADD),
    "surveys": (SIGNED, NONE),
    "survey-new": (LEAD, LEAD),
    "survey": (SIGNED, NONE),
    "survey-manage-idea": (NONE, LEAD),
    "survey-open": (NONE, LEAD),
    "survey-close": (LEAD, LEAD),
    "survey-figures": (SIGNED, NONE),
    "survey-report": (SIGNED, NONE),
    "survey-report-file": (SIGNED, NONE),
    "survey-vote": (ALL, ALL),
    "survey-idea": (ALL, ALL),
    "survey-results": (ALL, NONE),
    "workshops": (SIGNED, NONE),
    "workshop-new": (LEAD, LEAD),
    "workshop-invent": (NONE, LEAD),
    "workshop": (SIGNED, NONE),
    "workshop-steer": (NONE, OWN),
    "workshop-ask": (OWN, NONE),
    "workshop-joining": (OWN, NONE),
    "workshop-packs": (OWN, NONE),
    "workshop-pack": (OWN, NONE),
    "workshop-report": (SIGNED, NONE),
    "workshop-report-file": (SIGNED, NONE),
    "assessments": (SIGNED, NONE),
    "assessment-new": (RATE, RATE),
    "assessment": (SIGNED, NONE),
    "assessment-profile": (SIGNED, NONE),
    "assessment-answers": (SIGNED, NONE),
    "assessment-dpia": (SIGNED, NONE),
    "assessment-dpia-markdown": (SIGNED, NONE),
    "assessment-dpia-html": (SIGNED, NONE),
    "assessment-compare": (SIGNED, SIGNED),  # with a text that is sent along
    "assessment-close": (RATE, RATE),
    "assessment-bind": (SIGNED, SIGNED),  # shows the text to all; saves it for who may draft
    "assessment-aside": (RATE, RATE),
    "assessment-begin": (NONE, RATE),
    "assessment-sheet": (RATE, RATE),
    "assessment-throw": (NONE, RATE),
    "assessment-section": (RATE, RATE),
    "assessment-entry": (RATE, RATE),
    "agreements": (SIGNED, NONE),
    "agreements-compare": (SIGNED, NONE),
    "agreements-weighed": (SIGNED, NONE),
    "draft-new": (WRITE, WRITE),
    "draft": (SIGNED, WRITE),
    "draft-delete": (WRITE, WRITE),
    "agreement-import": (WRITE, WRITE),
    "draft-check": (NONE, WRITE),
    "draft-summary": (SIGNED, NONE),
    "draft-forward": (WRITE, WRITE),
    "draft-revision": (SIGNED, NONE),
    "agreement": (SIGNED, NONE),
    "agreement-text": (SIGNED, NONE),
    "agreement-standing": (SIGNED, SIGNED),  # the act asks who: a signatory of the agreement
    "agreement-sign": (SIGNED, SIGNED),  # the act asks who: a signatory, for themselves
    "agreement-statement": (SIGNED, NONE),
    "keys": (SIGNED, NONE),
    "keys-of": (SIGNED, NONE),  # the act asks who: their holder, their party, administrators
    "key-end": (SIGNED, SIGNED),  # the act asks who: their holder, or an administrator
    "key-offer": (KEEP, KEEP),
    "key-confirm": (SIGNED, SIGNED),  # the act asks who: a second person, and never the first
    "people": (KEEP, NONE),
    "enrol": (KEEP, KEEP),
    "roles": (KEEP, KEEP),
    "invite": (NONE, KEEP),
    "change-account": (NONE, KEEP),
    "invitation": (ALL, ALL),
    "join": (ALL, ALL),
    "join-workshop": (ALL, ALL),
    "join-table": (ALL, ALL),
    "phone": (ALL, NONE),
    "phone-now": (ALL, NONE),
    "phone-answer": (NONE, ALL),
    "phone-seat": (NONE, ALL),
    "phone-read": (ALL, NONE),
    "phone-results": (ALL, NONE),
    "phone-question": (ALL, NONE),
    "wall": (ALL, NONE),
    "wall-now": (ALL, NONE),
    "register": (ALL, NONE),
    "register-file": (ALL, NONE),
}

CAST: Final = {
    "": "Nadia Plain",
    "administrator": "Imogen Ward",
    "facilitator": "Joss Abara",
    "assessor": "Kit Lindqvist",
    "drafter": "Dara Quill",
}
"""A person of each role, and one of none."""

NAMES: Final = {
    "workshops": "leeds-retold", "take-part": "leeds-retold", "wall": "leeds-retold",
    "assessments": "invented-rebate", "initiatives": "tackling-fuel-poverty",
    "agreements": "fuel-poverty-next", "keys": CAST[""],
    **dict.fromkeys(("surveys", "survey"), "what-matters-when-councils-join-records"),
}  # fmt: skip
PARTS: Final = {
    "party": PARTY, "token": "nosuch", "path": "nosuch.html", "card_id": "A", "number": 1,
    "entry": "new", "section": "benefits", "file": "report.json", "what": "close",
    "act": "suspend", "at": "2026-01-01T00:00:00Z",
    "code": "BCDFGH", "key": "nosuch", "table": 1, "question_id": "nosuch",
    "reference": "fuel-poverty-rebate@1",
}  # fmt: skip
SENT: Final = {
    "workshop-steer": {"do": "close"},
}
"""What makes an address look at who sends, where an empty form is refused before that."""
ONCE: Final = {"sign-out", "everywhere", "recovery-codes", "code"}
"""What changes the session of whoever tries it; ``test_accounts`` has these."""


def patterns() -> dict[str, Any]:
    return {one.name: one for one in get_resolver("equipoise.web.urls").url_patterns}


def address(name: str) -> str:
    pattern = patterns()[name].pattern
    head = str(pattern).partition("/")[0]
    wanted = {**PARTS, "name": NAMES.get(head, "nosuch")}
    parts = {key: wanted[key] for key in pattern.regex.groupindex}
    return reverse(name, urlconf="equipoise.web.urls", kwargs=parts or None)


@pytest.fixture(scope="module")
def people(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str | None, Visitor]]:
    """A site with one of everything, and a visitor signed in as each of the cast; ``None`` is a
    stranger."""
    clock = StillClock(datetime(2026, 6, 1, 9, tzinfo=UTC))
    folder = tmp_path_factory.mktemp("permissions") / "site"
    site = found_site(folder, name="Town", practice=True, clock=clock)
    enrol_cast(site, site.read(EXAMPLE).agreement)
    sign(site, str(EXAMPLE), "Bernard Lyle")
    fill_weighing(site)
    enrol(site, PARTY, CAST[""], roles=(), practice=True)
    place = Place(site, clock)
    for _ in served(place, invented=True):
        visitors: dict[str | None, Visitor] = {None: place.visitor()}
        for role, name in CAST.items():
            visitors[role] = place.visitor()
            visitors[role].send("/sign-in/as", "/sign-in", person=f"{PARTY}/{name}")
        yield visitors


def tried(visitor: Visitor, method: str, name: str) -> Any:
    if method == "GET":
        return visitor.get(address(name))
    seen = visitor.get("/survey/what-matters-when-councils-join-records/").content.decode()
    token = re.search(r'csrfmiddlewaretoken" value="([^"]+)"', seen)
    assert token is not None
    fields = {**SENT.get(name, {}), "csrfmiddlewaretoken": token[1]}
    return visitor.post(address(name), fields)


def refused(answer: Any) -> bool:
    """Whether somebody was told that this is not for them."""
    text = answer.content.decode("utf-8", "replace")
    return "ACT250" in text if answer.status_code == 403 else "WGH163" in text


def has(role: str, who: str) -> bool:
    """Whether a role should be let through. The facilitator of the cast made what there is."""
    if who == OWN:
        return role == "facilitator"
    return who in (ALL, SIGNED) or role in DUTIES[who]  # type: ignore[index]  # the duties above


def test_every_address_has_its_row_and_every_role_its_person() -> None:
    assert set(patterns()) == set(TABLE)
    assert set(CAST) - {""} == set(ROLES)
    assert {who for row in TABLE.values() for who in row} == {ALL, SIGNED, NONE, OWN, *DUTIES}
    open_to = {name for name, one in patterns().items() if is_open_to_all(one.callback)}
    assert open_to == {name for name, row in TABLE.items() if ALL in row}


def test_a_stranger_is_let_in_nowhere_but_where_all_are(
    people: dict[str | None, Visitor],
) -> None:
    for name, row in TABLE.items():
        for method, who in zip(("GET", "POST"), row, strict=True):
            if ALL in row:
                continue
            answer = tried(people[None], method, name)
            assert answer.status_code == 302, (name, method, who)
            assert answer["Location"].startswith("/sign-in"), (name, method)


@pytest.mark.parametrize("role", list(CAST))
def test_each_role_sees_what_is_for_it_and_no_more(
    people: dict[str | None, Visitor], role: str
) -> None:
    amiss = []
    for name, (who, _) in TABLE.items():
        if name in ONCE or (who in (ALL, SIGNED) and role):
            continue  # what is for all who are signed in is tried by whoever has no role
        answer = tried(people[role], "GET", name)
        if who == NONE:
            assert answer.status_code == 405, name
        elif refused(answer) == has(role, who) or answer.status_code >= 500:
            amiss.append((name, who, answer.status_code))
    assert amiss == []


@pytest.mark.parametrize("role", list(CAST))
def test_no_role_sends_what_is_not_for_it(people: dict[str | None, Visitor], role: str) -> None:
    """What is for a role is tried where it is made: here it would change what others look at."""
    amiss = []
    for name, (_, who) in TABLE.items():
        if name in ONCE or (has(role, who) if who != NONE else bool(role)):
            continue
        answer = tried(people[role], "POST", name)
        if who == NONE:
            assert answer.status_code == 405, name
        elif not refused(answer):
            amiss.append((name, who, answer.status_code))
    assert amiss == []


def test_no_empty_form_breaks_a_page(people: dict[str | None, Visitor]) -> None:
    for name, (_, who) in TABLE.items():
        if name not in ONCE and who in (ALL, SIGNED):
            for visitor in (people[None], people[""]):
                assert tried(visitor, "POST", name).status_code < 500, name
