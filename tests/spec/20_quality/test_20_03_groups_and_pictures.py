"""Whom a linkage misses more than others, and whether its probabilities hold; as pictures too."""

import random
from xml.etree import ElementTree

import numpy as np
import pyarrow as pa
import pytest
from people import FIELDS, Files, two_files
from planted_links import FEW, case, case_of

from equipoise.carry.link.groups import LEAST_IN_GROUP, by_group
from equipoise.carry.link.pictures import TITLES, pictures_of, tables_of
from equipoise.carry.link.reliability import bins_of, histogram_of

HARD = (800, 1, 0.1, FEW)


def worse_for_women(files: Files) -> Files:
    """Files in which women's records of the second file differ far more often."""
    draw = random.Random(4)
    rows = files.right.to_pylist()
    for row in rows:
        if row["sex"] == "F" and draw.random() < 0.5:
            row["surname"] = draw.choice(("Ahmed", "Novak", "Silva", "Yilmaz"))
            row["postcode"] = f"ZZ{draw.randint(1, 9)} {draw.randint(1, 9)}AA"
    table = pa.table({name: [row[name] for row in rows] for name in ("record_id", *FIELDS)})
    return Files(files.left, table, files.truth)


@pytest.fixture(scope="module")
def uneven():
    return case_of(worse_for_women(two_files(800, seed=2, wrong=0.1)), FEW)


def test_a_group_whose_records_differ_more_is_told_to_be_missed_more(uneven):
    women, men = by_group(
        uneven.found, uneven.files.left["sex"].to_pylist(), uneven.left, uneven.right
    )
    assert (women.group, men.group) == ("F", "M")
    assert women.linked.high < men.linked.low
    assert women.missed.value > men.missed.value


def test_the_interval_of_each_group_holds_what_it_truly_misses():
    made = case(*HARD)
    sex = made.files.left["sex"].to_pylist()
    for told in by_group(made.found, sex, made.left, made.right):
        own = np.array([each == told.group for each in sex])
        matches = sum(own[int(a[1:])] for a, _ in made.files.truth)
        got = int((made.true & made.found.linked & own[made.found.scored.left]).sum())
        assert told.rows == own.sum()
        assert told.missed.low <= 1 - got / matches <= told.missed.high


def test_small_groups_are_not_shown_nor_can_be_worked_out():
    made = case(*HARD)
    rows = made.found.rows_left
    labels = ["tiny"] * (LEAST_IN_GROUP - 1) + ["small"] * 40 + ["large"] * (rows - 49)
    told = {one.group: one for one in by_group(made.found, labels, made.left, made.right)}
    for hidden in ("tiny", "small"):
        assert told[hidden].rows is None
        assert told[hidden].linked is None and told[hidden].missed is None
    assert told["large"].rows == rows - 49


def test_rows_without_a_label_are_a_group_and_the_right_side_can_be_asked():
    made = case(*HARD)
    labels = [None if n % 3 else "a" for n in range(made.found.rows_right)]
    told = by_group(made.found, labels, made.left, made.right, side="right")
    assert [one.group for one in told] == ["a", "not stated"]


# -- do probabilities hold ------------------------------------------------------------------------


def test_bins_hold_every_link_once_and_the_truth_stays_near_what_they_say():
    made = case(*HARD)
    bins = bins_of(made.found)
    assert sum(one.links for one in bins) == made.found.linked.sum()
    off, said, right = 0, 0.0, 0
    for one in bins:
        if one.links < 15:
            continue
        end = 2.0 if one.below == 1 else one.below
        inside = made.found.linked & (made.found.chance >= one.least) & (made.found.chance < end)
        true = float(made.true[inside].mean())
        off += not (one.seen.low - 0.1 <= true <= one.seen.high + 0.1)
        said += one.said * one.links
        right += int(made.true[inside].sum())
    assert off <= 1
    assert said == pytest.approx(right, rel=0.02)


def test_the_histogram_counts_every_pair_once():
    made = case(*HARD)
    bars = histogram_of(made.found)
    assert sum(bar.pairs for bar in bars) == len(made.found.chance)
    assert sum(bar.linked for bar in bars) == made.found.linked.sum()
    steps = [bar.least for bar in bars]
    assert steps == list(range(steps[0], steps[-1] + 1, 2))


@pytest.mark.parametrize("name", TITLES)
def test_each_picture_is_one_whole_svg_that_says_in_words_what_it_shows(name):
    made = case(*HARD)
    picture = ElementTree.fromstring(pictures_of(made.found)[name])
    space = "{http://www.w3.org/2000/svg}"
    assert picture.get("role") == "img"
    assert picture.find(f"{space}title").text == TITLES[name]
    assert any(figure in picture.find(f"{space}desc").text for figure in "0123456789")
    assert picture.find(f".//{space}script") is None


@pytest.mark.parametrize("name", TITLES)
def test_beside_each_picture_stands_a_table_with_the_same_figures(name):
    made = case(*HARD)
    head, *rows = tables_of(made.found)[name]
    assert rows and all(len(row) == len(head) for row in rows)


def test_small_counts_are_not_told():
    made = case(*HARD)
    small = {str(count) for count in range(1, LEAST_IN_GROUP)}
    for rows in tables_of(made.found).values():
        for row in rows[1:]:
            assert not small & set(row[1:])
