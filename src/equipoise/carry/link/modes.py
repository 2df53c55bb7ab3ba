"""The three modes that compare: what each makes ready, and which engine links it.

encoded     filters of whole records, for a linkage unit that is assumed curious
enclave     encodings of each field, in the secure room
identified  identifiers in the secure room, encoded on the spot under a key that is thrown away,
            and then linked as in ``enclave``: no code here compares a name with a name
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import partial

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from equipoise.agree.document import Agreement
from equipoise.agree.parts import Entity
from equipoise.agree.words import Pairs
from equipoise.carry.encode.columns import EncodedTable
from equipoise.carry.encode.features import encode_fields
from equipoise.carry.encode.outgoing import entity_hasher
from equipoise.carry.encode.throwaway import ThrowAwayKey
from equipoise.carry.encode.tokens import Tokens
from equipoise.carry.encode.wire import (
    RecordEncodings,
    column_types,
    compared_kinds,
    plain_type,
    read_fields,
    read_records,
)
from equipoise.carry.link import kernel_native
from equipoise.carry.link.answers import ANSWERS, known_of
from equipoise.carry.link.blocks import Rule
from equipoise.carry.link.comparing import LIKELY, Found, Progress, Side, link_compared
from equipoise.carry.link.fitting import fitted
from equipoise.carry.link.judged import judged
from equipoise.carry.link.linked import Linked
from equipoise.carry.link.probabilistic import link_encoded
from equipoise.carry.link.quality import quality_of, sure_only
from equipoise.carry.link.review import judged_anew
from equipoise.carry.link.same_filters import link_files
from equipoise.carry.session import Session
from equipoise.errors import DataRefused, Problem

# Loaded with this module, because a locked process refuses to load a library once data are open.
kernel_native.library()


def link_filters(session: Session, agreement: Agreement, entity: str) -> Linked:
    """Link one entity by record-level filters (mode ``encoded``).

    Raises ``UsageRefused`` (LNK001), ``DataRefused`` (LNK002 to LNK004) for tables that are not as
    ``encode.wire`` says.
    """
    sides = partial(_filter_sides, agreement=agreement, entity=entity)
    return link_compared(session, agreement, entity, "encoded", sides, _by_filters)


def link_fields(session: Session, agreement: Agreement, entity: str) -> Linked:
    """Link one entity by encodings of each field (mode ``enclave``). Raises as ``link_filters``."""
    sides = partial(_field_sides, agreement=agreement, entity=entity)
    return link_compared(session, agreement, entity, "enclave", sides, _by_fields)


def link_identifiers(session: Session, agreement: Agreement, entity: str) -> Linked:
    """Link one entity by its identifiers (mode ``identified``). Raises as ``link_filters``."""
    sides = partial(identifier_sides, agreement=agreement, entity=entity)
    # What people answered about pairs of records, where the agreement lets them be asked.
    answers = session.table(ANSWERS) if ANSWERS in session.names() else None
    engine = partial(_by_fields, answers=answers)
    return link_compared(session, agreement, entity, "identified", sides, engine)


# -- making ready --------------------------------------------------------------------------------


def _filter_sides(
    session: Session, clause: Entity, *, agreement: Agreement, entity: str
) -> Mapping[str, Side]:
    tables = checked_tables(session, agreement, clause)
    return {
        name: Side(
            _tokens_of(table, clause, entity),
            read_records(table, entity) if clause.compare else None,
            tuple(compared_kinds(agreement, entity, name)),
        )
        for name, table in tables.items()
    }


def _field_sides(
    session: Session, clause: Entity, *, agreement: Agreement, entity: str
) -> Mapping[str, Side]:
    found = {}
    for name, table in checked_tables(session, agreement, clause).items():
        kinds = compared_kinds(agreement, entity, name)
        encoded = read_fields(table, entity, kinds)
        found[name] = Side(_tokens_of(table, clause, entity), encoded, tuple(kinds))
    return found


def identifier_sides(
    session: Session, clause: Entity, *, agreement: Agreement, entity: str
) -> Mapping[str, Side]:
    """Return each dataset of an entity, encoded on the spot under a key that is thrown away.

    Raises ``DataRefused`` (LNK002 to LNK004).
    """
    key = ThrowAwayKey()
    tables = checked_tables(session, agreement, clause)
    found = {}
    for done, (name, table) in enumerate(tables.items()):
        session.progress(0.0, f"encoding {name} ({done + 1} of {len(tables)})")
        kinds = compared_kinds(agreement, entity, name)
        tokens = Tokens(table, agreement, name, key).of_entity(entity)
        own = entity_hasher(agreement, entity, key)
        encoded = encode_fields(table, kinds, own) if kinds else None
        rows = pa.table({"row_id": table["row_id"], **tokens})
        found[name] = Side(rows, encoded, tuple(kinds))
    return found


def _tokens_of(table: pa.Table, clause: Entity, entity: str) -> pa.Table:
    return table.select(["row_id", *(f"{entity}.{n}" for n in range(len(clause.rules)))])


def checked_tables(session: Session, agreement: Agreement, clause: Entity) -> dict[str, pa.Table]:
    """Return what each dataset sent, checked. Raises ``DataRefused`` with all problems."""
    problems: list[Problem] = []
    tables = {}
    for dataset in (clause.spine, *clause.join):
        found = [*_faults(session, agreement, dataset)]
        problems += found
        if not found:
            tables[dataset] = session.table(dataset)
    if problems:
        raise DataRefused(problems)
    return tables


def _faults(session: Session, agreement: Agreement, dataset: str) -> Iterator[Problem]:
    where = f"datasets.{dataset}"
    if dataset not in session.names():
        what = f"what was encoded of {dataset} is not here"
        yield Problem("LNK002", what, next="ask its owner for the parcel", clause=where)
        return
    table = session.table(dataset)
    wanted = {"row_id": pa.binary(16), **column_types(agreement, dataset)}
    held = {each.name: plain_type(each.type) for each in table.schema}
    if wrong := [name for name, kind in wanted.items() if held.get(name) != kind]:
        yield Problem(
            "LNK003",
            f"what was encoded of {dataset} lacks columns of the agreed kind: {', '.join(wrong)}",
            why="it was not encoded under this text of the agreement",
            next="have its owner pack it again",
            clause=where,
        )
        return
    ids = table["row_id"]
    if ids.null_count or pc.count_distinct(ids).as_py() != len(ids):
        why, next_ = "a link could not be told from another", "have its owner pack it again"
        what = f"row ids of {dataset} are missing or repeated"
        yield Problem("LNK004", what, why, next_, clause=where)


# -- the engines ---------------------------------------------------------------------------------


def _nothing() -> Found:
    return Found(np.zeros(0, np.int64), np.zeros(0, np.int64), np.zeros(0))


def _by_filters(spine: Side, joined: Side, pairs: Pairs, progress: Progress) -> Found:
    left: RecordEncodings = spine.data
    right: RecordEncodings = joined.data
    if not len(left.filters) or not len(right.filters):
        return _nothing()
    links = link_files(
        left.filters,
        right.filters,
        pairs=pairs,
        tokens_left=left.tokens,
        tokens_right=right.tokens,
        progress=progress,
    )
    at = np.flatnonzero(links.probability >= LIKELY)
    likely = float(links.probability[at].sum())
    return Found(
        links.left[at].astype(np.int64),
        links.right[at].astype(np.int64),
        links.probability[at],
        seen=likely / links.report.recall if links.report.recall else None,
        doubt=links.report.doubt,
    )


def _by_fields(
    spine: Side,
    joined: Side,
    pairs: Pairs,
    progress: Progress,
    answers: pa.Table | None = None,
) -> Found:
    left, right = fitted(alike(spine.data, joined.data), alike(joined.data, spine.data))
    if not left.rows or not right.rows:
        return _nothing()
    links = link_encoded(left, right, pairs=pairs, at_least=LIKELY, progress=progress)
    found = judged(links, left.rows, right.rows, pairs)
    if known := known_of(answers, found, spine.tokens["row_id"], joined.tokens["row_id"]):
        found = judged_anew(found, known, at_least=LIKELY)
    at = np.flatnonzero(found.linked)
    return Found(
        found.scored.left[at].astype(np.int64),
        found.scored.right[at].astype(np.int64),
        found.chance[at],
        proposed=tuple(map(_in_words, found.learned.rules)),
        rule=found.scored.rule[at].astype(np.int64),
        quality=lambda sure: quality_of(sure_only(found, sure), left, right),
    )


def alike(table: EncodedTable, other: EncodedTable) -> EncodedTable:
    """Return the fields of a table that the other has too, in the agreed order."""
    return EncodedTable(
        table.rows, {name: field for name, field in table.fields.items() if name in other.fields}
    )


def _in_words(rule: Rule) -> str:
    said = [field if feature == "exact" else f"{field}:{feature}" for field, feature in rule]
    return f"[{', '.join(said)}]" if said else "comparing every pair"
