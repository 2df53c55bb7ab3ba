"""Clauses are held against each other: what does not fit is told once, where it is best mended."""

from __future__ import annotations

import pytest
from agreement_texts import EVERY, JUSTICE, REBATE, agreed, changed, problems, told
from test_how_records_are_linked import MISFITS as BY_MODE

from equipoise.agree.catalogue import CATALOGUE
from equipoise.agree.checks import check

FULL = EVERY[EVERY.index("  route: full") : EVERY.index("  red lines:")]

# (what is written, what is written instead, the code, the clause)
MISFITS = [
    # dates
    ("ends: 2028-12-31\n", "ends: 2026-12-31\n", "AGR101", "ends"),
    ("review: 2027-12-31", "review: 2029-12-31", "AGR102", "review"),
    ("by: 2028-06-30", "by: 2026-06-30", "AGR103", "purpose.benefits.0.by"),
    ("joined: {until: 2028-12-31}", "joined: {until: 2026-12-31}", "AGR104",
     "retention.joined.until"),
    # parties
    ("    from: hospital\n", "    from: hospitl\n", "AGR111", "datasets.stays.from"),
    ("  by: matcher\n", "  by: machter\n", "AGR111", "linkage.by"),
    ("approved by: hospital", "approved by: nobody", "AGR111", "reveal.0.approved by"),
    ("what: worth-it, to: warmth", "what: worth-it, to: warm", "AGR111", "onward.0.to"),
    ("notify: [council, hospital]", "notify: [council, regulator]", "AGR111",
     "on breach.notify.1"),
    ("checked by: [hospital, room]", "checked by: [hospital, rom]", "AGR111",
     "outputs.at-risk.checked by.1"),
    ("gateway:\n", "gateway:\n  police: {basis: public task, power: 'https://example.org/a'}\n",
     "AGR111", "gateway.police"),
    ("  by: matcher\n", "  by: room\n", "AGR112", "linkage.by"),
    ("what: worth-it, to: warmth", "what: worth-it, to: hospital", "AGR112", "onward.0.to"),
    ("of: worth-it, to: council", "of: worth-it, to: room", "AGR112", "releases.2.to"),
    ("role: linkage unit", "role: [linkage unit, processor, recipient]", "AGR114",
     "parties.matcher"),
    ("checked by: [hospital, room]", "checked by: [hospital, matcher]", "AGR114",
     "outputs.at-risk.checked by"),
    ("  warmth:\n    basis: consent\n"
     "    power: https://www.legislation.gov.uk/ukpga/2018/12/section/8\n", "", "AGR121",
     "gateway.warmth"),
    ("    settled by: counsel's advice of March 2026\n", "", "AGR122",
     "gateway.council.settled by"),
    # names
    ("winter stay:", "'winter. stay':", "AGR030", "uses.at-risk.criteria.winter. stay"),
    ("has grant: {field", "' ': {field", "AGR030", "uses.charity-view.outcomes. "),
    # data
    ("type: number, at least: 0, at most: 100, ", "at least: 0, at most: 100, ", "AGR132",
     "datasets.tenants.fields.score.type"),
    ("values: [gas, electric, none], ", "", "AGR133", "datasets.tenants.fields.heating.values"),
    ("type: number, at least", "type: number, values: [a], at least", "AGR134",
     "datasets.tenants.fields.score.values"),
    ("coarsen: day", "coarsen: minute", "AGR135", "datasets.stays.fields.admitted.coarsen"),
    ("score: {is: payload", "score: {is: payload, coarsen: month", "AGR135",
     "datasets.tenants.fields.score.coarsen"),
    ("nights: {is: payload,", "nights: {is: payload, coarsen: month,", "AGR135",
     "datasets.stays.fields.nights.coarsen"),
    ("known_stay: {is: reference,", "known_stay: {is: reference, coarsen: month,", "AGR135",
     "datasets.visits.fields.known_stay.coarsen"),
    ("cold: {is: payload,", "cold: {is: payload, coarsen: month,", "AGR135",
     "datasets.visits.fields.cold.coarsen"),
    ("type: yes/no, sensitivity: medium", "type: yes/no", "AGR137",
     "datasets.visits.fields.cold.sensitivity"),
    ("columns: [day, month, year]", "column: born, columns: [day, month, year]", "AGR138",
     "datasets.tenants.fields.birth_date.columns"),
    ("score: {is: payload,", "score: {is: payload, columns: [a, b, c],", "AGR138",
     "datasets.tenants.fields.score.columns"),
    ("at least: 0, at most: 100", "at least: 101, at most: 100", "AGR139",
     "datasets.tenants.fields.score.at least"),
    ("cold: {is: payload,", "cold: {is: payload, at most: 3,", "AGR139",
     "datasets.visits.fields.cold.at most"),
    ("opt out: {field: said_no}", "opt out: {field: said_not}", "AGR140",
     "datasets.tenants.opt out.field"),
    ("opt out: {field: said_no}", "opt out: {field: heating}", "AGR140",
     "datasets.tenants.opt out.field"),
    ("opt out: {check: national, on match: drop}", "opt out: {on match: drop}", "AGR140",
     "datasets.visits.opt out"),
    ("consent: {field: agreed}", "consent: {field: agred}", "AGR140",
     "datasets.stays.consent.field"),
    ("column: home_postcode", "column: postcode", "AGR142", "datasets.tenants.fields.district"),
    ("      agreed: {is: payload", "      spare: {is: payload, type: text, sensitivity: low, "
     "why: it exists}\n      agreed: {is: payload", "AGR143", "datasets.stays.fields.spare"),
    ("about: people who stayed in hospital", "about: people who stayed in hospital\n"
     "    form: aggregate", "AGR144", "datasets.stays.form"),
    # linkage
    ("join: [stays]", "join: [stais]", "AGR151", "linkage.entities.person.join.0"),
    ("join: [stays]", "join: [stays, stays]", "AGR152", "linkage.entities.person.join.1"),
    ("join: [stays]", "join: [stays, visits]", "AGR153", "linkage.entities.person.join.1"),
    ("[surname, forename, birth_date]", "[surname, forenames, birth_date]", "AGR154",
     "linkage.entities.person.rules.0.1"),
    ('"surname:sound"', '"surname:smell"', "AGR157", "linkage.entities.person.rules.1.0"),
    ('"surname:sound"', '"surname:"', "AGR157", "linkage.entities.person.rules.1.0"),
    ("        - [postcode]\n", "        - [postcode]\n        - ['postcode:street']\n", "AGR157",
     "linkage.entities.home.rules.1.0"),
    ("        - [postcode]\n", "        - [postcode]\n        - []\n", "AGR158",
     "linkage.entities.home.rules.1"),
    ("        - [postcode]\n", "        - [postcode]\n        - [postcode]\n", "AGR158",
     "linkage.entities.home.rules.1"),
    ("        - [postcode]\n", "        - [postcode, postcode]\n", "AGR158",
     "linkage.entities.home.rules.0"),
    ("        - [postcode]\n", "        - [postcode]\n        - [surname, postcode]\n", "AGR159",
     "linkage.entities.home.rules.1"),
    ("why: the outcome}\n      postcode: {is: linking,",
     "why: the outcome}\n      postcode: {is: payload, sensitivity: low,", "AGR136",
     "linkage.entities.home.rules.0.0"),
    # what uses read
    ("pool: tenants\n    covariates", "pool: tenant\n    covariates", "AGR151",
     "uses.charity-view.pool"),
    ("{dataset: visits, left", "{dataset: visit, left", "AGR151", "uses.joined.check.dataset"),
    ("keep: [tenants.score,", "keep: [tenant.score,", "AGR151", "uses.joined.keep.0"),
    ("stays.nights]", "stays.nigts]", "AGR161", "uses.joined.keep.2"),
    ("key: tenancy", "key: tenacy", "AGR161", "uses.at-risk.key"),
    ("key: tenancy", "key: score", "AGR136", "uses.at-risk.key"),
    ("covariates: [tenants.score]", "covariates: [tenants.score, tenants.surname]", "AGR136",
     "uses.charity-view.covariates.1"),
    ("left: tenants.tenancy", "left: tenants.score", "AGR136", "uses.joined.check.left"),
    ("entity: person", "entity: persons", "AGR162", "uses.joined.entity"),
    ("{test: stays.admitted >= 2026-11-01, through: person}",
     "{test: stays.admitted >= 2026-11-01, through: people}", "AGR162",
     "uses.at-risk.criteria.winter stay.through"),
    ("through: home}", "through: hom}", "AGR162", "uses.charity-view.treated.through"),
    ("{test: stays.admitted >= 2026-11-01, through: person}",
     "{test: stays.admitted >= 2026-11-01, through: home}", "AGR163",
     "uses.at-risk.criteria.winter stay.through"),
    ("through: home}", "through: person}", "AGR163", "uses.charity-view.treated.through"),
    ("keep: [tenants.score,", "keep: [visits.cold, tenants.score,", "AGR163",
     "uses.joined.keep.0"),
    ("{test: stays.admitted >= 2026-11-01, through: person}",
     "{test: stays.admitted >= 2026-11-01}", "AGR165", "uses.at-risk.criteria.winter stay.test"),
    ("{dataset: visits, through: home}", "{dataset: visits}", "AGR165",
     "uses.charity-view.treated.dataset"),
    ("combine: at least 2", "combine: at least 5", "AGR166", "uses.at-risk.combine"),
    ("units: [tenants]", "units: [tenants, tenants]", "AGR172", "uses.at-risk.units"),
    # tests that do not fit
    ("tenants.heating != gas", "tenants.heating != coal", "AGR164",
     "uses.at-risk.criteria.poor heating.test"),
    ("tenants.heating != gas", "tenants.heating = yes", "AGR164",
     "uses.at-risk.criteria.poor heating.test"),
    ("tenants.heating != gas", "tenants.heating > gas", "AGR164",
     "uses.at-risk.criteria.poor heating.test"),
    ("tenants.score >= 60", "tenants.score >= high", "AGR164",
     "uses.at-risk.criteria.costly home.test"),
    ("tenants.score >= 60", "tenants.score = yes", "AGR164",
     "uses.at-risk.criteria.costly home.test"),
    ("tenants.score >= 60", "tenants.district = yes", "AGR164",
     "uses.at-risk.criteria.costly home.test"),
    ("visits.cold = no", "visits.cold = tenants.heatin", "AGR161",
     "uses.charity-view.exclude.0.test"),
    ("visits.cold = no", "visits.cold >= 1", "AGR164", "uses.charity-view.exclude.0.test"),
    ("visits.cold = no", "visits.cold = 0", "AGR164", "uses.charity-view.exclude.0.test"),
    ("visits.cold = no", "visits.cold = tenants.heating", "AGR164",
     "uses.charity-view.exclude.0.test"),
    (">= 2026-11-01,", ">= winter,", "AGR164", "uses.at-risk.criteria.winter stay.test"),
    (">= 2026-11-01,", ">= 7,", "AGR164", "uses.at-risk.criteria.winter stay.test"),
    ("test: tenants.repaired_on < tenants.moved_in", "test: tenants.repaired_on < 2027-02-31",
     "AGR164", "uses.worth-it.exclude.0.test"),
    ("test: tenants.repaired_on < tenants.moved_in",
     "test: tenants.repaired_on < 2027-02-01T10:00", "AGR164", "uses.worth-it.exclude.0.test"),
    # evaluations
    ("treated: {test: tenants.grant = 1,", "treated: {dataset: tenants, test: tenants.grant = 1,",
     "AGR167", "uses.worth-it.treated"),
    ("treated: {test: tenants.grant = 1,", "treated: {through: person, test: tenants.grant = 1,",
     "AGR167", "uses.worth-it.treated"),
    ("treated: {test: tenants.grant = 1, starts", "treated: {starts", "AGR167",
     "uses.worth-it.treated"),
    ("covariates: [tenants.score]", "covariates: [tenants.score, visits.cold]", "AGR168",
     "uses.charity-view.covariates.1"),
    ("{test: tenants.grant = 1, starts: tenants.repaired_on}",
     "{test: visits.cold = yes, starts: tenants.repaired_on}", "AGR168",
     "uses.worth-it.treated.test"),
    ("covariates: [tenants.heating]", "covariates: [tenants.heating, tenants.heating]", "AGR169",
     "uses.worth-it.covariates.1"),
    ("covariates: [tenants.heating]", "covariates: [tenants.heating, tenants.score]", "AGR169",
     "uses.worth-it.covariates.1"),
    ("covariates: [tenants.heating]", "covariates: [tenants.heating, tenants.grant]", "AGR169",
     "uses.worth-it.covariates.1"),
    ("exact: [tenants.heating]", "exact: [tenants.heating, tenants.score]", "AGR169",
     "uses.worth-it.match.exact.1"),
    ("covariates: [tenants.score]", "covariates: [tenants.score, tenants.moved_in]", "AGR170",
     "uses.charity-view.covariates.1"),
    ("field: tenants.score, type: mean", "field: tenants.score, type: binary", "AGR170",
     "uses.worth-it.outcomes.cost.field"),
    ("field: tenants.score, type: mean", "field: tenants.score, type: count", "AGR170",
     "uses.worth-it.outcomes.cost.field"),
    ("grant: {is: payload, type: whole number, at least: 0, at most: 1,",
     "grant: {is: payload, type: whole number, at least: 0, at most: 9,", "AGR170",
     "uses.charity-view.outcomes.has grant.field"),
    ("index date: tenants.moved_in", "index date: tenants.heating", "AGR170",
     "uses.worth-it.index date"),
    ("starts: tenants.repaired_on", "starts: stays.admited", "AGR161",
     "uses.worth-it.treated.starts"),
    ("    index date: tenants.moved_in\n", "", "AGR171", "uses.worth-it.treated.starts"),
    # what leaves
    ("  worth-it: {form: aggregate, min count: 12, round to: 3, checked by: [hospital, council]}\n",
     "", "AGR181", "outputs.worth-it"),
    ("outputs:\n", "outputs:\n  worthit: {form: aggregate, checked by: [hospital, room]}\n",
     "AGR182", "outputs.worthit"),
    ("{of: worth-it, to: council}", "{of: worthit, to: council}", "AGR182", "releases.2.of"),
    ("reveal:\n  - {of: at-risk,", "reveal:\n  - {of: at-rsk,", "AGR182", "reveal.0.of"),
    ("what: worth-it, to: warmth", "what: tenants, to: warmth", "AGR182", "onward.0.what"),
    ("worth-it: {form: aggregate", "worth-it: {form: identifiable", "AGR183",
     "outputs.worth-it.form"),
    ("at-risk: {form: identifiable, checked by: [hospital, room]}",
     "at-risk: {form: identifiable}", "AGR184", "outputs.at-risk.checked by"),
    ("fields: [tenancy, flag]", "fields: [tenancy, flag, score]", "AGR187", "releases.1.fields.2"),
    (", fields: [tenancy, flag]", "", "AGR187", "releases.1.fields"),
    ("{of: worth-it, to: council}", "{of: worth-it, to: council, fields: [flag]}", "AGR187",
     "releases.2.fields.0"),
    ("{of: worth-it, to: council}", "{of: worth-it, to: council, rows: all}", "AGR189",
     "releases.2.rows"),
    ("of: at-risk, to: council", "of: at-risk, to: warmth", "AGR190", "releases.1.rows"),
    ("{of: worth-it, to: council}",
     "{of: worth-it, to: council}\n  - {of: worth-it, to: council}", "AGR191", "releases.3"),
    ("  visits: {days: 30}\n", "", "AGR192", "retention.visits"),
    ("  charity-view: {days: 365}\n", "", "AGR192", "retention.charity-view"),
    ("  visits: {days: 30}\n", "  visits: {days: 30}\n  visit: {days: 3}\n", "AGR193",
     "retention.visit"),
    ("visits: {days: 30}", "visits: {days: 30, after use: true}", "AGR194", "retention.visits"),
    ("visits: {days: 30}", "visits: {proof: receipt}", "AGR194", "retention.visits"),
    ("reveal:\n  - {of: at-risk,", "reveal:\n  - {of: joined,", "AGR195", "reveal.0.of"),
    ("[re-identify, marketing]", "[re-identify, onward use]", "AGR197", "onward.0"),
    ("[re-identify, marketing]", "[re-identify, marketing, marketing]", "AGR172",
     "prohibitions.2"),
    # why
    ("people ill, and repair them.", "people ill, and so on.", "AGR211", "purpose.statement"),
    ("for: measuring whether visits warm homes", "for: any purpose the council may have", "AGR211",
     "uses.charity-view.for"),
    ("  workshop: sha256:2222222222222222222222222222222222222222222222222222222222222222\n", "",
     "AGR222", "weighing"),
    (FULL, "  route: light\n", "AGR221", "weighing.reason"),
    # what people asked for
    ("clause: purpose.nature", "clause: purpose.nurture", "AGR223", "weighing.conditions.0.clause"),
    ("clause: purpose.nature", "clause: releases.9", "AGR223", "weighing.conditions.0.clause"),
    ("clause: purpose.nature", "clause: porpoise", "AGR223", "weighing.conditions.0.clause"),
    ("clause: purpose.nature", "clause: parties.hospital.kind", "AGR223",
     "weighing.conditions.0.clause"),
    ("clause: purpose.nature", "clause: weighing.reason", "AGR224",
     "weighing.conditions.0.clause"),
    ("clause: purpose.nature", "clause: purpose.nature, answer: It does.", "AGR225",
     "weighing.conditions.0"),
    ("condition: Tenants are asked first.", "condition: It prevents harm and punishes nobody.",
     "AGR226", "weighing.conditions.1.condition"),
    ("answer: Everybody is told by letter and may say no.", "answer: '    '", "AGR227",
     "weighing.conditions.1.answer"),
    ("because: Without it the homes that harm cannot be found.", "because: '    '", "AGR228",
     "weighing.departs.0.because"),
    ("because: It was about another way to find the homes.", "because: '    '", "AGR229",
     "weighing.passed over.0.because"),
]  # fmt: skip


@pytest.mark.parametrize(("old", "new", "code", "clause"), MISFITS)
def test_one_misfit_is_one_problem(old: str, new: str, code: str, clause: str) -> None:
    assert told(changed((old, new))) == [(code, clause)]


SEVERAL = [
    ([("    role: secure room\n", "    role: processor\n")],
     [("AGR113", "parties"), ("AGR112", "releases.0.to")]),
    ([("  room:\n    name", "  Room:\n    name")],
     [("AGR030", "parties.Room"), ("AGR111", "outputs.joined.checked by.1"),
      ("AGR111", "outputs.at-risk.checked by.1"), ("AGR111", "releases.0.to")]),
    ([("cold: {is: payload, type", "flag: {is: payload, column: cold, type"),
      ("visits.cold = no", "visits.flag = no")], [("AGR141", "datasets.visits.fields.flag")]),
    ([("cold: {is: payload, type", "pseudonym_x: {is: payload, column: cold, type"),
      ("visits.cold = no", "visits.pseudonym_x = no")],
     [("AGR141", "datasets.visits.fields.pseudonym_x")]),
    ([("cold: {is: payload, type", "cold-home: {is: payload, column: cold, type")],
     [("AGR030", "datasets.visits.fields.cold-home"),
      ("AGR161", "uses.charity-view.exclude.0.test")]),
    ([("  - {of: at-risk, by: housing officer, duty: to keep homes fit to live in, "
       "approved by: hospital, at most per day: 5}", "  []"),
      ("[re-identify, marketing]", "[marketing]")], [("AGR198", "prohibitions")]),
    ([("      surname: {is: identifier, why: to find the same person}\n"
       "      forename: {is: identifier, why: to find the same person}\n"
       "      birth_date: {is: identifier, why: to find the same person}\n"
       "      postcode: {is: linking, why: to find the home}\n"
       "      admitted",
       "      surname: {is: identifier, type: text, why: to find the same person}\n"
       "      forename: {is: identifier, why: to find the same person}\n"
       "      birth_date: {is: identifier, why: to find the same person}\n"
       "      postcode: {is: linking, why: to find the home}\n"
       "      admitted")],
     [("AGR155", "datasets.stays.fields.surname.type"),
      ("AGR157", "linkage.entities.person.rules.1.0")]),
    ([("starts: tenants.repaired_on}", "starts: stays.admitted}"),
      ("{name: repaired before moving in, test: tenants.repaired_on < tenants.moved_in}",
       "{name: repaired before moving in, test: stays.admitted < tenants.moved_in}")],
     [("AGR143", "datasets.tenants.fields.repaired_on"),
      ("AGR168", "uses.worth-it.treated.starts"), ("AGR168", "uses.worth-it.exclude.0.test")]),
    ([("left known: visits.visit", "left known: stays.stay")],
     [("AGR143", "datasets.visits.fields.visit"), ("AGR168", "uses.joined.check.left known")]),
    ([("    spine: tenants\n      join: [visits]", "    spine: visits\n      join: [visits]")],
     [("AGR152", "linkage.entities.home.join.0"),
      ("AGR163", "uses.charity-view.treated.through")]),
    ([("  joined: {form: de-personalised, checked", "  tenants: {form: aggregate, checked"),
      ("  joined:\n    use: linked", "  tenants:\n    use: linked"),
      ("{of: joined, to: room", "{of: tenants, to: room"),
      ("  joined: {until: 2028-12-31}\n", "")],
     [("AGR131", "uses.tenants"), ("AGR183", "outputs.tenants.form")]),
]  # fmt: skip


@pytest.mark.parametrize(("swaps", "expected"), SEVERAL)
def test_a_misfit_with_consequences_tells_them_too(
    swaps: list[tuple[str, str]], expected: list[tuple[str, str]]
) -> None:
    assert told(changed(*swaps)) == expected


NO_BENEFIT = EVERY[EVERY.index("  benefits:\n") : EVERY.index("gateway:\n")]
STATEMENT = "Find homes where cold makes people ill, and repair them."


@pytest.mark.parametrize(
    ("statement", "code"),
    [
        ("Support better outcomes through data sharing.", "AGR212"),
        ("Provide insight to partners.", "AGR212"),
        ("Housing and health data of the city.", "AGR213"),
        ("Share data as appropriate.", "AGR211"),
    ],
)
def test_a_purpose_that_any_use_would_satisfy_is_sent_back(statement: str, code: str) -> None:
    vague = changed((NO_BENEFIT, "\n"), (STATEMENT, statement))
    assert told(vague) == [(code, "purpose.statement")]


def test_a_purpose_that_names_what_will_be_done_needs_no_more() -> None:
    assert told(changed((NO_BENEFIT, "\n"))) == []


def test_a_hollow_phrase_beside_a_measured_benefit_passes() -> None:
    assert told(changed((STATEMENT, "Improve services for tenants."))) == []


def test_what_raises_the_weighing_is_named_when_no_reason_is_given() -> None:
    sold = changed(
        (REBATE[REBATE.index("  reason: The power") : REBATE.index("  red lines:")], ""),
        text=REBATE,
    )
    (problem,) = problems(sold)
    assert problem.code == "AGR221"
    assert "a commercial body receives identifiable data" in problem.why


@pytest.mark.parametrize(
    "test",
    [
        "tenants.district = AB1",
        "tenants.score < tenants.grant",
        "tenants.moved_in > tenants.repaired_on",
        "tenants.moved_in != 2027-03-01",
        "tenants.heating = tenants.heating",
    ],
)
def test_a_test_that_fits_is_let_be(test: str) -> None:
    assert told(changed(("tenants.score >= 60", test))) == []


def test_whoever_weighs_lightly_says_why_even_when_nothing_raises_it() -> None:
    reason = JUSTICE[JUSTICE.index("  reason: Only") : JUSTICE.index("  red lines:")]
    (problem,) = problems(changed((reason, ""), text=JUSTICE))
    assert (problem.code, problem.clause) == ("AGR221", "weighing.reason")
    assert "why that was enough" in problem.why


def test_a_misspelt_spine_does_not_blame_every_field() -> None:
    assert told(changed(("spine: offenders", "spine: ofenders"), text=JUSTICE)) == [
        ("AGR151", "linkage.entities.person.spine")
    ]


def test_a_field_that_no_supplier_holds_is_sent_back() -> None:
    """The first draft of the rebate shared a National Insurance number that nobody could match."""
    spare = "nino: {is: identifier, why: to find the same person}\n      forename: {is: identifier"
    both = REBATE.replace("forename: {is: identifier", spare, 1)
    assert told(both) == [("AGR143", "datasets.tax_credits.fields.nino")]


@pytest.mark.parametrize(
    ("way", "code", "what", "next_step"),
    [
        ("home", "AGR163",
         "'home' does not connect 'tax_credits' with 'customers_brightgas', "
         "'customers_northlight' and 'customers_homewarm'.",
         "Add 'tax_credits' to the entity, or go through another."),
        (None, "AGR165",
         "Nothing says through which entity 'tax_credits' reaches 'customers_brightgas', "
         "'customers_northlight' and 'customers_homewarm'.",
         "Add 'through' with an entity that connects them."),
    ],
)  # fmt: skip
def test_every_unit_that_a_criterion_does_not_reach_is_named_at_once(
    way: str | None, code: str, what: str, next_step: str
) -> None:
    here = "test: tax_credits.on_credit = yes, through: person"
    there = here.replace(", through: person", f", through: {way}" if way else "")
    (problem,) = problems(changed((here, there), text=REBATE))
    assert (problem.code, problem.what, problem.next) == (code, what, next_step)


def test_of_several_units_only_those_out_of_reach_are_named() -> None:
    spine, less = "spine: tax_credits\n", "join: [customers_brightgas, customers_northlight]"
    join = less.replace("]", ", customers_homewarm]")
    swap = (f"{spine}      {join}", f"{spine}      {less}")
    found = problems(changed(swap, text=REBATE))
    (problem,) = (each for each in found if each.code == "AGR163")
    assert problem.what == "'person' does not connect 'tax_credits' with 'customers_homewarm'."
    assert problem.next == "Add 'customers_homewarm' to the entity, or go through another."


def test_an_agreement_without_entities_cannot_be_reached_through() -> None:
    linkage = JUSTICE[JUSTICE.index("linkage:\n") : JUSTICE.index("uses:\n")]
    assert ("AGR162", "uses.reoffending.treated.through") in told(
        changed((linkage, ""), text=JUSTICE)
    )


def test_checks_run_on_an_agreement_that_was_not_read_from_text() -> None:
    agreement = agreed()
    assert check(agreement) == ()
    broken = agreement.model_copy(update={"ends": agreement.starts.replace(year=2020)})
    assert [problem.code for problem in check(broken)] == ["AGR101"]


def test_every_problem_between_clauses_is_shown_in_this_chapter() -> None:
    shown = {code for _, _, code, _ in MISFITS}
    shown |= {code for _, expected in SEVERAL for code, _ in expected}
    shown |= {"AGR211", "AGR212", "AGR213"}
    shown |= {code for *_, code, _ in BY_MODE} - {"AGR022", "AGR023", "AGR024", "AGR025", "AGR027"}
    shown |= {"AGR238", *(f"AGR{code}" for code in range(243, 250))}  # in that on identities
    shown |= {"AGR240", "AGR241"}  # in the chapter on the quality of links
    shown.add("AGR242")  # in how records are linked
    assert shown == {code for code in CATALOGUE if "AGR101" <= code <= "AGR249"} | {"AGR030"}
