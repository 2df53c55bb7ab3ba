"""Which rules Splink is given on each set, chosen by hand with the truth at hand, in its favour.

``sure_recall`` is the true recall of the sure rules and ``cut`` the best of those tried, neither of
which an analyst would know.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
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
        ("suburb", "house"), ("locality", _YEAR), ("state", "house"),
    ),
    train=(("birth_date",), ("surname", "postcode"), ("forename", "suburb")),
    sure=(("forename", "surname", "birth_date"), ("birth_date", "postcode"),
          ("surname", "suburb", "house")),
    sure_recall=0.88,
)  # fmt: skip
_FAKE_RULES = (
    ("email",), ("birth_date",), ("forename", "surname"), ("surname", "city"),
    ("forename", "city"), ("forename", _YEAR), ("surname", _YEAR), ("surname", _MONTH_DAY),
    ("forename", _MONTH_DAY), ("city", _YEAR), ("city", _MONTH_DAY), ("substr(email, 1, 6)",),
    ("substr(forename, 1, 3)", "substr(surname, 1, 3)"), ("substr(birth_date, 1, 7)", "city"),
    ("substr(email, 1, 3)", _YEAR), ("substr(email, 1, 3)", _MONTH_DAY),
    ("substr(email, -8)", _YEAR), ("substr(email, -8)", "substr(email, 1, 2)"),
    ("substr(forename, 1, 2)", "substr(birth_date, 1, 7)"),
    ("substr(surname, 1, 2)", "substr(birth_date, 1, 7)"),
)  # fmt: skip
_FAKE_TRAIN = (("forename", "surname"), ("birth_date",), ("email",))
_FAKE_SURE = (("forename", "surname", "birth_date"), ("email",))
_FAKE = Plan(_FAKE_RULES, _FAKE_TRAIN, _FAKE_SURE, 0.39, cut=0.95)

PLANS: Final[Mapping[str, Plan]] = {
    "city": Plan(
        # Ten tight rules, which served Splink better at a million a side than six wide ones.
        rules=(
            ("birth_date", "surname"), ("birth_date", "forename"), ("birth_date", "postcode"),
            ("postcode", "forename"), ("postcode", "surname", _YEAR),
            ("forename", "surname", _YEAR), ("forename", "surname", _MONTH_DAY),
            ("birth_date", "substr(postcode, 1, 4)"),
            ("birth_date", "substr(surname, 1, 3)"), ("birth_date", "substr(forename, 1, 2)"),
            ("postcode", "substr(forename, 1, 2)", "sex"),
        ),
        train=(("birth_date", "sex"), ("forename", "surname")),
        sure=(("forename", "surname", "birth_date"), ("forename", "birth_date", "postcode")),
        sure_recall=0.75, em_pairs=5e6,
    ),
    "ons-census-cis": Plan(
        rules=(
            ("birth_date",), ("forename", "surname"), ("postcode", "forename"),
            ("postcode", "surname"), ("address",), ("surname", _YEAR), ("forename", _YEAR),
            ("surname", _MONTH_DAY), ("forename", _MONTH_DAY), ("postcode", _YEAR),
            ("postcode", _MONTH_DAY),
        ),
        train=(("birth_date",), ("postcode", "surname"), ("forename", "surname")),
        sure=(("forename", "surname", "birth_date"), ("birth_date", "postcode", "sex")),
        sure_recall=0.82,
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
        sure_recall=0.76,
    ),
    "historical-people": Plan(
        rules=(
            ("forename", "surname"), ("birth_date",), ("postcode",), ("surname", "birth_place"),
            ("forename", "birth_place", _YEAR), ("surname", _YEAR), ("surname", "occupation"),
            ("substr(surname, 1, 4)", "substr(postcode, 1, 3)"),
            ("forename", "substr(postcode, 1, 4)"), ("birth_place", "occupation"),
            ("forename", "birth_place"), ("substr(forename, 1, 3)", "substr(surname, 1, 4)"),
            ("birth_place", _YEAR), ("substr(surname, 1, 3)", _YEAR), ("surname", _MONTH_DAY),
            ("split_part(postcode, ' ', 1)", _YEAR), ("occupation", _YEAR),
            ("split_part(postcode, ' ', 1)", "occupation"),
        ),
        train=(("forename", "surname"), ("birth_date",), ("postcode",)),
        sure=(("forename", "surname", "birth_date"), ("surname", "postcode", _YEAR)),
        sure_recall=0.19, cut=0.99,
    ),
    "splink-fake-1000": Plan(((),), _FAKE_TRAIN, _FAKE_SURE, 0.37, cut=0.9),
    "splink-fake-20000": _FAKE,
    "febrl4": _FEBRL,
    "febrl4-ssn": Plan((*_FEBRL.rules, ("social_security",)), _FEBRL.train,
                       (*_FEBRL.sure, ("social_security",)), 0.99),
    "febrl3": replace(_FEBRL, sure_recall=0.79, cut=0.7),
    "pseudo-census-social": Plan(
        rules=(
            ("birth_date",), ("surname", "forename"), ("surname", _YEAR), ("surname", _MONTH_DAY),
            ("forename", _YEAR), ("forename", _MONTH_DAY), ("surname", "middle_initial"),
            ("forename", "middle_initial"),
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
            ("surname", _MONTH_DAY), ("forename", _YEAR, "middle_initial"),
            ("forename", _MONTH_DAY),
            ("address",), ("surname", "split_part(address, ' ', 1)"),
            ("forename", "split_part(address, ' ', 1)"),
            ("substr(social_security, 1, 5)",), ("substr(social_security, 5)",),
            ("surname", "middle_initial", "sex"), ("forename", "middle_initial", "sex"),
        ),
        train=(("social_security",), ("forename", "surname"), ("birth_date",)),
        sure=(("forename", "surname", "birth_date"), ("social_security",),
              ("forename", "surname", "address")),
        sure_recall=0.85, cut=0.999,
    ),
}  # fmt: skip
