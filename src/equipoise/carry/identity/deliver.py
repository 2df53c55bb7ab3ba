"""A delivery enters the register: new records are held against it, and against nothing else.

Dataset by dataset, in the order given:

1. A row that the register holds already (its very row id) stays as it is, so that a delivery taken
   in twice changes nothing.
2. A row with the whole encoding of an earlier row of the same dataset is that record, delivered
   again: it keeps its place, whatever else is like it. So what a person decided about it stays.
3. Rows of one file with one encoding are one record given more than once.
4. The matcher holds the rest against the register's records. Each joins the identity that fits it
   best and alone (``resolve``); the others make new identities, with random identifiers.
5. A delivery takes the place of the one before it: links of the dataset's other rows end.

At the end, records that ended long enough ago are erased with their encodings, and identities with
no record left are retired.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from equipoise.carry.identity.decisions import apart, forget, open_proposals
from equipoise.carry.identity.match import Matcher
from equipoise.carry.identity.register import (
    CURRENT,
    ID,
    MACHINE,
    RECORDS,
    RETIRED,
    Draw,
    Numbers,
    Register,
    Truths,
    add_event,
    add_identities,
    flat,
    numbers,
    turn,
    with_lines,
    words,
)
from equipoise.carry.identity.report import DatasetTaken, Taken
from equipoise.carry.identity.resolve import Resolution, Shares
from equipoise.carry.identity.settle import Settled, settle
from equipoise.errors import DataRefused, Problem


@dataclass(frozen=True)
class Batch:
    """The rows of one dataset: ``row_id`` and the register's encodings. With ``replaces``, the
    dataset's earlier rows that are not in it end."""

    dataset: str
    table: pa.Table
    replaces: bool = True
    evidence: str = ""


def deliver(
    register: Register,
    batches: Sequence[Batch],
    *,
    at: datetime,
    draw: Draw,
    matcher: Matcher,
    resolution: Resolution = Resolution(),  # noqa: B008  # frozen
    absent_for: timedelta = timedelta(0),
    actor: str = MACHINE,
) -> tuple[Register, Taken]:
    """Return the register with a delivery taken in, and what that did.

    ``at`` is the moment from which the links are valid; ``draw`` gives random bytes;
    ``absent_for`` is how long the encodings of a record that is delivered no more are kept, so that
    somebody who comes back is recognised. Raises ``DataRefused`` (IDR002, IDR003) for batches that
    do not fit the register, and what ``add_event`` raises.
    """
    _check(register, batches)
    told, events = [], []
    for batch in batches:
        register, done, event = _take(register, batch, at, draw, matcher, resolution, actor)
        told.append(done)
        events.append(event)
    merged = 0
    if resolution.merge:
        register, merged = _merge_sure(register, at, actor, events, resolution.one_per_file)
    before = register.records.num_rows
    standing = register.standing
    register = forget(
        register, _long_ended(register, at, absent_for), at=at, actor=actor,
        reason="delivered no more",
    )  # fmt: skip
    retired = int((register.standing == RETIRED).sum() - (standing == RETIRED).sum())
    proposed = numbers(register.proposals["event"])
    opened = {place + 1 for place in np.flatnonzero(np.isin(proposed, events)).tolist()}
    return register, Taken(
        entity=register.entity,
        datasets=tuple(told),
        proposed=sum(line["proposal"] in opened for line in open_proposals(register)),
        merged=merged,
        forgotten=before - register.records.num_rows,
        retired=retired,
        identities=int((register.standing == CURRENT).sum()),
    )


def _take(
    register: Register, batch: Batch, at: datetime, draw: Draw, matcher: Matcher,
    resolution: Resolution, actor: str,
) -> tuple[Register, DatasetTaken, int]:  # fmt: skip
    """Take one dataset in."""
    own = np.asarray(pc.equal(register.records["dataset"], batch.dataset)) & register.living
    lines = np.flatnonzero(own)
    held = flat(register.records["row_id"]).take(pa.array(lines))
    known = np.asarray(pc.is_in(batch.table["row_id"], value_set=held))
    if known.all() and len(lines) == len(known):
        return register, _told(batch, known, None, 0, 0), 0
    lines = lines[~np.asarray(pc.is_in(held, value_set=flat(batch.table["row_id"])))]
    lines = lines if batch.replaces else lines[:0]
    fresh = batch.table.filter(pa.array(~known))
    settled = settle(register, fresh, lines, matcher, resolution)
    register, event = add_event(
        register, "delivered", at=at, actor=actor, reason=batch.dataset, evidence=batch.evidence
    )
    alone = settled.leaf < 0
    clusters, place = np.unique(settled.cluster[alone], return_inverse=True)
    leaf = settled.leaf.copy()
    leaf[alone] = register.identities.num_rows + place
    register = add_identities(register, len(clusters), event, draw)
    register = _renew(register, settled.continues, fresh)
    enters = settled.continues < 0
    register = _enter(register, batch.dataset, fresh.filter(pa.array(enters)), leaf[enters], event)
    ends = lines[~np.isin(lines, settled.continues, kind="table")]
    register = _end(register, ends, event)
    register = _propose(register, settled.rivals, event)
    return register, _told(batch, known, settled, len(clusters), len(ends)), event


def _renew(register: Register, continues: Numbers, fresh: pa.Table) -> Register:
    """Give records that are delivered again, unchanged, the row id of the new delivery."""
    rows = np.flatnonzero(continues >= 0)
    if not len(rows):
        return register
    ids = words(register.records["row_id"])[0].copy()
    ids[continues[rows]] = words(fresh["row_id"])[0][rows]
    place = register.records.column_names.index("row_id")
    column = pa.Array.from_buffers(ID, len(ids), [None, pa.py_buffer(ids.tobytes())])
    return replace(register, records=register.records.set_column(place, "row_id", column))


def _enter(
    register: Register, dataset: str, fresh: pa.Table, leaf: Numbers, event: int
) -> Register:
    count = fresh.num_rows
    columns = {
        "record": register.next_record + np.arange(count),
        "dataset": pa.repeat(pa.scalar(dataset, pa.string()), count),
        "row_id": fresh["row_id"],
        "entered": np.full(count, event, np.int64),
        "entered_as": leaf,
        "ended": pa.nulls(count, pa.int64()),
        "leaf": leaf,
        **{name: fresh[name] for name in register.encodings},
    }
    added = pa.table(columns, schema=register.records.schema)
    return replace(
        register,
        records=pa.concat_tables([register.records, added]),
        next_record=register.next_record + count,
    )


def _end(register: Register, lines: Numbers, event: int) -> Register:
    if not len(lines):
        return register
    ended = numbers(register.records["ended"], missing=0).copy()
    ended[lines] = event
    place = RECORDS.names.index("ended")
    column = pa.array(ended, pa.int64(), mask=ended == 0)
    return replace(register, records=register.records.set_column(place, "ended", column))


def _propose(
    register: Register, found: tuple[Numbers, Numbers, Numbers, Shares], event: int
) -> Register:
    held_apart = apart(register)
    lines = [
        {
            "event": event, "left": left, "right": right, "rows": rows,
            "probability": min(chance, 1.0),
        }
        for left, right, rows, chance in zip(*(each.tolist() for each in found), strict=True)
        if (left, right) not in held_apart
    ]  # fmt: skip
    return replace(register, proposals=with_lines(register.proposals, lines))


def _merge_sure(
    register: Register, at: datetime, actor: str, events: Sequence[int], one_per_file: bool
) -> tuple[Register, int]:
    """Merge the proposals of this delivery in which neither identity has another; say how many.

    An identity that could be two others is left to people, so that merges never run on in a chain.
    So are two that stand in one file where a file has everybody once: twins, as likely as not.
    """
    made = numbers(register.proposals["event"])
    fresh = {place + 1 for place in np.flatnonzero(np.isin(made, events)).tolist()}
    lines = [line for line in open_proposals(register) if line["proposal"] in fresh]
    named = [int(line[side]) for line in lines for side in ("left", "right")]
    once = {identity for identity in named if named.count(identity) == 1} if lines else set()
    sure = [line for line in lines if {line["left"], line["right"]} <= once]
    if one_per_file:
        files = _files_of(
            register, {int(line[side]) for line in sure for side in ("left", "right")}
        )
        sure = [line for line in sure if not files[int(line["left"])] & files[int(line["right"])]]
    for line in sure:
        kept, goes = int(line["left"]), int(line["right"])
        register, event = add_event(
            register, "merged", at=at, actor=actor, reason="one record fits both, and no third",
            evidence=f"proposal:{line['proposal']}", left=kept, right=goes,
        )  # fmt: skip
        register = turn(register, event, np.array([goes]), np.array([kept]))
    return register, len(sure)


def _files_of(register: Register, identities: set[int]) -> dict[int, set[str]]:
    """Return the datasets in which each of some identities stands now."""
    owner = register.identity_of_records()
    rows = np.flatnonzero(register.living & np.isin(owner, list(identities)))
    names = register.records["dataset"].take(pa.array(rows)).to_pylist()
    found: dict[int, set[str]] = {identity: set() for identity in identities}
    for identity, name in zip(owner[rows].tolist(), names, strict=True):
        found[identity].add(name)
    return found


def _long_ended(register: Register, at: datetime, absent_for: timedelta) -> Truths:
    """Return which records ended so long ago that nothing of them may be kept."""
    ended = numbers(register.records["ended"], missing=0)
    if not ended.any():
        return np.zeros(len(ended), np.bool_)
    moments = np.asarray(register.events["at"].cast(pa.int64()).to_numpy())
    limit = int((at - absent_for).timestamp() * 1_000_000)
    return np.asarray((ended > 0) & (moments[np.maximum(ended, 1) - 1] <= limit))


def _told(
    batch: Batch, known: Truths, settled: Settled | None, identities: int, ended: int
) -> DatasetTaken:
    alone = int((settled.leaf < 0).sum()) if settled is not None else 0
    return DatasetTaken(
        dataset=batch.dataset,
        rows=batch.table.num_rows,
        known=int(known.sum()),
        met=len(settled.leaf) - alone if settled is not None else 0,
        new=alone,
        identities=identities,
        uncertain=int(settled.uncertain.sum()) if settled is not None else 0,
        without=int(settled.without.sum()) if settled is not None else 0,
        ended=ended,
    )


def _check(register: Register, batches: Sequence[Batch]) -> None:
    problems = []
    for batch in batches:
        own = batch.table.schema
        wanted = [register.records.schema.field(n) for n in ("row_id", *register.encodings)]
        lacks = [
            f.name for f in wanted if f.name not in own.names or own.field(f.name).type != f.type
        ]
        if lacks:
            problems.append(
                Problem(
                    "IDR002",
                    f"the delivery of {batch.dataset} lacks what the register knows rows by: "
                    + ", ".join(lacks),
                    why="it was encoded under other rules",
                    next="have its owner pack it again under this version of the agreement",
                )
            )
        elif (
            batch.table["row_id"].null_count
            or pc.count_distinct(batch.table["row_id"]).as_py() != batch.table.num_rows
        ):
            problems.append(
                Problem(
                    "IDR003",
                    f"row ids of {batch.dataset} are missing or repeated",
                    why="a link could not be told from another",
                    next="have its owner pack it again",
                )
            )
    if problems:
        raise DataRefused(problems)
