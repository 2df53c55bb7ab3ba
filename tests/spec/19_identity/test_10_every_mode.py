"""Whoever was known is known again in the modes that compare, by what a register may hold there."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pyarrow as pa
import pytest
from known_in_modes import (
    COMPARE,
    MODES,
    ROOMS,
    SPINE,
    Taken,
    agreed,
    on_the_list,
    take_files,
    with_list,
)
from living_city import File, agreement, lives
from sites import codes

from equipoise.carry.encode.throwaway import ThrowAwayKey
from equipoise.carry.encode.wire import key_check
from equipoise.carry.identity.history import replay
from equipoise.errors import DataRefused, StateRefused, UsageRefused

PEOPLE = 1000


@pytest.fixture(scope="module")
def moments() -> list[list[File]]:
    """The files of two years: people moved, married, died and were born between."""
    return [moment.files for moment in lives(PEOPLE, seed=5, deliveries=2)]


@pytest.fixture(
    scope="module",
    params=["encoded", *(pytest.param(mode, marks=pytest.mark.slow) for mode in MODES[1:])],
)
def years(request: pytest.FixtureRequest, moments: list[list[File]]) -> tuple[str, Taken, Taken]:
    of = agreed(request.param)
    first = take_files(of, moments[0], 0)
    return request.param, first, take_files(of, moments[1], 1, first)


def test_rows_of_one_person_have_one_identifier(years: tuple[str, Taken, Taken]) -> None:
    for taken in years[1:]:
        precision, recall, _ = agreement(*taken.labels())
        assert precision > 0.99
        assert recall > 0.93


def test_people_keep_their_identifier_from_year_to_year(years: tuple[str, Taken, Taken]) -> None:
    before, after = years[1].identifier_of(), years[2].identifier_of()
    both = before.keys() & after.keys()
    kept = [person for person in both if before[person] == after[person]]
    assert len(both) > 900
    assert len(kept) / len(both) > 0.95
    owner = {identifier: person for person, identifier in before.items()}
    others = [p for p, one in after.items() if owner.get(one, p) != p and p not in before]
    assert len(others) <= 2, "who is new is hardly ever taken for somebody known"


def test_a_file_that_comes_again_changes_nobody(
    years: tuple[str, Taken, Taken], moments: list[list[File]]
) -> None:
    """Other row ids, another order: every row is known by its whole encoding."""
    mode, first, _ = years
    rng = np.random.default_rng(3)
    turned = []
    for file in moments[0]:
        order = rng.permutation(len(file.rows))
        turned.append(
            File(file.dataset, [file.rows[n] for n in order], [file.truth[n] for n in order])
        )
    again = take_files(agreed(mode), turned, 1, first)
    assert sorted(zip(*again.labels(), strict=True)) == sorted(zip(*first.labels(), strict=True))
    assert again.known.report.identities == first.known.report.identities
    assert all(each.new == 0 for each in again.known.report.datasets)


@pytest.mark.parametrize("mode", ["enclave", "identified"])
def test_a_register_from_before_dates_had_a_next_year_goes_on(
    mode: str, moments: list[list[File]]
) -> None:
    files = [File(f.dataset, f.rows[:400], f.truth[:400]) for f in moments[0]]
    first = take_files(agreed(mode), files, 0)
    held = first.known.register
    at = held.column_names.index("person.birth_date")
    dates = held["person.birth_date"].to_pylist()
    assert held.schema.field(at).type == pa.binary(88)
    older = pa.array([None if date is None else date[:80] for date in dates], pa.binary(80))
    told = held.schema.metadata
    held = held.set_column(at, "person.birth_date", older).replace_schema_metadata(told)
    before = replace(first, known=replace(first.known, register=held))
    again = take_files(agreed(mode), files, 1, before)
    was, now = first.identifier_of(), again.identifier_of()
    kept = [person for person in was if was[person] == now[person]]
    assert len(kept) / len(was) > 0.98
    assert again.register.records.schema.field("person.birth_date").type == pa.binary(88)


def test_the_register_holds_no_name_number_or_date(
    years: tuple[str, Taken, Taken], moments: list[list[File]]
) -> None:
    mode, _, second = years
    held = second.register.records
    texts = {name: row[name] for name in ("surname", "born", "uprn") for row in moments[1][0].rows}
    whole = b"".join(
        bytes(value)
        for name in held.column_names
        if pa.types.is_fixed_size_binary(held.schema.field(name).type)
        for value in held[name].to_pylist()
        if value is not None
    )
    assert not any(text and text.encode() in whole for text in texts.values())
    kept = set(held.column_names) - {"record", "dataset", "row_id", "entered", "entered_as",
                                     "ended", "leaf"}  # fmt: skip
    assert not kept & set(COMPARE), f"{mode} keeps encodings, and no field as it came"


def test_the_register_s_history_comes_to_its_present(years: tuple[str, Taken, Taken]) -> None:
    register = years[2].register
    then = replay(register)
    assert then.identity.tolist() == register.identity_of_records()[register.living].tolist()


@pytest.mark.slow
def test_links_surer_than_the_agreement_asks_and_no_others(moments: list[list[File]]) -> None:
    sure, likely = (
        take_files(agreed("enclave", **{"sure at least": least}), moments[0], 0)
        for least in (0.99, 0.5)
    )
    joined = [sum(d.met for d in taken.known.report.datasets) for taken in (sure, likely)]
    assert joined[0] < joined[1]
    assert sure.known.report.identities > likely.known.report.identities


def person(number: int, forename: str, surname: str, born: str, home: str) -> dict[str, str]:
    return {"forename": forename, "surname": surname, "born": born, "uprn": home,
            "postcode": f"EQ{number % 9} {number % 7}AB"}  # fmt: skip


def crowd(count: int = 120) -> list[dict[str, str]]:
    """Strangers among whom the few of a test stand, so that there is something to learn from."""
    names = ("ADA", "BORIS", "CLARA", "DOUGAL", "EDITH", "FERGUS", "GRETA", "HAMISH", "ISLA", "JAN")
    return [
        person(
            n,
            names[n % 10] + names[n * 7 % 10][:2],
            f"{names[n * 3 % 10]}{chr(65 + n % 26)}{chr(65 + n // 26)}SON",
            f"19{40 + n % 50}-{1 + n % 12:02}-{1 + n * 5 % 28:02}",
            f"10000000{n:04}",
        )
        for n in range(count)
    ]


@pytest.mark.parametrize("mode", MODES)
def test_where_two_identities_fit_about_as_well_nobody_is_guessed_and_people_decide(
    mode: str,
) -> None:
    """One person stands in the first file twice, before and after a move; the second file's row
    could be either. The two are proposed to be one."""
    twice = [
        person(1, "ORLAITH", "PENDERGAST", "1971-03-04", "200000000001"),
        person(2, "ORLAITH", "PENDERGAST", "1971-03-04", "200000000002"),
    ]
    neither = person(3, "ORLAITH", "PENDERGAST", "1971-03-04", "")
    neither["postcode"] = ""
    rows = crowd()
    spine = File("gp", [*rows, *twice], list(range(len(rows) + 2)))
    joined = File("council", [*rows, neither], list(range(len(rows) + 1)))
    taken = take_files(agreed(mode), [spine, joined, File("benefits")], 0)
    told = {each.dataset: each for each in taken.known.report.datasets}["customers_brightgas"]
    assert (told.met, told.uncertain) == (len(rows), 1)
    proposed = taken.register.proposals.to_pylist()
    assert (len(rows), len(rows) + 1) in {(line["left"], line["right"]) for line in proposed}


@pytest.mark.parametrize("mode", MODES)
def test_the_machine_never_takes_two_people_of_one_file_for_one(mode: str) -> None:
    """Twins at one address; the second file's row gives a name that neither bears."""
    twins = [person(1, name, "PENDERGAST", "2004-03-04", "200000000001") for name in ("TAM", "TOM")]
    either = {**twins[0], "forename": "T"}
    rows = crowd()
    spine = File("gp", [*rows, *twins], list(range(len(rows) + 2)))
    joined = File("council", [*rows, either], list(range(len(rows) + 1)))
    kept = {"until": "2098-12-31", "merges": "machine may"}
    taken = take_files(agreed(mode, identities=kept), [spine, joined, File("benefits")], 0)
    identifiers, people = taken.labels()
    first, second = (identifiers[people.index(len(rows) + n)] for n in (0, 1))
    assert first != second
    assert taken.known.report.merged == 0


@pytest.mark.parametrize("mode", MODES)
def test_rows_that_say_nothing_or_little_are_no_one_s(mode: str) -> None:
    """Two rows with a surname alone are not one person, though their encodings are equal. In a
    filter a surname is salted with what is lacking here, so nothing is left of it."""
    rows = crowd()
    little = {"forename": "", "surname": "ADAAASON", "born": "", "uprn": "", "postcode": ""}
    nothing = dict.fromkeys(little, "")
    extra = [little, little, nothing, nothing]
    spine = File("gp", [*rows, *extra], list(range(len(rows) + 4)))
    taken = take_files(agreed(mode), [spine, File("council"), File("benefits")], 0)
    assert taken.known.report.identities == len(rows) + 4
    assert taken.known.report.datasets[0].without == (4 if mode == "encoded" else 2)


@pytest.mark.parametrize("mode", MODES)
def test_what_a_rule_says_stands_before_what_is_compared(mode: str) -> None:
    """A rule links by a home and a birth date alone, which no comparison would be sure enough of;
    and a token that stands on two people links neither."""
    rows = crowd()
    one = person(1, "ORLAITH", "PENDERGAST", "1971-03-04", "200000000001")
    twins = [person(2, name, "OKONKWO", "1980-05-06", "200000000002") for name in ("IKE", "OBI")]
    renamed = {**one, "forename": "BRYNHILD", "surname": "ZELENKA", "postcode": "EQ8 6ZZ"}
    either = {**twins[0], "forename": "XANTHIPPE", "surname": "QUILLFEATHER", "postcode": ""}
    spine = File("gp", [*rows, one, *twins], list(range(len(rows) + 3)))
    joined = File("council", [*rows, renamed, either], list(range(len(rows) + 2)))
    of = agreed(mode, rules=[["birth_date", "uprn"]])
    taken = take_files(of, [spine, joined, File("benefits")], 0)
    told = {each.dataset: each for each in taken.known.report.datasets}["customers_brightgas"]
    assert (told.met, told.new) == (len(rows) + 1, 1)
    identifiers, people = taken.labels()
    assert identifiers.count(identifiers[people.index(len(rows))]) == 2


@pytest.mark.parametrize("mode", MODES)
def test_who_says_no_later_is_erased_from_the_register(mode: str) -> None:
    of = with_list(mode, identities={"until": "2098-12-31", "remember absent": 400})
    rows = crowd()
    files = [File("gp", rows, list(range(len(rows)))), File("council"), File("benefits")]
    first = take_files(of, files, 0, said_no=on_the_list(of, []))
    assert first.register.records.num_rows == len(rows)
    second = take_files(of, files, 1, first, said_no=on_the_list(of, rows[:3]))
    assert second.known.dropped.num_rows == 3
    assert second.register.records.num_rows == len(rows) - 3
    assert second.known.report.datasets[0].new == 0, "and nobody else is held for new"


def test_encodings_under_another_secret_are_noticed(moments: list[list[File]]) -> None:
    """Or everybody would quietly be held for new."""
    of = agreed("encoded")
    first = take_files(of, moments[0], 0, made_with="a" * 32)
    assert first.register.made_with == "a" * 32
    with pytest.raises(StateRefused) as refused:
        take_files(of, moments[1], 1, first, made_with="b" * 32)
    assert codes(refused) == ["IDR061"]
    take_files(of, moments[0], 1, first, made_with="a" * 32)


def test_identifiers_are_encoded_under_the_register_s_own_key(moments: list[list[File]]) -> None:
    of = agreed("identified")
    few = [File(f.dataset, f.rows[:60], f.truth[:60]) for f in moments[0]]
    first = take_files(of, few, 0)
    assert first.register.made_with == key_check(ThrowAwayKey(ROOMS))
    with pytest.raises(StateRefused) as other:
        take_files(of, few, 1, first, key=bytes(32))
    assert codes(other) == ["IDR061"]
    with pytest.raises(UsageRefused) as none:
        take_files(of, few, 1, first, key=None)
    assert codes(none) == ["IDR062"]


def test_who_is_held_against_the_register_is_not_linked_again(
    years: tuple[str, Taken, Taken], moments: list[list[File]], monkeypatch: pytest.MonkeyPatch
) -> None:
    """One new row is compared with what is remembered, and with rows to learn from; no remembered
    row is ever compared with another."""
    from equipoise.carry.identity.compare import Comparer

    seen: list[tuple[int, int]] = []
    original = Comparer.__call__

    def watched(self: Comparer, register: pa.Table, new: pa.Table) -> pa.Table:
        seen.append((register.num_rows, new.num_rows))
        return original(self, register, new)

    monkeypatch.setattr(Comparer, "__call__", watched)
    monkeypatch.setattr("equipoise.carry.identity.settle.ENOUGH", 0)
    mode, first, _ = years
    moved = [File(f.dataset, list(f.rows), list(f.truth)) for f in moments[0]]
    moved[0].rows[0] = {**moved[0].rows[0], "uprn": "300000000001", "postcode": "EQ9 9ZZ"}
    take_files(agreed(mode), moved, 1, first)
    assert [new for _, new in seen if new] == [1]


@pytest.mark.parametrize("mode", MODES)
def test_what_was_not_encoded_so_is_refused(mode: str, moments: list[list[File]]) -> None:
    from known_in_modes import moment_of, packed

    from equipoise.carry.identity.step import MOMENT, know
    from equipoise.carry.tables import TablesSession

    of = agreed(mode)
    tables = {MOMENT: moment_of(0), SPINE: packed(of, moments[0][0], 0)}
    with pytest.raises(DataRefused) as missing:
        know(TablesSession(tables), of, "person")
    assert set(codes(missing)) == {"LNK002"}
    last = tables[SPINE].column_names[-1]
    tables |= dict.fromkeys(("customers_brightgas", "customers_northlight"), tables[SPINE])
    tables[SPINE] = tables[SPINE].drop_columns([last])
    with pytest.raises(DataRefused) as odd:
        know(TablesSession(tables), of, "person")
    assert "LNK003" in codes(odd)
