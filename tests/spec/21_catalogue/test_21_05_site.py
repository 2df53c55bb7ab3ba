"""A site adds items, cards and questions by a YAML text; what does not fit is refused, all at once.

Each refusal names its code, the line and why. Nothing that is shipped can be changed.
"""

from __future__ import annotations

import textwrap

import pytest
from hypothesis import given
from hypothesis import strategies as st

from equipoise.errors import DataRefused, Problem
from equipoise.weigh.cards import cards
from equipoise.weigh.catalogue import catalogue, extended, shipped_lists, with_addition
from equipoise.weigh.catalogue.table import SITE
from equipoise.weigh.questions import evaluation, questions

EXAMPLE = SITE.split("```yaml\n")[1].split("```")[0]
"""The list that the documentation shows."""

HEAD = "adds: leeds\nversion: 1\n"
ITEM = """
  leeds-night-buses:
    group: benefits
    words: Buses run when people come off late shifts.
    place: exercise:naming benefits and risks
"""
CARD = """
  leeds-parking:
    title: Parking near the hospital
    set: leeds
    who: The council.
    why: Visitors circle for long.
    what: When cars come and go.
    how: Counts by the hour.
"""
QUESTION = """
  leeds-nights:
    test: purposeful
    words: Does it help people who work at night?
    low: Not at all.
    high: Much.
    draws: [B01]
"""
WHOLE = f"{HEAD}items:{ITEM}cards:{CARD}questions:{QUESTION}"


def refused(text: str) -> tuple[Problem, ...]:
    with pytest.raises(DataRefused) as caught:
        with_addition(shipped_lists(), text, "leeds.yaml")
    return caught.value.problems


def told(text: str) -> list[tuple[str, int | None]]:
    problems = refused(text)
    assert all(each.file == "leeds.yaml" and each.column for each in problems)
    assert all(each.what and each.why and each.next and "{" not in each.next for each in problems)
    return [(each.code, each.line) for each in problems]


def changed(old: str, new: str, text: str = WHOLE) -> str:
    assert text.count(old) == 1
    return text.replace(old, new)


def line_of(text: str, words: str) -> int:
    return text[: text.index(words)].count("\n") + 1


def test_the_example_of_the_documentation_is_added_whole() -> None:
    lists = with_addition(shipped_lists(), EXAMPLE)
    assert lists.catalogue.version == "1+leeds.1"
    assert len(lists.catalogue) == 133 and lists.catalogue["leeds-night-buses"].on == "people"
    assert lists.cards["leeds-parking"].impacts.risks == ("Staff on shifts could be followed.",)
    assert lists.questions["leeds-nights"].draws == ("leeds-night-buses", "B01")
    assert len(lists.cards) == 16 and len(lists.questions) == 26


def test_what_is_shipped_stays_as_it_was() -> None:
    before = catalogue().digest
    longer = extended(catalogue(), HEAD + "items:" + ITEM)
    assert longer.items[:132] == catalogue().items
    assert longer.digest != before == catalogue().digest
    assert (len(catalogue()), len(cards()), len({**questions(), **evaluation()})) == (132, 15, 25)


def test_lists_of_two_sites_are_used_together() -> None:
    both = with_addition(
        with_addition(shipped_lists(), WHOLE),
        textwrap.dedent("""\
            adds: york
            version: 3
            questions:
              york-1:
                test: evaluation
                kind: open
                words: Was the tea warm?
                draws: [leeds-night-buses]
            """),
    )
    assert both.catalogue.version == "1+leeds.1+york.3"
    assert both.questions["york-1"].low == ""


def test_one_list_is_not_added_twice() -> None:
    lists = with_addition(shipped_lists(), WHOLE)
    with pytest.raises(DataRefused) as caught:
        with_addition(lists, WHOLE)
    codes = {problem.code for problem in caught.value.problems}
    assert codes == {"WGH015", "WGH009"}


CLASHES = [
    ("WGH009", "leeds-night-buses:", "B01:"),
    ("WGH010", "leeds-night-buses:", "york-night-buses:"),
    ("WGH010", "leeds-parking:", "york-parking:"),
    ("WGH010", "leeds-nights:", "york-nights:"),
    ("WGH009", "leeds-nights:", "purposeful-1:"),
    ("WGH009", "leeds-parking:", '"1":'),
    ("WGH011", "words: Buses run when people come off late shifts.", "words: money is SAVED"),
    ("WGH012", "place: exercise:naming benefits and risks", "place: clause:purpose.wish"),
    ("WGH013", "group: benefits", "group: facts"),
    ("WGH031", "set: leeds", "set: 1-6"),
    ("WGH032", "title: Parking near the hospital", "title: Empty Homes"),
    ("WGH011", "words: Does it help people who work at night?", "words: As a whole how was today?"),
    ("WGH042", "draws: [B01]", "draws: [B99]"),
]
SHAPES = [
    ("WGH003", "group: benefits", "group: benefits\n    colour: red"),
    ("WGH003", "set: leeds", "set: leeds\n    impacts: {benefit: [More.]}"),
    ("WGH003", "group: benefits", "group: benefits\n    id: leeds-2"),
    ("WGH003", "version: 1", "version: 1\nitem: {}"),
    ("WGH004", "version: 1\n", ""),
    ("WGH004", "    group: benefits\n", ""),
    ("WGH004", "    place: exercise:naming benefits and risks\n", ""),
    ("WGH005", "version: 1", "version: soon"),
    ("WGH005", "version: 1", "version: 0"),
    ("WGH005", "words: Buses run when people come off late shifts.", "words: [Buses]"),
    ("WGH005", "draws: [B01]", "draws: B01"),
    ("WGH005", "draws: [B01]", "most: 11"),
    ("WGH006", "group: benefits", "group: benefit"),
    ("WGH006", "test: purposeful", "test: powerful"),
    ("WGH007", "leeds-night-buses:", "Night_buses:"),
    ("WGH007", "leeds-parking:", "Z:"),
    ("WGH007", "leeds-nights:", "nights:"),
    ("WGH007", "adds: leeds", "adds: Leeds"),
    ("WGH007", "place: exercise:naming benefits and risks", "place: somewhere"),
    ("WGH007", "draws: [B01]", "draws: [everything]"),
    ("WGH008", "words: Buses run when people come off late shifts.", "words: no"),
    ("WGH008", "title: Parking near the hospital", f"title: {'Parking ' * 20}"),
    ("WGH030", "    who: The council.\n", ""),
    ("WGH040", "    low: Not at all.\n", ""),
    ("WGH041", "low: Not at all.", "low: Not at all.\n    least: 5"),
]


@pytest.mark.parametrize(("code", "old", "new"), CLASHES + SHAPES)
def test_each_fault_is_told_with_its_code_and_place(code: str, old: str, new: str) -> None:
    text = changed(old, new)
    found = told(text)
    assert code in {each for each, _ in found}, found
    [line] = {line for each, line in found if each == code}
    entry = next((key for key in ("items", "cards", "questions") if old in (
        {"items": ITEM, "cards": CARD, "questions": QUESTION}[key])), "")  # fmt: skip
    first = line_of(text, f"\n{entry}:") if entry else 0
    assert line is not None and first <= line <= text.count("\n") + 1


def test_a_fault_is_shown_at_its_own_line() -> None:
    for old, new, at in (
        ("group: benefits", "group: benefit", "group:"),
        ("draws: [B01]", "draws: [B01, B99]", "draws:"),
        ("set: leeds", "set: case", "set:"),
        ("title: Parking near the hospital", "tittle: Parking near the hospital", "tittle:"),
    ):
        text = changed(old, new)
        assert line_of(text, at) in {line for _, line in told(text)}


def test_all_faults_are_told_at_once_in_the_order_of_the_text() -> None:
    text = changed("group: benefits", "group: benefit")
    text = changed("set: leeds", "set: case", text)
    text = changed("draws: [B01]", "draws: [B99]", text)
    found = told(text)
    assert [code for code, _ in found] == ["WGH006", "WGH031", "WGH042"]
    assert [line for _, line in found] == sorted(line or 0 for _, line in found)


def test_what_was_meant_is_suggested() -> None:
    [problem] = refused(changed("group: benefits", "group: benefit"))
    assert problem.next == "Did you mean 'benefits'?"
    [problem] = refused(changed("high: Much.", "hihg: Much."))
    assert problem.next == "Did you mean 'high'?"


def test_a_red_line_of_a_site_is_judged_by_people() -> None:
    line = changed("group: benefits", "group: red lines\n    kind: computed")
    assert "WGH014" in {code for code, _ in told(line)}
    judged = changed("group: benefits", "group: red lines\n    kind: judged")
    judged = changed("place: exercise:naming benefits and risks",
                     "place: red line:leeds-night-buses", judged)  # fmt: skip
    assert with_addition(shipped_lists(), judged).catalogue["leeds-night-buses"].kind == "judged"


def test_a_question_may_rest_on_an_item_of_the_same_list() -> None:
    lists = with_addition(shipped_lists(), changed("draws: [B01]", "draws: [leeds-night-buses]"))
    assert lists.questions["leeds-nights"].draws == ("leeds-night-buses",)


def test_a_card_of_which_nothing_is_known_says_so() -> None:
    text = f"{HEAD}cards:\n  leeds-old:\n    title: An old one\n    set: leeds\n"
    assert [code for code, _ in told(text)] == ["WGH030"]
    card = with_addition(shipped_lists(), f"{text}    described: false\n").cards["leeds-old"]
    assert not card.described


@pytest.mark.parametrize(
    ("text", "code"),
    [
        (HEAD, "WGH002"),
        (f"{HEAD}items: {{}}\n", "WGH002"),
        ("", "WGH001"),
        ("- a\n- list\n", "WGH001"),
        ("adds: [", "WGH001"),
        (f"{HEAD}items: &a\n  leeds-b: *a\n", "WGH001"),
        (f"{HEAD}items:\n  leeds-b: !!python/name:os.system\n", "WGH001"),
        (f"{HEAD}items:{ITEM}{ITEM}", "WGH001"),
        (f"{HEAD}items:\n  leeds-b:\n    words: a\u202eb\n", "WGH001"),
        (f"{HEAD}items: [1, 2]\n", "WGH005"),
        (f"{HEAD}items:\n  leeds-b: words\n", "WGH005"),
        ("x" * 500_000, "WGH001"),
    ],
    ids=["nothing", "empty", "no text", "a list", "broken", "repeated", "a tag", "twice", "unseen",
         "no names", "no keys", "endless"],
)  # fmt: skip
def test_a_text_that_is_no_list_is_refused(text: str, code: str) -> None:
    assert code in {each for each, _ in told(text)}


def test_a_refusal_never_speaks_of_an_agreement() -> None:
    for text in ("", "- a\n", "adds: [", f"{WHOLE}---\nadds: york\n"):
        assert not [each for each in refused(text) if "agreement" in each.sentence()]


@given(st.text(alphabet=st.sampled_from(list(WHOLE) + list("*&!{}[]|>%@\t\u202e\x00"))))
def test_any_text_is_added_or_refused(text: str) -> None:
    for body in (text, HEAD + text, f"{HEAD}items:\n  leeds-b: {text}"):
        try:
            with_addition(shipped_lists(), body)
        except DataRefused as refusal:
            assert all(each.code.startswith("WGH") and each.line for each in refusal.problems)


@given(st.integers(0, len(WHOLE) - 1), st.sampled_from([*":-#[]{}'\"x1 \n", ""]))
def test_one_changed_letter_never_breaks_the_reader(at: int, letter: str) -> None:
    try:
        with_addition(shipped_lists(), WHOLE[:at] + letter + WHOLE[at + 1 :])
    except DataRefused as refusal:
        assert refusal.problems
