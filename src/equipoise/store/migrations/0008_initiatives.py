"""The tables of initiatives, and of what belongs to each."""

import django.db.models.deletion
from django.db import migrations, models


def _key() -> models.BigAutoField:
    return models.BigAutoField(
        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
    )


class Migration(migrations.Migration):
    """Add the tables."""

    dependencies = (("store", "0007_workshops"),)
    operations = (
        migrations.CreateModel(
            name="InitiativeRecord",
            fields=[
                ("id", _key()),
                ("name", models.CharField(max_length=64, unique=True)),
                ("title", models.CharField(max_length=120)),
                ("card_id", models.CharField(max_length=80)),
                ("card", models.JSONField(null=True)),
                ("made", models.DateTimeField()),
                ("made_by", models.CharField(max_length=200)),
            ],
        ),
        migrations.CreateModel(
            name="InitiativeLink",
            fields=[
                ("id", _key()),
                ("kind", models.CharField(max_length=12)),
                ("name", models.CharField(max_length=80)),
                (
                    "initiative",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="links",
                        to="store.initiativerecord",
                    ),
                ),
            ],
            options={
                "constraints": (
                    models.UniqueConstraint(
                        fields=("initiative", "kind", "name"), name="one_link_a_thing"
                    ),
                ),
            },
        ),
    )
