"""anonlink on one prepared set: ``python -m benchmarks.linkage.run_anonlink PREPARED ANSWER``.

clkhash makes a keyed filter of 1,024 bits of each record, anonlink compares every pair by Dice and
gives pairs out greedily. It has no probabilities: the decision is at a threshold chosen without
truth (below); the best F1 over thresholds, which needs truth, is the figure that flatters it.
"""

from __future__ import annotations

import argparse
import secrets
from pathlib import Path

import anonlink
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from clkhash import clk
from clkhash.comparators import AbstractComparison, ExactComparison, NgramComparison
from clkhash.field_formats import BitsPerFeatureStrategy, FieldHashingProperties, StringSpec
from clkhash.schema import Schema

from benchmarks.linkage.answer import Answer, Job

BITS = 1024
LEAST = 0.6
"""Pairs less alike than this are not kept."""
PARTNERS = {"one-to-one": 5, "one-left": 5, "many": 60}
"""How many likely partners of a record are kept."""

_WORDS = NgramComparison(2)
_FIGURES = NgramComparison(1, positional=True)
_KINDS: dict[str, tuple[AbstractComparison, int]] = {
    "forename": (_WORDS, 200), "surname": (_WORDS, 200), "name": (_WORDS, 300),
    "date": (_FIGURES, 200), "year": (_FIGURES, 80), "postcode": (_FIGURES, 120),
    "address": (_WORDS, 150), "place": (_WORDS, 100), "email": (_WORDS, 200),
    "phone": (_FIGURES, 150), "number": (_FIGURES, 250), "nhs number": (_FIGURES, 250),
    "code": (_FIGURES, 60), "sex": (ExactComparison(), 30), "category": (ExactComparison(), 30),
    "text": (_WORDS, 100), "organisation": (_WORDS, 150),
}  # fmt: skip
"""How a field of each kind is cut into tokens, and how many bits all of them set."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("prepared", type=Path)
    parser.add_argument("answer", type=Path)
    asked = parser.parse_args()
    job, answer = Job.read(asked.prepared), Answer(asked.answer)
    key = secrets.token_hex(32)
    tables = {name: pq.read_table(path) for name, path in job.tables.items()}
    filters = {name: encode(table, job, key) for name, table in tables.items()}
    ids = {name: table[job.id].combine_chunks() for name, table in tables.items()}
    if job.task == "link":
        link(filters, ids, job, answer)
    else:
        cluster(filters, ids, answer)


class _Sparing(BitsPerFeatureStrategy):
    """As clkhash has it, but an empty field sets no bit, where clkhash would divide by nothing."""

    def bits_per_token(self, num_tokens: int) -> tuple[int, ...]:
        return super().bits_per_token(num_tokens) if num_tokens else ()


def encode(table: pa.Table, job: Job, key: str) -> list:
    """Return a filter per record. Without a file to stream, clkhash uses one process per core."""
    specs = []
    for name, kind in job.fields.items():
        comparison, bits = _KINDS[kind]
        properties = FieldHashingProperties(comparison, _Sparing(bits))
        specs.append(StringSpec(name, properties))
    schema = Schema(specs, BITS)
    columns = [table[name].fill_null("").to_pylist() for name in job.fields]
    return clk.generate_clks(list(zip(*columns, strict=True)), schema, key, validate=False)


def link(filters: dict, ids: dict, job: Job, answer: Answer) -> None:
    """Compare two tables, give pairs out, and choose a threshold from the runners-up."""
    left, right = filters["left"], filters["right"]
    alike, (at_left, at_right) = _pairs(left, right, PARTNERS[job.assign])
    threshold = from_runners_up(alike, at_left)
    if job.assign == "one-to-one":
        kept = _greedy(alike, at_left, at_right)
    elif job.assign == "one-left":
        kept = _best_of_each(alike, at_right)
    else:
        kept = np.arange(len(alike))
    answer.pairs(
        ids["left"].take(pa.array(at_left[kept])),
        ids["right"].take(pa.array(at_right[kept])),
        alike[kept],
    )
    answer.done(threshold=threshold)


def cluster(filters: dict, ids: dict, answer: Answer) -> None:
    """Compare all records with all, and let alike records hang together."""
    records = [one for table in filters.values() for one in table]
    names = np.repeat(list(ids), [len(of) for of in ids.values()])
    every = pa.chunked_array(list(ids.values())).combine_chunks()
    alike, (one, other) = _pairs(records, records, PARTNERS["many"])
    apart = one < other
    alike, one, other = alike[apart], one[apart], other[apart]
    best = np.zeros(len(records))
    np.maximum.at(best, one, alike)
    np.maximum.at(best, other, alike)
    threshold = between_two_heaps(best)
    for cut in (None, *np.round(np.arange(0.62, 0.99, 0.02), 2).tolist()):
        joined = alike >= (threshold if cut is None else cut)
        entity = components(len(records), one[joined], other[joined])
        answer.clusters(pa.table({"table": names, "id": every, "entity_id": entity}), cut)
        if cut is None:
            answer.done(threshold=threshold)


def _pairs(left: list, right: list, partners: int) -> tuple:
    alike, (one, other) = anonlink.similarities.dice_coefficient((left, right), LEAST, k=partners)
    return np.asarray(alike), (np.asarray(one, np.int64), np.asarray(other, np.int64))


def _greedy(alike: np.ndarray, left: np.ndarray, right: np.ndarray) -> np.ndarray:
    zero, one = (np.full(len(alike), at, np.uint32) for at in (0, 1))
    sides = (left.astype(np.uint32), right.astype(np.uint32))
    groups = anonlink.solving.greedy_solve((alike, (zero, one), sides))
    rank = {(int(a), int(b)): at for at, (a, b) in enumerate(zip(left, right, strict=True))}
    pairs = [tuple(row for _, row in sorted(group)) for group in groups if len(group) == 2]
    return np.array([rank[pair] for pair in pairs], dtype=np.int64)


def _best_of_each(alike: np.ndarray, record: np.ndarray) -> np.ndarray:
    order = np.lexsort((-alike, record))
    first = np.ones(len(order), dtype=bool)
    first[1:] = record[order][1:] != record[order][:-1]
    return order[first]


def from_runners_up(alike: np.ndarray, record: np.ndarray) -> float:
    """Return the threshold of best expected F1, taking each record's second best as a stranger.

    Above a threshold, as many of the best are strangers as runners-up lie above it.
    """
    order = np.lexsort((-alike, record))
    ranked, of = alike[order], record[order]
    first = np.ones(len(of), dtype=bool)
    first[1:] = of[1:] != of[:-1]
    second = np.zeros(len(of), dtype=bool)
    second[1:] = first[:-1] & ~first[1:]
    cuts = np.linspace(LEAST, 1, 201)
    best = len(ranked[first]) - np.searchsorted(np.sort(ranked[first]), cuts)
    strangers = len(ranked[second]) - np.searchsorted(np.sort(ranked[second]), cuts)
    right = np.maximum(best - strangers, 0)
    return float(cuts[np.argmax(2 * right / np.maximum(best + right.max(), 1))])


def between_two_heaps(values: np.ndarray) -> float:
    """Return Otsu's cut: the one that leaves two heaps, each least spread."""
    counts, edges = np.histogram(values[values > 0], bins=100, range=(LEAST, 1))
    middle = (edges[:-1] + edges[1:]) / 2
    below, total = np.cumsum(counts), counts.sum()
    sums = np.cumsum(counts * middle)
    above = total - below
    with np.errstate(divide="ignore", invalid="ignore"):
        spread = below * above * (sums / below - (sums[-1] - sums) / above) ** 2
    return float(edges[1:][np.nanargmax(spread)])


def components(records: int, one: np.ndarray, other: np.ndarray) -> np.ndarray:
    """Return a number per record, the same for all that hang together."""
    parent = list(range(records))

    def top(at: int) -> int:
        while parent[at] != at:
            parent[at] = parent[parent[at]]
            at = parent[at]
        return at

    for a, b in zip(one.tolist(), other.tolist(), strict=True):
        parent[top(a)] = top(b)
    return np.array([top(at) for at in range(records)])


if __name__ == "__main__":
    main()
