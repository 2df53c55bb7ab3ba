"""Write files whole: under a draft name, onto the disk, and only then under their own name."""

from __future__ import annotations

import os
from pathlib import Path

DRAFT = ".part"
"""The ending of a file that is not whole yet, or not yet on the ledger."""


def write_draft(path: Path, data: bytes) -> Path:
    """Write ``data`` beside ``path`` under its draft name, through to the disk; return the draft.

    A draft that could not be written whole, as on a full disk, is removed.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(path.name + DRAFT)
    try:
        with draft.open("wb") as handle:
            handle.write(data)
            handle.flush()
            os.fsync(handle.fileno())
    except OSError:
        draft.unlink(missing_ok=True)
        raise
    return draft


def write_whole(path: Path, data: bytes) -> Path:
    """Write ``data`` to ``path``: all of it, or the file stays as it was. Return ``path``."""
    write_draft(path, data).replace(path)
    return path
