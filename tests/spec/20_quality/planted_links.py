"""Two files whose truth is planted, linked and judged; and what is true of the answer."""

from __future__ import annotations

import sys
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[1] / "05_link"))

from people import FIELDS, Files, two_files

from equipoise.carry.encode.columns import EncodedTable
from equipoise.carry.encode.features import encode_fields
from equipoise.carry.encode.throwaway import ThrowAwayKey
from equipoise.carry.link.blocks import Rule
from equipoise.carry.link.judged import Judged, judged
from equipoise.carry.link.probabilistic import link_encoded, score

KEY = b"a key that makes tests repeatable"[:32]
FEW = ("forename", "surname", "sex", "postcode")
"""Without a date of birth housemates and namesakes are hard to tell apart."""


@dataclass(frozen=True)
class Case:
    """Two files, encoded, linked and judged. ``true`` says of each scored pair what is planted."""

    files: Files
    left: EncodedTable
    right: EncodedTable
    found: Judged
    true: np.ndarray

    @property
    def precision(self) -> float:
        return float(self.true[self.found.linked].mean())

    @property
    def recall(self) -> float:
        return float(self.true[self.found.linked].sum() / len(self.files.truth))

    @property
    def f1(self) -> float:
        return 2 * self.precision * self.recall / (self.precision + self.recall)

    def of(self, found: Judged) -> Case:
        return replace(self, found=found)


@cache
def case(homes: int, seed: int, wrong: float, fields: tuple[str, ...] = tuple(FIELDS)) -> Case:
    return case_of(two_files(homes, seed=seed, wrong=wrong), fields)


def case_of(files: Files, fields: tuple[str, ...] = tuple(FIELDS)) -> Case:
    key = ThrowAwayKey(KEY)
    kinds = {name: FIELDS[name] for name in fields}
    left, right = (encode_fields(table, kinds, key) for table in (files.left, files.right))
    found = judged(link_encoded(left, right), left.rows, right.rows)
    return Case(files, left, right, found, _true(files, found))


def by_rules(whole: Case, rules: tuple[Rule, ...]) -> Case:
    """The same files, but only pairs that some rule brings together are looked at."""
    learned = replace(whole.found.learned, rules=rules)
    scored = score(whole.left, whole.right, learned)
    from equipoise.carry.link.probabilistic import Links

    likely = np.zeros(0, np.int32)
    links = Links(likely, likely, np.zeros(0), learned, scored)
    found = judged(links, whole.left.rows, whole.right.rows)
    found = replace(found, linked=found.chance >= 0.5)
    return Case(whole.files, whole.left, whole.right, found, _true(whole.files, found))


def _true(files: Files, found: Judged) -> np.ndarray:
    places = {(int(one[1:]), int(other[1:])) for one, other in files.truth}
    pairs = zip(found.scored.left.tolist(), found.scored.right.tolist(), strict=True)
    return np.array([pair in places for pair in pairs], np.bool_)
