"""Changing one clause of a text: it reads what was meant, and all else stays as it was written."""

from __future__ import annotations

import difflib
from typing import Any

import pytest
from agreement_texts import ROOT
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from equipoise.agree.canonical import digest
from equipoise.agree.characters import unseen_in
from equipoise.agree.parse import parse
from equipoise.agree.places import Path
from equipoise.agree.rewrite import clauses_in, put, rewritten, value_at
from equipoise.errors import DocumentRefused

EXAMPLES = sorted((ROOT / "examples").glob("*/agreement.yaml"))
FUEL = (ROOT / "examples" / "fuel-poverty" / "agreement.yaml").read_text(encoding="utf-8")


def edits(old: str, new: str) -> tuple[list[str], list[str]]:
    """Lines taken out and put in."""
    lines = [
        line
        for line in difflib.unified_diff(old.split("\n"), new.split("\n"), n=0, lineterm="")
        if not line.startswith(("---", "+++", "@@"))
    ]
    return [one[1:] for one in lines if one[0] == "-"], [one[1:] for one in lines if one[0] == "+"]


@pytest.mark.parametrize(
    ("path", "value", "taken", "written"),
    [
        (("title",), "Rebates", ["title: Automatic energy rebates"], ["title: Rebates"]),
        (("version",), 2, ["version: 1"], ["version: 2"]),
        (("review",), None, ["review: 2027-06-30"], []),
        (("on breach", "suspend"), False, ["  suspend: true"], ["  suspend: false"]),
        (
            ("parties", "voa", "signatory", "post"),
            "Owner: of records",
            ["    signatory: {name: Bernard Lyle, post: Data owner for property records}"],
            ['    signatory: {name: Bernard Lyle, post: "Owner: of records"}'],
        ),
        (
            ("releases", 1, "rows"),
            "all",
            ["  - {of: entitled, to: northlight, rows: own, fields: [account, flag], "
             "not found: same as no}"],
            ["  - {of: entitled, to: northlight, rows: all, fields: [account, flag], "
             "not found: same as no}"],
        ),
        (
            ("linkage", "entities", "home", "rules", 1),
            ["postcode", "uprn"],
            [],
            ["        - [postcode, uprn]"],
        ),
        (("retention", "customers"), "delete after use", [], ["  customers: delete after use"]),
    ],
)  # fmt: skip
def test_only_the_lines_of_the_clause_are_written_anew(
    path: Path, value: Any, taken: list[str], written: list[str]
) -> None:
    new = rewritten(FUEL, path, value)
    assert edits(FUEL, new) == (taken, written)
    assert value_at(clauses_in(new), path) == value


def test_what_is_the_same_already_leaves_the_text_as_it_is() -> None:
    assert rewritten(FUEL, ("parties", "hmrc", "role"), "controller") == FUEL


def test_comments_and_blank_lines_around_the_clause_stay() -> None:
    text = (
        "# first\ntitle: x  # why\n\n# of the parties\nparties:\n  a:\n    name: A\n"
        "    # of b\n  b: {name: B}\n# last\n"
    )
    new = rewritten(text, ("parties", "a", "name"), "Aa")
    assert new == text.replace("name: A\n", "name: Aa\n")
    assert "# of b\n" in rewritten(text, ("parties", "b", "name"), "Bb")
    assert "# of the parties\n" in rewritten(text, ("title",), "y")
    assert rewritten(text, ("parties", "b"), None).endswith("    # of b\n# last\n")


def test_a_part_that_was_not_there_comes_where_it_belongs() -> None:
    text = rewritten("agreement: x\nversion: 1\n\npublic:\n  contact: me\n", ("title",), "T")
    text = rewritten(text, ("parties", "a", "name"), "A body")
    text = rewritten(text, ("on breach", "notify", 0), "a")
    assert text == (
        "agreement: x\nversion: 1\ntitle: T\n\nparties:\n  a: {name: A body}\n\n"
        "public:\n  contact: me\n\non breach:\n  notify: [a]\n"
    )
    assert rewritten("a: 1", ("unheard of",), "x") == "a: 1\nunheard of: x"
    assert rewritten("# only\na: 1\n", ("agreement",), "x") == "# only\na: 1\nagreement: x\n"


def test_a_text_in_braces_is_written_out() -> None:
    text = rewritten("{agreement: x, parties: {a: {name: A}}}", ("parties", "a", "name"), "B")
    assert text == "agreement: x\nparties:\n  a: {name: B}\n"
    assert rewritten("a: {b: 1}\n", ("a", "c"), 2) == "a:\n  b: 1\n  c: 2\n"
    assert rewritten("a: {}\n", ("a", "c"), 2) == "a:\n  c: 2\n"
    assert rewritten("{a: {b: 1}}\n", ("a", "c"), 2) == "a:\n  b: 1\n  c: 2\n"
    assert rewritten("{a:\n {b: 1}}\n", ("a", "c"), 2) == "a:\n  b: 1\n  c: 2\n"
    assert clauses_in(rewritten("a: {b: {c: 1}}\n", ("a", "b", "c"), 2)) == {"a": {"b": {"c": 2}}}


def test_long_and_deep_values_are_written_on_lines_of_their_own() -> None:
    long = ["a rather long word " * 2 for _ in range(4)]
    value = {"lines": long, "deep": [{"a": [{"b": 1}], "c": None}, [["x"], []], {}], "empty": {}}
    text = rewritten("agreement: x\n", ("parties",), value)
    assert clauses_in(text)["parties"] == value
    assert all(len(line) <= 100 for line in text.split("\n"))


def test_a_text_that_could_mean_another_thing_is_refused() -> None:
    for text, code in (("a: &x 1\nb: *x\n", "AGR005"), ("a: [\n", "AGR001"), ("- a\n", "AGR011")):
        with pytest.raises(DocumentRefused, match=code):
            rewritten(text, ("a",), 2)
        with pytest.raises(DocumentRefused, match=code):
            clauses_in(text)


def test_what_stands_at_a_clause_is_found_or_is_nothing() -> None:
    data: dict[str, Any] = {"a": [{"b": 1}], "c": "text"}
    assert value_at(data, ("a", 0, "b")) == 1
    for path in (("a", 1), ("a", "b"), ("c", "d"), ("x",), ("a", 0, "b", 0)):
        assert value_at(data, path) is None
    put(data, ("a", 0), None)
    put(data, ("d", "e", 0, "f"), 1)
    put(data, ("c",), None)
    put(data, ("never",), None)
    assert data == {"a": [], "d": {"e": [{"f": 1}]}}


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.parent.name)
def test_parts_of_the_examples_written_anew_mean_the_same(path: Any) -> None:
    text = path.read_text(encoding="utf-8")
    meant = digest(parse(text).agreement)
    for key in ("parties", "datasets", "linkage", "uses", "retention", "weighing"):
        if (value := clauses_in(text).get(key)) is not None:
            text = rewritten(rewritten(text, (key,), None), (key,), value)
    assert digest(parse(text).agreement) == meant


WORDS = st.text(max_size=30) | st.sampled_from(
    ["yes", "true", "1.0", "12", "null", "a: b", "- a", "#", "a #b", "{", "[x]", "'", '"',
     "2027-01-01", " x ", "\n", "~", "<<", "*a", "&a", "!b", "%", "@", "key", "é", "x,y", "\t"]
)  # fmt: skip
VALUES = st.recursive(
    WORDS | st.integers(-(10**9), 10**9) | st.booleans(),
    lambda below: st.lists(below, max_size=3) | st.dictionaries(WORDS, below, max_size=3),
    max_leaves=8,
)


def plain(value: Any) -> Any:
    """A value as a text can say it: without what no text may hold."""
    text = rewritten("agreement: x\n", ("parties",), value)
    try:
        return clauses_in(text).get("parties")
    except DocumentRefused:
        return None


SMALL = "agreement: x\n\npurpose:\n  nature: supportive\n  for: [all]  # why\n\npublic: {ask: me}\n"


@settings(max_examples=60, deadline=None)
@given(VALUES)
def test_whatever_is_written_reads_back_as_it_was_meant_and_touches_nothing_else(
    value: Any,
) -> None:
    said = plain(value)
    if said is None:
        return
    text = rewritten(SMALL, ("purpose", "must not affect"), said)
    assert clauses_in(text) == {
        **clauses_in(SMALL),
        "purpose": {"nature": "supportive", "for": ["all"], "must not affect": said},
    }
    assert "# why" in text


@settings(max_examples=100, deadline=None)
@given(st.text(st.characters(min_codepoint=32, max_codepoint=0x2FF), max_size=40))
def test_any_words_that_people_type_stand_in_the_text(words: str) -> None:
    assume(not unseen_in(words))
    text = rewritten("agreement: x\n", ("title",), words)
    read = clauses_in(text)
    assert read["agreement"] == "x"
    assert read["title"] == words
