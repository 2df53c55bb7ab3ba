"""Read and change accounts. What an auditor must see takes a ``Change`` and is on the ledger;
sessions, spent codes and counted attempts come and go without an entry."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction

from equipoise.errors import Problem, StateRefused
from equipoise.store import account_facts as facts
from equipoise.store import account_models as models
from equipoise.store.changing import Change
from equipoise.store.facts import Person
from equipoise.store.models import Person as PersonRecord


def _person(row: Any) -> Person:
    return Person(
        row.name, row.party, row.post, row.public_key, tuple(row.roles), bool(row.practice)
    )


class Accounts:
    """The accounts of one site's database."""

    def __init__(self, alias: str) -> None:
        self.alias = alias

    def _rows(self, model: Any) -> Any:
        return model.objects.using(self.alias)

    def _account_row(self, person: str) -> Any:
        party, _, name = person.partition("/")
        rows = self._rows(models.AccountRecord).select_related("person")
        return rows.filter(person__party=party, person__name=name).first()

    # -- reading --------------------------------------------------------------------------------

    def account(self, person: str) -> facts.Account | None:
        """Return the account of ``party/name``, or ``None``."""
        row = self._account_row(person)
        return None if row is None else self._account(row)

    def accounts(self) -> tuple[facts.Account, ...]:
        """Return every account, by party and name."""
        rows = self._rows(models.AccountRecord).select_related("person")
        return tuple(self._account(row) for row in rows.order_by("person__party", "person__name"))

    def _account(self, row: Any) -> facts.Account:
        return facts.Account(
            person=_person(row.person),
            sign_in=row.sign_in,
            made=row.made,
            locked=row.locked,
            has_password=bool(row.password),
            second_factor=bool(row.one_time),
            codes_left=row.codes.filter(used__isnull=True).count(),
            outside=tuple(row.outside.order_by("id").values_list("issuer", flat=True)),
        )

    def credentials(self, *, sign_in: str = "", person: str = "") -> facts.Credentials | None:
        """Return what is checked when somebody signs in by a name, or is a person."""
        if person:
            row = self._account_row(person)
        else:
            rows = self._rows(models.AccountRecord).select_related("person")
            row = rows.filter(sign_in=sign_in).first()
        if row is None:
            return None
        return facts.Credentials(
            _person(row.person), row.password, row.one_time, row.locked is not None
        )

    def at_outside(self, issuer: str, subject: str) -> Person | None:
        """Return whose identity at a provider this is, or ``None``."""
        rows = self._rows(models.OutsideIdentityRecord).select_related("account__person")
        row = rows.filter(issuer=issuer, subject=subject).first()
        return None if row is None else _person(row.account.person)

    def invitation(self, mark: str) -> facts.Invited | None:
        """Return an invitation by its link's mark, or ``None``."""
        rows = self._rows(models.InvitationRecord).select_related("person")
        row = rows.filter(mark=mark).first()
        if row is None:
            return None
        return facts.Invited(_person(row.person), row.by, row.made, row.ends, row.used)

    # -- changes that the ledger tells of -------------------------------------------------------

    def invite(self, change: Change, person: str, mark: str, ends: datetime) -> None:
        """Keep an invitation; those before it that were not used end."""
        change.saved = True
        party, _, name = person.partition("/")
        row = self._rows(PersonRecord).get(party=party, name=name)
        invitations = self._rows(models.InvitationRecord)
        invitations.filter(person=row, used__isnull=True, ends__gt=change.now).update(
            ends=change.now
        )
        invitations.create(person=row, mark=mark, by=change.actor, made=change.now, ends=ends)

    def open_account(
        self,
        change: Change,
        mark: str,
        sign_in: str,
        password: str,
        outside: tuple[str, str] | None = None,
    ) -> Person:
        """Use an invitation: make the account, or make it anew with nothing left of its past.

        Raises ``StateRefused`` (STO060) when the name is another's, (STO061) when the invitation
        was used or has ended meanwhile.
        """
        change.saved = True
        invitations = self._rows(models.InvitationRecord).filter(
            mark=mark, used__isnull=True, ends__gt=change.now
        )
        invited = invitations.select_related("person").first()
        if invited is None or not invitations.update(used=change.now):
            raise StateRefused(
                Problem(
                    "STO061",
                    "this invitation was used, or has ended",
                    next="ask an administrator for another",
                )
            )
        rows = self._rows(models.AccountRecord)
        if rows.filter(sign_in=sign_in).exclude(person=invited.person).exists():
            raise StateRefused(
                Problem("STO060", "somebody else signs in by that name", next="choose another name")
            )
        fresh = {"sign_in": sign_in, "password": password, "one_time": "", "step": 0}
        row, _ = rows.update_or_create(
            person=invited.person, defaults=fresh, create_defaults={**fresh, "made": change.now}
        )
        row.codes.all().delete()
        row.sessions.all().delete()
        row.outside.all().delete()
        if outside is not None:
            self._join(row, outside, change.now)
        return _person(invited.person)

    def _join(self, row: Any, outside: tuple[str, str], now: datetime) -> None:
        issuer, subject = outside
        known = self._rows(models.OutsideIdentityRecord).filter(issuer=issuer, subject=subject)
        if known.exists():
            raise StateRefused(
                Problem(
                    "STO062",
                    "that identity opens another account already",
                    next="sign in with it, or use another identity",
                )
            )
        row.outside.create(issuer=issuer, subject=subject, joined=now)

    def lock(self, change: Change, person: str, *, locked: bool) -> None:
        """Lock an account and end its sessions, or unlock it."""
        change.saved = True
        row = self._account_row(person)
        row.locked = change.now if locked else None
        row.save(using=self.alias, update_fields=["locked"])
        if locked:
            row.sessions.all().delete()

    def set_password(self, change: Change, person: str, password: str) -> None:
        """Keep another password's hash."""
        change.saved = True
        row = self._account_row(person)
        row.password = password
        row.save(using=self.alias, update_fields=["password"])

    def set_second_factor(
        self, change: Change, person: str, sealed: str, step: int, codes: Sequence[str]
    ) -> None:
        """Keep another second factor, whose first code was of ``step``, and its recovery codes."""
        change.saved = True
        row = self._account_row(person)
        row.one_time, row.step = sealed, step
        row.save(using=self.alias, update_fields=["one_time", "step"])
        self.set_codes(change, person, codes)

    def set_codes(self, change: Change, person: str, codes: Sequence[str]) -> None:
        """Keep other recovery codes; those before no longer serve."""
        change.saved = True
        row = self._account_row(person)
        row.codes.all().delete()
        records = self._rows(models.RecoveryCodeRecord)
        records.bulk_create(models.RecoveryCodeRecord(account=row, mark=mark) for mark in codes)

    # -- what comes and goes --------------------------------------------------------------------

    def spend_step(self, person: str, step: int) -> bool:
        """Take a time step as used. False when it, or a later one, was used before."""
        row = self._account_row(person)
        rows = self._rows(models.AccountRecord)
        return row is not None and bool(rows.filter(pk=row.pk, step__lt=step).update(step=step))

    def spend_code(self, person: str, mark: str, now: datetime) -> bool:
        """Use up a recovery code. False when there is no such code, or it was used."""
        row = self._account_row(person)
        return row is not None and bool(
            row.codes.filter(mark=mark, used__isnull=True).update(used=now)
        )

    def start_session(
        self, person: str, mark: str, stage: facts.Stage, now: datetime, ends: datetime
    ) -> None:
        """Keep a new session, and sweep away those that have ended."""
        with transaction.atomic(using=self.alias):
            rows = self._rows(models.SessionRecord)
            rows.filter(ends__lt=now).delete()
            row = self._account_row(person)
            rows.create(account=row, mark=mark, stage=stage, made=now, seen=now, ends=ends)

    def session(self, mark: str) -> facts.Session | None:
        """Return a session by its token's mark, or ``None``."""
        row = self._sessions().filter(mark=mark).first()
        return None if row is None else self._session(row)

    def sessions(self, person: str) -> tuple[facts.Session, ...]:
        """Return a person's sessions, newest first."""
        party, _, name = person.partition("/")
        rows = self._sessions().filter(account__person__party=party, account__person__name=name)
        return tuple(self._session(row) for row in rows.order_by("-id"))

    def _sessions(self) -> Any:
        return self._rows(models.SessionRecord).select_related("account__person")

    def _session(self, row: Any) -> facts.Session:
        return facts.Session(
            number=row.pk,
            person=_person(row.account.person),
            stage=row.stage,
            made=row.made,
            seen=row.seen,
            ends=row.ends,
            locked=row.account.locked is not None,
        )

    def touch(self, number: int, now: datetime) -> None:
        """Note that a session is in use."""
        self._rows(models.SessionRecord).filter(pk=number).update(seen=now)

    def end_session(self, mark: str) -> None:
        """End one session."""
        self._rows(models.SessionRecord).filter(mark=mark).delete()

    def end_sessions(self, person: str, *, but: int | None = None) -> int:
        """End a person's sessions, all or all but one. Returns how many."""
        row = self._account_row(person)
        if row is None:
            return 0
        return int(row.sessions.exclude(pk=but).delete()[0])

    def attempt(self, most: Mapping[str, int], now: datetime, within: timedelta) -> int:
        """Count one attempt under each mark, unless one has had its ``most`` within the time.

        Returns 0, or the seconds to wait. Counting comes before checking, so that guesses made
        side by side are all counted.
        """
        with transaction.atomic(using=self.alias):
            rows = self._rows(models.AttemptRecord)
            rows.filter(at__lte=now - timedelta(days=1)).delete()
            wait = 0
            for mark, limit in most.items():
                recent = rows.filter(mark=mark, at__gt=now - within).order_by("-at")
                held = list(recent.values_list("at", flat=True)[:limit])
                if len(held) >= limit:
                    left = held[-1] + within - now
                    wait = max(wait, 1, int(left.total_seconds()))
            if not wait:
                rows.bulk_create(models.AttemptRecord(mark=mark, at=now) for mark in most)
            return wait

    def forgive(self, marks: Sequence[str]) -> None:
        """Forget the attempts under these marks: the last one was right."""
        self._rows(models.AttemptRecord).filter(mark__in=list(marks)).delete()
