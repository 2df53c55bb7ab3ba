"""A signatory suspends, resumes or ends an agreement; at its end everything held under it goes."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from sites import DATASETS, REBATE, Ledger, Stages, codes, the_run, verified

from equipoise.acts.erase import due, erase
from equipoise.acts.pack import pack
from equipoise.acts.sign import sign_all_for_practice
from equipoise.acts.site import Site
from equipoise.acts.standing import change_standing
from equipoise.clock import system_clock
from equipoise.errors import EquipoiseError, GateRefused, StateRefused, UsageRefused

SALTS = {"key:owners", "key:linkage-unit", "key:secure-room"}


def state(site: Site) -> str:
    return site.store.agreement(REBATE).state


def test_a_suspended_agreement_opens_nothing_until_it_is_resumed(
    site_at: Callable[..., Site], stages: Stages
) -> None:
    site = site_at("signed")
    ledger = Ledger(site)
    assert change_standing(site, REBATE, "suspend", "Amara Osei") == "suspended"
    assert ledger.one("suspended").actor == "hmrc/Amara Osei"
    with pytest.raises(GateRefused) as refused:
        pack(site, stages.source, "properties", stages.data)
    assert "GATE014" in codes(refused)
    assert change_standing(site, REBATE, "resume", "Bernard Lyle") == "signed"
    pack(site, stages.source, "properties", stages.data)


def test_only_signatories_change_its_standing_and_only_when_it_can_be(
    site_at: Callable[..., Site],
) -> None:
    site = site_at("signed")
    ledger = Ledger(site)
    with pytest.raises(UsageRefused) as refused:
        change_standing(site, REBATE, "end", "Nia Bowen")
    assert codes(refused) == ["ACT015"]
    with pytest.raises(StateRefused) as early:
        change_standing(site, REBATE, "resume", "Amara Osei")
    assert codes(early) == ["AGR401"]
    assert ledger.acts() == [] and state(site) == "signed"


def test_what_is_held_is_due_at_the_end_and_then_the_keys_go_too(
    site_at: Callable[..., Site], stages: Stages, tmp_path: Path
) -> None:
    site = site_at("in review")
    agreement = site.frozen(REBATE).agreement
    assert due(site, agreement) == ()
    change_standing(site, REBATE, "end", "Amara Osei")
    assert set(DATASETS) <= set(due(site, agreement))
    done = erase(site, REBATE, [*DATASETS, "entitled"])
    assert done.receipt is not None
    assert {item.object.partition("/")[0] for item in done.receipt.of("key")} >= SALTS
    assert state(site) == "erased" and site.store.run(the_run(site)).state in ("erased", "refused")
    again = erase(site, REBATE)
    assert again.already and again.receipt == done.receipt
    with pytest.raises(EquipoiseError):
        pack(site, stages.source, "properties", stages.data)
    assert verified(site, tmp_path).receipts == 1


@pytest.mark.parametrize("ever_held", [True, False])
def test_an_agreement_of_which_nothing_is_held_any_more_is_closed_all_the_same(
    site_at: Callable[..., Site], tmp_path: Path, ever_held: bool
) -> None:
    site = site_at("released" if ever_held else "signed")
    if ever_held:
        erase(site, REBATE, [*DATASETS, "entitled"])
    assert not erase(site, REBATE).names and state(site) == "signed"
    change_standing(site, REBATE, "end", "Amara Osei")
    ledger = Ledger(site)
    done = erase(site, REBATE)
    assert done.receipt is not None and state(site) == "erased"
    assert {item.object.partition("/")[0] for item in done.receipt.of("key")} == SALTS
    assert ledger.acts() == [
        "permit issued", "permit used", "erased", "agreement erased", "permit closed",
    ]  # fmt: skip
    assert erase(site, REBATE).already
    assert verified(site, tmp_path).receipts == (2 if ever_held else 1)


def test_after_its_last_day_an_agreement_is_over_without_anybody_saying_so(
    site_at: Callable[..., Site], tmp_path: Path
) -> None:
    later = site_at("received", clock=lambda: system_clock() + timedelta(days=80 * 365))
    done = erase(later, REBATE)
    assert set(done.names) == set(DATASETS) and state(later) == "erased"
    assert [e.act for e in later.store.entries()][-4:-1] == ["erased", "ended", "agreement erased"]
    assert verified(later, tmp_path).receipts == 1


def test_a_version_that_was_erased_is_not_signed_again(
    site_at: Callable[..., Site], stages: Stages
) -> None:
    site = site_at("signed")
    change_standing(site, REBATE, "end", "Amara Osei")
    erase(site, REBATE)
    signed = sign_all_for_practice(site, stages.source)
    assert signed.state == "erased"
