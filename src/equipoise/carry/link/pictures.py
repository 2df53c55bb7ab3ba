"""The quality of a linkage as pictures, and as tables that hold the same figures.

Counts below ten are not drawn nor told.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from equipoise.carry.link.groups import LEAST_IN_GROUP
from equipoise.carry.link.judged import Judged
from equipoise.carry.link.reliability import Bar, Bin, bins_of, histogram_of
from equipoise.charts import calibration, histogram

TITLES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "calibration": "Do the probabilities of links hold?",
        "weights": "How much pairs weigh, and which are linked",
    }
)
Table = tuple[tuple[str, ...], ...]
_FEW: Final = "fewer than 10"
_NOTHING: Final = "\u2013"


def pictures_of(found: Judged) -> dict[str, str]:
    """Return the pictures of a linkage as SVG, by name (``TITLES``)."""
    bars = [
        (float(bar.least), _drawn(bar.pairs), _drawn(bar.linked)) for bar in histogram_of(found)
    ]
    return {
        "calibration": calibration(TITLES["calibration"], [_band(one) for one in bins_of(found)]),
        "weights": histogram(
            TITLES["weights"],
            bars,
            step=2,
            unit="Log-odds in bits, before rows compete. Bars of fewer than 10 are left out.",
            filled="linked",
            hollow="not linked",
        ),
    }


def tables_of(found: Judged) -> dict[str, Table]:
    """Return the tables that stand beside the pictures; the first row is the head."""
    return {
        "calibration": (
            ("probability of links", "links", "right, as they say", "right, as seen"),
            *(_bin_row(one) for one in bins_of(found)),
        ),
        "weights": (
            ("log-odds in bits", "pairs", "linked"),
            *(_bar_row(bar) for bar in histogram_of(found)),
        ),
    }


def _drawn(count: int) -> int:
    return count if count >= LEAST_IN_GROUP else 0


def _between(one: Bin) -> str:
    least, below = (f"{100 * share:g}%" for share in (one.least, one.below))
    return f"{least} to {below}"


def _band(one: Bin) -> tuple[str, float | None, float | None, float | None, float | None]:
    if one.links < LEAST_IN_GROUP or one.seen is None:
        return (_between(one), None if one.links < LEAST_IN_GROUP else one.said, None, None, None)
    return (_between(one), one.said, one.seen.value, one.seen.low, one.seen.high)


def _bin_row(one: Bin) -> tuple[str, ...]:
    if one.links < LEAST_IN_GROUP or one.said is None:
        return (_between(one), _FEW if one.links else "none", _NOTHING, _NOTHING)
    seen = _NOTHING
    if one.seen is not None:
        seen = f"{one.seen.value:.1%} ({one.seen.low:.1%} to {one.seen.high:.1%})"
    return (_between(one), f"{one.links:,}", f"{one.said:.1%}", seen)


def _bar_row(bar: Bar) -> tuple[str, ...]:
    between = f"{bar.least} to {bar.least + 2}".replace("-", "\u2212")
    return (between, *(_count(count) for count in (bar.pairs, bar.linked)))


def _count(count: int) -> str:
    return f"{count:,}" if count >= LEAST_IN_GROUP else _FEW if count else "none"
