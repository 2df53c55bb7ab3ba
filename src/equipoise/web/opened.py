"""The site that this process serves, and how it is served."""

from __future__ import annotations

from dataclasses import dataclass, field

from equipoise.acts.site import Site
from equipoise.web.outside import Provider


@dataclass(frozen=True)
class Opened:
    """One site as it is served.

    ``invented`` lets anybody step into the part of an invented person on a practice site; it is for
    loopback alone. ``proxied`` believes the last address that a proxy in front names.
    """

    site: Site
    invented: bool = False
    proxied: bool = False
    provider: Provider | None = field(default=None)


_opened: list[Opened] = []


def use(opened: Opened | None) -> None:
    """Serve this site from now on; ``None`` for none, as after a test."""
    _opened[:] = [] if opened is None else [opened]


def current() -> Opened:
    """Return what is served."""
    return _opened[0]
