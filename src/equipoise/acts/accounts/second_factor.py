"""The second factor: a secret shared with a phone, and recovery codes for when it is lost.

The secret is sealed under the site's web secret, so that a copy of the database alone makes no
codes. Recovery codes have 50 bits and are kept as keyed hashes.
"""

from __future__ import annotations

import base64
import secrets
from datetime import timedelta
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from equipoise.acts.accounts import one_time
from equipoise.acts.accounts.invite import account_object
from equipoise.acts.accounts.limits import guessed
from equipoise.acts.accounts.site_secret import derived, mark_of, site_secret
from equipoise.acts.site import Site
from equipoise.errors import IntegrityRefused, Problem, StateRefused, UsageRefused
from equipoise.store.account_facts import Session
from equipoise.store.accounts import Accounts
from equipoise.store.facts import Person

CODES: Final = 10
_LETTERS: Final = "abcdefghjkmnpqrstuvwxyz23456789"
"""Without letters and digits that are taken for one another."""

_LABEL: Final = "one-time secrets"
_NONCE: Final = 12


def sealed(site: Site, secret: bytes, bound: str) -> str:
    """Return a second factor's secret sealed (AES-256-GCM) for one person or session alone."""
    nonce = secrets.token_bytes(_NONCE)
    key = derived(site_secret(site.directory), _LABEL)
    return base64.b64encode(nonce + AESGCM(key).encrypt(nonce, secret, bound.encode())).decode()


def opened(site: Site, kept: str, bound: str) -> bytes:
    """Return the secret that ``sealed`` sealed for ``bound``. Raises ``IntegrityRefused``
    (ACT261)."""
    key = derived(site_secret(site.directory), _LABEL)
    try:
        held = base64.b64decode(kept, validate=True)
        return AESGCM(key).decrypt(held[:_NONCE], held[_NONCE:], bound.encode())
    except (InvalidTag, ValueError) as error:
        raise IntegrityRefused(
            Problem(
                "ACT261",
                "the second factor of this account cannot be read",
                why="it was sealed under another secret of this site, or for somebody else",
                next="ask an administrator for a new invitation",
            )
        ) from error


def code_mark(site: Site, person: Person, code: str) -> str:
    """Return what is kept of a recovery code."""
    return mark_of(site_secret(site.directory), "recovery codes", f"{person.key} {code}")


def _draw_codes() -> tuple[str, ...]:
    return tuple("".join(secrets.choice(_LETTERS) for _ in range(10)) for _ in range(CODES))


FRESH: Final = timedelta(minutes=15)
"""How long after signing in somebody may change what they sign in with."""


def refuse_old_session(site: Site, held: Session) -> None:
    """Refuse (ACT265) to change a second factor from a session that was left open: whoever finds it
    would take the account over for good. Who has none yet sets up their first."""
    found = Accounts(site.store.alias).account(held.person.key)
    if found is not None and found.second_factor and site.clock() - held.made > FRESH:
        raise StateRefused(
            Problem(
                "ACT265",
                "you signed in too long ago to change your second factor",
                why="somebody else might sit at your screen",
                next="sign out, sign in again, and do it within a quarter of an hour",
            )
        )


def set_up(
    site: Site, person: Person, secret: bytes, code: str, *, session: int
) -> tuple[str, ...]:
    """Keep a second factor once a code shows that the phone has it, and end the person's other
    sessions; return the recovery codes, which are shown this once.

    Raises ``UsageRefused`` (ACT259) when the code is not of this secret, ``TooMany`` (ACT251).
    """
    with guessed(site, {"code": person.key}):
        step = one_time.step_of(secret, code.replace(" ", ""), site.clock().timestamp())
        if step is None:
            raise UsageRefused(
                Problem(
                    "ACT259",
                    "that code is not of the secret shown here",
                    why="the phone may hold another secret, or its clock may be wrong",
                    next="scan the picture anew, and give the code that the phone shows now",
                    clause="code",
                )
            )
    codes = _draw_codes()
    accounts = Accounts(site.store.alias)
    with site.store.change(person.key) as change:
        kept = sealed(site, secret, person.key)
        marks = [code_mark(site, person, one) for one in codes]
        accounts.set_second_factor(change, person.key, kept, step, marks)
        # One that a thief of the password began before would set up another over this one.
        accounts.end_sessions(person.key, but=session)
        change.note("second factor set", account_object(site, person), person=person.key)
    return codes


def new_codes(site: Site, person: Person) -> tuple[str, ...]:
    """Make recovery codes anew; those before no longer serve."""
    codes = _draw_codes()
    with site.store.change(person.key) as change:
        marks = [code_mark(site, person, one) for one in codes]
        Accounts(site.store.alias).set_codes(change, person.key, marks)
        change.note("recovery codes made", account_object(site, person), person=person.key)
    return codes
