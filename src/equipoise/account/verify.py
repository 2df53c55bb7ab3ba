"""Check an exported ledger without trusting, or even having, the site that wrote it.

Needs the file alone: no database, no agreement, no network. Everything that does not hold is told
at once. Any change of a single byte fails, because every line has exactly one canonical form and
the signed head covers all of them.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from equipoise.account.audit import Evidence, audit
from equipoise.account.export import FORMAT, head_message
from equipoise.account.ledger import GENESIS, Entry, verify_chain
from equipoise.account.receipts import Receipt, check_receipt, fingerprint
from equipoise.agree.canonical import canonical_bytes, digest_of
from equipoise.agree.sign import Signature, verify_signature
from equipoise.errors import EquipoiseError, IntegrityRefused, Problem

KEY_FROM_FILE: Final = (
    "The site's key was taken from the file itself. Compare its fingerprint with the one on the "
    "public register, or give the key, before you rely on this."
)
_HEX32: Final = re.compile(r"[0-9a-f]{64}")
_HEX64: Final = re.compile(r"[0-9a-f]{128}")
_ORDER: Final = ("header", "trust", "entry", "agreement", "receipt", "release", "head")
_KEYS: Final[Mapping[str, frozenset[str]]] = {
    "header": frozenset({"kind", "format", "site", "public_key"}),
    "trust": frozenset({"kind", "keys"}),
    "entry": frozenset({"kind", "entry"}),
    "agreement": frozenset({"kind", "text", "signatures"}),
    "receipt": frozenset({"kind", "receipt"}),
    "release": frozenset({"kind", "release", "manifest"}),
    "head": frozenset({"kind", "head", "entries", "lines", "sha256", "public_key", "signature"}),
}


_SOMETIMES: Final[Mapping[str, frozenset[str]]] = {"trust": frozenset({"ended"})}


@dataclass(frozen=True)
class Verified:
    """What was found to hold. ``fingerprint`` is of the key that signed the file."""

    site: str
    fingerprint: str
    head: str
    entries: int
    agreements: int
    signatures: int
    receipts: int
    releases: int
    first: datetime | None
    last: datetime | None
    open_permits: tuple[str, ...]
    notes: tuple[str, ...]

    def as_dict(self) -> dict[str, Any]:
        """Return it for JSON."""
        said = dict(self.__dict__)
        said["first"] = self.first and self.first.isoformat()
        said["last"] = self.last and self.last.isoformat()
        return said


@dataclass
class _Read:
    """What could be read of the file, and what was wrong with it."""

    header: dict[str, Any] = field(default_factory=dict)
    head: dict[str, Any] = field(default_factory=dict)
    evidence: Evidence = field(default_factory=Evidence)
    problems: list[Problem] = field(default_factory=list)
    kinds: list[str] = field(default_factory=list)


def verify(data: bytes, *, key: str | None = None) -> Verified:
    """Return what holds in an exported ledger.

    ``key`` is the site's public key in hexadecimal, obtained another way; without it the key in
    the file is used and a note says so. Raises ``IntegrityRefused`` with all problems: VER1xx
    the file's form and head, LED1xx the chain, LED0xx what entries may say, VER2xx agreements,
    VER3xx permits and runs, VER4xx releases, VER5xx receipts.
    """
    read = _read(data)
    evidence = read.evidence
    problems = [
        *read.problems,
        *_check_order(read.kinds),
        *_check_head(read, data),
        *_check_key(read, key),
        *verify_chain(evidence.entries),
    ]
    findings = audit(evidence)
    problems.extend(findings.problems)
    if problems:
        raise IntegrityRefused(problems)
    return Verified(
        site=read.header["site"],
        fingerprint=fingerprint(read.head["public_key"]),
        head=read.head["head"],
        entries=len(evidence.entries),
        agreements=len(evidence.agreements),
        signatures=sum(len(signatures) for _, signatures in evidence.agreements),
        receipts=len(evidence.receipts),
        releases=len(evidence.releases),
        first=evidence.entries[0].at if evidence.entries else None,
        last=evidence.entries[-1].at if evidence.entries else None,
        open_permits=findings.open_permits,
        notes=(*((KEY_FROM_FILE,) if key is None else ()), *findings.notes),
    )


def verify_receipt(data: bytes, *, key: str | None = None) -> Receipt:
    """Return the receipt in a receipt file, if it holds by itself.

    ``key`` is the site's public key, obtained another way. Raises ``IntegrityRefused`` (VER1xx,
    LED2xx). Whether the site's ledger tells of the erasure, only ``verify`` of its export can say.
    """
    problems: list[Problem] = []
    value = _line(data.removesuffix(b"\n"), 1, problems) if data.endswith(b"\n") else None
    if not isinstance(value, dict):
        problems.append(Problem("VER101", "the file is not one line of JSON in canonical form"))
        raise IntegrityRefused(problems)
    receipt = Receipt.from_dict(value)
    problems.extend(check_receipt(receipt))
    if key is not None and receipt.public_key != key:
        problems.append(_other_key())
    if problems:
        raise IntegrityRefused(problems)
    return receipt


def _other_key() -> Problem:
    return Problem(
        "VER108",
        "the file was signed with another key than the one given",
        "somebody else may have written it",
        "ask the site which key is its own, by another way",
    )


def _read(data: bytes) -> _Read:
    read = _Read()
    if not data.endswith(b"\n"):
        read.problems.append(
            Problem(
                "VER101",
                "the file does not end where a line ends",
                "it was cut off, or something was added",
                "fetch the file again",
            )
        )
    for number, line in enumerate(data.removesuffix(b"\n").split(b"\n"), start=1):
        value = _line(line, number, read.problems)
        kind = value.get("kind") if isinstance(value, dict) else None
        if not isinstance(kind, str) or kind not in _KEYS or not _whole(value, kind):
            read.problems.append(
                Problem(
                    "VER103",
                    f"line {number} is no line of a ledger export",
                    f"a line is one of {', '.join(_ORDER)}, each with its own parts",
                )
            )
            continue
        read.kinds.append(kind)
        try:
            _TAKE[kind](read, value)
        except EquipoiseError as error:
            read.problems.extend(
                Problem(problem.code, f"line {number}: {problem.what}", problem.why, problem.next)
                for problem in error.problems
            )
        except (TypeError, ValueError, KeyError, AttributeError):
            read.problems.append(
                Problem("VER104", f"line {number}: a part of the {kind} has another type")
            )
    return read


def _whole(value: dict[str, Any], kind: str) -> bool:
    """Say whether a line has the parts of its kind; ended keys are told where there are any."""
    return set(value) - _SOMETIMES.get(kind, frozenset()) == _KEYS[kind]


def _line(line: bytes, number: int, problems: list[Problem]) -> Any:
    """Return the value of one line; a line that is not its own canonical form is a problem."""
    try:
        value = json.loads(line.decode("utf-8"))
        exact = canonical_bytes(value) == line
    except (ValueError, TypeError, RecursionError):
        value, exact = None, False
    if not exact:
        problems.append(
            Problem(
                "VER102",
                f"line {number} is not in canonical form",
                "each line has exactly one way to be written; this one was changed by hand or by "
                "another program",
            )
        )
    return value


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError
    return value


def _hold_header(read: _Read, value: dict[str, Any]) -> None:
    if _text(value["format"]) != FORMAT:
        raise IntegrityRefused(
            Problem("VER105", "the file has a form that this version cannot check")
        )
    _text(value["site"])
    fingerprint(_text(value["public_key"]))
    read.header = value


def _hold_trust(read: _Read, value: dict[str, Any]) -> None:
    for person, key in value["keys"].items():
        fingerprint(_text(key))
        read.evidence.trusted[person] = key
    for person, keys in value.get("ended", {}).items():
        for key in keys:
            fingerprint(_text(key))
        read.evidence.ended[person] = tuple(keys)


def _hold_agreement(read: _Read, value: dict[str, Any]) -> None:
    signatures = tuple(Signature.from_dict(item) for item in value["signatures"])
    if not isinstance(value["text"], dict):
        raise TypeError
    read.evidence.agreements.append((value["text"], signatures))


def _hold_release(read: _Read, value: dict[str, Any]) -> None:
    read.evidence.releases.append((_text(value["release"]), _text(value["manifest"])))


def _hold_head(read: _Read, value: dict[str, Any]) -> None:
    fingerprint(_text(value["public_key"]))
    read.head = value


_TAKE: Final = {
    "header": _hold_header,
    "trust": _hold_trust,
    "entry": lambda read, value: read.evidence.entries.append(Entry.from_dict(value["entry"])),
    "agreement": _hold_agreement,
    "receipt": lambda read, value: read.evidence.receipts.append(
        Receipt.from_dict(value["receipt"])
    ),
    "release": _hold_release,
    "head": _hold_head,
}


def _check_order(kinds: list[str]) -> Iterator[Problem]:
    places = [_ORDER.index(kind) for kind in kinds]
    once = all(kinds.count(kind) == 1 for kind in ("header", "trust", "head"))
    if places != sorted(places) or not once:
        yield Problem(
            "VER106",
            "the lines are not in their order",
            "one header, one line of trust, entries, agreements, receipts, releases, one head",
            "fetch the file again",
        )


def _check_head(read: _Read, data: bytes) -> Iterator[Problem]:
    """Hold the head against the bytes above it."""
    if not read.head:
        yield Problem(
            "VER107",
            "the file has no signed head",
            "without it nobody can tell whether lines are missing",
            "fetch the file again: it may have been cut off",
        )
        return
    body = data[: data.removesuffix(b"\n").rfind(b"\n") + 1]
    entries = read.evidence.entries
    held = {
        "sha256": digest_of(body),
        "lines": body.count(b"\n"),
        "entries": len(entries),
        "head": entries[-1].hash if entries else GENESIS,
    }
    for name, value in held.items():
        if read.head[name] != value:
            yield Problem(
                "VER109",
                f"the head's {name} does not fit the lines above it",
                "lines were changed, added, removed or moved after the site signed the file",
            )
    signature = read.head["signature"]
    exact = isinstance(signature, str) and _HEX64.fullmatch(signature)
    if not exact or not verify_signature(
        read.head["public_key"], head_message(read.head), signature
    ):
        yield Problem("VER110", "the signature of the head does not hold")


def _check_key(read: _Read, key: str | None) -> Iterator[Problem]:
    used = read.head.get("public_key")
    if read.header.get("public_key") != used:
        yield Problem("VER111", "the header and the head name different keys")
    if key is not None and not _HEX32.fullmatch(key):
        yield Problem("VER112", "the key given is not 64 hexadecimal digits in lower case")
    elif key is not None and used is not None and used != key:
        yield _other_key()
    yield from (
        Problem(
            "VER501",
            f"receipt {number} was signed with another key than the site's",
            "only the site that destroyed something can say so",
        )
        for number, receipt in enumerate(read.evidence.receipts, start=1)
        if receipt.public_key != used
    )
