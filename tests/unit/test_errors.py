"""The error tree: every problem travels with its error, also to another process."""

import pickle

import pytest

from equipoise import errors
from equipoise.errors import EquipoiseError, Problem

CLASSES = [
    kind
    for kind in vars(errors).values()
    if isinstance(kind, type) and issubclass(kind, EquipoiseError) and kind is not EquipoiseError
]


def test_every_class_has_an_exit_code_of_its_own():
    codes = [kind.exit_code for kind in CLASSES]
    assert sorted(codes) == list(range(2, 10))


@pytest.mark.parametrize("kind", CLASSES)
def test_an_error_crosses_to_another_process_with_its_problems(kind):
    problems = (Problem("GATE001", "one thing", clause="uses.a"), Problem("GATE002", "another"))
    again = pickle.loads(pickle.dumps(kind(problems)))
    assert type(again) is kind
    assert again.problems == problems


def test_a_problem_says_what_where_why_and_next():
    problem = Problem(
        "AGR001", "it is wrong", "people would be harmed", "mend it", "a.yaml", 3, 7, "uses.a"
    )
    assert problem.sentence() == (
        "AGR001: it is wrong (a.yaml, line 3, column 7, clause uses.a) Why: people would be harmed "
        "Next: mend it"
    )
    assert Problem("AGR001", "it is wrong").as_dict() == {"code": "AGR001", "what": "it is wrong"}
