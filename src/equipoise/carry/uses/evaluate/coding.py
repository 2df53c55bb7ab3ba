"""Covariates as numbers: how each is coded for the balance table and for the score model."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from equipoise.errors import DataRefused, Problem

Floats = npt.NDArray[np.float64]
Booleans = npt.NDArray[np.bool_]

MOST_LEVELS = 50
_TOLERANCE = 1e-9


@dataclass(frozen=True)
class Coded:
    """Covariates of n people.

    ``values`` (n, m): every column of the balance table, all levels of every category among them.
    ``labels`` and ``binary`` name them. ``design`` (n, k) is the score model's matrix: a constant,
    then the columns that carry information, one level of each category left out. ``dropped`` names
    the columns the model leaves out because they are constant or follow from others. ``category``
    (m,) numbers the covariate each column belongs to.
    """

    labels: tuple[str, ...]
    binary: Booleans
    values: Floats
    design: Floats
    dropped: tuple[str, ...]
    category: npt.NDArray[np.int64]


def code(columns: dict[str, Any]) -> Coded:
    """Code each covariate: numbers as they are, dates as days, yes/no as 1 and 0, categories as one
    column a level, in alphabetical order.

    ``columns`` holds complete Arrow arrays by field path. Raises ``DataRefused`` (USE028) when a
    category has more than fifty levels: such a field names people rather than describing them.
    """
    labels: list[str] = []
    binary: list[bool] = []
    values: list[Floats] = []
    category: list[int] = []
    reference: set[int] = set()
    for number, (path, column) in enumerate(columns.items()):
        name = path.split(".")[1].replace("_", " ")
        parts = _parts(path, column)
        if len(parts) > 1:
            # The commonest level is the reference, so that the others are measured firmly.
            reference.add(len(values) + int(np.argmax([part.sum() for _, part in parts])))
        for level, part in parts:
            labels.append(name if level is None else f"{name}: {level}")
            binary.append(level is not None or pa.types.is_boolean(column.type))
            values.append(part)
            category.append(number)
    matrix = np.column_stack(values)
    candidates = [i for i in range(len(values)) if i not in reference]
    kept, dropped = _informative(matrix, candidates)
    design = np.column_stack([np.ones(len(matrix)), matrix[:, kept]])
    return Coded(
        tuple(labels),
        np.array(binary),
        matrix,
        design,
        tuple(labels[i] for i in dropped),
        np.array(category),
    )


def _parts(path: str, column: Any) -> list[tuple[str | None, Floats]]:
    kind = column.type
    if pa.types.is_temporal(kind):
        column, kind = column.cast(pa.date32()).cast(pa.int32()), pa.int32()
    if pa.types.is_boolean(kind) or pa.types.is_integer(kind) or pa.types.is_floating(kind):
        return [(None, np.asarray(column.to_numpy(zero_copy_only=False), dtype=np.float64))]
    coded = column.cast(pa.string()).dictionary_encode()
    levels = coded.dictionary.to_pylist()
    if len(levels) > MOST_LEVELS:
        raise DataRefused(
            Problem(
                "USE028",
                f"'{path}' has more than {MOST_LEVELS} different values",
                why="people cannot be compared on a field that nearly names them",
                next="group its values, or leave it out",
                clause=f"datasets.{path}",
            )
        )
    index = np.asarray(coded.indices.to_numpy(zero_copy_only=False))
    order = sorted(range(len(levels)), key=lambda i: levels[i])
    return [(levels[i], (index == i).astype(np.float64)) for i in order]


def _informative(matrix: Floats, candidates: list[int]) -> tuple[list[int], list[int]]:
    """Split ``candidates`` into columns to keep and columns that are constant or a sum of kept
    ones; earlier columns win. Works on the correlations, so units do not matter."""
    kept: list[int] = []
    dropped: list[int] = []
    centred = matrix - matrix.mean(axis=0)
    length = np.sqrt((centred**2).sum(axis=0))
    varies = length > _TOLERANCE * (1 + np.abs(matrix).max(axis=0)) * np.sqrt(len(matrix))
    unit = centred / np.where(varies, length, 1.0)
    products = unit.T @ unit
    for i in candidates:
        rest = products[i, i]
        if kept:
            with_kept = products[np.ix_(kept, [i])]
            inside = products[np.ix_(kept, kept)]
            rest -= float((with_kept.T @ np.linalg.solve(inside, with_kept))[0, 0])
        (kept if varies[i] and rest > _TOLERANCE else dropped).append(i)
    return kept, dropped
