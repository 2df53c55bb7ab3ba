"""The linkage sets: where their records are, which fields are declared, and what is true.

A set is declared once, for every system alike: its tables as SQL over the shared files, its fields
by kind, whether one record may have one partner or many, and its truth. The tables are cleaned
here, the same for all (case, accents, punctuation, dates as year-month-day, postcodes with one
space), since Splink's documentation asks for clean columns; nobody is timed for it. Rows are
shuffled, and identifiers that give the truth away replaced, so that no order can help.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import duckdb

from benchmarks.linkage.cleaning import MACROS

DATA = Path(__file__).parents[2] / ".." / "shared" / "data"
"""Where the sets with truth are: beside the project, as the tests find them."""

Task = Literal["link", "cluster"]
Assign = Literal["one-to-one", "one-left", "many"]


@dataclass(frozen=True)
class LinkageSet:
    """One set: tables and truth as SQL over files of ``folder``, fields by kind."""

    name: str
    title: str
    folder: str
    tables: Mapping[str, str]
    fields: Mapping[str, str]
    truth: str
    task: Task = "link"
    assign: Assign = "one-to-one"


def prepare(of: LinkageSet, cache: Path, data: Path = DATA) -> Path:
    """Write the set's tables, task and truth under ``cache`` unless they are there; return where.

    ``task.json`` and the tables are all that a system sees; ``truth.parquet`` has ``left_id`` and
    ``right_id`` for a link task, ``table``, ``id`` and ``entity_id`` for a cluster task.
    """
    into = cache / of.name
    done = into / "task.json"
    if done.exists():
        return into
    into.mkdir(parents=True, exist_ok=True)
    con = duckdb.connect()
    con.sql(MACROS)
    read = f"read_csv('{data / of.folder}/' || name, all_varchar=true, nullstr='', header=true)"
    con.sql(f"create macro file(name) as table select * from {read}")
    columns = ", ".join(of.fields)
    for name, sql in of.tables.items():
        con.sql(f"select record_id, {columns} from ({sql}) order by md5(record_id)").write_parquet(
            str(into / f"{name}.parquet")
        )
    con.sql(of.truth).write_parquet(str(into / "truth.parquet"))
    done.write_text(json.dumps(task_of(of), indent=2) + "\n")
    return into


def task_of(of: LinkageSet) -> dict[str, object]:
    """Say what a system is told of a set."""
    return {
        "set": of.name, "task": of.task, "assign": of.assign, "id": "record_id",
        "tables": {name: f"{name}.parquet" for name in of.tables}, "fields": dict(of.fields),
    }  # fmt: skip
