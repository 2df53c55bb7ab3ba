"""What can be said of a flag and of links: from checked outputs only."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from equipoise.agree.document import Agreement
from equipoise.agree.uses import FlagUse
from equipoise.carry.outputs import Output
from equipoise.carry.uses.flag import STATISTICS
from equipoise.carry.uses.linked import CHECK, LINKS, QUALITY


def describe_flag(
    agreement: Agreement, use_id: str, checked: Mapping[str, Output]
) -> tuple[str, ...]:
    """Say how many were answered, how many yes, and what a no does not mean."""
    use = agreement.uses[use_id]
    assert isinstance(use, FlagUse)
    said = []
    held: dict[str, dict[str, Any]] = {}
    for row in checked[STATISTICS].table.to_pylist() if STATISTICS in checked else []:
        held.setdefault(row["dataset"], {})[row["what"]] = row["keys"]
    for dataset, numbers in held.items():
        name = agreement.parties[agreement.datasets[dataset].controller].name
        yes, whole = (_about(numbers.get(what)) for what in ("yes", "answered"))
        said.append(f"What you can say: {name}: {yes} of {whole} were answered yes.")
    rules = {"all": "every rule is met", "any": "any rule is met"}
    rule = rules.get(use.combine, f"{use.combine} of the rules are met")
    said.append(f"What you can say: yes means that {rule}: {'; '.join(use.criteria)}.")
    if not any(r.of == use_id and r.not_found == "separate" for r in agreement.releases):
        said.append(
            "What you cannot say: why somebody was answered no. Those who do not meet the rules "
            "and those who were not found get the same answer."
        )
    return tuple(said)


def describe_linked(
    agreement: Agreement, use_id: str, checked: Mapping[str, Output]
) -> tuple[str, ...]:
    """Say how many rows were linked, and how often links were right where known pairs tell."""
    said = []
    for row in checked[LINKS].table.to_pylist() if LINKS in checked else []:
        said.append(
            f"What you can say: {row['dataset']}: {_about(row['linked'])} of "
            f"{_about(row['rows'])} rows were linked."
        )
    for row in checked[QUALITY].table.to_pylist() if QUALITY in checked else []:
        if None not in (row["value"], row["low"], row["high"]):
            said.append(
                f"What you can say: {row['what']} is {row['value']:.3f}, and could be between "
                f"{row['low']:.3f} and {row['high']:.3f}."
            )
    if CHECK not in checked:
        said.append(
            "What you cannot say: how many links are wrong or missing. No known pairs were given."
        )
    return tuple(said)


def _about(count: int | None) -> str:
    return "a number that is not shown" if count is None else f"about {count:,}"
