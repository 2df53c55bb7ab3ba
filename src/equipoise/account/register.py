"""The public register: what is done with people's data, by whom, why, and what came of it.

Static pages and JSON that need no server and no script. Refusals and null results stand in it
beside results, because a register that shows only successes is an advertisement.
"""

from __future__ import annotations

import os
import re
import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final, Literal

from equipoise.account.ledger import Entry
from equipoise.account.receipts import Receipt, check_receipt
from equipoise.agree.document import Agreement
from equipoise.agree.sign import Signature
from equipoise.errors import DataRefused, EnvironmentFailed, Problem, UsageRefused

MARK: Final = "register.json"
"""A folder that holds this file is a register, and may be replaced by a newer one."""


@dataclass(frozen=True)
class PublicTable:
    """A checked table, its cells already written as they are to be read."""

    caption: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    note: str = ""


@dataclass(frozen=True)
class Picture:
    """A static SVG drawn from a checked table. ``alt`` says what it shows."""

    name: str
    svg: str
    alt: str


@dataclass(frozen=True)
class PublicRelease:
    """What left, to whom, after whose checks, and what it says to the public.

    ``rows`` is a number of rows, for row-level outputs; ``tables`` and ``pictures`` are for
    aggregate outputs only. ``null_result`` marks a study that found no clear difference.
    """

    id: str
    title: str
    to: str
    at: datetime
    form: str
    reviewers: tuple[str, ...]
    manifest: str
    rows: int | None = None
    fields: tuple[str, ...] = ()
    sentences: tuple[str, ...] = ()
    tables: tuple[PublicTable, ...] = ()
    pictures: tuple[Picture, ...] = ()
    null_result: bool = False


@dataclass(frozen=True)
class PublicRefusal:
    """What was asked for and refused, with every reason."""

    at: datetime
    what: str
    by: Literal["gate", "result", "parcel", "reviewer", "signatory"]
    reasons: tuple[Problem, ...]


@dataclass(frozen=True)
class OpenPermit:
    """A permit that was given and not yet closed."""

    id: str
    step: str
    issued: datetime


@dataclass(frozen=True)
class RegisterEntry:
    """One agreement version as the public sees it. ``summary`` is ``agree.summary``'s Markdown;
    ``stopped`` says who suspended or ended it and why, in words."""

    agreement: Agreement
    digest: str
    state: str
    summary: str
    signatures: tuple[Signature, ...] = ()
    releases: tuple[PublicRelease, ...] = ()
    refusals: tuple[PublicRefusal, ...] = ()
    receipts: tuple[Receipt, ...] = ()
    open_permits: tuple[OpenPermit, ...] = ()
    history: tuple[Entry, ...] = ()
    stopped: str = ""

    @property
    def slug(self) -> str:
        """Return the name of the agreement's page."""
        return f"{self.agreement.agreement}-v{self.agreement.version}"


@dataclass(frozen=True)
class Register:
    """Everything on one site that the public should see, at the moment ``made``."""

    site: str
    practice: bool
    made: datetime
    public_key: str
    head: str
    ledger_entries: int
    entries: tuple[RegisterEntry, ...] = ()
    refusals: tuple[PublicRefusal, ...] = ()
    contact: str = ""


_UNSAFE_SVG: Final = re.compile(
    r"<\s*(script|foreignobject|iframe|object|embed|image|use|a)\b|<!|\son\w+\s*=|@import"
    r"|(href|src)\s*=\s*(?![\"']?#)|url\s*\((?![\"']?#)|javascript:",
    re.IGNORECASE,
)
_PICTURE: Final = re.compile(r"[a-z0-9][a-z0-9_-]{0,80}")


def check_register(register: Register) -> tuple[Problem, ...]:
    """Return everything that must not be published as it is."""
    return tuple(_problems(register))


def _problems(register: Register) -> Iterator[Problem]:
    slugs = [entry.slug for entry in register.entries]
    if len(set(slugs)) != len(slugs):
        yield Problem("REG004", "an agreement version is in the register twice")
    receipts = [receipt for entry in register.entries for receipt in entry.receipts]
    if len({receipt_file(receipt) for receipt in receipts}) != len(receipts):
        yield Problem("REG004", "a receipt is in the register twice")
    for entry in register.entries:
        for receipt in entry.receipts:
            yield from check_receipt(receipt)
        pictures = [picture for release in entry.releases for picture in release.pictures]
        if len({picture.name for picture in pictures}) != len(pictures):
            yield Problem("REG004", f"two pictures of {entry.slug} have the same name")
        for picture in pictures:
            yield from _picture_problems(picture)
        for release in entry.releases:
            yield from _release_problems(release)


def _picture_problems(picture: Picture) -> Iterator[Problem]:
    if not _PICTURE.fullmatch(picture.name) or not picture.alt.strip():
        yield Problem(
            "REG003",
            "a picture has no plain name or no words for people who cannot see it",
            next="give it a name in small letters, and say in 'alt' what it shows",
        )
    if not picture.svg.lstrip().startswith("<svg") or _UNSAFE_SVG.search(picture.svg):
        yield Problem(
            "REG002",
            "a picture holds something other than a drawing",
            "scripts, links and outside files have no place on the register",
        )


def _release_problems(release: PublicRelease) -> Iterator[Problem]:
    for table in release.tables:
        if any(len(row) != len(table.columns) for row in table.rows):
            yield Problem("REG005", "a table has rows of another length than its head")
    if release.form != "aggregate" and (release.tables or release.pictures):
        yield Problem(
            "REG006",
            "a release that is not aggregate brings a table or a picture",
            "only figures about groups may be shown to everybody",
        )


def receipt_file(receipt: Receipt) -> str:
    """Return the file name of a receipt: its id where that is a plain name, else its digest."""
    plain = re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9_-]*", receipt.id)
    return f"{receipt.id if plain else receipt.digest_of_receipt()[7:23]}.json"


def write_register(register: Register, directory: Path) -> Path:
    """Write the whole register to ``directory`` and return the path of its first page.

    The pages are written beside it first; the old register is replaced only when every page is
    there. Raises ``DataRefused`` (REG002-REG006) when something must not be published,
    ``UsageRefused`` (REG001) when the folder holds something other than a register, and
    ``EnvironmentFailed`` (REG010) when the disk refuses.
    """
    from equipoise.account.pages import render

    if problems := check_register(register):
        raise DataRefused(problems)
    if directory.exists() and not _replaceable(directory):
        raise UsageRefused(
            Problem(
                "REG001",
                "the folder for the register holds something else",
                "the register replaces its whole folder, and would destroy what is there",
                "name a new or an empty folder",
                file=directory.name,
            )
        )
    files = render(register)
    try:
        directory.parent.mkdir(parents=True, exist_ok=True)
        fresh = Path(tempfile.mkdtemp(prefix=f".{directory.name}-new-", dir=directory.parent))
        try:
            _write_all(files, fresh)
            _swap(fresh, directory)
        finally:
            shutil.rmtree(fresh, ignore_errors=True)
    except OSError as error:
        raise EnvironmentFailed(
            Problem(
                "REG010",
                "the register could not be written; the one before is untouched",
                why=error.strerror or type(error).__name__,
                next="check free space and permissions, then give the command again",
            )
        ) from error
    return directory / "index.html"


def _replaceable(directory: Path) -> bool:
    return directory.is_dir() and ((directory / MARK).is_file() or not any(directory.iterdir()))


def _write_all(files: dict[str, bytes], fresh: Path) -> None:
    for name, data in files.items():
        path = fresh / name
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("wb") as page:
            page.write(data)
            page.flush()
            os.fsync(page.fileno())
    fresh.chmod(0o755)


def _swap(fresh: Path, directory: Path) -> None:
    """Put the new folder in the old one's place; put the old one back if that fails."""
    old = fresh.with_name(fresh.name.replace("-new-", "-old-"))
    had = directory.exists()
    if had:
        directory.rename(old)
    try:
        fresh.rename(directory)
    except OSError:
        if had:
            old.rename(directory)
        raise
    # also what an earlier crash between the two renames may have left
    for stale in directory.parent.glob(f".{directory.name}-old-*"):
        shutil.rmtree(stale, ignore_errors=True)
