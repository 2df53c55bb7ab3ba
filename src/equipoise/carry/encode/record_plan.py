"""Which grams are salted with what: the plan of a record-level filter, from kinds of fields alone.

Two owners must make one plan without speaking, so it follows from the agreed fields and their kinds
and never from data. Each *line* of the plan takes the grams of one field and salts them with parts
of other fields of the same record. Under their salts, people who share a surname or a postcode
share next to nothing; the same person met twice shares most, because each field is salted in many
ways and an error in one field spoils only the lines in which that field stands.

A salt must narrow people down: it carries 7 to 15 bits, as a rule of thumb for its kind, in one
part or in two of different fields. Less, and so many strangers share it that the sum of faint
resemblances tells a stranger who somebody is; more, and two small errors lose it.

Names answer to one name: forenames and surnames are taken for one kind of thing, so that a record
whose names stand in each other's columns, or whose middle name has become the first, makes nearly
the same filter.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import combinations
from types import MappingProxyType
from typing import Final

from equipoise.carry.encode.kinds import Kind
from equipoise.carry.encode.record_parts import WHOLE

LEAST_ALONE: Final = 7.0
LEAST: Final = 8.5
MOST: Final = 15.0
"""Bits that a salt of one part must carry, and that one of two parts may carry."""

PERSONAL: Final = 6.0
"""Bits that a part of a field must carry to tell apart the people of a home; an initial has too
few."""

Salt = tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class KindUse:
    """How fields of one kind serve in a filter.

    ``weight``: its grams' share of the positions, by how well it tells people apart. ``salts``:
    parts that may salt other fields, with the bits each carries in a population (the entropy of its
    values, roughly). ``home``: those who live together share it, so no line rests on such fields
    alone.
    """

    weight: float
    salts: Mapping[str, float]
    home: bool = False


USES: Final[Mapping[Kind, KindUse]] = MappingProxyType(
    {
        "forename": KindUse(3, {"sound": 7, "initial": 4}),
        "surname": KindUse(3, {"sound": 9, "initial": 4}, home=True),
        "name": KindUse(4, {"sound": 9, "initial": 4}),
        "date": KindUse(4, {"year": 6, "month and day": 8.5, "year and month": 10}),
        "year": KindUse(1.5, {WHOLE: 6}),
        "sex": KindUse(0, {}),
        "postcode": KindUse(3, {WHOLE: 9}, home=True),
        "address": KindUse(2.5, {"numbers": 5.5, "street word": 5.5}, home=True),
        "place": KindUse(1.5, {"first word": 5}, home=True),
        "organisation": KindUse(3, {"first word": 8}, home=True),
        "nhs number": KindUse(6, {WHOLE: 26}),
        "nino": KindUse(6, {WHOLE: 26}),
        "uprn": KindUse(3, {WHOLE: 14}, home=True),
        "number": KindUse(5, {WHOLE: 20}),
        "email": KindUse(4, {"local": 16}),
        "phone": KindUse(3, {WHOLE: 14}, home=True),
        "code": KindUse(2, {WHOLE: 6}, home=True),
        "category": KindUse(0.3, {}),
        "text": KindUse(2, {"first word": 7}, home=True),
    }
)
"""Kind of field -> how it serves. The bits are those of a local file: in a council's, a district
says nothing and a postcode is one of hundreds. Sex carries one bit, which half of a home shares:
it does not serve at all."""


def is_personal(fields: Mapping[str, Kind], salt: Salt) -> bool:
    """Return whether some part tells people of one home apart."""
    uses = ((USES[fields[name]], part) for name, part in salt)
    return any(not use.home and use.salts[part] >= PERSONAL for use, part in uses)


def tells_apart(kind: Kind) -> bool:
    """Return whether fields of a kind tell the people of one home apart."""
    use = USES[kind]
    return not use.home and max(use.salts.values(), default=0) >= PERSONAL


NAMES: Final = frozenset({"forename", "surname"})
PERSONAL_NAME: Final = "personal name"
"""Kinds of field that are often found in each other's place, and what all of them answer to."""


def called(fields: Mapping[str, Kind]) -> dict[str, str]:
    """Return the name under which each field is hashed: its own, and one for all names."""
    return {name: PERSONAL_NAME if kind in NAMES else name for name, kind in fields.items()}


@dataclass(frozen=True)
class Line:
    """The grams of ``field``, salted with ``salt`` ((field, part), ...; empty: plain), in ``bits``
    positions a record. ``name`` is the line in words, as it is hashed: of fields as ``called``."""

    field: str
    salt: Salt
    bits: int
    name: str


def plan(fields: Mapping[str, Kind], positions: int, *, salting: bool) -> tuple[Line, ...]:
    """Return the lines for these fields; their bits add up to ``positions``.

    Each line's share follows its field's weight; halves are settled in the order of the lines, and
    a line whose share is nothing is left out.
    """
    hashed = called(fields)
    shares = [
        (field, salt, USES[kind].weight / len(salts))
        for field, kind in fields.items()
        if USES[kind].weight
        for salts in [_salts(field, fields) if salting else [()]]
        for salt in salts
    ]
    whole = sum(share for _, _, share in shares)
    lines = []
    passed = given = 0.0
    for field, salt, share in shares:
        passed += share
        bits = int(positions * passed / whole + 0.5) - int(given)
        given += bits
        if bits:
            words = [hashed[field], *(f"{hashed[name]}:{part}" for name, part in salt)]
            lines.append(Line(field, salt, bits, "\n".join(words)))
    return tuple(lines)


def _salts(field: str, fields: Mapping[str, Kind]) -> list[Salt]:
    """Return every salt for this field's grams, in the order of the fields.

    The two parts of a salt stand in the order of what they are hashed as, so that names in each
    other's columns give one salt. Where no salt carries enough, the strongest that there is serves;
    where no other field can salt at all, the grams are plain.
    """
    parts = [
        ((name, part), bits)
        for name, kind in fields.items()
        if name != field
        for part, bits in USES[kind].salts.items()
    ]
    found: list[Salt] = [(part,) for part, bits in parts if bits >= LEAST_ALONE]
    hashed = called(fields)
    found += [
        (one, two) if (hashed[one[0]], one[1]) <= (hashed[two[0]], two[1]) else (two, one)
        for (one, bits), (two, more) in combinations(parts, 2)
        if one[0] != two[0] and LEAST <= bits + more <= MOST
    ]
    tells = tells_apart(fields[field])
    at_large = [salt for salt in found if tells or is_personal(fields, salt)]
    if at_large or found:
        return at_large or found
    strongest = sorted(parts, key=lambda part: -part[1])[:1]
    return [tuple(part for part, _ in strongest)]
