"""What is wrong with a draft's text, each at its line, and what is different in two texts."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final

from equipoise.acts.merge import edits
from equipoise.agree.checks import warnings
from equipoise.agree.parse import Parsed, parse
from equipoise.errors import DocumentRefused, Problem
from equipoise.web.pages.drafting_form import Guide, id_of
from equipoise.web.remedies import on_page

AROUND: Final = 1
"""Lines shown before and after the one that is wrong."""


@dataclass(frozen=True)
class Finding:
    """One problem, the lines around it as (number, text, is it the one), and its place here."""

    problem: Problem
    lines: tuple[tuple[int, str, bool], ...]
    id: str


@dataclass(frozen=True)
class Checked:
    """A text that was checked: the agreement if it holds together, what is wrong, what is worth a
    look."""

    parsed: Parsed | None
    findings: tuple[Finding, ...]
    notes: tuple[Problem, ...]

    def count(self) -> str:
        """Return in words how many problems there are."""
        number = len(self.findings)
        if not number:
            return "The text holds together: no problem was found."
        return "1 problem was found." if number == 1 else f"{number} problems were found."

    def faults(self, guide: Guide | None) -> dict[str, str]:
        """Return what is wrong with each field of the form, in words."""
        told: dict[str, list[str]] = {}
        for field in guide.fields() if guide else ():
            for one in self.findings:
                clause = one.problem.clause or ""
                if clause == field.clause or clause.startswith(f"{field.clause}."):
                    told.setdefault(field.clause, []).append(_words(one.problem))
        return {clause: " ".join(dict.fromkeys(words)) for clause, words in told.items()}

    def summary(self, guide: Guide | None) -> list[tuple[str, str]]:
        """Return (address on the page, words) of each problem: its field, or its line."""
        fields = {field.clause: field.id for field in guide.fields()} if guide else {}
        listed = []
        for one in self.findings:
            at = next(
                (fields[clause] for clause in _around(one.problem) if clause in fields), one.id
            )
            line = f"Line {one.problem.line}: " if one.problem.line else ""
            listed.append((f"#{at}", line + one.problem.what))
        return listed


def _around(problem: Problem) -> Iterator[str]:
    clause = problem.clause or ""
    while clause:
        yield clause
        clause = clause.rpartition(".")[0]


def _words(problem: Problem) -> str:
    return f"{problem.what} {on_page(problem).next}".strip()


def checked(text: str) -> Checked:
    """Check a text as ``equipoise check`` does."""
    try:
        parsed = parse(text, file="")
    except DocumentRefused as error:
        return Checked(None, findings(error.problems, text), ())
    return Checked(parsed, (), tuple(warnings(parsed.agreement)))


def findings(problems: Iterable[Problem], text: str) -> tuple[Finding, ...]:
    """Return problems with the lines of the text around them."""
    lines = text.split("\n")
    return tuple(
        Finding(replace(one, file=None), _lines(one, lines), id_of(f"problem-{number}"))
        for number, one in enumerate(problems, start=1)
    )


def _lines(problem: Problem, lines: Sequence[str]) -> tuple[tuple[int, str, bool], ...]:
    if problem.line is None:
        return ()
    first = max(problem.line - AROUND, 1)
    last = min(problem.line + AROUND, len(lines))
    return tuple(
        (number, lines[number - 1][:300], number == problem.line)
        for number in range(first, last + 1)
    )


def line_by_line(old: str, new: str, *, most: int = 400) -> list[tuple[str, str]]:
    """Return what is different line by line, as (kind, text): ``taken``, ``put``, ``same``, and
    ``gap`` between two places; around each the line before and after it."""
    before, told = old.split("\n"), list[tuple[str, str]]()
    at = 0  # the first line that was not told yet
    for begin, end, put in edits(before, new.split("\n")):
        if told and begin > at:
            told.append(("same", before[at]))
            at += 1
        if told and begin - 1 > at:
            told.append(("gap", ""))
        told += [("same", line) for line in before[max(at, begin - 1) : begin]]
        told += [("taken", line) for line in before[begin:end]] + [("put", line) for line in put]
        at = end
        if len(told) > most:
            break
    told += [("same", line) for line in before[at : at + 1] if told]
    return [(kind, line[:300]) for kind, line in told[:most]]
