"""The energy suppliers' customers: one row per account, in the name of whoever pays the bill."""

from __future__ import annotations

from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from equipoise.city.agencies.filing import Filed, shuffled
from equipoise.city.agencies.record import Spoiler
from equipoise.city.build import City
from equipoise.city.draws import Whole
from equipoise.city.lives import SUPPLIERS

_ACCOUNT_FORMS: Final = {"brightgas": "BG", "northlight": "NL-", "homewarm": "85"}
_SCATTER: Final = 48_271
_SPACE: Final = 99_999_989
_TARIFFS: Final = ("standard", "fixed one year", "fixed two years", "prepayment", "night saver")
_PAYS_BY: Final = ("direct debit", "on receipt of bill", "prepayment meter")


def dataset_of(supplier: str) -> str:
    """Return the dataset's name for a supplier."""
    return f"customers_{supplier}"


def account_numbers(city: City) -> pa.Array:
    """Return every account's number with its supplier, in order of ``city.accounts``."""
    serial = (np.arange(1, len(city.accounts.home) + 1) * _SCATTER) % _SPACE
    body = pc.utf8_lpad(pc.cast(pa.array(serial), pa.string()), 8, "0")
    heads = pa.array([_ACCOUNT_FORMS[name] for name in SUPPLIERS])
    return pc.binary_join_element_wise(heads.take(pa.array(city.accounts.supplier)), body, "")


def customers(city: City, supplier: str) -> Filed:
    """Make one supplier's file of customers."""
    spoiler = Spoiler(city, dataset_of(supplier))
    rows = np.flatnonzero(city.accounts.supplier == SUPPLIERS.index(supplier))
    person, home = city.accounts.payer[rows], city.accounts.home[rows]
    account = account_numbers(city).take(pa.array(rows))
    forename, surname = spoiler.names(person)
    table = pa.table(
        {
            "account": account,
            "title": _titles(city, person),
            "forename": forename,
            "surname": surname,
            "birth_date": spoiler.birth_dates(person),
            "postcode": spoiler.postcodes(home),
            "uprn": spoiler.uprns(home),
            **_not_agreed(spoiler, len(rows)),
        }
    )
    every = spoiler.entered_twice(len(rows))
    order = shuffled(every, spoiler.draws.uniform("order", len(every)))
    return Filed(table, account, person, home, order, spoiler.noted)


def _titles(city: City, person: Whole) -> pa.Array:
    male = city.households.male[person]
    married = city.names.married[person]
    return pa.array(["Mr", "Mrs", "Ms"]).take(pa.array(np.where(male, 0, np.where(married, 1, 2))))


def _not_agreed(spoiler: Spoiler, count: int) -> dict[str, pa.Array]:
    """Return what a supplier also holds and no agreement lets out.

    Telephone numbers are of the range kept for drama (07700 900000 to 900999).
    """
    draws = spoiler.draws
    phone = pc.utf8_lpad(pc.cast(pa.array(draws.whole("phone", 1_000, count)), pa.string()), 3, "0")
    owed = np.where(draws.happens("owes", 0.15, count), draws.between("owed", 5, 900, count), 0)
    return {
        "telephone": pc.binary_join_element_wise("07700 900", phone, ""),
        "tariff": pa.array(_TARIFFS).take(pa.array(draws.whole("tariff", len(_TARIFFS), count))),
        "pays_by": pa.array(_PAYS_BY).take(pa.array(draws.whole("pays by", len(_PAYS_BY), count))),
        "owes": pa.array(np.round(owed, 2)),
    }
