"""What a wall shows, cut into screens: a hall sees no more than one at a time, and nobody scrolls.

How tall something is, is guessed from its words, in the size of the wall's type; the style sheet
makes that grow with the screen, so that a guess holds for 1280 by 720 and for 1920 by 1080 alike.
Where a guess is wrong, the part scrolls, never the page.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final
from zlib import crc32

from equipoise.web.workshop_pictures import Picture
from equipoise.weigh.workshop.wall import Wall

ROWS: Final = 6
"""Rows of a picture that can be read from the back of a hall."""
ASKED: Final = 8
"""Questions on one screen whose answers are still coming in."""
BOTH: Final = 3
"""Of these, as many as have room beneath what is to be done."""
TALL: Final = 19.0
"""How much one screen or one column of it holds."""
_ACROSS: Final = 88
"""Letters on a line across the screen; half of it has fewer than half."""
_BESIDE: Final = 44
_LINE: Final = 1.4
_SMALL: Final = 1.1


@dataclass(frozen=True)
class Row:
    """One thing named, by how many tables, and that as a bar."""

    words: str
    tables: int
    bar: str


@dataclass(frozen=True)
class Column:
    """One card: what most tables named, and ``rest``, which counts the others in words.
    ``of`` are the tables that named anything for it."""

    card: str
    of: int
    rows: tuple[Row, ...]
    rest: str


@dataclass(frozen=True)
class Screen:
    """One page of the wall. ``asked`` are the places in ``Wall.progress`` that it tells of,
    ``notes`` sentences and ``said`` what people wrote, as much as fits; ``named`` are cards with
    what tables named for them, ``side`` of which have room beside each other."""

    key: str
    title: str
    picture: Picture | None = None
    asked: tuple[int, ...] = ()
    notes: tuple[str, ...] = ()
    said: tuple[str, ...] = ()
    instructions: bool = False
    named: tuple[Column, ...] = ()
    side: int = 0


def screens(
    told: Wall, pictures: Sequence[Picture], folded: Sequence[Screen] = ()
) -> tuple[Screen, ...]:
    """Return the pages of the wall: what is asked or to be read, then each result. Never none.
    ``folded`` are pages of results that somebody else has made."""
    made: list[Screen] = []
    if told.phase == "open":
        made += _asked(told, results=bool(pictures or folded))
        made += _information(told)
    for picture in pictures:
        made += _of_a_picture(picture)
    made += folded
    if not made:
        made = [Screen("", "")]
    step = f"{told.phase} {told.step.number}"
    return tuple(replace(one, key=_key(step, one)) for one in made)


def _key(step: str, one: Screen) -> str:
    return f"{crc32(f'{step} {one.key} {one.title}'.encode()) & 0xFFFFFF:06x}"


def _asked(told: Wall, *, results: bool) -> Iterator[Screen]:
    """Yield what to do, and how far the answers are while they still come in."""
    open_yet = any(not one.shown for one in told.progress)
    places = tuple(range(len(told.progress))) if open_yet else ()
    tell = not results and not told.step.information
    if tell:
        few = places if len(places) <= BOTH else ()
        yield Screen("instructions", "", instructions=True, asked=few)
        places = places[len(few) :]
    for at in range(0, len(places), ASKED):
        yield Screen(f"asked {at}", "", asked=places[at : at + ASKED])


def _information(told: Wall) -> Iterator[Screen]:
    pack = told.plan.information if told.step.information else None
    if pack is None:
        return
    words = [part for part in pack.words.split("\n") if part.strip()]
    for number, part in enumerate(filled(words, TALL, lambda w: height(w, _ACROSS * 3 // 4))):
        yield Screen(f"information {number}", pack.title, notes=part)


def _of_a_picture(picture: Picture) -> Iterator[Screen]:
    """Yield a picture with its table, as many notes as fit beneath that, and then the rest."""
    notes, said = picture.notes, picture.said
    if picture.svg:
        # One line of a title has its room; TALL counts from beneath it.
        lines = 1 if picture.titled else -(-len(picture.title) // (_ACROSS * 5 // 6))
        room = TALL - _LINE * (lines - 1) - sum(_row(row) for row in (picture.heads, *picture.rows))
        fit = next(iter(filled(notes, room, lambda w: height(w, _BESIDE, _SMALL))), ())
        fit = fit if not fit or _tall(fit) <= room else ()
        yield Screen("picture", picture.title, picture=picture, notes=fit)
        notes = notes[len(fit) :]
    if said:
        for number, part in enumerate(filled(said, 2 * TALL - 6, lambda w: height(w, _BESIDE))):
            yield Screen(f"said {number}", picture.title, said=part)
    for number, part in enumerate(filled(notes, TALL, lambda w: height(w, _ACROSS))):
        yield Screen(f"notes {number}", picture.title, notes=part)


def _tall(notes: Iterable[str]) -> float:
    return sum(height(words, _BESIDE, _SMALL) for words in notes)


def height(words: str, letters: int, line: float = _LINE) -> float:
    """Guess how tall words are, in lines, where ``letters`` fit beside each other."""
    return line * -(-len(words) // letters) + 0.5


def _row(row: Sequence[str]) -> float:
    letters = max(12, _BESIDE - 8 * (len(row) - 1))
    return 0.5 + 1.2 * max(-(-len(row[0]) // letters), 1)


def filled(
    words: Iterable[str], room: float, height: Callable[[str], float]
) -> Iterator[tuple[str, ...]]:
    """Yield ``words`` cut where the next would be too much; each part has one at least."""
    part: list[str] = []
    left = room
    for one in words:
        if part and height(one) > left:
            yield tuple(part)
            part, left = [], room
        part.append(one)
        left -= height(one)
    if part:
        yield tuple(part)
