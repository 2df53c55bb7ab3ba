"""How far people agree on an order, and on ratings of which some are missing."""

import pytest

from equipoise.errors import UsageRefused
from equipoise.weigh.concord import alpha, kendall_w, kendall_w_of_places, mean_tau
from equipoise.weigh.rank import as_ranking

# Krippendorff's own example: four observers, twelve units; and a later one of three and fifteen.
FOUR = [
    [1, 2, 3, 3, 2, 1, 4, 1, 2, None, None, None],
    [1, 2, 3, 3, 2, 2, 4, 1, 2, 5, None, 3],
    [None, 3, 3, 3, 2, 3, 4, 2, 2, 5, 1, None],
    [1, 2, 3, 3, 2, 4, 4, 1, 2, 5, 1, None],
]
_ = None
THREE = [
    [_, _, _, _, _, 3, 4, 1, 2, 1, 1, 3, 3, _, 3],
    [1, _, 2, 1, 3, 3, 4, 3, _, _, _, _, _, _, _],
    [_, _, 2, 1, 3, 4, 4, _, 2, 1, 1, 3, 3, _, 4],
]


def test_kendall_w_of_three_raters_against_one():
    assert kendall_w_of_places([[1, 1, 1, 2], [2, 2, 2, 3], [3, 3, 3, 1]]) == 0.4375
    rankings = [as_ranking("ABC")] * 3 + [as_ranking("CAB")]
    assert kendall_w(rankings) == 0.4375


def test_w_is_one_of_one_mind_and_nought_of_two():
    assert kendall_w([as_ranking("ABCD")] * 5) == 1
    assert kendall_w([as_ranking("ABCD"), as_ranking("DCBA")]) == 0


def test_w_stays_one_where_all_set_the_same_things_level():
    """Without the correction for ties it would fall short."""
    assert kendall_w([as_ranking(["A", ["B", "C"], "D"])] * 3) == 1
    assert kendall_w([as_ranking("A")] * 3, "ABCD") == 1


def test_w_of_hand_worked_ties():
    # Ranks 1, 2.5, 2.5 and 1, 2, 3: sums 2, 4.5, 5.5 about 4, S = 6.5.
    # W = 12 * 6.5 / (4 * 24 - 2 * 6) = 78 / 84.
    found = kendall_w([as_ranking(["A", ["B", "C"]]), as_ranking("ABC")])
    assert found == pytest.approx(78 / 84)


@pytest.mark.parametrize(
    "rankings",
    [[], [as_ranking("ABC")], [as_ranking("A")] * 2, [as_ranking([["A", "B"]])] * 2, [(), ()]],
)
def test_w_is_not_told_where_there_is_nothing_to_agree_on(rankings):
    assert kendall_w(rankings) is None


def test_mean_tau_is_over_all_pairs():
    found = mean_tau([as_ranking("ABC"), as_ranking("ABC"), as_ranking("CBA")])
    assert (found.mean, found.pairs, found.left_out) == (pytest.approx(-1 / 3), 3, 0)


def test_tau_b_allows_for_ties_and_goes_by_what_both_ranked():
    one, other = as_ranking(["A", ["B", "C"], "Z"]), as_ranking("ABC")
    # Of three shared pairs two agree, one is level in the first: 2 / sqrt(2 * 3).
    assert mean_tau([one, other]).mean == pytest.approx(2 / 6**0.5)


def test_pairs_that_cannot_be_compared_are_counted():
    found = mean_tau([as_ranking("AB"), as_ranking("CD"), as_ranking([["A", "B"]])])
    assert (found.mean, found.pairs, found.left_out) == (None, 0, 3)


@pytest.mark.parametrize(
    ("ratings", "level", "told"),
    [
        (FOUR, "nominal", 0.743),
        (FOUR, "ordinal", 0.815),
        (FOUR, "interval", 0.849),
        (THREE, "nominal", 0.691),
        (THREE, "interval", 0.811),
    ],
)
def test_alpha_of_published_examples(ratings, level, told):
    assert alpha(ratings, level) == pytest.approx(told, abs=5e-4)


@pytest.mark.parametrize("level", ["nominal", "ordinal", "interval"])
def test_alpha_of_identical_raters_is_one(level):
    assert alpha([[1, 2, 5, None], [1, 2, 5, 3], [1, 2, 5, None]], level) == 1


def test_alpha_is_not_told_without_variation_or_without_pairs():
    assert alpha([[3, 3], [3, 3]]) is None
    assert alpha([[1, None], [None, 2]]) is None
    assert alpha([]) is None


def test_rows_of_unequal_length_are_refused():
    for call in (lambda: alpha([[1, 2], [1]]), lambda: kendall_w_of_places([[1, 2], [1]])):
        with pytest.raises(UsageRefused) as refused:
            call()
        assert [p.code for p in refused.value.problems] == ["WGH056"]
