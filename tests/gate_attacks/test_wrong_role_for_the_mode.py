"""Each mode of linkage has its own pair of eyes. Whoever else asks is refused by the gate."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, get_args

import pytest
from lawful import NOON, Document, World, world

from equipoise.agree.words import LINKED_IN, LinkMode
from equipoise.gate import requests
from equipoise.gate.decide import Allow, Deny, decide
from equipoise.gate.terms import Request

UNIT = ("matching-service", "Farid Noor", "linkage unit")
ROOM = ("rebate-team", "Grace Adeyemi", "secure room")
MODES: tuple[LinkMode, ...] = get_args(LinkMode)


def in_mode(mode: LinkMode, **opt_out: Any) -> World:
    def change(data: Document) -> None:
        linkage = data["linkage"]
        linkage |= {"mode": mode, "by": UNIT[0] if LINKED_IN[mode] == "linkage unit" else ROOM[0]}
        for entity in linkage["entities"].values():
            if mode != "exact":
                entity |= {"compare": ["uprn"]}
        if opt_out:
            data["datasets"]["tax_credits"]["opt out"] = opt_out
            data["datasets"]["objectors"] = {
                "from": "hmrc",
                "about": "people who said no",
                "fields": {"uprn": {"is": "identifier", "why": "to leave their homes out"}},
            }

    return world(change)


def asked(of: World, act: str, who: tuple[str, str, str]) -> Request:
    """What somebody asks who passes for whoever links, whatever the mode says."""
    lawful = in_mode("exact" if who is UNIT else "enclave")
    if act == "link":
        request = requests.to_link(lawful.agreement, who[0], who[1])
    else:
        request = requests.to_receive(lawful.agreement, *who, ["tax_credits"], linking=who is ROOM)
    return request


def codes(of: World, request: Request) -> list[str]:
    answer = decide(of.agreement, None, request, of.facts)
    return [] if isinstance(answer, Allow) else [problem.code for problem in answer.problems]


@pytest.mark.parametrize("act", ["receive", "link"])
@pytest.mark.parametrize("mode", MODES)
def test_only_the_role_that_the_mode_names_receives_and_links(mode: LinkMode, act: str) -> None:
    of = in_mode(mode)
    fit, unfit = (UNIT, ROOM) if LINKED_IN[mode] == "linkage unit" else (ROOM, UNIT)
    right = (
        requests.to_link(of.agreement, fit[0], fit[1])
        if act == "link"
        else requests.to_receive(of.agreement, *fit, ["tax_credits"], linking=True)
    )
    assert codes(of, right) == []
    wrong = asked(of, act, unfit)
    answer = decide(of.agreement, None, wrong, of.facts)
    assert isinstance(answer, Deny)
    (said,) = [problem for problem in answer.problems if problem.code == "GATE058"]
    assert said.clause == "linkage.mode"
    assert f"'{mode}'" in said.what
    assert LINKED_IN[mode] in said.next


def test_the_secure_room_receives_payload_in_every_mode_and_no_identifier_with_it() -> None:
    for mode in MODES:
        of = in_mode(mode)
        request = requests.to_receive(of.agreement, *ROOM, ["tax_credits"])
        assert (request.act, request.form) == ("receive", "de-personalised")
        assert request.datasets == {"tax_credits": ("on_credit",)}
        assert codes(of, request) == []


def test_identifiers_are_asked_for_as_what_they_are() -> None:
    of = in_mode("identified")
    request = requests.to_receive(of.agreement, *ROOM, ["tax_credits"], linking=True)
    assert (request.act, request.form) == ("receive-to-link", "identifiable")
    assert codes(of, replace(request, form="de-personalised")) == ["GATE049"]
    link = requests.to_link(of.agreement, ROOM[0], ROOM[1])
    assert codes(of, link) == []
    assert codes(of, replace(link, form="de-personalised")) == ["GATE049"]


def test_another_secure_room_than_the_one_named_does_not_link() -> None:
    of = in_mode("enclave")
    whole = of.agreement.linkage
    assert whole is not None
    elsewhere = replace(
        of, agreement=of.agreement.model_copy(
            update={"linkage": whole.model_copy(update={"by": "voa"})}
        ),
    )  # fmt: skip
    request = requests.to_link(elsewhere.agreement, ROOM[0], ROOM[1])
    assert "GATE041" in codes(elsewhere, request)


def test_nothing_is_linked_where_no_linkage_was_agreed() -> None:
    of = in_mode("enclave")
    without = replace(of, agreement=of.agreement.model_copy(update={"linkage": None}))
    request = requests.to_link(without.agreement, UNIT[0], UNIT[1])
    assert request.form == "de-personalised"
    assert "GATE056" in codes(without, request)


# -- outside lists -------------------------------------------------------------------------------

LISTED = {"check": "objectors", "rules": [["uprn"]]}


def test_a_list_that_is_packed_need_not_be_applied_before_linking() -> None:
    of = in_mode("enclave", **LISTED).knowing(lists_checked={}, opt_out_applied=frozenset())
    pack = requests.to_pack(of.agreement, "tax_credits", "Amara Osei")
    payload = requests.to_receive(of.agreement, *ROOM, ["tax_credits"])
    encoded = requests.to_receive(of.agreement, *ROOM, ["tax_credits"], linking=True)
    the_list = requests.to_receive(of.agreement, *ROOM, ["objectors"], linking=True)
    for request in (pack, payload, encoded, the_list):
        assert codes(of, request) == []
    assert the_list.datasets == {"objectors": ("uprn",)}


def test_a_list_has_no_payload() -> None:
    of = in_mode("enclave", **LISTED)
    assert codes(of, requests.to_receive(of.agreement, *ROOM, ["objectors"])) == ["GATE053"]


def test_nothing_is_linked_before_the_list_is_at_hand_nor_used_before_it_was_applied() -> None:
    of = in_mode("enclave", **LISTED).knowing(lists_checked={}, opt_out_applied=frozenset())
    link = requests.to_link(of.agreement, ROOM[0], ROOM[1])
    assert "objectors" in link.datasets
    assert codes(of, link) == ["GATE062"]
    ready = of.knowing(lists_at_hand={"tax_credits": "objectors"})
    assert codes(ready, link) == []
    use = requests.to_use(of.agreement, "entitled", "rebate-team", "Hana Brook", "rebate analyst")
    assert codes(ready, use) == ["GATE062"]
    assert codes(of.knowing(lists_checked={"tax_credits": "objectors"}), use) == []


def test_a_list_that_nobody_packs_still_bars_everything() -> None:
    of = in_mode("enclave").knowing(lists_checked={}, opt_out_applied=frozenset(), now=NOON)
    pack = requests.to_pack(of.agreement, "tax_credits", "Amara Osei")
    assert codes(of, pack) == ["GATE062"]
