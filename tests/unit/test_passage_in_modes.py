"""Where what is linked lies in each mode, and how the payload of whoever said no ends."""

from __future__ import annotations

from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path

import pyarrow as pa
import pytest
import yaml

from equipoise.agree.document import Agreement
from equipoise.agree.words import LinkMode
from equipoise.errors import GateRefused
from equipoise.gate.custody import Custody
from equipoise.gate.passage import Passage, to_link_name
from equipoise.gate.permit import Permit, issue
from equipoise.gate.terms import Allow, Request

NOON = datetime(2026, 6, 15, 12, 0, 0, tzinfo=UTC)
EXAMPLE = Path(__file__).parents[2] / "examples" / "fuel-poverty" / "agreement.yaml"
IDS = pa.array([b"a" * 16, b"b" * 16, b"c" * 16], pa.binary(16))
ROWS = pa.table({"row_id": IDS, "on_credit": [True, False, True]})


def agreed(mode: LinkMode) -> Agreement:
    whole = yaml.safe_load(EXAMPLE.read_text(encoding="utf-8"))
    whole["linkage"]["mode"] = mode
    if mode in ("enclave", "identified"):
        whole["linkage"]["by"] = "rebate-team"
    return Agreement.model_validate(whole)


def permit(act: str, role: str) -> Permit:
    datasets = dict.fromkeys(("tax_credits", "properties"), ())
    request = Request(act, "rebate-team", "Ada", role, "why", datasets=datasets)
    return issue(Allow("x@1", "sha256:" + "0" * 64, request, NOON, None, ()), id="p", at=NOON)


@pytest.fixture
def custody(tmp_path: Path) -> Custody:
    made = Custody(tmp_path)
    made.found()
    made.begin(agreed("enclave"))
    return made


def held(custody: Custody, room: str) -> set[str]:
    return {each.name for each in custody.room(room).list("fuel-poverty-rebate", 1, room)}


@pytest.mark.parametrize(
    ("mode", "act", "room", "name"),
    [
        ("exact", "receive", "linkage-unit", "tax_credits"),
        ("encoded", "receive", "linkage-unit", "tax_credits"),
        ("enclave", "receive-to-link", "secure-room", "encodings.tax_credits"),
        ("identified", "receive-to-link", "secure-room", "identifiers.tax_credits"),
    ],
)
def test_what_is_linked_lies_with_whoever_links(
    custody: Custody, mode: LinkMode, act: str, room: str, name: str
) -> None:
    of, role = agreed(mode), room.replace("-", " ")
    assert to_link_name(of, "tax_credits") == name
    taking = Passage(of, permit(act, role), custody)
    taking.unseal_in(room)
    taking.take_into(room, "tax_credits", ROWS)
    assert held(custody, room) == {name}
    linking = Passage(of, permit("link", role), custody)
    assert linking.tokens(["tax_credits"])["tax_credits"].num_rows == 3
    with pytest.raises(GateRefused):
        linking.tokens(["customers_brightgas"])


def test_without_linkage_nothing_has_another_name() -> None:
    bare = agreed("enclave").model_copy(update={"linkage": None})
    assert to_link_name(bare, "tax_credits") == "tax_credits"


def test_the_payload_of_whoever_a_list_bars_ends_when_links_arrive(custody: Custody) -> None:
    of = agreed("enclave")
    taking = Passage(of, permit("receive", "secure room"), custody)
    taking.take_into("secure-room", "tax_credits", ROWS)
    taking.take_into("secure-room", "properties", ROWS.slice(0, 1))
    members = pa.table(
        {
            "dataset": ["tax_credits", "tax_credits", "properties"],
            "row_id": IDS.take([0, 2, 0]),
            "entity_row": pa.array([0, 1, 2], pa.int64()),
        }
    )
    dropped = pa.table(
        {
            "dataset": ["tax_credits", "properties", "customers_brightgas"],
            "row_id": IDS.take([1, 2, 1]),
        }
    )
    linking = Passage(of, permit("link", "secure room"), custody)
    before = dict(linking.hashes)
    linking.hand_over_links("person", "tax_credits", members, dropped)
    assert before == {}
    room = custody.room("secure-room")
    kept = room.get("fuel-poverty-rebate", 1, "secure-room", "tax_credits")
    assert kept["row_id"].to_pylist() == [b"a" * 16, b"c" * 16]
    rows = {e.name: e.rows for e in room.list("fuel-poverty-rebate", 1, "secure-room")}
    assert rows == {"tax_credits": 2, "properties": 1, "links-person": 3}
    assert "secure-room/properties" not in linking.hashes, "nobody of it was barred"
    assert "customers_brightgas" not in held(custody, "secure-room")


def test_each_parcel_is_sealed_for_whoever_links(custody: Custody) -> None:
    data = b"a parcel"
    for mode, room in (("encoded", "linkage-unit"), ("enclave", "secure-room")):
        of = agreed(mode)  # type: ignore[arg-type]
        request = Request("pack", "hmrc", "Ada", "controller", "why")
        allowed = Allow("x@1", "sha256:" + "0" * 64, request, NOON, None, ())
        packing = Passage(of, issue(allowed, id="p", at=NOON), custody)
        sealed = BytesIO()
        packing.seal_for_room(room)(BytesIO(data), sealed)
        act = "receive" if mode == "encoded" else "receive-to-link"
        taking = Passage(of, permit(act, room.replace("-", " ")), custody)
        assert taking.unseal_in(room)(sealed.getvalue()) == data
