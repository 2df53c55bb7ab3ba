"""What linking found, in figures and in words: rates by dataset and by rule, never a row."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any

FEWEST = 10
"""Links of a blocking rule below this are not counted out: what is left of so few is a person."""


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
class Band:
    """Links with a probability of at least ``least`` and below ``below``."""

    least: float
    below: float
    links: int


@dataclass(frozen=True)
class FoundBy:
    """One blocking rule, in words, and how many links it proposed first."""

    rule: str
    links: int


@dataclass(frozen=True)
class Compared:
    """What comparing found for one joined dataset, beyond what rules linked.

    ``links`` were as sure as agreed; ``unsure`` are likely, not so sure, and left out; ``against``
    were sure, but a rule had linked one of the two rows with another. ``bands`` count sure and
    unsure links by probability. ``precision`` and ``recall`` are estimates without truth, of sure
    links, None where nothing can be said, each with a 95 % interval where the mode gives one.
    ``not_told`` says what recall leaves out. Filters give no recall: ``of_those_seen`` is the share
    of the matches that can be seen in filters at all. ``doubt`` says in words what a person should
    look into before the links are used.
    """

    fields: tuple[str, ...]
    sure_at_least: float
    links: int
    unsure: int
    against: int
    bands: tuple[Band, ...]
    precision: float | None
    recall: float | None
    found_by: tuple[FoundBy, ...] = ()
    precision_between: tuple[float, float] | None = None
    recall_between: tuple[float, float] | None = None
    not_told: str = ""
    of_those_seen: float | None = None
    doubt: str = ""

    def sentences(self) -> Iterator[str]:
        """Yield what was found in plain words."""
        fields = ", ".join(self.fields)
        yield (
            f"Compared on {fields}: {self.links:,} linked with a probability of at least "
            f"{self.sure_at_least:.0%}; {self.unsure:,} likely ones were not sure enough."
        )
        if self.precision is not None and self.recall is not None:
            of = "the matches that were proposed" if self.not_told else "all that could be found"
            yield (
                f"Estimated without truth: {self._share(self.precision, self.precision_between)} "
                f"of these links are right, and {self._share(self.recall, self.recall_between)} of "
                f"{of} were found."
            )
        if self.precision is not None and self.of_those_seen is not None:
            yield (
                f"Estimated without truth: {self.precision:.1%} of these links are right. Of the "
                f"matches that can be seen in filters at all, {self.of_those_seen:.1%} were found; "
                "how many cannot be seen, nobody can tell from filters, so this is no recall."
            )
        if self.doubt:
            yield f"Look into this before the links are used: {self.doubt}"
        if self.not_told:
            yield f"How many matches were never proposed cannot be told: {self.not_told}."
        for one in self.found_by:
            count = f"{one.links:,}" if one.links >= FEWEST else f"fewer than {FEWEST}"
            yield f"Proposed by {one.rule}: {count} links."

    @staticmethod
    def _share(value: float, between: tuple[float, float] | None) -> str:
        """Return a share as ``98.2% (95% interval 96.0% to 99.1%)``."""
        if between is None:
            return f"{value:.1%}"
        return f"{value:.1%} (95% interval {between[0]:.1%} to {between[1]:.1%})"


@dataclass(frozen=True)
class OptedOut:
    """How many rows of a dataset a list bars. They are counted, and never named."""

    dataset: str
    list: str
    rows: int


@dataclass(frozen=True)
class DatasetCount:
    """One joined dataset held against the spine. ``spine_linked`` counts spine rows that it met.

    ``compared`` is None in the mode ``exact``.
    """

    dataset: str
    rows: int
    linked: int
    spine_linked: int
    rules: tuple[RuleCount, ...]
    compared: Compared | None = None

    @property
    def unlinked(self) -> int:
        """Return the rows that were not linked."""
        return self.rows - self.linked

    @property
    def rate(self) -> float:
        """Return the share of rows linked, 0 for a dataset without rows."""
        return self.linked / self.rows if self.rows else 0.0


@dataclass(frozen=True)
class LinkReport:
    """How one entity was linked. ``entities`` counts distinct entities over all datasets.

    Rows that an opt-out list bars are in ``opted_out`` and in no other figure.
    """

    entity: str
    spine: str
    spine_rows: int
    pairs: str
    entities: int
    datasets: tuple[DatasetCount, ...]
    mode: str = "exact"
    opted_out: tuple[OptedOut, ...] = ()

    def as_dict(self) -> dict[str, Any]:
        """Return the report for JSON, rates included."""
        whole = asdict(self)
        for told, dataset in zip(whole["datasets"], self.datasets, strict=True):
            told |= {"unlinked": dataset.unlinked, "rate": dataset.rate}
            if dataset.compared is None:
                del told["compared"]
        return whole

    def sentences(self) -> tuple[str, ...]:
        """Return the report in plain words, one sentence a line."""
        lines = [
            f"Rows about the same {self.entity} were sought in {len(self.datasets)} "
            f"dataset{'s' * (len(self.datasets) != 1)} and joined to {self.spine_rows:,} rows of "
            f"{self.spine} ({self.pairs})."
        ]
        lines += [
            f"{one.dataset}: {one.rows:,} rows were left out, because the list {one.list} bars "
            "them."
            for one in self.opted_out
        ]
        for dataset in self.datasets:
            lines.append(
                f"{dataset.dataset}: {dataset.linked:,} of {dataset.rows:,} rows were linked "
                f"({dataset.rate:.1%}), to {dataset.spine_linked:,} rows of {self.spine}; "
                f"{dataset.unlinked:,} were not."
            )
            lines += [_rule_line(number, rule) for number, rule in enumerate(dataset.rules, 1)]
            lines += dataset.compared.sentences() if dataset.compared is not None else ()
        lines.append(
            "A row that could be several people was left to the next rule, and never guessed at."
            if self.mode == "exact"
            else "A row that could be several people was linked only where one was likelier than "
            "all others together."
        )
        return tuple(lines)


def _rule_line(number: int, rule: RuleCount) -> str:
    return (
        f"Rule {number} ({', '.join(rule.rule)}): {rule.found:,} linked, {rule.ambiguous:,} could "
        f"have meant several rows, {rule.missing:,} lacked a part, {rule.absent:,} met nobody."
    )
