"""The table of words with which agreements were suspended or ended."""

from django.db import migrations, models


class Migration(migrations.Migration):
    """Add the table."""

    dependencies = (("store", "0010_drafts"),)
    operations = (
        migrations.CreateModel(
            name="StandingWords",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("sequence", models.PositiveBigIntegerField(unique=True)),
                ("words", models.TextField()),
                ("salt", models.CharField(max_length=64)),
            ],
        ),
    )
