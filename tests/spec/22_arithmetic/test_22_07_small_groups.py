"""Nothing is shown that tells of fewer than five people, not even by subtraction."""

from itertools import product

import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog

from equipoise.errors import UsageRefused
from equipoise.weigh.polls import shift
from equipoise.weigh.shown_shift import withhold_shift
from equipoise.weigh.small_groups import figures, fold, withhold, withhold_poll


def tables(rows, columns, total):
    """Every table of so many people."""

    def shared(people, cells):
        if cells == 1:
            yield (people,)
            return
        for mine in range(people + 1):
            for rest in shared(people - mine, cells - 1):
                yield (mine, *rest)

    for flat in shared(total, rows * columns):
        yield [flat[i * columns : (i + 1) * columns] for i in range(rows)]


def whole(table):
    """All counts of a table: its cells, its rows, its columns, all."""
    return [
        *(count for row in table for count in row),
        *map(sum, table),
        *map(sum, zip(*table, strict=True)),
        sum(map(sum, table)),
    ]


def told(shown):
    return [*(c for row in shown.cells for c in row), *shown.rows, *shown.columns, shown.total]


def test_a_small_count_and_a_nought_are_withheld():
    shown = withhold([[9, 3, 8, 0, 12]])
    assert shown.cells == ((9, None, None, None, 12),)
    assert shown.rows == (32,)


def test_one_gap_takes_another_with_it():
    """22 people of whom 2 said no: 20 would say so by subtraction."""
    assert withhold([[20, 2]]).cells == ((None, None),)
    assert withhold([[20, 2]]).total == 22


def test_a_group_whose_rest_is_small_is_withheld():
    shown = withhold([[6, 6], [6, 4]])
    assert shown.gaps == 4
    assert shown.rows == (12, 10)


def test_a_group_of_fewer_than_five_is_not_even_counted():
    shown = withhold([[10, 12], [1, 2], [9, 9]])
    assert shown.rows[1] is None
    assert shown.cells[1] == (None, None)
    assert shown.total == 43
    assert None in (shown.rows[0], shown.rows[2]), "or the total would give it back"


def test_everybody_of_one_mind_is_not_told_of_each_of_them():
    assert withhold([[7, 0, 0]]).cells == ((None, None, None),)


def test_four_people_are_not_shown_at_all():
    assert told(withhold([[4]])) == [None] * 4
    assert withhold_poll([2, 2]).people is None


@settings(deadline=None, max_examples=60)
@given(st.data())
def test_no_gap_follows_from_what_is_shown(data):
    """Every table that would look the same is tried: each gap can hold two numbers or more."""
    rows, columns = data.draw(st.sampled_from([(1, 2), (1, 3), (1, 4), (2, 2), (2, 3), (3, 2)]))
    count = st.integers(0, 12 if rows == 1 else 7)
    table = [[data.draw(count) for _ in range(columns)] for _ in range(rows)]
    total = sum(map(sum, table))
    assume(total <= (24 if rows == 1 else 16))
    shown = told(withhold(table))
    assert all(
        count is None or count == real for count, real in zip(shown, whole(table), strict=True)
    )
    assert all(count is None or count >= 5 for count in shown)
    if shown[-1] is None:
        assert set(shown) == {None}
        return
    alike = [
        counts
        for counts in map(whole, tables(rows, columns, total))
        if all(a is None or a == b for a, b in zip(shown, counts, strict=True))
    ]
    for at, count in enumerate(shown):
        if count is None:
            assert len({counts[at] for counts in alike}) > 1


@settings(deadline=None, max_examples=100)
@given(st.lists(st.integers(0, 9), min_size=3, max_size=4))
def test_no_gap_follows_from_the_mean(counts):
    assume(5 <= sum(counts) <= 22)
    shown = withhold_poll(counts)
    alike = [
        other[0]
        for other in tables(1, len(counts), sum(counts))
        if all(a is None or a == b for a, b in zip(shown.counts, other[0], strict=True))
        and all(
            a is None or a == b
            for a, b in zip((shown.mean, shown.agreement), figures(other[0]), strict=True)
        )
    ]
    for at, count in enumerate(shown.counts):
        if count is None:
            assert len({other[at] for other in alike}) > 1


def test_a_mean_that_would_fill_two_gaps_is_withheld():
    """Of 10 people, 6 at one end and 4 at the other: the mean alone would say so."""
    shown = withhold_poll([6, 4])
    assert (shown.people, shown.mean, shown.agreement) == (10, None, None)
    assert withhold_poll([10, 12, 9]).mean == 2.0


def _numbers(table):
    ways = [0, 0, 0]
    for i, j in product(range(len(table)), repeat=2):
        ways[(j > i) - (j < i) + 1] += table[i][j]
    rounds = [*map(sum, table)], [*map(sum, zip(*table, strict=True))]
    return [*(c for row in table for c in row), *rounds[0], *rounds[1], *ways], rounds


@pytest.mark.slow
@settings(deadline=None, max_examples=40)
@given(st.lists(st.tuples(st.integers(1, 3), st.integers(1, 3)), min_size=5, max_size=8))
def test_no_gap_of_a_shift_follows_from_all_that_is_shown_of_it(people):
    before = {str(number): first for number, (first, _) in enumerate(people)}
    after = {str(number): second for number, (_, second) in enumerate(people)}
    shown = withhold_shift(shift(before, after, 3))
    mine = [
        *(c for row in shown.table for c in row),
        *shown.before.counts,
        *shown.after.counts,
        *(shown.down, shown.same, shown.up),
    ]
    alike = []
    for other in tables(3, 3, len(people)):
        numbers, rounds = _numbers(other)
        if all(a is None or a == b for a, b in zip(mine, numbers, strict=True)) and all(
            a is None or a == b
            for poll, counts in zip((shown.before, shown.after), rounds, strict=True)
            for a, b in zip((poll.mean, poll.agreement), figures(counts), strict=True)
        ):
            alike.append(numbers)
    for at, count in enumerate(mine):
        if count is None:
            assert len({numbers[at] for numbers in alike}) > 1


def test_a_shift_of_many_is_shown():
    before = {str(n): n % 3 + 1 for n in range(300)}
    after = {str(n): max(1, n % 3 + 1 - (n % 5 == 0)) for n in range(300)}
    shown = withhold_shift(shift(before, after, 3))
    assert shown.before.counts == (100, 100, 100)
    assert shown.after.counts == (120, 100, 80)
    assert shown.table[1] == (None, 80, None), "a nought is withheld, and one more beside it"


def test_a_shift_of_four_shows_nothing():
    answers = {str(n): 1 for n in range(4)}
    shown = withhold_shift(shift(answers, answers, 2))
    assert shown.people is None
    assert shown.before.mean is None
    assert {*shown.before.counts, shown.same, shown.up, shown.down} == {None}


def test_small_groups_are_joined_until_none_is_small():
    assert fold({"public": 20, "commercial": 2}) == ({"public", "commercial"},)
    assert fold({"a": 9, "b": 6, "c": 3, "d": 2, "none": 0}) == ({"a"}, {"b"}, {"c", "d"})
    assert fold({"a": 2, "b": 2}) == ()
    assert fold({}) == ()


def test_what_is_no_table_of_people_is_refused():
    for table in ([], [[]], [[1, 2], [3]], [[-1, 7]]):
        with pytest.raises(UsageRefused) as refused:
            withhold(table)
        assert [p.code for p in refused.value.problems] == ["WGH062"]


def _reach(table, shown, at):
    """The least and the most that could stand at ``at`` of the counts, by linear programming."""
    rows, columns = len(table), len(table[0])
    sums = [[int(k == cell) for k in range(rows * columns)] for cell in range(rows * columns)]
    sums += [[int(k // columns == i) for k in range(rows * columns)] for i in range(rows)]
    sums += [[int(k % columns == j) for k in range(rows * columns)] for j in range(columns)]
    sums += [[1] * (rows * columns)]
    known = [(line, count) for line, count in zip(sums, shown, strict=True) if count is not None]
    ends = []
    for sign in (1, -1):
        found = linprog(
            [sign * each for each in sums[at]],
            A_eq=[line for line, _ in known],
            b_eq=[count for _, count in known],
            bounds=(0, 1000),
        )
        ends.append(sign * found.fun)
    return ends


WIDE = st.integers(2, 5).flatmap(
    lambda columns: st.lists(
        st.lists(st.sampled_from([0, 0, 3, 4, 5, 9, 40]), min_size=columns, max_size=columns),
        min_size=2,
        max_size=5,
    )
)


@settings(deadline=None, max_examples=40)
@given(WIDE)
@example([[20, 0, 5, 20, 0], [9, 0, 40, 5, 5]])
@example([[5, 0, 5], [40, 4, 9], [9, 0, 9]])
@example([[0, 0, 9, 4, 9], [20, 5, 20, 20, 20], [0, 0, 4, 5, 20]])
def test_no_gap_of_a_large_table_follows_from_all_its_totals_together(table):
    """Two gaps in each line are not enough: here what is left is sought with other means."""
    shown = told(withhold(table))
    if shown[-1] is None:
        return
    for at, count in enumerate(shown):
        if count is None:
            least, most = _reach(table, shown, at)
            assert most - least > 0.5
