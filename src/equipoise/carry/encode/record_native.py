"""The compiled part of record-level filters (``carry/link/record.c``), loaded by ctypes.

It lies in the linking kernel's library. Where that is missing, ``library`` gives None and numpy
does the same more slowly. While it works the interpreter is free.
"""

from __future__ import annotations

import ctypes
import sys
from functools import cache
from pathlib import Path
from typing import Any, Final

_pointer, _long, _int = ctypes.c_void_p, ctypes.c_int64, ctypes.c_int32

LIBRARY: Final = (
    Path(__file__)
    .parents[1]
    .joinpath("link", "_kernel.dll" if sys.platform == "win32" else "_kernel.so")
)

_SIGNATURES: Final[dict[str, tuple[Any, tuple[Any, ...]]]] = {
    "eqr_filters": (
        _int,
        (_pointer, _long, _long, _long, _int, _pointer, _pointer, _long, _pointer),
    ),
    "eqr_all": (_int, (_pointer, _long, _long, _long, _pointer)),
    "eqr_ranges": (_int, (_pointer, _pointer, _pointer, _pointer, _long, _long, _pointer)),
    "eqr_free": (None, (_pointer,)),
    "eqr_keys": (None, (_pointer, _long, _long, _pointer, _long, _long, _pointer)),
}


class Line(ctypes.Structure):
    """One line of the plan: see ``record.c``."""

    _fields_ = (
        ("codes", _pointer),
        ("slots", _pointer),
        ("bits", _long),
        ("salts", _long),
        ("salt_codes", _pointer * 2),
        ("salt_words", _pointer * 2),
        ("own", ctypes.c_uint64),
    )


@cache
def library(path: Path = LIBRARY) -> ctypes.CDLL | None:
    """Return the compiled library, None where it is not there or lacks a function."""
    try:
        loaded = ctypes.CDLL(str(path))
        for name, (result, arguments) in _SIGNATURES.items():
            function = getattr(loaded, name)
            function.restype, function.argtypes = result, arguments
    except (OSError, AttributeError):
        return None
    return loaded
