"""What linking found, in figures and in words: rates by dataset and by rule, never a row."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, fields, is_dataclass, replace
from typing import Any, Final

FEWEST = 10
"""Links of a blocking rule below this are not counted out: what is left of so few is a person."""


MANY: Final = 50
_FEW: Final = 0.01
"""Links, as a share of the smaller file, below which a file of so many rows is doubted."""
NOBODY: Final = (
    "Hardly anybody was linked, fewer than one in a hundred rows of the smaller file. Either the "
    "files have hardly anybody in common, or one was written or encoded otherwise than the other, "
    "or people stand several times in each."
)
_LOOK: Final = "Look into this before the links are used:"


def hardly_any(links: float, smaller: int) -> bool:
    """Say whether so few links, of a smaller file of so many rows, are to be doubted."""
    return smaller >= MANY and links < _FEW * smaller


def said(count: int, fewest: int) -> str:
    """Return a count in words: as it is, or, where ``fewest`` is not 0, as it was rounded."""
    if not fewest:
        return f"{count:,}"
    return f"about {count:,}" if count else f"fewer than {fewest}"


def fewest_told(least: int, base: int) -> int:
    """Return the smallest count that is told where counts below ``least`` are not, and others are
    rounded to the nearest ``base``: what rounds to nothing is not told either."""
    return max(least, base // 2 + 1)


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

    def sentences(self, fewest: int = 0) -> Iterator[str]:
        """Yield what was found in plain words; ``fewest`` as in ``LinkReport``."""
        fields = ", ".join(self.fields)
        yield (
            f"Compared on {fields}: {said(self.links, fewest)} linked with a probability of at "
            f"least {self.sure_at_least:.0%}; {said(self.unsure, fewest)} likely ones were not "
            "sure enough."
        )
        if self.precision is not None and self.recall is not None:
            of = "the matches that were proposed" if self.not_told else "all that could be found"
            right = _share(self.precision, self.precision_between, fewest)
            found = _share(self.recall, self.recall_between, fewest)
            yield (
                f"Estimated without truth: {right} of these links are right, and {found} of {of} "
                "were found."
            )
            yield (
                "This knows people who moved, and takes other errors to come by themselves. Where "
                "they come together, as in name and address after a wedding, fewer were found."
            )
        if self.precision is not None and self.of_those_seen is not None:
            seen = _share(self.of_those_seen, None, fewest)
            yield (
                f"Estimated without truth: {_share(self.precision, None, fewest)} of these links "
                f"are right. Of the matches that can be seen in filters at all, {seen} were found; "
                "how many cannot be seen, nobody can tell from filters, so this is no recall."
            )
        if self.doubt:
            yield f"{_LOOK} {self.doubt}"
        if self.not_told:
            yield f"How many matches were never proposed cannot be told: {self.not_told}."
        for one in self.found_by:
            few = f"fewer than {FEWEST}" if one.links < FEWEST else ""
            count = said(one.links, fewest) if fewest else few or f"{one.links:,}"
            yield f"Proposed by {one.rule}: {count} links."


def _share(value: float, between: tuple[float, float] | None, fewest: int) -> str:
    """Return a share as ``98.2% (95% interval 96.0% to 99.1%)``; of rounded figures as ``98%``."""
    places = 0 if fewest else 1
    told = f"{value:.{places}%}"
    if between is None:
        return told
    return f"{told} (95% interval {between[0]:.{places}%} to {between[1]:.{places}%})"


@dataclass(frozen=True)
class OptedOut:
    """How many rows of a dataset a list bars. They are counted, and never named."""

    dataset: str
    list: str
    rows: int

    def sentence(self, fewest: int = 0) -> str:
        """Return it in plain words; ``fewest`` as in ``LinkReport``."""
        return (
            f"{self.dataset}: {said(self.rows, fewest)} rows were left out, because the list "
            f"{self.list} bars them."
        )


@dataclass(frozen=True)
class DatasetCount:
    """One joined dataset held against the spine. ``spine_linked`` counts spine rows that it met.

    ``compared`` is None in the mode ``exact``; then ``doubt`` says in words what a person should
    look into before the links are used.
    """

    dataset: str
    rows: int
    linked: int
    spine_linked: int
    rules: tuple[RuleCount, ...]
    compared: Compared | None = None
    doubt: str = ""

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

    Rows that an opt-out list bars are in ``opted_out`` and in no other figure. ``fewest`` is 0 for
    exact figures, which are for the people of whoever links alone; else all counts are rounded,
    those below ``fewest`` to 0, as ``rounded`` makes them for everybody else.
    """

    entity: str
    spine: str
    spine_rows: int
    pairs: str
    entities: int
    datasets: tuple[DatasetCount, ...]
    mode: str = "exact"
    opted_out: tuple[OptedOut, ...] = ()
    fewest: int = 0

    def rounded(self, least: int, base: int) -> LinkReport:
        """Return the report for other eyes: counts to the nearest ``base``, those below ``least``
        as 0, shares to a hundredth, and no share of so few."""

        def about(count: int) -> int:
            return 0 if count < least else base * round(count / base)

        told: LinkReport = _rounded(self, about)
        return replace(told, fewest=fewest_told(least, base))

    def as_dict(self) -> dict[str, Any]:
        """Return the report for JSON, rates included."""
        whole = asdict(self)
        for told, dataset in zip(whole["datasets"], self.datasets, strict=True):
            rate = round(dataset.rate, 2) if self.fewest else dataset.rate
            told |= {"unlinked": dataset.unlinked, "rate": rate}
            if dataset.compared is None:
                del told["compared"]
        return whole

    def sentences(self) -> tuple[str, ...]:
        """Return the report in plain words, one sentence a line."""
        few = self.fewest
        lines = [
            f"Rows about the same {self.entity} were sought in {len(self.datasets)} "
            f"dataset{'s' * (len(self.datasets) != 1)} and joined to "
            f"{said(self.spine_rows, few)} rows of {self.spine} ({self.pairs})."
        ]
        lines += [one.sentence(few) for one in self.opted_out]
        for dataset in self.datasets:
            lines += self._of_dataset(dataset)
        lines.append(
            "A row that could be several people was left to the next rule, and never guessed at."
            if all(dataset.compared is None for dataset in self.datasets)
            else "A row that could be several people was linked only where one was likelier than "
            "all others together."
        )
        return tuple(lines)

    def _of_dataset(self, dataset: DatasetCount) -> Iterator[str]:
        few = self.fewest
        rate = f"{dataset.rate:.0%}" if few else f"{dataset.rate:.1%}"
        yield (
            f"{dataset.dataset}: {said(dataset.linked, few)} of {said(dataset.rows, few)} rows "
            f"were linked ({rate}), to {said(dataset.spine_linked, few)} rows of {self.spine}; "
            f"{said(dataset.unlinked, few)} were not."
        )
        for number, rule in enumerate(dataset.rules, 1):
            yield (
                f"Rule {number} ({', '.join(rule.rule)}): {said(rule.found, few)} linked, "
                f"{said(rule.ambiguous, few)} could have meant several rows, "
                f"{said(rule.missing, few)} lacked a part, {said(rule.absent, few)} met nobody."
            )
        if dataset.compared is not None:
            yield from dataset.compared.sentences(few)
        elif dataset.doubt:
            yield f"{_LOOK} {dataset.doubt}"


def _rounded(told: Any, about: Callable[[int], int]) -> Any:
    """Return a part of a report with every count rounded, and shares of what is then nobody out."""
    if isinstance(told, tuple):
        return tuple(_rounded(one, about) for one in told)
    if not is_dataclass(told) or isinstance(told, type):
        return told
    changed: dict[str, Any] = {}
    for one in fields(told):
        value = getattr(told, one.name)
        if isinstance(value, int) and not isinstance(value, bool):
            changed[one.name] = about(value)
        elif isinstance(value, tuple) or is_dataclass(value):
            changed[one.name] = _rounded(value, about)
    if isinstance(told, Compared):
        shares = ("precision", "recall", "of_those_seen")
        between = ("precision_between", "recall_between")
        none = not changed["links"]
        changed |= {name: None if none else _hundredth(getattr(told, name)) for name in shares}
        changed |= {
            name: None if none or ends is None else tuple(map(_hundredth, ends))
            for name in between
            for ends in [getattr(told, name)]
        }
    return replace(told, **changed)


def _hundredth(share: float | None) -> float | None:
    return None if share is None else round(share, 2)
