"""Re-key: the secure room moves what it holds to a new key of pseudonyms, without linking again.

Each held table is moved whole or not at all, and both keys live until all are moved; then the old
one is destroyed, with a receipt. A command that was cut off is finished by the next.
"""

from __future__ import annotations

from dataclasses import dataclass

from equipoise.account.receipts import Receipt
from equipoise.acts.admit import admitted
from equipoise.acts.ended import not_told_yet, told
from equipoise.acts.erase import OPEN
from equipoise.acts.site import Site
from equipoise.agree.canonical import digest
from equipoise.errors import Problem, StateRefused
from equipoise.gate.requests import to_rekey


@dataclass(frozen=True)
class Rekeyed:
    """What one re-keying did: the new key's number, what was moved, the old key's receipt."""

    number: int
    moved: tuple[str, ...]
    receipt: Receipt | None


def rekey(site: Site, source: str) -> Rekeyed:
    """Move every held pseudonym of an agreement to a new key and destroy the old key.

    Raises ``StateRefused`` (ACT138) while a run is open, whose results people are approving as they
    are, and (GATE196) when a result bears pseudonyms whose links were erased.
    """
    parsed = site.read(source)
    agreement = parsed.agreement
    person = site.actor_in(agreement, "secure room")
    request = to_rekey(agreement, person.party, person.name)
    with admitted(site, parsed, request) as passage:
        runs = [run.run for run in site.store.runs(agreement.reference) if run.state in OPEN]
        if runs:
            raise StateRefused(
                Problem(
                    "ACT138",
                    f"runs are open: {', '.join(runs)}",
                    why="their results would be other ones than those that people look at",
                    next="let them be released or rejected first",
                )
            )
        unfinished = not_told_yet(site, agreement, passage.ended_pseudonyms())
        moved = () if unfinished else passage.rekey()
        number, mark = passage.pseudonym_key()
        name = f"key:secure-room/{agreement.reference}/pseudonyms-{number}"
        if not any(e.act == "re-keyed" and e.object == name for e in site.store.entries()):
            with site.store.change(person.key) as change:
                said = digest(agreement)
                change.note("re-keyed", name, said, tables=len(moved), fingerprint=mark)
        receipt = told(site, agreement, person, passage.end_old_pseudonyms())
    return Rekeyed(number, moved, receipt)
