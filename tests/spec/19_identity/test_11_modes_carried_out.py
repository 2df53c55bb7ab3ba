"""Agreements in the modes that compare are carried out twice, and people keep their pseudonyms."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pytest
from known_in_modes import MODES, text
from sites import REBATE, codes, deliver, new_site, no_work_left, verified

from equipoise.acts import identities as acts
from equipoise.acts.admit import admitted
from equipoise.acts.erase import erase
from equipoise.acts.link import LinkDone, link
from equipoise.acts.sign import sign_all_for_practice
from equipoise.acts.site import Site
from equipoise.agree.parse import parse
from equipoise.agree.summary import summarise
from equipoise.cli import identities as commands
from equipoise.errors import DocumentRefused, GateRefused
from equipoise.gate.requests import to_link, to_mind_identities

SUPPLIER = "customers_brightgas"
ROOM = {"encoded": "linkage-unit", "enclave": "secure-room", "identified": "secure-room"}


def pseudonyms(site: Site) -> pa.Table:
    from equipoise.acts.posts import analyst_for
    from equipoise.acts.run import use_request

    parsed = site.frozen(REBATE)
    analyst = analyst_for(site, parsed.agreement, "entitled")
    assert analyst is not None
    with admitted(site, parsed, use_request(parsed.agreement, "entitled", analyst)) as passage:
        table = passage.pseudonymised()[SUPPLIER]
    return table.select(["account", "pseudonym_person"])


def person_of(done: tuple[LinkDone, ...]) -> LinkDone:
    return next(each for each in done if each.entity == "person")


@pytest.mark.slow
@pytest.mark.parametrize("mode", MODES)
def test_a_register_is_kept_used_and_destroyed_in_every_mode(
    mode: str, city_files: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    source = tmp_path / "agreement.yaml"
    source.write_text(text(mode), encoding="utf-8")
    site = new_site(tmp_path / "site")
    sign_all_for_practice(site, str(source))
    deliver(site, str(source), city_files)
    first = person_of(link(site, REBATE))
    assert all(each["known"] == 0 for each in first.exact.as_dict()["datasets"])
    before = pseudonyms(site)

    deliver(site, REBATE, city_files)
    again = person_of(link(site, REBATE))
    assert sorted(map(str, pseudonyms(site).to_pylist())) == sorted(map(str, before.to_pylist()))
    assert all(each["met"] == each["rows"] for each in again.exact.as_dict()["datasets"])
    assert no_work_left(site) == []

    clerk = acts.clerk(site, REBATE, None)
    merged = acts.decide_merge(site, REBATE, clerk, (0, 1), "one person on two awards")
    role = acts.events(site, REBATE, clerk)[-1]["actor"]
    assert role == ("linkage unit" if mode == "encoded" else "secure room")
    commands.records(REBATE, 0, site=site.directory)
    assert "tax_credits" in capsys.readouterr().out
    acts.decide_undo(site, REBATE, clerk, merged.event, "they are twins")

    done = erase(site, REBATE, ("identities-person",))
    assert done.receipt is not None
    told = [item.object for item in (*done.receipt.of("sealed file"), *done.receipt.of("key"))]
    assert f"held:{ROOM[mode]}/identities-person" in " ".join(told)
    assert any(name.endswith("/identities-person-1") for name in told), "its key goes with it"
    link(site, REBATE)
    later = set(pseudonyms(site)["pseudonym_person"].to_pylist())
    assert not later & set(before["pseudonym_person"].to_pylist())
    assert verified(site, tmp_path)


@pytest.mark.parametrize("mode", ["exact", *MODES])
def test_only_whoever_links_may_mind_identities(mode: str, tmp_path: Path) -> None:
    source = tmp_path / "agreement.yaml"
    source.write_text(text(mode), encoding="utf-8")
    site = new_site(tmp_path / "site")
    sign_all_for_practice(site, str(source))
    parsed = site.frozen(REBATE)
    clerk = site.actor_in(parsed.agreement, "linkage unit")
    asked = to_mind_identities(parsed.agreement, clerk.party, clerk.name)
    with admitted(site, parsed, asked) as passage:
        assert passage.register("person") is None
        with pytest.raises(GateRefused):
            passage.register_key("person")
    stranger = site.actor_in(parsed.agreement, "secure room")
    if mode in ("exact", "encoded"):
        wrong = to_mind_identities(parsed.agreement, stranger.party, stranger.name)
        with pytest.raises(GateRefused) as refused, admitted(site, parsed, wrong):
            pass
        assert "GATE041" in codes(refused)
    linking = to_link(parsed.agreement, clerk.party, clerk.name)
    with admitted(site, parsed, linking) as passage:
        if mode == "identified":
            keys = {passage.register_key("person") for _ in range(2)}
            assert len(keys) == 1 and len(keys.pop()) == 32
        else:
            with pytest.raises(GateRefused) as none:
                passage.register_key("person")
            assert codes(none) == ["GATE190"]


def test_the_key_of_a_register_opens_for_its_entity_alone(tmp_path: Path) -> None:
    source = tmp_path / "agreement.yaml"
    source.write_text(text("identified"), encoding="utf-8")
    site = new_site(tmp_path / "site")
    sign_all_for_practice(site, str(source))
    parsed = site.frozen(REBATE)
    clerk = site.actor_in(parsed.agreement, "linkage unit")
    with admitted(site, parsed, to_link(parsed.agreement, clerk.party, clerk.name)) as passage:
        ask: Callable[[], object] = lambda: passage.register_key("home")  # noqa: E731
        with pytest.raises(GateRefused) as refused:
            ask()
    assert codes(refused) == ["GATE195"]


def test_pairs_are_decided_on_in_one_place() -> None:
    """Answers about two rows would be lost with the rows, while identities last."""
    with pytest.raises(DocumentRefused) as refused:
        parse(text("identified", **{"reviewed by": "rebate-team"}))
    assert codes(refused) == ["AGR243"]


@pytest.mark.parametrize("mode", MODES)
def test_the_public_is_told_what_is_kept(mode: str) -> None:
    told = summarise(parse(text(mode)).agreement)
    assert "It knows the same records again each time new data come" in told
    assert ("made with a key of their own" in told) == (mode == "identified")
