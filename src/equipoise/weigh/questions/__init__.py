"""The questions as data: eighteen in three tests, seven about the day, and the DPIA's seven steps.

The eighteen are our own words. They are not, and must never be shown as, the published framework
that came out of the six workshops of 2017.
"""

from equipoise.weigh.questions.question import TESTS, Question, Step, Test
from equipoise.weigh.questions.shipped_questions import (
    Questions,
    asked_in,
    dpia_steps,
    evaluation,
    in_tests,
    questions,
    questions_digest,
)

__all__ = [
    "TESTS",
    "Question",
    "Questions",
    "Step",
    "Test",
    "asked_in",
    "dpia_steps",
    "evaluation",
    "in_tests",
    "questions",
    "questions_digest",
]
