"""U2, flag: rules over linked rows give each unit a yes or a no."""

import numpy as np
import pyarrow as pa
import pytest
from planted import agreement, checked, codes, named, run, said, with_use

from equipoise.carry.tables import TablesSession
from equipoise.carry.uses import USES
from equipoise.errors import DataRefused, DocumentRefused, UsageRefused

UNITS = ("customers_brightgas", "customers_northlight", "customers_homewarm")


def keys(*values: int) -> pa.Array:
    return pa.array(values, pa.uint64())


def customers(accounts: list[str | None], person: list[int], home: list[int]) -> pa.Table:
    return pa.table(
        {
            "account": pa.array(accounts, pa.string()),
            "pseudonym_person": keys(*person),
            "pseudonym_home": keys(*home),
        }
    )


@pytest.fixture
def tables() -> dict[str, pa.Table]:
    """Person 1 on credit, 2 not, 3 unknown, 4 twice (no, then yes); home 10 costly, 20 not."""
    return {
        "tax_credits": pa.table(
            {
                "on_credit": pa.array([True, False, None, False, True]),
                "pseudonym_person": keys(1, 2, 3, 4, 4),
            }
        ),
        "properties": pa.table(
            {
                "cost_score": pa.array([60.0, 59.9, None]),
                "pseudonym_home": keys(10, 20, 30),
            }
        ),
        "customers_brightgas": customers(
            ["B9", "B1", "B5", "B3", "B4", "B2"], [1, 2, 3, 4, 99, 1], [10, 10, 10, 10, 10, 20]
        ),
        "customers_northlight": customers(["N1", "N1", None], [2, 1, 1], [10, 10, 10]),
        "customers_homewarm": customers(["H1"], [98], [97]),
    }


def answers(result, dataset="customers_brightgas") -> dict[str, str]:
    return {row["account"]: row["flag"] for row in named(result, f"answers_{dataset}")}


def test_yes_needs_every_rule_and_any_linked_row_may_meet_it(tables):
    # B3's person has two rows, of which one is on credit: any row that meets the rule is enough.
    result = run(agreement("fuel-poverty"), "entitled", tables)
    assert answers(result) == {
        "B1": "no",
        "B2": "no",
        "B3": "yes",
        "B4": "no",
        "B5": "no",
        "B9": "yes",
    }


def test_each_supplier_gets_its_own_rows_with_account_and_flag_and_nothing_else(tables):
    result = run(agreement("fuel-poverty"), "entitled", tables)
    outputs = {o.name: o for o in result.outputs}
    for unit, party in zip(UNITS, ("brightgas", "northlight", "homewarm"), strict=True):
        output = outputs[f"answers_{unit}"]
        assert output.party == party
        assert output.kind == "rows"
        assert output.table.column_names == ["account", "flag"]
        assert [c.kind for c in output.columns] == ["reference", "flag"]


def test_no_cannot_be_told_from_not_found(tables):
    # B4's bill payer was found nowhere, B1's was found and is not entitled. Take B4's person for
    # B1's: the two answers, and everything about them but the account, are the same.
    result = run(agreement("fuel-poverty"), "entitled", tables)
    rows = {r.pop("account"): r for r in named(result, "answers_customers_brightgas")}
    assert rows["B1"] == rows["B4"] == {"flag": "no"}


def test_the_order_of_answers_is_that_of_the_accounts(tables):
    result = run(agreement("fuel-poverty"), "entitled", tables)
    accounts = [row["account"] for row in named(result, "answers_customers_brightgas")]
    assert accounts == sorted(accounts)


def test_an_account_on_several_rows_is_answered_once_and_yes_when_any_row_is(tables):
    result = run(agreement("fuel-poverty"), "entitled", tables)
    assert answers(result, "customers_northlight") == {"N1": "yes"}


def test_a_row_without_an_account_is_counted_and_not_answered(tables):
    result = run(agreement("fuel-poverty"), "entitled", tables)
    assert result.warnings == (
        "1 rows of 'customers_northlight' bear no key and were not answered",
    )


@pytest.mark.parametrize(
    ("combine", "on_missing", "yes"),
    [
        ("all", "fail", {"B3", "B9"}),
        ("any", "fail", {"B1", "B2", "B3", "B4", "B5", "B9"}),
        ("at least 2", "fail", {"B3", "B9"}),
        ("at least 1", "skip", {"B1", "B2", "B3", "B4", "B5", "B9"}),
        # skip: B4 and B5 are judged on their costly home alone.
        ("all", "skip", {"B3", "B4", "B5", "B9"}),
    ],
)
def test_rules_combine_as_the_agreement_says(tables, combine, on_missing, yes):
    base = agreement(
        "fuel-poverty",
        ("combine: all", f"combine: {combine}"),
        ("on missing: fail", f"on missing: {on_missing}"),
    )
    found = answers(run(base, "entitled", tables))
    assert {account for account, flag in found.items() if flag == "yes"} == yes


def test_nobody_is_yes_on_nothing(tables):
    # Skip leaves a rule out where nothing is known; H1 is found nowhere and still gets a no.
    base = agreement("fuel-poverty", ("on missing: fail", "on missing: skip"))
    assert answers(run(base, "entitled", tables), "customers_homewarm") == {"H1": "no"}


def test_not_found_is_told_apart_only_where_the_release_says_so(tables):
    base = agreement("fuel-poverty")
    homewarm = base.releases[2].model_copy(update={"not_found": "separate"})
    base = base.model_copy(update={"releases": (*base.releases[:2], homewarm)})
    result = run(base, "entitled", tables)
    assert answers(result, "customers_homewarm") == {"H1": "not found"}
    assert set(answers(result).values()) == {"yes", "no"}


def test_further_fields_go_out_only_as_the_release_names_them(tables):
    base = agreement("fuel-poverty")
    more = base.releases[0].model_copy(update={"fields": ("account", "flag", "reasons")})
    base = base.model_copy(update={"releases": (more, *base.releases[1:])})
    rows = named(run(base, "entitled", tables), "answers_customers_brightgas")
    assert {r["account"]: r["reasons"] for r in rows if r["flag"] == "yes"} == {
        "B3": "on credit; costly home",
        "B9": "on credit; costly home",
    }
    # A reason beside a no would tell it from not found.
    assert {r["reasons"] for r in rows if r["flag"] == "no"} == {""}


def test_the_recipients_own_field_comes_from_its_own_first_row(tables):
    base = agreement("fuel-poverty")
    dataset = base.datasets["customers_northlight"]
    tariff = dataset.fields["account"].model_copy(update={"role": "payload"})
    dataset = dataset.model_copy(update={"fields": {**dataset.fields, "tariff": tariff}})
    more = base.releases[1].model_copy(update={"fields": ("account", "flag", "tariff")})
    base = base.model_copy(
        update={
            "datasets": {**base.datasets, "customers_northlight": dataset},
            "releases": (base.releases[0], more, base.releases[2]),
        }
    )
    table = tables["customers_northlight"].append_column("tariff", pa.array(["a", "b", "c"]))
    rows = named(
        run(base, "entitled", {**tables, "customers_northlight": table}),
        "answers_customers_northlight",
    )
    assert rows == [{"account": "N1", "flag": "yes", "tariff": "a"}]


@pytest.mark.parametrize("field", ["surname", "on_credit"])
def test_a_release_may_not_name_an_identifier_or_another_partys_field(tables, field):
    base = agreement("fuel-poverty")
    more = base.releases[0].model_copy(update={"fields": ("account", field)})
    base = base.model_copy(update={"releases": (more,)})
    with pytest.raises(DocumentRefused) as refused:
        run(base, "entitled", tables)
    assert [p.code for p in refused.value.problems] == ["USE013"]


def test_rule_statistics_count_every_answer_and_its_opposite(tables):
    result = run(agreement("fuel-poverty"), "entitled", tables)
    rows = named(result, "statistics")
    mine = {r["what"]: r["keys"] for r in rows if r["dataset"] == "customers_brightgas"}
    assert mine == {
        "answered": 6,
        "yes": 2,
        "no": 4,
        "found by a rule": 6,
        "found by no rule": 0,
        "met: on credit": 3,
        "not met: on credit": 3,
        "found: on credit": 5,
        "not found: on credit": 1,
        "met: costly home": 5,
        "not met: costly home": 1,
        "found: costly home": 6,
        "not found: costly home": 0,
    }
    output = next(o for o in result.outputs if o.name == "statistics")
    for whole, parts in output.sums:
        assert mine[whole] == sum(mine[part] for part in parts)


def test_a_rule_on_the_units_own_field_needs_no_link(tables):
    base = with_use(
        agreement("fuel-poverty"),
        "own",
        {
            "use": "flag",
            "units": ["properties"],
            "key": "cost_score",
            "criteria": {"costly": {"test": "properties.cost_score >= 60"}},
        },
    )
    rows = named(run(base, "own", tables), "answers_properties")
    assert {r["cost_score"]: r["flag"] for r in rows} == {"60": "yes", "59.9": "no"}


def two_fields(through: str | None, test: str) -> dict:
    criterion = {"test": test} | ({"through": through} if through else {})
    return {
        "use": "flag",
        "units": ["customers_brightgas"],
        "key": "account",
        "criteria": {"rule": criterion},
    }


def test_two_fields_of_linked_rows_may_be_compared(tables):
    base = agreement("fuel-poverty")
    tables = {
        **tables,
        "tax_credits": tables["tax_credits"].append_column("n", pa.array([1, 2, 3, 4, 5])),
        "customers_brightgas": tables["customers_brightgas"].append_column(
            "m", pa.array([2, 2, 2, 5, 5, 1])
        ),
        "customers_northlight": tables["customers_northlight"].append_column(
            "m", pa.array([9, 1, 1])
        ),
    }
    # B9: 1 v 2; B1: 2 v 2; B5: 3 v 2; B3: 4 and 5 v 5; B4: nobody; B2: 1 v 1
    with_unit = with_use(base, "u", two_fields("person", "tax_credits.n = customers_brightgas.m"))
    assert {a for a, f in answers(run(with_unit, "u", tables)).items() if f == "yes"} == {
        "B1",
        "B2",
        "B3",
    }
    turned = with_use(base, "u", two_fields("person", "customers_brightgas.m > tax_credits.n"))
    assert {a for a, f in answers(run(turned, "u", tables)).items() if f == "yes"} == {"B9", "B3"}
    # Of two other datasets: person 2 has n = 2 < 9, person 1 has n = 1 >= 1.
    third = with_use(base, "u", two_fields("person", "tax_credits.n < customers_northlight.m"))
    assert {a for a, f in answers(run(third, "u", tables)).items() if f == "yes"} == {"B1"}
    same = with_use(base, "u", two_fields("person", "tax_credits.n = tax_credits.n"))
    assert {a for a, f in answers(run(same, "u", tables)).items() if f == "no"} == {"B4"}


def test_the_way_to_a_dataset_must_be_clear(tables):
    base = with_use(
        agreement("fuel-poverty"), "u", two_fields(None, "customers_northlight.account = N1")
    )
    with pytest.raises(DocumentRefused) as refused:  # joined by person and by home
        run(base, "u", tables)
    assert [p.code for p in refused.value.problems] == ["USE010"]
    test = "tax_credits.on_credit = yes"
    wrong = with_use(agreement("fuel-poverty"), "u", two_fields("home", test))
    with pytest.raises(DocumentRefused, match="'home' does not join"):
        run(wrong, "u", tables)
    single = with_use(agreement("fuel-poverty"), "u", two_fields(None, test))
    assert "yes" in answers(run(single, "u", tables)).values()


@pytest.mark.parametrize(
    "test",
    ["tax_credits.on_credit = 3", "tax_credits.on_credit >= yes", "properties.cost_score = high"],
)
def test_a_test_that_cannot_hold_is_refused_rather_than_no_for_everybody(tables, test):
    base = with_use(agreement("fuel-poverty"), "u", two_fields(None, test))
    with pytest.raises(DocumentRefused) as refused:
        run(base, "u", tables)
    assert [p.code for p in refused.value.problems] == ["USE014"]


def test_a_missing_dataset_or_field_is_named(tables):
    base = agreement("fuel-poverty")
    without = {name: t for name, t in tables.items() if name != "properties"}
    with pytest.raises(DataRefused) as refused:
        run(base, "entitled", without)
    assert [(p.code, p.clause) for p in refused.value.problems] == [
        ("USE002", "datasets.properties")
    ]
    bare = {**tables, "properties": tables["properties"].drop_columns(["cost_score"])}
    with pytest.raises(DataRefused) as refused:
        run(base, "entitled", bare)
    assert [p.code for p in refused.value.problems] == ["USE003"]


def test_a_use_of_another_kind_is_refused(tables):
    session = TablesSession(tables)
    for kind in ("linked", "evaluate"):
        with pytest.raises(UsageRefused):
            USES[kind].compute(session, agreement("fuel-poverty"), "entitled")
    with pytest.raises(UsageRefused):
        USES["flag"].compute(session, agreement("justice-data-lab"), "reoffending")


def test_many_accounts_are_answered_as_planted():
    # Truth is planted by arithmetic: everybody with an even number is on credit, every third home
    # is costly, so a yes is a multiple of six.
    size = 200_000
    number = np.arange(size, dtype=np.uint64)
    empty = customers([], [], [])
    result = run(
        agreement("fuel-poverty"),
        "entitled",
        {
            "tax_credits": pa.table({"on_credit": number % 2 == 0, "pseudonym_person": number}),
            "properties": pa.table(
                {
                    "cost_score": np.where(number % 3 == 0, 80.0, 20.0),
                    "pseudonym_home": number,
                }
            ),
            "customers_brightgas": pa.table(
                {
                    "account": [f"{n:07d}" for n in number],
                    "pseudonym_person": number,
                    "pseudonym_home": number,
                }
            ),
            "customers_northlight": empty,
            "customers_homewarm": empty,
        },
    )
    yes = [int(account) for account, flag in answers(result).items() if flag == "yes"]
    assert yes == list(range(0, size, 6))
    assert codes(result) == set()


def test_what_is_said_and_drawn_comes_from_checked_counts(tables):
    base = agreement("fuel-poverty")
    result = run(base, "entitled", tables)
    text = said(base, "entitled", result)
    assert "Bright Gas: a number that is not shown of a number that is not shown" in text
    assert "yes means that every rule is met: on credit; costly home" in text
    assert "those who were not found get the same answer" in text
    pictures = USES["flag"].pictures(base, "entitled", checked(base, "entitled", result))
    assert list(pictures) == ["rules.svg"]
    assert "not shown" in pictures["rules.svg"]
    assert USES["flag"].pictures(base, "entitled", {}) == {}
    assert len(USES["flag"].describe(base, "entitled", {})) == 2


def test_a_separate_not_found_is_not_said_to_be_the_same(tables):
    base = agreement("fuel-poverty", ("not found: same as no", "not found: separate"))
    assert "get the same answer" not in said(base, "entitled", run(base, "entitled", tables))
