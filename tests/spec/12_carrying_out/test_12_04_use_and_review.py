"""A use runs alone and is checked; two people who did not run it decide on what came out."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from sites import (
    JUSTICE,
    REASON,
    REBATE,
    SUPPLIERS,
    Ledger,
    Stages,
    codes,
    computed,
    customers,
    deliver,
    new_site,
    no_work_left,
    the_run,
    verified,
    written,
)

from equipoise.acts import run as run_module
from equipoise.acts.posts import vacant
from equipoise.acts.release import release
from equipoise.acts.review import approvals_wanted, review, reviewer
from equipoise.acts.run import compute, request_run
from equipoise.acts.site import Site, enrol
from equipoise.acts.walk import walk
from equipoise.errors import (
    EnvironmentFailed,
    GateRefused,
    Problem,
    StateRefused,
    UsageRefused,
)

STATES = ["run requested", "permit issued", "permit used", "run permitted", "run started"]


def test_a_run_is_told_step_by_step(site_at: Callable[..., Site]) -> None:
    site = site_at("in review")
    run = site.store.run(the_run(site))
    entries = site.store.entries()
    start = next(e.sequence for e in entries if e.act == "run requested")
    told = [e.act for e in entries[start - 1 :]]
    assert told == [*STATES, "run computed", "run checked", "permit closed"]
    assert run.state == "in review" and run.facts["verdict"] in ("pass", "review")
    assert {"own process", "clean environment"} <= set(run.facts["locks"])
    page = site.folder("reports") / REBATE / run.run / "report.html"
    assert "Automatic energy rebates" in page.read_text(encoding="utf-8")
    assert no_work_left(site) == []


def test_what_is_shown_and_recorded_holds_no_row(
    site_at: Callable[..., Site], stages: Stages
) -> None:
    site = site_at("in review")
    run = site.store.run(the_run(site))
    report = site.folder("reports") / REBATE / run.run / "report.html"
    said = [
        json.dumps(dict(run.shown)) + json.dumps(dict(run.facts)) + json.dumps(run.findings),
        report.read_text(encoding="utf-8"),
        json.dumps([entry.as_dict() for entry in site.store.entries()]),
    ]
    for supplier in SUPPLIERS:
        accounts = [row["account"] for row in customers(stages.data, supplier)[:200]]
        assert len(min(accounts, key=len)) > 5
        for text in said:
            assert [account for account in accounts if account in text] == []


def test_a_use_waits_for_its_data(site_at: Callable[..., Site], stages: Stages) -> None:
    site = site_at("signed")
    deliver(site, stages.source, stages.data, ("properties",))
    parsed = site.frozen(REBATE)
    analyst = site.person("Nia Bowen")
    run = request_run(site, parsed, "entitled", analyst)
    with pytest.raises(StateRefused) as refused:
        compute(site, parsed, run, analyst)
    assert codes(refused) == ["ACT051"]
    assert "tax_credits" in refused.value.problems[0].what


def test_a_use_waits_for_its_links(site_at: Callable[..., Site], stages: Stages) -> None:
    """Data delivered again after they were linked are not joined by the old links."""
    site = site_at("linked")
    deliver(site, stages.source, stages.data, ("properties",))
    ledger = Ledger(site)
    with pytest.raises(GateRefused) as refused:
        computed(site, stages.source)
    assert codes(refused) == ["GATE191"]
    assert "equipoise link" in refused.value.problems[0].next
    assert ledger.acts()[-2:] == ["run interrupted", "permit abandoned"]
    assert site.store.run(the_run(site)).state == "interrupted"
    assert ledger.one("run interrupted").detail["codes"] == "GATE191"


def test_nobody_asks_for_what_was_not_signed(tmp_path: Path) -> None:
    site = new_site(tmp_path / "a")
    parsed = site.read(written(tmp_path))
    person = enrol(site, "rebate-team", "Nia Bowen", roles=("rebate analyst",))
    with pytest.raises(StateRefused) as refused:
        request_run(site, parsed, "entitled", person)
    assert codes(refused) == ["ACT050"]
    assert "Amara Osei" in refused.value.problems[0].next


def test_a_denied_run_ends_and_does_not_stand_in_the_way(
    site_at: Callable[..., Site], stages: Stages, tmp_path: Path
) -> None:
    site = site_at("linked")
    parsed = site.frozen(REBATE)
    wrong = enrol(site, "rebate-team", "Ben Lyle", roles=("secure room",))
    run = request_run(site, parsed, "entitled", wrong)
    ledger = Ledger(site)
    with pytest.raises(GateRefused):
        compute(site, parsed, run, wrong)
    assert ledger.acts() == ["refused", "run refused"]
    assert site.store.run(run.run).state == "refused"
    walked = walk(site, stages.source, None, practice=True)
    assert [each.state for each in walked.runs] == ["released"]
    assert verified(site, tmp_path).open_permits == ()


def test_a_step_that_fails_is_told_and_can_be_done_again(
    site_at: Callable[..., Site], stages: Stages, monkeypatch: pytest.MonkeyPatch
) -> None:
    site = site_at("linked")
    ledger = Ledger(site)

    def killed(*given: object, **named: object) -> None:
        raise EnvironmentFailed(Problem("GATE101", "the step was stopped: it held over 1 MiB"))

    with monkeypatch.context() as broken, pytest.raises(EnvironmentFailed):
        broken.setattr(run_module, "run_alone", killed)
        computed(site, stages.source)
    assert ledger.acts() == [*STATES, "run interrupted", "permit abandoned"]
    run = site.store.run(the_run(site))
    assert run.state == "interrupted" and no_work_left(site) == []
    analyst = site.person(run.requested_by)
    assert compute(site, site.frozen(REBATE), run, analyst).state == "in review"


def test_when_the_store_itself_fails_the_first_failure_is_told(
    site_at: Callable[..., Site], stages: Stages, monkeypatch: pytest.MonkeyPatch
) -> None:
    from equipoise.store.changing import Change, Store

    site = site_at("linked")
    first = EnvironmentFailed(Problem("GATE103", "the locked process died"))

    def dies(*given: object, **named: object) -> None:
        broken.setattr(Change, "note", full)
        raise first

    def full(*given: object, **named: object) -> None:
        raise EnvironmentFailed(Problem("STO003", "the site's database could not be written"))

    with monkeypatch.context() as broken, pytest.raises(EnvironmentFailed) as failed:
        broken.setattr(run_module, "run_alone", dies)
        computed(site, stages.source)
    assert failed.value is first
    assert isinstance(site.store, Store) and len(site.store.open_permits()) == 1
    assert site.store.run(the_run(site)).state == "running"
    walked = walk(site, stages.source, None, practice=True)
    assert any("cut off" in told for told in walked.recovered)
    assert [run.state for run in walked.runs] == ["released"]


# -- too few, none, all --------------------------------------------------------------------------


def test_a_cohort_below_the_minimum_is_refused_and_the_refusal_is_public(
    tmp_path: Path, city_files: Path
) -> None:
    site = new_site(tmp_path / "a")
    walked = walk(site, written(tmp_path, JUSTICE), city_files, practice=True)
    (run,) = walked.runs
    assert run.state == "refused" and [p.code for p in walked.refused] == ["USE022"]
    assert all("effect" not in table["name"] for table in run.shown["tables"])
    assert walked.register is not None
    (page,) = walked.register.parent.glob("agreements/*.html")
    assert "USE022" in page.read_text(encoding="utf-8")
    assert set(walked.erased) == {"cohort", "offenders"}
    with pytest.raises(StateRefused) as refused:
        release(site, run.run, site.person("Helen Marsh", "justice-office"))
    assert codes(refused) == ["ACT063"]
    assert verified(site, tmp_path).releases == 0


@pytest.mark.parametrize("cohort", ["empty", "everyone"])
def test_an_empty_cohort_and_everyone_treated_are_refused(
    tmp_path: Path, city_files: Path, cohort: str
) -> None:
    import csv

    data = tmp_path / "data"
    data.mkdir()
    offenders = (city_files / "offenders.csv").read_text(encoding="utf-8")
    (data / "offenders.csv").write_text(offenders, encoding="utf-8")
    fields = ("pnc_id", "forename", "surname", "birth_date", "started_on")
    with (data / "cohort.csv").open("w", encoding="utf-8", newline="") as handle:
        writer = csv.DictWriter(handle, fields)
        writer.writeheader()
        for row in csv.DictReader(offenders.splitlines()) if cohort == "everyone" else ():
            own = {name: row[name] for name in fields[:-1]}
            writer.writerow({**own, "started_on": row["index_date"]})
    site = new_site(tmp_path / "a")
    source = written(
        tmp_path, JUSTICE, lambda text: text.replace("min treated: 60", "min treated: 10")
    )
    try:
        walked = walk(site, source, data, practice=True)
    except Exception as error:
        assert cohort == "empty", error
        assert getattr(error, "exit_code", 1) == 5, error  # an empty file may be refused at intake
        return
    assert [run.state for run in walked.runs] == ["refused"]
    assert walked.refused


# -- review --------------------------------------------------------------------------------------


def grace(site: Site):  # type: ignore[no-untyped-def]
    return site.person("Grace Adeyemi")


def test_two_people_of_the_named_parties_approve(site_at: Callable[..., Site]) -> None:
    site = site_at("in review")
    run = the_run(site)
    ledger = Ledger(site)
    found = site.store.run(run)
    assert approvals_wanted(site, found) == ("somebody of hmrc", "somebody of rebate-team")
    first = review(site, run, reviewer(site, run, "Amara Osei"), approve=True, reason=REASON)
    assert approvals_wanted(site, first) == ("somebody of rebate-team",)
    second = review(site, run, grace(site), approve=True, reason=REASON)
    assert approvals_wanted(site, second) == ()
    assert second.state == "in review"
    told = [entry for entry in ledger.new() if entry.act == "review approved"]
    assert [entry.actor for entry in told] == [
        "hmrc/Amara Osei", "rebate-team/Grace Adeyemi",
    ]  # fmt: skip
    assert all(entry.detail["checked"] == found.facts["checked"] for entry in told)
    assert REASON not in json.dumps([entry.as_dict() for entry in ledger.new()])


def test_who_may_not_review_is_refused(site_at: Callable[..., Site]) -> None:
    site = site_at("in review")
    run = the_run(site)
    both = enrol(site, "hmrc", "Nia Bowen", roles=("checker", "controller"), practice=True)
    stranger = site.person("Carys Penhale")
    for person in (both, stranger, site.person("Nia Bowen", "rebate-team")):
        ledger = Ledger(site)
        with pytest.raises(GateRefused):
            review(site, run, person, approve=True, reason=REASON)
        assert ledger.acts() == ["refused"]
    assert site.store.run(run).reviews == ()


def test_a_review_has_a_reason_and_is_given_once(site_at: Callable[..., Site]) -> None:
    site = site_at("in review")
    run = the_run(site)
    for reason in ("", "   ", "ok"):
        with pytest.raises(UsageRefused) as refused:
            review(site, run, grace(site), approve=True, reason=reason)
        assert codes(refused) == ["ACT061"]
    review(site, run, grace(site), approve=True, reason=REASON)
    with pytest.raises(StateRefused) as twice:
        review(site, run, grace(site), approve=False, reason=REASON)
    assert codes(twice) == ["STO015"]
    assert len(site.store.run(run).reviews) == 1 and site.store.run(run).state == "in review"


def test_one_rejection_ends_the_run(site_at: Callable[..., Site], tmp_path: Path) -> None:
    site = site_at("in review")
    run = the_run(site)
    ledger = Ledger(site)
    done = review(site, run, grace(site), approve=False, reason="A count can be worked out.")
    assert done.state == "refused" and done.reasons[0]["code"] == "ACT062"
    assert ledger.acts()[-3:] == ["review rejected", "run refused", "permit closed"]
    for act in (
        lambda: review(site, run, site.person("Amara Osei"), approve=True, reason=REASON),
        lambda: release(site, run, grace(site)),
    ):
        with pytest.raises(StateRefused) as refused:
            act()
        assert codes(refused)[0] in ("ACT060", "ACT063")
    assert verified(site, tmp_path).releases == 0


# -- posts ---------------------------------------------------------------------------------------


def test_every_vacant_post_is_told_at_once_with_its_command(tmp_path: Path) -> None:
    site = new_site(tmp_path / "a", practice=False)
    source = written(tmp_path)
    agreement = site.read(source).agreement
    ledger = Ledger(site)
    with pytest.raises(UsageRefused) as refused:
        walk(site, source, tmp_path)
    found = codes(refused)
    assert found.count("ACT007") == 7 and "ACT083" in found and found.count("ACT084") == 2
    assert all("equipoise init --enrol" in problem.next for problem in refused.value.problems)
    assert ledger.acts() == []
    for key, party in agreement.parties.items():
        enrol(site, key, party.signatory.name, roles=(*party.roles, "checker"))
    left = vacant(site, agreement, ("entitled",))
    assert [problem.code for problem in left] == ["ACT083"]
    assert "--role 'rebate analyst'" in left[0].next
    assert vacant(site, agreement, ("entitled",), asker="Grace Adeyemi") == ()


def test_where_one_party_checks_it_needs_two_people(tmp_path: Path) -> None:
    site = new_site(tmp_path / "a", practice=False)
    source = written(
        tmp_path,
        change=lambda t: t.replace("checked by: [hmrc, rebate-team]", "checked by: [hmrc]"),
    )
    agreement = site.read(source).agreement
    for key, party in agreement.parties.items():
        enrol(site, key, party.signatory.name, roles=(*party.roles, "checker", "rebate analyst"))
    assert [p.code for p in vacant(site, agreement, ("entitled",))] == ["ACT085"]
    enrol(site, "hmrc", "Zoe Brook", roles=("checker",))
    assert vacant(site, agreement, ("entitled",)) == ()
