"""Who plays which role where: the posts of this site, and the addresses of its partners.

An agreement's parties may live on one installation or on several. A site that lives with others
names the posts that it fills, and has no key of any other; of its partners it knows public keys.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final, Literal

PostRole = Literal["owner", "linkage unit", "secure room", "recipient"]
POST_ROLES: Final[tuple[PostRole, ...]] = ("owner", "linkage unit", "secure room", "recipient")

STORE_OF: Final[Mapping[str, str]] = MappingProxyType(
    {
        "owner": "owners",
        "linkage unit": "linkage-unit",
        "secure room": "secure-room",
        "recipient": "recipients",
    }
)
"""The key store of each post."""

_POST_OF: Final[Mapping[str, PostRole]] = MappingProxyType(
    {
        "controller": "owner",
        "joint controller": "owner",
        "processor": "owner",
        "linkage unit": "linkage unit",
        "secure room": "secure room",
        "recipient": "recipient",
    }
)

Post = tuple[str, PostRole]
"""(party, role): what one site fills."""


@dataclass(frozen=True)
class Address:
    """The public keys of one post at a partner's site: age ``sealing``, Ed25519 ``signing`` (hex,
    empty when the post signs nothing), and the ``site_key`` of the site that fills it."""

    party: str
    role: PostRole
    sealing: str
    signing: str
    site: str
    site_key: str


Addresses = Mapping[Post, Address]


def post_of(party_role: str) -> PostRole:
    """Return the post by which a role of the agreement is filled: a controller is an owner."""
    return _POST_OF[party_role]


def away(
    parties: Mapping[str, tuple[str, ...]], posts: frozenset[Post] | None
) -> frozenset[tuple[str, str]]:
    """Return the (party, role of the agreement) that this site does not fill.

    ``posts`` of ``None`` means a site that fills every post.
    """
    if posts is None:
        return frozenset()
    return frozenset(
        (party, role)
        for party, roles in parties.items()
        for role in roles
        if (party, post_of(role)) not in posts
    )
