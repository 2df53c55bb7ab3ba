"""The summary tells a member of the public what people ask, in words they can read."""

from __future__ import annotations

import re

import pytest
from agreement_texts import EVERY, JUSTICE, REBATE, TEXTS, agreed, changed

from equipoise.agree.checks import warnings
from equipoise.agree.document import Agreement
from equipoise.agree.parse import parse
from equipoise.agree.plain import condition, count, listed
from equipoise.agree.reading_age import PUBLIC_AGE, reading_age, syllables
from equipoise.agree.summary import own, summarise
from equipoise.errors import Problem

QUESTIONS = (
    "In short", "Why", "Who takes part", "Why they are allowed to", "Which data",
    "What is done with it", "Who gets what", "What they must not do", "How long it is kept",
    "What keeps it safe", "What was weighed", "Ask or complain",
)  # fmt: skip


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
def test_every_question_has_its_heading(text: str) -> None:
    headings = re.findall(r"^## (.+)$", summarise(parse(text).agreement), flags=re.M)
    assert tuple(headings) == QUESTIONS


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
def test_the_public_can_read_it(text: str) -> None:
    summary = summarise(parse(text).agreement)
    without_their_words = re.sub(r"\*\*[^*]+\*\*", "it", summary)
    assert reading_age(without_their_words) <= 11
    assert reading_age(summary) <= PUBLIC_AGE


def test_the_rebate_says_who_learns_what() -> None:
    summary = summarise(parse(REBATE).agreement)
    gets = "**Bright Gas** gets **account** and a yes or a no, for its own records, and nothing"
    assert gets in summary
    assert "A no looks the same as not being found." in summary
    assert "- **costly home**: cost score in properties is at least 60." in summary
    assert "number of the home (UPRN)" in summary
    assert "sell you something with it" in summary
    assert "**entitled**: for 90 days. Then it is destroyed." in summary


def test_the_study_says_that_no_person_is_in_the_result() -> None:
    summary = summarise(parse(JUSTICE).agreement)
    assert "**Next Steps** gets the checked figures about groups. No person is in them." in summary
    assert "If fewer than 60 people had the service, no result is given." in summary
    assert "No group of fewer than 10 people is shown." in summary
    assert "Counts are rounded to the nearest 5." in summary


def test_every_clause_is_told() -> None:
    summary = summarise(agreed())
    for said in (
        "It is looked at again on 31 December 2027.",
        "What people get, by 30 June 2028: **a repaired home**.",
        "The goal is **200 homes**.",
        "Some doubted this. It was settled by: **counsel's advice of March 2026**.",
        "On keeping it secret: **approved by the advisory group**.",
        "Only people who said yes are in it.",
        "People who said no are left out.",
        "**district** (low risk, only by district)",
        "They must first have done: **safe researcher**.",
        "These parts are kept: **score**, **district** and **nights**.",
        "It is yes when at least 2 of these hold:",
        "admitted in stays is at least the moved in in tenants",
        "**Secure Room of the City** gets the joined records, without names.",
        "A **housing officer** may ask who a flagged record is about.",
        "Each time, **Hospital of the City** must say yes first.",
        "**Warmth for All** may be sent **worth it** later.",
        "**joined**: until 31 December 2028.",
        "People met and weighed the good against the risk.",
        "All sharing stops until it is put right.",
        "**Tenants' panel** drew a line: **No landlord may see a health fact**.",
        "- **the tables of the workshop** asked for this: "
        "**It prevents harm and punishes nobody**.",
        "It is in the agreement, at: **the nature of the purpose**.",
        "The answer: **Everybody is told by letter and may say no**.",
        "People said: **Two tables of five would leave the hospital out**. "
        "It was decided otherwise.",
        "**Council of the City** gives this reason: **Without it the homes that harm cannot be",
    ):
        assert said in summary, said


def test_what_an_agreement_does_not_say_is_not_told() -> None:
    bare = changed(
        ("review: 2027-12-31\n", ""),
        ("  must not affect: Anybody's tenancy, benefits or care.\n", ""),
        ("      target: 200 homes\n      by: 2028-06-30\n", ""),
        ("keep: [tenants.score, tenants.district, stays.nights]", "keep: []"),
        ("joined: {form: de-personalised", "joined: {form: aggregate"),
        (", rows: all, fields: [tenants.score, nights]", ""),
        ("      district: {is: payload, type: postcode, sensitivity: low, coarsen: district, "
         "column: home_postcode, why: to see where the cold is}\n", ""),
        ("      nights: {is: payload, type: whole number, at least: 0, sensitivity: high, "
         "why: the outcome}\n", ""),
        ("fields: [tenancy, flag]", "fields: [tenancy], not found: separate"),
        ("{of: at-risk, to: council, rows: own", "{of: at-risk, to: council, rows: all"),
        ("min count: 12, round to: 3", "min count: 1, round to: 1"),
        ("combine: at least 2", "combine: any"),
        ("prohibitions: [re-identify, marketing]", "prohibitions: []"),
        ("suspend: true", "suspend: false"),
        (EVERY[EVERY.index("  route: full") : EVERY.index("public:")],
         "  route: light\n  reason: It is small.\n\n"),
    )  # fmt: skip
    summary = summarise(parse(bare).agreement)
    assert "looked at again" not in summary
    assert "must not affect" not in summary
    assert "No record is kept." in summary
    assert "without names" not in summary
    assert "gets **tenancy**, for all records" in summary
    assert "A no looks the same" not in summary
    assert "No group of fewer than 1 person is shown." in summary
    assert summary.count("rounded") == 2
    assert "What they must not do" not in summary
    assert "All sharing stops" not in summary
    assert "The good was weighed against the risk in a short form." in summary


def test_an_agreement_without_linkage_or_a_reason_says_nothing_of_them() -> None:
    whole = agreed(("  reason: Health and housing are joined.\n", ""))
    summary = summarise(whole.model_copy(update={"linkage": None}))
    assert "does the joining" not in summary
    assert "The reason given" not in summary


def test_nothing_the_parties_write_becomes_mark_up() -> None:
    assert own("**bold** [a](http://x) <b>`c`</b>\n# d.") == "**bold (a)(http://x) (b)'c'(/b) # d**"
    tricky = changed(("title: Warm homes", "title: '[Click](http://example.org) *Warm* homes"))
    tricky = tricky.replace("who were in hospital\nstarts", "who were in hospital'\nstarts")
    assert summarise(parse(tricky).agreement).startswith("# (Click)(http://example.org) Warm homes")


def test_conditions_and_lists_are_put_in_words() -> None:
    assert condition("homes.cost_score < 3") == "cost score in homes is below 3"
    assert condition("homes.cold = yes") == "cold in homes is yes"
    assert condition("homes.cold != no") == "cold in homes is not no"
    assert listed([]) == ""
    assert listed(["a"]) == "a"
    assert listed(["a", "b", "c"], "or") == "a, b or c"
    assert count(1, "day", "days") == "1 day"


def test_the_reading_age_follows_the_published_formula() -> None:
    # Kincaid 1975: 0.39 words/sentences + 11.8 syllables/words - 15.59, here 10 words of one
    # syllable in one sentence, so grade 0.11, which a reader of 5.11 years has.
    assert reading_age("We find a cold home and we make it warm.") == pytest.approx(5.11)
    assert reading_age("") == 5.0
    hard = "Interdepartmental harmonisation necessitates comprehensive pseudonymisation."
    assert reading_age(hard) > 25
    assert reading_age("See https://example.org/an/inordinately/complicated/address now.") < 6


def test_syllables_are_counted() -> None:
    known = {"home": 1, "table": 2, "the": 1, "energy": 3, "shared": 1, "wanted": 2, "free": 1}
    assert {word: syllables(word) for word in known} == known
    assert syllables("hmm") == 1


def but_for_the_list(agreement: Agreement) -> list[Problem]:
    """Warnings without the one that ``EVERY`` always has: nobody packs the list it names."""
    return [warning for warning in warnings(agreement) if warning.code != "AGR911"]


@pytest.mark.parametrize("text", [JUSTICE, EVERY])
def test_a_careful_agreement_has_no_warnings(text: str) -> None:
    assert but_for_the_list(parse(text).agreement) == []


def test_a_commercial_recipient_is_a_warning_on_the_light_route() -> None:
    (warning,) = warnings(parse(REBATE).agreement)
    assert warning.code == "AGR905"
    assert "a commercial body receives identifiable data" in warning.what


@pytest.mark.parametrize(
    ("swaps", "code", "clause"),
    [
        ([("summary: We find cold homes and repair them. A hospital stay in winter is one sign.",
           "summary: Multidisciplinary interdepartmental collaboration facilitating proportionate "
           "identification of thermally inadequate residential accommodation.")],
         "AGR901", "public.summary"),
        ([("  must not affect: Anybody's tenancy, benefits or care.\n", "")], "AGR902",
         "purpose.must not affect"),
        ([("review: 2027-12-31\n", "")], "AGR903", "review"),
        ([(", settled: The flag gives no reason.}", "}")], "AGR904",
         "weighing.red lines.0.settled"),
        ([(", clause: purpose.nature}", "}")], "AGR912", "weighing.conditions.0"),
        ([(EVERY[EVERY.index("  route: full") : EVERY.index("  red lines:")],
           "  route: light\n  reason: It is small.\n")], "AGR905", "weighing.route"),
        ([("checked by: [hospital, warmth]", "checked by: [hospital]")], "AGR906",
         "outputs.charity-view.checked by"),
        ([("fields: [tenancy, flag]", "fields: [tenancy, flag], not found: separate")], "AGR907",
         "releases.1.not found"),
        ([("  - {of: at-risk, to: council, rows: own, fields: [tenancy, flag]}\n", ""),
          ("  - {of: worth-it, to: council}\n", "")], "AGR908", "parties.council"),
        ([("role: secure room", "role: [secure room, controller]"),
          ("gateway:\n", "gateway:\n  room: {basis: contract, power: 'https://example.org/r'}\n")],
         "AGR908", "parties.room"),
        ([("min count: 12", "min count: 4")], "AGR909", "outputs.worth-it.min count"),
        ([("by: 2028-06-30", "by: 2029-06-30")], "AGR910", "purpose.benefits.0.by"),
    ],
)  # fmt: skip
def test_what_deserves_a_second_thought_is_a_warning(
    swaps: list[tuple[str, str]], code: str, clause: str
) -> None:
    (warning,) = but_for_the_list(agreed(*swaps))
    assert (warning.code, warning.clause) == (code, clause)
    assert warning.next
