"""Notices: one sentence that the next page shows, kept in a signed cookie until then."""

from __future__ import annotations

from typing import Final

from django.core import signing
from django.http import HttpRequest, HttpResponse

_SALT: Final = "equipoise.web.notices"
_SECONDS: Final = 120


def tell(response: HttpResponse, sentence: str, *, secure: bool = False) -> HttpResponse:
    """Let the page that follows this response show a sentence."""
    response.set_cookie(
        "notice",
        signing.dumps(sentence[:300], salt=_SALT),
        max_age=_SECONDS,
        httponly=True,
        secure=secure,
        samesite="Strict",
        path="/",
    )
    return response


def seen(request: HttpRequest) -> str:
    """Return the sentence to show, or an empty string. One that was tampered with is not shown."""
    try:
        return str(signing.loads(request.COOKIES.get("notice", ""), salt=_SALT, max_age=_SECONDS))
    except signing.BadSignature:
        return ""
