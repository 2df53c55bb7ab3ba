"""A program that was written from the page alone makes the product's filters and tokens.

The page is ``docs/explanation/encodings.md``; the program, ``by_the_page``, imports nothing of the
product. What the page gives as test vectors is held here as well.
"""

from __future__ import annotations

from datetime import date

import pytest
from by_the_page import PAGE, Record
from by_the_page import kinds as kinds_on_page
from in_modes import COMPARE, KEY, SPINE, agreed, ids
from test_17_01_wire import MASTER, REFERENCE, one_row

from equipoise.carry.encode import wire
from equipoise.carry.encode.outgoing import outgoing
from equipoise.carry.encode.record import STRENGTHS
from equipoise.carry.encode.record_plan import USES

FIELDS = {"forename": "forename", "surname": "surname", "birth_date": "date",
          "postcode": "postcode", "uprn": "uprn"}  # fmt: skip
FORMS = {"forename": "WILL", "surname": "ONEILL", "birth_date": "1980-04-03",
         "postcode": "EQ10AA", "uprn": "100"}  # fmt: skip
PARTS = {
    ("forename", "sound"): "WLM", ("forename", "initial"): "W",
    ("surname", "sound"): "ANL", ("surname", "initial"): "O",
    ("birth_date", "year"): "1980", ("birth_date", "month and day"): "04-03",
    ("birth_date", "year and month"): "1980-04",
    ("postcode", "whole"): "EQ10AA", ("uprn", "whole"): "100",
}  # fmt: skip
"""Will O'Neill, born on 3 April 1980, at EQ1 0AA, property 100. Will is short for William."""


def made(strength: str, **values: object) -> tuple[bytes, bytes]:
    """The filter and the tokens as the product sends them."""
    of = agreed("encoded", strength=strength, compare=list(COMPARE))
    whole = {"forename": "Will", "surname": "O'Neill", "birth_date": date(1980, 4, 3),
             "postcode": "eq1 0aa", "uprn": "100"} | values  # fmt: skip
    row = outgoing(one_row(**whole), of, SPINE, KEY, ids(1))
    return row["person.filter"][0].as_py(), row["person.meeting"][0].as_py()


def by_page(strength: str, forms: dict[str, str], parts: dict) -> tuple[bytes, bytes]:
    how = STRENGTHS[strength]
    program = Record(MASTER, REFERENCE, "person", FIELDS)
    found = program.filter(forms, parts, how.bits, how.inner, how.diffusion)
    return found, program.tokens(parts)


def test_the_page_has_every_kind_as_it_is() -> None:
    held = {kind: (use.weight, dict(use.salts), use.home) for kind, use in USES.items()}
    assert kinds_on_page() == held


@pytest.mark.parametrize("strength", ["standard", "high"])
def test_the_other_program_makes_the_same_filter_and_tokens(strength: str) -> None:
    assert by_page(strength, FORMS, PARTS) == made(strength)


def test_with_something_missing_too() -> None:
    """No surname and no property, and 1 January, which says no more than the year."""
    forms = {k: v for k, v in FORMS.items() if k not in ("surname", "uprn")}
    forms["birth_date"] = "1975-01-01"
    without = {("birth_date", "month and day"), ("birth_date", "year and month")}
    parts = {k: v for k, v in PARTS.items() if k[0] in forms and k not in without}
    parts["birth_date", "year"] = "1975"
    expected = made("standard", surname=None, uprn=None, birth_date=date(1975, 1, 1))
    assert by_page("standard", forms, parts) == expected


def test_the_other_program_chooses_the_tokens_that_the_manifest_names() -> None:
    of = agreed("encoded", compare=list(COMPARE))
    told = wire.layout_of(of, SPINE)["entities"]["person"]["meeting"]["tokens"]
    own = Record(MASTER, REFERENCE, "person", FIELDS).token_sets()
    assert [[f"{name}:{part}" for name, part in some] for some in own] == [*map(list, told)]


def test_the_vectors_of_the_page_are_these() -> None:
    page = PAGE.read_text(encoding="utf-8").replace("\n", " ")
    found, tokens = made("standard")
    assert f"`{found[:32].hex()}`" in page
    assert f"`{tokens[:16].hex()}`" in page
