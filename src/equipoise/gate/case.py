"""One decision in the making: the agreement, the request, the facts, and the way to say no."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from equipoise.agree.document import Agreement
from equipoise.agree.places import Places
from equipoise.agree.reads import (
    datasets_read,
    identifiers_read,
    pack_fields,
    paths_read,
    registers_of,
    to_link,
    with_payload,
)
from equipoise.errors import Problem
from equipoise.gate.deeds import Deed
from equipoise.gate.reasons import REASONS, show
from equipoise.gate.terms import Facts, Request

Fields = Mapping[str, frozenset[str]]
"""dataset -> fields"""


def problem(code: str, clause: str | None, places: Places | None, **names: object) -> Problem:
    """Return the problem of a code, at its clause, with the names it speaks of."""
    reason = REASONS[code]
    place = places.place(clause) if places is not None and clause else None
    line, column = place or (None, None)
    return Problem(
        code,
        reason.what.format(**names),
        why=reason.why.format(**names),
        next=reason.next.format(**names),
        line=line,
        column=column,
        clause=clause,
    )


@dataclass(frozen=True)
class Case:
    """Everything that a stage of the decision may look at."""

    agreement: Agreement
    places: Places | None
    request: Request
    facts: Facts
    deed: Deed

    def no(self, code: str, clause: str | None = None, **names: object) -> Problem:
        """Return one reason for refusing. Texts from the request pass through ``show`` first."""
        return problem(code, clause, self.places, **names)

    @property
    def who(self) -> str:
        """Return ``party/person``, by which training is known."""
        return f"{self.request.party}/{self.request.person}"

    @property
    def use_clause(self) -> str:
        """Return the clause of the use asked for, or of all uses when there is no such use."""
        return f"uses.{self.request.use}" if self.request.use in self.agreement.uses else "uses"

    def touched(self) -> tuple[str, ...]:
        """Return the known datasets that the act reads, by itself or through its use.

        An act on keys alone, as agreeing the owners' secret, is for the sake of all of them.
        """
        if self.deed.data == "nothing" and not self.deed.for_use:
            return tuple(self.agreement.datasets)
        named = [name for name in self.agreement.datasets if name in self.request.datasets]
        if self.request.use in self.agreement.uses:
            named += datasets_read(self.agreement, self.request.use)
        return tuple(dict.fromkeys(named))

    def permitted(self) -> Fields:
        """Return the datasets and exactly the fields that this act may ask for."""
        return permitted_fields(
            self.agreement, self.deed, self.request.party, self.request.role, self.request.use
        )


def permitted_fields(
    agreement: Agreement, deed: Deed, party: str, role: str, use: str
) -> dict[str, frozenset[str]]:
    """Return what an act may ask for: dataset (or output) to fields.

    An owner packs every agreed field of its files. Parcels carry what is made of identifiers to
    whoever links, and to the secure room the fields that some use reads. A use sees only the fields
    that it reads itself.
    """
    if deed.data == "own files":
        return {
            name: frozenset(agreement.datasets[name].fields)
            for name in agreement.datasets_of(party)
        }
    if deed.data in ("tokens", "to link") or (deed.data == "parcels" and role == "linkage unit"):
        tokens = identifiers_read(agreement)
        return {name: tokens[name] for name in to_link(agreement)}
    if deed.data == "parcels":
        return {name: frozenset(pack_fields(agreement, name)) for name in with_payload(agreement)}
    if deed.data == "fields of the use":
        return _fields_of_use(agreement, use)
    if deed.data == "held":
        held = (*agreement.datasets, *agreement.uses, *registers_of(agreement))
        return dict.fromkeys(held, frozenset())
    return {}


def _fields_of_use(agreement: Agreement, use: str) -> dict[str, frozenset[str]]:
    if use not in agreement.uses:
        return {}
    named = paths_read(agreement.uses[use])
    return {
        dataset: frozenset(
            name
            for name, field in agreement.datasets[dataset].fields.items()
            if (dataset, name) in named and field.role != "identifier"
        )
        for dataset in datasets_read(agreement, use)
    }


def compare_fields(case: Case, permitted: Fields, clause: str) -> Iterator[Problem]:
    """Say every difference between the fields asked for and those permitted, both ways."""
    known = {*case.agreement.datasets, *case.agreement.uses}
    asked = case.request.datasets
    for name in sorted(asked):
        if name not in permitted:
            code = "GATE053" if name in known else "GATE046"
            yield case.no(code, _dataset_clause(case, name), dataset=show(name))
            continue
        where = _dataset_clause(case, name) if name in case.agreement.datasets else clause
        for field in sorted(set(asked[name]) - permitted[name]):
            yield case.no("GATE047", where, dataset=show(name), field=show(field))
        for field in sorted(permitted[name] - set(asked[name])):
            yield case.no("GATE048", where, dataset=show(name), field=show(field))
    if case.deed.whole:
        for name in absent(permitted, asked):
            yield case.no("GATE052", clause, dataset=show(name))


def absent(needed: Iterable[str], given: Mapping[str, object]) -> tuple[str, ...]:
    """Return what is needed and not given, in the order in which it is needed."""
    return tuple(name for name in needed if name not in given)


def _dataset_clause(case: Case, name: str) -> str:
    return f"datasets.{name}" if name in case.agreement.datasets else "datasets"
