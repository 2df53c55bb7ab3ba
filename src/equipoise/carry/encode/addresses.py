"""Addresses for linking: words written out, and the numbers among them apart."""

from __future__ import annotations

from typing import Final

import pyarrow as pa

from equipoise.carry.encode.folding import rewrite
from equipoise.carry.encode.forms import known, plain
from equipoise.carry.encode.words import Words, words_of

_WRITTEN_OUT: Final[dict[str, str]] = {
    short: long
    for long, shorts in {
        "ROAD": "RD",
        "AVENUE": "AVE AV AVEN",
        "LANE": "LN LA",
        "CLOSE": "CL CLS",
        "CRESCENT": "CRES CRESC CR",
        "DRIVE": "DR DRV",
        "GARDENS": "GDNS GARDEN GDN",
        "GROVE": "GR GRV",
        "PLACE": "PL",
        "SQUARE": "SQ",
        "STREET": "ST STR STRT",
        "TERRACE": "TERR TER TCE",
        "COURT": "CT CRT",
        "PARK": "PK",
        "PARADE": "PDE",
        "BOULEVARD": "BLVD BVD",
        "CIRCUIT": "CCT CIRC",
        "HOUSE": "HSE HO",
        "BUILDING": "BLDG BUILDINGS BLDGS",
        "FLAT": "FLT APT APARTMENT UNIT",
        "NORTH": "NTH N",
        "SOUTH": "STH S",
        "EAST": "E",
        "WEST": "W",
        "MOUNT": "MT",
        "FLOOR": "FLR",
        "TRAIL": "TRL",
        "": "NO NUMBER",
    }.items()
    for short in shorts.split()
}
"""``ST`` is Saint before a name and Street after one. Written out the same way everywhere, it is at
least the same on both sides."""

_TIDY: Final = (
    (r"['’‘ʼ`´.]", ""),
    (r"[^\p{L}\p{M}\p{N}]+", " "),
    (r" (?:[A-Z]{1,2}[0-9][A-Z0-9]?) ?[0-9][A-Z]{2} *$", ""),
    (r"\b([0-9]+) ([A-Z])\b", r"\1\2"),
    (r"^ +| +$", ""),
)


def address(values: pa.Array) -> pa.Array:
    """Return an address in capitals, abbreviations written out, the postcode out."""
    tidy = rewrite(plain(values), _TIDY)
    return known(words_of(tidy).rewritten(_WRITTEN_OUT).joined())


def numbers(words: Words) -> Words:
    """Return the words that begin with a digit, in alphabetical order: flat and house number."""
    return words.only(words.having("^[0-9]")).sorted()


def named(words: Words) -> Words:
    """Return the words that begin with no digit, in their order, without those for a part of a
    building."""
    return words.only(words.having("^[^0-9]") & ~words.having("^(?:FLAT|FLOOR|ROOM)$"))
