"""Run directories: where a locked process works, and what a crash may leave behind."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from equipoise.acts.site import MACHINE, Site


@contextmanager
def run_directory(site: Site, name: str) -> Iterator[Path]:
    """Make an empty directory that only this user may read, and remove it in every case."""
    directory = site.folder("runs") / name
    directory.mkdir(mode=0o700, parents=True)
    try:
        yield directory
    finally:
        shutil.rmtree(directory, ignore_errors=True)


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
    running = [run for run in site.store.runs(reference) if run.state == "running"]
    for run in running:
        with site.store.change(MACHINE) as change:
            change.move_run(run.run, "interrupt")
            change.note("run interrupted", f"run:{run.run}", run_digest(site, run.reference))
        told.append(f"Run {run.run} was cut off before it had a result. It starts again.")
    for left in site.folder("runs").iterdir():
        if left.is_dir():
            shutil.rmtree(left, ignore_errors=True)
            told.append("Unsealed working files of an earlier command were removed.")
    return tuple(dict.fromkeys(told))


def run_digest(site: Site, reference: str) -> str:
    """Return the digest of the agreement that a run belongs to."""
    return site.store.agreement(reference).digest
