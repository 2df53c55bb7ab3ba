"""Open a site for a command, and tell what was put right of an earlier one that was cut off."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from equipoise.cli import show

if TYPE_CHECKING:
    from equipoise.acts.site import Site


@contextmanager
def site_at(directory: Path) -> Iterator[Site]:
    """Open the site in ``directory``; afterwards say on standard error what was put right."""
    from equipoise.acts.site import open_site

    site = open_site(directory)
    try:
        yield site
    finally:
        for told in site.recovered:
            show.aside(told)
