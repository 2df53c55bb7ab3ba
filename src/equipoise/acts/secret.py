"""The owners' secret: made by one owner, sealed to each of the others, and to nobody else.

Tokens and encodings are made from it, so owners of one agreement version must have the same. The
linkage unit and the secure room never get it: the gate refuses them, and it is sealed to keys that
they do not have.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from equipoise.account.receipts import Receipt
from equipoise.acts.admit import admitted
from equipoise.acts.ended import told
from equipoise.acts.files import write_draft
from equipoise.acts.partners import read_bytes
from equipoise.acts.secret_letter import SUFFIX, Letter, open_letter, write_letter
from equipoise.acts.site import Site
from equipoise.agree.canonical import digest
from equipoise.agree.document import Agreement
from equipoise.errors import IntegrityRefused, Problem, StateRefused
from equipoise.gate.passage import Passage
from equipoise.gate.requests import to_agree_secret
from equipoise.store.facts import Person


@dataclass(frozen=True)
class Secret:
    """An owners' secret as it may be told: its number, its fingerprint, the files made to carry it,
    and the receipt for those that it took the place of."""

    number: int
    fingerprint: str
    files: tuple[Path, ...] = ()
    receipt: Receipt | None = None


def sharing(agreement: Agreement) -> tuple[str, ...]:
    """Return the owners who share a secret: the controllers of datasets that are linked."""
    found = (
        data.controller for name, data in agreement.datasets.items() if agreement.entities_of(name)
    )
    return tuple(dict.fromkeys(found))


def _asker(site: Site, agreement: Agreement) -> Person:
    """Return who asks here: for an owner that lives here, or else for whoever does, in vain."""
    posts = site.posts or ()
    lives = [key for key in agreement.parties if any(party == key for party, _ in posts)]
    here = [party for party in sharing(agreement) if site.custody.fills(party, "owner")]
    return site.actor_for(agreement, (here or lives or [*sharing(agreement)])[0])


def make_secret(site: Site, source: str, out: Path | None = None) -> Secret:
    """Make the next owners' secret and a file of it for each other owner; end the one before.

    What was encoded with the one before never meets what is encoded with this one.
    """
    parsed = site.read(source)
    agreement = parsed.agreement
    person = _asker(site, agreement)
    with admitted(site, parsed, to_agree_secret(agreement, person.party, person.name)) as passage:
        others = _others(site, agreement)
        number, mark = passage.make_secret()
        files = _send(site, agreement, passage, person, number, mark, others, out, "secret made")
        gone = passage.end_old_secrets()
        receipt = told(site, agreement, person, gone)
    return Secret(number, mark, files, receipt)


def send_secret(site: Site, source: str, out: Path | None = None) -> Secret:
    """Seal the newest secret again for each other owner, as when a file was lost.

    Raises ``StateRefused`` (ACT135) when this site has none.
    """
    parsed = site.read(source)
    agreement = parsed.agreement
    person = _asker(site, agreement)
    with admitted(site, parsed, to_agree_secret(agreement, person.party, person.name)) as passage:
        number, mark = _newest(site, agreement)
        others = _others(site, agreement)
        files = _send(site, agreement, passage, person, number, mark, others, out, "secret sent")
    return Secret(number, mark, files)


def shown(site: Site, source: str) -> Secret:
    """Return the newest secret's number and fingerprint, for owners to compare (ACT135)."""
    return Secret(*_newest(site, site.read(source).agreement))


def _newest(site: Site, agreement: Agreement) -> tuple[int, str]:
    mark = f"key:owners/{agreement.reference}/secret-"
    for entry in reversed(site.store.entries()):
        if entry.act in ("secret made", "secret taken") and entry.object.startswith(mark):
            return int(entry.object.removeprefix(mark)), str(entry.detail["fingerprint"])
    raise StateRefused(
        Problem(
            "ACT135",
            f"this site has no owners' secret of {agreement.reference}",
            next="equipoise secret make AGREEMENT, or let another owner send theirs",
        )
    )


def _others(site: Site, agreement: Agreement) -> tuple[str, ...]:
    """Return the other owners, each with an accepted card (GATE193): before anything is made."""
    others = [p for p in sharing(agreement) if not site.custody.fills(p, "owner")]
    for party in others:
        site.custody.address(party, "owner")
    return tuple(others)


def _send(
    site: Site,
    agreement: Agreement,
    passage: Passage,
    person: Person,
    number: int,
    mark: str,
    others: tuple[str, ...],
    out: Path | None,
    act: str,
) -> tuple[Path, ...]:
    """Write drafts, then the ledger entry, then give the names."""
    folder = (out or site.folder("parcels")) / agreement.reference
    drafts: dict[Path, Path] = {}
    try:
        for party in others:
            letter = _letter(site, agreement, person.party, party, number)
            sealed = passage.sealed_secret(party, number, _signing(letter, passage))
            path = folder / f"{party}--secret--{secrets.token_hex(8)}{SUFFIX}"
            drafts[path] = write_draft(path, sealed)
            drafts[path].chmod(0o600)
        with site.store.change(person.key) as change:
            change.note(
                act,
                f"key:owners/{agreement.reference}/secret-{number}",
                digest(agreement),
                fingerprint=mark,
                **({"to": ", ".join(others)} if others else {}),
            )
        for path, draft in drafts.items():
            draft.replace(path)
    except BaseException:
        for path, draft in drafts.items():
            draft.unlink(missing_ok=True)
            path.unlink(missing_ok=True)
        raise
    return tuple(drafts)


def _letter(site: Site, agreement: Agreement, sender: str, receiver: str, number: int) -> Letter:
    return Letter(
        agreement=agreement.agreement,
        version=agreement.version,
        digest=digest(agreement),
        number=number,
        sender=sender,
        receiver=receiver,
        created=site.clock().isoformat(),
    )


def _signing(letter: Letter, passage: Passage) -> Callable[[bytes], bytes]:
    return lambda pair: write_letter(letter, pair, passage.owner_signer(letter.sender))


def take_secret(site: Site, source: str, path: Path) -> Secret:
    """Take in a secret that another owner made; end the one before.

    Raises ``IntegrityRefused``: KEY009 when it was sealed for somebody else, ACT136 when it is not
    what it should be; ``StateRefused`` GATE194 when it is no newer than what this site had.
    """
    parsed = site.read(source)
    agreement = parsed.agreement
    data = read_bytes(path, "the owners' secret")
    person = _asker(site, agreement)
    with admitted(site, parsed, to_agree_secret(agreement, person.party, person.name)) as passage:
        letter, pair, signed_by = open_letter(passage.unsealed_secret(data))
        _refuse_other(site, agreement, letter, signed_by)
        name = f"key:owners/{agreement.reference}/secret-{letter.number}"
        if any(entry.object == name for entry in site.store.entries()):
            raise StateRefused(
                Problem(
                    "ACT140",
                    "this owners' secret was taken in before, or made here",
                    why="all is well, unless its fingerprint is another than the sender's",
                    next="compare: equipoise secret show AGREEMENT, at both sites",
                )
            )
        mark = passage.keep_secret(letter.number, pair)
        with site.store.change(person.key) as change:
            change.note(
                "secret taken",
                name,
                digest(agreement),
                fingerprint=mark,
                sender=letter.sender,
            )
        receipt = told(site, agreement, person, passage.end_old_secrets())
    return Secret(letter.number, mark, (), receipt)


def _refuse_other(site: Site, agreement: Agreement, letter: Letter, signed_by: str) -> None:
    owners = sharing(agreement)
    terms = {
        "it is of another agreement, version or text": (
            letter.agreement, letter.version, letter.digest
        ) == (agreement.agreement, agreement.version, digest(agreement)),
        "its receiver is no owner here": letter.receiver in owners
        and site.custody.fills(letter.receiver, "owner"),
        "its sender is no owner under the agreement": letter.sender in owners,
    }  # fmt: skip
    wrong = [why for why, holds in terms.items() if not holds]
    if not wrong and site.custody.party_key(letter.sender) != signed_by:
        wrong = ["it is not signed with the key on its sender's card"]
    if wrong:
        raise IntegrityRefused(
            Problem(
                "ACT136",
                f"the owners' secret is not taken in: {why}",
                why="a secret from anybody else would open the people in the data to them",
                next="let the owner who made it send it: equipoise secret send AGREEMENT",
            )
            for why in wrong
        )


__all__ = ["Secret", "make_secret", "send_secret", "sharing", "shown", "take_secret"]
