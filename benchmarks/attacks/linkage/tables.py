"""The tables of the published page, each drawn from the rows of a run and from nothing else."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, Final

from .figure import percent, schemes
from .verdict import (
    ALONE,
    CONTROLS,
    HELPED,
    JOINING,
    REAL,
    TOGETHER,
    TRAVELS,
    Row,
    worst,
    worst_named,
)

_ORDER: Final = (
    "graph", "differential", "pattern mining", "frequency", "equal codes", "weight and length",
    TOGETHER[0], "known people", "known plain text", "equal codes, people known", TOGETHER[1],
    "joining two agreements", "households", "membership", "attributes", "ceiling", "dictionary",
)  # fmt: skip
_CEILINGS: Final = ("10% known", "10% known, and whoever follows", "all others known")


def table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    """Return a Markdown table, and an empty line after it."""
    lines = [heads, ["---"] * len(heads), *rows]
    return ["| " + " | ".join(cells) + " |" for cells in lines] + [""]


def said(row: Row | None) -> str:
    """Return a share with its interval, or a dash where nothing was run."""
    if row is None:
        return "–"
    return f"{percent(row['value'])} ({percent(row['low'])} to {percent(row['high'])})"


def strengths(results: Mapping[str, Any]) -> list[str]:
    """Return which of the schemes of a run are published strengths."""
    return [name for name in schemes(results) if name in REAL]


def accuracy(results: Mapping[str, Any]) -> list[str]:
    """Return F1 of every strength on every set beside the worst that was done to it."""
    told = results["accuracy"]
    sets = list(dict.fromkeys(each["set"] for each in told))
    f1 = {(each["set"], each["scheme"]): each["f1"] for each in told}
    measured = {each["scheme"] for each in told}
    rows = []
    for scheme in [*schemes(results), "Splink"]:
        if scheme not in measured:
            continue
        cells = [f"{f1[name, scheme]:.4f}" if (name, scheme) in f1 else "–" for name in sets]
        if scheme == "Splink":
            rows.append(["Splink 5, in the clear", *cells, "100 %", "100 %", "100 %"])
            continue
        found = [worst_named(results["rows"], scheme, of) for of in (ALONE, HELPED, JOINING)]
        rows.append([f"`{scheme}`", *cells, *map(said, found)])
    heads = [
        "strength", *(f"F1, {name}" for name in sets), "named with the register alone",
        "named with up to a tenth known", "joined across two agreements",
    ]  # fmt: skip
    return table(heads, rows)


def apart(results: Mapping[str, Any]) -> list[str]:
    """Return the worst that filters alone gave away, and tokens alone."""
    rows = []
    for name in [*strengths(results), TRAVELS]:
        own = [
            row for row in results["rows"]
            if row["scheme"] == name and row["attack"] not in TOGETHER
        ]  # fmt: skip
        rows.append([f"`{name}`", *(said(worst_named(own, name, of)) for of in (ALONE, HELPED))])
    return table(["alone", "named with the register alone", "with up to a tenth known"], rows)


def by_size(results: Mapping[str, Any]) -> list[str]:
    """Return for each size what was named, and what could be, under every strength."""
    rows = []
    for size in _of(results, "size"):
        here = [row for row in results["rows"] if row["size"] == size]
        for name, attacks in (("named, register alone", ALONE), ("named, a tenth known", HELPED)):
            cells = [_by_filters(here, scheme, attacks) for scheme in strengths(results)]
            rows.append([f"{size:,}", name, *cells])
        for variant in _CEILINGS:
            cells = [_reach(here, scheme, variant) for scheme in strengths(results)]
            rows.append([f"{size:,}", f"within reach, {variant}", *cells])
    return table(["records", "", *(f"`{scheme}`" for scheme in strengths(results))], rows)


def _by_filters(rows: Sequence[Row], scheme: str, attacks: Sequence[str]) -> str:
    if not any(row["scheme"] == scheme and row["attack"] in attacks for row in rows):
        return "–"
    return said(worst_named(rows, scheme, attacks))


def _reach(rows: Sequence[Row], scheme: str, variant: str) -> str:
    found = [
        float(row["value"]) for row in rows
        if (row["scheme"], row["attack"], row["variant"]) == (scheme, "ceiling", variant)
    ]  # fmt: skip
    return percent(max(found)) if found else "–"


def by_overlap(results: Mapping[str, Any]) -> list[str]:
    """Return for each overlap what the register alone named, plain filters among them."""
    shown = [*strengths(results), *(c for c in CONTROLS if c in schemes(results))]
    rows = []
    for overlap in _of(results, "overlap"):
        here = [row for row in results["rows"] if row["overlap"] == overlap]
        for name, attacks in (("alone", ALONE), ("a tenth known", HELPED)):
            cells = [_by_filters(here, scheme, attacks) for scheme in shown]
            rows.append([f"{overlap:.0%}", name, *cells])
    return table(["overlap", "register", *(f"`{scheme}`" for scheme in shown)], rows)


def graph_by_size(results: Mapping[str, Any]) -> list[str]:
    """Return what graph matching named in files of each size and overlap, controls first."""
    rows = [row for row in results["rows"] if row["attack"] == "graph"]
    shown = [*(c for c in CONTROLS if c in schemes(results)), *strengths(results)]
    scenes = sorted({(-row["overlap"], row["size"]) for row in rows})
    lines = []
    for overlap, size in scenes:
        here = [row for row in rows if (-row["overlap"], row["size"]) == (overlap, size)]
        cells = [_by_filters(here, scheme, ("graph",)) for scheme in shown]
        lines.append([f"{-overlap:.0%}", f"{size:,}", *cells])
    return table(["overlap", "records", *(f"`{scheme}`" for scheme in shown)], lines)


def each_attack(rows: Sequence[Row], scheme: str) -> list[str]:
    """Return the worst setting of every attack on one scheme."""
    most = [row for name, row in worst(rows).items() if name[0] == scheme]
    lines = []
    for row in sorted(most, key=lambda each: (_ORDER.index(each["attack"]), each["variant"])):
        shown = _shown(row)
        interval = (
            "" if row["attack"] == "ceiling" else f"{shown(row['low'])} to {shown(row['high'])}"
        )
        blind = "" if row["trivial"] == row["guessing"] else f" ({shown(row['trivial'])})"
        lines.append([
            row["attack"], row["variant"], row["measure"], shown(row["value"]), interval,
            shown(row["guessing"]) + blind, scene(row),
        ])  # fmt: skip
    heads = [
        "attack",
        "variant",
        "measure",
        "worst",
        "95 %",
        "guessing (best blind guess)",
        "scene",
    ]
    return table(heads, lines)


def _shown(row: Row) -> Callable[[float], str]:
    return "{:.3f}".format if row["measure"] in {"AUC", "correlation"} else percent


def scene(row: Row) -> str:
    """Return where a figure was had."""
    seeds = row.get("seeds", 1)
    return (
        f"{row['population']}, {row['size']:,}, {row['overlap']:.0%} {row['layout']}, "
        f"{seeds} seed{'s' if seeds > 1 else ''}"
    )


def run(results: Mapping[str, Any]) -> list[str]:
    """Return which attacks were run on what."""
    return table(
        ["attack", "records", "people", "overlap", "seeds, at most", "on"], _runs(results["rows"])
    )


def _runs(rows: Sequence[Row]) -> Iterator[list[str]]:
    grouped: dict[tuple[str, int, str], list[Row]] = {}
    for row in rows:
        grouped.setdefault((row["attack"], row["size"], row["population"]), []).append(row)
    merged: dict[tuple[str, ...], list[str]] = {}
    for (attack, size, people), each in grouped.items():
        whole = [row for row in each if row["overlap"] == 1.0]
        overlaps = ", ".join(f"{o:.0%}" for o in sorted({row["overlap"] for row in each}))
        seeds = len({row["seed"] for row in whole or each})
        on = ", ".join(s for s in schemes({"rows": each}))
        merged.setdefault((f"{size:,}", people, overlaps, str(seeds), on), []).append(attack)
    for scenes, attacks in sorted(
        merged.items(), key=lambda item: int(item[0][0].replace(",", ""))
    ):
        names = sorted(attacks, key=_ORDER.index)
        yield ["; ".join(names), *scenes]


def _of(results: Mapping[str, Any], name: str) -> list[Any]:
    chosen = [row for row in results["rows"] if row["scheme"] in (*REAL, TRAVELS)]
    return sorted({row[name] for row in chosen})
