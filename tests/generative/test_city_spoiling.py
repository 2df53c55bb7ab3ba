"""Every way in which a name can go wrong, on any name at all."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from equipoise.city import spoil

NAMES = st.text(alphabet="abcdefghijklmnopqrstuvwxyzÉéłŁçñ'- ", min_size=1, max_size=24)
CHANCES = st.floats(min_value=0, max_value=1, exclude_max=True)


@given(NAMES, CHANCES)
def test_no_error_fails_or_empties_a_name(name: str, chance: float) -> None:
    for change in (
        spoil.mistype,
        spoil.misread,
        spoil.mishear,
        spoil.nickname,
        spoil.initial,
        spoil.middle,
        spoil.stray_space,
        spoil.wrong_figure,
    ):
        assert change(name, chance), change.__name__


@given(NAMES, CHANCES)
def test_a_typing_error_changes_one_letter_or_two(name: str, chance: float) -> None:
    wrong = spoil.mistype(name, chance)
    assert wrong != name
    assert abs(len(wrong) - len(name)) <= 1
    if len(name) >= 3:
        assert wrong[0] == name[0]


@given(NAMES)
def test_lost_accents_leave_the_plain_alphabet(name: str) -> None:
    assert spoil.lose_accents(name, 0.0).isascii()
    assert len(spoil.lose_accents(name, 0.0)) == len(name)


@given(st.from_regex(r"[A-Z]{2}[0-9]{6}[A-D]", fullmatch=True), CHANCES)
def test_a_wrong_figure_is_wrong_and_keeps_the_shape(number: str, chance: float) -> None:
    wrong = spoil.wrong_figure(number, chance)
    assert wrong != number and len(wrong) == len(number)
    assert wrong[:2] == number[:2] and wrong[2:8].isdigit() and wrong[8] == number[8]


@given(CHANCES)
def test_double_surnames_lose_a_half_or_the_hyphen(chance: float) -> None:
    assert spoil.half_surname("Ashworth-Khan", chance) in {"Ashworth", "Khan"}
    assert spoil.lose_hyphen("Ashworth-Khan", chance) in {"Ashworth Khan", "AshworthKhan"}
    assert spoil.is_double("Ashworth-Khan") and not spoil.is_double("Khan")


@given(CHANCES)
def test_nicknames_are_those_that_people_use(chance: float) -> None:
    assert spoil.has_nickname("William") and not spoil.has_nickname("Zebedee")
    assert spoil.nickname("William", chance) in {"Bill", "Will", "Billy"}
    assert spoil.nickname("Zebedee", chance) == "Zebedee"
