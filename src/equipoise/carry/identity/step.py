"""The step of a locked process: an entity's rows are known again by its register.

It stands in for linking where the agreement says that identities persist. The session holds the
encoded tables by dataset, as for ``link``; ``REGISTER`` is the register as one table, absent the
first time; ``MOMENT`` has one line: ``at``; ``seed``, 32 random bytes from which the identifiers of
new identities are drawn; if the owners encoded, ``made_with``, the check of their key; and in the
mode ``identified`` ``key``, the register's own, which opens nothing else.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from equipoise.agree.document import Agreement
from equipoise.agree.parts import Entity
from equipoise.agree.words import SURE
from equipoise.carry.identity.decisions import forget
from equipoise.carry.identity.deliver import Batch, deliver
from equipoise.carry.identity.kept import as_table, from_table, with_next_year
from equipoise.carry.identity.known_by import KnownBy, known_by
from equipoise.carry.identity.match import codes, encoding_keys
from equipoise.carry.identity.register import (
    CURRENT,
    ID,
    MACHINE,
    Draw,
    Register,
    empty_register,
    numbers,
    roots,
)
from equipoise.carry.identity.report import Taken
from equipoise.carry.identity.resolve import Pairs, Resolution, best_of_each, choose
from equipoise.carry.link.exact import entity_clause
from equipoise.carry.link.opt_outs import without_barred
from equipoise.carry.session import Session
from equipoise.errors import DocumentRefused, Problem, StateRefused

REGISTER: Final = "_register"
MOMENT: Final = "_moment"
"""No dataset can have these names: an id begins with a letter."""

LASTING: Final = pa.schema([("dataset", pa.string()), ("row_id", ID), ("identifier", ID)])
"""Every row of every dataset and the identifier of the identity it belongs to."""


@dataclass(frozen=True)
class Known:
    """One entity, known again. ``members`` has the schema ``LASTING``, in the order of row ids,
    which are random; ``dropped`` are rows that an opt-out list bars; ``register`` is one table;
    ``numbers_of`` are the register's figures, exact, for the room alone."""

    members: pa.Table
    report: Taken
    dropped: pa.Table
    register: pa.Table
    numbers_of: Mapping[str, Any]


def know(session: Session, agreement: Agreement, entity: str) -> Known:
    """Take a delivery into an entity's register and say who each row is.

    Raises ``DocumentRefused`` (IDR060) when the agreement lets no identities of the entity persist,
    and what ``known_by``, ``_register`` (IDR061) and ``deliver`` raise for what does not fit.
    """
    clause = entity_clause(agreement, entity)
    kept = clause.identities
    if kept is None:
        raise DocumentRefused(
            Problem(
                "IDR060",
                f"the agreement lets no identities of {entity} persist",
                clause=f"linkage.entities.{entity}",
                next="agree 'identities' in a new version, or link without a register",
            )
        )
    datasets = (clause.spine, *clause.join)
    now = now_of(session)
    barred = without_barred(session, agreement, datasets)
    known = known_by(session, agreement, entity, clause, made_with=now.made_with, key=now.key)
    session.progress(0.1, "knowing rows again")
    register = _register(session, entity, known)
    register = _without_barred(register, known, barred.dropped, now.at)
    register, taken = deliver(
        register,
        [Batch(name, rows_of(known, name, barred.dropped, here=False)) for name in datasets],
        at=now.at,
        draw=now.draw,
        matcher=known.matcher,
        resolution=_resolution(clause),
        absent_for=timedelta(days=kept.remember_absent),
    )
    taken = replace(taken, opted_out=barred.counts(agreement, datasets))
    session.progress(1.0, "known again")
    return Known(
        _members(register, datasets), taken, barred.dropped, as_table(register), figures(register)
    )


def _resolution(clause: Entity) -> Resolution:
    assert clause.identities is not None
    found = Resolution(
        one_per_file=clause.pairs == "one to one", merge=clause.identities.merges == "machine may"
    )
    if clause.compare is None:
        return found
    sure = SURE if clause.sure_at_least is None else clause.sure_at_least
    return replace(found, accept=sure, propose=sure)


def _register(session: Session, entity: str, known: KnownBy) -> Register:
    """Return the register as it is, or a new one.

    Raises ``StateRefused`` (IDR061) when its encodings were made under another key: nobody would
    be known again, and everybody would be held for new.
    """
    if REGISTER not in session.names():
        return replace(empty_register(entity, known.schema), made_with=known.made_with)
    held = with_next_year(from_table(session.table(REGISTER)), known.schema)
    made_with_one_key(entity, held.made_with, known.made_with)
    return replace(held, made_with=held.made_with or known.made_with)


def made_with_one_key(entity: str, held: str, came: str) -> None:
    """Refuse (IDR061) what was made under another key than the register; empty is not known."""
    if held and came and held != came:
        raise StateRefused(
            Problem(
                "IDR061",
                f"the register of {entity} was made with another key than what came now",
                why="encodings under two keys never meet, so everybody would be held for new",
                next="have the owners pack with the secret they had; or erase the register and "
                f"begin anew: equipoise erase AGREEMENT identities-{entity}",
            )
        )


@dataclass(frozen=True)
class Now:
    """What comes with a delivery: its moment, randomness, and which keys it was made with."""

    at: datetime
    draw: Draw
    made_with: str
    key: bytes | None


def now_of(session: Session) -> Now:
    """Return what came with a delivery, from the table ``MOMENT``."""
    (line,) = session.table(MOMENT).to_pylist()
    return Now(
        line["at"], expanded(line["seed"]), line.get("made_with") or "", line.get("key") or None
    )


def rows_of(known: KnownBy, dataset: str, dropped: pa.Table, *, here: bool) -> pa.Table:
    """Return a dataset's rows that a list bars (``here``), or all the others."""
    table = known.tables[dataset]
    ids = dropped.filter(pc.equal(dropped["dataset"], dataset))["row_id"].combine_chunks()
    barred = pc.is_in(table["row_id"], value_set=ids)
    return table.filter(barred if here else pc.invert(barred))


def expanded(seed: bytes) -> Draw:
    """Return a source of bytes that nobody can tell from chance without ``seed`` (32 bytes).

    SHAKE256 of the seed and the number of the draw, so that no draw repeats another.
    """
    turn = iter(range(1 << 32))

    def draw(size: int) -> bytes:
        return hashlib.shake_256(seed + next(turn).to_bytes(4, "big")).digest(size)

    return draw


def _without_barred(
    register: Register, known: KnownBy, dropped: pa.Table, at: datetime
) -> Register:
    """Erase what the register remembers of rows that an opt-out list bars now."""
    for dataset in pc.unique(dropped["dataset"]).to_pylist():
        barred = rows_of(known, dataset, dropped, here=True)
        own = np.flatnonzero(np.asarray(pc.equal(register.records["dataset"], dataset)))
        lines = register.records.take(pa.array(own)).append_column("identity", [own])
        gone = np.zeros(register.records.num_rows, np.bool_)
        marks = [encoding_keys(table, register.encodings) for table in (lines, barred)]
        code, _ = codes(np.concatenate([mark for mark, _ in marks]))
        same = np.isin(code[: len(own)], code[len(own) :][marks[1][1]])
        gone[own[same & marks[0][1]]] = True
        found = known.matcher(lines, barred)
        row, new = numbers(found["register_row"]), numbers(found["new_row"])
        chance = np.asarray(found["probability"].to_numpy(), np.float64)
        pairs = Pairs(own[row], own[row], new, chance)
        pairs = pairs.where(best_of_each(pairs.leaf, new, chance))
        taken, _ = choose(pairs, barred.num_rows, one_per_file=False)
        gone[pairs.leaf[taken[taken >= 0]]] = True
        register = forget(register, gone, at=at, actor=MACHINE, reason="on the opt-out list")
    return register


def _members(register: Register, datasets: tuple[str, ...]) -> pa.Table:
    """Return every living row of the datasets with its identifier, in the order of row ids."""
    here = pc.is_in(register.records["dataset"], value_set=pa.array(datasets))
    held = np.flatnonzero(register.living & np.asarray(here))
    identity = register.identity_of_records()[held]
    lines = register.records.select(["dataset", "row_id"]).take(pa.array(held))
    table = lines.append_column("identifier", register.identifiers(identity))
    return table.cast(LASTING).take(pc.sort_indices(table["row_id"]))


def figures(register: Register) -> dict[str, Any]:
    """Return what a register holds, as exact numbers that name nobody."""
    standing = register.standing
    records = np.bincount(register.identity_of_records(), minlength=len(standing))
    sizes = Counter(np.minimum(records[standing == CURRENT], 5).tolist())
    return {
        "records": register.records.num_rows,
        "living": int(register.living.sum()),
        "current": int((standing == CURRENT).sum()),
        "redirecting": int((roots(standing) != np.arange(len(standing))).sum()),
        "events": dict(Counter(register.events["kind"].to_pylist())),
        "sizes": {str(size): count for size, count in sorted(sizes.items()) if size},
    }
