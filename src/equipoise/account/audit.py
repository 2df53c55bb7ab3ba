"""Hold the ledger's entries against each other and against the evidence in the export.

A chain that is whole can still tell of a wrong: data opened under an unsigned agreement, a result
released that nobody reviewed. Each rule here is one function of the evidence, listed in ``RULES``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final

from equipoise.account.audit_keys import (
    ends_of,
    keys_of,
    made_too_late,
    signature_digest,
    trust,
)
from equipoise.account.ledger import Entry, read_moment
from equipoise.account.receipts import Receipt, check_receipt
from equipoise.agree.canonical import canonical_bytes, digest_of
from equipoise.agree.people import same_person_mark
from equipoise.agree.sign import Signature, verify_signature
from equipoise.errors import Problem

SIGNERS_KEYS: Final = (
    "The signatories' keys are those that the site trusts. Ask a signatory for the fingerprint of "
    "their key to be sure that it is theirs."
)


@dataclass
class Evidence:
    """What an export holds, read but not yet believed."""

    entries: list[Entry] = field(default_factory=list)
    trusted: dict[str, str] = field(default_factory=dict)
    ended: dict[str, tuple[str, ...]] = field(default_factory=dict)
    agreements: list[tuple[dict[str, Any], tuple[Signature, ...]]] = field(default_factory=list)
    receipts: list[Receipt] = field(default_factory=list)
    releases: list[tuple[str, str]] = field(default_factory=list)

    def acts(self, *names: str) -> Iterator[Entry]:
        """Return the entries of some acts, in order."""
        return (entry for entry in self.entries if entry.act in names)

    def texts(self) -> dict[str, dict[str, Any]]:
        """Return each agreement's text by its digest."""
        return {digest_of(canonical_bytes(text)): text for text, _ in self.agreements}


@dataclass(frozen=True)
class Findings:
    """What the audit found."""

    problems: tuple[Problem, ...]
    open_permits: tuple[str, ...]
    notes: tuple[str, ...]


def audit(evidence: Evidence) -> Findings:
    """Return everything that the rules find wrong, and what a reader should know besides."""
    unfinished = open_permits(evidence)
    notes = [SIGNERS_KEYS] if evidence.agreements else []
    if unfinished:
        notes.append(
            f"{len(unfinished)} permit(s) were never closed: {', '.join(unfinished)}. A step may "
            "still be going on, or was interrupted and not yet cleared up."
        )
    return Findings(
        tuple(problem for rule in RULES for problem in rule(evidence)), unfinished, tuple(notes)
    )


def open_permits(evidence: Evidence) -> tuple[str, ...]:
    """Return the permits that were issued and neither closed nor abandoned."""
    ended = {entry.object for entry in evidence.acts("permit closed", "permit abandoned")}
    return tuple(
        entry.object for entry in evidence.acts("permit issued") if entry.object not in ended
    )


def required(text: Mapping[str, Any]) -> frozenset[tuple[str, str]]:
    """Return (party, name) of everybody who must sign an agreement's canonical text.

    Read from the text itself, not through today's models: an old agreement must stay checkable.
    """
    parties = text.get("parties")
    if not isinstance(parties, dict):
        return frozenset()
    return frozenset(
        (key, str(party["signatory"]["name"]))
        for key, party in parties.items()
        if isinstance(party, dict)
        and isinstance(party.get("signatory"), dict)
        and "name" in party["signatory"]
    )


def _reference(text: Mapping[str, Any]) -> str:
    return f"{text.get('agreement')}@{text.get('version')}"


_BEFORE_TEXT: Final = frozenset({"agreement proposed", "weighed", "refused", "parcel refused"})


def agreement_texts(evidence: Evidence) -> Iterator[Problem]:
    """Every digest that an entry names is of a text in the file, and no text is there twice.

    Drafts and refused attempts may name a text that never became an agreement of this site.
    """
    texts = evidence.texts()
    if len(texts) != len(evidence.agreements):
        yield Problem("VER201", "an agreement's text is in the file twice")
    for entry in evidence.entries:
        if entry.digest and entry.digest not in texts and entry.act not in _BEFORE_TEXT:
            yield Problem(
                "VER202",
                f"entry {entry.sequence} was made under an agreement whose text is not in the file",
                "nobody can check what was agreed",
            )
    for digest, text in texts.items():
        if not required(text):
            yield Problem("VER203", f"the text with the digest {digest} names no signatories")


def signatures(evidence: Evidence) -> Iterator[Problem]:
    """Every signature is by the person it names, over its own text, with the key that is trusted or
    one that was when the ledger tells of the signature."""
    ends = ends_of(evidence)
    for text, given in evidence.agreements:
        digest = digest_of(canonical_bytes(text))
        for signature in given:
            who = f"{signature.party}/{signature.name}"
            where = f"the signature of {who} under {_reference(text)}"
            holds = {
                "VER211": (
                    signature.digest == digest and signature.reference == _reference(text),
                    f"{where} is for another text",
                ),
                "VER212": (
                    (signature.party, signature.name) in required(text),
                    f"{where} is not by one of its signatories",
                ),
                "VER213": (
                    signature.public_key in keys_of(evidence, who),
                    f"{where} was made with a key that the site does not trust for that person",
                ),
                "VER214": (
                    verify_signature(signature.public_key, signature.message(), signature.value),
                    f"{where} does not hold",
                ),
            }
            yield from (Problem(code, what) for code, (good, what) in holds.items() if not good)
            yield from made_too_late(evidence, signature, digest, where, ends)


def signing_entries(evidence: Evidence) -> Iterator[Problem]:
    """The ledger tells of every signature in the file, and of no other."""
    given = {
        (digest_of(canonical_bytes(text)), f"{one.party}/{one.name}", signature_digest(one))
        for text, all_given in evidence.agreements
        for one in all_given
    }
    told = {
        (entry.digest, entry.detail.get("person"), entry.detail.get("signature"))
        for entry in evidence.acts("signed")
    }
    if given != told:
        yield Problem(
            "VER215",
            f"the ledger tells of {len(told - given)} signature(s) that are not in the file, and "
            f"the file holds {len(given - told)} of which the ledger does not tell",
        )


def permits_in_force(evidence: Evidence) -> Iterator[Problem]:
    """A permit is issued only under an agreement signed by all, in date and not suspended.

    To erase is possible after its end and while it is suspended: that is when it is due.
    """
    texts = evidence.texts()
    signed: dict[str, set[str]] = {}
    stopped: dict[str, str] = {}
    for entry in evidence.entries:
        if entry.act == "signed":
            signed.setdefault(entry.digest, set()).add(str(entry.detail.get("person")))
        elif entry.act in _STOPS:
            stopped[entry.digest] = entry.act
        elif entry.act == "resumed":
            stopped.pop(entry.digest, None)
        elif entry.act == "permit issued" and entry.digest in texts:
            text = texts[entry.digest]
            everyone = {f"{party}/{name}" for party, name in required(text)}
            yield from _not_in_force(
                entry, text, everyone - signed.get(entry.digest, set()), stopped.get(entry.digest)
            )


_STOPS: Final = frozenset({"suspended", "withdrawn", "superseded", "ended", "agreement erased"})


def _not_in_force(
    entry: Entry, text: Mapping[str, Any], missing: set[str], stopped: str | None
) -> Iterator[Problem]:
    where = f"the permit of entry {entry.sequence} was issued"
    if missing:
        yield Problem("VER301", f"{where} before {len(missing)} of the signatories had signed")
    if entry.detail.get("step") == "erase":  # which is possible whatever became of it
        return
    if stopped:
        yield Problem("VER302", f"{where} when the agreement was {stopped.split()[-1]}")
    try:
        starts, ends = (date.fromisoformat(str(text.get(name))) for name in ("starts", "ends"))
        in_date = starts <= entry.at.date() <= ends
    except ValueError:
        in_date = False
    if not in_date:
        yield Problem("VER303", f"{where} on a day on which the agreement was not in force")


def permits_once(evidence: Evidence) -> Iterator[Problem]:
    """A permit is issued once, used once and in time, under its own agreement, and ended once."""
    issued: dict[str, Entry] = {}
    used: set[str] = set()
    ended: set[str] = set()
    for entry in evidence.acts("permit issued", "permit used", "permit closed", "permit abandoned"):
        name, where = entry.object, f"entry {entry.sequence}"
        if entry.act == "permit issued":
            if name in issued:
                yield Problem("VER311", f"{where} issues a permit that was issued before")
            issued.setdefault(name, entry)
            continue
        if name not in issued:
            yield Problem("VER312", f"{where} is about a permit that was never issued")
            continue
        if entry.digest != issued[name].digest:
            yield Problem("VER313", f"{where} takes a permit to another agreement")
        yield from _permit_step(entry, issued[name], used, ended)


def _permit_step(entry: Entry, issue: Entry, used: set[str], ended: set[str]) -> Iterator[Problem]:
    name, where = entry.object, f"entry {entry.sequence}"
    if name in ended:
        yield Problem("VER314", f"{where} is about a permit that had ended")
    if entry.act == "permit used":
        if name in used:
            yield Problem("VER315", f"{where} uses a permit a second time")
        if entry.at > _expiry(issue):
            yield Problem("VER316", f"{where} uses a permit that had expired")
        used.add(name)
        return
    if entry.act == "permit closed" and name not in used:
        yield Problem("VER317", f"{where} closes a permit that was never used")
    ended.add(name)


def _expiry(issue: Entry) -> Any:
    try:
        return read_moment(str(issue.detail.get("expires")))
    except ValueError:
        return issue.at


def _person(actor: str) -> str:
    """Return the person behind ``party/Name``: one who acts for two parties is one person."""
    return same_person_mark(actor.partition("/")[2])


def releases(evidence: Evidence) -> Iterator[Problem]:
    """A release follows a check that did not fail and two people's approval of just that."""
    for place, entry in enumerate(evidence.entries):
        if entry.act != "released":
            continue
        run, checked = entry.detail.get("run"), entry.detail.get("checked")
        before = [one for one in evidence.entries[:place] if one.object == run]
        where = f"the release of entry {entry.sequence}"
        if any(one.digest != entry.digest for one in before):
            yield Problem("VER401", f"{where} is under another agreement than its run")
        yield from _checked(where, before, checked)
        yield from _approved(where, before, checked)


def _checked(where: str, before: list[Entry], checked: object) -> Iterator[Problem]:
    verdicts = [one for one in before if one.act == "run checked"]
    if not verdicts or verdicts[-1].detail.get("checked") != checked:
        yield Problem("VER402", f"{where} is not of what the disclosure check saw last")
    elif verdicts[-1].detail.get("verdict") == "fail":
        yield Problem("VER403", f"{where} is of outputs that failed the disclosure check")
    if any(one.act in {"run refused", "run erased"} for one in before):
        yield Problem("VER404", f"{where} is of a run that had been refused or erased")


def _approved(where: str, before: list[Entry], checked: object) -> Iterator[Problem]:
    askers = {_person(one.actor) for one in before if one.act == "run requested"}
    same = [one for one in before if one.detail.get("checked") == checked]
    approvers = {_person(one.actor) for one in same if one.act == "review approved"}
    if not askers:
        yield Problem("VER405", f"{where} is of a run that nobody asked for")
    if len(approvers - askers) < 2:
        yield Problem(
            "VER406",
            f"{where} was not approved by two people other than the one who asked",
            f"the ledger tells of {len(approvers - askers)}",
        )
    if any(one.act == "review rejected" for one in same):
        yield Problem("VER407", f"{where} is of outputs that a reviewer rejected")


def manifests(evidence: Evidence) -> Iterator[Problem]:
    """The digest of each release's manifest is in the file, as the ledger tells it."""
    told = {(one.object, one.detail.get("manifest")) for one in evidence.acts("released")}
    held = set(evidence.releases)
    if told != held or len(held) != len(evidence.releases):
        yield Problem(
            "VER408",
            f"the ledger tells of {len(told - held)} release(s) whose manifest is not in the file, "
            f"and the file holds {len(evidence.releases) - len(told & held)} too many",
        )


def receipts(evidence: Evidence) -> Iterator[Problem]:
    """Each receipt holds, and the ledger tells of exactly the receipts in the file."""
    for number, receipt in enumerate(evidence.receipts, start=1):
        for problem in check_receipt(receipt):
            yield Problem(problem.code, f"receipt {number}: {problem.what}", problem.why)
        text = evidence.texts().get(receipt.digest)
        if text is None or _reference(text) != receipt.reference:
            yield Problem("VER502", f"receipt {number} is for an agreement that is not in the file")
    told = [
        (one.object, one.digest, one.actor, one.detail.get("receipt"))
        for one in evidence.acts("erased")
    ]
    held = [
        (f"receipt:{one.id}", one.digest, one.by, one.digest_of_receipt())
        for one in evidence.receipts
    ]
    both = set(told) & set(held)
    if len(both) != len(told) or len(both) != len(held):
        yield Problem(
            "VER503",
            f"the ledger tells of {len(told) - len(both)} erasure(s) without their receipt, and "
            f"the file holds {len(held) - len(both)} receipt(s) of which the ledger does not tell",
            "a receipt and its entry name the same id, agreement, person and digest",
        )
    written = {one.object: one.at for one in evidence.acts("erased")}
    for number, receipt in enumerate(evidence.receipts, start=1):
        if receipt.at > written.get(f"receipt:{receipt.id}", receipt.at):
            yield Problem("VER504", f"receipt {number} is later than the entry that tells of it")


Rule = Callable[[Evidence], Iterator[Problem]]
RULES: Final[tuple[Rule, ...]] = (
    agreement_texts,
    signatures,
    signing_entries,
    trust,
    permits_in_force,
    permits_once,
    releases,
    manifests,
    receipts,
)
"""Every rule, in the order in which its problems are told."""
