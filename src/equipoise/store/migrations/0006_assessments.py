"""The tables of assessments, raters' sheets, and covers of what was weighed."""

import django.db.models.deletion
from django.db import migrations, models


def _key() -> models.BigAutoField:
    return models.BigAutoField(
        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
    )


class Migration(migrations.Migration):
    """Add the tables."""

    dependencies = (("store", "0005_accounts"),)
    operations = (
        migrations.CreateModel(
            name="AssessmentRecord",
            fields=[
                ("id", _key()),
                ("name", models.CharField(max_length=64, unique=True)),
                ("reference", models.CharField(blank=True, max_length=80)),
                ("text", models.TextField(blank=True)),
                ("content", models.JSONField()),
                ("salt", models.CharField(max_length=64)),
                ("state", models.CharField(max_length=12)),
                ("begun", models.DateTimeField()),
                ("ended", models.DateTimeField(null=True)),
            ],
        ),
        migrations.CreateModel(
            name="SheetRecord",
            fields=[
                ("id", _key()),
                ("rater", models.CharField(max_length=200)),
                ("content", models.JSONField()),
                ("handed_in_by", models.CharField(max_length=200)),
                ("at", models.DateTimeField()),
                (
                    "assessment",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="sheets",
                        to="store.assessmentrecord",
                    ),
                ),
            ],
            options={
                "constraints": (
                    models.UniqueConstraint(
                        fields=("assessment", "rater"), name="one_sheet_a_rater"
                    ),
                ),
            },
        ),
        migrations.CreateModel(
            name="WeighedRecord",
            fields=[
                ("id", _key()),
                ("digest", models.CharField(max_length=71, unique=True)),
                ("kind", models.CharField(max_length=12)),
                ("name", models.CharField(max_length=64)),
                ("content", models.JSONField()),
                ("at", models.DateTimeField()),
            ],
        ),
    )
