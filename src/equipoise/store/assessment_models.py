"""The tables of assessments. Rows are read and written through ``store.assessments``."""

from __future__ import annotations

from django.db import models


class AssessmentRecord(models.Model):
    """One assessment: what it assesses, the draft's text, and how it ended.

    ``content`` is the assessment without anybody's answers, ``salt`` what its digest is made with.
    """

    name = models.CharField(max_length=64, unique=True)
    reference = models.CharField(max_length=80, blank=True)
    text = models.TextField(blank=True)
    content = models.JSONField()
    salt = models.CharField(max_length=64)
    state = models.CharField(max_length=12)
    begun = models.DateTimeField()
    ended = models.DateTimeField(null=True)


class SheetRecord(models.Model):
    """What one rater answered. It may be handed in anew until the assessment is closed."""

    assessment = models.ForeignKey(
        AssessmentRecord, on_delete=models.PROTECT, related_name="sheets"
    )
    rater = models.CharField(max_length=200)
    content = models.JSONField()
    handed_in_by = models.CharField(max_length=200)
    at = models.DateTimeField()

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("assessment", "rater"), name="one_sheet_a_rater"),
        )


class SheetDraftRecord(models.Model):
    """What somebody has answered so far, for themselves or from a paper, before it is handed
    in. Only ``owner`` sees it. ``stale`` names answers to be given anew."""

    assessment = models.ForeignKey(
        AssessmentRecord, on_delete=models.PROTECT, related_name="drafts"
    )
    owner = models.CharField(max_length=200)
    rater = models.CharField(max_length=200)
    content = models.JSONField()
    stale = models.JSONField(default=list)
    changed = models.DateTimeField()

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("assessment", "owner", "rater"), name="one_draft_a_rater"
            ),
        )


class WeighedRecord(models.Model):
    """The cover of one closed assessment or workshop, of this site or of a partner's."""

    digest = models.CharField(max_length=71, unique=True)
    kind = models.CharField(max_length=12)
    name = models.CharField(max_length=64)
    content = models.JSONField()
    at = models.DateTimeField()
