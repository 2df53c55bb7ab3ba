"""A role is filled at one site: asked for at another, the gate says no, whoever asks."""

from __future__ import annotations

import pytest
from lawful import ACTS, world
from test_taking_one_thing_away import reasons

from equipoise.gate.addresses import away
from equipoise.gate.decide import decide
from equipoise.gate.terms import Allow

WORLD = world()
PARTIES = {key: party.roles for key, party in WORLD.agreement.parties.items()}
FILLED = {
    "pack": "hmrc", "agree-secret": "hmrc", "receive tokens": "matching-service",
    "link": "matching-service",
}  # fmt: skip


@pytest.mark.parametrize("act", [act for act in ACTS if act != "review"])
def test_what_a_partner_fills_is_not_done_here(act: str) -> None:
    party = FILLED.get(act, "rebate-team")
    elsewhere = frozenset((party, role) for role in PARTIES[party])
    asked = WORLD.knowing(away=elsewhere)
    assert set(reasons(asked, asked.lawful(act))) == {"GATE057"}


@pytest.mark.parametrize("act", ACTS)
def test_what_others_fill_does_not_stand_in_the_way(act: str) -> None:
    party = FILLED.get(act, "rebate-team")
    elsewhere = frozenset((one, role) for one in PARTIES if one != party for role in PARTIES[one])
    asked = WORLD.knowing(away=elsewhere)
    assert isinstance(decide(asked.agreement, None, asked.lawful(act), asked.facts), Allow)


@pytest.mark.parametrize("party", ["matching-service", "rebate-team"])
@pytest.mark.parametrize("role", ["controller", "linkage unit", "secure room"])
def test_nobody_but_an_owner_agrees_the_owners_secret(party: str, role: str) -> None:
    from dataclasses import replace

    request = replace(WORLD.lawful("agree-secret"), party=party, role=role)
    assert "GATE041" in reasons(WORLD, request)


def test_a_site_for_every_post_has_nobody_elsewhere() -> None:
    assert away(PARTIES, None) == frozenset()
    mine = away(PARTIES, frozenset({("brightgas", "owner")}))
    assert ("brightgas", "controller") not in mine and ("brightgas", "recipient") in mine
    assert ("rebate-team", "secure room") in mine
