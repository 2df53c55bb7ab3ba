"""The clauses that say what may be done: one model per use that this version carries out."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, WithJsonSchema
from pydantic_core import PydanticCustomError

from equipoise.agree.parts import Clause, Frozen, Sentence, Slug, _as_list


@dataclass(frozen=True)
class FieldRef:
    """Another field, on the right-hand side of a test."""

    dataset: str
    field: str


@dataclass(frozen=True)
class Test:
    """``dataset.field operator value``: the one form a condition takes."""

    dataset: str
    field: str
    operator: Literal["=", "!=", "<", "<=", ">", ">="]
    value: str | int | float | bool | FieldRef

    __test__ = False


_TEST = re.compile(r"^([a-z][a-z0-9_-]*)\.([a-z][a-z0-9_]*)\s*(=|!=|<=|>=|<|>)\s*(.+)$")
_FIELD = re.compile(r"^[a-z][a-z0-9_-]*\.[a-z][a-z0-9_]*$")
_NUMBER = re.compile(r"^-?\d+(\.\d+)?$")


def read_test(text: str) -> Test:
    """Read a condition such as ``properties.cost_score >= 60``.

    A bare number is a number, ``true``/``false``/``yes``/``no`` is a yes/no, ``dataset.field`` is
    another field, all else is text.
    Raises ``ValueError`` when the text has another form.
    """
    match = _TEST.match(text.strip())
    if match is None:
        raise ValueError("a test reads 'dataset.field operator value', as 'homes.score >= 60'")
    dataset, field, operator, raw = match.groups()
    value: str | int | float | bool | FieldRef
    if raw.lower() in {"true", "yes"}:
        value = True
    elif raw.lower() in {"false", "no"}:
        value = False
    elif _NUMBER.match(raw):
        value = float(raw) if "." in raw else int(raw)
    elif _FIELD.match(raw):
        value = FieldRef(*raw.split("."))
    else:
        value = raw.strip("'\"")
    return Test(dataset, field, operator, value)  # type: ignore[arg-type]  # the pattern fixes it


def _checked_test(value: object) -> object:
    try:
        read_test(str(value))
    except ValueError as error:
        raise PydanticCustomError("condition", "{said}", {"said": str(error)}) from None
    return value


TestText = Annotated[
    str,
    BeforeValidator(_checked_test),
    WithJsonSchema({"type": "string", "pattern": _TEST.pattern}),
]
FieldPath = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_-]*\.[a-z][a-z0-9_]*$")]
"""``dataset.field``"""


class UseClause(Clause):
    """Common to every use: who may ask for it, in which role, after which training."""

    by: Annotated[
        tuple[Sentence, ...],
        BeforeValidator(_as_list, json_schema_input_type=Sentence | tuple[Sentence, ...]),
    ] = Field(min_length=1)
    purpose: Sentence = Field(alias="for")
    training: Annotated[
        tuple[str, ...], BeforeValidator(_as_list, json_schema_input_type=str | tuple[str, ...])
    ] = ()


class LinkCheck(Clause):
    """Hold the links against a dataset of known pairs: two reference fields on each side."""

    dataset: Slug
    left: FieldPath
    left_known: FieldPath = Field(alias="left known")
    right: FieldPath
    right_known: FieldPath = Field(alias="right known")


class LinkedUse(UseClause):
    """U1: joined, minimised, pseudonymised tables, and a link report."""

    use: Literal["linked"]
    entity: Slug
    keep: tuple[FieldPath, ...] = ()
    check: LinkCheck | None = None


class Criterion(Clause):
    """One test a unit must meet, and the entity through which it is reached."""

    test: TestText
    through: Slug | None = None


class FlagUse(UseClause):
    """U2: rules over linked rows give each unit a yes or a no."""

    use: Literal["flag"]
    units: Annotated[
        tuple[Slug, ...], BeforeValidator(_as_list, json_schema_input_type=Slug | tuple[Slug, ...])
    ] = Field(min_length=1)
    key: Slug
    criteria: Frozen[Criterion] = Field(min_length=1)
    combine: Literal["all", "any"] | Annotated[str, Field(pattern=r"^at least [1-9]$")] = "all"
    on_missing: Literal["fail", "skip"] = Field(alias="on missing", default="fail")


class Treated(Clause):
    """Who received the service: rows linked from ``dataset``, or rows that meet ``test``.

    ``starts`` is the date the service started, held against ``index date``: covariates must be
    known before it.
    """

    dataset: Slug | None = None
    through: Slug | None = None
    starts: FieldPath | None = None
    test: TestText | None = None


class Exclusion(Clause):
    """Rows that meet ``test`` are left out, and counted in the funnel under ``name``."""

    name: Sentence
    test: TestText


class Outcome(Clause):
    """What may have changed, and over how long. ``better`` says which direction is a benefit."""

    field: FieldPath
    type: Literal["binary", "mean", "count"]
    follow_up: str = Field(alias="follow up", default="")
    better: Literal["lower", "higher"]
    unit: str = ""


class Matching(Clause):
    """How treated people are paired with comparison people."""

    method: Literal["nearest"] = "nearest"
    ratio: int = Field(default=1, ge=1, le=20)
    replace: bool = False
    caliper: float | None = Field(default=None, gt=0)
    exact: tuple[FieldPath, ...] = ()
    order: Literal["largest score first", "random"] = "largest score first"


class EvaluateUse(UseClause):
    """U5: what did the service change, against matched people who did not receive it.

    ``caliper`` is in standard deviations of the logit of the score; ``max_smd`` bounds every
    covariate's standardised mean difference after matching.
    """

    use: Literal["evaluate"]
    treated: Treated
    pool: Slug
    index_date: FieldPath | None = Field(alias="index date", default=None)
    exclude: tuple[Exclusion, ...] = ()
    covariates: tuple[FieldPath, ...] = Field(min_length=1)
    outcomes: Frozen[Outcome] = Field(min_length=1)
    match: Matching = Matching()
    min_treated: int = Field(alias="min treated", default=60, ge=2)
    max_smd: float = Field(alias="max smd", default=0.1, gt=0)
    alpha: float = Field(default=0.05, gt=0, lt=0.5)
    adjust: Literal["holm", "none"] = "holm"

    def in_order(self) -> tuple[tuple[str, Outcome], ...]:
        """Return the outcomes by name: the order of a mapping has no meaning and may not travel."""
        return tuple(sorted(self.outcomes.items()))


Use = Annotated[LinkedUse | FlagUse | EvaluateUse, Field(discriminator="use")]
