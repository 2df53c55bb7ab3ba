"""Ask the gate: gather the facts, decide, and open a permit; keep every refusal."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from equipoise.acts.assess import book
from equipoise.acts.rooms import at_work
from equipoise.acts.site import MACHINE, Site
from equipoise.acts.ways import LINKING, holds
from equipoise.agree.document import Agreement
from equipoise.agree.parse import Parsed
from equipoise.agree.reads import lists_checked
from equipoise.errors import GateRefused
from equipoise.gate.decide import decide
from equipoise.gate.passage import Passage, opened
from equipoise.gate.permit import issue
from equipoise.gate.promises import ALWAYS
from equipoise.gate.terms import Allow, Approval, Deny, Facts, Request
from equipoise.store.facts import Run


def facts_of(
    site: Site, agreement: Agreement, run: Run | None = None, *, early: bool = False
) -> Facts:
    """Return what the site knows to be so, as the gate wants it told.

    A parcel is signed by its controller under this text, and ``pack`` applies consent and opt-out
    fields before it makes one; so a rule on a field of the dataset counts as applied. An outside
    list counts once it was delivered and linking has applied it; ``early``, when a use is only
    about to be prepared, it counts as well, for linking comes first and cannot pass it over.
    """
    people = site.people()
    known = site.store.knows(agreement.reference)
    record = site.store.agreement(agreement.reference) if known else None
    datasets = agreement.datasets.items()
    return Facts(
        now=site.clock(),
        state=record.state if record else "draft",
        digest=record.digest if record else "",
        suspended=bool(record and record.state == "suspended"),
        signatures=record.signatures if record else (),
        trusted=site.trusted(agreement.reference),
        posts=frozenset((p.party, p.name, role) for p in people for role in p.roles),
        training={p.key: frozenset(p.roles) for p in people},
        opt_out_applied=frozenset(
            name for name, data in datasets if data.opt_out and data.opt_out.field
        ),
        consent_applied=frozenset(name for name, data in datasets if data.consent),
        approvals=_approvals(run),
        author=run.requested_by if run else "",
        output=str(run.facts.get("checked", "")) if run else "",
        disclosure=str(run.facts.get("verdict", "")) if run else "",
        isolation=ALWAYS,
        away=site.away(agreement),
        weighed=book(site).covers(),
        lists_at_hand=_lists_at_hand(site, agreement),
        lists_checked=lists_checked(agreement) if early else _lists_checked(site, agreement),
    )


def _lists_at_hand(site: Site, agreement: Agreement) -> dict[str, str]:
    """Return the opt-out lists that lie where they are applied: linking then applies them."""
    held = {d.dataset for d in site.store.deliveries(agreement.reference) if holds(d) in LINKING}
    return {key: name for key, name in lists_checked(agreement).items() if name in held}


def _lists_checked(site: Site, agreement: Agreement) -> dict[str, str]:
    """Return the opt-out lists that were applied, in their newest form, when links were made."""
    delivered = site.store.deliveries(agreement.reference, held=False)
    newest = {d.dataset: d.received for d in delivered if holds(d) in LINKING}
    made = {each.entity: each.made for each in site.store.links(agreement.reference)}
    return {
        key: name
        for key, name in lists_checked(agreement).items()
        if agreement.entities_of(key)
        and all(
            entity in made and (name not in newest or made[entity] >= newest[name])
            for entity in agreement.entities_of(key)
        )
    }


def _approvals(run: Run | None) -> tuple[Approval, ...]:
    if run is None:
        return ()
    return tuple(
        Approval(
            r.party,
            r.name,
            "approve" if r.decision == "approve" else "refuse",
            r.checked,
            r.at,
        )
        for r in run.reviews
    )


def permission(
    site: Site, parsed: Parsed, request: Request, run: Run | None = None, *, early: bool = False
) -> Allow:
    """Return the gate's permission. A denial is kept with all its reasons, and raised."""
    facts = facts_of(site, parsed.agreement, run, early=early)
    decision = decide(parsed.agreement, parsed.places, request, facts)
    if isinstance(decision, Deny):
        error = GateRefused(decision.problems)
        keep_denial(site, parsed.agreement.reference, request, error)
        raise error
    return decision


def keep_denial(site: Site, reference: str, request: Request, error: GateRefused) -> None:
    """Put a denial on the record and on the ledger, with its codes."""
    people = {person.key for person in site.store.people()}
    who = f"{request.party}/{request.person}"
    detail = {"use": request.use} if request.use else {}
    with site.store.change(who if who in people else MACHINE) as change:
        change.refuse(reference, request.act, error)
        change.note(
            "refused",
            f"gate:{reference}",
            step=request.act,
            reasons=len(error.problems),
            codes=" ".join(sorted({problem.code for problem in error.problems})[:20]),
            reference=reference,
            **detail,
        )


@contextmanager
def admitted(
    site: Site,
    parsed: Parsed,
    request: Request,
    run: Run | None = None,
    *,
    denied: Callable[[GateRefused], None] = lambda error: None,
) -> Iterator[Passage]:
    """Pass the gate for one act: a permit on the ledger before, its hashes after.

    One command at a time works on an agreement (ACT001). ``denied`` is told of a denial before it
    is raised.
    """
    agreement = parsed.agreement
    with at_work(site, agreement.reference):
        try:
            allow = permission(site, parsed, request, run)
        except GateRefused as error:
            denied(error)
            raise
        permit = issue(allow, id=secrets.token_hex(12), at=site.clock())
        book = site.store.permits()
        with opened(agreement, permit, site.custody, book, site.clock) as passage:
            yield passage
