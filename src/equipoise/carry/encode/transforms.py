"""Parts of a value that a linkage rule may use: ``surname:sound``, ``birth_date:year and month``.

The names are those of ``agree.words.TRANSFORMS``. Every function takes standardised values and
returns text, null in, null out.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

import pyarrow as pa
import pyarrow.compute as pc

from equipoise.agree.words import FieldType
from equipoise.carry.encode.folding import empty_to_null, rewrite, squeezed
from equipoise.carry.encode.nicknames import GROUP_OF
from equipoise.carry.encode.sound import sound

_NAMES = pa.array(list(GROUP_OF))
_LABELS = pa.array(list(GROUP_OF.values()))


def _nickname(names: pa.Array) -> pa.Array:
    """Return the label of the first name's group; a name in no group is itself."""
    first = rewrite(names, ((r" .*$", ""),))
    return pc.coalesce(_LABELS.take(pc.index_in(first, _NAMES)), first)


def _house_number(addresses: pa.Array) -> pa.Array:
    """Return every number in the address, in order: ``FLAT 2 14 KING ROAD`` is ``2 14``."""
    numbers = rewrite(addresses, ((r"\b[^0-9 ][^ ]*", ""), (r" +", " "), (r"^ +| +$", "")))
    return empty_to_null(numbers)


_NAMED_FLAT: Final = re.compile(
    r"\b((?:LOWER |UPPER )?"
    r"(?:BASEMENT|GROUND|FIRST|SECOND|THIRD|FOURTH|TOP|GARDEN|LOWER|UPPER|ATTIC)"
    r"(?: FLOOR)?(?: FLAT| FLOOR|(?= \d))(?: FRONT| REAR| LEFT| RIGHT)?)\b"
)
_NUMBERED_FLAT: Final = re.compile(r"\b(?:FLAT|UNIT|ROOM|STUDIO|BEDSIT|SUITE|MAISONETTE) (\w+)\b")
_TWO_NUMBERS: Final = re.compile(r"^(\d+[A-Z]?) (?=\d+[A-Z]? )")
_NUMBER: Final = re.compile(r"\b\d+[A-Z]?\b")


def _taken_apart(address: str) -> tuple[str, str]:
    """Return the flat that an address names, or nothing, and its building.

    The building is its number; where it has none, all the words there are. A range is one number:
    ``9 11 HIGH STREET`` cannot be told from flat 9 at 11, and is taken for it.
    """
    for pattern in (_NAMED_FLAT, _NUMBERED_FLAT, _TWO_NUMBERS):
        if found := pattern.search(address):
            rest = " ".join((address[: found.start()] + " " + address[found.end() :]).split())
            break
    else:
        found, rest = None, address
    number = _NUMBER.search(rest)
    return found.group(1) if found else "", number.group(0) if number else rest


def _building(addresses: pa.Array) -> pa.Array:
    """Return the building an address is in: ``FLAT 2 14 KING ROAD`` is in ``14``."""
    texts = (None if text is None else _taken_apart(text)[1] for text in addresses.to_pylist())
    return empty_to_null(pa.array(texts, pa.string()))


def _flat(addresses: pa.Array) -> pa.Array:
    """Return the flat and its building, null where an address names no flat."""
    found = (("", "") if text is None else _taken_apart(text) for text in addresses.to_pylist())
    texts = [f"{flat} {building}" if flat else None for flat, building in found]
    return pa.array(texts, pa.string())


def _formatted(form: str) -> Callable[[pa.Array], pa.Array]:
    return lambda dates: pc.strftime(dates, format=form)


PARTS: Final[dict[FieldType, dict[str, Callable[[pa.Array], pa.Array]]]] = {
    "forename": {
        "initial": lambda names: pc.utf8_slice_codeunits(names, 0, 1),
        "sound": sound,
        "nickname": _nickname,
    },
    "surname": {
        "initial": lambda names: pc.utf8_slice_codeunits(names, 0, 1),
        "sound": sound,
    },
    "date": {
        "year": _formatted("%Y"),
        "month": _formatted("%m"),
        "day": _formatted("%d"),
        "year and month": _formatted("%Y-%m"),
        "month and day": _formatted("%m-%d"),
    },
    "postcode": {
        "district": lambda codes: rewrite(codes, ((r" .*$", ""),)),
        "sector": lambda codes: rewrite(codes, ((r"..$", ""),)),
    },
    "address": {"number": _house_number, "building": _building, "flat": _flat},
}
"""Field type -> name of the part -> how it is made."""

_SPACE_IS_NOTHING: Final = frozenset({"forename", "surname", "address"})


def part_text(values: pa.Array, kind: FieldType, transform: str | None) -> pa.Array:
    """Return the text that enters a token: the whole value, or one part of it.

    ``values`` are standardised. Whole names and addresses lose their spaces here, so that
    ``MARY ANN`` and ``MARYANN`` meet. Raises ``KeyError`` for a part that the type does not have.
    """
    if transform is not None:
        return PARTS[kind][transform](values)
    if kind in _SPACE_IS_NOTHING:
        return squeezed(values)
    if kind == "date":
        return pc.strftime(values, format="%Y-%m-%d")
    return values
