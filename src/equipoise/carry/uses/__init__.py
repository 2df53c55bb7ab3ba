"""The uses: what may be done with linked rows, one module or package each.

A use has three parts. ``compute`` turns the tables of a run into typed outputs, inside the locked
process. ``describe`` and ``pictures`` see only outputs that the disclosure check has passed, so
that no sentence and no picture can say more than the tables that leave.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from equipoise.agree.document import Agreement
from equipoise.carry.outputs import Output, Result
from equipoise.carry.session import Session
from equipoise.carry.uses import evaluate, flag, linked
from equipoise.carry.uses.evaluate import words as evaluate_words
from equipoise.carry.uses.pictures import evaluate_pictures, flag_pictures, linked_pictures
from equipoise.carry.uses.words import describe_flag, describe_linked


@dataclass(frozen=True)
class Use:
    """One kind of use, under the word by which an agreement asks for it."""

    compute: Callable[[Session, Agreement, str], Result]
    describe: Callable[[Agreement, str, Mapping[str, Output]], tuple[str, ...]]
    pictures: Callable[[Agreement, str, Mapping[str, Output]], Mapping[str, str]]


USES: Final[Mapping[str, Use]] = MappingProxyType(
    {
        "linked": Use(linked.compute, describe_linked, linked_pictures),
        "flag": Use(flag.compute, describe_flag, flag_pictures),
        "evaluate": Use(evaluate.compute, evaluate_words.describe, evaluate_pictures),
    }
)

__all__ = ["USES", "Use"]
