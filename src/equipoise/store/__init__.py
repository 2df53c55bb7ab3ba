"""State and ledger in one database, through Django's ORM, which appears nowhere else.

SQLite by default, one URL for Postgres. Every change and its ledger entry are one transaction, and
the database itself refuses to alter or remove a ledger entry.
"""

from equipoise.store.connect import prepare

# Django wants its settings before any model is imported, and this package is imported before them.
prepare()
