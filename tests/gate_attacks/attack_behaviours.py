"""Steps that end in every way a step can end, and one that tries SQL. Hostile, too."""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any


def try_sql(session: Any, agreement: Any, of: str) -> Any:
    """Try each statement twice: as a step may, and on the connection itself."""
    from equipoise.carry.outputs import Result

    came: dict[str, int | float | str] = {}
    for number, sql in enumerate(json.loads(of)["sql"]):
        for how, run in (("query", session.query), ("raw", session._connection.execute)):
            try:
                found = run(sql)
                if how == "raw":
                    found.fetchall()
            except Exception as error:
                came[f"{number} {how}"] = f"refused: {type(error).__name__}"
            else:
                came[f"{number} {how}"] = "GOT THROUGH"
    return Result((), facts=came)


def answer(session: Any, agreement: Any, of: str) -> Any:
    """Do one thing and return, or do not return."""
    return BEHAVIOURS[json.loads(of)["do"]](session)


def _well(session: Any) -> Any:
    import pyarrow as pa

    from equipoise.carry.outputs import Output, OutputColumn, Result

    session.progress(-1.0, "beginning")
    session.progress(0.5, "x" * 500)
    session.progress(7.0, "ending")
    joined = session.query(
        'SELECT count(*) AS n FROM tax_credits JOIN "properties" USING (pseudonym_home)'
    )
    assert session.names() == ("tax_credits", "properties")
    assert isinstance(session.table("tax_credits"), pa.Table)
    return Result((Output("a", "A", "counts", (OutputColumn("n", "count"),), joined),))


def _hog(session: Any) -> None:
    held = []
    while True:
        held.append(bytearray(b"x" * (64 << 20)))
        time.sleep(0.02)


def _leaky_error(session: Any) -> None:
    try:
        {}["nino AB123456C"]
    except KeyError as error:
        raise ValueError("row 7: AB123456C Amara Osei") from error


def _own_refusal(session: Any) -> None:
    from equipoise.errors import Problem, ResultRefused

    raise ResultRefused(Problem("USE999", "the cohort is too small", clause="uses.entitled"))


def _noise(session: Any) -> Any:
    from equipoise.carry.outputs import Result

    print(json.dumps({"locks": ["a lock of my own"], "missing": {}}))
    sys.stdout.flush()
    os.write(1, b'{"peak": 1}\n')
    os.write(2, b"x" * 200_000)
    return Result(())


def _forge(session: Any) -> Any:
    """Write on the parent's own pipe: every number is tried until one takes it."""
    from equipoise.carry.outputs import Result

    for number in range(3, 64):
        for line in (
            b'{"locks": ["a lock of my own"], "missing": {}}\n', b"not JSON\n", b"[]\n",
            b'{"share": "much", "doing": 3}\n', b'{"peak": "most"}\n', b'{"locks": 1}\n', b"1\n",
            b"\xff\xfe\n", b'{"something": "else"}\n', b"\n",
        ):  # fmt: skip
            try:
                os.write(number, line)
            except OSError:
                break
    return Result(())


def _big_file(session: Any) -> None:
    with Path("big").open("wb") as handle:
        while True:
            handle.write(b"x" * (1 << 20))


def _linked_result(session: Any) -> Any:
    from equipoise.carry.outputs import Result
    from equipoise.gate import wire

    def nothing(value: Any, directory: Any) -> None:
        (directory / "result.json").mkdir()

    wire.write_value = nothing
    return Result(())


def _closed_pipes(session: Any) -> None:
    for number in range(1, 64):
        try:
            os.close(number)
        except OSError:
            continue
    time.sleep(600)


BEHAVIOURS: dict[str, Callable[[Any], Any]] = {
    "well": _well,
    "hog": _hog,
    "ask for a terabyte": lambda session: bytearray(1 << 40),
    "sleep": lambda session: time.sleep(600),
    "leak an error": _leaky_error,
    "refuse": _own_refusal,
    "exit": lambda session: os._exit(3),
    "abort": lambda session: os.abort(),
    "leave": lambda session: sys.exit(0),
    "noise": _noise,
    "forge": _forge,
    "junk": lambda session: object(),
    "text": lambda session: "text",
    "big file": _big_file,
    "no result": _linked_result,
    "close everything": _closed_pipes,
    "trespass": lambda session: os.system("true"),
    "two statements": lambda session: session.query("SELECT 1; SELECT 2"),
    "broken answer": lambda session: Path("failed.json").write_text("not JSON") and os._exit(4),
}

ATTACKS = {"sql": try_sql, "answer": answer}
