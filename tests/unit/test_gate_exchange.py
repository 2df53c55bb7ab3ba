"""Keys that sites share, and keys that change, behind the gate."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from equipoise.agree.parse import parse
from equipoise.errors import EquipoiseError, GateRefused
from equipoise.gate.addresses import Address, Post
from equipoise.gate.custody import Custody
from equipoise.gate.passage import Passage
from equipoise.gate.permit import Permit, issue
from equipoise.gate.terms import Allow, Request

NOON = datetime(2026, 6, 15, 12, 0, 0, tzinfo=UTC)
EXAMPLE = Path(__file__).parents[2] / "examples" / "fuel-poverty" / "agreement.yaml"
AGREEMENT = parse(EXAMPLE.read_text(encoding="utf-8")).agreement
NAME = (AGREEMENT.agreement, AGREEMENT.version)
MEMBERS = pa.table(
    {
        "dataset": ["tax_credits", "customers_homewarm"],
        "row_id": pa.array([b"a" * 16, b"b" * 16], pa.binary(16)),
        "entity_row": pa.array([7, 7], pa.int64()),
    }
)


def custody(folder: Path, *posts: Post) -> Custody:
    made = Custody(folder, posts=frozenset(posts) or None)
    made.found()
    made.begin(AGREEMENT)
    return made


def permit(act: str, party: str = "hmrc") -> Permit:
    datasets = dict.fromkeys(AGREEMENT.datasets, ())
    request = Request(act, party, "Ada", "secure room", "why", datasets=datasets)
    return issue(Allow("x@1", "sha256:" + "0" * 64, request, NOON, None, ()), id="p", at=NOON)


def door(keeper: Custody, act: str) -> Passage:
    return Passage(AGREEMENT, permit(act), keeper)


def refused(ask: Callable[[], Any]) -> str:
    with pytest.raises(EquipoiseError) as error:
        ask()
    return error.value.problems[0].code


DOORS: dict[str, tuple[str, Callable[[Passage], Any]]] = {
    "key check": ("pack", lambda p: p.key_check()),
    "make secret": ("agree-secret", lambda p: p.make_secret()),
    "owner's signer": ("agree-secret", lambda p: p.owner_signer("hmrc")),
    "old secrets": ("agree-secret", lambda p: p.end_old_secrets()),
    "link table": ("link", lambda p: p.link_table("person", "tax_credits", MEMBERS)),
    "link keys": ("erase", lambda p: p.end_link_keys()),
    "what is held": ("erase", lambda p: p.held_in("linkage-unit")),
    "rekey": ("re-key", lambda p: p.rekey()),
    "pseudonyms' key": ("re-key", lambda p: p.pseudonym_key()),
    "ended pseudonyms": ("re-key", lambda p: p.ended_pseudonyms()),
    "old pseudonyms": ("re-key", lambda p: p.end_old_pseudonyms()),
}


@pytest.mark.parametrize("name", DOORS)
def test_a_door_opens_to_its_own_act_only(tmp_path: Path, name: str) -> None:
    keeper = custody(tmp_path)
    own, ask = DOORS[name]
    for act in {act for act, _ in DOORS.values()} - {own}:
        with pytest.raises(GateRefused) as error:
            ask(door(keeper, act))
        assert error.value.problems[0].code == "GATE190"
    ask(door(keeper, own))


def test_one_secret_gives_one_token_and_one_check(tmp_path: Path) -> None:
    one = custody(tmp_path / "a", ("hmrc", "owner"))
    two = custody(tmp_path / "b", ("voa", "owner"))
    assert refused(lambda: door(one, "pack").hasher("x")) == "GATE192"
    number, mark = door(one, "agree-secret").make_secret()
    key_id = one.key_of(*NAME, "secret", number)
    pair = one.store_of("owners").pair(key_id).reveal()
    assert door(two, "agree-secret").keep_secret(number, pair) == mark
    assert door(two, "agree-secret").keep_secret(number, pair) == mark  # after a crash
    checks = {door(each, "pack").key_check() for each in (one, two)}
    assert len(checks) == 1
    tokens = {door(each, "pack").hasher("label").digests([b"v"])[0].as_py() for each in (one, two)}
    assert len(tokens) == 1
    assert refused(lambda: door(two, "agree-secret").keep_secret(number, bytes(64))) == "GATE194"
    door(one, "agree-secret").make_secret()
    assert door(one, "pack").key_check() not in checks
    (gone,) = door(one, "agree-secret").end_old_secrets()
    assert (gone.role, gone.name, gone.fingerprint) == ("owners", "secret-1", mark)
    assert refused(lambda: door(one, "agree-secret").keep_secret(1, pair)) == "GATE194"


def test_a_site_for_every_post_needs_no_shared_secret(tmp_path: Path) -> None:
    keeper = custody(tmp_path)
    before = door(keeper, "pack").key_check()
    door(keeper, "agree-secret").make_secret()
    assert door(keeper, "pack").key_check() != before


def test_a_secret_of_another_length_is_none(tmp_path: Path) -> None:
    keeper = custody(tmp_path, ("hmrc", "owner"))
    assert refused(lambda: door(keeper, "agree-secret").keep_secret(1, b"short")) == "KEY015"


def test_each_linkage_has_a_key_of_its_own_which_ends(tmp_path: Path) -> None:
    keeper = custody(tmp_path)
    ids = [
        set(
            door(keeper, "link").link_table("person", "tax_credits", MEMBERS)["link_id"].to_pylist()
        )
        for _ in range(2)
    ]
    assert all(len(each) == 1 for each in ids) and ids[0] != ids[1]
    gone = door(keeper, "erase").end_link_keys()
    assert [key.name for key in gone] == ["links-1", "links-2"]
    assert door(keeper, "erase").end_link_keys() == gone
    table = door(keeper, "link").link_table("person", "tax_credits", MEMBERS)
    assert set(table["link_id"].to_pylist()) not in ids


def test_links_of_an_older_form_are_linked_again(tmp_path: Path) -> None:
    keeper = custody(tmp_path)
    old = pa.table({"dataset": ["a"], "row_id": [b"x" * 16], "link_id": [b"y" * 16]})
    keeper.room("secure-room").put(*NAME, "secure-room", "links-person", old)
    assert refused(lambda: door(keeper, "use")._pseudonyms("person")) == "GATE191"
    assert door(keeper, "re-key").rekey() == ()


def test_a_site_makes_the_keys_of_its_posts_only(tmp_path: Path) -> None:
    keeper = custody(tmp_path, ("matching-service", "linkage unit"))
    assert {role for role in ("owners", "linkage-unit", "secure-room", "recipients")
            if keeper.store_of(role).ids()} == {"linkage-unit"}  # fmt: skip
    assert keeper.numbers("secure-room", *NAME, "pseudonyms") == ()
    (own,) = keeper.posts()
    assert (own.party, own.role) == ("matching-service", "linkage unit")
    assert own.sealing.startswith("age1") and len(own.signing) == 64


def test_a_recipient_has_an_identity_and_signs_nothing(tmp_path: Path) -> None:
    keeper = custody(tmp_path, ("brightgas", "recipient"), ("rebate-team", "secure room"))
    recipient, room = keeper.posts()
    assert recipient.signing == room.signing == "" and recipient.sealing != room.sealing


def test_what_is_sealed_for_a_partner_needs_its_card(tmp_path: Path) -> None:
    keeper = custody(tmp_path / "a", ("hmrc", "owner"))
    unit = custody(tmp_path / "b", ("matching-service", "linkage unit"))
    ask = door(keeper, "pack")
    assert refused(lambda: ask.seal_for_room("linkage-unit")) == "GATE193"
    assert refused(lambda: keeper.party_key("voa")) == "GATE193"
    (theirs,) = unit.posts()
    keeper.addresses = lambda: {("matching-service", "linkage unit"): theirs}
    sealed = BytesIO()
    ask.seal_for_room("linkage-unit")(BytesIO(b"tokens"), sealed)
    assert unit.store_of("linkage-unit").unseal_with("room")(sealed.getvalue()) == b"tokens"
    assert keeper.address("matching-service", "linkage unit") == theirs
    assert isinstance(theirs, Address)
