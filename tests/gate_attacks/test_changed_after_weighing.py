"""People weighed one text. Whatever is changed in it afterwards, the gate says no and says why."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lawful import (
    ACTS,
    CONDITION,
    WORKSHOP,
    Document,
    World,
    cover_of,
    document,
    signed_world,
    world,
)

from equipoise.agree.canonical import canonical_json, substance
from equipoise.agree.document import Agreement
from equipoise.agree.weighed import Line, Weighed
from equipoise.gate.decide import Allow, Deny, decide

MOVING = tuple(act for act in ACTS if act != "erase")
WEIGHED = Agreement.model_validate(document())
COVER = cover_of(WEIGHED)


def bound(change: Callable[[Document], object] = lambda data: None, *covers: Weighed) -> World:
    """A text that binds ``COVER``, changed, signed anew by everybody, with these covers known."""
    data = document()
    data["weighing"]["assessment"] = (covers or (COVER,))[0].digest
    change(data)
    return signed_world(Agreement.model_validate(data), *(covers or (COVER,)))


def codes(where: World, act: str) -> set[str]:
    answer = decide(where.agreement, None, where.lawful(act), where.facts)
    return {one.code for one in answer.problems} if isinstance(answer, Deny) else set()


@pytest.mark.parametrize("act", ACTS)
def test_the_text_that_was_weighed_is_carried_out(act: str) -> None:
    assert codes(bound(), act) == set()


# -- any change of any part ----------------------------------------------------------------------


def leaves(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Every place of the text at which something stands."""
    if isinstance(value, dict):
        for key, each in value.items():
            yield from leaves(each, (*path, key))
    elif isinstance(value, list):
        for number, each in enumerate(value):
            yield from leaves(each, (*path, number))
    else:
        yield path


def at(data: Any, path: tuple[Any, ...]) -> Any:
    for step in path:
        data = data[step]
    return data


LEAVES = [path for path in leaves(document()) if path[0] != "weighing"]


def other(value: Any) -> Any:
    if isinstance(value, bool):
        return not value
    if isinstance(value, int | float):
        return value + 1
    return f"{value} and more"


WORDS = (
    "2027-06-01",
    "high",
    "low",
    "council",
    "statistical",
    "x1",
    "text",
    "all",
    "legal obligation",
    "marketing",
    "encoded",
    "controller",
    "payload",
    "providers",
    "de-personalised",
    "any",
)
"""Words of the language: some of them may stand where free text may not."""


def changed_at(path: tuple[Any, ...]) -> Agreement | None:
    """The weighed text with one value changed, or None where no other value was found for it."""
    for value in (other(at(document(), path)), *WORDS):
        data = document()
        data["weighing"]["assessment"] = COVER.digest
        if at(data, path) == value:
            continue
        at(data, path[:-1])[path[-1]] = value
        try:
            return Agreement.model_validate(data)
        except ValueError:
            continue
    return None


def test_each_single_value_of_the_text_is_part_of_what_was_weighed() -> None:
    texts = {path: changed_at(path) for path in LEAVES}
    tried = {path: text for path, text in texts.items() if text is not None}
    assert len(tried) > 0.85 * len(LEAVES) > 150, "this attack would try next to nothing"
    for path, text in tried.items():
        assert substance(text) != COVER.substance, path


@pytest.mark.parametrize("path", LEAVES[:: max(1, len(LEAVES) // 40)], ids=str)
def test_a_changed_value_is_refused_at_the_gate_though_all_have_signed_it(
    path: tuple[Any, ...],
) -> None:
    text = changed_at(path)
    if text is None:
        return
    where = signed_world(text, COVER)
    answer = decide(text, None, bound().lawful("pack"), where.facts)
    assert isinstance(answer, Deny)
    (reason,) = [one for one in answer.problems if one.code == "GATE027"]
    assert reason.clause == "weighing.assessment"
    assert "'rebate'" in reason.what and reason.why and reason.next


REMOVED = [name for name in document() if name not in ("agreement", "weighing")]


@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_any_change_of_substance_after_weighing_denies_every_act_that_moves_data(
    data: st.DataObject,
) -> None:
    said = document()
    said["weighing"]["assessment"] = COVER.digest
    for path in data.draw(st.lists(st.sampled_from(LEAVES), min_size=1, max_size=4, unique=True)):
        value = at(said, path)
        drawn = data.draw(st.one_of(st.just(other(value)), st.text(min_size=3, max_size=30)))
        at(said, path[:-1])[path[-1]] = drawn
    try:
        text = Agreement.model_validate(said)
    except ValueError:
        return
    if substance(text) == COVER.substance:
        return
    where = signed_world(text, COVER)
    for act in MOVING:
        answer = decide(text, None, bound().lawful(act), where.facts)
        assert isinstance(answer, Deny)
        assert "GATE027" in {one.code for one in answer.problems}


# -- the clause that tells of the weighing -------------------------------------------------------


def in_weighing(key: str, value: Any) -> Callable[[Document], object]:
    return lambda data: data["weighing"].__setitem__(key, value)


def without(key: str) -> Callable[[Document], object]:
    return lambda data: data["weighing"].pop(key)


def condition(**changes: Any) -> Callable[[Document], object]:
    def change(data: Document) -> None:
        said = data["weighing"]["conditions"][0]
        said.update(changes)
        for key in [key for key, value in said.items() if value is None]:
            del said[key]

    return change


CLAUSE: dict[str, tuple[Callable[[Document], object], str]] = {
    "the conditions are taken out": (without("conditions"), "GATE035"),
    "a condition is reworded": (condition(condition="It is used to help."), "GATE035"),
    "a condition is neither met nor answered": (condition(clause=None), "GATE028"),
    "a condition is answered by a blank": (condition(clause=None, answer="    "), "GATE028"),
    "a condition points nowhere": (condition(clause="purpose.nurture"), "GATE028"),
    "a condition points to an item that is not there": (condition(clause="releases.99"), "GATE028"),
    "a condition points to the whole text": (condition(clause="..."), "GATE028"),
    "a condition points to an empty list": (condition(clause="onward"), "GATE028"),
    "a condition points to an empty text": (condition(clause="datasets.properties.refresh"),
                                            "GATE028"),
    "a condition points to itself": (condition(clause="weighing.conditions.0"), "GATE028"),
    "a condition points to the reason of weighing": (condition(clause="weighing.reason"),
                                                     "GATE028"),
    "the red lines are taken out": (without("red lines"), "GATE034"),
    "a red line is reworded": (
        lambda data: data["weighing"]["red lines"][0].update(line="Another line."), "GATE034"),
    "a red line is not settled": (
        lambda data: data["weighing"]["red lines"][0].update(settled=" "), "GATE022"),
    "another assessment is named": (in_weighing("assessment", "sha256:" + "0" * 64), "GATE026"),
    "another workshop is named": (in_weighing("workshop", "sha256:" + "0" * 64), "GATE026"),
    "the assessment is named as the workshop": (in_weighing("workshop", COVER.digest), "GATE026"),
    "another information pack is named": (
        in_weighing("information pack", "sha256:" + "0" * 64), "GATE036"),
    "the light route still binds what was weighed": (
        lambda data: data["weighing"].update(route="light", conditions=None), "GATE035"),
}  # fmt: skip


@pytest.mark.parametrize("act", MOVING)
@pytest.mark.parametrize(("change", "code"), CLAUSE.values(), ids=CLAUSE)
def test_what_people_asked_for_cannot_be_dropped_from_the_clause(
    change: Callable[[Document], object], code: str, act: str
) -> None:
    assert codes(bound(change), act) == {code}


def test_a_condition_may_be_answered_in_writing() -> None:
    answered = condition(clause=None, answer="We asked, and could not: the register has no field.")
    assert codes(bound(answered), "use") == set()


@pytest.mark.parametrize("act", ("erase",))
def test_what_is_held_can_be_erased_whatever_was_weighed(act: str) -> None:
    for change, _ in CLAUSE.values():
        assert codes(bound(change), act) == set()


# -- what was weighed ----------------------------------------------------------------------------

HELD = WEIGHED.weighing.red_lines[0]
OTHER = Line("Nobody under 18 is in it.", "Tenants' panel", "settled")
FOUND: dict[str, tuple[dict[str, Any], set[str]]] = {
    "the text crosses a line": (
        {"lines": (Line("Nothing unlawful.", "the text itself", "failed"),)}, {"GATE032"}),
    "a line is open": (
        {"lines": (replace(COVER.lines[0], standing="open"),)}, {"GATE033"}),
    "a line that was drawn is not in the text": (
        {"lines": (*COVER.lines, OTHER)}, {"GATE034"}),
    "a condition that was set is not in the text": (
        {"conditions": (CONDITION, "Tenants are asked first.")}, {"GATE035"}),
    "people said no": ({"said": "against"}, {"GATE029"}),
    "people were divided": ({"said": "divided"}, {"GATE029"}),
    "a card was weighed and no draft": ({"substance": ""}, {"GATE027"}),
    "another draft was weighed": ({"substance": "sha256:" + "9" * 64}, {"GATE027"}),
    "it was a workshop": ({"kind": "workshop"}, {"GATE026"}),
    "people read something that nobody names": (
        {"information_pack": "sha256:" + "7" * 64}, {"GATE036"}),
    "another workshop was heard than is named": (
        {"workshop": "sha256:" + "7" * 64}, {"GATE037"}),
    "the workshop that was heard is named": ({"workshop": WORKSHOP.digest}, set()),
}  # fmt: skip


@pytest.mark.parametrize(("changes", "expected"), FOUND.values(), ids=FOUND)
@pytest.mark.parametrize("act", ("pack", "use", "release"))
def test_what_was_found_holds_the_act_back(
    changes: dict[str, Any], expected: set[str], act: str
) -> None:
    assert codes(bound(lambda data: None, replace(COVER, **changes)), act) == expected


REASONS = [{"people said": "No.", "because": "Winter comes.", "decided by": "The council"}]


@pytest.mark.parametrize("said", ("against", "divided"))
def test_written_reasons_let_a_decision_depart_from_what_people_said(said: Any) -> None:
    where = bound(in_weighing("departs", REASONS), replace(COVER, said=said))
    assert codes(where, "use") == set()


@pytest.mark.parametrize("said", ("for", "with conditions", "unknown"))
def test_without_a_no_no_reasons_are_needed(said: Any) -> None:
    assert codes(bound(lambda data: None, replace(COVER, said=said)), "use") == set()


def test_a_workshop_may_have_talked_about_an_earlier_draft_but_its_conditions_stand() -> None:
    talked = replace(COVER, kind="workshop", name="day", substance="sha256:" + "8" * 64)
    names = in_weighing("workshop", talked.digest)
    assert codes(bound(names, COVER, talked), "use") == set()
    asked = replace(talked, conditions=(CONDITION, "Tenants are asked first."))
    names = in_weighing("workshop", asked.digest)
    assert codes(bound(names, COVER, asked), "use") == {"GATE035"}


@pytest.mark.parametrize("said", ("against", "divided"))
def test_a_workshop_that_said_no_cannot_be_passed_over_by_another_hash(said: Any) -> None:
    no = replace(WORKSHOP, name="town hall", said=said, conditions=("Tenants are asked first.",))
    assert codes(bound(in_weighing("workshop", no.digest), COVER, no), "use") == {
        "GATE029",
        "GATE035",
    }
    forged = in_weighing("workshop", replace(no, said="for", conditions=()).digest)
    assert codes(bound(forged, COVER, no), "use") == {"GATE026"}


def test_a_cover_without_a_pack_keeps_the_digest_that_it_always_had() -> None:
    said = COVER.as_dict()
    assert "information_pack" not in said and "workshop" not in said
    assert Weighed.from_dict(said).digest == COVER.digest
    assert Weighed.from_dict(WORKSHOP.as_dict()) == WORKSHOP
    assert WORKSHOP.digest != replace(WORKSHOP, information_pack="").digest


# -- facts ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("act", MOVING)
def test_without_the_cover_nobody_knows_what_was_weighed(act: str) -> None:
    assert codes(bound().knowing(weighed=()), act) == {"GATE026"}


def test_a_cover_is_known_by_its_hash_and_not_by_its_name() -> None:
    kinder = replace(COVER, lines=(), conditions=())
    for forged in (kinder, replace(COVER, content="sha256:" + "0" * 64), replace(COVER, raters=9)):
        assert codes(bound().knowing(weighed=(forged, WORKSHOP)), "use") == {"GATE026"}
    assert codes(bound().knowing(weighed=(kinder, COVER, WORKSHOP)), "use") == set()


class Liar(Weighed):
    """A cover that answers with any hash it likes."""

    @property
    def digest(self) -> str:
        return COVER.digest


@pytest.mark.parametrize(
    "forged",
    [
        (Liar(**{**COVER.__dict__, "lines": (), "conditions": ()}),),
        (replace(COVER, raters=True),),
        (replace(COVER, kind="poll"),),  # type: ignore[arg-type]
        (replace(COVER, said="yes"),),  # type: ignore[arg-type]
        (replace(COVER, substance="sha256:1"),),
        (replace(COVER, information_pack="sha256:1"),),
        (replace(COVER, content=""),),
        (replace(COVER, conditions=(1,)),),  # type: ignore[arg-type]
        (replace(COVER, lines=("line",)),),  # type: ignore[arg-type]
        (replace(COVER, lines=(replace(COVER.lines[0], standing="fine"),)),),  # type: ignore[arg-type]
        (replace(COVER, lines=None),),  # type: ignore[arg-type]
        ("cover",),
        [COVER],
        None,
    ],
    ids=str,
)
def test_facts_that_are_no_covers_are_refused(forged: Any) -> None:
    where = bound().knowing(weighed=forged)
    answer = decide(where.agreement, None, where.lawful("use"), where.facts)
    assert isinstance(answer, Deny)
    assert {one.code for one in answer.problems} <= {"GATE003", "GATE000"}


def test_the_light_route_without_an_assessment_stays_open() -> None:
    def light(data: Document) -> None:
        for key in ("assessment", "workshop", "information pack", "conditions"):
            data["weighing"].pop(key)
        data["weighing"]["route"] = "light"

    where = world(light)
    answer = decide(where.agreement, None, where.lawful("use"), where.facts)
    assert isinstance(answer, Allow)


def test_the_clause_itself_is_no_part_of_what_is_weighed() -> None:
    one, two = copy.deepcopy(document()), document()
    two["weighing"] = {"route": "light", "reason": "It is small."}
    texts = [Agreement.model_validate(each) for each in (one, two)]
    assert canonical_json(texts[0]) != canonical_json(texts[1])
    assert substance(texts[0]) == substance(texts[1])
