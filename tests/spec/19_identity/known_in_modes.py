"""One agreement in every mode, over the files of the living city, with the truth beside them."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final

import pyarrow as pa
import yaml
from living_city import File
from sites import FUEL, text_of

from equipoise.agree.document import Agreement
from equipoise.carry.encode.outgoing import outgoing
from equipoise.carry.encode.throwaway import ThrowAwayKey
from equipoise.carry.identity.kept import from_table
from equipoise.carry.identity.register import MOMENT as INSTANT
from equipoise.carry.identity.register import Register
from equipoise.carry.identity.step import MOMENT, REGISTER, Known, know
from equipoise.carry.tables import TablesSession

MODES: Final = ("encoded", "enclave", "identified")
COMPARE: Final = ["forename", "surname", "birth_date", "postcode", "uprn"]
DATASETS: Final = {
    "gp": "tax_credits",
    "council": "customers_brightgas",
    "benefits": "customers_northlight",
}
SPINE, JOINED = "tax_credits", ("customers_brightgas", "customers_northlight")
OWNERS, ROOMS = ThrowAwayKey(bytes(range(32))), bytes(range(1, 33))
COLUMNS: Final = {**{name: name for name in COMPARE}, "birth_date": "born"}


def document(mode: str, **person: Any) -> dict[str, Any]:
    """The city's agreement in a mode: people by all they have, known again, homes by rule."""
    whole: dict[str, Any] = yaml.safe_load(text_of(FUEL))
    linkage = whole["linkage"]
    linkage["mode"] = mode
    clause = linkage["entities"]["person"]
    if mode != "exact":
        del clause["rules"]
        clause["compare"] = list(COMPARE)
    if mode in ("enclave", "identified"):
        linkage["by"] = "rebate-team"
        del whole["parties"]["matching-service"]
    clause["identities"] = {"until": "2098-12-31", "remember absent": 400}
    clause |= person
    return whole


def text(mode: str, **person: Any) -> str:
    return yaml.safe_dump(document(mode, **person), sort_keys=False, allow_unicode=True)


def agreed(mode: str, **person: Any) -> Agreement:
    """The agreement of one entity, made without the checks between clauses: no gate asks for it."""
    whole = document(mode, **{"pairs": "one to one", **person})
    entities = whole["linkage"]["entities"]
    entities["person"]["join"] = list(JOINED)
    del entities["home"]
    return Agreement.model_validate(whole)


LIST: Final = "said_no"


def with_list(mode: str, **person: Any) -> Agreement:
    """The same, where a list bars people of the spine by their names and birth date."""
    whole = agreed(mode, **person).model_dump(mode="json", by_alias=True, exclude_none=True)
    fields = ("forename", "surname", "birth_date")
    whole["datasets"][SPINE]["opt out"] = {"check": LIST, "rules": [list(fields)]}
    whole["datasets"][LIST] = {
        "from": "hmrc",
        "about": "people who said no",
        "fields": {name: {"is": "identifier", "why": "to leave them out"} for name in fields},
    }
    return Agreement.model_validate(whole)


def on_the_list(of: Agreement, rows: Sequence[dict[str, str]]) -> pa.Table:
    """The list, as its holder packs it."""
    columns = {
        "forename": pa.array([row["forename"] for row in rows], pa.string()),
        "surname": pa.array([row["surname"] for row in rows], pa.string()),
        "birth_date": pa.array([a_date(row["born"]) for row in rows], pa.date32()),
    }
    ids = pa.array([row_id(LIST, place) for place in range(len(rows))], pa.binary(16))
    return outgoing(pa.table(columns), of, LIST, OWNERS, ids)


def row_id(*parts: object) -> bytes:
    return hashlib.blake2s(repr(parts).encode(), digest_size=16).digest()


def packed(of: Agreement, file: File, moment: int, key: ThrowAwayKey = OWNERS) -> pa.Table:
    """A file of the living city, as its owner packs it."""
    name = DATASETS[file.dataset]
    columns: dict[str, pa.Array] = {}
    for field in of.datasets[name].fields:
        source = COLUMNS.get(field)
        texts = [row[source] or None if source else None for row in file.rows]
        if field == "birth_date":
            columns[field] = pa.array([a_date(text) for text in texts], pa.date32())
        else:
            columns[field] = pa.array(texts, pa.string())
    ids = [row_id(file.dataset, moment, place) for place in range(len(file.rows))]
    return outgoing(pa.table(columns), of, name, key, pa.array(ids, pa.binary(16)))


def a_date(text: str | None) -> date | None:
    try:
        return date.fromisoformat(text or "")
    except ValueError:
        return None


def moment_of(number: int, made_with: str = "", key: bytes = ROOMS) -> pa.Table:
    at = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(days=365 * number)
    return pa.table(
        {
            "at": pa.array([at], INSTANT),
            "seed": pa.array([bytes([number]) * 32], pa.binary(32)),
            "made_with": pa.array([made_with]),
            "key": pa.array([key], pa.binary(32)),
        }
    )


@dataclass(frozen=True)
class Taken:
    """One delivery taken in: what the step gave, and who each row truly is."""

    known: Known
    truth: dict[bytes, int]

    @property
    def register(self) -> Register:
        return from_table(self.known.register)

    def labels(self) -> tuple[list[bytes], list[int]]:
        """Each row's identifier, and who it is."""
        rows = self.known.members.to_pylist()
        return [row["identifier"] for row in rows], [self.truth[row["row_id"]] for row in rows]

    def identifier_of(self) -> dict[int, bytes]:
        """Each person's identifier, of most of their rows."""
        found: dict[int, list[bytes]] = {}
        for identifier, person in zip(*self.labels(), strict=True):
            found.setdefault(person, []).append(identifier)
        return {person: max(set(ids), key=ids.count) for person, ids in found.items()}


def take_files(
    of: Agreement,
    files: Sequence[File],
    number: int,
    before: Taken | None = None,
    said_no: pa.Table | None = None,
    **now: Any,
) -> Taken:
    """Pack the files of a moment and take them in; ``said_no`` is a list, packed."""
    tables = {DATASETS[file.dataset]: packed(of, file, number) for file in files}
    truth = {
        row_id(file.dataset, number, place): person
        for file in files
        for place, person in enumerate(file.truth)
    }
    tables[MOMENT] = moment_of(number, **now)
    if said_no is not None:
        tables[LIST] = said_no
    if before is not None:
        tables[REGISTER] = before.known.register
    return Taken(know(TablesSession(tables), of, "person"), truth)
