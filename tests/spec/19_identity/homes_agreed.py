"""An agreement that asks for households and families, and the people of a few streets."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import pyarrow as pa
import yaml
from known_in_modes import JOINED, OWNERS, SPINE, a_date, document, moment_of, row_id

from equipoise.agree.document import Agreement
from equipoise.carry.encode.outgoing import outgoing
from equipoise.carry.identity.homes import PEOPLE, HousedNow, house
from equipoise.carry.identity.step import MOMENT, REGISTER, Known, know
from equipoise.carry.tables import TablesSession

COUNCIL: Final = JOINED[0]
HOSTELS: Final = "hostels"
OTHERS: Final = ("customers_northlight", "customers_homewarm")
RULES: Final = [["uprn"], ["address:flat", "postcode"], ["address:building", "postcode"]]
UNTIL: Final = {"until": "2098-12-31"}
HOUSEHOLDS: Final = {"of": "person", "not in": HOSTELS, "related by": "family"}


def whole(mode: str = "exact", **household: Any) -> dict[str, Any]:
    """The city's agreement: people of two files, their households and their families."""
    made = document(mode, pairs="one to one")
    for name in (SPINE, COUNCIL):
        fields = made["datasets"][name]["fields"]
        fields["address"] = {"is": "identifier", "why": "to find the home"}
        fields["claim"] = {"is": "identifier", "type": "code", "why": "who claims together"}
    made["datasets"][HOSTELS] = {
        "from": "voa",
        "about": "hostels, halls, prisons and care homes",
        "fields": {
            name: {"is": "identifier", "why": "to know that it is no household's"}
            for name in ("uprn", "address", "postcode")
        },
    }
    made["retention"][HOSTELS] = "delete after use"
    entities = made["linkage"]["entities"]
    entities["household"] = {
        "spine": SPINE, "join": [COUNCIL, HOSTELS], "rules": RULES,
        "households": dict(HOUSEHOLDS), "identities": dict(UNTIL), **household,
    }  # fmt: skip
    entities["family"] = {
        "spine": SPINE, "join": [COUNCIL], "rules": [["claim"]],
        "families": {"of": "person"}, "identities": dict(UNTIL),
    }  # fmt: skip
    return made


def text(mode: str = "exact", **household: Any) -> str:
    return yaml.safe_dump(whole(mode, **household), sort_keys=False, allow_unicode=True)


def agreed(mode: str = "exact", **household: Any) -> Agreement:
    return Agreement.model_validate(whole(mode, **household))


def lives(who: str, address: str, *, uprn: str = "", claim: str = "", pc: str = "EQ1 1AA") -> Any:
    """A row about a person, named by one word, who lives somewhere."""
    number = sum(map(ord, who))
    born = f"19{40 + number % 50}-{1 + number % 12:02}-{1 + number % 28:02}"
    return {"forename": who, "surname": f"{who}SON", "birth_date": born, "postcode": pc,
            "address": address, "uprn": uprn, "claim": claim, "who": who}  # fmt: skip


Rows = Sequence[Mapping[str, str]]


@dataclass(frozen=True)
class Year:
    """One delivery: who is who, and what household and family each row is of."""

    people: Known
    homes: HousedNow
    families: HousedNow
    names: Mapping[bytes, tuple[str, str]]

    def together(self, which: str = "homes") -> set[frozenset[str]]:
        """The people who share an identifier, two or more."""
        found: dict[bytes, set[str]] = {}
        for row in getattr(self, which).members.to_pylist():
            found.setdefault(row["identifier"], set()).add(self.names[row["row_id"]][1])
        return {frozenset(group) for group in found.values() if len(group) > 1}

    def of(self, who: str, which: str = "homes") -> set[bytes]:
        """The identifiers that the rows of one person bear."""
        return {
            row["identifier"]
            for row in getattr(self, which).members.to_pylist()
            if self.names[row["row_id"]][1] == who
        }


def year(
    of: Agreement,
    number: int,
    spine: Rows,
    council: Rows = (),
    hostels: Rows = (),
    before: Year | None = None,
    more: Mapping[str, Rows] | None = None,
) -> Year:
    """Pack the files of a year, know the people, and place them."""
    files = {SPINE: spine, COUNCIL: council, HOSTELS: hostels, **dict.fromkeys(OTHERS, ())}
    files |= more or {}
    tables = {name: packed(of, name, rows, number) for name, rows in files.items()}
    names = {
        row_id(name, number, place): (name, row.get("who", ""))
        for name, rows in files.items()
        for place, row in enumerate(rows)
    }
    tables[MOMENT] = moment_of(number)
    held = {} if before is None else {REGISTER: before.people.register}
    people = know(TablesSession(tables | held), of, "person")
    made = []
    for entity, last in (("household", "homes"), ("family", "families")):
        kept = {} if before is None else {REGISTER: getattr(before, last).register}
        session = TablesSession(tables | kept | {PEOPLE: people.register})
        made.append(house(session, of, entity))
    return Year(people, made[0], made[1], names)


def packed(of: Agreement, name: str, rows: Rows, number: int) -> pa.Table:
    columns: dict[str, pa.Array] = {}
    for field in of.datasets[name].fields:
        texts = [row.get(field) or None for row in rows]
        if field == "birth_date":
            columns[field] = pa.array([a_date(text) for text in texts], pa.date32())
        else:
            columns[field] = pa.array(texts, pa.string())
    ids = [row_id(name, number, place) for place in range(len(rows))]
    return outgoing(pa.table(columns), of, name, OWNERS, pa.array(ids, pa.binary(16)))
