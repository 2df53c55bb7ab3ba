"""The tables of workshops and surveys. Rows are read and written through ``store.workshops``."""

from __future__ import annotations

from django.db import models


class WorkshopRecord(models.Model):
    """One workshop or survey: its plan, and how people find it. ``report`` is empty until it is
    made."""

    name = models.CharField(max_length=64, unique=True)
    kind = models.CharField(max_length=12)
    code = models.CharField(max_length=12, unique=True)
    key = models.CharField(max_length=64, unique=True)
    plan = models.JSONField()
    made = models.DateTimeField()
    report = models.JSONField(null=True)
    cover = models.JSONField(null=True)


class WorkshopEvent(models.Model):
    """One thing that happened. The database refuses to change or remove it."""

    workshop = models.ForeignKey(WorkshopRecord, on_delete=models.PROTECT, related_name="events")
    sequence = models.BigIntegerField()
    at = models.DateTimeField()
    who = models.CharField(max_length=200)
    kind = models.CharField(max_length=12)
    client = models.CharField(max_length=64, null=True)  # null never clashes
    data = models.JSONField()

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("workshop", "sequence"), name="one_event_a_place"),
            models.UniqueConstraint(
                fields=("workshop", "who", "client"), name="one_event_a_sending"
            ),
        )


class WorkshopText(models.Model):
    """One free text, beside the event that names it, so that it can be erased."""

    workshop = models.ForeignKey(WorkshopRecord, on_delete=models.PROTECT, related_name="texts")
    text = models.CharField(max_length=64, unique=True)
    salt = models.CharField(max_length=64)
    words = models.TextField()
    erased = models.DateTimeField(null=True)
