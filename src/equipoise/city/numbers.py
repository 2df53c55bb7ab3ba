"""Numbers that look real and lead to nobody.

* NHS numbers begin with 9, a range that is not allocated, and have a right check digit.
* Property numbers have twelve figures beginning with 99.
* National insurance numbers have the right shape, with prefixes from the end of the alphabet; as
  with any well-formed number, one may by chance be somebody's, and it says nothing about them.
* Police numbers have the shape year/seven figures and a check letter.
* Postcodes are of the area EQ, which the Royal Mail has not allocated.
"""

from __future__ import annotations

from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

_SCATTER: Final = 48_271
_PREFIXES: Final = ("ZA", "ZB", "ZC", "ZE", "ZG", "ZH", "ZJ", "ZK", "ZL", "ZM", "ZP", "ZR")
_PNC_LETTERS: Final = "ZABCDEFGHJKLMNPQRTUVWXY"
INWARD_LETTERS: Final = "ABDEFGHJLNPQRSTUWXYZ"
"""The letters that may stand at the end of a postcode (C, I, K, M, O and V may not)."""
POSTCODE_AREA: Final = "EQ"


def _text(numbers: NDArray[np.int64], width: int) -> pa.Array:
    plain = pc.cast(pa.array(numbers), pa.string())
    return pc.utf8_lpad(plain, width=width, padding="0")


def nhs_numbers(count: int) -> NDArray[np.int64]:
    """Return different NHS numbers of ten figures with right check digits (modulus 11)."""
    space = 99_999_989  # the largest prime below 10**8, so that scattering never meets itself
    tries = int(count * 1.12) + 100
    stem = (np.arange(1, tries + 1, dtype=np.int64) * _SCATTER) % space + 900_000_000
    figures = (stem[:, None] // 10 ** np.arange(8, -1, -1)) % 10
    check = 11 - (figures * np.arange(10, 1, -1)).sum(axis=1) % 11
    check[check == 11] = 0
    return np.asarray((stem * 10 + check)[check != 10][:count])


def ninos(count: int) -> pa.Array:
    """Return different national insurance numbers, in capitals without spaces."""
    space = 3_999_971  # no multiple of the scatter, so that no two are the same
    index = np.arange(count, dtype=np.int64)
    prefix = pa.array(_PREFIXES).take(pa.array((index // space) % len(_PREFIXES)))
    body = ((index % space) * _SCATTER + 7_919) % space
    suffix = pa.array(list("ABCD")).take(pa.array(body % 4))
    return pc.binary_join_element_wise(prefix, _text(body // 4, 6), suffix, "")


def uprns(count: int) -> NDArray[np.int64]:
    """Return different unique property reference numbers of twelve figures."""
    space = 9_999_999_967
    return 990_000_000_000 + (np.arange(1, count + 1, dtype=np.int64) * _SCATTER) % space


def pnc_ids(year: NDArray[np.int64], index: NDArray[np.int64]) -> pa.Array:
    """Return police numbers as ``2011/0123456K``; the letter is a check on the rest."""
    serial = (index * _SCATTER) % 9_999_991
    check = (year % 100 * 10_000_000 + serial) % len(_PNC_LETTERS)
    letter = pa.array(list(_PNC_LETTERS)).take(pa.array(check))
    return pc.binary_join_element_wise(
        pc.binary_join_element_wise(_text(year, 4), _text(serial, 7), "/"), letter, ""
    )


def postcode(district: int, place: int, places: int) -> str:
    """Return the postcode of the ``place``-th of ``places`` streets in a district."""
    sector = place * 10 // places
    first = -(-sector * places // 10)
    unit = place - first
    letters = INWARD_LETTERS
    return f"{POSTCODE_AREA}{district} {sector}{letters[unit // 20 % 20]}{letters[unit % 20]}"
