"""Holes that a hostile reading once found, each kept shut."""

from __future__ import annotations

from collections.abc import Callable

import pyarrow as pa
import pytest
from sites import REBATE, Stages, approve_all, codes, the_run

from equipoise.acts.counts import about
from equipoise.acts.link import link
from equipoise.acts.pack import pack
from equipoise.acts.receive import receive
from equipoise.acts.release import release
from equipoise.acts.site import Site, open_site
from equipoise.agree.canonical import canonical_bytes, digest_of
from equipoise.errors import IntegrityRefused, StateRefused


def test_the_ledger_tells_sizes_and_never_a_small_one(site_at: Callable[..., Site]) -> None:
    agreement = site_at("signed").frozen(REBATE).agreement
    assert [about(agreement, rows) for rows in (0, 3, 9, 10, 104, 1461)] == [0, 0, 0, 10, 100, 1460]


def test_a_link_report_cannot_be_guessed_from_its_digest(site_at: Callable[..., Site]) -> None:
    site = site_at("linked")
    told = {e.detail["report"] for e in site.store.entries() if e.act == "linked"}
    reports = [each.report for each in site.store.links(REBATE)]
    assert told == {digest_of(canonical_bytes(dict(report))) for report in reports}
    assert all(len(report["nonce"]) == 64 for report in reports)
    assert not told & {digest_of(canonical_bytes(report["numbers"])) for report in reports}


def test_what_was_changed_after_its_approval_is_not_released(site_at: Callable[..., Site]) -> None:
    site = site_at("approved")
    run = site.store.run(the_run(site))
    name = f"result-{run.run}-answers_customers_homewarm"
    room = site.custody.room("secure-room")
    where = ("fuel-poverty-rebate", 1, "secure-room", name)
    table = room.get(*where)
    forged = table.set_column(1, "flag", pa.array(["yes"] * table.num_rows))
    room.put(*where, forged, replace_held=True)
    person = site.actor_in(site.frozen(REBATE).agreement, "secure room")
    with pytest.raises(IntegrityRefused) as refused:
        release(site, run.run, person)
    assert codes(refused) == ["ACT066"]
    assert not site.store.run(run.run).releases


def test_a_practice_site_never_becomes_a_real_one(site_at: Callable[..., Site]) -> None:
    site = site_at("signed")
    settings = site.directory / "equipoise.toml"
    settings.write_text(settings.read_text().replace("practice = true", "practice = false"))
    with pytest.raises(IntegrityRefused) as refused:
        open_site(site.directory)
    assert codes(refused) == ["ACT014"]


def test_parcels_that_were_not_packed_together_are_not_linked(
    site_at: Callable[..., Site], stages: Stages
) -> None:
    site = site_at("received")
    for path in pack(site, stages.source, "properties", stages.data).parcels:
        if "--encodings--" in path.name:
            receive(site, stages.source, path)
    with pytest.raises(StateRefused) as refused:
        link(site, stages.source)
    assert codes(refused) == ["ACT041"]


def test_every_approval_is_of_the_very_outputs(site_at: Callable[..., Site]) -> None:
    site = site_at("approved")
    run = site.store.run(the_run(site))
    if not run.reviews:
        approve_all(site, run.run)
        run = site.store.run(run.run)
    assert {review.checked for review in run.reviews} == {run.facts["checked"]}
