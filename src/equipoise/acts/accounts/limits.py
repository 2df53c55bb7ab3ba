"""How often somebody may guess: counted before each check, by account and by address."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import timedelta
from math import ceil
from typing import Final

from equipoise.acts.accounts.site_secret import mark_of, site_secret
from equipoise.acts.site import Site
from equipoise.errors import Problem, StateRefused
from equipoise.store.accounts import Accounts

WITHIN: Final = timedelta(minutes=15)
MOST: Final[Mapping[str, int]] = {
    "account from here": 5,
    "account": 25,
    "address": 60,
    "code": 5,
    "link": 30,
}
"""Tries within a quarter of an hour. Few for one account from one address, so that a stranger
cannot keep the owner out from elsewhere; ``code`` is per account, wherever it is tried from."""


class TooMany(StateRefused):
    """Too many tries; the problem says how long to wait."""


@contextmanager
def guessed(site: Site, tries: Mapping[str, str]) -> Iterator[None]:
    """Count one try at each of ``tries`` (kind of limit to what is tried), and forget them when
    what is done inside succeeds. A try at an address is never forgotten.

    Raises ``TooMany`` (ACT251) when a limit is reached.
    """
    secret = site_secret(site.directory)
    marks = {kind: mark_of(secret, f"try {kind}", what) for kind, what in tries.items()}
    accounts = Accounts(site.store.alias)
    most = {mark: MOST[kind] for kind, mark in marks.items()}
    if wait := accounts.attempt(most, site.clock(), WITHIN):
        minutes = ceil(wait / 60)
        raise TooMany(
            Problem(
                "ACT251",
                "there were too many tries",
                why="so that nobody can guess their way in",
                next=f"wait {minutes} minute{'s' if minutes != 1 else ''} and try again",
            )
        )
    yield
    accounts.forgive([mark for kind, mark in marks.items() if kind != "address"])
