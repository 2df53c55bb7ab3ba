"""Join a workshop: find it by a typed code or a scanned key, take a seat, leave, come back.

A participant has no account. Their phone keeps a random token; the site keeps its hash.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass

from equipoise.acts.accounts.site_secret import mark_of, site_secret
from equipoise.acts.site import Site
from equipoise.acts.workshop_make import book
from equipoise.errors import StateRefused
from equipoise.store.workshops import Held
from equipoise.weigh.workshop import joining
from equipoise.weigh.workshop.codes import (
    FROM_ALL,
    FROM_ONE,
    WINDOW,
    read_code,
    refuse_guessing,
)
from equipoise.weigh.workshop.events import participant


@dataclass(frozen=True)
class Seat:
    """Where somebody sits; ``token`` is for their phone alone, and is kept nowhere else."""

    workshop: str
    token: str
    who: str
    sector: str
    table: int


def find_by_code(site: Site, code: str, address: str) -> Held:
    """Return the workshop or survey of a typed code. ``address`` is whence it was typed; only a
    keyed hash of it is kept, and only where the code was wrong.

    Raises ``UsageRefused`` (WGH170), ``StateRefused`` (WGH171) after too many wrong codes, (STO030)
    for a wrong one.
    """
    secret = site_secret(site.directory)
    one, every = mark_of(secret, "join", address), mark_of(secret, "join", "from everywhere")
    now, held = site.clock(), book(site)
    refuse_guessing(
        now,
        held.wrong_codes(one, now - WINDOW, FROM_ONE),
        held.wrong_codes(every, now - WINDOW, FROM_ALL),
    )
    try:
        return held.held(code=read_code(code))
    except StateRefused:
        held.count_wrong_code((one, every), now)
        raise


def find_by_key(site: Site, key: str) -> Held:
    """Return the workshop or survey whose printed square was scanned. Raises (STO030)."""
    return book(site).held(key=key)


def fresh_token() -> str:
    """Return a new token for one phone, to be kept there and nowhere else."""
    return secrets.token_urlsafe(32)


def join_workshop(
    site: Site, name: str, *, token: str = "", sector: str, table: int | None = None
) -> Seat:
    """Take a seat. Without a token, a new one is drawn; with one, its seat is found again.

    Raises what ``joining.join`` raises.
    """
    token = token or fresh_token()
    who = participant(token, name)
    held = book(site)
    held.add(name, site.clock(), lambda plan, state: joining.join(plan, state, who, sector, table))
    with held.live(name) as live:
        person = live.state.people[who]
        return Seat(name, token, who, person.sector, person.table)


def has_joined(site: Site, name: str, token: str) -> bool:
    """Say whether a token has a seat."""
    with book(site).live(name) as live:
        return participant(token, name) in live.state.people


def leave_workshop(site: Site, name: str, token: str) -> None:
    """Leave. What was said stays, and the token brings its holder back."""
    who = participant(token, name)
    book(site).add(name, site.clock(), lambda plan, state: joining.leave(state, who))


def come_back(site: Site, name: str, token: str) -> None:
    """Come back, as after a lost connection."""
    who = participant(token, name)
    book(site).add(name, site.clock(), lambda plan, state: joining.back(state, who))


def write_for_table(site: Site, name: str, token: str) -> None:
    """Write for one's table from now on."""
    who = participant(token, name)
    book(site).add(name, site.clock(), lambda plan, state: joining.write_for_table(state, who))
