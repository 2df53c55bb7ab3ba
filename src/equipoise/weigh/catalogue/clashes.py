"""What a site's entries may not do to each other, or to what is there already."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping

from equipoise.errors import Problem
from equipoise.weigh.cards.card import Card
from equipoise.weigh.catalogue.model import Catalogue, Item
from equipoise.weigh.catalogue.places import exists
from equipoise.weigh.catalogue.problems import problem
from equipoise.weigh.questions.question import Question


def _bare(text: str) -> str:
    """Return the words of a text alone, so that a comma does not make it another."""
    return " ".join(re.findall(r"\w+", text.casefold()))


def _id_clashes(path: str, entry_id: str, taken: Collection[str], adds: str) -> Iterator[Problem]:
    if entry_id in taken:
        yield problem("WGH009", clause=path, id=entry_id, adds=adds)
    elif adds and not entry_id.startswith(f"{adds}-"):
        yield problem("WGH010", clause=path, id=entry_id, adds=adds)


def of_items(items: Iterable[Item], catalogue: Catalogue, adds: str) -> Iterator[Problem]:
    """Yield what is wrong with added items: ids, groups, kinds, repeated words, places."""
    taken = {item.id for item in catalogue.items}
    said = {(item.group, _bare(item.words)): item.id for item in catalogue.items}
    for item in items:
        path = f"items.{item.id}"
        yield from _id_clashes(path, item.id, taken, adds)
        if item.group in ("card", "facts"):
            yield problem("WGH013", clause=f"{path}.group", group=item.group)
        if item.group == "red lines" and item.kind != "judged":
            yield problem("WGH014", clause=f"{path}.kind", kind=item.kind)
        other = said.setdefault((item.group, _bare(item.words)), item.id)
        if other != item.id:
            yield problem("WGH011", clause=f"{path}.words", other=other)
        for number, place in enumerate(item.places):
            if exists(place) is False and place != f"red line:{item.id}":
                key = f"also.{number - 1}" if number else "place"
                yield problem("WGH012", clause=f"{path}.{key}", place=place)


def of_cards(added: Iterable[Card], cards: Mapping[str, Card], adds: str) -> Iterator[Problem]:
    """Yield what is wrong with added cards: ids, sets and titles."""
    titles = {_bare(card.title): card.id for card in cards.values()}
    shipped_sets = {"A-F", "1-6", "case"}
    for card in added:
        path = f"cards.{card.id}"
        yield from _id_clashes(path, card.id, cards, adds)
        if card.set in shipped_sets:
            yield problem("WGH031", clause=f"{path}.set", set=card.set, adds=adds)
        if titles.setdefault(_bare(card.title), card.id) != card.id:
            yield problem("WGH032", clause=f"{path}.title", title=card.title)


def of_questions(
    added: Iterable[Question], questions: Mapping[str, Question], items: Collection[str], adds: str
) -> Iterator[Problem]:
    """Yield what is wrong with added questions: ids, scales, and items that do not exist."""
    said = {_bare(question.words): question.id for question in questions.values()}
    for question in added:
        path = f"questions.{question.id}"
        yield from _id_clashes(path, question.id, questions, adds)
        missing = [end for end in ("low", "high") if not getattr(question, end).strip()]
        if question.kind == "closed" and missing:
            yield problem(
                "WGH040", clause=path, missing=" and ".join(f"'{end}'" for end in missing)
            )
        if question.least >= question.most:
            words = {"least": question.least, "most": question.most}
            yield problem("WGH041", clause=path, **words)
        if (other := said.setdefault(_bare(question.words), question.id)) != question.id:
            yield problem("WGH011", clause=f"{path}.words", other=other)
        for number, item in enumerate(question.draws):
            if item not in items:
                yield problem("WGH042", clause=f"{path}.draws.{number}", item=item)
