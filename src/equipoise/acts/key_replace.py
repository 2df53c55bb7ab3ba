"""End a key that was lost or seen by others, and put another in its place.

One person ends a key, for that opens nothing. Another key takes its place only if an administrator
offers it and a second person confirms it, who had its fingerprint from its holder by another way:
an administrator alone could else sign in anybody's name. What was kept here before the end stays
signed; whatever is made with the key afterwards is refused, whichever date it bears.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from typing import Final

from equipoise.account.receipts import fingerprint
from equipoise.acts.accounts.permission import may, require
from equipoise.acts.own_key import public_key_in, refuse_known
from equipoise.acts.site import Site
from equipoise.agree.canonical import canonical_bytes, digest_of
from equipoise.agree.people import same_person_mark
from equipoise.errors import GateRefused, Problem, StateRefused, UsageRefused
from equipoise.store.ended_keys import EndedKey, EndedKeys
from equipoise.store.facts import Person

REASONS: Final = ("lost", "seen by others", "changed")
"""Why a key is ended, as the ledger says it; the words of whoever ends it are kept beside it."""
SAID: Final = "fingerprint"
"""The field at which a page asks for the fingerprint that was read out."""


@dataclass(frozen=True)
class KeyEnded:
    """A key that was ended, by its fingerprint, and the agreements that stay signed with it: of a
    key that others saw, somebody should look at each."""

    who: str
    fingerprint: str
    signed: tuple[str, ...]


def end_key(
    site: Site, who: str, because: str, reason: str, by: str, *, looked_at: str | None = None
) -> KeyEnded:
    """End the key of ``party/name``: nothing that is signed with it from now on counts.

    ``looked_at`` is the fingerprint that whoever ends it had before them, where a page showed one.
    Raises ``UsageRefused`` (ACT300) when nobody so called has a key in force, (ACT302) without a
    reason, ``GateRefused`` (ACT301) for anybody but its holder and an administrator,
    ``StateRefused`` (ACT307) when the key in force is not the one looked at.
    """
    person = site.person(by)
    key = key_to_end(site, person, who)
    if looked_at is not None and looked_at != fingerprint(key):
        raise StateRefused(
            Problem(
                "ACT307",
                f"this is not the key of {who} that is in force",
                why="another may have taken its place since you opened the page",
                next="look at how the keys stand now, and end the one that you mean",
            )
        )
    if because not in REASONS or not reason.strip():
        raise UsageRefused(
            Problem(
                "ACT302",
                "no reason is given for which the key is ended",
                why="who relied on it must be able to learn what to think of it",
                next=f"say one of: {', '.join(REASONS)}; and in your own words what happened",
            )
        )
    party, _, name = who.partition("/")
    salt = secrets.token_hex(32)
    with site.store.change(person.key) as change:
        entry = change.note(
            "key ended",
            f"key:{site.custody.key_name(party, name)}",
            person=who,
            fingerprint=fingerprint(key),
            because=because,
            reason=digest_of(canonical_bytes({"reason": reason, "salt": salt})),
        )
        book = EndedKeys(site.store.alias)
        book.end(change, (party, name), key, because, reason, salt, entry.sequence)
    # After the record: were this cut off, the file that is left signs nothing that counts.
    site.custody.forget_key_of(party, name)
    return KeyEnded(who, fingerprint(key), signed_with(site, key))


def may_end(person: Person, who: str) -> bool:
    """Say whether ``person`` may end the key of ``party/name``: its holder, an administrator."""
    return person.key == who or may(person, "keep accounts")


def key_to_end(site: Site, person: Person, who: str) -> str:
    """Return the key in force of ``party/name``, if ``person`` may end it (ACT300, ACT301)."""
    key = site.trusted().get(who)
    if key is None:
        raise UsageRefused(
            Problem(
                "ACT300",
                f"nobody called {who} has a key in force here",
                why="a key is ended once, and never counts again",
                next="name them as the ledger does at 'key trusted', as 'council/Amara Osei'; if "
                "the key was ended already, equipoise key replace puts another in its place",
            )
        )
    if not may_end(person, who):
        raise GateRefused(
            Problem(
                "ACT301",
                f"{person.name} may not end the key of {who}",
                why="a key is ended by its holder, or by an administrator",
                next="ask an administrator of this site",
            )
        )
    return key


def signed_with(site: Site, key: str) -> tuple[str, ...]:
    """Return the agreements that bear a signature made with a public key."""
    return tuple(
        record.reference
        for record in site.store.agreements()
        if any(signature.public_key == key for signature in record.signatures)
    )


def offer_key(site: Site, who: str, public_key: str, by: str) -> str:
    """Offer a key in the place of one that was ended; return its fingerprint, for whoever is to
    confirm it. Offered again, the later one counts; the same one by the same person, once.

    Raises ``GateRefused`` (ACT250) for who is no administrator, ``StateRefused`` (ACT303) where no
    key was ended, ``UsageRefused`` (ACT293-296, 299) for a key that cannot be anybody's.
    """
    person = require(site.person(by), "keep accounts")
    one = waiting(site, who)
    key = public_key_in(public_key)
    refuse_known(site, key, who)
    if (one.offered, one.offered_by) == (key, person.key):
        return fingerprint(key)
    with site.store.change(person.key) as change:
        EndedKeys(site.store.alias).offer(change, one, key, person.key)
        change.note("key offered", _named(site, one), person=who, fingerprint=fingerprint(key))
    return fingerprint(key)


def confirm_key(site: Site, who: str, said: str, by: str) -> Person:
    """Confirm the key that was offered, by the fingerprint ``said`` that its holder gave by another
    way; from now on it is theirs.

    Raises ``StateRefused`` (ACT303) where none was offered, ``GateRefused`` (ACT304) for whoever
    offered it, and for who is neither an administrator nor of the holder's party,
    ``UsageRefused`` (ACT305) for another fingerprint.
    """
    person = site.person(by)
    one = key_to_confirm(site, person, who)
    if as_said(said) != fingerprint(one.offered):
        raise UsageRefused(
            Problem(
                "ACT305",
                "this is not the fingerprint of the key that was offered",
                why="somebody may have offered another key in its holder's name",
                next="let its holder read out what 'equipoise key show FILE' says; if it differs, "
                "have that key offered",
                clause=SAID,
            )
        )
    refuse_known(site, one.offered, who)
    with site.store.change(person.key) as change:
        EndedKeys(site.store.alias).settle(change, one)
        change.note(
            "key trusted",
            _named(site, one),
            person=who,
            fingerprint=fingerprint(one.offered),
            practice=site.person(one.name, one.party).practice,
        )
    return site.person(one.name, one.party)


def as_said(fingerprint_said: str) -> str:
    """Return a fingerprint without the spaces and capitals with which people write it down."""
    return "".join(fingerprint_said.split()).lower()


def may_confirm(person: Person, one: EndedKey) -> bool:
    """Say whether ``person`` may be the second of the two who put a key in an ended one's place:
    an administrator or somebody of the holder's party, and not who offered it."""
    fit = may(person, "keep accounts") or person.party == one.party
    offered = same_person_mark(one.offered_by.partition("/")[2])
    return fit and same_person_mark(person.name) != offered


def key_to_confirm(site: Site, person: Person, who: str) -> EndedKey:
    """Return the ended key of ``party/name`` with the one offered in its place, if ``person`` may
    confirm that (ACT303, ACT304)."""
    one = waiting(site, who)
    if not one.offered:
        raise _not_now(who, "no key is offered", "equipoise key replace offers one")
    if may_confirm(person, one):
        return one
    raise GateRefused(
        Problem(
            "ACT304",
            f"{person.name} may not confirm this key",
            why="a key takes another's place by two people, or one could sign in anybody's name",
            next=f"let another administrator do it, or somebody else of {one.party}",
        )
    )


def waiting(site: Site, who: str) -> EndedKey:
    """Return the ended key of an enrolled person that has no other in its place yet. Raises
    ``StateRefused`` (ACT303) when there is none."""
    ours = {person.key for person in site.people()}
    for one in reversed(EndedKeys(site.store.alias).ended()):
        if one.who == who and who in ours and one.settled is None:
            return one
    raise _not_now(who, "no key waits to be replaced", "end the one in force: equipoise key end")


def _not_now(who: str, what: str, next_: str) -> StateRefused:
    return StateRefused(
        Problem(
            "ACT303",
            f"for {who}, {what}",
            why="a key is replaced in three steps: it is ended, another is offered, and confirmed",
            next=next_,
        )
    )


def _named(site: Site, one: EndedKey) -> str:
    return f"key:{site.custody.key_name(one.party, one.name)}"
