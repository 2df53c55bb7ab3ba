"""The tables of workshops; what happened in one can be neither altered nor removed."""

import django.db.models.deletion
from django.db import migrations, models

TABLE = "store_workshopevent"

SQLITE_MAKE = (
    f"CREATE TRIGGER workshop_no_update BEFORE UPDATE ON {TABLE} "
    "BEGIN SELECT RAISE(ABORT, 'events are append-only'); END",
    f"CREATE TRIGGER workshop_no_delete BEFORE DELETE ON {TABLE} "
    "BEGIN SELECT RAISE(ABORT, 'events are append-only'); END",
    # REPLACE deletes without firing delete triggers, so an existing place is refused by name.
    "CREATE TRIGGER workshop_no_replace BEFORE INSERT ON store_workshopevent "
    "WHEN EXISTS (SELECT 1 FROM store_workshopevent WHERE id = NEW.id OR "
    "(workshop_id = NEW.workshop_id AND sequence = NEW.sequence)) "
    "BEGIN SELECT RAISE(ABORT, 'events are append-only'); END",
)
SQLITE_DROP = tuple(f"DROP TRIGGER workshop_no_{name}" for name in ("update", "delete", "replace"))
POSTGRES_MAKE = (
    "CREATE FUNCTION workshop_guard() RETURNS trigger LANGUAGE plpgsql AS "
    "$$ BEGIN RAISE EXCEPTION 'events are append-only'; END $$",
    f"CREATE TRIGGER workshop_no_change BEFORE UPDATE OR DELETE ON {TABLE} "
    "FOR EACH ROW EXECUTE FUNCTION workshop_guard()",
    f"CREATE TRIGGER workshop_no_truncate BEFORE TRUNCATE ON {TABLE} "
    "FOR EACH STATEMENT EXECUTE FUNCTION workshop_guard()",
)
POSTGRES_DROP = (
    f"DROP TRIGGER workshop_no_truncate ON {TABLE}",
    f"DROP TRIGGER workshop_no_change ON {TABLE}",
    "DROP FUNCTION workshop_guard()",
)


def _key() -> models.BigAutoField:
    return models.BigAutoField(
        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
    )


def _to_workshop(name):
    return models.ForeignKey(
        on_delete=django.db.models.deletion.PROTECT,
        related_name=name,
        to="store.workshoprecord",
    )


def _run(sqlite, postgres):
    def forward(registry, editor):
        for statement in sqlite if editor.connection.vendor == "sqlite" else postgres:
            editor.execute(statement)

    return forward


class Migration(migrations.Migration):
    """Add the tables, and the guard of the events in the dialect of the database at hand."""

    dependencies = (("store", "0006_assessments"),)
    operations = (
        migrations.CreateModel(
            name="WorkshopRecord",
            fields=[
                ("id", _key()),
                ("name", models.CharField(max_length=64, unique=True)),
                ("kind", models.CharField(max_length=12)),
                ("code", models.CharField(max_length=12, unique=True)),
                ("key", models.CharField(max_length=64, unique=True)),
                ("plan", models.JSONField()),
                ("made", models.DateTimeField()),
                ("report", models.JSONField(null=True)),
                ("cover", models.JSONField(null=True)),
            ],
        ),
        migrations.CreateModel(
            name="WorkshopEvent",
            fields=[
                ("id", _key()),
                ("sequence", models.BigIntegerField()),
                ("at", models.DateTimeField()),
                ("who", models.CharField(max_length=200)),
                ("kind", models.CharField(max_length=12)),
                ("client", models.CharField(max_length=64, null=True)),
                ("data", models.JSONField()),
                ("workshop", _to_workshop("events")),
            ],
            options={
                "constraints": (
                    models.UniqueConstraint(
                        fields=("workshop", "sequence"), name="one_event_a_place"
                    ),
                    models.UniqueConstraint(
                        fields=("workshop", "who", "client"), name="one_event_a_sending"
                    ),
                ),
            },
        ),
        migrations.CreateModel(
            name="WorkshopText",
            fields=[
                ("id", _key()),
                ("text", models.CharField(max_length=64, unique=True)),
                ("salt", models.CharField(max_length=64)),
                ("words", models.TextField()),
                ("erased", models.DateTimeField(null=True)),
                ("workshop", _to_workshop("texts")),
            ],
        ),
        migrations.RunPython(_run(SQLITE_MAKE, POSTGRES_MAKE), _run(SQLITE_DROP, POSTGRES_DROP)),
    )
