"""The link report says in figures and in words what each rule did, and adds up."""

from __future__ import annotations

import json
import re

import pytest
from link_tables import linked

from equipoise.carry.identity.report import Taken
from equipoise.carry.link.report import Compared, DatasetCount, LinkReport

FOUND = linked({
    "left": {"L1": "a x", "L2": "b y", "L3": "c z", "L4": "c -"},
    "right": {"R1": "a x", "R2": "- y", "R3": "c q", "R4": "d q", "R5": "- -"},
    "other": {},
})  # fmt: skip


def test_each_rule_accounts_for_every_row_it_was_tried_on():
    right = FOUND.report.datasets[0]
    first, second = right.rules
    assert (first.tried, first.found, first.ambiguous) == (5, 1, 1)
    assert (first.missing, first.absent) == (2, 1)
    assert (second.tried, second.found, second.ambiguous) == (4, 1, 0)
    assert (second.missing, second.absent) == (1, 2)
    assert (right.rows, right.linked, right.unlinked, right.spine_linked) == (5, 2, 3, 2)
    assert right.rate == 0.4
    assert FOUND.report.datasets[1].rate == 0.0


def test_it_reads_in_plain_words():
    lines = FOUND.report.sentences()
    assert lines[0] == (
        "Rows about the same person were sought in 2 datasets and joined to 4 rows of left "
        "(one to one)."
    )
    assert lines[1] == "right: 2 of 5 rows were linked (40.0%), to 2 rows of left; 3 were not."
    assert lines[2] == (
        "Rule 1 (surname): 1 linked, 1 could have meant several rows, 2 lacked a part, "
        "1 met nobody."
    )
    assert "never guessed" in lines[-1]


@pytest.mark.parametrize(("rows", "same", "told"), [(100, 0, 1), (20, 0, 0), (100, 2, 0)])
def test_that_hardly_anybody_was_linked_is_told_by_rules_too(rows, same, told):
    """To everybody alike: to be told of two in a hundred as of none would be untrue."""
    left = {f"L{n}": f"a{n}" for n in range(rows)}
    right = {f"R{n}": f"a{n}" if n < same else f"b{n}" for n in range(rows)}
    report = linked({"left": left, "right": right}).report
    for each in (report, report.rounded(10, 10)):
        lines = [line for line in each.sentences() if line.startswith("Look into this")]
        assert len(lines) == told
        assert all("fewer than one in a hundred" in line for line in lines)


def test_it_goes_to_json_with_its_rates():
    whole = json.loads(json.dumps(FOUND.report.as_dict()))
    assert whole["datasets"][0]["rate"] == 0.4
    assert whole["datasets"][0]["unlinked"] == 3


@pytest.mark.parametrize(("least", "base"), [(10, 10), (10, 5), (10, 50), (3, 25), (1, 1)])
def test_what_is_said_of_few_is_true_however_coarsely_counts_are_rounded(least, base):
    """Twenty rows, rounded to the nearest fifty, are nothing; they are not fewer than ten."""
    for rows in range(1, 3 * base):
        exact = LinkReport("person", "left", rows, "one to one", rows, ())
        told = exact.rounded(least, base)
        taken = Taken("person", (), 0, 0, 0, 0, rows).rounded(least, base)
        for line in (told.sentences()[0], taken.sentences()[-1]):
            if said := re.search(r"fewer than (\d+)", line):
                assert rows < int(said[1]), (rows, line)
            else:
                about = int(re.search(r"about ([0-9]+)", line)[1])
                assert about >= least and abs(about - rows) <= base / 2


def compared(**estimates):
    told = Compared(("surname",), 0.9, 200, 0, 0, (), **estimates)
    return LinkReport(
        "person",
        "left",
        500,
        "one to one",
        700,
        (DatasetCount("right", 400, 200, 200, (), told),),
        "enclave",
    )


def test_a_rounded_share_is_not_told_to_a_thousandth():
    exact = compared(
        precision=0.9834,
        recall=0.912,
        precision_between=(0.911, 0.998),
        recall_between=(0.85, 0.97),
    )
    whole, rounded = (" ".join(one.sentences()) for one in (exact, exact.rounded(10, 10)))
    assert "98.3% (95% interval 91.1% to 99.8%)" in whole
    assert "98% (95% interval 91% to 100%)" in rounded
    assert not re.search(r"\d\.\d%", rounded)
    filters = compared(precision=0.9834, recall=None, of_those_seen=0.955).rounded(10, 10)
    assert not re.search(r"\d\.\d%", " ".join(filters.sentences()))


def test_an_estimate_of_what_was_found_says_what_it_cannot_see():
    told = " ".join(compared(precision=0.98, recall=0.91).sentences())
    assert "Where they come together" in told
    assert "come together" not in " ".join(compared(precision=0.98, recall=None).sentences())


@pytest.mark.parametrize("mode", ["exact", "encoded", "enclave", "identified"])
def test_what_rules_alone_linked_is_not_said_to_be_compared(mode):
    by_rules = LinkReport(
        "home", "left", 1, "one to one", 1, (DatasetCount("r", 1, 1, 1, ()),), mode
    )
    assert "left to the next rule" in by_rules.sentences()[-1]
    assert "likelier" in compared(precision=None, recall=None).sentences()[-1]
