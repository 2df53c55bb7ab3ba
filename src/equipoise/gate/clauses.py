"""The second half of the decision: does a clause permit exactly this, and are its duties done?"""

from __future__ import annotations

from collections.abc import Iterator

from equipoise.agree.parts import Release
from equipoise.agree.people import same_person_mark
from equipoise.agree.reads import linked_form, reviewed_by
from equipoise.agree.words import LINKED_IN
from equipoise.errors import Problem
from equipoise.gate.case import Case, compare_fields
from equipoise.gate.promises import ALWAYS
from equipoise.gate.reasons import show
from equipoise.gate.terms import Approval

CHECKER = "checker"
CHECKERS_NEEDED = 2


def party(case: Case) -> Iterator[Problem]:
    """The party takes part, in a role to which the act belongs."""
    name, role = case.request.party, case.request.role
    body = case.agreement.parties.get(name)
    if body is None:
        yield case.no("GATE040", "parties", party=show(name))
        return
    if case.deed.by == "checker":
        yield from _checking_party(case)
        return
    held = [one for one in case.deed.roles if one in body.roles]
    fits = role in held if case.deed.by == "party role" else bool(held)
    if _links(case):
        fits = fits and case.agreement.linkage is not None and name == case.agreement.linkage.by
    if not fits:
        allowed = ", ".join(case.deed.roles)
        clause = f"parties.{name}.role"
        yield case.no("GATE041", clause, party=show(name), role=show(role), allowed=allowed)
    filled = (role,) if case.deed.by == "party role" else tuple(held)
    if filled and all((name, one) in case.facts.away for one in filled):
        yield case.no("GATE057", f"parties.{name}", party=show(name), role=show(filled[0]))


def _links(case: Case) -> bool:
    """Say whether the act is linking, receiving what is linked, or minding who is known again."""
    data, role = case.deed.data, case.request.role
    if case.request.act == "mind-identities":
        return True
    return data in ("tokens", "to link") or (data == "parcels" and role == "linkage unit")


def mode(case: Case) -> Iterator[Problem]:
    """Whoever links, or receives what is linked, does so in the role that the mode asks for."""
    linkage, role = case.agreement.linkage, case.request.role
    if case.request.act == "review-links" and not reviewed_by(case.agreement):
        yield case.no("GATE059", "linkage.entities")
    if linkage is None or not _links(case) or role == LINKED_IN[linkage.mode]:
        return
    words = {"mode": f"'{linkage.mode}'", "role": show(role), "needed": LINKED_IN[linkage.mode]}
    yield case.no("GATE058", "linkage.mode", **words)


def _checking_party(case: Case) -> Iterator[Problem]:
    rule = case.agreement.outputs.get(case.request.use)
    if rule is not None and case.request.party not in rule.checked_by:
        clause = f"outputs.{case.request.use}.checked by"
        yield case.no("GATE076", clause, party=show(case.request.party))
    if case.request.role != CHECKER:
        name, role = show(case.request.party), show(case.request.role)
        yield case.no("GATE041", "outputs", party=name, role=role, allowed=CHECKER)


def person(case: Case) -> Iterator[Problem]:
    """The person holds the role for the party, by appointment."""
    request = case.request
    if (request.party, request.person, request.role) not in case.facts.posts:
        known = request.party in case.agreement.parties
        clause = f"parties.{request.party}" if known else "parties"
        yield case.no("GATE042", clause, role=show(request.role), party=show(request.party))


def purpose(case: Case) -> Iterator[Problem]:
    """The purpose named is the use's own, or the agreement's for an act without a use."""
    use = case.agreement.uses.get(case.request.use) if case.deed.for_use else None
    if case.deed.for_use and use is None:
        return  # which is a reason of its own: see ``use``
    agreed = case.agreement.purpose.statement if use is None else use.purpose
    if case.request.purpose != agreed:
        clause = "purpose.statement" if use is None else f"{case.use_clause}.for"
        yield case.no("GATE044", clause)


def use(case: Case) -> Iterator[Problem]:
    """The use was agreed, and for this role; an act that is for no use names none."""
    name = case.request.use
    if not case.deed.for_use:
        if name:
            yield case.no("GATE055", "uses")
        return
    clause = case.agreement.uses.get(name)
    if clause is None:
        yield case.no("GATE045", "uses", use=show(name))
    elif case.deed.by == "use" and case.request.role not in clause.by:
        allowed = ", ".join(clause.by)
        yield case.no(
            "GATE043",
            f"uses.{name}.by",
            use=show(name),
            role=show(case.request.role),
            allowed=allowed,
        )


def data(case: Case) -> Iterator[Problem]:
    """Exactly the agreed fields of the agreed datasets are asked for."""
    if case.deed.data == "output":
        return  # the release clause says which fields leave: see ``recipient``
    if case.deed.data == "tokens" and case.agreement.linkage is None:
        yield case.no("GATE056", "linkage")
    if case.deed.data != "nothing" and not case.request.datasets:
        yield case.no("GATE054", "datasets")
    yield from compare_fields(case, case.permitted(), "datasets")


def form(case: Case) -> Iterator[Problem]:
    """Data is seen, or leaves, in the form agreed and in no other."""
    for clause, agreed in _forms(case).items():
        if case.request.form != agreed:
            yield case.no("GATE049", clause, form=show(case.request.form), agreed=agreed or "none")


def _forms(case: Case) -> dict[str, str]:
    """Return each form that the request must have, by the clause that says so."""
    if case.deed.form == "dataset":
        datasets = case.agreement.datasets
        return {
            f"datasets.{name}.form": datasets[name].form
            for name in case.request.datasets
            if name in datasets
        }
    if case.deed.form == "output":
        return {}  # the output rule says it: see ``output_rule``
    if case.deed.form == "linked":
        return {"datasets": linked_form(case.agreement)}
    return {"datasets": "" if case.deed.form == "none" else case.deed.form}


def recipient(case: Case) -> Iterator[Problem]:
    """What leaves goes to whom a release names, with its very fields and rows."""
    request = case.request
    if case.deed.data != "output":
        if request.recipient:
            yield case.no("GATE050", "releases", party=show(request.recipient))
        if request.rows:
            yield case.no("GATE051", "releases", rows=show(request.rows), agreed="none")
        return
    clauses = {
        number: release
        for number, release in enumerate(case.agreement.releases)
        if (release.of, release.to) == (request.use, request.recipient)
    }
    if not clauses:
        yield from _no_release(case)
        return
    found = [tuple(_differs(case, number, clause)) for number, clause in clauses.items()]
    yield from min(found, key=len)


def _no_release(case: Case) -> Iterator[Problem]:
    name = show(case.request.recipient)
    yield case.no("GATE050", "releases", party=name)
    yield case.no("GATE031", "onward", party=name)
    if "onward use" in case.agreement.prohibitions:
        number = case.agreement.prohibitions.index("onward use")
        yield case.no("GATE030", f"prohibitions.{number}", prohibition="onward use")


def _differs(case: Case, number: int, release: Release) -> Iterator[Problem]:
    clause = f"releases.{number}"
    body = case.agreement.parties.get(release.to)
    if body is None or "recipient" not in body.roles:
        yield case.no("GATE050", f"{clause}.to", party=show(release.to))
    if case.request.rows != release.rows:
        yield case.no(
            "GATE051", f"{clause}.rows", rows=show(case.request.rows), agreed=release.rows
        )
    yield from compare_fields(case, {release.of: frozenset(release.fields)}, f"{clause}.fields")


def filters(case: Case) -> Iterator[Problem]:
    """Opt-outs and consent were applied before the data came."""
    for name in case.touched():
        dataset = case.agreement.datasets[name]
        rule = dataset.opt_out
        listed = rule is not None and rule.check in case.agreement.datasets
        if rule is not None and not listed and name not in case.facts.opt_out_applied:
            yield case.no("GATE060", f"datasets.{name}.opt out", dataset=show(name))
        if dataset.consent is not None and name not in case.facts.consent_applied:
            yield case.no("GATE061", f"datasets.{name}.consent", dataset=show(name))


def lists(case: Case) -> Iterator[Problem]:
    """An outside list that an opt-out rule names is known to have been applied.

    A list that is a dataset here is applied when rows are linked: before, it need not be; then, it
    must be at hand.
    """
    facts = case.facts
    for name in case.touched():
        rule = case.agreement.datasets[name].opt_out
        if rule is None or not rule.check:
            continue
        listed = rule.check in case.agreement.datasets
        if listed and case.deed.data in ("own files", "parcels", "to link"):
            continue
        known = facts.lists_at_hand if listed and _links(case) else facts.lists_checked
        if known.get(name) != rule.check:
            yield case.no("GATE062", f"datasets.{name}.opt out.check", dataset=show(name))


def training(case: Case) -> Iterator[Problem]:
    """The person has done every training that the use names."""
    clause = case.agreement.uses.get(case.request.use)
    done = case.facts.training.get(case.who, frozenset())
    for name in clause.training if clause is not None else ():
        if name not in done:
            yield case.no("GATE070", f"{case.use_clause}.training", training=f"'{name}'")


def author(case: Case) -> Iterator[Problem]:
    """Who carried out the use is known, and is not the one who checks."""
    name = case.facts.author.strip()
    if not name:
        yield case.no("GATE074", case.use_clause)
    elif case.deed.by == "checker" and same_person_mark(case.request.person) == same_person_mark(
        name
    ):
        yield case.no("GATE073", f"outputs.{case.request.use}.checked by")


def approvals(case: Case) -> Iterator[Problem]:
    """Every party named has approved this very output; two people did, neither its author."""
    rule = case.agreement.outputs.get(case.request.use)
    clause = f"outputs.{case.request.use}.checked by"
    given = [one for one in case.facts.approvals if _counts(case, one)]
    approved = [one for one in given if one.decision == "approve"]
    for name in rule.checked_by if rule is not None else ():
        if all(one.party != name for one in approved):
            yield case.no("GATE071", clause, party=show(name))
    author = same_person_mark(case.facts.author)
    others = {same_person_mark(one.person) for one in approved} - {author}
    if len(others) < CHECKERS_NEEDED:
        yield case.no("GATE072", clause)
    if any(same_person_mark(one.person) == author for one in given):
        yield case.no("GATE073", clause)
    if len(approved) < len(given):
        yield case.no("GATE075", clause)


def _counts(case: Case, approval: Approval) -> bool:
    """Say whether a decision is about this output, by an appointed checker, of a party named."""
    rule = case.agreement.outputs.get(case.request.use)
    return (
        rule is not None
        and approval.party in rule.checked_by
        and (approval.party, approval.person, CHECKER) in case.facts.posts
        and bool(case.facts.output)
        and approval.output == case.facts.output
        and approval.at <= case.facts.now
    )


def isolation(case: Case) -> Iterator[Problem]:
    """The locks that every platform gives will hold, or the site answers for what stands in."""
    if case.facts.compensating_control.strip():
        return
    for lock in ALWAYS:
        if lock not in case.facts.isolation:
            yield case.no("GATE077", case.use_clause, lock=f"'{lock}'")


def output_rule(case: Case) -> Iterator[Problem]:
    """There is a rule for the output, and the form asked for is the rule's."""
    name = case.request.use
    rule = case.agreement.outputs.get(name)
    if rule is None:
        yield case.no("GATE080", "outputs", use=show(name))
    elif case.request.form != rule.form:
        yield case.no(
            "GATE081", f"outputs.{name}.form", form=show(case.request.form), agreed=rule.form
        )


def disclosure(case: Case) -> Iterator[Problem]:
    """The output passed its disclosure check, or people looked at what it left to them."""
    if case.facts.disclosure not in ("pass", "review"):
        yield case.no("GATE082", f"outputs.{case.request.use}")
