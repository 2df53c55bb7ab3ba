"""One-time passwords by time: RFC 6238 (TOTP) over RFC 4226 (HOTP), six digits, thirty seconds.

Seconds are since 1 January 1970, UTC. Codes of the step before and after count too, for clocks that
differ; which step a code was of is returned, so that it is never taken twice.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
from urllib.parse import quote

STEP = 30
DIGITS = 6
_AROUND = 1


def new_secret() -> bytes:
    """Draw a secret of 160 bits, as RFC 4226 recommends."""
    return secrets.token_bytes(20)


def code_at(secret: bytes, step: int, *, digits: int = DIGITS, hash_name: str = "sha1") -> str:
    """Return the code of one time step (RFC 4226, section 5.3)."""
    mac = hmac.new(secret, step.to_bytes(8, "big"), getattr(hashlib, hash_name)).digest()
    start = mac[-1] & 0x0F
    number = int.from_bytes(mac[start : start + 4], "big") & 0x7FFFFFFF
    return str(number % 10**digits).zfill(digits)


def step_of(secret: bytes, code: str, seconds: float) -> int | None:
    """Return the time step that ``code`` is of, if that is now or next to now."""
    now = int(seconds) // STEP
    steps = range(now - _AROUND, now + _AROUND + 1)
    right = [s for s in steps if hmac.compare_digest(code_at(secret, s).encode(), code.encode())]
    return right[-1] if right else None


def spelt(secret: bytes) -> str:
    """Return a secret in the letters that people type into an authenticator (base32)."""
    return base64.b32encode(secret).decode().rstrip("=")


def address(secret: bytes, site: str, sign_in: str) -> str:
    """Return the ``otpauth`` address that an authenticator reads from a QR code."""
    return (
        f"otpauth://totp/{quote(site, safe='')}:{quote(sign_in, safe='')}?secret={spelt(secret)}"
        f"&issuer={quote(site, safe='')}&algorithm=SHA1&digits={DIGITS}&period={STEP}"
    )
