"""Changes of a text, line by line: whatever was written, putting them in gives what was written."""

from __future__ import annotations

import difflib
import time
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from equipoise.acts.merge import edits, merged
from equipoise.web.pages.drafting_findings import line_by_line

TEXTS = st.lists(st.sampled_from(["", "a", "b", "c", "d", "e", "f"]), max_size=14)


def put_in(before: list[str], made: list[tuple[int, int, list[str]]]) -> list[str]:
    out, at = [], 0
    for begin, end, put in made:
        out += [*before[at:begin], *put]
        at = end
    return [*out, *before[at:]]


@given(TEXTS, TEXTS)
def test_the_changes_make_one_text_of_the_other_and_none_touches_the_next(
    before: list[str], after: list[str]
) -> None:
    made = list(edits(before, after))
    assert put_in(before, made) == after
    for (begin, end, put), (later, _, _) in pairwise(made):
        assert end < later and (end > begin or put)
    assert all(end > begin or put for begin, end, put in made)
    assert (before == after) == (made == [])


@given(TEXTS, TEXTS)
def test_what_is_told_line_by_line_is_what_was_taken_and_put(
    before: list[str], after: list[str]
) -> None:
    told = line_by_line("\n".join(before), "\n".join(after))
    made = list(edits("\n".join(before).split("\n"), "\n".join(after).split("\n")))
    old = "\n".join(before).split("\n")
    taken = [line for begin, end, _ in made for line in old[begin:end]]
    assert [line for kind, line in told if kind == "taken"] == taken
    assert [line for kind, line in told if kind == "put"] == [li for _, _, p in made for li in p]
    # Never more than one line before and after a change, and a gap only where lines are left out.
    same = [line for kind, line in told if kind in ("same", "taken")]
    gaps = sum(kind == "gap" for kind, _ in told)
    assert len(same) <= len(taken) + 2 * len(made) and gaps <= max(0, len(made) - 1)


@given(st.lists(st.sampled_from("abcdefgh"), unique=True, max_size=8), st.integers(0, 7))
def test_one_change_is_told_as_other_tools_tell_it(before: list[str], at: int) -> None:
    after = [*before[:at], "new", *before[at + 1 :]]
    kinds = {"-": "taken", "+": "put", " ": "same"}
    other = list(difflib.unified_diff(before, after, n=1, lineterm=""))[3:]
    told = line_by_line("\n".join(before), "\n".join(after))
    if before:
        assert told == [(kinds[line[0]], line[1:]) for line in other]


@given(TEXTS, TEXTS)
def test_where_one_changed_nothing_the_other_s_text_stands(
    before: list[str], after: list[str]
) -> None:
    first, mine = "\n".join(before), "\n".join(after)
    assert merged(first, mine, first) == merged(first, first, mine) == mine
    assert merged(first, mine, mine) == mine


LONG = [f"key-{number}: {number * 7919 % 10007}" for number in range(15_000)]


@pytest.mark.parametrize(
    "other",
    [
        [f"other {line}" if number % 2 else line for number, line in enumerate(LONG)],
        LONG[::-1],
        ["- a" if number % 2 else f"- {number % 50}" for number in range(15_000)],
    ],
    ids=["every second line", "the other way round", "lines that repeat"],
)
def test_long_texts_are_compared_at_once(other: list[str]) -> None:
    """Comparing every line with every other took minutes; whoever drafts could hold up a site."""
    begun = time.perf_counter()
    assert put_in(LONG, list(edits(LONG, other))) == other
    assert list(edits(other, other)) == []
    assert len(line_by_line("\n".join(LONG), "\n".join(other))) == 400
    assert time.perf_counter() - begun < 5
