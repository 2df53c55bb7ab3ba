"""Every refusal and failure, in one tree.

    EquipoiseError
    ├── UsageRefused        2   the command itself does not make sense
    ├── DocumentRefused     3   the agreement's text is wrong
    ├── GateRefused         4   the agreement does not permit this
    ├── DataRefused         5   a file, parcel or package is not what it must be
    ├── ResultRefused       6   a result may not be reported (cohort, balance, disclosure)
    ├── IntegrityRefused    7   a chain, signature, receipt or seal does not hold
    ├── StateRefused        8   not now: wrong state, already done, or somebody is at it
    └── EnvironmentFailed   9   the machine: no room on the disk, no permission, no file

The number is the exit code of the command line. Each error carries *all* the problems found, and
each problem says what is wrong, where, why, and what to do next. No problem ever holds a row value
or an identity: a row is named by its number in its owner's file.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any, ClassVar


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong.

    ``code`` is stable (``AGR012``, ``GATE003``); ``what`` is wrong; ``why`` it matters; ``next``
    is what to do. ``clause`` is the path in the agreement, as ``datasets.customers.fields.uprn``.
    """

    code: str
    what: str
    why: str = ""
    next: str = ""
    file: str | None = None
    line: int | None = None
    column: int | None = None
    clause: str | None = None

    def where(self) -> str:
        """Return the place in words, or an empty string when there is none."""
        spot = self.file or ""
        if self.line is not None:
            spot += (", " if spot else "") + f"line {self.line}"
            if self.column is not None:
                spot += f", column {self.column}"
        if self.clause:
            spot += (", " if spot else "") + f"clause {self.clause}"
        return spot

    def sentence(self) -> str:
        """Return the problem as one line of plain text."""
        parts = [f"{self.code}: {self.what}"]
        if place := self.where():
            parts.append(f"({place})")
        if self.why:
            parts.append(f"Why: {self.why}")
        if self.next:
            parts.append(f"Next: {self.next}")
        return " ".join(parts)

    def as_dict(self) -> dict[str, Any]:
        """Return the problem without its empty parts, for JSON."""
        return {key: value for key, value in asdict(self).items() if value not in (None, "")}


class EquipoiseError(Exception):
    """The root of the tree; holds one problem or more."""

    exit_code: ClassVar[int] = 1

    def __init__(self, problems: Problem | Iterable[Problem]) -> None:
        self.problems: tuple[Problem, ...] = (
            (problems,) if isinstance(problems, Problem) else tuple(problems)
        )
        super().__init__("\n".join(problem.sentence() for problem in self.problems))

    def __reduce__(self) -> tuple[type[EquipoiseError], tuple[tuple[Problem, ...]]]:
        """Let an error cross to another process with its problems."""
        return type(self), (self.problems,)


class UsageRefused(EquipoiseError):
    """The command itself does not make sense."""

    exit_code = 2


class DocumentRefused(EquipoiseError):
    """The agreement's text is wrong."""

    exit_code = 3


class GateRefused(EquipoiseError):
    """The agreement does not permit this."""

    exit_code = 4


class DataRefused(EquipoiseError):
    """A file, parcel or package is not what it must be."""

    exit_code = 5


class ResultRefused(EquipoiseError):
    """A result may not be reported."""

    exit_code = 6


class IntegrityRefused(EquipoiseError):
    """A chain, signature, receipt or seal does not hold."""

    exit_code = 7


class StateRefused(EquipoiseError):
    """Not now: wrong state, already done, or somebody is at it."""

    exit_code = 8


class EnvironmentFailed(EquipoiseError):
    """The machine cannot do it."""

    exit_code = 9
