"""The public register's own files, as they were published."""

from __future__ import annotations

from pathlib import PurePosixPath
from typing import Final

from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from equipoise.web.opened import current
from equipoise.web.request import open_to_all
from equipoise.web.templating import page

_KINDS: Final = {
    ".html": "text/html; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".json": "application/json",
    ".svg": "image/svg+xml",
}
_POLICY: Final = (
    "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'"
)
_PICTURE: Final = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'"
"""A drawing may carry its own style. It runs nothing and loads nothing."""


@open_to_all
@require_safe
def register(request: HttpRequest, path: str = "index.html") -> HttpResponse:
    """Serve a file of the register, or say that none is published yet."""
    folder = current().site.folder("register").resolve()
    asked = PurePosixPath(path or "index.html")
    if ".." in asked.parts or asked.suffix not in _KINDS:
        raise Http404
    try:
        file = (folder / asked).resolve()
        found = folder in file.parents and file.is_file()
    except (ValueError, OSError):  # no file can have such a name
        found = False
    if not found:
        if path == "index.html":
            return page(request, "no_register.html.jinja")
        raise Http404
    response = HttpResponse(file.read_bytes(), content_type=_KINDS[asked.suffix])
    response["Content-Security-Policy"] = _PICTURE if asked.suffix == ".svg" else _POLICY
    response["Cache-Control"] = "no-cache"
    return response
