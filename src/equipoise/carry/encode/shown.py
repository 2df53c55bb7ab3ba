"""Values of a field, and which way of writing each its parts are made of.

A file may write one value in several ways: MARY ANN and MARYANN are one whole. Its parts (first
word, last word) are made of the way that comes first in the order of text, which has the most
words, wherever its row stands. When a file is encoded piece by piece, the pieces must agree on it:
``Shown.look`` goes through all of them first, and remembers in the clear the few values only of
which two pieces would have chosen differently.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from equipoise.carry.encode.folding import distinct
from equipoise.carry.encode.kinds import KINDS, Kind
from equipoise.carry.marks import Marks, marks_of


class Values:
    """The distinct values of one column: ``wholes``, for each the form it is shown in (``forms``),
    and for each row its value's place (``codes``, -1 where missing)."""

    def __init__(self, column: pa.ChunkedArray, kind: Kind) -> None:
        if pa.types.is_dictionary(column.type):
            column = column.cast(column.type.value_type)
        raw = distinct(column)
        spec = KINDS[kind]
        # Two ways to write one value are one form now, and MARY ANN and MARYANN one whole.
        forms = pc.dictionary_encode(spec.standard(raw.dictionary))
        wholes = pc.dictionary_encode(spec.whole(forms.dictionary))
        places = _places(wholes.indices)
        self.codes = _through(_places(raw.indices), _places(forms.indices), places)
        self.wholes: pa.Array = wholes.dictionary
        self.forms: pa.Array = forms.dictionary.take(pa.array(_first(forms.dictionary, places)))


class Shown:
    """Which form a value is shown in, in a file of which no piece shows all forms."""

    def __init__(self, fields: Mapping[str, Kind]) -> None:
        self._fields = fields
        self._known: dict[str, tuple[pa.Array, pa.Array]] = {}

    def look(self, pieces: Callable[[], Iterable[pa.Table]], path: Path) -> None:
        """Go through all pieces, twice at most; marks lie in files whose names begin with
        ``path``, in a private folder."""
        several = {name: kind for name, kind in self._fields.items() if kind not in _ONE_FORM}
        marks = {
            name: Marks(path.with_name(f"{path.name}-{number}"))
            for number, name in enumerate(several)
        }
        try:
            for piece in pieces() if several else ():
                for name, kind in several.items():
                    values = Values(piece[name], kind)
                    marks[name].add(marks_of(values.wholes), marks_of(values.forms))
            doubtful = {name: found for name in several if len(found := marks[name].divided())}
        finally:
            for each in marks.values():
                each.close()
        chosen: dict[str, dict[str, str]] = {name: {} for name in doubtful}
        for piece in pieces() if doubtful else ():
            for name, found in doubtful.items():
                values = Values(piece[name], several[name])
                at = pa.array(np.flatnonzero(np.isin(marks_of(values.wholes), found)))
                pairs = zip(
                    values.wholes.take(at).to_pylist(),
                    values.forms.take(at).to_pylist(),
                    strict=True,
                )
                for whole, form in pairs:
                    chosen[name][whole] = min(form, chosen[name].get(whole, form))
        self._known = {
            name: (pa.array(held.keys(), pa.string()), pa.array(held.values(), pa.string()))
            for name, held in chosen.items()
        }

    def of(self, name: str, values: Values) -> pa.Array:
        """Return the form of each of a piece's values."""
        if name not in self._known:
            return values.forms
        wholes, forms = self._known[name]
        return pc.coalesce(forms.take(pc.index_in(values.wholes, value_set=wholes)), values.forms)


_ONE_FORM: frozenset[Kind] = frozenset(
    {"sex", "nhs number", "nino", "uprn", "number", "year", "email", "phone", "code", "category",
     "name"}
)  # fmt: skip
"""Kinds of which a form is its own whole."""


def _places(indices: pa.Array) -> npt.NDArray[np.int32]:
    places: npt.NDArray[np.int32] = indices.fill_null(-1).to_numpy(zero_copy_only=False)
    return places


def _through(*steps: npt.NDArray[np.int32]) -> npt.NDArray[np.int32]:
    """Follow each row's place through dictionary after dictionary; -1, missing, stays."""
    codes = steps[0]
    for step in steps[1:]:
        codes = np.append(step, np.int32(-1))[codes]
    return codes


def _first(forms: pa.Array, wholes: npt.NDArray[np.int32]) -> npt.NDArray[np.int64]:
    """Return for each whole the place of its form that is first in the order of text."""
    there = np.flatnonzero(wholes >= 0)
    counts = np.bincount(wholes[there])
    first = np.zeros(len(counts), np.int64)
    first[wholes[there]] = there
    several = there[counts[wholes[there]] > 1]
    if len(several):
        order = pc.sort_indices(forms.take(pa.array(several))).to_numpy()[::-1]
        first[wholes[several[order]]] = several[order]
    return first
