"""Signatures of another version, person or key, and a text altered after it was signed."""

from __future__ import annotations

from dataclasses import replace

import pytest
from lawful import NOON, Document, Key, World, signatures_of, world
from test_taking_one_thing_away import reasons

from equipoise.agree.document import Agreement
from equipoise.agree.parse import parse
from equipoise.agree.sign import Signature, sign_agreement
from equipoise.gate.decide import Deny, decide

WORLD = world()


def told_of_first(where: World) -> str:
    found = reasons(where, where.lawful("use"))
    assert set(found) == {"GATE010", "GATE011"}
    assert found["GATE011"].clause == "parties.hmrc.signatory"
    return found["GATE011"].what


def first_replaced(**changes: str) -> World:
    first, *others = WORLD.facts.signatures
    return WORLD.knowing(signatures=(replace(first, **changes), *others))


def test_a_signature_over_another_version_does_not_count() -> None:
    def later(data: Document) -> None:
        data["version"] = 2

    old, new = WORLD.facts.signatures, world(later)
    assert "AGR302" in told_of_first(new.knowing(signatures=(old[0], *new.facts.signatures[1:])))


def test_a_signature_over_another_agreement_does_not_count() -> None:
    def other(data: Document) -> None:
        data["agreement"] = "another-rebate"

    old, new = WORLD.facts.signatures, world(other)
    assert "AGR301" in told_of_first(new.knowing(signatures=(old[0], *new.facts.signatures[1:])))


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"digest": "sha256:" + "1" * 64}, "AGR303"),
        ({"value": "00" * 64}, "AGR307"),
        ({"value": "not hexadecimal"}, "AGR307"),
        ({"at": "2025-11-30T09:00:00Z"}, "AGR307"),
        ({"public_key": Key().public_key}, "AGR306"),
        ({"at": "2026-06-15T12:00:01Z"}, "AGR307"),
    ],
)
def test_a_changed_signature_does_not_count(changes: dict[str, str], code: str) -> None:
    assert code in told_of_first(first_replaced(**changes))


def test_somebody_else_of_the_party_cannot_sign() -> None:
    forged = sign_agreement(WORLD.agreement, "hmrc", "Mallory Quick", NOON, Key())
    trusted = {**WORLD.facts.trusted, "hmrc/Mallory Quick": forged.public_key}
    where = WORLD.knowing(signatures=(forged, *WORLD.facts.signatures[1:]), trusted=trusted)
    assert set(reasons(where, where.lawful("use"))) == {"GATE010"}


def test_one_person_cannot_sign_for_another_party() -> None:
    first, second, *others = WORLD.facts.signatures
    moved = replace(second, party=first.party, name=first.name)
    where = WORLD.knowing(signatures=(moved, second, *others))
    assert "AGR306" in told_of_first(where)


def test_a_signature_of_tomorrow_does_not_count_today() -> None:
    def sign(at: str) -> Signature:
        from datetime import datetime

        from lawful import key_of

        moment = datetime.fromisoformat(at)
        return sign_agreement(
            WORLD.agreement, "hmrc", "Amara Osei", moment, key_of("hmrc", "Amara Osei")
        )

    others = WORLD.facts.signatures[1:]
    tomorrow = WORLD.knowing(signatures=(sign("2026-06-16T12:00:00+00:00"), *others))
    assert "dated after the present" in told_of_first(tomorrow)
    now = WORLD.knowing(signatures=(sign("2026-06-15T12:00:00+00:00"), *others))
    assert not isinstance(decide(now.agreement, None, now.lawful("use"), now.facts), Deny)


def test_a_text_altered_under_its_old_digest_and_signatures_is_refused() -> None:
    def altered(data: Document) -> None:
        data["releases"][0]["fields"] = ["account", "flag", "cost_score"]

    other = world(altered)
    where = World(other.agreement, WORLD.facts)
    found = reasons(where, where.lawful("release"))
    assert {"GATE010", "GATE011", "GATE016"} <= set(found)


def test_an_altered_text_signed_anew_is_refused_while_the_old_one_is_frozen() -> None:
    def altered(data: Document) -> None:
        data["outputs"]["entitled"]["min count"] = 1

    other = world(altered).agreement
    known = {"signatures": signatures_of(other), "weighed": world(altered).facts.weighed}
    where = World(other, replace(WORLD.facts, **known))
    assert set(reasons(where, where.lawful("use"))) == {"GATE016"}


def test_a_model_that_was_never_read_is_no_agreement() -> None:
    forged = Agreement.model_construct(**{**WORLD.agreement.__dict__, "gateway": {}})
    answer = decide(forged, None, WORLD.lawful("use"), WORLD.facts)
    assert isinstance(answer, Deny)


def test_reasons_point_at_the_line_of_the_clause() -> None:
    from lawful import EXAMPLE

    text = EXAMPLE.read_text(encoding="utf-8")
    parsed = parse(text)
    where = World(parsed.agreement, replace(WORLD.facts, state="draft", signatures=()))
    answer = decide(parsed.agreement, parsed.places, where.lawful("use"), where.facts)
    assert isinstance(answer, Deny)
    lines = text.splitlines()
    placed = {one.clause: one.line for one in answer.problems if one.clause}
    line = placed["parties.brightgas.signatory"]
    assert line is not None
    assert "Carys Penhale" in lines[line - 1]
    without = decide(parsed.agreement, None, where.lawful("use"), where.facts)
    assert isinstance(without, Deny)
    assert [one.code for one in without.problems] == [one.code for one in answer.problems]
