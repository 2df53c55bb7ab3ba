"""Why two rows are linked or not, in a form that each mode may show."""

from xml.etree import ElementTree

import numpy as np
import pytest
from planted_links import FEW, case

from equipoise.carry.link.explain import as_dict, explain, explain_record, waterfall_rows
from equipoise.charts import waterfall
from equipoise.errors import UsageRefused


@pytest.fixture(scope="module")
def made():
    return case(800, 1, 0.1, FEW)


def some(made, number=60):
    return np.random.default_rng(1).choice(len(made.found.chance), number, replace=False)


@pytest.mark.parametrize("mode", ["identified", "enclave"])
def test_the_steps_add_up_to_the_probability(made, mode):
    for pair in some(made):
        told = explain(made.found, made.left, made.right, int(pair), mode=mode)
        total = sum(step.bits for step in told.steps)
        assert told.bits == pytest.approx(total, abs=1e-6)
        chance = 1 / (1 + 2.0**-total)
        assert chance == pytest.approx(made.found.chance[pair], abs=1e-6)
        assert told.linked == made.found.linked[pair]


def test_each_field_is_named_with_how_alike_the_values_are(made):
    pair = int(np.flatnonzero(made.found.linked)[0])
    told = explain(made.found, made.left, made.right, pair)
    assert [step.what for step in told.steps if step.kind == "field"] == list(FEW)
    kinds = [step.kind for step in told.steps]
    assert kinds[0] == "start" and kinds[-3:] == ["kin", "pattern", "rivals"]


def test_no_value_is_ever_shown(made):
    rows = made.files.left.to_pylist(), made.files.right.to_pylist()
    for pair in some(made):
        found = made.found.scored
        values = {
            str(rows[side][int(at[pair])][name])
            for side, at in enumerate((found.left, found.right))
            for name in ("forename", "surname", "postcode", "record_id")
        }
        for mode in ("identified", "enclave"):
            told = explain(made.found, made.left, made.right, int(pair), mode=mode)
            words = " ".join(told.lines()).split()
            assert not values & set(words)


def test_an_enclave_does_not_tell_of_which_field_a_value_is_rare(made):
    pair = int(np.flatnonzero(made.found.linked)[0])
    field_bits = {}
    for other in np.flatnonzero(made.found.scored.pattern == made.found.scored.pattern[pair])[:20]:
        told = explain(made.found, made.left, made.right, int(other), mode="enclave")
        for step in told.steps:
            if step.kind == "field":
                field_bits.setdefault(step.what, set()).add(round(step.bits, 9))
        assert not any("rare value" in step.found for step in told.steps if step.kind == "field")
    assert all(len(each) == 1 for each in field_bits.values())


@pytest.mark.parametrize("mode", ["encoded", "exact"])
def test_other_modes_are_refused_field_by_field(made, mode):
    with pytest.raises(UsageRefused) as caught:
        explain(made.found, made.left, made.right, 0, mode=mode)
    assert [problem.code for problem in caught.value.problems] == ["LNK301"]


def test_a_pair_that_is_not_there_is_refused(made):
    for pair in (-1, len(made.found.chance)):
        with pytest.raises(UsageRefused) as caught:
            explain(made.found, made.left, made.right, pair)
        assert [problem.code for problem in caught.value.problems] == ["LNK302"]


def test_an_encoded_link_tells_a_band_and_nothing_else():
    told = [explain_record(chance, linked=True) for chance in (0.9512, 0.9799)]
    assert told[0] == told[1]
    assert told[0].steps == () and told[0].probability == 0.95
    assert told[0].lines() == (told[0].words,)
    assert "nothing else can be told" in told[0].words
    apart = explain_record(0.2, linked=False)
    assert "too little to be linked" in apart.words and apart.probability == 0


def test_the_table_reads_in_a_terminal(made):
    pair = int(np.flatnonzero(made.found.linked)[0])
    lines = explain(made.found, made.left, made.right, pair).lines()
    assert lines[0].split() == ["what", "found", "bits", "so", "far"]
    assert len({len(line) for line in lines[:-1]}) == 1
    assert lines[-1].startswith("Probability at least")


def test_the_picture_says_in_words_what_it_draws(made):
    pair = int(np.flatnonzero(made.found.linked)[0])
    told = explain(made.found, made.left, made.right, pair)
    drawn = waterfall("Why two rows are linked", waterfall_rows(told), ends=told.words)
    picture = ElementTree.fromstring(drawn)
    said = picture.find("{http://www.w3.org/2000/svg}desc").text
    assert all(step.what in said for step in told.steps)
    assert told.words in said
    assert len(as_dict(told)["steps"]) == len(told.steps)


def test_a_step_that_weighs_nothing_is_drawn_too():
    drawn = waterfall("Nothing", [("a field", "missing", 0.0)], ends="Even.")
    assert "a field: missing" in drawn and "Together 0.0 bits" in drawn
