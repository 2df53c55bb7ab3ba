"""Which rules Splink is given on each set: chosen by hand, with the truth at hand, in its favour."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from benchmarks.linkage.splink_models import Plan

_YEAR, _MONTH_DAY = "substr(birth_date, 1, 4)", "substr(birth_date, 6, 5)"
_FEBRL = Plan(
    rules=(
        ("birth_date",), ("surname", "forename"), ("postcode", "surname"), ("postcode", "forename"),
        ("street", "house"), ("locality",), ("suburb", "forename"), ("suburb", "surname"),
        ("street",), ("surname", _YEAR), ("forename", _YEAR), ("forename", _MONTH_DAY),
        ("surname", _MONTH_DAY), ("postcode", "house"), ("postcode", _YEAR), ("suburb", _YEAR),
        ("house", "forename"), ("house", "surname"), ("suburb", "postcode"),
    ),
    train=(("birth_date",), ("surname", "postcode"), ("forename", "suburb")),
    sure=(("forename", "surname", "birth_date"), ("birth_date", "postcode"),
          ("surname", "suburb", "house")),
    sure_recall=0.85,
)  # fmt: skip
_FAKE = Plan(
    rules=(
        ("email",), ("birth_date",), ("forename", "surname"), ("surname", "city"), ("forename", "city"),
        ("forename", _YEAR), ("surname", _YEAR), ("surname", _MONTH_DAY), ("forename", _MONTH_DAY),
        ("city", _YEAR), ("city", _MONTH_DAY), ("substr(email, 1, 6)",),
    ),
    train=(("forename", "surname"), ("birth_date",), ("email",)),
    sure=(("forename", "surname", "birth_date"), ("email",)),
    sure_recall=0.7,
)  # fmt: skip

PLANS: Final[Mapping[str, Plan]] = {
    "ons-census-cis": Plan(
        rules=(
            ("birth_date",), ("forename", "surname"), ("postcode", "forename"),
            ("postcode", "surname"), ("address",), ("surname", _YEAR), ("forename", _YEAR),
            ("surname", _MONTH_DAY), ("forename", _MONTH_DAY), ("postcode", _YEAR),
            ("postcode", _MONTH_DAY),
        ),
        train=(("birth_date",), ("postcode", "surname"), ("forename", "surname")),
        sure=(("forename", "surname", "birth_date"), ("birth_date", "postcode", "sex")),
        sure_recall=0.85,
    ),
    "ons-exercise": Plan(
        rules=(
            ("birth_date", "surname"), ("birth_date", "forename"), ("birth_date", "postcode"),
            ("postcode", "surname"), ("postcode", "forename"), ("forename", "surname"),
            ("birth_date", "middle_name"), ("birth_date", "substr(postcode, 1, 4)"),
            ("birth_date", "substr(surname, 1, 2)"), ("birth_date", "substr(forename, 1, 2)"),
            ("postcode", "middle_name"), ("postcode", _YEAR), ("postcode", _MONTH_DAY),
            ("surname", _MONTH_DAY), ("surname", "middle_name"),
        ),
        train=(("birth_date", "postcode"), ("surname", "postcode"), ("birth_date", "surname")),
        sure=(("surname", "postcode", "birth_date"),),
        sure_recall=0.76,
    ),
    "ons-coverage": Plan(
        rules=((),),
        train=(("surname",), ("forename",), ("village",)),
        sure=(("forename", "surname", "village"), ("forename", "birth_year", "village"),
              ("surname", "birth_year", "village")),
        sure_recall=0.9,
    ),
    "historical-people": Plan(
        rules=(
            ("forename", "surname"), ("birth_date",), ("postcode",), ("surname", "birth_place"),
            ("forename", "birth_place", _YEAR), ("surname", _YEAR), ("surname", "occupation"),
            ("substr(surname, 1, 4)", "substr(postcode, 1, 3)"), ("forename", "substr(postcode, 1, 4)"),
            ("birth_place", "occupation"), ("forename", "birth_place"),
        ),
        train=(("forename", "surname"), ("birth_date",), ("postcode",)),
        sure=(("forename", "surname", "birth_date"), ("surname", "postcode", _YEAR)),
        sure_recall=0.4, cut=0.95,
    ),
    "splink-fake-1000": _FAKE,
    "splink-fake-20000": _FAKE,
    "febrl4": _FEBRL,
    "febrl4-ssn": Plan((*_FEBRL.rules, ("social_security",)), _FEBRL.train,
                       (*_FEBRL.sure, ("social_security",)), 0.95),
    "febrl3": _FEBRL,
    "pseudo-census-social": Plan(
        rules=(
            ("birth_date",), ("surname", "forename"), ("surname", _YEAR), ("surname", _MONTH_DAY),
            ("forename", _YEAR), ("forename", _MONTH_DAY),
        ),
        train=(("birth_date",), ("forename", "surname")),
        sure=(("forename", "surname", "birth_date"),),
        sure_recall=0.8,
    ),
    "pseudo-social-tax": Plan(
        rules=(
            ("social_security",), ("forename", "surname"), ("surname", "middle_initial"),
            ("substr(social_security, 1, 5)",), ("substr(social_security, 5)",),
            ("forename", "substr(social_security, 1, 3)"),
        ),
        train=(("social_security",), ("forename", "surname")),
        sure=(("social_security",),),
        sure_recall=0.97,
    ),
    "pseudo-four": Plan(
        rules=(
            ("social_security",), ("forename", "surname"), ("birth_date",), ("surname", _YEAR),
            ("surname", _MONTH_DAY), ("forename", _YEAR, "middle_initial"), ("forename", _MONTH_DAY),
            ("house", "street"), ("forename", "street"), ("surname", "house"), ("surname", "street"),
            ("substr(social_security, 1, 5)",), ("substr(social_security, 5)",),
        ),
        train=(("social_security",), ("forename", "surname"), ("birth_date",)),
        sure=(("forename", "surname", "birth_date"), ("social_security",),
              ("forename", "surname", "house")),
        sure_recall=0.85,
    ),
}  # fmt: skip
