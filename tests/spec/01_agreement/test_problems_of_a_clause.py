"""What is wrong in one clause is told with what was written, what is needed and what to do."""

from __future__ import annotations

import pytest
from agreement_texts import changed, problems, told

ONE_FAULT = [
    # an unknown key, misspelt or out of nowhere
    ("statement: Find", "statment: Find", "AGR020", "purpose.statment", "mean 'statement'?"),
    ("min count: 12", "min_count: 12", "AGR020", "outputs.worth-it.min_count", "'min count'"),
    ("version: 2", "version: 2\ncolour: red", "AGR020", "colour", "Take it out"),
    ("form: de-personalised\n    opt out", "from: visits\n    opt out", "AGR004",
     "datasets.visits.from", "Keep one"),
    # a key that is missing
    ("    sector: health\n", "", "AGR021", "parties.hospital.sector", "one of public, health"),
    ("    use: flag\n", "", "AGR021", "uses.at-risk.use", "one of evaluate, flag, linked"),
    ("title: Warm homes for people who were in hospital\n", "", "AGR021", "title", "Add 'title'."),
    # the wrong kind of value
    ("title: Warm homes for people who were in hospital", "title: 7", "AGR022", "title", "quotes"),
    ("title: Warm homes for people who were in hospital", "title:", "AGR022", "title", "text"),
    ("version: 2", "version: true", "AGR022", "version", "a whole number"),
    ("prohibitions: [re-identify, marketing]", "prohibitions: marketing", "AGR022", "prohibitions",
     "[first, second]"),
    ("visits: {days: 30}", "visits: delete after uses", "AGR022", "retention.visits", "keys"),
    ("caliper: 0.2", "caliper: small", "AGR022", "uses.worth-it.match.caliper", "a number"),
    ("required: true", "required: 1", "AGR022", "datasets.tenants.fields.repaired_on.required",
     "true or false"),
    ("order: random", "order: [random]", "AGR022", "uses.worth-it.match.order", "text"),
    # a word that may not stand there
    ("sector: health", "sector: heath", "AGR023", "parties.hospital.sector", "'health'"),
    ("type: number,", "type: decimal,", "AGR023", "datasets.tenants.fields.score.type", "one of"),
    ("combine: at least 2", "combine: most", "AGR023", "uses.at-risk.combine", "'at least 2'"),
    ("[re-identify, marketing]", "[re-identify, marketng]", "AGR023", "prohibitions.1",
     "'marketing'"),
    # too short, too long
    ("why: the first test", "why: ''", "AGR024", "datasets.tenants.fields.heating.why", "meant"),
    ("units: [tenants]", "units: []", "AGR024", "uses.at-risk.units", "Name"),
    ("columns: [day, month, year]", "columns: [day, month]", "AGR024",
     "datasets.tenants.fields.birth_date.columns", "Name all"),
    ("columns: [day, month, year]", "columns: [day, month, year, era]", "AGR024",
     "datasets.tenants.fields.birth_date.columns", "Keep 3"),
    ("why: the second test", "why: " + "x" * 2001, "AGR024", "datasets.tenants.fields.score.why",
     "fewer words"),
    # out of bounds
    ("min treated: 100", "min treated: 1", "AGR025", "uses.worth-it.min treated", "at least 2"),
    ("caliper: 0.2", "caliper: 0.0", "AGR025", "uses.worth-it.match.caliper", "more than 0"),
    ("complete: 0.9", "complete: 1.1", "AGR025", "datasets.tenants.quality.complete", "at most 1"),
    ("min treated: 100", "min treated: 100\n    alpha: 0.5", "AGR025", "uses.worth-it.alpha",
     "less than 0.5"),
    # the wrong form
    ("agreement: warm-homes", "agreement: Warm Homes", "AGR027", "agreement", "small letters"),
    ("assessment: sha256:", "assessment: md5:", "AGR027", "weighing.assessment", "64 hexadecimal"),
    ("power: https://www.legislation.gov.uk/ukpga/2014/23/section/6", "power: Care Act", "AGR027",
     "gateway.council.power", "web address"),
    ("index date: tenants.moved_in", "index date: moved_in", "AGR027", "uses.worth-it.index date",
     "'dataset.field'"),
    ("units: [tenants]", "units: [Tenants]", "AGR027", "uses.at-risk.units.0", "small letters"),
    # dates, tests, uses
    ("starts: 2027-01-01", "starts:", "AGR026", "starts", "2027-01-31"),
    ("review: 2027-12-31", "review: soon", "AGR026", "review", "2027-01-31"),
    ("review: 2027-12-31", "review: 2027", "AGR026", "review", "2027-01-31"),
    ("tenants.score >= 60", "score over 60", "AGR028", "uses.at-risk.criteria.costly home.test",
     "'homes.score >= 60'"),
    ("use: flag", "use: flog", "AGR029", "uses.at-risk.use", "Did you mean 'flag'?"),
]  # fmt: skip


@pytest.mark.parametrize(("old", "new", "code", "clause", "next_"), ONE_FAULT)
def test_one_fault_is_one_problem_with_its_remedy(
    old: str, new: str, code: str, clause: str, next_: str
) -> None:
    (problem,) = problems(changed((old, new)))
    assert (problem.code, problem.clause) == (code, clause)
    assert next_ in problem.next
    assert problem.why
    assert problem.line is not None
    assert problem.column is not None


def test_an_unknown_key_is_shown_at_the_key_and_a_wrong_value_at_the_value() -> None:
    wrong = changed(("statement: Find", "statment: Find"), ("sector: health", "sector: heath"))
    lines = wrong.splitlines()
    shown = {
        p.code: lines[(p.line or 0) - 1][(p.column or 0) - 1 :].split()[0] for p in problems(wrong)
    }
    assert shown == {"AGR020": "statment:", "AGR023": "heath"}


def test_a_misspelt_use_hides_nothing_that_is_wrong_inside_it() -> None:
    wrong = changed(("use: flag", "use: flog"), ("key: tenancy", "key: tenency"))
    assert told(wrong) == [("AGR029", "uses.at-risk.use"), ("AGR161", "uses.at-risk.key")]


def test_a_use_of_no_known_kind_is_told_once() -> None:
    unknown = changed(("use: flag", "use: crystal ball"))
    assert told(unknown) == [("AGR029", "uses.at-risk.use")]


def test_long_values_are_shown_short() -> None:
    (problem,) = problems(changed(("sector: health", "sector: " + "heal " * 40)))
    assert len(problem.what) < 120


def test_the_problems_come_in_the_order_of_the_text() -> None:
    wrong = changed(
        ("notify: [council, hospital]", "notify: [council, hospitl]"),
        ("version: 2", "version: two"),
        ("sector: health", "sector: heath"),
    )
    lines = [problem.line or 0 for problem in problems(wrong)]
    assert lines == sorted(lines)
    assert len(lines) == 3


TWENTY = [
    ("version: 2", "version: two", "AGR022", "version"),
    ("title: Warm", "title: Warm\u200b", "AGR003", None),
    ("ends: 2028-12-31\n", "ends: 2026-12-31\n", "AGR101", "ends"),
    ("review: 2027-12-31", "review: 2027-13-31", "AGR026", "review"),
    ("sector: health", "sector: heath", "AGR023", "parties.hospital.sector"),
    ("    role: secure room\n", "    role: secure room\n    colour: red\n", "AGR020",
     "parties.room.colour"),
    ("people ill, and repair them.", "people ill, and so on.", "AGR211", "purpose.statement"),
    ("    settled by: counsel's advice of March 2026\n", "", "AGR122",
     "gateway.council.settled by"),
    ("    from: hospital\n", "    from: hospitle\n", "AGR111", "datasets.stays.from"),
    ("values: [gas, electric, none], ", "", "AGR133", "datasets.tenants.fields.heating.values"),
    ("at least: 0, at most: 100", "at least: 101, at most: 100", "AGR139",
     "datasets.tenants.fields.score.at least"),
    ("      agreed: {is: payload", "      spare: {is: payload, type: number, sensitivity: low, "
     "why: it exists}\n      agreed: {is: payload", "AGR143", "datasets.stays.fields.spare"),
    ("cold: {is: payload, type: yes/no, sensitivity: medium", "cold: {is: payload, type: yes/no",
     "AGR137", "datasets.visits.fields.cold.sensitivity"),
    ("surname:sound", "surname:smell", "AGR157", "linkage.entities.person.rules.1.0"),
    ("tenants.score >= 60", "tenants.score over 60", "AGR028",
     "uses.at-risk.criteria.costly home.test"),
    ("    key: tenancy\n", "    key: tenancy\n    key: stay\n", "AGR004", "uses.at-risk.key"),
    ("cost: {field: tenants.score,", "cost: {field: tenants.scor,", "AGR161",
     "uses.worth-it.outcomes.cost.field"),
    ("round to: 3", "round to: 0", "AGR025", "outputs.worth-it.round to"),
    ("fields: [tenancy, flag]", "fields: [tenancy, surname]", "AGR187", "releases.1.fields.1"),
    ("  visits: {days: 30}\n", "", "AGR192", "retention.visits"),
    ("  visits:\n    from: warmth\n", "  visits:\n    from: !party warmth\n", "AGR006",
     "datasets.visits.from"),
    ("complaints: https://example.org/homes/complaints\n", "", "AGR021", "public.complaints"),
    ("notify: [council, hospital]", "notify: &all [council, hospital]", "AGR005",
     "on breach.notify"),
]  # fmt: skip


def test_twenty_faults_of_different_kinds_are_all_told_at_once() -> None:
    assert len({code for _, _, code, _ in TWENTY}) >= 20
    text = changed(*((old, new) for old, new, _, _ in TWENTY))
    assert sorted(told(text), key=str) == sorted(
        ((code, clause) for _, _, code, clause in TWENTY), key=str
    )
    for problem in problems(text):
        assert problem.what
        assert problem.why
        assert problem.next
        assert problem.file == "agreement.yaml"
        assert problem.line
        assert problem.column
