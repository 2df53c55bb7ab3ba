"""One agreement in every mode, over the city's files, with who is who known beside them."""

from __future__ import annotations

import csv
import os
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, Final

import pyarrow as pa
import yaml

from equipoise.agree.document import Agreement
from equipoise.agree.parse import parse
from equipoise.carry.encode.outgoing import outgoing
from equipoise.carry.encode.throwaway import ThrowAwayKey
from equipoise.carry.intake import take_in
from equipoise.carry.link import Linked, link
from equipoise.carry.tables import TablesSession

ROOT = Path(__file__).parents[3]
FUEL = (ROOT / "examples" / "fuel-poverty" / "agreement.yaml").read_text(encoding="utf-8")
COMPARING: Final = ("encoded", "enclave", "identified")
SPINE, JOINED = "tax_credits", ("customers_brightgas", "customers_northlight")
KEY_FIELD = {SPINE: "award", **dict.fromkeys(JOINED, "account")}
COMPARE = ["forename", "surname", "birth_date", "postcode", "uprn"]
KEY = ThrowAwayKey(bytes(range(32)))

Document = dict[str, Any]


def document(mode: str = "enclave") -> Document:
    """The city's agreement in a mode that compares: people by all they have, homes by rule."""
    whole = yaml.safe_load(FUEL.replace("ends: 2027-12-31", "ends: 2099-12-31"))
    linkage = whole["linkage"]
    linkage["mode"] = mode
    person = linkage["entities"]["person"]
    if mode != "exact":
        del person["rules"]
        person["compare"] = list(COMPARE)
    if mode in ("enclave", "identified"):
        linkage["by"] = "rebate-team"
        del whole["parties"]["matching-service"]
    return whole


def text(mode: str) -> str:
    """The same, as people would write it; ``exact`` is the example itself."""
    return yaml.safe_dump(document(mode), sort_keys=False, allow_unicode=True)


def agreed(mode: str, **person: Any) -> Agreement:
    """The agreement of one entity, person, whose clause has ``person``; a key of each row with it.

    It is made without the checks between clauses: nothing here is carried out under it.
    """
    whole = document(mode)
    entities = whole["linkage"]["entities"]
    entities["person"]["join"] = list(JOINED)
    entities["person"] |= person
    entities["person"] = {k: v for k, v in entities["person"].items() if v is not None}
    del entities["home"]
    key = {"is": "reference", "type": "code", "column": "award_no", "why": "to hold links to truth"}
    whole["datasets"][SPINE]["fields"]["award"] = key
    return Agreement.model_validate(whole)


@dataclass(frozen=True)
class Files:
    """What intake accepted of the city's files, and which rows are truly one person."""

    tables: dict[str, pa.Table]
    truth: dict[str, set[tuple[str, str]]]


def take_files(folder: Path) -> Files:
    """Take the city's files in; ``truth`` maps each joined dataset to its (award, account)."""
    of = agreed("exact")
    tables = {}
    for name in (SPINE, *JOINED):
        data = of.datasets[name]
        types = {field: of.field_type(name, field) for field in data.fields}
        tables[name] = take_in(folder / f"{name}.csv", data, types, today=date(2026, 6, 30)).table
    with (folder / "truth" / "who_is_who.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    awards = {row["person"]: row["key"] for row in rows if row["dataset"] == SPINE}
    truth = {
        name: {
            (awards[row["person"]], row["key"])
            for row in rows
            if row["dataset"] == name and row["person"] in awards
        }
        for name in JOINED
    }
    return Files(tables, truth)


def ids(rows: int) -> pa.Array:
    return pa.array([os.urandom(16) for _ in range(rows)], pa.binary(16))


@dataclass(frozen=True)
class Packed:
    """What leaves the owners, and which row id is whose."""

    of: Agreement
    tables: dict[str, pa.Table]
    key_of: dict[bytes, str]

    def linked(self) -> Linked:
        return link(TablesSession(self.tables), self.of, "person")

    def pairs(self, found: Linked) -> dict[str, set[tuple[str, str]]]:
        """The links found, by joined dataset, as (award, account)."""
        pairs: dict[str, set[tuple[str, str]]] = {name: set() for name in JOINED}
        for row in found.pairs.to_pylist():
            pair = (self.key_of[row["left_row"]], self.key_of[row["right_row"]])
            pairs[row["dataset"]].add(pair)
        return pairs


def packed(files: Files, of: Agreement, key: ThrowAwayKey = KEY) -> Packed:
    tables, key_of = {}, {}
    for name, table in files.tables.items():
        row_ids = ids(table.num_rows)
        tables[name] = outgoing(table, of, name, key, row_ids)
        keys = table[KEY_FIELD[name]].to_pylist()
        key_of |= dict(zip(row_ids.to_pylist(), keys, strict=True))
    return Packed(of, tables, key_of)


def read(source: str) -> Agreement:
    return parse(source).agreement
