"""How alike two values are: levels for each kind of field, as a table that the kernels carry out.

A level has a name and the tests that give it. The first level whose tests hold is the pair's; above
all stands ``exact``, below all ``differ``, and ``missing`` where either side has no value. Neither
kernel knows what a name or a date is: ``program`` turns the table into numbers.

Thresholds are Dice coefficients of padded pairs of signs, in thousandths. They stand for what is
published for Jaro-Winkler similarity of names (0.92 and 0.88 for a likely slip, 0.70 for some
likeness): one wrong letter in a name of six keeps 5 of 7 pairs, Dice 0.71. They lie a little under
what they stand for, since a filter tells how many pairs of signs two values share give or take one.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final, Literal

import numpy as np
import numpy.typing as npt

from equipoise.carry.encode.kinds import EITHER, KINDS, Kind

Op = Literal["equal", "dice", "meet", "cross", "at least", "swapped"]
OPS: Final[Mapping[Op, int]] = MappingProxyType(
    {"equal": 0, "dice": 1, "meet": 2, "cross": 3, "at least": 4, "swapped": 5}
)
MISSING, DIFFER = 0, 1


@dataclass(frozen=True)
class Test:
    """One test of two values of a field.

    equal      both have the feature, and the same
    dice       the filters' Dice coefficient is at least ``least`` thousandths
    meet       either of two features of one side equals either of two of the other
    cross      the first feature of one side equals the second of the other
    at least   ``least`` of the features are equal
    swapped    the left value's feature equals that of the right value of the field beside it
    """

    op: Op
    features: tuple[str, ...] = ()
    least: int = 0


@dataclass(frozen=True)
class Level:
    """A level: it holds when all tests of any one of ``when`` hold."""

    name: str
    when: tuple[tuple[Test, ...], ...]


def _same(*features: str) -> tuple[Test, ...]:
    return tuple(Test("equal", (feature,)) for feature in features)


def _dice(least: int) -> Test:
    return Test("dice", (), least)


_SWAPPED: Final = Level("stands in the other name's field", ((Test("swapped", (EITHER,)),),))
_ONE_SLIP: Final = (Level("one slip", ((_dice(625),),)),)
_WORDS: Final = (
    Level("same words in another order", (_same("words"),)),
    Level("close", ((_dice(780),),)),
    Level("alike", ((_dice(555),),)),
    Level("a first or last word the same", ((Test("meet", ("first word", "last word")),),)),
)

LEVELS: Final[Mapping[Kind, tuple[Level, ...]]] = MappingProxyType(
    {
        "forename": (
            Level("another form of the name", ((Test("meet", ("nickname", "last nickname")),),)),
            _SWAPPED,
            Level("close", ((_dice(710),),)),
            Level("alike", ((_dice(555),), (*_same("sound"), _dice(225)))),
            Level("initial", ((Test("cross", ("initial only", "initial")),),)),
        ),
        "surname": (
            Level("one of two names the same", ((Test("meet", ("first word", "last word")),),)),
            _SWAPPED,
            Level("close", ((_dice(710),),)),
            Level("alike", ((_dice(555),), (*_same("sound"), _dice(225)))),
            Level("a little alike", ((_dice(390),),)),
        ),
        "name": (
            Level("same words in another order", (_same("words"),)),
            Level(
                "another form of the first name",
                (
                    _same("nickname", "last word"),
                    (*_same("sound", "first word"), _dice(445)),
                ),
            ),
            Level("close", ((_dice(755),),)),
            Level("initial", ((*_same("initial", "last word"), _dice(335)),)),
            Level("alike", ((_dice(580),),)),
            Level("a first or last word the same", ((Test("meet", ("first word", "last word")),),)),
        ),
        "date": (
            Level("day and month in the other order", (_same("either order"),)),
            Level("one digit differs", ((_dice(825),),)),
            Level(
                "two of year, month and day", ((Test("at least", ("year", "month", "day"), 2),),)
            ),
            Level("same year", (_same("year"),)),
            Level("one year apart", ((Test("cross", ("next year", "year")),),)),
        ),
        "year": (
            Level("one year apart", ((Test("cross", ("next year", "exact")),),)),
            Level("one digit differs", ((_dice(665),),)),
        ),
        "sex": (),
        "postcode": (
            Level("same sector", (_same("sector"),)),
            Level("close", ((_dice(665),),)),
            Level("same district", (_same("district"),)),
            Level("alike", ((_dice(465),),)),
        ),
        "address": (
            Level("same words and numbers", (_same("street", "numbers"),)),
            Level("same numbers, street close", ((*_same("numbers"), _dice(555)),)),
            Level("close", ((_dice(780),),)),
            Level("same street", (_same("street"),)),
            Level("alike", ((_dice(555),),)),
        ),
        "place": _WORDS,
        "organisation": _WORDS,
        "nhs number": _ONE_SLIP,
        "nino": _ONE_SLIP,
        "uprn": _ONE_SLIP,
        "number": _ONE_SLIP,
        "email": (
            Level("same before the @", (_same("local"),)),
            Level("close", ((_dice(780),),)),
            Level("alike", ((_dice(555),),)),
        ),
        "phone": _ONE_SLIP,
        "code": (),
        "category": (),
        "text": _WORDS,
    }
)
"""Kind -> its levels between ``exact`` and ``differ``, the best first."""


def levels_of(kind: Kind) -> tuple[str, ...]:
    """Return the names of a kind's levels, from 0 (``missing``) to the top (``exact``)."""
    return ("missing", "differ", *(level.name for level in reversed(LEVELS[kind])), "exact")


def features_of(kind: Kind) -> tuple[str, ...]:
    """Return the features that the tests of a kind read, in the order in which they are laid."""
    tests = [test for level in LEVELS[kind] for chain in level.when for test in chain]
    named = [feature for test in tests for feature in test.features]
    return tuple(dict.fromkeys(named))


def program(kind: Kind, beside: int | None, beside_kind: Kind | None) -> npt.NDArray[np.int32]:
    """Return the tests of a kind as rows of eight numbers, in the order in which they are tried.

    A row is op, up to three places of features, least, level, whether the next row must hold too
    (1) or the level is reached (0), and the field beside. Places count from the first feature of
    ``features_of``. Without a field beside, tests for swapped names are left out.
    """
    rows: list[list[int]] = []
    places = {name: place for place, name in enumerate(features_of(kind))}
    for number, level in enumerate(LEVELS[kind]):
        top = len(LEVELS[kind]) + DIFFER - number
        for chain in level.when:
            if beside is None and any(test.op == "swapped" for test in chain):
                continue
            for last, test in enumerate(chain, 1):
                at = [places[name] for name in test.features]
                if test.op == "swapped" and beside_kind is not None:
                    at.append(features_of(beside_kind).index(test.features[0]))
                at += [0] * (3 - len(at))
                more = int(last < len(chain))
                other = -1 if beside is None else beside
                rows.append([OPS[test.op], *at, test.least, top, more, other])
    return np.array(rows, np.int32).reshape(-1, 8)


def radices_of(kinds: Sequence[Kind]) -> tuple[int, ...]:
    """Return how many levels each field has, missing and exact among them."""
    return tuple(len(LEVELS[kind]) + 3 for kind in kinds)


def check_levels() -> None:
    """Raise ``ValueError`` where a level reads a part that its kind does not have."""
    for kind in LEVELS:
        unknown = set(features_of(kind)) - {"exact", *KINDS[kind].parts}
        if unknown:
            raise ValueError(f"{kind}: no part {', '.join(sorted(unknown))}")
