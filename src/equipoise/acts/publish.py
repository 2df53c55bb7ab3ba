"""Publish: the register for everybody, and the ledger for whoever wants to check it."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from typing import Any

from equipoise.account.export import AgreementEvidence, write_export
from equipoise.account.ledger import GENESIS
from equipoise.account.receipts import Receipt
from equipoise.account.register import (
    OpenPermit,
    Picture,
    PublicRefusal,
    PublicRelease,
    PublicTable,
    Register,
    RegisterEntry,
    write_register,
)
from equipoise.acts.counts import about
from equipoise.acts.files import write_whole
from equipoise.acts.shown import NO_FIGURE, WITHHELD
from equipoise.acts.site import MACHINE, Site
from equipoise.acts.standing import why_stopped
from equipoise.agree.parse import parse
from equipoise.agree.summary import summarise
from equipoise.errors import Problem
from equipoise.store.ended_keys import EndedKeys
from equipoise.store.facts import Refused, Registered, Run


def export_ledger(site: Site, path: Path) -> int:
    """Write the whole ledger with its evidence to ``path``; return the number of entries."""
    with site.store.change(MACHINE) as change:
        last = change.last_entry()
        change.note(
            "ledger exported",
            f"ledger:{site.slug}",
            entries=0 if last is None else last.sequence,
            head=GENESIS if last is None else last.hash,
        )
    entries = site.store.entries()
    data = write_export(
        site.name,
        site.custody.site_key(),
        entries,
        [AgreementEvidence(r.canonical, r.signatures) for r in site.store.agreements()],
        receipts_of(site),
        site.custody.site_signer(),
        trusted=site.trusted(),
        ended=ended_keys(site),
        releases={
            entry.object: str(entry.detail["manifest"])
            for entry in entries
            if entry.act == "released"
        },
    )
    write_whole(path, data)
    return len(entries)


def ended_keys(site: Site) -> dict[str, list[str]]:
    """Return ``party/name`` to the keys with which they sign no more, oldest first."""
    ended: dict[str, list[str]] = {}
    for one in EndedKeys(site.store.alias).ended():
        ended.setdefault(one.who, []).append(one.public_key)
    return ended


def receipts_of(site: Site, reference: str | None = None) -> tuple[Receipt, ...]:
    """Return each erasure receipt once."""
    found = {
        erased.receipt["id"]: Receipt.from_dict(json.loads(json.dumps(dict(erased.receipt))))
        for erased in site.store.erasures(reference)
    }
    return tuple(found.values())


WAIT = 60.0
"""Seconds to wait for another command that publishes at this moment."""


def publish(site: Site) -> Path:
    """Write the public register and return the path of its first page."""
    with site.locks.hold("register", wait=WAIT):
        return _publish(site)


def _publish(site: Site) -> Path:
    last = site.store.last_entry()
    agreements = site.store.agreements()
    with site.store.change(MACHINE) as change:
        change.note(
            "register published",
            f"register:{site.slug}",
            agreements=len(agreements),
            entries=0 if last is None else last.sequence,
            head=GENESIS if last is None else last.hash,
        )
    newest = site.store.last_entry()
    register = Register(
        site=site.name,
        practice=site.practice,
        made=site.clock(),
        public_key=site.custody.site_key(),
        head=GENESIS if newest is None else newest.hash,
        ledger_entries=0 if newest is None else newest.sequence,
        entries=tuple(_entry(site, record) for record in agreements),
        refusals=tuple(
            _refusal(refused)
            for refused in site.store.refusals()
            if not site.store.knows(refused.reference)
        ),
    )
    return write_register(register, site.folder("register"))


def _entry(site: Site, record: Registered) -> RegisterEntry:
    agreement = parse(record.text, file=record.reference).agreement
    runs = site.store.runs(record.reference)
    refusals = [_refusal(r) for r in site.store.refusals() if r.reference == record.reference]
    refusals += [_withheld(site, run) for run in runs if run.reasons]
    return RegisterEntry(
        agreement=agreement,
        digest=record.digest,
        state=record.state,
        summary=summarise(agreement),
        signatures=record.signatures,
        releases=tuple(release for run in runs for release in _releases(site, run)),
        refusals=tuple(sorted(refusals, key=lambda refusal: refusal.at)),
        receipts=receipts_of(site, record.reference),
        open_permits=tuple(
            OpenPermit(p["permit"], p["request"]["act"], datetime.fromisoformat(p["issued"]))
            for p in site.store.open_permits()
            if p["reference"] == record.reference
        ),
        stopped=why_stopped(site, record.reference),
        history=tuple(e for e in site.store.entries() if e.digest == record.digest),
    )


def _problem(said: Any) -> Problem:
    return Problem(**{name: said[name] for name in Problem.__dataclass_fields__ if name in said})


def _refusal(refused: Refused) -> PublicRefusal:
    return PublicRefusal(
        at=refused.at,
        what=refused.act,
        by="gate" if _by_the_gate(refused) else "parcel",
        reasons=tuple(_problem(problem) for problem in refused.problems),
    )


def _by_the_gate(refused: Refused) -> bool:
    return all(problem["code"].startswith("GATE") for problem in refused.problems)


def _withheld(site: Site, run: Run) -> PublicRefusal:
    rejected = [review for review in run.reviews if review.decision == "reject"]
    refusal = (f"run:{run.run}", "run refused")
    told = [e.at for e in site.store.entries() if (e.object, e.act) == refusal]
    return PublicRefusal(
        at=told[-1] if told else run.requested,
        what=f"a result of {run.use}",
        by="reviewer" if rejected else "result",
        reasons=tuple(_problem(problem) for problem in run.reasons),
    )


def _releases(site: Site, run: Run) -> list[PublicRelease]:
    manifests = {
        entry.object: str(entry.detail["manifest"])
        for entry in site.store.entries()
        if entry.act == "released"
    }
    agreement = parse(site.store.agreement(run.reference).text).agreement
    found = []
    for released in run.releases:
        clause = next(
            c for c in agreement.releases if (c.of, c.to) == (run.use, released.recipient)
        )
        aggregate = released.form == "aggregate"
        found.append(
            PublicRelease(
                id=f"{run.run}/{released.recipient}",
                title=run.use,
                to=released.recipient,
                at=released.at,
                form=released.form,
                reviewers=tuple(f"{r.party}/{r.name}" for r in run.reviews),
                manifest=manifests[f"release:{run.run}/{released.recipient}"],
                rows=None if aggregate else about(agreement, released.rows),
                fields=tuple(clause.fields),
                sentences=run.sentences if aggregate else (),
                tables=_tables(run) if aggregate else (),
                pictures=_pictures(run) if aggregate else (),
                null_result=aggregate and _no_clear_difference(run),
            )
        )
    return found


def _no_clear_difference(run: Run) -> bool:
    """Say whether a study measured effects and every interval holds "no difference"."""
    spans = [
        dict(zip(table["columns"], row, strict=True))
        for table in run.shown["tables"]
        if table["name"].startswith("effect")
        for row in table["rows"]
    ]
    figures = [(said["low"], said["high"]) for said in spans if {"low", "high"} <= set(said)]
    numbers = [tuple(float(f.replace(",", "")) for f in pair) for pair in figures if _told(pair)]
    return bool(numbers) and all(low <= 0 <= high for low, high in numbers)


def _told(pair: tuple[str, str]) -> bool:
    return not {WITHHELD, NO_FIGURE} & set(pair)


def _tables(run: Run) -> tuple[PublicTable, ...]:
    return tuple(
        PublicTable(
            caption=table["caption"],
            columns=tuple(table["columns"]),
            rows=tuple(tuple(row) for row in table["rows"]),
        )
        for table in run.shown["tables"]
    )


def _pictures(run: Run) -> tuple[Picture, ...]:
    return tuple(
        Picture(
            name=f"{run.run}-{name.removesuffix('.svg')}",
            svg=svg,
            alt=f"Picture of {name.removesuffix('.svg').replace('-', ' ')}; "
            "its figures stand in the tables beside it.",
        )
        for name, svg in run.shown["pictures"].items()
    )
