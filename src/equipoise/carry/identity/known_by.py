"""What a register knows rows by, mode by mode: the columns it keeps, and who compares them.

exact       tokens of rules
encoded     the same, and one filter for each row
enclave     the same, and encodings of each field
identified  as in ``enclave``, made here of the identifiers that came, under the register's own key

Everything is as the owners' key made it, or as the register's key did; the mode ``identified``
alone has a key of the register, because the identifiers must meet those of the next delivery and a
key that is thrown away would part them. No name, number or date enters a register in any mode.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from equipoise.agree.document import Agreement
from equipoise.agree.parts import Entity
from equipoise.carry.encode.features import encode_fields
from equipoise.carry.encode.kinds import KINDS, Kind
from equipoise.carry.encode.outgoing import entity_hasher
from equipoise.carry.encode.throwaway import ThrowAwayKey
from equipoise.carry.encode.tokens import Tokens
from equipoise.carry.encode.wire import (
    FILTER,
    MEETING,
    compared_kinds,
    field_column,
    key_check,
)
from equipoise.carry.identity.compare import (
    Comparer,
    by_fields,
    by_filters,
    telling_fields,
    telling_filters,
)
from equipoise.carry.identity.match import Matcher, exact_matcher
from equipoise.carry.link.exact import token_tables
from equipoise.carry.link.modes import checked_tables
from equipoise.carry.session import Session
from equipoise.errors import Problem, UsageRefused


@dataclass(frozen=True)
class KnownBy:
    """Each dataset's rows as a register knows them: ``row_id`` and the columns it keeps.

    ``made_with`` tells one key from another: two encodings under different keys never meet. It is
    empty where the caller did not say.
    """

    tables: Mapping[str, pa.Table]
    columns: tuple[str, ...]
    matcher: Matcher
    made_with: str = ""

    @property
    def schema(self) -> pa.Schema:
        """Return the columns that the register keeps, with their types."""
        own = next(iter(self.tables.values())).schema
        return pa.schema([own.field(name) for name in self.columns])


def known_by(
    session: Session,
    agreement: Agreement,
    entity: str,
    clause: Entity,
    *,
    made_with: str = "",
    key: bytes | None = None,
) -> KnownBy:
    """Make every dataset of an entity ready to be held against its register.

    ``key`` is the register's own, 32 bytes, in the mode ``identified``. Raises ``DataRefused``
    (LNK002 to LNK005, IDR004) for tables that are not as ``wire`` says, ``UsageRefused`` (IDR062)
    without the key that the mode needs.
    """
    assert agreement.linkage is not None, "an entity is part of linkage"
    mode = agreement.linkage.mode
    datasets = (clause.spine, *clause.join)
    rules = tuple(f"{entity}.{number}" for number in range(len(clause.rules)))
    if mode == "identified":
        hasher = ThrowAwayKey(_needed(key))
        tables = _encoded_here(session, agreement, entity, clause, hasher)
        made_with = key_check(hasher)
    else:
        tables = _as_they_came(session, agreement, entity, clause)
    if clause.compare is None:
        return KnownBy(tables, rules, exact_matcher(rules), made_with)
    if mode == "encoded":
        own = (f"{entity}.{FILTER}", f"{entity}.{MEETING}")
        compared = tuple(name for name in own if name in tables[clause.spine].column_names)
        engine, telling = by_filters(entity, clause.pairs), telling_filters(entity)
    else:
        kinds = _kinds(agreement, entity, datasets)
        compared = tuple(f"{entity}.{name}" for name in kinds)
        tables = {name: _filled(table, entity, kinds) for name, table in tables.items()}
        engine, telling = by_fields(entity, kinds, clause.pairs), telling_fields(entity, kinds)
    matcher = Comparer(rules, compared, engine, telling)
    columns = (*rules, *compared)
    whole = {name: table.select(["row_id", *columns]) for name, table in tables.items()}
    return KnownBy(whole, columns, matcher, made_with)


def _needed(key: bytes | None) -> bytes:
    if key is None:
        raise UsageRefused(
            Problem(
                "IDR062",
                "identifiers are kept in no register without a key of the register",
                why="under a key that is thrown away nobody could be known again",
                next="pass the register's key, 32 bytes that are the same at each delivery",
            )
        )
    return key


def _kinds(agreement: Agreement, entity: str, datasets: tuple[str, ...]) -> dict[str, Kind]:
    """Return every field that any of the datasets is compared on, and its kind."""
    assert agreement.linkage is not None
    found: dict[str, Kind] = {}
    for dataset in datasets:
        found |= compared_kinds(agreement, entity, dataset)
    agreed = agreement.linkage.entities[entity].compare or ()
    return {name: found[name] for name in agreed if name in found}


def _as_they_came(
    session: Session, agreement: Agreement, entity: str, clause: Entity
) -> dict[str, pa.Table]:
    """Return the columns of an entity as the owners made them, each value in its place."""
    tables = {}
    for dataset, table in _checked(session, agreement, entity, clause).items():
        own = [name for name in table.column_names if name.startswith(f"{entity}.")]
        columns = {name: _plain(table[name]) for name in ("row_id", *own)}
        for name in (f"{entity}.{FILTER}", f"{entity}.{MEETING}"):
            if name in columns:
                columns[name] = _without_empty(columns[name])
        tables[dataset] = pa.table(columns)
    return tables


def _checked(
    session: Session, agreement: Agreement, entity: str, clause: Entity
) -> dict[str, pa.Table]:
    """Return what each dataset sent, or refuse it in the words of every linkage."""
    assert agreement.linkage is not None
    if agreement.linkage.mode == "exact":
        return token_tables(session, clause, entity)
    return checked_tables(session, agreement, clause)


def _plain(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """Return a column out of its dictionary form, which differs from delivery to delivery."""
    if not pa.types.is_dictionary(column.type):
        return column
    flat = column.unify_dictionaries().combine_chunks()
    flat = pa.concat_arrays(flat.chunks) if isinstance(flat, pa.ChunkedArray) else flat
    return pa.chunked_array([flat.dictionary.take(flat.indices)])


def _without_empty(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """Return filters or their tokens, null where no bit is set: such a row says nothing."""
    nothing = pa.scalar(bytes(column.type.byte_width), column.type)
    flat = column.combine_chunks()
    flat = pa.concat_arrays(flat.chunks) if isinstance(flat, pa.ChunkedArray) else flat
    empty = np.asarray(pc.equal(flat, nothing).fill_null(True))
    return pa.chunked_array([flat.take(pa.array(np.arange(len(flat)), mask=empty))])


def _filled(table: pa.Table, entity: str, kinds: Mapping[str, Kind]) -> pa.Table:
    """Return a table with every compared field, empty where its dataset does not hold it."""
    for name, kind in kinds.items():
        if f"{entity}.{name}" not in table.column_names:
            width = pa.binary(8 * (3 + len(KINDS[kind].parts)))
            table = table.append_column(f"{entity}.{name}", pa.nulls(table.num_rows, width))
    return table


def _encoded_here(
    session: Session,
    agreement: Agreement,
    entity: str,
    clause: Entity,
    hasher: ThrowAwayKey,
) -> dict[str, pa.Table]:
    """Encode identifiers under the register's key, as an owner does in the mode ``enclave``."""
    tables = {}
    came = _checked(session, agreement, entity, clause)
    for done, (dataset, table) in enumerate(came.items()):
        session.progress(0.1 * done / len(came), f"encoding {dataset}")
        made = Tokens(table, agreement, dataset, hasher).of_entity(entity)
        kinds = compared_kinds(agreement, entity, dataset)
        if kinds:
            encoded = encode_fields(table, kinds, entity_hasher(agreement, entity, hasher))
            made |= {
                f"{entity}.{name}": _plain(pa.chunked_array([field_column(field)]))
                for name, field in encoded.fields.items()
            }
        tables[dataset] = pa.table({"row_id": table["row_id"], **made})
    return tables
