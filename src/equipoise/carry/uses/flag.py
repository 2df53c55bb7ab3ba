"""U2: rules over linked rows give each unit a yes or a no.

A criterion is held against the rows of its dataset that share the unit row's pseudonym; with
several such rows it is met when any of them meets it. A unit that was not found and one that does
not meet the rules get the same answer unless the release clause says otherwise.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from equipoise.agree.document import Agreement
from equipoise.agree.uses import FlagUse
from equipoise.carry.outputs import Output, OutputColumn, Result
from equipoise.carry.session import Session
from equipoise.carry.uses.conditions import Booleans, known
from equipoise.carry.uses.criteria import Verdict, judge
from equipoise.carry.uses.reach import Rows, column_of, table_of
from equipoise.errors import DocumentRefused, Problem, UsageRefused

STATISTICS = "statistics"
ANSWERED = "answered"
_OWN_WORDS = ("flag", "reasons")


Verdicts = Mapping[str, Verdict]


def compute(session: Session, agreement: Agreement, use_id: str) -> Result:
    """Answer yes or no for each key of each unit dataset.

    A key that stands on several rows is answered once: yes when any of its rows is yes, because the
    recipient acts on the key (an account with two bill payers is one account). Rows without a key
    cannot be answered; they are counted in a warning.
    """
    use = flag_clause(agreement, use_id)
    outputs: list[Output] = []
    counts: list[tuple[str, str, int]] = []
    warnings: list[str] = []
    for number, dataset in enumerate(use.units):
        session.progress(number / len(use.units), f"answering for {dataset}")
        table = table_of(session, dataset)
        verdicts = {
            name: judge(session, agreement, dataset, criterion, f"uses.{use_id}.criteria.{name}")
            for name, criterion in use.criteria.items()
        }
        answers = _answers(agreement, use_id, dataset, table, verdicts)
        if dropped := table.num_rows - answers.rows_answered:
            warnings.append(f"{dropped:,} rows of '{dataset}' bear no key and were not answered")
        outputs.append(answers.output)
        counts += answers.counts
    session.progress(1.0, "answered")
    return Result((*outputs, _statistics(counts)), warnings=tuple(warnings))


def flag_clause(agreement: Agreement, use_id: str) -> FlagUse:
    """Return the use's clause. Raises ``UsageRefused`` (USE001) when it is no flag."""
    use = agreement.uses.get(use_id)
    if not isinstance(use, FlagUse):
        raise UsageRefused(Problem("USE001", f"'{use_id}' is not a flag use of this agreement"))
    return use


def combine(use: FlagUse, verdicts: list[Verdict]) -> Booleans:
    """Return yes or no for each row. With ``on missing: skip`` a criterion that nothing could be
    held against is left out; a unit none of whose criteria could be judged is no."""
    met = np.sum([v.met for v in verdicts], axis=0)
    judged = np.sum(
        [v.seen if use.on_missing == "skip" else np.ones_like(v.seen) for v in verdicts], axis=0
    )
    if use.combine == "all":
        return np.asarray((met == judged) & (judged > 0))
    needed = 1 if use.combine == "any" else int(use.combine.split()[-1])
    return np.asarray(met >= needed)


@dataclass(frozen=True)
class _Answers:
    output: Output
    rows_answered: int
    counts: list[tuple[str, str, int]]


@dataclass(frozen=True)
class _ByKey:
    """The rows of a unit dataset that bear a key, and how they gather under the keys."""

    names: pa.Array
    rows: Rows
    code: Rows

    def any(self, mask: Booleans) -> Booleans:
        """Return for each key whether ``mask`` holds on any of its rows."""
        met = np.bincount(self.code, weights=mask[self.rows], minlength=len(self.names))
        return np.asarray(met > 0)

    def first_rows(self) -> Rows:
        """Return the first row of each key."""
        return np.asarray(self.rows[np.unique(self.code, return_index=True)[1]])


def _by_key(table: pa.Table, dataset: str, key: str) -> _ByKey:
    keys = column_of(table, dataset, key).cast(pa.string())
    rows = np.flatnonzero(known(keys)).astype(np.int64)
    coded = keys.take(pa.array(rows)).dictionary_encode()
    code = np.asarray(coded.indices.to_numpy(zero_copy_only=False), dtype=np.int64)
    return _ByKey(coded.dictionary, rows, code)


def _answers(
    agreement: Agreement, use_id: str, dataset: str, table: pa.Table, verdicts: Verdicts
) -> _Answers:
    use = flag_clause(agreement, use_id)
    keys = _by_key(table, dataset, use.key)
    yes = keys.any(combine(use, list(verdicts.values())))
    found = keys.any(np.logical_or.reduce([v.found for v in verdicts.values()]))
    extra, separate = _released(agreement, use_id, dataset)
    columns = {use.key: keys.names, "flag": _words(yes, found, separate)}
    for field in extra:
        columns[field] = (
            _reasons({n: keys.any(v.met) for n, v in verdicts.items()}, yes)
            if field == "reasons"
            else column_of(table, dataset, field).take(pa.array(keys.first_rows()))
        )
    kinds = {use.key: "reference", "flag": "flag"}
    answer = pa.table(columns)
    answer = answer.take(pc.sort_indices(answer, sort_keys=[(use.key, "ascending")]))
    controller = agreement.datasets[dataset].controller
    output = Output(
        f"answers_{dataset}",
        f"Answers for {agreement.parties[controller].name}",
        "rows",
        tuple(OutputColumn(n, kinds.get(n, "value")) for n in columns),  # type: ignore[arg-type]
        answer,
        party=controller,
    )
    return _Answers(output, len(keys.rows), _counts(dataset, keys, yes, found, verdicts))


def _counts(
    dataset: str, keys: _ByKey, yes: Booleans, found: Booleans, verdicts: Verdicts
) -> list[tuple[str, str, int]]:
    """Count each answer and its opposite, so that the disclosure check sees what can be
    subtracted."""
    said = {"yes": yes, "no": ~yes, "found by a rule": found, "found by no rule": ~found}
    for name, verdict in verdicts.items():
        met, there = keys.any(verdict.met), keys.any(verdict.found)
        said |= {f"met: {name}": met, f"not met: {name}": ~met}
        said |= {f"found: {name}": there, f"not found: {name}": ~there}
    counts = [(dataset, ANSWERED, len(yes))]
    return counts + [(dataset, what, int(mask.sum())) for what, mask in said.items()]


def _words(yes: Booleans, found: Booleans, separate: bool) -> pa.Array:
    words = np.where(yes, "yes", "no").astype(object)
    if separate:
        words[~found] = "not found"
    return pa.array(words, pa.string())


def _reasons(met: Mapping[str, Booleans], yes: Booleans) -> pa.Array:
    """Name the criteria met, for a yes only: a reason beside a no would tell it from not found."""
    lines = [
        "; ".join(name for name, mask in met.items() if mask[row]) if yes[row] else ""
        for row in range(len(yes))
    ]
    return pa.array(lines, pa.string())


def _released(agreement: Agreement, use_id: str, dataset: str) -> tuple[list[str], bool]:
    """Return the further fields that a release to the dataset's controller names, and whether
    it wants *not found* told apart. Raises ``DocumentRefused`` (USE013) on an unknown field."""
    use = flag_clause(agreement, use_id)
    party = agreement.datasets[dataset].controller
    extra: list[str] = []
    separate = False
    for number, release in enumerate(agreement.releases):
        if release.of != use_id or release.to != party:
            continue
        separate |= release.not_found == "separate"
        for field in release.fields:
            own = agreement.datasets[dataset].fields.get(field)
            if field in (use.key, "flag") or field in extra:
                continue
            if field not in _OWN_WORDS and (own is None or own.role == "identifier"):
                raise DocumentRefused(
                    Problem(
                        "USE013",
                        f"a flag cannot release '{field}' of '{dataset}'",
                        why="it knows the key, flag, reasons and the recipient's own fields only",
                        next="take the field out of the release",
                        clause=f"releases.{number}.fields",
                    )
                )
            extra.append(field)
    return extra, separate


def _statistics(counts: list[tuple[str, str, int]]) -> Output:
    sets, what, numbers = zip(*counts, strict=True)
    return Output(
        STATISTICS,
        "How many met each rule (for reviewers and controllers only)",
        "counts",
        (
            OutputColumn("dataset", "label"),
            OutputColumn("what", "label"),
            OutputColumn("keys", "count"),
        ),
        pa.table({"dataset": sets, "what": what, "keys": pa.array(numbers, pa.int64())}),
        sums_of="what",
        sums=tuple((ANSWERED, pair) for pair in _opposites(dict.fromkeys(what))),
    )


def _opposites(what: Iterable[str]) -> list[tuple[str, str]]:
    """Return the labels two by two, after the first: they were written in pairs."""
    labels = list(what)[1:]
    return list(zip(labels[::2], labels[1::2], strict=True))
