"""Addresses for linking: words written out, and the numbers among them apart."""

from __future__ import annotations

from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from equipoise.carry.encode.folding import rewrite, rewrite_lines
from equipoise.carry.encode.forms import as_text, known, plain
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

_TIDY: Final = ((r"['’‘ʼ`´]", ""), (r"[^\p{L}\p{M}\p{N}\n]+", " "), (r"^ +| +$", ""))
_WHOLE_POSTCODE = r"^[A-Z]{1,2}[0-9][A-Z0-9]?[0-9][A-Z]{2}$"
_OUTWARD = r"^[A-Z]{1,2}[0-9][A-Z0-9]?$"
_INWARD = r"^[0-9][A-Z]{2}$"


def address(values: pa.Array) -> pa.Array:
    """Return an address in capitals, abbreviations written out, the postcode out.

    A house letter goes with its number: ``12 A`` is ``12A``. An address that is nothing but a
    postcode keeps it.
    """
    # The signs between words are taken out of distinct words only; one word may become several.
    raw = words_of(as_text(values))
    words = raw.respelt(rewrite_lines(plain(raw.vocabulary), _TIDY)).rewritten(_WRITTEN_OUT)
    short = _without_postcode(words)
    return known(pc.coalesce(_with_letters(short), words.joined()))


def _without_postcode(words: Words) -> Words:
    ends = words.offsets[1:] - 1
    two = ends[words.counted() > 1]
    inward = two[words.having(_INWARD)[words.codes[two]]]
    pair = inward[words.having(_OUTWARD)[words.codes[inward - 1]]]
    one = ends[words.counted() > 0]
    whole = one[words.having(_WHOLE_POSTCODE)[words.codes[one]]]
    out = np.ones(len(words.codes), np.bool_)
    out[np.concatenate([pair, pair - 1, whole])] = False
    return words.picked(out)


def _with_letters(words: Words) -> pa.Array:
    texts = words.joined()
    letter, number = words.having("^[A-Z]$"), words.having("^[0-9]+$")
    at = np.flatnonzero(letter[words.codes[1:]] & number[words.codes[:-1]]) + 1
    if not len(at):
        return texts
    owners = np.zeros(len(texts), np.bool_)
    owners[np.searchsorted(words.offsets, at, side="right") - 1] = True
    chosen = pa.array(owners)
    mended = rewrite(texts.filter(chosen), ((r"\b([0-9]+) ([A-Z])\b", r"\1\2"),))
    return pc.replace_with_mask(texts, chosen, mended)


def numbers(words: Words) -> Words:
    """Return the words that begin with a digit, in alphabetical order: flat and house number."""
    return words.only(words.having("^[0-9]")).sorted()


def named(words: Words) -> Words:
    """Return the words that begin with no digit, in their order, without those for a part of a
    building."""
    return words.only(words.having("^[^0-9]") & ~words.having("^(?:FLAT|FLOOR|ROOM)$"))
