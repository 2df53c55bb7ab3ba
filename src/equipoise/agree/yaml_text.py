"""Read YAML into nodes that know their place, and refuse what could make a text mean another thing.

Only the plain part of YAML 1.2 is read: mappings, lists, text, numbers, true/false and nothing.
Anchors, aliases, merge keys, tags, directives and several documents are refused, each with its
place; reading goes on after them, so that one pass tells everything. A date stays text.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any, Final, Literal

import yaml

from equipoise.agree.catalogue import problem
from equipoise.agree.characters import name_of, unseen_in, without_unseen
from equipoise.agree.places import Path, Place, Places, clause_of
from equipoise.errors import Problem

MOST_CHARACTERS: Final = 400_000
DEEPEST: Final = 24

_NONE = re.compile(r"^(~|null|Null|NULL)?$")
_YES = re.compile(r"^(true|True|TRUE)$")
_NO = re.compile(r"^(false|False|FALSE)$")
_WHOLE = re.compile(r"^[-+]?(0|[1-9][0-9]{0,17})$")
_NUMBER = re.compile(r"^[-+]?[0-9]{1,18}\.[0-9]{1,18}$")


_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
"""The compiled reader, ten times as fast, where PyYAML was built with it."""


@dataclass
class Node:
    """One value of the text. ``at`` is where a fault in it is best shown."""

    kind: Literal["mapping", "list", "value", "refused"]
    at: Place
    value: Any = None
    items: list[Node] = field(default_factory=list)
    entries: dict[str, tuple[Place, Node]] = field(default_factory=dict)


@dataclass(frozen=True)
class Reading:
    """What was read: the outermost node (None when nothing could be) and what was refused."""

    node: Node | None
    problems: tuple[Problem, ...]


def _problem(code: str, at: Place, path: Path = (), **words: object) -> Problem:
    return replace(problem(code, clause_of(path), **words), line=at[0], column=at[1])


def _plain(text: str) -> Any:
    if _NONE.match(text):
        return None
    if _YES.match(text):
        return True
    if _NO.match(text):
        return False
    if _WHOLE.match(text):
        return int(text)
    return float(text) if _NUMBER.match(text) else text


def _place(mark: Any) -> Place:
    return (mark.line + 1, mark.column + 1)


class _TooDeepError(Exception):
    """Parts are nested deeper than any agreement needs."""


class _Reader:
    """Builds nodes from YAML events and gathers problems on the way."""

    def __init__(self, events: Iterator[yaml.Event]) -> None:
        self.events = events
        self.problems: list[Problem] = []

    def refuse(self, code: str, at: Place, path: Path = (), **words: object) -> None:
        """Remember a problem and go on."""
        self.problems.append(_problem(code, at, path, **words))

    def documents(self) -> Node | None:
        """Return the first document; refuse any other."""
        node: Node | None = None
        for event in self.events:
            if not isinstance(event, yaml.DocumentStartEvent):
                continue
            at = _place(event.start_mark)
            if event.tags or event.version:
                self.refuse("AGR007", at)
            if node is not None:
                self.refuse("AGR009", at)
                break
            node = self.node(next(self.events), ())
        return node

    def node(self, event: yaml.Event, path: Path) -> Node:
        """Return the node that begins with ``event``."""
        at = _place(event.start_mark)
        if len(path) > DEEPEST:
            self.refuse("AGR012", at, deepest=DEEPEST)
            raise _TooDeepError
        if isinstance(event, yaml.AliasEvent):
            self.refuse("AGR005", at, path, mark=f"*{event.anchor}")
            return Node("refused", at)
        self._marks(event, at, path)
        if isinstance(event, yaml.MappingStartEvent):
            return self._mapping(at, path)
        if isinstance(event, yaml.SequenceStartEvent):
            return self._list(at, path)
        return self._value(event, at, path)

    def _marks(self, event: Any, at: Place, path: Path) -> None:
        if event.anchor:
            self.refuse("AGR005", at, path, mark=f"&{event.anchor}")
        if event.tag:
            self.refuse("AGR006", at, path, tag=event.tag)

    def _value(self, event: Any, at: Place, path: Path) -> Node:
        hidden = unseen_in(event.value)
        if hidden:
            self.refuse("AGR003", at, path, names=", ".join(map(name_of, hidden)))
        text = _clean(event.value)
        return Node("value", at, value=_plain(text) if not event.style else text)

    def _list(self, at: Place, path: Path) -> Node:
        items: list[Node] = []
        while not isinstance(event := next(self.events), yaml.SequenceEndEvent):
            items.append(self.node(event, (*path, len(items))))
        return Node("list", at, items=items)

    def _mapping(self, at: Place, path: Path) -> Node:
        node = Node("mapping", at)
        while not isinstance(event := next(self.events), yaml.MappingEndEvent):
            # A key that is itself a mapping or a list goes deeper, though no clause is so called.
            nested = isinstance(event, yaml.MappingStartEvent | yaml.SequenceStartEvent)
            key_path = (*path, "?") if nested else path
            key_at = self.node(event, key_path).at
            name = _clean(event.value) if isinstance(event, yaml.ScalarEvent) else ""
            value = self.node(next(self.events), (*path, name))
            if self._key_holds(event, name, node, (*path, name)):
                node.entries[name] = (key_at, value)
        return node

    def _key_holds(self, event: Any, name: str, node: Node, path: Path) -> bool:
        at = _place(event.start_mark)
        if not name:
            self.refuse("AGR010", at, path[:-1])
        elif name == "<<" and not event.style:
            self.refuse("AGR008", at, path[:-1])
        elif name in node.entries:
            self.refuse("AGR004", at, path, key=name, first=node.entries[name][0][0])
        else:
            return True
        return False


def _clean(text: str) -> str:
    return unicodedata.normalize("NFC", without_unseen(text))


def _hidden(text: str) -> Iterator[Problem]:
    seen: set[str] = set()
    for number, line in enumerate(text.split("\n"), start=1):
        for character in unseen_in(line):
            if character not in seen:
                seen.add(character)
                at = (number, line.index(character) + 1)
                yield _problem("AGR003", at, names=name_of(character))


def _unreadable(error: yaml.MarkedYAMLError, text: str) -> Problem:
    at = _place(error.problem_mark)
    line = (text + "\n").split("\n")[at[0] - 1]
    indent = line[: len(line) - len(line.lstrip())]
    said = "a tab stands where only spaces may" if "\t" in indent else str(error.problem)
    return _problem("AGR001", at, said=said)


def read_yaml(text: str) -> Reading:
    """Read ``text``. Never raises; see ``Reading``."""
    if len(text) > MOST_CHARACTERS:
        return Reading(None, (_problem("AGR002", (1, 1), most=f"{MOST_CHARACTERS:,}"),))
    text = text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
    hidden = tuple(_hidden(text))
    reader = _Reader(yaml.parse(without_unseen(text), Loader=_LOADER))
    try:
        node = reader.documents()
    except yaml.MarkedYAMLError as error:
        return Reading(None, (*hidden, *reader.problems, _unreadable(error, text)))
    except _TooDeepError:
        return Reading(None, (*hidden, *reader.problems))
    if node is None or node.kind != "mapping":
        reader.refuse("AGR011", node.at if node else (1, 1))
        node = None
    return Reading(node, (*hidden, *reader.problems))


def plain_data(node: Node) -> Any:
    """Return a node's mappings, lists and values; None stands for what was refused."""
    if node.kind == "mapping":
        return {key: plain_data(child) for key, (_, child) in node.entries.items()}
    if node.kind == "list":
        return [plain_data(item) for item in node.items]
    return node.value


def _walk(node: Node, path: Path, at: Place) -> Iterator[tuple[Path, Node, Place]]:
    yield path, node, at
    for key, (key_at, child) in node.entries.items():
        yield from _walk(child, (*path, key), child.at if child.kind == "value" else key_at)
    for index, item in enumerate(node.items):
        yield from _walk(item, (*path, index), item.at)


def places_of(node: Node) -> Places:
    """Return where each clause stands: a value at itself, a part with more in it at its key."""
    return Places({clause_of(path): at for path, _, at in _walk(node, (), node.at)})


def refused_paths(node: Node) -> frozenset[Path]:
    """Return the parts that were refused while reading, and so have no value."""
    return frozenset(path for path, child, _ in _walk(node, (), node.at) if child.kind == "refused")


def key_places(node: Node) -> dict[str, Place]:
    """Return where the key of each clause stands, by the clause's name."""
    found: dict[str, Place] = {}
    for path, child, _ in _walk(node, (), node.at):
        for key, (key_at, _) in child.entries.items():
            found[clause_of((*path, key))] = key_at
    return found
