"""What is linked has one layout for each mode, so that another program could write it."""

from __future__ import annotations

import io
from collections.abc import Callable
from hashlib import blake2s
from typing import Any, get_args

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from in_modes import COMPARING, JOINED, KEY, SPINE, Files, agreed, ids, packed

from equipoise.agree.document import Agreement
from equipoise.agree.words import Strength
from equipoise.carry.encode import wire
from equipoise.carry.encode.outgoing import outgoing
from equipoise.carry.encode.record import STRENGTHS
from equipoise.carry.encode.throwaway import ThrowAwayKey
from equipoise.carry.parcel_table import pack_table, read_table
from equipoise.carry.spool import by_row_id
from equipoise.errors import DataRefused

MASTER = bytes(range(32))
REFERENCE = "fuel-poverty-rebate@1"
CHECK = "54dd6bfa63e576d5d748a920e5322b90"
SURNAME = (
    "5503c7199f4138a285100c684901080000a2021402045090d11827f46c14bb48d11827f46c14bb48"
    "72eded6ddf1c44700d63e3bb6a6a779f4c4a798c5705d3a31c92ce9798c6fc2a"
)
"""The encodings of O'Neill, with a forename beside it, under the key 00 01 02 ... 1f."""


def by_hand(label: str, message: bytes) -> bytes:
    """The keyed hash as the test vectors use it: BLAKE2s of the label under the key is the key."""
    made = blake2s(label.encode(), key=MASTER).digest()
    return blake2s(message, key=made, digest_size=16).digest()


def one_row(**values: Any) -> pa.Table:
    """One tax credit row as intake gives it."""
    fields = agreed("exact").datasets[SPINE].fields
    row = dict.fromkeys(fields) | {"on_credit": True} | values
    kinds = {"birth_date": pa.date32(), "on_credit": pa.bool_()}
    return pa.table({k: pa.array([v], kinds.get(k, pa.string())) for k, v in row.items()})


def made(mode: str, table: pa.Table, key: ThrowAwayKey = KEY, **person: Any) -> pa.Table:
    row_ids = ids(table.num_rows)
    return outgoing(table, agreed(mode, **person), SPINE, key, row_ids)


def of_kind(mode: str) -> str:
    return "identifiers" if mode == "identified" else "encodings"


def as_packed(table: pa.Table, kind: str = "encodings") -> bytes:
    sink = io.BytesIO()
    pack_table(kind, [by_row_id(table)], sink)
    return sink.getvalue()


def codes(call: Callable[[], object]) -> list[str]:
    with pytest.raises(DataRefused) as caught:
        call()
    return [problem.code for problem in caught.value.problems]


# -- vectors -------------------------------------------------------------------------------------


def test_a_field_is_its_features_one_after_the_other_the_lowest_byte_first() -> None:
    table = made("enclave", one_row(forename="Zoë", surname="O'Neill"))
    cell = table["person.surname"].to_pylist()[0]
    label = f"equipoise encoding 1\n{REFERENCE}\nperson\nequipoise field 1\nsurname\n"
    assert cell[:8] == by_hand(label + "exact", b"ONEILL")[:8]
    # exact, two words of grams, then the parts of a surname in their order
    parts = [cell[at : at + 8] for at in range(24, len(cell), 8)]
    assert len(parts) == 6
    assert parts[0] == by_hand(label + "word", b"ONEILL")[:8], "the first word"
    assert parts[3] == by_hand(label + "initial", b"O")[:8]
    assert parts[4] == by_hand(label + "start", b"ONE")[:8]
    swapped = label.replace("\nsurname\n", "\nforename+surname\n") + "either name"
    assert parts[5] == by_hand(swapped, b"ONEILL")[:8]
    assert table["person.postcode"].to_pylist() == [None], "what is missing is null"


def test_vectors_for_another_program() -> None:
    """As published in the explanation of encodings."""
    row = one_row(forename="Zoë", surname="O'Neill")
    cell = made("enclave", row)["person.surname"].to_pylist()[0]
    assert cell.hex() == SURNAME
    assert wire.key_check(KEY) == by_hand("key check", b"key check").hex() == CHECK
    token = made("enclave", row, rules=[["surname", "forename:initial"]])["person.0"].to_pylist()[0]
    label = f"equipoise token 1\n{REFERENCE}\nperson\nsurname\nforename:initial"
    message = b"\0\0\0\6ONEILL" + b"\0\0\0\1Z"
    assert token == by_hand(label, message)


def test_one_value_has_one_encoding_wherever_it_stands(files: Files) -> None:
    sent = packed(files, agreed("enclave"))
    alike = {name: table["person.surname"] for name, table in sent.tables.items()}
    column = files.tables[JOINED[0]]["surname"].to_pylist()
    cells = alike[JOINED[0]].to_pylist()
    by_name: dict[str, set[bytes]] = {}
    for name, cell in zip(column, cells, strict=True):
        by_name.setdefault(str(name), set()).add(cell)
    assert all(len(found) == 1 for found in by_name.values())
    assert set(alike[SPINE].to_pylist()) & set(cells), "both owners wrote the same for one surname"


# -- columns -------------------------------------------------------------------------------------


def test_each_mode_sends_its_own_columns_and_no_others(files: Files) -> None:
    names = {
        mode: packed(files, agreed(mode)).tables[SPINE].column_names
        for mode in ("exact", *COMPARING)
    }
    fields = ["forename", "surname", "birth_date", "postcode", "uprn"]
    assert names["exact"] == ["row_id", *(f"person.{n}" for n in range(6))]
    assert names["encoded"] == ["row_id", "person.filter", "person.meeting"]
    assert names["enclave"] == ["row_id", *(f"person.{name}" for name in fields)]
    assert sorted(names["identified"]) == sorted(["row_id", *fields])


def test_a_filter_is_as_long_as_its_strength_says() -> None:
    for strength in get_args(Strength):
        table = made("encoded", one_row(surname="Neill"), strength=strength)
        size = STRENGTHS[strength].bits // 8
        assert table.schema.field("person.filter").type == pa.binary(size)
        assert table["person.filter"].null_count == 0


def test_identifiers_travel_in_their_standard_form() -> None:
    table = made("identified", one_row(surname="O’Neill-Smith", postcode="eq1  0aa"))
    assert table["surname"].to_pylist() == ["ONEILL SMITH"]
    assert table["postcode"].to_pylist() == ["EQ1 0AA"]
    assert table.schema.field("birth_date").type == pa.date32()


def test_nothing_of_a_name_can_be_read_where_only_encodings_travel(files: Files) -> None:
    surnames = {name for name in files.tables[SPINE]["surname"].to_pylist() if len(name) > 4}
    for mode in ("exact", "encoded", "enclave"):
        sink = io.BytesIO(as_packed(packed(files, agreed(mode)).tables[SPINE]))
        whole = b"".join(
            bytes(cell)
            for column in pq.read_table(sink).columns
            for cell in column.to_pylist()
            if cell is not None
        )
        assert not any(name.encode() in whole for name in surnames)


@pytest.mark.parametrize("mode", COMPARING)
def test_what_was_sent_is_read_as_it_was_made(files: Files, mode: str) -> None:
    of = agreed(mode)
    sent = packed(files, of).tables[JOINED[0]]
    data, names = as_packed(sent, of_kind(mode)), tuple(sent.column_names)
    repeated = wire.repeated_columns(of, JOINED[0])
    held = read_table(data, sent.num_rows, names, at_most_bytes=1 << 30, repeated=repeated)
    wire.insist(of, JOINED[0], wire.layout_of(of, JOINED[0]), "0" * 32, held)
    in_order = sent.sort_by("row_id")
    for name in names:
        assert held.sort_by("row_id")[name].to_pylist() == in_order[name].to_pylist()
    if mode == "enclave":
        assert all(pa.types.is_dictionary(held.schema.field(name).type) for name in repeated)
        kinds = wire.compared_kinds(of, "person", JOINED[0])
        one = wire.read_fields(in_order, "person", kinds)
        two = wire.read_fields(held.sort_by("row_id"), "person", kinds)
        for name in kinds:
            a, b = one.fields[name], two.fields[name]
            there = a.codes >= 0
            assert (there == (b.codes >= 0)).all()
            at, to = a.codes[there], b.codes[there]
            assert (a.exact[at] == b.exact[to]).all()
            assert (a.grams[at] == b.grams[to]).all()
            assert (a.parts[at] == b.parts[to]).all()
            assert sorted(a.counts) == sorted(b.counts)
            assert a.counts.sum() == (a.codes >= 0).sum()


def test_a_table_without_rows_travels_too() -> None:
    empty = one_row(surname="Neill").slice(0, 0)
    of = agreed("enclave")
    table = outgoing(empty, of, SPINE, KEY, ids(0))
    names = tuple(table.column_names)
    repeated = wire.repeated_columns(of, SPINE)
    held = read_table(as_packed(table), 0, names, at_most_bytes=1 << 20, repeated=repeated)
    kinds = wire.compared_kinds(of, "person", SPINE)
    assert wire.read_fields(held, "person", kinds).rows == 0
    table = outgoing(empty, agreed("encoded"), SPINE, KEY, ids(0))
    assert wire.read_records(table, "person").filters.shape == (0, STRENGTHS["standard"].bits // 64)


def test_filters_and_tokens_are_words_with_the_lowest_byte_first() -> None:
    words = np.array([[1, 2], [3, 1 << 63]], np.uint64)
    column = wire.words_column(words)
    assert column[0].as_py() == b"\1" + b"\0" * 7 + b"\2" + b"\0" * 7
    turned = pa.chunked_array([column.slice(1), column.slice(0, 1)])
    read = wire.read_records(
        pa.table({"person.filter": turned, "person.meeting": turned}), "person"
    )
    assert read.tokens is not None
    assert (read.filters == words[[1, 0]]).all()
    assert (read.tokens == words[[1, 0]]).all()


def test_tokens_to_meet_by_are_those_that_the_fields_of_both_files_give(files: Files) -> None:
    of = agreed("encoded")
    sent = packed(files, of)
    one, two = (
        wire.read_records(sent.tables[name], "person").tokens for name in (SPINE, JOINED[0])
    )
    assert one is not None
    assert two is not None
    said = wire.layout_of(of, SPINE)["entities"]["person"]["meeting"]["tokens"]
    assert one.shape[1] == two.shape[1] == len(said)
    shared = np.intersect1d(one[one != 0], two[two != 0])
    assert len(shared) > 100, "people who are in both files meet"


def test_fields_that_carry_too_little_send_no_tokens() -> None:
    table = made("encoded", one_row(surname="Neill"), compare=["surname", "forename"])
    assert table.column_names == ["row_id", "person.filter"]
    assert wire.read_records(table, "person").tokens is None


# -- what a room refuses -------------------------------------------------------------------------


@pytest.fixture(scope="module")
def sent() -> tuple[Agreement, pa.Table]:
    return agreed("enclave"), made("enclave", one_row(surname="Neill"))


def held_against(of: Agreement, layout: dict[str, Any], table: pa.Table, key: str = "0" * 32):
    return lambda: wire.insist(of, SPINE, layout, key, table)


def test_a_parcel_says_its_layout(sent: tuple[Agreement, pa.Table]) -> None:
    of, table = sent
    assert codes(held_against(of, {}, table)) == ["ENC301"]
    layout = wire.layout_of(of, SPINE)
    older, newer = {**layout, "version": 1}, {**layout, "version": 3}
    assert codes(held_against(of, older, table)) == ["ENC302"]
    assert codes(held_against(of, newer, table)) == ["ENC302"]
    assert codes(held_against(of, {**layout, "layout": "secret layout"}, table)) == ["ENC302"]
    assert codes(held_against(of, {**layout, "layout": ["none"]}, table)) == ["ENC302"]
    wire.insist(of, SPINE, layout, "0" * 32, table)


@pytest.mark.parametrize(
    "change",
    [
        {"mode": "encoded"},
        {"entities": {}},
        {"lists": {"objectors": [0]}},
        {"note": "something more"},
    ],
)
def test_a_layout_that_was_not_agreed_is_refused(
    sent: tuple[Agreement, pa.Table], change: dict[str, Any]
) -> None:
    of, table = sent
    assert codes(held_against(of, {**wire.layout_of(of, SPINE), **change}, table)) == ["ENC303"]


def test_filters_of_another_strength_are_refused() -> None:
    of = agreed("encoded", strength="high")
    table = made("encoded", one_row(surname="Neill"), strength="light")
    layout = wire.layout_of(agreed("encoded", strength="light"), SPINE)
    assert "ENC303" in codes(held_against(of, layout, table))


@pytest.mark.parametrize("key", ["", "0" * 31, "G" * 32, "0" * 32 + "\n"])
def test_what_is_keyed_says_under_which_key(sent: tuple[Agreement, pa.Table], key: str) -> None:
    of, table = sent
    assert codes(held_against(of, wire.layout_of(of, SPINE), table, key)) == ["ENC304"]
    plain = agreed("identified")
    table = made("identified", one_row(surname="Neill"))
    wire.insist(plain, SPINE, wire.layout_of(plain, SPINE), "", table)


def test_columns_of_other_types_or_lengths_are_refused(sent: tuple[Agreement, pa.Table]) -> None:
    of, table = sent
    layout = wire.layout_of(of, SPINE)
    short = pa.array([b"\0" * 16], pa.binary(16))
    at = table.column_names.index("person.surname")
    for wrong in (
        table.drop_columns(["person.surname"]),
        table.set_column(at, "person.surname", short),
        table.append_column("surname", pa.array(["NEILL"])),
        table.append_column("person.surname", table["person.surname"]),
    ):
        assert codes(held_against(of, layout, wrong)) == ["ENC305"]
    filters = agreed("encoded")
    none = pa.table(
        {"row_id": ids(1), "person.filter": pa.nulls(1, pa.binary(STRENGTHS["standard"].bits // 8))}
    )
    assert codes(held_against(filters, wire.layout_of(filters, SPINE), none)) == ["ENC305"]


def test_two_keys_have_two_checks_and_their_files_nothing_in_common(files: Files) -> None:
    other = ThrowAwayKey(bytes(reversed(range(32))))
    assert wire.key_check(KEY) != wire.key_check(other)
    one = packed(files, agreed("enclave")).tables[SPINE]["person.surname"].to_pylist()
    two = packed(files, agreed("enclave"), other).tables[SPINE]["person.surname"].to_pylist()
    assert not set(one) & set(two)
