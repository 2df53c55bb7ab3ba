"""What befalls people: health, tax credits, who pays the bill. Each is planted truth."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from equipoise.city.draws import Draws, Floats, Truths, Whole
from equipoise.city.homes import TENURES, Homes
from equipoise.city.households import FIRST, PARTNER, Households
from equipoise.city.tables import rates, shares

SUPPLIERS: Final = tuple(name for name in rates("supplier") if name != "none")
"""The energy suppliers whose customers the city's files hold."""
PAYERS: Final = ("first adult", "partner", "another adult", "landlord", "previous occupant")
NOBODY: Final = -1
GROWN_UP: Final = 18.0


@dataclass(frozen=True)
class Awards:
    """Tax-credit claims: one row per claimant, so a joint claim has two rows."""

    number: Whole  # of the award
    person: Whole
    live: Truths  # on credit now; the rest have ended


@dataclass(frozen=True)
class Accounts:
    """Energy accounts with the suppliers in the agreement, in order of home."""

    home: Whole
    supplier: Whole  # position in SUPPLIERS
    payer: Whole  # person
    payer_is: Whole  # position in PAYERS


def limited(age: Floats, fifth: Whole, draws: Draws) -> Truths:
    """Return who lives with a limiting illness or disability, by age and deprivation."""
    table = rates("limiting_illness")
    starts = np.array([float(start) for start in table])
    share = np.array([float(value) for value in table.values()])
    by_fifth = rates("limiting_illness_by_fifth")
    factor = np.array([float(by_fifth[str(f)]) for f in range(1, 6)])
    of_age = share[np.searchsorted(starts, age, side="right") - 1]
    return draws.happens("limited", np.minimum(of_age * factor[fifth - 1], 0.95), len(age))


def build_awards(households: Households, fifth: Whole, draws: Draws) -> Awards:
    """Give awards to households by kind and deprivation; couples claim together."""
    by_kind = np.array([float(value) for value in rates("tax_credit").values()])
    factors = rates("tax_credit_by_fifth")
    by_fifth = np.array([float(factors[str(f)]) for f in range(1, 6)])
    count = len(households.kind)
    chance = np.minimum(by_kind[households.kind] * by_fifth[fifth[:count] - 1], 0.95)
    on = np.flatnonzero(draws.happens("award", chance, count))
    ended = draws.happens("ended", rates("tax_credit_award")["ended"], len(on))
    first = households.first[on]
    last = len(households.part) - 1
    second = np.minimum(first + 1, last)
    joint = (households.part[second] == PARTNER) & (households.household[second] == on)
    person = np.concatenate([first, second[joint]])
    number = np.concatenate([np.arange(len(on)), np.flatnonzero(joint)])
    live = ~np.concatenate([ended, ended[joint]])
    order = np.lexsort((person, number))
    return Awards(number[order], person[order], live[order])


def build_accounts(households: Households, homes: Homes, draws: Draws) -> Accounts:
    """Give each home a supplier and a person who pays; few homes have a second account."""
    count = len(homes)
    supplier = draws.choose("supplier", shares(rates("supplier")), count)
    payer, payer_is = _payers(households, homes, draws)
    served = np.flatnonzero((supplier < len(SUPPLIERS)) & (payer != NOBODY))
    again = served[
        draws.happens("second account", rates("bill_payer")["second_account"], len(served))
    ]
    home = np.sort(np.concatenate([served, again]), kind="stable")
    return Accounts(home, supplier[home], payer[home], payer_is[home])


def _payers(households: Households, homes: Homes, draws: Draws) -> tuple[Whole, Whole]:
    """Return who pays for each home (or nobody), and what they are to it."""
    share = rates("bill_payer")
    count, lived_in = len(homes), len(households.kind)
    first = households.first[:-1]
    payer = np.full(count, NOBODY, dtype=np.int64)
    payer[:lived_in] = first
    payer_is = np.zeros(count, dtype=np.int64)
    turn = draws.uniform("payer", lived_in)
    _give_to_partner(households, payer, payer_is, turn < share["partner"])
    _give_to_other(households, payer, payer_is, turn > 1 - share["other_adult"])
    run_by_staff = households.is_kind("hostel", "care_home")
    payer[:lived_in][run_by_staff] = NOBODY
    _give_away(households, homes, payer, payer_is, draws)
    child = households.age[np.maximum(payer, 0)] < GROWN_UP
    payer[child] = NOBODY
    return payer, payer_is


def _give_to_partner(households: Households, payer: Whole, payer_is: Whole, wanted: Truths) -> None:
    second = np.minimum(households.first[:-1] + 1, len(households.part) - 1)
    rows = np.flatnonzero(wanted & (households.part[second] == PARTNER))
    payer[rows] = second[rows]
    payer_is[rows] = PAYERS.index("partner")


def _give_to_other(households: Households, payer: Whole, payer_is: Whole, wanted: Truths) -> None:
    """Let the last adult of the household pay: a grown child, an elder or another sharer."""
    last = households.first[1:] - 1
    part = households.part[last]
    rows = np.flatnonzero(
        wanted & (part != FIRST) & (part != PARTNER) & (households.age[last] >= GROWN_UP)
    )
    payer[rows] = last[rows]
    payer_is[rows] = PAYERS.index("another adult")


def _give_away(
    households: Households, homes: Homes, payer: Whole, payer_is: Whole, draws: Draws
) -> None:
    """Leave some accounts with a landlord or a previous occupant, who live elsewhere."""
    share = rates("bill_payer")
    settled = np.flatnonzero((households.part == FIRST) & (households.age >= 30))
    if not len(settled):
        return
    count = len(homes)
    anyone = settled[draws.whole("elsewhere", len(settled), count)]
    private = (homes.tenure == TENURES.index("private")) & (payer != NOBODY)
    let = np.flatnonzero(private & draws.happens("landlord", share["landlord"], count))
    left = draws.happens("previous", share["previous_occupant"], count) & (payer != NOBODY)
    empty = homes.vacant & draws.happens("vacant account", share["vacant_has_account"], count)
    gone = np.flatnonzero(left | empty)
    for rows, what in ((let, "landlord"), (gone, "previous occupant")):
        away = rows[households.household[anyone[rows]] != rows]
        payer[away] = anyone[away]
        payer_is[away] = PAYERS.index(what)
