"""The tables of accounts: who may sign in, how, and from where they are signed in.

No password, code, token or address is kept as it was given, only what tells that it was the same.
"""

from __future__ import annotations

from django.db import models


class AccountRecord(models.Model):
    """One enrolled person's account. ``password`` is a slow hash, or empty; ``one_time`` is the
    sealed secret of the second factor, or empty; ``step`` the newest time step that was used."""

    person = models.OneToOneField("store.Person", on_delete=models.PROTECT, related_name="account")
    sign_in = models.CharField(max_length=120, unique=True)
    password = models.CharField(max_length=300, blank=True)
    one_time = models.CharField(max_length=300, blank=True)
    step = models.BigIntegerField(default=0)
    made = models.DateTimeField()
    locked = models.DateTimeField(null=True)


class InvitationRecord(models.Model):
    """One invitation to open an account, or to open it anew; ``mark`` is the link's hash."""

    person = models.ForeignKey("store.Person", on_delete=models.PROTECT, related_name="invitations")
    mark = models.CharField(max_length=71, unique=True)
    by = models.CharField(max_length=200)
    made = models.DateTimeField()
    ends = models.DateTimeField()
    used = models.DateTimeField(null=True)


class RecoveryCodeRecord(models.Model):
    """One code that stands in for a lost second factor, once."""

    account = models.ForeignKey(AccountRecord, on_delete=models.CASCADE, related_name="codes")
    mark = models.CharField(max_length=71)
    used = models.DateTimeField(null=True)


class OutsideIdentityRecord(models.Model):
    """One identity at an OpenID Connect provider that may sign in to an account."""

    account = models.ForeignKey(AccountRecord, on_delete=models.CASCADE, related_name="outside")
    issuer = models.CharField(max_length=300)
    subject = models.CharField(max_length=255)
    joined = models.DateTimeField()

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("issuer", "subject"), name="one_account_an_identity"),
        )


class SessionRecord(models.Model):
    """One signed-in browser. ``stage`` says what it still owes: ``code``, ``set up`` or nothing
    (``open``)."""

    account = models.ForeignKey(AccountRecord, on_delete=models.CASCADE, related_name="sessions")
    mark = models.CharField(max_length=71, unique=True)
    stage = models.CharField(max_length=10)
    made = models.DateTimeField()
    seen = models.DateTimeField()
    ends = models.DateTimeField()


class AttemptRecord(models.Model):
    """One try at something that may be guessed; ``mark`` is a keyed hash of who tried at what."""

    mark = models.CharField(max_length=71)
    at = models.DateTimeField()

    class Meta:
        indexes = (models.Index(fields=("mark", "at"), name="attempt_mark_at"),)
