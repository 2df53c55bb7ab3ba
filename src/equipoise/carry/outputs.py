"""What a use may hand on: typed tables, so that the disclosure check knows what each column is."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

import pyarrow as pa

from equipoise.errors import Problem

OutputKind = Literal["rows", "linked", "counts", "estimates"]
"""rows: one answer per unit for a recipient · linked: pseudonymised rows for a secure room ·
counts: a table of counts, perhaps with rates and a total · estimates: figures, each resting on a
stated number of people. A kind without a disclosure rule is refused."""

ColumnKind = Literal["label", "count", "rate", "measure", "pseudonym", "reference", "flag", "value"]

Reading = Literal["share", "percentage", "neither"]


@dataclass(frozen=True)
class OutputColumn:
    """One column: what it is, and which count columns it rests on.

    label: a group's name · count: a number of people · rate: ``numerator`` / ``denominator`` times
    ``per`` · measure: an estimate that rests on the count column ``denominator`` · pseudonym,
    reference, flag, value: parts of row-level outputs. ``decimals`` is how finely it is shown.

    ``reads_as`` says whether a measure can be taken for a share or a percentage of the people it
    rests on, or for neither (a difference, a p value); unsaid, the look of its figures decides.
    """

    name: str
    kind: ColumnKind
    numerator: str | None = None
    denominator: str | None = None
    per: float = 100.0
    decimals: int | None = None
    reads_as: Reading | None = None


@dataclass(frozen=True)
class Output:
    """One typed table. ``total_of`` names the label column whose value ``total`` marks a total row
    that must be rebuilt from the rounded parts. ``party`` is whose own rows a ``rows`` output
    holds.

    ``steps_of`` names the label column of a funnel: each row counts a part of the row before it
    that has the same other labels. ``sums_of`` names the label column in which ``sums`` says that
    one row is the sum of others, as ``(("answered", ("yes", "no")),)``. Both must be said, because
    what one row tells about another is what a reader can subtract.
    """

    name: str
    title: str
    kind: OutputKind
    columns: tuple[OutputColumn, ...]
    table: pa.Table
    total_of: str | None = None
    party: str | None = None
    steps_of: str | None = None
    sums_of: str | None = None
    sums: tuple[tuple[str, tuple[str, ...]], ...] = ()


@dataclass(frozen=True)
class Result:
    """What a use computed. ``refused`` holds the reasons for which its main result is withheld; its
    outputs then only explain the refusal and are never released."""

    outputs: tuple[Output, ...]
    refused: tuple[Problem, ...] = ()
    warnings: tuple[str, ...] = ()
    facts: dict[str, int | float | str] = field(default_factory=dict)
    """Numbers for the run record that hold no row value: counts, versions, parameters."""
