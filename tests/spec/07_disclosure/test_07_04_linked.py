"""Pseudonymised rows go to a secure room only, and people see how far they single anybody out."""

from __future__ import annotations

from typing import Any

import pyarrow as pa
from tables import check, codes, column, output, shown

from equipoise.agree.parts import OutputRule, Release

RULE = OutputRule(form="de-personalised", min_count=3)
TO_LAB = Release(of="joined", to="lab")


def linked(**more: Any) -> Any:
    return output(
        "linked",
        [column("pseudonym_person", "pseudonym"), column("sex", "value"), column("age", "value")],
        {
            "pseudonym_person": pa.array([9, 2, 7, 4, 5, 1], pa.uint64()),
            "sex": pa.array(["f", "f", "f", "m", "m", None]).dictionary_encode(),
            "age": [30, 30, 30, 40, 40, 50],
        },
        **more,
    )


def told(what: Any, *releases: Release, rule: OutputRule = RULE) -> Any:
    return check(what, rule, releases, secure_rooms=("lab",))


def test_how_far_rows_single_people_out_is_shown() -> None:
    """Three classes by hand: three, two and one row."""
    checked = told(linked(), TO_LAB)
    assert checked.verdict == "review"
    (finding,) = checked.findings
    assert dict(finding.evidence) == {
        "rows": 6, "k": 1, "unique rows": 1, "share of rows in classes below 3": 0.5,
        "mean chance of a right guess": 0.5,
    }  # fmt: skip


def test_rows_are_in_the_order_of_their_pseudonyms() -> None:
    checked = told(linked(), TO_LAB)
    assert shown(checked, "pseudonym_person") == [1, 2, 4, 5, 7, 9]
    assert shown(checked, "age") == [50, 30, 40, 40, 30, 30]


def test_they_go_to_a_secure_room_only() -> None:
    assert codes(told(linked(), TO_LAB, Release(of="joined", to="police")), "fail") == {"DIS040"}
    assert codes(check(linked(), RULE, (TO_LAB,)), "fail") == {"DIS040"}
    assert told(linked()).verdict == "review"


def test_they_hold_the_agreed_fields_only() -> None:
    narrow = TO_LAB.model_copy(update={"fields": ("pseudonym_person", "sex")})
    assert codes(told(linked(), narrow), "fail") == {"DIS032"}
    wide = TO_LAB.model_copy(update={"fields": ("pseudonym_person", "sex", "age", "area")})
    assert told(linked(), wide).verdict == "review"


def test_an_aggregate_form_allows_no_rows() -> None:
    assert codes(told(linked(), rule=OutputRule(form="aggregate")), "fail") == {"DIS008"}


def test_an_owners_reference_would_undo_a_pseudonym() -> None:
    table = output(
        "linked", [column("p", "pseudonym"), column("account", "reference")],
        {"p": pa.array([1, 2], pa.uint64()), "account": ["a", "b"]},
    )  # fmt: skip
    assert codes(told(table), "fail") == {"DIS042"}
    assert told(table, rule=OutputRule(form="identifiable")).verdict == "review"


def test_every_row_bears_a_pseudonym() -> None:
    bare = output("linked", [column("age", "value")], {"age": [1]})
    assert codes(told(bare), "fail") == {"DIS043"}
    holes = output("linked", [column("p", "pseudonym")], {"p": pa.array([1, None], pa.uint64())})
    assert codes(told(holes), "fail") == {"DIS003"}


def test_a_table_may_be_empty_or_bear_nothing_but_pseudonyms() -> None:
    for rows in ([], [1, 2]):
        table = output("linked", [column("p", "pseudonym")], {"p": pa.array(rows, pa.uint64())})
        (finding,) = told(table).findings
        assert finding.evidence["k"] == len(rows)
