"""Settings: what a site's ``equipoise.toml`` holds."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from equipoise.acts.files import write_whole
from equipoise.errors import IntegrityRefused, Problem, UsageRefused
from equipoise.gate.addresses import POST_ROLES, Post
from equipoise.gate.locks import Limits

SETTINGS = "equipoise.toml"
_GIB, _HOUR = 1 << 30, 3600
_LEAST, _MOST = 0.01, 1_000_000
"""Of GiB and of hours; more is a slip."""


@dataclass(frozen=True)
class Settings:
    """A site's name, whether it is for practice, its database, the posts that it fills (``None``
    means all of them), and what one step may take (``[steps]``: GiB of memory, hours)."""

    name: str
    practice: bool
    database: str
    posts: frozenset[Post] | None = None
    limits: Limits = field(default_factory=Limits)


def read_posts(texts: Iterable[str]) -> frozenset[Post] | None:
    """Read posts written ``party: role``; none at all means every post.

    Raises ``UsageRefused`` (ACT121) for anything else.
    """
    roles = {role: role for role in POST_ROLES}
    found: set[Post] = set()
    for text in texts:
        party, _, role = (part.strip() for part in text.partition(":"))
        if not party or role not in roles:
            raise UsageRefused(
                Problem(
                    "ACT121",
                    f"{text!r} names no post",
                    why=f"a post is a party and one of: {', '.join(roles)}",
                    next="as --plays 'hmrc: owner'",
                )
            )
        found.add((party, roles[role]))
    return frozenset(found) or None


def write_settings(path: Path, settings: Settings) -> None:
    """Write the settings, for their owner's eyes: a database URL may hold a password."""
    posts = [f"{party}: {role}" for party, role in sorted(settings.posts or ())]
    lines = (
        "[site]",
        f"name = {json.dumps(settings.name)}",
        f"practice = {'true' if settings.practice else 'false'}",
        f"database = {json.dumps(settings.database)}",
        *([f"plays = {json.dumps(posts)}"] if posts else ()),
    )
    write_whole(path, ("\n".join(lines) + "\n").encode()).chmod(0o600)


def read_settings(path: Path) -> Settings:
    """Read the settings. Raises ``IntegrityRefused`` (ACT013) when they cannot be read."""
    try:
        whole = tomllib.loads(path.read_text(encoding="utf-8"))
        held = whole["site"]
        return Settings(
            str(held["name"]),
            held.get("practice", False) is True,
            str(held.get("database", "")),
            read_posts(held.get("plays", ())),
            _read_limits(whole.get("steps", {})),
        )
    except (ValueError, KeyError, TypeError, AttributeError, UsageRefused) as error:
        raise IntegrityRefused(
            Problem(
                "ACT013",
                f"{path} does not hold a site's settings",
                why="it was changed by hand, or damaged",
                next="it has a part [site] with name, practice and database, and may have a part "
                "[steps] with memory, in GiB, and hours",
            )
        ) from error


def _read_limits(said: Mapping[str, float]) -> Limits:
    """Return what a step may take. Raises ``ValueError`` for what is no amount."""
    usual = Limits()
    amounts = {"memory": usual.memory / _GIB, "hours": usual.seconds / _HOUR, **said}
    if len(amounts) > len(("memory", "hours")) or not all(
        isinstance(one, int | float) and _LEAST <= one <= _MOST for one in amounts.values()
    ):
        raise ValueError("an amount that cannot be")
    return replace(
        usual, memory=int(amounts["memory"] * _GIB), seconds=float(amounts["hours"] * _HOUR)
    )
