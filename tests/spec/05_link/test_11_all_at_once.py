"""Whoever links for the first time is told all that is wrong at once, and what to do about each."""

from __future__ import annotations

import gzip

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pc_csv
import pytest
from people import FIELDS, two_files

from equipoise.carry.link import cluster_tables, link_tables
from equipoise.errors import DataRefused, EnvironmentFailed, UsageRefused

KEY = bytes(range(32))
FILES = two_files(40)
NOBODY = FILES.left.slice(0, 0)


def problems(kind, call):
    with pytest.raises(kind) as caught:
        call()
    return caught.value.problems


def codes(found):
    return sorted({problem.code for problem in found})


def test_faults_of_arguments_files_and_columns_are_told_together(tmp_path):
    twice = pa.concat_tables([FILES.right, FILES.right])
    fields = {"forename": "first name", "surnam": "surname", "sex": ("sex",)}
    found = problems(
        UsageRefused,
        lambda: link_tables(
            tmp_path / "gone.csv", twice, fields, mode="clear", at_least=2, key=b"short"
        ),
    )
    assert codes(found) == ["ENC101", "LNK111", "LNK112", "LNK113", "LNK114", "LNK115"]
    assert [one.clause for one in found if one.code == "LNK115"] == ["mode", "at_least"]
    assert [one.clause for one in found if one.code == "LNK112"] == [
        "fields.forename",
        "fields.sex",
    ]
    assert all(one.next and one.where() for one in found)


def test_every_table_that_cannot_be_read_is_named(tmp_path):
    found = problems(
        UsageRefused, lambda: cluster_tables({"a": 7, "b": tmp_path / "b.csv", "c": None}, FIELDS)
    )
    assert [(one.code, one.clause) for one in found] == [
        ("LNK110", "a"),
        ("LNK111", "b"),
        ("LNK110", "c"),
    ]


def test_columns_of_both_tables_are_looked_at_before_anything_is_told():
    lists = pa.array([["a"]] * FILES.left.num_rows)
    left = FILES.left.set_column(FILES.left.column_names.index("sex"), "sex", lists)
    right = FILES.right.rename_columns(
        [
            {"surname": "surnames", "record_id": "number"}.get(one, one)
            for one in FILES.right.schema.names
        ]
    )
    found = problems(DataRefused, lambda: link_tables(left, right, FIELDS))
    assert [one.code for one in found] == ["LNK118", "LNK113", "LNK113"]
    assert "id='…'" in found[1].next and found[1].clause == "id"
    assert "'surnames'" in found[2].next and found[2].clause == "fields.surname"


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("first name", "forename"),
        ("last_name", "surname"),
        ("DOB", "date"),
        ("gender", "sex"),
        ("post code", "postcode"),
        ("organization", "organisation"),
        ("e-mail", "email"),
        ("string", "text"),
        ("nhs_number", "nhs number"),
    ],
)
def test_what_others_call_a_kind_is_known(said, meant):
    (one,) = problems(UsageRefused, lambda: link_tables(NOBODY, NOBODY, {"surname": said}))
    assert f"say {meant!r}" in one.next


def test_a_kind_like_no_other_is_answered_with_all_of_them():
    (one,) = problems(UsageRefused, lambda: link_tables(NOBODY, NOBODY, {"surname": "zzz"}))
    assert "forename, surname, name, date" in one.next


def test_a_date_in_three_columns_is_told_to_be_put_together():
    three = ["day", "month", "year"]
    fields = {"birth_date": ("date", three, three)}
    (one,) = problems(UsageRefused, lambda: link_tables(NOBODY, NOBODY, fields))
    assert "together in one" in one.next


def test_clusters_are_not_advised_to_give_two_columns():
    fields = {"surname": ("surname", "surname", "last_name")}
    (one,) = problems(UsageRefused, lambda: cluster_tables({"a": NOBODY}, fields))
    assert "left column" not in one.next and "one name in all tables" in one.next


def test_a_column_that_stands_twice_is_not_called_missing():
    names = ["surname" if one == "forename" else one for one in FILES.left.column_names]
    twice = FILES.left.rename_columns(names)
    (one,) = problems(DataRefused, lambda: link_tables(twice, FILES.right, {"surname": "surname"}))
    assert one.code == "LNK113" and "several columns called 'surname'" in one.what


def test_a_table_without_columns_has_nothing_to_offer():
    found = problems(DataRefused, lambda: link_tables(pa.table({}), FILES.right, FIELDS))
    assert all(one.next == "give a table with columns" or "id=" in one.next for one in found)


def test_one_table_without_repeats_may_be_named_alone():
    tables = {"one": FILES.left, "two": FILES.right}
    alone, whole = (
        cluster_tables(tables, FIELDS, without_repeats=named, key=KEY) for named in ("one", ["one"])
    )
    assert alone.equals(whole)
    ones = alone.filter(pc.equal(alone["table"], "one"))
    assert len(set(ones["entity_id"].to_pylist())) == FILES.left.num_rows
    found = problems(UsageRefused, lambda: cluster_tables(tables, FIELDS, without_repeats="three"))
    assert "three" in found[0].what and "one, two" in found[0].next


# -- frames ---------------------------------------------------------------------------------------


def test_polars_frames_are_read_and_lazy_ones_are_told_to_be_collected():
    polars = pytest.importorskip("polars")
    left, right = polars.from_arrow(FILES.left), polars.from_arrow(FILES.right)
    expected = link_tables(FILES.left, FILES.right, FIELDS, key=KEY)
    found = link_tables(left, right.rechunk(), FIELDS, key=KEY)
    assert [each.to_pylist() for each in found] == [each.to_pylist() for each in expected]
    dated = left.with_columns(
        polars.col("birth_date").str.to_date(strict=False),
        polars.col("sex").cast(polars.Categorical),
    )
    assert link_tables(dated, right, FIELDS, key=KEY).num_rows >= 0.9 * len(FILES.truth)
    clusters = cluster_tables({"a": left, "b": right}, FIELDS, key=KEY)
    assert clusters.num_rows == len(left) + len(right)
    (one,) = problems(UsageRefused, lambda: link_tables(left.lazy(), right, FIELDS))
    assert one.code == "LNK110" and ".collect()" in one.next


def test_a_pandas_frame_with_two_columns_of_one_name_is_refused():
    pandas = pytest.importorskip("pandas")
    frame = FILES.left.to_pandas()
    twice = pandas.concat([frame, frame[["surname"]]], axis=1)
    (one,) = problems(DataRefused, lambda: link_tables(twice, FILES.right, FIELDS))
    assert one.code == "LNK118" and "share a name" in one.what


# -- files ----------------------------------------------------------------------------------------


def written(folder, name, table=FILES.left, between=","):
    options = pc_csv.WriteOptions(delimiter=between)
    pc_csv.write_csv(table, folder / name, options)
    return folder / name


@pytest.mark.parametrize("between", [";", "\t", "|"])
def test_a_csv_file_may_have_other_signs_between_its_columns(tmp_path, between):
    path = written(tmp_path, "left.csv", between=between)
    expected = link_tables(FILES.left, FILES.right, FIELDS, key=KEY)
    assert link_tables(path, FILES.right, FIELDS, key=KEY).equals(expected)


def test_a_csv_file_may_be_compressed(tmp_path):
    path = written(tmp_path, "left.csv")
    packed = tmp_path / "left.csv.gz"
    packed.write_bytes(gzip.compress(path.read_bytes()))
    expected = link_tables(FILES.left, FILES.right, FIELDS, key=KEY)
    assert link_tables(packed, FILES.right, FIELDS, key=KEY).equals(expected)


@pytest.mark.parametrize(
    ("name", "held", "why"),
    [
        ("gone.csv", None, "there is no such file"),
        ("empty.csv", b"", "it is empty"),
        ("latin.csv", "record_id,surname\n1,Müller\n".encode("latin-1"), "not in UTF-8"),
        ("torn.csv", b"record_id,surname\n1,Robinson\n2\n", "a row has 1 of the 2 columns"),
        ("false.parquet", b"Robinson", "does not read as Parquet"),
        ("book.xlsx", b"PK\x03\x04\x00", "it "),
    ],
)
def test_why_a_file_is_not_read_is_told_without_a_value(tmp_path, name, held, why):
    if held is not None:
        (tmp_path / name).write_bytes(held)
    (one,) = problems(
        EnvironmentFailed, lambda: link_tables(tmp_path / name, FILES.right, {"surname": "surname"})
    )
    assert one.code == "LNK111" and name in one.what and why in one.why
    assert "Robinson" not in one.sentence() and "Müller" not in one.sentence()
    assert "Error" not in one.why and "Arrow" not in one.why


def test_a_folder_is_not_a_table(tmp_path):
    (one,) = problems(EnvironmentFailed, lambda: link_tables(tmp_path, FILES.right, FIELDS))
    assert one.why == "it is a folder"
