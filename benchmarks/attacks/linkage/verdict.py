"""What a grid of outcomes comes to: the controls, and the worst case of each attack."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

FALLS: Final = 0.9
"""The least share that unhardened filters must lose to the graph attack at full overlap."""
CHANCE: Final = 0.02
"""How much above guessing a figure about random bits may lie before the suite is not believed."""

NAMING: Final = (
    "pattern mining", "graph", "differential", "known people", "known plain text",
    "weight and length", "joining two agreements", "frequency",
)  # fmt: skip
UNAIDED: Final = ("frequency", "pattern mining", "graph", "differential", "weight and length")
"""Attacks that name people with the register alone; the claim of a strength rests on these."""

Row = Mapping[str, Any]


class SuiteBroken(RuntimeError):
    """A control did not come out as it must: no figure of this run is to be believed."""


def check_controls(rows: Sequence[Row]) -> None:
    """Raise ``SuiteBroken`` unless unhardened filters fell and random bits did not."""
    fallen = [r for r in rows if r["scheme"] == "none" and r["attack"] == "graph"]
    fallen = [r for r in fallen if r["overlap"] == 1.0]
    if not fallen:
        raise SuiteBroken("no positive control was run: the scheme 'none' at an overlap of 100 %")
    for row in fallen:
        if row["value"] < FALLS:
            raise SuiteBroken(
                f"the graph attack found only {row['value']:.1%} of unhardened filters "
                f"({row['population']}, {row['size']:,} records): it is too weak to judge others by"
            )
    for row in rows:
        if row["scheme"] == "random" and _above_chance(row):
            raise SuiteBroken(
                f"{row['attack']} ({row['variant']}) found {row['value']:.1%} in random bits: "
                "the truth leaks into the attack"
            )


def _above_chance(row: Row) -> bool:
    if row["measure"] == "re-identified":
        return bool(row["low"] > row["guessing"] + CHANCE)
    if row["measure"] == "AUC":
        return bool(row["low"] > 0.5 + CHANCE and row["of"] >= 50)
    return False


def worst(rows: Iterable[Row]) -> dict[tuple[str, str, str, str], Row]:
    """Return for each scheme, attack, variant and measure the row of the highest figure."""
    most: dict[tuple[str, str, str, str], Row] = {}
    for row in rows:
        if row.get("measure") in {None, "none"}:
            continue
        name = (row["scheme"], row["attack"], row["variant"], row["measure"])
        if name not in most or row["value"] > most[name]["value"]:
            most[name] = row
    return most


def worst_named(rows: Iterable[Row], scheme: str, attacks: Sequence[str] = UNAIDED) -> Row | None:
    """Return the row in which most people of a scheme were named by some of the attacks."""
    chosen = [
        r for r in rows
        if r["scheme"] == scheme and r.get("measure") == "re-identified" and r["attack"] in attacks
    ]  # fmt: skip
    return max(chosen, key=lambda row: float(row["value"]), default=None)
