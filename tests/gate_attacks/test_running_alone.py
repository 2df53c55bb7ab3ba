"""How a run alone ends: well, refused, broken or killed; what is told, and what is left behind."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from locked import AGREEMENT, NO_KERNEL, TABLES, run

from equipoise.carry.outputs import Result
from equipoise.errors import EnvironmentFailed, EquipoiseError, GateRefused, ResultRefused
from equipoise.gate import room
from equipoise.gate.locks import Limits
from equipoise.gate.promises import ALWAYS, LOCKS
from equipoise.gate.room import Job, Outcome, run_alone, sweep
from equipoise.gate.steps import find_step

LINUX = sys.platform.startswith("linux")


def fails(kind: type[EquipoiseError], code: str, folder: Path, do: str, **named: Any) -> str:
    """Run a behaviour that must fail so; return everything that was said about it."""
    with pytest.raises(kind) as failure:
        run(folder, {"do": do}, **named)
    assert [problem.code for problem in failure.value.problems] == [code]
    assert not list(folder.iterdir()), "something was left in the run directory"
    return str(failure.value)


def test_a_step_runs_alone_and_its_result_comes_back(tmp_path: Path) -> None:
    heard: list[tuple[float, str]] = []
    outcome = run(
        tmp_path,
        {"do": "well"},
        measure=True,
        on_progress=lambda share, doing: heard.append((share, doing)),
    )
    assert outcome.result.outputs[0].table.to_pydict() == {"n": [2]}
    assert heard == [(0.0, "beginning"), (0.5, "x" * 200), (1.0, "ending")]
    assert outcome.seconds > 0
    assert 20 << 20 < outcome.peak_memory < 2 << 30
    assert not list(tmp_path.iterdir())


@pytest.mark.skipif(not LINUX, reason="other platforms give fewer locks")
def test_every_lock_of_this_platform_holds(tmp_path: Path) -> None:
    outcome = run(tmp_path, {"do": "well"}, require=tuple(LOCKS))
    assert outcome.locks == tuple(LOCKS)
    assert outcome.missing == {}


def test_locks_that_the_platform_does_not_give_are_named(tmp_path: Path) -> None:
    outcome = run(tmp_path, {"do": "well"}, weaken=NO_KERNEL)
    assert set(ALWAYS) <= set(outcome.locks)
    assert "no network" not in outcome.locks
    assert outcome.missing["no network"] == "not this platform"


def test_a_demanded_lock_that_cannot_be_held_stops_the_run(tmp_path: Path) -> None:
    said = fails(
        GateRefused,
        "GATE100",
        tmp_path,
        "well",
        weaken=NO_KERNEL,
        require=("no network",),
        measure=True,
    )
    assert "no network: not this platform" in said


def test_another_agreement_in_the_run_directory_stops_the_run(tmp_path: Path) -> None:
    swapped = "import equipoise.agree.canonical as c; c.digest = lambda agreement: 'another'"
    fails(GateRefused, "GATE108", tmp_path, "well", weaken=swapped, measure=True)


def test_a_lock_nobody_knows_stops_the_run(tmp_path: Path) -> None:
    fails(GateRefused, "GATE108", tmp_path, "well", require=("no gravity",))


def test_too_much_memory_is_said_to_be_that(tmp_path: Path) -> None:
    limits = Limits(memory=700 << 20, seconds=120)
    assert "700 MiB" in fails(EnvironmentFailed, "GATE101", tmp_path, "hog", limits=limits)


def test_memory_that_the_machine_does_not_give_is_said_to_be_that(tmp_path: Path) -> None:
    said = fails(EnvironmentFailed, "GATE101", tmp_path, "ask for a terabyte")
    assert "equipoise.toml" in said


def test_too_long_is_said_to_be_that(tmp_path: Path) -> None:
    began = time.monotonic()
    limits = Limits(seconds=8)
    assert "8 seconds" in fails(EnvironmentFailed, "GATE102", tmp_path, "sleep", limits=limits)
    assert time.monotonic() - began < 60


def test_closing_every_pipe_does_not_outlast_the_time(tmp_path: Path) -> None:
    fails(EnvironmentFailed, "GATE102", tmp_path, "close everything", limits=Limits(seconds=8))


@pytest.mark.parametrize(
    ("do", "how"), [("exit", "exit code 3"), ("abort", "SIGABRT"), ("broken answer", "exit code 4")]
)
def test_a_crash_is_said_to_be_that(do: str, how: str, tmp_path: Path) -> None:
    assert how in fails(EnvironmentFailed, "GATE103", tmp_path, do)


def test_a_file_may_not_grow_without_end(tmp_path: Path) -> None:
    limits = Limits(file_bytes=8 << 20)
    said = fails(EnvironmentFailed, "GATE104", tmp_path, "big file", limits=limits)
    assert "OSError" in said


def test_the_message_of_an_error_stays_inside_because_it_may_quote_a_row(tmp_path: Path) -> None:
    said = fails(EnvironmentFailed, "GATE104", tmp_path, "leak an error", measure=True)
    assert "ValueError" in said
    assert "KeyError" in said
    assert "AB123456C" not in said
    assert "Amara" not in said


def test_a_steps_own_refusal_comes_out_whole(tmp_path: Path) -> None:
    said = fails(ResultRefused, "USE999", tmp_path, "refuse", measure=True)
    assert "the cohort is too small" in said
    assert "uses.entitled" in said


@pytest.mark.parametrize("do", ["junk", "leave"])
def test_what_cannot_travel_does_not(do: str, tmp_path: Path) -> None:
    fails(EnvironmentFailed, "GATE104", tmp_path, do)


def test_a_result_that_is_no_result_is_told_by_its_type(tmp_path: Path) -> None:
    outcome = run(tmp_path, {"do": "text"})
    assert outcome.value == "text"
    with pytest.raises(TypeError):
        _ = outcome.result


def test_a_result_that_is_not_whole_is_none(tmp_path: Path) -> None:
    fails(EnvironmentFailed, "GATE105", tmp_path, "no result")


def test_a_step_that_tries_the_locks_is_told_on(tmp_path: Path) -> None:
    assert "os.system" in fails(GateRefused, "GATE110", tmp_path, "trespass", measure=True)


def test_a_step_that_asks_the_engine_for_more_is_told_on(tmp_path: Path) -> None:
    fails(GateRefused, "GATE111", tmp_path, "two statements", measure=True)


@pytest.mark.parametrize("do", ["noise", "forge"])
def test_what_a_step_prints_says_nothing_of_its_locks(do: str, tmp_path: Path) -> None:
    outcome = run(tmp_path, {"do": do})
    assert outcome.result == Result(())
    assert "a lock of my own" not in outcome.locks
    assert set(ALWAYS) <= set(outcome.locks)
    assert outcome.peak_memory > 1 << 20


def test_an_interrupt_of_the_parent_kills_the_step(tmp_path: Path) -> None:
    children: list[int] = []

    def interrupt(share: float, doing: str) -> None:
        listed = Path(f"/proc/{os.getpid()}/task/{os.getpid()}/children").read_text()
        children.extend(int(number) for number in listed.split())
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run(tmp_path, {"do": "well"}, on_progress=interrupt)
    assert children
    assert not any(Path(f"/proc/{number}").exists() for number in children)
    assert not list(tmp_path.iterdir())


@pytest.mark.skipif(not LINUX, reason="the kernel kills orphans on Linux only")
def test_a_step_dies_with_its_parent_even_when_that_is_killed(tmp_path: Path) -> None:
    script = (
        "import sys; sys.path[:0] = sys.argv[2:]\n"
        "from pathlib import Path; from locked import run\n"
        "run(Path(sys.argv[1]), {'do': 'sleep'})\n"
    )
    here = str(Path(__file__).parent)
    packages = str(Path(room.__file__).parents[2])
    parent = subprocess.Popen([sys.executable, "-c", script, str(tmp_path), here, packages])
    try:
        child = _first_child(parent.pid, tmp_path)
    finally:
        parent.kill()
        parent.wait()
    assert _gone(child)
    assert sweep(tmp_path) == 2  # what the killed run left: its two folders
    assert not list(tmp_path.iterdir())


def _first_child(parent: int, directory: Path) -> int:
    """Wait until the parent's step is under its locks, and return its process number."""
    for _ in range(1200):
        listed = Path(f"/proc/{parent}/task/{parent}/children").read_text().split()
        if listed and "NoNewPrivs:\t1" in Path(f"/proc/{listed[0]}/status").read_text():
            return int(listed[0])
        time.sleep(0.05)
    raise AssertionError("the step never started")


def _gone(process: int) -> bool:
    for _ in range(200):
        status = Path(f"/proc/{process}/status")
        if not status.exists() or "State:\tZ" in status.read_text():
            return True
        time.sleep(0.05)
    return False


# -- before anything starts ------------------------------------------------------------------------


def refused(code: str, job: Job, folder: Path) -> None:
    with pytest.raises(EquipoiseError) as refusal:
        run_alone(job, folder)
    assert [problem.code for problem in refusal.value.problems] == [code]


@pytest.mark.parametrize("step", ["attack", "os.system", "equipoise.gate.room:sweep", "", "Use"])
def test_only_the_steps_of_the_datas_way_can_be_named(step: str, tmp_path: Path) -> None:
    refused("GATE106", Job(step, AGREEMENT, "entitled", TABLES), tmp_path)


@pytest.mark.parametrize("name", ["../../etc", 'x"; DROP TABLE y', "", "Tax", "a" * 200, "a\n"])
def test_a_table_bears_a_plain_name(name: str, tmp_path: Path) -> None:
    refused("GATE108", Job("use", AGREEMENT, "entitled", {name: pa.table({})}), tmp_path)


def test_a_directory_with_something_of_another_run_is_refused(tmp_path: Path) -> None:
    (tmp_path / "left").write_text("rows")
    refused("GATE109", Job("use", AGREEMENT, "entitled", TABLES), tmp_path)
    assert (tmp_path / "left").read_text() == "rows"


def test_sweeping_removes_links_and_never_what_they_point_at(tmp_path: Path) -> None:
    kept, folder = tmp_path / "kept", tmp_path / "run"
    kept.mkdir()
    (kept / "file").write_text("x")
    folder.mkdir()
    (folder / "link").symlink_to(kept)
    (folder / "file").write_text("x")
    assert sweep(folder) == 2
    assert (kept / "file").read_text() == "x"


# -- the real steps --------------------------------------------------------------------------------


def real(step: str, of: str, tables: dict[str, pa.Table], folder: Path) -> Outcome:
    return run_alone(Job(step, AGREEMENT, of, tables), folder)


def test_the_flag_of_the_agreement_is_computed_in_the_locked_process(tmp_path: Path) -> None:
    key = pa.array([1, 2, 3], pa.uint64())
    tables: dict[str, pa.Table] = {
        "tax_credits": pa.table({"on_credit": [True, True, False], "pseudonym_person": key}),
        "properties": pa.table({"cost_score": [90.0, 10.0, 90.0], "pseudonym_home": key}),
    }
    for supplier in ("brightgas", "northlight", "homewarm"):
        tables[f"customers_{supplier}"] = pa.table(
            {"account": ["a1", "a2", "a3"], "pseudonym_person": key, "pseudonym_home": key}
        )
    outcome = real("use", "entitled", tables, tmp_path)
    flags = {output.party: output.table for output in outcome.result.outputs}
    assert flags["brightgas"].select(["account", "flag"]).sort_by("account").to_pydict() == {
        "account": ["a1", "a2", "a3"],
        "flag": ["yes", "no", "no"],
    }


def test_a_use_that_was_not_agreed_has_no_step(tmp_path: Path) -> None:
    with pytest.raises(GateRefused) as refusal:
        real("use", "browse", TABLES, tmp_path)
    assert refusal.value.problems[0].code == "GATE107"


@pytest.mark.parametrize("of", ["browse", "home", "", "entitled\n"])
def test_no_step_is_found_for_another_name(of: str) -> None:
    with pytest.raises(GateRefused) as refusal:
        find_step("use", AGREEMENT, of)
    assert refusal.value.problems[0].code == "GATE107"


def test_linking_happens_in_the_locked_process(tmp_path: Path) -> None:
    token = [b"%016d" % number for number in range(3)]
    encoded = pa.table({
        "row_id": pa.array(token, pa.binary(16)), "home.0": pa.array(token, pa.binary(16)),
    })  # fmt: skip
    tables = {"properties": encoded}
    for supplier in ("brightgas", "northlight", "homewarm"):
        tables[f"customers_{supplier}"] = encoded
    linked = real("link", "home", tables, tmp_path).value
    assert linked.members.num_rows == 12
    assert linked.report.spine_rows == 3
    assert [one.linked for one in linked.report.datasets] == [3, 3, 3]
