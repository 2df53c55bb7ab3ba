"""An administrator gives an enrolled person roles of the site, and takes them away again."""

from __future__ import annotations

from collections.abc import Collection

from equipoise.acts.accounts.permission import ROLES, require
from equipoise.acts.site import Site
from equipoise.errors import Problem, UsageRefused
from equipoise.store.facts import Person


def change_roles(
    site: Site, person: Person, wanted: Collection[str], *, by: Person | None
) -> Person:
    """Let a person have the ``wanted`` roles of the site and no others of it, each on the ledger.

    Roles that agreements name are left as they are. Raises ``GateRefused`` (ACT250) when ``by`` is
    no administrator, ``UsageRefused`` (ACT266) for a role that is none, and when an administrator
    would shut themselves out.
    """
    keeper = require(by, "keep accounts")
    if strange := sorted({*wanted} - {*ROLES}):
        raise UsageRefused(
            Problem(
                "ACT266",
                f"{strange[0]!r} is no role of a site",
                next=f"choose from: {', '.join(ROLES)}",
                clause="roles",
            )
        )
    if person.key == keeper.key and "administrator" not in wanted:
        raise UsageRefused(
            Problem(
                "ACT266",
                "nobody takes the role of administrator from themselves",
                why="a site without one could let nobody in",
                next="let another administrator do it",
                clause="roles",
            )
        )
    given = [role for role in ROLES if role in wanted and role not in person.roles]
    taken = [role for role in ROLES if role in person.roles and role not in wanted]
    if not given and not taken:
        return person
    key = f"key:{site.custody.key_name(person.party, person.name)}"
    with site.store.change(keeper.key) as change:
        change.appoint(person.party, person.name, given)
        change.dismiss(person.party, person.name, taken)
        for role in given:
            change.note("role given", key, person=person.key, role=role)
        for role in taken:
            change.note("role taken", key, person=person.key, role=role)
    return site.person(person.key)
