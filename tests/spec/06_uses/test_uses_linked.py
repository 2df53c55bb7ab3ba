"""U1, linked: minimised tables that share a pseudonym, and how good the links are."""

import pyarrow as pa
import pytest
from planted import agreement, named, run, with_use

from equipoise.carry.uses import USES
from equipoise.carry.uses.intervals import wilson
from equipoise.errors import DocumentRefused


def keys(*values: int) -> pa.Array:
    return pa.array(values, pa.uint64())


JOINED = {"use": "linked", "entity": "person", "keep": ["offenders.sex", "cohort.started_on"]}
CHECK = {
    "dataset": "truth",
    "left": "offenders.ref",
    "left known": "truth.one",
    "right": "cohort.ref",
    "right known": "truth.two",
}


@pytest.fixture
def tables() -> dict[str, pa.Table]:
    """Links made: a-x, b-y, c-z, and e-v (wrong). Known: a-x, b-y, c-z, d-w, and one lost."""
    return {
        "offenders": pa.table(
            {
                "ref": ["e", "d", "c", "b", "a"],
                "sex": ["F", "M", "F", "M", "F"],
                "pseudonym_person": keys(9, 4, 3, 2, 1),
            }
        ),
        "cohort": pa.table(
            {
                "ref": ["x", "y", "z", "w", "v"],
                "started_on": pa.array([1, 2, 3, 4, 5], pa.int32()),
                "pseudonym_person": keys(1, 2, 3, 8, 9),
            }
        ),
        "truth": pa.table(
            {
                "one": ["a", "b", "c", "d", "gone", "a", None],
                "two": ["x", "y", "z", "w", "lost", "x", "q"],
            }
        ),
    }


def test_kept_fields_go_out_for_linked_rows_in_the_order_of_the_pseudonym(tables):
    base = with_use(agreement("justice-data-lab"), "joined", JOINED)
    result = run(base, "joined", tables)
    assert named(result, "linked_offenders") == [
        {"pseudonym_person": 1, "sex": "F"},
        {"pseudonym_person": 2, "sex": "M"},
        {"pseudonym_person": 3, "sex": "F"},
        {"pseudonym_person": 9, "sex": "F"},
    ]
    cohort = next(o for o in result.outputs if o.name == "linked_cohort")
    assert cohort.kind == "linked"
    assert [c.kind for c in cohort.columns] == ["pseudonym", "value"]
    assert cohort.table.column("started_on").to_pylist() == [1, 2, 3, 5]


def test_without_kept_fields_only_quality_is_reported(tables):
    base = with_use(agreement("justice-data-lab"), "joined", {**JOINED, "keep": []})
    result = run(base, "joined", tables)
    assert [o.name for o in result.outputs] == ["links"]
    assert named(result, "links") == [
        {"dataset": "offenders", "rows": 5, "linked": 4, "share_linked": 80.0},
        {"dataset": "cohort", "rows": 5, "linked": 4, "share_linked": 80.0},
    ]
    said = USES["linked"].describe(base, "joined", {o.name: o for o in result.outputs})
    assert "No known pairs were given" in said[-1]


def test_an_empty_dataset_has_no_share(tables):
    base = with_use(agreement("justice-data-lab"), "joined", {**JOINED, "keep": []})
    result = run(base, "joined", {**tables, "cohort": tables["cohort"].slice(0, 0)})
    assert [r["share_linked"] for r in named(result, "links")] == [0.0, None]


def test_links_are_held_against_known_pairs(tables):
    # By hand: 4 made, 3 of them right, 5 distinct pairs known.
    base = with_use(agreement("justice-data-lab"), "joined", {**JOINED, "keep": [], "check": CHECK})
    result = run(base, "joined", tables)
    assert {r["what"]: r["pairs"] for r in named(result, "link_check")} == {
        "known pairs": 5,
        "links made": 4,
        "correct links": 3,
        "wrong links": 1,
        "known pairs missed": 2,
    }
    quality = {r["what"]: r for r in named(result, "link_quality")}
    assert quality["precision"]["value"] == 0.75
    assert quality["recall"]["value"] == 0.6
    assert quality["F1"]["value"] == pytest.approx(2 * 0.75 * 0.6 / 1.35)
    for row in quality.values():
        assert 0 < row["low"] < row["value"] < row["high"] < 1
    checks = {o.name: o for o in result.outputs}
    said = USES["linked"].describe(base, "joined", checks)
    assert any("recall is 0.600" in sentence for sentence in said)
    assert set(USES["linked"].pictures(base, "joined", checks)) == {"links.svg", "quality.svg"}
    assert USES["linked"].pictures(base, "joined", {}) == {}
    assert len(USES["linked"].describe(base, "joined", {})) == 1


def test_many_rows_of_one_person_make_every_pair(tables):
    many = pa.concat_tables([tables["cohort"], tables["cohort"].slice(0, 1)])
    many = many.set_column(0, "ref", pa.array(["x", "y", "z", "w", "v", "x2"]))
    base = with_use(agreement("justice-data-lab"), "joined", {**JOINED, "keep": [], "check": CHECK})
    counts = {
        r["what"]: r["pairs"]
        for r in named(run(base, "joined", {**tables, "cohort": many}), "link_check")
    }
    assert counts["links made"] == 5


def test_with_no_links_precision_is_unknown_and_not_nought(tables):
    base = with_use(agreement("justice-data-lab"), "joined", {**JOINED, "keep": [], "check": CHECK})
    apart = tables["cohort"].set_column(2, "pseudonym_person", keys(11, 12, 13, 14, 15))
    nothing = tables["truth"].slice(0, 0)
    result = run(base, "joined", {**tables, "cohort": apart, "truth": nothing})
    assert [r["value"] for r in named(result, "link_quality")] == [None, None, None]
    said = USES["linked"].describe(base, "joined", {o.name: o for o in result.outputs})
    assert not any("precision" in sentence for sentence in said)


def test_the_score_interval_is_wilsons():
    # Newcombe 1998, Stat Med 17:857, table I: 81 of 263 and 0 of 20.
    assert wilson(81, 263) == pytest.approx((0.2553, 0.3662), abs=5e-5)
    assert wilson(0, 20) == pytest.approx((0.0, 0.1611), abs=5e-5)


def test_an_entity_that_is_not_declared_is_refused(tables):
    base = with_use(agreement("justice-data-lab"), "joined", {**JOINED, "entity": "home"})
    with pytest.raises(DocumentRefused) as refused:
        run(base, "joined", tables)
    assert [p.code for p in refused.value.problems] == ["USE012"]
    alone = base.model_copy(update={"linkage": None})
    with pytest.raises(DocumentRefused, match="none is declared"):
        run(alone, "joined", tables)
