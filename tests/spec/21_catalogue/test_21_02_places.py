"""Every item lives somewhere in the product: each place is looked up in the real thing.

Run with ``-s`` to see the table of items and places.
"""

from __future__ import annotations

import importlib
import importlib.util
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from equipoise.account import register
from equipoise.gate.reasons import REASONS
from equipoise.weigh.cards import FIELDS, Card, cards
from equipoise.weigh.catalogue import catalogue
from equipoise.weigh.catalogue.places import RESOLVERS, clause_exists, exists
from equipoise.weigh.questions import dpia_steps, evaluation, questions

PROJECT = Path(__file__).parents[3]


class NotBuiltError(Exception):
    """The room in which such places are is not there yet."""


def _room(name: str) -> object:
    try:
        return importlib.import_module(f"equipoise.{name}")
    except ModuleNotFoundError as missing:
        raise NotBuiltError(f"equipoise.{name}") from missing


def _act(name: str) -> bool:
    return importlib.util.find_spec(f"equipoise.acts.{name}") is not None


def _exercise(name: str) -> bool:
    return bool(_room("weigh.workshop.exercises").places().get(name))  # type: ignore[attr-defined]


def _page(name: str) -> bool:
    """The register is there without the web application; other pages are templates of it."""
    if name == "register":
        templates = Path(register.__file__).parent / "templates"
        return (templates / "index.html.jinja").is_file()
    _room("web.urls")
    web = PROJECT / "src" / "equipoise" / "web"
    return any(path.stem.split(".")[0] == name for path in web.rglob("*.html*"))


def _red_line(name: str) -> bool:
    """A computed line has a rule that reads the agreement; a judged one is put to people."""
    kinds = {item.id: item.kind for item in catalogue().of("red lines")}
    rules = _room("weigh.assess.lines").RULES  # type: ignore[attr-defined]
    return name in kinds and (name in rules) is (kinds[name] == "computed")


REAL: dict[str, Callable[[str], bool]] = {
    "clause": clause_exists,
    "question": lambda name: name in questions() or name in evaluation(),
    "card": lambda name: name in cards() or (name in FIELDS and name in Card.model_fields),
    "gate": REASONS.__contains__,
    "act": _act,
    "document": lambda name: (PROJECT / name).is_file(),
    "red line": _red_line,
    "exercise": _exercise,
    "page": _page,
}


def look_up(place: str) -> bool | None:
    """Whether a place is there; None where its room is not built yet."""
    kind, _, name = place.partition(":")
    try:
        return REAL[kind](name)
    except NotBuiltError:
        return None


def places_in_use() -> Iterator[tuple[str, str]]:
    for item in catalogue().items:
        yield from ((item.id, place) for place in item.places)
    for step in dpia_steps():
        yield from ((step.id, place) for place in step.filled_by)


def test_every_item_has_a_place_and_the_table_is_printed() -> None:
    marks = {True: "", False: "  NOT FOUND", None: "  (not built yet)"}
    for item in catalogue().items:
        told = ", ".join(place + marks[look_up(place)] for place in item.places)
        print(f"{item.id:4} {item.seed:18} {item.words[:60]:60} {told}")
    assert all(item.place for item in catalogue().items)


def test_every_place_leads_to_the_real_thing() -> None:
    lost = [(name, place) for name, place in places_in_use() if look_up(place) is False]
    assert lost == []


def test_no_place_waits_for_a_room_that_is_not_built() -> None:
    waiting = sorted({place for _, place in places_in_use() if look_up(place) is None})
    if waiting:
        pytest.skip(f"not built yet, and so not looked up: {', '.join(waiting)}")


@pytest.mark.parametrize(
    "place",
    [
        "clause:purpose.statements", "clause:linkage.mode=telepathy", "clause:prohibitions=gossip",
        "question:purposeful-7", "card:G", "gate:GATE999", "act:gossip", "document:NOTHING.md",
        "red line:X8",
    ],
)  # fmt: skip
def test_a_place_that_is_not_there_is_seen(place: str) -> None:
    assert look_up(place) is False


def test_clauses_are_found_as_they_are_written() -> None:
    for path in (
        "weighing.red lines.*.held by", "datasets.*.fields.*.why", "parties.*.role=linkage unit",
        "uses.*.use=evaluate", "retention.*.days", "purpose.benefits.*.measured by",
        "on breach.notify", "linkage.entities.*.rules.*.*", "datasets.*.fields.*.columns.*",
    ):  # fmt: skip
        assert clause_exists(path), path
    assert not clause_exists("weighing.held by") and not clause_exists("purpose.*.statement")


def test_the_room_itself_knows_what_a_pure_room_can_know() -> None:
    for _, place in places_in_use():
        known = exists(place)
        assert known is not False, place
        assert (known is None) is (place.partition(":")[0] not in RESOLVERS)


def test_no_place_is_a_catch_all() -> None:
    """Where everything lives, nothing does: what binds is held by more than an exercise."""
    held = {"clause", "gate", "act", "question", "red line"}
    for item in catalogue().items:
        if item.group in ("red lines", "facts", "factors", "risks"):
            assert held & {place.partition(":")[0] for place in item.places}, item.id
