"""A small site that is served, and browsers without scripts that visit it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from html import unescape
from pathlib import Path
from typing import Any

from django.conf import settings as django_settings
from django.http import HttpResponse
from django.test import Client, override_settings

from equipoise.acts.accounts import one_time
from equipoise.acts.accounts.invite import invite
from equipoise.acts.site import Site, enrol, found_site
from equipoise.store.connect import prepare
from equipoise.store.facts import Person
from equipoise.web.application import opened_for, settings_for
from equipoise.web.opened import use

PASSWORD = "plough-lantern-quiver"


@dataclass
class StillClock:
    """A clock that a test sets."""

    now: datetime = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)  # before any machine's own day

    def __call__(self) -> datetime:
        return self.now

    def pass_by(self, **time: float) -> None:
        self.now += timedelta(**time)


@dataclass
class Place:
    """A site that is served, its clock, and how people come to it."""

    site: Site
    clock: StillClock

    def person(self, name: str) -> Person:
        return self.site.person(name)

    def visitor(self, **headers: str) -> Visitor:
        return Visitor(self)

    def invited(self, name: str) -> str:
        return invite(self.site, self.person(name), by=None).token

    def signed_in(self, name: str) -> Visitor:
        """Open an account for somebody, second factor and all, as they would."""
        visitor = self.visitor()
        visitor.open_account(name)
        return visitor


class Visitor(Client):
    """A browser without scripts: it sends forms with what their pages hold."""

    def __init__(self, place: Place) -> None:
        super().__init__(enforce_csrf_checks=True)
        self.place = place
        self.secret = b""
        self.recovery: list[str] = []

    def send(self, address: str, page: str | None = None, /, **fields: str) -> HttpResponse:
        """Send a form, with the token of the page that it is on."""
        seen = self.get(page or address).content.decode()
        token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', seen)
        assert token is not None, "the page has no form"
        return self.post(address, {**fields, "csrfmiddlewaretoken": token[1]})

    def code(self, secret: bytes | None = None) -> str:
        now = self.place.clock().timestamp()
        return one_time.code_at(secret or self.secret, int(now) // one_time.STEP)

    def set_up(self) -> HttpResponse:
        """Set up the second factor as its page says."""
        seen = self.get("/account/second-factor").content.decode()
        held = re.search(r'name="held" value="([^"]+)"', seen)
        letters = re.search(r'class="app-code">([A-Z2-7 ]+)<', seen)
        assert held is not None and letters is not None
        from base64 import b32decode

        self.secret = b32decode(letters[1].replace(" ", ""))
        done = self.send("/account/second-factor", held=unescape(held[1]), code=self.code())
        self.recovery = re.findall(r"<li>([a-z2-9]{10})</li>", done.content.decode())
        return done

    def open_account(self, name: str, sign_in: str = "") -> HttpResponse:
        token = self.place.invited(name)
        sign_in = sign_in or name.split(maxsplit=1)[0].lower() + "@example.org"
        opened = self.send(f"/invitation/{token}", sign_in=sign_in, password=PASSWORD)
        assert opened.status_code == 302, opened.content.decode()
        if not self.place.site.practice:
            assert self.set_up().status_code == 200
            self.place.clock.pass_by(seconds=60)
        return opened


def made(folder: Path, *, practice: bool) -> Place:
    clock = StillClock()
    site = found_site(folder / "site", name="Harbour <b>&</b> Hill", practice=practice, clock=clock)
    for name, roles in (
        ("Amara Osei", ("administrator",)),
        ("Ben Hale", ("checker",)),
        ("Cleo Marsh", ("facilitator",)),
    ):
        enrol(site, "council", name, roles=roles, practice=practice)
    return Place(site, clock)


def town_of(folder: Path, people: dict[str, str]) -> Place:
    """A practice site of a council's people, each with a role, in a year of its own."""
    clock = StillClock(datetime(2027, 3, 1, 9, tzinfo=UTC))
    site = found_site(folder / "site", name="Town", practice=True, clock=clock)
    for name, role in people.items():
        enrol(site, "council", name, roles=(role,), practice=True)
    return Place(site, clock)


def step_in(place: Place, name: str) -> Visitor:
    """Somebody invented, signed in without a password."""
    visitor = place.visitor()
    visitor.send("/sign-in/as", "/sign-in", person=f"council/{name}")
    return visitor


def served(place: Place, **how: Any) -> Iterator[Place]:
    prepare()
    wanted = settings_for(place.site, ("testserver",))
    of_the_site = {name: wanted.pop(name) for name in ("SECRET_KEY", "ALLOWED_HOSTS")}
    if not django_settings.is_overridden("ROOT_URLCONF"):
        # Once for all sites, or each test would compile every template anew.
        django_settings.SECRET_KEY = "of no site"
        for name, value in wanted.items():
            setattr(django_settings, name, value)
    with override_settings(**of_the_site):
        use(replace(opened_for(place.site), **how))
        yield place
        use(None)
