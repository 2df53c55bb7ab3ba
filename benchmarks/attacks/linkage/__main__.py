"""Run the attack suite: ``python -m benchmarks.attacks.linkage --quick`` or ``--full``."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

from . import accuracy
from .grid import ATTACKS, CODES, FULL, QUICK, Plan, read, run
from .page import figure, page
from .people import POPULATIONS, present
from .schemes import SCHEMES
from .verdict import SuiteBroken, check_controls, worst_named

HERE: Final = Path(__file__).resolve().parent
DOCS: Final = HERE.parents[2] / "docs"


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


def publish(out: Path, rows: Sequence[dict[str, Any]], *, docs: bool) -> None:
    """Write the JSON, the figure and the page."""
    results = {"accuracy": list(accuracy.measured()), "rows": list(rows)}
    (out / "results.json").write_text(json.dumps(results, indent=0) + "\n", encoding="utf-8")
    (out / "linkage-attacks.svg").write_text(figure(results), encoding="utf-8")
    (out / "linkage-attacks.md").write_text(page(results, "linkage-attacks.svg"), encoding="utf-8")
    if docs:
        (DOCS / "images" / "linkage-attacks.svg").write_text(figure(results), encoding="utf-8")
        (DOCS / "explanation" / "linkage-attacks.md").write_text(
            page(results, "../images/linkage-attacks.svg"), encoding="utf-8"
        )


def main(arguments: Sequence[str] | None = None) -> int:
    """Run, check the controls, publish; return 1 if a control failed."""
    options = parser().parse_args(arguments)
    options.out.mkdir(parents=True, exist_ok=True)
    kept = options.out / "rows.jsonl"
    rows = read(kept) if options.page else run(chosen(options), kept, print)
    try:
        check_controls(rows)
    except SuiteBroken as broken:
        print(f"The suite is broken: {broken}.", file=sys.stderr)
        return 1
    publish(options.out, rows, docs=options.docs)
    for scheme in dict.fromkeys(row["scheme"] for row in rows):
        if row := worst_named(rows, scheme):
            print(f"{scheme}: worst {row['value']:.2%} ({row['attack']}, {row['size']:,} records)")
    return 0


if __name__ == "__main__":
    sys.exit(main())
