"""Which grams are salted with what: the plan of a record-level filter, from kinds of fields alone.

Two owners must make one plan without speaking, so it follows from the agreed fields and their kinds
and never from data. Each *line* of the plan takes the grams of one field and salts them with a part
of another field of the same record (or with two parts). Under the salt, people who share a surname
or a postcode share no bits; the same person met twice shares most, because every field is salted
in several ways and an error in one field spoils only the lines in which that field stands.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final


@dataclass(frozen=True)
class KindUse:
    """How fields of one kind serve in a filter.

    ``weight``: its grams' share of the bits, by how well it tells people apart. ``salts``: parts
    that may salt other fields (``whole`` is the value itself). ``home``: people who live together
    share it, so it must not be salted with another such field alone.
    """

    weight: float
    salts: tuple[str, ...] = ("whole",)
    home: bool = False


USES: Final[MappingProxyType[str, KindUse]] = MappingProxyType({
    "forename": KindUse(3, ("nickname", "initial")),
    "surname": KindUse(3, ("sound", "initial"), home=True),
    "name": KindUse(4, ("initial",)),
    "date": KindUse(4, ("year", "month and day", "year and month")),
    "year": KindUse(1.5, ("whole",)),
    "sex": KindUse(0.5, ()),
    "postcode": KindUse(3, ("district", "sector"), home=True),
    "address": KindUse(2.5, ("numbers", "street word"), home=True),
    "place": KindUse(1.5, ("first word",), home=True),
    "organisation": KindUse(3, ("first word",), home=True),
    "nhs number": KindUse(6, ("whole",)),
    "nino": KindUse(6, ("whole",)),
    "uprn": KindUse(3, ("whole",), home=True),
    "number": KindUse(5, ("whole",)),
    "email": KindUse(4, ("whole",)),
    "phone": KindUse(3, ("whole",), home=True),
    "code": KindUse(2, ("whole",), home=True),
    "category": KindUse(0.7, ()),
    "text": KindUse(2, ("first word",), home=True),
})  # fmt: skip
"""Kind of field -> how it serves. The numbers are general: no data set was consulted for them."""


@dataclass(frozen=True)
class Line:
    """The grams of ``field``, salted with ``salt`` ((field, part), ...; empty: plain), in ``bits``
    positions a record."""

    field: str
    salt: tuple[tuple[str, str], ...]
    bits: int

    @property
    def name(self) -> str:
        """Return the line in words, as it enters the labels of its hashers."""
        return " ".join([self.field, *(f"{field}:{part}" for field, part in self.salt)])


def plan(fields: Mapping[str, str], bits: int, *, salting: bool) -> tuple[Line, ...]:
    """Return the lines for these fields, sharing out about ``bits`` positions a record."""
    lines = [
        (field, salt, USES[kind].weight / len(salts))
        for field, kind in fields.items()
        if (salts := _salts(field, fields) if salting else [()])
        for salt in salts
    ]
    whole = sum(weight for _, _, weight in lines)
    return tuple(
        Line(field, salt, max(1, round(bits * weight / whole))) for field, salt, weight in lines
    )


def _salts(field: str, fields: Mapping[str, str]) -> list[tuple[tuple[str, str], ...]]:
    """Return every salt that may serve this field's grams, in the order of the fields."""
    own = USES[fields[field]]
    others = [
        ((other, part),)
        for other, kind in fields.items()
        if other != field and not (own.home and USES[kind].home)
        for part in USES[kind].salts
    ]
    return others or [()]
