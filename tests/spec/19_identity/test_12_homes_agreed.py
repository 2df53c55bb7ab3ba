"""Households and families that an agreement asks for: who lives together, and who said so."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import yaml
from homes_agreed import (
    COUNCIL,
    HOSTELS,
    OTHERS,
    RULES,
    SPINE,
    agreed,
    lives,
    packed,
    text,
    whole,
    year,
)
from known_in_modes import LIST, moment_of
from sites import codes

from equipoise.agree.changes import compare
from equipoise.agree.document import Agreement
from equipoise.agree.parse import parse
from equipoise.agree.summary import summarise
from equipoise.carry.identity.homes import PEOPLE, house
from equipoise.carry.identity.households import no_households
from equipoise.carry.identity.kept_homes import RestsOn, homes_from, homes_table
from equipoise.carry.identity.said import SAID
from equipoise.carry.identity.step import MOMENT, REGISTER, know
from equipoise.carry.tables import TablesSession
from equipoise.errors import (
    DocumentRefused,
    IntegrityRefused,
    StateRefused,
)

OF = agreed()


def one(*people: str) -> frozenset[str]:
    return frozenset(people)


# -- where people live ---------------------------------------------------------------------------


@pytest.mark.parametrize("mode", ["exact", "encoded", "enclave", "identified"])
def test_people_of_one_home_share_an_identifier_in_every_mode(mode: str) -> None:
    rows = [
        lives("ANN", "1 King Road"), lives("BOB", "1 King Rd"), lives("CAT", "2 King Road"),
        lives("DAN", "3 King Road"), lives("EVE", "1 King Road", pc="EQ2 2BB"),
    ]  # fmt: skip
    assert year(agreed(mode), 0, rows).together() == {one("ANN", "BOB")}


def test_flats_of_one_building_are_homes_of_their_own() -> None:
    rows = [
        lives("ANN", "Flat 1, 9 High St"), lives("BOB", "Flat 1, 9 High Street"),
        lives("CAT", "Flat 2, 9 High Street"), lives("DAN", "First Floor Flat, 9 High Street"),
    ]  # fmt: skip
    assert year(OF, 0, rows).together() == {one("ANN", "BOB")}


def test_who_names_a_building_with_flats_and_no_flat_is_in_no_household() -> None:
    rows = [lives("ANN", "Flat 1, 9 High Street"), lives("BOB", "9 High Street"),
            lives("CAT", "9 High Street"), lives("DAN", "Flat 2, 9 High Street")]  # fmt: skip
    assert year(OF, 0, rows).together() == set()


def test_without_a_uprn_the_address_tells_and_with_one_two_ways_to_write_it_are_one() -> None:
    rows = [
        lives("ANN", "Rose Cottage, Mill Lane", uprn="10000000001"),
        lives("BOB", "12 Mill Lane", uprn="10000000001"),
        lives("CAT", "12 Mill Lane"),
    ]
    assert year(OF, 0, rows).together() == {one("ANN", "BOB", "CAT")}


def test_a_place_with_too_many_unrelated_people_is_no_household_and_a_large_family_is() -> None:
    crowd = [lives(f"C{n}X", "50 Quay Street") for n in range(8)]
    large = [lives(f"F{n}Y", "51 Quay Street", claim="CL77") for n in range(9)]
    taken = year(OF, 0, [*crowd, *large])
    assert taken.together() == {frozenset(f"F{n}Y" for n in range(9))}
    assert taken.homes.report.communal == 1
    smaller = agreed(households={"of": "person", "unrelated at most": 20})
    assert len(year(smaller, 0, crowd).together()) == 1


def test_hostels_prisons_and_care_homes_on_the_list_are_nobody_s_household() -> None:
    """Also by a flat or room of theirs, and however few live there."""
    rows = [
        lives("ANN", "Room 3, 7 Dock Road"), lives("BOB", "Room 3, 7 Dock Road"),
        lives("CAT", "8 Dock Road", uprn="10000000009"),
        lives("DAN", "8 Dock Road", uprn="10000000009"), lives("EVE", "9 Dock Road"),
        lives("FAY", "9 Dock Road"),
    ]  # fmt: skip
    listed = [{"address": "7 Dock Road", "postcode": "EQ1 1AA"}, {"uprn": "10000000009"}]
    taken = year(OF, 0, rows, hostels=listed)
    assert taken.together() == {one("EVE", "FAY")}
    ours = [row for row in taken.homes.members.to_pylist() if row["dataset"] == HOSTELS]
    assert len({row["identifier"] for row in ours}) == 2, "a place on the list is nobody's"


def test_households_say_how_many_rows_a_list_barred() -> None:
    made = whole()
    fields = ("forename", "surname", "birth_date")
    made["datasets"][SPINE]["opt out"] = {"check": LIST, "rules": [list(fields)]}
    made["datasets"][LIST] = {
        "from": "hmrc", "about": "people who said no",
        "fields": {name: {"is": "identifier", "why": "to leave them out"} for name in fields},
    }  # fmt: skip
    of = Agreement.model_validate(made)
    rows = [lives("ANN", "1 King Road"), lives("BOB", "1 King Road"), lives("CAT", "2 King Road")]
    taken = year(of, 0, rows, more={LIST: rows[2:]})
    assert taken.together() == {one("ANN", "BOB")}
    for told in (taken.homes.report, taken.families.report):
        assert told.sentences()[0] == (
            "tax_credits: 1 rows were left out, because the list said_no bars them."
        )
        assert told.rows == 2
        others = told.rounded(10, 10)
        assert others.opted_out[0].rows == 0
        assert "fewer than 10 rows were left out" in others.sentences()[0]
    assert not year(OF, 0, rows).homes.report.opted_out, "no list, and nothing is said of one"


def test_a_row_of_the_list_of_communal_places_that_is_barred_is_no_member() -> None:
    made = whole()
    made["datasets"][HOSTELS]["opt out"] = {"check": LIST, "rules": [["uprn"]]}
    made["datasets"][LIST] = {
        "from": "hmrc", "about": "places that are to be left out",
        "fields": {"uprn": {"is": "identifier", "why": "to leave them out"}},
    }  # fmt: skip
    places = [{"uprn": "10000000007"}, {"uprn": "10000000009"}]
    taken = year(Agreement.model_validate(made), 0, [lives("ANN", "1 King Road")],
                 hostels=places, more={LIST: places[1:]})  # fmt: skip
    held = {row["row_id"] for row in taken.homes.members.to_pylist()}
    (barred,) = taken.homes.dropped["row_id"].to_pylist()
    assert barred not in held and len(held) == 2
    assert [(one.dataset, one.rows) for one in taken.homes.report.opted_out] == [(HOSTELS, 1)]


def test_rows_of_one_person_are_of_one_household_whatever_older_rows_say() -> None:
    """The newest file that says something new counts: here that of the spine, a year later."""
    before = [lives("ANN", "1 King Road"), lives("BOB", "1 King Road"), lives("CAT", "2 King Road")]
    first = year(OF, 0, before, council=[lives("ANN", "1 King Road")])
    now = [lives("ANN", "2 King Road"), *before[1:]]
    later = year(OF, 1, now, council=[lives("ANN", "1 King Road")], before=first)
    assert later.together() == {one("ANN", "CAT")}
    assert len(later.of("ANN")) == 1


# -- which household is which later ---------------------------------------------------------------


def test_a_household_keeps_its_identifier_when_it_moves_and_a_new_one_gets_its_own() -> None:
    first = year(OF, 0, [lives("ANN", "1 King Road"), lives("BOB", "1 King Road"),
                         lives("CAT", "2 King Road"), lives("DAN", "2 King Road")])  # fmt: skip
    rows = [lives("ANN", "5 Hill Road"), lives("BOB", "5 Hill Road"), lives("CAT", "2 King Road"),
            lives("DAN", "1 King Road")]  # fmt: skip
    later = year(OF, 1, rows, before=first)
    assert later.of("ANN") == later.of("BOB") == first.of("ANN")
    assert later.of("CAT") == first.of("CAT")
    assert later.of("DAN") not in (first.of("DAN"), first.of("ANN")), "no heir of who left"
    report = later.homes.report
    assert (report.went_on, report.moved, report.formed, report.ended) == (2, 1, 1, 0)
    assert "2 went on (1 in another place), 1 are new" in " ".join(report.sentences())


def test_who_is_in_no_household_bears_an_identifier_of_one_delivery_alone() -> None:
    rows = [lives("ANN", ""), lives("BOB", "")]
    first = year(OF, 0, rows, council=[lives("ANN", "")])
    later = year(OF, 1, rows, council=[lives("ANN", "")], before=first)
    assert len(first.of("ANN")) == 1, "one person, in whichever file"
    assert not first.of("ANN") & first.of("BOB")
    assert not first.of("ANN") & later.of("ANN")
    assert first.homes.report.placed == 0


def test_identifiers_never_derive_from_people_or_homes() -> None:
    """Other people in other homes, under the same randomness, have the same identifiers."""
    one_street = year(OF, 0, [lives("ANN", "1 King Road"), lives("BOB", "1 King Road")])
    other = year(OF, 0, [lives("CAT", "7 Hill Road"), lives("DAN", "7 Hill Road")])
    assert one_street.of("ANN") == other.of("CAT")


# -- families -------------------------------------------------------------------------------------


def test_a_family_is_who_shares_what_was_declared_wherever_they_live() -> None:
    first = year(
        OF,
        0,
        [lives("ANN", "1 King Road", claim="CL1"), lives("BOB", "9 Hill Road", claim="CL1"),
         lives("KIT", "1 King Road", claim="CL2"), lives("DAN", "1 King Road")],
    )  # fmt: skip
    assert first.together("families") == {one("ANN", "BOB")}
    assert first.together() == {one("ANN", "KIT", "DAN")}, "a household is another thing"
    later = year(OF, 1, [lives("BOB", "9 Hill Road", claim="CL8"),
                         lives("ANN", "9 Hill Road", claim="CL8")], before=first)  # fmt: skip
    assert later.of("ANN", "families") == first.of("ANN", "families"), "under another number"


def test_a_child_of_two_families_is_of_each_by_its_rows() -> None:
    taken = year(
        OF,
        0,
        [lives("KIT", "1 King Road", claim="CL1"), lives("ANN", "1 King Road", claim="CL1")],
        council=[lives("KIT", "1 King Road", claim="CL2"), lives("BOB", "2 Rd", claim="CL2")],
    )
    assert taken.together("families") == {one("KIT", "ANN"), one("KIT", "BOB")}
    assert len(taken.of("KIT", "families")) == 2


# -- what is refused ------------------------------------------------------------------------------


def test_a_new_delivery_is_placed_after_its_people_are_known() -> None:
    first = year(OF, 0, [lives("ANN", "1 King Road")])
    rows = {name: packed(OF, name, [], 1) for name in (COUNCIL, HOSTELS, *OTHERS)}
    rows[SPINE] = packed(OF, SPINE, [lives("ANN", "1 King Road")], 1)
    tables = {**rows, MOMENT: moment_of(1), PEOPLE: first.people.register}
    with pytest.raises(StateRefused) as refused:
        house(TablesSession(tables), OF, "household")
    assert codes(refused) == ["IDR064"]
    with pytest.raises(DocumentRefused) as nobody:
        house(TablesSession(tables), OF, "person")
    assert codes(nobody) == ["IDR063"]


def test_households_rest_on_one_register_of_people_and_one_key() -> None:
    first = year(OF, 0, [lives("ANN", "1 King Road")])
    rows = {name: packed(OF, name, [], 1) for name in (COUNCIL, HOSTELS, *OTHERS)}
    rows[SPINE] = packed(OF, SPINE, [lives("ANN", "1 King Road")], 1)
    anew = know(TablesSession({**rows, MOMENT: moment_of(7)}), OF, "person")
    tables = {**rows, REGISTER: first.homes.register, PEOPLE: anew.register}
    with pytest.raises(StateRefused) as refused:
        house(TablesSession({**tables, MOMENT: moment_of(1)}), OF, "household")
    assert codes(refused) == ["IDR065"]
    homes, rests_on, said = homes_from(first.homes.register)
    other = homes_table(homes, "household", RestsOn("a" * 32, rests_on.people), said)
    tables[REGISTER] = other
    with pytest.raises(StateRefused) as key:
        house(TablesSession({**tables, MOMENT: moment_of(1, "b" * 32)}), OF, "household")
    assert codes(key) == ["IDR061"]


@pytest.mark.parametrize("change", [None, {b"equipoise.households": b'{"format": "x"}'}])
def test_another_table_holds_no_households(change: dict[bytes, bytes] | None) -> None:
    table = homes_table(no_households(), "household", RestsOn("", ""), SAID.empty_table())
    metadata = {**(table.schema.metadata or {}), **change} if change else None
    with pytest.raises(IntegrityRefused) as refused:
        homes_from(table.replace_schema_metadata(metadata))
    assert codes(refused) == ["IDR050"]


# -- the clause -----------------------------------------------------------------------------------


def test_the_clause_is_read_and_told_to_the_public() -> None:
    told = summarise(parse(text()).agreement)
    assert "People of **person** who live in one home are a household." in told
    assert "A home where more than 6 people are unrelated counts as none." in told
    assert "Nor does a place on the list **hostels**." in told
    assert "People of **person** who said so are a family." in told
    shorter = summarise(agreed(households={"of": "person"}))
    assert "live in one home are a household" in shorter and "on the list" not in shorter


def misfit(entity: str, **change: Any) -> Callable[[dict[str, Any]], None]:
    def applied(made: dict[str, Any]) -> None:
        made["linkage"]["entities"][entity] |= change

    return applied


def without(entity: str, key: str) -> Callable[[dict[str, Any]], None]:
    return lambda made: made["linkage"]["entities"][entity].pop(key)


HOME = {"of": "person", "not in": HOSTELS}
MISFITS: list[tuple[str, Callable[[dict[str, Any]], Any], set[str]]] = [
    ("nobody of that name", misfit("family", families={"of": "nobody"}), {"AGR244", "AGR249"}),
    ("people who are forgotten", without("person", "identities"), {"AGR244"}),
    ("a household of households", misfit("family", families={"of": "household"}),
     {"AGR244", "AGR249"}),
    ("longer than its people", misfit("person", identities={"until": "2090-01-01"}), {"AGR244"}),
    ("no register of its own", without("household", "identities"), {"AGR245"}),
    ("a file that is about others", misfit("family", join=[COUNCIL, "properties"],
                                           rules=[["uprn"]]), {"AGR246"}),
    ("the list in the place of the spine",
     misfit("household", spine=HOSTELS, join=[SPINE, COUNCIL]), {"AGR246", "AGR249"}),
    ("two rules of a family", misfit("family", rules=[["claim"], ["surname"]]), {"AGR247"}),
    ("a rule that says no place", misfit("household", rules=[*RULES, ["surname"]]), {"AGR247"}),
    ("a postcode alone", misfit("household", rules=[["address", "postcode"]]), {"AGR247"}),
    ("a flat without a street", misfit("household", rules=[["address:flat"]]), {"AGR247"}),
    ("a place twice", misfit("household", rules=[*RULES, ["postcode", "address:flat"]]),
     {"AGR247"}),
    ("both at once", misfit("household", families={"of": "person"}), {"AGR248"}),
    ("a list that is not joined", misfit("household", join=[COUNCIL]), {"AGR249"}),
    ("who is related is not told so", misfit("household", households={**HOME, "related by":
                                                                       "person"}), {"AGR249"}),
]  # fmt: skip


@pytest.mark.parametrize(("change", "expected"), [each[1:] for each in MISFITS],
                         ids=[each[0] for each in MISFITS])  # fmt: skip
def test_a_clause_that_does_not_fit_is_refused(
    change: Callable[[dict[str, Any]], Any], expected: set[str]
) -> None:
    made = whole()
    change(made)
    with pytest.raises(DocumentRefused) as refused:
        parse(yaml.safe_dump(made, sort_keys=False))
    assert {code for code in codes(refused) if "AGR244" <= code <= "AGR249"} == expected


def test_nothing_is_compared_or_looked_at_of_a_household() -> None:
    made = whole("identified")
    made["linkage"]["entities"]["household"] |= {
        "compare": ["address"], "reviewed by": "rebate-team",
    }  # fmt: skip
    with pytest.raises(DocumentRefused) as refused:
        parse(yaml.safe_dump(made, sort_keys=False))
    assert codes(refused).count("AGR248") == 2


def test_to_ask_for_households_widens_an_agreement() -> None:
    plain = whole()
    home = plain["linkage"]["entities"]["household"]
    home["households"] = {**home["households"], "unrelated at most": 9}
    one_, other = (parse(yaml.safe_dump(each, sort_keys=False)).agreement for each in
                   (whole(), plain))  # fmt: skip
    (change,) = compare(one_, other)
    assert (change.clause, change.weight) == (
        "linkage.entities.household.households.unrelated at most", "widens",
    )  # fmt: skip


def test_nothing_is_kept_of_who_was_forgotten() -> None:
    """Ann is delivered no more, and the absent are remembered for 400 days."""
    of = agreed()
    first = year(of, 0, [lives("ANN", "1 King Road"), lives("BOB", "1 King Road")])
    gone = year(of, 2, [lives("BOB", "1 King Road")], before=first)
    assert homes_from(gone.homes.register)[0].members.num_rows == 2, "who left, and until when"
    later = year(of, 4, [lives("BOB", "1 King Road")], before=gone)
    homes, _, said = homes_from(later.homes.register)
    assert homes.members.num_rows == said.num_rows == 1
    assert later.of("BOB") == first.of("BOB"), "the household goes on"
