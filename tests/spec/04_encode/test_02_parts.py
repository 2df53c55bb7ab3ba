"""Parts of a value meet where whole values would not."""

from __future__ import annotations

from datetime import date
from typing import get_args

import pyarrow as pa
import pytest

from equipoise.agree.words import TRANSFORMS, FieldType
from equipoise.carry.encode import standardise
from equipoise.carry.encode.nicknames import GROUPS
from equipoise.carry.encode.transforms import PARTS, part_text


def _part(kind, part, texts):
    return part_text(standardise(pa.array(texts), kind), kind, part).to_pylist()


def test_every_part_that_an_agreement_may_name_is_made():
    assert {kind: set(parts) for kind, parts in PARTS.items()} == {
        kind: set(parts) for kind, parts in TRANSFORMS.items()
    }
    assert set(PARTS) <= set(get_args(FieldType))


@pytest.mark.parametrize(
    ("names", "code"),
    [
        (["Stephen", "Steven", "Stephan", "Stefan"], "STFN"),
        (["Catherine", "Kathryn", "Katharine", "Catharine"], "KTRN"),
        (["McDonald", "MacDonald", "Mc Donald", "M'cDonald"], "MKDNLD"),
        (["Smith", "Smyth", "Smythe"], "SMT"),
        (["Clark", "Clarke", "Klark"], "KLRK"),
        (["Phillips", "Philips", "Filips"], "FLPS"),
        (["Geoffrey", "Jeffrey", "Jeffery"], "JFR"),
        (["Knight", "Night", "Nite"], "NT"),
        (["Wright", "Rite", "Right"], "RT"),
        (["Ann", "Anne", "Ana"], "AN"),
        (["Whyte", "White", "Wite"], "WT"),
        (["Yates", "Yeates"], "YTS"),
        (["Xander"], "SNDR"),
        (["Ashcroft"], "AXKRFT"),
    ],
)
def test_names_that_sound_alike_have_one_code(names, code):
    assert set(_part("surname", "sound", names)) == {code}


def test_names_that_do_not_sound_alike_have_two():
    apart = ["Wilson", "Wilkinson", "Watson", "Williams", "Harris", "Hughes", "Ellis", "Yorke"]
    assert len(set(_part("surname", "sound", apart))) == len(apart)


def test_a_name_without_letters_to_sound_is_its_own_code():
    assert _part("surname", "sound", ["王", None]) == ["王", None]


def test_short_forms_meet_the_long_form_and_strangers_keep_their_name():
    names = ["Bill", "William", "Liam", "Billy Joe", "Kateřina", "Siobhan", None]
    assert _part("forename", "nickname", names) == [
        "WILLIAM", "WILLIAM", "WILLIAM", "WILLIAM", "KATERINA", "SIOBHAN", None,
    ]  # fmt: skip


def test_no_name_stands_in_two_groups():
    names = [name for group in GROUPS for name in group.split()]
    assert len(names) == len(set(names))
    assert all(name == name.upper() and name.isascii() for name in names)


def test_the_other_parts():
    assert _part("forename", "initial", ["zoë", None]) == ["Z", None]
    assert _part("surname", "initial", ["O'Neill"]) == ["O"]
    born = pa.array([date(1980, 4, 3), None])
    made = {part: part_text(born, "date", part).to_pylist() for part in TRANSFORMS["date"]}
    assert made == {
        "year": ["1980", None], "month": ["04", None], "day": ["03", None],
        "year and month": ["1980-04", None], "month and day": ["04-03", None],
    }  # fmt: skip
    assert _part("postcode", "district", ["LS7 4DL", "SW1A 1AA"]) == ["LS7", "SW1A"]
    assert _part("postcode", "sector", ["LS7 4DL", "SW1A 1AA"]) == ["LS7 4", "SW1A 1"]
    homes = ["Flat 2, 14 King St", "14a King St", "The Old Mill", "12-14 King St"]
    assert _part("address", "number", homes) == ["2 14", "14A", None, "12 14"]


def test_a_part_that_a_type_does_not_have():
    with pytest.raises(KeyError):
        part_text(pa.array(["x"]), "surname", "colour")


@pytest.mark.parametrize(
    ("address", "flat", "building"),
    [
        ("Flat 2, 14 King Rd, EQ1 2AB", "2 14", "14"),
        ("2/14 King Street", "2 14", "14"),
        ("Apt 3B, 9 Mill Lane", "3B 9", "9"),
        ("Unit 4, 9 High Street", "4 9", "9"),
        ("First floor flat, 12 King Road", "FIRST FLOOR FLAT 12", "12"),
        ("Basement, 3 Hill Square", "BASEMENT 3", "3"),
        ("Room 12, Hope Hostel, 4 Quay", "12 4", "4"),
        ("Flat 12, King Court", "12 KING COURT", "KING COURT"),
        ("14 a King Road", None, "14A"),
        ("Rose Cottage, Mill Lane", None, "ROSE COTTAGE MILL LANE"),
        ("3 Garden Street", None, "3"),
        ("12 Upper Street", None, "12"),
        (None, None, None),
    ],
)
def test_an_address_is_of_a_building_and_perhaps_of_a_flat_in_it(address, flat, building):
    assert _part("address", "flat", [address]) == [flat]
    assert _part("address", "building", [address]) == [building]
