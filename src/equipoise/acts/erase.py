"""Erase: destroy what may no longer be held, and give a receipt that anybody can check.

The key goes first, then the sealed file. Nothing is overwritten, and the receipt says so. What is
due follows from the agreement's retention terms; more may be erased at any time, less may not.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from equipoise.account.receipts import Destroyed, Receipt, make_receipt
from equipoise.acts import registers
from equipoise.acts.admit import admitted
from equipoise.acts.counts import about
from equipoise.acts.ended import as_destroyed, not_told_yet, receipt_id
from equipoise.acts.files import write_whole
from equipoise.acts.results import result_name
from equipoise.acts.rooms import at_work
from equipoise.acts.site import MACHINE, Site
from equipoise.agree.canonical import digest
from equipoise.agree.document import Agreement
from equipoise.agree.parse import Parsed
from equipoise.agree.reads import registers_of, uses_of
from equipoise.errors import Problem, StateRefused, UsageRefused
from equipoise.gate.exchange import to_link_name
from equipoise.gate.passage import LINKS, Gone, Passage, answers_name
from equipoise.gate.requests import to_erase
from equipoise.store.changing import Change
from equipoise.store.facts import Person, Run

OPEN = ("requested", "permitted", "running", "interrupted", "computed", "checked", "in review")
"""The states of a run that has still to be finished."""


UNIT = "linkage-unit"

ENDED = ("ended", "withdrawn", "superseded")
"""The states of an agreement under which nothing is done any more but to erase."""


@dataclass(frozen=True)
class ErasedNow:
    """What one erasure did. ``already`` is true when everything named had been erased before."""

    names: tuple[str, ...]
    receipt: Receipt | None
    path: Path | None
    already: bool


def carried_out(run: Run) -> bool:
    """Say whether a run came to its end. What the gate denied before it began did not."""
    return run.state not in OPEN and "checked" in run.facts


def _ended_at(run: Run) -> datetime:
    """Return when a run's last step was done."""
    computed = datetime.fromisoformat(run.facts["computed"])
    return max([computed, *(r.at for r in run.reviews), *(r.at for r in run.releases)])


def open_runs(site: Site, agreement: Agreement, name: str) -> tuple[Run, ...]:
    """Return the unfinished runs that need a dataset, or whose own results would be erased."""
    return tuple(
        run
        for run in site.store.runs(agreement.reference)
        if run.state in OPEN and (run.use == name or run.use in uses_of(agreement, name))
    )


def over(site: Site, agreement: Agreement) -> bool:
    """Say whether nothing more may be done under an agreement but to erase."""
    state = site.store.agreement(agreement.reference).state
    past = site.clock().astimezone(UTC).date() > agreement.ends
    return past or state in ENDED


def due(site: Site, agreement: Agreement) -> tuple[str, ...]:
    """Return the datasets and outputs that must be erased by now."""
    names = tuple(name for name in agreement.retention if _is_due(site, agreement, name))
    return (*names, *registers.registers_due(site, agreement, ended=over(site, agreement)))


def _is_due(site: Site, agreement: Agreement, name: str) -> bool:
    term = agreement.retention[name]
    now = site.clock()
    runs = site.store.runs(agreement.reference)
    if name in agreement.datasets and site.is_away(agreement, "secure room"):
        return _handed_over(site, agreement, name)
    if name in agreement.datasets:
        held = [d for d in site.store.deliveries(agreement.reference) if d.dataset == name]
        since = max((d.received for d in held), default=None)
        readers = uses_of(agreement, name)
        done = {
            run.use
            for run in runs
            if since is not None and carried_out(run) and _ended_at(run) >= since
        }
        used = set(readers) <= done
    else:
        ended = [run for run in runs if run.use == name and run.state in ("released", "refused")]
        kept = [run for run in ended if run.shown.get("outputs")]
        since = max((_ended_at(run) for run in kept), default=None)
        used = True
    if since is None or (open_runs(site, agreement, name) and not over(site, agreement)):
        return False
    if term.after_use:
        return used or over(site, agreement)
    if term.until is not None:
        return now.date() > term.until
    return now >= since + timedelta(days=term.days or 0)


def _handed_over(site: Site, agreement: Agreement, name: str) -> bool:
    """Say, at a site that is not the secure room, whether a dataset's work here is done: every
    entity that it takes part in was linked since it came, or nothing more may be done at all."""
    held = [d.received for d in site.store.deliveries(agreement.reference) if d.dataset == name]
    links = {each.entity: each.made for each in site.store.links(agreement.reference)}
    made = [links.get(entity) for entity in agreement.entities_of(name)]
    done = all(moment is not None and moment >= max(held) for moment in made if held)
    return bool(held) and (done or over(site, agreement))


def erase(site: Site, source: str, names: Sequence[str] = ()) -> ErasedNow:
    """Erase the datasets and outputs named, or, without names, all that is due.

    Raises ``UsageRefused`` (ACT070) for a name the agreement does not have, ``StateRefused``
    (ACT071) while a run that needs it is open, (ACT072) when nothing of it was ever held.
    """
    parsed = site.read(source)
    with at_work(site, parsed.agreement.reference):
        return _erase(site, parsed, names)


def _erase(site: Site, parsed: Parsed, names: Sequence[str]) -> ErasedNow:
    agreement = parsed.agreement
    if site.store.agreement(agreement.reference).state == "erased":
        return _erased_before(site, agreement, tuple(names) or tuple(agreement.retention))
    wanted = tuple(dict.fromkeys(names)) or due(site, agreement)
    wanted = registers.with_made_of_them(site, agreement, wanted)
    if problems := [*_problems(site, agreement, wanted)]:
        raise (UsageRefused if problems[0].code == "ACT070" else StateRefused)(problems)
    last = _may_close(site, agreement) and _held_now(site, agreement) <= set(wanted)
    if not wanted and not last:
        return ErasedNow((), None, None, already=True)
    person, role = _eraser(site, agreement)
    asked = wanted or tuple(agreement.retention)
    request = to_erase(agreement, person.party, person.name, asked, role)
    _end_runs(site, agreement, wanted)
    with admitted(site, parsed, request) as passage:
        gone = [*_destroy(site, agreement, passage, wanted, last=last)]
        if not gone and not last:
            return _erased_before(site, agreement, wanted)
        receipt = make_receipt(
            id=receipt_id(agreement),
            site=site.name,
            reference=agreement.reference,
            digest=digest(agreement),
            at=site.clock(),
            by=person.key,
            destroyed=tuple(gone),
            signer=site.custody.site_signer(),
        )
        passage.hashes["receipt"] = receipt.digest_of_receipt()
        _record(site, parsed, wanted, receipt, person.key, last=last)
    return ErasedNow(wanted, receipt, _after(site, agreement, wanted, receipt), already=False)


def _eraser(site: Site, agreement: Agreement) -> tuple[Person, str]:
    """Return who erases here, and in which role: the first of the agreement that this site fills.

    Where it fills none, the gate is asked for the secure room, and refuses.
    """
    for role in ("secure room", "linkage unit", "controller", "joint controller"):
        parties = agreement.parties_in(role)
        if role == "linkage unit" and agreement.linkage is not None:
            parties = (agreement.linkage.by,)
        for party in parties:
            if (party, role) not in site.away(agreement):
                return site.actor_for(agreement, party), role
    return site.actor_in(agreement, "secure room"), "secure room"


def _destroy(
    site: Site, agreement: Agreement, passage: Passage, wanted: Sequence[str], *, last: bool
) -> Iterator[Destroyed]:
    """Destroy what is named, and yield what no receipt tells of yet: files with their keys, the
    keys of linkages whose encodings go, the folder they worked in, at the end every other key."""
    names = [*_held_names(site, agreement, wanted)]
    linked = {name for name in agreement.datasets if agreement.entities_of(name)}
    left = {d.dataset for d in site.store.deliveries(agreement.reference) if d.room == UNIT}
    if linked and left <= set(wanted):  # what else a linkage unit holds is made of encodings
        # ... but for registers: the agreement says until when identities are known again.
        stays = {*names, *registers_of(agreement)}
        names += [name for name in passage.held_in(UNIT) if name not in stays]
    for each in passage.destroy(names):
        if not _told_before(site, agreement, each):
            yield from _items(agreement, each)
    keys = passage.end_link_keys() if linked & set(wanted) else ()
    keys += passage.end_register_keys([n for n in wanted if n in registers_of(agreement)])
    fresh = not_told_yet(site, agreement, keys)
    yield from as_destroyed(agreement, fresh)
    if fresh and site.is_away(agreement, "secure room"):
        shutil.rmtree(site.folder("runs") / agreement.reference, ignore_errors=True)
        yield Destroyed("working folder", f"folder:runs/{agreement.reference}")
    rest = [key for key in passage.end() if key not in keys] if last else ()
    yield from as_destroyed(agreement, not_told_yet(site, agreement, rest))


def _after(site: Site, agreement: Agreement, wanted: Sequence[str], receipt: Receipt) -> Path:
    """Remove parcels that still lie about and write the receipt's file; return its path.

    It is done again when the same is erased twice, so that a crash just before it does no harm.
    """
    for parcel in _owners_parcels(site, agreement, wanted):
        parcel.unlink(missing_ok=True)
    path = site.folder("reports") / agreement.reference / f"receipt-{receipt.id}.json"
    return path if path.exists() else write_whole(path, receipt.file_bytes())


def _problems(site: Site, agreement: Agreement, wanted: Sequence[str]) -> Iterator[Problem]:
    for name in wanted:
        if name in registers_of(agreement):
            yield from registers.never_held(site, agreement, name)
            continue
        if name not in agreement.retention:
            yield Problem(
                "ACT070",
                f"the agreement holds nothing called {name!r}",
                next=f"it holds: {', '.join(agreement.retention)}",
                clause="retention",
            )
            continue
        if (runs := open_runs(site, agreement, name)) and not over(site, agreement):
            yield Problem(
                "ACT071",
                f"{name} is needed by a run that is open: {', '.join(r.run for r in runs)}",
                why="erasing under a run would leave half a result",
                next="let the run be released or rejected first",
                clause=f"retention.{name}",
            )
        elif not _ever_held(site, agreement, name):
            yield Problem(
                "ACT072", f"nothing of {name} was ever held here", next="there is nothing to erase"
            )


def _ever_held(site: Site, agreement: Agreement, name: str) -> bool:
    if name in agreement.datasets:
        received = site.store.deliveries(agreement.reference, held=False)
        return any(each.dataset == name for each in received)
    runs = site.store.runs(agreement.reference, name)
    return any(run.shown.get("outputs") for run in runs)


def _held_names(site: Site, agreement: Agreement, wanted: Sequence[str]) -> Iterator[str]:
    """Yield the names under which the rooms hold what is to go, links included."""
    for name in (name for name in wanted if name in agreement.datasets):
        yield from dict.fromkeys((name, to_link_name(agreement, name)))
    for run in site.store.runs(agreement.reference):
        if run.use in wanted:
            for shape in run.shown.get("outputs", ()):
                yield result_name(run.run, shape["name"])
    for entity in _entities(agreement, wanted):
        yield from (f"{LINKS}-{entity}", answers_name(entity))
    yield from (name for name in wanted if name in registers_of(agreement))


def _entities(agreement: Agreement, wanted: Sequence[str]) -> tuple[str, ...]:
    """Return the entities whose links go too: they are of no use once one side is gone, and say
    who was in it."""
    entities = agreement.linkage.entities if agreement.linkage else {}
    return tuple(
        key for key, entity in entities.items() if {entity.spine, *entity.join} & set(wanted)
    )


def _told_before(site: Site, agreement: Agreement, each: Gone) -> bool:
    """Say whether an earlier receipt already tells of this file's end."""
    return any(
        item["sha256"] == f"sha256:{each.sha256}"
        for erased in site.store.erasures(agreement.reference)
        for item in erased.receipt["destroyed"]
    )


def _may_close(site: Site, agreement: Agreement) -> bool:
    """Say whether, once nothing is held, the version's own keys go too: it was in force, and is
    over."""
    state = site.store.agreement(agreement.reference).state
    return over(site, agreement) and state in ("signed", "suspended", *ENDED)


def _held_now(site: Site, agreement: Agreement) -> set[str]:
    """Return the datasets and outputs of which anything is still held."""
    held = {each.dataset for each in site.store.deliveries(agreement.reference)}
    held |= registers.registers_held(site, agreement)
    runs = site.store.runs(agreement.reference)
    return held | {r.use for r in runs if r.shown.get("outputs") and r.state != "erased"}


def _end_runs(site: Site, agreement: Agreement, names: Sequence[str]) -> None:
    """Refuse what was never finished once the agreement is over: it cannot be finished."""
    if not over(site, agreement):
        return
    problem = Problem("ACT073", "the agreement ended before the run was finished")
    unfinished = {run.run: run for name in names for run in open_runs(site, agreement, name)}
    for run in unfinished.values():
        with site.store.change(MACHINE) as change:
            if run.state == "permitted":
                change.move_run(run.run, "interrupt")
            change.move_run(run.run, "refuse", reasons=[problem.as_dict()])
            change.note(
                "run refused", f"run:{run.run}", digest(agreement), reasons=1, codes=problem.code
            )


def _close(change: Change, agreement: Agreement) -> None:
    """Take an agreement of which nothing is held any more to its last state."""
    name, said = f"agreement:{agreement.reference}", digest(agreement)
    if change.agreement(agreement.reference).state in ("signed", "suspended"):
        change.move_agreement(agreement.reference, "end")
        change.note("ended", name, said, cause="its last day")
    change.move_agreement(agreement.reference, "erase")
    told = {erased.receipt["id"] for erased in change.erasures(agreement.reference)}
    change.note("agreement erased", name, said, receipts=len(told))


def _items(agreement: Agreement, each: Gone) -> Iterator[Destroyed]:
    name = f"held:{each.room}/{each.name}/{each.id}"
    # In the secure room what is linked lies beside the payload, as ``encodings.tenants``.
    dataset = each.name.rpartition(".")[2] if not each.name.startswith("result-") else ""
    yield Destroyed(
        "sealed file", name, dataset=dataset, sha256=f"sha256:{each.sha256}",
        rows=about(agreement, each.rows),
    )  # fmt: skip
    if each.key_fingerprint != "missing":
        yield Destroyed(
            "key", f"key:{each.room}/{each.name}/{each.id}", dataset=dataset,
            fingerprint=each.key_fingerprint,
        )  # fmt: skip


def _record(  # one transaction that tells of one erasure
    site: Site,
    parsed: Parsed,
    names: Sequence[str],
    receipt: Receipt,
    actor: str,
    *,
    last: bool,
) -> None:
    agreement = parsed.agreement
    with site.store.change(actor) as change:
        entities = _entities(agreement, names)
        links = [f"{LINKS}-{entity}" for entity in entities]
        change.erase_deliveries(agreement.reference, [*names, *links], entities)
        change.erase_registers(agreement.reference, registers.entities_named(agreement, names))
        for run in change.runs(agreement.reference):
            if run.use in names and run.state in ("released", "refused"):
                change.move_run(run.run, "erase")
                change.note("run erased", f"run:{run.run}", digest(agreement))
        for name in names or (agreement.reference,):
            change.erase(agreement.reference, name, receipt.as_dict())
        change.note(
            "erased",
            f"receipt:{receipt.id}",
            digest(agreement),
            receipt=receipt.digest_of_receipt(),
            files=len(receipt.of("sealed file")),
            keys=len(receipt.of("key")),
            rows=receipt.rows,
            **({"datasets": ", ".join(names)} if names else {}),
        )
        if last:
            _close(change, agreement)


def _erased_before(site: Site, agreement: Agreement, names: Sequence[str]) -> ErasedNow:
    """Return the newest receipt that tells of the end of ``names``."""
    erasures = site.store.erasures(agreement.reference)
    found = [erased for erased in erasures if erased.object in names] or erasures
    receipt = Receipt.from_dict(json.loads(json.dumps(dict(found[-1].receipt))))
    path = _after(site, agreement, names, receipt)
    return ErasedNow(tuple(names), receipt, path, already=True)


def _owners_parcels(site: Site, agreement: Agreement, names: Sequence[str]) -> Iterator[Path]:
    """Yield the sealed parcels of erased datasets that still lie on this machine.

    A parcel of link ids stays until it was sent: it opens in the secure room only.
    """
    folder = site.folder("parcels") / agreement.reference
    for name in names:
        yield from (path for path in folder.glob(f"{name}--*") if "--links--" not in path.name)
