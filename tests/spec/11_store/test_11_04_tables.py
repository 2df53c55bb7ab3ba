"""The tables in the database are those of the code, and reading them says nothing of rows."""

from __future__ import annotations

from io import StringIO

from django.core.management import call_command

from equipoise.store.connect import prepare


def test_the_migrations_make_the_tables_that_the_code_expects() -> None:
    prepare()
    said = StringIO()
    call_command("makemigrations", "store", check=True, dry_run=True, stdout=said)
    assert "No changes detected" in said.getvalue()
