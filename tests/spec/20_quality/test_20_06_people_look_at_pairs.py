"""People look at pairs of records: only where the agreement says so, blind, and to some effect."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pytest
import yaml
from sites import DATASETS, deliver, new_site, verified

sys.path.insert(0, str(Path(__file__).parents[1] / "17_modes"))

from in_modes import JOINED, SPINE, Document, agreed, document, packed, take_files
from typer.testing import CliRunner

from equipoise.acts.admit import admitted
from equipoise.acts.erase import erase
from equipoise.acts.link import link
from equipoise.acts.link_review import Pair, review_links
from equipoise.acts.sign import sign_all_for_practice
from equipoise.acts.site import Site
from equipoise.agree.compare_rules import RULES
from equipoise.agree.parse import parse
from equipoise.agree.summary import summarise
from equipoise.carry.link import link as link_session
from equipoise.carry.link.answers import ANSWERS, SCHEMA
from equipoise.carry.link.reviewing import pairs_to_review
from equipoise.carry.tables import TablesSession
from equipoise.cli.main import app
from equipoise.errors import EquipoiseError, GateRefused, StateRefused, UsageRefused
from equipoise.gate.requests import to_review_links

BY = {"reviewed by": "rebate-team"}


def reviewed(whole: Document) -> None:
    whole["linkage"]["entities"]["person"] |= BY


def written(folder: Path, change: Callable[[Document], object] = reviewed) -> str:
    whole = document("identified")
    change(whole)
    path = folder / "identified.yaml"
    path.write_text(yaml.safe_dump(whole, sort_keys=False, allow_unicode=True), encoding="utf-8")
    return str(path)


def codes(error: EquipoiseError) -> list[str]:
    return [problem.code for problem in error.problems]


# -- the clause -----------------------------------------------------------------------------------


def mistakes(mode: str, person: Document) -> list[str]:
    whole = document(mode)
    whole["linkage"]["entities"]["person"] |= person
    try:
        parse(yaml.safe_dump(whole, sort_keys=False, allow_unicode=True))
    except EquipoiseError as error:
        return codes(error)
    return []


def test_the_agreement_says_who_may_look():
    assert mistakes("identified", BY) == []


@pytest.mark.parametrize("mode", ["exact", "encoded", "enclave"])
def test_in_the_other_modes_nobody_may(mode):
    assert "AGR240" in mistakes(mode, BY)


def test_nor_where_records_meet_by_rules_alone():
    rules = {"compare": None, "rules": [["surname", "forename", "birth_date"]]}
    assert "AGR240" in mistakes("identified", {**rules, **BY})


def test_only_whoever_links_may():
    assert mistakes("identified", {"reviewed by": "dwp"}) == ["AGR241"]


def test_the_public_is_told(tmp_path):
    said = [
        summarise(parse(Path(written(tmp_path, change)).read_text(encoding="utf-8")).agreement)
        for change in (reviewed, lambda whole: None)
    ]
    assert "may look at two records side by side" in said[0]
    assert "side by side" not in said[1]


def test_to_allow_it_later_widens_the_agreement():
    assert "linkage.entities.*.reviewed by" in RULES


# -- what is chosen, and what answers do ----------------------------------------------------------


@pytest.fixture(scope="module")
def files(city_files):
    return take_files(city_files)


@pytest.fixture(scope="module")
def asked(files):
    made = packed(files, agreed("identified", **BY, pairs="one to one"))
    chosen = pairs_to_review(TablesSession(made.tables), made.of, "person")
    return made, chosen.pairs


def truly(made, files, row):
    pair = (made.key_of[row["left_row"]], made.key_of[row["right_row"]])
    return pair in files.truth[row["dataset"]]


def answers_of(made, files, pairs):
    rows = [
        {
            "left_row": row["left_row"],
            "right_row": row["right_row"],
            "answer": "same" if truly(made, files, row) else "different",
        }
        for row in pairs.to_pylist()
    ]
    return pa.Table.from_pylist(rows, schema=SCHEMA)


def test_both_records_are_shown_as_they_are(asked, files):
    made, pairs = asked
    assert pairs.num_rows > 5
    assert {"left.forename", "right.forename"} <= set(pairs.column_names)
    spine = made.tables[SPINE].to_pylist()
    at = {row["row_id"]: row for row in spine}
    for row in pairs.to_pylist():
        assert row["left.surname"] == at[row["left_row"]]["surname"]


def test_what_people_said_stands_in_the_next_linkage(asked, files):
    made, pairs = asked
    answers = answers_of(made, files, pairs)
    found = link_session(TablesSession({**made.tables, ANSWERS: answers}), made.of, "person")
    links = set(zip(*(found.pairs[c].to_pylist() for c in ("left_row", "right_row")), strict=True))
    same = [row for row in answers.to_pylist() if row["answer"] == "same"]
    apart = [row for row in answers.to_pylist() if row["answer"] == "different"]
    assert same and apart
    # Somebody who is in one file twice can be linked once, one to one.
    linked = sum((row["left_row"], row["right_row"]) in links for row in same)
    assert linked == len({row["right_row"] for row in same})
    assert not any((row["left_row"], row["right_row"]) in links for row in apart)


def test_answers_make_the_linkage_no_worse(asked, files):
    made, pairs = asked
    answers = answers_of(made, files, pairs)

    def errors(found):
        told = made.pairs(found)
        return sum(len(told[name] ^ files.truth[name]) for name in JOINED)

    after = link_session(TablesSession({**made.tables, ANSWERS: answers}), made.of, "person")
    assert errors(after) < errors(made.linked())


def test_what_was_answered_is_not_asked_again(asked, files):
    made, pairs = asked
    answers = answers_of(made, files, pairs.slice(0, 10))
    again = pairs_to_review(
        TablesSession({**made.tables, ANSWERS: answers}), made.of, "person"
    ).pairs
    before = set(zip(*(answers[c].to_pylist() for c in ("left_row", "right_row")), strict=True))
    now = set(zip(*(again[c].to_pylist() for c in ("left_row", "right_row")), strict=True))
    assert not before & now


def test_answers_about_rows_that_are_gone_or_unsure_change_nothing(asked, files):
    made, pairs = asked
    answers = answers_of(made, files, pairs.slice(0, 3)).to_pylist()
    answers[0]["left_row"] = b"0" * 16
    answers[1]["answer"] = answers[2]["answer"] = "unsure"
    table = pa.Table.from_pylist(answers, schema=SCHEMA)
    found = link_session(TablesSession({**made.tables, ANSWERS: table}), made.of, "person")
    # Each linkage draws a key and throws it away; with it a tie may fall the other way.
    told, before = made.pairs(found), made.pairs(made.linked())
    assert sum(len(told[name] ^ before[name]) for name in JOINED) <= 4


# -- the act and the command ----------------------------------------------------------------------


@pytest.fixture(scope="module")
def delivered(city_files: Path, tmp_path_factory) -> tuple[Site, str]:
    folder = tmp_path_factory.mktemp("reviewed")
    site, source = new_site(folder / "site"), written(folder)
    sign_all_for_practice(site, source)
    deliver(site, source, city_files)
    return site, source


def alike(pair: Pair) -> str:
    values = {field: (one, other) for field, one, other in pair.fields}
    return "same" if len(set(values["birth_date"])) == 1 else "different"


@pytest.mark.slow
def test_a_review_is_left_taken_up_again_and_counts(delivered, tmp_path):
    site, source = delivered
    shown: list[Pair] = []

    def few(pair: Pair) -> str:
        shown.append(pair)
        return "quit" if len(shown) > 4 else alike(pair)

    first = review_links(site, source, few)
    assert (first.answered, first.in_all) == (4, 4)
    assert first.agreement is not None and first.agreement.answered == 4
    assert not any("0." in value for _, *two in shown[0].fields for value in two)
    second = review_links(site, source, lambda pair: "unsure" if pair.number < 3 else "quit")
    assert (second.answered, second.in_all) == (2, 6)
    assert "pairs were answered now" in " ".join(second.sentences())
    held = {e.name for e in site.custody.room("secure-room").list("fuel-poverty-rebate", 1,
                                                                  "secure-room")}  # fmt: skip
    assert "answers.person" in held
    done = link(site, source)
    assert {each.entity for each in done} == {"person", "home"}


def test_the_ledger_tells_that_somebody_looked_and_at_nobody(delivered, tmp_path):
    site, source = delivered
    seen: list[str] = []

    def look(pair: Pair) -> str:
        seen.extend(value for _, *two in pair.fields for value in two if len(value) > 3)
        return "different" if pair.number == 1 else "quit"

    review_links(site, source, look)
    entries = [e for e in site.store.entries() if e.act == "links reviewed"]
    assert entries and set(entries[-1].detail) == {"entity", "answers", "permit"}
    whole = "\n".join(str(e.detail) for e in site.store.entries())
    assert not any(value in whole for value in seen)
    verified(site, tmp_path)


def test_by_keyboard_alone(delivered):
    site, source = delivered
    told = CliRunner().invoke(
        app, ["review-links", source, "--site", str(site.directory), "--json"], input="x\ny\nu\nq\n"
    )
    assert told.exit_code == 0, told.output
    assert '"answered": 2' in told.output
    assert "[]" not in told.output, "an empty answer is not offered"
    assert told.output.count("Type y, n, u or q") == 1, "what was not understood is said"
    assert "Pair 1 of" in told.output and "probab" not in told.output.split("{")[0].lower()


def test_the_end_of_input_ends_the_review(delivered):
    site, source = delivered
    told = CliRunner().invoke(app, ["review-links", source, "--site", str(site.directory)])
    assert told.exit_code == 0
    assert "0 pairs were answered now" in told.output


def test_an_entity_that_is_not_reviewed_is_refused(delivered):
    site, source = delivered
    with pytest.raises(UsageRefused) as caught:
        review_links(site, source, alike, entity="home")
    assert codes(caught.value) == ["ACT170"]


def test_answers_go_with_the_data(delivered):
    site, source = delivered
    erase(site, source, ("tax_credits", *DATASETS[1:]))
    held = {e.name for e in site.custody.room("secure-room").list("fuel-poverty-rebate", 1,
                                                                  "secure-room")}  # fmt: skip
    assert "answers.person" not in held


@pytest.mark.parametrize("mode", ["identified", "enclave"])
def test_without_the_clause_the_gate_refuses_and_tells_why(mode, tmp_path):
    whole = document(mode)
    path = tmp_path / "other.yaml"
    path.write_text(yaml.safe_dump(whole, sort_keys=False, allow_unicode=True), encoding="utf-8")
    site = new_site(tmp_path / "site")
    sign_all_for_practice(site, str(path))
    with pytest.raises(GateRefused) as caught:
        review_links(site, str(path), alike)
    assert codes(caught.value) == ["GATE059"]


def test_a_permit_keeps_answers_of_what_is_reviewed_and_of_nothing_else(delivered):
    site, source = delivered
    parsed = site.read(source)
    person = site.actor_in(parsed.agreement, "linkage unit")
    request = to_review_links(parsed.agreement, person.party, person.name)
    with admitted(site, parsed, request) as passage:
        assert passage.link_answers("home") is None
        with pytest.raises(GateRefused) as caught:
            passage.keep_link_answers("home", SCHEMA.empty_table())
    assert codes(caught.value) == ["GATE190"]


def test_nobody_else_may(tmp_path):
    site, source = new_site(tmp_path / "site"), written(tmp_path)
    sign_all_for_practice(site, source)
    person = next(p for p in site.people() if p.party != "rebate-team")
    with pytest.raises(GateRefused):
        review_links(site, source, alike, person=person)


def test_before_the_records_are_here_there_is_nothing_to_look_at(tmp_path):
    site, source = new_site(tmp_path / "site"), written(tmp_path)
    sign_all_for_practice(site, source)
    with pytest.raises(StateRefused) as caught:
        review_links(site, source, alike)
    assert codes(caught.value) == ["ACT171"]
