"""What linking found, in figures and in words: rates by dataset and by rule, never a row."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True)
class RuleCount:
    """What one rule did for one joined dataset. All figures count rows of that dataset.

    ``tried`` rows were not linked by an earlier rule. Of these, ``missing`` have no token (a part
    was empty or unreadable), ``absent`` have a token that no free spine row has, ``ambiguous`` have
    one that could mean several rows, and ``found`` were linked. The four add up to ``tried``.
    """

    rule: tuple[str, ...]
    tried: int
    found: int
    ambiguous: int
    missing: int
    absent: int


@dataclass(frozen=True)
class DatasetCount:
    """One joined dataset held against the spine. ``spine_linked`` counts spine rows that it met."""

    dataset: str
    rows: int
    linked: int
    spine_linked: int
    rules: tuple[RuleCount, ...]

    @property
    def unlinked(self) -> int:
        """Return the rows that no rule linked."""
        return self.rows - self.linked

    @property
    def rate(self) -> float:
        """Return the share of rows linked, 0 for a dataset without rows."""
        return self.linked / self.rows if self.rows else 0.0


@dataclass(frozen=True)
class LinkReport:
    """How one entity was linked. ``entities`` counts distinct entities over all datasets."""

    entity: str
    spine: str
    spine_rows: int
    pairs: str
    entities: int
    datasets: tuple[DatasetCount, ...]

    def as_dict(self) -> dict[str, Any]:
        """Return the report for JSON, rates included."""
        whole = asdict(self)
        for told, dataset in zip(whole["datasets"], self.datasets, strict=True):
            told |= {"unlinked": dataset.unlinked, "rate": dataset.rate}
        return whole

    def sentences(self) -> tuple[str, ...]:
        """Return the report in plain words, one sentence a line."""
        lines = [
            f"Rows about the same {self.entity} were sought in {len(self.datasets)} "
            f"dataset{'s' * (len(self.datasets) != 1)} and joined to {self.spine_rows:,} rows of "
            f"{self.spine} ({self.pairs})."
        ]
        for dataset in self.datasets:
            lines.append(
                f"{dataset.dataset}: {dataset.linked:,} of {dataset.rows:,} rows were linked "
                f"({dataset.rate:.1%}), to {dataset.spine_linked:,} rows of {self.spine}; "
                f"{dataset.unlinked:,} were not."
            )
            lines += [_rule_line(number, rule) for number, rule in enumerate(dataset.rules, 1)]
        lines.append(
            "A row that could be several people was left to the next rule, and never guessed at."
        )
        return tuple(lines)


def _rule_line(number: int, rule: RuleCount) -> str:
    return (
        f"Rule {number} ({', '.join(rule.rule)}): {rule.found:,} linked, {rule.ambiguous:,} could "
        f"have meant several rows, {rule.missing:,} lacked a part, {rule.absent:,} met nobody."
    )
