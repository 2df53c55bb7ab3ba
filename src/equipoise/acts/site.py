"""A site: the folder in which one installation keeps its state, keys, rooms and publications.

equipoise.toml       its name, its database, whether it is a practice site, the posts it fills, and
                     what one step may take of the machine
equipoise.sqlite3    state and ledger (unless the database is Postgres)
keys/                one folder of keys per role
rooms/               sealed holdings of the linkage unit and the secure room
parcels/  outbox/    what owners packed; what was released
register/  reports/  the public register; reports for the people who run and review
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote

from equipoise import __version__
from equipoise.account.receipts import fingerprint
from equipoise.acts.lock import Locks
from equipoise.acts.settings import SETTINGS, Settings, read_settings, write_settings
from equipoise.agree.document import Agreement
from equipoise.agree.parse import Parsed, parse
from equipoise.clock import Clock, system_clock
from equipoise.errors import (
    DocumentRefused,
    EnvironmentFailed,
    IntegrityRefused,
    Problem,
    StateRefused,
    UsageRefused,
)
from equipoise.gate.addresses import Address, Addresses, Post, away
from equipoise.gate.custody import Custody
from equipoise.gate.locks import Limits
from equipoise.store.changing import Store
from equipoise.store.drafts import PREFIX, Drafts
from equipoise.store.ended_keys import EndedKeys
from equipoise.store.facts import Partner, Person

MACHINE = "site/machine"
"""The actor of what no person did."""

FOLDERS = ("keys", "rooms", "parcels", "outbox", "register", "reports", "runs")


@dataclass(frozen=True)
class Site:
    """One installation: where it lives, its name, its database, its keys and its clock."""

    directory: Path
    name: str
    practice: bool
    store: Store
    custody: Custody
    clock: Clock
    locks: Locks
    posts: frozenset[Post] | None = None
    """The (party, role) that it fills among partners; none given means all of them."""
    limits: Limits = field(default_factory=Limits)
    """What one step in a locked process may take."""
    recovered: list[str] = field(default_factory=list)
    """What this command put right of an earlier one that was cut off, in plain sentences."""

    @property
    def slug(self) -> str:
        """Return the site's name in the letters that the ledger allows."""
        return re.sub(r"[^A-Za-z0-9]+", "-", self.name).strip("-")[:60] or "site"

    def folder(self, name: str) -> Path:
        """Return one of the site's folders."""
        return self.directory / name

    def people(self) -> tuple[Person, ...]:
        """Return the people who count here: on a real site, no invented ones."""
        return tuple(p for p in self.store.people() if self.practice or not p.practice)

    def trusted(self, reference: str = "") -> Mapping[str, str]:
        """Return ``party/name`` to public key of the people who count here, and of partners'; for
        an agreement also ended keys, of whoever signed it before their key was ended."""
        keys = {**self.theirs(), **{person.key: person.public_key for person in self.people()}}
        held = bool(reference) and self.store.knows(reference)
        given = self.store.agreement(reference).signatures if held else ()
        return EndedKeys(self.store.alias).in_force(keys, reference, given)

    def theirs(self) -> Mapping[str, str]:
        """Return ``party/name`` to public key of the people whom partners' cards ever named: what
        they signed under an earlier card stays signed."""
        return {
            f"{person['party']}/{person['name']}": str(person["public_key"])
            for partner in self.store.partners(ever=True)
            for person in partner.card["people"]
        }

    def away(self, agreement: Agreement) -> frozenset[tuple[str, str]]:
        """Return the (party, role) of an agreement that live at a partner's site."""
        return away({key: party.roles for key, party in agreement.parties.items()}, self.posts)

    def is_away(self, agreement: Agreement, role: str) -> bool:
        """Say whether a role of an agreement, as ``linkage unit``, is filled at another site."""
        parties = agreement.parties_in(role)
        if role == "linkage unit" and agreement.linkage is not None:
            parties = (agreement.linkage.by,)
        gone = self.away(agreement)
        return bool(parties) and all((party, role) in gone for party in parties)

    def person(self, name: str, party: str | None = None) -> Person:
        """Find an enrolled person by name, or by party/name.

        Raises ``UsageRefused`` (ACT002) with who is known.
        """
        people = self.people()
        found = [p for p in people if name in (p.name, p.key) and party in (None, p.party)]
        if len(found) == 1:
            return found[0]
        known = ", ".join(sorted(p.key for p in (found or people)))
        raise UsageRefused(
            Problem(
                "ACT002",
                f"{len(found) or 'no'} people here are called {name!r}"
                + (f" of {party}" if party else ""),
                why="acts are done by named people",
                next=f"say which: --as with one of {known}"
                if found
                else f"enrolled here: {known or 'nobody yet'}; "
                f"equipoise init --enrol '{party or 'PARTY'}/{name}' --role ROLE enrols somebody",
            )
        )

    def actor_for(self, agreement: Agreement, party: str) -> Person:
        """Return the person who acts for a party here: one appointed to a role that it holds.

        Raises ``UsageRefused`` (ACT007) when nobody is.
        """
        roles = agreement.parties[party].roles
        for person in self.people():
            if person.party == party and set(roles) & set(person.roles):
                return person
        if {(party, role) for role in roles} <= self.away(agreement):
            # Somebody of a partner's site: whatever they ask here, the gate refuses.
            return Person(agreement.parties[party].signatory.name, party, "", "", (), False)
        raise UsageRefused(
            Problem(
                "ACT007",
                f"nobody here is appointed to act for {party}",
                why="every act is done by a named person",
                next=f"equipoise init --enrol '{party}/{agreement.parties[party].signatory.name}' "
                f"--role '{roles[0]}', or another person of {party}",
                clause=f"parties.{party}",
            )
        )

    def actor_in(self, agreement: Agreement, role: str) -> Person:
        """Return the person who acts for the party in ``role``, as the linkage unit."""
        parties = agreement.parties_in(role)
        if role == "linkage unit" and agreement.linkage is not None:
            parties = (agreement.linkage.by,)
        return self.actor_for(agreement, parties[0])

    def text_of(self, source: Path | str) -> str:
        """Return an agreement's text: of a file or folder, as ``draft:NAME``, or as signed here.

        Raises ``EnvironmentFailed`` (ACT003) when there is neither, ``DocumentRefused`` (ACT008)
        when it is not UTF-8 text.
        """
        if str(source).startswith(PREFIX):
            return Drafts(self.store.alias).draft(str(source).removeprefix(PREFIX)).text
        path = Path(source)
        try:
            if path.is_dir() and (path / "agreement.yaml").is_file():
                path = path / "agreement.yaml"
            if path.is_file():
                return path.read_text(encoding="utf-8")
        except UnicodeDecodeError as error:
            raise DocumentRefused(
                Problem(
                    "ACT008",
                    f"the agreement {source} is not UTF-8 text",
                    next="save it as UTF-8",
                    file=str(source),
                )
            ) from error
        except OSError as error:
            raise EnvironmentFailed(
                Problem(
                    "ACT003",
                    f"the agreement {source} cannot be read",
                    why=error.strerror or type(error).__name__,
                )
            ) from error
        if self.store.knows(str(source)):
            return self.store.agreement(str(source)).text
        raise EnvironmentFailed(
            Problem(
                "ACT003",
                f"there is no agreement at {source}",
                next="give the path of an agreement's YAML file, or id@version of one signed here",
            )
        )

    def read(self, source: Path | str) -> Parsed:
        """Read an agreement. Raises ``DocumentRefused`` with every problem of its text."""
        return parse(self.text_of(source), file=str(source))

    def frozen(self, reference: str) -> Parsed:
        """Return an agreement as it was signed here, whatever files lie about."""
        return parse(self.store.agreement(reference).text, file=reference)


def found_site(
    directory: Path,
    *,
    name: str,
    practice: bool = False,
    database: str = "",
    posts: frozenset[Post] | None = None,
    clock: Clock = system_clock,
) -> Site:
    """Make a new site, which fills ``posts``, or every post when none are given.

    A making that was cut off is finished by the next call.

    Raises ``StateRefused`` (ACT004) when the folder holds a site already, (ACT009) when the
    database belongs to another one; ``EnvironmentFailed`` (ACT005) when it cannot be made.
    """
    if (directory / SETTINGS).exists():
        raise StateRefused(
            Problem(
                "ACT004",
                f"{directory} holds a site already",
                next="use it as it is, or name another folder",
            )
        )
    try:
        for folder in FOLDERS:
            (directory / folder).mkdir(parents=True, exist_ok=True)
        for folder in FOLDERS:
            # The register is for everybody, and nothing else is.
            (directory / folder).chmod(0o755 if folder == "register" else 0o700)
        settings = Settings(name, practice, database, posts)
        site = _opened(directory, settings, clock)
        site.custody.found()
        _note_founding(site)
        # Last of all, so that a folder with these settings holds a whole site.
        write_settings(directory / SETTINGS, settings)
    except OSError as error:
        raise EnvironmentFailed(
            Problem(
                "ACT005",
                f"the site cannot be made in {directory}",
                why=error.strerror or type(error).__name__,
                next="name a folder you may write to, on a disk with room",
            )
        ) from error
    return site


def _note_founding(site: Site) -> None:
    """Write the ledger's first entries, unless an earlier making got as far as that."""
    key = fingerprint(site.custody.site_key())
    with site.store.change(MACHINE) as change:
        if (first := change.first_entry()) is not None:
            if first.detail.get("fingerprint") != key:
                raise StateRefused(
                    Problem(
                        "ACT009",
                        "the database holds the ledger of another site",
                        why="one ledger tells of one site",
                        next="give each site a database of its own",
                    )
                )
            return
        change.note(
            "site made",
            f"site:{site.slug}",
            practice=site.practice,
            program=__version__,
            fingerprint=key,
        )
        for party, role in sorted(site.posts or ()):
            change.note("post filled", f"site:{site.slug}", party=party, role=role)
        notes = ["the people who sign are invented"]
        notes += ["all rooms are on one machine"] if site.posts is None else []
        for note in notes if site.practice else ():
            change.note("practice noted", f"site:{site.slug}", note=note)


def open_site(directory: Path, *, clock: Clock = system_clock) -> Site:
    """Open a site.

    Raises ``EnvironmentFailed`` (ACT006) when the folder holds none, ``IntegrityRefused`` (ACT013)
    when its settings cannot be read.
    """
    path = directory / SETTINGS
    if not path.is_file():
        raise EnvironmentFailed(
            Problem(
                "ACT006",
                f"there is no site in {directory}",
                next=f"make one: equipoise init --site {directory}",
            )
        )
    settings = read_settings(path)
    site = _opened(directory, settings, clock)
    first = site.store.first_entry()
    if first is not None and first.detail.get("practice") is not settings.practice:
        raise IntegrityRefused(
            Problem(
                "ACT014",
                f"{path} and the ledger do not agree whether this is a practice site",
                why="a practice site never becomes a real one: its signatures are invented",
                next="put the setting back, or make a new site",
            )
        )
    return site


def _opened(directory: Path, settings: Settings, clock: Clock) -> Site:
    path = directory.resolve() / "equipoise.sqlite3"
    if not settings.database and not path.exists():
        path.touch(mode=0o600)
    store = Store(settings.database or f"sqlite:///{quote(str(path))}", clock)
    custody = Custody(directory, clock, settings.posts)
    custody.addresses = lambda: addresses_of(store.partners())
    return Site(
        directory=directory,
        name=settings.name,
        practice=settings.practice,
        store=store,
        custody=custody,
        clock=clock,
        locks=Locks(directory / "runs"),
        posts=settings.posts,
        limits=settings.limits,
    )


def addresses_of(partners: tuple[Partner, ...]) -> Addresses:
    """Return the public keys of every post that a partner's accepted card names."""
    return {
        (post["party"], post["role"]): Address(**post, site=partner.name, site_key=partner.site_key)
        for partner in partners
        for post in partner.card["posts"]
    }


def enrol(
    site: Site,
    party: str,
    name: str,
    *,
    roles: tuple[str, ...],
    post: str = "",
    practice: bool = False,
    public_key: str = "",
    by: str = MACHINE,
) -> Person:
    """Give a named person of a party a signing key and their roles, and note it.

    With ``public_key`` the site never has the private half; else it makes and holds the whole key.
    Somebody who is enrolled already is given the roles besides their own. Raises ``StateRefused``
    (STO012) when somebody else of that name is enrolled for the party.
    """
    if roles and not public_key and any((p.party, p.name) == (party, name) for p in site.people()):
        return _appoint(site, party, name, roles)
    if f"{party}/{name}" in site.theirs():
        raise StateRefused(
            Problem(
                "ACT120",
                f"a partner's card names {name} of {party} with a key of their own",
                why="nobody acts at two sites under one name with two keys",
                next="let them act at their own site",
            )
        )
    site.store.refuse_enrolled(party, name)
    held = public_key or site.custody.enrol(party, name)
    person = Person(name, party, post, held, roles, practice)
    with site.store.change(by) as change:
        change.enrol(person)
        change.note(
            "key trusted",
            f"key:{site.custody.key_name(party, name)}",
            person=person.key,
            fingerprint=fingerprint(person.public_key),
            practice=practice,
        )
    return person


def _appoint(site: Site, party: str, name: str, roles: tuple[str, ...]) -> Person:
    key = f"key:{site.custody.key_name(party, name)}"
    with site.store.change(MACHINE) as change:
        change.appoint(party, name, roles)
        for role in roles:
            change.note("role given", key, person=f"{party}/{name}", role=role)
    return site.person(name, party)
