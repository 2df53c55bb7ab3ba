"""The tables of initiatives. Rows are read and written through ``store.initiatives``."""

from __future__ import annotations

from django.db import models


class InitiativeRecord(models.Model):
    """One initiative: its title and its card, which is a card of the site's lists (``card_id``)
    or, where ``card`` holds one, its own."""

    name = models.CharField(max_length=64, unique=True)
    title = models.CharField(max_length=120)
    card_id = models.CharField(max_length=80)
    card = models.JSONField(null=True)
    made = models.DateTimeField()
    made_by = models.CharField(max_length=200)


class InitiativeLink(models.Model):
    """One thing that belongs to an initiative: an assessment, a workshop, a survey, an
    agreement."""

    initiative = models.ForeignKey(InitiativeRecord, on_delete=models.PROTECT, related_name="links")
    kind = models.CharField(max_length=12)
    name = models.CharField(max_length=80)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("initiative", "kind", "name"), name="one_link_a_thing"),
        )
