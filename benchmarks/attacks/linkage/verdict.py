"""What a grid of outcomes comes to: the controls, and the worst case of each attack."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from equipoise.carry.uses.intervals import wilson

FALLS: Final = 0.9
"""The least share that unhardened filters must lose to the graph attack at full overlap."""
CHANCE: Final = 0.02
"""How much above guessing a figure about random bits may lie before the suite is not believed."""
ENOUGH: Final = 400
"""People who could be found, below which a share is left out of the worst case: of fifty, one found
by luck would be 2 %."""

TOGETHER: Final = ("filters and tokens", "filters and tokens, people known")
"""Attacks on both at once: with the register alone, and with people known."""
ALONE: Final = (
    "frequency", "pattern mining", "graph", "differential", "weight and length", "equal codes",
    TOGETHER[0],
)  # fmt: skip
"""Attacks that name people with the register alone."""
HELPED: Final = (
    "known people", "known plain text", "equal codes, people known",
    TOGETHER[1],
)  # fmt: skip
"""Attacks by somebody who knows beforehand who up to a tenth of the records are."""
JOINING: Final = ("joining two agreements",)
CONTROLS: Final = ("none", "random")
REAL: Final = ("light", "standard", "high", "highest")
TRAVELS: Final = "meeting tokens"
"""Codes that travel with filters of every real strength, so that their attacks count for each."""

_SHARES: Final = frozenset({"re-identified", "right"})
_SETTING: Final = (
    "scheme", "population", "layout", "overlap", "size", "attack", "variant", "measure",
)  # fmt: skip

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


def pooled(rows: Iterable[Row]) -> list[dict[str, Any]]:
    """Return one row for each setting: the same scene drawn anew by several seeds.

    Shares are added up over the seeds, with a new interval; of other measures the highest stays.
    """
    settings: dict[tuple[Any, ...], list[Row]] = {}
    for row in rows:
        if row.get("measure") not in {None, "none"}:
            settings.setdefault(tuple(row[name] for name in _SETTING), []).append(row)
    return [_pooled(alike) for alike in settings.values()]


def _pooled(alike: Sequence[Row]) -> dict[str, Any]:
    made = dict(max(alike, key=lambda row: float(row["value"])))
    made["seeds"] = len(alike)
    if made["measure"] in _SHARES:
        of = sum(row["of"] for row in alike)
        right = sum(round(row["value"] * row["of"]) for row in alike)
        made["of"], made["value"] = of, right / of if of else 0.0
        made["low"], made["high"] = wilson(right, of)
        for name in ("guessing", "trivial"):
            made[name] = sum(row[name] for row in alike) / len(alike)
    return made


def worst(rows: Iterable[Row]) -> dict[tuple[str, str, str, str], Row]:
    """Return for each scheme, attack, variant and measure the setting of the highest figure.

    Settings in which too few people could be found are passed over where others are known.
    """
    most: dict[tuple[str, str, str, str], Row] = {}
    for row in pooled(rows):
        name = (row["scheme"], row["attack"], row["variant"], row["measure"])
        if name not in most or _rank(row) > _rank(most[name]):
            most[name] = row
    return most


def _rank(row: Row) -> tuple[bool, float]:
    return row["measure"] not in _SHARES or row["of"] >= ENOUGH, float(row["value"])


def worst_named(rows: Iterable[Row], scheme: str, attacks: Sequence[str] = ALONE) -> Row | None:
    """Return the setting in which most people of a scheme were named by some of the attacks.

    The tokens that travel with filters count as part of every real strength.
    """
    whose = {scheme, TRAVELS} if scheme in REAL else {scheme}
    chosen = [
        row for row in pooled(r for r in rows if r["scheme"] in whose and r["attack"] in attacks)
        if row["measure"] == "re-identified"
    ]  # fmt: skip
    return max(chosen, key=_rank, default=None)
