"""What a person may do on a site because of a role there, beside what agreements give them.

Each rule is asked twice, in the same words: ``may`` tells a page what to offer, ``require`` stops
an act. Roles are those to which people were enrolled, and what no role gives is refused.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, Literal

from equipoise.errors import GateRefused, Problem
from equipoise.store.facts import Person

Duty = Literal[
    "keep accounts",
    "add initiatives",
    "facilitate workshops",
    "rate initiatives",
    "draft agreements",
]

ROLES: Final[Mapping[str, str]] = {
    "administrator": "invites people, gives and takes roles, locks accounts, sees who may sign in",
    "facilitator": "adds initiatives, and makes and leads workshops",
    "assessor": "adds initiatives, and rates them in an assessment",
    "drafter": "writes and changes drafts of agreements, and puts them forward to be signed",
}
"""The roles of a site, beside the roles that agreements name."""

DUTIES: Final[Mapping[Duty, tuple[str, ...]]] = {
    "keep accounts": ("administrator",),
    "add initiatives": ("facilitator", "assessor"),
    "facilitate workshops": ("facilitator",),
    "rate initiatives": ("assessor",),
    "draft agreements": ("drafter", "assessor"),
}
"""Which roles give which duty."""


def may(person: Person | None, duty: Duty) -> bool:
    """Say whether a person's roles give them a duty."""
    return person is not None and bool(set(person.roles) & set(DUTIES[duty]))


def require(person: Person | None, duty: Duty) -> Person:
    """Return the person. Raises ``GateRefused`` (ACT250) when their roles do not give the duty."""
    if person is not None and may(person, duty):
        return person
    raise GateRefused(
        Problem(
            "ACT250",
            f"{person.name if person else 'nobody'} may not {duty} here",
            why=f"that is for: {', '.join(DUTIES[duty])}",
            next="ask an administrator of this site for the role",
        )
    )
