"""The city is like a city: ages, households, names and homes follow published figures."""

from __future__ import annotations

import re
from collections import Counter

import numpy as np
import pytest

from equipoise.city import City, build_city
from equipoise.city.homes import AGES, TENURES, TYPES
from equipoise.city.households import CHILD, KINDS, PARTNER
from equipoise.city.land import geojson
from equipoise.city.names import GROUPS
from equipoise.city.tables import rates, shares, sources


def test_ages_follow_the_census(city: City) -> None:
    age = city.households.age
    published = rates("age_structure")
    assert (age < 15).mean() * 100 == pytest.approx(published["under_15"], abs=1.5)
    assert (age >= 65).mean() * 100 == pytest.approx(published["from_65"], abs=1.5)
    middle = ((age >= 15) & (age < 65)).mean() * 100
    assert middle == pytest.approx(published["from_15_to_64"], abs=2)
    assert 0.47 < city.households.male.mean() < 0.51


def test_households_follow_the_census(city: City) -> None:
    found = np.bincount(city.households.kind, minlength=len(KINDS)) / len(city.households.kind)
    assert found == pytest.approx(shares(rates("household_type")), abs=0.012)
    assert 2.25 < city.people / len(city.households.kind) < 2.45


def test_homes_follow_the_housing_survey(city: City) -> None:
    types = np.bincount(city.homes.type, minlength=len(TYPES)) / len(city.homes)
    assert types == pytest.approx(shares(rates("dwelling_type")), abs=0.05)
    ages = np.bincount(city.homes.built, minlength=len(AGES)) / len(city.homes)
    assert ages == pytest.approx(shares(rates("dwelling_age")), abs=0.02)
    assert city.homes.vacant.mean() == pytest.approx(0.04, abs=0.01)
    owned = (city.homes.tenure == TENURES.index("owned")).mean()
    assert owned == pytest.approx(0.62, abs=0.04)


def test_groups_of_names_follow_the_census(city: City) -> None:
    found = np.bincount(city.names.group, minlength=len(GROUPS)) / city.people
    assert found == pytest.approx(shares(rates("name_group")), abs=0.015)


def test_common_surnames_are_as_common_as_in_britain(city: City) -> None:
    counts = Counter(city.names.surname_text(np.arange(city.people)).to_pylist())
    # The Office for National Statistics gives Smith about 1.2 % of people; here it is the share of
    # all groups of names.
    assert counts["Smith"] / city.people == pytest.approx(0.0115 * 0.8, rel=0.25)
    assert counts.most_common(1)[0][0] == "Smith"
    alone = sum(1 for count in counts.values() if count == 1)
    assert len(counts) > 4_000 and alone > 300


def test_forenames_fit_the_decade_of_birth(city: City) -> None:
    age = city.households.age
    british = city.names.group == GROUPS.index("british")
    old = np.flatnonzero(british & (age > 75) & (age < 96) & ~city.households.male)
    young = np.flatnonzero(british & (age < 12) & ~city.households.male)
    olds = Counter(city.names.forename_text(old).to_pylist())
    youngs = Counter(city.names.forename_text(young).to_pylist())
    assert olds["Margaret"] / len(old) > 0.02 > 5 * youngs["Margaret"] / len(young)
    assert youngs["Olivia"] / len(young) > 0.015 > 5 * olds["Olivia"] / len(old)


def test_ill_health_and_poverty_rise_where_they_should(city: City) -> None:
    age = city.households.age
    assert city.limited[age >= 85].mean() > 3 * city.limited[age < 30].mean()
    fifth = city.areas.fifth[city.homes.area[city.home_of]]
    assert city.limited[fifth == 1].mean() > 1.5 * city.limited[fifth == 5].mean()
    poor = np.isin(np.arange(city.people), city.awards.person[city.awards.live])
    assert poor[fifth == 1].mean() > 2 * poor[fifth == 5].mean()


def test_families_are_families(city: City) -> None:
    of, names = city.households, city.names
    mothers = of.first[:-1][of.is_kind("couple_children")]
    second = mothers + 1
    assert (of.part[second] == PARTNER).all()
    whole = mothers[mothers + 2 < city.people]  # the last household may have been cut short
    gap = np.minimum(of.age[whole], of.age[whole + 1]) - of.age[whole + 2]
    assert gap.min() > 16
    same = names.surname[mothers] == names.surname[second]
    assert 0.45 < same.mean() < 0.85


def test_couples_are_married_as_often_as_the_census_says(city: City) -> None:
    couples = city.households.part == PARTNER
    assert city.names.married[couples].mean() == pytest.approx(0.757, abs=0.03)


def test_there_are_twins_and_sons_named_after_their_fathers(city: City) -> None:
    of = city.households
    twins = np.flatnonzero(
        (of.part[1:] == CHILD)
        & (of.part[:-1] == CHILD)
        & (of.household[1:] == of.household[:-1])
        & (city.birth_day[1:] == city.birth_day[:-1])
    )
    assert len(twins) > city.people / 5_000
    first = of.first[:-1][of.is_kind("couple_children", "couple_grown")]
    first = first[first + 2 < city.people]
    father = np.where(of.male[first], first, first + 1)
    son = first + 2
    alike = (city.names.forename[father] == city.names.forename[son]) & of.male[son]
    alike &= city.names.surname[father] == city.names.surname[son]
    assert alike.sum() > 20


def test_married_women_have_a_surname_at_birth(city: City) -> None:
    changed = city.names.changed
    women = ~city.households.male & (city.households.age > 30)
    assert 0.25 < changed[women].mean() < 0.65
    assert changed[city.households.male].mean() < 0.02


def test_numbers_are_well_formed_and_lead_to_nobody(city: City) -> None:
    nhs = city.nhs_number
    assert len(set(nhs.tolist())) == city.people
    for number in nhs[:500].tolist():
        figures = [int(figure) for figure in str(number)]
        check = 11 - sum(w * f for w, f in zip(range(10, 1, -1), figures[:9], strict=True)) % 11
        assert len(figures) == 10 and figures[0] == 9 and figures[9] == check % 11
    nino = city.nino.to_pylist()
    assert len(set(nino)) == city.people
    assert all(re.fullmatch(r"Z[ABCEGHJKLMPR]\d{6}[A-D]", number) for number in nino)
    uprn = city.homes.uprn.tolist()
    assert len(set(uprn)) == len(city.homes)
    assert all(990_000_000_000 <= number < 1_000_000_000_000 for number in uprn)


def test_postcodes_are_of_an_area_that_does_not_exist(city: City) -> None:
    codes = Counter(city.homes.postcode.to_pylist())
    form = re.compile(r"EQ[1-9]\d? \d[ABD-HJLNP-UW-Z]{2}")
    assert all(form.fullmatch(code) for code in codes)
    assert max(codes.values()) <= 15 and np.mean(list(codes.values())) > 12


def test_a_large_city_does_not_run_out_of_postcodes() -> None:
    from equipoise.city.draws import Draws
    from equipoise.city.homes import _postcodes

    # The streets of ten million people: 6,667 areas of 45 streets.
    area_of_street = np.repeat(np.arange(6_667), 45)
    codes = list(_postcodes(area_of_street, 6_667))
    assert len(set(codes)) == len(codes)
    assert all(re.fullmatch(r"EQ\d{1,2} \d[A-Z]{2}", code) for code in codes)
    assert Draws(1).whole("x", 3, 10).max() < 3


def test_an_address_is_one_homes_unless_the_home_is_shared(city: City) -> None:
    both = zip(city.homes.address.to_pylist(), city.homes.postcode.to_pylist(), strict=True)
    assert max(Counter(both).values()) == 1
    people_at = np.bincount(city.home_of)
    assert people_at.max() >= 12  # a hostel or a care home
    flats = [text for text in city.homes.address.to_pylist() if text.startswith("Flat ")]
    buildings = Counter(text.split(", ", 1)[1] for text in flats)
    assert max(buildings.values()) >= 5


def test_areas_cover_the_city_without_overlap(city: City) -> None:
    def size(ring: tuple[tuple[float, float], ...]) -> float:
        x, y = np.array(ring).T
        return float(abs(x @ np.roll(y, -1) - y @ np.roll(x, -1)) / 2)

    total = sum(size(ring) for ring in city.areas.ring)
    # The ground is that of the published density, give or take the outline's waves.
    wanted = city.people / rates("homes")["people_per_km2"] * 1e6
    assert total == pytest.approx(wanted, rel=0.08)
    counts = np.bincount(city.areas.fifth)[1:]
    assert counts.max() - counts.min() <= 1
    assert city.areas.score[city.areas.fifth == 1].min() >= (
        city.areas.score[city.areas.fifth == 2].max()
    )


def test_neighbouring_areas_share_their_edges_exactly(city: City) -> None:
    edges: Counter[frozenset[tuple[float, float]]] = Counter()
    for ring in city.areas.ring:
        for start, end in zip(ring, (*ring[1:], ring[0]), strict=True):
            if start != end:
                edges[frozenset((start, end))] += 1
    assert set(edges.values()) <= {1, 2}
    # Edges met once are those of the outline: they close, so each point on them has two.
    ends = Counter(point for edge, times in edges.items() if times == 1 for point in edge)
    astray = sum(1 for times in ends.values() if times != 2)
    assert astray <= len(ends) * 0.02


def test_homes_stand_in_their_area(city: City) -> None:
    def inside(point: np.ndarray, ring: tuple[tuple[float, float], ...]) -> bool:
        x, y = point
        odd = False
        for (ax, ay), (bx, by) in zip(ring, (*ring[1:], ring[0]), strict=True):
            if (ay > y) != (by > y) and x < (bx - ax) * (y - ay) / (by - ay) + ax:
                odd = not odd
        return odd

    sample = range(0, len(city.homes), 97)
    right = [inside(city.homes.place[h], city.areas.ring[city.homes.area[h]]) for h in sample]
    assert np.mean(right) > 0.9  # a home may stand a few steps beyond the line


def test_the_ground_is_open_sea(city: City) -> None:
    features = geojson(city.areas)["features"]
    assert len(features) == len(city.areas)
    for feature in features:
        ring = feature["geometry"]["coordinates"][0]
        assert ring[0] == ring[-1] and len(ring) > 3
        assert all(1.8 < x < 2.8 and 54.4 < y < 55.1 for x, y in ring)
    assert len({feature["properties"]["name"] for feature in features}) == len(features)


def test_every_table_of_rates_says_where_it_comes_from() -> None:
    for name, (kind, source) in sources().items():
        assert kind in {"published", "assumed"}, name
        assert len(source) >= 7, name


def test_the_smallest_city_stands() -> None:
    city = build_city(1_000, 5)
    assert len(city.areas) == 5
    assert city.counts()["energy accounts"] > 300
