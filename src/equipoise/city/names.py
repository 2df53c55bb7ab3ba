"""Names for people: by sex, decade of birth and group; families share surnames as families do."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from faker.providers.person.en_GB import Provider as British
from faker.providers.person.en_IE import Provider as Irish
from faker.providers.person.pl_PL import Provider as Polish

from equipoise.city import tables
from equipoise.city.draws import Draws, Floats, Truths, Whole, pick
from equipoise.city.households import CHILD, FIRST, GRANDPARENT, KINDS, PARTNER, Households

GROUPS: Final = tuple(tables.rates("name_group"))
_DECADES: Final = tuple(range(1930, 2011, 10))
_RARE_SURNAMES: Final = 9_000
NO_NAME: Final = -1


@dataclass(frozen=True)
class Names:
    """Each person's names, as positions in two lists.

    ``double`` is the second half of a double surname or -1; ``born`` and ``born_double`` are the
    surname at birth. ``married`` says whether the person is.
    """

    forenames: tuple[str, ...]
    surnames: tuple[str, ...]
    group: Whole
    forename: Whole
    surname: Whole
    double: Whole
    born: Whole
    born_double: Whole
    married: Truths

    def forename_text(self, rows: Whole) -> pa.Array:
        """Return the forenames of some people."""
        return pa.array(self.forenames).take(pa.array(self.forename[rows]))

    def surname_text(self, rows: Whole, *, at_birth: Truths | None = None) -> pa.Array:
        """Return the surnames of some people; ``at_birth`` marks those wanted as at birth."""
        first, second = self.surname[rows], self.double[rows]
        if at_birth is not None:
            first = np.where(at_birth, self.born[rows], first)
            second = np.where(at_birth, self.born_double[rows], second)
        known = pa.array(self.surnames)
        whole = known.take(pa.array(first))
        other = known.take(pa.array(second, mask=second == NO_NAME))
        return pc.coalesce(pc.binary_join_element_wise(whole, other, "-"), whole)

    @property
    def changed(self) -> Truths:
        """Return whose surname is another than at birth."""
        return np.asarray((self.surname != self.born) | (self.double != self.born_double))


@dataclass(frozen=True)
class _Lists:
    """Every name once, and for each group (and decade) the positions and weights to draw from."""

    forenames: tuple[str, ...]
    surnames: tuple[str, ...]
    forename: dict[tuple[str, bool, int], tuple[Whole, Floats]]
    surname: dict[str, tuple[Whole, Floats]]


def _zipf(count: int, shift: float, slope: float) -> Floats:
    return np.asarray((np.arange(1, count + 1) + shift) ** -slope)


def _ranked(listed: list[str], tail: list[str], share: float) -> dict[str, float]:
    """Give listed names a falling share of ``share`` in all, and the tail the rest."""
    head = _zipf(len(listed), 4.0, 0.9)
    weights = dict(zip(listed, head / head.sum() * share, strict=True))
    rest = [name for name in dict.fromkeys(tail) if name not in weights]
    fall = _zipf(len(rest), 20.0, 1.0)
    weights.update(zip(rest, fall / fall.sum() * (1 - share), strict=True))
    return weights


def _rare_surnames() -> list[str]:
    table = tables.names("places")
    made = [
        first + second
        for second in table["ending"].split()
        for first in table["opening"].split()
        if not first.endswith(second[0])
    ]
    # Stepping through the list mixes openings and endings along the ranks.
    step = 1_009
    return [made[i * step % len(made)] for i in range(len(made))]


def _british_surnames() -> dict[str, float]:
    """Faker's weights (percent of people) for the commoner names, then a falling tail to 100."""
    known = {name: float(share) for name, share in British.last_names.items()}
    tail = [n for n in [*_rare_surnames(), *Irish.last_names] if n not in known]
    tail = list(dict.fromkeys(tail))[:_RARE_SURNAMES]
    fall = _zipf(len(tail), 500.0, 1.05)
    known.update(zip(tail, fall / fall.sum() * (100 - sum(known.values())), strict=True))
    return known


@cache
def _lists() -> _Lists:
    forename_at: dict[str, int] = {}
    surname_at: dict[str, int] = {}

    def placed(weights: dict[str, float], known: dict[str, int]) -> tuple[Whole, Floats]:
        at = np.array([known.setdefault(name, len(known)) for name in weights])
        return at, np.array(list(weights.values()))

    forename: dict[tuple[str, bool, int], tuple[Whole, Floats]] = {}
    surname = {"british": placed(_british_surnames(), surname_at)}
    british = tables.names("british")
    tails = {
        True: [*British.first_names_male, *Irish.first_names_male],
        False: [*British.first_names_female, *Irish.first_names_female],
    }
    for male in (False, True):
        sex = "male" if male else "female"
        for decade in _DECADES:
            table: dict[str, Any] = british[str(decade)]
            weights = _ranked(table[sex].split(), tails[male], table["listed"])
            forename["british", male, decade] = placed(weights, forename_at)
        for group in GROUPS[1:]:
            listed = tables.names(group)[sex].split()
            flat = placed(_ranked(listed, [], 1.0), forename_at)
            forename.update({(group, male, decade): flat for decade in _DECADES})
    for group in GROUPS[1:]:
        listed = tables.names(group)["surname"].split()
        tail = list(Polish.unisex_last_names[:1500]) if group == "east_european" else []
        share = 0.55 if tail else 1.0
        surname[group] = placed(_ranked(listed, tail, share), surname_at)
    return _Lists(tuple(forename_at), tuple(surname_at), forename, surname)


def name_people(households: Households, birth_year: Whole, draws: Draws) -> Names:
    """Name everybody: groups first, then forenames, then surnames down the families."""
    group = _groups(households, draws)
    lists = _lists()
    forename = _forenames(group, households, birth_year, lists, draws)
    born = _surnames("surname", group, lists, draws)
    family = _Families(households, born, _surnames("surname.other", group, lists, draws), draws)
    family.marry()
    family.name_children()
    return Names(
        lists.forenames,
        lists.surnames,
        group,
        forename,
        family.surname,
        family.double,
        family.born,
        family.born_double,
        family.married,
    )


def _groups(households: Households, draws: Draws) -> Whole:
    weights = tables.shares(tables.rates("name_group"))
    of_household = draws.choose("group", weights, len(households.kind))
    group = of_household[households.household]
    part = households.part
    mixed = draws.happens(
        "two groups", tables.rates("families")["couple_of_two_groups"], len(group)
    )
    other = draws.choose("group.other", weights, len(group))
    apart = ((part == PARTNER) & mixed) | _unrelated(households)
    return np.where(apart, other, group)


def _unrelated(households: Households) -> Truths:
    kinds = ("students", "sharers", "hostel", "care_home")
    return households.is_kind(*kinds)[households.household]


def _forenames(
    group: Whole, households: Households, birth_year: Whole, lists: _Lists, draws: Draws
) -> Whole:
    chance = draws.uniform("forename", len(group))
    decade = np.clip((birth_year - _DECADES[0]) // 10, 0, len(_DECADES) - 1)
    cell = (group * 2 + households.male) * len(_DECADES) + decade
    order = np.argsort(cell, kind="stable")
    edges = np.searchsorted(cell[order], np.arange(len(GROUPS) * 2 * len(_DECADES) + 1))
    forename = np.zeros(len(group), dtype=np.int64)
    for (name, male, of), (at, weights) in lists.forename.items():
        number = (GROUPS.index(name) * 2 + male) * len(_DECADES) + _DECADES.index(of)
        rows = order[edges[number] : edges[number + 1]]
        forename[rows] = at[pick(weights, chance[rows])]
    return _like_father(forename, households, draws)


def _like_father(forename: Whole, households: Households, draws: Draws) -> Whole:
    """Give some eldest sons their father's forename; brothers never share one."""
    family = np.flatnonzero((households.slot == 2) & (households.part == CHILD))
    couple = households.is_kind("couple_children", "couple_grown")[households.household[family]]
    son = family[couple & households.male[family]]
    share = tables.rates("surnames")["eldest_son_has_fathers_forename"]
    son = son[draws.happens("like father", share, len(son))]
    first = households.first[households.household[son]]
    father = np.where(households.male[first], first, first + 1)
    forename[son] = np.where(households.male[father], forename[father], forename[son])
    return forename


def _surnames(stream: str, group: Whole, lists: _Lists, draws: Draws) -> Whole:
    chance = draws.uniform(stream, len(group))
    surname = np.zeros(len(group), dtype=np.int64)
    for name, (at, weights) in lists.surname.items():
        rows = np.flatnonzero(group == GROUPS.index(name))
        surname[rows] = at[pick(weights, chance[rows])]
    return surname


class _Families:
    """Surnames as they pass through marriages and to children."""

    def __init__(self, households: Households, born: Whole, other: Whole, draws: Draws) -> None:
        self.households = households
        self.other = other  # the surname of a husband or parent who is not in the household
        self.draws = draws
        self.share = tables.rates("surnames")
        self.born = born.copy()
        self.surname = born.copy()
        self.double = np.full(len(born), NO_NAME, dtype=np.int64)
        self.born_double = self.double.copy()
        self.married = np.zeros(len(born), dtype=np.bool_)

    def marry(self) -> None:
        """Marry couples by age; most wives take the husband's surname, some join the two."""
        part, male = self.households.part, self.households.male
        second = np.flatnonzero(part == PARTNER)
        first = second - 1
        table = tables.rates("married")
        older = np.minimum(self.households.age[first], self.households.age[second])
        chance = np.clip(table["at_20"] + (older - 20) * table["per_year"], 0, table["at_most"])
        wed = self.draws.happens("married", chance, len(second))
        self.married[first[wed]] = self.married[second[wed]] = True
        wife = np.where(male[second], first, second)[wed]
        husband = np.where(male[second], second, first)[wed]
        turn = self.draws.uniform("takes", len(wife))
        takes, joins = self.share["wife_takes_husbands"], self.share["wife_doubles"]
        take, join = wife[turn < takes], wife[(turn >= takes) & (turn < takes + joins)]
        self.surname[take] = self.surname[husband[turn < takes]]
        self.double[join] = self.surname[husband[(turn >= takes) & (turn < takes + joins)]]
        self.double[self.double == self.surname] = NO_NAME
        self._once_married()

    def _once_married(self) -> None:
        """Women alone after marriage (widowed, parted) mostly keep the married name."""
        kinds = [KINDS.index(name) for name in ("one_older", "lone_children", "lone_grown")]
        of = self.households.kind[self.households.household]
        alone = (self.households.part == FIRST) & np.isin(of, kinds) & ~self.households.male
        elder = (self.households.part == GRANDPARENT) & ~self.households.male
        once = np.flatnonzero(alone | elder)
        kept = once[self.draws.happens("kept name", 0.6, len(once))]
        self.surname[kept] = self.other[kept]

    def name_children(self) -> None:
        """Children of couples mostly have the father's name; of lone parents, the parent's."""
        child = np.flatnonzero(self.households.part == CHILD)
        first = self.households.first[self.households.household[child]]
        both = self.households.part[np.minimum(first + 1, len(self.born) - 1)] == PARTNER
        second = np.where(both, first + 1, first)
        father = np.where(self.households.male[second], second, first)
        mother = np.where(father == first, second, first)
        family = self.households.household[child]
        turn = self.draws.uniform("child", len(self.households.kind))[family]
        of_mother, of_both = (
            self.share["child_of_couple_has_mothers"],
            self.share["child_of_couple_has_both"],
        )
        parent = np.where(both & (turn < of_mother), mother, father)
        self.surname[child] = self.surname[parent]
        self.double[child] = self.double[parent]
        join = child[both & (turn >= of_mother) & (turn < of_mother + of_both)]
        rows = np.flatnonzero(both & (turn >= of_mother) & (turn < of_mother + of_both))
        self.surname[join] = self.born[mother[rows]]
        self.double[join] = self.surname[father[rows]]
        self.double[self.double == self.surname] = NO_NAME
        absent = ~both & (turn >= self.share["child_of_lone_has_parents"])
        away = child[absent]
        # Brothers and sisters share the absent parent, so the draw of the household's first counts.
        self.surname[away] = self.other[first[absent] + 1]
        self.double[away] = NO_NAME
        self.born[child] = self.surname[child]
        self.born_double[child] = self.double[child]
