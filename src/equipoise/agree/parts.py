"""The clauses of an agreement that say who, why, which data and what may leave.

Frozen models. A name with a space in the YAML is an alias here: ``min count`` is ``min_count``.
Checks that need more than one clause live in ``checks``; these models hold shapes only.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from types import MappingProxyType
from typing import Annotated, Any, Literal, Self, TypeVar

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainSerializer,
    model_validator,
)
from pydantic_core import PydanticCustomError

from equipoise.agree.words import (
    STRENGTH,
    SURE,
    Beneficiary,
    FieldRole,
    FieldType,
    Form,
    LawfulBasis,
    LinkMode,
    Merges,
    Nature,
    Pairs,
    PartyRole,
    Sector,
    Sensitivity,
    Strength,
)

Value = TypeVar("Value")
Frozen = Annotated[
    Mapping[str, Value],
    AfterValidator(lambda mapping: MappingProxyType(dict(mapping))),
    PlainSerializer(dict),
]
"""A mapping that cannot be changed after it was read."""

Slug = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_-]{0,62}$")]
Digest = Annotated[str, Field(pattern=r"^sha256:[0-9a-f]{64}$")]
FileName = Annotated[
    str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._ -]{0,120}$", description="a name, not a path")
]
Sentence = Annotated[str, Field(min_length=3, max_length=2000)]


_DAY = re.compile(r"^\d{4}-\d{2}-\d{2}$")


def _as_list(value: Any) -> Any:
    if isinstance(value, str):
        return (value,)
    return tuple(value) if isinstance(value, list) else value


def _as_day(value: Any) -> Any:
    """Read a date as ``YYYY-MM-DD`` only: pydantic alone would read digits as a moment in time."""
    if not isinstance(value, str):
        return value
    try:
        if _DAY.match(value):
            return date.fromisoformat(value)
    except ValueError:
        pass  # 31 February: written as a date, but not one
    raise PydanticCustomError("day", "a date reads YYYY-MM-DD and must exist")


Day = Annotated[date, BeforeValidator(_as_day, json_schema_input_type=date)]
"""A calendar day, written ``YYYY-MM-DD``."""


class Clause(BaseModel):
    """Any part of an agreement: frozen, and unknown keys are refused."""

    model_config = ConfigDict(frozen=True, extra="forbid", validate_by_name=True)


class Signatory(Clause):
    """The named person who signs for a party."""

    name: Sentence
    post: str = ""


class Party(Clause):
    """A body that takes part. ``role`` may be one role or a list."""

    name: Sentence
    sector: Sector
    kind: str = ""
    roles: Annotated[
        tuple[PartyRole, ...],
        BeforeValidator(_as_list, json_schema_input_type=PartyRole | tuple[PartyRole, ...]),
    ] = Field(alias="role", min_length=1)
    signatory: Signatory


class Benefit(Clause):
    """What people get, how it is measured, and by when."""

    people_get: Sentence = Field(alias="people get")
    measured_by: Sentence = Field(alias="measured by")
    target: str = ""
    by: Day | None = None


class Purpose(Clause):
    """Why. ``must not affect`` names who or what stays untouched."""

    statement: Sentence
    nature: Nature
    beneficiaries: Annotated[
        tuple[Beneficiary, ...],
        BeforeValidator(_as_list, json_schema_input_type=Beneficiary | tuple[Beneficiary, ...]),
    ] = Field(alias="for", min_length=1)
    nobody_else: str = Field(alias="must not affect", default="")
    benefits: tuple[Benefit, ...] = ()


class Gateway(Clause):
    """The legal route by which one controller may share."""

    basis: LawfulBasis
    power: Annotated[str, Field(pattern=r"^https?://\S+$")]
    disputed: bool = False
    settled_by: str = Field(alias="settled by", default="")
    confidentiality: str = ""


class FieldClause(Clause):
    """One field: what it is, its type, and why it is needed.

    ``column`` names the column of the owner's file when it differs from the field's name;
    ``columns`` names three (day, month, year) that make one date.
    """

    role: FieldRole = Field(alias="is")
    type: FieldType | None = None
    why: Sentence
    sensitivity: Sensitivity | None = None
    coarsen: str | None = None
    column: str | None = None
    columns: tuple[str, str, str] | None = None
    values: tuple[str, ...] | None = None
    required: bool = False
    at_least: float | None = Field(alias="at least", default=None)
    at_most: float | None = Field(alias="at most", default=None)


class ConsentRule(Clause):
    """Only rows whose yes/no ``field`` is yes may enter."""

    field: Slug


class OptOutRule(Clause):
    """Rows whose yes/no ``field`` is yes are dropped; ``check`` names an outside list instead.

    A list that is a dataset of the agreement is applied encoded: a row that meets the list by any
    of ``rules`` is dropped before anything is linked, and nobody learns whose row it was.
    """

    field: Slug | None = None
    check: str | None = None
    rules: tuple[tuple[str, ...], ...] | None = Field(default=None, min_length=1)
    on_match: Literal["drop"] = Field(alias="on match", default="drop")


class Quality(Clause):
    """What the owner promises about the data."""

    complete: float | None = Field(default=None, ge=0, le=1)
    rejected_at_most: float = Field(alias="rejected at most", default=0.05, ge=0, le=1)


class Dataset(Clause):
    """What one controller shares."""

    controller: Slug = Field(alias="from")
    about: Sentence
    form: Form = "identifiable"
    file: FileName | None = None
    fields: Frozen[FieldClause] = Field(min_length=1)
    consent: ConsentRule | None = None
    opt_out: OptOutRule | None = Field(alias="opt out", default=None)
    quality: Quality = Quality()
    refresh: str = ""


class Identities(Clause):
    """Rows are known again in later deliveries, until a day; without it each linkage begins anew.

    The linkage unit keeps what it knows them by, also when a dataset is erased. That of a record
    which is no longer delivered it keeps ``remember absent`` days longer. ``merges`` says who may
    hold two identities to be one.
    """

    until: Day
    remember_absent: int = Field(alias="remember absent", default=0, ge=0, le=3660)
    merges: Merges = "people decide"


class Households(Clause):
    """The entity is the household of an entity of people whose identities persist.

    ``of`` is that entity. Rules say by what a home is known: a UPRN, ``address:flat`` and
    ``address:building`` with the postcode. A home with more unrelated people than ``unrelated at
    most``, or on the list that ``not in`` names, is communal and no household's. ``related by``
    names an entity of families, whose people count as one.
    """

    of: Slug
    unrelated_at_most: int = Field(alias="unrelated at most", default=6, ge=1, le=100)
    not_in: Slug | None = Field(alias="not in", default=None)
    related_by: Slug | None = Field(alias="related by", default=None)


class Families(Clause):
    """The entity is the family of an entity of people whose identities persist, as declared: its
    one rule names what rows of one family share, as the number of a claim."""

    of: Slug


class Entity(Clause):
    """Whom or what rows are about, and how they are held to be the same.

    ``rules`` are tried in order; a rule is a list of fields, each alone or as ``field:part``. In
    the mode ``exact`` they are all there is. The other modes ``compare`` fields, link what is at
    least as probable as ``sure at least``, and try rules first if there are any, or alone.
    ``strength`` says how hard the filters of the mode ``encoded`` are to attack. ``pairs`` bounds
    how many rows of one joined dataset may meet one spine row. With ``identities`` rows are known
    again in later deliveries. ``reviewed by`` is the party whose people may look at pairs of rows
    and say which are one. With ``households`` or ``families`` the entity is made of people.
    """

    spine: Slug
    join: tuple[Slug, ...] = Field(min_length=1)
    rules: tuple[tuple[str, ...], ...] = ()
    compare: tuple[Slug, ...] | None = Field(default=None, min_length=1)
    strength: Strength | None = None
    sure_at_least: float | None = Field(alias="sure at least", default=None, ge=0.5, le=0.999)
    pairs: Pairs = "one to one"
    identities: Identities | None = None
    households: Households | None = None
    families: Families | None = None
    reviewed_by: Slug | None = Field(alias="reviewed by", default=None)


class Linkage(Clause):
    """How datasets are joined, and by whom."""

    mode: LinkMode
    by: Slug
    entities: Frozen[Entity] = Field(min_length=1)

    @model_validator(mode="after")
    def _written_out(self) -> Self:
        """Write out what the text left to a default, so that it is signed like everything else."""
        if self.mode != "exact":
            filled = {key: _filled(entity, self.mode) for key, entity in self.entities.items()}
            object.__setattr__(self, "entities", MappingProxyType(filled))
        return self


def _filled(entity: Entity, mode: LinkMode) -> Entity:
    # Without fields to compare the entity is refused elsewhere; its form stays as it was written.
    added: dict[str, Any] = {}
    if entity.compare is not None and entity.sure_at_least is None:
        added["sure_at_least"] = SURE
    if entity.compare is not None and entity.strength is None and mode == "encoded":
        added["strength"] = STRENGTH
    return entity.model_copy(update=added) if added else entity


class OutputRule(Clause):
    """What a use may put out, and the disclosure rule it must meet."""

    form: Form
    min_count: int = Field(alias="min count", default=10, ge=1)
    round_to: int = Field(alias="round to", default=5, ge=1)
    checked_by: tuple[Slug, ...] = Field(alias="checked by", default=())


class Release(Clause):
    """Who receives which fields of which output, about whose rows."""

    of: Slug
    to: Slug
    fields: tuple[str, ...] = ()
    rows: Literal["own", "all", "none"] = "none"
    not_found: Literal["same as no", "separate"] = Field(alias="not found", default="same as no")
    under: Literal["same terms"] | None = None


class Reveal(Clause):
    """Who may turn a flagged pseudonym back into a person, and with whose approval."""

    of: Slug
    role: Sentence = Field(alias="by")
    duty: Sentence
    approved_by: Slug = Field(alias="approved by")
    at_most_per_day: int = Field(alias="at most per day", ge=1)


class Onward(Clause):
    """A further sharing that the parties allow; without one, onward sharing is refused."""

    what: Slug
    to: Slug
    form: Form
    under: Literal["same terms"] = "same terms"


class Retention(Clause):
    """Until when something is held. Exactly one of the three is given."""

    after_use: bool = Field(alias="after use", default=False)
    days: int | None = Field(default=None, ge=0)
    until: Day | None = None
    proof: str = "receipt"


def _retention(value: Any) -> Any:
    return {"after use": True} if value == "delete after use" else value


RetentionTerm = Annotated[
    Retention,
    BeforeValidator(_retention, json_schema_input_type=Literal["delete after use"] | Retention),
]


class Safeguard(Clause):
    """A protection, and the evidence for it."""

    what: Sentence
    evidence: Sentence


class Public(Clause):
    """What the public is told, and whom to ask."""

    summary: Sentence
    contact: Sentence
    complaints: Sentence


class OnBreach(Clause):
    """What happens when the agreement is broken."""

    suspend: bool = True
    notify: tuple[Slug, ...] = Field(min_length=1)
