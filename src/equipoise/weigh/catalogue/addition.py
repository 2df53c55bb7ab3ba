"""A site's own list: one YAML text that adds items, cards and questions to those shipped.

    adds: leeds
    version: 1
    items:
      leeds-night-buses:
        group: benefits
        on: people
        words: Buses run when people come off late shifts.
        place: exercise:naming benefits and risks
        source: Night work survey, 2026

Nothing that is shipped can be changed or taken out; what is added has ids that begin with the
list's own name. Everything wrong is told at once, each with its line.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Annotated, Any, Final

from pydantic import Field, ValidationError

from equipoise.agree.places import Path, clause_of
from equipoise.agree.yaml_text import Node, key_places, places_of, plain_data, read_yaml
from equipoise.errors import DataRefused, Problem
from equipoise.weigh.cards.card import Card, Cards
from equipoise.weigh.cards.shipped_cards import cards
from equipoise.weigh.catalogue.clashes import of_cards, of_items, of_questions
from equipoise.weigh.catalogue.faults import faults
from equipoise.weigh.catalogue.items import catalogue
from equipoise.weigh.catalogue.model import Catalogue, Item
from equipoise.weigh.catalogue.problems import problem
from equipoise.weigh.entry import Entry
from equipoise.weigh.questions.question import Question
from equipoise.weigh.questions.shipped_questions import Questions, evaluation, questions
from equipoise.weigh.shipped import entry


@dataclass(frozen=True)
class Lists:
    """What people weigh with: the catalogue, the cards by id, and all questions by id."""

    catalogue: Catalogue
    cards: Cards
    questions: Questions


class Addition(Entry):
    """The head of a site's list, and its entries as they were written."""

    adds: Annotated[str, Field(pattern=r"^[a-z][a-z0-9]{1,30}$")]
    version: Annotated[int, Field(ge=1, le=9999)]
    items: dict[str, Any] = Field(default_factory=dict)
    cards: dict[str, Any] = Field(default_factory=dict)
    questions: dict[str, Any] = Field(default_factory=dict)


SECTIONS: Final[Mapping[str, type[Entry]]] = MappingProxyType(
    {"items": Item, "cards": Card, "questions": Question}
)


_OF_A_LIST: Final[Mapping[str, tuple[str, str]]] = MappingProxyType(
    {
        "AGR009": (
            "The file holds more than one document.",
            "Keep one list in one file: take out everything from '---'.",
        ),
        "AGR011": (
            "The text is not a set of named parts.",
            "Begin with 'adds:', 'version:' and 'items:'; the documentation shows a whole list.",
        ),
    }
)
"""What the reader of YAML says of agreements, said of a list."""


@dataclass
class _Gathered:
    """What of a text could be read, and everything that is wrong with it."""

    adds: str = ""
    version: int = 0
    found: dict[str, list[Any]] = field(default_factory=lambda: {key: [] for key in SECTIONS})
    problems: list[Problem] = field(default_factory=list)


def shipped_lists() -> Lists:
    """Return what comes with the program."""
    return Lists(catalogue(), cards(), MappingProxyType({**questions(), **evaluation()}))


def _validated(kind: type[Entry], build: Callable[[], Any], path: Path) -> Iterator[Any | Problem]:
    try:
        yield build()
    except ValidationError as error:
        yield from faults(kind, error.errors(include_url=False), path)


def _entry(kind: type[Entry], key: str, body: Any, path: Path) -> Iterator[Any | Problem]:
    if not isinstance(body, dict):
        words = {"what": f"'{key}' has no keys of its own.", "next": "Write its keys below it."}
        yield problem("WGH005", clause_of(path), **words)
    elif "id" in body:
        next_ = "Take it out: the name of the entry is its id."
        yield problem("WGH003", clause_of((*path, "id")), key="id", next=next_)
    else:
        yield from _validated(kind, lambda: entry(kind, key, body), path)


def _gather(data: dict[str, Any]) -> _Gathered:
    """Read the head and every entry by itself."""
    gathered = _Gathered()
    for outcome in _validated(Addition, lambda: Addition.model_validate(data, strict=True), ()):
        if isinstance(outcome, Problem):
            gathered.problems.append(outcome)
        else:
            gathered.adds, gathered.version = outcome.adds, outcome.version
    if not any(data.get(section) for section in SECTIONS):
        gathered.problems.append(problem("WGH002"))
    for section, kind in SECTIONS.items():
        body = data.get(section)
        for key, each in (body if isinstance(body, dict) else {}).items():
            for outcome in _entry(kind, key, each, (section, key)):
                wrong = isinstance(outcome, Problem)
                (gathered.problems if wrong else gathered.found[section]).append(outcome)
    return gathered


def _between(gathered: _Gathered, lists: Lists) -> Iterator[Problem]:
    """Yield what is wrong between the entries and what is there already."""
    found, adds = gathered.found, gathered.adds
    if adds and f"+{adds}." in lists.catalogue.version:
        yield problem("WGH015", clause="adds", adds=adds)
    known = {item.id for item in (*lists.catalogue.items, *found["items"])}
    yield from of_items(found["items"], lists.catalogue, adds)
    yield from of_cards(found["cards"], lists.cards, adds)
    yield from of_questions(found["questions"], lists.questions, known, adds)


def _placed(found: Problem, node: Node, file: str) -> Problem:
    clause = found.clause or ""
    keys = key_places(node) if found.code == "WGH003" else {}
    line, column = keys.get(clause) or places_of(node).place(clause) or node.at
    return replace(found, file=file, line=line, column=column)


def _unreadable(told: Problem, file: str) -> Problem:
    what, next_ = _OF_A_LIST.get(told.code, (told.what, told.next))
    said = problem("WGH001", told.clause or "", said=what, next=next_)
    return replace(said, file=file, line=told.line, column=told.column)


def _refuse(problems: list[Problem]) -> None:
    if problems:
        raise DataRefused(sorted(problems, key=lambda p: (p.line, p.column, p.code)))


def with_addition(lists: Lists, text: str, file: str = "additions.yaml") -> Lists:
    """Return ``lists`` with what a site's YAML ``text`` adds.

    ``file`` is only the name by which problems call the text; nothing is opened. The catalogue's
    version becomes ``1+leeds.2`` for version 2 of the list ``leeds``. Raises ``DataRefused`` with
    all problems in the order of the text: what cannot be read, unknown keys, missing or malformed
    ones, ids and titles that are taken, places that lead nowhere.
    """
    reading = read_yaml(text)
    problems = [_unreadable(told, file) for told in reading.problems]
    if reading.node is None:
        _refuse(problems)
    assert reading.node is not None, "a text that cannot be read has a problem"
    gathered = _gather(plain_data(reading.node))
    wrong = [*gathered.problems, *_between(gathered, lists)]
    _refuse([*problems, *(_placed(each, reading.node, file) for each in wrong)])
    found = gathered.found
    version = f"{lists.catalogue.version}+{gathered.adds}.{gathered.version}"
    return Lists(
        lists.catalogue.with_items(found["items"], version),
        MappingProxyType({**lists.cards, **{card.id: card for card in found["cards"]}}),
        MappingProxyType({**lists.questions, **{each.id: each for each in found["questions"]}}),
    )


def extended(shipped: Catalogue, text: str, file: str = "additions.yaml") -> Catalogue:
    """Return a catalogue with the items that a site's YAML ``text`` adds; see ``with_addition``."""
    return with_addition(replace(shipped_lists(), catalogue=shipped), text, file).catalogue
