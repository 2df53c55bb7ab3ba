"""The same figures as libraries that others wrote, on thousands of random rooms.

choix is among the development tools. krippendorff (GPL) and pref_voting (which brings some fifty
packages with it) are not: install them beside, and these tests run too.
"""

import random
from collections import Counter

import pytest

from equipoise.weigh.concord import alpha, kendall_w_of_places, mean_tau
from equipoise.weigh.pairwise import bradley_terry
from equipoise.weigh.rank import as_ranking, borda, condorcet, kemeny, schulze

FEW_AND_MANY = pytest.mark.parametrize(
    "rooms", [50, pytest.param(2000, marks=pytest.mark.slow)], ids=["few", "many"]
)


def room(rng, *, ties=True, gaps=True):
    """Random rankings of two to six things by one to nine people."""
    things = [f"i{number}" for number in range(rng.randint(2, 6))]
    rankings = []
    for _ in range(rng.randint(1, 9)):
        mine = [thing for thing in things if not gaps or rng.random() > 0.25] or things[:1]
        rng.shuffle(mine)
        steps = [[mine[0]]]
        for thing in mine[1:]:
            if ties and rng.random() < 0.3:
                steps[-1].append(thing)
            else:
                steps.append([thing])
        rankings.append(as_ranking(steps))
    return things, rankings


def by_number(things, ranking):
    at = {thing: number for number, thing in enumerate(things)}
    places = {at[thing]: place for place, step in enumerate(ranking) for thing in step}
    return {number: places.get(number, len(ranking)) for number in range(len(things))}


@FEW_AND_MANY
def test_bradley_terry_agrees_with_choix(rooms):
    """choix has no such prior: the imagined thing joins its data as one more, with its votes."""
    choix = pytest.importorskip("choix", reason="choix is not installed")
    rng = random.Random(4)
    for _ in range(rooms):
        size = rng.randint(2, 8)
        pairs = [rng.sample(range(size), 2) for _ in range(rng.randint(0, 60))]
        imagined = [pair for i in range(size) for pair in ((i, size), (size, i))]
        theirs = choix.opt_pairwise(size + 1, [*pairs, *imagined], tol=1e-10)
        mine = bradley_terry([(str(a), str(b)) for a, b in pairs], map(str, range(size)))
        for number in range(size):
            told = theirs[number] - theirs[size]
            assert mine.strength[str(number)] == pytest.approx(told, abs=1e-4)


@FEW_AND_MANY
def test_alpha_agrees_with_krippendorff(rooms):
    krippendorff = pytest.importorskip("krippendorff", reason="krippendorff is not installed")
    rng = random.Random(5)
    compared = 0
    for _ in range(rooms):
        raters, questions = rng.randint(2, 8), rng.randint(1, 10)
        ratings = [
            [None if rng.random() < 0.25 else rng.randint(1, 5) for _ in range(questions)]
            for _ in range(raters)
        ]
        for level in ("nominal", "ordinal", "interval"):
            mine = alpha(ratings, level)
            if mine is None:
                continue
            gaps = [[float("nan") if a is None else a for a in row] for row in ratings]
            theirs = krippendorff.alpha(reliability_data=gaps, level_of_measurement=level)
            assert mine == pytest.approx(theirs, abs=1e-9)
            compared += 1
    assert compared > 2 * rooms


@FEW_AND_MANY
def test_tau_b_and_w_agree_with_scipy(rooms):
    from scipy import stats

    rng = random.Random(6)
    for _ in range(rooms):
        things, rankings = room(rng, gaps=False)
        places = [by_number(things, ranking) for ranking in rankings]
        columns = [[mine[i] for i in range(len(things))] for mine in places]
        taus = [
            tau
            for number, one in enumerate(columns)
            for other in columns[number + 1 :]
            if (tau := stats.kendalltau(one, other).statistic) == tau
        ]
        found = mean_tau(rankings)
        assert found.pairs == len(taus)
        if taus:
            assert found.mean == pytest.approx(sum(taus) / len(taus))
        w = kendall_w_of_places([*zip(*columns, strict=True)])
        if w is not None and len(things) > 2 and len(rankings) > 2:
            rows = [*zip(*columns, strict=True)]
            theirs = stats.friedmanchisquare(*rows).statistic
            assert w * len(rankings) * (len(things) - 1) == pytest.approx(theirs)


@pytest.mark.slow
def test_orders_agree_with_pref_voting():
    ties_module = pytest.importorskip(
        "pref_voting.profiles_with_ties", reason="pref_voting is not installed"
    )
    from pref_voting.other_methods import kemeny_young_rankings
    from pref_voting.profiles import Profile
    from pref_voting.scoring_methods import symmetric_borda_scores
    from pref_voting.voting_methods import beat_path, top_cycle

    rng = random.Random(7)
    done = Counter()
    for number in range(3000):
        strict = number % 4 == 0
        things, rankings = room(rng, ties=not strict, gaps=not strict)
        profile = ties_module.ProfileWithTies(
            [by_number(things, ranking) for ranking in rankings], candidates=range(len(things))
        )
        profile.use_extended_strict_preference()
        winner = profile.condorcet_winner()
        found = condorcet(rankings, things)
        assert found.winner == (None if winner is None else things[winner])
        assert found.top == {things[i] for i in top_cycle(profile)}
        assert schulze(rankings, things).winners == {things[i] for i in beat_path(profile)}
        points = borda(rankings, things).points
        most = len(rankings) * (len(things) - 1)
        for i, score in symmetric_borda_scores(profile).items():
            assert 2 * points[things[i]] - most == pytest.approx(score)
        if strict:
            orders = [[things.index(next(iter(s))) for s in ranking] for ranking in rankings]
            theirs, distance = kemeny_young_rankings(Profile(orders))
            mine = kemeny(rankings, things)
            told = {tuple(things[i] for i in order) for order in theirs}
            assert (mine.distance, mine.count) == (distance, len(told))
            assert told == set(mine.orders) if mine.count <= 100 else told > set(mine.orders)
            done["strict"] += 1
    assert done["strict"] == 750
