"""Hold results against the truth: flags by precision and recall, effects by their interval."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import pyarrow.csv as pa_csv

from equipoise.city.truth import EFFECTS, ENTITLED, OUTCOMES
from equipoise.errors import DataRefused, Problem

Flag = bool | int | str
_READ_AS: Final[dict[str, bool]] = {
    "yes": True,
    "y": True,
    "1": True,
    "true": True,
    "no": False,
    "n": False,
    "0": False,
    "false": False,
}


@dataclass(frozen=True)
class Score:
    """How many accounts were rightly and wrongly answered."""

    right_yes: int
    wrong_yes: int
    missed: int
    right_no: int

    @property
    def accounts(self) -> int:
        """Return how many accounts were scored."""
        return self.right_yes + self.wrong_yes + self.missed + self.right_no

    @property
    def precision(self) -> float | None:
        """Return the share of yes answers that are right; None without a yes."""
        said = self.right_yes + self.wrong_yes
        return self.right_yes / said if said else None

    @property
    def recall(self) -> float | None:
        """Return the share of entitled accounts that were answered yes; None without any."""
        true = self.right_yes + self.missed
        return self.right_yes / true if true else None

    def __add__(self, other: Score) -> Score:
        return Score(
            self.right_yes + other.right_yes,
            self.wrong_yes + other.wrong_yes,
            self.missed + other.missed,
            self.right_no + other.right_no,
        )


@dataclass(frozen=True)
class Scores:
    """The score of each dataset and of all, and whose entitled accounts were missed."""

    by_dataset: Mapping[str, Score]
    all: Score
    missed_by_holder: Mapping[str, int]

    def sentence(self) -> str:
        """Say it in one line."""
        precision = "-" if self.all.precision is None else f"{self.all.precision:.1%}"
        recall = "-" if self.all.recall is None else f"{self.all.recall:.1%}"
        return (
            f"Of {self.all.accounts:,} accounts, {self.all.right_yes:,} were rightly and "
            f"{self.all.wrong_yes:,} wrongly answered yes, and {self.all.missed:,} entitled ones "
            f"were missed: precision {precision}, recall {recall}."
        )


@dataclass(frozen=True)
class EffectScore:
    """An estimate held against the planted and the realised effect, in the outcome's unit."""

    outcome: str
    estimate: float
    low: float
    high: float
    planted: float
    realised: float
    naive: float

    @property
    def holds_planted(self) -> bool:
        """Return whether the interval holds the planted effect."""
        return self.low <= self.planted <= self.high

    @property
    def holds_realised(self) -> bool:
        """Return whether the interval holds the realised effect."""
        return self.low <= self.realised <= self.high

    @property
    def error(self) -> float:
        """Return the estimate less the planted effect."""
        return self.estimate - self.planted


def score_flags(truth_dir: Path, released: Mapping[str, Iterable[tuple[str, Flag]]]) -> Scores:
    """Hold released flags against who is truly entitled.

    ``released`` holds for each supplier's dataset its rows ``(account, flag)``; a flag is a truth
    or ``yes``/``no`` in the usual spellings. An account that was not answered counts as answered
    no, so that leaving accounts out does not pay. Raises ``DataRefused`` (CIT005 no truth there,
    CIT006 dataset, CIT007 account unknown, CIT008 account twice with different flags, CIT009 flag
    unreadable); rows are named by number.
    """
    table = _entitled(truth_dir)
    problems: list[Problem] = []
    scores: dict[str, Score] = {}
    missed: Counter[str] = Counter()
    for dataset, rows in released.items():
        true = table.get(dataset)
        if true is None:
            problems.append(
                Problem(
                    "CIT006",
                    f"the truth knows no dataset {dataset!r}",
                    next=f"score one of {', '.join(table) or 'none'}",
                )
            )
            continue
        answers = _answers(dataset, rows, true, problems)
        scores[dataset] = _score(true, answers, missed)
    if problems:
        raise DataRefused(problems)
    return Scores(scores, sum(scores.values(), Score(0, 0, 0, 0)), dict(missed))


def _score(
    true: Mapping[str, tuple[bool, str]], answers: Mapping[str, bool], missed: Counter[str]
) -> Score:
    tally: Counter[tuple[bool, bool]] = Counter()
    for account, (entitled, holder) in true.items():
        said = answers.get(account, False)
        tally[entitled, said] += 1
        if entitled and not said:
            missed[holder] += 1
    return Score(tally[True, True], tally[False, True], tally[True, False], tally[False, False])


def _answers(
    dataset: str,
    rows: Iterable[tuple[str, Flag]],
    true: Mapping[str, Any],
    problems: list[Problem],
) -> dict[str, bool]:
    answers: dict[str, bool] = {}
    for number, (account, flag) in enumerate(rows, start=1):
        said = _READ_AS.get(str(flag).strip().lower())
        where = f"row {number} of {dataset}"
        if said is None:
            problems.append(Problem("CIT009", f"the flag in {where} is neither yes nor no"))
        elif account not in true:
            problems.append(Problem("CIT007", f"the account in {where} is not in the truth"))
        elif answers.setdefault(account, said) != said:
            problems.append(
                Problem("CIT008", f"the account in {where} is answered twice, differently")
            )
    return answers


def _entitled(truth_dir: Path) -> dict[str, dict[str, tuple[bool, str]]]:
    path = _found(truth_dir / ENTITLED)
    table = pa_csv.read_csv(
        path, convert_options=pa_csv.ConvertOptions(column_types={"account": "string"})
    )
    known: dict[str, dict[str, tuple[bool, str]]] = {}
    columns = (table[name].to_pylist() for name in ("dataset", "account", "entitled", "holder"))
    for dataset, account, entitled, holder in zip(*columns, strict=True):
        known.setdefault(dataset, {})[account] = (entitled == 1, holder)
    return known


def _found(path: Path) -> Path:
    if not path.is_file():
        raise DataRefused(
            Problem(
                "CIT005",
                "the truth is not there",
                why="results are scored against the truth that is written beside the city's files",
                next="name the folder 'truth' that was written with the city",
                file=str(path),
            )
        )
    return path


def score_effect(
    truth_dir: Path, low: float, high: float, estimate: float, *, outcome: str = OUTCOMES[0]
) -> EffectScore:
    """Hold an estimate and its interval against the planted effect of mentoring.

    All in the outcome's unit: shares (0.08 is eight percentage points) or offences per person.
    Raises ``DataRefused`` (CIT005 no truth there, CIT010 outcome unknown, CIT011 the interval does
    not hold its own estimate, CIT012 nobody was in the study).
    """
    body = json.loads(_found(truth_dir / EFFECTS).read_text(encoding="utf-8"))
    problems = _unscorable(body, low, high, estimate, outcome)
    if problems:
        raise DataRefused(problems)
    true = body["effects"][outcome]
    return EffectScore(
        outcome, estimate, low, high, true["planted"], true["realised"], true["naive"]
    )


def _unscorable(
    body: Mapping[str, Any], low: float, high: float, estimate: float, outcome: str
) -> list[Problem]:
    problems: list[Problem] = []
    if outcome not in body["effects"]:
        problems.append(
            Problem(
                "CIT010",
                f"no effect is planted on {outcome!r}",
                next=f"score one of {', '.join(body['effects'])}",
            )
        )
    if not low <= estimate <= high:
        problems.append(
            Problem(
                "CIT011",
                "the estimate is not within its interval",
                next="give low, high and estimate in that order",
            )
        )
    if not body["in the study"]:
        problems.append(
            Problem(
                "CIT012",
                "nobody in this city was mentored after an index date",
                why="the city is too small to hold a study",
                next="build a city of 100,000 people",
            )
        )
    return problems
