"""Invitations: a link by which an enrolled person opens their account, or opens it anew."""

from __future__ import annotations

import re
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from equipoise.account.shapes import moment_text
from equipoise.acts.accounts.limits import guessed
from equipoise.acts.accounts.permission import require
from equipoise.acts.accounts.sessions import token_mark
from equipoise.acts.site import MACHINE, Site
from equipoise.errors import Problem, StateRefused, UsageRefused
from equipoise.store.account_facts import Invited
from equipoise.store.accounts import Accounts
from equipoise.store.facts import Person
from equipoise.store.passwords import faults, hashed

LASTS: Final = timedelta(days=7)
_SIGN_IN: Final = re.compile(r"[a-z0-9][a-z0-9._@+-]{2,119}")


@dataclass(frozen=True)
class Invitation:
    """An invitation that was just made. ``token`` goes into the link and is kept nowhere."""

    token: str
    person: Person
    ends: datetime


def account_object(site: Site, person: Person) -> str:
    """Return how the ledger names a person's account."""
    return f"account:{site.custody.key_name(person.party, person.name)}"


def invite(site: Site, person: Person, *, by: Person | None) -> Invitation:
    """Make an invitation for an enrolled person; it ends those that were not used.

    ``by`` is an administrator, or ``None`` for whoever may run commands on the site's machine.
    Raises ``GateRefused`` (ACT250) when ``by`` is no administrator.
    """
    actor = MACHINE if by is None else require(by, "keep accounts").key
    token = secrets.token_urlsafe(32)
    with site.store.change(actor) as change:
        ends = change.now + LASTS
        Accounts(site.store.alias).invite(change, person.key, token_mark(token), ends)
        change.note(
            "account invited",
            account_object(site, person),
            person=person.key,
            ends=moment_text(ends),
        )
    return Invitation(token, person, ends)


def invited(site: Site, token: str, *, address: str) -> Invited:
    """Return the invitation of a link. Raises ``StateRefused`` (ACT252) when it serves no more,
    or never did, and ``TooMany`` when an address tries too many."""
    with guessed(site, {"link": address}):
        found = Accounts(site.store.alias).invitation(token_mark(token))
        if found is None or found.used is not None or site.clock() >= found.ends:
            raise StateRefused(
                Problem(
                    "ACT252",
                    "this invitation does not serve, or no longer",
                    why="an invitation serves once, and for seven days",
                    next="ask whoever sent it for another",
                )
            )
    return found


def open_account(site: Site, token: str, sign_in: str, password: str, *, address: str) -> Person:
    """Open an account with a name to sign in by and a password.

    Raises ``UsageRefused`` (ACT253 the name, ACT254 the password), all at once, and what
    ``invited`` raises.
    """
    person = invited(site, token, address=address).person
    name = sign_in.strip().casefold()
    problems = [] if _SIGN_IN.fullmatch(name) else [unfit_name()]
    problems += password_problems(password, name, *person.name.split())
    if problems:
        raise UsageRefused(problems)
    return _open(site, token, person, name, hashed(password), None)


def open_with_outside(site: Site, token: str, issuer: str, subject: str, *, address: str) -> Person:
    """Open an account that is signed in to with an identity at a provider."""
    person = invited(site, token, address=address).person
    # Unique among names and never typed: no password goes with it.
    name = f"outside-{secrets.token_hex(8)}"
    return _open(site, token, person, name, "", (issuer, subject))


def _open(
    site: Site,
    token: str,
    person: Person,
    sign_in: str,
    password: str,
    outside: tuple[str, str] | None,
) -> Person:
    accounts = Accounts(site.store.alias)
    anew = accounts.account(person.key) is not None
    with site.store.change(person.key) as change:
        opened = accounts.open_account(change, token_mark(token), sign_in, password, outside)
        change.note(
            "account opened",
            account_object(site, opened),
            person=opened.key,
            way="an outside identity" if outside else "a password",
            anew=anew,
        )
    return opened


def unfit_name() -> Problem:
    """Say what a name to sign in by is made of."""
    return Problem(
        "ACT253",
        "that is not a name to sign in by",
        why="it has three characters or more: letters without accents, digits, and . _ @ + -",
        next="an e-mail address will do",
        clause="sign_in",
    )


def password_problems(password: str, *names: str) -> list[Problem]:
    """Say everything that is wrong with a password."""
    return [
        Problem(
            "ACT254",
            f"the password {fault}",
            next="three or four words that do not belong together make a good one",
            clause="password",
        )
        for fault in faults(password, *names)
    ]
