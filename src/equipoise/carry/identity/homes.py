"""The step of a locked process: the people of a register are placed in households and families.

It stands in for linking where an entity is made of people. The session holds the encoded tables by
dataset, as for ``link``; ``PEOPLE`` is the register of the people, as the linkage of this very
delivery left it; ``REGISTER`` what was known of their households before, absent the first time;
``MOMENT`` as in ``step``.

Nothing is compared. Each row is its person's, who is in one household or in none; the keyed values
of the row say of what home it tells. Somebody in no household has an identifier that stands for
them alone and is drawn anew each time, so that they are in nobody's household, nor followed.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from equipoise.agree.checks.homes import place_of
from equipoise.agree.document import Agreement
from equipoise.agree.parts import Entity
from equipoise.carry.identity.dwellings import PLACES, dwellings
from equipoise.carry.identity.households import (
    LIVING,
    Changed,
    Households,
    carried_on,
    merged_people,
    no_households,
    residents,
)
from equipoise.carry.identity.kept import from_table
from equipoise.carry.identity.kept_homes import RestsOn, first_of, homes_from, homes_table
from equipoise.carry.identity.known_by import KnownBy, known_by
from equipoise.carry.identity.register import (
    CURRENT,
    ID,
    Draw,
    Numbers,
    Register,
    flat,
    numbers,
    roots,
)
from equipoise.carry.identity.report import Housed
from equipoise.carry.identity.said import SAID, said_since, without_repeats
from equipoise.carry.identity.step import (
    LASTING,
    REGISTER,
    made_with_one_key,
    now_of,
    rows_of,
)
from equipoise.carry.link.exact import entity_clause
from equipoise.carry.link.opt_outs import without_barred
from equipoise.carry.session import Session
from equipoise.errors import DocumentRefused, Problem, StateRefused

PEOPLE: Final = "_people"
"""No dataset can have this name: an id begins with a letter."""


@dataclass(frozen=True)
class HousedNow:
    """One entity's households or families; the parts are those of ``step.Known``."""

    members: pa.Table
    report: Housed
    dropped: pa.Table
    register: pa.Table
    numbers_of: Mapping[str, Any]


@dataclass(frozen=True)
class _Rows:
    """Rows of all datasets about people: where each is from, whose it is, and its keyed values, one
    column for each rule."""

    dataset: pa.Array
    row_id: pa.Array
    person: Numbers
    values: pa.Table


@dataclass(frozen=True)
class _Before:
    """What was known before a delivery, people numbered as they are now."""

    homes: Households
    said: pa.Table


def house(session: Session, agreement: Agreement, entity: str) -> HousedNow:
    """Take a delivery into an entity's households, or families, and say of which each row is.

    Raises ``DocumentRefused`` (IDR063) when the entity is not made of people, ``StateRefused``
    (IDR064) when rows were delivered since the people were linked, IDR061 when the values were made
    under another key than before, IDR065 when the people's register began anew, and what
    ``known_by`` raises.
    """
    clause = _clause(agreement, entity)
    datasets = (clause.spine, *clause.join)
    now = now_of(session)
    barred = without_barred(session, agreement, datasets)
    known = known_by(session, agreement, entity, clause, made_with=now.made_with, key=now.key)
    people = from_table(session.table(PEOPLE))
    listed = clause.households.not_in if clause.households is not None else None
    tables = {n: rows_of(known, n, barred.dropped, here=False) for n in datasets if n != listed}
    rows = _rows(people, tables, known)
    rests_on = RestsOn(known.made_with, first_of(people))
    before = _before(session, entity, rests_on, people)
    session.progress(0.5, f"telling who is of one {entity}")
    placed = _Placed(_declared(rows, f"{entity}.0"), 0, before.said)
    if clause.households is not None:
        placed = _lived(session, agreement, entity, rows, known, before.said)
    after, changed, number = carried_on(before.homes, placed.living, at=now.at, draw=now.draw)
    group = _group_of_rows(rows, placed.living, f"{entity}.0" if clause.families else "")
    members = _members(rows, after, number, group, now.draw)
    if listed is not None:
        places = rows_of(known, listed, barred.dropped, here=False)
        members = pa.concat_tables([members, _alone(places, listed, now.draw)])
    members = members.take(pc.sort_indices(members["row_id"]))
    session.progress(1.0, "told")
    report = _report(entity, rows, group, changed, after, placed.communal)
    report = replace(report, opted_out=barred.counts(agreement, datasets))
    held = homes_table(after, entity, rests_on, placed.said)
    return HousedNow(members, report, barred.dropped, held, figures(after))


def _clause(agreement: Agreement, entity: str) -> Entity:
    clause = entity_clause(agreement, entity)
    if clause.households is None and clause.families is None:
        raise DocumentRefused(
            Problem(
                "IDR063",
                f"{entity} is made of nobody",
                clause=f"linkage.entities.{entity}",
                next="agree 'households' or 'families' in a new version, or link it by its rules",
            )
        )
    return clause


@dataclass(frozen=True)
class _Placed:
    """Who is in which group (``LIVING``), how many homes are communal, and what was said."""

    living: pa.Table
    communal: int
    said: pa.Table


def _before(session: Session, entity: str, rests_on: RestsOn, people: Register) -> _Before:
    """Return the households that were known, if they rest on the same key and the same people.
    Nothing is kept of somebody whom the register of people has forgotten.

    Raises ``StateRefused`` (IDR061, IDR065): people are numbered, and another register numbers them
    otherwise.
    """
    if REGISTER not in session.names():
        return _Before(no_households(), SAID.empty_table())
    held, rested_on, said = homes_from(session.table(REGISTER))
    made_with_one_key(entity, rested_on.made_with, rests_on.made_with)
    if rested_on.people != rests_on.people:
        raise StateRefused(
            Problem(
                "IDR065",
                f"the people of each {entity} are of a register that began anew",
                why="who was in one before cannot be told in the new register",
                next=f"begin it anew too: equipoise erase AGREEMENT identities-{entity}",
            )
        )
    person, standing = roots(people.standing), people.standing
    renamed = merged_people(held, person)
    known = pa.array(standing[numbers(renamed.members["person"])] == CURRENT)
    place = said.column_names.index("person")
    said = said.set_column(place, "person", pa.array(person[numbers(said["person"])]))
    return _Before(replace(renamed, members=renamed.members.filter(known)), said)


def _rows(people: Register, tables: Mapping[str, pa.Table], known: KnownBy) -> _Rows:
    """Return every row with its person, who is as the linkage of this delivery left it."""
    living = np.flatnonzero(people.living)
    held = flat(people.records["row_id"]).take(pa.array(living))
    person = people.identity_of_records()[living]
    parts, names, at = [], [], []
    for name, table in tables.items():
        place = pc.index_in(table["row_id"], value_set=held)
        if place.null_count:
            raise StateRefused(
                Problem(
                    "IDR064",
                    f"rows of {name} came since people were linked",
                    why="whose they are is not known yet",
                    next="link again, people and their households together: equipoise link",
                )
            )
        parts.append(table)
        names += [name] * table.num_rows
        at.append(numbers(place))
    whole = pa.concat_tables(parts)
    where = np.concatenate(at)
    return _Rows(
        pa.array(names, pa.string()),
        flat(whole["row_id"]),
        person[where],
        whole.select(list(known.columns)),
    )


# -- households ----------------------------------------------------------------------------------


def _lived(
    session: Session,
    agreement: Agreement,
    entity: str,
    rows: _Rows,
    known: KnownBy,
    said_before: pa.Table,
) -> _Placed:
    """Place people in the homes that their rows tell of."""
    clause, at = entity_clause(agreement, entity), now_of(session).at
    assert clause.households is not None
    dwelling, listed = _dwellings(agreement, clause, entity, rows, known)
    said = said_since(said_before, rows.dataset, rows.person, dwelling, at)
    living, crowded = residents(
        rows.person,
        dwelling,
        numbers(said["since"]),
        communal=listed,
        related=_related(agreement, clause, rows, session),
        most_unrelated=clause.households.unrelated_at_most,
    )
    return _Placed(living, len(crowded), without_repeats(said))


def _dwellings(
    agreement: Agreement, clause: Entity, entity: str, rows: _Rows, known: KnownBy
) -> tuple[pa.Array, pa.Array | None]:
    """Return the dwelling of each row, and those that stand on the list of communal places."""
    assert clause.households is not None
    places = _places(agreement, clause, entity, rows.person, rows.values)
    listed = clause.households.not_in
    if listed is None:
        return dwellings(places), None
    table = known.tables[listed].select(list(known.columns))
    nobody = int(rows.person.max(initial=-1)) + 1 + np.arange(table.num_rows)
    places = pa.concat_tables([places, _places(agreement, clause, entity, nobody, table)])
    dwelling, own = flat(dwellings(places)), len(rows.person)
    return dwelling.slice(0, own), _communal(places, dwelling, own)


def _places(
    agreement: Agreement, clause: Entity, entity: str, person: Numbers, values: pa.Table
) -> pa.Table:
    """Return rows as ``PLACES``: each rule's values in the column of what the rule is."""
    columns: dict[str, Any] = {"person": person}
    for number, rule in enumerate(clause.rules):
        columns[place_of(agreement, clause, rule) or ""] = values[f"{entity}.{number}"]
    missing = pa.nulls(len(person), ID)
    return pa.table([columns.get(name, missing) for name in PLACES.names], schema=PLACES)


def _communal(places: pa.Table, dwelling: pa.Array, own: int) -> pa.Array:
    """Return the dwellings that stand on the list of places that are no homes: the very dwelling,
    and every flat of a building or UPRN that the list names."""
    found = np.zeros(len(dwelling), np.bool_)
    found[own:] = True
    for name in ("uprn", "building"):
        column = flat(places[name])
        named = column.slice(own).drop_null()
        found |= np.asarray(pc.is_in(column, value_set=named, skip_nulls=True))
    return pc.unique(dwelling.filter(pa.array(found))).drop_null()


def _related(
    agreement: Agreement, clause: Entity, rows: _Rows, session: Session
) -> tuple[Numbers, Numbers] | None:
    """Return pairs of people who are of one family by what was declared."""
    assert clause.households is not None and agreement.linkage is not None
    family = clause.households.related_by
    if family is None:
        return None
    of, key = agreement.linkage.entities[family], now_of(session).key
    left, right = [], []
    for table in known_by(session, agreement, family, of, key=key).tables.values():
        place = numbers(pc.index_in(table["row_id"], value_set=rows.row_id))
        token = flat(table[f"{family}.0"])
        there = (place >= 0) & np.asarray(token.is_valid())
        code = numbers(token.filter(pa.array(there)).dictionary_encode().indices)
        person = rows.person[place[there]]
        order = np.lexsort((person, code))
        same = code[order][1:] == code[order][:-1]
        left.append(person[order][:-1][same])
        right.append(person[order][1:][same])
    return np.concatenate(left), np.concatenate(right)


# -- families ------------------------------------------------------------------------------------


def _declared(rows: _Rows, column: str) -> pa.Table:
    """Return who is of one family (``LIVING``): people whose rows share what was declared. A child
    whom two families declare is of both."""
    token = flat(rows.values[column])
    there = np.asarray(token.is_valid())
    shared = token.filter(pa.array(there))
    code = numbers(shared.dictionary_encode().indices)
    person = rows.person[there]
    lines, first = np.unique(np.stack([code, person], 1), axis=0, return_index=True)
    return pa.table([lines[:, 1], lines[:, 0], shared.take(pa.array(first))], schema=LIVING)


# -- what is handed on ---------------------------------------------------------------------------


def _group_of_rows(rows: _Rows, living: pa.Table, declared: str) -> Numbers:
    """Return the group of each row, or -1: of a family what the row itself declares, else the only
    group that its person is in."""
    group = np.full(len(rows.person), -1, np.int64)
    person, of = numbers(living["person"]), numbers(living["group"])
    if not len(person):
        return group
    size = int(max(person.max(), rows.person.max())) + 1
    alone = np.bincount(person, minlength=size) == 1
    only = np.full(size, -1, np.int64)
    only[person[alone[person]]] = of[alone[person]]
    group = only[rows.person]
    if declared:
        _, first = np.unique(of, return_index=True)
        marks = flat(living["dwelling"]).take(pa.array(first))
        said = pc.index_in(rows.values[declared], value_set=marks)
        group = np.where(np.asarray(said.is_valid()), numbers(said), group)
    return group


def _members(
    rows: _Rows, after: Households, number: Numbers, group: Numbers, draw: Draw
) -> pa.Table:
    """Return each row's identifier (``LASTING``): of its household, or of its person alone."""
    homed = group >= 0
    alone, place = np.unique(rows.person[~homed], return_inverse=True)
    drawn = _drawn(len(alone), draw)
    known = flat(after.households["identifier"]).take(pa.array(number[group[homed]]))
    both = pa.concat_arrays([known, drawn.take(pa.array(place.reshape(-1)))])
    order = np.empty(len(group), np.int64)
    order[np.concatenate([np.flatnonzero(homed), np.flatnonzero(~homed)])] = np.arange(len(group))
    return pa.table([rows.dataset, rows.row_id, both.take(pa.array(order))], schema=LASTING)


def _alone(table: pa.Table, dataset: str, draw: Draw) -> pa.Table:
    """Return the rows of a list, each with an identifier of its own: they are nobody's."""
    name = pa.repeat(pa.scalar(dataset, pa.string()), table.num_rows)
    return pa.table([name, table["row_id"], _drawn(table.num_rows, draw)], schema=LASTING)


def _drawn(count: int, draw: Draw) -> pa.Array:
    return pa.Array.from_buffers(ID, count, [None, pa.py_buffer(draw(16 * count))])


def _report(
    entity: str,
    rows: _Rows,
    group: Numbers,
    changed: Changed,
    after: Households,
    communal: int,
) -> Housed:
    return Housed(
        entity=entity,
        rows=len(group),
        placed=int((group >= 0).sum()),
        people=len(np.unique(rows.person)),
        went_on=changed.went_on,
        formed=changed.formed,
        ended=changed.ended,
        moved=changed.moved,
        communal=communal,
        identities=int(after.households["ended"].null_count),
    )


def figures(homes: Households) -> dict[str, Any]:
    """Return what is known of households, as exact numbers that name nobody."""
    now = homes.members.filter(homes.members["valid_to"].is_null())
    sizes = Counter(np.minimum(np.bincount(numbers(now["household"])), 5).tolist())
    return {
        "current": int(homes.households["ended"].null_count),
        "ended": homes.households.num_rows - int(homes.households["ended"].null_count),
        "people": int(pc.count_distinct(now["person"]).as_py()),
        "events": {},
        "sizes": {str(size): count for size, count in sorted(sizes.items()) if size},
    }
