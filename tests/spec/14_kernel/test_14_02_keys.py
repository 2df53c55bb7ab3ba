"""Chapter 14, section 2: keys. Under one key equal values meet; under two, nothing does.

The features are a wire form: another program can make the same ones, as the vectors here show.
"""

from __future__ import annotations

import pickle
from hashlib import blake2s

import pyarrow as pa
import pytest

from equipoise.carry.encode.features import encode_fields, field_label
from equipoise.carry.encode.kinds import KINDS, Kind
from equipoise.carry.encode.throwaway import ThrowAwayKey
from equipoise.errors import DataRefused, UsageRefused

PEOPLE = pa.table(
    {
        "forename": ["Zoë", "Mary Ann", None, "zoe", "MaryAnn"],
        "surname": ["O'Neill", "Smith-Jones", "山田", "ONeill", "Zoe"],
        "born": ["11/02/1985", "1949-09-28", "1949", "x", None],
        "postcode": ["LS1 4AB", "ls1 4ab", "3042", "LS1", None],
    }
)
FIELDS: dict[str, Kind] = {
    "forename": "forename",
    "surname": "surname",
    "born": "date",
    "postcode": "postcode",
}
KEY = bytes(range(32))
KEYED = ThrowAwayKey(KEY)
VECTORS = {
    "forename": (0x1F47C24D2F77DE29, 0x4008040400000000),
    "surname": (0x3EB9AB4606E3C491, 0x4400090404047203),
    "born": (0x1241C4B7D1632400, 0x0A068B0203510212),
    "postcode": (0x905F7F3712D0AF60, 0x184A418200500005),
}


def test_two_keys_never_meet() -> None:
    one, two = (encode_fields(PEOPLE, FIELDS, ThrowAwayKey()) for _ in range(2))
    for name, field in one.fields.items():
        other = two.fields[name]
        assert not set(field.exact) & set(other.exact)
        assert (field.grams != other.grams).any(axis=1).all()
        assert not set(field.parts[field.parts > 0]) & set(other.parts[other.parts > 0])


def test_two_fields_and_two_purposes_never_meet() -> None:
    same = pa.table({"a": ["Ann"], "b": ["Ann"]})
    encoded = encode_fields(same, {"a": "surname", "b": "surname"}, ThrowAwayKey())
    a, b = encoded.fields["a"], encoded.fields["b"]
    assert not set(a.exact) & set(b.exact) and not set(a.parts.flat) & set(b.parts.flat)
    assert len({int(a.exact[0]), *(int(each) for each in a.parts.flat)}) == 6  # first = last word


def test_a_feature_is_made_as_the_page_says() -> None:
    """Computed here by hand: label, key, digest, the first eight bytes."""
    encoded = encode_fields(PEOPLE, FIELDS, ThrowAwayKey(KEY))

    def digest(label: str, message: str) -> bytes:
        key = blake2s(label.encode(), key=KEY).digest()
        return blake2s(message.encode(), key=key, digest_size=16).digest()

    def feature(field: str, purpose: str, text: str) -> int:
        label = f"equipoise field 1\n{field}\n{purpose}"
        assert label == field_label(field, purpose)
        return int.from_bytes(digest(label, text)[:8], "little")

    surname, born = encoded.fields["surname"], encoded.fields["born"]
    parts = KINDS["surname"].parts
    row = surname.codes[1]
    assert surname.exact[row] == feature("surname", "exact", "SMITHJONES")
    assert surname.parts[row, parts.index("last word")] == feature("surname", "word", "JONES")
    assert surname.parts[surname.codes[4], parts.index("either name")] == feature(
        "forename+surname", "either name", "ZOE"
    )
    at = born.codes[0]
    assert born.exact[at] == feature("born", "exact", "19850211")
    bits = {
        byte % 128
        for place, sign in enumerate("19850211")
        for byte in digest("equipoise field 1\nborn\ngrams", f"@{place} {sign}")[:4]
    }
    low, high = born.grams[at].tolist()
    assert {bit for bit in range(128) if (low | high << 64) >> bit & 1} == bits
    pairs = {
        byte % 128
        for piece in (" Z", "ZO", "OE", "E ")
        for byte in digest("equipoise field 1\nforename\ngrams", piece)[:4]
    }
    forename = encoded.fields["forename"]
    low, high = forename.grams[forename.codes[0]].tolist()
    assert {bit for bit in range(128) if (low | high << 64) >> bit & 1} == pairs


def test_the_vectors_stand() -> None:
    """Fixed figures: if one of them changes, the layout's version must change with it."""
    encoded = encode_fields(PEOPLE, FIELDS, ThrowAwayKey(KEY))
    first = {
        name: (int(field.exact[field.codes[0]]), int(field.grams[field.codes[0]][0]))
        for name, field in encoded.fields.items()
    }
    assert first == VECTORS


def test_one_value_written_two_ways_is_one_value() -> None:
    encoded = encode_fields(PEOPLE, FIELDS, ThrowAwayKey())
    forename, surname = encoded.fields["forename"], encoded.fields["surname"]
    assert forename.codes.tolist() == [0, 1, -1, 0, 1]
    assert forename.counts.tolist() == [2, 2] and forename.missing() == 1
    assert surname.codes[0] == surname.codes[3]
    # Of two spellings of one whole, the one with more words gives the parts.
    mary = encode_fields(pa.table({"forename": ["Mary"]}), {"forename": "forename"}, KEYED)
    again = encode_fields(PEOPLE.take([4, 1]), FIELDS, KEYED).fields["forename"]
    assert again.feature("nickname")[0] == mary.fields["forename"].feature("nickname")[0]


def test_the_order_of_rows_changes_no_feature() -> None:
    key = ThrowAwayKey(KEY)
    forward, back = (
        encode_fields(table, FIELDS, key) for table in (PEOPLE, PEOPLE.take([4, 3, 2, 1, 0]))
    )
    for name, field in forward.fields.items():
        other = back.fields[name]
        one = {
            int(e): (*g, *p) for e, g, p in zip(field.exact, field.grams, field.parts, strict=True)
        }
        two = {
            int(e): (*g, *p) for e, g, p in zip(other.exact, other.grams, other.parts, strict=True)
        }
        assert one == two


@pytest.mark.parametrize("rows", [0, 1])
@pytest.mark.parametrize("kind", list(KINDS))
def test_empty_files_and_files_of_one_row_are_encoded(kind: Kind, rows: int) -> None:
    for value in ("A 1", None):
        table = pa.table({"it": pa.array([value] * rows, pa.string())})
        encoded = encode_fields(table, {"it": kind}, ThrowAwayKey())
        field = encoded.fields["it"]
        assert encoded.rows == len(field.codes) == rows
        assert len(field.exact) == len(field.grams) == len(field.parts) == len(field.counts)
        assert field.missing() == (rows if value is None else 0)


@pytest.mark.parametrize("length", [0, 16, 31, 33])
def test_a_key_of_another_length_is_refused(length: int) -> None:
    with pytest.raises(UsageRefused, match="ENC101"):
        ThrowAwayKey(bytes(length))


def test_a_key_is_never_shown_nor_pickled() -> None:
    key = ThrowAwayKey(KEY)
    for secret in (key, key("label")):
        assert KEY.hex() not in repr(secret) and str(KEY) not in repr(secret)
        with pytest.raises(TypeError):
            pickle.dumps(secret)


def test_what_cannot_be_encoded_is_refused_all_at_once() -> None:
    table = pa.table({"a": ["x"], "listed": [["x"]]})
    wrong: dict[str, Kind] = {"listed": "text", "gone": "text", "a": "colour"}  # type: ignore[dict-item]
    with pytest.raises(UsageRefused) as caught:
        encode_fields(table, wrong, ThrowAwayKey())
    assert [problem.code for problem in caught.value.problems] == ["ENC105", "ENC104", "ENC103"]
    with pytest.raises(UsageRefused, match="ENC102"):
        encode_fields(table, {}, ThrowAwayKey())
    encoded = encode_fields(table, {"a": "text"}, ThrowAwayKey())
    with pytest.raises(DataRefused, match="LNK100"):
        encoded.fields["a"].feature("sound of the sea")
