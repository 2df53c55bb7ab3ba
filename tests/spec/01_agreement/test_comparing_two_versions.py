"""Two versions are compared in plain words, and each change is said to widen or narrow sharing."""

from __future__ import annotations

import pytest
from agreement_texts import EVERY, JUSTICE, agreed, problems

from equipoise.agree.canonical import digest
from equipoise.agree.changes import Change, compare, named
from equipoise.agree.parse import parse

OLD = agreed()


def changes(*swaps: tuple[str, str]) -> tuple[Change, ...]:
    return compare(OLD, agreed(*swaps))


def test_a_text_compared_with_itself_has_no_changes() -> None:
    assert compare(OLD, agreed()) == ()


@pytest.mark.parametrize(
    ("old", "new", "clause", "weight", "said"),
    [
        ("version: 2", "version: 3", "version", "wording", "The version is now 3, instead of 2."),
        ("title: Warm homes", "title: Dry homes", "title", "wording", "The title now reads"),
        ("ends: 2028-12-31\n", "ends: 2029-12-31\n", "ends", "widens", "31 December 2029"),
        ("ends: 2028-12-31\n", "ends: 2028-12-30\n", "ends", "narrows", "30 December 2028"),
        ("starts: 2027-01-01", "starts: 2026-01-01", "starts", "widens", "1 January 2026"),
        ("review: 2027-12-31\n", "", "review", "changes", "is taken out"),
        ("kind: charity", "kind: company", "parties.warmth.kind", "wording", "company"),
        ("sector: academic", "sector: commercial", "parties.room.sector", "changes", "commercial"),
        ("nature: preventive", "nature: punitive", "purpose.nature", "widens", "punitive"),
        ("people ill, and repair them.", "people ill, and repair them soon.", "purpose.statement",
         "changes", "It read:"),
        ("for: [individuals, providers]", "for: [individuals]", "purpose.for.1", "changes",
         "'providers' is taken out"),
        ("target: 200 homes", "target: 300 homes", "purpose.benefits.0.target", "changes", "300"),
        ("about: people who rent from the council", "about: people who rent",
         "datasets.tenants.about", "changes", "Whom 'tenants' is about"),
        ("why: the second test", "why: the other test", "datasets.tenants.fields.score.why",
         "wording", "the other test"),
        ("coarsen: day", "coarsen: month", "datasets.stays.fields.admitted.coarsen", "narrows",
         "blurred is now month"),
        ("coarsen: day, ", "", "datasets.stays.fields.admitted.coarsen", "widens", "taken out"),
        ("coarsen: day", "coarsen: hour", "datasets.stays.fields.admitted.coarsen", "widens",
         "hour"),
        ("values: [gas, electric, none]", "values: [gas, electric, none, oil]",
         "datasets.tenants.fields.heating.values.3", "widens", "'oil' of 'heating' in 'tenants'"),
        ("columns: [day, month, year]", "columns: [dd, mm, yyyy]",
         "datasets.tenants.fields.birth_date.columns", "wording", "dd, mm and yyyy"),
        ("required: true", "required: false", "datasets.tenants.fields.repaired_on.required",
         "changes", "is now no, instead of yes"),
        ("    opt out: {check: national, on match: drop}\n", "", "datasets.visits.opt out",
         "widens", "opt-out rule of 'visits' is taken out"),
        ("opt out: {check: national, on match: drop}", "opt out: {check: local}",
         "datasets.visits.opt out", "changes", "check: local"),
        ("file: tenants.csv", "file: people.csv", "datasets.tenants.file", "wording", "people.csv"),
        ("pairs: many to one", "pairs: one to one", "linkage.entities.person.pairs", "changes",
         "How many rows"),
        ("        - [postcode]\n", "        - [postcode]\n        - ['postcode:sector']\n",
         "linkage.entities.home.rules.1", "widens", "'postcode:sector'"),
        ("by: [housing officer, analyst]", "by: [housing officer]", "uses.at-risk.by.1", "narrows",
         "'analyst' among those who may ask"),
        ("training: [safe researcher]", "training: []", "uses.joined.training.0", "widens",
         "safe researcher"),
        ("tenants.score >= 60", "tenants.score >= 50", "uses.at-risk.criteria.costly home.test",
         "changes", "tenants.score >= 50"),
        ("      costly home: {test: tenants.score >= 60}\n",
         "      costly home: {test: tenants.score >= 60}\n      cheap: {test: tenants.score < 5}\n",
         "uses.at-risk.criteria.cheap", "changes", "The criterion 'cheap' of 'at-risk' is new."),
        ("min treated: 100", "min treated: 60", "uses.worth-it.min treated", "widens", "60"),
        ("ratio: 2", "ratio: 3", "uses.worth-it.match.ratio", "changes",
         "'uses.worth-it.match.ratio' is now 3, instead of 2."),
        ("caliper: 0.2, ", "", "uses.worth-it.match.caliper", "changes", "taken out"),
        ("min count: 12", "min count: 5", "outputs.worth-it.min count", "widens",
         "5, instead of 12"),
        ("checked by: [hospital, council]", "checked by: [hospital]",
         "outputs.worth-it.checked by.1", "widens", "'council' among those who check"),
        ("rows: own", "rows: all", "releases.1.rows", "widens", "'at-risk' for 'council'"),
        ("fields: [tenancy, flag]", "fields: [tenancy, flag]\n   , not found: separate",
         "releases.1.not found", "widens", "separate"),
        (", under: same terms}", "}", "releases.3.under", "widens", "taken out"),
        ("  - {of: worth-it, to: council}\n",
         "  - {of: worth-it, to: council}\n  - {of: worth-it, to: warmth}\n", "releases.3",
         "widens", "The release of 'worth-it' for 'warmth' is new."),
        ("at most per day: 5", "at most per day: 50", "reveal.0.at most per day", "widens", "50"),
        ("[re-identify, marketing]", "[re-identify]", "prohibitions.1", "widens",
         "The prohibition 'marketing' is taken out."),
        ("[re-identify, marketing]", "[re-identify, marketing, profiling]", "prohibitions.2",
         "narrows", "'profiling' is new"),
        ("[re-identify, marketing]", "[marketing, re-identify]", "prohibitions", "changes",
         "order of 'prohibitions'"),
        ("visits: {days: 30}", "visits: {days: 60}", "retention.visits", "widens",
         "'visits' is now kept for 60 days, instead of for 30 days."),
        ("visits: {days: 30}", "visits: {days: 1}", "retention.visits", "narrows", "for 1 day,"),
        ("visits: {days: 30}", "visits: delete after use", "retention.visits", "narrows",
         "only until it has been used"),
        ("stays: {after use: true}", "stays: {days: 3}", "retention.stays", "widens", "for 3 days"),
        ("joined: {until: 2028-12-31}", "joined: {until: 2029-12-31}", "retention.joined", "widens",
         "until 31 December 2029"),
        ("joined: {until: 2028-12-31}", "joined: {days: 3}", "retention.joined", "changes",
         "3 days"),
        ("at-risk: {days: 90, proof: receipt}", "at-risk: {days: 90, proof: certificate}",
         "retention.at-risk", "changes", "certificate"),
        ("safeguards:\n", "safeguards:\n  - {what: A locked door., evidence: a key}\n",
         "safeguards.0", "narrows", "'A locked door.' is new"),
        ("settled: The flag gives no reason.", "settled: It does not.",
         "weighing.red lines.0.settled", "changes", "It does not."),
        ("clause: purpose.nature", "clause: purpose.for", "weighing.conditions.0.clause", "changes",
         "The clause that the condition 'It prevents harm and punishes nobody.' became is now"),
        ("answer: Everybody is told by letter and may say no.", "answer: We will not.",
         "weighing.conditions.1.answer", "changes", "We will not."),
        ("departs:\n", "departs:\n    - {people said: No., because: We must., decided by: Us.}\n",
         "weighing.departs.0", "changes", "The decision against 'No.' is new"),
        ("passed over:\n",
         "passed over:\n    - {workshop: tenants, because: Few came., decided by: Us.}\n",
         "weighing.passed over.0", "changes", "The passing over of the workshop 'tenants' is new"),
        ("assessment: sha256:1", "assessment: sha256:4", "weighing.assessment", "changes",
         "Which assessment is bound now reads"),
        ("suspend: true", "suspend: false", "on breach.suspend", "changes", "is now no"),
        ("contact: homes@example.org", "contact: warm@example.org", "public.contact", "wording",
         "Whom to ask is now warm@example.org"),
    ],
)  # fmt: skip
def test_one_change_is_told_once_and_weighed(
    old: str, new: str, clause: str, weight: str, said: str
) -> None:
    (change,) = changes((old, new))
    assert (change.clause, change.weight) == (clause, weight)
    assert said in change.sentence


@pytest.mark.parametrize(
    ("clause", "name"),
    [
        ("purpose.nature", "the nature of the purpose"),
        ("prohibitions.1", "the prohibition 'marketing'"),
        ("prohibitions[0]", "the prohibition 're-identify'"),
        ("releases.1.fields", "'releases.1.fields'"),
        ("releases.1.rows", "whose rows are in the release of 'at-risk' for 'council'"),
        ("parties.council", "the party 'council'"),
        ("prohibitions.2", None),
        ("prohibitions.-1", None),
        ("prohibitions.first", None),
        ("parties.0", None),
        ("nothing", None),
        ("", None),
        (".", None),
        ("parties.hospital.kind", None),
    ],
)
def test_a_clause_has_a_name_in_plain_words_if_something_stands_at_it(
    clause: str, name: str | None
) -> None:
    assert named(OLD, clause) == name


def test_a_new_party_with_its_data_widens_in_each_place() -> None:
    told = changes(
        ("  matcher:\n    name", "  fire:\n    name: Fire Service\n    sector: fire\n"
         "    role: controller\n    signatory: {name: Flo Reid}\n  matcher:\n    name"),
        ("gateway:\n", "gateway:\n  fire: {basis: public task, power: 'https://example.org/f'}\n"),
        ("  visits:\n    from: warmth", "  visits:\n    from: fire"),
    )  # fmt: skip
    assert {change.clause: change.weight for change in told} == {
        "datasets.visits.from": "changes",
        "gateway.fire": "changes",
        "parties.fire": "widens",
    }
    assert "The party 'fire' is new." in {change.sentence for change in told}


def test_a_field_taken_out_narrows_and_put_back_widens() -> None:
    without = agreed(
        ("      stay after moving in: {test: stays.admitted >= tenants.moved_in, "
         "through: person}\n", ""),
        ("      winter stay: {test: stays.admitted >= 2026-11-01, through: person}\n", ""),
        ("      admitted: {is: payload, type: datetime, coarsen: day, sensitivity: high, "
         "why: stays in winter count}\n", ""),
    )  # fmt: skip
    weights = {change.clause: change.weight for change in compare(OLD, without)}
    assert weights["datasets.stays.fields.admitted"] == "narrows"
    weights = {change.clause: change.weight for change in compare(without, OLD)}
    assert weights["datasets.stays.fields.admitted"] == "widens"


def test_an_item_that_changed_is_told_apart_from_one_that_is_new() -> None:
    told = changes(
        ("  - {of: worth-it, to: council}\n", ""),
        ("{of: at-risk, to: council, rows: own", "{of: at-risk, to: council, rows: all"),
    )
    assert [(change.clause, change.weight) for change in told] == [
        ("releases.1.rows", "widens"),
        ("releases.2", "narrows"),
    ]


def test_retention_that_comes_and_goes_with_its_dataset_is_told() -> None:
    other = agreed(text=JUSTICE)
    said = {change.clause: change.sentence for change in compare(OLD, other)}
    assert said["retention.cohort"] == (
        "'cohort' is now kept only until it has been used; before, nothing was said."
    )
    assert said["retention.visits"] == "How long 'visits' is kept is no longer said."
    assert said["agreement"].startswith("The agreement's name is now justice-data-lab")


@pytest.mark.parametrize("every", [6, pytest.param(1, marks=pytest.mark.slow)])
def test_no_change_of_one_word_in_the_text_is_silent(every: int) -> None:
    """Whichever line of the text is taken out, either the text is refused or a change is told."""
    lines = EVERY.splitlines(keepends=True)
    for number, line in list(enumerate(lines))[::every]:
        text = "".join(lines[:number] + lines[number + 1 :])
        if line.strip() and not problems(text):
            new = parse(text).agreement
            assert bool(compare(OLD, new)) == (digest(new) != digest(OLD)), line
