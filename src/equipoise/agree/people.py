"""When two written names mean one person, as "Nia Bowen" and "nia  BOWEN" do."""

from __future__ import annotations

import unicodedata


def same_person_mark(name: str) -> str:
    """Return a form that is equal for names that a reader would take for the same.

    Compatibility forms, case and spaces do not tell people apart. Different people of one name
    share a mark: then one must be enrolled under a fuller name, so that nobody counts twice.
    """
    return " ".join(unicodedata.normalize("NFKC", name).casefold().split())
