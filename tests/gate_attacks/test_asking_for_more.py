"""Ask for more, for another, as another: one word of a lawful request is changed."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from lawful import ACTS, World, world
from test_taking_one_thing_away import MOVING, reasons

from equipoise.gate.decide import Request

WORLD = world()
FOR_USE = ("use", "review", "release")

WORDS: dict[str, tuple[dict[str, Any], tuple[str, ...], str]] = {
    "an act nobody made": ({"act": "browse"}, ACTS, "GATE001"),
    "re-identification": ({"act": "re-identify"}, ("use",), "GATE030"),
    "a reveal": ({"act": "reveal"}, ("use",), "GATE030"),
    "marketing": ({"act": "market"}, ("use",), "GATE030"),
    "onward sharing": ({"act": "share onward"}, ("release",), "GATE030"),
    "a party that is none": ({"party": "fastloans"}, ACTS, "GATE040"),
    "another party": ({"party": "brightgas"}, ACTS, "GATE042"),
    "another person": ({"person": "Mallory Quick"}, ACTS, "GATE042"),
    "a person of another party": ({"person": "Carys Penhale"}, ACTS, "GATE042"),
    "another role": ({"role": "recipient"}, ACTS, "GATE042"),
    "a role the party lacks": ({"role": "controller"}, ("link", "release", "erase"), "GATE041"),
    "an analyst's role that is not held": ({"role": "admin"}, ("use",), "GATE043"),
    "another purpose": ({"purpose": "Collect debts"}, MOVING, "GATE044"),
    "a prohibited purpose": ({"purpose": "Marketing to customers"}, ("use",), "GATE030"),
    "a purpose in capitals": ({"purpose": "TELLING EACH SUPPLIER"}, ("use",), "GATE044"),
    "another use": ({"use": "browse"}, FOR_USE, "GATE045"),
    "a use where none belongs": ({"use": "entitled"}, ("pack", "link", "erase"), "GATE055"),
    "another form": ({"form": "aggregate"}, ("pack", "receive payload", "link", "erase"),
                     "GATE049"),
    "another output form": ({"form": "aggregate"}, FOR_USE, "GATE081"),
    "no form": ({"form": ""}, FOR_USE, "GATE081"),
    "another recipient": ({"recipient": "hmrc"}, ("release",), "GATE050"),
    "no recipient": ({"recipient": ""}, ("release",), "GATE031"),
    "an outsider as recipient": ({"recipient": "fastloans"}, ("release",), "GATE030"),
    "a recipient where none belongs": ({"recipient": "brightgas"}, ("use", "pack"), "GATE050"),
    "everybody's rows": ({"rows": "all"}, ("release",), "GATE051"),
    "no word on rows": ({"rows": ""}, ("release",), "GATE051"),
    "rows where none belong": ({"rows": "all"}, ("use", "erase"), "GATE051"),
    "nothing at all": ({"datasets": {}}, ("pack", "receive payload", "link", "use", "erase"),
                       "GATE054"),
    "an output without its name": ({"datasets": {}}, ("release",), "GATE052"),
    "data with a review": ({"datasets": {"properties": ("cost_score",)}}, ("review",), "GATE053"),
    "a dataset of nobody": ({"datasets": {"bank_accounts": ("balance",)}}, ACTS, "GATE046"),
}  # fmt: skip


@pytest.mark.parametrize(
    ("change", "act", "code"),
    [
        pytest.param(change, act, code, id=f"{name}: {act}")
        for name, (change, acts, code) in WORDS.items()
        for act in acts
    ],
)
def test_one_changed_word_is_refused(change: dict[str, Any], act: str, code: str) -> None:
    assert code in reasons(WORLD, replace(WORLD.lawful(act), **change))


def with_fields(request: Request, dataset: str, fields: tuple[str, ...]) -> Request:
    return replace(request, datasets={**request.datasets, dataset: fields})


EVERY_FIELD = [
    (act, dataset, field)
    for act in ACTS
    for dataset, fields in WORLD.lawful(act).datasets.items()
    for field in fields
]


@pytest.mark.parametrize(("act", "dataset", "field"), EVERY_FIELD)
def test_each_single_field_is_needed(act: str, dataset: str, field: str) -> None:
    request = WORLD.lawful(act)
    fewer = tuple(one for one in request.datasets[dataset] if one != field)
    found = reasons(WORLD, with_fields(request, dataset, fewer))
    assert set(found) == {"GATE048"}


@pytest.mark.parametrize(
    ("act", "dataset", "extra"),
    [
        ("pack", "tax_credits", "bank_balance"),
        ("receive payload", "tax_credits", "surname"),
        ("receive payload", "tax_credits", "row_id"),
        ("receive tokens", "tax_credits", "on_credit"),
        ("link", "tax_credits", "on_credit"),
        ("use", "tax_credits", "surname"),
        ("use", "properties", "uprn"),
        ("use", "properties", "agreed"),
        ("use", "customers_brightgas", "birth_date"),
        ("release", "entitled", "on_credit"),
        ("release", "entitled", "cost_score"),
        ("release", "entitled", "pseudonym_person"),
        ("erase", "tax_credits", "on_credit"),
    ],
)
def test_one_extra_field_is_refused(act: str, dataset: str, extra: str) -> None:
    request = WORLD.lawful(act)
    more = (*request.datasets[dataset], extra)
    assert set(reasons(WORLD, with_fields(request, dataset, more))) == {"GATE047"}


def test_a_dataset_more_or_fewer_is_refused() -> None:
    use = WORLD.lawful("use")
    fewer = {name: fields for name, fields in use.datasets.items() if name != "properties"}
    assert set(reasons(WORLD, replace(use, datasets=fewer))) == {"GATE052"}
    packed = with_fields(WORLD.lawful("pack"), "properties", ("uprn", "cost_score", "agreed"))
    assert "GATE053" in reasons(WORLD, packed)


def two_uses() -> World:
    def change(data: dict[str, Any]) -> None:
        data["uses"]["costs"] = {
            "use": "linked", "by": "rebate analyst", "for": "checking the cost scores",
            "entity": "home", "keep": ["properties.cost_score"],
        }  # fmt: skip
        data["outputs"]["costs"] = {"form": "de-personalised", "checked by": ["hmrc"]}

    return world(change)


def test_one_use_cannot_borrow_the_fields_of_another() -> None:
    where = two_uses()
    other = replace(
        where.lawful("use"),
        use="costs",
        purpose="checking the cost scores",
        form="de-personalised",
    )
    found = reasons(where, other)
    assert {"GATE047", "GATE053"} <= set(found)  # the accounts, and the tax credits


def test_one_use_cannot_borrow_the_purpose_form_or_release_of_another() -> None:
    where = two_uses()
    assert "GATE044" in reasons(
        where, replace(where.lawful("use"), purpose="checking the cost scores")
    )
    assert "GATE081" in reasons(where, replace(where.lawful("use"), form="de-personalised"))
    borrowed = replace(where.lawful("release"), use="costs", datasets={"costs": ("account",)})
    assert "GATE050" in reasons(where, borrowed)


def test_a_supplier_cannot_pack_the_file_of_another() -> None:
    request = replace(WORLD.lawful("pack"), party="brightgas", person="Carys Penhale")
    assert set(reasons(WORLD, request)) == {"GATE053"}


LOOK_ALIKES = {
    "a Cyrillic a in the party": {"party": "rebate-te\u0430m"},
    "a wide letter in the party": {"party": "\uff52ebate-team"},
    "a zero-width space in the party": {"party": "rebate-\u200bteam"},
    "a trailing space in the party": {"party": "rebate-team "},
    "capitals in the party": {"party": "Rebate-Team"},
    "a no-break space in the person": {"person": "Hana\u00a0Brook"},
    "a combining accent in the person": {"person": "Hana\u0301 Brook"},
    "a right-to-left mark in the purpose": {"purpose": "\u200f" + WORLD.lawful("use").purpose},
    "a no-break space in the role": {"role": "rebate\u00a0analyst"},
    "a Cyrillic e in the use": {"use": "\u0435ntitled"},
    "a line break after the use": {"use": "entitled\n"},
    "a NUL after the party": {"party": "rebate-team\x00"},
}


@pytest.mark.parametrize("change", LOOK_ALIKES.values(), ids=LOOK_ALIKES)
def test_names_that_look_alike_are_other_names(change: dict[str, str]) -> None:
    reasons(WORLD, replace(WORLD.lawful("use"), **change))


@pytest.mark.parametrize("field", ["\u043en_credit", "on_credit ", "ON_CREDIT", "on\u200b_credit"])
def test_fields_that_look_alike_are_other_fields(field: str) -> None:
    request = with_fields(WORLD.lawful("use"), "tax_credits", (field,))
    assert set(reasons(WORLD, request)) == {"GATE047", "GATE048"}


INJECTIONS = [
    'on_credit"; DROP TABLE tax_credits; --',
    "on_credit FROM read_csv('/etc/passwd')",
    "*",
    "on_credit, surname",
    "../../keys/owners",
    "{agreement.parties}",
    "%s%n",
    "__class__",
]


@pytest.mark.parametrize("name", INJECTIONS)
def test_code_in_a_name_is_refused_and_not_repeated(name: str) -> None:
    use = WORLD.lawful("use")
    for request in (
        with_fields(use, "tax_credits", ("on_credit", name)),
        replace(use, datasets={**use.datasets, name: ("on_credit",)}),
        replace(use, party=name),
        replace(use, use=name),
        replace(use, act=name),
    ):
        told = " ".join(problem.sentence() for problem in reasons(WORLD, request).values())
        assert name not in told or name in ("*", "__class__")


def test_a_value_slipped_in_as_a_name_is_not_told_on() -> None:
    for name in ("AB123456C", "Amara Osei", "1961-02-28"):
        request = with_fields(WORLD.lawful("use"), "tax_credits", ("on_credit", name))
        told = " ".join(problem.sentence() for problem in reasons(WORLD, request).values())
        assert name not in told
