"""``link_tables`` and ``cluster_tables``: linkage on tables an analyst already holds."""

import re
from itertools import pairwise

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.feather as feather
import pyarrow.parquet as pq
import pytest
from people import FIELDS, precision_and_recall, two_files

from equipoise.carry.link import cluster_tables, link_tables
from equipoise.errors import DataRefused, EnvironmentFailed, UsageRefused

KEY = b"a key that makes tests repeatable"[:32]
FILES = two_files(700)


@pytest.mark.parametrize(
    ("mode", "least"), [("identified", 0.97), ("enclave", 0.97), ("encoded", 0.93)]
)
def test_planted_people_are_found_and_housemates_are_not(mode, least):
    found = link_tables(FILES.left, FILES.right, FIELDS, mode=mode, key=KEY)
    assert found.column_names == ["left_id", "right_id", "probability"]
    precision, recall = precision_and_recall(found, FILES.truth)
    assert precision >= 0.98
    assert recall >= least


def test_probabilities_mean_what_they_say():
    found = link_tables(FILES.left, FILES.right, FIELDS, key=KEY, at_least=0.1)
    expected = sum(found["probability"].to_pylist())
    pairs = zip(found["left_id"].to_pylist(), found["right_id"].to_pylist(), strict=True)
    right = sum(pair in FILES.truth for pair in pairs)
    assert right == pytest.approx(expected, rel=0.03)


def test_one_to_one_uses_no_row_twice_and_the_likeliest_stand_first():
    found = link_tables(FILES.left, FILES.right, FIELDS, key=KEY)
    for side in ("left_id", "right_id"):
        assert len(set(found[side].to_pylist())) == found.num_rows
    probability = found["probability"].to_numpy()
    assert (np.diff(probability) <= 0).all()


def test_without_one_to_one_a_row_may_have_several_partners():
    twice = pa.concat_tables([FILES.right, FILES.right]).set_column(
        0, "record_id", pa.array([f"R{n}" for n in range(2 * FILES.right.num_rows)])
    )
    found = link_tables(FILES.left, twice, FIELDS, one_to_one=False, key=KEY)
    lefts = found["left_id"].to_pylist()
    assert len(lefts) > 1.8 * len(set(lefts))


def test_a_right_table_with_repeats_gives_each_of_its_rows_one_partner():
    twice = pa.concat_tables([FILES.right, FILES.right]).set_column(
        0, "record_id", pa.array([f"R{n}" for n in range(2 * FILES.right.num_rows)])
    )
    found = link_tables(FILES.left, twice, FIELDS, one_to_one="right", key=KEY)
    rights = found["right_id"].to_pylist()
    assert len(rights) == len(set(rights)) > 1.8 * len(FILES.truth)


def test_a_key_repeats_the_answer_and_row_order_does_not_matter():
    first = link_tables(FILES.left, FILES.right, FIELDS, key=KEY)
    assert first.equals(link_tables(FILES.left, FILES.right, FIELDS, key=KEY))
    turned = FILES.right.take(pa.array(range(FILES.right.num_rows - 1, -1, -1)))
    other = link_tables(FILES.left, turned, FIELDS, key=KEY)

    def pairs(table):
        return set(zip(table["left_id"].to_pylist(), table["right_id"].to_pylist(), strict=True))

    assert len(pairs(first) ^ pairs(other)) <= 0.005 * len(FILES.truth)


def test_each_side_may_call_its_columns_what_it_likes():
    renamed = FILES.right.rename_columns(["record_id", "given", "family", "born", "gender", "post"])
    fields = {
        "forename": ("forename", "forename", "given"),
        "surname": ("surname", "surname", "family"),
        "birth_date": ("date", "birth_date", "born"),
        "sex": ("sex", "sex", "gender"),
        "postcode": ("postcode", "postcode", "post"),
    }
    found = link_tables(FILES.left, renamed, fields, key=KEY)
    assert found.equals(link_tables(FILES.left, FILES.right, FIELDS, key=KEY))


def test_tables_come_from_files_duckdb_and_other_frames(tmp_path):
    expected = link_tables(FILES.left, FILES.right, FIELDS, key=KEY)
    pq.write_table(FILES.left, tmp_path / "left.parquet")
    feather.write_feather(FILES.left, tmp_path / "left.arrow")
    duckdb.from_arrow(FILES.left).write_csv(str(tmp_path / "left.csv"))
    forms = [
        tmp_path / "left.parquet",
        str(tmp_path / "left.arrow"),
        tmp_path / "left.csv",
        duckdb.from_arrow(FILES.left),
        FILES.left.combine_chunks().to_batches()[0],
    ]
    for form in forms:
        assert link_tables(form, FILES.right, FIELDS, key=KEY).equals(expected)


def test_pandas_frames_are_read_where_pandas_is():
    pandas = pytest.importorskip("pandas")
    frame = pandas.DataFrame(FILES.left.to_pydict())
    found = link_tables(frame, FILES.right, FIELDS, key=KEY)
    assert (
        found["left_id"].to_pylist()
        == link_tables(FILES.left, FILES.right, FIELDS, key=KEY)["left_id"].to_pylist()
    )


def test_things_that_are_not_people_link_by_text_and_place():
    bodies = [f"{a} {b}" for a in SOME for b in ("Primary School", "Surgery", "Food Bank")]
    numbers = range(len(bodies))
    left = pa.table(
        {
            "record_id": numbers,
            "body": bodies,
            "town": [TOWN[n % 7] for n in numbers],
            "phone": [f"01{n * 7919 % 900 + 100} {n * 104729 % 900000 + 100000}" for n in numbers],
            "street": [f"{n * 37 % 90 + 1} {SOME[n * 11 % 35]} Road" for n in numbers],
        }
    )
    spoilt = [
        name[:2] + name[3:] if n % 3 else f"The {name} Limited" for n, name in enumerate(bodies)
    ]
    phones = [None if n % 5 == 0 else each for n, each in enumerate(left["phone"].to_pylist())]
    right = left.set_column(1, "body", pa.array(spoilt)).set_column(3, "phone", pa.array(phones))
    fields = {"body": "organisation", "town": "place", "phone": "phone", "street": "address"}
    found = link_tables(left, right, fields, key=KEY)
    pairs = zip(found["left_id"].to_pylist(), found["right_id"].to_pylist(), strict=True)
    same = sum(a == b for a, b in pairs)
    assert same >= 0.95 * len(bodies)
    assert found.num_rows - same <= 0.02 * len(bodies)


SOME = [
    f"{a}{b}"
    for a in ("Ash", "Birch", "Cedar", "Elm", "Holly", "Oak", "Thorn")
    for b in ("field", "ton", "wick", "ham", "by")
]
TOWN = ["Leeds", "Hull", "York", "Bath", "Truro", "Derby", "Luton"]


# -- bad input ------------------------------------------------------------------------------------


def refusal(kind, *arguments, **more):
    with pytest.raises(kind) as caught:
        link_tables(*arguments, **more)
    return {problem.code: problem for problem in caught.value.problems}


def test_every_problem_is_told_at_once():
    less = FILES.left.drop_columns(["sex"])
    twice = FILES.right.set_column(0, "record_id", pa.array(["R0"] * FILES.right.num_rows))
    problems = refusal(DataRefused, less, twice, FIELDS)
    assert set(problems) == {"LNK113", "LNK114"}
    assert "'sex'" in problems["LNK113"].what


def test_unknown_kinds_modes_strengths_and_tables_are_refused_with_what_is_known():
    unknown = refusal(UsageRefused, FILES.left, FILES.right, {"surname": "family name"})
    assert "surname" in unknown["LNK112"].next and "text fits anything" in unknown["LNK112"].next
    assert "LNK112" in refusal(UsageRefused, FILES.left, FILES.right, {})
    assert (
        "encoded"
        in refusal(UsageRefused, FILES.left, FILES.right, FIELDS, mode="clear")["LNK115"].next
    )
    assert "LNK115" in refusal(
        UsageRefused, FILES.left, FILES.right, FIELDS, mode="encoded", strength="huge"
    )
    assert "LNK115" in refusal(UsageRefused, FILES.left, FILES.right, FIELDS, one_to_one="left")
    assert "LNK110" in refusal(UsageRefused, 7, FILES.right, FIELDS)


def test_a_file_that_is_not_there_is_named_without_its_folder(tmp_path):
    problems = refusal(EnvironmentFailed, tmp_path / "gone.parquet", FILES.right, FIELDS)
    assert "gone.parquet" in problems["LNK111"].what
    assert not re.search(re.escape(str(tmp_path)), problems["LNK111"].sentence())


@pytest.mark.parametrize("mode", ["identified", "encoded"])
@pytest.mark.parametrize("rows", [0, 1, 2])
def test_tiny_tables_give_an_answer(mode, rows):
    some = FILES.left.slice(0, rows)
    found = link_tables(some, FILES.right, FIELDS, mode=mode, key=KEY)
    assert found.num_rows <= rows


@pytest.mark.parametrize("mode", ["identified", "encoded"])
def test_constant_empty_and_all_different_fields_do_no_harm(mode):
    def with_odd(table):
        rows = table.num_rows
        return (
            table.append_column("constant", pa.array(["same"] * rows))
            .append_column("empty", pa.array([None] * rows, pa.string()))
            .append_column(
                "different", pa.array([f"{table['record_id'][0]}{n}" for n in range(rows)])
            )
        )

    odd = {**FIELDS, "constant": "text", "empty": "text", "different": "code"}
    found = link_tables(with_odd(FILES.left), with_odd(FILES.right), odd, mode=mode, key=KEY)
    precision, recall = precision_and_recall(found, FILES.truth)
    assert precision >= 0.95 and recall >= 0.85


def test_fields_that_are_all_empty_link_nobody():
    nothing = pa.table({"record_id": range(30), "surname": pa.nulls(30, pa.string())})
    assert link_tables(nothing, nothing, {"surname": "surname"}, key=KEY).num_rows == 0


def test_names_in_other_scripts_link():
    names = ["Αλέξανδρος", "Дмитрий", "محمد", "王小明", "ঈশিতা", "עמית", "Łukasz", "Zoë"] * 40
    left = pa.table({
        "record_id": range(len(names)),
        "name": names,
        "born": [f"{1950 + n % 60}-{1 + n % 12:02}-{1 + n % 28:02}" for n in range(len(names))],
    })  # fmt: skip
    found = link_tables(left, left, {"name": "name", "born": "date"}, key=KEY)
    same = sum(
        a == b
        for a, b in zip(found["left_id"].to_pylist(), found["right_id"].to_pylist(), strict=True)
    )
    assert same >= 0.9 * len(set(zip(names, left["born"].to_pylist(), strict=True)))


# -- clusters -------------------------------------------------------------------------------------


@pytest.mark.parametrize(("mode", "least"), [("identified", 0.95), ("encoded", 0.92)])
def test_repeats_across_three_tables_are_gathered(mode, least):
    third = two_files(700, seed=1, wrong=0.1)
    tables = {"one": FILES.left, "two": FILES.right, "three": third.right}
    found = cluster_tables(tables, FIELDS, mode=mode, key=KEY)
    assert found.column_names == ["table", "id", "entity_id"]
    assert found.num_rows == sum(table.num_rows for table in tables.values())
    entity = {
        (table, id): number
        for table, id, number in zip(
            *(found[c].to_pylist() for c in found.column_names), strict=True
        )
    }
    met = sum(entity["one", a] == entity["two", b] for a, b in FILES.truth)
    assert met >= least * len(FILES.truth)
    assert len(set(entity.values())) > 1200
    neighbours = [(a, other) for (a, _), (_, other) in pairwise(sorted(FILES.truth))]
    wrong = sum(entity["one", a] == entity["two", b] for a, b in neighbours)
    assert wrong <= 0.01 * len(neighbours), "who lives next to whom, or with whom, is apart"


@pytest.mark.parametrize("mode", ["identified", "encoded"])
def test_a_table_without_repeats_keeps_its_rows_apart(mode):
    tables = {"one": FILES.left, "two": FILES.right}
    found = cluster_tables(tables, FIELDS, without_repeats=frozenset({"one"}), mode=mode, key=KEY)
    ones = found.filter(pa.compute.equal(found["table"], "one"))
    assert len(set(ones["entity_id"].to_pylist())) == FILES.left.num_rows


def test_tables_with_ids_of_different_types_are_told_as_text():
    numbered = FILES.right.set_column(0, "record_id", pa.array(range(FILES.right.num_rows)))
    found = cluster_tables({"a": FILES.left.slice(0, 50), "b": numbered.slice(0, 50)}, FIELDS)
    assert found["id"].type == pa.string()
