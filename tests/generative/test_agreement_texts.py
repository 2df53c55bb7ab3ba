"""What holds for every change of a text, not only for those that somebody thought of."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from equipoise.agree.canonical import canonical_bytes, canonical_json, digest
from equipoise.agree.changes import compare
from equipoise.agree.document import Agreement
from equipoise.agree.parse import parse
from equipoise.errors import DocumentRefused, Problem

ROOT = Path(__file__).parents[2]
FILES = [
    ROOT / "tests/spec/01_agreement/every-clause.yaml",
    ROOT / "examples/justice-data-lab/agreement.yaml",
]
AGREEMENTS = [parse(path.read_text(encoding="utf-8")).agreement for path in FILES]
DATA = [json.loads(canonical_json(agreement)) for agreement in AGREEMENTS]


def leaves(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    if isinstance(value, dict | list) and value:
        steps = value.items() if isinstance(value, dict) else enumerate(value)
        for step, below in steps:
            yield from leaves(below, (*path, step))
    else:
        yield path


def put(data: Any, path: tuple[Any, ...], value: Any) -> Any:
    data = copy.deepcopy(data)
    at = data
    for step in path[:-1]:
        at = at[step]
    at[path[-1]] = value
    return data


def get(data: Any, path: tuple[Any, ...]) -> Any:
    for step in path:
        data = data[step]
    return data


def problems(text: str) -> tuple[Problem, ...]:
    try:
        parse(text)
    except DocumentRefused as refused:
        return refused.problems
    return ()


SHARES = pytest.mark.parametrize(
    "every",
    [pytest.param(6, id="every sixth place"), pytest.param(1, id="all", marks=pytest.mark.slow)],
)
"""Of the places in a text: some each time, all of them in the long tests."""

PLACES = [(number, path) for number, data in enumerate(DATA) for path in leaves(data)]
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text() | st.floats(allow_nan=False),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)
FAST = settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize=True
)


def misread(data: Any) -> bool:
    """YAML text cannot hold these: they are refused, which its own chapter shows."""
    return isinstance(data, float) and abs(data) == float("inf")


@FAST
@given(st.sampled_from(PLACES), JSON)
def test_any_value_anywhere_is_read_or_refused_with_a_place(
    place: tuple[int, tuple[Any, ...]], value: Any
) -> None:
    number, path = place
    if misread(value):
        return
    text = json.dumps(put(DATA[number], path, value))
    for problem in problems(text):
        assert problem.code.startswith("AGR")
        assert problem.line is not None
        assert problem.what
        assert problem.next


@FAST
@given(st.text(max_size=200))
def test_any_text_at_all_is_refused_and_never_crashes(text: str) -> None:
    assert problems(text)


@FAST
@given(st.sampled_from(FILES), st.data())
def test_a_text_with_one_character_changed_is_read_or_refused(path: Path, data: Any) -> None:
    text = path.read_text(encoding="utf-8")
    at = data.draw(st.integers(0, len(text) - 1))
    new = data.draw(st.sampled_from("abz019:{}[]'\"-#&*!%@\n\t >|,?\x00\u202e"))
    for problem in problems(text[:at] + new + text[at + 1 :]):
        assert problem.line is not None


@SHARES
@pytest.mark.parametrize("number", range(len(DATA)))
def test_a_value_of_the_wrong_kind_is_told_once_wherever_it_stands(number: int, every: int) -> None:
    """A list in a list stands nowhere, but for a rule of linkage; nothing else is blamed for it."""
    for path in list(leaves(DATA[number]))[::every]:
        if "rules" in path:
            continue
        found = problems(json.dumps(put(DATA[number], path, [[[]]])))
        clause = ".".join(map(str, path))
        told = {problem.clause for problem in found}
        assert len(found) == 1, (path, [problem.sentence() for problem in found])
        (at,) = told
        assert at == clause or str(at).startswith(clause + "."), (path, at)


@pytest.mark.parametrize("number", range(len(DATA)))
def test_a_key_nobody_knows_is_told_once_wherever_it_stands(number: int) -> None:
    clauses = {path[:-1] for path in leaves(DATA[number])}
    named = {"parties", "gateway", "datasets", "fields", "entities", "uses", "outputs", "retention"}
    named |= {"criteria", "outcomes"}
    for path in clauses:
        clause = get(DATA[number], path)
        if isinstance(clause, dict) and (not path or path[-1] not in named):
            found = problems(json.dumps(put(DATA[number], (*path, "zzz"), 1)))
            assert [problem.code for problem in found] == ["AGR020"], path


def another(value: Any) -> list[Any]:
    """Values like ``value``, of which some may hold in its place."""
    if isinstance(value, bool):
        return [not value]
    if isinstance(value, int | float):
        return [value + 1, value * 2 + 3]
    return [f"{value} too", "2027-06-01", "hospital"]


def variants(number: int, every: int) -> Iterator[tuple[tuple[Any, ...], Agreement]]:
    for path in list(leaves(DATA[number]))[::every]:
        for value in another(get(DATA[number], path)):
            if value == get(DATA[number], path):
                continue
            try:
                changed = parse(json.dumps(put(DATA[number], path, value))).agreement
            except DocumentRefused:
                continue
            yield path, changed


@SHARES
@pytest.mark.parametrize("number", range(len(DATA)))
def test_every_single_change_that_is_sound_changes_the_digest_and_is_told(
    number: int, every: int
) -> None:
    old, seen, tried = AGREEMENTS[number], {digest(AGREEMENTS[number])}, 0
    for path, new in variants(number, every):
        tried += 1
        assert digest(new) != digest(old), path
        seen.add(digest(new))
        told = compare(old, new)
        assert told, path
        assert compare(new, old), path
        for change in told:
            assert change.sentence.endswith((".", '"', "'."))
            assert change.weight in {"wording", "narrows", "widens", "changes"}
    assert tried > 100 / every
    assert len(seen) == tried + 1


@pytest.mark.parametrize("agreement", AGREEMENTS, ids=[path.parent.name for path in FILES])
def test_what_is_written_and_read_again_has_the_same_digest(agreement: Agreement) -> None:
    assert digest(parse(canonical_json(agreement).decode()).agreement) == digest(agreement)
    assert compare(agreement, parse(canonical_json(agreement).decode()).agreement) == ()


@FAST
@given(JSON)
def test_the_canonical_form_of_the_canonical_form_is_itself(value: Any) -> None:
    try:
        once = canonical_bytes(value)
    except ValueError:
        return  # two keys that become the same, an infinite number, half a surrogate pair
    assert canonical_bytes(json.loads(once)) == once
