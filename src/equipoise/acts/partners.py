"""Partners: this site's card, and the cards of others that two people compared by telephone."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

from equipoise.account.cards import Card, CardPerson, CardPost, changed, make_card, read_card
from equipoise.account.receipts import fingerprint
from equipoise.acts.site import MACHINE, Site
from equipoise.errors import (
    EnvironmentFailed,
    EquipoiseError,
    IntegrityRefused,
    Problem,
    StateRefused,
    UsageRefused,
)
from equipoise.store.ended_keys import EndedKeys
from equipoise.store.facts import Partner


def own_card(site: Site) -> Card:
    """Return this site's card, signed. Raises ``UsageRefused`` (ACT125) on a site for all posts."""
    if site.posts is None:
        raise UsageRefused(
            Problem(
                "ACT125",
                "this site fills every post itself and has no partners",
                why="on one machine all rooms lie side by side",
                next="make a site that fills some: equipoise init --plays 'PARTY: owner' …",
            )
        )
    parties = {party for party, _ in site.posts}
    return make_card(
        site.name,
        tuple(CardPost(a.party, a.role, a.sealing, a.signing) for a in site.custody.posts()),
        tuple(CardPerson(p.party, p.name, p.public_key)
              for p in site.people()
              if p.party in parties and site.trusted().get(p.key) == p.public_key),
        practice=site.practice,
        made=site.clock(),
        signer=site.custody.site_signer(),
    )  # fmt: skip


def read_bytes(path: Path, what: str) -> bytes:
    """Read a file that somebody sent. Raises ``EnvironmentFailed`` (ACT126)."""
    try:
        return path.read_bytes()
    except OSError as error:
        raise EnvironmentFailed(
            Problem("ACT126", f"{what} cannot be read", why=error.strerror or "")
        ) from error


def card_in(path: Path) -> Card:
    """Read and check a card's file; nothing is accepted by it."""
    return read_card(read_bytes(path, "the card"))


def card_of(partner: Partner) -> Card:
    """Return the card of an accepted partner."""
    return read_card(json.dumps(partner.card, sort_keys=True, separators=(",", ":"),
                                ensure_ascii=False).encode() + b"\n")  # fmt: skip


def accept(site: Site, path: Path, said: str, *, replace: bool = False) -> Card:
    """Accept a partner's card whose fingerprint ``said`` was read aloud by the partner.

    A card that was accepted before is accepted again without effect; one with more people takes its
    place. Raises ``UsageRefused`` (ACT127) when the fingerprint is not the card's, and
    ``IntegrityRefused`` (ACT128) when keys changed and ``replace`` is not set, (ACT129) when it
    claims what another site does; every refusal is on the ledger.
    """
    card = card_in(path)
    if not card.is_called(said):
        raise UsageRefused(
            Problem(
                "ACT127",
                "the fingerprint that was read to you is not this card's"
                if said
                else f"the card of {card.site} is not accepted yet",
                why="anybody can make a card that bears a partner's name",
                next="telephone the partner, let them read theirs (equipoise partner card), and "
                f"add --fingerprint; this card's is {card.fingerprint}",
            )
        )
    before = _before(site, card)
    try:
        _refuse_unfit(site, card, before, replace=replace)
    except EquipoiseError as error:
        with site.store.change(MACHINE) as change:
            change.refuse("", "accept a partner", error)
            codes = " ".join(sorted({problem.code for problem in error.problems}))
            change.note("partner refused", f"partner:{card.public_key[:32]}", codes=codes)
        raise
    if before is None or card_of(before).fingerprint != card.fingerprint:
        _keep(site, card, before)
    return card


def _before(site: Site, card: Card) -> Partner | None:
    """Return the card in force that this one would stand in for: of its key, name or posts."""
    posts = {(post.party, post.role) for post in card.posts}
    for partner in site.store.partners():
        theirs = {(post["party"], post["role"]) for post in partner.card["posts"]}
        if partner.site_key == card.public_key or partner.name == card.site or theirs & posts:
            return partner
    return None


def _refuse_unfit(site: Site, card: Card, before: Partner | None, *, replace: bool) -> None:
    if problems := [*_claims(site, card, before)]:
        raise IntegrityRefused(problems)
    if before is None:
        return
    other = changed(card_of(before), card)
    if other and not replace:
        raise IntegrityRefused(
            Problem(
                "ACT128",
                f"the keys of {before.name} are not those that were accepted: {', '.join(other)}",
                why="a changed key is how somebody would put themselves in a partner's place",
                next="telephone the partner; if it has new keys indeed, add --replace",
            )
        )


def _claims(site: Site, card: Card, before: Partner | None) -> Iterator[Problem]:
    """Yield what a card claims that is not its own: our posts, others' posts, others' people."""
    taken = {(post.party, post.role) for post in card.posts} & set(site.posts or ())
    elsewhere = {
        (post["party"], post["role"]): partner.name
        for partner in site.store.partners()
        if before is None or partner.site_key != before.site_key
        for post in partner.card["posts"]
    }
    for party, role in sorted(taken):
        yield _claim(f"{party} as {role}", "this site fills it")
    for post in card.posts:
        if (post.party, post.role) in elsewhere:
            yield _claim(f"{post.party} as {post.role}", "another partner fills it")
    ours = {person.key for person in site.people()}
    known = site.trusted()
    ended = {one.public_key for one in EndedKeys(site.store.alias).ended()}
    for person in card.people:
        who = f"{person.party}/{person.name}"
        if person.public_key in ended:
            yield _claim(who, "the key that it gives them was ended here, and never counts again")
        elif who in ours or known.get(who, person.public_key) != person.public_key:
            # Signatures rest on a person's key, so that --replace does not reach it; once it is
            # ended here, a card that was compared by telephone may give another.
            yield _claim(who, "that person is known here with another key, or acts here")
    if site.posts is None:
        yield _claim(card.site, "this site fills every post itself")
    if card.practice != site.practice:
        yield _claim(card.site, "of a practice site and a real one, neither takes the other's card")


def _claim(what: str, why: str) -> Problem:
    return Problem(
        "ACT129",
        f"the card claims what cannot be its own: {what}",
        why=why,
        next="ask the partner which posts its site fills",
    )


def _keep(site: Site, card: Card, before: Partner | None) -> None:
    known = site.trusted()
    with site.store.change(MACHINE) as change:
        kept = Partner(card.public_key, card.site, card.as_dict(), change.now)
        change.accept(kept, instead_of=before.site_key if before else "")
        instead = {"instead": fingerprint(before.site_key)} if before else {}
        change.note(
            "partner accepted",
            f"partner:{card.public_key[:32]}",
            fingerprint=fingerprint(card.public_key),
            **instead,
        )
        for person in card.people:
            who = f"{person.party}/{person.name}"
            if who not in known:
                change.note(
                    "key trusted",
                    f"key:{site.custody.key_name(person.party, person.name)}",
                    person=who,
                    fingerprint=fingerprint(person.public_key),
                    practice=card.practice,
                )


def the_partner(site: Site, public_key: str) -> Partner:
    """Return the partner whose site has a key. Raises ``StateRefused`` (ACT130) when none has."""
    for partner in site.store.partners():
        if partner.site_key == public_key:
            return partner
    raise StateRefused(
        Problem(
            "ACT130",
            "this is not signed by any partner of this site",
            why="what a stranger states is no evidence",
            next="accept the partner's card first: equipoise partner add CARD",
        )
    )
