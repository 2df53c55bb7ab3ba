"""Encoded tables written by hand: ``{"R1": "a -"}`` is row R1 with token ``a`` and then none."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any

import pyarrow as pa

from equipoise.agree.document import Agreement
from equipoise.carry.encode import TOKEN
from equipoise.carry.link import Linked, link_exact
from equipoise.carry.tables import TablesSession

_NAMES: dict[bytes, str] = {}


def token(name: str) -> bytes:
    made = hashlib.blake2b(name.encode(), digest_size=16).digest()
    _NAMES[made] = name
    return made


def table(rows: Mapping[str, str], rules: int = 1) -> pa.Table:
    columns: dict[str, pa.Array] = {"row_id": pa.array([token(name) for name in rows], TOKEN)}
    for rule in range(rules):
        made = [text.split()[rule] for text in rows.values()]
        cells = [None if word == "-" else token(f"{rule}:{word}") for word in made]
        columns[f"person.{rule}"] = pa.array(cells, TOKEN)
    return pa.table(columns)


def linkage(
    rules: int, *, pairs: str = "one to one", others: tuple[str, ...] = (), **more: Any
) -> Agreement:
    fields = {"surname": {"is": "identifier", "why": "for this test"}}
    names = ("left", "right", *others)
    person = {"spine": "left", "join": list(names[1:]), "pairs": pairs,
              "rules": [["surname"]] * rules}  # fmt: skip
    dataset = {"from": "owner", "about": "people", "fields": fields}
    return Agreement.model_validate({
        "agreement": "test-link", "version": 1, "title": "A test", "starts": "2026-01-01",
        "ends": "2026-12-31", "gateway": {}, "retention": {}, "weighing": {"route": "light"},
        "parties": {"owner": {"name": "Owner", "sector": "public", "role": "controller",
                              "signatory": {"name": "Somebody"}}},
        "purpose": {"statement": "Testing.", "nature": "statistical", "for": "individuals"},
        "datasets": dict.fromkeys(names, dataset),
        "linkage": {"mode": "exact", "by": "owner", "entities": {"person": person}},
        "uses": {"links": {"use": "linked", "by": "analyst", "for": "testing", "entity": "person"}},
        "outputs": {"links": {"form": "aggregate"}},
        "public": {"summary": "Test", "contact": "test", "complaints": "test"},
        "on breach": {"notify": ["owner"]},
        **more,
    })  # fmt: skip


def linked(rows: Mapping[str, Mapping[str, str]], pairs: str = "one to one") -> Linked:
    """Link tables written by hand; the number of rules is that of the first row."""
    texts = [text for table_rows in rows.values() for text in table_rows.values()]
    rules = len(texts[0].split()) if texts else 1
    of = linkage(rules, pairs=pairs, others=tuple(list(rows)[2:]))
    tables = {name: table(said, rules) for name, said in rows.items()}
    return link_exact(TablesSession(tables), of, "person")


def pair_list(found: Linked) -> list[tuple[str, str, str, int]]:
    """The links by row name, sorted by spine row within each dataset."""
    made = [
        (row["dataset"], _NAMES[row["left_row"]], _NAMES[row["right_row"]], row["rule"])
        for row in found.pairs.to_pylist()
    ]
    order = {name: at for at, name in enumerate(dict.fromkeys(row[0] for row in made))}
    return sorted(made, key=lambda row: (order[row[0]], *row[1:]))
