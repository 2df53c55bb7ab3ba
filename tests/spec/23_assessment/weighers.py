"""People who weigh: three raters with minds of their own, the draft before them, and a closing."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import yaml

from equipoise.agree.document import Agreement
from equipoise.agree.parse import parse
from equipoise.weigh.assess.assessment import Assessment, answered, begun, closed
from equipoise.weigh.assess.closing import Closing
from equipoise.weigh.assess.reading import read_part
from equipoise.weigh.assess.sheet import Sheet
from equipoise.weigh.catalogue import catalogue
from equipoise.weigh.questions import questions

ROOT = Path(__file__).parents[3]
DRAFT = (ROOT / "examples" / "fuel-poverty" / "agreement.yaml").read_text(encoding="utf-8")
ITEMS = catalogue()
FACTORS = tuple(item.id for item in ITEMS.of("factors"))
LINE = "No supplier may turn somebody off because of the answer."
CONDITION = "People can ask a person why they did not get it."


def draft(*swaps: tuple[str, str]) -> Agreement:
    """The fuel poverty agreement with texts swapped."""
    text = DRAFT
    for old, new in swaps:
        assert text.count(old) == 1, (old, text.count(old))
        text = text.replace(old, new)
    return parse(text).agreement


def answers(rater: str, sector: str, value: int | str = 4, **changes: Any) -> dict[str, Any]:
    """A rater's sheet as data: every question answered with ``value``."""
    judged = {"answer": value, "because": f"So {rater} sees it."}
    made: dict[str, Any] = {
        "assessment": "rebate",
        "rater": {"name": rater, "sector": sector, "role": "adviser"},
        "red lines": [],
        "benefits": [
            {
                "item": "B01",
                "on": "people in the data",
                "size": 4,
                "likelihood": 4,
                "because": "Nobody needs to apply.",
            }
        ],
        "risks": [
            {
                "item": "R02",
                "on": "people in the data",
                "size": 3,
                "likelihood": 4,
                "because": "Suppliers know their customers.",
                "controls": [
                    {
                        "what": "One yes or no per account.",
                        "likelihood becomes": 2,
                        "evidence": "releases.0",
                    }
                ],
            }
        ],
        "not sharing": [
            {
                "words": "People stay cold who could have been warm.",
                "on": "people in the data",
                "size": 5,
                "likelihood": 4,
                "because": "Most never apply.",
            }
        ],
        "factors": {name: dict(judged) for name in FACTORS},
        "tests": {name: dict(judged) for name in questions()},
        "conditions": [],
        "view": {"answer": "share", "because": "It does more good than harm."},
    }
    return copy.deepcopy({**made, **changes})


def text_of(data: dict[str, Any]) -> str:
    """A sheet or closing as somebody would hand it in."""
    return yaml.safe_dump(data, allow_unicode=True, sort_keys=False)


def sheet(rater: str, sector: str, value: int | str = 4, **changes: Any) -> Sheet:
    return read_part(Sheet, text_of(answers(rater, sector, value, **changes)), "answers.yaml").value


CAREFUL = {
    "red lines": [
        {
            "line": LINE,
            "held by": "Energy Advice Line",
            "scope": "every supplier",
            "about": "X3",
            "because": "A cold home can kill.",
        }
    ],
    "conditions": [{"condition": CONDITION, "because": "A no must be explained."}],
    "view": {"answer": "share with conditions", "because": "With a person to ask."},
}


def three() -> tuple[Sheet, ...]:
    """Three raters of three sectors; the second draws a line and sets a condition."""
    return (
        sheet("Ada Obi", "council", 4),
        sheet("Ben Roe", "voluntary", 2, **CAREFUL),
        sheet("Cy Dunn", "health", "don't know"),
    )


def closing_data(**changes: Any) -> dict[str, Any]:
    made: dict[str, Any] = {
        "assessment": "rebate",
        "consulted": "Two tables of people who rent, in June, by letter and in person.",
        "settled": [
            {
                "line": LINE,
                "by": "Ben Roe",
                "on behalf of": "Energy Advice Line",
                "how": "The release has no such field, and suppliers sign not to.",
            }
        ],
        "adviser": {"name": "Dee Falk", "advice": "Go on, with the condition.", "followed": True},
        "approved by": "Amara Osei",
        "accepted by": "Amara Osei",
        "reviewed by": "Dee Falk",
    }
    return {**made, **changes}


def closing(**changes: Any) -> Closing:
    return read_part(Closing, text_of(closing_data(**changes)), "closing.yaml").value


def weighed(agreement: Agreement | None = None, *sheets: Sheet) -> Assessment:
    """An assessment of a draft, answered and not closed."""
    made = begun("rebate", agreement or draft(), None)
    for each in sheets or three():
        made = answered(made, each)
    return made


def ended(agreement: Agreement | None = None, **changes: Any) -> Assessment:
    return closed(weighed(agreement), closing(**changes), ITEMS)
