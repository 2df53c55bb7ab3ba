"""The parent: lay out a run directory, run one step alone in it, and bring the result back.

    outcome = run_alone(Job("use", agreement, "entitled", tables), directory)

The tables lie unsealed in the run directory while the step runs, and are removed when it ends, in
whatever way. After the parent itself was killed, ``sweep`` removes what is left.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import sys
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Final

import pyarrow as pa

from equipoise import errors
from equipoise.agree.canonical import canonical_json, digest
from equipoise.agree.document import Agreement
from equipoise.carry.outputs import Result
from equipoise.errors import EnvironmentFailed, EquipoiseError, GateRefused, Problem
from equipoise.gate import wire
from equipoise.gate.locks import Limits
from equipoise.gate.promises import ALWAYS, LOCKS
from equipoise.gate.steps import known_step
from equipoise.gate.watch import Ended, memory_of, watch

BOOT: Final = (
    "import sys; sys.path.insert(0, sys.argv[1]); from pathlib import Path; "
    "from equipoise.gate.inside import main; "
    "sys.exit(main(Path(sys.argv[2]), int(sys.argv[3])))"
)
_PACKAGES = str(Path(__file__).resolve().parents[2])
_ERROR_TYPE = re.compile(r"^(?:\w+\.)*(\w+(?:Error|Exception|Interrupt|Exit))\b", re.MULTILINE)
_TABLE_NAME = re.compile(r"_?[a-z][a-z0-9_-]{0,126}")

Progress = Callable[[float, str], None]


@dataclass(frozen=True)
class Job:
    """One step on one run's tables.

    ``step`` is ``use`` or ``link``; ``of`` the use or linkage entity; ``tables`` are named by
    dataset. ``require`` names locks (of ``promises.LOCKS``) without which it must not run; those
    that every platform gives are always demanded.
    """

    step: str
    agreement: Agreement
    of: str
    tables: Mapping[str, pa.Table]
    require: tuple[str, ...] = ()


@dataclass(frozen=True)
class Outcome:
    """What came back, and under which locks.

    ``value`` is what the step returned; ``missing`` gives for each lock that did not hold the
    reason; ``seconds`` is wall time of the whole process; ``peak_memory`` is in bytes.
    """

    value: Any
    locks: tuple[str, ...]
    missing: Mapping[str, str]
    seconds: float
    peak_memory: int

    @property
    def result(self) -> Result:
        """Return the result of a use. Raises ``TypeError`` when the step gave something else."""
        if not isinstance(self.value, Result):
            raise TypeError("this step gave no result of a use")
        return self.value


@dataclass
class _Heard:
    """What the child said on its pipe; the first report of locks counts, later ones do not."""

    on_progress: Progress
    locks: tuple[str, ...] = ()
    missing: Mapping[str, str] = field(default_factory=dict)
    peak: int = 0

    def line(self, line: bytes) -> None:
        try:
            said = json.loads(line)
            if "locks" in said and not self.locks:
                self.locks = tuple(name for name in LOCKS if name in said["locks"])
                self.missing = {
                    name: str(said["missing"].get(name, ""))
                    for name in LOCKS
                    if name not in self.locks
                }
            elif "share" in said:
                self.on_progress(float(said["share"]), str(said["doing"])[:200])
            elif "peak" in said:
                self.peak = int(said["peak"])
        except (ValueError, TypeError, KeyError, AttributeError):
            return  # a line that is not one of ours says nothing


def run_alone(
    job: Job,
    directory: Path,
    *,
    on_progress: Progress = lambda share, doing: None,
    limits: Limits | None = None,
) -> Outcome:
    """Run one step in a locked process and return its outcome.

    ``directory`` must exist and be empty, and is empty again afterwards.
    Raises ``GateRefused`` when the step is unknown (GATE106, GATE107), a demanded lock cannot be
    held (GATE100) or the step tried what the locks refuse (GATE110); the step's own
    ``EquipoiseError``; ``EnvironmentFailed`` when it was killed for memory (GATE101) or time
    (GATE102), died (GATE103), broke (GATE104), or its result cannot be read (GATE105).
    """
    bounds = limits or Limits()
    known_step(job.step)
    held = _held_here(job)
    if any(directory.iterdir()):
        raise _failed(
            "GATE109",
            "the run directory is not empty",
            "something of another run may still lie in it",
            "remove what is left of the other run first",
        )
    heard = _Heard(on_progress)
    try:
        _lay_out(job, directory, bounds, held)
        ended = watch(
            _command(directory),
            environment=_environment(directory),
            directory=directory,
            seconds=bounds.seconds,
            memory=bounds.memory,
            on_line=heard.line,
        )
        if ended.why != "ended" or ended.code != 0:
            raise _what_happened(ended, directory, bounds)
        value = _what_it_gave(directory)
    finally:
        sweep(directory)
    return Outcome(value, heard.locks, heard.missing, ended.seconds, max(heard.peak, ended.peak))


def _what_it_gave(directory: Path) -> Any:
    try:
        return wire.read_value(directory / "out")
    except ValueError as error:
        raise _failed(
            "GATE105",
            "the step ended, but its result cannot be read",
            "a result that is not whole is no result",
            "run it again",
        ) from error


def sweep(directory: Path) -> int:
    """Remove everything in a run directory and return how many things lay in it."""
    left = list(directory.iterdir())
    for path in left:
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            path.unlink()
    return len(left)


def _held_here(job: Job) -> tuple[str, ...]:
    """Return the locks that this half holds, after refusing a job that names unknown ones."""
    unknown = [name for name in job.require if name not in LOCKS]
    unsafe = [name for name in job.tables if not _TABLE_NAME.fullmatch(name)]
    if unknown or unsafe:
        raise GateRefused(
            Problem(
                "GATE108",
                "the job names a lock or a table that cannot be",
                why="what is unknown is refused",
                next=f"the locks are: {', '.join(LOCKS)}; a table bears its dataset's id",
            )
        )
    memory = ("memory watch",) if memory_of(os.getpid()) is not None else ()
    return ("own process", "clean environment", "time limit", *memory)


def _lay_out(job: Job, directory: Path, limits: Limits, held: tuple[str, ...]) -> None:
    inward, outward = directory / "in", directory / "out"
    for folder in (inward, outward, outward / "spill"):
        folder.mkdir(mode=0o700)
    (inward / "agreement.json").write_bytes(canonical_json(job.agreement))
    written = {
        "step": job.step,
        "of": job.of,
        "tables": list(job.tables),
        "held": list(held),
        "require": [*ALWAYS, *job.require],
        "limits": asdict(limits),
        "digest": digest(job.agreement),
    }
    (inward / "job.json").write_text(json.dumps(written), encoding="utf-8")
    for number, table in enumerate(job.tables.values()):
        wire.write_table(table, inward / f"{number}.arrow")


def _command(directory: Path) -> tuple[str, ...]:
    """Isolated mode: no PYTHON* variable, no user site, no present folder on the path."""
    return (
        sys.executable,
        "-I",
        "-X",
        "utf8",
        "-B",
        "-c",
        BOOT,
        _PACKAGES,
        str(directory.resolve()),
        str(os.getpid()),
    )


def _environment(directory: Path) -> dict[str, str]:
    """Nothing of the parent's. Windows cannot start a process without its own folder's name."""
    home = str((directory / "out").resolve())
    windows = {"SYSTEMROOT": os.environ["SYSTEMROOT"]} if "SYSTEMROOT" in os.environ else {}
    return {"HOME": home, "TMPDIR": home, "LC_ALL": "C.UTF-8", "TZ": "UTC", **windows}


def _failed(code: str, what: str, why: str, next: str) -> EnvironmentFailed:
    return EnvironmentFailed(Problem(code, what, why=why, next=next))


def _what_happened(ended: Ended, directory: Path, limits: Limits) -> EquipoiseError:
    """Turn the end of a process into the error that says so."""
    if ended.why == "memory":
        return _no_memory(f"it held over {limits.memory >> 20} MiB")
    if ended.why == "time":
        return _failed(
            "GATE102",
            f"the step was stopped: it took over {limits.seconds:g} seconds",
            "a run without an end holds data open",
            "give it more time (hours, under [steps] in the site's equipoise.toml), or fewer rows",
        )
    if (told := _told(directory / "out" / "failed.json")) is not None:
        return told
    names = _ERROR_TYPE.findall(ended.errors)
    how = (
        f"signal {signal.Signals(-ended.code).name}"
        if ended.code < 0
        else f"exit code {ended.code}"
    )
    return _failed(
        "GATE103",
        f"the locked process died ({', '.join([how, *names[-1:]])})",
        "it was killed from outside, ran out of memory, or could not start",
        "run it again; if it dies again, look at the machine's own log",
    )


def _no_memory(what: str) -> EnvironmentFailed:
    return _failed(
        "GATE101",
        f"the step was stopped: {what}",
        "one run must not take the whole machine",
        "give it more memory (GiB, under [steps] in the site's equipoise.toml), or fewer rows or "
        "fields",
    )


def _told(path: Path) -> EquipoiseError | None:
    """Read what the child could still say. Nothing in it but codes, types and lines is ours."""
    try:
        said = json.loads(path.read_text(encoding="utf-8"))
        if "class" in said:
            kind = getattr(errors, said["class"])
            return kind([Problem(**problem) for problem in said["problems"]])  # type: ignore[no-any-return]
        if "trespass" in said:
            return GateRefused(
                Problem(
                    "GATE110",
                    f"the step tried what a locked process refuses: {said['trespass']}",
                    why="a step reads the tables of its run and nothing else",
                    next="report this as a fault of the step",
                )
            )
        if "MemoryError" in said["broke"] or "ArrowMemoryError" in said["broke"]:
            return _no_memory("it asked for more than the machine would give")
        return _failed(
            "GATE104",
            f"the step broke: {', '.join(said['broke'])}",
            f"at {', '.join(said['at'][-3:]) or 'a line of a library'}",
            "report this as a fault of the step; the message is kept back because it "
            "may quote a row",
        )
    except (OSError, ValueError, TypeError, KeyError, AttributeError):
        return None
