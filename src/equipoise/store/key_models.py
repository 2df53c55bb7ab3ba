"""The table of ended keys. Rows are read and written through ``store.ended_keys``."""

from __future__ import annotations

from django.db import models


class EndedKeyRecord(models.Model):
    """One key that a person signs with no more: from which entry of the ledger on, and the key
    that was offered in its place. ``settled`` is when a second person confirmed that one."""

    party = models.CharField(max_length=64)
    name = models.CharField(max_length=200)
    public_key = models.CharField(max_length=64, unique=True)
    because = models.CharField(max_length=20)
    reason = models.TextField()
    salt = models.CharField(max_length=64)
    sequence = models.PositiveBigIntegerField()
    ended = models.DateTimeField()
    offered = models.CharField(max_length=64, blank=True)
    offered_by = models.CharField(max_length=270, blank=True)
    settled = models.DateTimeField(null=True)
