"""What the agreement permits is allowed: else refusing everything would pass every attack."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from lawful import ACTS, NOON, world

from equipoise.errors import GateRefused
from equipoise.gate.decide import Allow, Deny, decide, insist

WORLD = world()


@pytest.mark.parametrize("act", ACTS)
def test_each_act_is_allowed_when_everything_is_in_order(act: str) -> None:
    request = WORLD.lawful(act)
    answer = decide(WORLD.agreement, None, request, WORLD.facts)
    assert isinstance(answer, Allow), answer
    assert (answer.reference, answer.digest) == ("fuel-poverty-rebate@1", WORLD.facts.digest)
    assert answer.request == request
    assert answer.decided == NOON


@pytest.mark.parametrize(
    ("act", "clauses"),
    [
        ("pack", ("datasets.tax_credits",)),
        ("use", ("uses.entitled",)),
        ("release", ("releases.0",)),
        ("erase", ("datasets.tax_credits",)),
    ],
)
def test_a_permission_names_the_clauses_that_give_it(act: str, clauses: tuple[str, ...]) -> None:
    answer = insist(decide(WORLD.agreement, None, WORLD.lawful(act), WORLD.facts))
    assert answer.clauses == clauses


def test_a_permission_ends_with_the_agreement_and_erasing_never_does() -> None:
    use = insist(decide(WORLD.agreement, None, WORLD.lawful("use"), WORLD.facts))
    erase = insist(decide(WORLD.agreement, None, WORLD.lawful("erase"), WORLD.facts))
    assert use.until == datetime(2028, 1, 1, tzinfo=UTC)
    assert erase.until is None


@pytest.mark.parametrize("supplier", ["brightgas", "northlight", "homewarm"])
def test_every_supplier_may_receive_its_own_release(supplier: str) -> None:
    from equipoise.gate.requests import to_release

    request = to_release(WORLD.agreement, "entitled", supplier, "rebate-team", "Grace Adeyemi")
    assert isinstance(decide(WORLD.agreement, None, request, WORLD.facts), Allow)


@pytest.mark.parametrize("state", ["suspended", "ended", "withdrawn", "superseded"])
def test_erasing_is_possible_whatever_became_of_the_agreement(state: str) -> None:
    later = WORLD.knowing(
        state=state, suspended=True, signatures=(), now=datetime(2040, 1, 1, tzinfo=UTC)
    )
    answer = decide(later.agreement, None, later.lawful("erase"), later.facts)
    assert isinstance(answer, Allow), answer


def test_the_owner_packs_every_agreed_field_and_the_room_receives_no_identifier() -> None:
    assert set(WORLD.lawful("pack").datasets["tax_credits"]) == {
        "forename", "surname", "birth_date", "postcode", "uprn", "on_credit",
    }  # fmt: skip
    assert WORLD.lawful("receive payload").datasets == {"tax_credits": ("on_credit",)}
    assert "on_credit" not in WORLD.lawful("receive tokens").datasets["tax_credits"]


def test_a_use_reads_what_its_clause_names_and_not_the_consent_field() -> None:
    assert dict(WORLD.lawful("use").datasets) == {
        "tax_credits": ("on_credit",),
        "properties": ("cost_score",),
        "customers_brightgas": ("account",),
        "customers_northlight": ("account",),
        "customers_homewarm": ("account",),
    }


def test_a_denial_can_be_raised_with_every_reason() -> None:
    answer = decide(
        WORLD.agreement, None, WORLD.lawful("use"), WORLD.knowing(state="draft", author="").facts
    )
    assert isinstance(answer, Deny)
    with pytest.raises(GateRefused) as refusal:
        insist(answer)
    assert refusal.value.problems == answer.problems


def test_acts_belong_to_states_that_there_are_and_none_to_what_was_erased() -> None:
    from equipoise.agree.states import AGREEMENT
    from equipoise.gate.deeds import DEEDS

    for name, deed in DEEDS.items():
        assert set(deed.states) <= set(AGREEMENT), name
        assert not {"draft", "proposed", "weighed", "final text", "erased"} & set(deed.states), name
    # Wherever the agreement itself may be ended by erasing, its data may be erased.
    ended_by_erasing = {state for state, acts in AGREEMENT.items() if "erase" in acts}
    assert ended_by_erasing <= set(DEEDS["erase"].states)
