"""Permits on the ledger: each step of a permit's life is one transaction with its entry."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

from equipoise.account.shapes import moment_text
from equipoise.agree.canonical import canonical_bytes, digest_of
from equipoise.gate.permit import Kept, Permit, may_close, may_use
from equipoise.gate.terms import Request
from equipoise.store.models import PermitRecord

if TYPE_CHECKING:
    from equipoise.store.changing import Change, Store


def _content(permit: Permit) -> dict[str, Any]:
    return {
        "reference": permit.reference,
        "digest": permit.digest,
        "request": permit.request.as_dict(),
        "request_digest": permit.request_digest,
        "issued": permit.issued.isoformat(),
        "expires": permit.expires.isoformat(),
    }


def _kept(row: PermitRecord | None) -> Kept | None:
    if row is None:
        return None
    content = row.content
    asked = content["request"]
    request = Request(
        **{**asked, "datasets": {name: tuple(f) for name, f in asked["datasets"].items()}}
    )
    permit = Permit(
        id=row.permit,
        reference=content["reference"],
        digest=content["digest"],
        request=request,
        request_digest=content["request_digest"],
        issued=datetime.fromisoformat(content["issued"]),
        expires=datetime.fromisoformat(content["expires"]),
    )
    return Kept(permit, row.state)  # type: ignore[arg-type]  # the column holds a PermitState


class StorePermits:
    """Implements ``gate.permit.PermitBook`` on a site's database."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def _end(self, permit_id: str, state: str, note: Callable[[Change, Kept], object]) -> None:
        with self._store.change("site/gate") as change:
            row = _row(change, permit_id)
            kept = may_close(_kept(row))
            row.state, row.ended = state, change.now
            row.save(using=change.alias)
            change.saved = True
            note(change, kept)

    def issue(self, permit: Permit) -> None:
        """Write down a permit before any data opens."""
        request = permit.request
        detail = {
            name: value
            for name, value in (("use", request.use), ("recipient", request.recipient))
            if value
        }
        with self._store.change(f"{request.party}/{request.person}") as change:
            if _row(change, permit.id) is not None:
                may_use(Kept(permit, "used"), permit.issued, None)
            PermitRecord.objects.using(change.alias).create(
                permit=permit.id,
                reference=permit.reference,
                content=_content(permit),
                state="issued",
                issued=permit.issued,
            )
            change.saved = True
            change.note(
                "permit issued",
                f"permit:{permit.id}",
                permit.digest,
                step=permit.act,
                request=permit.request_digest,
                expires=moment_text(permit.expires),
                **detail,
            )

    def use(self, permit_id: str, at: datetime, *, request: str | None = None) -> Permit:
        """Spend a permit and return it."""
        with self._store.change("site/gate") as change:
            row = _row(change, permit_id)
            permit = may_use(_kept(row), at, request)
            row.state = "used"
            row.save(using=change.alias)
            change.saved = True
            change.note("permit used", f"permit:{permit_id}", permit.digest)
        return permit

    def close(self, permit_id: str, at: datetime, hashes: Mapping[str, str]) -> None:
        """Close a permit in use with one digest over what was made."""
        result = digest_of(canonical_bytes(dict(hashes)))
        self._end(
            permit_id,
            "closed",
            lambda change, kept: change.note(
                "permit closed",
                f"permit:{permit_id}",
                kept.permit.digest,
                result=result,
                outputs=len(hashes),
            ),
        )

    def abandon(self, permit_id: str, at: datetime, *, cause: str = "failed") -> None:
        """Close a permit in use that led to nothing."""
        self._end(
            permit_id,
            "abandoned",
            lambda change, kept: change.note(
                "permit abandoned", f"permit:{permit_id}", kept.permit.digest, cause=cause
            ),
        )

    def clear(self, permit_id: str) -> None:
        """Mark abandoned what a killed process left, whether it had begun or not."""
        with self._store.change("site/gate") as change:
            row = _row(change, permit_id)
            cause = "never used" if row.state == "issued" else "interrupted"
            row.state, row.ended = "abandoned", change.now
            row.save(using=change.alias)
            change.saved = True
            digest = row.content["digest"]
            change.note("permit abandoned", f"permit:{permit_id}", digest, cause=cause)


def _row(change: Change, permit_id: str) -> Any:
    rows = PermitRecord.objects.using(change.alias).select_for_update()
    return rows.filter(permit=permit_id).first()
