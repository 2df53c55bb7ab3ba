"""Laws that hold of the arithmetic of weighing, whatever people say."""

from itertools import permutations

from hypothesis import given, settings
from hypothesis import strategies as st

from equipoise.weigh.concord import alpha, kendall_w, mean_tau
from equipoise.weigh.fragility import first_shares, scores, weight_room
from equipoise.weigh.pairwise import bradley_terry, chance_to_win
from equipoise.weigh.polls import shift, van_der_eijk
from equipoise.weigh.rank import borda, condorcet, from_places, kemeny, schulze

THINGS = "ABCDE"
RANKINGS = st.lists(
    st.dictionaries(st.sampled_from(THINGS), st.integers(1, 5)).map(from_places),
    min_size=1,
    max_size=7,
).filter(any)
FULL = st.lists(
    st.permutations(THINGS).map(lambda order: tuple(frozenset(i) for i in order)),
    min_size=1,
    max_size=7,
)


def results(rankings, items=THINGS):
    found = kemeny(rankings, items)
    return (
        borda(rankings, items).share,
        # Of more than a hundred best orders the first by name are told, so names matter there.
        set(found.orders) if found.count <= 100 else set(),
        found.count,
        found.distance,
        schulze(rankings, items).order,
        condorcet(rankings, items).winner,
        condorcet(rankings, items).top,
    )


@given(RANKINGS, st.randoms())
def test_it_does_not_matter_who_said_what(rankings, random):
    mixed = [*rankings]
    random.shuffle(mixed)
    assert results(rankings) == results(mixed)


@given(RANKINGS, st.permutations(THINGS))
def test_it_does_not_matter_what_things_are_called(rankings, names):
    called = dict(zip(THINGS, names, strict=True))

    def renamed(ranking):
        return tuple(frozenset(called[i] for i in step) for step in ranking)

    share, orders, count, distance, order, winner, top = results(rankings)
    assert results([renamed(ranking) for ranking in rankings]) == (
        {called[i]: s for i, s in share.items()},
        {tuple(called[i] for i in each) for each in orders},
        count,
        distance,
        renamed(order),
        called.get(winner),
        {called[i] for i in top},
    )


@given(FULL)
def test_the_other_way_round_the_orders_turn_round(rankings):
    turned = [tuple(reversed(ranking)) for ranking in rankings]
    one, other = kemeny(rankings), kemeny(turned)
    assert one.distance == other.distance
    assert one.count == other.count
    if one.count <= 100:
        assert {tuple(reversed(order)) for order in one.orders} == set(other.orders)
    assert borda(turned).share == {i: 1 - s for i, s in borda(rankings).share.items()}


@given(RANKINGS)
def test_kemeny_is_the_least_of_all_orders(rankings):
    from equipoise.weigh.rank import tally

    counted = tally(rankings, THINGS)

    def distance(order):
        at = [counted.items.index(i) for i in order]
        return sum(counted.over[at[j]][at[i]] for i in range(5) for j in range(i + 1, 5))

    costs = {order: distance(order) for order in permutations(THINGS)}
    least = min(costs.values())
    best = [order for order, cost in costs.items() if cost == least]
    found = kemeny(rankings, THINGS)
    assert (found.distance, found.count) == (least, len(best))
    assert set(found.orders) == set(best[:100])
    for item, (first, last) in found.places.items():
        places = [order.index(item) + 1 for order in best]
        assert (first, last) == (min(places), max(places))


@given(FULL, st.integers(0, 6), st.integers(1, 4))
def test_to_be_put_higher_never_harms(rankings, voter, place):
    """Borda's share cannot fall, and who won by Schulze or leads all others still does."""
    voter %= len(rankings)
    order = [*rankings[voter]]
    raised = order[place]
    (name,) = raised
    better = [*rankings]
    better[voter] = (raised, *(step for step in order if step != raised))
    assert borda(better).share[name] >= borda(rankings).share[name]
    if name in schulze(rankings).winners:
        assert name in schulze(better).winners
    if condorcet(rankings).winner == name:
        assert condorcet(better).winner == name


@given(RANKINGS)
def test_who_leads_all_others_is_first_by_kemeny_and_schulze(rankings):
    found = condorcet(rankings, THINGS)
    if found.winner:
        assert {order[0] for order in kemeny(rankings, THINGS).orders} == {found.winner}
        assert schulze(rankings, THINGS).winners == {found.winner}
        assert found.top == {found.winner}
    assert schulze(rankings, THINGS).winners <= found.top
    for circle in found.cycles:
        assert len(set(circle)) == len(circle) >= 3


@given(RANKINGS)
def test_agreement_stays_within_its_bounds(rankings):
    w = kendall_w(rankings, THINGS)
    assert w is None or 0 <= w <= 1
    tau = mean_tau(rankings)
    assert tau.mean is None or -1 <= tau.mean <= 1
    twice = [*rankings, *rankings]
    if len({*rankings}) == 1 and kendall_w(twice, THINGS) is not None:
        assert kendall_w(twice, THINGS) == 1


@given(
    st.lists(st.one_of(st.none(), st.integers(1, 5)), min_size=2, max_size=8),
    st.sampled_from(["nominal", "ordinal", "interval"]),
    st.integers(2, 5),
)
def test_alpha_of_raters_of_one_mind_is_one(answers, level, raters):
    found = alpha([answers] * raters, level)
    assert found == (1 if len({*answers} - {None}) > 1 else None)


@given(st.lists(st.integers(0, 30), min_size=2, max_size=10))
def test_a_split_is_the_same_from_either_end(counts):
    one, other = van_der_eijk(counts), van_der_eijk(counts[::-1])
    assert one == other
    assert one is None or -1 <= one <= 1
    assert one == van_der_eijk([3 * count for count in counts])


@given(
    st.dictionaries(
        st.integers(0, 40), st.tuples(*[st.one_of(st.none(), st.integers(1, 5))] * 2), max_size=40
    )
)
def test_a_shift_turned_round_is_the_shift_back(people):
    before = {str(token): one for token, (one, _) in people.items()}
    after = {str(token): other for token, (_, other) in people.items()}
    there, back = shift(before, after, 5), shift(after, before, 5)
    assert there.table == tuple(zip(*back.table, strict=True))
    assert (there.up, there.down, there.same) == (back.down, back.up, back.same)
    assert (there.sign.p, there.wilcoxon.p) == (back.sign.p, back.wilcoxon.p)
    assert there.paired + there.undecided == len(people)
    assert 0 < there.wilcoxon.p <= 1


@settings(deadline=None)
@given(
    st.dictionaries(
        st.tuples(st.sampled_from(THINGS), st.sampled_from(THINGS)).filter(lambda p: p[0] != p[1]),
        st.integers(1, 9),
        max_size=12,
    )
)
def test_losing_is_winning_turned_round(votes):
    one = bradley_terry(votes, THINGS)
    other = bradley_terry({(b, a): n for (a, b), n in votes.items()}, THINGS)
    chances, turned = chance_to_win(one), chance_to_win(other)
    for thing in THINGS:
        assert abs(one.strength[thing] + other.strength[thing]) < 1e-6
        assert abs(chances[thing].chance + turned[thing].chance - 1) < 1e-6
        assert 0 < chances[thing].low <= chances[thing].chance <= chances[thing].high < 1
    assert abs(sum(each.chance for each in chances.values()) - len(THINGS) / 2) < 1e-6


@given(st.dictionaries(st.sampled_from("xyz"), FULL, min_size=1))
def test_a_weight_within_its_room_leaves_the_first_place(by_criterion):
    from equipoise.weigh.fragility import combined

    found = scores(by_criterion)
    weights = dict.fromkeys(found, 1)
    first = combined(found, weights)[0]
    for room in weight_room(found, weights):
        assert room.low <= room.weight <= room.high
        others = len(found) - 1
        for share in (room.low, room.high):
            if others and 0 < share < 1:
                moved = {**weights, room.criterion: share / (1 - share) * others}
                assert first <= combined(found, moved)[0]
    assert sum(first_shares(found, steps=4).values()) == 1
