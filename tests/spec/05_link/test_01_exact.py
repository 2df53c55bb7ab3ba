"""Rows are linked by equal tokens, rule by rule, and a token that could mean several links none."""

from __future__ import annotations

from typing import get_args

import pyarrow as pa
import pytest
from link_tables import linkage, linked, pair_list, table, token

from equipoise.agree.words import LinkMode
from equipoise.carry.encode import TOKEN
from equipoise.carry.link import LINKERS, MEMBERS, PAIRS, Linked, link, link_exact
from equipoise.carry.tables import TablesSession
from equipoise.errors import EquipoiseError


def test_two_rows_with_one_token_are_one_person():
    found = linked({"left": {"L1": "a", "L2": "b"}, "right": {"R1": "b", "R2": "c"}})
    assert pair_list(found) == [("right", "L2", "R1", 0)]


def test_every_row_of_every_dataset_gets_an_entity_and_only_linked_rows_share_one():
    found = linked({"left": {"L1": "a", "L2": "b"}, "right": {"R1": "b", "R2": "c"}})
    members = found.members.to_pylist()
    number = {(row["dataset"], row["row_id"]): row["entity_row"] for row in members}
    assert found.members.schema == MEMBERS
    assert found.pairs.schema == PAIRS
    assert len(number) == 4
    assert number["right", token("R1")] == number["left", token("L2")]
    assert len(set(number.values())) == found.report.entities == 3
    assert sorted(set(number.values())) == [0, 1, 2]


def test_rules_are_tried_in_order_and_a_linked_row_is_not_linked_again():
    found = linked({
        "left": {"L1": "a x", "L2": "b y"},
        "right": {"R1": "a y", "R2": "- y", "R3": "- x"},
    })  # fmt: skip
    assert pair_list(found) == [("right", "L1", "R1", 0), ("right", "L2", "R2", 1)]


def test_a_token_that_two_spine_rows_have_links_neither_and_is_counted():
    found = linked({"left": {"L1": "twin", "L2": "twin"}, "right": {"R1": "twin"}})
    assert pair_list(found) == []
    assert found.report.datasets[0].rules[0].ambiguous == 1


def test_a_later_rule_may_tell_twins_apart():
    found = linked({
        "left": {"L1": "twin x", "L2": "twin y"}, "right": {"R1": "twin y", "R2": "twin x"},
    })  # fmt: skip
    assert pair_list(found) == [("right", "L1", "R2", 1), ("right", "L2", "R1", 1)]


def test_one_to_one_two_joined_rows_with_one_token_are_ambiguous():
    found = linked({"left": {"L1": "a"}, "right": {"R1": "a", "R2": "a"}})
    assert pair_list(found) == []
    assert found.report.datasets[0].rules[0].ambiguous == 2


def test_many_to_one_any_number_of_joined_rows_may_meet_one_spine_row():
    found = linked(
        {"left": {"L1": "a x", "L2": "b x"}, "right": {"R1": "a q", "R2": "a x", "R3": "q x"}},
        pairs="many to one",
    )
    assert pair_list(found) == [("right", "L1", "R1", 0), ("right", "L1", "R2", 0)]
    assert found.report.datasets[0].rules[1].ambiguous == 1


def test_one_to_one_a_taken_spine_row_no_longer_makes_a_token_ambiguous():
    found = linked({"left": {"L1": "a x", "L2": "b x"}, "right": {"R1": "a q", "R2": "q x"}})
    assert pair_list(found) == [("right", "L1", "R1", 0), ("right", "L2", "R2", 1)]


def test_each_joined_dataset_meets_the_spine_by_itself():
    found = linked({
        "left": {"L1": "a"}, "right": {"R1": "a"}, "other": {"O1": "a", "O2": "b"},
    })  # fmt: skip
    assert pair_list(found) == [("right", "L1", "R1", 0), ("other", "L1", "O1", 0)]
    assert found.report.entities == 2


def test_missing_tokens_never_meet():
    found = linked({"left": {"L1": "-", "L2": "-"}, "right": {"R1": "-"}})
    assert pair_list(found) == []
    assert found.report.datasets[0].rules[0].missing == 1


@pytest.mark.parametrize("empty", ["left", "right", "both"])
def test_an_empty_dataset_links_nothing_and_breaks_nothing(empty):
    found = linked({
        "left": {} if empty != "right" else {"L1": "a"},
        "right": {} if empty != "left" else {"R1": "a"},
    })  # fmt: skip
    assert pair_list(found) == []
    assert found.members.num_rows == (empty != "both")


def test_tokens_in_slices_and_chunks_are_read_rightly():
    left = table({"L0": "z", "L1": "a", "L2": "b"})
    right = table({"R1": "b"})
    chunked = pa.concat_tables([left.slice(1, 1), left.slice(2, 1)])
    found = link_exact(TablesSession({"left": chunked, "right": right}), linkage(1), "person")
    assert pair_list(found) == [("right", "L2", "R1", 0)]


def test_link_takes_the_linker_that_the_mode_asks_for():
    of = linkage(1)
    tables = {"left": table({"L1": "a"}), "right": table({"R1": "a"})}
    said = []
    session = TablesSession(tables, lambda share, doing: said.append(share))
    found = link(session, of, "person")
    assert isinstance(found, Linked)
    assert said[-1] == 1.0
    assert set(LINKERS) == set(get_args(LinkMode)), "every mode has its linker"


LEFT, RIGHT = table({"L1": "a"}), table({"R1": "a"})


@pytest.mark.parametrize(
    ("tables", "codes"),
    [
        ({}, ["LNK002", "LNK002"]),
        ({"left": LEFT}, ["LNK002"]),
        ({"left": LEFT, "right": RIGHT.drop(["person.0"])}, ["LNK003"]),
        ({"left": LEFT, "right": RIGHT.set_column(1, "person.0", pa.array(["a"]))}, ["LNK003"]),
        ({"left": LEFT, "right": pa.concat_tables([RIGHT, RIGHT])}, ["LNK004"]),
        ({"left": LEFT, "right": RIGHT.set_column(0, "row_id", pa.array([None], TOKEN))},
         ["LNK004"]),
    ],
)  # fmt: skip
def test_tables_that_were_not_encoded_so_are_refused(tables, codes):
    with pytest.raises(EquipoiseError) as caught:
        link_exact(TablesSession(tables), linkage(1), "person")
    assert [problem.code for problem in caught.value.problems] == codes


def test_an_entity_that_nobody_agreed_and_an_agreement_without_linkage():
    session = TablesSession({"left": LEFT, "right": RIGHT})
    for of, entity in ((linkage(1), "home"), (linkage(1, linkage=None), "person")):
        with pytest.raises(EquipoiseError) as caught:
            link(session, of, entity)
        assert caught.value.problems[0].code == "LNK001"


def test_more_rules_than_can_be_numbered():
    with pytest.raises(EquipoiseError) as caught:
        link_exact(TablesSession({"left": LEFT, "right": RIGHT}), linkage(128), "person")
    assert caught.value.problems[0].code == "LNK005"
