"""Start a real locked process on a hostile step.

Production has no way to name such a step: the table of steps is fixed and its modules are those of
``equipoise.carry``. Here the child is started with another first line, which loads the hostile file
under such a name and puts it into the table of that one process.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from lawful import world

from equipoise.gate import room, steps
from equipoise.gate.locks import Limits
from equipoise.gate.room import Job, Outcome
from equipoise.gate.watch import Ended, watch

AGREEMENT = world().agreement
TABLES = {
    "tax_credits": pa.table({"pseudonym_home": pa.array([1, 2, 3], pa.uint64())}),
    "properties": pa.table({"pseudonym_home": pa.array([2, 3, 4], pa.uint64())}),
}
_FIRST = f"""
import sys; sys.path.insert(0, sys.argv[1])
from pathlib import Path
out = Path(sys.argv[2]) / "out"
if {{measured!r}}:
    import coverage
    measure = coverage.Coverage(data_file=None, branch=True, source=["equipoise.gate", "equipoise.engine"])
    measure.start(); measure.get_data()._connect()
import importlib.util, json
hostile = {{{{}}}}
for name in ("attack_steps", "attack_behaviours"):
    spec = importlib.util.spec_from_file_location(name, Path({str(Path(__file__).parent)!r}, name + ".py"))
    module = importlib.util.module_from_spec(spec)
    sys.modules["equipoise.carry." + name] = module
    spec.loader.exec_module(module)
    hostile.update(module.ATTACKS)
sys.modules["equipoise.carry.attack_steps"].ATTACKS = hostile
from equipoise.gate import guard, inside, locks, steps
kind = lambda agreement, of: "answer" if "do" in json.loads(of) else "sql" if "sql" in json.loads(of) else "try"
steps.STEPS = {{{{"attack": steps.Step("equipoise.carry.attack_steps", "ATTACKS", kind)}}}}
{{weaken}}
code = inside.main(Path(sys.argv[2]), int(sys.argv[3]))
if {{measured!r}}:
    measure.stop()
    out.joinpath("coverage.bin").write_bytes(measure.get_data().dumps())
sys.exit(code)
"""  # noqa: E501
NO_GUARD = "guard.stand_guard = lambda read, write: None; inside._only_engine = lambda c: None"
NO_KERNEL = (
    "locks.hold_kernel = lambda directory, parent, limits: "
    "locks.Held([], {'no network': 'not this platform'})"
)


def run(
    directory: Path,
    of: dict[str, Any],
    *,
    weaken: str = "",
    measure: bool = False,
    limits: Limits | None = None,
    require: tuple[str, ...] = (),
    on_progress: Callable[[float, str], None] = lambda share, doing: None,
) -> Outcome:
    """Run a hostile step in a locked process and return what came back.

    ``weaken`` is Python for the child to do before it locks itself; ``measure`` takes part in the
    coverage of the tests, which makes the child slow and so is for a few runs only.
    """
    directory.mkdir(exist_ok=True)
    job = Job("attack", AGREEMENT, json.dumps(of), TABLES, require)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(
            steps, "STEPS", {"attack": steps.Step("equipoise.carry.attack_steps", "ATTACKS")}
        )
        patch.setattr(room, "BOOT", _FIRST.format(measured=measure and measured(), weaken=weaken))
        patch.setattr(room, "watch", _watch_and_keep)
        return room.run_alone(job, directory, on_progress=on_progress, limits=limits)


def measured() -> bool:
    """Say whether the tests run under coverage."""
    coverage = sys.modules.get("coverage")
    return coverage is not None and coverage.Coverage.current() is not None


def _watch_and_keep(*arguments: Any, **named: Any) -> Ended:
    """Take the child's coverage out of the run directory before it is swept."""
    ended = watch(*arguments, **named)
    data = named["directory"] / "out" / "coverage.bin"
    if data.is_file():
        from coverage import Coverage, CoverageData

        current = Coverage.current()
        assert current is not None
        kept = CoverageData(
            basename=str(Path(current.config.data_file)), suffix=f"locked.{os.getpid()}.{id(ended)}"
        )
        kept.loads(data.read_bytes())
        kept.write()
    return ended
