"""A signed agreement as a file: its text and every signature so far, for partners to take in.

The file needs no seal and no signature of its own. Its text is public, and each signature in it is
held against the key that the signatory's site gave on its card.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from equipoise.acts.accounts.permission import require
from equipoise.acts.assess_bind import bound_covers
from equipoise.acts.files import write_whole
from equipoise.acts.partners import read_bytes
from equipoise.acts.rooms import at_work
from equipoise.acts.sign import Signed, keep_signature, refuse_ended, register_text, standing
from equipoise.acts.site import MACHINE, Site
from equipoise.agree.canonical import canonical_bytes, digest
from equipoise.agree.document import Agreement
from equipoise.agree.parse import Parsed, parse
from equipoise.agree.sign import Signature, check_signature
from equipoise.agree.weighed import Weighed
from equipoise.errors import IntegrityRefused, Problem
from equipoise.store.facts import Person

KIND = "signed agreement"
SUFFIX = ".agreement.json"
_LONGEST = 1 << 24


def export_agreement(site: Site, source: str, out: Path | None = None) -> tuple[Path, Signed]:
    """Write an agreement that this site holds, with its signatures; return the file's path."""
    parsed = site.read(source)
    agreement = parsed.agreement
    with at_work(site, agreement.reference):
        record = site.store.agreement(agreement.reference)
        said = {
            "kind": KIND,
            "text": record.text,
            "digest": record.digest,
            "signatures": [signature.as_dict() for signature in record.signatures],
        }
        if covers := bound_covers(site, agreement):
            said["weighed"] = [cover.as_dict() for cover in covers]
        path = out or Path(f"{agreement.reference}{SUFFIX}")
        write_whole(path, canonical_bytes(said) + b"\n")
        with site.store.change(MACHINE) as change:
            change.note("agreement exported", f"agreement:{agreement.reference}", record.digest)
    return path, standing(site, parsed)


def import_agreement(site: Site, path: Path) -> Signed:
    """Take in an agreement's file. Raises as ``take_in``."""
    return take_in(site, read_bytes(path, "the agreement's file"), str(path))


def take_in(site: Site, data: bytes, file: str, by: Person | None = None) -> Signed:
    """Take in an agreement's text and the signatures that this site has not got yet.

    Raises ``IntegrityRefused``: ACT133 for another kind of file, ACT134 when its text is not the
    one its digest names, AGR3xx for each signature that does not hold or is by a key that no
    accepted card gives, AGR250 for a cover of another shape; ``DocumentRefused`` (AGR251-261) when
    it is not the text that was weighed; ``StateRefused`` (ACT010) when the version is known with
    another text. Nothing of a file is taken in that is refused. ``by`` is a person who drafts
    agreements here, or ``None`` for whoever may run commands on the site's machine.
    """
    actor = MACHINE if by is None else require(by, "draft agreements").key
    parsed, text, given, covers = _read(data, file)
    agreement = parsed.agreement
    _refuse_ended(site, agreement, given)
    trusted = site.trusted(agreement.reference)
    if wrong := [p for one in given for p in check_signature(one, agreement, trusted)]:
        raise IntegrityRefused(wrong)
    with at_work(site, agreement.reference):
        register_text(site, parsed, text, actor, covers)
        held = {(s.party, s.name) for s in site.store.agreement(agreement.reference).signatures}
        fresh = [one for one in given if (one.party, one.name) not in held]
        if fresh:
            with site.store.change(actor) as change:
                name = f"agreement:{agreement.reference}"
                change.note("agreement imported", name, digest(agreement), signatures=len(fresh))
                for signature in fresh:
                    keep_signature(site, change, agreement, signature)
    return standing(site, parsed)


def _refuse_ended(site: Site, agreement: Agreement, given: Sequence[Signature]) -> None:
    """Refuse (ACT298) a signature that is new here and made with a key that was ended."""
    known = site.store.knows(agreement.reference)
    held = site.store.agreement(agreement.reference).signatures if known else ()
    fresh = [one for one in given if one not in held]
    refuse_ended(site, [(f"{one.party}/{one.name}", one.public_key) for one in fresh])


def _read(data: bytes, file: str) -> tuple[Parsed, str, tuple[Signature, ...], tuple[Weighed, ...]]:
    try:
        if len(data) > _LONGEST:
            raise ValueError
        said: dict[str, Any] = json.loads(data)
        covers = tuple(Weighed.from_dict(one) for one in said.pop("weighed", ()))
        if set(said) != {"kind", "text", "digest", "signatures"} or said["kind"] != KIND:
            raise ValueError
        text, stated = said["text"], said["digest"]
        given = tuple(Signature.from_dict(one) for one in said["signatures"])
        if not isinstance(text, str) or not isinstance(stated, str):
            raise TypeError
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        raise IntegrityRefused(
            Problem(
                "ACT133",
                "this is not an agreement as a partner exports it",
                next="equipoise agreement export AGREEMENT, at the partner's site",
            )
        ) from None
    parsed = parse(text, file=file)
    if digest(parsed.agreement) != stated:
        raise IntegrityRefused(
            Problem(
                "ACT134",
                "the text in the file is not the one that its digest names",
                why="it was changed on the way",
                next="ask the partner for the file again",
            )
        )
    return parsed, text, given, covers
