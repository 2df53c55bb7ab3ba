"""What the locked process writes back is read as data: it can name no code and no other file."""

from __future__ import annotations

import datetime
import json
import os
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from equipoise.carry.outputs import Output, OutputColumn, Result
from equipoise.errors import Problem
from equipoise.gate.wire import read_value, write_value

RESULT = Result(
    (Output("a", "A", "counts", (OutputColumn("n", "count"),), pa.table({"n": [1, 2]})),),
    refused=(Problem("USE001", "no"),),
    warnings=("w",),
    facts={"n": 1, "x": 0.5, "t": "t"},
)


def test_a_result_comes_back_as_it_went(tmp_path: Path) -> None:
    write_value(RESULT, tmp_path)
    assert read_value(tmp_path) == RESULT


@pytest.mark.parametrize(
    ("value", "same"),
    [
        (None, None),
        ([1, (2.5, "x"), {"a": True}], [1, (2.5, "x"), {"a": True}]),
        ({("a", 1): (None,)}, {("a", 1): (None,)}),
        (np.int64(3), 3),
        (np.float64(0.5), 0.5),
        (np.bool_(True), True),
        (datetime.date(2026, 1, 2), datetime.date(2026, 1, 2)),
        (datetime.datetime(2026, 1, 2, 3, 4), datetime.datetime(2026, 1, 2, 3, 4)),
        (float("inf"), float("inf")),
    ],
)
def test_plain_values_come_back_as_they_went(value: Any, same: Any, tmp_path: Path) -> None:
    write_value(value, tmp_path)
    found = read_value(tmp_path)
    assert found == same
    assert type(found) is type(same)


@pytest.mark.parametrize("value", [object(), b"bytes", {1, 2}, Result, lambda: None, 1j])
def test_other_values_cannot_leave(value: Any, tmp_path: Path) -> None:
    with pytest.raises(TypeError):
        write_value({"x": value}, tmp_path)
    assert not (tmp_path / "result.json").exists()


LIES: dict[str, Any] = {
    "another module": {"is": "os:system", "of": {"command": "true"}},
    "a module that only begins alike": {"is": "equipoise.carryall:Result", "of": {}},
    "the gate": {"is": "equipoise.gate.terms:Allow", "of": {}},
    "a function": {"is": "equipoise.carry.disclose:disclose", "of": {}},
    "a class that is no record": {"is": "equipoise.carry.tables:TablesSession", "of": {}},
    "a module reached through ours": {"is": "equipoise.carry.outputs:pa", "of": {}},
    "no such module": {"is": "equipoise.carry.nowhere:X", "of": {}},
    "no such class": {"is": "equipoise.carry.outputs:Nothing", "of": {}},
    "other fields": {"is": "equipoise.carry.outputs:Result", "of": {"x": 1}},
    "a name that is none": {"is": 3, "of": {}},
    "an unknown shape": {"pickle": "gASV"},
    "two shapes": {"list": [], "tuple": []},
    "nothing": {},
    "a table that is not there": {"table": 7},
    "a table elsewhere": {"table": "../../secret"},
    "a table without number": {"table": None},
    "a date that is none": {"date": "yesterday"},
    "a map that is none": {"map": [1]},
    "a key that cannot be": {"map": [[{"list": []}, 1]]},
}


@pytest.mark.parametrize("lie", LIES.values(), ids=LIES)
def test_a_lie_is_no_result(lie: Any, tmp_path: Path) -> None:
    (tmp_path / "result.json").write_text(json.dumps(lie))
    with pytest.raises(
        ValueError, match=r"cannot be read|class|dataclass|JSON|Expecting|unpack|invalid|isoformat"
    ):
        read_value(tmp_path)


@pytest.mark.parametrize("text", ["", "not JSON", "\x00", '{"is":'])
def test_what_is_not_json_is_no_result(text: str, tmp_path: Path) -> None:
    (tmp_path / "result.json").write_text(text)
    with pytest.raises(
        ValueError, match=r"cannot be read|class|dataclass|JSON|Expecting|unpack|invalid|isoformat"
    ):
        read_value(tmp_path)


def test_a_link_in_place_of_a_result_is_not_followed(tmp_path: Path) -> None:
    secret, out = tmp_path / "secret", tmp_path / "out"
    out.mkdir()
    secret.write_text('"the key"')
    (out / "result.json").symlink_to(secret)
    with pytest.raises(ValueError, match="OSError"):
        read_value(out)
    (out / "result.json").unlink()
    os.link(secret, out / "result.json")
    with pytest.raises(ValueError, match="plain file"):
        read_value(out)
    (out / "result.json").unlink()
    os.mkfifo(out / "other")
    (out / "result.json").mkdir()
    with pytest.raises(
        ValueError, match=r"cannot be read|class|dataclass|JSON|Expecting|unpack|invalid|isoformat"
    ):
        read_value(out)


def test_a_result_without_end_is_not_read(tmp_path: Path) -> None:
    with (tmp_path / "result.json").open("wb") as handle:
        handle.truncate(65 << 20)  # a hole: no disk is taken
    with pytest.raises(ValueError, match="bounded"):
        read_value(tmp_path)


@pytest.mark.parametrize("cut", [0, 10, 100])
def test_a_table_that_is_not_whole_is_no_table(cut: int, tmp_path: Path) -> None:
    write_value(RESULT, tmp_path)
    path = tmp_path / "0.arrow"
    path.write_bytes(path.read_bytes()[:cut])
    with pytest.raises(
        ValueError, match=r"cannot be read|class|dataclass|JSON|Expecting|unpack|invalid|isoformat"
    ):
        read_value(tmp_path)
