"""Names that a reader would take for the same are one person's."""

import pytest

from equipoise.agree.people import same_person_mark

WRITTEN = [
    "Nia Bowen",
    "nia bowen",
    "Nia  Bowen",
    " Nia\u00a0Bowen ",
    "\uff2eia Bowen",
    "NIA BOWEN",
]


@pytest.mark.parametrize("name", WRITTEN)
def test_case_spaces_and_letter_forms_do_not_tell_people_apart(name):
    assert same_person_mark(name) == same_person_mark("Nia Bowen")


def test_other_names_are_other_people():
    marks = {same_person_mark(name) for name in ("Nia Bowen", "Nia Bowden", "Nía Bowen")}
    assert len(marks) == 3
