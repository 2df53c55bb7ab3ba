"""What a delivery did to a register, in figures and in words; never a row, never an identifier."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True)
class DatasetTaken:
    """One dataset of a delivery. All figures count its rows, but for ``identities`` and ``ended``.

    ``known`` rows were in the register already, the very same; ``met`` joined a known identity;
    ``new`` made ``identities`` new ones. ``uncertain`` rows, which fitted several identities
    equally well, and rows ``without`` any encoding are among the new. ``ended`` links of the
    delivery before ended.
    """

    dataset: str
    rows: int
    known: int
    met: int
    new: int
    identities: int
    uncertain: int
    without: int
    ended: int


@dataclass(frozen=True)
class Housed:
    """What a delivery did to households or families.

    ``placed`` of ``rows`` are of people in one; the others' people are in none. ``went_on``,
    ``formed``, ``ended`` and ``moved`` count households, ``communal`` homes that are none's, and
    ``identities`` those current after it.
    """

    entity: str
    rows: int
    placed: int
    people: int
    went_on: int
    formed: int
    ended: int
    moved: int
    communal: int
    identities: int

    def as_dict(self) -> dict[str, Any]:
        """Return the report for JSON."""
        return asdict(self)

    def sentences(self) -> tuple[str, ...]:
        """Return the report in plain words, one sentence a line."""
        lines = [
            f"{self.placed:,} of {self.rows:,} rows are of somebody in a {self.entity}.",
            f"{self.went_on:,} went on ({self.moved:,} in another place), {self.formed:,} are new, "
            f"{self.ended:,} ended.",
        ]
        if self.communal:
            lines.append(
                f"{self.communal:,} places with too many unrelated people, or on the list of "
                f"communal places, are nobody's {self.entity}."
            )
        return tuple(lines)


@dataclass(frozen=True)
class Taken:
    """A whole delivery. ``identities`` counts those current after it."""

    entity: str
    datasets: tuple[DatasetTaken, ...]
    proposed: int
    merged: int
    forgotten: int
    retired: int
    identities: int

    def as_dict(self) -> dict[str, Any]:
        """Return the report for JSON."""
        return asdict(self)

    def sentences(self) -> tuple[str, ...]:
        """Return the report in plain words, one sentence a line."""
        lines = [
            f"{each.dataset}: {each.met + each.known:,} of {each.rows:,} rows met known "
            f"identities, {each.new:,} were new ({each.identities:,} identities)."
            + (f" {each.uncertain:,} could have meant several." if each.uncertain else "")
            + (f" {each.without:,} had nothing to be recognised by." if each.without else "")
            for each in self.datasets
        ]
        lines.append(f"Merges proposed: {self.proposed:,}; made: {self.merged:,}.")
        if self.forgotten:
            lines.append(
                f"Records no longer delivered were erased: {self.forgotten:,}; identities without "
                f"any record left were retired for good: {self.retired:,}."
            )
        lines.append(f"The register of {self.entity} now has {self.identities:,} identities.")
        return tuple(lines)
