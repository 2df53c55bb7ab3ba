"""The table of keys that people sign with no more."""

from django.db import migrations, models


class Migration(migrations.Migration):
    """Add the table."""

    dependencies = (("store", "0011_standing"),)
    operations = (
        migrations.CreateModel(
            name="EndedKeyRecord",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("party", models.CharField(max_length=64)),
                ("name", models.CharField(max_length=200)),
                ("public_key", models.CharField(max_length=64, unique=True)),
                ("because", models.CharField(max_length=20)),
                ("reason", models.TextField()),
                ("salt", models.CharField(max_length=64)),
                ("sequence", models.PositiveBigIntegerField()),
                ("ended", models.DateTimeField()),
                ("offered", models.CharField(blank=True, max_length=64)),
                ("offered_by", models.CharField(blank=True, max_length=270)),
                ("settled", models.DateTimeField(null=True)),
            ],
        ),
    )
