"""The questions as data: eighteen in three tests, seven about the day, and the DPIA's seven steps.

The eighteen are our own words. They are not, and must never be shown as, the published framework
that came out of the six workshops of 2017.
"""

from equipoise.weigh.questions.question import TESTS, Question, Step, Test
from equipoise.weigh.questions.shipped_questions import (
    asked_in,
    dpia_steps,
    evaluation,
    questions,
    questions_digest,
)

__all__ = [
    "TESTS",
    "Question",
    "Step",
    "Test",
    "asked_in",
    "dpia_steps",
    "evaluation",
    "questions",
    "questions_digest",
]
