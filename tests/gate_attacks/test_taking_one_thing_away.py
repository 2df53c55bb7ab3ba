"""Take any one thing away from what makes an act lawful, and the gate says no and says why."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from lawful import ACTS, LOOKED_AT, NOON, SUPPLIERS, Document, World, world

from equipoise.agree.sign import required_signatories
from equipoise.errors import Problem
from equipoise.gate.decide import Allow, Approval, Deny, Request, decide

WORLD = world()
MOVING = tuple(act for act in ACTS if act != "erase")
READING = ("receive tokens", "receive payload", "link", "use")


def reasons(where: World, request: Request) -> dict[str, Problem]:
    answer = decide(where.agreement, None, request, where.facts)
    assert isinstance(answer, Deny), "this was allowed"
    assert answer.problems
    return {problem.code: problem for problem in answer.problems}


# -- facts -----------------------------------------------------------------------------------------

FACTS: dict[str, tuple[dict[str, Any], tuple[str, ...], str]] = {
    "nobody has signed": ({"signatures": ()}, MOVING, "GATE010"),
    "no key is trusted": ({"trusted": {}}, MOVING, "GATE010"),
    "the agreement is suspended": ({"suspended": True}, MOVING, "GATE014"),
    "its state is suspended": ({"state": "suspended"}, MOVING, "GATE014"),
    "it is a draft": ({"state": "draft"}, ACTS, "GATE015"),
    "it is final but unsigned": ({"state": "final text"}, ACTS, "GATE015"),
    "it was withdrawn": ({"state": "withdrawn"}, MOVING, "GATE015"),
    "it was superseded": ({"state": "superseded"}, MOVING, "GATE015"),
    "it has ended": ({"state": "ended"}, MOVING, "GATE015"),
    "it was erased": ({"state": "erased"}, ACTS, "GATE015"),
    "its state is unknown": ({"state": "Signed"}, ACTS, "GATE015"),
    "another text was signed": ({"digest": "sha256:" + "0" * 64}, ACTS, "GATE016"),
    "nobody holds a post": ({"posts": frozenset()}, ACTS, "GATE042"),
    "opt-outs were not applied": ({"opt_out_applied": frozenset()}, READING, "GATE060"),
    "the list was not checked": ({"lists_checked": {}}, ("pack", *READING), "GATE062"),
    "another list was checked": ({"lists_checked": {"tax_credits": "local"}}, ("pack",), "GATE062"),
    "consent was not applied": ({"consent_applied": frozenset()}, ("link", "use"), "GATE061"),
    "no training was done": ({"training": {}}, ("use",), "GATE070"),
    "another training was done": (
        {"training": {"rebate-team/Hana Brook": frozenset({"fire safety"})}}, ("use",), "GATE070"),
    "another person was trained": (
        {"training": {"hmrc/Hana Brook": frozenset({"safe researcher"})}}, ("use",), "GATE070"),
    "no lock would hold": ({"isolation": ()}, ("link", "use"), "GATE077"),
    "one lock would not hold": (
        {"isolation": WORLD.facts.isolation[1:]}, ("link", "use"), "GATE077"),
    "nobody approved": ({"approvals": ()}, ("release",), "GATE071"),
    "the author is unknown": ({"author": " "}, ("review", "release"), "GATE074"),
    "the output is unknown": ({"output": ""}, ("release",), "GATE072"),
    "another output was looked at": ({"output": "sha256:" + "b" * 64}, ("release",), "GATE071"),
    "the disclosure check failed": ({"disclosure": "fail"}, ("release",), "GATE082"),
    "there was no disclosure check": ({"disclosure": ""}, ("release",), "GATE082"),
}  # fmt: skip


@pytest.mark.parametrize(
    ("change", "act", "code"),
    [
        pytest.param(change, act, code, id=f"{name}: {act}")
        for name, (change, acts, code) in FACTS.items()
        for act in acts
    ],
)
def test_without_the_fact_the_act_is_refused(change: dict[str, Any], act: str, code: str) -> None:
    assert code in reasons(WORLD.knowing(**change), WORLD.lawful(act))


@pytest.mark.parametrize("missing", required_signatories(WORLD.agreement))
@pytest.mark.parametrize("act", MOVING)
def test_each_single_signature_is_needed(act: str, missing: tuple[str, str]) -> None:
    kept = tuple(one for one in WORLD.facts.signatures if (one.party, one.name) != missing)
    found = reasons(WORLD.knowing(signatures=kept), WORLD.lawful(act))
    assert set(found) == {"GATE010"}
    assert found["GATE010"].clause == f"parties.{missing[0]}.signatory"


def test_a_compensating_control_on_the_ledger_stands_in_for_the_locks() -> None:
    where = WORLD.knowing(isolation=(), compensating_control="a sealed cluster, entry 17")
    assert isinstance(decide(where.agreement, None, where.lawful("use"), where.facts), Allow)


# -- people ----------------------------------------------------------------------------------------

APPROVED = WORLD.facts.approvals


def approved_by(*people: tuple[str, str]) -> tuple[Approval, ...]:
    return tuple(Approval(party, name, "approve", LOOKED_AT, NOON) for party, name in people)


APPROVALS: dict[str, tuple[tuple[Approval, ...], str]] = {
    "only one party approved": (APPROVED[:1], "GATE071"),
    "only the other party approved": (APPROVED[1:], "GATE071"),
    "one person approved twice": ((APPROVED[0], APPROVED[0]), "GATE072"),
    "one person approved for both parties": (
        approved_by(("hmrc", "Amara Osei"), ("rebate-team", "Amara Osei")), "GATE072"),
    "the author approved": (
        approved_by(("hmrc", "Amara Osei"), ("rebate-team", "Hana Brook")), "GATE073"),
    "the author approved beside two others": (
        (*APPROVED, *approved_by(("rebate-team", "Hana Brook"))), "GATE073"),
    "a checker refused": (
        (*APPROVED, Approval("hmrc", "Bea Cole", "refuse", LOOKED_AT, NOON)), "GATE075"),
    "a decision is of an unknown kind": (
        (*APPROVED, Approval("hmrc", "Bea Cole", "aprove", LOOKED_AT, NOON)), "GATE075"),  # type: ignore[arg-type]
    "the approval is of tomorrow": (
        (APPROVED[0], replace(APPROVED[1], at=NOON + timedelta(days=1))), "GATE071"),
    "the approver has no post": (
        approved_by(("hmrc", "Amara Osei"), ("rebate-team", "Nobody Known")), "GATE071"),
    "the approver is of a party that does not check": (
        approved_by(("hmrc", "Amara Osei"), ("brightgas", "Carys Penhale")), "GATE071"),
}  # fmt: skip


@pytest.mark.parametrize(("given", "code"), APPROVALS.values(), ids=APPROVALS)
def test_two_different_people_who_are_not_the_author_must_approve(
    given: tuple[Approval, ...], code: str
) -> None:
    posts = WORLD.facts.posts | {
        ("rebate-team", "Hana Brook", "checker"),
        ("rebate-team", "Amara Osei", "checker"),
        ("hmrc", "Bea Cole", "checker"),
    }
    assert code in reasons(WORLD.knowing(approvals=given, posts=posts), WORLD.lawful("release"))


def test_the_author_may_not_review_their_own_work() -> None:
    assert set(reasons(WORLD.knowing(author="Amara Osei"), WORLD.lawful("review"))) == {"GATE073"}


# -- the agreement, signed anew by everybody after the change --------------------------------------


def drop(*path: str) -> Callable[[Document], object]:
    def change(data: Document) -> None:
        for step in path[:-1]:
            data = data[step]
        del data[path[-1]]

    return change


def put(value: Any, *path: Any) -> Callable[[Document], object]:
    def change(data: Document) -> None:
        for step in path[:-1]:
            data = data[step]
        data[path[-1]] = value

    return change


NO_ROOM = put(["processor"], "parties", "rebate-team", "role")
TEXTS: dict[str, tuple[Callable[[Document], object], tuple[str, ...], str]] = {
    "no gateway": (drop("gateway", "hmrc"), MOVING, "GATE020"),
    "a disputed gateway": (put(True, "gateway", "hmrc", "disputed"), MOVING, "GATE021"),
    "an unsettled red line": (put("", "weighing", "red lines", 0, "settled"), MOVING, "GATE022"),
    "a red line settled by a blank": (
        put("  ", "weighing", "red lines", 0, "settled"), MOVING, "GATE022"),
    "a full weighing without workshop": (drop("weighing", "workshop"), MOVING, "GATE024"),
    "a light weighing without reason": (
        lambda data: data["weighing"].update(route="light", reason=" "), MOVING, "GATE023"),
    "a blank purpose": (put("    ", "purpose", "statement"), ("pack", "link"), "GATE025"),
    "a use for what is prohibited": (
        put("marketing of new tariffs", "uses", "entitled", "for"),
        ("use", "review", "release"), "GATE030"),
    "a role the use does not name": (put("statistician", "uses", "entitled", "by"), ("use",),
                                     "GATE043"),
    "no output rule": (
        put({"other": {"form": "aggregate"}}, "outputs"), ("use", "review", "release"), "GATE080"),
    "no release": (put([], "releases"), ("release",), "GATE050"),
    "no release, so onward": (put([], "releases"), ("release",), "GATE031"),
    "a recipient that is none": (put("controller", "parties", "brightgas", "role"), ("release",),
                                 "GATE050"),
    "a checker who is not named": (
        put(["voa", "rebate-team"], "outputs", "entitled", "checked by"), ("review",), "GATE076"),
    "nobody named to check": (put([], "outputs", "entitled", "checked by"), ("review",), "GATE076"),
    "a party that is no room": (NO_ROOM, ("receive payload", "use", "release"), "GATE041"),
    "no linkage": (drop("linkage"), ("link",), "GATE056"),
    "another linkage unit": (put("rebate-team", "linkage", "by"), ("link", "receive tokens"),
                             "GATE041"),
    "an unknown use": (
        lambda data: data["uses"].update(other=data["uses"].pop("entitled")),
        ("use",), "GATE045"),
}  # fmt: skip


@pytest.mark.parametrize(
    ("change", "act", "code"),
    [
        pytest.param(change, act, code, id=f"{name}: {act}")
        for name, (change, acts, code) in TEXTS.items()
        for act in acts
    ],
)
def test_without_the_clause_the_act_is_refused(
    change: Callable[[Document], object], act: str, code: str
) -> None:
    where = world(change)
    assert code in reasons(where, where.lawful(act))


def test_without_a_release_it_is_onward_sharing_even_where_nobody_wrote_that_down() -> None:
    where = world(lambda data: data.update(releases=[], prohibitions=[]))
    assert set(reasons(where, where.lawful("release"))) == {"GATE031", "GATE050"}


def test_any_one_of_two_releases_to_a_party_permits_it() -> None:
    def twice(data: Document) -> None:
        other = {**data["releases"][0], "fields": ["account"]}
        data["releases"].insert(0, other)

    where = world(twice)
    lawful = where.lawful("release")
    for fields, allowed in ((("account",), True), (("account", "flag"), True), (("flag",), False)):
        request = replace(lawful, datasets={"entitled": fields})
        answer = decide(where.agreement, None, request, where.facts)
        assert isinstance(answer, Allow) == allowed


def test_a_disputed_gateway_that_somebody_settled_holds() -> None:
    settled = {"disputed": True, "settled by": "The tribunal, case 12"}
    where = world(lambda data: data["gateway"]["hmrc"].update(settled))
    assert isinstance(decide(where.agreement, None, where.lawful("use"), where.facts), Allow)


def test_a_light_weighing_with_its_reason_holds() -> None:
    where = world(put("light", "weighing", "route"))
    assert isinstance(decide(where.agreement, None, where.lawful("use"), where.facts), Allow)


def test_a_denial_lists_every_reason_in_the_order_of_the_decision() -> None:
    def change(data: Document) -> None:
        data["gateway"].pop("hmrc")
        data["weighing"]["red lines"][0]["settled"] = ""

    where = world(change).knowing(signatures=(), training={}, opt_out_applied=frozenset())
    answer = decide(where.agreement, None, where.lawful("use"), where.facts)
    assert isinstance(answer, Deny)
    codes = list(dict.fromkeys(problem.code for problem in answer.problems))
    assert codes == ["GATE010", "GATE020", "GATE022", "GATE060", "GATE070"]
    assert len([one for one in answer.problems if one.code == "GATE010"]) == 7
    assert all(one.what and one.why and one.next for one in answer.problems)


def test_the_world_has_every_supplier() -> None:
    assert set(SUPPLIERS) <= set(WORLD.agreement.parties)


@pytest.mark.parametrize("written", ["amara osei", "Amara  Osei", " Amara Osei", "\uff21mara Osei"])
def test_the_author_is_known_however_the_name_is_written(written: str) -> None:
    assert "GATE073" in reasons(WORLD.knowing(author=written), WORLD.lawful("review"))
    assert "GATE073" in reasons(WORLD.knowing(author=written), WORLD.lawful("release"))
