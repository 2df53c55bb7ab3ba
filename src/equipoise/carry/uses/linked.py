"""U1: minimised tables that share a pseudonym, and how good the links between them are.

A table is put out for each dataset of which the clause keeps a field: the pseudonym and the kept
fields, for rows that were linked to another dataset of the entity, in the order of the pseudonym.
Rows that met nobody serve no later use and stay behind. Without kept fields only the quality of
the links is reported.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from equipoise.agree.document import Agreement
from equipoise.agree.parts import Entity
from equipoise.agree.uses import LinkCheck, LinkedUse
from equipoise.carry.outputs import Output, OutputColumn, Result
from equipoise.carry.session import Session
from equipoise.carry.uses.intervals import wilson
from equipoise.carry.uses.reach import (
    Keys,
    column_of,
    pairs_between,
    pseudonyms_of,
    table_of,
)
from equipoise.errors import DocumentRefused, Problem, UsageRefused

LINKS = "links"
CHECK = "link_check"
QUALITY = "link_quality"

Text = npt.NDArray[np.object_]


def compute(session: Session, agreement: Agreement, use_id: str) -> Result:
    """Return the kept tables, the share of rows linked, and the check against known pairs."""
    use = linked_clause(agreement, use_id)
    entity = _entity(agreement, use, use_id)
    datasets = (entity.spine, *entity.join)
    keys = {name: pseudonyms_of(table_of(session, name), name, use.entity) for name in datasets}
    session.progress(0.2, "counting links")
    joined = {name: _met(name, keys) for name in datasets}
    outputs = [_link_counts(keys, joined)]
    for name in datasets:
        kept = [path.split(".")[1] for path in use.keep if path.split(".")[0] == name]
        if kept:
            outputs.append(_kept(table_of(session, name), name, use.entity, kept, joined[name]))
    session.progress(0.6, "checking links against known pairs")
    if use.check is not None:
        outputs += _check(session, use.check, use.entity)
    session.progress(1.0, "linked")
    return Result(tuple(outputs))


def linked_clause(agreement: Agreement, use_id: str) -> LinkedUse:
    """Return the use's clause. Raises ``UsageRefused`` (USE001) when it is no linked use."""
    use = agreement.uses.get(use_id)
    if not isinstance(use, LinkedUse):
        raise UsageRefused(Problem("USE001", f"'{use_id}' is not a linked use of this agreement"))
    return use


def _entity(agreement: Agreement, use: LinkedUse, use_id: str) -> Entity:
    entities = agreement.linkage.entities if agreement.linkage is not None else {}
    if use.entity not in entities:
        raise DocumentRefused(
            Problem(
                "USE012",
                f"the linkage clause knows no '{use.entity}'",
                why="rows are joined by an entity of the linkage clause",
                next="name one of: " + (", ".join(entities) or "none is declared"),
                clause=f"uses.{use_id}.entity",
            )
        )
    return entities[use.entity]


def _met(name: str, keys: dict[str, Keys]) -> npt.NDArray[np.bool_]:
    """Return for each row whether its pseudonym stands in another dataset too."""
    others = [values for other, values in keys.items() if other != name]
    return np.isin(keys[name], np.concatenate(others))


def _kept(
    table: pa.Table, name: str, entity: str, kept: list[str], joined: npt.NDArray[np.bool_]
) -> Output:
    keys = pseudonyms_of(table, name, entity)
    rows = np.flatnonzero(joined)
    # A stable sort: a person's several rows stay in the owner's order, which a use may need.
    rows = rows[np.argsort(keys[rows], kind="stable")]
    pseudonym = f"pseudonym_{entity}"
    columns = {pseudonym: pa.array(keys[rows], pa.uint64())}
    columns |= {field: column_of(table, name, field).take(pa.array(rows)) for field in kept}
    return Output(
        f"linked_{name}",
        f"Linked rows of {name}",
        "linked",
        (OutputColumn(pseudonym, "pseudonym"), *(OutputColumn(f, "value") for f in kept)),
        pa.table(columns),
    )


def _link_counts(keys: dict[str, Keys], joined: dict[str, npt.NDArray[np.bool_]]) -> Output:
    rows = [len(values) for values in keys.values()]
    linked = [int(mask.sum()) for mask in joined.values()]
    pairs = zip(linked, rows, strict=True)
    shares = [100 * part / whole if whole else None for part, whole in pairs]
    return Output(
        LINKS,
        "Rows that were linked to another dataset",
        "counts",
        (
            OutputColumn("dataset", "label"),
            OutputColumn("rows", "count"),
            OutputColumn("linked", "count"),
            OutputColumn("share_linked", "rate", "linked", "rows", decimals=1),
        ),
        pa.table(
            {
                "dataset": list(keys),
                "rows": pa.array(rows, pa.int64()),
                "linked": pa.array(linked, pa.int64()),
                "share_linked": pa.array(shares, pa.float64()),
            }
        ),
    )


def _check(session: Session, check: LinkCheck, entity: str) -> list[Output]:
    """Hold the links against known pairs.

    Precision is correct links over links made; recall is correct links over *all* known pairs, so
    that a record lost on the way in counts against us; F1 is their harmonic mean.
    """
    made = _pairs_made(session, check, entity)
    known = _known_pairs(session, check)
    correct = len(np.intersect1d(made, known, assume_unique=True))
    numbers = {"known pairs": len(known), "links made": len(made), "correct links": correct}
    numbers["wrong links"] = len(made) - correct
    numbers["known pairs missed"] = len(known) - correct
    counts = Output(
        CHECK,
        "Links held against known pairs",
        "counts",
        (OutputColumn("what", "label"), OutputColumn("pairs", "count")),
        pa.table({"what": list(numbers), "pairs": pa.array(list(numbers.values()), pa.int64())}),
        sums_of="what",
        sums=(
            ("links made", ("correct links", "wrong links")),
            ("known pairs", ("correct links", "known pairs missed")),
        ),
    )
    return [counts, _quality(correct, len(made), len(known))]


def _quality(correct: int, made: int, known: int) -> Output:
    """F1 is 2J / (1 + J) of the share J of correct links among all pairs made or known, and rises
    with it, so its interval is the transformed score interval of J."""
    union = made + known - correct
    low, high = wilson(correct, union)
    share = correct / union if union else None
    rows = [
        ("precision", made, correct / made if made else None, *wilson(correct, made)),
        ("recall", known, correct / known if known else None, *wilson(correct, known)),
        ("F1", union, _f1(share), _f1(low), _f1(high)),
    ]
    what, rests, value, lows, highs = zip(*rows, strict=True)
    measures = ("value", "low", "high")
    return Output(
        QUALITY,
        "Precision and recall of the links, with 95% intervals",
        "estimates",
        (
            OutputColumn("what", "label"),
            OutputColumn("pairs", "count"),
            # Shares of pairs of records, which say nothing of what any person has or lacks.
            *(
                OutputColumn(m, "measure", denominator="pairs", decimals=3, reads_as="neither")
                for m in measures
            ),
        ),
        pa.table(
            {
                "what": what,
                "pairs": pa.array(rests, pa.int64()),
                "value": pa.array(value, pa.float64()),
                "low": pa.array(lows, pa.float64()),
                "high": pa.array(highs, pa.float64()),
            }
        ),
    )


def _f1(share: float | None) -> float | None:
    return None if share is None else 2 * share / (1 + share)


def _text(session: Session, path: str) -> Text:
    dataset, field = path.split(".")
    column = column_of(table_of(session, dataset), dataset, field).cast(pa.string())
    return np.asarray(column.to_numpy(zero_copy_only=False), dtype=object)


def _paired(left: Text, right: Text) -> Text:
    """Return the distinct pairs as text whose length prefix keeps 1|23 and 12|3 apart."""
    whole = [
        f"{len(one)}:{one}{other}"
        for one, other in zip(left, right, strict=True)
        if one is not None and other is not None
    ]
    return np.unique(np.asarray(whole, dtype=str))


def _known_pairs(session: Session, check: LinkCheck) -> Text:
    return _paired(_text(session, check.left_known), _text(session, check.right_known))


def _pairs_made(session: Session, check: LinkCheck, entity: str) -> Text:
    """Return every pair of references whose rows share a pseudonym."""
    left, right = check.left.split(".")[0], check.right.split(".")[0]
    one, two = pairs_between(
        pseudonyms_of(table_of(session, left), left, entity),
        pseudonyms_of(table_of(session, right), right, entity),
    )
    return _paired(_text(session, check.left)[one], _text(session, check.right)[two])
