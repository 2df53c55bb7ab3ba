"""Every row read is accounted for once: accepted, rejected, or left out at the person's wish."""

from __future__ import annotations

import pytest
from intake_files import codes, dataset, faults, refusal, taken, written

from equipoise.carry.intake import REJECTED, Counts


def test_an_unreadable_identifier_becomes_missing_and_never_costs_a_person_their_row(tmp_path):
    nhs = {"type": "nhs number"}
    of = dataset({"account": {"type": "code"}, "birth_date": {}, "nhs_number": nhs})
    intake = taken(written(tmp_path, "account,birth_date,nhs_number\n1,31/02/1990,123\n"), of)
    assert intake.table.to_pylist() == [{"account": "1", "birth_date": None, "nhs_number": None}]
    said = [warning.clause for warning in intake.warnings if warning.code == "INT202"]
    assert said == ["fields.birth_date", "fields.nhs_number"]


def test_so_with_a_linking_field(tmp_path):
    of = dataset({"n": {"type": "code"}, "home": {"is": "linking", "type": "uprn"}})
    intake = taken(written(tmp_path, "n,home\n1,x\n2,5\n"), of)
    assert intake.table["home"].to_pylist() == [None, "5"]


def test_unreadable_payload_rejects_its_row_with_number_field_code_and_reason(tmp_path):
    of = dataset({"n": {"type": "code"}, "score": {"type": "number"}, "seen": {"type": "date"}})
    text = "n,score,seen\n1,1,2024-01-01\n2,x,y\n3,,\n"
    intake = taken(written(tmp_path, text), of)
    assert intake.rejected.schema == REJECTED
    assert intake.rejected.to_pylist() == [
        {"row": 2, "field": "score", "code": "INT105", "reason": "not a number"},
        {"row": 2, "field": "seen", "code": "INT110",
         "reason": "not a date in a form that is read"},
    ]  # fmt: skip
    assert intake.counts == Counts(3, 0, 0, 1, 2)
    assert intake.table["n"].to_pylist() == ["1", "3"]


def test_a_required_field_rejects_when_empty_or_unreadable_even_as_an_identifier(tmp_path):
    of = dataset({"n": {"type": "code"}, "birth_date": {"required": True},
                  "score": {"type": "number", "required": True}})  # fmt: skip
    text = "n,birth_date,score\n1,,1\n2,31/02/1990,1\n3,1990-01-01, \n4,1990-01-01,1\n"
    assert faults(taken(written(tmp_path, text), of)) == [
        (1, "INT102"), (2, "INT111"), (3, "INT102"),
    ]  # fmt: skip


def test_a_row_without_its_reference_could_get_no_answer(tmp_path):
    of = dataset({"account": {"type": "code"}, "surname": {}})
    assert faults(taken(written(tmp_path, "account,surname\n,Lee\n2,Lee\n"), of)) == [(1, "INT103")]


ASKED = {"n": {"type": "code"}, "agrees": {"type": "yes/no"}, "objects": {"type": "yes/no"},
         "score": {"type": "number"}}  # fmt: skip


def test_consent_and_opt_out_are_applied_first_and_counted(tmp_path):
    of = dataset(ASKED, consent={"field": "agrees"}, **{"opt out": {"field": "objects"}})
    text = (
        "n,agrees,objects,score\n1,yes,no,1\n2,no,no,bad\n3,,no,1\n4,maybe,no,1\n5,yes,yes,bad\n"
        "6,no,yes,1\n7,yes,,1\n8,yes,perhaps,1\n9,yes,no,bad\n"
    )
    intake = taken(written(tmp_path, text), of)
    assert intake.table["n"].to_pylist() == ["1", "7"]
    assert intake.counts == Counts(
        read=9, dropped_no_consent=4, dropped_opt_out=1, rejected=2, accepted=2
    )
    assert faults(intake) == [(8, "INT109"), (9, "INT105")]
    assert "9 rows read: 2 accepted, 2 rejected, 4 left out" in intake.counts.sentence()


def test_when_nobody_agrees_no_row_is_left_and_that_is_said(tmp_path):
    of = dataset(ASKED, consent={"field": "agrees"})
    intake = taken(written(tmp_path, "n,agrees,objects,score\n1,no,no,1\n"), of)
    assert intake.counts.accepted == intake.table.num_rows == 0
    assert "INT215" in codes(intake.warnings)
    assert all(one.why and one.next for one in intake.warnings)


def test_an_outside_list_that_nobody_packs_cannot_be_applied_and_so_nothing_enters(tmp_path):
    of = dataset(ASKED, **{"opt out": {"check": "national"}})
    assert codes(refusal(tmp_path / "not even opened", of)) == ["INT030"]


def test_an_outside_list_with_rules_is_applied_later_so_rows_enter(tmp_path):
    of = dataset(ASKED, **{"opt out": {"check": "national", "rules": [["n"]]}})
    intake = taken(written(tmp_path, "n,agrees,objects,score\n1,no,no,1\n"), of)
    assert intake.counts.accepted == 1


def test_more_faulty_rows_than_agreed_refuse_the_file_and_say_where_to_look(tmp_path):
    of = dataset({"n": {"type": "code"}, "score": {"type": "number"}},
                 quality={"rejected at most": 0.1})  # fmt: skip
    text = "n,score\n" + "1,2\n" * 17 + "18,x\n19\n"
    problems = refusal(written(tmp_path, text), of)
    assert codes(problems) == ["INT033", "INT105", "INT101"]
    assert "row 18" in problems[1].next
    rather_good = "n,score\n" + "1,2\n" * 18 + "19,x\n20,y\n"
    assert taken(written(tmp_path, rather_good), of).counts.rejected == 2


def test_a_column_most_of_which_cannot_be_read_refuses_the_file(tmp_path):
    of = dataset({"n": {"type": "code"}, "nino": {}})
    (problem,) = refusal(written(tmp_path, "n,nino\n" + "1,AB12\n" * 11 + "1,AB123456C\n" * 9), of)
    assert problem.code == "INT034"
    assert "11 of 20" in problem.what
    few = taken(written(tmp_path, "n,nino\n" + "1,AB12\n" * 10), of)
    assert few.counts.accepted == 10


@pytest.mark.parametrize("bad", [1, 777_777, 1_000_000])
@pytest.mark.slow
def test_one_bad_row_in_a_million_is_found_by_its_number(tmp_path, bad):
    rows = [b"AC%07d,1980-04-03,12\n" % at for at in range(1, 1_000_001)]
    rows[bad - 1] = b"AC%07d,1980-04-03,twelve\n" % bad
    of = dataset({"account": {"type": "code"}, "birth_date": {}, "paid": {"type": "whole number"}})
    intake = taken(written(tmp_path, b"account,birth_date,paid\n" + b"".join(rows)), of)
    assert faults(intake) == [(bad, "INT106")]
    assert intake.counts == Counts(1_000_000, 0, 0, 1, 999_999)
    assert intake.row_numbers.to_pylist()[bad - 2 : bad] == (
        [bad - 1, bad + 1] if 1 < bad < 1_000_000 else intake.row_numbers.to_pylist()[bad - 2 : bad]
    )


def test_row_numbers_skip_ragged_rows_far_into_a_file(tmp_path):
    rows = [f"{at},{'x' * 200}\n" for at in range(1, 60_001)]
    rows[49_999] = "ragged\n"
    of = dataset({"n": {"type": "code"}, "it": {"type": "text"}})
    intake = taken(written(tmp_path, "n,it\n" + "".join(rows)), of)
    assert faults(intake) == [(50_000, "INT101")]
    assert intake.table["n"].to_pylist() == [str(at) for at in intake.row_numbers.to_pylist()]
