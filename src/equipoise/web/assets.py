"""Styles and scripts, kept in memory and served under an address that names their content.

An address with the content's hash never changes its answer, so browsers may keep it for a year. A
dozen small files of our own need no further library for that.
"""

from __future__ import annotations

import gzip
import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

from django.http import HttpRequest, HttpResponse, HttpResponseNotFound

FOLDER: Final = Path(__file__).parent / "static"
_KINDS: Final = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}
_YEAR: Final = 365 * 24 * 3600


@dataclass(frozen=True)
class Asset:
    """One file: its kind, its bytes, and its bytes made small."""

    kind: str
    whole: bytes
    small: bytes


@cache
def _kept() -> tuple[dict[str, Asset], dict[str, str]]:
    """Return the files by address, and the addresses by name."""
    files: dict[str, Asset] = {}
    addresses: dict[str, str] = {}
    for path in sorted(FOLDER.rglob("*")):
        if path.suffix in _KINDS:
            whole = path.read_bytes()
            name = path.relative_to(FOLDER).as_posix()
            address = f"/static/{hashlib.sha256(whole).hexdigest()[:16]}/{name}"
            files[address] = Asset(_KINDS[path.suffix], whole, gzip.compress(whole, 9, mtime=0))
            addresses[name] = address
    return files, addresses


def asset(name: str) -> str:
    """Return the address of a file under ``static``. Raises ``KeyError`` for one that is not."""
    return _kept()[1][name]


class Assets:
    """Answers for addresses under ``/static/``, before anything else is done."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Serve a file, or pass the request on."""
        if not request.path.startswith("/static/"):
            return self.get_response(request)
        found = _kept()[0].get(request.path)
        if found is None or request.method not in ("GET", "HEAD"):
            return HttpResponseNotFound("There is no such file.", content_type="text/plain")
        small = "gzip" in request.headers.get("Accept-Encoding", "")
        response = HttpResponse(
            found.small if small else found.whole, content_type=f"{found.kind}; charset=utf-8"
        )
        if small:
            response["Content-Encoding"] = "gzip"
        response["Cache-Control"] = f"public, max-age={_YEAR}, immutable"
        response["Vary"] = "Accept-Encoding"
        response["X-Content-Type-Options"] = "nosniff"
        return response
