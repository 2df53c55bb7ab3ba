"""Households: who lives together, where that can be told; and which household is which later.

A household is the people of one dwelling at one moment. It is not a family: see ``families``. A
dwelling with more unrelated people than a household has is communal (a hostel, a prison, a hall, a
care home), and so is one on a list of such places: its people are in no household.

A household keeps its identifier as its people come, go and move. The rule:

1. The identifier goes to the group that holds the most of its people, wherever these now live.
2. Of groups that hold equally many, the one still in the household's dwelling has it.
3. Else the one with the person of the lowest number, who has been known longest.
4. A group takes one identifier at most: that of the household from which most of its people come;
   of equals that of the dwelling, then the elder. The other household ends, and its identifier is
   never given again.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from equipoise.carry.identity.register import ID, MOMENT, Draw, Numbers, Truths, flat, numbers

MOST_UNRELATED: Final = 6
"""More unrelated people than this in one dwelling are not held to be a household."""

LIVING: Final = pa.schema([("person", pa.int64()), ("group", pa.int64()), ("dwelling", ID)])
"""One line for each person in a group; the same group has the same number, from 0."""
HOUSEHOLDS: Final = pa.schema(
    [("identifier", ID), ("dwelling", ID), ("formed", MOMENT), ("ended", MOMENT)]
)
MEMBERS: Final = pa.schema(
    [
        ("household", pa.int64()),
        ("person", pa.int64()),
        ("dwelling", ID),
        ("valid_from", MOMENT),
        ("valid_to", MOMENT),
    ]
)


@dataclass(frozen=True)
class Households:
    """Every household there ever was (its number is its place), and who was in it from when to
    when (null: still)."""

    households: pa.Table
    members: pa.Table

    def at(self, moment: datetime) -> pa.Table:
        """Return household, person and dwelling as they were at a moment."""
        when = pa.scalar(moment, MOMENT)
        begun = pc.less_equal(self.members["valid_from"], when)
        on = pc.or_kleene(
            self.members["valid_to"].is_null(), pc.greater(self.members["valid_to"], when)
        )
        return self.members.filter(pc.and_(begun, on)).select(["household", "person", "dwelling"])


@dataclass(frozen=True)
class Changed:
    """What a moment did to households: how many went on, formed, ended, and moved whole or in
    part."""

    went_on: int
    formed: int
    ended: int
    moved: int


def no_households() -> Households:
    """Return the households of nobody."""
    return Households(HOUSEHOLDS.empty_table(), MEMBERS.empty_table())


def residents(
    person: Numbers, dwelling: pa.Array, since: Numbers, *, communal: pa.Array | None = None,
    related: tuple[Numbers, Numbers] | None = None, most_unrelated: int = MOST_UNRELATED,
) -> tuple[pa.Table, pa.Array]:  # fmt: skip
    """Return who lives in which household group (``LIVING``), and the dwellings found communal.

    Lines say that a person was at a dwelling, ``since`` some moment (any whole number). Where they
    say several dwellings the newest counts, of equals the one that more lines say; who is then
    still in two at once is placed in none. ``communal`` lists dwellings that are no homes;
    ``related`` are pairs of people, who count as one when unrelated people are counted.
    """
    placed = _one_place_each(person, dwelling, since)
    who, at = person[placed], flat(dwelling).take(pa.array(placed))
    code = at.dictionary_encode()
    group = numbers(code.indices)
    crowd = _unrelated(who, group, related) > most_unrelated
    if communal is not None:
        crowd |= np.asarray(pc.is_in(code.dictionary, value_set=communal))
    home = ~crowd[group] if len(group) else np.zeros(0, np.bool_)
    _, numbered = np.unique(group[home], return_inverse=True)
    living = pa.table(
        [who[home], numbered.astype(np.int64), at.filter(pa.array(home))], schema=LIVING
    )
    return living, code.dictionary.filter(pa.array(crowd))


def _one_place_each(person: Numbers, dwelling: pa.Array, since: Numbers) -> Numbers:
    """Return one line for each person who is in one place."""
    where = numbers(flat(dwelling).dictionary_encode().indices)
    rows = np.flatnonzero(where >= 0)
    pairs, first, pair = np.unique(
        np.stack([person[rows], where[rows]], 1), axis=0, return_index=True, return_inverse=True
    )
    pair = pair.reshape(-1)
    newest = np.full(len(pairs), np.iinfo(np.int64).min)
    np.maximum.at(newest, pair, since[rows])
    newest_of = np.full(int(person.max(initial=-1)) + 1, np.iinfo(np.int64).min)
    np.maximum.at(newest_of, pairs[:, 0], newest)
    counts = np.bincount(pair, weights=since[rows] == newest_of[person[rows]], minlength=len(pairs))
    order = np.lexsort((-counts, pairs[:, 0]))
    who, said = pairs[order, 0], counts[order]
    best = np.ones(len(order), np.bool_)
    best[1:] = who[1:] != who[:-1]
    tied = np.zeros(len(order), np.bool_)
    tied[:-1] = (who[1:] == who[:-1]) & (said[1:] == said[:-1])
    return rows[first[order[best & ~tied]]]


def _unrelated(person: Numbers, group: Numbers, related: tuple[Numbers, Numbers] | None) -> Numbers:
    """Return how many unrelated people, or groups of related ones, each dwelling has."""
    count = int(group.max(initial=-1)) + 1
    if related is None or not len(person):
        return np.bincount(group, minlength=count)
    size = int(max(person.max(), related[0].max(initial=-1), related[1].max(initial=-1))) + 1
    at = np.full(size, -1, np.int64)
    at[person] = group
    together = (at[related[0]] == at[related[1]]) & (at[related[0]] >= 0)
    one, two = related[0][together], related[1][together]
    graph = coo_array((np.ones(len(one), np.bool_), (one, two)), shape=(size, size))
    kin = np.asarray(connected_components(graph, directed=False)[1], np.int64)
    groups = np.unique(np.stack([group, kin[person]], 1), axis=0)[:, 0]
    return np.bincount(groups, minlength=count)


def carry_on(
    before: Households, living: pa.Table, *, at: datetime, draw: Draw
) -> tuple[Households, Changed]:
    """Return the households with the present one taken in, by the rule at the head of this file.

    ``draw`` gives random bytes for the identifiers of new households.
    """
    households, changed, _ = carried_on(before, living, at=at, draw=draw)
    return households, changed


def carried_on(
    before: Households, living: pa.Table, *, at: datetime, draw: Draw
) -> tuple[Households, Changed, Numbers]:
    """Do what ``carry_on`` does, and return as well the household that each group is."""
    group = numbers(living["group"])
    count = int(group.max(initial=-1)) + 1
    _, first = np.unique(group, return_index=True)
    places = flat(living["dwelling"]).take(pa.array(first))
    heir = _heirs(before, living, places, count)
    fresh = np.flatnonzero(heir < 0)
    number = heir.copy()
    number[fresh] = before.households.num_rows + np.arange(len(fresh))
    households, ended, moved = _carried(before, places, heir, fresh, at, draw)
    members = _memberships(before.members, living, number[group], at)
    changed = Changed(int((heir >= 0).sum()), len(fresh), ended, moved)
    return Households(households, members), changed, number


def _heirs(before: Households, living: pa.Table, places: pa.Array, count: int) -> Numbers:
    """Return for each group the household that it carries on, or -1."""
    open_now = before.members.filter(before.members["valid_to"].is_null())
    old = numbers(open_now["household"])
    person = numbers(open_now["person"])
    now, group = numbers(living["person"]), numbers(living["group"])
    left, right = _meetings(person, now)
    heir = np.full(count, -1, np.int64)
    if not len(left):
        return heir
    pairs, at = np.unique(np.stack([old[left], group[right]], 1), axis=0, return_inverse=True)
    shared = np.bincount(at.reshape(-1))
    eldest = np.full(len(pairs), np.iinfo(np.int64).max)
    np.minimum.at(eldest, at.reshape(-1), now[right])
    stayed = np.asarray(
        pc.fill_null(
            pc.equal(
                flat(before.households["dwelling"]).take(pa.array(pairs[:, 0])),
                places.take(pa.array(pairs[:, 1])),
            ),
            False,
        )
    )
    order = np.lexsort((pairs[:, 0], eldest, ~stayed, -shared))
    gone = np.zeros(before.households.num_rows, np.bool_)
    for household, place in pairs[order].tolist():
        if heir[place] < 0 and not gone[household]:
            heir[place], gone[household] = household, True
    return heir


def _meetings(left: Numbers, right: Numbers) -> tuple[Numbers, Numbers]:
    """Return the places of one person in both; somebody may be in several groups."""
    order = np.argsort(right, kind="stable")
    low = np.searchsorted(right[order], left, "left")
    sizes = np.searchsorted(right[order], left, "right") - low
    one = np.repeat(np.arange(len(left)), sizes)
    within = np.arange(len(one)) - np.repeat(np.cumsum(sizes) - sizes, sizes)
    return one, order[np.repeat(low, sizes) + within]


def _carried(
    before: Households, places: pa.Array, heir: Numbers, fresh: Numbers, at: datetime, draw: Draw
) -> tuple[pa.Table, int, int]:
    """Return the table of households, how many ended and how many went on in another dwelling."""
    old = before.households
    goes_on = np.zeros(old.num_rows, np.bool_)
    goes_on[heir[heir >= 0]] = True
    ends = np.asarray(old["ended"].is_null()) & ~goes_on
    moment = pa.scalar(at, MOMENT)
    ended = pc.if_else(pa.array(ends), moment, flat(old["ended"]))
    lived = np.full(old.num_rows, -1, np.int64)
    lived[heir[heir >= 0]] = np.flatnonzero(heir >= 0)
    now = places.take(pa.array(lived, mask=lived < 0))
    moved = int(pc.sum(pc.not_equal(now, flat(old["dwelling"]))).as_py() or 0)
    kept = pa.table(
        [old["identifier"], pc.coalesce(now, flat(old["dwelling"])), old["formed"], ended],
        schema=HOUSEHOLDS,
    )
    data = draw(16 * len(fresh))
    added = pa.table(
        [
            pa.Array.from_buffers(ID, len(fresh), [None, pa.py_buffer(data)]),
            places.take(pa.array(fresh)),
            pa.repeat(moment, len(fresh)),
            pa.nulls(len(fresh), MOMENT),
        ],
        schema=HOUSEHOLDS,
    )
    return pa.concat_tables([kept, added]), int(ends.sum()), moved


def _memberships(members: pa.Table, living: pa.Table, number: Numbers, at: datetime) -> pa.Table:
    """End what is no longer so and begin what is new; what is still so is left as it is."""
    moment = pa.scalar(at, MOMENT)
    now = pa.table(
        [
            number,
            living["person"],
            living["dwelling"],
            pa.repeat(moment, len(number)),
            pa.nulls(len(number), MOMENT),
        ],
        schema=MEMBERS,
    )
    held = np.flatnonzero(np.asarray(members["valid_to"].is_null()))
    old = members.take(pa.array(held))
    keys = ["household", "person", "dwelling"]
    joined = [_keys(table.select(keys)) for table in (old, now)]
    still = _among(joined[0], joined[1])
    closed = np.zeros(members.num_rows, np.bool_)
    closed[held[~still]] = True
    valid_to = pc.if_else(pa.array(closed), moment, flat(members["valid_to"]))
    place = members.column_names.index("valid_to")
    fresh = now.filter(pa.array(~_among(joined[1], joined[0])))
    return pa.concat_tables([members.set_column(place, "valid_to", valid_to), fresh])


def _keys(table: pa.Table) -> pa.Array:
    """Return household, person and dwelling as one value of fixed size."""
    halves = np.stack([numbers(table["household"]), numbers(table["person"])], 1).tobytes()
    pair = pa.Array.from_buffers(pa.binary(16), table.num_rows, [None, pa.py_buffer(halves)])
    dwelling = pc.fill_null(flat(table["dwelling"]).cast(pa.binary()), b"")
    return pc.binary_join_element_wise(pair.cast(pa.binary()), dwelling, b"")


def _among(values: pa.Array, of: pa.Array) -> Truths:
    return np.asarray(pc.is_in(values, value_set=of))


def merged_people(households: Households, identity: Numbers) -> Households:
    """Return the households with people renamed: ``identity`` gives each person's present number,
    as ``Register.standing`` resolved by ``roots`` does after a merge. Periods are kept."""
    person = pa.array(identity[numbers(households.members["person"])])
    place = households.members.column_names.index("person")
    return replace(households, members=households.members.set_column(place, "person", person))
