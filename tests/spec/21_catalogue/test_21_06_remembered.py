"""What survives of the rankings and votes in Leeds is kept as it was told, and nothing is added."""

from __future__ import annotations

import pytest
from checklist import seed_lines

from equipoise.weigh.cards import cards
from equipoise.weigh.cards.remembered import (
    ANSWERED,
    TOOK_PART,
    Standing,
    most_split,
    ratings,
    shifts,
    standings,
)
from equipoise.weigh.catalogue import catalogue
from equipoise.weigh.entry import line_ranges

TOLD = {
    "C1": [("high", "C E 1", "highly"), ("low", "2", "much lower")],
    "C2": [("high", "C F", "more highly"), ("low", "A 4", "much lower")],
    "C3": [("high", "D 5", "ranked highly"), ("low", "C", "not to")],
    "C4": [("high", "3", "ranked very highly")],
    "K1": [("highest", "2", "riskiest"), ("high", "6", "high")],
    "K2": [("high", "4", "quite high risk"), ("lowest", "1", "lowest risk")],
    "K3": [("above", "F", "more risky"), ("above", "A", "higher risk")],
    "K4": [("high", "C F", "high-risk")],
}
"""Criterion -> where it put which cards, and the words of the report."""


def ranked(*order: str) -> tuple[frozenset[str], ...]:
    return tuple(frozenset(tied.split("=")) for tied in order)


def test_every_rank_fact_that_survives_is_kept() -> None:
    told = [
        (name, stood, names.split()) for name, facts in TOLD.items() for stood, names, _ in facts
    ]
    assert [(each.criterion, each.stood, list(each.cards)) for each in standings()] == told
    assert all(each.criterion in catalogue() for each in standings())


def test_the_report_says_so_in_the_lines_that_are_named() -> None:
    report = seed_lines()
    facts = [words for each in TOLD.values() for _, _, words in each]
    for standing, words in zip(standings(), facts, strict=True):
        [(first, last)] = line_ranges(standing.seed)
        passage = " ".join(report[first : last + 2])
        assert words in passage, standing.id


def test_one_card_is_high_by_two_criteria_and_low_by_a_third() -> None:
    """So one score without its criterion misleads."""
    fuel = {each.criterion: each.stood for each in standings() if "C" in each.cards}
    assert (fuel["C1"], fuel["C2"], fuel["C3"]) == ("high", "high", "low")


@pytest.mark.parametrize(
    ("criterion", "order", "holds"),
    [
        ("C1", ("C", "E", "F", "A", "B", "D"), True),
        ("C1", ("A", "B", "C", "F", "E", "D"), False),
        ("C1", ("1", "3", "5", "6", "4", "2"), True),
        ("C1", ("2", "1", "3", "5", "6", "4"), False),
        ("C2", ("F", "C", "B", "D", "E", "A"), True),
        ("C2", ("F=C=B=D=E=A",), False),
        ("K1", ("2", "6", "1", "3", "4", "5"), True),
        ("K1", ("2=6", "1", "3", "4", "5"), False),
        ("K2", ("4", "6", "2", "3", "5", "1"), True),
        ("K2", ("4", "6", "2", "3", "5=1"), False),
        ("K3", ("F", "C", "A", "E"), True),
        ("K3", ("C", "F", "A", "E"), False),
        ("K3", ("F=C", "A", "E"), False),
        ("K4", ("F", "C", "A", "B", "E"), True),
        ("K4", ("A", "B", "F", "C", "E"), False),
    ],
)
def test_a_ranking_agrees_with_what_survives_or_not(
    criterion: str, order: tuple[str, ...], holds: bool
) -> None:
    facts = [each for each in standings() if each.criterion == criterion]
    assert all(fact.holds(ranked(*order)) for fact in facts) is holds


def test_cards_of_the_other_set_are_not_asked_for() -> None:
    fact = Standing(id="x", criterion="C1", cards=("2",), stood="low", seed="L206")
    assert fact.holds(ranked("C", "E"))


def test_votes_moved_in_the_direction_that_is_told() -> None:
    moved = {each.id: (each.comfort, each.known_by, each.cases) for each in shifts()}
    assert moved == {
        "told-that-data-name-people": ("falls", "poll", ("case-1", "case-2", "case-3")),
        "voluntary-partners": ("rises", "notes", ("case-2",)),
        "commercial-partners": ("falls", "poll", ("case-2", "case-3")),
    }
    assert most_split() == "case-1" and most_split() in cards()


def test_bars_are_kept_as_heights_and_no_mean_is_made_of_them() -> None:
    assert (TOOK_PART, ANSWERED) == (22, 18)
    assert [each.heights for each in ratings()] == [(12, 4, 1, 1), (6, 5, 5, 1), (7, 7, 2, 1)]
    assert [sum(each.heights) for each in ratings()] == [18, 17, 17]


def test_the_heights_are_what_is_left_of_the_charts() -> None:
    """Each chart's numbers without the axis (every second from 0 to 12) and the answers 1 to 6."""
    report = seed_lines()
    for rating, last in zip(ratings(), (856, 889, 923), strict=True):
        [(first, _)] = line_ranges(rating.seed)
        left = [int(line) for line in report[first : last + 1] if line.strip().isdigit()]
        for number in (*range(0, 13, 2), *range(1, 7)):
            left.remove(number)
        assert tuple(sorted(left, reverse=True)) == rating.heights, rating.id
