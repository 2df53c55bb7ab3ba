"""The words an agreement may use. A list of cases is data: add a word here, not an ``if`` there."""

from __future__ import annotations

from typing import Final, Literal

Sector = Literal[
    "public",
    "health",
    "police",
    "justice",
    "fire",
    "council",
    "housing",
    "education",
    "voluntary",
    "commercial",
    "academic",
]
PartyRole = Literal[
    "controller",
    "joint controller",
    "processor",
    "linkage unit",
    "secure room",
    "recipient",
]
Nature = Literal["supportive", "preventive", "statistical", "punitive"]
Beneficiary = Literal["individuals", "wider public", "providers"]
LawfulBasis = Literal[
    "consent",
    "contract",
    "legal obligation",
    "vital interests",
    "public task",
    "legitimate interests",
]
Form = Literal["identifiable", "de-personalised", "aggregate"]
FieldRole = Literal["identifier", "linking", "payload", "reference"]
Sensitivity = Literal["low", "medium", "high"]
FieldType = Literal[
    "text",
    "code",
    "category",
    "yes/no",
    "whole number",
    "number",
    "date",
    "datetime",
    "forename",
    "surname",
    "sex",
    "postcode",
    "address",
    "uprn",
    "nhs number",
    "nino",
]
LinkMode = Literal["exact", "encoded", "enclave", "identified"]
Pairs = Literal["one to one", "many to one"]
Merges = Literal["people decide", "machine may"]
Strength = Literal["light", "standard", "high", "highest"]
Prohibition = Literal[
    "re-identify",
    "individual action",
    "onward use",
    "marketing",
    "other linkage",
    "profiling",
    "commercial gain",
]

FIELD_TYPE_BY_NAME: Final[dict[str, FieldType]] = {
    "nino": "nino",
    "nhs_number": "nhs number",
    "uprn": "uprn",
    "postcode": "postcode",
    "address": "address",
    "surname": "surname",
    "forename": "forename",
    "birth_date": "date",
    "sex": "sex",
}
"""A field of one of these names needs no ``type``; every other field must state its own."""

LINKED_IN: Final[dict[LinkMode, PartyRole]] = {
    "exact": "linkage unit",
    "encoded": "linkage unit",
    "enclave": "secure room",
    "identified": "secure room",
}
"""Mode of linkage -> the role that may receive what is linked, and link it."""

TRAVELS: Final[dict[LinkMode, Literal["encodings", "identifiers"]]] = {
    "exact": "encodings",
    "encoded": "encodings",
    "enclave": "encodings",
    "identified": "identifiers",
}
"""Mode of linkage -> the kind of parcel in which what is linked leaves its owner."""

STRENGTH: Final[Strength] = "standard"
SURE: Final = 0.8
"""What is written out, and so signed, where a mode that compares says nothing of its own: how hard
filters are to attack, and how probable a link must be."""

TRANSFORMS: Final[dict[FieldType, tuple[str, ...]]] = {
    "forename": ("initial", "sound", "nickname"),
    "surname": ("initial", "sound"),
    "date": ("year", "month", "day", "year and month", "month and day"),
    "postcode": ("district", "sector"),
    "address": ("number", "building", "flat"),
}
"""Parts of a value that a linkage rule may use, as ``surname:sound``."""

COARSENINGS: Final[dict[FieldType, tuple[str, ...]]] = {
    "date": ("month", "year"),
    "datetime": ("hour", "day", "month", "year"),
    "postcode": ("sector", "district"),
    "whole number": ("band of 5", "band of 10"),
    "number": ("band of 5", "band of 10"),
}
"""How a payload field may be blurred on the owner's machine, before it is packed."""
