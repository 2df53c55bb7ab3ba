"""What one act on the ledger is: its object, its details, and how it is told."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

Kind = str | tuple[str, ...]
"""The name of a shape in ``shapes.SHAPES``, or the words of which the detail must be one."""


@dataclass(frozen=True)
class Deed:
    """One act: its object's kind, the details it must and may carry, and how it is told.

    ``binds`` says that the entry must name the digest of an agreement. ``tells`` is a sentence:
    ``{who}`` is the actor, ``{it}`` the object, ``{rows|row}`` a number with its noun,
    ``{practice?yes:no}`` words for a yes/no; a part in square brackets is left out when a
    detail it names is absent and, if it begins with ``+``, also when one is nought.
    """

    object: str
    tells: str
    must: Mapping[str, Kind] = field(default_factory=dict)
    may: Mapping[str, Kind] = field(default_factory=dict)
    binds: bool = True

    def kind_of(self, key: str) -> Kind | None:
        """Return the kind that the detail ``key`` must have, or ``None`` if it is not allowed."""
        return self.must.get(key, self.may.get(key))
