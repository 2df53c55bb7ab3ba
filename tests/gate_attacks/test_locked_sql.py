"""From inside a run: reach anything through SQL, as a step's query or on the connection itself."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pytest
from locked import NO_GUARD, NO_KERNEL, run

from equipoise.engine.duckdb import locked_connection
from equipoise.errors import GateRefused
from equipoise.gate.session import LockedSession

BOTH = (
    "SELECT * FROM read_csv('{secret}')",
    "SELECT * FROM read_text('{secret}')",
    "SELECT * FROM read_blob('{secret}')",
    "SELECT * FROM read_json('{secret}')",
    "SELECT * FROM read_parquet('{secret}')",
    "SELECT * FROM '{secret}'",
    "SELECT * FROM glob('{site}/*')",
    "SELECT * FROM glob('../in/*')",
    "SELECT * FROM read_text('../in/job.json')",
    "SELECT * FROM parquet_metadata('{secret}')",
    "SELECT * FROM sniff_csv('{secret}')",
    "SELECT * FROM query('SELECT * FROM read_text(''{secret}'')')",
    "SELECT * FROM query_table('{secret}')",
    "SELECT getenv('HOME')",
    "SELECT * FROM duckdb_secrets()",
    "SELECT * FROM duckdb_extensions()",
    "SELECT * FROM hidden",
    "COPY tax_credits TO '{site}/stolen.csv'",
    "COPY tax_credits TO 'stolen.csv'",
    "COPY tax_credits FROM '{secret}'",
    "ATTACH '{site}/stolen.db'",
    "ATTACH 'http://127.0.0.1/x.db'",
    "EXPORT DATABASE '{site}/stolen'",
    "IMPORT DATABASE '{site}'",
    "INSTALL httpfs",
    "LOAD httpfs",
    "LOAD '{site}/evil.duckdb_extension'",
    "INSTALL spatial FROM community",
    "SET enable_external_access = true",
    "SET GLOBAL enable_external_access = true",
    "RESET enable_external_access",
    "SET allowed_directories = ['/']",
    "SET allowed_paths = ['{secret}']",
    "SET lock_configuration = false",
    "SET temp_directory = '{site}'",
    "SET home_directory = '{site}'",
    "SET secret_directory = '{site}'",
    "SET extension_directory = '{site}'",
    "SET custom_extension_repository = 'http://127.0.0.1'",
    "SET autoload_known_extensions = true",
    "SET allow_unsigned_extensions = true",
    "SET memory_limit = '900GB'",
    "SET threads = 64",
    "SET python_enable_replacements = true",
    "PRAGMA memory_limit = '900GB'",
    "PRAGMA enable_profiling = 'json'",
    "SET profiling_output = '{site}/stolen.json'",
    "SET log_query_path = '{site}/stolen.log'",
    "CREATE PERSISTENT SECRET s (TYPE s3, KEY_ID 'a', SECRET 'b')",
)
# What a connection may do in its own memory, and a step's query still may not.
ONLY_QUERY = (
    "SELECT 1; SELECT 2",
    "",
    ";",
    "DROP VIEW tax_credits",
    "CREATE TABLE mine AS SELECT 1",
    "CREATE MACRO f() AS 1",
    "INSERT INTO tax_credits VALUES (1)",
    "PREPARE p AS SELECT 1",
    "CALL pragma_version()",
    "EXPLAIN SELECT 1",
    "CHECKPOINT",
    "SET VARIABLE x = 1",
    "BEGIN",
)


@pytest.fixture(scope="module", params=["all locks", "only the database"])
def came(request: Any, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    folder = tmp_path_factory.mktemp("sql")
    secret = folder / "secret.csv"
    secret.write_text("a,b\n1,2\n")
    sql = [one.format(secret=secret, site=folder) for one in (*BOTH, *ONLY_QUERY)]
    weaken = "" if request.param == "all locks" else f"{NO_GUARD}; {NO_KERNEL}"
    facts = run(folder / "run", {"sql": sql}, weaken=weaken).result.facts
    assert sorted(path.name for path in folder.iterdir()) == ["run", "secret.csv"]
    return facts


@pytest.mark.parametrize("number", range(len(BOTH)), ids=BOTH)
@pytest.mark.parametrize("how", ["query", "raw"])
def test_sql_reaches_nothing(number: int, how: str, came: dict[str, Any]) -> None:
    assert came[f"{number} {how}"].startswith("refused")


@pytest.mark.parametrize("number", range(len(ONLY_QUERY)), ids=ONLY_QUERY)
def test_a_query_is_one_select(number: int, came: dict[str, Any]) -> None:
    assert came[f"{len(BOTH) + number} query"] == "refused: GateRefused"


def test_the_statements_are_real(tmp_path: Path) -> None:
    """On an open connection they work: what refuses them is the lock."""
    secret = tmp_path / "secret.csv"
    secret.write_text("a,b\n1,2\n")
    open_one = duckdb.connect()
    open_one.register("tax_credits", pa.table({"a": [1]}))
    for sql in (
        "SELECT * FROM read_csv('{secret}')",
        "SELECT * FROM glob('{site}/*')",
        "COPY tax_credits TO '{site}/stolen.csv'",
        "ATTACH '{site}/stolen.db'",
        "SET secret_directory = '{site}'",
        "SET threads = 64",
    ):
        assert sql in BOTH
        open_one.execute(sql.format(secret=secret, site=tmp_path))


def session(folder: Path) -> LockedSession:
    hidden = pa.table({"x": [1]})
    assert hidden.num_rows == 1  # a variable of this frame, which SQL must not see
    connection = locked_connection(folder, memory="100MiB", threads=1)
    tables = {'odd"; DROP TABLE t; --': pa.table({"a": [1, 2]}), "t": pa.table({"b": [3]})}
    return LockedSession(connection, tables, lambda share, doing: None)


def test_a_table_of_any_name_is_only_a_name(tmp_path: Path) -> None:
    here = session(tmp_path)
    assert here.query("SELECT b FROM t").to_pydict() == {"b": [3]}
    assert here.query('SELECT sum(a)::INT AS s FROM "odd""; DROP TABLE t; --"').to_pydict() == {
        "s": [3]
    }


def test_variables_of_the_program_are_no_tables(tmp_path: Path) -> None:
    hidden = pa.table({"x": [1]})
    assert hidden.num_rows == 1
    with pytest.raises(duckdb.CatalogException):
        session(tmp_path).query("SELECT * FROM hidden")


def test_a_query_that_is_no_select_says_so(tmp_path: Path) -> None:
    with pytest.raises(GateRefused) as refusal:
        session(tmp_path).query("SELECT 1; DROP VIEW t")
    assert [one.code for one in refusal.value.problems] == ["GATE111"]


def test_what_does_not_fit_in_memory_spills_to_the_run_alone(tmp_path: Path) -> None:
    spill = tmp_path / "spill"
    connection = locked_connection(spill, memory="60MiB", threads=1)
    found = connection.execute(
        "SELECT count(*) FROM (SELECT md5(range::VARCHAR) h FROM range(1500000) ORDER BY h)"
    ).fetchall()
    assert found == [(1_500_000,)]
