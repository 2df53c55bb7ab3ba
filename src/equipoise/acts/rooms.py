"""Rooms at work: one command at a time on an agreement, in a directory of its own, and what a
killed command left is put right by the next one."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from equipoise.acts.files import DRAFT
from equipoise.acts.site import MACHINE, Site

CUT_OFF = ("permitted", "running")
"""The states in which a killed command leaves a run."""


@contextmanager
def at_work(site: Site, reference: str, *, wait: float = 0.0) -> Iterator[None]:
    """Hold an agreement's lock; whoever takes it first puts right what a killed command left.

    What was put right is told in ``site.recovered``. Raises ``StateRefused`` (ACT001) when another
    process works on the agreement, for longer than ``wait`` seconds.
    """
    with site.locks.hold(reference, wait=wait) as taken:
        if taken:
            site.recovered.extend(recover(site, reference))
        yield


@contextmanager
def run_directory(site: Site, reference: str, name: str) -> Iterator[Path]:
    """Make an empty directory that only this user may read, and remove it in every case."""
    directory = site.folder("runs") / reference / name
    directory.mkdir(mode=0o700, parents=True)
    try:
        yield directory
    finally:
        shutil.rmtree(directory, ignore_errors=True)
        with suppress(OSError):  # another directory is in it
            directory.parent.rmdir()


def recover(site: Site, reference: str) -> tuple[str, ...]:
    """Undo what a killed command left, and say so in plain sentences.

    Call it holding the agreement's lock: then whatever is still open belongs to a process that is
    gone. Its permits are abandoned, its run directories (with the unsealed tables in them) removed,
    its runs marked interrupted; the steps already done stay done.
    """
    told: list[str] = []
    for permit in site.store.open_permits():
        if permit["reference"] == reference:
            site.store.permits().clear(permit["permit"])
            told.append(
                f"An earlier command was cut off with a permit to {permit['request']['act']}. "
                "The permit is now marked abandoned."
            )
    for run in site.store.runs(reference):
        if run.state in CUT_OFF:
            with site.store.change(MACHINE) as change:
                change.move_run(run.run, "interrupt")
                change.note(
                    "run interrupted", f"run:{run.run}", site.store.agreement(reference).digest,
                    cause="killed",
                )  # fmt: skip
            told.append(f"Run {run.run} was cut off before it had a result. It starts again.")
    told += [*_remove_files(site, reference), *finish_releases(site, reference)]
    if told:
        with site.locks.alone() as alone:
            if alone:
                site.custody.sweep()
    return tuple(dict.fromkeys(told))


def _remove_files(site: Site, reference: str) -> Iterator[str]:
    work = site.folder("runs") / reference
    for left in work.iterdir() if work.is_dir() else ():
        shutil.rmtree(left)
        yield "Unsealed working files of an earlier command were removed."
    with suppress(FileNotFoundError):
        work.rmdir()
    for draft in (site.folder("parcels") / reference).glob(f"*{DRAFT}"):
        draft.unlink()
        yield "A parcel that was cut off before it was whole was removed."


def finish_releases(site: Site, reference: str) -> tuple[str, ...]:
    """Give recorded releases their file names after a crash, and remove drafts without a record."""
    told = []
    for run in site.store.runs(reference):
        recorded = {site.directory / released.path for released in run.releases}
        for draft in site.folder("outbox").glob(f"*/{run.run}.zip*{DRAFT}"):
            path = draft.with_name(draft.name.removesuffix(DRAFT))
            if path in recorded:
                draft.replace(path)
                told.append(
                    f"The release {path.name} was on the ledger; its file now has its name."
                )
            else:
                draft.unlink()
                told.append("A release that was cut off before it was recorded did not happen.")
    return tuple(told)
