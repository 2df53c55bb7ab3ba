"""What a participant's page sends: read into answers, and shown again where something is wrong.

The fields of a page are those of its questions, so there is no fixed form: ``Sheet`` holds what was
typed, what is wrong with it, and what its writer is asked about.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from django.http import QueryDict

from equipoise.acts.workshop_answer import drafts_of, places_of
from equipoise.errors import EquipoiseError, Problem
from equipoise.weigh.workshop.answers import MOST_TEXTS, SCOPES, Answer, order_from_places
from equipoise.weigh.workshop.screening import mark, needs_answer
from equipoise.weigh.workshop.wall import Own, Phone

CLIENT: Final = "client"
_WHOLE: Final = ("order", "then", "items", "line")
"""Answers that are made of all that stands on the page."""


@dataclass(frozen=True)
class Sending:
    """One answer, the field at which a problem with it is told, and the field of each text."""

    answer: Answer
    field: str
    boxes: tuple[str, ...] = ()

    def field_of(self, problem: Problem) -> str:
        """Return the field that a problem is about; ``clause`` names the text, if it is one."""
        for number, (draft, box) in enumerate(zip(self.answer.drafts, self.boxes, strict=True), 1):
            alone = len(self.boxes) == 1 and problem.clause == draft.role
            if alone or problem.clause == f"{draft.role} {number}":
                return box
        return self.field

    def text_of(self, problem: Problem) -> str:
        """Return the text that a problem is about."""
        for number, draft in enumerate(self.answer.drafts, 1):
            if problem.clause in (f"{draft.role} {number}", draft.role):
                return draft.text
        return ""


@dataclass
class Sheet:
    """What was typed on a page, what is wrong with it, and the marks of texts to confirm."""

    typed: Mapping[str, list[str]] = field(default_factory=dict)
    faults: list[tuple[str, str]] = field(default_factory=list)
    asks: dict[str, list[str]] = field(default_factory=dict)
    taken: set[str] = field(default_factory=set)
    client: str = field(default_factory=lambda: secrets.token_hex(8))

    @classmethod
    def read(cls, post: QueryDict) -> Sheet:
        """Return what a browser sent."""
        return cls({name: [str(one) for one in values] for name, values in post.lists()})

    def value(self, name: str, otherwise: object = "") -> str:
        """Return what was typed, or what else stands in the field."""
        if name in self.taken or name not in self.typed:
            return "" if otherwise is None else str(otherwise)
        return self.typed[name][0]

    def values(self, name: str, otherwise: Iterable[str] = ()) -> list[str]:
        """Return what was ticked; on a page that came back, also that nothing was."""
        return self.typed.get(name, []) if self.typed else [*otherwise]

    def faults_of(self, name: str) -> list[str]:
        """Return what is wrong with one field."""
        return [words for at, words in self.faults if at == name]

    def refuse(self, sending: Sending, error: EquipoiseError) -> None:
        """Note what stands against an answer, and offer to confirm what may be confirmed."""
        sure = any(not needs_answer(problem) for problem in error.problems)
        for problem in error.problems:
            at = sending.field_of(problem)
            self.faults.append((at, told(problem)))
            if needs_answer(problem) and not sure:
                asked = self.asks.setdefault(at, [])
                asked += {mark(sending.text_of(problem))} - {*asked}

    def drop(self, sending: Sending) -> None:
        """Forget what was taken, so that it is not sent a second time."""
        self.taken |= {sending.field, *sending.boxes}


def told(problem: Problem) -> str:
    """Return a problem as sentences, with its code."""
    parts = (problem.what, problem.why, problem.next)
    said = ". ".join(part[:1].upper() + part[1:].rstrip(".") for part in parts if part)
    return f"{said} ({problem.code})"


def sendings(phone: Phone, sheet: Sheet, only: str = "") -> Iterator[Sending]:
    """Yield every answer that a page holds: of one question, or of all that are on it.

    What is empty, or as it was, is not sent.
    """
    for own in phone.questions:
        name = own.question.id
        if only and name != only:
            continue
        if own.question.kind == "statement":
            yield from _statements(phone, sheet, own)
        elif own.question.kind == "order":
            yield _order(phone, sheet, own)
        elif own.question.kind == "items":
            yield _items(sheet, own)
        elif not only and own.question.by == "table":
            continue
        elif own.question.kind == "vote":
            yield from _vote(sheet, own)
        elif own.question.kind == "line":
            yield from _line(sheet, own)
        else:
            yield from _words(sheet, own)


def _client(sheet: Sheet, key: str) -> str:
    """Return the id of one sending: the same whenever the same page is sent again with the same in
    it. Who went back to a page and changed their mind sends something else."""
    typed = sorted((n, v) for n, v in sheet.typed.items() if n not in ("csrfmiddlewaretoken", key))
    given = repr((sheet.value(CLIENT), key, sheet.values(key), typed if key in _WHOLE else ()))
    return hashlib.sha256(given.encode("utf-8", "replace")).hexdigest()[:32]


def _confirmed(sheet: Sheet, own: Own) -> frozenset[str]:
    """Return the marks of texts that may stand: confirmed now, or taken before."""
    kept = (mark(text) for _, text in own.texts)
    return frozenset((*(m for value in sheet.values("confirm") for m in value.split()), *kept))


def _point(sheet: Sheet, name: str) -> int | None:
    typed = sheet.value(name)
    return int(typed) if typed.isascii() and typed.isdigit() and len(typed) < 4 else None


def _vote(sheet: Sheet, own: Own) -> Iterator[Sending]:
    name = f"choice.{own.question.id}"
    choice = _point(sheet, name)
    if choice is not None and choice != own.choice:
        seen = sheet.value(f"seen.{own.question.id}")
        client = _client(sheet, name)
        yield Sending(Answer(own.question.id, client, choice=choice, seen=seen), name)


def _statements(phone: Phone, sheet: Sheet, own: Own) -> Iterator[Sending]:
    for text, _, before in phone.statements:
        name = f"agree.{text}"
        choice = _point(sheet, name)
        if choice is not None and choice != before:
            seen = sheet.value(f"seen.{text}")
            sent = Answer(
                own.question.id, _client(sheet, name), choice=choice, about=text, seen=seen
            )
            yield Sending(sent, name)


def _words(sheet: Sheet, own: Own) -> Iterator[Sending]:
    name = f"words.{own.question.id}"
    drafts = drafts_of([("words", sheet.value(name))])
    if drafts:
        sent = Answer(
            own.question.id,
            _client(sheet, name),
            drafts=drafts,
            confirmed=_confirmed(sheet, own),
        )
        yield Sending(sent, name, (name,))


def _line(sheet: Sheet, own: Own) -> Iterator[Sending]:
    name = own.question.id
    at, words, holder = f"line.{name}", f"words.{name}", f"holder.{name}"
    item = sheet.value(at)
    own_words = sheet.value(words) if item in ("", "own") else ""
    drafts = drafts_of([("words", own_words), ("holder", sheet.value(holder))])
    if not item and not drafts:
        return
    sent = Answer(
        name,
        _client(sheet, "line"),
        items=(item,) if item not in ("", "own") else (),
        scope=sheet.value(f"scope.{name}", SCOPES[0]),
        drafts=drafts,
        confirmed=_confirmed(sheet, own),
    )
    boxes = {"words": words, "holder": holder}
    yield Sending(sent, at, tuple(boxes[draft.role] for draft in drafts))


def _lines_of(sheet: Sheet, name: str, role: str) -> list[tuple[str, str]]:
    """Return each line of a box as a text of its own; more than can be sent, to be refused."""
    return [(role, line) for line in sheet.value(name).splitlines()[: MOST_TEXTS + 1]]


def _items(sheet: Sheet, own: Own) -> Sending:
    name = own.question.id
    at, words = f"items.{name}", f"words.{name}"
    drafts = drafts_of(_lines_of(sheet, words, "words"))
    sent = Answer(
        name,
        _client(sheet, "items"),
        items=tuple(sheet.values(at)),
        drafts=drafts,
        confirmed=_confirmed(sheet, own),
        seen=sheet.value(f"seen.{name}"),
    )
    return Sending(sent, at, (words,) * len(drafts))


def _order(phone: Phone, sheet: Sheet, own: Own) -> Sending:
    """Read an order. The page holds one of two forms: the order and what it is judged by, or the
    order as it would be if something left out counted; what the other held is sent along."""
    said: Mapping[str, Any] = own.said or {}
    if sheet.value("part") == "then":
        return _order_then(phone, sheet, own, said)
    drafts = drafts_of(
        [*_lines_of(sheet, "own-judged", "judged by"), *_lines_of(sheet, "own-left", "left out")]
    )
    left = tuple(sheet.values("left"))
    counted = said.get("counted in", "")
    kept = counted if counted in left else ""
    sent = Answer(
        own.question.id,
        _client(sheet, "order"),
        order=order_from_places(_places(phone, sheet, "place")),
        criteria=tuple(sheet.values("judged")),
        left_out=left,
        counted_in=kept,
        order_then=_steps(said["order then"]) if kept else (),
        drafts=drafts,
        confirmed=_confirmed(sheet, own),
        seen=sheet.value(f"seen.{own.question.id}"),
    )
    boxes = {"judged by": "own-judged", "left out": "own-left"}
    return Sending(sent, "order", tuple(boxes[draft.role] for draft in drafts))


def _order_then(phone: Phone, sheet: Sheet, own: Own, said: Mapping[str, Any]) -> Sending:
    drafts = drafts_of(own.texts)
    sent = Answer(
        own.question.id,
        _client(sheet, "then"),
        order=_steps(said.get("order", ())),
        criteria=tuple(said.get("criteria", ())),
        left_out=tuple(said.get("left out", ())),
        counted_in=sheet.value("counted"),
        order_then=order_from_places(_places(phone, sheet, "then")),
        drafts=drafts,
        confirmed=_confirmed(sheet, own),
        seen=sheet.value(f"seen.{own.question.id}"),
    )
    return Sending(sent, "counted", ("counted",) * len(drafts))


def _steps(kept: Iterable[Iterable[str]]) -> tuple[tuple[str, ...], ...]:
    return tuple(tuple(step) for step in kept)


def _places(phone: Phone, sheet: Sheet, form: str) -> dict[str, float | None]:
    return places_of({card: sheet.value(f"{form}.{card}") for card in phone.cards})


def places_now(order: Iterable[Iterable[str]]) -> dict[str, str]:
    """Return the place of each card in a kept order, to stand in the form again."""
    return {card: str(place) for place, step in enumerate(order, 1) for card in step}
