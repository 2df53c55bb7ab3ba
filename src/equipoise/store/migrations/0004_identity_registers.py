"""The table of registers of identities that persist."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    """Add the table."""

    dependencies = (("store", "0003_partners"),)
    operations = (
        migrations.CreateModel(
            name="IdentityRegister",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("entity", models.CharField(max_length=64)),
                ("figures", models.JSONField(default=dict)),
                ("updated", models.DateTimeField()),
                ("erased", models.DateTimeField(null=True)),
                (
                    "agreement",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="registers",
                        to="store.agreementversion",
                    ),
                ),
            ],
        ),
    )
