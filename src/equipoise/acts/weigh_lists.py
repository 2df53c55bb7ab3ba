"""What a site weighs with: the shipped lists, and those that lie in its folder ``weighing/``.

Each ``*.yaml`` there adds items, cards and questions (see ``equipoise.weigh.catalogue.addition``).
They are added in the order of their names, so the same folder gives the same version everywhere.
"""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType
from typing import Final

from equipoise.acts.site import Site
from equipoise.errors import DataRefused, EquipoiseError, Problem
from equipoise.store.initiatives import Initiatives
from equipoise.weigh.cards import Card
from equipoise.weigh.catalogue import Lists, shipped_lists, with_addition
from equipoise.weigh.catalogue.problems import problem

FOLDER: Final = "weighing"
LARGEST: Final = 2_000_000
"""Bytes of one file; a list that people can read is far smaller."""


def _refused(name: str, fault: str, next_: str) -> DataRefused:
    told = problem("WGH016", fault=fault, next=next_)
    return DataRefused(replace(told, file=name, line=1, column=1))


def _text(path: Path) -> str:
    """Return the text of one file. Raises ``DataRefused`` (WGH016) when it is none."""
    try:
        if path.stat().st_size > LARGEST:
            raise _refused(path.name, "is too large for a list", "Is it the right file?")
        return path.read_text(encoding="utf-8")
    except OSError as error:
        next_ = "Let the program read it, or move it out of the folder."
        raise _refused(path.name, "cannot be opened", next_) from error
    except UnicodeDecodeError as error:
        raise _refused(path.name, "is not text in UTF-8", "Save it as UTF-8.") from error


@lru_cache(maxsize=16)
def _with(texts: tuple[tuple[str, str], ...]) -> Lists:
    lists = shipped_lists()
    problems: list[Problem] = []
    for name, text in texts:
        try:
            lists = with_addition(lists, text, name)
        except DataRefused as refusal:
            problems += refusal.problems
    if problems:
        raise DataRefused(problems)
    return lists


def lists_in(folder: Path) -> Lists:
    """Return the shipped lists with what the YAML files in ``folder`` add; there may be none.

    Raises ``DataRefused`` with the problems of all files, each with file, line and reason.
    """
    problems: list[Problem] = []
    texts: list[tuple[str, str]] = []
    for path in sorted(folder.glob("*.yaml")):
        try:
            texts.append((path.name, _text(path)))
        except EquipoiseError as refusal:
            problems += refusal.problems
    if problems:
        raise DataRefused(problems)
    return _with(tuple(texts))


def lists_of(site: Site) -> Lists:
    """Return what a site weighs with: catalogue, cards - those of its initiatives among them - and
    questions. See ``lists_in``."""
    lists = lists_in(site.folder(FOLDER))
    own = Initiatives(site.store.alias).own_cards()
    cards = {name: Card.model_validate(dict(card)) for name, card in own.items()}
    return replace(lists, cards=MappingProxyType({**lists.cards, **cards})) if cards else lists
