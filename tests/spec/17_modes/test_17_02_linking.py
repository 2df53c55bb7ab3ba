"""Every mode links the same people, as well as what it may see allows, and never against a rule."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pyarrow as pa
import pytest
from in_modes import COMPARING, JOINED, KEY, SPINE, Files, agreed, packed

from equipoise.agree.words import LINKED_IN, TRAVELS
from equipoise.carry.link import MEMBERS, SCORED, Linked, link
from equipoise.carry.tables import TablesSession
from equipoise.errors import EquipoiseError

LEAST = {"encoded": (0.90, 0.93), "enclave": (0.97, 0.88), "identified": (0.97, 0.88)}
"""Mode -> the precision and recall below which something is broken. The rules of the mode ``exact``
find 0.86 and 0.90 of these pairs."""


def rates(files: Files, mode: str, **person: Any) -> tuple[float, float, Linked]:
    sent = packed(files, agreed(mode, **person))
    found = sent.linked()
    pairs = sent.pairs(found)
    right = sum(len(pairs[name] & files.truth[name]) for name in JOINED)
    made, true = (sum(map(len, each.values())) for each in (pairs, files.truth))
    return right / made, right / true, found


@pytest.fixture(scope="module", params=COMPARING)
def told(request: pytest.FixtureRequest, files: Files) -> tuple[str, float, float, Linked]:
    return request.param, *rates(files, request.param)


def test_people_are_found_and_others_left_apart(told: tuple[str, float, float, Linked]) -> None:
    mode, precision, recall, _ = told
    assert precision >= LEAST[mode][0]
    assert recall >= LEAST[mode][1]


def test_every_mode_gives_the_same_shape(
    told: tuple[str, float, float, Linked], files: Files
) -> None:
    mode, _, _, found = told
    assert found.members.schema == MEMBERS
    assert found.pairs.schema == SCORED
    assert found.members.num_rows == sum(table.num_rows for table in files.tables.values())
    assert found.dropped.num_rows == 0
    assert found.report.mode == mode
    chances = found.pairs["probability"].to_pylist()
    assert all(0.8 <= chance <= 1 for chance in chances)


def test_the_report_says_what_comparing_found(told: tuple[str, float, float, Linked]) -> None:
    _, _, _, found = told
    for count in found.report.datasets:
        compared = count.compared
        assert compared is not None
        assert compared.fields == ("forename", "surname", "birth_date", "postcode", "uprn")
        assert count.linked == compared.links
        assert sum(band.links for band in compared.bands) == compared.links + compared.unsure
        assert compared.precision is not None and 0.8 <= compared.precision <= 1
        if found.report.mode == "encoded":  # what filters do not show, nobody can count
            assert compared.recall is None and compared.recall_between is None
            assert compared.of_those_seen is not None and 0 < compared.of_those_seen <= 1
        else:
            assert compared.recall is not None and 0 < compared.recall <= 1
            assert compared.of_those_seen is None
        assert compared.doubt == ""
        assert sum(rule.links for rule in compared.found_by) in (0, compared.links)
    said = " ".join(found.report.sentences())
    assert "linked with a probability of at least 80%" in said
    assert "Estimated without truth" in said
    whole = found.report.as_dict()
    assert whole["datasets"][0]["compared"]["sure_at_least"] == 0.8


def test_one_person_has_one_row_of_a_file_where_that_was_agreed(files: Files) -> None:
    _, _, found = rates(files, "enclave", pairs="one to one")
    for name in JOINED:
        own = [row for row in found.pairs.to_pylist() if row["dataset"] == name]
        assert len({row["left_row"] for row in own}) == len(own)
        assert len({row["right_row"] for row in own}) == len(own)


@pytest.mark.parametrize("mode", COMPARING)
def test_rules_come_first_and_are_never_overruled(files: Files, mode: str) -> None:
    rule = [["surname", "forename", "birth_date", "postcode"]]
    _, _, by_rule = rates(files, "exact", rules=rule)
    _, recall, both = rates(files, mode, rules=rule)
    counts = [count.rules[0].found for count in both.report.datasets]
    assert counts == [count.rules[0].found for count in by_rule.report.datasets]
    assert recall > 0.86
    rows = both.pairs.to_pylist()
    assert {row["rule"] for row in rows} == {0, -1}
    assert all((row["probability"] is None) == (row["rule"] == 0) for row in rows)
    for count in both.report.datasets:
        assert count.compared is not None
        assert count.linked == count.rules[0].found + count.compared.links


@pytest.mark.parametrize("mode", COMPARING)
def test_an_entity_may_be_linked_by_rules_alone_in_any_mode(files: Files, mode: str) -> None:
    rule = [["surname", "forename", "birth_date", "postcode"]]
    _, _, by_rule = rates(files, "exact", rules=rule)
    _, _, alone = rates(files, mode, rules=rule, compare=None)
    for one, other in zip(by_rule.report.datasets, alone.report.datasets, strict=True):
        assert one.rules == other.rules
        assert other.compared is None


def test_a_higher_demand_leaves_out_what_is_less_sure(files: Files) -> None:
    _, _, usual = rates(files, "encoded", **{"sure at least": 0.5})
    _, _, strict = rates(files, "encoded", **{"sure at least": 0.999})
    for one, other in zip(usual.report.datasets, strict.report.datasets, strict=True):
        assert other.linked <= one.linked
        assert one.compared is not None and other.compared is not None
        assert one.compared.unsure == 0
        assert other.compared.unsure == one.linked - other.linked


def test_a_file_without_rows_links_nobody(files: Files) -> None:
    for mode in COMPARING:
        none = {**files.tables, JOINED[0]: files.tables[JOINED[0]].slice(0, 0)}
        found = packed(replace(files, tables=none), agreed(mode)).linked()
        assert found.report.datasets[0].linked == 0
        assert found.report.datasets[1].linked > 0


def test_a_field_that_one_side_lacks_is_left_out_with_it(files: Files) -> None:
    of = agreed("enclave")
    fields = {k: v for k, v in of.datasets[JOINED[1]].fields.items() if k != "uprn"}
    thinner = of.datasets[JOINED[1]].model_copy(update={"fields": fields})
    whole = of.model_copy(update={"datasets": {**of.datasets, JOINED[1]: thinner}})
    found = packed(files, whole).linked()
    shared = [count.compared.fields for count in found.report.datasets if count.compared]
    assert shared[0][-1] == "uprn"
    assert "uprn" not in shared[1]
    assert found.report.datasets[1].linked > 0


@pytest.mark.parametrize("mode", COMPARING)
def test_what_was_not_encoded_so_is_refused(files: Files, mode: str) -> None:
    sent = packed(files, agreed(mode))
    spine = sent.tables[SPINE]
    last = spine.column_names[-1]
    for tables, code in (
        ({SPINE: spine}, "LNK002"),
        ({**sent.tables, SPINE: spine.drop_columns([last])}, "LNK003"),
        ({**sent.tables, SPINE: pa.concat_tables([spine, spine])}, "LNK004"),
    ):
        with pytest.raises(EquipoiseError) as caught:
            link(TablesSession(tables), sent.of, "person")
        assert {problem.code for problem in caught.value.problems} == {code}


def test_each_mode_is_linked_where_what_it_shows_may_be_seen() -> None:
    assert {mode: (LINKED_IN[mode], TRAVELS[mode]) for mode in LINKED_IN} == {
        "exact": ("linkage unit", "encodings"),
        "encoded": ("linkage unit", "encodings"),
        "enclave": ("secure room", "encodings"),
        "identified": ("secure room", "identifiers"),
    }


# -- opt-out lists --------------------------------------------------------------------------------


def with_list(mode: str, rules: list[list[str]]) -> Any:
    of = agreed(mode)
    whole = of.model_dump(mode="json", by_alias=True, exclude_none=True)
    for name in (SPINE, JOINED[0]):
        whole["datasets"][name]["opt out"] = {"check": "objectors", "rules": rules}
    whole["datasets"]["objectors"] = {
        "from": "hmrc",
        "about": "people who said no",
        "fields": {
            name: {"is": "identifier", "why": "to leave them out"}
            for name in ("surname", "forename", "birth_date", "uprn")
        },
    }
    return type(of).model_validate(whole)


@pytest.mark.parametrize("mode", ["exact", *COMPARING])
def test_who_is_on_the_list_is_gone_before_anything_is_linked(files: Files, mode: str) -> None:
    from equipoise.carry.encode.outgoing import outgoing

    of = with_list(mode, [["surname", "forename", "birth_date"]])
    sent = packed(files, of)
    wanted = ["surname", "forename", "birth_date", "uprn"]
    said_no = files.tables[SPINE].slice(0, 20).select(wanted)
    row_ids = pa.array([bytes([n]) * 16 for n in range(20)], pa.binary(16))
    the_list = outgoing(said_no, of, "objectors", KEY, row_ids)
    assert the_list.column_names == ["row_id", "opt-out.objectors.0"]
    found = link(TablesSession({**sent.tables, "objectors": the_list}), of, "person")

    names = {tuple(row.values()) for row in said_no.drop_columns(["uprn"]).to_pylist()}
    barred = {
        name: {
            key
            for key, *row in zip(
                *(files.tables[name][c].to_pylist() for c in (key_field, *wanted[:3])), strict=True
            )
            if None not in row and tuple(row) in names
        }
        for name, key_field in ((SPINE, "award"), (JOINED[0], "account"))
    }
    assert len(barred[SPINE]) == 20
    dropped: dict[str, set[str]] = {SPINE: set(), JOINED[0]: set()}
    for row in found.dropped.to_pylist():
        dropped[row["dataset"]].add(sent.key_of[row["row_id"]])
    assert dropped[SPINE] == barred[SPINE]
    assert dropped[JOINED[0]] >= barred[JOINED[0]], "also who is written in another way"
    linked = {sent.key_of[row["row_id"]] for row in found.members.to_pylist()}
    assert not linked & (dropped[SPINE] | dropped[JOINED[0]])
    counts = {one.dataset: one.rows for one in found.report.opted_out}
    assert counts == {SPINE: 20, JOINED[0]: len(dropped[JOINED[0]])}
    assert "20 rows were left out, because the list objectors bars them" in " ".join(
        found.report.sentences()
    )


def test_nothing_is_linked_while_a_list_is_missing_or_cannot_be_applied(files: Files) -> None:
    of = with_list("enclave", [["uprn"]])
    sent = packed(files, of)
    with pytest.raises(EquipoiseError) as caught:
        link(TablesSession(sent.tables), of, "person")
    assert {problem.code for problem in caught.value.problems} == {"ENC306"}
    no_tokens = pa.table({"row_id": pa.array([b"\0" * 16], pa.binary(16))})
    with pytest.raises(EquipoiseError) as caught:
        link(TablesSession({**sent.tables, "objectors": no_tokens}), of, "person")
    assert {problem.code for problem in caught.value.problems} == {"ENC307"}


def test_a_missing_value_meets_no_list(files: Files) -> None:
    of = with_list("enclave", [["uprn"]])
    sent = packed(files, of)
    empty = pa.table(
        {
            "row_id": pa.array([b"\0" * 16], pa.binary(16)),
            "opt-out.objectors.0": pa.nulls(1, pa.binary(16)),
        }
    )
    found = link(TablesSession({**sent.tables, "objectors": empty}), of, "person")
    assert found.dropped.num_rows == 0
