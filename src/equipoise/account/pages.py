"""Turn a register into pages and JSON: file name to bytes, with nothing written anywhere."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime
from importlib.resources import files
from typing import Any, Final

from jinja2 import Environment, PackageLoader, StrictUndefined

from equipoise.account import prose, wording
from equipoise.account.ledger import Entry, moment_text, read_moment
from equipoise.account.receipts import fingerprint
from equipoise.account.register import (
    OpenPermit,
    PublicRefusal,
    PublicRelease,
    Register,
    RegisterEntry,
    receipt_file,
)
from equipoise.account.tell import day_text, person_text, sentence, time_text
from equipoise.agree.changes import named

_TEMPLATES: Final = Environment(
    loader=PackageLoader("equipoise.account", "templates"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
_TEMPLATES.globals.update(words=wording, receipt_file=receipt_file, read_moment=read_moment)
_TEMPLATES.filters.update(
    day=wording.day,
    day_of=day_text,
    moment=time_text,
    iso=moment_text,
    fingerprint=lambda key: wording.grouped(fingerprint(key)),
    grouped=wording.grouped,
    stop=wording.stop,
    named=named,
    spoken=wording.spoken,
    first=wording.upper_first,
    prose=prose.html,
    person=person_text,
    sentence=sentence,
    count=lambda number: f"{number:,}",
)


def render(register: Register) -> dict[str, bytes]:
    """Return every file of the register by its path: pages, JSON, receipts, pictures, style."""
    style = files("equipoise.account").joinpath("templates", "style.css").read_bytes()
    pages: dict[str, bytes] = {
        "style.css": style,
        "register.json": _json(_index_json(register)),
        "index.html": _page("index.html.jinja", register, root="", rows=_index_rows(register)),
    }
    for entry in register.entries:
        standing = wording.standing(entry.agreement, entry.state, register.made.date())
        name = f"agreements/{entry.slug}"
        pages[f"{name}.html"] = _page(
            "agreement.html.jinja",
            register,
            root="../",
            entry=entry,
            standing=standing,
            sections=_sections(entry),
        )
        pages[f"{name}.json"] = _json(entry_json(entry))
        for receipt in entry.receipts:
            pages[f"receipts/{receipt_file(receipt)}"] = receipt.file_bytes()
        for release in entry.releases:
            for picture in release.pictures:
                pages[f"pictures/{entry.slug}-{picture.name}.svg"] = picture.svg.encode()
    return pages


def _sections(entry: RegisterEntry) -> tuple[tuple[str, str], ...]:
    """Return the sections of an agreement's page; the steps are there only if any are told."""
    return tuple(one for one in wording.SECTIONS if one[0] != "steps" or entry.history)


def _page(template: str, register: Register, **more: Any) -> bytes:
    text = _TEMPLATES.get_template(template).render(register=register, **more)
    return text.encode()


def _json(value: Mapping[str, Any]) -> bytes:
    return json.dumps(value, ensure_ascii=False, indent=2).encode() + b"\n"


def _index_rows(register: Register) -> list[tuple[RegisterEntry, tuple[str, str]]]:
    """Return the agreements by title, each with its standing; versions of one stay together."""
    ordered = sorted(
        register.entries, key=lambda entry: (entry.agreement.title, entry.agreement.version)
    )
    today = register.made.date()
    return [(one, wording.standing(one.agreement, one.state, today)) for one in ordered]


def _index_json(register: Register) -> dict[str, Any]:
    return {
        "site": register.site,
        "practice": register.practice,
        "made": moment_text(register.made),
        "contact": register.contact,
        "ledger": {
            "head": register.head,
            "entries": register.ledger_entries,
            "public_key": register.public_key,
            "fingerprint": fingerprint(register.public_key),
        },
        "agreements": [
            {
                "reference": entry.agreement.reference,
                "title": entry.agreement.title,
                "digest": entry.digest,
                "state": entry.state,
                "standing": standing[0],
                "page": f"agreements/{entry.slug}.html",
                "data": f"agreements/{entry.slug}.json",
                "released": len(entry.releases),
                "refused": len(entry.refusals),
                "erased": len(entry.receipts),
                "open_permits": len(entry.open_permits),
            }
            for entry, standing in _index_rows(register)
        ],
        "refusals": [_refusal_json(refusal) for refusal in register.refusals],
    }


def entry_json(entry: RegisterEntry) -> dict[str, Any]:
    """Return everything on an agreement's page, for programs."""
    return {
        "reference": entry.agreement.reference,
        "digest": entry.digest,
        "state": entry.state,
        "stopped": entry.stopped,
        "agreement": entry.agreement.model_dump(mode="json", by_alias=True, exclude_none=True),
        "summary": entry.summary,
        "signatures": [
            {**signature.as_dict(), "fingerprint": fingerprint(signature.public_key)}
            for signature in entry.signatures
        ],
        "releases": [_release_json(release, entry) for release in entry.releases],
        "refusals": [_refusal_json(refusal) for refusal in entry.refusals],
        "receipts": [receipt.as_dict() for receipt in entry.receipts],
        "open_permits": [_permit_json(permit) for permit in entry.open_permits],
        "history": [_step_json(step) for step in entry.history],
    }


def _release_json(release: PublicRelease, entry: RegisterEntry) -> dict[str, Any]:
    said = {**asdict(release), "at": moment_text(release.at)}
    said["pictures"] = [
        {"file": f"pictures/{entry.slug}-{picture.name}.svg", "alt": picture.alt}
        for picture in release.pictures
    ]
    return said


def _refusal_json(refusal: PublicRefusal) -> dict[str, Any]:
    return {
        "at": _at(refusal.at),
        "what": refusal.what,
        "by": refusal.by,
        "reasons": [reason.as_dict() for reason in refusal.reasons],
    }


def _permit_json(permit: OpenPermit) -> dict[str, Any]:
    return {"id": permit.id, "step": permit.step, "issued": _at(permit.issued)}


def _step_json(step: Entry) -> dict[str, Any]:
    return {**step.as_dict(), "told": sentence(step)}


def _at(at: datetime) -> str:
    return moment_text(at)
