"""The database itself refuses to alter or remove a ledger entry."""

from django.db import migrations

TABLE = "store_ledgerentry"

SQLITE_MAKE = (
    f"CREATE TRIGGER ledger_no_update BEFORE UPDATE ON {TABLE} "
    "BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END",
    f"CREATE TRIGGER ledger_no_delete BEFORE DELETE ON {TABLE} "
    "BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END",
    # REPLACE deletes without firing delete triggers, so an existing sequence is refused by name.
    "CREATE TRIGGER ledger_no_replace BEFORE INSERT ON store_ledgerentry "
    "WHEN EXISTS (SELECT 1 FROM store_ledgerentry WHERE sequence = NEW.sequence OR id = NEW.id) "
    "BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END",
)
SQLITE_DROP = tuple(f"DROP TRIGGER ledger_no_{name}" for name in ("update", "delete", "replace"))
POSTGRES_MAKE = (
    "CREATE FUNCTION ledger_guard() RETURNS trigger LANGUAGE plpgsql AS "
    "$$ BEGIN RAISE EXCEPTION 'the ledger is append-only'; END $$",
    f"CREATE TRIGGER ledger_no_change BEFORE UPDATE OR DELETE ON {TABLE} "
    "FOR EACH ROW EXECUTE FUNCTION ledger_guard()",
    f"CREATE TRIGGER ledger_no_truncate BEFORE TRUNCATE ON {TABLE} "
    "FOR EACH STATEMENT EXECUTE FUNCTION ledger_guard()",
)
POSTGRES_DROP = (
    f"DROP TRIGGER ledger_no_truncate ON {TABLE}",
    f"DROP TRIGGER ledger_no_change ON {TABLE}",
    "DROP FUNCTION ledger_guard()",
)


def _run(sqlite, postgres):
    def forward(registry, editor):
        for statement in sqlite if editor.connection.vendor == "sqlite" else postgres:
            editor.execute(statement)

    return forward


def _seat_the_head(registry, editor):
    head = registry.get_model("store", "LedgerHead")
    head.objects.using(editor.connection.alias).create(pk=1, sequence=0)


class Migration(migrations.Migration):
    """Add the triggers, in the dialect of the database at hand."""

    dependencies = (("store", "0001_tables"),)
    operations = (
        migrations.RunPython(_seat_the_head, migrations.RunPython.noop),
        migrations.RunPython(_run(SQLITE_MAKE, POSTGRES_MAKE), _run(SQLITE_DROP, POSTGRES_DROP)),
    )
