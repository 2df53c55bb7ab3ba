"""The questions and steps as shipped."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from types import MappingProxyType

from equipoise.agree.canonical import canonical_bytes, digest_of
from equipoise.weigh.questions.question import TESTS, Question, Step, Test
from equipoise.weigh.shipped import entries, read_shipped

Questions = Mapping[str, Question]


@cache
def questions() -> Questions:
    """Return the eighteen questions by id: six for each of the three tests, in order."""
    found = entries(Question, read_shipped(__package__, "tests.yaml")["questions"])
    return MappingProxyType({question.id: question for question in found})


def asked_in(test: Test) -> tuple[Question, ...]:
    """Return the questions of one test, in order; those about the day for ``evaluation``."""
    pool = evaluation() if test == "evaluation" else questions()
    return tuple(question for question in pool.values() if question.test == test)


@cache
def evaluation() -> Questions:
    """Return the questions about the day by id: three closed ones from 1 to 6, and four open."""
    found = entries(Question, read_shipped(__package__, "evaluation.yaml")["questions"])
    return MappingProxyType({question.id: question for question in found})


@cache
def dpia_steps() -> tuple[Step, ...]:
    """Return the seven steps of a data protection impact assessment, in order."""
    return entries(Step, read_shipped(__package__, "dpia.yaml")["steps"])


def in_tests(pool: Questions) -> Questions:
    """Return which of a site's questions an assessment asks: those of the three tests that are
    answered from 1 to 5, as the eighteen are."""
    return MappingProxyType(
        {
            key: one
            for key, one in pool.items()
            if one.test in TESTS and one.kind == "closed" and (one.least, one.most) == (1, 5)
        }
    )


def questions_digest(asked: Questions | None = None) -> str:
    """Return the digest of the questions that an assessment asks, the eighteen when not said."""
    pool = questions() if asked is None else asked
    plain = [question.model_dump(mode="json", by_alias=True) for question in pool.values()]
    return digest_of(canonical_bytes(plain))
