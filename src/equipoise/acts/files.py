"""Write files whole: under a draft name, onto the disk, and only then under their own name."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

DRAFT = ".part"
"""The ending of a file that is not whole yet, or not yet on the ledger."""


def draft_of(path: Path) -> Path:
    """Return the draft name of ``path``."""
    return path.with_name(path.name + DRAFT)


@contextmanager
def drafting(path: Path) -> Iterator[BinaryIO]:
    """Open the draft of ``path`` for writing; at the end it is through to the disk.

    A draft that could not be written whole, as on a full disk, is removed.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = draft_of(path)
    try:
        with draft.open("wb") as handle:
            yield handle
            handle.flush()
            os.fsync(handle.fileno())
    except BaseException:
        draft.unlink(missing_ok=True)
        raise


def write_draft(path: Path, data: bytes) -> Path:
    """Write ``data`` beside ``path`` under its draft name, as ``drafting``; return the draft."""
    with drafting(path) as handle:
        handle.write(data)
    return draft_of(path)


def write_whole(path: Path, data: bytes) -> Path:
    """Write ``data`` to ``path``: all of it, or the file stays as it was. Return ``path``."""
    write_draft(path, data).replace(path)
    return path
