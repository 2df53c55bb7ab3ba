"""Columns are found by name; everything wrong with a header is told at once."""

from __future__ import annotations

from intake_files import codes, dataset, refusal, taken, written

PEOPLE = dataset({
    "account": {"type": "code"}, "forename": {}, "surname": {"column": "family name"},
    "birth_date": {}, "postcode": {},
})  # fmt: skip


def test_case_spaces_and_hyphens_do_not_matter(tmp_path):
    text = "ACCOUNT,Forename,Family-Name,Birth Date, postcode \n1,Jo,Lee,1980-04-03,LS7 4DL\n"
    intake = taken(written(tmp_path, text), PEOPLE)
    assert intake.table.column_names == list(PEOPLE.fields)
    assert intake.counts.accepted == 1


def test_missing_doubled_and_renamed_columns_are_told_together(tmp_path):
    text = "account,forename,Forename,family_nam,postcode\n1,Jo,Jo,Lee,LS7 4DL\n"
    problems = refusal(written(tmp_path, text), PEOPLE)
    assert codes(problems) == ["INT021", "INT022", "INT020"]
    assert [problem.clause for problem in problems] == [
        "fields.forename", "fields.surname", "fields.birth_date",
    ]  # fmt: skip
    assert "'family_nam'" in problems[1].what


def test_a_similar_name_is_suggested_and_never_taken(tmp_path):
    text = "account,forename,family name,birth_date,postcodes\n1,Jo,Lee,1980-04-03,LS7 4DL\n"
    assert codes(refusal(written(tmp_path, text), PEOPLE)) == ["INT022"]


def test_a_column_already_agreed_for_another_field_is_not_suggested(tmp_path):
    of = dataset({"forename": {}, "forename2": {"type": "text"}})
    (problem,) = refusal(written(tmp_path, "forename,x\nJo,1\n"), of)
    assert problem.code == "INT020"


def test_columns_that_are_not_agreed_stay_out_and_are_named(tmp_path):
    text = "account,forename,family name,diagnosis,birth_date,postcode\n1,Jo,Lee,X,,LS7 4DL\n"
    intake = taken(written(tmp_path, text), PEOPLE)
    assert "diagnosis" not in intake.table.column_names
    assert intake.quality.ignored == ("diagnosis",)
    assert any(w.code == "INT201" and "diagnosis" in w.what for w in intake.warnings)


def test_a_doubled_column_that_nobody_agreed_does_no_harm(tmp_path):
    of = dataset({"account": {"type": "code"}})
    assert taken(written(tmp_path, "x,account,x\n1,2,3\n"), of).counts.accepted == 1


def test_a_delimiter_that_is_not_read_is_named(tmp_path):
    text = "account~forename~family name~birth_date~postcode\n1~Jo~Lee~1980-04-03~LS7 4DL\n"
    (problem,) = refusal(written(tmp_path, text), PEOPLE)
    assert problem.code == "INT023"
    assert "tildes" in problem.what


def test_one_column_without_any_sign_in_it(tmp_path):
    (problem,) = refusal(written(tmp_path, "everything\nx\n"), PEOPLE)
    assert problem.code == "INT023"
    assert "looks separated" not in problem.what


def test_a_file_without_a_header_is_told_without_showing_its_first_row(tmp_path):
    (problem,) = refusal(written(tmp_path, "1,Jo,Lee,1980-04-03,LS7 4DL\n" * 3), PEOPLE)
    assert problem.code == "INT024"
    assert "Lee" not in problem.sentence()


def test_one_column_may_serve_two_fields(tmp_path):
    of = dataset({
        "born": {"is": "identifier", "type": "date", "column": "dob"},
        "birth_year": {"type": "date", "column": "dob", "coarsen": "year"},
    })  # fmt: skip
    (row,) = taken(written(tmp_path, "dob\n1980-04-03\n"), of).table.to_pylist()
    assert (row["born"].isoformat(), row["birth_year"].isoformat()) == ("1980-04-03", "1980-01-01")
