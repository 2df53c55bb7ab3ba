"""The tables. Rows are read and written through ``store.records``; nothing else imports these."""

from __future__ import annotations

from django.db import models


class Person(models.Model):
    """A named person who signs, asks or reviews for a party."""

    name = models.CharField(max_length=200)
    party = models.CharField(max_length=64)
    post = models.CharField(max_length=200, blank=True)
    public_key = models.CharField(max_length=64)
    roles = models.JSONField(default=list)
    practice = models.BooleanField(default=False)

    class Meta:
        constraints = (models.UniqueConstraint(fields=("party", "name"), name="one_person_a_name"),)


class AgreementVersion(models.Model):
    """One version of one agreement: its text, canonical form and state."""

    reference = models.CharField(max_length=80, unique=True)
    digest = models.CharField(max_length=71)
    text = models.TextField()
    canonical = models.TextField()
    state = models.CharField(max_length=20)
    registered = models.DateTimeField()


class SignatureRecord(models.Model):
    """One signature under one version."""

    agreement = models.ForeignKey(
        AgreementVersion, on_delete=models.PROTECT, related_name="signatures"
    )
    party = models.CharField(max_length=64)
    name = models.CharField(max_length=200)
    content = models.JSONField()

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("agreement", "party", "name"), name="one_signature_a_person"
            ),
        )


class Delivery(models.Model):
    """One parcel that a room received."""

    parcel = models.CharField(max_length=64, unique=True)
    agreement = models.ForeignKey(
        AgreementVersion, on_delete=models.PROTECT, related_name="deliveries"
    )
    dataset = models.CharField(max_length=64)
    room = models.CharField(max_length=20)
    rows = models.BigIntegerField()
    counts = models.JSONField(default=dict)
    received = models.DateTimeField()
    erased = models.DateTimeField(null=True)


class LinkRecord(models.Model):
    """One linkage of the datasets at hand, for one entity."""

    agreement = models.ForeignKey(AgreementVersion, on_delete=models.PROTECT, related_name="links")
    entity = models.CharField(max_length=64)
    report = models.JSONField()
    made = models.DateTimeField()
    erased = models.DateTimeField(null=True)


class IdentityRegister(models.Model):
    """One register of identities that persist: that it is held, and its rounded figures."""

    agreement = models.ForeignKey(
        AgreementVersion, on_delete=models.PROTECT, related_name="registers"
    )
    entity = models.CharField(max_length=64)
    figures = models.JSONField(default=dict)
    updated = models.DateTimeField()
    erased = models.DateTimeField(null=True)


class RunRecord(models.Model):
    """One run of one use."""

    run = models.CharField(max_length=40, unique=True)
    agreement = models.ForeignKey(AgreementVersion, on_delete=models.PROTECT, related_name="runs")
    use = models.CharField(max_length=64)
    state = models.CharField(max_length=20)
    requested_by = models.CharField(max_length=200)
    requested_for = models.CharField(max_length=64)
    requested = models.DateTimeField()
    facts = models.JSONField(default=dict)
    findings = models.JSONField(default=list)
    sentences = models.JSONField(default=list)
    reasons = models.JSONField(default=list)
    shown = models.JSONField(default=dict)


class ReviewRecord(models.Model):
    """One person's decision on one run, with the reason."""

    run = models.ForeignKey(RunRecord, on_delete=models.PROTECT, related_name="reviews")
    party = models.CharField(max_length=64)
    name = models.CharField(max_length=200)
    decision = models.CharField(max_length=10)
    reason = models.TextField()
    checked = models.CharField(max_length=71)
    salt = models.CharField(max_length=64)
    at = models.DateTimeField()

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("run", "party", "name"), name="one_review_a_person"),
        )


class ReleaseRecord(models.Model):
    """One package that left."""

    run = models.ForeignKey(RunRecord, on_delete=models.PROTECT, related_name="releases")
    recipient = models.CharField(max_length=64)
    output = models.CharField(max_length=100)
    form = models.CharField(max_length=20)
    rows = models.BigIntegerField()
    sha256 = models.CharField(max_length=71)
    path = models.CharField(max_length=500)
    at = models.DateTimeField()

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("run", "recipient", "output"), name="release_once"),
        )


class ErasureRecord(models.Model):
    """One erasure and its signed receipt."""

    agreement = models.ForeignKey(
        AgreementVersion, on_delete=models.PROTECT, related_name="erasures"
    )
    object = models.CharField(max_length=100)
    receipt = models.JSONField()
    at = models.DateTimeField()


class PartnerRecord(models.Model):
    """One card of a partner's site, from its acceptance until another took its place."""

    site_key = models.CharField(max_length=64)
    name = models.CharField(max_length=200)
    card = models.JSONField()
    accepted = models.DateTimeField()
    replaced = models.DateTimeField(null=True)


class KeptReceipt(models.Model):
    """One erasure receipt that a partner's site gave."""

    digest = models.CharField(max_length=71, unique=True)
    receipt = models.CharField(max_length=136)
    reference = models.CharField(max_length=80)
    site_key = models.CharField(max_length=64)
    content = models.JSONField()
    at = models.DateTimeField()


class RefusalRecord(models.Model):
    """One refusal, in the words in which it was given."""

    reference = models.CharField(max_length=80, blank=True)
    act = models.CharField(max_length=40)
    actor = models.CharField(max_length=200)
    problems = models.JSONField()
    at = models.DateTimeField()


class PermitRecord(models.Model):
    """One permit, from its issue to its close."""

    permit = models.CharField(max_length=64, unique=True)
    reference = models.CharField(max_length=80)
    content = models.JSONField()
    state = models.CharField(max_length=12)
    issued = models.DateTimeField()
    ended = models.DateTimeField(null=True)


class LedgerHead(models.Model):
    """One row, locked while an entry is added, so that two writers never fork the chain."""

    sequence = models.BigIntegerField(default=0)


class LedgerEntry(models.Model):
    """One entry of the hash chain. The database refuses to change or remove it."""

    sequence = models.BigIntegerField(unique=True)
    at = models.DateTimeField()
    actor = models.CharField(max_length=200)
    act = models.CharField(max_length=60)
    digest = models.CharField(max_length=71, blank=True)
    object = models.CharField(max_length=200)
    detail = models.JSONField()
    previous = models.CharField(max_length=71, unique=True)
    hash = models.CharField(max_length=71, unique=True)


from equipoise.store import (  # noqa: E402  # tables beside these, in their own files
    account_models,  # noqa: F401
    assessment_models,  # noqa: F401
    draft_models,  # noqa: F401
    initiative_models,  # noqa: F401
    key_models,  # noqa: F401
    standing_models,  # noqa: F401
    workshop_models,  # noqa: F401
)
