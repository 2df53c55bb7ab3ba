"""Tables of the partners' sites, and of the receipts that they gave."""

from django.db import migrations, models


def _id():
    return models.BigAutoField(
        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
    )


class Migration(migrations.Migration):
    """Add the tables."""

    dependencies = (("store", "0002_ledger_guard"),)
    operations = (
        migrations.CreateModel(
            name="PartnerRecord",
            fields=[
                ("id", _id()),
                ("site_key", models.CharField(max_length=64)),
                ("name", models.CharField(max_length=200)),
                ("card", models.JSONField()),
                ("accepted", models.DateTimeField()),
                ("replaced", models.DateTimeField(null=True)),
            ],
        ),
        migrations.CreateModel(
            name="KeptReceipt",
            fields=[
                ("id", _id()),
                ("digest", models.CharField(max_length=71, unique=True)),
                ("receipt", models.CharField(max_length=136)),
                ("reference", models.CharField(max_length=80)),
                ("site_key", models.CharField(max_length=64)),
                ("content", models.JSONField()),
                ("at", models.DateTimeField()),
            ],
        ),
    )
