"""Laws that hold of every matching, whatever the people."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from equipoise.carry.uses.evaluate.balance import compare, divisors
from equipoise.carry.uses.evaluate.matching import (
    effective,
    match_nearest,
    order_treated,
    shares,
    weights,
)
from equipoise.carry.uses.intervals import holm, wilson
from equipoise.carry.uses.reach import pairs_between, row_of_each


@st.composite
def studies(draw):
    """Distances with many ties, groups, strata, and a matching clause."""
    size = draw(st.integers(2, 60))
    coarse = draw(st.integers(1, 40))
    place = draw(st.lists(st.integers(0, coarse), min_size=size, max_size=size))
    group = draw(st.lists(st.booleans(), min_size=size, max_size=size))
    strata = draw(st.lists(st.integers(0, 3), min_size=size, max_size=size))
    how = {
        "ratio": draw(st.integers(1, 5)),
        "replace": draw(st.booleans()),
        "within": draw(st.sampled_from([0.0, 1.0, 2.5, float("inf")])),
    }
    order = draw(st.sampled_from(["largest score first", "random"]))
    return np.array(place, float), np.array(group), np.array(strata), how, order


def matched_by(study):
    distance, treated, strata, how, order = study
    rows = order_treated(distance, treated, order)
    return match_nearest(distance, treated, rows, strata=strata, **how)


@given(studies())
def test_matches_keep_to_the_clause(study):
    distance, treated, strata, how, _ = study
    found = matched_by(study)
    assert treated[found.treated].all()
    assert not treated[found.control].any()
    assert (np.abs(distance[found.treated] - distance[found.control]) <= how["within"]).all()
    assert (strata[found.treated] == strata[found.control]).all()
    assert np.bincount(found.treated, minlength=1).max() <= how["ratio"]
    pairs = set(zip(found.treated.tolist(), found.control.tolist(), strict=True))
    assert len(pairs) == len(found.treated)
    if not how["replace"]:
        assert len(set(found.control.tolist())) == len(found.control)


@given(studies())
def test_nobody_goes_without_while_a_fit_match_is_free(study):
    distance, treated, strata, how, _ = study
    found = matched_by(study)
    used = set() if how["replace"] else set(found.control.tolist())
    for row in set(np.flatnonzero(treated).tolist()) - set(found.treated.tolist()):
        fit = (
            (~treated)
            & (strata == strata[row])
            & (np.abs(distance - distance[row]) <= how["within"])
        )
        assert set(np.flatnonzero(fit).tolist()) <= used


@given(studies())
def test_with_replacement_nobody_nearer_was_passed_over(study):
    distance, treated, strata, how, order = study
    how = {**how, "replace": True}
    found = matched_by((distance, treated, strata, how, order))
    for row in found.sets:
        fit = (~treated) & (strata == strata[row])
        near = np.sort(np.abs(distance[fit] - distance[row]))
        near = near[near <= how["within"]][: how["ratio"]]
        taken = np.abs(distance[found.control[found.treated == row]] - distance[row])
        assert np.sort(taken).tolist() == near.tolist()


@given(studies())
def test_the_first_round_is_that_of_a_plain_search(study):
    # The same greedy rule, written the slow way: each in turn looks at everybody left.
    distance, treated, strata, how, order = study
    if how["replace"]:
        return
    rows = order_treated(distance, treated, order)
    found = match_nearest(distance, treated, rows, strata=strata, within=how["within"])
    left = set(np.flatnonzero(~treated).tolist())
    gaps = []
    for row in rows:
        fit = [
            c
            for c in left
            if strata[c] == strata[row] and abs(distance[c] - distance[row]) <= how["within"]
        ]
        if fit:
            nearest = min(abs(distance[c] - distance[row]) for c in fit)
            chosen = [c for t, c in zip(found.treated, found.control, strict=True) if t == row]
            assert len(chosen) == 1
            gaps.append(nearest - abs(distance[chosen[0]] - distance[row]))
            left.discard(int(chosen[0]))
        else:
            assert row not in found.treated
    assert all(abs(gap) < 1e-12 for gap in gaps)


@given(studies())
def test_weights_add_up(study):
    _, treated, _, _, _ = study
    found = matched_by(study)
    weight = weights(found, len(treated))
    controls = len(set(found.control.tolist()))
    assert np.isclose(weight[treated].sum(), len(found.sets))
    assert np.isclose(weight[~treated].sum(), controls)
    assert np.isclose(shares(found, len(treated)).sum(), len(found.sets))
    assert effective(weight[~treated]) <= controls + 1e-9


@settings(max_examples=50)
@given(studies(), st.randoms(use_true_random=False))
def test_balance_does_not_depend_on_the_order_of_rows(study, random):
    distance, treated, strata, _, _ = study
    if treated.sum() < 2 or (~treated).sum() < 2:
        return
    values = np.column_stack([distance, strata, strata > 1]).astype(float)
    binary = np.array([False, False, True])
    turn = np.array(random.sample(range(len(treated)), len(treated)))
    found = [
        compare(v, binary, t, np.ones(len(t)), divisors(v, binary, t))
        for v, t in ((values, treated), (values[turn], treated[turn]))
    ]
    for name in ("smd", "mean_treated", "ecdf_mean", "ecdf_max"):
        one, other = (getattr(f, name) for f in found)
        assert np.allclose(one, other, equal_nan=True)


@given(st.lists(st.integers(0, 8), max_size=30), st.lists(st.integers(0, 8), max_size=30))
def test_rows_meet_by_key(left, right):
    one, two = np.array(left, dtype=np.uint64), np.array(right, dtype=np.uint64)
    rows = zip(*(side.tolist() for side in pairs_between(one, two)), strict=True)
    assert sorted(rows) == [
        (i, j) for i, a in enumerate(left) for j, b in enumerate(right) if a == b
    ]
    first, several = row_of_each(one, two)
    assert first.tolist() == [right.index(a) if a in right else -1 for a in left]
    assert several == any(right.count(a) > 1 for a in left)


@settings(max_examples=50)
@given(st.integers(0, 500), st.integers(1, 500))
def test_the_score_interval_holds_the_share(part, whole):
    part = min(part, whole)
    low, high = wilson(part, whole)
    assert 0 <= low <= part / whole <= high <= 1


@given(st.lists(st.floats(0, 1), max_size=8))
def test_adjusted_p_is_never_smaller_and_keeps_the_order(ps):
    adjusted = holm(ps)
    for p, q in zip(ps, adjusted, strict=True):
        assert p <= q <= 1
    assert [adjusted[i] for i in np.argsort(ps, kind="stable")] == sorted(adjusted)
