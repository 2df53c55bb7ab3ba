"""Posts: which enrolled people act for a party, ask for a use, and check its outputs."""

from __future__ import annotations

from collections.abc import Iterator

from equipoise.acts.site import Site
from equipoise.agree.document import Agreement
from equipoise.agree.people import same_person_mark
from equipoise.agree.reads import datasets_read, lists_of
from equipoise.errors import EquipoiseError, Problem
from equipoise.store.facts import Person

CHECKER = "checker"


def analyst_for(site: Site, agreement: Agreement, use: str) -> Person | None:
    """Return a person of the secure room who may ask for ``use``, or ``None``.

    Somebody who may check its outputs is asked last, since nobody checks what they ran.
    """
    rooms = agreement.parties_in("secure room")
    fit = [
        person
        for person in site.people()
        if person.party in rooms and set(person.roles) & set(agreement.uses[use].by)
    ]
    return min(fit, key=lambda person: CHECKER in person.roles, default=None)


def checkers_for(
    site: Site, agreement: Agreement, use: str, author: str = ""
) -> tuple[Person, ...]:
    """Return the people who may check an output, one of each checking party first.

    ``author`` is the name of the person who ran the use, and may not check it.
    """
    parties = agreement.outputs[use].checked_by
    barred = same_person_mark(author)
    people = [
        person
        for person in site.people()
        if person.party in parties
        and CHECKER in person.roles
        and same_person_mark(person.name) != barred
    ]
    firsts = {person.party: person for person in reversed(people)}
    return tuple(dict.fromkeys([*firsts.values(), *people]))


def vacant(
    site: Site, agreement: Agreement, uses: tuple[str, ...], asker: str | None = None
) -> tuple[Problem, ...]:
    """Return every post that these uses need and nobody here holds, each with what to do."""
    read = [name for use in uses for name in datasets_read(agreement, use)]
    parties = {agreement.datasets[name].controller for name in (*read, *lists_of(agreement, read))}
    parties |= {agreement.parties_in("secure room")[0]}
    if agreement.linkage is not None:
        parties |= {agreement.linkage.by}
    found = [
        problem for party in sorted(parties) for problem in _nobody_acts(site, agreement, party)
    ]
    for use in uses:
        if asker is None and analyst_for(site, agreement, use) is None:
            found.append(nobody_asks(agreement, use))
        found += _nobody_checks(site, agreement, use)
    return tuple({(p.code, p.next): p for p in found}.values())


def _nobody_acts(site: Site, agreement: Agreement, party: str) -> tuple[Problem, ...]:
    try:
        site.actor_for(agreement, party)
    except EquipoiseError as error:
        return error.problems
    return ()


def nobody_asks(agreement: Agreement, use: str) -> Problem:
    """Return the problem of a use for which nobody here may ask."""
    room = agreement.parties_in("secure room")[0]
    by = agreement.uses[use].by
    return Problem(
        "ACT083",
        f"nobody here may ask for {use}",
        why=f"it may be asked for by: {', '.join(by)}",
        next=enrolling(f"{room}/NAME", by[0], *agreement.uses[use].training),
        clause=f"uses.{use}.by",
    )


def _nobody_checks(site: Site, agreement: Agreement, use: str) -> Iterator[Problem]:
    parties = agreement.outputs[use].checked_by
    able = checkers_for(site, agreement, use)
    for party in parties:
        if party not in {person.party for person in able}:
            yield Problem(
                "ACT084",
                f"nobody of {party} may check {use}",
                why="somebody of each checking party approves what leaves, and not its author",
                next=enrolling(f"{party}/NAME", CHECKER),
                clause=f"outputs.{use}.checked by",
            )
    if len(parties) == 1 and len({person.name for person in able}) == 1:
        yield Problem(
            "ACT085",
            f"only one person of {parties[0]} may check {use}",
            why="two people approve what leaves",
            next=enrolling(f"{parties[0]}/NAME", CHECKER),
            clause=f"outputs.{use}.checked by",
        )


def enrolling(who: str, *roles: str) -> str:
    """Return the command that enrols somebody."""
    return " ".join(["equipoise init --enrol", f"'{who}'", *(f"--role '{role}'" for role in roles)])
