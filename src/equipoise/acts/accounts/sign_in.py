"""Signing in: a password or an identity elsewhere, then the second factor.

What is wrong is never said more closely than that name and password do not go together, and a check
takes as long for a name that nobody has.
"""

from __future__ import annotations

import re
from typing import Final, NoReturn

from equipoise.acts.accounts import one_time
from equipoise.acts.accounts.invite import account_object
from equipoise.acts.accounts.limits import guessed
from equipoise.acts.accounts.second_factor import code_mark, opened
from equipoise.acts.accounts.sessions import Started, end, start, token_mark
from equipoise.acts.site import Site
from equipoise.errors import GateRefused, Problem, StateRefused, UsageRefused
from equipoise.store.account_facts import Credentials, Session, Stage
from equipoise.store.accounts import Accounts
from equipoise.store.facts import Person
from equipoise.store.passwords import is_password

_TYPED: Final = re.compile(r"[\s-]+")


def second_factor_required(site: Site) -> bool:
    """Say whether everybody needs a second factor: on every site but one for practice."""
    return not site.practice


def with_password(site: Site, sign_in: str, password: str, *, address: str) -> Started:
    """Check a name and a password, and begin a session that may still owe the second factor.

    Raises ``UsageRefused`` (ACT255) when they do not go together, ``TooMany`` (ACT251).
    """
    name = sign_in.strip().casefold()[:120]
    tries = {"account from here": f"{name} {address}", "account": name, "address": address}
    with guessed(site, tries):
        found = Accounts(site.store.alias).credentials(sign_in=name)
        right = is_password(password, found.password if found else "")
        if found is None or not right or not _counts(site, found):
            _refuse()
    return start(site, found.person, _owed(site, found, elsewhere=False))


def with_outside(site: Site, issuer: str, subject: str, *, second_factor: bool) -> Started:
    """Begin a session for whom a provider has vouched. ``second_factor``: the site trusts the
    provider to have asked for one. Raises ``UsageRefused`` (ACT255) for an unknown identity."""
    accounts = Accounts(site.store.alias)
    person = accounts.at_outside(issuer, subject)
    found = accounts.credentials(person=person.key) if person else None
    if found is None or not _counts(site, found):
        _refuse(elsewhere=True)
    return start(site, found.person, _owed(site, found, elsewhere=second_factor))


def after_opening(site: Site, person: Person) -> Started:
    """Begin a session for whom has just opened their account; the second factor is still owed."""
    found = Accounts(site.store.alias).credentials(person=person.key)
    if found is None or not _counts(site, found):
        _refuse()
    return start(site, found.person, _owed(site, found, elsewhere=False))


def as_invented(site: Site, person: Person) -> Started:
    """Step into the part of an invented person, on a practice site, without a password.

    Raises ``GateRefused`` (ACT256) on a real site, or for a real person.
    """
    if not (site.practice and person.practice):
        raise GateRefused(
            Problem(
                "ACT256",
                "nobody signs in here without a password",
                why="only invented people of a practice site can be stepped into",
            )
        )
    accounts = Accounts(site.store.alias)
    if accounts.account(person.key) is None:
        _open_invented(site, person)
    return start(site, person, "open")


def _open_invented(site: Site, person: Person) -> None:
    from equipoise.acts.accounts.invite import invite

    token = token_mark(invite(site, person, by=None).token)
    with site.store.change(person.key) as change:
        Accounts(site.store.alias).open_account(
            change, token, f"invented {person.key}".casefold()[:120], ""
        )
        change.note(
            "account opened",
            account_object(site, person),
            person=person.key,
            way="a password",
            anew=False,
        )


def with_code(site: Site, session: Session, token: str, code: str) -> Started:
    """Check a one-time or a recovery code, and begin the session in full under a new token.

    Raises ``UsageRefused`` (ACT257) for a code that is wrong or was used, ``StateRefused``
    (ACT258) when no code is owed, ``TooMany`` (ACT251).
    """
    if session.stage != "code":
        raise StateRefused(
            Problem("ACT258", "no code is asked for", next="sign in with your password first")
        )
    person = session.person
    with guessed(site, {"code": person.key}):
        plain = _TYPED.sub("", code).casefold()[:40]
        if not (_spent_step(site, person, plain) or _spent_recovery(site, person, plain)):
            raise UsageRefused(
                Problem(
                    "ACT257",
                    "that code is not right, or was used already",
                    why="a code serves once, and for about a minute",
                    next="wait for the next code, or use a recovery code",
                    clause="code",
                )
            )
    end(site, token)
    return start(site, person, "open")


def _spent_step(site: Site, person: Person, code: str) -> bool:
    accounts = Accounts(site.store.alias)
    found = accounts.credentials(person=person.key)
    if found is None or not found.one_time or not code.isascii():
        return False
    secret = opened(site, found.one_time, person.key)
    step = one_time.step_of(secret, code, site.clock().timestamp())
    return step is not None and accounts.spend_step(person.key, step)


def _spent_recovery(site: Site, person: Person, code: str) -> bool:
    accounts = Accounts(site.store.alias)
    with site.store.change(person.key) as change:
        if not accounts.spend_code(person.key, code_mark(site, person, code), change.now):
            return False
        change.saved = True
        left = accounts.account(person.key)
        change.note(
            "recovery code used",
            account_object(site, person),
            person=person.key,
            left=left.codes_left if left else 0,
        )
    return True


def _counts(site: Site, found: Credentials) -> bool:
    return not found.locked and (site.practice or not found.person.practice)


def _owed(site: Site, found: Credentials, *, elsewhere: bool) -> Stage:
    if elsewhere:
        return "open"
    if found.one_time:
        return "code"
    return "set up" if second_factor_required(site) else "open"


def _refuse(*, elsewhere: bool = False) -> NoReturn:
    raise UsageRefused(
        Problem(
            "ACT255",
            "no account here is opened by that identity"
            if elsewhere
            else "the name or the password is not right",
            next="try again; if you have forgotten it, ask an administrator for an invitation",
        )
    )
