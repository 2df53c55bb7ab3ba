"""What was typed in an assessment's forms, and what is wrong with it, field by field.

The fields of a form have the names of the sheet's own keys, so that a problem's clause, such as
``risks.0.controls.1.what``, leads to its field, ``controls.1.what``.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

from equipoise.errors import Problem
from equipoise.web.remedies import on_page

MISSING: Final[Mapping[str, str]] = {
    "answer": "choose 1 to 5, or don\u2019t know",
    "because": "say why",
    "on": "choose on whom it falls",
    "size": "choose how large it is, or don\u2019t know",
    "likelihood": "choose how likely it is, or don\u2019t know",
    "what": "say what is done against it",
    "likelihood becomes": "choose how likely the risk is with this control",
    "evidence": "say what shows that it works",
    "line": "write the line",
    "held by": "say who holds it",
    "scope": "say where it holds",
    "condition": "write the condition",
    "sector": "choose the sector",
    "role": "say in which role these answers are given",
    "consulted": "say who was asked and how, or why nobody was",
    "by": "say who signs it off, by name",
    "how": "say how it was met",
    "name": "say who advised",
    "advice": "say what the advice was",
    "followed": "say whether the advice was followed",
    "approved by": "say who approves it",
    "accepted by": "say who accepts what remains",
    "reviewed by": "say who keeps watch",
    "said": "say what was said",
    "in short": "say in a few sentences what was heard",
    "people said": "say what people said",
    "decided by": "say who decided",
    "view": "choose what you would do",
}
"""Last key of a clause -> what to do when nothing stands there."""


def field_of(clause: str) -> str:
    """Return the name of the field at a clause below the part that a form is about."""
    return clause.replace(" ", "-")


def sentence_of(found: Problem, label: str = "") -> str:
    """Return a problem as one sentence beside a field; ``label`` tells like fields apart."""
    found = on_page(found)
    last = (found.clause or "").rpartition(".")[2]
    if found.code == "WGH081" and last in MISSING:
        said = MISSING[last]
    else:
        said = found.what.removeprefix("What stands here does not fit: ").rstrip(".")
        said = f"{said}. {found.next.rstrip('.')}" if found.next else said
    said = f"{label}: {said}" if label else said
    return f"{said[:1].upper()}{said[1:]} ({found.code})"


class Typed:
    """Values and faults by field, as the macros of pages want a form. Fields without a name of
    their own on the page are told at the top."""

    def __init__(
        self,
        values: Mapping[str, Any],
        faults: Iterable[tuple[str, str]] = (),
    ) -> None:
        self._values = dict(values)
        self._faults = list(dict.fromkeys(faults))

    def value(self, name: str) -> Any:
        """Return what was typed, to show it again."""
        return self._values.get(name, "")

    def faults(self, name: str) -> list[str]:
        """Return what is wrong with one field."""
        return [words for field, words in self._faults if field == name]

    def all_faults(self) -> list[tuple[str, str]]:
        """Return (field, words) of everything wrong."""
        return self._faults


def flat(said: Any, before: str = "") -> dict[str, Any]:
    """Return plain data as fields: ``{"a": {"b": 1}}`` as ``{"a.b": "1"}``. Lists of words stay
    lists, for checkboxes."""
    if isinstance(said, Mapping):
        pairs = [(str(key), value) for key, value in said.items()]
    elif isinstance(said, list | tuple) and any(isinstance(each, Mapping) for each in said):
        pairs = [(str(number), value) for number, value in enumerate(said)]
    else:
        if isinstance(said, bool):  # a box that is ticked or not
            return {before: ["yes"] if said else []}
        return {before: said if isinstance(said, list) else str(said)}
    found: dict[str, Any] = {}
    for key, value in pairs:
        found |= flat(value, f"{before}.{field_of(key)}" if before else field_of(key))
    return found


def answer(typed: str) -> Any:
    """Return a chosen answer as the sheet has it: a number, *don't know*, or nothing."""
    return int(typed) if typed.isdecimal() and len(typed) < 4 else typed


def spoken(typed: Mapping[str, Any], fields: Iterable[str]) -> dict[str, Any]:
    """Return the fields in which something was typed, under the keys of a sheet."""
    found: dict[str, Any] = {}
    for key in fields:
        value = str(typed.get(field_of(key), "")).strip()
        if value:
            is_answer = key in ("answer", "size", "likelihood", "likelihood becomes")
            found[key] = answer(value) if is_answer else value
    return found
