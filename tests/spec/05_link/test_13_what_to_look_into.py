"""What an agreement's report tells people to look into, the library's calls warn of."""

from __future__ import annotations

import pickle
import warnings
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from people import FIELDS, two_files

from equipoise.carry.link import LinkageWarning, cluster_tables, link_tables
from equipoise.carry.link.doubts import about_links

FILES = two_files(200)
LEFT, RIGHT = FILES.left, FILES.right
MODES = ("identified", "enclave", "encoded")
EVERY = pytest.mark.parametrize("mode", MODES)


def heard(call):
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        call()
    assert all(type(each.message) is LinkageWarning for each in caught)
    return [each.message for each in caught]


def told(left=LEFT, right=RIGHT, fields=FIELDS, **more):
    """The warnings of a linkage, by code."""
    found = heard(lambda: link_tables(left, right, fields, key=bytes(32), **more))
    return {each.code: each.problem for each in found}


def of_clusters(fields=FIELDS, mode="identified", **tables):
    found = heard(lambda: cluster_tables(tables, fields, mode=mode, key=bytes(32)))
    return {each.code: each.problem for each in found}


def with_column(table, name, values):
    at = table.column_names.index(name)
    return table.set_column(at, name, pa.array(values, pa.string()))


def first(table, name, share, value):
    """The table, the first ``share`` of its rows with one value."""
    some = int(share * table.num_rows)
    return with_column(table, name, [value] * some + table[name].to_pylist()[some:])


@EVERY
def test_of_ordinary_tables_nothing_is_said(mode):
    assert told(mode=mode) == {}
    assert of_clusters(mode=mode, a=LEFT, b=RIGHT) == {}
    assert told(LEFT.slice(0, 0), RIGHT, mode=mode) == {}, "nor of a table without rows"


# -- columns --------------------------------------------------------------------------------------


@EVERY
@pytest.mark.parametrize("nothing", [None, " "])
def test_a_column_that_is_empty(mode, nothing):
    bare = with_column(LEFT, "postcode", [nothing] * LEFT.num_rows)
    for found in (told(bare, mode=mode), of_clusters(mode=mode, left=bare, right=RIGHT)):
        assert set(found) == {"LNK130"}
        problem = found["LNK130"]
        assert problem.what == "the column 'postcode' of the table left is empty"
        assert problem.clause == "fields.postcode" and problem.why and problem.next


@EVERY
def test_a_column_of_numbers_that_are_none_is_empty(mode):
    at = LEFT.column_names.index("postcode")
    bare = LEFT.set_column(at, "postcode", pa.array([float("nan")] * LEFT.num_rows))
    assert set(told(bare, mode=mode)) == {"LNK130"}


def test_a_column_is_named_as_its_own_table_names_it():
    other = RIGHT.rename_columns([{"sex": "gender"}.get(one, one) for one in RIGHT.column_names])
    fields = {**FIELDS, "sex": ("sex", "sex", "gender")}
    bare = with_column(other, "gender", [None] * other.num_rows)
    assert "the column 'gender' of the table right" in told(LEFT, bare, fields)["LNK130"].what


@EVERY
def test_a_column_of_one_value(mode):
    same = with_column(RIGHT, "sex", ["F"] * RIGHT.num_rows)
    for found in (told(LEFT, same, mode=mode), of_clusters(mode=mode, left=LEFT, right=same)):
        assert set(found) == {"LNK131"}
        assert found["LNK131"].what == (
            "every filled cell of the column 'sex' of the table right holds the same value"
        )


@EVERY
def test_cells_that_are_not_of_their_kind(mode):
    """Every second date is none; and then the surnames stand where dates should."""
    dates = RIGHT["birth_date"].to_pylist()
    some = ["in the spring" if n % 2 else text for n, text in enumerate(dates)]
    problem = told(LEFT, with_column(RIGHT, "birth_date", some), mode=mode)["LNK132"]
    assert problem.what == (
        "about 50% of the filled cells of the column 'birth_date' of the table right do not look "
        "like the kind date"
    )
    assert "spring" not in problem.sentence(), "no value is told"
    fields = {**FIELDS, "birth_date": ("date", "birth_date", "surname")}
    problem = told(fields=fields, mode=mode)["LNK132"]
    assert problem.what.startswith("about 100% of the filled cells of the column 'surname'")


@EVERY
def test_a_value_that_a_crowd_bears(mode):
    left, right = (first(table, "birth_date", 0.3, "1900-01-01") for table in (LEFT, RIGHT))
    for found in (told(left, right, mode=mode), of_clusters(mode=mode, a=left, b=right)):
        assert "many rows have one and the same value" in found["LNK133"].what
        assert found["LNK133"].clause == "fields.birth_date"
        assert "1900" not in found["LNK133"].sentence()


def test_a_value_by_which_the_engine_proposes_no_pair():
    """Of large tables it sets aside what a twentieth bears and no other value nearly."""
    files = two_files(4500)
    left, right = (
        first(table, "birth_date", 0.05, "1900-01-01") for table in (files.left, files.right)
    )
    assert left.num_rows * right.num_rows > 30_000_000, "too many pairs to compare them all"
    found = told(left, right)
    assert set(found) == {"LNK133"} and found["LNK133"].clause == "fields.birth_date"


@pytest.mark.parametrize("fields", [["surname"], ["surname", "birth_date"]])
def test_fields_that_are_too_few(fields):
    found = told(fields={name: FIELDS[name] for name in fields})["LNK136"]
    assert found.what.startswith(f"only {len(fields)} field{'s' * (len(fields) - 1)} can")
    bare = with_column(LEFT, "forename", [None] * LEFT.num_rows)
    three = {name: FIELDS[name] for name in ("forename", "surname", "birth_date")}
    assert "LNK136" not in told(fields=three)
    assert told(bare, fields=three)["LNK136"].what.startswith("only 2 fields can")


def test_rows_that_are_the_same_in_everything():
    same = pa.concat_tables([LEFT, *[LEFT.slice(0, 1)] * 300])
    same = same.set_column(
        same.column_names.index("record_id"),
        "record_id",
        pa.array([f"L{n}" for n in range(same.num_rows)]),
    )
    what = "about 300 rows of the table left are the same in every field"
    assert what in told(same)["LNK139"].what
    assert what in of_clusters(left=same, right=RIGHT)["LNK139"].what
    assert "to the last bit" in told(same, mode="encoded")["LNK135"].what


def test_events_of_one_person_are_no_oddity_where_a_row_may_have_many():
    one = [LEFT.slice(row, 1) for row in range(4) for _ in range(50)]
    events = pa.concat_tables([RIGHT, *one])
    place = events.column_names.index("record_id")
    names = pa.array([f"E{number}" for number in range(events.num_rows)])
    events = events.set_column(place, "record_id", names)
    assert "LNK139" not in told(right=events, one_to_one="right")
    assert "LNK139" not in told(right=events, one_to_one=False)
    assert "LNK139" in told(right=events)


# -- links ----------------------------------------------------------------------------------------


@EVERY
def test_tables_that_have_nobody_in_common(mode):
    ours, strangers = two_files(400).left, two_files(400, seed=99).right
    for name in ("forename", "surname", "postcode"):
        backwards = [text and text[::-1] for text in strangers[name].to_pylist()]
        strangers = with_column(strangers, name, backwards)
    assert "hardly anybody was linked" in told(ours, strangers, mode=mode)["LNK134"].what


def test_links_of_which_many_are_wrong_and_matches_that_are_left_out():
    """A hundred links of 0.6 hold forty wrong ones; sixty matches found leave sixty others."""
    (one,) = about_links(np.full(100, 0.6), 0.0, 100)
    assert (one.code, one.what.partition(" of the links")[0]) == ("LNK137", "about 40%")
    (one,) = about_links(np.full(60, 1.0), 60.0, 200)
    assert (one.code, one.what.partition(" of the matches")[0]) == ("LNK138", "about 50%")
    assert not [*about_links(np.full(100, 0.95), 20.0, 200)]
    assert not [*about_links(np.full(3, 0.6), 3.0, 5)], "of so few nothing is said"


def test_people_told_by_sex_and_year_alone_are_mostly_left_out():
    fields = {"sex": "sex", "year": "year"}
    rows = 600
    draw = np.random.default_rng(5)
    table = pa.table({
        "record_id": np.arange(rows),
        "sex": np.array(["F", "M"])[draw.integers(0, 2, rows)],
        "year": draw.integers(1940, 2000, rows).astype(str),
    })  # fmt: skip
    assert {"LNK134", "LNK137", "LNK138"} & set(told(table, table, fields))


# -- as warnings ----------------------------------------------------------------------------------


def test_a_warning_is_the_callers_and_one_sort_can_be_silenced():
    bare = with_column(LEFT, "postcode", [None] * LEFT.num_rows)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        link_tables(bare, RIGHT, FIELDS)
        cluster_tables({"a": bare}, FIELDS)
    assert {Path(each.filename).name for each in caught} == {Path(__file__).name}
    assert all(str(each.message).startswith("LNK130: ") for each in caught)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        warnings.filterwarnings("ignore", "LNK130", LinkageWarning)
        link_tables(bare, RIGHT, FIELDS)
    with warnings.catch_warnings():
        warnings.simplefilter("error", LinkageWarning)
        with pytest.raises(LinkageWarning) as raised:
            link_tables(bare, RIGHT, FIELDS)
    again = pickle.loads(pickle.dumps(raised.value))
    assert (again.problem, str(again)) == (raised.value.problem, str(raised.value))
