"""Run the attack suite: ``python -m benchmarks.attacks.linkage --quick`` or ``--full``."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

from . import accuracy, published
from .grid import ATTACKS, CODES, FULL, QUICK, Plan, keep, read, run
from .people import POPULATIONS, present
from .schemes import SCHEMES
from .verdict import SuiteBroken, check_controls, worst_named

HERE: Final = Path(__file__).resolve().parent
DOCS: Final = HERE.parents[2] / "docs"
RESULTS: Final = "results.json"
PAGE: Final = "linkage-attacks.md"
PICTURE: Final = "linkage-attacks.svg"


def parser() -> argparse.ArgumentParser:
    """Return the command line."""
    made = argparse.ArgumentParser(
        prog="python -m benchmarks.attacks.linkage",
        description="Attack what a curious linkage unit sees, and publish what came of it.",
        epilog="A full run takes a night; it says how far it is, and the same command goes on with "
        "it after a stop. Choices given by hand narrow the plan, except that controls are added.",
    )
    plan = made.add_mutually_exclusive_group(required=True)
    plan.add_argument("--quick", action="store_true", help="600 records, one scene, a minute")
    plan.add_argument("--full", action="store_true", help="the whole grid, 1,000 to 50,000 records")
    plan.add_argument("--page", action="store_true", help="only draw the page from what was kept")
    made.add_argument(
        "--strength",
        action="append",
        choices=[*SCHEMES, *CODES],
        metavar="NAME",
        help=f"attack only this (repeatable): {', '.join([*SCHEMES, *CODES])}",
    )
    made.add_argument(
        "--attack",
        action="append",
        choices=list(ATTACKS),
        metavar="NAME",
        help=f"run only this attack (repeatable): {', '.join(ATTACKS)}",
    )
    made.add_argument("--size", action="append", type=int, help="only this many records")
    made.add_argument("--overlap", action="append", type=float, help="only this overlap, 0 to 1")
    made.add_argument(
        "--layout",
        action="append",
        choices=["strangers", "sample"],
        help="both sides hold strangers, or the file is a sample of the register",
    )
    made.add_argument("--seed", action="append", type=int, help="only this seed")
    made.add_argument(
        "--people",
        action="append",
        choices=list(POPULATIONS),
        help=f"only these people; here: {', '.join(present())}",
    )
    made.add_argument("--out", type=Path, default=HERE / "results", help="folder of the results")
    made.add_argument("--docs", action="store_true", help="also write the page among the docs")
    made.add_argument(
        "--accuracy", action="store_true", help="measure anew how well each strength links"
    )
    made.add_argument("--cache", type=Path, help="folder for the prepared files to link")
    made.add_argument(
        "--splink", type=Path, default=accuracy.SPLINK, help="results of benchmarks/linkage"
    )
    return made  # fmt: skip


def chosen(options: argparse.Namespace) -> Plan:
    """Return the plan that the options ask for; the controls are always in it."""
    plan = QUICK if options.quick else FULL
    asked: dict[str, Any] = {
        "attacks": options.attack, "sizes": options.size, "overlaps": options.overlap,
        "layouts": options.layout, "seeds": options.seed, "populations": options.people,
    }  # fmt: skip
    plan = replace(plan, **{name: tuple(value) for name, value in asked.items() if value})
    if options.strength:
        plan = replace(plan, schemes=tuple(dict.fromkeys(["none", "random", *options.strength])))
    if "graph" not in plan.attacks:
        plan = replace(plan, attacks=("graph", *plan.attacks))
    if 1.0 not in plan.overlaps:
        plan = replace(plan, overlaps=(1.0, *plan.overlaps))
    return plan


def publish(options: argparse.Namespace, rows: Sequence[dict[str, Any]]) -> None:
    """Write the figures, the picture and the page."""
    kept = options.out / RESULTS
    links = published.read(kept)["accuracy"] if kept.exists() else []
    if options.accuracy or not links:
        links = list(accuracy.measured(options.cache or options.out / "cache", options.splink))
    published.write(kept, links, rows)
    results = published.read(kept)
    if options.docs:
        text, picture = DOCS / "explanation" / PAGE, DOCS / "images" / PICTURE
        published.draw(results, text, picture, f"../images/{PICTURE}")
    else:
        published.draw(results, options.out / PAGE, options.out / PICTURE, PICTURE)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run, check the controls, publish; return 1 if a control failed."""
    options = parser().parse_args(arguments)
    options.out.mkdir(parents=True, exist_ok=True)
    kept, results = options.out / "rows.jsonl", options.out / RESULTS
    if not kept.exists() and results.exists():
        # A night's figures are gone on with by whoever has what was published of them.
        keep(kept, published.read(results)["rows"])
    rows = read(kept) if options.page else run(chosen(options), kept, print)
    try:
        check_controls(rows)
    except SuiteBroken as broken:
        print(f"The suite is broken: {broken}.", file=sys.stderr)
        return 1
    publish(options, rows)
    for scheme in dict.fromkeys(row["scheme"] for row in rows):
        if row := worst_named(rows, scheme):
            print(f"{scheme}: worst {row['value']:.2%} ({row['attack']}, {row['size']:,} records)")
    return 0


if __name__ == "__main__":
    sys.exit(main())
