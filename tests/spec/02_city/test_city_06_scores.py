"""Released flags and reported effects are scored against the truth."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from equipoise.city import Written, score_effect, score_flags
from equipoise.errors import DataRefused

Rows = list[dict[str, str]]
Read = Callable[[str], Rows]

TRUTH = """"dataset","account","entitled","why","holder"
"customers_brightgas","00123",1,"entitled","first adult"
"customers_brightgas","00124",1,"entitled","landlord"
"customers_brightgas","00125",0,"no award","partner"
"customers_brightgas","00126",0,"award ended","partner"
"customers_homewarm","85",1,"entitled","partner"
"""


@pytest.fixture
def truth(tmp_path: Path) -> Path:
    (tmp_path / "entitled.csv").write_text(TRUTH, encoding="utf-8")
    effect = {"planted": -0.08, "realised": -0.06, "naive": 0.01}
    body = {"in the study": 300, "effects": {"one-year reoffending": effect}}
    (tmp_path / "effects.json").write_text(json.dumps(body), encoding="utf-8")
    return tmp_path


def codes(refused: pytest.ExceptionInfo[DataRefused]) -> list[str]:
    return [problem.code for problem in refused.value.problems]


def test_precision_and_recall_are_counted_by_hand(truth: Path) -> None:
    scores = score_flags(
        truth,
        {
            "customers_brightgas": [
                ("00123", "yes"),
                ("00124", "no"),
                ("00125", "yes"),
                ("00126", "no"),
            ],
            "customers_homewarm": [("85", True)],
        },
    )
    gas = scores.by_dataset["customers_brightgas"]
    assert (gas.right_yes, gas.wrong_yes, gas.missed, gas.right_no) == (1, 1, 1, 1)
    assert gas.precision == gas.recall == 0.5
    assert scores.all.right_yes == 2 and scores.all.accounts == 5
    assert scores.all.recall == pytest.approx(2 / 3)
    assert scores.missed_by_holder == {"landlord": 1}
    assert "recall 66.7%" in scores.sentence()


def test_an_account_left_out_counts_as_answered_no(truth: Path) -> None:
    scores = score_flags(truth, {"customers_brightgas": [("00123", 1)]})
    assert scores.all.missed == 1 and scores.all.right_no == 2


def test_leading_noughts_of_accounts_are_kept(truth: Path) -> None:
    with pytest.raises(DataRefused) as refused:
        score_flags(truth, {"customers_brightgas": [("123", "yes")]})
    assert codes(refused) == ["CIT007"]


def test_without_a_single_yes_there_is_no_precision(truth: Path) -> None:
    scores = score_flags(truth, {"customers_homewarm": [("85", "no")]})
    assert scores.all.precision is None and scores.all.recall == 0.0
    assert "precision -" in scores.sentence()
    nothing = score_flags(truth, {})
    assert nothing.all.recall is None and nothing.all.accounts == 0


def test_all_faults_of_a_release_are_told_at_once_and_name_no_account(truth: Path) -> None:
    with pytest.raises(DataRefused) as refused:
        score_flags(
            truth,
            {
                "customers_brightgas": [
                    ("00123", "perhaps"),
                    ("99999", "yes"),
                    ("00125", "yes"),
                    ("00125", "no"),
                ],
                "customers_nobody": [],
            },
        )
    assert codes(refused) == ["CIT009", "CIT007", "CIT008", "CIT006"]
    text = str(refused.value)
    assert "row 2 of customers_brightgas" in text
    assert "99999" not in text and "00125" not in text


def test_the_same_answer_twice_is_one_answer(truth: Path) -> None:
    scores = score_flags(truth, {"customers_homewarm": [("85", "yes"), ("85", "Yes ")]})
    assert scores.all.right_yes == 1


def test_perfect_flags_score_perfectly_on_a_whole_city(written: Written, truth_file: Read) -> None:
    released: dict[str, list[tuple[str, str]]] = {}
    for row in truth_file("entitled.csv"):
        released.setdefault(row["dataset"], []).append((row["account"], row["entitled"]))
    scores = score_flags(written.truth, released)
    assert scores.all.precision == scores.all.recall == 1.0
    assert len(scores.by_dataset) == 3


def test_an_effect_is_held_against_planted_and_realised(truth: Path) -> None:
    found = score_effect(truth, -0.10, -0.03, -0.065)
    assert found.holds_planted and found.holds_realised
    assert found.error == pytest.approx(0.015)
    missed = score_effect(truth, -0.07, -0.03, -0.05)
    assert not missed.holds_planted and missed.holds_realised
    assert missed.naive == 0.01


def test_an_impossible_effect_is_refused_with_all_reasons(truth: Path) -> None:
    with pytest.raises(DataRefused) as refused:
        score_effect(truth, -0.01, -0.10, -0.05, outcome="happiness")
    assert codes(refused) == ["CIT010", "CIT011"]


def test_a_city_too_small_for_a_study_has_no_effect_to_score(truth: Path) -> None:
    body = json.loads((truth / "effects.json").read_text()) | {"in the study": 0}
    (truth / "effects.json").write_text(json.dumps(body), encoding="utf-8")
    with pytest.raises(DataRefused) as refused:
        score_effect(truth, -0.1, 0.1, 0.0)
    assert codes(refused) == ["CIT012"]


def test_where_no_truth_was_written_nothing_is_scored(tmp_path: Path) -> None:
    for score in (
        lambda: score_flags(tmp_path, {}),
        lambda: score_effect(tmp_path, -0.1, 0.1, 0.0),
    ):
        with pytest.raises(DataRefused) as refused:
            score()
        assert codes(refused) == ["CIT005"]
