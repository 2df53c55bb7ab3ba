"""Who is analysed: from everybody sent, step by step, to the people who can be compared.

Each step of the funnel counts the people left, treated and comparison apart, so that nobody reading
"72 analysed" fails to see "321 sent".
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from equipoise.agree.document import Agreement
from equipoise.agree.uses import EvaluateUse, FieldRef, read_test
from equipoise.carry.session import Session
from equipoise.carry.uses.conditions import Booleans, holds, known
from equipoise.carry.uses.evaluate.aligned import Aligned

Rows = npt.NDArray[np.int64]

SENT = "sent"
HAD = "had the service"
FOUND = "matched to a record"
ANALYSED = "matched comparison found (analysed)"


@dataclass(frozen=True)
class Step:
    """One step of the funnel: how many treated and comparison people are left after it.

    ``None``: the step does not apply to the group.
    """

    name: str
    treated: int | None
    comparison: int | None


@dataclass(frozen=True)
class Cohort:
    """The people who may be matched: ``rows`` of the pool, in an order that says nothing.

    ``treated`` (n,) marks those who had the service; ``columns`` holds each covariate, exact field
    and outcome for these rows.
    """

    rows: Rows
    treated: Booleans
    columns: dict[str, Any]
    funnel: tuple[Step, ...]
    warnings: tuple[str, ...]


@dataclass
class _Sieve:
    """The people still in, and the funnel so far. ``repeated`` marks pool rows of people who have
    more than one."""

    treated: Booleans
    keep: Booleans
    funnel: list[Step]
    repeated: Booleans
    warnings: list[str] = field(default_factory=list)

    def step(self, name: str, keep: Booleans) -> None:
        """Keep only ``keep`` and write the step down."""
        self.keep = self.keep & keep
        treated = int((self.keep & self.treated).sum())
        self.funnel.append(Step(name, treated, int(self.keep.sum()) - treated))


def gather(session: Session, agreement: Agreement, use: EvaluateUse, use_id: str) -> Cohort:
    """Walk the funnel up to matching.

    Raises ``DataRefused`` and ``DocumentRefused`` when a field or the way to it is unclear.
    """
    reach = Aligned(session, agreement, use, use_id)
    sieve = _linked_people(reach) if use.treated.dataset else _tested_people(reach)
    if sieve.repeated.any():
        sieve.step("exactly one record held", ~sieve.repeated)
        sieve.warnings.append(
            "people with more than one record were left out: nothing says which record counts"
        )
    _exclude(reach, sieve)
    _dates(reach, sieve)
    wanted = tuple(dict.fromkeys((*use.covariates, *use.match.exact)))
    columns = {path: reach.column(path) for path in wanted}
    sieve.step("every covariate known", _complete(columns.values(), len(sieve.keep)))
    outcomes = {o.field: reach.column(o.field) for o in use.outcomes.values()}
    sieve.step("every outcome known", _complete(outcomes.values(), len(sieve.keep)))
    rows = np.flatnonzero(sieve.keep)
    everything = columns | outcomes
    rows = rows[shuffled([column.take(pa.array(rows)) for column in everything.values()])]
    taken = pa.array(rows)
    return Cohort(
        rows,
        sieve.treated[rows],
        {path: column.take(taken) for path, column in everything.items()},
        tuple(sieve.funnel),
        tuple(sieve.warnings),
    )


def shuffled(columns: Sequence[Any]) -> npt.NDArray[np.int64]:
    """Return an order of rows that follows from what they hold and says nothing about it.

    Where scores tie, the order decides who is matched. Files come in an order that may lean (by
    date, by name) and parcels in a random one; a hash of each row's own content gives the same
    answer for the same data, however it arrives. Rows of the same content are interchangeable.
    """
    texts = [pc.fill_null(pc.cast(column, pa.string()), "\x00") for column in columns]
    whole = pc.dictionary_encode(pc.binary_join_element_wise(*texts, "\x1f"))
    whole = whole.combine_chunks() if isinstance(whole, pa.ChunkedArray) else whole
    marks = [
        int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8).digest(), "big") >> 1
        for text in whole.dictionary.to_pylist()
    ]
    index = np.asarray(whole.indices.to_numpy(zero_copy_only=False), dtype=np.int64)
    return np.argsort(np.asarray(marks, dtype=np.int64)[index], kind="stable")


def _complete(columns: Any, size: int) -> Booleans:
    complete = np.ones(size, dtype=bool)
    for column in columns:
        complete &= known(column)
    return complete


def _linked_people(reach: Aligned) -> _Sieve:
    """The treated are pool rows linked from the treated dataset; a person listed twice counts once,
    from the earliest start."""
    cohort, once = reach.cohort, reach.once
    treated = reach.cohort_row >= 0
    _, counts = np.unique(reach.pool_keys, return_counts=True)
    repeated = np.zeros(len(treated), dtype=bool)
    if counts.max(initial=0) > 1:
        keys, back = np.unique(reach.pool_keys, return_inverse=True)
        repeated = np.bincount(back, minlength=len(keys))[back] > 1
    funnel = [Step(SENT, cohort.num_rows, None)]
    if len(once) < cohort.num_rows:
        funnel.append(Step("each person counted once", len(once), None))
    found = len(np.unique(reach.pool_keys[treated]))
    funnel.append(Step(FOUND, found, int((~treated).sum())))
    return _Sieve(treated, np.ones(len(treated), dtype=bool), funnel, repeated)


def _tested_people(reach: Aligned) -> _Sieve:
    """The treated are pool rows that meet the clause's test."""
    assert reach.use.treated.test is not None
    test = read_test(reach.use.treated.test)
    path = f"{test.dataset}.{test.field}"
    column = reach.column(path)
    treated = holds(test, column, clause=f"uses.{reach.use_id}.treated.test")
    size = len(treated)
    sieve = _Sieve(treated, np.ones(size, dtype=bool), [], np.zeros(size, dtype=bool))
    sieve.step(HAD, np.ones(size, dtype=bool))
    if not known(column).all():
        sieve.step("known whether they had the service", known(column))
    return sieve


def _exclude(reach: Aligned, sieve: _Sieve) -> None:
    for number, exclusion in enumerate(reach.use.exclude):
        test = read_test(exclusion.test)
        other = test.value
        right = (
            reach.column(f"{other.dataset}.{other.field}") if isinstance(other, FieldRef) else None
        )
        left = reach.column(f"{test.dataset}.{test.field}")
        clause = f"uses.{reach.use_id}.exclude.{number}"
        sieve.step(f"not left out: {exclusion.name}", ~holds(test, left, right, clause=clause))


def _dates(reach: Aligned, sieve: _Sieve) -> None:
    """Hold the service's start against the index date.

    Covariates are as known at the index date. If the service began before it, they may already
    carry its effect; such people are left out even when no exclusion says so.
    """
    use = reach.use
    index = reach.column(use.index_date) if use.index_date else None
    if index is not None and not known(index).all():
        sieve.step("index date known", known(index))
    if use.treated.starts is None:
        return
    starts = reach.column(use.treated.starts)
    if not known(starts)[sieve.treated].all():
        sieve.step("start of the service known", known(starts) | ~sieve.treated)
    if index is not None:
        late = pc.fill_null(pc.greater_equal(_day(starts), _day(index)), True)
        after = np.asarray(late.to_numpy(zero_copy_only=False), dtype=bool)
        if not after[sieve.treated & sieve.keep].all():
            sieve.step("service began on or after the index date", after | ~sieve.treated)


def _day(column: Any) -> Any:
    return column.cast(pa.date32())
