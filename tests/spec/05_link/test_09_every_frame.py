"""Whatever form a table comes in, it is linked as any other or refused without a value."""

from __future__ import annotations

import uuid

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from people import FIELDS, two_files

from equipoise.carry.encode import forms
from equipoise.carry.link import cluster_tables, link_tables
from equipoise.errors import DataRefused, UsageRefused

KEY = bytes(range(32))
FILES = two_files(40)
MODES = ("identified", "encoded")
PLAIN = {mode: link_tables(FILES.left, FILES.right, FIELDS, mode=mode, key=KEY) for mode in MODES}


class Frame:
    """Hands a table over as other libraries do: by Arrow's C stream alone."""

    def __init__(self, table: pa.Table) -> None:
        self._table = table

    def __arrow_c_stream__(self, requested_schema=None):
        return self._table.__arrow_c_stream__(requested_schema)


def every_text_as(table, kind):
    return Frame(pa.table({name: table[name].cast(kind) for name in table.column_names}))


def coded(column, values):
    """Return a column in dictionary form, its values of another type."""
    whole = column.combine_chunks().dictionary_encode()
    return pa.DictionaryArray.from_arrays(whole.indices, whole.dictionary.cast(values))


def ids(found):
    return [found[side].cast(pa.string()).to_pylist() for side in ("left_id", "right_id")]


def refused(kind, call):
    with pytest.raises(kind) as caught:
        call()
    return {problem.code: problem.sentence() for problem in caught.value.problems}


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("kind", [pa.string_view(), pa.large_string()])
def test_text_as_views_and_long_text_links_as_text_does(mode, kind):
    """Polars hands all its text over as views, ids among it."""
    left, right = every_text_as(FILES.left, kind), every_text_as(FILES.right, kind)
    found = link_tables(left, right, FIELDS, mode=mode, key=KEY)
    assert ids(found) == ids(PLAIN[mode])
    whole = cluster_tables({"a": left, "b": right}, FIELDS, mode=mode, key=KEY)
    plain = cluster_tables({"a": FILES.left, "b": FILES.right}, FIELDS, mode=mode, key=KEY)
    assert whole["entity_id"].equals(plain["entity_id"])


@pytest.mark.parametrize("mode", MODES)
def test_a_polars_frame_links_where_polars_is(mode):
    polars = pytest.importorskip("polars")
    left, right = (polars.DataFrame(table.to_pydict()) for table in (FILES.left, FILES.right))
    grouped = left.with_columns(polars.col("surname", "record_id").cast(polars.Categorical))
    for frame in (left, grouped):
        found = link_tables(frame, right, FIELDS, mode=mode, key=KEY)
        assert ids(found) == ids(PLAIN[mode])


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("values", [pa.string(), pa.string_view(), pa.large_string()])
def test_categories_link_as_what_they_stand_for_ids_among_them(mode, values):
    names = ("record_id", "surname", "postcode")
    left = FILES.left
    for name in names:
        at = left.column_names.index(name)
        left = left.set_column(at, name, coded(left[name], values))
    found = link_tables(Frame(left), FILES.right, FIELDS, mode=mode, key=KEY)
    assert ids(found) == ids(PLAIN[mode])


@pytest.mark.parametrize("mode", MODES)
def test_ids_may_be_uuids_and_stay_uuids(mode):
    drawn = [uuid.UUID(int=n + 1) for n in range(FILES.left.num_rows)]
    column = pa.array([one.bytes for one in drawn], pa.uuid())
    left = FILES.left.set_column(0, "record_id", column)
    found = link_tables(left, FILES.right, FIELDS, mode=mode, key=KEY)
    assert found["left_id"].type == pa.uuid()
    of = dict(zip(FILES.left["record_id"].to_pylist(), drawn, strict=True))
    expected = [of[each] for each in PLAIN[mode]["left_id"].to_pylist()]
    assert found["left_id"].to_pylist() == expected
    both = cluster_tables({"a": left, "b": FILES.right}, FIELDS, mode=mode, key=KEY)
    assert both["id"].to_pylist()[0] == str(drawn[0])
    twice = FILES.left.set_column(
        0, "record_id", pa.array([drawn[0].bytes] * len(drawn), pa.uuid())
    )
    told = refused(DataRefused, lambda: link_tables(twice, FILES.right, FIELDS, mode=mode))
    assert set(told) == {"LNK114"}


def test_ids_of_bytes_beside_ids_of_text_are_refused():
    raw = pa.array([bytes([255, n % 256, n // 256]) for n in range(FILES.left.num_rows)])
    left = FILES.left.set_column(0, "record_id", raw)
    tables = {"a": left, "b": FILES.right}
    assert set(refused(DataRefused, lambda: cluster_tables(tables, FIELDS))) == {"LNK118"}


@pytest.mark.parametrize("mode", MODES)
def test_an_extension_is_what_it_stores(mode):
    column = FILES.left["sex"].combine_chunks().cast(pa.json_())
    left = FILES.left.set_column(FILES.left.column_names.index("sex"), "sex", column)
    found = link_tables(left, FILES.right, FIELDS, mode=mode, key=KEY)
    assert ids(found) == ids(PLAIN[mode])


@pytest.mark.parametrize("mode", MODES)
def test_a_column_that_no_text_can_be_made_of_is_refused_by_name(mode):
    spans = pa.array([(1, 2, 3)] * FILES.left.num_rows, pa.month_day_nano_interval())
    left = FILES.left.set_column(FILES.left.column_names.index("sex"), "sex", spans)
    told = refused(DataRefused, lambda: link_tables(left, FILES.right, FIELDS, mode=mode))
    assert set(told) == {"LNK118"} and "'sex'" in told["LNK118"]


def test_a_frame_of_mixed_values_is_refused_and_no_value_told():
    pandas = pytest.importorskip("pandas")
    frame = pandas.DataFrame(FILES.left.to_pydict())
    frame["surname"] = [7 if n == 0 else name for n, name in enumerate(frame["surname"])]
    told = refused(DataRefused, lambda: link_tables(frame, FILES.right, FIELDS))
    assert set(told) == {"LNK118"} and "'surname'" in told["LNK118"]
    assert not [name for name in FILES.left["surname"].to_pylist() if name in told["LNK118"]]


def test_a_frame_that_hands_over_rubbish_is_refused():
    class Rubbish:
        def __arrow_c_stream__(self, requested_schema=None):
            raise pa.ArrowInvalid("could not convert 'Robinson'")

    told = refused(DataRefused, lambda: link_tables(Rubbish(), FILES.right, FIELDS))
    assert set(told) == {"LNK118"} and "Robinson" not in told["LNK118"]


@pytest.mark.parametrize("suffix", [".parquet", ".PARQUET", ".Parquet"])
def test_how_the_name_of_a_file_is_spelt_does_not_matter(tmp_path, suffix):
    pq.write_table(FILES.left, tmp_path / f"left{suffix}")
    found = link_tables(tmp_path / f"left{suffix}", FILES.right, FIELDS, key=KEY)
    assert found.equals(PLAIN["identified"])


@pytest.mark.parametrize("fields", [None, ["surname"], "surname", 3])
def test_fields_that_are_not_named_with_kinds_are_refused(fields):
    for call in (
        lambda: link_tables(FILES.left, FILES.right, fields),
        lambda: cluster_tables({"a": FILES.left}, fields),
    ):
        assert set(refused(UsageRefused, call)) == {"LNK112"}


def test_tables_without_names_and_fields_with_two_columns_are_refused_of_clusters():
    tables = [FILES.left, FILES.right]
    assert set(refused(UsageRefused, lambda: cluster_tables(tables, FIELDS))) == {"LNK110"}
    fields = {"surname": ("surname", "surname", "forename")}
    named = dict(zip("ab", tables, strict=True))
    assert set(refused(UsageRefused, lambda: cluster_tables(named, fields))) == {"LNK112"}


@pytest.mark.parametrize("mode", MODES)
def test_clusters_of_tables_without_rows_are_none(mode):
    empty = FILES.left.schema.empty_table()
    for tables in ({"a": empty}, {"a": empty, "b": empty}):
        found = cluster_tables(tables, FIELDS, mode=mode)
        assert found.num_rows == 0
        assert found.column_names == ["table", "id", "entity_id"]


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("pairs", [True, "right", False])
def test_a_table_without_rows_links_nobody_however_rows_may_pair(mode, pairs):
    empty = FILES.left.schema.empty_table()
    for left, right in ((empty, FILES.right), (FILES.left, empty), (empty, empty)):
        assert link_tables(left, right, FIELDS, mode=mode, one_to_one=pairs).num_rows == 0


LONG = (0, 7, 12, 2_000_000_000, 447_700_900_001, 100_010_000_001, (1 << 53) - 1)


@pytest.mark.parametrize("kind", ["number", "uprn", "phone", "code", "text", "nhs number"])
def test_a_number_that_is_read_as_floating_is_the_same_number(kind):
    """As a column of long numbers is where some are missing."""
    make = {
        "number": forms.number,
        "uprn": forms.number,
        "phone": forms.phone,
        "code": forms.code,
        "text": forms.text,
        "nhs number": forms.health_number,
    }[kind]
    floating = make(pa.array([*map(float, LONG), None, float("nan")]))
    whole = make(pa.array([*LONG, None, None]))
    assert floating.to_pylist() == whole.to_pylist()


def test_floating_numbers_that_are_not_whole_are_left_as_they_are():
    read = forms.as_text(pa.array([1.5, -2.0, float("inf"), None, 1e300], pa.float64()))
    assert read.to_pylist() == ["1.5", "-2", "inf", None, "1e+300"]
    assert forms.as_text(pa.array([16.0, 0.5], pa.float32())).to_pylist() == ["16", "0.5"]
