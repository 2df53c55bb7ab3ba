"""Two versions compared, in plain words: what is different, and does it share more or less?

Complete by construction: the canonical forms are walked together, and every place where they
differ yields a change, by a rule or by the clause's own name.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from equipoise.agree.canonical import canonical_bytes, canonical_json
from equipoise.agree.compare_rules import RULES, SAME_ITEM, WHOLE, Weight, substance
from equipoise.agree.document import Agreement
from equipoise.agree.parts import Retention
from equipoise.agree.places import Path, clause_of, steps_of
from equipoise.agree.plain import day, listed, term


@dataclass(frozen=True)
class Change:
    """One difference. ``clause`` is named as in the newer text, or the older where it is gone."""

    clause: str
    sentence: str
    weight: Weight


@dataclass(frozen=True)
class _Step:
    """Where the walk is: the clause, its pattern, and the names that fill the rule's words."""

    path: Path = ()
    pattern: tuple[str, ...] = ()
    names: tuple[str, ...] = ()

    def key(self, key: str, *, named: bool) -> _Step:
        names = (*self.names, key) if named else self.names
        return _Step((*self.path, key), (*self.pattern, "*" if named else key), names)

    def item(self, index: int, name: str) -> _Step:
        return _Step((*self.path, index), (*self.pattern, "[]"), (*self.names, name))


def compare(old: Agreement, new: Agreement) -> tuple[Change, ...]:
    """Return every difference between two versions, in the order of the canonical form.

    The weight says whether a change widens or narrows what is shared, with whom and for how long,
    changes something else of substance, or rewords.
    """
    before, after = (json.loads(canonical_json(agreement)) for agreement in (old, new))
    return tuple(_walk(_Step(), before, after))


def _walk(step: _Step, old: Any, new: Any) -> Iterator[Change]:
    if canonical_bytes(old) == canonical_bytes(new):
        return
    whole = ".".join(step.pattern) in WHOLE
    if isinstance(old, dict) and isinstance(new, dict) and not whole:
        for key in sorted(old.keys() | new.keys()):
            yield from _walk(_below(step, key), old.get(key), new.get(key))
    elif isinstance(old, list) and isinstance(new, list) and not whole:
        yield from _lists(step, old, new)
    else:
        yield _change(step, old, new)


def _below(step: _Step, key: str) -> _Step:
    """Return the step to ``key``: a name that somebody gave where the rules have a ``*``."""
    pattern = (*step.pattern, "*")
    named = any(rule.split(".")[: len(pattern)] == list(pattern) for rule in RULES)
    return step.key(key, named=named)


def _item_name(step: _Step, item: Any) -> str:
    keys = SAME_ITEM.get(".".join(step.pattern))
    if isinstance(item, dict) and keys:
        words = [str(item[key]) for key in keys]
        return words[0] if len(words) == 1 else f"'{words[0]}' for '{words[1]}'"
    return listed(map(str, item)) if isinstance(item, list) else str(item)


def _identity(step: _Step, item: Any) -> bytes:
    keys = SAME_ITEM.get(".".join(step.pattern))
    return canonical_bytes([item[key] for key in keys] if keys else item)


def _lists(step: _Step, old: list[Any], new: list[Any]) -> Iterator[Change]:
    left = list(enumerate(old))
    told = False
    for index, item in enumerate(new):
        at = step.item(index, _item_name(step, item))
        same = [pair for pair in left if _identity(step, pair[1]) == _identity(step, item)]
        if same:
            left.remove(same[0])
        changes = list(_walk(at, same[0][1], item)) if same else [_change(at, None, item)]
        told = told or bool(changes)
        yield from changes
    for index, item in left:
        told = True
        yield _change(step.item(index, _item_name(step, item)), item, None)
    if not told:
        name = _name(step)
        yield Change(clause_of(step.path), f"The order of {name} is different.", "changes")


def _name(step: _Step) -> str:
    rule = RULES.get(".".join(step.pattern))
    if rule is None:
        return f"'{clause_of(step.path)}'"
    return rule[0].format(*step.names, item=step.names[-1] if step.names else "")


def _shown(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return listed(map(_shown, value)) or "nothing"
    if isinstance(value, dict):
        return listed(f"{key}: {_shown(item)}" for key, item in value.items()) or "nothing"
    try:
        return day(date.fromisoformat(value))
    except (TypeError, ValueError):
        return str(value) or "nothing"


def _change(step: _Step, old: Any, new: Any) -> Change:
    pattern = ".".join(step.pattern)
    weigher = RULES.get(pattern, ("", substance))[1]
    name = _name(step)
    subject = name[0].upper() + name[1:]
    if pattern == "retention.*":
        sentence = _kept(step.names[0], old, new)
    elif old is None:
        leaf = not isinstance(new, dict | list) and step.pattern[-1] != "[]"
        sentence = f"{subject} is new{': ' + _shown(new) if leaf else ''}."
    elif new is None:
        sentence = f"{subject} is taken out."
    elif isinstance(old, str) and isinstance(new, str) and max(len(old), len(new)) > 40:
        sentence = f'{subject} now reads: "{_shown(new)}". It read: "{_shown(old)}".'
    else:
        sentence = f"{subject} is now {_shown(new)}, instead of {_shown(old)}."
    return Change(clause_of(step.path), sentence, weigher(old, new))


def _kept(name: str, old: Any, new: Any) -> str:
    before, after = (
        None if value is None else term(Retention.model_validate(value)) for value in (old, new)
    )
    if after is None:
        return f"How long '{name}' is kept is no longer said."
    now = f"'{name}' is now kept {after}"
    if before == after:
        return f"{now}, and shown by: {new.get('proof')}."
    return f"{now}, instead of {before}." if before else f"{now}; before, nothing was said."


def named(agreement: Agreement, clause: str) -> str | None:
    """Return what a clause is called in plain words, or None where nothing stands at it.

    ``clause`` is a path, as ``releases.0.fields``; nothing stands where a text is empty.
    """
    value: Any = json.loads(canonical_json(agreement))
    step = _Step()
    for key in steps_of(clause):
        if isinstance(value, list) and isinstance(key, int) and key < len(value):
            value = value[key]
            step = step.item(key, _item_name(step, value))
        elif isinstance(value, dict) and key in value:
            value = value[key]
            step = _below(step, str(key))
        else:
            return None
    return None if value in (None, "", [], {}) or not step.path else _name(step)
