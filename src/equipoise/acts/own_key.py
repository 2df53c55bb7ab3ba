"""A signing key of one's own: made where its holder is, and never brought to a site.

A site is given the public half alone. The private half is a file in the form that other tools read
and write as well (PKCS #8, in PEM), sealed with a passphrase if its holder gives one.
"""

from __future__ import annotations

import base64
import binascii
import os
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final, NoReturn

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import (
    Ed25519PrivateKey,
    Ed25519PublicKey,
)
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
    load_pem_public_key,
    load_ssh_public_key,
)

from equipoise.account.receipts import fingerprint
from equipoise.account.shapes import is_person
from equipoise.acts.accounts.permission import require
from equipoise.acts.files import write_draft
from equipoise.acts.site import MACHINE, Site, enrol
from equipoise.agree.sign import is_point, of_small_order
from equipoise.errors import (
    EnvironmentFailed,
    IntegrityRefused,
    Problem,
    StateRefused,
    UsageRefused,
)
from equipoise.store.ended_keys import EndedKeys
from equipoise.store.facts import Person

LONGEST: Final = 4_000
"""The most characters in which a public key is looked for."""
FIELD: Final = "public_key"
_PRINTED: Final = re.compile(
    r"(Made: [^\n]*\n)?Public key: *(?P<key>[0-9a-f]{64})\s+Fingerprint: *(?P<mark>[0-9a-f]{32})"
)

Passphrase = Callable[[], str]
"""Asks the holder of a sealed key for its passphrase."""


class OwnKey:
    """A private key that its holder has at hand. Shows its public half and signs."""

    def __init__(self, key: Ed25519PrivateKey) -> None:
        self._key = key

    def __repr__(self) -> str:
        return "<OwnKey, not shown>"

    def __reduce__(self) -> NoReturn:
        raise TypeError("an OwnKey is never pickled or copied")

    @property
    def public_key(self) -> str:
        """Return the public key: 64 hexadecimal digits."""
        return self._key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw).hex()

    @property
    def public_pem(self) -> str:
        """Return the public key as other tools write it."""
        public = self._key.public_key()
        return public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode("ascii")

    def sign(self, message: bytes) -> str:
        """Return the signature of a message: 128 hexadecimal digits."""
        return self._key.sign(message).hex()


# -- the private half, on its holder's machine ---------------------------------------------------


def make_own_key(path: Path, passphrase: str = "") -> OwnKey:
    """Make a key and write it to a new file that its owner alone may read.

    Raises ``StateRefused`` (ACT290) when there is a file already, so that no key is written over.
    """
    key = Ed25519PrivateKey.generate()
    sealing = BestAvailableEncryption(passphrase.encode()) if passphrase else NoEncryption()
    data = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, sealing)
    before = os.umask(0o077)
    try:
        draft = write_draft(path, data)
    finally:
        os.umask(before)
    try:
        path.hardlink_to(draft)  # fails where the name is taken
    except FileExistsError:
        raise StateRefused(
            Problem(
                "ACT290",
                f"there is a file {path.name} already",
                why="a key that is written over can sign nothing more",
                next="name another file",
            )
        ) from None
    finally:
        draft.unlink(missing_ok=True)
    return OwnKey(key)


def own_key(path: Path, passphrase: Passphrase) -> OwnKey:
    """Read a key's file; ``passphrase`` is asked only where the key is sealed.

    Raises ``EnvironmentFailed`` (ACT291) when the file cannot be read, ``IntegrityRefused``
    (ACT292) when it is no Ed25519 key, or the passphrase is not its own.
    """
    try:
        data = path.read_bytes()
    except OSError as error:
        raise EnvironmentFailed(
            Problem("ACT291", "the key cannot be read", why=error.strerror or "")
        ) from error
    try:
        sealed = b"ENCRYPTED" in data[:60]
        found = load_pem_private_key(data, passphrase().encode() if sealed else None)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        found = None
    if not isinstance(found, Ed25519PrivateKey):
        raise IntegrityRefused(
            Problem(
                "ACT292",
                "this is no Ed25519 key, or the passphrase is not its own",
                why="an agreement is signed with an Ed25519 key in a PEM file",
                next="name the file that 'equipoise key make' or another tool wrote",
            )
        )
    return OwnKey(found)


# -- the public half, as it is handed in ---------------------------------------------------------


def public_key_in(text: str) -> str:
    """Return the public key that somebody handed in: 64 hexadecimal digits.

    It is taken as those digits, in base64, as PEM, as a line of OpenSSH, or as ``equipoise key
    show`` prints it, with its fingerprint, which must then be its own. Raises ``UsageRefused``
    (ACT293) for anything else, (ACT294) for a private key, (ACT295) for a key with which anybody
    could sign, or nobody.
    """
    said = text.strip()
    if "PRIVATE KEY" in said:
        raise _refused(
            "ACT294",
            "this is the private half of a key",
            "who has seen it can sign in its holder's name; nothing of it was kept",
            "make a new key, as this one was sent, and hand in its public half alone",
        )
    raw = _raw(_printed(said)) if len(said) <= LONGEST else None
    if raw is None:
        raise _refused(
            "ACT293",
            "this is not an Ed25519 public key",
            "one has 32 bytes: 64 hexadecimal digits, 44 characters of base64, or a PEM block that "
            "begins with BEGIN PUBLIC KEY",
            "paste what 'Public key' says where the key was made, all of it and nothing else",
        )
    if of_small_order(raw) or not is_point(raw):
        raise _refused(
            "ACT295",
            "this key is of a kind with which anybody could sign, or nobody",
            "it is not one of the keys that a private key leads to",
            "make a new key, and hand in its public half",
        )
    return raw.hex()


def _printed(said: str) -> str:
    """Return the key of the lines that ``equipoise key`` prints, or what was said as it is."""
    if (found := _PRINTED.fullmatch(said)) is None:
        return said
    return found["key"] if fingerprint(found["key"]) == found["mark"] else ""


def _raw(said: str) -> bytes | None:
    try:
        if said.startswith("-----BEGIN"):
            return _of_ed25519(load_pem_public_key(said.encode()))
        if said.startswith("ssh-"):
            return _of_ed25519(load_ssh_public_key(said.encode()))
        words = "".join(said.split())
        found = bytes.fromhex(words) if len(words) == 64 else base64.b64decode(words, validate=True)
    except (ValueError, UnsupportedAlgorithm, binascii.Error):
        return None
    return found if len(found) == 32 else None


def _of_ed25519(found: object) -> bytes | None:
    if not isinstance(found, Ed25519PublicKey):
        return None
    return found.public_bytes(Encoding.Raw, PublicFormat.Raw)


def refuse_known(site: Site, public_key: str, who: str) -> None:
    """Refuse a key that counts here as somebody else's (ACT296), or that was ended (ACT299).
    ``who`` is ``party/name``."""
    if any(one.public_key == public_key for one in EndedKeys(site.store.alias).ended()):
        raise _refused(
            "ACT299",
            "this key was ended, and never counts again",
            "whoever else has it could sign with it",
            "make a new key, and hand in its public half",
        )
    for other, key in site.trusted().items():
        if key == public_key and other != who:
            raise _refused(
                "ACT296",
                f"this key is that of {other.partition('/')[2]} of {other.partition('/')[0]}",
                "a signature must tell who signed",
                "let each person make a key of their own",
            )


def _refused(code: str, what: str, why: str, next_: str) -> UsageRefused:
    return UsageRefused(Problem(code, what, why, next_, clause=FIELD))


def enrol_with_key(
    site: Site,
    party: str,
    name: str,
    public_key: str,
    *,
    roles: tuple[str, ...] = (),
    post: str = "",
    by: Person | None = None,
) -> Person:
    """Enrol a real person by the public half of the key that they made; the site makes none.

    ``by`` is an administrator, or ``None`` for whoever may run commands on the site's machine.
    Enrolled twice with the same key, they are enrolled once. Raises ``GateRefused`` (ACT250),
    ``UsageRefused`` (ACT293-297) all at once, and ``StateRefused`` (STO012, ACT120) where the name
    is taken.
    """
    actor = MACHINE if by is None else require(by, "keep accounts").key
    wrong = [*_unnamed(party, name)]
    who = f"{party}/{name}"
    key = ""
    try:
        key = public_key_in(public_key)
        refuse_known(site, key, who)
    except UsageRefused as error:
        wrong += error.problems
    if wrong:
        raise UsageRefused(wrong)
    if site.trusted().get(who) == key and who not in site.theirs():
        found = site.person(name, party)
        return enrol(site, party, name, roles=roles) if roles else found
    return enrol(site, party, name, roles=roles, post=post, public_key=key, by=actor)


def _unnamed(party: str, name: str) -> Iterator[Problem]:
    if not re.fullmatch(r"[a-z][a-z0-9_-]{0,62}", party):
        yield Problem(
            "ACT297",
            "this is not how an agreement calls a party",
            why="a person is enrolled for the party that the agreement calls so",
            next="use the agreement's own word: small letters, digits and '-'",
            clause="party",
        )
    if "/" in name or name != name.strip() or not is_person(f"party/{name}"):
        yield Problem(
            "ACT297",
            "this is not a person's name",
            why="an agreement names its signatory, letter by letter",
            next="write the name as the agreement does, without '/'",
            clause="name",
        )
