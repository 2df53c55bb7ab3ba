"""Erase: destroy what may no longer be held, and give a receipt that anybody can check.

The key goes first, then the sealed file. Nothing is overwritten, and the receipt says so. What is
due follows from the agreement's retention terms; more may be erased at any time, less may not.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from equipoise.account.receipts import Destroyed, Receipt, make_receipt
from equipoise.acts.admit import admitted
from equipoise.acts.results import result_name
from equipoise.acts.site import Site
from equipoise.agree.canonical import digest
from equipoise.agree.document import Agreement
from equipoise.agree.parse import Parsed
from equipoise.agree.reads import datasets_read
from equipoise.errors import Problem, StateRefused, UsageRefused
from equipoise.gate.passage import LINKS
from equipoise.gate.requests import to_erase
from equipoise.holdings.records import DestroyedFile
from equipoise.store.facts import Run

OPEN = ("requested", "permitted", "running", "interrupted", "computed", "checked", "in review")
"""The states of a run that has still to be finished."""


@dataclass(frozen=True)
class ErasedNow:
    """What one erasure did. ``already`` is true when everything named had been erased before."""

    names: tuple[str, ...]
    receipt: Receipt | None
    path: Path | None
    already: bool


def open_runs(site: Site, agreement: Agreement, name: str) -> tuple[Run, ...]:
    """Return the unfinished runs that need a dataset, or whose own results would be erased."""
    return tuple(
        run
        for run in site.store.runs(agreement.reference)
        if run.state in OPEN and (run.use == name or name in datasets_read(agreement, run.use))
    )


def due(site: Site, agreement: Agreement) -> tuple[str, ...]:
    """Return the datasets and outputs that must be erased by now."""
    return tuple(name for name in agreement.retention if _is_due(site, agreement, name))


def _is_due(site: Site, agreement: Agreement, name: str) -> bool:
    term = agreement.retention[name]
    now = site.clock()
    runs = site.store.runs(agreement.reference)
    if name in agreement.datasets:
        held = [d for d in site.store.deliveries(agreement.reference) if d.dataset == name]
        since = max((d.received for d in held), default=None)
        readers = [use for use in agreement.uses if name in datasets_read(agreement, use)]
        done = {run.use for run in runs if run.state not in OPEN}
        used = set(readers) <= done
    else:
        ended = [run for run in runs if run.use == name and run.state in ("released", "refused")]
        since = max((run.requested for run in ended), default=None)
        used = True
    if since is None or open_runs(site, agreement, name):
        return False
    if term.after_use:
        return used
    if term.until is not None:
        return now.date() > term.until
    return now >= since + timedelta(days=term.days or 0)


def erase(site: Site, source: str, names: Sequence[str] = ()) -> ErasedNow:
    """Erase the datasets and outputs named, or, without names, all that is due.

    Raises ``UsageRefused`` (ACT070) for a name the agreement does not have, ``StateRefused``
    (ACT071) while a run that needs it is open, (ACT072) when nothing of it was ever held.
    """
    parsed = site.read(source)
    agreement = parsed.agreement
    wanted = tuple(dict.fromkeys(names)) or due(site, agreement)
    if problems := [*_problems(site, agreement, wanted)]:
        raise (UsageRefused if problems[0].code == "ACT070" else StateRefused)(problems)
    if not wanted:
        return ErasedNow((), None, None, already=True)
    person = site.actor_in(agreement, "secure room")
    request = to_erase(agreement, person.party, person.name, wanted, "secure room")
    held = [*_held_names(site, agreement, wanted)]
    with admitted(site, parsed, request) as passage:
        files = passage.destroy(held)
        fresh = [each for each in files if not _told_before(site, agreement, each)]
        if not fresh:
            return ErasedNow(wanted, *_earlier(site, agreement, wanted), already=True)
        receipt = make_receipt(
            id=f"{agreement.agreement}-v{agreement.version}-{secrets.token_hex(4)}",
            site=site.name,
            reference=agreement.reference,
            digest=digest(agreement),
            at=site.clock(),
            by=person.key,
            destroyed=tuple(item for each in fresh for item in _items(each)),
            signer=site.custody.site_signer(),
        )
        passage.hashes["receipt"] = receipt.digest_of_receipt()
        _record(site, parsed, wanted, receipt, person.key)
    for path in _owners_parcels(site, agreement, wanted):
        path.unlink(missing_ok=True)
    path = site.folder("reports") / agreement.reference / f"receipt-{receipt.id}.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(receipt.file_bytes())
    return ErasedNow(wanted, receipt, path, already=False)


def _problems(site: Site, agreement: Agreement, wanted: Sequence[str]) -> Iterator[Problem]:
    for name in wanted:
        if name not in agreement.retention:
            yield Problem(
                "ACT070",
                f"the agreement holds nothing called {name!r}",
                next=f"it holds: {', '.join(agreement.retention)}",
                clause="retention",
            )
            continue
        if runs := open_runs(site, agreement, name):
            yield Problem(
                "ACT071",
                f"{name} is needed by a run that is open: {', '.join(r.run for r in runs)}",
                why="erasing under a run would leave half a result",
                next="let the run be released or rejected first",
                clause=f"retention.{name}",
            )
        elif name in agreement.datasets and not site.store.deliveries(
            agreement.reference, held=False
        ):
            yield Problem("ACT072", f"nothing of {name} was ever held here")


def _held_names(site: Site, agreement: Agreement, wanted: Sequence[str]) -> Iterator[str]:
    """Yield the names under which the rooms hold what is to go, links included."""
    yield from (name for name in wanted if name in agreement.datasets)
    for run in site.store.runs(agreement.reference):
        if run.use in wanted:
            for shape in run.shown.get("outputs", ()):
                yield result_name(run.run, shape["name"])
    entities = agreement.linkage.entities if agreement.linkage else {}
    for key, entity in entities.items():
        # The links of an entity are of no use once one side is gone, and say who was in it.
        if {entity.spine, *entity.join} & set(wanted):
            yield f"{LINKS}-{key}"


def _told_before(site: Site, agreement: Agreement, each: DestroyedFile) -> bool:
    """Say whether an earlier receipt already tells of this file's end."""
    return any(
        item["sha256"] == f"sha256:{each.sha256}"
        for erased in site.store.erasures(agreement.reference)
        for item in erased.receipt["destroyed"]
    )


def _items(each: DestroyedFile) -> Iterator[Destroyed]:
    name = f"held:{each.room}/{each.name}/{each.id}"
    dataset = each.name if not each.name.startswith("result-") else ""
    yield Destroyed(
        "sealed file", name, dataset=dataset, sha256=f"sha256:{each.sha256}", rows=each.rows
    )
    if each.key_fingerprint != "missing":
        yield Destroyed(
            "key", f"key:{each.room}/{each.name}/{each.id}", dataset=dataset,
            fingerprint=each.key_fingerprint,
        )  # fmt: skip


def _record(site: Site, parsed: Parsed, names: Sequence[str], receipt: Receipt, actor: str) -> None:
    agreement = parsed.agreement
    with site.store.change(actor) as change:
        change.erase_deliveries(agreement.reference, names)
        for name in names:
            change.erase(agreement.reference, name, receipt.as_dict())
        change.note(
            "erased",
            f"receipt:{receipt.id}",
            digest(agreement),
            receipt=receipt.digest_of_receipt(),
            files=len(receipt.of("sealed file")),
            keys=len(receipt.of("key")),
            rows=receipt.rows,
            datasets=", ".join(names),
        )


def _earlier(
    site: Site, agreement: Agreement, names: Sequence[str]
) -> tuple[Receipt | None, Path | None]:
    found = [e for e in site.store.erasures(agreement.reference) if e.object in names]
    if not found:
        return None, None
    receipt = Receipt.from_dict(json.loads(json.dumps(dict(found[-1].receipt))))
    path = site.folder("reports") / agreement.reference / f"receipt-{receipt.id}.json"
    return receipt, path if path.exists() else None


def _owners_parcels(site: Site, agreement: Agreement, names: Sequence[str]) -> Iterator[Path]:
    """Yield the sealed parcels of erased datasets that still lie on this machine."""
    folder = site.folder("parcels") / agreement.reference
    for name in names:
        yield from folder.glob(f"{name}--*")
