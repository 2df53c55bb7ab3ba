"""A filter stands for a whole record: only the same person's other record resembles it."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pyarrow as pa
import pytest
from record_by_hand import bigrams, date_words, filter_by_hand, postcode_words
from record_people import FIELDS, KEY, OTHER_KEY, people, table, two_files

from equipoise.carry.encode import record
from equipoise.carry.encode.record import STRENGTHS, record_filters
from equipoise.carry.encode.record_check import key_check
from equipoise.carry.encode.record_plan import USES, plan
from equipoise.carry.link.record_pairs import Piles
from equipoise.errors import UsageRefused

REAL = ("light", "standard", "high", "highest")
ANN = ("ANN", "PATEL", "1980-04-03", "LS1 4AB", "12 HIGH STREET")


def filters(rows, strength="standard", key=KEY):
    return record_filters(table(rows), FIELDS, key, STRENGTHS[strength])


def resemblance(one, other) -> float:
    near = Piles(one, other).all_pairs(-1e9)
    return float(near.resemblance[0])


@pytest.mark.parametrize("strength", STRENGTHS)
def test_equal_records_have_equal_filters_under_one_key(strength: str) -> None:
    again = ("ann", "Patel ", "03/04/1980", "ls14ab", "12, High St.")
    made = filters([ANN], strength)
    assert made.shape == (1, STRENGTHS[strength].bits // 64)
    assert (made == filters([again], strength)).all()


@pytest.mark.parametrize("strength", REAL)
def test_under_another_key_nothing_meets(strength: str) -> None:
    rows, _ = people(300)
    near = Piles(filters(rows, strength), filters(rows, strength, OTHER_KEY)).all_pairs(-1e9)
    same = near.resemblance[near.left == near.right]
    assert abs(same.mean()) < 0.3
    assert near.resemblance.std() == pytest.approx(1, abs=0.05)


@pytest.mark.parametrize("strength", ["light", "standard"])
def test_names_in_each_others_columns_are_the_same_names(strength: str) -> None:
    ann = filters([ANN], strength)
    turned = filters([("PATEL", "ANN", *ANN[2:])], strength)
    one_wrong = filters([("ANN", "SHAW", *ANN[2:])], strength)
    assert resemblance(ann, turned) > resemblance(ann, one_wrong) + 5
    other = filters([("PATEL", "ANN", "1971-11-30", "LS9 9ZZ", "4 MILL LANE")], strength)
    assert resemblance(ann, other) < 10


def test_a_middle_name_that_has_become_the_first_is_found() -> None:
    fields = {"forename": "forename", "middle": "forename", "surname": "surname", "born": "date"}
    rows = [("ANN", "ROSE", "PATEL", "1980-04-03"), ("ROSE", None, "PATEL", "1980-04-03")]
    made = record_filters(
        pa.table({name: [row[at] for row in rows] for at, name in enumerate(fields)}),
        fields, KEY, STRENGTHS["standard"],
    )  # fmt: skip
    assert resemblance(made[:1], made[1:]) > 15


def test_a_forename_answers_to_the_name_it_is_short_for() -> None:
    short = ("BILL", "PATEL", *ANN[2:])
    whole, wrong = ("WILLIAM", *short[1:]), ("NIGEL", *short[1:])
    made = filters([short, whole, wrong])
    assert resemblance(made[:1], made[1:2]) > resemblance(made[:1], made[2:]) + 5


@pytest.mark.parametrize(
    ("strength", "wider"), [("light", 0.1), ("standard", 0.06), ("high", 0.06), ("highest", 0.06)]
)
def test_strangers_resemble_each_other_as_chance_has_it(strength: str, wider: float) -> None:
    """So the linkage unit's cutoff can be set from the normal distribution."""
    rows, home = people(1500)
    made = filters(rows, strength)
    near = Piles(made[:500], made[1000:]).all_pairs(-1e9)
    apart = home[near.left] != home[1000 + near.right]
    assert abs(near.resemblance[apart].mean()) < 0.1
    assert near.resemblance[apart].std() == pytest.approx(1, abs=wider)


def test_one_error_leaves_a_record_far_nearer_to_itself_than_to_anyone() -> None:
    base = filters([ANN])
    for spoiled in (
        ("ANNE", *ANN[1:]),
        (None, *ANN[1:]),
        (ANN[0], "PATELL", *ANN[2:]),
        (*ANN[:2], "1980-03-04", *ANN[3:]),
        (*ANN[:3], "S1 2CD", "3 LOW ROAD"),
    ):
        assert resemblance(base, filters([spoiled])) > 6.5


@pytest.mark.parametrize(
    ("strength", "most"),
    [
        pytest.param("light", 2.0, marks=pytest.mark.slow),
        ("standard", 1.6),
        pytest.param("high", 0.8, marks=pytest.mark.slow),
        pytest.param("highest", 0.6, marks=pytest.mark.slow),
    ],
)
def test_those_who_live_together_hardly_show(strength: str, most: float) -> None:
    rows, home = people(1500)
    pairs = [(a, b) for a, b in combinations(range(len(rows)), 2) if home[a] == home[b]]
    left, right = map(list, zip(*pairs, strict=True))
    made = filters(rows, strength)
    z = [resemblance(made[a : a + 1], made[b : b + 1]) for a, b in zip(left, right, strict=True)]
    plain = filters(rows, "none")
    shown = [resemblance(plain[a : a + 1], plain[b : b + 1]) for a, b in pairs]
    assert np.mean(z) < most
    assert np.mean(shown) > 8


def test_the_length_of_a_name_cannot_be_read_from_the_number_of_bits() -> None:
    rows, _ = people(1200)
    short = [("JO", "LEE", *row[2:]) for row in rows]
    long = [("MAXIMILIANA", "FEATHERSTONEHAUGH", *row[2:]) for row in rows]
    ones = [np.bitwise_count(filters(each)).sum(axis=1) for each in (short, long)]
    assert abs(ones[0].mean() - ones[1].mean()) < 4 * ones[0].std() / np.sqrt(len(rows)) * 1.5


def test_the_plan_follows_from_kinds_alone_and_uses_all_its_positions() -> None:
    lines = plan(FIELDS, 240, salting=True)
    assert sum(line.bits for line in lines) == 240
    assert {line.field for line in lines} == set(FIELDS)
    assert all(line.field not in {name for name, _ in line.salt} for line in lines)


def test_no_line_rests_on_what_a_home_shares() -> None:
    for line in plan(FIELDS, 240, salting=True):
        personal = [
            (name, part)
            for name, part in line.salt
            if not USES[FIELDS[name]].home and part != "initial"
        ]
        assert personal or line.field in {"forename", "birth_date"}


def test_fields_without_a_person_among_them_are_salted_too() -> None:
    fields = {"company": "organisation", "town": "place", "number": "code"}
    lines = plan(fields, 240, salting=True)
    assert all(line.salt for line in lines)


def test_a_single_field_has_nothing_to_be_salted_with() -> None:
    made = record_filters(
        pa.table({"name": ["ACME LTD", "ACNE LTD"]}), {"name": "organisation"}, KEY,
        STRENGTHS["standard"],
    )  # fmt: skip
    assert made.any()


@pytest.mark.parametrize("strength", ["light", "highest"])
def test_another_program_that_follows_the_layout_makes_the_same_filter(strength: str) -> None:
    made = STRENGTHS[strength]
    grams = {
        "forename": bigrams("ANN"),
        "surname": bigrams("PATEL"),
        "birth_date": date_words("1980-04-03"),
        "postcode": postcode_words("LS14AB"),
        "address": bigrams("12 HIGH"),
    }
    parts = {
        ("forename", "sound"): "AN", ("forename", "initial"): "A",
        ("surname", "sound"): "PTL", ("surname", "initial"): "P",
        ("birth_date", "year"): "1980", ("birth_date", "month and day"): "04-03",
        ("birth_date", "year and month"): "1980-04", ("postcode", "whole"): "LS14AB",
        ("address", "numbers"): "12", ("address", "street word"): "HIGH",
    }  # fmt: skip
    lines = [(line.field, line.salt, line.bits) for line in plan(FIELDS, made.hashes, salting=True)]

    def key(label: str):
        hasher = KEY(label)
        return lambda text: hasher.digests([text.encode()])[0].as_py()

    by_hand = filter_by_hand(grams, parts, lines, key, made.bits, made.inner, made.diffusion)
    words = [by_hand >> 64 * word & (2**64 - 1) for word in range(made.bits // 64)]
    assert filters([ANN], strength)[0].tolist() == words


@pytest.mark.parametrize("strength", STRENGTHS)
def test_without_the_compiled_part_the_filters_are_the_same(monkeypatch, strength: str) -> None:
    if record.library() is None:
        pytest.skip("there is no compiled part on this machine")
    rows = two_files(300).right
    compiled = record_filters(rows, FIELDS, KEY, STRENGTHS[strength])
    monkeypatch.setattr(record, "library", lambda: None)
    assert (record_filters(rows, FIELDS, KEY, STRENGTHS[strength]) == compiled).all()


@pytest.mark.parametrize(
    "rows",
    [
        [],
        [ANN],
        [(None,) * 5],
        [(None,) * 5] * 70,
        [("李", "王", "1980-04-03", None, None), ("Ωμέγα", "Αλφα", None, None, "🏠 1")],
        [("A" * 5000, "B", "not a date", "??", "")],
    ],
    ids=["no rows", "one row", "nothing in it", "nothing in any", "other scripts", "odd values"],
)
def test_odd_files_give_one_filter_a_row(rows) -> None:
    assert filters(rows).shape == (len(rows), 32)


def test_a_record_with_nothing_in_it_has_no_bits() -> None:
    assert not filters([(None,) * 5]).any()


def test_fields_of_which_no_filter_can_be_made_are_refused_all_at_once() -> None:
    rows = pa.table({"sex": ["F"], "many": [[1]]})
    with pytest.raises(UsageRefused) as refused:
        record_filters(rows, {"sex": "sex", "x": "shoe size", "many": "category"}, KEY,
                       STRENGTHS["light"])  # fmt: skip
    assert [p.code for p in refused.value.problems] == ["ENC201", "ENC202", "ENC203", "ENC204"]


def test_a_check_value_fits_one_key_one_set_of_fields_and_one_strength() -> None:
    checks = {
        key_check(KEY, FIELDS, "standard"),
        key_check(OTHER_KEY, FIELDS, "standard"),
        key_check(KEY, FIELDS, "high"),
        key_check(KEY, {**FIELDS, "sex": "sex"}, "standard"),
        key_check(KEY, {**FIELDS, "address": "place"}, "standard"),
    }
    assert len(checks) == 5
    assert key_check(KEY, dict(FIELDS), "standard") in checks
    assert all(len(check) == 16 for check in checks)
