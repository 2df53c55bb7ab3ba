"""The compiled kernel: ``kernel.c``, built when the package is installed, loaded by ctypes.

It has the functions of ``kernel_numpy`` with the same arguments and answers. While it works the
interpreter is free, so that pieces of work run on as many threads as there are cores.
"""

from __future__ import annotations

import ctypes
import sys
from functools import cache
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from equipoise.carry.link.blocks import Keys, Tiles
from equipoise.carry.link.levels import DIFFER
from equipoise.carry.link.plan import MOST_FIELDS, Plan, Weighing
from equipoise.errors import EnvironmentFailed, Problem

LIBRARY: Final = Path(__file__).with_name(
    "_kernel.dll" if sys.platform == "win32" else "_kernel.so"
)
LAYOUT: Final = 1
_Places = npt.NDArray[np.int64]
_Hits = tuple[
    npt.NDArray[np.int32],
    npt.NDArray[np.int32],
    npt.NDArray[np.int64],
    npt.NDArray[np.int32],
]
_pointer, _long, _int = ctypes.c_void_p, ctypes.c_int64, ctypes.c_int32


class _Field(ctypes.Structure):
    _fields_ = (
        ("lines", _pointer),
        ("width", _long),
        ("tests", _pointer),
        ("count", _int),
        ("levels", _int),
        ("stride", _long),
    )


class _Plan(ctypes.Structure):
    _fields_ = (
        ("fields", _int),
        ("left", _pointer),
        ("right", _pointer),
        ("field", ctypes.POINTER(_Field)),
    )


class _Weighing(ctypes.Structure):
    _fields_ = (
        ("levels", _pointer * MOST_FIELDS),
        ("exact", _pointer * MOST_FIELDS),
        ("bound", _int * MOST_FIELDS),
        ("order", _int * MOST_FIELDS),
        ("least", _int),
    )


class _Work(ctypes.Structure):
    _fields_ = (
        ("order_left", _pointer),
        ("order_right", _pointer),
        ("ranges", _pointer),
        ("from_", _long),
        ("to", _long),
        ("earlier_left", _pointer),
        ("earlier_right", _pointer),
        ("rows_left", _long),
        ("rows_right", _long),
        ("earlier", _int),
        ("within", _int),
    )


_SIGNATURES: Final[dict[str, tuple[Any, tuple[Any, ...]]]] = {
    "eq_layout": (ctypes.c_int, ()),
    "eq_patterns": (None, (_pointer, _long, _pointer, _pointer, _pointer)),
    "eq_count": (ctypes.c_int, (_pointer, _pointer, _pointer)),
    "eq_counts_used": (_long, (_pointer,)),
    "eq_counts_take": (None, (_pointer, _pointer, _pointer)),
    "eq_score": (ctypes.c_int, (_pointer, _pointer, _pointer, _pointer)),
    "eq_hits_used": (_long, (_pointer,)),
    "eq_hits_take": (None, (_pointer,) * 5),
    "eq_order": (ctypes.c_int, (_pointer, _long, _pointer)),
    "eq_meet": (_long, (_pointer, _pointer, _long, _pointer, _pointer, _long, _pointer)),
}


@cache
def library(path: Path = LIBRARY) -> ctypes.CDLL | None:
    """Return the compiled kernel, None where it is not there or does not run on this machine."""
    try:
        loaded = ctypes.CDLL(str(path))
        for name, (result, arguments) in _SIGNATURES.items():
            function = getattr(loaded, name)
            function.restype, function.argtypes = result, arguments
    except (OSError, AttributeError):
        return None
    return loaded if loaded.eq_layout() == LAYOUT else None


def meeting(
    left: Keys, right: Keys
) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.int32], _Places]:
    """As ``kernel_numpy.meeting``."""
    order_left = _order(left)
    order_right = order_left if right is left else _order(right)
    ranges = np.empty((min(len(left), len(right)), 4), np.int64)
    found = _loaded().eq_meet(
        left.ctypes.data,
        order_left.ctypes.data,
        len(left),
        right.ctypes.data,
        order_right.ctypes.data,
        len(right),
        ranges.ctypes.data,
    )
    return order_left, order_right, ranges[:found].copy()


def count(
    plan: Plan, tiles: Tiles, ranges: _Places, earlier: tuple[Keys, Keys], within: bool
) -> tuple[_Places, _Places]:
    """As ``kernel_numpy.count``; patterns come in no order."""
    native, laid = _loaded(), _laid(plan)
    work = _work(tiles, ranges, earlier, within)
    made = ctypes.c_void_p()
    fault = native.eq_count(ctypes.byref(laid), ctypes.byref(work), ctypes.byref(made))
    used = 0 if fault or not made else native.eq_counts_used(made)
    patterns, counts = np.empty(used, np.int64), np.empty(used, np.int64)
    if made:
        where = (None, None) if fault else (patterns.ctypes.data, counts.ctypes.data)
        native.eq_counts_take(made, *where)
    _check(fault)
    return patterns, counts


def score(
    plan: Plan,
    weighing: Weighing,
    tiles: Tiles,
    ranges: _Places,
    earlier: tuple[Keys, Keys],
    within: bool,
) -> _Hits:
    """As ``kernel_numpy.score``."""
    native, laid = _loaded(), _laid(plan)
    work, weights = _work(tiles, ranges, earlier, within), _weights(weighing)
    made = ctypes.c_void_p()
    fault = native.eq_score(
        ctypes.byref(laid), ctypes.byref(weights), ctypes.byref(work), ctypes.byref(made)
    )
    used = 0 if fault or not made else native.eq_hits_used(made)
    left, right, weight = (np.empty(used, np.int32) for _ in range(3))
    hits = (left, right, np.empty(used, np.int64), weight)
    if made:
        native.eq_hits_take(made, *((None if fault else hit.ctypes.data) for hit in hits))
    _check(fault)
    return hits


def patterns_at(plan: Plan, left: _Places, right: _Places) -> _Places:
    """As ``kernel_numpy.patterns_at``."""
    laid = _laid(plan)
    one, two = left.astype(np.int32), right.astype(np.int32)
    patterns = np.empty(len(one), np.int64)
    _loaded().eq_patterns(
        ctypes.byref(laid), len(one), one.ctypes.data, two.ctypes.data, patterns.ctypes.data
    )
    return patterns


def _loaded() -> ctypes.CDLL:
    loaded = library()
    assert loaded is not None, "the caller looked whether the kernel is there"
    return loaded


def _order(keys: Keys) -> npt.NDArray[np.int32]:
    order = np.empty(len(keys), np.int32)
    _check(_loaded().eq_order(keys.ctypes.data, len(keys), order.ctypes.data))
    return order


def _laid(plan: Plan) -> _Plan:
    fields = (_Field * len(plan.names))()
    for place, field in enumerate(fields):
        lines, tests = plan.lines[place], plan.programs[place]
        field.lines, field.width = lines.ctypes.data, lines.shape[1]
        field.tests, field.count = tests.ctypes.data, len(tests)
        field.levels, field.stride = plan.radices[place], int(plan.strides[place])
    return _Plan(len(plan.names), plan.left.ctypes.data, plan.right.ctypes.data, fields)


def _weights(weighing: Weighing) -> _Weighing:
    made = _Weighing(least=weighing.least)
    gains = []
    for place, (levels, exact) in enumerate(zip(weighing.levels, weighing.exact, strict=True)):
        made.levels[place] = levels.ctypes.data
        made.exact[place] = exact.ctypes.data if len(exact) else None
        made.bound[place] = int(levels[DIFFER:-1].max())
        gains.append(int(levels[DIFFER:-1].max()) - int(levels[DIFFER]))
    # The field whose bound is likely to fall furthest is looked at first.
    for rank, place in enumerate(sorted(range(len(gains)), key=lambda place: -gains[place])):
        made.order[rank] = place
    return made


def _work(tiles: Tiles, ranges: _Places, earlier: tuple[Keys, Keys], within: bool) -> _Work:
    left, right = earlier
    return _Work(
        tiles.left.ctypes.data,
        tiles.right.ctypes.data,
        ranges.ctypes.data,
        0,
        len(ranges),
        left.ctypes.data,
        right.ctypes.data,
        left.shape[1],
        right.shape[1],
        len(left),
        int(within),
    )


def _check(fault: int) -> None:
    if fault:
        raise EnvironmentFailed(
            Problem(
                "LNK106",
                "there is not enough memory to compare the pairs",
                why="counts and pairs above the threshold are held in memory",
                next="use narrower blocking rules, a higher threshold, or a larger machine",
            )
        )
