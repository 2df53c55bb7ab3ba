"""``decide`` is total: nothing that is passed in makes it raise, and no garbage is allowed."""

from __future__ import annotations

import math
from dataclasses import fields, replace
from types import MappingProxyType
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lawful import ACTS, world

from equipoise.agree.document import Agreement
from equipoise.gate.decide import Allow, Deny, Facts, Request, decide

WORLD = world()
TEXT = st.text(max_size=30)
GARBAGE: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | TEXT | st.binary(max_size=9),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(TEXT, inner, max_size=3)
        | st.tuples(inner, inner)
        | st.frozensets(TEXT, max_size=3)
    ),
    max_leaves=6,
)
REQUEST_PARTS = [one.name for one in fields(Request)]
FACT_PARTS = [one.name for one in fields(Facts)]


class Evil:
    """Raises whatever is done with it."""

    def __getattribute__(self, name: str) -> Any:
        raise RuntimeError("evil")

    def __eq__(self, other: object) -> bool:
        raise RuntimeError("evil")

    __hash__ = None  # type: ignore[assignment]


class EvilText(str):
    """Text that says it equals everything."""

    __slots__ = ()

    def __eq__(self, other: object) -> bool:
        return True

    def __hash__(self) -> int:
        return hash("rebate-team")


def denied(agreement: Any, places: Any, request: Any, facts: Any) -> list[str]:
    answer = decide(agreement, places, request, facts)
    assert isinstance(answer, Deny)
    assert answer.problems
    return [problem.code for problem in answer.problems]


@settings(max_examples=100, deadline=None)
@given(GARBAGE, GARBAGE, GARBAGE, GARBAGE)
def test_garbage_all_over_is_denied(agreement: Any, places: Any, request: Any, facts: Any) -> None:
    assert {"GATE002", "GATE003", "GATE004"} == set(denied(agreement, places, request, facts))


@settings(max_examples=200, deadline=None)
@given(st.sampled_from(ACTS), st.sampled_from(REQUEST_PARTS), GARBAGE)
def test_one_part_of_a_lawful_request_as_garbage_is_denied(
    act: str, part: str, garbage: Any
) -> None:
    lawful = WORLD.lawful(act)
    changed = replace(lawful, **{part: garbage})
    if changed == lawful or (act == "erase" and part in ("purpose", "datasets")):
        return  # erasing asks for no purpose; an empty request to erase is tried elsewhere
    denied(WORLD.agreement, None, changed, WORLD.facts)


@settings(max_examples=200, deadline=None)
@given(st.sampled_from(ACTS), st.sampled_from(FACT_PARTS), GARBAGE)
def test_one_garbage_fact_never_raises(act: str, part: str, garbage: Any) -> None:
    facts = replace(WORLD.facts, **{part: garbage})
    answer = decide(WORLD.agreement, None, WORLD.lawful(act), facts)
    assert isinstance(answer, Allow | Deny)


@settings(max_examples=100, deadline=None)
@given(st.sampled_from(ACTS), st.dictionaries(TEXT, st.lists(TEXT, max_size=3).map(tuple)))
def test_any_other_datasets_and_fields_are_denied(
    act: str, asked: dict[str, tuple[str, ...]]
) -> None:
    lawful = WORLD.lawful(act)
    changed = replace(lawful, datasets=asked)
    if changed != lawful:
        denied(WORLD.agreement, None, changed, WORLD.facts)


@pytest.mark.parametrize("part", REQUEST_PARTS)
@pytest.mark.parametrize(
    "value",
    [None, math.nan, 0, True, b"use", ["use"], EvilText("rebate-team"), "x" * 10_000_000, "\ud800"],
    ids=["None", "NaN", "0", "True", "bytes", "list", "text that equals all", "huge", "surrogate"],
)
def test_a_part_that_is_not_plain_text_is_malformed(part: str, value: Any) -> None:
    changed = replace(WORLD.lawful("use"), **{part: value})
    assert set(denied(WORLD.agreement, None, changed, WORLD.facts)) == {"GATE002"}


@pytest.mark.parametrize("part", ["act", "party", "person", "role"])
def test_a_part_that_every_request_needs_may_not_be_empty(part: str) -> None:
    changed = replace(WORLD.lawful("use"), **{part: ""})
    assert denied(WORLD.agreement, None, changed, WORLD.facts) == ["GATE002"]


@pytest.mark.parametrize(
    "asked",
    [
        {"tax_credits": "on_credit"},
        {"tax_credits": ["on_credit"]},
        {"tax_credits": None},
        {"tax_credits": ("on_credit", "on_credit")},
        {None: ("on_credit",)},
        {"tax_credits": tuple(str(n) for n in range(10_001))},
        {str(n): () for n in range(10_001)},
        MappingProxyType({"tax_credits": (None,)}),
    ],
)
def test_fields_must_be_different_names_in_a_tuple(asked: Any) -> None:
    changed = replace(WORLD.lawful("use"), datasets=asked)
    assert denied(WORLD.agreement, None, changed, WORLD.facts) == ["GATE002"]


@pytest.mark.parametrize("part", FACT_PARTS)
def test_a_fact_of_another_type_decides_nothing(part: str) -> None:
    facts = replace(WORLD.facts, **{part: object()})
    assert denied(WORLD.agreement, None, WORLD.lawful("use"), facts) == ["GATE003"]


@pytest.mark.parametrize("part", ["signatures", "approvals"])
def test_evidence_must_be_of_its_own_type(part: str) -> None:
    facts = replace(WORLD.facts, **{part: (Evil(),)})
    assert denied(WORLD.agreement, None, WORLD.lawful("use"), facts) == ["GATE003"]


def test_an_approval_without_its_zone_is_no_approval() -> None:
    first, second = WORLD.facts.approvals
    naive = (first, replace(second, at=second.at.replace(tzinfo=None)))
    where = WORLD.knowing(approvals=naive)
    assert denied(where.agreement, None, where.lawful("release"), where.facts) == ["GATE003"]


def test_what_raises_whatever_is_done_with_it_is_denied() -> None:
    evil: Any = Evil()
    lawful = WORLD.lawful("use")
    assert denied(evil, evil, evil, evil) == ["GATE000"]
    assert denied(WORLD.agreement, evil, lawful, WORLD.facts) == ["GATE000"]
    facts = WORLD.knowing(training={"rebate-team/Hana Brook": evil}).facts
    assert denied(WORLD.agreement, None, lawful, facts) == ["GATE000"]


def test_an_empty_agreement_permits_nothing() -> None:
    hollow = Agreement.model_construct()
    assert denied(hollow, None, WORLD.lawful("use"), WORLD.facts) == ["GATE000"]


def test_a_request_cannot_be_changed_after_it_was_made() -> None:
    asked = {"tax_credits": ("on_credit",)}
    request = replace(WORLD.lawful("use"), datasets=asked)
    before = request.digest
    asked["tax_credits"] = ("on_credit", "surname")
    asked["bank_accounts"] = ("balance",)
    assert request.digest == before
    with pytest.raises(TypeError):
        request.datasets["bank_accounts"] = ("balance",)  # type: ignore[index]


def test_every_word_of_a_request_is_in_its_digest() -> None:
    lawful = WORLD.lawful("release")
    others = {replace(lawful, **{part: "other"}).digest for part in REQUEST_PARTS
              if part != "datasets"}  # fmt: skip
    others.add(replace(lawful, datasets={"entitled": ("account",)}).digest)
    assert len(others | {lawful.digest}) == len(REQUEST_PARTS) + 1
