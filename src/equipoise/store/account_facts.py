"""What the store hands out about accounts: plain frozen values, never a password or a secret."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from equipoise.store.facts import Person

Stage = Literal["code", "set up", "open"]
"""What a session owes: the second factor's code, the setting up of one, or nothing."""


@dataclass(frozen=True)
class Account:
    """One person's account as people may see it."""

    person: Person
    sign_in: str
    made: datetime
    locked: datetime | None
    has_password: bool
    second_factor: bool
    codes_left: int
    outside: tuple[str, ...]
    """The issuers at which the person may also sign in."""


@dataclass(frozen=True)
class Credentials:
    """What a sign-in is checked against. Stays between store and acts."""

    person: Person
    password: str
    one_time: str
    locked: bool


@dataclass(frozen=True)
class Invited:
    """One invitation to open an account."""

    person: Person
    by: str
    made: datetime
    ends: datetime
    used: datetime | None


@dataclass(frozen=True)
class Session:
    """One signed-in browser."""

    number: int
    person: Person
    stage: Stage
    made: datetime
    seen: datetime
    ends: datetime
    locked: bool
