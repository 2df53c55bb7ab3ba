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
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from equipoise import __version__
from equipoise.account.receipts import fingerprint
from equipoise.agree.document import Agreement
from equipoise.agree.parse import Parsed, parse
from equipoise.clock import Clock, system_clock
from equipoise.errors import EnvironmentFailed, Problem, StateRefused, UsageRefused
from equipoise.gate.custody import Custody
from equipoise.store.changing import Store
from equipoise.store.facts import Person

try:
    import fcntl
except ImportError:  # pragma: no cover  # Windows has no flock; one process at a time is advised
    fcntl = None  # type: ignore[assignment]

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

    @property
    def slug(self) -> str:
        """Return the site's name in the letters that the ledger allows."""
        return re.sub(r"[^A-Za-z0-9]+", "-", self.name).strip("-")[:60] or "site"

    def folder(self, name: str) -> Path:
        """Return one of the site's folders."""
        return self.directory / name

    @contextmanager
    def hold(self, object: str) -> Iterator[None]:
        """Let one process at a time work on ``object``.

        The lock belongs to the process and dies with it, so a killed command never blocks the next.
        Raises ``StateRefused`` (ACT001) when another process is at it.
        """
        path = self.directory / "runs" / f"{object.replace('/', '_')}.lock"
        with path.open("a") as handle:
            if fcntl is not None:
                try:
                    fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
                except BlockingIOError as error:
                    raise StateRefused(
                        Problem(
                            "ACT001",
                            f"another command is working on {object}",
                            why="two commands at once could do the same step twice",
                            next="wait until it ends, then give this command again",
                        )
                    ) from error
            yield

    def person(self, name: str, party: str | None = None) -> Person:
        """Find an enrolled person by name. Raises ``UsageRefused`` (ACT002) with who is known."""
        found = [
            person
            for person in self.store.people()
            if person.name == name and party in (None, person.party)
        ]
        if len(found) == 1:
            return found[0]
        known = ", ".join(sorted({f"{p.name} ({p.party})" for p in self.store.people()}))
        raise UsageRefused(
            Problem(
                "ACT002",
                f"{len(found) or 'no'} people here are called {name!r}",
                why="acts are done by named people",
                next=f"enrolled here: {known or 'nobody yet'}; "
                "'equipoise init --enrol PARTY/NAME' enrols somebody",
            )
        )

    def actor_for(self, agreement: Agreement, party: str) -> Person:
        """Return the person who acts for a party here: one appointed to a role that it holds.

        Raises ``UsageRefused`` (ACT007) when nobody is.
        """
        roles = agreement.parties[party].roles
        for person in self.store.people():
            if person.party == party and set(roles) & set(person.roles):
                return person
        raise UsageRefused(
            Problem(
                "ACT007",
                f"nobody here is appointed to act for {party}",
                why="every act is done by a named person",
                next=f"equipoise init --enrol '{party}/NAME' --role '{roles[0]}'",
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

        Raises ``EnvironmentFailed`` (ACT003) when there is neither.
        """
        path = Path(source)
        if path.is_dir() and (path / "agreement.yaml").is_file():
            path = path / "agreement.yaml"
        try:
            if path.is_file():
                return path.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise EnvironmentFailed(
                Problem("ACT003", f"the agreement {source} cannot be read as UTF-8 text")
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


def found_site(
    directory: Path,
    *,
    name: str,
    practice: bool = False,
    database: str = "",
    clock: Clock = system_clock,
) -> Site:
    """Make a new site. Raises ``StateRefused`` (ACT004) when the folder holds one already."""
    if (directory / "equipoise.toml").exists():
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
        (directory / "keys").chmod(0o700)
        (directory / "rooms").chmod(0o700)
        (directory / "runs").chmod(0o700)
        lines = (
            "[site]",
            f"name = {json.dumps(name)}",
            f"practice = {'true' if practice else 'false'}",
            f"database = {json.dumps(database)}",
        )
        (directory / "equipoise.toml").write_text("\n".join(lines) + "\n", encoding="utf-8")
    except OSError as error:
        raise EnvironmentFailed(
            Problem(
                "ACT005",
                f"the site cannot be made in {directory}",
                why=error.strerror or type(error).__name__,
                next="name a folder you may write to, on a disk with room",
            )
        ) from error
    site = open_site(directory, clock=clock)
    site.custody.found()
    with site.store.change(MACHINE) as change:
        change.note(
            "site made",
            f"site:{site.slug}",
            practice=practice,
            program=__version__,
            fingerprint=fingerprint(site.custody.site_key()),
        )
        if practice:
            change.note(
                "practice noted", f"site:{site.slug}", note="the people who sign are invented"
            )
            change.note("practice noted", f"site:{site.slug}", note="all rooms are on one machine")
    return site


def open_site(directory: Path, *, clock: Clock = system_clock) -> Site:
    """Open a site. Raises ``EnvironmentFailed`` (ACT006) when the folder holds none."""
    path = directory / "equipoise.toml"
    if not path.is_file():
        raise EnvironmentFailed(
            Problem(
                "ACT006",
                f"there is no site in {directory}",
                next=f"make one: equipoise init --site {directory}",
            )
        )
    settings = tomllib.loads(path.read_text(encoding="utf-8"))["site"]
    database = settings.get("database") or f"sqlite:///{directory.resolve()}/equipoise.sqlite3"
    return Site(
        directory=directory,
        name=settings["name"],
        practice=bool(settings.get("practice", False)),
        store=Store(database, clock),
        custody=Custody(directory),
        clock=clock,
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
    """Give a named person of a party a signing key of their own and their roles, and note it."""
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
