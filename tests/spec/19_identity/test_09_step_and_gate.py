"""The step of the locked process, the register as one table, and what the gate opens of it."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from identity_registers import day, drawing, take, token
from identity_registers import empty as nobody
from sites import FUEL, REBATE, codes, new_site, text_of, written

from equipoise.acts.admit import admitted
from equipoise.acts.registers import told
from equipoise.acts.sign import sign_all_for_practice
from equipoise.agree.document import Agreement
from equipoise.agree.parse import parse
from equipoise.carry.identity import merge
from equipoise.carry.identity.kept import as_table, from_table
from equipoise.carry.identity.register import MOMENT as INSTANT
from equipoise.carry.identity.step import MOMENT, REGISTER, Known, expanded, figures, know
from equipoise.carry.tables import TablesSession
from equipoise.errors import DocumentRefused, GateRefused, IntegrityRefused
from equipoise.gate.requests import to_link, to_mind_identities

RULES = [f"person.{number}" for number in range(6)]
SPINE, SUPPLIERS = "tax_credits", ("brightgas", "northlight", "homewarm")
LIST = """  said_no:
    from: hmrc
    about: people who said no
    fields:
      forename: {is: identifier, why: to find who said no}
      surname: {is: identifier, why: to find who said no}
  properties:
"""


def agreed(*, barring: bool = False, clause: str = "identities: {until: 2098-12-31}") -> Agreement:
    text = text_of(FUEL).replace("pairs: many to one\n", f"pairs: many to one\n      {clause}\n", 1)
    if barring:
        text = text.replace("  properties:\n", LIST, 1)
        text = text.replace(
            "    about: adults named on a tax credit award\n",
            "    about: adults named on a tax credit award\n"
            "    opt out: {check: said_no, rules: [[surname, forename]]}\n",
            1,
        )
        text = text.replace("retention:\n", "retention:\n  said_no: delete after use\n", 1)
    return parse(text).agreement


def table(named: str, *lines: str, said: str | None = None) -> pa.Table:
    """Rows written as six tokens; ``said`` is the token by which each meets the opt-out list."""
    columns: dict[str, pa.Array] = {}
    for place, name in enumerate(RULES):
        words = [line.split()[place] for line in lines]
        columns[name] = pa.array([token(word) for word in words], pa.binary(16))
    if said is not None:
        columns["opt-out.said_no.0"] = pa.array([token(w) for w in said.split()], pa.binary(16))
    ids = pa.array([token(f"{named} {n}") for n in range(len(lines))], pa.binary(16))
    return pa.table({"row_id": ids, **columns})


def moment(number: int) -> pa.Table:
    return pa.table(
        {
            "at": pa.array([day(number)], INSTANT),
            "seed": pa.array([bytes([number]) * 32], pa.binary(32)),
        }
    )


def known(
    agreement: Agreement,
    number: int,
    spine: pa.Table,
    before: Known | None = None,
    **more: pa.Table,
) -> Known:
    tables = {SPINE: spine, MOMENT: moment(number), **more}
    tables |= {f"customers_{name}": table(f"{name} {number}") for name in SUPPLIERS}
    if before is not None:
        tables[REGISTER] = before.register
    return know(TablesSession(tables), agreement, "person")


def test_the_step_knows_rows_again_and_hands_out_identifiers_by_row() -> None:
    agreement = agreed()
    one = known(agreement, 0, table("a", "a b c d e f", "g h i j k l"))
    two = known(agreement, 1, table("b", "g h i j k l", "a x c d e f", "m n o p q r"), one)
    first = dict(zip(*(one.members[n].to_pylist() for n in ("row_id", "identifier")), strict=True))
    then = dict(zip(*(two.members[n].to_pylist() for n in ("row_id", "identifier")), strict=True))
    assert then[token("b 0")] == first[token("a 1")]
    assert then[token("b 1")] == first[token("a 0")]
    assert then[token("b 2")] not in first.values()
    assert two.members["row_id"].to_pylist() == sorted(two.members["row_id"].to_pylist())
    assert two.numbers_of["current"] == 3 and two.numbers_of["sizes"] == {"1": 3}


def test_the_step_is_refused_where_the_agreement_lets_nobody_be_known_again() -> None:
    with pytest.raises(DocumentRefused) as refused:
        know(TablesSession({}), agreed(), "home")
    assert codes(refused) == ["IDR060"]


def test_who_is_on_an_opt_out_list_is_erased_from_the_register_at_once() -> None:
    """Though others who are no longer delivered are remembered for a year."""
    clause = "identities: {until: 2098-12-31, remember absent: 365}"
    agreement = agreed(barring=True, clause=clause)
    nobody_said = pa.table({"row_id": pa.array([], pa.binary(16)),
                            "opt-out.said_no.0": pa.array([], pa.binary(16))})  # fmt: skip
    spine = table("a", "a b c d e f", "g h i j k l", said="ann bob")
    one = known(agreement, 0, spine, said_no=nobody_said)
    assert one.members.num_rows == 2
    somebody = pa.table({"row_id": pa.array([token("x")], pa.binary(16)),
                         "opt-out.said_no.0": pa.array([token("bob")], pa.binary(16))})  # fmt: skip
    spine = table("b", "a b c d e f", "g h i j k l", said="ann bob")
    two = known(agreement, 1, spine, one, said_no=somebody)
    assert two.dropped["row_id"].to_pylist() == [token("b 1")]
    register = from_table(two.register)
    assert register.records.num_rows == 1
    assert two.numbers_of["current"] == 1
    assert token("j") not in register.records["person.3"].to_pylist()
    assert [(told.opted_out[0].rows, told.datasets[0].rows) for told in (one.report, two.report)] \
        == [(0, 2), (1, 1)]  # fmt: skip
    assert two.report.sentences()[0] == (
        "tax_credits: 1 rows were left out, because the list said_no bars them."
    )
    others = two.report.rounded(10, 10)
    assert "fewer than 10 rows were left out" in others.sentences()[0]
    assert others.as_dict()["opted_out"] == ({"dataset": SPINE, "list": "said_no", "rows": 0},)


def test_randomness_is_drawn_from_the_seed_and_never_twice_the_same() -> None:
    draw = expanded(b"s" * 32)
    one, two = draw(64), draw(64)
    assert one != two and len(one) == 64
    assert expanded(b"s" * 32)(64) == one
    assert expanded(b"t" * 32)(64) != one


def test_a_register_as_one_table_is_the_register() -> None:
    register, _ = take(nobody(), 0, {"gp": ["a b c", "d e f"]})
    register = merge(register, 0, 1, at=day(1), actor="linkage unit", reason="why")
    again = from_table(as_table(register))
    assert (again.entity, again.next_record) == (register.entity, register.next_record)
    for name in ("records", "identities", "events", "moves", "turns", "proposals"):
        assert getattr(again, name).equals(getattr(register, name))
    grown, _ = take(again, 2, {"gp": ["d e f", "g h i"]})
    assert grown.events.num_rows == register.events.num_rows + 2


@pytest.mark.parametrize(
    "change", [None, {b"equipoise.register": b"{}"}, {b"equipoise.register": b"x"}]
)
def test_another_table_is_no_register(change: dict[bytes, bytes] | None) -> None:
    register, _ = take(nobody(), 0, {"gp": ["a b c"]})
    metadata = {**(as_table(register).schema.metadata or {}), **change} if change else None
    with pytest.raises(IntegrityRefused) as refused:
        from_table(register.records.replace_schema_metadata(metadata))
    assert codes(refused) == ["IDR050"]


def test_figures_outside_the_room_are_rounded_and_small_ones_hidden() -> None:
    exact = {"current": 1234, "events": {"merged": 3}, "sizes": {"1": 0, "2": 47}}
    shown = told(agreed(), Figured(exact))
    assert shown["current"] == 1230
    assert shown["events"] == {"merged": "few"}
    assert shown["sizes"] == {"1": 0, "2": 50}


def test_figures_count_what_redirects() -> None:
    register, _ = take(nobody(), 0, {"gp": ["a b c", "d e f"], "care": ["a b c"]})
    register = merge(register, 0, 1, at=day(1), actor="linkage unit", reason="why")
    assert figures(register) == {
        "records": 3, "living": 3, "current": 1, "redirecting": 1,
        "events": {"delivered": 2, "merged": 1}, "sizes": {"3": 1},
    }  # fmt: skip
    assert drawing()(4) != drawing(2)(4)


def test_the_gate_opens_a_register_only_where_and_until_the_agreement_says(
    tmp_path: Path,
) -> None:
    def lasting(text: str) -> str:
        clause = f"identities: {{until: {datetime.now(UTC).date() + timedelta(days=5)}}}"
        return text.replace("pairs: many to one\n", f"pairs: many to one\n      {clause}\n", 1)

    source = written(tmp_path, change=lasting)
    clock = Still()
    site = new_site(tmp_path / "site", clock=clock)
    sign_all_for_practice(site, source)
    parsed = site.frozen(REBATE)
    clerk = site.actor_in(parsed.agreement, "linkage unit")
    ask: Callable[[], object]
    for request in (to_mind_identities, to_link):
        wanted = request(parsed.agreement, clerk.party, clerk.name)
        with admitted(site, parsed, wanted) as passage:
            assert passage.register("person") is None
            for ask in (
                lambda: passage.register("home"),
                lambda: passage.register("anything"),
                lambda: passage.keep_register("home", pa.table({})),
            ):
                with pytest.raises(GateRefused) as refused:
                    ask()
                assert codes(refused) == ["GATE195"]
            with pytest.raises(GateRefused) as other:
                passage.end_register_keys(["identities-person"])
            assert codes(other) == ["GATE190"]
            ids = pa.chunked_array([pa.array([secrets.token_bytes(16)], pa.binary(16))])
            again = [passage.lasting_ids("person", ids).to_pylist() for _ in range(2)]
            assert again[0] == again[1] != ids.to_pylist()
    clock.now += timedelta(days=6)
    wanted = to_mind_identities(parsed.agreement, clerk.party, clerk.name)
    with admitted(site, parsed, wanted) as passage, pytest.raises(GateRefused) as late:
        passage.register("person")
    assert codes(late) == ["GATE195"]


@dataclass(frozen=True)
class Figured:
    numbers_of: dict[str, Any]


class Still:
    """A clock that stands still until it is moved."""

    def __init__(self) -> None:
        self.now = datetime.now(UTC)

    def __call__(self) -> datetime:
        return self.now
