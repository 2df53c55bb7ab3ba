"""Read the store: each function turns table rows into the plain values of ``facts``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from equipoise.account.ledger import Entry
from equipoise.agree.people import same_person_mark
from equipoise.agree.sign import Signature
from equipoise.errors import Problem, StateRefused
from equipoise.store import facts


def _missing(code: str, what: str, then: str) -> StateRefused:
    return StateRefused(Problem(code, what, next=then))


def signature_of(content: Mapping[str, Any]) -> Signature:
    """Return a signature from its stored form."""
    return Signature.from_dict(dict(content))


def registered(row: Any) -> facts.Registered:
    """Return an agreement version with its signatures, oldest first."""
    return facts.Registered(
        reference=row.reference,
        digest=row.digest,
        text=row.text,
        canonical=row.canonical,
        state=row.state,
        registered=row.registered,
        signatures=tuple(signature_of(s.content) for s in row.signatures.order_by("id")),
    )


def run(row: Any) -> facts.Run:
    """Return a run with its reviews and releases, oldest first."""
    return facts.Run(
        run=row.run,
        reference=row.agreement.reference,
        use=row.use,
        state=row.state,
        requested_by=row.requested_by,
        requested_for=row.requested_for,
        requested=row.requested,
        facts=row.facts,
        findings=tuple(row.findings),
        sentences=tuple(row.sentences),
        reasons=tuple(row.reasons),
        shown=row.shown,
        reviews=tuple(
            facts.Review(r.party, r.name, r.decision, r.reason, r.at, r.checked, r.salt)
            for r in row.reviews.order_by("id")
        ),
        releases=tuple(
            facts.Released(r.recipient, r.output, r.form, r.rows, r.sha256, r.path, r.at)
            for r in row.releases.order_by("id")
        ),
    )


def entry(row: Any) -> Entry:
    """Return one ledger entry."""
    return Entry(
        sequence=row.sequence,
        at=row.at,
        actor=row.actor,
        act=row.act,
        digest=row.digest,
        object=row.object,
        detail=row.detail,
        previous=row.previous,
        hash=row.hash,
    )


class Reading:
    """Everything that may be asked of a site's database. Holds its alias, never a cursor."""

    def __init__(self, alias: str) -> None:
        self.alias = alias

    def _rows(self, model: str) -> Any:
        from equipoise.store import models

        return getattr(models, model).objects.using(self.alias)

    def agreement_row(self, reference: str) -> Any:
        """Return the row of one version. Raises ``StateRefused`` (STO010) when it is unknown."""
        row = self._rows("AgreementVersion").filter(reference=reference).first()
        if row is None:
            raise _missing(
                "STO010",
                f"the site does not know the agreement {reference}",
                "sign it first: equipoise sign AGREEMENT --as 'NAME'",
            )
        return row

    def run_row(self, name: str) -> Any:
        """Return the row of one run. Raises ``StateRefused`` (STO011) when it is unknown."""
        row = self._rows("RunRecord").filter(run=name).first()
        if row is None:
            raise _missing(
                "STO011", f"the site knows no run {name}", "equipoise status lists the runs"
            )
        return row

    def agreement(self, reference: str) -> facts.Registered:
        """Return one agreement version."""
        return registered(self.agreement_row(reference))

    def knows(self, reference: str) -> bool:
        """Say whether the version is registered."""
        return bool(self._rows("AgreementVersion").filter(reference=reference).exists())

    def agreements(self) -> tuple[facts.Registered, ...]:
        """Return all agreement versions, oldest first."""
        return tuple(registered(row) for row in self._rows("AgreementVersion").order_by("id"))

    def people(self) -> tuple[facts.Person, ...]:
        """Return all named people."""
        return tuple(
            facts.Person(p.name, p.party, p.post, p.public_key, tuple(p.roles), p.practice)
            for p in self._rows("Person").order_by("party", "name")
        )

    def refuse_enrolled(self, party: str, name: str) -> None:
        """Raise ``StateRefused`` (STO012) when somebody of that name is enrolled for the party."""
        names = self._rows("Person").filter(party=party).values_list("name", flat=True)
        if same_person_mark(name) in {same_person_mark(known) for known in names}:
            raise _missing(
                "STO012",
                f"somebody called {name} is enrolled for {party} already",
                "a second person needs a fuller name; to give the first another role, name them "
                "exactly as enrolled, with --role",
            )

    def trusted(self) -> Mapping[str, str]:
        """Return ``party/name`` to public key, for checking signatures."""
        return {person.key: person.public_key for person in self.people()}

    def deliveries(self, reference: str, *, held: bool = True) -> tuple[facts.Delivered, ...]:
        """Return the parcels received; with ``held``, only those not erased."""
        rows = self._rows("Delivery").filter(agreement__reference=reference).order_by("id")
        if held:
            rows = rows.filter(erased__isnull=True)
        return tuple(
            facts.Delivered(d.parcel, d.dataset, d.room, d.rows, d.counts, d.received, d.erased)
            for d in rows
        )

    def parcels_seen(self) -> frozenset[str]:
        """Return the ids of every parcel ever received, so that none enters twice."""
        return frozenset(self._rows("Delivery").values_list("parcel", flat=True))

    def links(self, reference: str) -> tuple[facts.Linkage, ...]:
        """Return the linkages at hand (not erased), oldest first."""
        rows = self._rows("LinkRecord").filter(agreement__reference=reference, erased__isnull=True)
        return tuple(
            facts.Linkage(row.entity, row.report, row.made, row.erased)
            for row in rows.order_by("id")
        )

    def registers(self, reference: str, *, ever: bool = False) -> tuple[facts.Register, ...]:
        """Return the registers of identities that are held; with ``ever``, also those erased."""
        rows = self._rows("IdentityRegister").filter(agreement__reference=reference)
        if not ever:
            rows = rows.filter(erased__isnull=True)
        return tuple(
            facts.Register(row.entity, row.figures, row.updated) for row in rows.order_by("id")
        )

    def run(self, name: str) -> facts.Run:
        """Return one run."""
        return run(self.run_row(name))

    def runs(self, reference: str | None = None, use: str | None = None) -> tuple[facts.Run, ...]:
        """Return runs, oldest first."""
        rows = self._rows("RunRecord").order_by("id")
        if reference is not None:
            rows = rows.filter(agreement__reference=reference)
        if use is not None:
            rows = rows.filter(use=use)
        return tuple(run(row) for row in rows)

    def erasures(self, reference: str | None = None) -> tuple[facts.Erased, ...]:
        """Return erasures with their receipts, oldest first."""
        rows = self._rows("ErasureRecord").order_by("id")
        if reference is not None:
            rows = rows.filter(agreement__reference=reference)
        return tuple(
            facts.Erased(row.agreement.reference, row.object, row.receipt, row.at) for row in rows
        )

    def partners(self, *, ever: bool = False) -> tuple[facts.Partner, ...]:
        """Return the partners' cards that are in force, or that ever were, oldest first."""
        rows = self._rows("PartnerRecord").order_by("id")
        if not ever:
            rows = rows.filter(replaced__isnull=True)
        return tuple(facts.Partner(r.site_key, r.name, r.card, r.accepted) for r in rows)

    def kept_receipts(self) -> tuple[facts.Kept, ...]:
        """Return the erasure receipts that partners gave, oldest first."""
        return tuple(
            facts.Kept(r.digest, r.receipt, r.reference, r.site_key, r.content, r.at)
            for r in self._rows("KeptReceipt").order_by("id")
        )

    def refusals(self) -> tuple[facts.Refused, ...]:
        """Return refusals, oldest first."""
        return tuple(
            facts.Refused(r.reference, r.act, r.actor, tuple(r.problems), r.at)
            for r in self._rows("RefusalRecord").order_by("id")
        )

    def open_permits(self) -> tuple[Mapping[str, Any], ...]:
        """Return permits that were issued or used and never closed."""
        rows = self._rows("PermitRecord").filter(state__in=("issued", "used")).order_by("id")
        return tuple(
            {"permit": row.permit, "reference": row.reference, "state": row.state, **row.content}
            for row in rows
        )

    def entries(self) -> tuple[Entry, ...]:
        """Return the whole ledger, in order."""
        return tuple(entry(row) for row in self._rows("LedgerEntry").order_by("sequence"))

    def newest_of(self, act: str, object: str) -> Entry | None:
        """Return the newest entry that tells of ``act`` on ``object``, or nothing."""
        rows = self._rows("LedgerEntry").filter(act=act, object=object)
        row = rows.order_by("-sequence").first()
        return None if row is None else entry(row)

    def entries_on(self, object: str) -> tuple[Entry, ...]:
        """Return what the ledger tells of one object, in order."""
        rows = self._rows("LedgerEntry").filter(object=object)
        return tuple(entry(row) for row in rows.order_by("sequence"))

    def own_words(self, sequence: int) -> str:
        """Return with which words somebody did what a ledger entry tells; empty without any."""
        from equipoise.store.standing_models import StandingWords

        rows = StandingWords.objects.using(self.alias).filter(sequence=sequence)
        return str(rows.values_list("words", flat=True).first() or "")

    def first_entry(self) -> Entry | None:
        """Return the oldest ledger entry, or ``None`` at the very start."""
        row = self._rows("LedgerEntry").order_by("sequence").first()
        return None if row is None else entry(row)

    def last_entry(self) -> Entry | None:
        """Return the newest ledger entry, or ``None`` at the very start."""
        row = self._rows("LedgerEntry").order_by("-sequence").first()
        return None if row is None else entry(row)
