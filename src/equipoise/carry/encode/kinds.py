"""Kinds of field for linking: what each is, how it is written, of what parts, what may block on it.

A kind is data: a standard form, named parts of it, the pieces of its filter, and the features that
blocking may use. Nothing else in the engine knows what a name or a postcode is. A field of no
special kind is ``text``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final, Literal

import pyarrow as pa
import pyarrow.compute as pc

from equipoise.agree.words import FieldType
from equipoise.carry.encode import addresses, datetexts, forms
from equipoise.carry.encode.folding import empty_to_null, kept_where, rewrite
from equipoise.carry.encode.grams import Grams
from equipoise.carry.encode.nicknames import GROUP_OF
from equipoise.carry.encode.sound import sound
from equipoise.carry.encode.words import Words, words_of

Kind = Literal[
    "forename",
    "surname",
    "name",
    "date",
    "year",
    "sex",
    "postcode",
    "address",
    "place",
    "organisation",
    "nhs number",
    "nino",
    "uprn",
    "number",
    "email",
    "phone",
    "code",
    "category",
    "text",
]
Column = Callable[[pa.Array], pa.Array]
EITHER: Final = "either name"
"""The part by which a forename meets the surname it was swapped with."""


@dataclass(frozen=True)
class Part:
    """A named part: how it is made from standard forms, and the purpose it is hashed for.

    Parts with one purpose meet each other; purpose ``exact`` meets whole values. ``of_words`` makes
    the same of texts that are already taken apart.
    """

    make: Column
    purpose: str
    of_words: Callable[[Words], pa.Array] | None = None


@dataclass(frozen=True)
class KindSpec:
    """One kind of field.

    ``standard`` takes distinct values and returns standard forms; ``whole`` makes of these the text
    that is hashed as ``exact`` and compared by ``grams`` (None: only equality counts). ``blocking``
    names the features that are narrow enough to block on, alone or with others, best first.
    """

    standard: Column
    whole: Column
    made: Mapping[str, Part]
    grams: Grams | None
    blocking: tuple[str, ...]

    @property
    def parts(self) -> tuple[str, ...]:
        """Return the names of the parts, in the order of ``EncodedField.parts``."""
        return tuple(self.made)


def _same(values: pa.Array) -> pa.Array:
    return values


def _unspaced(values: pa.Array) -> pa.Array:
    return pc.replace_substring(values, pattern=" ", replacement="")


def _matching(pattern: str, rules: tuple[tuple[str, str], ...] = ()) -> Column:
    """Return what keeps the values a pattern fits, rewritten, and leaves the others out."""
    return lambda values: empty_to_null(
        rewrite(kept_where(values, pc.match_substring_regex(values, pattern)), rules)
    )


_NAMES: Final = pa.array(list(GROUP_OF))
_LABELS: Final = pa.array(list(GROUP_OF.values()))


def _nickname(names: pa.Array) -> pa.Array:
    return pc.coalesce(_LABELS.take(pc.index_in(names, value_set=_NAMES)), names)


def _start(length: int) -> Column:
    return lambda values: pc.utf8_slice_codeunits(_unspaced(values), 0, length)


def _first(values: pa.Array) -> pa.Array:
    return words_of(values).first()


def _last(values: pa.Array) -> pa.Array:
    return words_of(values).last()


def _sound_of(words: Column) -> Column:
    return lambda values: sound(words(values))


_SHORT: Final = _matching(r"^\p{L}(?: \p{L})*$", ((r"^(.).*$", r"\1"),))
_DATE = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$"


def _date_pieces(dates: pa.Array, *spans: tuple[int, int]) -> list[pa.Array]:
    """Return pieces of ``yyyy-mm-dd``; null for other text and for a piece of zeros."""
    good = kept_where(dates, pc.match_substring_regex(dates, _DATE))
    pieces = [pc.utf8_slice_codeunits(good, start, end) for start, end in spans]
    return [kept_where(piece, pc.match_substring_regex(piece, "[1-9]")) for piece in pieces]


def _cut(*spans: tuple[int, int]) -> Column:
    return lambda dates: pc.binary_join_element_wise(*_date_pieces(dates, *spans), "-")


def _either_order(dates: pa.Array) -> pa.Array:
    """Return the year and the two other parts, the smaller first."""
    year, month, day = _date_pieces(dates, (0, 4), (5, 7), (8, 10))
    less = pc.less(month, day)
    low, high = pc.if_else(less, month, day), pc.if_else(less, day, month)
    return pc.binary_join_element_wise(year, low, high, "-")


def _next_year(years: pa.Array) -> pa.Array:
    good = kept_where(years, pc.match_substring_regex(years, "^[0-9]{4}$"))
    return pc.add(good.cast(pa.int32()), 1).cast(pa.string())


def _district(codes: pa.Array) -> pa.Array:
    """Return a British district; of five figures or more the first three, of four the first two.

    A district alone is written without space and stays whole.
    """
    rules = ((" .*$", ""), (r"^([0-9]{3})[0-9]{2,}$", r"\1"), (r"^([0-9]{2})[0-9]{2}$", r"\1"))
    return rewrite(codes, rules)


def _sector(codes: pa.Array) -> pa.Array:
    """Return a British sector, or a code of figures without its last; null for a district alone."""
    shaped = kept_where(codes, pc.match_substring_regex(codes, r" [0-9]|^[0-9]{4,}$"))
    return rewrite(shaped, ((r"^(.* [0-9]).*$", r"\1"), (r"^([0-9]{3,})[0-9]$", r"\1")))


def _word_part(of_words: Callable[[Words], pa.Array], purpose: str) -> Part:
    return Part(lambda values: of_words(words_of(values)), purpose, of_words)


def _street(words: Words) -> pa.Array:
    return addresses.named(words).sorted().joined()


_NAME_PARTS: Final = {
    "initial": Part(_start(1), "initial"),
    "start": Part(_start(3), "start"),
    EITHER: Part(_unspaced, EITHER),
}
_TEXT_PARTS: Final = {
    "words": _word_part(lambda words: words.sorted().joined(), "words"),
    "first word": _word_part(Words.first, "word"),
    "last word": _word_part(Words.last, "word"),
}


def _words_kind(standard: Column) -> KindSpec:
    parts = {**_TEXT_PARTS, "sound": Part(sound, "sound")}
    return KindSpec(standard, _unspaced, parts, Grams(3), ("exact", "words", "first word", "sound"))


def _number_kind(standard: Column) -> KindSpec:
    return KindSpec(standard, _same, {}, Grams(4), ("exact",))


KINDS: Final[Mapping[Kind, KindSpec]] = MappingProxyType(
    {
        "forename": KindSpec(
            forms.forename,
            _unspaced,
            {
                "nickname": Part(lambda names: _nickname(_first(names)), "nickname"),
                "last nickname": Part(lambda names: _nickname(_last(names)), "nickname"),
                "initial only": Part(_SHORT, "initial"),
                "sound": Part(_sound_of(_first), "sound"),
                **_NAME_PARTS,
            },
            Grams(4),
            ("exact", "nickname", "sound", EITHER, "start", "initial"),
        ),
        "surname": KindSpec(
            forms.surname,
            _unspaced,
            {
                "first word": _word_part(Words.first, "word"),
                "last word": _word_part(Words.last, "word"),
                "sound": Part(sound, "sound"),
                **_NAME_PARTS,
            },
            Grams(4),
            ("exact", "sound", EITHER, "first word", "last word", "start", "initial"),
        ),
        "name": KindSpec(
            forms.full_name,
            _same,
            {
                "words": _word_part(lambda words: words.sorted().joined(), "words"),
                "first word": _word_part(Words.first, "word"),
                "last word": _word_part(Words.last, "word"),
                "nickname": Part(lambda names: _nickname(_first(names)), "nickname"),
                "initial": Part(_start(1), "initial"),
                "sound": Part(_sound_of(_last), "sound"),
                "first sound": Part(_sound_of(_first), "sound"),
            },
            Grams(3),
            ("exact", "words", "last word", "sound", "first word", "nickname", "first sound"),
        ),
        "date": KindSpec(
            datetexts.standard_dates,
            lambda dates: rewrite(dates, (("-", ""),)),
            {
                "year": Part(_cut((0, 4)), "year"),
                "month": Part(_cut((5, 7)), "month"),
                "day": Part(_cut((8, 10)), "day"),
                "year and month": Part(_cut((0, 4), (5, 7)), "year and month"),
                "month and day": Part(_cut((5, 7), (8, 10)), "month and day"),
                "year and day": Part(_cut((0, 4), (8, 10)), "year and day"),
                "either order": Part(_either_order, "either order"),
                "next year": Part(lambda dates: _next_year(_cut((0, 4))(dates)), "year"),
            },
            Grams(4, placed=True),
            ("exact", "either order", "year and month", "month and day", "year and day", "year"),
        ),
        "year": KindSpec(
            datetexts.standard_years,
            _same,
            {"next year": Part(_next_year, "exact")},
            Grams(4, placed=True),
            ("exact",),
        ),
        "sex": KindSpec(forms.sex, _same, {}, None, ("exact",)),
        "postcode": KindSpec(
            forms.postcode,
            _unspaced,
            {"sector": Part(_sector, "sector"), "district": Part(_district, "district")},
            Grams(4),
            ("exact", "sector", "district"),
        ),
        "address": KindSpec(
            addresses.address,
            _unspaced,
            {
                "numbers": _word_part(lambda words: addresses.numbers(words).joined(), "numbers"),
                "street": _word_part(_street, "street"),
                "street word": _word_part(
                    lambda words: addresses.named(words).first(), "street word"
                ),
            },
            Grams(2),
            ("exact", "street", "street word", "numbers"),
        ),
        "place": _words_kind(forms.text),
        "organisation": _words_kind(forms.organisation),
        "nhs number": _number_kind(forms.health_number),
        "nino": _number_kind(forms.insurance_number),
        "uprn": _number_kind(forms.number),
        "number": _number_kind(forms.number),
        "email": KindSpec(
            forms.email,
            _same,
            {
                "local": Part(lambda values: rewrite(values, (("@.*$", ""),)), "local"),
                "domain": Part(_matching("@.", (("^.*@", ""),)), "domain"),
            },
            Grams(3),
            ("exact", "local"),
        ),
        "phone": _number_kind(forms.phone),
        "code": KindSpec(forms.code, _same, {}, None, ("exact",)),
        "category": KindSpec(forms.text, _same, {}, None, ("exact",)),
        "text": _words_kind(forms.text),
    }
)
"""Every kind of field."""

_KIND_OF: Final[Mapping[FieldType, Kind]] = {
    "text": "text",
    "code": "code",
    "category": "category",
    "yes/no": "category",
    "whole number": "number",
    "number": "number",
    "date": "date",
    "datetime": "date",
    "forename": "forename",
    "surname": "surname",
    "sex": "sex",
    "postcode": "postcode",
    "address": "address",
    "uprn": "uprn",
    "nhs number": "nhs number",
    "nino": "nino",
}


def kind_of(field_type: FieldType) -> Kind:
    """Return the kind by which a field of an agreement is linked."""
    return _KIND_OF[field_type]


def partners(fields: Mapping[str, Kind]) -> dict[str, str]:
    """Return for each forename the surname it may be swapped with, and the other way round.

    The first forename goes with the first surname, the second with the second.
    """
    forenames = [name for name, kind in fields.items() if kind == "forename"]
    surnames = [name for name, kind in fields.items() if kind == "surname"]
    pairs = list(zip(forenames, surnames, strict=False))
    return {**dict(pairs), **{surname: forename for forename, surname in pairs}}
