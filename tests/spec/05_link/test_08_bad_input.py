"""Bad input to the library's calls: it gives an answer or a refusal in words, never a traceback."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest
from people import FIELDS, precision_and_recall, two_files

from equipoise.carry.encode.throwaway import ThrowAwayKey
from equipoise.carry.link import cluster_tables, link_tables, memory
from equipoise.errors import DataRefused, EnvironmentFailed, UsageRefused

pytestmark = pytest.mark.filterwarnings("ignore::equipoise.carry.link.LinkageWarning")
KEY = bytes(range(32))
FILES = two_files(60)
MODES = ("identified", "enclave", "encoded")
SOURCE = str(Path(__file__).parents[3] / "src")


def refused(kind, call):
    with pytest.raises(kind) as caught:
        call()
    return {problem.code: problem.sentence() for problem in caught.value.problems}


def column(table, name, values):
    return table.set_column(table.column_names.index(name), name, pa.array(values))


# -- keys and clauses -----------------------------------------------------------------------------


@pytest.mark.parametrize("key", [b"", b"short", bytes(31), bytes(33), "x" * 32, 7])
def test_a_key_is_32_bytes_and_nothing_else(key):
    for call in (
        lambda: link_tables(FILES.left, FILES.right, FIELDS, key=key),
        lambda: cluster_tables({"a": FILES.left}, FIELDS, key=key),
        lambda: ThrowAwayKey(key),
    ):
        said = refused(UsageRefused, call)
        assert set(said) == {"ENC101"}
        assert "short" not in said["ENC101"].partition("Why")[0], "a key is never told"


@pytest.mark.parametrize("clause", [("surname", "surname"), None, 3, ("surname", 1, 2), ()])
def test_a_field_that_is_declared_otherwise_is_refused(clause):
    call = lambda: link_tables(FILES.left, FILES.right, {"surname": clause})  # noqa: E731
    assert set(refused(UsageRefused, call)) == {"LNK112"}


@pytest.mark.parametrize("least", [-0.1, 1.5, "high", None, float("nan")])
def test_the_least_probability_is_one(least):
    call = lambda: link_tables(FILES.left, FILES.right, FIELDS, at_least=least)  # noqa: E731
    assert set(refused(UsageRefused, call)) == {"LNK115"}


def test_clusters_of_no_table_and_of_tables_that_are_not_there():
    assert set(refused(UsageRefused, lambda: cluster_tables({}, FIELDS))) == {"LNK110"}
    said = refused(
        UsageRefused,
        lambda: cluster_tables({"a": FILES.left}, FIELDS, without_repeats=frozenset({"b"})),
    )
    assert "b" in said["LNK115"] and "a" in said["LNK115"]


# -- columns --------------------------------------------------------------------------------------


@pytest.mark.parametrize("mode", MODES)
def test_bytes_are_read_as_text_or_refused_without_a_value(mode):
    names = FILES.left["surname"].to_pylist()
    as_bytes = column(FILES.left, "surname", [name.encode() for name in names])
    plain = link_tables(FILES.left, FILES.right, FIELDS, mode=mode, key=KEY)
    assert link_tables(as_bytes, FILES.right, FIELDS, mode=mode, key=KEY).equals(plain)
    latin = column(FILES.left, "surname", ["Mül".encode("latin-1")] * len(names))
    said = refused(DataRefused, lambda: link_tables(latin, FILES.right, FIELDS, mode=mode))
    assert set(said) == {"LNK116"} and "'surname'" in said["LNK116"]
    assert "M" + chr(252) not in said["LNK116"] and "xfc" not in said["LNK116"]


@pytest.mark.parametrize("mode", MODES)
def test_columns_of_lists_are_refused(mode):
    lists = column(FILES.left, "surname", [[1]] * FILES.left.num_rows)
    said = refused(DataRefused, lambda: link_tables(lists, FILES.right, FIELDS, mode=mode))
    assert set(said) == {"LNK118"} and "'surname'" in said["LNK118"]
    ids = column(FILES.left, "record_id", [[n] for n in range(FILES.left.num_rows)])
    said = refused(DataRefused, lambda: link_tables(ids, FILES.right, FIELDS, mode=mode))
    assert set(said) == {"LNK114"}


@pytest.mark.parametrize("mode", MODES)
def test_a_field_of_nulls_without_a_type_is_an_empty_field(mode):
    rows = FILES.left.num_rows, FILES.right.num_rows
    left, right = (
        table.append_column("nothing", pa.nulls(n))
        for table, n in zip((FILES.left, FILES.right), rows, strict=True)
    )
    fields = {**FIELDS, "nothing": "text"}
    found = link_tables(left, right, fields, mode=mode, key=KEY)
    precision, recall = precision_and_recall(found, FILES.truth)
    assert precision >= 0.9 and recall >= 0.85


def test_two_strangers_alone_are_not_one_person_under_any_key():
    """Under twelve of four hundred keys their filters are as alike as one pair in fifty; these are
    some of the twelve."""
    one, stranger = FILES.left.slice(3, 1), FILES.left.slice(8, 1)
    keys = [number.to_bytes(32, "little") for number in (56, 120, 143, 160, 208)]
    found = [link_tables(one, stranger, FIELDS, mode="encoded", key=key).num_rows for key in keys]
    assert sum(found) == 0


@pytest.mark.parametrize("mode", MODES)
def test_one_row_on_either_side_meets_its_like_and_no_other(mode):
    one = FILES.left.slice(3, 1)
    renamed = column(one, "record_id", ["other"])
    assert link_tables(one, renamed, FIELDS, mode=mode).num_rows == 1
    stranger = FILES.left.slice(8, 1)
    assert link_tables(one, stranger, FIELDS, mode=mode).num_rows == 0
    entities = cluster_tables({"a": one, "b": stranger}, FIELDS)
    assert len(set(entities["entity_id"].to_pylist())) == 2


@pytest.mark.parametrize("mode", MODES)
def test_where_every_row_is_the_same_nobody_is_linked(mode):
    rows = 3000
    same = {name: [FILES.left[name][0].as_py()] * rows for name in FIELDS}
    left = pa.table({"record_id": [f"L{n}" for n in range(rows)], **same})
    right = pa.table({"record_id": [f"R{n}" for n in range(rows)], **same})
    assert link_tables(left, right, FIELDS, mode=mode).num_rows == 0


NAMES = [
    "Αλέξανδρος",
    "Дмитрий",
    "محمد",
    "王小明",
    "ঈশিতা",
    "עמית",
    "Łukasz",
    "ศิริพร",
    "김철수",
    "😀",
    chr(0x202E) + "abc",
]


@pytest.mark.parametrize("mode", MODES)
def test_forenames_and_surnames_in_other_scripts_link(mode):
    rows = 600
    left = pa.table({
        "record_id": [f"L{n}" for n in range(rows)],
        "forename": [NAMES[n % 11] for n in range(rows)],
        "surname": [NAMES[n * 7 % 11] + NAMES[n % 5] for n in range(rows)],
        "birth_date": [f"{1930 + n % 70}-{1 + n % 12:02}-{1 + n % 28:02}" for n in range(rows)],
        "sex": ["FM"[n % 2] for n in range(rows)],
        "postcode": [f"LS{1 + n % 29} {n % 10}AA" for n in range(rows)],
    })  # fmt: skip
    right = column(left, "record_id", [f"R{n}" for n in range(rows)])
    found = link_tables(left, right, FIELDS, mode=mode, key=KEY)
    same = pc.equal(
        pc.utf8_slice_codeunits(found["left_id"], 1), pc.utf8_slice_codeunits(found["right_id"], 1)
    )
    assert found.num_rows >= 0.95 * rows
    assert pc.sum(same).as_py() >= 0.99 * found.num_rows


# -- crowds ---------------------------------------------------------------------------------------


def with_a_crowd(files, share):
    """Give the first rows of each table a birth date that stands for none, and one postcode."""

    def crowded(table):
        rows = table.num_rows
        some = int(share * rows)
        dates, codes = table["birth_date"].to_pylist(), table["postcode"].to_pylist()
        table = column(table, "birth_date", ["1900-01-01"] * some + dates[some:])
        return column(table, "postcode", ["LS1 1AA"] * some + codes[some:])

    return crowded(files.left), crowded(files.right)


def test_a_value_that_a_crowd_bears_does_not_cost_the_others_their_links():
    files = two_files(5000, wrong=0.05)
    left, right = with_a_crowd(files, 0.5)
    assert left.num_rows * right.num_rows > 30_000_000, "too many pairs to compare them all"
    found = link_tables(left, right, FIELDS, key=KEY)
    ordinary = {
        (a, b)
        for a, b in files.truth
        if int(a[1:]) >= left.num_rows // 2 and int(b[1:]) >= right.num_rows // 2
    }
    pairs = set(zip(found["left_id"].to_pylist(), found["right_id"].to_pylist(), strict=True))
    assert len(pairs & ordinary) >= 0.95 * len(ordinary)
    assert len(pairs & files.truth) >= 0.97 * len(pairs)


def test_a_million_rows_of_one_name_link_nobody_soon_and_in_little_memory():
    """Nothing but a name that everybody bears: any pair is as good as any other."""
    rows = 1_000_000
    name = pa.DictionaryArray.from_arrays(pa.array(np.zeros(rows, np.int32)), ["Maria Garcia"])
    table = pa.table({"record_id": pa.array(np.arange(rows)), "name": name})
    assert link_tables(table, table, {"name": "name"}).num_rows == 0


# -- memory ---------------------------------------------------------------------------------------


def test_more_rows_than_the_memory_holds_are_refused_before_any_work(monkeypatch):
    monkeypatch.setattr(memory, "free", lambda: 100 << 20)
    assert memory.needed(4_000_000, 1) > 100 << 20
    steps: list[str] = []
    rows = 2_000_000
    large = pa.table({"record_id": np.arange(rows), "n": np.arange(rows) % 9})
    fields = {"n": "code"}
    for call in (
        lambda: link_tables(
            large, large, fields, progress=lambda share, doing: steps.append(doing)
        ),
        lambda: cluster_tables({"a": large}, fields),
    ):
        said = refused(EnvironmentFailed, call)
        assert set(said) == {"LNK117"}
        assert "100 MiB are free" in said["LNK117"] and "Next: use a machine" in said["LNK117"]
    assert not steps


@pytest.mark.parametrize(
    "fault", [MemoryError(), pa.ArrowMemoryError("malloc"), RuntimeError("can't start new thread")]
)
def test_memory_that_runs_out_at_work_is_told(monkeypatch, fault):
    def out_of_it(*_, **__):
        raise fault

    monkeypatch.setattr("equipoise.carry.link.library.encode_fields", out_of_it)
    call = lambda: link_tables(FILES.left, FILES.right, FIELDS)  # noqa: E731
    assert set(refused(EnvironmentFailed, call)) == {"LNK117"}


def test_another_fault_is_not_taken_for_want_of_memory():
    with pytest.raises(RuntimeError, match="something else"), memory.memory_for(1, 1):
        raise RuntimeError("something else")


@pytest.mark.skipif(sys.platform != "linux", reason="limits of address space are Linux's")
@pytest.mark.parametrize("mode", ["identified", "encoded", "clusters"])
def test_a_process_that_may_have_little_memory_says_so(mode, tmp_path):
    """With a real limit (as ``ulimit -v``), below what 300,000 rows need: no traceback."""
    duckdb.sql(
        "select i as record_id, 'name' || (hash(i) % 40000) as surname, "
        "date '1930-01-01' + (hash(i + 1) % 30000)::int as born, 'LS' || (hash(i) % 99) as post "
        "from range(300000) t(i)"
    ).write_parquet(str(tmp_path / "people.parquet"))
    told = subprocess.run(
        [sys.executable, "-c", LIMITED, mode, str(tmp_path / "people.parquet")],
        capture_output=True,
        text=True,
        env={"PYTHONPATH": SOURCE, "PATH": ""},
        timeout=240,
        check=False,
    )
    assert told.stdout.strip() == "LNK117", told.stderr[-800:]


LIMITED = """
import resource, sys
from equipoise.carry.link import cluster_tables, link_tables
from equipoise.errors import EquipoiseError
held = int(next(l for l in open("/proc/self/status") if l.startswith("VmSize")).split()[1]) << 10
mode, people = sys.argv[1:]
resource.setrlimit(resource.RLIMIT_AS, (held + (60 << 20),) * 2)
fields = {"surname": "surname", "born": "date", "post": "postcode"}
try:
    if mode == "clusters":
        cluster_tables({"a": people, "b": people}, fields)
    else:
        link_tables(people, people, fields, mode=mode)
    print("done")
except EquipoiseError as error:
    print(" ".join(problem.code for problem in error.problems))
"""


def test_what_is_free_is_the_least_of_machine_container_and_limits(tmp_path):
    proc, container = tmp_path / "proc", tmp_path / "cgroup"
    (proc / "self").mkdir(parents=True)
    container.mkdir()
    assert memory.free(proc, container) is None or memory.free(proc, container) >= 0
    (proc / "meminfo").write_text("MemTotal: 9000 kB\nMemAvailable: 2000 kB\nSwapFree: 48 kB\n")
    assert memory.free(proc, container) == 2048 << 10
    (container / "memory.current").write_text("500000\n")
    (container / "memory.max").write_text("max\n")
    assert memory.free(proc, container) == 2048 << 10
    (container / "memory.max").write_text("600000\n")
    assert memory.free(proc, container) == 100_000
    (container / "memory.stat").write_text("inactive_file 1000\n")
    assert memory.free(proc, container) == 101_000
    (container / "memory.max").write_text("400000\n")
    assert memory.free(proc, container) == 0


# -- arguments of no sensible kind ----------------------------------------------------------------


@pytest.mark.parametrize(
    ("argument", "said"),
    [("id", ["record_id"]), ("id", None), ("progress", None), ("progress", 3)],
)
def test_an_argument_of_another_kind_is_refused_in_words(argument, said):
    for call in (
        lambda: link_tables(FILES.left, FILES.right, FIELDS, **{argument: said}),
        lambda: cluster_tables({"a": FILES.left}, FIELDS, **{argument: said}),
    ):
        found = refused(UsageRefused, call)
        assert set(found) == {"LNK115"}
        assert f"clause {argument}" in found["LNK115"] and "Next: " in found["LNK115"]


@pytest.mark.parametrize("said", [3, None, [["a"]]])
def test_tables_without_repeats_are_named(said):
    call = lambda: cluster_tables({"a": FILES.left}, FIELDS, without_repeats=said)  # noqa: E731
    assert "clause without_repeats" in refused(UsageRefused, call)["LNK115"]


def test_a_probability_may_be_any_sort_of_number():
    least = np.float32(0.75)
    found = link_tables(FILES.left, FILES.right, FIELDS, at_least=least, key=KEY)
    assert found.equals(link_tables(FILES.left, FILES.right, FIELDS, at_least=0.75, key=KEY))
