"""The tables of drafts: each agreement that is being written, and every text that was saved."""

import django.db.models.deletion
from django.db import migrations, models


def _key() -> models.BigAutoField:
    return models.BigAutoField(
        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
    )


class Migration(migrations.Migration):
    """Add the tables."""

    dependencies = (("store", "0009_sheet_drafts"),)
    operations = (
        migrations.CreateModel(
            name="DraftRecord",
            fields=[
                ("id", _key()),
                ("name", models.CharField(max_length=64, unique=True)),
                ("begun", models.DateTimeField()),
                ("begun_by", models.CharField(max_length=270)),
            ],
        ),
        migrations.CreateModel(
            name="RevisionRecord",
            fields=[
                ("id", _key()),
                ("number", models.PositiveIntegerField()),
                ("text", models.TextField()),
                ("by", models.CharField(max_length=270)),
                ("at", models.DateTimeField()),
                (
                    "draft",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="revisions",
                        to="store.draftrecord",
                    ),
                ),
            ],
            options={
                "constraints": (
                    models.UniqueConstraint(fields=("draft", "number"), name="one_text_a_revision"),
                ),
            },
        ),
    )
