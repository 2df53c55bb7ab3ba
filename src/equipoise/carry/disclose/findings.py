"""What a disclosure check hands on: the output as it may leave, and why."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Final, Literal

from equipoise.carry.outputs import Output

Verdict = Literal["pass", "review", "fail"]
_WEIGHT: Final[dict[Verdict, int]] = {"pass": 0, "review": 1, "fail": 2}


@dataclass(frozen=True)
class Finding:
    """One thing that the check did or saw.

    ``evidence`` holds numbers that let a checker see why. They count cells, rows and columns and
    quote the rule; a withheld figure is never among them.
    """

    code: str
    verdict: Verdict
    what: str
    evidence: Mapping[str, int | float] = field(default_factory=dict)


@dataclass(frozen=True)
class Checked:
    """An output as it may leave after review, or without a row when the verdict is ``fail``.

    ``suppressed`` maps a column to the numbers of the rows in which its figure was withheld.
    """

    output: Output
    findings: tuple[Finding, ...]
    verdict: Verdict
    suppressed: Mapping[str, tuple[int, ...]] = field(default_factory=dict)


def conclude(
    output: Output,
    findings: Iterable[Finding],
    suppressed: Mapping[str, tuple[int, ...]] | None = None,
) -> Checked:
    """Return the check's result: the gravest finding is the verdict, and a failure has no rows."""
    told = tuple(findings)
    verdict: Verdict = "pass"
    for each in told:
        verdict = max(verdict, each.verdict, key=_WEIGHT.__getitem__)
    if verdict == "fail":
        return Checked(replace(output, table=output.table.slice(0, 0)), told, verdict)
    return Checked(output, told, verdict, suppressed or {})
