"""The texts that the chapter reads: the two worked agreements, and one that uses every clause."""

from __future__ import annotations

from pathlib import Path

from equipoise.agree.document import Agreement
from equipoise.agree.parse import parse
from equipoise.errors import DocumentRefused, Problem

ROOT = Path(__file__).parents[3]
REBATE = (ROOT / "examples/fuel-poverty/agreement.yaml").read_text(encoding="utf-8")
JUSTICE = (ROOT / "examples/justice-data-lab/agreement.yaml").read_text(encoding="utf-8")
EVERY = (Path(__file__).parent / "every-clause.yaml").read_text(encoding="utf-8")
TEXTS = {"rebate": REBATE, "justice": JUSTICE, "every clause": EVERY}


def changed(*swaps: tuple[str, str], text: str = EVERY) -> str:
    """Return ``text`` with each old passage, which must stand there once, replaced by the new."""
    for old, new in swaps:
        assert text.count(old) == 1, f"{old!r} stands {text.count(old)} times"
        text = text.replace(old, new)
    return text


def agreed(*swaps: tuple[str, str], text: str = EVERY) -> Agreement:
    return parse(changed(*swaps, text=text)).agreement


def problems(text: str) -> tuple[Problem, ...]:
    """Return what is wrong with a text; nothing when it is read."""
    try:
        parse(text)
    except DocumentRefused as refused:
        return refused.problems
    return ()


def told(text: str) -> list[tuple[str, str | None]]:
    return [(problem.code, problem.clause) for problem in problems(text)]
