"""Change the store: one transaction holds the change and the ledger entry that tells of it.

A ``Change`` that saved something and noted nothing is rolled back: an unaudited change is a defect.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from typing import Any

from django.db import DatabaseError, IntegrityError, transaction

from equipoise.account.ledger import Entry, make_entry
from equipoise.agree.sign import Signature
from equipoise.agree.states import AGREEMENT, RUN, move
from equipoise.clock import Clock
from equipoise.errors import EquipoiseError, Problem, StateRefused
from equipoise.store import facts, models, standing_models
from equipoise.store.connect import connect, not_written
from equipoise.store.permits import StorePermits
from equipoise.store.reading import Reading, entry


class Change(Reading):
    """One transaction by one actor. Every method saves; ``note`` writes the ledger."""

    def __init__(self, alias: str, actor: str, clock: Clock) -> None:
        super().__init__(alias)
        self.actor = actor
        self.now = clock()
        self.saved = False
        self.noted: list[Entry] = []

    def note(
        self, act: str, object: str, digest: str = "", /, **detail: str | int | float | bool
    ) -> Entry:
        """Add a ledger entry. The head row is locked first, so that the chain never forks."""
        head = models.LedgerHead.objects.using(self.alias).select_for_update().get(pk=1)
        newest = models.LedgerEntry.objects.using(self.alias).filter(sequence=head.sequence).first()
        made = make_entry(
            None if newest is None else entry(newest),
            at=self.now,
            actor=self.actor,
            act=act,
            digest=digest,
            object=object,
            detail=detail,
        )
        models.LedgerEntry.objects.using(self.alias).create(
            sequence=made.sequence,
            at=made.at,
            actor=made.actor,
            act=made.act,
            digest=made.digest,
            object=made.object,
            detail=dict(made.detail),
            previous=made.previous,
            hash=made.hash,
        )
        head.sequence = made.sequence
        head.save(using=self.alias)
        self.noted.append(made)
        return made

    def _save(self, model: Any, **fields: Any) -> Any:
        self.saved = True
        return model.objects.using(self.alias).create(**fields)

    def enrol(self, person: facts.Person) -> None:
        """Add a named person. Raises ``StateRefused`` (STO012) when the name is taken."""
        self.refuse_enrolled(person.party, person.name)
        self._save(models.Person, **{**asdict(person), "roles": list(person.roles)})

    def appoint(self, party: str, name: str, roles: Sequence[str]) -> None:
        """Give an enrolled person these roles besides those they have."""
        self.saved = True
        row = models.Person.objects.using(self.alias).get(party=party, name=name)
        row.roles = list(dict.fromkeys([*row.roles, *roles]))
        row.save(using=self.alias, update_fields=["roles"])

    def dismiss(self, party: str, name: str, roles: Sequence[str]) -> None:
        """Take these roles from an enrolled person, and leave the others."""
        self.saved = True
        row = models.Person.objects.using(self.alias).get(party=party, name=name)
        row.roles = [role for role in row.roles if role not in roles]
        row.save(using=self.alias, update_fields=["roles"])

    def register(self, reference: str, digest: str, text: str, canonical: str) -> None:
        """Add an agreement version as a draft."""
        self._save(
            models.AgreementVersion,
            reference=reference,
            digest=digest,
            text=text,
            canonical=canonical,
            state="draft",
            registered=self.now,
        )

    def move_agreement(self, reference: str, act: str) -> str:
        """Take an agreement to its next state and return it. Refuses what the table refuses."""
        self.saved = True
        row = self.agreement_row(reference)
        row.state = move(AGREEMENT, row.state, act, object=reference)
        row.save(using=self.alias, update_fields=["state"])
        return str(row.state)

    def keep_words(self, of: Entry, words: str, salt: str) -> None:
        """Keep with which words somebody did what a ledger entry of this change tells."""
        self._save(standing_models.StandingWords, sequence=of.sequence, words=words, salt=salt)

    def sign(self, reference: str, signature: Signature) -> None:
        """Keep one signature. Raises ``StateRefused`` (STO013) when the person signed already."""
        try:
            with transaction.atomic(using=self.alias):
                self._save(
                    models.SignatureRecord,
                    agreement=self.agreement_row(reference),
                    party=signature.party,
                    name=signature.name,
                    content=signature.as_dict(),
                )
        except IntegrityError as error:
            raise StateRefused(
                Problem("STO013", f"{signature.name} has signed {reference} already")
            ) from error

    def deliver(
        self,
        reference: str,
        parcel: str,
        dataset: str,
        room: str,
        rows: int,
        counts: dict[str, Any],
    ) -> None:
        """Keep the receipt of one parcel. A parcel id enters once: STO014."""
        try:
            with transaction.atomic(using=self.alias):
                self._save(
                    models.Delivery,
                    parcel=parcel,
                    agreement=self.agreement_row(reference),
                    dataset=dataset,
                    room=room,
                    rows=rows,
                    counts=counts,
                    received=self.now,
                )
        except IntegrityError as error:
            raise StateRefused(
                Problem("STO014", "this parcel was received before", next="pack a new one")
            ) from error

    def erase_deliveries(
        self, reference: str, datasets: Sequence[str], entities: Sequence[str]
    ) -> None:
        """Mark the parcels of datasets, and the links of entities made from them, as erased."""
        self.saved = True
        models.Delivery.objects.using(self.alias).filter(
            agreement__reference=reference, dataset__in=list(datasets), erased__isnull=True
        ).update(erased=self.now)
        models.LinkRecord.objects.using(self.alias).filter(
            agreement__reference=reference, entity__in=list(entities), erased__isnull=True
        ).update(erased=self.now)

    def link(self, reference: str, entity: str, report: Mapping[str, Any]) -> None:
        """Keep the report of one linkage; an earlier one for the entity is set aside."""
        agreement = self.agreement_row(reference)
        models.LinkRecord.objects.using(self.alias).filter(
            agreement=agreement, entity=entity, erased__isnull=True
        ).update(erased=self.now)
        self._save(
            models.LinkRecord, agreement=agreement, entity=entity, report=report, made=self.now
        )

    def keep_register(self, reference: str, entity: str, figures: Mapping[str, Any]) -> None:
        """Note that an entity's register is held, with its rounded figures."""
        self.saved = True
        rows = models.IdentityRegister.objects.using(self.alias)
        made = {"figures": dict(figures), "updated": self.now}
        agreement = self.agreement_row(reference)
        held = {"agreement": agreement, "entity": entity, "erased": None}
        rows.update_or_create(defaults=made, **held)

    def erase_registers(self, reference: str, entities: Sequence[str]) -> None:
        """Mark registers as erased."""
        models.IdentityRegister.objects.using(self.alias).filter(
            agreement__reference=reference, entity__in=list(entities), erased__isnull=True
        ).update(erased=self.now)

    def request_run(self, reference: str, run: str, use: str, person: facts.Person) -> None:
        """Add a run in its first state."""
        self._save(
            models.RunRecord,
            run=run,
            agreement=self.agreement_row(reference),
            use=use,
            state="requested",
            requested_by=person.name,
            requested_for=person.party,
            requested=self.now,
        )

    def move_run(self, run: str, act: str, **changes: Any) -> str:
        """Take a run to its next state and set ``facts``, ``findings``, ``sentences``…"""
        self.saved = True
        row = self.run_row(run)
        row.state = move(RUN, row.state, act, object=run)
        for name, value in changes.items():
            setattr(row, name, value)
        row.save(using=self.alias)
        return str(row.state)

    def review(self, run: str, review: facts.Review) -> None:
        """Keep one decision. Raises ``StateRefused`` (STO015) for a second by one person."""
        try:
            with transaction.atomic(using=self.alias):
                self._save(models.ReviewRecord, run=self.run_row(run), **asdict(review))
        except IntegrityError as error:
            raise StateRefused(
                Problem("STO015", f"{review.name} has reviewed {run} already")
            ) from error

    def release(self, run: str, release: facts.Released) -> None:
        """Keep the record of one package that left."""
        self._save(models.ReleaseRecord, run=self.run_row(run), **asdict(release))

    def erase(self, reference: str, object: str, receipt: Mapping[str, Any]) -> None:
        """Keep an erasure and its receipt."""
        self._save(
            models.ErasureRecord,
            agreement=self.agreement_row(reference),
            object=object,
            receipt=dict(receipt),
            at=self.now,
        )

    def accept(self, partner: facts.Partner, *, instead_of: str = "") -> None:
        """Keep a partner's card, in the place of the one under the site key ``instead_of``."""
        models.PartnerRecord.objects.using(self.alias).filter(
            site_key=instead_of, replaced__isnull=True
        ).update(replaced=self.now)
        self._save(models.PartnerRecord, **asdict(partner))

    def keep_receipt(self, kept: facts.Kept) -> None:
        """Keep a receipt that a partner gave."""
        self._save(models.KeptReceipt, **asdict(kept))

    def refuse(self, reference: str, act: str, error: EquipoiseError) -> None:
        """Keep a refusal, in the words in which it was given."""
        self._save(
            models.RefusalRecord,
            reference=reference,
            act=act,
            actor=self.actor,
            problems=[problem.as_dict() for problem in error.problems],
            at=self.now,
        )


class Store(Reading):
    """A site's database."""

    def __init__(self, url: str, clock: Clock) -> None:
        super().__init__(connect(url))
        self.clock = clock
        self.listener: Callable[[Entry], None] | None = None
        """Told each ledger entry, once it is committed."""

    def permits(self) -> StorePermits:
        """Return the book of permits, kept on this ledger."""
        return StorePermits(self)

    @contextmanager
    def change(self, actor: str) -> Iterator[Change]:
        """Open one transaction. All of it happens, with its ledger entry, or none of it.

        Raises ``EnvironmentFailed`` (STO003) when the database refuses to write, as on a full disk.
        """
        try:
            with transaction.atomic(using=self.alias):
                change = Change(self.alias, actor, self.clock)
                yield change
                if change.saved and not change.noted:
                    raise AssertionError("a change without a ledger entry")
            if self.listener is not None:
                for made in change.noted:
                    self.listener(made)
        except DatabaseError as error:
            advice = "check free space and permissions, then give the command again"
            raise not_written(error, advice) from error
