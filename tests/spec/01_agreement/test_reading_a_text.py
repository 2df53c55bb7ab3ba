"""A text becomes an agreement, or all that is wrong with it."""

from __future__ import annotations

import time
from datetime import date

import pytest
from agreement_texts import EVERY, REBATE, TEXTS, changed, problems, told

from equipoise.agree.parse import parse
from equipoise.agree.places import Places
from equipoise.agree.reads import (
    datasets_read,
    fields_read,
    identifiers_read,
    pack_fields,
    unread_fields,
)
from equipoise.agree.uses import EvaluateUse
from equipoise.agree.yaml_text import DEEPEST, MOST_CHARACTERS
from equipoise.errors import DocumentRefused


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
def test_a_sound_text_is_read(text: str) -> None:
    assert problems(text) == ()


def test_what_is_written_is_what_is_read() -> None:
    agreement = parse(EVERY).agreement
    assert agreement.reference == "warm-homes@2"
    assert agreement.starts == date(2027, 1, 1)
    assert agreement.parties["warmth"].roles == ("controller", "recipient")
    assert agreement.parties["room"].roles == ("secure room",)
    assert agreement.parties_in("linkage unit") == ("matcher",)
    assert agreement.datasets_of("council") == ("tenants",)
    assert agreement.entities_of("tenants") == ("person", "home")
    assert agreement.field_type("tenants", "surname") == "surname"
    assert agreement.field_type("tenants", "district") == "postcode"
    assert agreement.linkage is not None
    assert agreement.linkage.entities["person"].rules[0] == ("surname", "forename", "birth_date")


def test_an_agreement_may_do_without_linkage() -> None:
    without = changed(*_NO_LINKAGE)
    agreement = parse(without).agreement
    assert agreement.linkage is None
    assert agreement.entities_of("tenants") == ()
    assert identifiers_read(agreement)["tenants"] == frozenset()


_NO_LINKAGE = (
    (EVERY[EVERY.index("linkage:\n") : EVERY.index("uses:\n")], ""),
    (EVERY[EVERY.index("  joined:\n    use") : EVERY.index("  at-risk:\n    use")], ""),
    (EVERY[EVERY.index("  charity-view:\n    use") : EVERY.index("outputs:\n")], ""),
    (EVERY[EVERY.index("  stays:\n    from") : EVERY.index("linkage:\n")], ""),
    ("      winter stay: {test: stays.admitted >= 2026-11-01, through: person}\n", ""),
    (
        "      stay after moving in: {test: stays.admitted >= tenants.moved_in, through: person}\n",
        "",
    ),
    ("  joined: {form: de-personalised, checked by: [council, room]}\n", ""),
    ("  charity-view: {form: aggregate, checked by: [hospital, warmth]}\n", ""),
    (
        "  - {of: joined, to: room, rows: all, fields: [tenants.score, nights]}\n",
        "",
    ),
    ("  - {of: charity-view, to: warmth, under: same terms}\n", ""),
    ("  stays: {after use: true}\n  visits: {days: 30}\n  joined: {until: 2028-12-31}\n", ""),
    ("  charity-view: {days: 365}\n", ""),
    ("      surname: {is: identifier, why: to find the same person}\n"
     "      forename: {is: identifier, why: to find the same person}\n"
     "      birth_date: {is: identifier, columns: [day, month, year], "
     "why: to find the same person}\n"
     "      postcode: {is: linking, why: to find the home and to compare districts}\n"
     "      district: {is: payload, type: postcode, sensitivity: low, coarsen: district, "
     "column: home_postcode, why: to see where the cold is}\n", ""),
)  # fmt: skip


def test_every_clause_knows_its_line_and_column() -> None:
    lines = EVERY.splitlines()
    places = parse(EVERY).places
    line = places.line_of("datasets.tenants.fields.score")
    assert line is not None
    assert lines[line - 1].startswith("      score:")
    at = places.place("parties.room.sector")
    assert at is not None
    assert lines[at[0] - 1][at[1] - 1 :] == "academic"
    assert places.line_of("releases.1.to") == places.line_of("releases[1].to")
    assert lines[(places.line_of("releases.1.to") or 0) - 1].startswith("  - {of: at-risk")


def test_a_clause_that_is_not_there_is_placed_at_the_nearest_around_it() -> None:
    places = parse(EVERY).places
    assert places.place("datasets.tenants.fields.nobody.why") == places.place(
        "datasets.tenants.fields"
    )
    assert places.place("nothing.of.the.kind") == (1, 1)
    assert places.place("") is None
    assert places.line_of("") is None
    assert Places({}).place("anything") is None
    assert places.as_dict()["version"] == places.place("version")


def test_the_name_of_the_file_stands_in_every_problem() -> None:
    with pytest.raises(DocumentRefused) as refused:
        parse(changed(("version: 2", "version: two")), file="homes.yaml")
    (problem,) = refused.value.problems
    assert problem.where() == "homes.yaml, line 2, column 10, clause version"
    assert refused.value.exit_code == 3
    with pytest.raises(DocumentRefused) as refused:
        parse("", file="homes.yaml")
    assert refused.value.problems[0].file == "homes.yaml"


@pytest.mark.parametrize(
    ("text", "code", "line"),
    [
        ("a: [1, 2]]", "AGR001", 1),
        ("a: b\n\tc: d", "AGR001", 2),
        ("a: b: c", "AGR001", 1),
        ("x" * (MOST_CHARACTERS + 1), "AGR002", 1),
        ("", "AGR011", 1),
        ("# only a comment", "AGR011", 1),
        ("just a line", "AGR011", 1),
        ("\n- a\n- b", "AGR011", 2),
        ("[" * (DEEPEST + 2) + "]" * (DEEPEST + 2), "AGR012", 1),
    ],
)
def test_what_is_not_an_agreement_at_all_says_so(text: str, code: str, line: int) -> None:
    (problem,) = problems(text)
    assert (problem.code, problem.line) == (code, line)


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ("version: 2", "version: 2\nversion: 3", "AGR004"),
        ("title: Warm homes", "title: &warm Warm homes", "AGR005"),
        ("version: 2", "version: !!int 2", "AGR006"),
        ("version: 2", "version: 2\n<<: {title: x}", "AGR008"),
        ("version: 2", "version: 2\n? [a, b]\n: 3", "AGR010"),
        ("version: 2", "version: 2\n'': 3", "AGR010"),
        ("title: Warm homes", "title: Warm\u202e homes", "AGR003"),
        ("title: Warm homes", "title: Warm\x00 homes", "AGR003"),
        ("title: Warm homes", "title: Warm\ufffe homes", "AGR003"),
    ],
)
def test_what_could_make_a_text_mean_something_else_is_refused(
    old: str, new: str, code: str
) -> None:
    assert [problem.code for problem in problems(changed((old, new)))] == [code]


def test_one_hidden_character_is_told_once_at_its_first_place() -> None:
    twice = changed(("title: Warm homes", "title: Wa\u200brm ho\u200bmes"), ("Ada", "A\u200bda"))
    (problem,) = problems(twice)
    assert (problem.code, problem.line, problem.column) == ("AGR003", 3, 10)


def test_a_tab_is_named_as_what_it_is() -> None:
    (problem,) = problems("a: b\n\tc: d")
    assert "a tab stands where only spaces may" in problem.what


def test_a_hidden_character_is_found_behind_an_escape_too() -> None:
    escaped = changed(
        ("title: Warm homes for people who were in hospital", 'title: "Warm \\u202e homes"')
    )
    (problem,) = problems(escaped)
    assert problem.code == "AGR003"
    assert "U+202E right-to-left override" in problem.what
    assert problem.clause == "title"


def test_an_alias_is_refused_where_it_stands_and_tells_nothing_else() -> None:
    repeated = changed(
        ("analyst\n    for: holding", "&who analyst\n    for: holding"),
        ("by: [housing officer, analyst]", "by: [housing officer, *who]"),
        ("by: analyst\n    for: measuring whether repairs", "by: *who\n    for: measuring whether"),
    )
    assert told(repeated) == [
        ("AGR005", "uses.joined.by"),
        ("AGR005", "uses.at-risk.by.1"),
        ("AGR005", "uses.worth-it.by"),
    ]


def test_a_second_document_and_a_directive_are_refused() -> None:
    assert [p.code for p in problems("%YAML 1.1\n---\n" + EVERY)] == ["AGR007"]
    assert [p.code for p in problems("--- \n" + EVERY + "---\na: b\n")] == ["AGR009"]


def test_reading_goes_on_after_a_key_written_twice() -> None:
    both = changed(("version: 2", "version: two\nversion: 3"))
    assert [(p.code, p.line) for p in problems(both)] == [("AGR022", 2), ("AGR004", 3)]
    assert "first is on line 2" in problems(both)[1].what


def test_only_true_and_false_are_yes_and_no() -> None:
    assert told(changed(("disputed: true", "disputed: yes"))) == [
        ("AGR022", "gateway.council.disputed")
    ]
    assert told(changed(("disputed: true", "disputed: True"))) == []
    norway = changed(("kind: unitary authority", "kind: no"))
    assert parse(norway).agreement.parties["council"].kind == "no"


def test_numbers_stay_what_they_were_written_as() -> None:
    assert told(changed(("version: 2", "version: 02"))) == [("AGR022", "version")]
    assert told(changed(("version: 2", "version: 2.5"))) == [("AGR022", "version")]
    assert told(changed(("version: 2", "version: ''"))) == [("AGR022", "version")]
    assert told(changed(("caliper: 0.2", "caliper: .inf"))) == [
        ("AGR022", "uses.worth-it.match.caliper")
    ]
    assert told(changed(("[gas, electric, none]", "[1, electric, none, gas]"))) == [
        ("AGR022", "datasets.tenants.fields.heating.values.0")
    ]


def test_a_date_is_a_day_that_exists_written_in_one_way() -> None:
    for wrong in ("2027-02-30", "20270101", "1735689600", "01/01/2027", "2027-01-01T00:00:00"):
        assert told(changed(("starts: 2027-01-01", f"starts: {wrong}"))) == [("AGR026", "starts")]


def test_windows_line_ends_and_a_byte_order_mark_do_no_harm() -> None:
    windows = "\ufeff" + EVERY.replace("\n", "\r\n")
    assert parse(windows).agreement == parse(EVERY).agreement
    assert parse(windows).places.line_of("purpose") == parse(EVERY).places.line_of("purpose")


def test_a_use_reads_what_it_names_and_no_more() -> None:
    agreement = parse(EVERY).agreement
    read = {use: fields_read(agreement, use) for use in agreement.uses}
    assert read["joined"] == {
        "tenants": {"score", "district", "tenancy", "said_no"},
        "stays": {"nights", "stay", "agreed"},
        "visits": {"visit", "known_stay"},
    }
    assert read["at-risk"] == {
        "tenants": {"tenancy", "heating", "score", "moved_in", "said_no"},
        "stays": {"admitted", "agreed"},
    }
    assert read["worth-it"]["tenants"] == {
        "grant", "repaired_on", "moved_in", "heating", "score", "said_no",
    }  # fmt: skip
    assert read["charity-view"]["visits"] == {"cold"}
    assert datasets_read(agreement, "charity-view") == ("tenants", "visits")


def test_links_may_go_without_a_check() -> None:
    unchecked = parse(EVERY).agreement.uses["joined"].model_copy(update={"check": None})
    agreement = parse(EVERY).agreement
    agreement = agreement.model_copy(update={"uses": {**agreement.uses, "joined": unchecked}})
    assert datasets_read(agreement, "joined") == ("tenants", "stays")


def test_outcomes_are_numbered_by_name() -> None:
    use = parse(EVERY).agreement.uses["charity-view"]
    assert isinstance(use, EvaluateUse)
    assert [name for name, _ in use.in_order()] == ["cold home", "has grant"]


def test_identifiers_are_read_by_rules_that_both_sides_can_use() -> None:
    agreement = parse(REBATE).agreement
    read = identifiers_read(agreement)
    assert read["properties"] == {"uprn"}
    assert read["customers_brightgas"] == {
        "surname", "forename", "birth_date", "postcode", "uprn",
    }  # fmt: skip
    assert unread_fields(agreement) == ()


def test_a_parcel_holds_what_uses_read_without_identifiers_and_choices() -> None:
    agreement = parse(EVERY).agreement
    assert pack_fields(agreement, "stays") == ("stay", "admitted", "nights")
    assert "said_no" in pack_fields(agreement, "tenants"), "a use reads it as an outcome"
    assert pack_fields(parse(REBATE).agreement, "properties") == ("cost_score",)


# -- texts that are made to keep a server at work ------------------------------------------------


@pytest.mark.parametrize("text", ["{" * 5000, "? " * 5000, "[" * 5000, "- " * 5000])
def test_what_is_nested_without_end_is_told_to_be_too_deep(text: str) -> None:
    with pytest.raises(DocumentRefused) as refused:
        parse(text)
    assert "AGR012" in {problem.code for problem in refused.value.problems}


def test_thousands_of_unknown_keys_are_each_told_in_seconds() -> None:
    keys = "".join(f"key{number}: 1\n" for number in range(3000))
    began = time.process_time()
    with pytest.raises(DocumentRefused) as refused:
        parse(keys + EVERY)
    assert time.process_time() - began < 15  # it was minutes
    told = refused.value.problems
    assert [one.line for one in told] == [*range(1, 3001)]
    assert {one.code for one in told} == {"AGR020"} and told[-1].clause == "key2999"
