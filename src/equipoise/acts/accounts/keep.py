"""Keeping accounts: change a password, lock and unlock, end sessions everywhere."""

from __future__ import annotations

from equipoise.acts.accounts.invite import account_object, password_problems
from equipoise.acts.accounts.limits import guessed
from equipoise.acts.accounts.permission import require
from equipoise.acts.site import MACHINE, Site
from equipoise.errors import Problem, StateRefused, UsageRefused
from equipoise.store.account_facts import Account, Session
from equipoise.store.accounts import Accounts
from equipoise.store.facts import Person
from equipoise.store.passwords import hashed, is_password


def accounts_for(site: Site, by: Person) -> tuple[tuple[Person, Account | None], ...]:
    """Return the people who count here, each with their account if they have one.

    Raises ``GateRefused`` (ACT250) when ``by`` is no administrator.
    """
    require(by, "keep accounts")
    held = {one.person.key: one for one in Accounts(site.store.alias).accounts()}
    return tuple((person, held.get(person.key)) for person in site.people())


def account_of(site: Site, person: Person) -> Account:
    """Return a person's account. Raises ``StateRefused`` (ACT262) when there is none."""
    found = Accounts(site.store.alias).account(person.key)
    if found is None:
        raise StateRefused(
            Problem("ACT262", f"{person.name} has no account here", next="invite them first")
        )
    return found


def sessions_of(site: Site, person: Person) -> tuple[Session, ...]:
    """Return where a person is signed in, newest first."""
    now = site.clock()
    return tuple(one for one in Accounts(site.store.alias).sessions(person.key) if one.ends > now)


def change_password(site: Site, person: Person, old: str, new: str, *, session: int) -> None:
    """Keep another password, and end the person's other sessions.

    Raises ``UsageRefused`` (ACT263 the old one is wrong, ACT254 the new one is unfit).
    """
    accounts = Accounts(site.store.alias)
    with guessed(site, {"code": person.key}):
        found = accounts.credentials(person=person.key)
        if not is_password(old, found.password if found else ""):
            raise UsageRefused(
                Problem(
                    "ACT263", "that is not your password as it is now", clause="old",
                    next="try again, or ask an administrator for an invitation",
                )
            )  # fmt: skip
    account = account_of(site, person)
    if problems := password_problems(new, account.sign_in, *person.name.split()):
        raise UsageRefused(problems)
    kept = hashed(new)  # slow on purpose, so not within the transaction
    with site.store.change(person.key) as change:
        accounts.set_password(change, person.key, kept)
        accounts.end_sessions(person.key, but=session)
        change.note("password changed", account_object(site, person), person=person.key)


def lock(site: Site, person: Person, *, by: Person | None, locked: bool = True) -> None:
    """Lock an account, which ends its sessions, or unlock it.

    ``by`` is an administrator, or ``None`` for whoever may run commands on the site's machine.
    Raises ``StateRefused`` (ACT264) when an administrator would lock their own.
    """
    actor = MACHINE if by is None else require(by, "keep accounts").key
    account_of(site, person)
    if locked and actor == person.key:
        raise StateRefused(
            Problem(
                "ACT264", "nobody locks their own account",
                next="ask another administrator, or sign out everywhere",
            )
        )  # fmt: skip
    with site.store.change(actor) as change:
        Accounts(site.store.alias).lock(change, person.key, locked=locked)
        change.note(
            "account locked" if locked else "account unlocked",
            account_object(site, person),
            person=person.key,
        )


def sign_out_everywhere(site: Site, person: Person, *, by: Person | None) -> None:
    """End every session of a person; they themselves may ask for it, or an administrator."""
    if by is not None and by.key != person.key:
        require(by, "keep accounts")
    account_of(site, person)
    with site.store.change(MACHINE if by is None else by.key) as change:
        change.saved = True
        Accounts(site.store.alias).end_sessions(person.key)
        change.note("signed out everywhere", account_object(site, person), person=person.key)
