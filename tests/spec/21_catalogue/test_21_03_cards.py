"""Fifteen cards: what the founding report tells of its examples and case studies, and no more."""

from __future__ import annotations

import re

import pytest
from checklist import seed_lines
from pydantic import ValidationError

from equipoise.weigh.cards import FIELDS, Card, Impacts, cards

TITLES = {
    "A": ("A-F", "kent integrated dataset"),
    "B": ("A-F", "loneliness"),
    "C": ("A-F", "fuel poverty"),
    "D": ("A-F", "practices"),
    "E": ("A-F", "justice data lab"),
    "F": ("A-F", "bristol"),
    "1": ("1-6", "routes from diagnosis"),
    "2": ("1-6", "999"),
    "3": ("1-6", "health and care"),
    "4": ("1-6", "empty homes"),
    "5": ("1-6", "housing"),
    "6": ("1-6", "violence"),
    "case-1": ("case", "camden"),
    "case-2": ("case", "troubled families"),
    "case-3": ("case", "community safety"),
}

SAID_AGAINST = {
    "2": ["riskiest"], "4": ["punish", "second use"], "6": ["hurt", "everybody else"],
    "F": ["gentler", "unsound"], "C": ["greatest need"], "case-1": ["wrong entry", "fit"],
}  # fmt: skip
"""Card -> what people are recorded to have held against it (L324-375, L525-541)."""


def test_two_sets_of_six_and_three_case_studies_are_laid_out_in_order() -> None:
    assert list(cards()) == list(TITLES)
    for key, (set_, words) in TITLES.items():
        card = cards()[key]
        assert (card.id, card.set) == (key, set_) and words in card.title.casefold()


def test_a_set_is_for_benefit_and_for_risk() -> None:
    """Half the tables weighed one set for benefit, the others the other; then they changed."""
    assert {card.set for card in cards().values()} == {"A-F", "1-6", "case"}


def test_what_is_described_says_all_six_fields() -> None:
    assert FIELDS == ("who", "why", "what", "how", "impacts", "source")
    for card in cards().values():
        told = all((card.who, card.why, card.what, card.how, card.impacts.benefits))
        assert told is card.described, card.id
        assert card.source and card.seed, card.id


def test_two_examples_of_which_nothing_survives_stay_bare() -> None:
    bare = [card for card in cards().values() if not card.described]
    assert [card.id for card in bare] == ["D", "4"]
    assert [(card.who, card.why, card.what, card.how) for card in bare] == [("",) * 4] * 2


@pytest.mark.parametrize("key", SAID_AGAINST)
def test_a_card_keeps_what_people_held_against_it(key: str) -> None:
    risks = " ".join(cards()[key].impacts.risks)
    assert [words for words in SAID_AGAINST[key] if words not in risks] == []


def test_every_number_on_a_card_stands_in_the_lines_it_names() -> None:
    report = seed_lines()
    wrong = []
    for card in cards().values():
        passages = " ".join("\n".join(report[first : last + 1]) for first, last in card.lines)
        known = set(re.findall(r"\d+", passages.replace(",", "")))
        impacts = (*card.impacts.benefits, *card.impacts.risks)
        told = " ".join((card.who, card.why, card.what, card.how, card.source, *impacts))
        numbers = re.findall(r"\d+", told.replace(",", ""))
        wrong += [(card.id, number) for number in numbers if number not in known]
    assert wrong == []


def test_a_card_names_lines_that_are_there() -> None:
    report = seed_lines()
    for card in cards().values():
        assert all(0 < first <= last < len(report) for first, last in card.lines), card.id


def test_a_card_cannot_be_changed_nor_its_set_of_cards() -> None:
    with pytest.raises(ValidationError):
        cards()["A"].title = "Another"
    with pytest.raises(TypeError):
        cards()["Z"] = cards()["A"]  # type: ignore[index]


def test_two_cards_that_say_other_things_have_other_digests() -> None:
    first = cards()["A"]
    other = first.model_copy(update={"impacts": Impacts(benefits=("None.",))})
    assert len({card.digest for card in (*cards().values(), other)}) == 16
    assert first.digest == Card.model_validate(first.model_dump()).digest
