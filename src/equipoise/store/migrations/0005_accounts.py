"""The tables of accounts: invitations, sessions, recovery codes, counted attempts."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    """Add the tables."""

    dependencies = (("store", "0004_identity_registers"),)
    operations = (
        migrations.CreateModel(
            name="AccountRecord",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("sign_in", models.CharField(max_length=120, unique=True)),
                ("password", models.CharField(blank=True, max_length=300)),
                ("one_time", models.CharField(blank=True, max_length=300)),
                ("step", models.BigIntegerField(default=0)),
                ("made", models.DateTimeField()),
                ("locked", models.DateTimeField(null=True)),
                (
                    "person",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="account",
                        to="store.person",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="AttemptRecord",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("mark", models.CharField(max_length=71)),
                ("at", models.DateTimeField()),
            ],
            options={
                "indexes": [models.Index(fields=["mark", "at"], name="attempt_mark_at")],
            },
        ),
        migrations.CreateModel(
            name="InvitationRecord",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("mark", models.CharField(max_length=71, unique=True)),
                ("by", models.CharField(max_length=200)),
                ("made", models.DateTimeField()),
                ("ends", models.DateTimeField()),
                ("used", models.DateTimeField(null=True)),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="invitations",
                        to="store.person",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="RecoveryCodeRecord",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("mark", models.CharField(max_length=71)),
                ("used", models.DateTimeField(null=True)),
                (
                    "account",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="codes",
                        to="store.accountrecord",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="SessionRecord",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("mark", models.CharField(max_length=71, unique=True)),
                ("stage", models.CharField(max_length=10)),
                ("made", models.DateTimeField()),
                ("seen", models.DateTimeField()),
                ("ends", models.DateTimeField()),
                (
                    "account",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="sessions",
                        to="store.accountrecord",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="OutsideIdentityRecord",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("issuer", models.CharField(max_length=300)),
                ("subject", models.CharField(max_length=255)),
                ("joined", models.DateTimeField()),
                (
                    "account",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="outside",
                        to="store.accountrecord",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("issuer", "subject"), name="one_account_an_identity"
                    )
                ],
            },
        ),
    )
