"""An estimate rests on enough people, and is no finer than it says."""

from __future__ import annotations

import math
from typing import Any

import pyarrow as pa
import pytest
from tables import check, codes, column, output, shown

from equipoise.carry.disclose.readback import numerators


def estimated(values: list[Any], people: list[int], decimals: int | None = 2) -> Any:
    return output(
        "estimates",
        [column("what", "label"), column("people", "count"),
         column("value", "measure", denominator="people", decimals=decimals)],
        {"what": [str(n) for n in range(len(people))], "people": people,
         "value": pa.array(values, pa.float64())},
    )  # fmt: skip


def test_an_estimate_is_shown_to_its_decimals() -> None:
    checked = check(estimated([-7.12345, 0.004], [500, 100]))
    assert shown(checked, "value") == [-7.12, 0.0]
    assert math.copysign(1, shown(checked, "value")[1]) == 1
    assert shown(checked) == [500, 100]


def test_without_stated_decimals_three_are_shown() -> None:
    assert shown(check(estimated([0.123456], [500], None)), "value") == [0.123]


def test_an_estimate_on_few_people_is_withheld() -> None:
    checked = check(estimated([1.5, 2.5], [9, 10]))
    assert shown(checked, "value") == [None, 2.5]
    assert checked.suppressed == {"people": (0,), "value": (0,)}
    assert "DIS017" in codes(checked)


def test_an_estimate_that_is_undefined_is_not_said_to_be_withheld() -> None:
    checked = check(estimated([None, math.nan, 3.0], [500, 500, 9]))
    assert shown(checked, "value") == [None, None, None]
    assert shown(checked) == [500, 500, None]
    assert checked.suppressed["value"] == (2,)
    assert shown(check(estimated([math.inf], [500])), "value") == [None]


def test_an_estimate_that_rests_on_nothing_fails() -> None:
    table = output("estimates", [column("v", "measure")], {"v": [1.0]})
    assert codes(check(table), "fail") == {"DIS005"}
    table = output("estimates", [column("v", "measure", denominator="n")], {"v": [1.0]})
    assert codes(check(table), "fail") == {"DIS005"}


def test_the_counts_behind_a_percentage_are_found() -> None:
    """Worked by hand: of 498 to 502 people, only 171 of 500 rounds to 34.2%."""
    assert numerators(34.2, 500, 5, 1) == {171}
    assert numerators(34.0, 500, 5, 0) == {167, 168, 169, 170, 171, 172, 173}
    assert numerators(50.0, 2, 1, 0) == {1}


@pytest.mark.parametrize(("value", "seen"), [(34.2, True), (34.0, True), (134.2, False)])
def test_a_percentage_that_gives_its_count_away_is_shown_to_people(
    value: float, seen: bool
) -> None:
    checked = check(estimated([value], [500], 1))
    assert ("DIS025" in codes(checked, "review")) is seen
    assert "DIS025" not in codes(check(estimated([value], [500], 0)))


def test_differences_and_small_numbers_are_not_taken_for_percentages() -> None:
    assert "DIS025" not in codes(check(estimated([34.2, -3.1], [500, 500], 1)))
    assert "DIS025" not in codes(check(estimated([0.04, 0.9], [500, 500], 2)))


@pytest.mark.parametrize(
    ("value", "reads_as", "kept"),
    [
        (0.01, "share", False),  # 500 people: 3 to 7
        (0.99, "share", False),  # 3 to 7 without it
        (0.02, "share", True),  # 8 to 12
        (1.3, "share", True),  # events outnumber people
        (1.2, "percentage", False),  # 6 people
        (98.8, "percentage", False),
        (34.2, "percentage", True),
        (0.01, "neither", True),
        (1.2, "neither", True),
        (0.01, None, False),  # unsaid, it looks like a share
        (1.2, None, False),  # and this like a percentage
        (-0.01, None, True),
        (0.003, "share", False),  # shown to two decimals as nought: nobody to two people
    ],
)
def test_a_share_that_only_a_small_count_can_stand_behind_is_withheld(
    value: float, reads_as: str | None, kept: bool
) -> None:
    table = output(
        "estimates",
        [column("what", "label"), column("people", "count"),
         column("value", "measure", denominator="people", decimals=2, reads_as=reads_as)],
        {"what": ["it"], "people": [500], "value": [value]},
    )  # fmt: skip
    checked = check(table)
    assert (shown(checked, "value") != [None]) is kept
    assert ("DIS025" in codes(checked, "pass")) is not kept
    assert check(checked.output).output.table.equals(checked.output.table)


def test_what_is_read_as_no_share_asks_for_no_second_look() -> None:
    table = output(
        "estimates",
        [column("people", "count"),
         column("ratio", "measure", denominator="people", decimals=1, reads_as="neither")],
        {"people": [500], "ratio": [34.2]},
    )  # fmt: skip
    assert "DIS025" not in codes(check(table))
