"""A command that is cut off - killed, or by a full disk - leaves nothing half done: the next one
says what happened, undoes what was open, and goes on."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from sites import (
    DATASETS,
    REBATE,
    Stages,
    codes,
    command,
    drafts,
    killed_at,
    killed_when,
    no_work_left,
    verified,
)

from equipoise.acts.site import Site, open_site
from equipoise.errors import StateRefused

pytestmark = pytest.mark.skipif(os.name != "posix", reason="kill -9 and flock are POSIX")


def goes_on(site: Site, stages: Stages, tmp_path: Path) -> str:
    """Give the same command again, hold the site to its promises; return what was put right."""
    again = command(
        "run", stages.source, "--data", stages.data, "--practice", "--site", site.directory
    )
    assert again.returncode == 0, again.stdout + again.stderr
    opened = open_site(site.directory)
    assert [run.state for run in opened.store.runs()] == ["released"]
    assert no_work_left(opened) == [] and drafts(opened) == []
    assert opened.store.open_permits() == ()
    assert opened.store.deliveries(REBATE) == ()  # erased after use
    assert verified(opened, tmp_path).releases == 3
    return again.stderr


@pytest.mark.parametrize(
    ("stage", "words"),
    [
        pytest.param("signed", "packed", marks=pytest.mark.slow),
        pytest.param("received", "linked", marks=pytest.mark.slow),
        pytest.param("linked", "The gate permitted run", marks=pytest.mark.slow),
        ("linked", "started alone"),
        pytest.param("approved", "released entitled to northlight", marks=pytest.mark.slow),
    ],
)
def test_after_kill_9_the_next_command_says_what_happened_and_goes_on(
    site_at: Callable[..., Site], stages: Stages, tmp_path: Path, stage: str, words: str
) -> None:
    site = site_at(stage)
    killed_at(
        words, "run", stages.source, "--data", stages.data, "--practice", "--site", site.directory
    )
    told = goes_on(site, stages, tmp_path)
    assert "cut off" in told, told
    if words == "started alone":
        assert "It starts again." in told
        acts = [entry.act for entry in open_site(site.directory).store.entries()]
        assert acts.count("run interrupted") == 1 and acts.count("run requested") == 1


@pytest.mark.slow
def test_a_link_killed_midway_leaves_no_unsealed_table(
    site_at: Callable[..., Site], stages: Stages, tmp_path: Path
) -> None:
    site = site_at("received")
    work = site.folder("runs") / REBATE

    def tables_lie_open() -> bool:
        return any(work.glob("link-*/in/*.arrow"))

    killed_when(tables_lie_open, "run", stages.source, "--practice", "--site", site.directory)
    assert [*work.glob("link-*")], "it was killed in the middle"
    told = goes_on(site, stages, tmp_path)
    assert "permit to link" in told and "working files" in told


@pytest.mark.slow
def test_a_packing_killed_midway_leaves_no_rows_and_no_parcel(
    site_at: Callable[..., Site], stages: Stages, tmp_path: Path
) -> None:
    site = site_at("signed")
    work = site.folder("runs") / REBATE

    def rows_lie_open() -> bool:
        return any(work.glob("pack-*/rows.arrow"))

    killed_when(rows_lie_open, "run", stages.source, "--data", stages.data, "--practice",
                "--site", site.directory)  # fmt: skip
    assert rows_lie_open(), "it was killed in the middle"
    told = goes_on(site, stages, tmp_path)
    assert "permit to pack" in told and "working files" in told
    assert not any(work.glob("pack-*"))


def test_another_agreements_work_is_left_alone(
    site_at: Callable[..., Site], stages: Stages
) -> None:
    """What is open under one agreement may be at work while another is put right."""
    from equipoise.acts.rooms import at_work, run_directory

    site = site_at("signed")
    with run_directory(site, "another@1", "at-work") as directory:
        (directory / "table.arrow").write_bytes(b"unsealed")
        with at_work(open_site(site.directory), REBATE):
            assert (directory / "table.arrow").exists()
    assert no_work_left(site) == []


def test_two_commands_on_one_agreement_do_not_run_at_once(
    site_at: Callable[..., Site], stages: Stages
) -> None:
    site = site_at("released")
    with site.locks.hold(REBATE):
        second = command("erase", REBATE, "--site", site.directory)
        assert second.returncode == 8 and "ACT001" in second.stderr
        with site.locks.hold(REBATE) as taken:  # the same command may go deeper
            assert not taken
        with pytest.raises(StateRefused) as refused, open_site(site.directory).locks.hold(REBATE):
            pass
        assert codes(refused) == ["ACT001"]
    assert command("erase", REBATE, "--site", site.directory).returncode == 0


def test_a_lock_is_waited_for_where_that_is_wished(site_at: Callable[..., Site]) -> None:
    import threading

    site = site_at("signed")
    other = open_site(site.directory)
    release = threading.Event()
    taken = threading.Event()

    def keep() -> None:
        with other.locks.hold("register"):
            taken.set()
            release.wait(10)

    keeper = threading.Thread(target=keep)
    keeper.start()
    taken.wait(10)
    with pytest.raises(StateRefused), site.locks.hold("register", wait=0.1):
        pass
    threading.Timer(0.2, release.set).start()
    with site.locks.hold("register", wait=10) as mine:
        assert mine
    keeper.join()


def test_keys_and_files_that_no_record_names_are_swept_only_when_alone(
    site_at: Callable[..., Site],
) -> None:
    from equipoise.acts.rooms import at_work

    site = site_at("received")
    (sealed, *_) = site.folder("rooms").rglob("*.age")
    half = sealed.with_name(".0000.part")
    draft = site.folder("parcels") / REBATE / "properties--payload--x.part"
    for other_at_work in (True, False):
        half.write_bytes(b"half")
        draft.parent.mkdir(parents=True, exist_ok=True)
        draft.write_bytes(b"half")
        mine = open_site(site.directory)
        if other_at_work:
            with site.locks.hold("another@1"), at_work(mine, REBATE):
                assert half.exists()
        else:
            with at_work(mine, REBATE):
                assert not half.exists()
        assert not draft.exists() and mine.recovered
    assert sealed.exists()


FULL = """
import resource, signal
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, ({limit}, {limit}))
"""


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="RLIMIT_FSIZE stands in for a full disk")
@pytest.mark.parametrize(
    ("stage", "limit"),
    [
        pytest.param("signed", 8_000, marks=pytest.mark.slow),
        pytest.param("signed", 60_000, marks=pytest.mark.slow),
        ("received", 60_000),
    ],
)
def test_a_full_disk_is_told_and_the_next_command_goes_on(
    site_at: Callable[..., Site], stages: Stages, tmp_path: Path, stage: str, limit: int
) -> None:
    """No file may grow beyond a limit: the parcels, the database's journal, or the tables of a run
    meet it, as they meet the end of a disk."""
    site = site_at(stage)
    words = ("run", stages.source, "--data", stages.data, "--practice", "--site", site.directory)
    failed = command(*words, before=FULL.format(limit=limit))
    assert failed.returncode == 9, failed.stdout + failed.stderr
    assert "Traceback" not in failed.stderr and "Next:" in failed.stderr
    parcels = [p for p in site.folder("parcels").rglob("*") if p.is_file()]
    assert parcels == [] and not [*site.folder("outbox").rglob("*.zip*")]
    held = {each.dataset for each in open_site(site.directory).store.deliveries(REBATE)}
    assert held <= set(DATASETS)
    goes_on(site, stages, tmp_path)
