"""A change of the draft says which answers it makes stale: by clause, by item, by question."""

from __future__ import annotations

import pytest
from weighers import ITEMS, draft, three, weighed

from equipoise.weigh.assess.stale import Stale, stale, stale_answers, stale_in, touched
from equipoise.weigh.questions import questions

OLD = draft()


def changes(*swaps: tuple[str, str]) -> tuple[Stale, ...]:
    return stale(OLD, draft(*swaps), ITEMS)


def test_the_same_text_makes_nothing_stale() -> None:
    assert changes() == ()


@pytest.mark.parametrize(
    ("old", "new", "clause", "items", "asked"),
    [
        ("nature: supportive", "nature: punitive", "purpose.nature", {"A2", "X2"},
         {"purposeful-5"}),
        ("name: Bright Gas\n    sector: commercial", "name: Bright Gas\n    sector: council",
         "parties.brightgas.sector", {"A6", "W2", "W3"}, {"responsible-3"}),
        ("route: light", "route: full", None, set(), set()),
    ],
)  # fmt: skip
def test_a_change_touches_what_lives_in_its_clause(
    old: str, new: str, clause: str | None, items: set[str], asked: set[str]
) -> None:
    from weighers import DRAFT

    if DRAFT.count(old) != 1:
        pytest.fail(f"the example no longer says {old!r} once")
    if clause is None:
        extra = "\n  assessment: sha256:" + "1" * 64 + "\n  workshop: sha256:" + "2" * 64
        extra += "\n  information pack: sha256:" + "3" * 64
        assert changes((old, new + extra)) == (), "the clause that tells of weighing is no part"
        return
    (change,) = changes((old, new))
    assert change.clause == clause
    assert {name for name in items if name in ITEMS} <= set(change.items)
    assert asked <= set(change.questions)
    assert change.sentence


def test_words_alone_make_nothing_stale_but_are_told() -> None:
    (change,) = changes(("contact: rebate@example.org", "contact: help@example.org"))
    assert (change.weight, change.names) == ("wording", frozenset())
    assert stale_in(weighed(), (change,)) == {"Ada Obi": (), "Ben Roe": (), "Cy Dunn": ()}


def test_a_question_is_stale_through_any_item_it_rests_on() -> None:
    (change,) = changes(("nature: supportive", "nature: preventive"))
    for key, question in questions().items():
        assert (key in change.questions) == bool(set(question.draws) & set(change.items))


def test_with_any_change_of_substance_the_view_and_ones_own_words_are_stale() -> None:
    found = changes(("nature: supportive", "nature: preventive"))
    ada, ben, _ = three()
    names = touched(found)
    assert stale_answers(ben, names)[-1] == "view"
    assert "not sharing.0" in stale_answers(ada, names)
    assert "factors.A2" in stale_answers(ada, names)
    assert "tests.purposeful-5" in stale_answers(ada, names)
    assert "tests.responsible-1" not in stale_answers(ada, names)
    assert stale_answers(ada, frozenset()) == ()


EVERY_KEY = tuple(name for name in OLD.model_dump(by_alias=True) if name != "weighing")


def test_every_clause_that_is_weighed_touches_something() -> None:
    from equipoise.agree.changes import Change
    from equipoise.weigh.assess.stale import ALSO, _touched

    silent = {"agreement", "version", "title"}
    for key in EVERY_KEY:
        found = _touched(Change(f"{key}.x", "Something changed.", "widens"), ITEMS)
        assert bool(found.items) or key in silent, key
    assert set(ALSO) <= {*EVERY_KEY, "on breach"}
    for names in ALSO.values():
        assert all(name in ITEMS for name in names)


def test_a_change_of_substance_that_touches_no_item_asks_the_view_anew() -> None:
    from equipoise.agree.changes import Change
    from equipoise.weigh.assess.stale import _touched

    found = _touched(Change("agreement", "The name changed.", "changes"), ITEMS)
    assert found.names == frozenset()
    redo = stale_in(weighed(), (found,))
    assert all(answers[-1] == "view" for answers in redo.values())
