"""Tokens are made as published, and meet exactly where the standardised parts are equal."""

from __future__ import annotations

import hmac
from datetime import date
from types import SimpleNamespace

import pyarrow as pa
import pytest
from tokens_by_hand import FIELDS, KEY, HmacHasher, agreement, keyed, people, row_ids

from equipoise.carry.encode import TOKEN, encode, payload, token_label
from equipoise.errors import EquipoiseError

OF = agreement()
ONEILL = {"account": "A1", "nino": "AB123456C", "forename": "Zoë", "surname": "O'Neill",
          "birth_date": date(1980, 4, 3), "postcode": "LS74DL", "uprn": "12",
          "score": 1.5}  # fmt: skip


def _encoded(rows, of=OF, dataset="left", key=KEY):
    return encode(people(rows, of, dataset), of, dataset, keyed(key), row_ids(len(rows)))


def test_a_token_can_be_made_by_hand_from_the_published_layout():
    label = "equipoise token 1\ntest-link@1\nperson\nsurname\nforename\nbirth_date"
    message = bytes.fromhex(
        "00000006 4f4e45494c4c"            # ONEILL
        "00000003 5a4f45"                  # ZOE
        "0000000a 313938302d30342d3033"    # 1980-04-03
    )  # fmt: skip
    key = hmac.digest(KEY, label.encode(), "sha256")
    token = hmac.digest(key, message, "sha256")[:16]
    assert _encoded([ONEILL])["person.1"].to_pylist() == [token]
    assert token.hex() == "ac72401a33ea39cd391e5d1627c402ca"


def test_the_label_names_layout_agreement_entity_and_rule():
    assert token_label(OF, "person", ("surname:sound", "birth_date:year")) == (
        "equipoise token 1\ntest-link@1\nperson\nsurname:sound\nbirth_date:year"
    )


def test_the_table_has_a_row_id_and_one_column_for_each_rule_and_nothing_else():
    table = _encoded([ONEILL])
    assert table.column_names == ["row_id", "person.0", "person.1", "person.2"]
    assert set(table.schema.types) == {TOKEN}
    assert b"NEILL" not in str(table.to_pydict()).encode()


def test_a_missing_or_unreadable_part_makes_no_token():
    without = [{"birth_date": None}, {"nino": "QQ123456C"}, {"surname": "-"}]
    table = _encoded([ONEILL | lacking for lacking in without])
    nulls = [[token is None for token in table[f"person.{rule}"].to_pylist()] for rule in range(3)]
    assert nulls == [[False, True, False], [True, False, True], [True, False, True]]


def test_parts_are_framed_so_that_their_border_cannot_move():
    first, second = _encoded([
        ONEILL | {"surname": "AB", "forename": "C"}, ONEILL | {"surname": "A", "forename": "BC"},
    ])["person.1"].to_pylist()  # fmt: skip
    assert first != second


def test_two_owners_meet_and_other_versions_keys_and_entities_do_not():
    (token,) = _encoded([ONEILL])["person.1"].to_pylist()
    theirs = ONEILL | {"surname": "ONEILL", "forename": "ZOE", "account": "B9"}
    assert _encoded([theirs], dataset="right")["person.1"].to_pylist() == [token]
    assert _encoded([ONEILL], agreement(version=2))["person.1"].to_pylist() != [token]
    assert _encoded([ONEILL], agreement(agreement="other"))["person.1"].to_pylist() != [token]
    assert _encoded([ONEILL], key=bytes(32))["person.1"].to_pylist() != [token]


def test_a_rule_that_reads_a_field_this_owner_does_not_hold_gives_nulls():
    of = agreement(leave_out={"right": {"nino"}})
    table = _encoded([ONEILL], of, "right")
    assert table["person.0"].null_count == 1
    assert table["person.1"].null_count == 0


def test_a_dataset_outside_every_entity_gets_row_ids_alone():
    of = agreement(linkage=None)
    assert _encoded([ONEILL], of).column_names == ["row_id"]


def test_equal_messages_are_hashed_once():
    made = []

    def counting(label):
        made.append(HmacHasher(KEY, label))
        return made[-1]

    encode(people([ONEILL] * 500, OF), OF, "left", counting, row_ids(500))
    assert [hasher.hashed for hasher in made] == [1, 1, 1]


def test_an_empty_table_is_encoded_to_an_empty_one():
    table = _encoded([])
    assert table.num_rows == 0
    assert set(table.schema.types) == {TOKEN}


def test_payload_is_what_is_no_identifier():
    ids = row_ids(1)
    table = payload(people([ONEILL], OF), OF, "left", ids)
    assert table.to_pylist() == [
        {"row_id": ids[0].as_py(), "account": "A1", "uprn": "12", "score": 1.5}
    ]
    assert [name for name, said in FIELDS.items() if said["is"] != "identifier"] == [
        "account", "uprn", "score",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("call", "code"),
    [
        (lambda t: encode(t, OF, "nobody", keyed(), row_ids(1)), "ENC001"),
        (lambda t: encode(t.drop(["nino"]), OF, "left", keyed(), row_ids(1)), "ENC002"),
        (lambda t: payload(t.drop(["score"]), OF, "left", row_ids(1)), "ENC002"),
        (lambda t: encode(t, OF, "left", keyed(), row_ids(2)), "ENC003"),
        (lambda t: encode(t, OF, "left", keyed(), pa.array(["x"])), "ENC003"),
        (lambda t: encode(t, OF, "left", keyed(), pa.array([None], TOKEN)), "ENC003"),
        (lambda t: payload(pa.concat_tables([t, t]), OF, "left",
                           pa.array([bytes(16)] * 2, TOKEN)), "ENC003"),
        (lambda t: encode(t, OF, "left", lambda _: SimpleNamespace(
            digests=lambda values: pa.array([b"short"])), row_ids(1)), "ENC004"),
    ],
)  # fmt: skip
def test_what_cannot_be_encoded_is_refused(call, code):
    with pytest.raises(EquipoiseError) as caught:
        call(people([ONEILL], OF))
    assert [problem.code for problem in caught.value.problems] == [code]
    assert "Neill" not in str(caught.value)


def test_row_ids_may_come_in_chunks():
    ids = pa.chunked_array([row_ids(1), row_ids(1)])
    assert encode(people([ONEILL] * 2, OF), OF, "left", keyed(), ids).num_rows == 2
