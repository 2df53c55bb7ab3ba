"""People merge, split, keep apart and undo. History keeps it all, and what they said stays said."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from identity_registers import day, drawing, empty, take, who

from equipoise.carry.identity import (
    Register,
    Resolution,
    apart,
    forget,
    history,
    keep_apart,
    members,
    merge,
    open_proposals,
    replay,
    split,
    undo,
)
from equipoise.carry.identity.register import CURRENT, RETIRED
from equipoise.errors import EquipoiseError, StateRefused, UsageRefused

CLERK = "linkage unit"
WHY = "two cards of one person"


def merged(register: Register, left: int, right: int, on: int) -> Register:
    return merge(register, left, right, at=day(on), actor=CLERK, reason=WHY, evidence="case 7")


def parted(register: Register, identity: int, records: list[int], on: int) -> Register:
    return split(
        register, identity, records, at=day(on), actor=CLERK, reason=WHY, draw=drawing(50 + on)
    )


def undone(register: Register, event: int, on: int) -> Register:
    return undo(register, event, at=day(on), actor=CLERK, reason="it was wrong")


def two() -> Register:
    register, _ = take(empty(), 0, {"gp": ["a b c", "d e f"], "care": ["d e f"]})
    return register


def refusal(do: Callable[[], object], kind: type[EquipoiseError]) -> list[str]:
    with pytest.raises(kind) as refused:
        do()
    return [problem.code for problem in refused.value.problems]


def test_a_merge_keeps_both_identifiers_one_redirecting() -> None:
    register = merged(two(), 1, 0, on=1)
    assert who(register) == {"gp": [0, 0], "care": [0]}
    assert register.identities.num_rows == 2
    assert register.standing.tolist() == [CURRENT, 0]
    assert members(register, 1).num_rows == members(register, 0).num_rows == 3


def test_a_merge_is_undone_exactly() -> None:
    before = two()
    after = undone(merged(before, 0, 1, on=1), before.events.num_rows + 1, on=2)
    assert who(after) == who(before)
    assert after.standing.tolist() == before.standing.tolist()
    assert after.records.equals(before.records)


def test_a_merge_is_undone_exactly_when_every_row_has_been_delivered_anew_since() -> None:
    register = merged(two(), 0, 1, on=1)
    event = register.events.num_rows
    register, _ = take(register, 2, {"gp": ["a b z", "d y f", "n n n"], "care": ["d e f"]})
    assert who(register) == {"gp": [0, 0, 2], "care": [0]}
    register = undone(register, event, on=3)
    assert who(register) == {"gp": [0, 1, 2], "care": [1]}


def test_an_undoing_is_itself_undone() -> None:
    register = merged(two(), 0, 1, on=1)
    event = register.events.num_rows
    register = undone(register, event, on=2)
    register = undone(register, event + 1, on=3)
    assert who(register) == {"gp": [0, 0], "care": [0]}
    assert [line["undone"] for line in history(register)[-3:]] == [False, True, False]


def test_a_split_gives_a_new_identifier_to_the_part_that_leaves() -> None:
    before = two()
    register = parted(before, 1, [2], on=1)
    assert who(register) == {"gp": [0, 1], "care": [2]}
    assert register.identities["identifier"][:2].equals(before.identities["identifier"])


def test_a_split_is_undone_and_its_identifier_redirects() -> None:
    before = two()
    register = parted(before, 1, [2], on=1)
    event = register.events.num_rows
    register, _ = take(register, 2, {"care": ["d e f", "x x x"]})
    assert who(register) == {"gp": [0, 1], "care": [2, 3]}
    register = undone(register, event, on=3)
    assert who(register) == {"gp": [0, 1], "care": [1, 3]}
    assert register.standing.tolist() == [CURRENT, CURRENT, 1, CURRENT]


def test_what_a_person_split_stays_split_when_new_files_come() -> None:
    register = parted(two(), 1, [2], on=1)
    for number in (2, 30, 60):
        register, taken = take(
            register, number, {"gp": ["a b c", "d e f"], "care": ["d e f"]}, absent_days=90
        )
        assert who(register) == {"gp": [0, 1], "care": [2]}
        assert taken.proposed == 0


def test_what_a_person_merged_stays_merged_when_new_files_come() -> None:
    register = merged(two(), 0, 1, on=1)
    for number in (2, 30, 60):
        register, _ = take(register, number, {"gp": ["a b c", "d e f"], "care": ["d e f"]})
        assert who(register) == {"gp": [0, 0], "care": [0]}


def test_what_a_person_keeps_apart_is_neither_proposed_nor_merged_by_the_machine() -> None:
    may = Resolution(propose=0.55, merge=True)
    for says_no, expected in ((False, [0, 0]), (True, [0, 1])):
        register, _ = take(empty(), 0, {"gp": ["a - -", "- b -"]})
        if says_no:
            register = keep_apart(register, 0, 1, at=day(1), actor=CLERK, reason="twins")
            assert set(apart(register)) == {(0, 1)}
        register, taken = take(register, 2, {"care": ["a b -"]}, resolution=may)
        assert who(register)["gp"] == expected
        assert taken.proposed == 0


def test_a_person_s_word_stands_until_it_is_undone() -> None:
    register = keep_apart(two(), 0, 1, at=day(1), actor=CLERK, reason="father and son")
    event = register.events.num_rows
    assert refusal(lambda: merged(register, 0, 1, on=2), StateRefused) == ["IDR031"]
    freed = undone(register, event, on=2)
    assert apart(freed) == {}
    assert who(merged(freed, 0, 1, on=3))["gp"] == [0, 0]


def test_proposals_are_open_until_somebody_decides() -> None:
    sure = Resolution(propose=0.55)
    register, _ = take(empty(), 0, {"gp": ["a - -", "- b -"]})
    register, _ = take(register, 1, {"care": ["a b -"]}, resolution=sure)
    (line,) = open_proposals(register)
    assert (line["proposal"], line["left"], line["right"], line["rows"]) == (1, 0, 1, 1)
    assert open_proposals(merged(register, 0, 1, on=2)) == []
    no = keep_apart(register, 0, 1, at=day(2), actor=CLERK, reason="twins")
    assert open_proposals(no) == []
    assert len(open_proposals(undone(no, no.events.num_rows, on=3))) == 1


def test_who_an_identity_was_on_any_day_can_be_told() -> None:
    register = merged(two(), 0, 1, on=10)
    register = undone(register, register.events.num_rows, on=20)
    rows = [members(register, 1, day(number)).num_rows for number in (-1, 5, 15, 25)]
    assert rows == [0, 2, 3, 2]
    assert replay(register, day(15)).standing.tolist() == [CURRENT, 0]


def test_history_says_when_who_why_and_on_what_evidence() -> None:
    register = merged(two(), 0, 1, on=1)
    told = history(register, 1)[-1]
    assert (told["kind"], told["actor"], told["reason"]) == ("merged", CLERK, WHY)
    assert (told["at"], told["evidence"], told["undone"]) == (day(1), "case 7", False)
    assert (told["left"], told["right"]) == (0, 1)


def test_undoing_in_the_wrong_order_is_refused() -> None:
    register = parted(two(), 1, [2], on=1)
    event = register.events.num_rows
    register = merged(register, 0, 2, on=2)
    assert refusal(lambda: undone(register, event, on=3), StateRefused) == ["IDR035"]
    register = undone(register, event + 1, on=3)
    assert who(undone(register, event, on=4)) == {"gp": [0, 1], "care": [1]}


def test_a_redirection_always_leads_to_an_elder_identity() -> None:
    """So none runs in a circle, whatever is merged and undone in whatever order."""
    register, _ = take(empty(), 0, {"gp": ["a - -", "b - -", "c - -"]})
    register = merged(register, 2, 1, on=1)
    first = register.events.num_rows
    register = merged(register, 1, 0, on=2)
    assert register.standing.tolist() == [CURRENT, 0, 1]
    register = undone(register, first, on=3)
    register = merged(register, 2, 1, on=4)
    assert register.standing.tolist() == [CURRENT, 0, 0]


def test_nothing_is_decided_without_a_reason_or_about_nobody() -> None:
    register = two()
    no_reason = {"at": day(1), "actor": CLERK, "reason": " "}
    assert refusal(lambda: merge(register, 0, 1, **no_reason), UsageRefused) == ["IDR021"]
    assert refusal(lambda: merged(register, 0, 9, on=1), UsageRefused) == ["IDR020"]
    assert refusal(lambda: merged(register, 0, 0, on=1), StateRefused) == ["IDR030"]
    assert refusal(lambda: parted(register, 1, [], on=1), UsageRefused) == ["IDR022"]
    assert refusal(lambda: parted(register, 1, [1, 2], on=1), UsageRefused) == ["IDR022"]
    assert refusal(lambda: parted(register, 1, [0], on=1), UsageRefused) == ["IDR022"]
    assert refusal(lambda: undone(register, 1, on=1), UsageRefused) == ["IDR023"]
    assert refusal(lambda: undone(register, 99, on=1), UsageRefused) == ["IDR023"]
    same = merged(register, 0, 1, on=1)
    again = undone(same, same.events.num_rows, on=2)
    assert refusal(lambda: undone(again, same.events.num_rows, on=3), StateRefused) == ["IDR034"]
    together = {"at": day(2), "actor": CLERK, "reason": WHY}
    assert refusal(lambda: keep_apart(same, 0, 1, **together), StateRefused) == ["IDR033"]


def erased(register: Register, records: set[int], on: int) -> Register:
    gone = [number in records for number in register.records["record"].to_pylist()]
    return forget(register, gone, at=day(on), actor=CLERK, reason="opted out")  # type: ignore[arg-type]


def test_an_erased_row_takes_its_link_and_at_last_its_identity() -> None:
    register = erased(two(), {1}, on=1)
    assert who(register) == {"gp": [0], "care": [1]}
    register = erased(register, {2}, on=2)
    assert register.standing.tolist() == [CURRENT, RETIRED]
    assert members(register, 1, day(0)).num_rows == 0, "it is gone from the history too"
    register, _ = take(register, 3, {"gp": ["a b c", "d e f"]})
    assert who(register) == {"gp": [0, 2]}, "a retired identity is never given again"
    assert refusal(lambda: merged(register, 0, 1, on=4), StateRefused) == ["IDR032"]
    assert erased(register, set(), on=5) is register


def test_a_merge_of_identities_that_are_gone_cannot_be_undone() -> None:
    register = merged(two(), 0, 1, on=1)
    event = register.events.num_rows
    register = erased(register, {0, 1, 2}, on=2)
    assert refusal(lambda: undone(register, event, on=3), StateRefused) == ["IDR036"]


def test_undoing_a_merge_retires_the_side_of_which_nothing_is_left() -> None:
    register = merged(two(), 0, 1, on=1)
    event = register.events.num_rows
    register = erased(register, {1, 2}, on=2)
    register = undone(register, event, on=3)
    assert register.standing.tolist() == [CURRENT, RETIRED]
