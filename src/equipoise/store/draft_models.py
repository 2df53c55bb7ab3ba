"""The tables of drafts. Rows are read and written through ``store.drafts``."""

from __future__ import annotations

from django.db import models


class DraftRecord(models.Model):
    """One agreement that people are writing here."""

    name = models.CharField(max_length=64, unique=True)
    begun = models.DateTimeField()
    begun_by = models.CharField(max_length=270)


class RevisionRecord(models.Model):
    """One text of a draft, as somebody saved it. They are only ever added, so that nobody's work
    is lost; two people cannot both save the next one."""

    draft = models.ForeignKey(DraftRecord, on_delete=models.PROTECT, related_name="revisions")
    number = models.PositiveIntegerField()
    text = models.TextField()
    by = models.CharField(max_length=270)
    at = models.DateTimeField()

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("draft", "number"), name="one_text_a_revision"),
        )
