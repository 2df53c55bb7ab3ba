"""Answers go back to a party about its own rows: the agreed fields, and nothing else."""

from __future__ import annotations

from typing import Any

import pyarrow as pa
import pytest
from tables import check, codes, column, output, shown

from equipoise.agree.parts import OutputRule, Release

RULE = OutputRule(form="identifiable")
RELEASE = Release(of="entitled", to="brightgas", fields=("account", "flag"), rows="own")


def answers(
    flags: list[Any], accounts: list[Any] | None = None, party: str | None = "brightgas",
    **more: Any
) -> Any:  # fmt: skip
    names = accounts or [f"A{number:03d}" for number in reversed(range(len(flags)))]
    return output(
        "rows",
        [column("account", "reference"), column("flag", "flag"),
         *(column(name, "value") for name in more)],
        {"account": pa.array(names, pa.string()), "flag": flags, **more},
        party=party,
    )  # fmt: skip


def told(what: Any, *releases: Release, rule: OutputRule = RULE) -> Any:
    return check(what, rule, releases or (RELEASE,))


def test_own_rows_with_the_agreed_fields_go_to_review() -> None:
    checked = told(answers(["yes", "no", "no"]))
    assert checked.verdict == "review"
    (finding,) = checked.findings
    assert dict(finding.evidence) == {"rows": 3, "yes": 1, "other": 2}


def test_the_order_in_which_rows_were_made_is_not_handed_on() -> None:
    """Else all that were found could stand before all that were not."""
    checked = told(answers(["yes", "no", "no"]))
    assert shown(checked, "account") == ["A000", "A001", "A002"]
    assert shown(checked, "flag") == ["no", "no", "yes"]


def test_yes_and_no_may_be_true_and_false() -> None:
    (finding,) = told(answers([True, False])).findings
    assert dict(finding.evidence) == {"rows": 2, "yes": 1, "other": 1}


@pytest.mark.parametrize("flags", [["yes", "not found"], ["yes", None], [True, None], ["y", "no"]])
def test_not_found_cannot_be_told_from_no(flags: list[Any]) -> None:
    checked = told(answers(flags))
    assert codes(checked, "fail") == {"DIS034"}
    assert checked.output.table.num_rows == 0


def test_not_found_is_told_where_it_was_agreed() -> None:
    release = RELEASE.model_copy(update={"not_found": "separate"})
    assert told(answers(["yes", "not found"]), release).verdict == "review"
    assert told(answers(["yes", "perhaps"]), release).verdict == "fail"


def test_more_or_fewer_fields_than_agreed_fail() -> None:
    checked = told(answers(["yes"], score=[3]))
    assert codes(checked, "fail") == {"DIS032"}
    wider = RELEASE.model_copy(update={"fields": ("account", "flag", "score")})
    assert codes(told(answers(["yes"]), wider), "fail") == {"DIS032"}
    assert told(answers(["yes"], score=[3]), wider).verdict == "review"
    assert told(answers(["yes"], score=[3]), RELEASE, wider).verdict == "review"


def test_rows_that_no_clause_gives_fail() -> None:
    assert codes(told(answers(["yes"], party="northlight")), "fail") == {"DIS030"}
    assert codes(told(answers(["yes"], party=None)), "fail") == {"DIS030"}
    none = RELEASE.model_copy(update={"rows": "none"})
    assert codes(told(answers(["yes"]), none), "fail") == {"DIS031"}


def test_references_name_each_row_once() -> None:
    assert codes(told(answers(["yes", "no"], ["A", "A"])), "fail") == {"DIS033"}
    assert codes(told(answers(["yes", "no"], ["A", None])), "fail") == {"DIS033"}
    bare = output("rows", [column("flag", "flag")], {"flag": ["yes"]}, party="brightgas")
    flag = RELEASE.model_copy(update={"fields": ("flag",)})
    assert codes(told(bare, flag), "fail") == {"DIS033"}


def test_a_form_that_names_nobody_allows_no_references() -> None:
    for form in ("aggregate", "de-personalised"):
        checked = told(answers(["yes"]), rule=OutputRule(form=form))
        assert codes(checked, "fail") == {"DIS008"}


def test_an_answer_that_is_the_same_for_all_is_shown_to_people() -> None:
    assert "DIS036" in codes(told(answers(["no", "no"])), "review")
    assert "DIS036" not in codes(told(answers([])))


def test_values_without_a_flag_go_to_review_too() -> None:
    bare = output(
        "rows", [column("account", "reference"), column("band", "value")],
        {"account": ["A"], "band": ["x"]}, party="brightgas",
    )  # fmt: skip
    release = RELEASE.model_copy(update={"fields": ("account", "band")})
    assert codes(told(bare, release), "review") == {"DIS035"}


def test_all_that_is_wrong_is_told_at_once() -> None:
    checked = told(
        answers(["yes", None], ["A", "A"], score=[1, 2]), rule=OutputRule(form="aggregate")
    )
    assert codes(checked, "fail") == {"DIS008", "DIS032", "DIS033", "DIS034"}
