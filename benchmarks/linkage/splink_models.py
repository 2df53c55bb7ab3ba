"""Splink's settings: comparisons by kind of field, and for each set its blocking and training.

Comparisons follow Splink's own library and advice: Jaro-Winkler levels with term frequencies for
names, edit distance and date differences for dates, sector and district for postcodes. Blocking
rules were chosen for each set to reach nearly every true pair, and the blocks on which parameters
are estimated so that each field is estimated from at least one. Our systems get no such help.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import splink.comparison_level_library as cll
import splink.comparison_library as cl

Comparison = cl.CustomComparison


def _exact(name: str, frequencies: bool = True) -> cll.ExactMatchLevel:
    return cll.ExactMatchLevel(name, term_frequency_adjustments=frequencies)


def name(column: str, other: str | None = None) -> Comparison:
    """Exact with term frequencies, Jaro-Winkler 0.92, 0.88 and 0.7; in the other name's place."""
    swapped = [] if other is None else [cll.ColumnsReversedLevel(column, other)]
    levels = [
        cll.NullLevel(column), _exact(column), cll.JaroWinklerLevel(column, 0.92),
        cll.JaroWinklerLevel(column, 0.88), *swapped, cll.JaroWinklerLevel(column, 0.7),
        cll.ElseLevel(),
    ]  # fmt: skip
    return cl.CustomComparison(levels, output_column_name=column)


def text(column: str) -> Comparison:
    """Exact with term frequencies, Jaro-Winkler 0.95, 0.88 and 0.75: addresses, places, words."""
    levels = [
        cll.NullLevel(column), _exact(column), cll.JaroWinklerLevel(column, 0.95),
        cll.JaroWinklerLevel(column, 0.88), cll.JaroWinklerLevel(column, 0.75), cll.ElseLevel(),
    ]  # fmt: skip
    return cl.CustomComparison(levels, output_column_name=column)


def date(column: str) -> Comparison:
    """Exact, one edit, day and month swapped, two edits, the same year, within ten, and else."""
    levels = [
        cll.NullLevel(column), _exact(column, False), cll.LevenshteinLevel(column, 1),
        cll.CustomLevel(_swapped(column), "day and month swapped"),
        cll.LevenshteinLevel(column, 2),
        cll.CustomLevel(f"substr({column}_l, 1, 4) = substr({column}_r, 1, 4)", "same year"),
        cll.AbsoluteDateDifferenceLevel(column, input_is_string=True, threshold=10, metric="year"),
        cll.ElseLevel(),
    ]  # fmt: skip
    return cl.CustomComparison(levels, output_column_name=column)


def _swapped(column: str) -> str:
    day_first = f"concat(left({column}_r, 5), right({column}_r, 2), '-', substr({column}_r, 6, 2))"
    return f"{column}_l = {day_first}"


def postcode(column: str) -> Comparison:
    """Exact with term frequencies, one edit, sector, two edits, district, area, and else."""
    levels = [
        cll.NullLevel(column), _exact(column), cll.LevenshteinLevel(column, 1),
        cll.CustomLevel(f"{_part(column, 'sector', 'l')} = {_part(column, 'sector', 'r')}"),
        cll.LevenshteinLevel(column, 2),
        cll.CustomLevel(f"{_part(column, 'district', 'l')} = {_part(column, 'district', 'r')}"),
        cll.ElseLevel(),
    ]  # fmt: skip
    return cl.CustomComparison(levels, output_column_name=column)


def _part(column: str, part: str, side: str) -> str:
    at = f"{column}_{side}"
    return f"{at}[:-3]" if part == "sector" else f"split_part({at}, ' ', 1)"


def number(column: str) -> Comparison:
    """Exact with term frequencies, one edit, two edits, and else: numbers, telephones, codes."""
    levels = [
        cll.NullLevel(column), _exact(column), cll.LevenshteinLevel(column, 1),
        cll.LevenshteinLevel(column, 2), cll.ElseLevel(),
    ]  # fmt: skip
    return cl.CustomComparison(levels, output_column_name=column)


def year(column: str) -> Comparison:
    """Exact, within one, within five years, and else."""
    apart = f"abs(try_cast({column}_l as int) - try_cast({column}_r as int))"
    levels = [
        cll.NullLevel(column), _exact(column, False), cll.CustomLevel(f"{apart} <= 1"),
        cll.LevenshteinLevel(column, 1), cll.CustomLevel(f"{apart} <= 5"), cll.ElseLevel(),
    ]  # fmt: skip
    return cl.CustomComparison(levels, output_column_name=column)


def same(column: str) -> Comparison:
    """Exact or not: sex and other categories."""
    return cl.CustomComparison(
        [cll.NullLevel(column), _exact(column), cll.ElseLevel()], output_column_name=column
    )


BY_KIND: Mapping[str, Callable[[str], Comparison]] = {
    "forename": name, "surname": name, "name": name, "date": date, "year": year, "sex": same,
    "postcode": postcode, "address": text, "place": text, "organisation": text, "text": text,
    "email": cl.EmailComparison, "phone": number, "number": number, "code": number,
    "category": same, "nhs number": number,
}  # fmt: skip


def comparisons(fields: Mapping[str, str]) -> list[object]:
    """Return a comparison for each declared field; names also look in each other's columns.

    Splink's own comparison of forename and surname together was tried and did worse.
    """
    made: list[object] = []
    for column, kind in fields.items():
        if column in ("forename", "surname") and {"forename", "surname"} <= set(fields):
            made.append(name(column, "surname" if column == "forename" else "forename"))
        else:
            made.append(BY_KIND[kind](column))
    return made


@dataclass(frozen=True)
class Plan:
    """What a careful analyst chooses for one set: rules to find pairs, to train on, and to count.

    A rule is a tuple of columns or SQL expressions on which two records must agree. ``sure`` with
    ``sure_recall`` gives the prior chance of a match; ``cut`` is where clusters are cut.
    """

    rules: tuple[tuple[str, ...], ...]
    train: tuple[tuple[str, ...], ...]
    sure: tuple[tuple[str, ...], ...]
    sure_recall: float
    without: tuple[str, ...] = ()
    cut: float = 0.5
    max_pairs: float = 1e7
    em_pairs: float | None = None
