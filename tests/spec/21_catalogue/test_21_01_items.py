"""The catalogue holds all 132 things that must be weighed by the founding report, in our words."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from checklist import CHECKLIST, ids_of, lines_of, seed_lines, words_of
from pydantic import ValidationError

from equipoise.weigh.cards import cards
from equipoise.weigh.catalogue import GROUPS, catalogue
from equipoise.weigh.catalogue.table import page
from equipoise.weigh.questions import dpia_steps, evaluation, questions

PROJECT = Path(__file__).parents[3]
LONGEST_RUN = 7
"""So many words in the order of the report would be its sentence and not ours."""


def test_all_132_items_are_there_and_no_more() -> None:
    assert len(catalogue()) == 132 == len({item.id for item in catalogue().items})
    assert tuple(CHECKLIST) == GROUPS


@pytest.mark.parametrize("group", CHECKLIST)
def test_each_group_has_its_items_in_order(group: str) -> None:
    assert [item.id for item in catalogue().items if item.group == group] == ids_of(group)


@pytest.mark.parametrize("group", CHECKLIST)
def test_each_item_names_the_lines_that_say_it(group: str) -> None:
    for item, passage in zip(catalogue().of(group), lines_of(group), strict=True):  # type: ignore[arg-type]
        assert passage in item.lines, item.id


def test_every_line_that_is_named_says_something() -> None:
    report = seed_lines()
    for item in catalogue().items:
        for first, last in item.lines:
            assert report[first].strip() and last < len(report), item.id


def test_benefits_and_risks_say_on_whom_they_fall() -> None:
    def count(group: str, on: str) -> int:
        return sum(item.on == on for item in catalogue().items if item.group == group)

    assert (count("benefits", "people"), count("benefits", "providers")) == (6, 11)
    assert (count("risks", "people"), count("risks", "providers")) == (7, 15)


def test_five_red_lines_are_computed_and_two_are_judged() -> None:
    kinds = {item.id: item.kind for item in catalogue().of("red lines")}
    assert [key for key, kind in kinds.items() if kind == "judged"] == ["X3", "X7"]
    assert set(kinds.values()) == {"computed", "judged"}


def test_effects_are_of_purpose_who_and_what() -> None:
    topics = [item.topic for item in catalogue().of("effects")]
    assert [topics.count(each) for each in ("purpose", "who", "what")] == [3, 3, 2]


def all_texts() -> Iterator[tuple[str, str]]:
    for item in catalogue().items:
        yield item.id, item.words
    for card in cards().values():
        for name in ("who", "why", "what", "how"):
            yield f"{card.id} {name}", getattr(card, name)
        for sentence in (*card.impacts.benefits, *card.impacts.risks):
            yield card.id, sentence
    for question in (*questions().values(), *evaluation().values()):
        yield question.id, f"{question.words} / {question.low} / {question.high}"
    for step in dpia_steps():
        yield step.id, " / ".join((step.words, *step.must_say))


def test_the_words_are_ours() -> None:
    said = words_of("\n".join(seed_lines()))
    runs = {tuple(said[n : n + LONGEST_RUN]) for n in range(len(said) - LONGEST_RUN + 1)}
    copied = {
        (name, " ".join(ours[n : n + LONGEST_RUN]))
        for name, text in all_texts()
        for ours in [words_of(text)]
        for n in range(len(ours) - LONGEST_RUN + 1)
        if tuple(ours[n : n + LONGEST_RUN]) in runs
    }
    assert copied == set()


def test_no_two_items_say_the_same() -> None:
    assert len({item.words for item in catalogue().items}) == 132


def test_a_version_is_one_list_and_its_digest_proves_it() -> None:
    """Change this pair together: another list is another version."""
    assert (catalogue().version, catalogue().digest) == (
        "1",
        "sha256:a7aa9c1aaa87fb3d0cc586a223c1e76b5949a6cd6b4d7fd77729880a53926c7c",
    )


def test_the_digest_is_of_what_items_say_and_not_of_where_they_live() -> None:
    first, *rest = catalogue().items
    moved = first.model_copy(update={"place": "page:register", "also": ()})
    reworded = first.model_copy(update={"words": "Something else."})
    same = catalogue().model_copy(update={"items": (moved, *rest)})
    other = catalogue().model_copy(update={"items": (reworded, *rest)})
    fewer = catalogue().model_copy(update={"items": tuple(rest)})
    assert same.digest == catalogue().digest
    assert len({catalogue().digest, other.digest, fewer.digest}) == 3


def test_an_item_cannot_be_changed() -> None:
    with pytest.raises(ValidationError):
        catalogue()["B01"].words = "Less."
    with pytest.raises(KeyError):
        catalogue()["B99"]
    assert "B17" in catalogue() and "B18" not in catalogue()


def test_the_page_follows_from_the_list() -> None:
    written = (PROJECT / "docs" / "explanation" / "catalogue.md").read_text(encoding="utf-8")
    assert written == page(), "write it again: see the note at its head"
    for item in catalogue().items:
        assert f"| {item.id} | {item.words} | {item.seed} |" in written


def test_the_page_can_be_printed() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "equipoise.weigh.catalogue"],
        capture_output=True, text=True, check=True, encoding="utf-8",
    )  # fmt: skip
    assert done.stdout == page()
