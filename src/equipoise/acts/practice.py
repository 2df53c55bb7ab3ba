"""Practice people: invented persons who sign, run and check on a practice site, and only there.

Every entry that they make is by a key marked as practice, and the register says so on each page.
"""

from __future__ import annotations

from collections.abc import Iterator

from equipoise.acts.posts import CHECKER
from equipoise.acts.site import Site, enrol
from equipoise.agree.document import Agreement
from equipoise.errors import Problem, UsageRefused
from equipoise.store.facts import Person

ANALYSTS = ("Nia Bowen", "Tomasz Zielinski", "Ruth Okonkwo")
CHECKERS = ("Harriet Cole", "Samir Haddad")


def insist_on_practice(site: Site) -> None:
    """Refuse (ACT012) to invent people on a real site."""
    if not site.practice:
        raise UsageRefused(
            Problem(
                "ACT012",
                "this is not a practice site",
                why="on a real site people sign, run and check for themselves",
                next="equipoise sign AGREEMENT --as 'NAME', once for each signatory",
            )
        )


def _cast(agreement: Agreement) -> Iterator[tuple[str, str, str, tuple[str, ...]]]:
    """Yield (party, name, post, roles) of everybody whom the agreement needs."""
    checking = {party for rule in agreement.outputs.values() for party in rule.checked_by}
    for key, party in agreement.parties.items():
        roles = (*party.roles, CHECKER) if key in checking else tuple(party.roles)
        yield key, party.signatory.name, party.signatory.post, roles
    rooms = agreement.parties_in("secure room")
    wanted = list(dict.fromkeys(role for use in agreement.uses.values() for role in use.by))
    trainings = {name for use in agreement.uses.values() for name in use.training}
    for room in rooms:
        yield room, ANALYSTS[0], "analyst", (*wanted, *sorted(trainings))
    for rule in agreement.outputs.values():
        if len(rule.checked_by) == 1:
            yield rule.checked_by[0], CHECKERS[0], "second checker", (CHECKER,)


def enrol_cast(site: Site, agreement: Agreement) -> tuple[Person, ...]:
    """Enrol the invented people of an agreement who are not known yet."""
    insist_on_practice(site)
    made = []
    known = {*site.theirs(), *(person.key for person in site.people())}
    for party, name, post, roles in _cast(agreement):
        if f"{party}/{name}" not in known:
            made.append(enrol(site, party, name, post=post, roles=roles, practice=True))
    return tuple(made)
