"""A release package: what a recipient gets, signed by the secure room.

    manifest.json    what this is, under which agreement, who approved it, the hash of every file
    signature.json   the secure room's Ed25519 signature over manifest.json
    data/*.csv       one table for each output
    pictures/*.svg   the pictures
    statement.md     plain sentences: what can and cannot be said
    report.html      all of it on one page that fetches and runs nothing

It is a ZIP file without compression, of fixed order and dates: the same release gives the same
bytes on every machine, and a reader can build it again and compare every byte. Row-level packages
are sealed for their recipient with age.
"""

from __future__ import annotations

import hashlib
import io
import json
import re
import zipfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Final

from equipoise import __version__
from equipoise.agree.canonical import canonical_bytes
from equipoise.agree.sign import Signer, verify_signature
from equipoise.carry.disclose import Checked
from equipoise.carry.package_pages import (
    ROW_KINDS,
    check_picture,
    csv_of,
    formula_like,
    page_of,
    statement_of,
)
from equipoise.errors import (
    DataRefused,
    EquipoiseError,
    IntegrityRefused,
    Problem,
    ResultRefused,
)

FORMAT: Final = 1
_DOMAIN: Final = b"equipoise release package 1\n"
_MANIFEST: Final = "manifest.json"
_SIGNATURE: Final = "signature.json"
_SEALED: Final = b"age-encryption.org/"
_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,120}")
_DATE: Final = (1980, 1, 1, 0, 0, 0)
_APPROVERS: Final = 2


@dataclass(frozen=True)
class Approval:
    """Who approved the release, for which party, when (UTC, ISO 8601), and the hash of why.

    The reason itself stays with the site: it may speak of what was withheld.
    """

    name: str
    party: str
    at: str
    reason_sha256: str

    @classmethod
    def of(cls, name: str, party: str, at: str, reason: str) -> Approval:
        """Return an approval that binds the text of its reason by hash."""
        return cls(name, party, at, hashlib.sha256(reason.encode()).hexdigest())


@dataclass(frozen=True)
class About:
    """What a package says of itself, besides its files. ``recipient`` is a party's id."""

    title: str
    reference: str
    digest: str
    run: str
    use: str
    recipient: str
    form: str
    min_count: int
    round_to: int
    created: str
    approvals: tuple[Approval, ...]


@dataclass(frozen=True)
class Package:
    """A package that was opened and found whole: its manifest and its files by name."""

    manifest: Mapping[str, Any]
    files: Mapping[str, bytes]
    sealed: bool


def make_package(
    about: About,
    outputs: Sequence[Checked],
    *,
    statement: Sequence[str],
    pictures: Mapping[str, str],
    signer: Signer,
    seal: Callable[[bytes], bytes] | None = None,
) -> bytes:
    """Return the package's bytes, sealed when ``seal`` is given.

    Raises ``ResultRefused`` with every reason: PKG011 an output failed its check, PKG012 rows
    without a seal, PKG013 rows of another party, PKG014 fewer than two people approved, PKG015 a
    name that cannot be a file's; and ``DataRefused`` PKG010 for a picture that may fetch or run.
    """
    if problems := [*_problems(about, outputs, pictures, sealed=seal is not None)]:
        raise ResultRefused(problems)
    files = _files(about, outputs, statement, pictures)
    manifest = canonical_bytes(_manifest(about, outputs, files))
    signature = {
        "algorithm": "Ed25519",
        "public_key": signer.public_key,
        "value": signer.sign(_DOMAIN + manifest),
    }
    whole = _zip({_MANIFEST: manifest, _SIGNATURE: canonical_bytes(signature), **files})
    return seal(whole) if seal is not None else whole


def _problems(
    about: About, outputs: Sequence[Checked], pictures: Mapping[str, str], *, sealed: bool
) -> list[Problem]:
    problems = []
    for checked in outputs:
        output = checked.output
        if checked.verdict == "fail":
            problems.append(
                Problem("PKG011", f"{output.name} failed its disclosure check", next="leave it out")
            )
        if output.kind in ROW_KINDS and not sealed:
            problems.append(
                Problem("PKG012", f"{output.name} holds rows and would not be sealed",
                        next="give the recipient's public key")
            )  # fmt: skip
        if output.kind == "rows" and output.party != about.recipient:
            problems.append(
                Problem("PKG013", f"{output.name} holds the rows of another party",
                        why="a recipient gets its own rows only", next="make its own package")
            )  # fmt: skip
    if len({(each.name, each.party) for each in about.approvals}) < _APPROVERS:
        problems.append(
            Problem("PKG014", "fewer than two people approved this release",
                    next="have it reviewed by two people who did not make it")
        )  # fmt: skip
    names = [checked.output.name for checked in outputs]
    stems = [*names, *(name.removesuffix(".svg") for name in pictures)]
    if not all(_NAME.fullmatch(stem) for stem in stems) or len(set(names)) != len(names):
        problems.append(
            Problem("PKG015", "an output or a picture has a name that no file can bear, or one "
                    "that another has", next="name each in small letters, digits and dashes")
        )  # fmt: skip
    return problems


def _files(
    about: About, outputs: Sequence[Checked], statement: Sequence[str], pictures: Mapping[str, str]
) -> dict[str, bytes]:
    facts = {
        "Agreement": about.reference,
        "Text": about.digest,
        "Use": about.use,
        "Run": about.run,
        "For": about.recipient,
        "Form": about.form,
        "Rule": f"no count below {about.min_count}; counts rounded to {about.round_to}",
        "Made": about.created,
        "Approved by": "; ".join(f"{a.name} ({a.party}), {a.at}" for a in about.approvals),
    }
    drawn = {name: pictures[name] for name in sorted(pictures)}
    files = {f"data/{checked.output.name}.csv": csv_of(checked) for checked in outputs}
    for name, svg in drawn.items():
        path = f"pictures/{name.removesuffix('.svg')}.svg"
        files[path] = check_picture(name, svg).encode()
    files["statement.md"] = statement_of(about.title, facts, statement)
    files["report.html"] = page_of(about.title, facts, statement, outputs, drawn)
    return dict(sorted(files.items()))


def _manifest(
    about: About, outputs: Sequence[Checked], files: Mapping[str, bytes]
) -> dict[str, Any]:
    told = {**asdict(about), "approvals": [asdict(each) for each in about.approvals]}
    return {
        "format": FORMAT,
        "produced_by": f"equipoise {__version__}",
        "about": told,
        "outputs": [_output(checked) for checked in outputs],
        "files": {
            name: {"sha256": hashlib.sha256(data).hexdigest(), "size": len(data)}
            for name, data in files.items()
        },
    }


def _output(checked: Checked) -> dict[str, Any]:
    output = checked.output
    return {
        "name": output.name,
        "title": output.title,
        "kind": output.kind,
        "rows": output.table.num_rows,
        "columns": [{"name": c.name, "kind": c.kind} for c in output.columns],
        "verdict": checked.verdict,
        "findings": [{**asdict(f), "evidence": dict(f.evidence)} for f in checked.findings],
        "cells_like_formulas": formula_like(checked) if output.kind in ROW_KINDS else 0,
    }


def _zip(files: Mapping[str, bytes]) -> bytes:
    sink = io.BytesIO()
    with zipfile.ZipFile(sink, "w", zipfile.ZIP_STORED) as archive:
        for name, data in files.items():
            entry = zipfile.ZipInfo(name, date_time=_DATE)
            entry.create_system = 3
            entry.external_attr = 0o100644 << 16
            archive.writestr(entry, data)
    return sink.getvalue()


def open_package(
    data: bytes, *, public_key: str, unseal: Callable[[bytes], bytes] | None = None
) -> Package:
    """Return a package whose every byte is the one that the holder of ``public_key`` signed.

    Raises ``DataRefused``: PKG001 not a package, PKG002 sealed and no key given, PKG003 another
    format, PKG008 not sealed for this key or changed; ``IntegrityRefused``: PKG004 damaged or cut
    short, PKG005 signature, PKG006 files missing, added or changed, PKG007 any other byte changed.
    """
    sealed = data.startswith(_SEALED)
    plain = _opened(data, unseal) if sealed else data
    files = _unzip(plain)
    manifest = _read(files, _MANIFEST)
    if manifest.get("format") != FORMAT:
        raise DataRefused(
            Problem("PKG003", "the package is of another format than this program reads",
                    next="read it with the version of the program that made it")
        )  # fmt: skip
    problems = [*_signature_problems(files, public_key), *_file_problems(files, manifest)]
    if problems:
        raise IntegrityRefused(problems)
    if _zip(files) != plain:
        raise _damaged("PKG007", "bytes of the package outside its files were changed")
    rest = {name: each for name, each in files.items() if name not in (_MANIFEST, _SIGNATURE)}
    return Package(manifest, rest, sealed)


def _opened(data: bytes, unseal: Callable[[bytes], bytes] | None) -> bytes:
    if unseal is None:
        raise DataRefused(
            Problem("PKG002", "the package is sealed for its recipient", next="give the key")
        )
    try:
        return unseal(data)
    except EquipoiseError:
        raise DataRefused(
            Problem("PKG008", "the package does not open with this key",
                    why="it was sealed for another key, or changed on the way",
                    next="ask the secure room to release it again")
        ) from None  # fmt: skip


def _damaged(code: str, what: str) -> IntegrityRefused:
    return IntegrityRefused(
        Problem(code, what, why="it is not what the secure room released",
                next="ask the secure room for the package again")
    )  # fmt: skip


def _unzip(data: bytes) -> dict[str, bytes]:
    if not data.startswith(b"PK\x03\x04"):
        raise DataRefused(Problem("PKG001", "this file is not a release package"))
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            entries = archive.infolist()
            if any(e.compress_type != zipfile.ZIP_STORED for e in entries):
                raise _damaged("PKG004", "the package is compressed, as no release is")
            if sum(e.file_size for e in entries) > len(data):
                raise _damaged("PKG004", "the package claims more than it holds")
            files = {entry.filename: archive.read(entry) for entry in entries}
    except (zipfile.BadZipFile, OSError, ValueError, EOFError, NotImplementedError,
            RuntimeError):  # fmt: skip
        raise _damaged("PKG004", "the package is damaged or cut short") from None
    if len(files) != len(entries) or not {_MANIFEST, _SIGNATURE} <= set(files):
        raise _damaged("PKG006", "the package has not the files it must have")
    return files


def _read(files: Mapping[str, bytes], name: str) -> dict[str, Any]:
    try:
        held = json.loads(files[name])
    except (ValueError, RecursionError):
        held = None
    if not isinstance(held, dict):
        raise _damaged("PKG004", f"{name} cannot be read")
    return held


def _signature_problems(files: Mapping[str, bytes], public_key: str) -> list[Problem]:
    signature = _read(files, _SIGNATURE)
    stated, value = signature.get("public_key"), signature.get("value")
    if stated != public_key:
        why = "it was made with another key than the secure room's"
    elif not verify_signature(public_key, _DOMAIN + files[_MANIFEST], str(value)):
        why = "the manifest was changed after it was signed"
    else:
        return []
    return [
        Problem("PKG005", "the package's signature does not hold", why,
                next="ask the secure room for the package again")
    ]  # fmt: skip


def _file_problems(files: Mapping[str, bytes], manifest: Mapping[str, Any]) -> list[Problem]:
    listed = manifest.get("files")
    hashes = {
        name: each.get("sha256")
        for name, each in (listed.items() if isinstance(listed, dict) else ())
        if isinstance(each, dict)
    }
    there = {name: data for name, data in files.items() if name not in (_MANIFEST, _SIGNATURE)}
    changed = sum(
        hashlib.sha256(data).hexdigest() != hashes[name]
        for name, data in there.items()
        if name in hashes
    )
    missing, added = len(hashes.keys() - there.keys()), len(there.keys() - hashes.keys())
    if not (changed or missing or added):
        return []
    return [
        Problem("PKG006", "the package's files are not the ones that were signed",
                f"changed: {changed}, missing: {missing}, added: {added}",
                "ask the secure room for the package again")
    ]  # fmt: skip
