"""How a name sounds, for names as British clerks hear and spell them.

A code of consonants, as in the old card-index systems, but not cut to four signs: ``WILSON`` and
``WILKINSON`` must stay apart. The rules are a table applied in order to capitals without space; the
first vowel is kept as ``A`` when the name starts with it, all later vowels are dropped.
Examples, which are also tests: STEPHEN and STEVEN ``STFN``; CATHERINE and KATHRYN ``KTRN``;
MCDONALD and MACDONALD ``MKDNLD``; SMITH and SMYTHE ``SMT``; CLARK and CLARKE ``KLRK``.
"""

from __future__ import annotations

from typing import Final

import pyarrow as pa
import pyarrow.compute as pc

from equipoise.carry.encode.folding import empty_to_null, rewrite_lines, squeezed

SOUNDS: Final[tuple[tuple[str, str], ...]] = (
    (r"^MC", "MAC"),
    (r"^(KN|GN|PN)", "N"),
    (r"^WR", "R"),
    (r"^WH", "W"),
    (r"^RH", "R"),
    (r"^PS", "S"),
    (r"^X", "S"),
    (r"^CHR", "KR"),
    (r"^GH", "G"),
    (r"X", "KS"),
    (r"TCH|SCH|SH|CH", "!"),
    (r"PH|V", "F"),
    (r"TH", "T"),
    (r"GHT", "T"),
    (r"GH", ""),
    (r"CK", "K"),
    (r"C([EIY])", r"S\1"),
    (r"G([EIY])", r"J\1"),
    (r"[CQ]", "K"),
    (r"Z", "S"),
    *((f"{letter}{letter}+", letter) for letter in "BDFGJKLMNPRST!"),
    (r"^[AEIOU]+", "@"),
    (r"^Y", "#"),
    (r"^W", "&"),
    (r"^H", "%"),
    (r"[AEIOUYHW]", ""),
    (r"@", "A"),
    (r"#", "Y"),
    (r"&", "W"),
    (r"%", "H"),
    (r"!", "X"),
)
"""Pattern (RE2) and replacement, in order."""


def sound(names: pa.Array) -> pa.Array:
    """Return the sound code of standardised names; null in, null out.

    A name of which nothing is left is its own code, so that unlike names never meet for want of
    letters.
    """
    plain = squeezed(names)
    coded = empty_to_null(rewrite_lines(plain, SOUNDS))
    return pc.coalesce(coded, plain)
