"""What is printed for a workshop: a sheet for the wall, and a pack for each table."""

from __future__ import annotations

from dataclasses import dataclass

from equipoise.weigh.cards import Card, Cards
from equipoise.weigh.catalogue import Catalogue, Item
from equipoise.weigh.workshop.codes import spoken
from equipoise.weigh.workshop.exercises import exercises
from equipoise.weigh.workshop.plan import Plan

PATH = "join/{code}/{key}"
"""Where a phone that scanned the square goes, below the site's own address."""


@dataclass(frozen=True)
class Sheet:
    """What a table does in one exercise, as it lies on the table."""

    title: str
    minutes: int
    instructions: tuple[str, ...]
    misread: tuple[str, ...]
    check: str


@dataclass(frozen=True)
class Pack:
    """One table's papers. ``square`` is the text of its QR code, a path below the site's address;
    ``benefits`` and ``risks`` are the lists to tick from, on paper where there is no phone."""

    workshop: str
    table: int
    code: str
    square: str
    cards: tuple[Card, ...]
    sheets: tuple[Sheet, ...]
    benefits: tuple[Item, ...]
    risks: tuple[Item, ...]
    red_lines: tuple[Item, ...]
    synthetic: bool


def join_path(code: str, key: str, table: int | None = None) -> str:
    """Return the path that a QR code holds; with ``table``, it seats whoever scans it there."""
    path = PATH.format(code=code, key=key)
    return path if table is None else f"{path}/{table}"


def sheets(plan: Plan) -> tuple[Sheet, ...]:
    """Return the instructions of every exercise of the plan, in order."""
    return tuple(
        Sheet(e.title, chosen.minutes, e.instructions, e.misread, e.check)
        for chosen in plan.exercises
        for e in (exercises()[chosen.exercise],)
    )


def packs(plan: Plan, cards: Cards, catalogue: Catalogue, code: str, key: str) -> tuple[Pack, ...]:
    """Return the papers of every table; a card that ``cards`` no longer holds is left out."""
    return tuple(
        Pack(
            workshop=plan.title,
            table=table,
            code=spoken(code),
            square=join_path(code, key, table),
            cards=tuple(cards[c] for c in (*plan.set_of(table), *plan.cases) if c in cards),
            sheets=sheets(plan),
            benefits=catalogue.of("benefits"),
            risks=catalogue.of("risks"),
            red_lines=catalogue.of("red lines"),
            synthetic=plan.synthetic,
        )
        for table in range(1, plan.tables + 1)
    )
