"""A picture with the same figures as a table, to stand beside it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Drawn:
    """``svg`` is the picture; ``heads`` and ``rows`` the table, as words to be shown as they are:
    a figure that is withheld stands in it as "not shown"."""

    svg: str
    heads: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


def described(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Return the table as sentences, for those who hear the picture."""
    return "; ".join(
        f"{row[0]}: "
        + ", ".join(f"{head} {cell}" for head, cell in zip(heads[1:], row[1:], strict=True))
        for row in rows
    )


def shown(count: int | None) -> str:
    """Return a count in words."""
    return "not shown" if count is None else f"{count:,}"
