"""Lawful requests: for each act, the request that asks for exactly what the agreement permits.

Acts use these so that none of them says again which fields, form or purpose belong to it. They
permit nothing: ``decide`` still has to.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from equipoise.agree.document import Agreement
from equipoise.agree.reads import linked_form
from equipoise.agree.words import LINKED_IN
from equipoise.gate.case import permitted_fields
from equipoise.gate.clauses import CHECKER
from equipoise.gate.deeds import DEEDS
from equipoise.gate.terms import Request


def _fields(
    agreement: Agreement, act: str, party: str, role: str = "", use: str = ""
) -> dict[str, tuple[str, ...]]:
    permitted = permitted_fields(agreement, DEEDS[act], party, role, use)
    return {name: tuple(sorted(fields)) for name, fields in permitted.items()}


def _form_of_output(agreement: Agreement, use: str) -> str:
    return agreement.outputs[use].form if use in agreement.outputs else ""


def _purpose_of_use(agreement: Agreement, use: str) -> str:
    return agreement.uses[use].purpose if use in agreement.uses else agreement.purpose.statement


def _role(agreement: Agreement, party: str, act: str) -> str:
    """Return the role in which a party does an act: the first of its own that the act allows."""
    roles = agreement.parties[party].roles if party in agreement.parties else ()
    allowed = DEEDS[act].roles
    return next((role for role in roles if role in allowed), allowed[0])


def to_pack(agreement: Agreement, dataset: str, person: str) -> Request:
    """Ask for the owner to pack one dataset. Raises ``KeyError`` for an unknown dataset."""
    data = agreement.datasets[dataset]
    return Request(
        act="pack",
        party=data.controller,
        person=person,
        role=_role(agreement, data.controller, "pack"),
        purpose=agreement.purpose.statement,
        datasets={dataset: tuple(sorted(data.fields))},
        form=data.form,
    )


def to_receive(
    agreement: Agreement,
    party: str,
    person: str,
    role: str,
    datasets: Iterable[str],
    *,
    linking: bool = False,
) -> Request:
    """Ask for a room to take in parcels. ``role`` is ``linkage unit`` or ``secure room``.

    With ``linking`` they hold what is linked, and not payload.
    """
    act = "receive-to-link" if linking and role == "secure room" else "receive"
    fields = _fields(agreement, act, party, role)
    return Request(
        act=act,
        party=party,
        person=person,
        role=role,
        purpose=agreement.purpose.statement,
        datasets={name: fields.get(name, ()) for name in datasets},
        form=linked_form(agreement) if act == "receive-to-link" else "de-personalised",
    )


def to_link(agreement: Agreement, party: str, person: str) -> Request:
    """Ask for whoever links to compare what is made of every dataset that is linked."""
    return Request(
        act="link",
        party=party,
        person=person,
        role=LINKED_IN[agreement.linkage.mode] if agreement.linkage else "linkage unit",
        purpose=agreement.purpose.statement,
        datasets=_fields(agreement, "link", party),
        form=linked_form(agreement),
    )


def to_review_links(agreement: Agreement, party: str, person: str) -> Request:
    """Ask for whoever links to look at pairs of records and say which are one."""
    linking = to_link(agreement, party, person)
    return replace(linking, act="review-links", datasets=_fields(agreement, "review-links", party))


def to_use(agreement: Agreement, use: str, party: str, person: str, role: str) -> Request:
    """Ask for one use to be carried out in the secure room ``party``, by a person in ``role``."""
    return Request(
        act="use",
        party=party,
        person=person,
        role=role,
        purpose=_purpose_of_use(agreement, use),
        use=use,
        datasets=_fields(agreement, "use", party, role, use),
        form=_form_of_output(agreement, use),
    )


def to_review(agreement: Agreement, use: str, party: str, person: str) -> Request:
    """Ask for a person of a checking party to look at the output of a use."""
    return Request(
        act="review",
        party=party,
        person=person,
        role=CHECKER,
        purpose=_purpose_of_use(agreement, use),
        use=use,
        form=_form_of_output(agreement, use),
    )


def to_release(agreement: Agreement, use: str, recipient: str, party: str, person: str) -> Request:
    """Ask for the secure room ``party`` to let an output go to a recipient, as its clause says."""
    clause = next((one for one in agreement.releases if (one.of, one.to) == (use, recipient)), None)
    return Request(
        act="release",
        party=party,
        person=person,
        role="secure room",
        purpose=_purpose_of_use(agreement, use),
        use=use,
        datasets={use: clause.fields if clause is not None else ()},
        form=_form_of_output(agreement, use),
        recipient=recipient,
        rows=clause.rows if clause is not None else "",
    )


def to_erase(
    agreement: Agreement, party: str, person: str, names: Iterable[str], role: str = ""
) -> Request:
    """Ask for datasets or outputs to be erased by a party that holds them.

    ``role`` is the party's first role that may erase, unless given.
    """
    return Request(
        act="erase",
        party=party,
        person=person,
        role=role or _role(agreement, party, "erase"),
        purpose=agreement.purpose.statement,
        datasets=dict.fromkeys(names, ()),
    )


def to_agree_secret(agreement: Agreement, party: str, person: str) -> Request:
    """Ask for an owner to make the owners' secret, or to take in another owner's."""
    return Request(
        act="agree-secret",
        party=party,
        person=person,
        role=_role(agreement, party, "agree-secret"),
        purpose=agreement.purpose.statement,
    )


def to_take_links(agreement: Agreement, party: str, person: str) -> Request:
    """Ask for the secure room to take in the linkage unit's link ids."""
    return _of_the_room(agreement, "take-links", party, person)


def to_rekey(agreement: Agreement, party: str, person: str) -> Request:
    """Ask for the secure room to move what it holds to a new key of pseudonyms."""
    return _of_the_room(agreement, "re-key", party, person)


def to_mind_identities(agreement: Agreement, party: str, person: str) -> Request:
    """Ask for whoever links to look at the identities of its registers and to correct them."""
    return Request(
        act="mind-identities",
        party=party,
        person=person,
        role=LINKED_IN[agreement.linkage.mode] if agreement.linkage else "linkage unit",
        purpose=agreement.purpose.statement,
    )


def _of_the_room(agreement: Agreement, act: str, party: str, person: str) -> Request:
    return Request(
        act=act,
        party=party,
        person=person,
        role="secure room",
        purpose=agreement.purpose.statement,
    )
