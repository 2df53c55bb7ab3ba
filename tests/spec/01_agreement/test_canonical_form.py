"""One agreement has one canonical form, and its digest changes with its meaning only."""

from __future__ import annotations

import json
from datetime import date

import pytest
from agreement_texts import EVERY, TEXTS, agreed, changed

from equipoise.agree.canonical import canonical_bytes, canonical_json, digest, digest_of
from equipoise.agree.parse import parse


def test_the_digest_is_the_hash_of_the_canonical_bytes() -> None:
    # SHA-256 of the empty text is published in FIPS 180-4's examples.
    assert digest_of(b"") == (
        "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    )
    agreement = agreed()
    assert digest(agreement) == digest_of(canonical_json(agreement))


def test_layout_comments_quotes_and_the_order_of_keys_do_not_count() -> None:
    rewritten = changed(
        ("version: 2\ntitle: Warm homes for people who were in hospital\n",
         "# a comment\ntitle:   'Warm homes for people who were in hospital'\nversion: 2\n"),
        ("for: [individuals, providers]", "for:\n    - individuals\n    - providers"),
    )  # fmt: skip
    assert digest(parse(rewritten).agreement) == digest(agreed())


def test_the_order_of_rules_counts() -> None:
    first = "        - [surname, forename, birth_date]\n"
    second = '        - ["surname:sound", "birth_date:year", "postcode:district"]\n'
    assert digest(agreed((first + second, second + first))) != digest(agreed())


def test_the_same_letters_typed_in_two_ways_are_the_same() -> None:
    composed = changed(("Cerys Jones", "Cérys Jones"))
    taken_apart = changed(("Cerys Jones", "Ce\u0301rys Jones"))
    assert composed != taken_apart
    assert digest(parse(composed).agreement) == digest(parse(taken_apart).agreement)


def test_what_is_left_out_is_written_with_its_meaning() -> None:
    written = json.loads(canonical_json(agreed()))
    assert written["outputs"]["at-risk"]["min count"] == 10
    assert written["retention"]["tenants"] == {"after use": True, "proof": "receipt"}
    explicit = changed(
        ("at-risk: {form: identifiable,", "at-risk: {form: identifiable, min count: 10,")
    )
    assert digest(parse(explicit).agreement) == digest(agreed())


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
def test_the_canonical_form_is_itself_a_text_of_the_agreement(text: str) -> None:
    agreement = parse(text).agreement
    again = parse(canonical_json(agreement).decode()).agreement
    assert again == agreement
    assert canonical_json(again) == canonical_json(agreement)


def test_canonical_bytes_have_sorted_keys_no_spaces_and_plain_numbers() -> None:
    value = {"b": [1.0, 2.5, -0.0, True, None, (3,)], "a": "é\n"}
    assert canonical_bytes(value) == '{"a":"é\\n","b":[1,2.5,0,true,null,[3]]}'.encode()


@pytest.mark.parametrize(
    ("value", "error"),
    [
        (float("nan"), ValueError),
        (float("inf"), ValueError),
        ({1: "a"}, TypeError),
        ({"é": 1, "e\u0301": 2}, ValueError),
        ({"a": date(2027, 1, 1)}, TypeError),
        ({"a": b"bytes"}, TypeError),
        ("\ud800", ValueError),
    ],
)
def test_what_has_no_canonical_form_is_refused(value: object, error: type[Exception]) -> None:
    with pytest.raises(error):
        canonical_bytes(value)


def test_every_text_in_the_chapter_has_its_own_digest() -> None:
    assert len({digest(parse(text).agreement) for text in TEXTS.values()}) == len(TEXTS)
    assert EVERY in TEXTS.values()
