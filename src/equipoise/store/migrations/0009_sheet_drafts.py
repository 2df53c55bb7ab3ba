"""The table of what raters have answered so far, before they hand it in."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    """Add the table."""

    dependencies = (("store", "0008_initiatives"),)
    operations = (
        migrations.CreateModel(
            name="SheetDraftRecord",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("owner", models.CharField(max_length=200)),
                ("rater", models.CharField(max_length=200)),
                ("content", models.JSONField()),
                ("stale", models.JSONField(default=list)),
                ("changed", models.DateTimeField()),
                (
                    "assessment",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="drafts",
                        to="store.assessmentrecord",
                    ),
                ),
            ],
            options={
                "constraints": (
                    models.UniqueConstraint(
                        fields=("assessment", "owner", "rater"), name="one_draft_a_rater"
                    ),
                ),
            },
        ),
    )
