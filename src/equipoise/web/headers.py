"""Headers that every page carries: what a browser may load, keep, frame and tell."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from django.core.exceptions import DisallowedHost
from django.http import HttpRequest, HttpResponse

from equipoise.web.refusals import makes_no_sense

POLICY: Final = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data:",  # pictures that a page carries within it; they can run nothing
        "connect-src 'self'",
        "form-action 'self'",
        "frame-ancestors 'none'",
        "base-uri 'none'",
    )
)
"""No script and no style within a page, nothing from elsewhere, framed by nobody."""

_ALWAYS: Final = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    "Cache-Control": "no-store",
}
_SECURE: Final = "max-age=31536000"


class Headers:
    """Refuses a host that is not this site's, and adds the headers that a view did not set."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Pass the request on, and complete what comes back."""
        try:
            request.get_host()
            response = self.get_response(request)
        except DisallowedHost as error:  # the page that says so carries the headers too
            response = makes_no_sense(request, error)
        for name, value in _ALWAYS.items():
            response.headers.setdefault(name, value)
        if not response.streaming:
            response.headers.setdefault("Content-Length", str(len(response.content)))
        if request.is_secure():
            response.headers.setdefault("Strict-Transport-Security", _SECURE)
            for cookie in response.cookies.values():
                cookie["secure"] = True
        return response
