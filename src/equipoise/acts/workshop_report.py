"""Report a closed workshop: one JSON with its digest, CSV files, and the cover that binds it."""

from __future__ import annotations

from dataclasses import dataclass

from equipoise.acts.files import write_whole
from equipoise.acts.site import Site
from equipoise.acts.workshop_make import book, library
from equipoise.agree.canonical import canonical_bytes, digest_of
from equipoise.agree.weighed import Weighed
from equipoise.errors import IntegrityRefused, Problem, StateRefused
from equipoise.store.assessments import Assessments
from equipoise.store.workshops import Decide
from equipoise.weigh.workshop import steering
from equipoise.weigh.workshop.cover import cover
from equipoise.weigh.workshop.events import New
from equipoise.weigh.workshop.plan import Plan
from equipoise.weigh.workshop.report import Report, report
from equipoise.weigh.workshop.state import State


@dataclass(frozen=True)
class Reported:
    """A finished report, and the cover by whose digest an agreement names the workshop."""

    report: Report
    cover: Weighed


def report_workshop(site: Site, name: str, by: str) -> Reported:
    """Make the report of a closed workshop, once; later calls return the same.

    Raises ``StateRefused`` (WGH172) while it is open, ``UsageRefused`` (WGH163) for who is no
    facilitator of it.
    """
    who, held = site.person(by).key, book(site)
    with held.live(name) as live:
        steering.insist_on_facilitator(live.plan, who)
        if live.state.trace.reported:
            return read_report(site, name)
        made = report(live.plan, live.state, live.folding.events, live.words)
        ended = next(e.at for e in reversed(live.folding.events) if e.kind == "closed")
        _, items = library(site)
        last, said = live.last, {"digest": made.digest}
        bound = cover(live.plan, live.state, made, items, ended)
        with site.store.change(who) as change:
            held.add(name, change.now, _unless_overtaken(last, New(who, "reported", said)))
            held.keep_report(change, name, made.data, bound.as_dict())
            Assessments(site.store.alias).keep_covers(change, [bound])
            pack = live.plan.information
            change.note(
                "workshop reported",
                f"workshop:{name}",
                report=made.digest,
                cover=bound.digest,
                log=str(made.data["log"]),
                **({"information_pack": pack.digest} if pack else {}),
            )
    _write(site, name, made)
    return Reported(made, bound)


def _unless_overtaken(last: int, new: New) -> Decide:
    """Add the event that a report was made, unless another facilitator has just undone the closing
    or made the report: it would be of another log."""

    def decide(plan: Plan, state: State) -> New:
        if state.trace.sequence != last:
            raise StateRefused(
                Problem(
                    "ACT226",
                    "the workshop was changed while its report was made",
                    why="a report is of everything that happened, to the end",
                    next="look at the workshop again, then ask for its report",
                )
            )
        return new

    return decide


def _write(site: Site, name: str, made: Report) -> None:
    folder = site.folder("reports") / f"workshop-{name}"
    write_whole(folder / "report.json", made.file_bytes())
    for file, text in made.files.items():
        write_whole(folder / file, text.encode())


def read_report(site: Site, name: str) -> Reported:
    """Return a report that was made, as it was made.

    Raises ``IntegrityRefused`` (ACT221) when what is kept is not what its digest says.
    """
    held = book(site)
    record = held.held(name=name, kind="workshop")
    with held.live(name) as live:
        state, said = live.state, live.state.trace.reported
        before = [e for e in live.folding.events if e.kind != "reported"]
        made = report(live.plan, state, before, live.words)
    kept = record.report or {}
    if not said or record.cover is None or digest_of(canonical_bytes(kept)) != said:
        raise IntegrityRefused(
            Problem(
                "ACT221",
                f"the report of {name} is not kept as it was made",
                why="its digest is on the ledger",
                next="restore the site from a copy",
            )
        )
    return Reported(Report(kept, said, made.files, made.results), Weighed.from_dict(record.cover))
