"""Who takes part, in which role, by which gateway."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from equipoise.agree.checks.finding import Finding, find
from equipoise.agree.document import Agreement
from equipoise.agree.nearest import suggest
from equipoise.agree.words import LINKED_IN

_CONTROLS: Final = ("controller", "joint controller")

Named = tuple[str, str, tuple[str, ...]]
"""(clause, party, roles of which one is needed; none means any)"""


def named_parties(agreement: Agreement) -> Iterator[Named]:
    """Yield every place that names a party, and the roles that may stand there."""
    for key in agreement.gateway:
        yield f"gateway.{key}", key, ()
    for key, data in agreement.datasets.items():
        yield f"datasets.{key}.from", data.controller, _CONTROLS
    if agreement.linkage is not None:
        yield "linkage.by", agreement.linkage.by, (LINKED_IN[agreement.linkage.mode],)
    for key, output in agreement.outputs.items():
        for index, party in enumerate(output.checked_by):
            yield f"outputs.{key}.checked by.{index}", party, ()
    for index, release in enumerate(agreement.releases):
        use = agreement.uses.get(release.of)
        room = ("secure room",) if use is None or use.use == "linked" else ()
        yield f"releases.{index}.to", release.to, ("recipient", *room)
    for index, reveal in enumerate(agreement.reveal):
        yield f"reveal.{index}.approved by", reveal.approved_by, ()
    for index, onward in enumerate(agreement.onward):
        yield f"onward.{index}.to", onward.to, ("recipient",)
    for index, party in enumerate(agreement.on_breach.notify):
        yield f"on breach.notify.{index}", party, ()


def _one(roles: tuple[str, ...]) -> str:
    return " or ".join(f"{'an' if role[0] in 'aeiou' else 'a'} {role}" for role in roles)


def named(agreement: Agreement) -> Iterator[Finding]:
    """Every party that is named exists and has a fitting role."""
    for clause, name, roles in named_parties(agreement):
        if name not in agreement.parties:
            yield find("AGR111", clause, name=name, next=suggest(name, agreement.parties))
            continue
        has = agreement.parties[name].roles
        if roles and not set(roles) & set(has):
            words = {"name": name, "has": " and ".join(has), "need": _one(roles)}
            mode = ("linkage.mode",) if clause == "linkage.by" else ()
            yield find("AGR112", clause, f"parties.{name}.role", *mode, **words)


def secure_room(agreement: Agreement) -> Iterator[Finding]:
    """Some party is the secure room."""
    if not agreement.parties_in("secure room"):
        yield find("AGR113", "parties", "parties")


def linkage_unit(agreement: Agreement) -> Iterator[Finding]:
    """Whoever links sees neither payload nor results."""
    for name in agreement.parties_in("linkage unit"):
        rests = (f"parties.{name}.role",)
        held = ("controller", "joint controller", "secure room", "recipient")
        for role in agreement.parties[name].roles:
            if role in held:
                yield find("AGR114", f"parties.{name}", *rests, name=name, also=_one((role,)))
        for key, output in agreement.outputs.items():
            if name in output.checked_by:
                clause = f"outputs.{key}.checked by"
                yield find("AGR114", clause, *rests, name=name, also="checks an output")


def gateways(agreement: Agreement) -> Iterator[Finding]:
    """Each controller has a gateway, and none is open to dispute."""
    controllers = [name for role in _CONTROLS for name in agreement.parties_in(role)]
    for name in dict.fromkeys(controllers):
        if name not in agreement.gateway:
            yield find("AGR121", f"gateway.{name}", f"parties.{name}.role", name=name)
    for name, gateway in agreement.gateway.items():
        if gateway.disputed and not gateway.settled_by.strip():
            clause = f"gateway.{name}.settled by"
            yield find("AGR122", clause, f"gateway.{name}.disputed", name=name)


CHECKS: Final = (named, secure_room, linkage_unit, gateways)
