"""What the attacker expects two people's filters to have in common: no key and no noise needed.

He knows the scheme (``carry.encode.record``): which digests two people share does not depend on the
key, only where they fall. So he counts shared digests exactly and works out the correlation that
diffusion leaves of them, which is better than encoding his register under keys of his own.
"""

from __future__ import annotations

import numpy as np
import pyarrow as pa
from scipy.sparse import csr_matrix

from equipoise.carry.encode.record import Strength, prepared
from equipoise.carry.encode.record_parts import columns_of

from .align import TABLE
from .people import FIELDS
from .schemes import SeededKey
from .similarity import Floats, Whole

_ANY_KEY = SeededKey(9_999)


class Expected:
    """The expected correlations among the people of one table under one strength."""

    def __init__(self, table: pa.Table, strength: Strength) -> None:
        self.shared = shared_digests(table, strength)
        self.strength = strength
        count = np.diff(self.shared.indptr)
        # Digests that fall on one inner bit set it once.
        inner = strength.inner
        self.set = inner * (1 - (1 - 1 / inner) ** count)
        self.bias = (1 - 2 * self.set / inner) ** strength.diffusion
        everybody = np.arange(len(count))
        self._table = self._lift(everybody) if len(count) <= TABLE else None

    def __len__(self) -> int:
        return int(self.shared.shape[0])

    def near(self, at: Whole) -> Floats:
        """Return everybody's expected correlation with some of them: n by len(at)."""
        return self._lift(at) if self._table is None else self._table[:, at]

    def _lift(self, at: Whole) -> Floats:
        both = (self.shared @ self.shared[at].T).toarray()
        mine, theirs = self.set[:, None], self.set[at][None, :]
        # Digests that are not shared meet by chance as well.
        both = both + (mine - both) * (theirs - both) / self.strength.inner
        size = mine + theirs
        joint = (1 - 2 * (size - 2 * both) / self.strength.inner) ** self.strength.diffusion
        spread = np.sqrt((1 - self.bias**2)[:, None] * (1 - self.bias[at] ** 2)[None, :])
        lift = joint - self.bias[:, None] * self.bias[at][None, :]
        return np.asarray(lift / np.maximum(spread, 1e-6), dtype=np.float32)


def shared_digests(table: pa.Table, strength: Strength) -> csr_matrix:
    """Return people by digests, 1 where a person's filter has the digest."""
    rows, found = [], []
    for line in prepared(columns_of(table, FIELDS), FIELDS, _ANY_KEY, strength):
        made, at = line.digests(0, table.num_rows)
        rows.append(np.repeat(at, made.shape[1]))
        found.append(made.ravel())
    once, column = np.unique(np.concatenate(found), return_inverse=True)
    row = np.concatenate(rows)
    made = csr_matrix(
        (np.ones(len(row), np.float32), (row, column)), shape=(table.num_rows, len(once))
    )
    made.sum_duplicates()
    made.data[:] = 1
    return made
