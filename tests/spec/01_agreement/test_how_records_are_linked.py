"""An agreement says how records are linked: by rules, or by comparing fields, and how surely.

It says where that happens, what travels for it, and which outside list bars whom. What was signed
before there were such clauses keeps its digest.
"""

from __future__ import annotations

import json

import pytest
from agreement_texts import EVERY, JUSTICE, REBATE, agreed, changed, problems, told

from equipoise.agree.canonical import canonical_json, digest, digest_of
from equipoise.agree.changes import compare
from equipoise.agree.checks import warnings
from equipoise.agree.document import Agreement
from equipoise.agree.parse import parse
from equipoise.agree.reads import (
    compared,
    identifiers_read,
    linked_form,
    lists_checked,
    lists_of,
    opt_out_rules,
    pack_fields,
    to_link,
    uses_of,
    with_payload,
)
from equipoise.agree.schema import json_schema
from equipoise.agree.summary import summarise
from equipoise.agree.words import SURE

LINKAGE = EVERY[EVERY.index("linkage:\n") : EVERY.index("uses:\n")]
LISTED = "    opt out: {check: national, on match: drop}\n"
LIST = """  national:
    from: hospital
    about: people who said no to any sharing
    form: de-personalised
    fields:
      postcode: {is: linking, why: to leave out the homes of those who said no}
"""


def linking(mode: str, by: str) -> str:
    """A linkage clause in which people and homes are found by comparing."""
    return f"""linkage:
  mode: {mode}
  by: {by}
  entities:
    person:
      spine: tenants
      join: [stays]
      compare: [surname, forename, birth_date, postcode]
      pairs: many to one
    home:
      spine: tenants
      join: [visits]
      rules: [[postcode]]
      compare: [postcode]
      sure at least: 0.95

"""


def comparing(mode: str = "enclave", by: str = "room") -> str:
    """The text that uses every clause, linking by comparing and with a list that somebody packs."""
    return changed(
        (LINKAGE, linking(mode, by) if mode != "exact" else LINKAGE),
        (LISTED, "    opt out: {check: national, rules: [[postcode]]}\n"),
        ("linkage:\n", LIST + "\nlinkage:\n"),
        ("  visits: ", "  national: delete after use\n  visits: "),
    )


ENCLAVE, ENCODED = comparing(), comparing("encoded", "matcher")
IDENTIFIED = changed(
    ("    about: homes that the charity visited\n    form: de-personalised\n",
     "    about: homes that the charity visited\n"),
    text=comparing("identified"),
)  # fmt: skip
MODES = {"encoded": ENCODED, "enclave": ENCLAVE, "identified": IDENTIFIED}

PERSON = "      compare: [surname, forename, birth_date, postcode]\n"
HOME = "      compare: [postcode]\n"
BY_LIST = "opt out: {check: national, rules: [[postcode]]}"

# (the text, what is written, what is written instead, the code, the clause)
MISFITS = [
    # each mode has what it needs
    (EVERY, "      rules:\n        - [postcode]\n", "", "AGR231", "linkage.entities.home.rules"),
    (ENCLAVE, PERSON, "", "AGR232", "linkage.entities.person.compare"),
    (ENCODED, PERSON, "", "AGR232", "linkage.entities.person.compare"),
    (ENCLAVE, "      rules: [[postcode]]\n" + HOME + "      sure at least: 0.95\n", "", "AGR232",
     "linkage.entities.home.compare"),
    # and nothing that it does not heed
    (ENCLAVE, HOME, "", "AGR233", "linkage.entities.home.sure at least"),
    (ENCODED, HOME + "      sure at least: 0.95\n", "      strength: high\n", "AGR233",
     "linkage.entities.home.strength"),
    (EVERY, "      pairs: many to one\n", "      compare: [surname]\n", "AGR233",
     "linkage.entities.person.compare"),
    (EVERY, "      pairs: many to one\n", "      sure at least: 0.9\n", "AGR233",
     "linkage.entities.person.sure at least"),
    (ENCLAVE, HOME, HOME + "      strength: high\n", "AGR233",
     "linkage.entities.home.strength"),
    # what is compared is there, is an identifier, once, and of one type
    (ENCLAVE, "birth_date, postcode]\n      pairs", "birth_date, surname]\n      pairs", "AGR172",
     "linkage.entities.person.compare.3"),
    (ENCLAVE, PERSON, PERSON.replace("postcode", "post_code"), "AGR154",
     "linkage.entities.person.compare.3"),
    (ENCLAVE, PERSON, PERSON.replace("postcode", "score"), "AGR136",
     "linkage.entities.person.compare.3"),
    (ENCLAVE, "      postcode: {is: linking, why: to find the home}\n      admitted",
     "      postcode: {is: linking, type: code, why: to find the home}\n      admitted", "AGR155",
     "datasets.stays.fields.postcode.type"),
    (ENCLAVE, "      compare: [postcode]", "      compare: [postcode:district]", "AGR027",
     "linkage.entities.home.compare.0"),
    (ENCLAVE, "      compare: [postcode]", "      compare: []", "AGR024",
     "linkage.entities.home.compare"),
    (ENCODED, HOME, "      compare: [postcode, forename]\n", "AGR234", "linkage.entities.home"),
    (ENCLAVE, "join: [visits]\n      rules: [[postcode]]\n" + HOME,
     "join: [visits]\n      compare: [forename, birth_date]\n", "AGR235",
     "linkage.entities.home.join.0"),
    (ENCLAVE, "join: [visits]", "join: [visists]", "AGR151", "linkage.entities.home.join.0"),
    # how sure, and how strong
    (ENCLAVE, "0.95", "0.3", "AGR025", "linkage.entities.home.sure at least"),
    (ENCLAVE, "0.95", "1", "AGR025", "linkage.entities.home.sure at least"),
    (ENCODED, HOME, HOME + "      strength: unbreakable\n", "AGR023",
     "linkage.entities.home.strength"),
    # who links where
    (ENCLAVE, "  by: room\n", "  by: matcher\n", "AGR112", "linkage.by"),
    (ENCODED, "  by: matcher\n", "  by: room\n", "AGR112", "linkage.by"),
    (IDENTIFIED, "  by: room\n", "  by: matcher\n", "AGR112", "linkage.by"),
    # identifiers travel only where the data are declared identifiable
    (IDENTIFIED, "    about: homes that the charity visited\n",
     "    about: homes that the charity visited\n    form: de-personalised\n", "AGR236",
     "datasets.visits.form"),
    # a list that somebody packs says by what it is met, and does nothing else
    (ENCLAVE, BY_LIST, "opt out: {check: national}", "AGR237", "datasets.visits.opt out.rules"),
    (ENCLAVE, BY_LIST, "opt out: {check: nationwide, rules: [[postcode]]}", "AGR237",
     "datasets.visits.opt out.rules"),
    (ENCLAVE, BY_LIST, "opt out: {check: national, rules: [[surname]]}", "AGR237",
     "datasets.visits.opt out.rules.0.0"),
    (ENCLAVE, BY_LIST, "opt out: {check: national, rules: [['postcode:street']]}", "AGR237",
     "datasets.visits.opt out.rules.0.0"),
    (ENCLAVE, BY_LIST, "opt out: {check: national, rules: [['postcode', []]]}", "AGR022",
     "datasets.visits.opt out.rules.0.1"),
    (ENCLAVE, BY_LIST, "opt out: {check: national, rules: [[postcode], []]}", "AGR158",
     "datasets.visits.opt out.rules.1"),
    (ENCLAVE, "      postcode: {is: linking, why: to leave",
     "      postcode: {is: linking, type: code, why: to leave", "AGR237",
     "datasets.visits.opt out.rules.0.0"),
    (ENCLAVE, "      postcode: {is: linking, why: to leave",
     "      postcode: {is: reference, why: to leave", "AGR237",
     "datasets.visits.opt out.rules.0.0"),
    (ENCLAVE, BY_LIST, "opt out: {check: visits, rules: [[postcode]]}", "AGR237",
     "datasets.visits.opt out.check"),
    (ENCLAVE, BY_LIST, "opt out: {check: stays, rules: [[postcode]]}", "AGR237",
     "datasets.visits.opt out.check"),
]  # fmt: skip


@pytest.mark.parametrize("mode", MODES)
def test_each_mode_is_agreed_in_its_own_words(mode: str) -> None:
    agreement = parse(MODES[mode]).agreement
    assert agreement.linkage is not None
    assert agreement.linkage.mode == mode
    assert agreement.linkage.entities["person"].compare == (
        "surname", "forename", "birth_date", "postcode",
    )  # fmt: skip


@pytest.mark.parametrize(("text", "old", "new", "code", "clause"), MISFITS)
def test_what_does_not_fit_the_mode_is_told(
    text: str, old: str, new: str, code: str, clause: str
) -> None:
    assert (code, clause) in told(changed((old, new), text=text))


def test_what_thousands_share_is_not_enough_to_compare() -> None:
    by_sex = ENCLAVE.replace(
        "{is: linking, why: to find the home", "{is: linking, type: sex, why: a"
    )
    assert ("AGR242", "linkage.entities.home.compare") in told(by_sex)
    assert "AGR242" not in [
        code for code, _ in told(by_sex.replace("mode: enclave", "mode: exact"))
    ]


def test_a_list_may_only_bar_rows_that_are_linked() -> None:
    alone = changed(("      join: [visits]\n", "      join: [stays]\n"), text=ENCLAVE)
    said = " ".join(problem.what for problem in problems(alone))
    assert "'visits' is checked against a list, but it is not linked" in said
    chained = changed(
        ("    about: people who said no to any sharing\n",
         "    about: people who said no to any sharing\n"
         "    opt out: {check: stays, rules: [[postcode]]}\n"),
        text=ENCLAVE,
    )  # fmt: skip
    said = " ".join(problem.what for problem in problems(chained))
    assert "The list 'national' is itself checked against a list." in said
    read = changed(
        ("keep: [tenants.score,", "keep: [national.postcode, tenants.score,"), text=ENCLAVE
    )
    assert any("A use reads the list 'national'" in problem.what for problem in problems(read))


def test_a_list_may_be_met_by_a_part_of_a_field() -> None:
    by_district = "opt out: {check: national, rules: [['postcode:district']]}"
    agreement = parse(changed((BY_LIST, by_district), text=ENCLAVE)).agreement
    assert opt_out_rules(agreement, "visits") == (("postcode:district",),)


def test_an_outside_list_that_nobody_packs_is_a_warning() -> None:
    (warning,) = warnings(parse(EVERY).agreement)
    assert (warning.code, warning.clause) == ("AGR911", "datasets.visits.opt out.check")
    assert warnings(parse(ENCODED).agreement) == ()


def test_a_linkage_unit_that_links_nothing_is_a_warning() -> None:
    assert [(each.code, each.clause) for each in warnings(parse(ENCLAVE).agreement)] == [
        ("AGR908", "parties.matcher")
    ]
    without = parse(EVERY).agreement.model_copy(update={"linkage": None})
    assert "AGR908" in {each.code for each in warnings(without)}


def test_identifiers_that_travel_raise_the_weighing() -> None:
    full = IDENTIFIED[IDENTIFIED.index("  route: full") : IDENTIFIED.index("  red lines:")]
    light = "  route: light\n  reason: It is small.\n"
    found = warnings(parse(changed((full, light), text=IDENTIFIED)).agreement)
    (raised,) = [each for each in found if each.code == "AGR905"]
    assert "names and numbers themselves leave their owners" in raised.what


# -- what is signed -----------------------------------------------------------------------------


UNASKED = EVERY[: EVERY.index("  conditions:\n")] + EVERY[EVERY.index("\npublic:\n") :]
"""Every clause, but those that say what people asked for: they are younger."""


@pytest.mark.parametrize(
    ("text", "signed"),
    [
        (UNASKED, "sha256:3d6eb050ad5d9f9003bae60e22881febc52c2e59a279a9cc2d7b28ffce8a1341"),
        (REBATE, "sha256:2e5779673df26a3e2811942b2c9a4eb3d993dd162dde176d383a7afc4b0d0b1f"),
        (JUSTICE, "sha256:0b528fa559a63c20424c223c200f58263db8d7483e6231dd5617cc69a24584b6"),
    ],
)
def test_what_was_signed_before_these_clauses_keeps_its_digest(text: str, signed: str) -> None:
    agreement = parse(text).agreement
    assert digest(agreement) == signed
    for entity in json.loads(canonical_json(agreement))["linkage"]["entities"].values():
        assert not {"compare", "strength", "sure at least"} & set(entity)


def test_what_the_text_leaves_to_a_default_is_written_out_and_signed() -> None:
    plain, said = parse(ENCODED).agreement, ENCODED
    said = changed((PERSON, PERSON + f"      strength: standard\n      sure at least: {SURE}\n"),
                   (HOME, HOME + "      strength: standard\n"), text=said)  # fmt: skip
    assert digest(parse(said).agreement) == digest(plain)
    whole = json.loads(canonical_json(plain))["linkage"]["entities"]["person"]
    assert (whole["strength"], whole["sure at least"]) == ("standard", SURE)
    again = Agreement.model_validate_json(canonical_json(plain), by_alias=True, by_name=False)
    assert digest(again) == digest(plain) == digest_of(canonical_json(plain))


def test_rules_alone_do_where_nothing_need_be_compared() -> None:
    alone = changed((HOME + "      sure at least: 0.95\n", ""), text=ENCODED)
    entity = json.loads(canonical_json(parse(alone).agreement))["linkage"]["entities"]["home"]
    assert entity == {
        "spine": "tenants", "join": ["visits"], "rules": [["postcode"]], "pairs": "one to one",
    }  # fmt: skip


def test_a_mode_without_anything_to_compare_keeps_the_form_in_which_it_was_written() -> None:
    whole = json.loads(canonical_json(agreed()))
    whole["linkage"]["mode"] = "encoded"
    bare = Agreement.model_validate(whole)
    assert json.loads(canonical_json(bare))["linkage"] == whole["linkage"]


def test_an_editor_knows_the_new_clauses() -> None:
    entity = json_schema()["$defs"]["Entity"]["properties"]
    assert {"compare", "strength", "sure at least"} <= set(entity)
    assert "rules" in json_schema()["$defs"]["OptOutRule"]["properties"]


# -- who reads what, and what travels ------------------------------------------------------------


def test_a_field_is_read_where_both_sides_hold_it() -> None:
    of = parse(ENCLAVE).agreement
    assert compared(of, "person", "stays") == ("surname", "forename", "birth_date", "postcode")
    assert compared(of, "home", "visits") == ("postcode",)
    assert compared(of, "home", "tenants") == ("postcode",)
    assert identifiers_read(of)["visits"] == {"postcode"}
    assert identifiers_read(of)["national"] == {"postcode"}
    assert compared(of.model_copy(update={"linkage": None}), "home", "visits") == ()


def test_a_list_travels_to_be_linked_against_and_has_no_payload() -> None:
    of = parse(ENCLAVE).agreement
    assert lists_checked(of) == {"visits": "national"}
    assert lists_of(of, ["visits", "stays"]) == ("national",)
    assert opt_out_rules(of, "visits") == (("postcode",),)
    assert opt_out_rules(of, "stays") == ()
    assert to_link(of) == ("tenants", "stays", "visits", "national")
    assert with_payload(of) == ("tenants", "stays", "visits")
    assert pack_fields(of, "national") == ()
    assert set(uses_of(of, "national")) == set(uses_of(of, "visits"))


def test_only_identifiers_are_identifiable_to_whoever_links() -> None:
    forms = {mode: linked_form(parse(text).agreement) for mode, text in MODES.items()}
    assert forms == {
        "encoded": "de-personalised", "enclave": "de-personalised", "identified": "identifiable",
    }  # fmt: skip


# -- what the public is told ---------------------------------------------------------------------


def test_the_public_is_told_in_which_way_records_are_joined() -> None:
    said = {mode: summarise(parse(text).agreement) for mode, text in MODES.items()}
    assert "mixed into one code" in said["encoded"]
    assert "The codes go to the secure room, and nowhere else" in said["enclave"]
    assert "addresses themselves are sent, sealed, to the secure room" in said["identified"]
    for text in said.values():
        assert "it looks at: **surname**, **forename**, **birth date** and **postcode**" in text
        assert "the chance is at least 80%" in text
        assert "the chance is at least 95%" in text
        assert "Who said no is read, as codes only, from **national**" in text


def test_another_mode_is_told_as_wider_or_narrower() -> None:
    old, new = parse(ENCODED).agreement, parse(ENCLAVE).agreement
    told = {change.clause: change for change in compare(old, new)}
    assert told["linkage.mode"].weight == "widens"
    assert "enclave, instead of encoded" in told["linkage.mode"].sentence
    assert {change.clause: change.weight for change in compare(new, old)}["linkage.mode"] == (
        "narrows"
    )


@pytest.mark.parametrize(
    ("old", "new", "clause", "weight"),
    [
        (PERSON, PERSON.replace(", postcode", ""), "linkage.entities.person.compare.3", "narrows"),
        ("0.95", "0.9", "linkage.entities.home.sure at least", "widens"),
        (HOME, HOME + "      strength: light\n", "linkage.entities.home.strength", "widens"),
        (HOME, HOME + "      strength: high\n", "linkage.entities.home.strength", "narrows"),
    ],
)
def test_what_is_compared_and_how_surely_is_weighed(
    old: str, new: str, clause: str, weight: str
) -> None:
    # A rule reads the same fields, so that none is left unread.
    text = changed(
        ("      join: [stays]\n",
         "      join: [stays]\n      rules: [[surname, forename, birth_date, postcode]]\n"),
        text=ENCODED,
    )  # fmt: skip
    before, after = parse(text).agreement, parse(changed((old, new), text=text)).agreement
    (change,) = compare(before, after)
    assert (change.clause, change.weight) == (clause, weight)
