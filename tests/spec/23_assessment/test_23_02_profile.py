"""The profile: each benefit and risk by size, likelihood and on whom, with its spread, no score."""

from __future__ import annotations

from typing import Any

import pytest
from weighers import ITEMS, draft, sheet, three, weighed

from equipoise.weigh.assess.effects import HIGH, exposed_for_others, residual, weight
from equipoise.weigh.assess.profile import Profile, disputed, profile
from equipoise.weigh.assess.sheet import Risk


def risk(**changes: Any) -> Risk:
    said = {
        "item": "R02", "on": "people in the data", "size": 4, "likelihood": 4,
        "because": "They are few.", **changes,
    }  # fmt: skip
    return Risk.model_validate(said)


CONTROL = {"what": "A closed room.", "likelihood becomes": 2, "evidence": "The gate."}


def test_weight_is_size_times_likelihood_and_a_control_lowers_likelihood_alone() -> None:
    plain, controlled = risk(), risk(controls=[CONTROL])
    gains = ("individuals",)
    assert (weight(plain, gains), residual(plain, gains)) == (16, 16)
    assert (weight(controlled, gains), residual(controlled, gains)) == (16, 8)


def test_of_several_controls_the_strongest_counts_and_none_twice() -> None:
    two = [CONTROL, {**CONTROL, "what": "Two checkers.", "likelihood becomes": 3}]
    assert residual(risk(controls=two), ("individuals",)) == 8


@pytest.mark.parametrize(
    ("gains", "changes", "worse"),
    [
        (("individuals",), {}, False),
        (("wider public",), {}, True),
        (("providers",), {}, True),
        (("individuals", "providers"), {}, False),
        (("wider public",), {"gains": ["people in the data"]}, False),
        (("individuals",), {"gains": ["providers"]}, True),
        (("individuals",), {"on": "families and neighbours"}, True),
        (("wider public",), {"item": "R05"}, False),
        (("wider public",), {"item": None, "words": "A rare name.", "re-identifies": True}, True),
        (("wider public",), {"item": None, "words": "A rare name."}, False),
    ],
)
def test_to_be_recognised_for_others_good_is_worse(
    gains: Any, changes: dict[str, Any], worse: bool
) -> None:
    found = risk(**changes)
    assert exposed_for_others(found, gains) is worse
    assert weight(found, gains) == (20 if worse else 16)


def test_who_does_not_know_has_no_weight() -> None:
    for part in ("size", "likelihood"):
        unknown = risk(**{part: "don't know"}, controls=[CONTROL])
        assert weight(unknown) is None
        assert residual(unknown) is None


def test_every_answer_stands_beside_the_others_and_dont_know_is_counted_apart() -> None:
    made = profile(weighed(), ITEMS)
    assert (made.raters, made.sectors) == (3, ("council", "voluntary", "health"))
    asked = next(each for each in made.tests if each.name == "purposeful-1")
    assert [one.value for one in asked.answers.answers] == [4, 2, None]
    assert asked.answers.known == (2, 4)
    assert asked.answers.middle == 3.0
    assert asked.answers.dont_know == 1
    assert asked.answers.by_sector() == {"council": (4,), "voluntary": (2,), "health": (None,)}
    assert asked.answers.apart


def test_dont_know_is_never_a_midpoint() -> None:
    unsure = [sheet(name, "health", "don't know") for name in ("Ann Low", "Bea Low", "Con Low")]
    sure = sheet("Di High", "health", 5)
    made = profile(weighed(draft(), *unsure, sure), ITEMS)
    for each in (*made.tests, *made.factors):
        assert (each.answers.middle, each.answers.dont_know) == (5.0, 3)
        assert not each.answers.apart


def test_when_nobody_knows_nothing_is_said() -> None:
    unsure = [sheet(name, "health", "don't know") for name in ("Ann Low", "Bea Low")]
    found = profile(weighed(draft(), *unsure), ITEMS).tests[0].answers
    assert (found.lowest, found.middle, found.highest, found.apart) == (None, None, None, False)


def test_there_is_no_one_score() -> None:
    words = " ".join([*Profile.model_fields, *profile(weighed(), ITEMS).model_dump()])
    assert not {"score", "total", "overall", "sum", "mean"} & set(words.split())


def test_disagreement_is_named() -> None:
    made = weighed(draft(), sheet("Ada Obi", "council", 5), sheet("Ben Roe", "health", 4))
    assert list(disputed(profile(made, ITEMS))) == []
    told = list(disputed(profile(weighed(), ITEMS)))
    assert len(told) == 18 + 7


def test_the_same_risk_on_others_is_a_row_of_its_own_and_the_heaviest_stands_first() -> None:
    other = {
        "item": "R02", "on": "staff", "size": 5, "likelihood": 5, "because": "They are named.",
    }  # fmt: skip
    first, *_ = three()
    both = [*[each.model_dump(by_alias=True) for each in first.risks], other]
    made = profile(weighed(draft(), sheet("Ada Obi", "council", risks=both)), ITEMS)
    assert [(row.on, row.for_others) for row in made.risks] == [
        ("staff", True), ("people in the data", False),
    ]  # fmt: skip
    assert made.risks[0].remains is not None
    assert made.risks[0].remains.highest == 30 >= HIGH
    assert made.benefits[0].remains is None


def test_sensitivity_is_taken_from_the_data_and_no_control_touches_it() -> None:
    assert profile(weighed(), ITEMS).sensitivity == "high"


def test_raters_are_told_apart_by_number_and_sector_and_not_by_name() -> None:
    text = profile(weighed(), ITEMS).model_dump_json()
    assert "Ada Obi" not in text and "Cy Dunn" not in text
