"""The child: what runs in the locked process, from its first line to its last.

Kernel locks first, while there is one thread; then the libraries and the step's own module; then
the Python guard; only then are tables opened and the step carried out. Nothing at the head of this
file may import numpy, Arrow, DuckDB or pydantic, which start threads or take files.

What leaves is a result in files, or ``failed.json``: the step's own problems when it refused, and
else the names of the error's types and the lines of our modules. Never a message or a traceback of
a library, which may quote a row.
"""

from __future__ import annotations

import importlib
import json
import os
import sys
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any

from equipoise.errors import EquipoiseError, GateRefused, Problem
from equipoise.gate import guard, locks

REFUSED, BROKE = 4, 9
WARM = ("numpy", "pyarrow", "pyarrow.compute", "duckdb", "zoneinfo")
LEFT_OUT = ("pandas",)
"""No step uses it, but Arrow and DuckDB import it whenever it is there: seconds for each run, and a
reader of every kind of file and address."""

Tell = Callable[[dict[str, Any]], None]


class _Absent:
    """Finds that the modules left out are not installed."""

    def find_spec(self, name: str, path: object = None, target: object = None) -> None:
        if name.partition(".")[0] in LEFT_OUT:
            raise ModuleNotFoundError(f"no module {name} in a locked process", name=name)


def main(directory: Path, parent: int) -> int:
    """Carry out the job in ``directory`` under every lock that can be had; return the exit code.

    ``parent`` is the process that started this one and must outlive it.
    """
    os.chdir(directory / "out")
    tell = _telling()
    try:
        job = json.loads((directory / "in" / "job.json").read_text(encoding="utf-8"))
        limits = locks.Limits(**job["limits"])
        status = _own_status()
        held = locks.hold_kernel(directory, parent, limits)
        held.locks += job["held"]
        step = _prepare(job, directory, held, tell)
        value = step()
        from equipoise.gate.wire import write_value

        write_value(value, directory / "out")
        tell({"peak": peak_memory(status)})
    except BaseException as error:  # whatever it was, the parent is told safely
        return _fail(error, directory / "out")
    return 0


def _telling() -> Tell:
    """Keep the parent's pipe to ourselves: what a library prints must not reach it."""
    pipe = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.set_inheritable(pipe.fileno(), False)
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    os.close(nowhere)

    def tell(message: dict[str, Any]) -> None:
        pipe.write(json.dumps(message) + "\n")
        pipe.flush()

    return tell


def _prepare(
    job: dict[str, Any], directory: Path, held: locks.Held, tell: Tell
) -> Callable[[], Any]:
    """Import, lock what Python and DuckDB lock, check what is demanded, and open the tables."""
    sys.meta_path.insert(0, _Absent())
    for name in WARM:
        importlib.import_module(name)
    from equipoise.agree.canonical import digest
    from equipoise.agree.document import Agreement
    from equipoise.engine.duckdb import locked_connection
    from equipoise.gate.session import LockedSession
    from equipoise.gate.steps import find_step
    from equipoise.gate.wire import map_table

    inward, outward = directory / "in", directory / "out"
    agreement = Agreement.model_validate_json((inward / "agreement.json").read_bytes())
    if digest(agreement) != job["digest"]:
        raise _refused("GATE108", "the agreement in the run directory is not the one permitted")
    step = find_step(job["step"], agreement, job["of"])
    limits = locks.Limits(**job["limits"])
    connection = locked_connection(
        outward / "spill", memory=f"{limits.memory // 2 >> 20}MiB", threads=limits.threads
    )
    _only_engine(connection)
    held.locks.append("locked database")
    guard.stand_guard((*locks.readable(), inward), (outward, Path(os.devnull)))
    held.locks.append("Python guard")
    tell({"locks": held.locks, "missing": held.missing})
    if lacking := [name for name in job["require"] if name not in held.locks]:
        reasons = "; ".join(f"{name}: {held.missing.get(name, 'unknown')}" for name in lacking)
        raise _refused("GATE100", f"a lock that this run demands cannot be held ({reasons})")
    tables = {name: map_table(inward / f"{n}.arrow") for n, name in enumerate(job["tables"])}
    session = LockedSession(
        connection, tables, lambda share, doing: tell({"share": share, "doing": doing})
    )
    return lambda: step(session, agreement, job["of"])


def _only_engine(connection: Any) -> None:
    """Leave the locked connection as the only one that DuckDB's own functions can reach."""
    import duckdb

    def connect(*_: Any, **__: Any) -> Any:
        raise guard.Trespass("duckdb.connect")

    duckdb.set_default_connection(connection)
    duckdb.connect = connect


def _refused(code: str, what: str) -> GateRefused:
    return GateRefused(
        Problem(
            code,
            what,
            why="data is opened only in the way that was promised for it",
            next="run on a machine that gives the lock, or do not demand it",
        )
    )


def _own_status() -> int | None:
    """Open the kernel's account of this process while that is still allowed."""
    try:
        return os.open("/proc/self/status", os.O_RDONLY)
    except OSError:
        return None


def peak_memory(status: int | None) -> int:
    """Return the most memory this process has held, in bytes; 0 where nobody counts it."""
    if status is None:
        return _peak_by_usage()
    lines = os.pread(status, 1 << 16, 0).decode().splitlines()
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith("VmHWM:"))


def _peak_by_usage() -> int:
    try:
        resource = importlib.import_module("resource")
    except ImportError:
        return 0
    peak = int(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
    return peak if sys.platform == "darwin" else peak * 1024


def _fail(error: BaseException, outward: Path) -> int:
    """Write what may be known of an error, and return the exit code."""
    said: dict[str, Any]
    if isinstance(error, EquipoiseError):
        problems = [problem.as_dict() for problem in error.problems]
        said = {"class": type(error).__name__, "problems": problems}
    else:
        said = {"broke": _types(error), "at": _places(error)}
        if isinstance(error, guard.Trespass):
            said["trespass"] = error.event
    (outward / "failed.json").write_text(json.dumps(said), encoding="utf-8")
    return REFUSED if "class" in said else BROKE


def _types(error: BaseException) -> list[str]:
    """Return the type of an error and of those behind it, oldest last."""
    found: list[str] = []
    step: BaseException | None = error
    while step is not None and len(found) < 8:
        found.append(type(step).__name__)
        step = step.__cause__ or step.__context__
    return found


def _places(error: BaseException) -> list[str]:
    """Return the lines of our own modules that the error passed, outermost first."""
    frames = traceback.extract_tb(error.__traceback__)
    return [
        f"{frame.filename[frame.filename.rindex('equipoise') :]}:{frame.lineno}"
        for frame in frames
        if "equipoise" in frame.filename
    ]
