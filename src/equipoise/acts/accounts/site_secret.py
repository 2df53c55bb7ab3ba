"""The secret of a site's web application, drawn once, from which its keys are derived."""

from __future__ import annotations

import hashlib
import hmac
import os
import secrets
from pathlib import Path

from equipoise.errors import EnvironmentFailed, Problem

PLACE = Path("keys") / "web" / "secret"
_BYTES = 32


def site_secret(directory: Path) -> bytes:
    """Return the secret of the site in ``directory``; the first caller draws it.

    Raises ``EnvironmentFailed`` (ACT260) when it can be neither read nor written.
    """
    path = directory / PLACE
    try:
        if not path.exists():
            _draw(path)
        held = path.read_bytes()
    except OSError as error:
        raise EnvironmentFailed(
            Problem(
                "ACT260",
                "the secret of the web application can be neither read nor made",
                why=error.strerror or type(error).__name__,
                next="start the server as the user who owns the site's folder",
            )
        ) from error
    if len(held) != _BYTES:
        raise EnvironmentFailed(
            Problem(
                "ACT260",
                "the secret of the web application is damaged",
                next="restore keys/web/secret; or remove it, and invite everybody anew",
            )
        )
    return held


def _draw(path: Path) -> None:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    draft = path.with_name(f"{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(handle, "wb") as out:
            out.write(secrets.token_bytes(_BYTES))
            out.flush()
            os.fsync(out.fileno())
        # A link fails where the name is taken: of two that draw at once, both then read the first.
        os.link(draft, path)
    except FileExistsError:
        pass
    finally:
        draft.unlink(missing_ok=True)


def derived(secret: bytes, label: str) -> bytes:
    """Return the 32-byte key for one purpose (HMAC-SHA256 of the purpose's label)."""
    return hmac.new(secret, f"equipoise web 1: {label}".encode(), hashlib.sha256).digest()


def mark_of(secret: bytes, label: str, text: str) -> str:
    """Return a keyed hash, by which a code or an address is known again and not found out."""
    mac = hmac.new(derived(secret, label), text.encode(), hashlib.sha256)
    return f"sha256:{mac.hexdigest()}"
