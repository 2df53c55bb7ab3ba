"""A site: the folder in which one installation keeps its state, keys, rooms and publications.

equipoise.toml       its name, whether it is a practice site, its database
equipoise.sqlite3    state and ledger (unless the database is Postgres)
keys/                one folder of keys per role
rooms/               sealed holdings of the linkage unit and the secure room
parcels/  outbox/    what owners packed; what was released
register/  reports/  the public register; reports for the people who run and review
"""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote

from equipoise import __version__
from equipoise.account.receipts import fingerprint
from equipoise.acts.files import write_whole
from equipoise.acts.lock import Locks
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
from equipoise.gate.custody import Custody
from equipoise.store.changing import Store
from equipoise.store.facts import Person

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

    def trusted(self) -> Mapping[str, str]:
        """Return ``party/name`` to public key of the people who count here."""
        return {person.key: person.public_key for person in self.people()}

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
        """Return an agreement's text: of a file or its folder, or as the site keeps it.

        Raises ``EnvironmentFailed`` (ACT003) when there is neither, ``DocumentRefused`` (ACT008)
        when it is not UTF-8 text.
        """
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


SETTINGS = "equipoise.toml"


def found_site(
    directory: Path,
    *,
    name: str,
    practice: bool = False,
    database: str = "",
    clock: Clock = system_clock,
) -> Site:
    """Make a new site. A making that was cut off is finished by the next call.

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
        site = _opened(directory, {"name": name, "practice": practice, "database": database}, clock)
        site.custody.found()
        _note_founding(site)
        # Last of all, so that a folder with these settings holds a whole site.
        _write_settings(directory / SETTINGS, name, practice, database)
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


def _write_settings(path: Path, name: str, practice: bool, database: str) -> None:
    lines = (
        "[site]",
        f"name = {json.dumps(name)}",
        f"practice = {'true' if practice else 'false'}",
        f"database = {json.dumps(database)}",
    )
    settings = write_whole(path, ("\n".join(lines) + "\n").encode())
    settings.chmod(0o600)  # a database URL may hold a password


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
        notes = ("the people who sign are invented", "all rooms are on one machine")
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
    try:
        settings = tomllib.loads(path.read_text(encoding="utf-8"))["site"]
        name, database = str(settings["name"]), str(settings.get("database", ""))
        practice = settings.get("practice", False) is True
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise IntegrityRefused(
            Problem(
                "ACT013",
                f"{path} does not hold a site's settings",
                why="it was changed by hand, or damaged",
                next="it has a part [site] with name, practice and database",
            )
        ) from error
    site = _opened(directory, {"name": name, "practice": practice, "database": database}, clock)
    first = site.store.first_entry()
    if first is not None and first.detail.get("practice") is not practice:
        raise IntegrityRefused(
            Problem(
                "ACT014",
                f"{path} and the ledger do not agree whether this is a practice site",
                why="a practice site never becomes a real one: its signatures are invented",
                next="put the setting back, or make a new site",
            )
        )
    return site


def _opened(directory: Path, settings: dict[str, Any], clock: Clock) -> Site:
    path = directory.resolve() / "equipoise.sqlite3"
    if not settings["database"] and not path.exists():
        path.touch(mode=0o600)
    file = quote(str(path))
    return Site(
        directory=directory,
        name=settings["name"],
        practice=settings["practice"],
        store=Store(settings["database"] or f"sqlite:///{file}", clock),
        custody=Custody(directory, clock),
        clock=clock,
        locks=Locks(directory / "runs"),
    )


def enrol(
    site: Site,
    party: str,
    name: str,
    *,
    roles: tuple[str, ...],
    post: str = "",
    practice: bool = False,
) -> Person:
    """Give a named person of a party a signing key of their own and their roles, and note it.

    Somebody who is enrolled already is given the roles besides their own. Raises ``StateRefused``
    (STO012) when somebody else of that name is enrolled for the party.
    """
    if roles and any((p.party, p.name) == (party, name) for p in site.people()):
        return _appoint(site, party, name, roles)
    site.store.refuse_enrolled(party, name)
    person = Person(name, party, post, site.custody.enrol(party, name), roles, practice)
    with site.store.change(MACHINE) as change:
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
