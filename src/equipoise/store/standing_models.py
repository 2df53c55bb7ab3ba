"""The words with which somebody suspended an agreement or ended it. The ledger has their hash."""

from __future__ import annotations

from django.db import models


class StandingWords(models.Model):
    """Why, in somebody's own words; ``sequence`` is the ledger entry that tells of the act."""

    sequence = models.PositiveBigIntegerField(unique=True)
    words = models.TextField()
    salt = models.CharField(max_length=64)
