"""Whatever is done to an export, a receipt or an entry, it shows; whatever is said stays safe."""

from __future__ import annotations

import sys
from functools import cache
from pathlib import Path

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

sys.path.insert(0, str(Path(__file__).parents[1] / "spec" / "08_account"))
from ledgers import START, Key, head_line, resealed, whole_site
from test_04_register import Page

from equipoise.account.deeds import ACTS
from equipoise.account.ledger import (
    Entry,
    check_detail,
    make_entry,
    sentence,
    verify_chain,
)
from equipoise.account.prose import html
from equipoise.account.verify import verify, verify_receipt
from equipoise.errors import IntegrityRefused


@cache
def export() -> bytes:
    return whole_site().export()


@cache
def receipt() -> bytes:
    return whole_site().receipts[0].file_bytes()


places = st.integers(0, len(export()) - 1)
anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=5,
)


@settings(max_examples=60, deadline=None)
@given(places, places, st.binary(max_size=40))
def test_any_stretch_replaced_by_anything_fails(start: int, end: int, put: bytes):
    start, end = min(start, end), max(start, end)
    changed = export()[:start] + put + export()[end:]
    assume(changed != export())
    with pytest.raises(IntegrityRefused):
        verify(changed)


@settings(max_examples=40, deadline=None)
@given(st.permutations(range(len(export().splitlines()))), st.integers(1, 40))
def test_any_other_order_or_choice_of_lines_fails(order: list[int], keep: int):
    lines = export().splitlines(keepends=True)
    changed = b"".join(lines[place] for place in order[:keep])
    assume(changed != export())
    with pytest.raises(IntegrityRefused):
        verify(changed)


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=300))
def test_no_file_makes_the_check_stumble(data: bytes):
    for check in (verify, verify_receipt):
        with pytest.raises(IntegrityRefused):
            check(data)


@settings(max_examples=80, deadline=None)
@given(st.data(), anything)
def test_no_part_of_any_type_makes_the_check_stumble(data: st.DataObject, value: object):
    """A lying site signs what it likes; the check must refuse or accept, never break."""

    def change(lines: list[dict]) -> list[dict]:
        line = data.draw(st.sampled_from(lines))
        while True:
            spots = [key for key in line if key not in ("kind", "previous", "hash")]
            key = data.draw(st.sampled_from(sorted(spots)))
            if not isinstance(line[key], dict) or not line[key] or data.draw(st.booleans()):
                line[key] = value
                return lines
            line = line[key]

    try:
        changed = resealed(export(), change)
    except (ValueError, TypeError, IntegrityRefused):
        assume(False)  # no such file can be written
    try:
        verify(changed)
    except IntegrityRefused as error:
        assert error.problems


@settings(max_examples=40, deadline=None)
@given(st.integers(0, len(receipt()) - 1), st.binary(max_size=10), st.integers(0, 10))
def test_any_other_receipt_fails(place: int, put: bytes, gone: int):
    changed = receipt()[:place] + put + receipt()[place + gone :]
    assume(changed != receipt())
    with pytest.raises(IntegrityRefused):
        verify_receipt(changed)


@given(st.sampled_from(sorted(ACTS)), st.dictionaries(st.text(), anything, max_size=4))
def test_nothing_but_named_scalars_ever_passes(act: str, detail: dict):
    if not check_detail(act, detail):
        allowed = {**ACTS[act].must, **ACTS[act].may}
        assert set(ACTS[act].must) <= set(detail) <= set(allowed)
        assert all(isinstance(value, str | int | float) for value in detail.values())
        assert all(len(value) <= 200 for value in detail.values() if isinstance(value, str))


@given(st.sampled_from(sorted(ACTS)), st.text(min_size=4))
def test_no_message_repeats_a_refused_value(act: str, value: str):
    assume(not value.isspace())
    known = " ".join((act, *ACTS[act].must, *ACTS[act].may, *check_texts(act)))
    assume(value not in known)
    for key in ("surname", *ACTS[act].must):
        for problem in check_detail(act, {key: [value]}):
            assert value not in problem.sentence()


def check_texts(act: str) -> list[str]:
    return [
        problem.sentence()
        for problem in check_detail(act, {"surname": 0, **dict.fromkeys(ACTS[act].must, None)})
    ] + [problem.sentence() for key in ACTS[act].must for problem in check_detail(act, {key: None})]


@settings(deadline=None)
@given(st.lists(st.integers(-300, 4000), min_size=1, max_size=12))
def test_a_chain_made_in_order_holds_whatever_the_clock_does(steps: list[int]):
    from datetime import timedelta

    entries: list[Entry] = []
    now = START
    for step in steps:
        now = max(now, entries[-1].at if entries else now) + timedelta(seconds=step)
        entries.append(
            make_entry(
                entries[-1] if entries else None,
                now,
                "site/clock",
                "ledger exported",
                "",
                "ledger:tea",
                {"entries": 1},
            )
        )
    assert verify_chain(entries) == ()
    assert all(sentence(entry).startswith("The clock exported") for entry in entries)


@given(st.text(alphabet=st.sampled_from("<>&\"'`*_[](){}#-1. \nabhttps://"), max_size=80))
def test_no_markdown_breaks_a_page(markdown: str):
    page = Page(f"<div>{html(markdown)}</div>")
    allowed = {"div", "p", "ul", "ol", "li", "strong", "em", "code", "a", "h3", "h4", "h5", "h6"}
    assert {tag for tag, _ in page.tags} <= allowed
    assert all(attrs["href"].startswith(("http://", "https://")) for attrs in page.all("a"))


def test_the_head_is_what_the_helper_of_these_tests_makes():
    data = export()
    body = data[: data[:-1].rfind(b"\n") + 1]
    entries = whole_site().entries
    assert data == body + head_line(
        body, body.count(b"\n"), len(entries), entries[-1].hash, Key("the site")
    )
