"""What a site's ``equipoise.toml`` says of the web application: a provider of identities.

[web.identities]
name = "Council sign-in"
issuer = "https://login.example.org"
client_id = "equipoise"
client_secret_file = "/etc/equipoise/client-secret"
second_factor = true      # the provider asks for one, so that we need not
"""

from __future__ import annotations

import tomllib
from pathlib import Path

from equipoise.acts.settings import SETTINGS
from equipoise.errors import IntegrityRefused, Problem
from equipoise.web.outside import ProviderSettings, is_safe


def provider_settings(directory: Path) -> ProviderSettings | None:
    """Return what the site says of its provider, or ``None`` when it has none.

    Raises ``IntegrityRefused`` (WEB020) when that cannot be read.
    """
    path = directory / SETTINGS
    try:
        said = tomllib.loads(path.read_text(encoding="utf-8")).get("web", {}).get("identities")
        if said is None:
            return None
        secret = Path(said["client_secret_file"])
        held = ProviderSettings(
            name=str(said["name"]),
            issuer=str(said["issuer"]),
            client_id=str(said["client_id"]),
            client_secret=(directory / secret).read_text(encoding="utf-8").strip(),
            second_factor=said.get("second_factor", False) is True,
        )
        if not is_safe(held.issuer):
            raise ValueError("an issuer without HTTPS")
        return held
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise IntegrityRefused(
            Problem(
                "WEB020",
                "what the site says of its provider of identities cannot be used",
                why=f"{type(error).__name__} under [web.identities]",
                next="give name, issuer (https), client_id, and client_secret_file that can be "
                "read",
                file=str(path),
            )
        ) from error
