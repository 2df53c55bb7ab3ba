"""Whoever was known is known again when a new file comes, and nobody is linked over again."""

from __future__ import annotations

from datetime import datetime

import numpy as np
import pyarrow as pa
import pytest
from identity_registers import RULES, day, drawing, empty, rows, take, who

from equipoise.carry.identity import Batch, Resolution, deliver, exact_matcher, links, matcher_of
from equipoise.errors import DataRefused, EquipoiseError, IntegrityRefused, StateRefused

MANY = Resolution()


def codes(error: pytest.ExceptionInfo[EquipoiseError]) -> list[str]:
    return [problem.code for problem in error.value.problems]


def test_each_person_of_a_first_file_gets_an_identity() -> None:
    register, taken = take(empty(), 0, {"gp": ["a b c", "d e f", "g h i"]})
    assert who(register) == {"gp": [0, 1, 2]}
    assert (taken.datasets[0].new, taken.datasets[0].identities, taken.identities) == (3, 3, 3)


def test_a_second_file_meets_the_first() -> None:
    register, taken = take(empty(), 0, {"gp": ["a b c", "d e f"], "care": ["x b y", "m n o"]})
    assert who(register) == {"gp": [0, 1], "care": [0, 2]}
    assert [(each.met, each.new) for each in taken.datasets] == [(0, 2), (1, 1)]


def test_a_person_keeps_the_identity_when_the_file_comes_again() -> None:
    """Somebody moved (another first token), somebody left, somebody came, and the order changed."""
    register, _ = take(empty(), 0, {"gp": ["a b c", "d e f", "g h i"]})
    register, taken = take(register, 90, {"gp": ["n1 n2 n3", "z e f", "a b c"]})
    assert who(register) == {"gp": [3, 1, 0]}
    told = taken.datasets[0]
    assert (told.met, told.new, told.ended) == (2, 1, 2)
    assert (taken.forgotten, taken.retired, taken.identities) == (2, 1, 3)


def test_a_delivery_taken_in_twice_changes_nothing() -> None:
    register, _ = take(empty(), 0, {"gp": ["a b c", "d e f"]})
    batch = Batch("gp", rows("a b c", "d e f", named="gp 0"))
    again, taken = deliver(
        register, [batch], at=day(1), draw=drawing(9), matcher=exact_matcher(RULES)
    )
    assert again == register or again.records.equals(register.records)
    assert again.events.equals(register.events)
    assert taken.datasets[0].known == 2


def test_an_identifier_is_the_randomness_that_was_passed_in_and_nothing_else() -> None:
    """The same people under other randomness have other identifiers; others under the same
    randomness have the same ones."""
    one, _ = take(empty(), 0, {"gp": ["a b c", "d e f"]}, seed=1)
    two, _ = take(empty(), 0, {"gp": ["a b c", "d e f"]}, seed=2)
    three, _ = take(empty(), 0, {"gp": ["p q r", "s t u"]}, seed=1)
    assert one.identities["identifier"] != two.identities["identifier"]
    assert one.identities["identifier"] == three.identities["identifier"]
    assert one.identities["identifier"].to_pylist() == [
        drawing(1)(32)[:16],
        drawing(1)(32)[16:],
    ]


def test_randomness_that_repeats_itself_is_refused() -> None:
    batch = Batch("gp", rows("a b c", "d e f"))
    for source in (bytes, lambda size: b"x"):
        with pytest.raises(IntegrityRefused) as refused:
            deliver(empty(), [batch], at=day(0), draw=source, matcher=exact_matcher(RULES))
        assert codes(refused) == ["IDR001"]


def test_a_row_that_could_be_two_people_is_nobody_s() -> None:
    register, _ = take(empty(), 0, {"gp": ["a s -", "b s -"]})
    register, taken = take(register, 1, {"care": ["c s -"]})
    assert who(register)["care"] == [2]
    assert taken.datasets[0].uncertain == 1


def test_the_better_of_two_people_is_taken_where_one_is_better() -> None:
    """A household shares the weak token; the strong one tells its people apart."""
    register, _ = take(empty(), 0, {"gp": ["a s -", "b s -"]})
    register, taken = take(register, 1, {"care": ["b s -"]})
    assert who(register)["care"] == [1]
    assert taken.datasets[0].uncertain == 0


def test_one_to_one_lets_the_better_row_have_the_identity() -> None:
    """A twin in the new file has the other's weak token only: it is somebody else."""
    register, _ = take(empty(), 0, {"gp": ["a s -"]})
    register, _ = take(register, 1, {"care": ["t s -", "a s -"]})
    assert who(register)["care"] == [1, 0]
    register, _ = take(empty(), 0, {"gp": ["a s -"]})
    register, _ = take(register, 1, {"care": ["t s -", "a s -"]}, resolution=MANY)
    assert who(register)["care"] == [0, 0], "many to one: the weak token is enough"


def test_who_loses_an_identity_to_a_better_row_looks_at_the_next() -> None:
    register, _ = take(empty(), 0, {"gp": ["a s -", "- s2 w"]})
    register, _ = take(register, 1, {"care": ["a s -", "q s w"]})
    assert who(register)["care"] == [0, 1]


def test_a_record_that_a_file_holds_twice_is_one_record() -> None:
    register, taken = take(empty(), 0, {"gp": ["a b c", "a b c", "d e f"]})
    assert who(register) == {"gp": [0, 0, 1]}
    register, taken = take(register, 1, {"gp": ["a b c", "a b c", "d e f", "a b c"]})
    assert who(register) == {"gp": [0, 0, 1, 0]}
    assert taken.identities == 2


def test_rows_of_one_file_are_one_person_only_by_the_strongest_rule() -> None:
    register, _ = take(empty(), 0, {"gp": ["a b c", "a d e", "x b f"]}, resolution=MANY)
    assert who(register) == {"gp": [0, 0, 1]}


def test_likenesses_in_a_chain_make_nobody_one() -> None:
    """1 is like 2 and 2 like 3, but 1 is not like 3: three rows never become one by a chain."""
    matcher = matcher_of(
        lambda left, right: (
            np.array([0, 1]), np.array([1, 2]), np.array([0.9, 0.8])
        ) if left.num_rows == 3 else (np.zeros(0, np.int64), np.zeros(0, np.int64), np.zeros(0))
    )  # fmt: skip
    batch = Batch("gp", rows("a b c", "d e f", "g h i", named="gp 0"))
    register, _ = deliver(empty(), [batch], at=day(0), draw=drawing(), matcher=matcher)
    assert who(register) == {"gp": [0, 0, 1]}


def test_records_of_one_delivery_gather_round_an_identity_and_not_round_each_other() -> None:
    """The second row is like the first of its own delivery only; it is not drawn in by it."""
    register, _ = take(empty(), 0, {"gp": ["a b c"]})
    register, _ = take(register, 1, {"care": ["a n c", "- n -"]}, resolution=MANY)
    assert who(register)["care"] == [0, 1]


def test_a_row_without_any_token_is_like_no_other() -> None:
    register, taken = take(empty(), 0, {"gp": ["- - -", "- - -"]})
    assert who(register) == {"gp": [0, 1]}
    assert taken.datasets[0].without == 2


def test_a_token_that_stands_on_a_crowd_pairs_nobody() -> None:
    crowd = [f"a{n} s -" for n in range(25)]
    register, _ = take(empty(), 0, {"gp": crowd})
    register, taken = take(register, 1, {"care": ["z s -"]})
    assert who(register)["care"] == [25]
    assert taken.datasets[0].uncertain == 0


def test_somebody_who_comes_back_in_time_is_known_again() -> None:
    first = {"gp": ["a b c", "d e f"]}
    for absent, expected in ((0, [2, 1]), (400, [0, 1])):
        register, _ = take(empty(), 0, first)
        register, _ = take(register, 100, {"gp": ["d e f"]}, absent_days=absent)
        register, _ = take(register, 200, {"gp": ["a b c", "d e f"]}, absent_days=absent)
        assert who(register)["gp"] == expected


def test_somebody_who_comes_back_too_late_is_a_new_identity() -> None:
    register, _ = take(empty(), 0, {"gp": ["a b c", "d e f"]}, absent_days=50)
    register, _ = take(register, 100, {"gp": ["d e f"]}, absent_days=50)
    register, taken = take(register, 149, {"gp": ["d e f"]}, absent_days=50)
    assert taken.retired == 0
    register, taken = take(register, 150, {"gp": ["d e f"]}, absent_days=50)
    assert taken.retired == 1
    register, _ = take(register, 151, {"gp": ["a b c", "d e f"]}, absent_days=50)
    assert who(register)["gp"] == [2, 1], "identity 0 is retired and never given again"


def test_links_carry_their_validity_in_time() -> None:
    register, _ = take(empty(), 0, {"gp": ["a b c", "d e f"]}, absent_days=900)
    register, _ = take(register, 90, {"gp": ["a b c"]}, absent_days=900)
    told = links(register).select(["identity", "valid_from", "valid_to"]).to_pylist()
    assert told == [
        {"identity": 0, "valid_from": day(0), "valid_to": None},
        {"identity": 1, "valid_from": day(0), "valid_to": day(90)},
    ]
    then = links(register, day(50))
    assert then["identity"].to_pylist() == [0, 1]
    assert links(register, day(91))["identity"].to_pylist() == [0]


def test_what_comes_before_the_newest_event_is_refused() -> None:
    register, _ = take(empty(), 10, {"gp": ["a b c"]})
    with pytest.raises(StateRefused) as refused:
        take(register, 9, {"gp": ["d e f"]})
    assert codes(refused) == ["IDR010"]
    batch = Batch("gp", rows("d e f"))
    with pytest.raises(DataRefused) as unzoned:
        deliver(
            register, [batch], at=datetime(2027, 1, 1), draw=drawing(), matcher=exact_matcher(RULES)
        )
    assert codes(unzoned) == ["IDR011"]


def test_a_delivery_encoded_under_other_rules_is_refused() -> None:
    odd = rows("a b c").drop_columns(["person.2"])
    twice = pa.concat_tables([rows("a b c"), rows("d e f")])
    with pytest.raises(DataRefused) as refused:
        deliver(
            empty(),
            [Batch("gp", odd), Batch("care", twice)],
            at=day(0), draw=drawing(), matcher=exact_matcher(RULES),
        )  # fmt: skip
    assert codes(refused) == ["IDR002", "IDR003"]


def test_two_identities_that_one_row_fits_are_proposed_as_one() -> None:
    """Nobody is merged unasked: the row joins the one that fits it best, and people are told."""
    register, _ = take(empty(), 0, {"gp": ["a - -", "- b -"]})
    register, taken = take(register, 1, {"care": ["a b -"]})
    assert taken.proposed == 0, "the second agrees by a weak rule only"
    sure = Resolution(propose=0.6)
    register, _ = take(empty(), 0, {"gp": ["a - -", "- b -"]})
    register, taken = take(register, 1, {"care": ["a b -"]}, resolution=sure)
    assert (taken.proposed, taken.merged) == (1, 0)
    assert who(register) == {"gp": [0, 1], "care": [0]}


def test_the_machine_merges_only_where_it_may_and_where_no_third_is_meant() -> None:
    may = Resolution(propose=0.55, merge=True)
    register, _ = take(empty(), 0, {"gp": ["a - -", "- b -", "e - -", "- f -", "- - g"]})
    register, taken = take(register, 1, {"care": ["a b -", "e f -", "e - g"]}, resolution=may)
    assert taken.merged == 1
    assert who(register) == {"gp": [0, 0, 2, 3, 4], "care": [0, 2, 2]}
    assert taken.proposed == 2


def test_an_identity_that_draws_too_many_gathers_no_more() -> None:
    few = Resolution(crowded=3)
    register, _ = take(empty(), 0, {"gp": ["a b c"]})
    for number in range(1, 6):
        register, _ = take(register, number, {f"d{number}": [f"x{number} b c"]}, resolution=few)
    assert [who(register)[f"d{n}"][0] for n in range(1, 6)] == [0, 0, 0, 1, 1]
