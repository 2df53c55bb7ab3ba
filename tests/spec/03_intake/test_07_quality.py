"""The quality report tells how good a file is in figures, and what looks odd, without a value."""

from __future__ import annotations

import json

from intake_files import codes, dataset, taken, written

OF = dataset({
    "account": {"type": "code"}, "surname": {}, "birth_date": {}, "score": {"type": "number"},
})  # fmt: skip


def _file(tmp_path, rows, of=OF):
    return taken(written(tmp_path, ",".join(of.fields) + "\n" + "".join(rows)), of)


def _odd(intake, code):
    return [warning for warning in intake.warnings if warning.code == code]


def test_figures_of_each_field(tmp_path):
    rows = ["1,Lee,1980-04-03,1\n", "2,Lee,1990-01-02,2\n", "3,Abbott,31/2/1980,2\n", "4,,,\n"]
    report = _file(tmp_path, rows).quality
    surname, birth, score = report.fields[1:]
    assert (surname.filled, surname.missing, surname.distinct) == (3, 1, 2)
    assert (surname.shortest, surname.longest) == (3, 6)
    assert round(surname.commonest, 3) == 0.667
    assert (birth.filled, birth.unreadable, birth.first_year, birth.last_year) == (3, 1, 1980, 1990)
    assert (score.filled, score.distinct, score.shortest) == (3, 2, None)
    assert report.rows == 4
    assert report.complete == 12 / 16


def test_the_report_goes_to_json_and_holds_no_value(tmp_path):
    text = json.dumps(_file(tmp_path, ["1,Featherstone,1983-04-03,17.25\n"]).quality.as_dict())
    assert "FEATHER" not in text.upper()
    assert "17.25" not in text
    assert "04-03" not in text


def test_repeated_rows_and_repeated_references_are_counted_and_kept(tmp_path):
    rows = ["1,Lee,1980-04-03,1\n", "1,Lee,1980-04-03,1\n", "1,Lee,,1\n", "2,Lee,1980-04-03,1\n"]
    intake = _file(tmp_path, rows)
    assert (intake.quality.duplicate_rows, intake.quality.duplicate_references) == (1, 2)
    assert intake.counts.accepted == 4
    assert {"INT203", "INT204"} <= set(codes(intake.warnings))


def test_repetition_is_counted_exactly_over_many_wide_columns(tmp_path):
    of = dataset({f"c{at}": {"type": "code"} for at in range(8)})
    rows = [",".join(str((at * step) % 997) for step in range(1, 9)) + "\n" for at in range(1500)]
    assert _file(tmp_path, rows, of).quality.duplicate_rows == 1500 - 997


def test_a_constant_an_empty_and_a_scrambled_column(tmp_path):
    rows = [f"{at},N{chr(65 + at // 26)}{chr(65 + at % 26)},,7\n" for at in range(60)]
    intake = _file(tmp_path, rows)
    assert [w.clause for w in _odd(intake, "INT205")] == ["fields.score"]
    assert [w.clause for w in _odd(intake, "INT206")] == ["fields.birth_date"]
    for one in (*_odd(intake, "INT205"), *_odd(intake, "INT206")):
        assert one.why and one.next, "what is odd is told with why, and what to do"
    assert [w.clause for w in _odd(intake, "INT207")] == ["fields.surname"]


def test_few_rows_are_no_evidence_of_oddness(tmp_path):
    odd = _file(tmp_path, ["1,Lee,1980-04-03,7\n"] * 10)
    assert not {"INT205", "INT207", "INT208"} & set(codes(odd.warnings))


def test_days_that_stand_for_not_known(tmp_path):
    rows = [f"{at},Lee,{'01/01/1900' if at % 20 == 0 else f'{at % 28 + 1}/3/1970'},{at}\n"
            for at in range(100)]  # fmt: skip
    (warning,) = _odd(_file(tmp_path, rows), "INT208")
    assert "5.0%" in warning.what


def test_less_complete_than_promised(tmp_path):
    of = dataset({"n": {"type": "code"}, "surname": {}}, quality={"complete": 0.9})
    assert _odd(_file(tmp_path, ["1,Lee\n", "2,\n"], of), "INT214")
    assert not _odd(_file(tmp_path, ["1,Lee\n", "2,Lee\n"], of), "INT214")
