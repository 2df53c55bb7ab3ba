"""A small agreement and a real keyed hash, for the chapters on encoding and linking."""

from __future__ import annotations

import hmac
import os
from collections.abc import Callable, Sequence
from typing import Any

import pyarrow as pa

from equipoise.agree.document import Agreement
from equipoise.carry.encode import TOKEN

KEY = bytes(range(32))


class HmacHasher:
    """HMAC-SHA256, cut to 16 bytes; the label is mixed into the key first."""

    def __init__(self, key: bytes, label: str) -> None:
        self._key = hmac.digest(key, label.encode(), "sha256")
        self.hashed = 0

    def digests(self, values: Sequence[bytes | None]) -> pa.Array:
        self.hashed += len(values)
        made = [None if v is None else hmac.digest(self._key, v, "sha256")[:16] for v in values]
        return pa.array(made, TOKEN)


def keyed(key: bytes = KEY) -> Callable[[str], HmacHasher]:
    return lambda label: HmacHasher(key, label)


def row_ids(count: int) -> pa.Array:
    return pa.array([os.urandom(16) for _ in range(count)], TOKEN)


FIELDS: dict[str, Any] = {
    "account": {"is": "reference", "type": "code"},
    "nino": {"is": "identifier"},
    "forename": {"is": "identifier"},
    "surname": {"is": "identifier"},
    "birth_date": {"is": "identifier"},
    "postcode": {"is": "identifier"},
    "uprn": {"is": "linking"},
    "score": {"is": "payload", "type": "number"},
}
RULES = [["nino"], ["surname", "forename", "birth_date"], ["surname:sound", "birth_date:year"]]


def agreement(
    rules: Sequence[Sequence[str]] = RULES,
    *,
    fields: dict[str, Any] = FIELDS,
    joined: Sequence[str] = ("right",),
    leave_out: dict[str, set[str]] | None = None,
    **changes: Any,
) -> Agreement:
    """Two or more datasets with the same fields, ``left`` the spine of ``person``."""
    pairs = changes.pop("pairs", "one to one")
    why = {"why": "for this test"}
    owners = ("left", *joined)
    missing = leave_out or {}
    datasets = {
        name: {"from": "owner", "about": "people", "fields": {
            field: {**said, **why} for field, said in fields.items()
            if field not in missing.get(name, set())
        }}
        for name in owners
    }  # fmt: skip
    person = {"spine": "left", "join": list(joined), "rules": rules, "pairs": pairs}
    return Agreement.model_validate({
        "agreement": "test-link", "version": 1, "title": "A test", "starts": "2026-01-01",
        "ends": "2026-12-31", "review": "2026-06-01",
        "parties": {"owner": {"name": "Owner", "sector": "public", "role": "controller",
                              "signatory": {"name": "Somebody"}}},
        "purpose": {"statement": "Testing.", "nature": "statistical", "for": "individuals"},
        "gateway": {}, "datasets": datasets,
        "linkage": {"mode": "exact", "by": "owner", "entities": {"person": person}},
        "uses": {"links": {"use": "linked", "by": "analyst", "for": "testing", "entity": "person"}},
        "outputs": {"links": {"form": "aggregate"}}, "retention": {},
        "weighing": {"route": "light"},
        "public": {"summary": "Test", "contact": "test", "complaints": "test"},
        "on breach": {"notify": ["owner"]},
        **changes,
    })  # fmt: skip


def people(rows: Sequence[dict[str, Any]], of: Agreement, dataset: str = "left") -> pa.Table:
    """A table as intake makes it: every agreed field, null where a row says nothing."""
    types = {"birth_date": pa.date32(), "score": pa.float64()}
    return pa.table(
        {
            field: pa.array([row.get(field) for row in rows], types.get(field, pa.string()))
            for field in of.datasets[dataset].fields
        }
    )
