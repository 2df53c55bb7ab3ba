"""The session for notebooks: tables in memory, SQL over them, nothing else in reach."""

from __future__ import annotations

import duckdb
import pyarrow as pa
import pytest

from equipoise.carry.tables import TablesSession

PEOPLE = pa.table({"n": [1, 2, 3]})


def test_tables_are_found_by_name_and_answer_sql():
    session = TablesSession({"people": PEOPLE, "more-people": PEOPLE})
    assert session.names() == ("people", "more-people")
    assert session.table("people") is PEOPLE
    total = session.query('SELECT sum(a.n) AS total FROM people a JOIN "more-people" b USING (n)')
    assert total.to_pylist() == [{"total": 6}]
    with pytest.raises(KeyError):
        session.table("nobody")


def test_a_query_changes_nothing_and_sees_no_variable_of_the_program():
    session = TablesSession({"people": PEOPLE})
    session.query("CREATE TABLE kept AS SELECT 1 AS n; SELECT 1 AS n")
    for sql in ("SELECT * FROM kept", "SELECT * FROM PEOPLE_OUTSIDE"):
        with pytest.raises(duckdb.Error):
            session.query(sql)


def test_progress_goes_where_it_is_wanted():
    said = []
    TablesSession({}, lambda share, doing: said.append((share, doing))).progress(0.5, "half")
    TablesSession({}).progress(0.5, "half")
    assert said == [(0.5, "half")]


PEOPLE_OUTSIDE = PEOPLE
