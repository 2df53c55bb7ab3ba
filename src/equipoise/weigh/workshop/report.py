"""The report: what was asked, shown and said, as one canonical JSON with its digest.

It holds what the walls showed and nothing finer; a participant is nowhere in it. It names the
digest of the plan, of the information pack, of the catalogue, and of the log of events, so that
whoever holds the log can show that this report is of it.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields, is_dataclass
from fractions import Fraction
from typing import Any, Final

from equipoise.agree.canonical import canonical_bytes, digest_of
from equipoise.errors import Problem, StateRefused
from equipoise.weigh.workshop.events import Event, log_digest
from equipoise.weigh.workshop.exercises import exercises
from equipoise.weigh.workshop.plan import Plan
from equipoise.weigh.workshop.polls import Poll, poll
from equipoise.weigh.workshop.results import (
    Conditions,
    Lines,
    Named,
    Result,
    SetOrders,
    Texts,
    Words,
    results,
)
from equipoise.weigh.workshop.shown import in_fives
from equipoise.weigh.workshop.state import State

FORMAT: Final = "equipoise workshop report 1"
SYNTHETIC: Final = "Synthetic: nobody said this. The people and their answers are invented."

Rows = list[list[str]]


@dataclass(frozen=True)
class Report:
    """``data`` is what is hashed; ``files`` are CSV texts by name; ``results`` the same results as
    values, for pages and pictures."""

    data: Mapping[str, Any]
    digest: str
    files: Mapping[str, str]
    results: tuple[tuple[str, tuple[Result, ...]], ...]

    def file_bytes(self) -> bytes:
        """Return the JSON file. Its digest is ``digest``."""
        return canonical_bytes(self.data)


def report(plan: Plan, state: State, events: Iterable[Event], words: Words) -> Report:
    """Return the report of a closed workshop. Raises ``StateRefused`` (WGH172) before its end."""
    if state.phase != "closed":
        raise StateRefused(
            Problem(
                "WGH172", "the workshop is still open", next="close it, then ask for its report"
            )
        )
    found = tuple(
        (question.id, results(plan, state, words, question)) for question in plan.questions.values()
    )
    data = {
        "format": FORMAT,
        **({"synthetic": SYNTHETIC} if plan.synthetic else {}),
        "workshop": plan.id,
        "title": plan.title,
        "about": plan.about,
        **({"substance": plan.substance} if plan.substance else {}),
        "plan": plan.model_dump(mode="json", exclude={"facilitators"}),
        "plan digest": plan.digest,
        "information": plan.information.digest if plan.information else "",
        "log": log_digest(tuple(events)),
        "people": in_fives(len(state.people)),
        "sectors": {name: in_fives(state.sectors.get(name, 0)) for name in plan.all_sectors},
        "tables": len({person.table for person in state.people.values()}),
        "taken out": len(state.hidden),
        "asked": [_asked(plan, state, name, each) for name, each in found],
    }
    body = canonical_bytes(data)
    return Report(data, digest_of(body), _files(plan, found), found)


def _asked(plan: Plan, state: State, name: str, found: tuple[Result, ...]) -> dict[str, Any]:
    """Return one question with what came of it. What a wall showed of a vote before it was taken
    again was seen, and stands beside what it showed last."""
    question = plan.questions[name]
    ever = state.trace.ever.get(name, [])
    before = ever[:-1] if question.kind == "vote" else []
    exercise = exercises()[question.exercise]
    return {
        "question": name,
        "exercise": exercise.title,
        "instructions": list(exercise.instructions),
        "words": question.words,
        "about": question.about,
        "scale": list(question.scale),
        "asked of": f"each {question.by}",
        "times shown": len(ever),
        "shown before": [plain(poll(question, figures)) for figures in before],
        "results": [{"kind": type(each).__name__, **plain(each)} for each in found],
    }


def plain(value: Any) -> Any:
    """Return results as plain data: sets sorted, fractions as text, keys as text."""
    if is_dataclass(value) and not isinstance(value, type):
        return {f.name.replace("_", " "): plain(getattr(value, f.name)) for f in fields(value)}
    if isinstance(value, Mapping):
        return {_key(key): plain(each) for key, each in value.items()}
    if isinstance(value, frozenset | set):
        return sorted(plain(each) for each in value)
    if isinstance(value, tuple | list):
        return [plain(each) for each in value]
    if isinstance(value, Fraction):
        return str(value)
    return round(value, 6) if isinstance(value, float) else value


def _key(key: Any) -> str:
    return " over ".join(map(str, key)) if isinstance(key, tuple) else str(key)


# -- CSV ----------------------------------------------------------------------------------------


_FORMULA: Final = re.compile(r"(^|[;|\t\r\n])(\s*)(?=[=+\-@\uff1d\uff0b\uff0d\uff20\t\r])")
"""At the beginning of a cell, or of what stands behind a separator; wide letters count, too."""


def safe_cell(text: str) -> str:
    """Return a cell that no spreadsheet takes for a formula, nor any part of it: where lists are
    set apart by ``;`` or a tab, a spreadsheet cuts a cell of ours in two, quoted or not."""
    return _FORMULA.sub(r"\1\2'", text)


def _csv(head: list[str], rows: Rows, synthetic: bool) -> str:
    made = io.StringIO()
    writer = csv.writer(made, lineterminator="\r\n")
    # In a column of its own, so that a row that is copied out still says it.
    writer.writerow([*head, *(["synthetic"] if synthetic else [])])
    for row in rows:
        writer.writerow([*map(safe_cell, row), *(["yes"] if synthetic else [])])
    return made.getvalue()


def _files(plan: Plan, found: tuple[tuple[str, tuple[Result, ...]], ...]) -> dict[str, str]:
    made: dict[str, tuple[list[str], Rows]] = {
        "orders.csv": (["question", "set", "table", "place", "card", "judged by", "left out"], []),
        "named.csv": (["question", "card", "item or words", "tables"], []),
        "polls.csv": (["question", "about", "sector", "answer", "people"], []),
        "words.csv": (["question", "text", "kind", "scope", "holder"], []),
    }
    for name, each in found:
        for result in each:
            file, rows = _rows(name, result)
            made[file][1].extend(rows)
    return {file: _csv(head, rows, plan.synthetic) for file, (head, rows) in made.items()}


def _rows(name: str, result: Result) -> tuple[str, Rows]:
    if isinstance(result, SetOrders):
        return "orders.csv", _order_rows(name, result)
    if isinstance(result, Named):
        ticked = [[name, result.card, i, str(len(tables))] for i, tables in result.items.items()]
        return "named.csv", [*ticked, *([name, result.card, text, "1"] for text in result.own)]
    if isinstance(result, Poll):
        return "polls.csv", _poll_rows(name, result)
    if isinstance(result, Conditions):
        return "polls.csv", [
            row for _, text, poll in result.votes for row in _poll_rows(name, poll, text)
        ]
    if isinstance(result, Lines):
        lines = [
            [name, line.text, f"red line {line.item}".strip(), line.scope, line.holder]
            for line in result.lines
        ]
        held = [
            [name, "", f"red line {i}: {n or 'some'} hold it", "", ""]
            for i, n in result.held.items()
        ]
        return "words.csv", [*held, *lines]
    assert isinstance(result, Texts)
    return "words.csv", [[name, text, "words", "", ""] for _, text in result.texts]


def _order_rows(name: str, result: SetOrders) -> Rows:
    rows: Rows = []
    for each in result.tables:
        by = "; ".join((*each.judged_by, *each.own_judged_by))
        out = "; ".join((*each.left_out, *each.own_left_out))
        for order, extra in ((each.order, ""), (each.order_then, each.counted_in)):
            table = f"table {each.table}" + (f" counting {extra}" if extra else "")
            rows += _placed([name, result.set, table], order, [by, out])
    if result.together is not None:
        rows += _placed([name, result.set, "together"], result.together.borda.order, ["", ""])
    return rows


def _placed(before: list[str], order: tuple[frozenset[str], ...], after: list[str]) -> Rows:
    rows, place = [], 1
    for step in order:
        rows += [[*before, str(place), card, *after] for card in sorted(step)]
        place += len(step)
    return rows


def _poll_rows(name: str, poll: Poll, about: str = "") -> Rows:
    subject = about or poll.about
    rows = [
        [name, subject, "everybody", label, str(count)]
        for label, count in zip(poll.labels, poll.counts, strict=True)
    ]
    for sector, counts in poll.sectors.items():
        rows += [
            [name, subject, sector, label, str(count)]
            for label, count in zip(poll.sector_labels, counts, strict=True)
        ]
    if poll.moved is not None:
        rows += [
            [row[0], row[1], row[2], f"moved: {row[3]}", row[4]]
            for row in _poll_rows(name, poll.moved, subject)
        ]
    return rows
