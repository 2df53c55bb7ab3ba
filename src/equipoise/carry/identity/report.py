"""What a delivery did to a register, in figures and in words; never a row, never an identifier.

Exact figures are for the people of whoever links alone. ``rounded`` makes those for everybody else.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, fields, replace
from typing import Any, TypeVar

from equipoise.carry.link.report import OptedOut, fewest_told, said

Told = TypeVar("Told", "DatasetTaken", "Taken", "Housed", OptedOut)


def _rounded(told: Told, least: int, base: int) -> Told:
    """Return figures to the nearest ``base``, those below ``least`` as 0."""
    counts: dict[str, Any] = {
        one.name: 0 if value < least else base * round(value / base)
        for one in fields(told)
        if isinstance(value := getattr(told, one.name), int)
    }
    return replace(told, **counts)


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
    ``identities`` those current after it. Rows that an opt-out list bars are in ``opted_out`` and
    in no other figure.
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
    opted_out: tuple[OptedOut, ...] = ()
    fewest: int = 0

    def rounded(self, least: int, base: int) -> Housed:
        """Return the report for other eyes."""
        opted_out = tuple(_rounded(each, least, base) for each in self.opted_out)
        return replace(
            _rounded(self, least, base), opted_out=opted_out, fewest=fewest_told(least, base)
        )

    def as_dict(self) -> dict[str, Any]:
        """Return the report for JSON."""
        return asdict(self)

    def sentences(self) -> tuple[str, ...]:
        """Return the report in plain words, one sentence a line."""
        placed, rows, went_on, moved, formed, ended, communal = (
            said(count, self.fewest)
            for count in (
                self.placed, self.rows, self.went_on, self.moved, self.formed, self.ended,
                self.communal,
            )
        )  # fmt: skip
        lines = [one.sentence(self.fewest) for one in self.opted_out]
        lines += [
            f"{placed} of {rows} rows are of somebody in a {self.entity}.",
            f"{went_on} went on ({moved} in another place), {formed} are new, {ended} ended.",
        ]
        if self.communal:
            lines.append(
                f"{communal} places with too many unrelated people, or on the list of "
                f"communal places, are nobody's {self.entity}."
            )
        return tuple(lines)


@dataclass(frozen=True)
class Taken:
    """A whole delivery. ``identities`` counts those current after it.

    Rows that an opt-out list bars are in ``opted_out`` and in no other figure.
    """

    entity: str
    datasets: tuple[DatasetTaken, ...]
    proposed: int
    merged: int
    forgotten: int
    retired: int
    identities: int
    opted_out: tuple[OptedOut, ...] = ()
    fewest: int = 0

    def rounded(self, least: int, base: int) -> Taken:
        """Return the report for other eyes."""
        return replace(
            _rounded(self, least, base),
            datasets=tuple(_rounded(each, least, base) for each in self.datasets),
            opted_out=tuple(_rounded(each, least, base) for each in self.opted_out),
            fewest=fewest_told(least, base),
        )

    def as_dict(self) -> dict[str, Any]:
        """Return the report for JSON."""
        return asdict(self)

    def sentences(self) -> tuple[str, ...]:
        """Return the report in plain words, one sentence a line."""
        few = self.fewest
        lines = [one.sentence(few) for one in self.opted_out]
        lines += [self._of_dataset(each) for each in self.datasets]
        lines.append(
            f"Merges proposed: {said(self.proposed, few)}; made: {said(self.merged, few)}."
        )
        if self.forgotten:
            lines.append(
                f"Records no longer delivered were erased: {said(self.forgotten, few)}; identities "
                f"without any record left were retired for good: {said(self.retired, few)}."
            )
        lines.append(
            f"The register of {self.entity} now has {said(self.identities, few)} identities."
        )
        return tuple(lines)

    def _of_dataset(self, each: DatasetTaken) -> str:
        few = self.fewest
        told = (
            f"{each.dataset}: {said(each.met + each.known, few)} of {said(each.rows, few)} rows "
            f"met known identities, {said(each.new, few)} were new "
            f"({said(each.identities, few)} identities)."
        )
        if each.uncertain:
            told += f" {said(each.uncertain, few)} could have meant several."
        if each.without:
            told += f" {said(each.without, few)} had nothing to be recognised by."
        return told
