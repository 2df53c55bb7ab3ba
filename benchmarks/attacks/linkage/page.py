"""The published page and figure, drawn from the JSON of a run and from nothing else."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from equipoise.charts.svg import BLUE, GREY, INK, MARGIN, PALE, RED, SMALL, WIDTH, Sheet

from .verdict import Row, worst, worst_named

_LEFT: Final = MARGIN + 34
_RIGHT: Final = WIDTH - MARGIN - 16
_TALL: Final = 240.0
_TICKS: Final = (0.0, 0.01, 0.05, 0.25, 0.5, 1.0)
_AIDED: Final = ("known people", "known plain text")
_ORDER: Final = (
    "graph", "differential", "pattern mining", "frequency", "equal codes", "known people",
    "known plain text", "weight and length", "joining two agreements", "households", "membership",
    "attributes", "ceiling", "dictionary",
)  # fmt: skip


def percent(value: float) -> str:
    """Return a share as readers take it in: 0.12 %, 3.4 %, 97 %."""
    places = 2 if value < 0.01 else 1 if value < 0.1 else 0
    return f"{100 * value:.{places}f} %"


def schemes(results: Mapping[str, Any]) -> list[str]:
    """Return the schemes of a run, in the order in which they were met."""
    return list(dict.fromkeys(row["scheme"] for row in results["rows"]))


def curve(results: Mapping[str, Any]) -> list[tuple[str, float, float, float]]:
    """Return for each strength its F1, its worst case without help, and with known people.

    F1 is the mean over the sets that were linked.
    """
    made = []
    for scheme in schemes(results):
        f1 = [each["f1"] for each in results["accuracy"] if each["scheme"] == scheme]
        alone = worst_named(results["rows"], scheme)
        helped = worst_named(results["rows"], scheme, _AIDED)
        if f1 and alone:
            aided = float(helped["value"]) if helped else 0.0
            made.append((scheme, sum(f1) / len(f1), float(alone["value"]), aided))
    return made


def figure(results: Mapping[str, Any]) -> str:
    """Draw F1 against the worst case of every strength."""
    points = curve(results)
    sheet = Sheet("Accuracy against the worst attack, for each strength")
    sheet.paragraph(
        "Up: share of people re-identified in the worst scene, on a scale that stretches small "
        "shares. Right: F1 of links. Circle: the register alone; square: a tenth of the people or "
        "fewer known.",
        size=SMALL,
        colour=GREY,
    )
    sheet.y += 10
    top = sheet.y
    low = min((f1 for _, f1, _, _ in points), default=0.9)
    low = int(low * 50) / 50 - 0.01

    def across(f1: float) -> float:
        return _LEFT + (_RIGHT - _LEFT) * (f1 - low) / (1.0 - low)

    def down(value: float) -> float:
        return top + _TALL * (1 - value ** (1 / 3))

    for tick in _TICKS:
        sheet.line(_LEFT, down(tick), _RIGHT, down(tick), colour=PALE)
        sheet.word(_LEFT - 4, down(tick) + 4, f"{100 * tick:g} %", size=10, anchor="end")
    for step in range(5):
        at = low + (1.0 - low) * step / 4
        sheet.word(across(at), top + _TALL + 16, f"{at:.3f}", size=10, anchor="middle")
    for name, f1, alone, aided in points:
        sheet.line(across(f1), down(alone), across(f1), down(aided), colour=GREY, dash="2 3")
        sheet.mark(across(f1), down(aided), "square", fill=RED, size=4)
        sheet.mark(across(f1), down(alone), "circle", fill=BLUE, size=5)
        end = across(f1) > _RIGHT - 50
        sheet.word(
            across(f1) + (-8 if end else 8), down(alone) - 6, name, size=SMALL, colour=INK,
            anchor="end" if end else "start",
        )  # fmt: skip
    sheet.y = top + _TALL + 24
    said = "; ".join(
        f"{name}: F1 {f1:.4f}, worst case {percent(alone)} with the register alone, "
        f"{percent(aided)} with known people"
        for name, f1, alone, aided in points
    )
    return sheet.render(said)


def page(results: Mapping[str, Any], picture: str) -> str:
    """Return the page. ``picture`` is the figure's address from the page."""
    rows = results["rows"]
    lines = [
        "# What a curious linkage unit can learn", "",
        "<!-- Written by `python -m benchmarks.attacks.linkage`; do not edit. -->", "",
        _intro(results), "",
        "## Accuracy against attack", "",
        f"![F1 against the worst attack, for each strength]({picture})", "",
        *_accuracy(results), "",
        "## Worst case of each attack", "",
        "The highest figure over all scenes of the run, with its 95 % interval, beside guessing",
        "and beside the best guess that looks at no bits. A maximum over many scenes errs towards",
        "the attacker.", "",
    ]  # fmt: skip
    for scheme in schemes(results):
        lines += [f"### {scheme}", "", *_table(rows, scheme), ""]
    return "\n".join([*lines, _LIMITS]) + "\n"


def _intro(results: Mapping[str, Any]) -> str:
    rows = results["rows"]
    sizes = ", ".join(f"{size:,}" for size in sorted({row["size"] for row in rows}))
    overlaps = ", ".join(f"{each:.0%}" for each in sorted({row["overlap"] for row in rows}))
    seeds = len({row["seed"] for row in rows})
    where = ", ".join(sorted({row["population"] for row in rows}))
    return (
        "The attacker runs the linkage unit. He knows the scheme, its strength and everything else "
        "but the key, and holds a register of the population in plain text, without errors. "
        f"Scenes: {where}; {sizes} records; {overlaps} of the encoded file in the register; "
        f"{seeds} seed(s). Unhardened filters (`none`) must fall and random bits (`random`) must "
        "not, or the run is refused; in this run both held."
    )


def _accuracy(results: Mapping[str, Any]) -> list[str]:
    sets = list(dict.fromkeys(each["set"] for each in results["accuracy"]))
    f1 = {(each["set"], each["scheme"]): each["f1"] for each in results["accuracy"]}
    lines = [
        "| strength | " + " | ".join(f"F1, {name}" for name in sets)
        + " | worst case, register alone | worst case, up to 10 % known |",
        "|" + "---|" * (len(sets) + 3),
    ]  # fmt: skip
    for scheme, _, alone, aided in curve(results):
        cells = [f"{f1[name, scheme]:.4f}" if (name, scheme) in f1 else "" for name in sets]
        lines.append(
            f"| {scheme} | " + " | ".join(cells) + f" | {percent(alone)} | {percent(aided)} |"
        )
    return lines


def _table(rows: Sequence[Row], scheme: str) -> list[str]:
    lines = [
        "| attack | variant | measure | worst | 95 % | guessing | best blind guess | scene |",
        "|---|---|---|---|---|---|---|---|",
    ]
    most = [row for name, row in worst(rows).items() if name[0] == scheme]
    for row in sorted(most, key=lambda each: _ORDER.index(each["attack"])):
        figure_of = percent if row["measure"] not in {"AUC", "correlation"} else "{:.3f}".format
        scene = (
            f"{row['population']}, {row['size']:,}, {row['overlap']:.0%} {row['layout']}, "
            f"seed {row['seed']}"
        )
        lines.append(
            f"| {row['attack']} | {row['variant']} | {row['measure']} | {figure_of(row['value'])} "
            f"| {figure_of(row['low'])} to {figure_of(row['high'])} | {figure_of(row['guessing'])} "
            f"| {figure_of(row['trivial'])} | {scene} |"
        )
    return lines


_LIMITS: Final = """## How to read this, and what it does not show

- Nothing here is a proof. It shows what these attacks, ours, did; somebody may find a better one.
- With the owners' key every scheme falls at once: a register is encoded and looked up. The linkage
  unit must not have the key.
- `known people` and `known plain text` give the attacker people whom he knows to be in the file
  and which rows are theirs. A linkage unit gets no such list; a colluding owner could give it one.
- `ceiling` is not an attack but arithmetic: how many people could be named by whoever knew some, or
  all, of the others and made the most of the similarities. With all others known it bounds graph
  matching. It grows with the number of records: a larger file is weaker.
- `fields` and `tokens` are what the enclave and exact linkage see, `meeting tokens` what says which
  filters of large files to compare. Equal codes show; that is why field-level encodings stay inside
  the secure room.
- Filters are pseudonyms, not anonymous data."""
