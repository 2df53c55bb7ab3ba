"""Sessions: who is signed in, from when until when, and how that ends.

A browser holds a random token; the site keeps its hash. A session ends by itself an hour after it
was last used and twelve hours after it began, and at once when the account is locked.
"""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from equipoise.acts.site import Site
from equipoise.store.account_facts import Session, Stage
from equipoise.store.accounts import Accounts
from equipoise.store.facts import Person

IDLE: Final = timedelta(hours=1)
LONGEST: Final = timedelta(hours=12)
UNFINISHED: Final = timedelta(minutes=10)
"""How long a sign-in may wait for its second factor."""

_TOUCH: Final = timedelta(minutes=1)
_BYTES: Final = 32


@dataclass(frozen=True)
class Started:
    """A session that has just begun: its token, for the browser alone, and what it owes."""

    token: str
    stage: Stage
    person: Person


def token_mark(token: str) -> str:
    """Return the hash by which a random token is kept. The token has 256 bits, so a plain hash
    cannot be turned back."""
    return f"sha256:{hashlib.sha256(token.encode()).hexdigest()}"


def start(site: Site, person: Person, stage: Stage) -> Started:
    """Begin a session with a new token."""
    token = secrets.token_urlsafe(_BYTES)
    now = site.clock()
    ends = now + (LONGEST if stage == "open" else UNFINISHED)
    Accounts(site.store.alias).start_session(person.key, token_mark(token), stage, now, ends)
    return Started(token, stage, person)


def whose(site: Site, token: str) -> Session | None:
    """Return the session that a token stands for, while it lasts, or ``None``."""
    if not token or len(token) > 2 * _BYTES:
        return None
    accounts = Accounts(site.store.alias)
    session = accounts.session(token_mark(token))
    if session is None:
        return None
    now = site.clock()
    over = now >= session.ends or now - session.seen >= IDLE
    if over or session.locked or (session.person.practice and not site.practice):
        return None
    if now - session.seen >= _TOUCH:
        accounts.touch(session.number, now)
    return session


def end(site: Site, token: str) -> None:
    """End the session of a token."""
    Accounts(site.store.alias).end_session(token_mark(token))
