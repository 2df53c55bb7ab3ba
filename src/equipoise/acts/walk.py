"""Walk: carry an agreement out from the owners' files to what leaves, and erase what is due.

*intake, encode, link, use, disclose, review, release, erase* - each step its own act, each asked of
the gate. What was done before is not done again, so the walk may be taken up after any stop. It
stops, with words, where a person has to decide.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from equipoise.acts.admit import permission
from equipoise.acts.after_signing import after_signing
from equipoise.acts.erase import OPEN, carried_out, due, erase
from equipoise.acts.link import link, missing_deliveries
from equipoise.acts.pack import Packed, find_file, pack
from equipoise.acts.posts import analyst_for, checkers_for, nobody_asks, vacant
from equipoise.acts.publish import publish
from equipoise.acts.receive import receive
from equipoise.acts.release import release
from equipoise.acts.review import approvals_wanted, review
from equipoise.acts.rooms import at_work, run_directory
from equipoise.acts.run import compute, request_run, use_request
from equipoise.acts.sign import sign_all_for_practice
from equipoise.acts.site import Site
from equipoise.agree.document import Agreement
from equipoise.agree.parse import Parsed
from equipoise.agree.reads import datasets_read
from equipoise.errors import Problem, StateRefused, UsageRefused
from equipoise.gate.deeds import CONTROLLERS
from equipoise.gate.room import Progress
from equipoise.store.facts import Person, Run

PRACTICE_REASON = "Practice: figures rounded, none below the minimum, and no row of another party."


@dataclass
class Walked:
    """How far a walk came. ``waiting`` says, in words, which people it waits for."""

    reference: str
    packed: list[Packed] = field(default_factory=list)
    links: list[str] = field(default_factory=list)
    runs: list[Run] = field(default_factory=list)
    waiting: list[str] = field(default_factory=list)
    recovered: tuple[str, ...] = ()
    erased: tuple[str, ...] = ()
    register: Path | None = None

    @property
    def refused(self) -> tuple[Problem, ...]:
        """Return why results of this walk may not be reported."""
        return tuple(
            Problem(
                reason["code"],
                f"{run.use}: {reason['what']}",
                why=reason.get("why", ""),
                next=reason.get("next", ""),
                clause=reason.get("clause"),
            )
            for run in self.runs
            if run.state == "refused"
            for reason in run.reasons
        )


def walk(
    site: Site,
    source: str,
    data: Path | None,
    *,
    practice: bool = False,
    person: str | None = None,
    uses: tuple[str, ...] = (),
    again: bool = False,
    on_progress: Progress = lambda share, doing: None,
    on_step: Callable[[str], None] = lambda step: None,
) -> Walked:
    """Carry ``source`` out. With ``practice``, invented people sign and review.

    Raises what the steps raise; everything done before stays done. A result that may not be
    reported is in the runs' reasons and does not stop the walk.
    """
    parsed = site.read(source)
    agreement = parsed.agreement
    walked = Walked(agreement.reference)
    with at_work(site, agreement.reference):
        walked.recovered = tuple(site.recovered)
        if practice:
            sign_all_for_practice(site, source)
        pending = _pending(site, agreement, uses or tuple(agreement.uses), again)
        if lacking := vacant(site, agreement, tuple(use for use, _ in pending), person):
            raise UsageRefused(lacking)
        needed = _needed(agreement, pending)
        _ask_first(site, parsed, pending, person)
        on_step("intake and encode")
        _deliver(site, source, parsed, data, needed, walked, on_progress)
        if needed and not _links_are_new(site, agreement):
            _refuse_to_link_elsewhere(site, agreement)
            on_step("link")
            for linked in link(site, source, on_progress=on_progress):
                walked.links += linked.sentences
        for use, run in pending:
            on_step(f"use: {use}")
            done = _one_use(site, parsed, use, run, practice, person, walked, on_progress)
            walked.runs.append(done)
        on_step("erase what is due")
        walked.erased = erase(site, source).names
    on_step("publish the register")
    walked.register = publish(site)
    return walked


def _needed(agreement: Agreement, pending: list[tuple[str, Run | None]]) -> set[str]:
    """Return the datasets that the uses still to be computed read."""
    return {
        name for use, run in pending if _to_compute(run) for name in datasets_read(agreement, use)
    }


def _ask_first(
    site: Site, parsed: Parsed, pending: list[tuple[str, Run | None]], name: str | None
) -> None:
    """Ask the gate for each use before any file is opened; a denial is kept, and raised.

    It asks again, for the permit, when the data are there.
    """
    for use, run in pending:
        if _to_compute(run):
            asker = (
                _asker(site, parsed.agreement, use, name)
                if run is None
                else site.person(run.requested_by, run.requested_for)
            )
            permission(site, parsed, use_request(parsed.agreement, use, asker), early=True)


def _to_compute(run: Run | None) -> bool:
    return run is None or run.state in ("requested", "permitted", "interrupted")


def _pending(
    site: Site, agreement: Agreement, uses: tuple[str, ...], again: bool
) -> list[tuple[str, Run | None]]:
    """Return the uses still to be finished, each with its unfinished run if it has one.

    None of them is finished at a site whose secure room is elsewhere.
    """
    _refuse_to_run_elsewhere(site, agreement)
    unknown = [use for use in uses if use not in agreement.uses]
    if unknown:
        raise UsageRefused(
            Problem(
                "ACT080",
                f"the agreement has no use called {', '.join(unknown)}",
                next=f"its uses are: {', '.join(agreement.uses)}",
                clause="uses",
            )
        )
    found: list[tuple[str, Run | None]] = []
    for use in uses:
        runs = site.store.runs(agreement.reference, use)
        newest = runs[-1] if runs else None
        if newest is not None and newest.state in OPEN:
            found.append((use, newest))
        elif again or not any(carried_out(run) for run in runs):
            found.append((use, None))
    if not found and not due(site, agreement):
        raise StateRefused(
            Problem(
                "ACT081",
                f"every use of {agreement.reference} has been carried out",
                why="to do it again means to open people's data again",
                next="add --again if that is what you want",
            )
        )
    return found


def _deliver(
    site: Site,
    source: str,
    parsed: Parsed,
    data: Path | None,
    needed: set[str],
    walked: Walked,
    on_progress: Progress,
) -> None:
    agreement = parsed.agreement
    missing = set(missing_deliveries(site, agreement, "secure-room")) & needed
    alone = not site.is_away(agreement, "linkage unit")
    if alone and (missing or (needed and not _links_are_new(site, agreement))):
        missing |= set(missing_deliveries(site, agreement, "linkage-unit"))
    wanted = [name for name in agreement.datasets if name in missing]
    if not wanted:
        return
    _refuse_to_pack_elsewhere(site, agreement, wanted)
    if data is None:
        raise UsageRefused(
            Problem(
                "ACT082",
                f"nothing was received yet of {', '.join(wanted)}",
                next="say where the owners' files are: --data DIR",
            )
        )
    for name in wanted:
        find_file(data, parsed, name)  # before anything is packed, so that nothing is half done
    for number, name in enumerate(wanted):
        part = _part(on_progress, number, len(wanted))
        with run_directory(site, agreement.reference, f"parcels-{name}") as folder:
            packed = pack(site, source, name, data, out=folder, on_progress=part)
            for path in packed.parcels:
                receive(site, source, path)
        walked.packed.append(packed)


def _refuse_to_run_elsewhere(site: Site, agreement: Agreement) -> None:
    """Refuse (ACT141) to carry out here what is carried out in a partner's secure room."""
    if not site.is_away(agreement, "secure room"):
        return
    known = site.store.knows(agreement.reference)
    steps = after_signing(site, agreement.reference) if known else ()
    here = "".join(f"; here: {step.command}" for step in steps if step.command)
    raise StateRefused(
        Problem(
            "ACT141",
            f"{agreement.reference} is carried out in the secure room, which is not at this site",
            why="each site has the keys of its own posts and of no other",
            next=f"let it be run at the secure room's site{here}",
        )
    )


def _refuse_to_pack_elsewhere(site: Site, agreement: Agreement, wanted: list[str]) -> None:
    """Refuse (ACT123) to look here for files of owners who have a site of their own, or of any
    when the linkage unit has: then an owner packs, and sends each parcel where it belongs."""
    gone = site.away(agreement)
    unit = site.is_away(agreement, "linkage unit")
    theirs = [
        f"{name} of {agreement.datasets[name].controller}"
        for name in wanted
        if unit or {(agreement.datasets[name].controller, role) for role in CONTROLLERS} & gone
    ]
    if theirs:
        raise StateRefused(
            Problem(
                "ACT123",
                f"nothing was received yet of {', '.join(theirs)}",
                why="they are packed with 'equipoise pack' and sent to both rooms",
                next="receive their parcels: equipoise receive PARCEL AGREEMENT",
            )
        )


def _refuse_to_link_elsewhere(site: Site, agreement: Agreement) -> None:
    """Refuse (ACT124) to link here what the linkage unit links at its own site."""
    if site.is_away(agreement, "linkage unit"):
        raise StateRefused(
            Problem(
                "ACT124",
                f"the links of {agreement.reference} have not arrived",
                why="they are made at the linkage unit's site",
                next="receive its parcels of links: equipoise receive PARCEL AGREEMENT",
            )
        )


def _part(on_progress: Progress, number: int, of: int) -> Progress:
    """Return the progress of the whole for the progress of one part."""
    return lambda share, doing: on_progress((number + share) / of, doing)


def _links_are_new(site: Site, agreement: Agreement) -> bool:
    if agreement.linkage is None:
        return True
    links = site.store.links(agreement.reference)
    if {each.entity for each in links} != set(agreement.linkage.entities):
        return False
    delivered = [
        d.received
        for d in site.store.deliveries(agreement.reference)
        if d.dataset in agreement.datasets
    ]
    if site.is_away(agreement, "linkage unit"):
        return True  # what came since is found out by the row ids, which would not meet
    return not delivered or min(each.made for each in links) >= max(delivered)


def _one_use(
    site: Site,
    parsed: Parsed,
    use: str,
    run: Run | None,
    practice: bool,
    name: str | None,
    walked: Walked,
    on_progress: Progress,
) -> Run:
    agreement = parsed.agreement
    if run is None:
        run = request_run(site, parsed, use, _asker(site, agreement, use, name))
    if _to_compute(run):
        asker = site.person(run.requested_by, run.requested_for)
        run = compute(site, parsed, run, asker, on_progress=on_progress)
    if run.state == "in review" and practice:
        seen = {(r.party, r.name) for r in run.reviews}
        for checker in checkers_for(site, agreement, use, run.requested_by)[:2]:
            if (checker.party, checker.name) not in seen:
                run = review(site, run.run, checker, approve=True, reason=PRACTICE_REASON)
    if run.state == "in review":
        if approvals_wanted(site, run):
            walked.waiting += _waiting(site, agreement, run)
        elif any(clause.of == use for clause in agreement.releases):
            run = release(site, run.run, site.actor_in(agreement, "secure room"))
    return run


def _waiting(site: Site, agreement: Agreement, run: Run) -> list[str]:
    """Say for whom a run waits, and which command each of them gives."""
    seen = {(r.party, r.name) for r in run.reviews}
    able = [
        p
        for p in checkers_for(site, agreement, run.use, run.requested_by)
        if (p.party, p.name) not in seen
    ]
    where = f"--site '{site.directory}'"
    told = []
    for wanted in approvals_wanted(site, run):
        fit = [p for p in able if wanted.endswith(p.party)] or able
        names = " or ".join(p.name for p in fit) or "nobody here, yet"
        as_whom = fit[0].key if fit else "PARTY/NAME"
        told.append(
            f"{run.run} waits for {wanted} to review it ({names}). To look: "
            f"equipoise review {run.run} {where}. To decide: equipoise review {run.run} "
            f"--as '{as_whom}' --approve --reason '…' {where}"
        )
    return told


def _asker(site: Site, agreement: Agreement, use: str, name: str | None) -> Person:
    if name is not None:
        return site.person(name)
    found = analyst_for(site, agreement, use)
    if found is None:
        raise UsageRefused(nobody_asks(agreement, use))
    return found
