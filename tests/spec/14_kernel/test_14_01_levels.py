"""Chapter 14, section 1: how alike two values are.

Each kind of field has levels, from ``missing`` and ``differ`` to ``exact``. A pair gets the highest
level whose tests hold. Everything is told from keyed features; no value is compared in the clear.
"""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest

from equipoise.carry.encode.features import encode_fields
from equipoise.carry.encode.kinds import KINDS, Kind, partners
from equipoise.carry.encode.throwaway import ThrowAwayKey
from equipoise.carry.link.kernel import levels_in, patterns_of, radices
from equipoise.carry.link.levels import LEVELS, check_levels, levels_of

KEY = ThrowAwayKey(bytes(32))
ALIKE: list[tuple[Kind, str, str, str]] = [
    ("forename", "Margaret", "MARGARET", "exact"),
    ("forename", "Margaret", "Peggy", "another form of the name"),
    ("forename", "Mary Ann", "Ann", "another form of the name"),
    ("forename", "Margaret", "Margarot", "close"),
    ("forename", "Margaret", "M", "initial"),
    ("forename", "Margaret", "J", "differ"),
    ("forename", "Margaret", "Winston", "differ"),
    ("surname", "Featherstone", "Fetherstone", "close"),
    ("surname", "Smith", "Smyth", "alike"),
    ("surname", "Smith-Jones", "Jones", "one of two names the same"),
    ("surname", "O'Neill", "O Neill", "exact"),
    ("surname", "Núñez", "Nunez", "exact"),
    ("surname", "Smith", "Okonkwo", "differ"),
    ("surname", "山田", "山田", "exact"),
    ("surname", "Иванов", "Иваnов", "alike"),
    ("name", "Ann Smith", "Smith Ann", "same words in another order"),
    ("name", "Smith, Ann", "Ann Smith", "exact"),
    ("name", "Peggy Smith", "Margaret Smith", "another form of the first name"),
    ("name", "M Smith", "Margaret Smith", "initial"),
    ("date", "1985-02-11", "11/02/1985", "exact"),
    ("date", "1985-02-11", "1985-11-02", "day and month in the other order"),
    ("date", "1985-02-11", "1985-02-12", "one digit differs"),
    ("date", "1985-02-11", "1985-02-28", "two of year, month and day"),
    ("date", "1985-02-11", "1949-02-11", "two of year, month and day"),
    ("date", "1985-02-11", "1985-09-28", "same year"),
    ("date", "1985-02-11", "1986-09-28", "one year apart"),
    ("date", "1985-02-11", "1984-09-28", "one year apart"),
    ("date", "1985-02-11", "1983-09-28", "differ"),
    ("date", "1985-02-11", "1949-09-28", "differ"),
    ("year", "1985", "1986", "one year apart"),
    ("year", "1985", "1984", "one year apart"),
    ("year", "1985", "1965", "one digit differs"),
    ("year", "1985", "1949", "differ"),
    ("postcode", "LS1 4AB", "ls14ab", "exact"),
    ("postcode", "LS1 4AB", "LS1 4XY", "same sector"),
    ("postcode", "LS1 4AB", "LS1 9XY", "same district"),
    ("postcode", "LS1 4AB", "LS1", "same district"),
    ("postcode", "YO26 6RT", "TN34 1QS", "differ"),
    ("sex", "F", "Female", "exact"),
    ("sex", "F", "M", "differ"),
    ("address", "12 Mill Lane", "12, Mill Ln.", "exact"),
    ("address", "Flat 2, 12 Mill Lane", "12 Mill Lane, Flat 2", "same words and numbers"),
    ("address", "12 Mill Lane", "12 Mil Lane", "same numbers, street close"),
    ("address", "12 Mill Lane", "94 Mill Lane", "same street"),
    ("address", "12 Mill Lane", "7 Queen Square", "differ"),
    ("place", "Stoke on Trent", "Trent on Stoke", "same words in another order"),
    ("organisation", "Acme Stores Ltd", "ACME STORES LIMITED", "exact"),
    ("text", "general practice", "generall practice", "close"),
    ("nhs number", "943 476 5919", "9434765919", "exact"),
    ("number", "123456789", "123456780", "one slip"),
    ("number", "123456789", "987123654", "differ"),
    ("phone", "+44 7700 900123", "07700 900123", "exact"),
    ("email", "ann@example.org", "ann@example.com", "same before the @"),
    ("category", "White British", "white british", "exact"),
    ("code", "12/345", "1/2345", "differ"),
]


def level(kind: Kind, left: str | None, right: str | None) -> str:
    one, two = (
        encode_fields(pa.table({"it": pa.array([value], pa.string())}), {"it": kind}, KEY)
        for value in (left, right)
    )
    zero = np.zeros(1, np.int32)
    return levels_of(kind)[int(patterns_of(one, two, zero, zero)[0])]


@pytest.mark.parametrize(("kind", "left", "right", "name"), ALIKE)
def test_a_pair_has_the_level_of_what_befell_it(
    kind: Kind, left: str, right: str, name: str
) -> None:
    assert level(kind, left, right) == level(kind, right, left) == name


@pytest.mark.parametrize("kind", list(KINDS))
def test_a_value_that_is_not_there_is_missing_on_either_side(kind: Kind) -> None:
    assert level(kind, "A1", None) == level(kind, None, "A1") == level(kind, "", "?") == "missing"


def test_names_in_each_others_field_are_known_for_swapped() -> None:
    fields: dict[str, Kind] = {"given": "forename", "family": "surname"}
    left = encode_fields(pa.table({"given": ["Kwame"], "family": ["Mensah"]}), fields, KEY)
    right = encode_fields(pa.table({"given": ["Mensah"], "family": ["Kwame"]}), fields, KEY)
    zero = np.zeros(1, np.int32)
    given, family = levels_in(patterns_of(left, right, zero, zero), radices(left))[0]
    assert levels_of("forename")[given] == "stands in the other name's field"
    assert levels_of("surname")[family] == "stands in the other name's field"


def test_the_second_forename_goes_with_the_second_surname() -> None:
    fields: dict[str, Kind] = {
        "first": "forename",
        "last": "surname",
        "mother's first": "forename",
        "mother's last": "surname",
        "middle": "forename",
    }
    assert partners(fields) == {
        "first": "last",
        "last": "first",
        "mother's first": "mother's last",
        "mother's last": "mother's first",
    }


def test_levels_fit_a_pattern_of_twenty_fields() -> None:
    check_levels()
    for kind in KINDS:
        names = levels_of(kind)
        assert names[:2] == ("missing", "differ") and names[-1] == "exact"
        assert len(set(names)) == len(names) == len(LEVELS[kind]) + 3 <= 9
    assert max(len(levels_of(kind)) for kind in ("forename", "surname", "date")) ** 20 < 2**62
