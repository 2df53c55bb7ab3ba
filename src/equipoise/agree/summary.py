"""The agreement in plain words, for anybody whose data it is about.

Generated, so that it says what the machine does and not what somebody hoped. Sentences are short;
whatever the parties wrote themselves is quoted, in bold or in a block of its own.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any, Final

from equipoise.agree.changes import named
from equipoise.agree.document import Agreement
from equipoise.agree.parts import Dataset, Entity, FieldClause
from equipoise.agree.plain import condition, count, day, listed, spaced, term
from equipoise.agree.reads import split_path
from equipoise.agree.uses import EvaluateUse, FlagUse, LinkedUse
from equipoise.agree.words import LinkMode

_NATURE: Final = {
    "supportive": "It is meant to give people something they are due.",
    "preventive": "It is meant to stop harm before it happens.",
    "statistical": "It is meant to find something out about groups of people. "
    "Nothing is decided about any one person.",
    "punitive": "It may lead to something being taken away from people, or to a penalty.",
}
_GAINERS: Final = {
    "individuals": "the people themselves",
    "wider public": "everybody",
    "providers": "those who run the services",
}
_ROLES: Final = {
    "controller": "shares data it holds",
    "joint controller": "shares data it holds with others",
    "processor": "works on the data for others",
    "linkage unit": "finds which records belong together, and sees codes only",
    "secure room": "does the work in a locked room",
    "recipient": "gets results",
}
_BASES: Final = {
    "consent": "people have said yes",
    "contract": "a contract needs it",
    "legal obligation": "the law says it must",
    "vital interests": "it can save lives",
    "public task": "it is part of its public job",
    "legitimate interests": "it has a fair interest that harms nobody",
}
_FORBIDDEN: Final = {
    "re-identify": "try to find out who a record is about",
    "individual action": "do anything to a single person because of it",
    "onward use": "pass it on or use it for anything else",
    "marketing": "sell you something with it",
    "other linkage": "join it to other data",
    "profiling": "build up a picture of you",
    "commercial gain": "make money from it",
}
_LINKED_BY: Final = {
    "exact": "Each name, number and address is turned into a code before it leaves its owner. "
    "Records with the same code are joined.",
    "encoded": "All that tells who a record is about is mixed into one code before it leaves its "
    "owner. No name can be read in it. Records with like codes are joined.",
    "enclave": "Each name, number and address is turned into a code before it leaves its owner. "
    "The codes go to the secure room, and nowhere else. Records with like codes are joined there.",
    "identified": "Names, numbers and addresses themselves are sent, sealed, to the secure "
    "room. There they are turned into codes with a key that is thrown away. "
    "Records with like codes are joined.",
}


def summarise(agreement: Agreement) -> str:
    """Return the summary in Markdown: a heading for each thing people ask."""
    lines = [f"# {_without_mark_up(agreement.title)}", ""]
    lines += [
        f"This is version {agreement.version} of the agreement {own(agreement.agreement)}.",
        f"It runs from {day(agreement.starts)} to {day(agreement.ends)}.",
    ]
    if agreement.review is not None:
        lines.append(f"It is looked at again on {day(agreement.review)}.")
    for title, section in _SECTIONS:
        body = list(section(agreement))
        if body:
            lines += ["", f"## {title}", "", *body]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip() + "\n"


_MARK_UP: Final = str.maketrans({"*": "", "`": "'", "[": "(", "]": ")", "<": "(", ">": ")"})
_SPELT_OUT: Final = {
    "nino": "National Insurance number",
    "nhs_number": "NHS number",
    "uprn": "number of the home (UPRN)",
}


def _without_mark_up(text: str) -> str:
    return " ".join(text.translate(_MARK_UP).split()).rstrip(".")


def own(text: str) -> str:
    """Return what the parties wrote, on one line, in bold, and without mark-up."""
    return f"**{_without_mark_up(text)}**"


def _name(agreement: Agreement, party: str) -> str:
    return own(agreement.parties[party].name)


def _field(name: str) -> str:
    return own(_SPELT_OUT.get(name, spaced(name)))


def _about(agreement: Agreement) -> Iterator[str]:
    yield f"{own(agreement.public.summary)}."


def _why(agreement: Agreement) -> Iterator[str]:
    said = agreement.purpose
    yield f"{own(said.statement)}."
    yield ""
    yield _NATURE[said.nature]
    yield f"It should help {listed(_GAINERS[gains] for gains in said.beneficiaries)}."
    yield ""
    for benefit in said.benefits:
        due = f", by {day(benefit.by)}" if benefit.by else ""
        yield f"- What people get{due}: {own(benefit.people_get)}."
        goal = f" The goal is {own(benefit.target)}." if benefit.target else ""
        yield f"  How we can tell: {own(benefit.measured_by)}.{goal}"
    if said.nobody_else:
        yield ""
        yield f"It must not affect: {own(said.nobody_else)}."


def _who(agreement: Agreement) -> Iterator[str]:
    for key, party in agreement.parties.items():
        kind = f", {party.kind}" if party.kind else ""
        does = listed(_ROLES[role] for role in party.roles)
        yield f"- {_name(agreement, key)} ({own(party.sector + kind)}) {does}."
        yield f"  {own(party.signatory.name)} signs for it."


def _law(agreement: Agreement) -> Iterator[str]:
    for key, gateway in agreement.gateway.items():
        yield f"- {_name(agreement, key)} may share because {_BASES[gateway.basis]}."
        yield f"  Read [the law]({gateway.power})."
        if gateway.confidentiality:
            yield f"  On keeping it secret: {own(gateway.confidentiality)}."
        if gateway.disputed:
            yield f"  Some doubted this. It was settled by: {own(gateway.settled_by)}."


def _data(agreement: Agreement) -> Iterator[str]:
    for key, data in agreement.datasets.items():
        yield f"- {own(spaced(key))}, from {_name(agreement, data.controller)}."
        yield f"  It is about {own(data.about)}."
        yield from (f"  {line}" for line in _fields(data))
        yield from (f"  {line}" for line in _choice(data))


def _fields(data: Dataset) -> Iterator[str]:
    finders = [name for name, field in data.fields.items() if field.role == "identifier"]
    if finders:
        yield f"To find the right record: {listed(map(_field, finders))}."
    for name, field in data.fields.items():
        if field.role != "identifier":
            yield f"{_field(name)}{_blurred(field)}: {own(field.why)}."


def _blurred(field: FieldClause) -> str:
    parts = [f"{field.sensitivity} risk"] if field.sensitivity else []
    parts += [f"only by {field.coarsen}"] if field.coarsen else []
    return f" ({', '.join(parts)})" if parts else ""


def _choice(data: Dataset) -> Iterator[str]:
    if data.consent is not None:
        yield "Only people who said yes are in it."
    if data.opt_out is not None:
        yield "People who said no are left out."
        if data.opt_out.rules is not None:
            said_no = own(spaced(data.opt_out.check or ""))
            yield f"Who said no is read, as codes only, from {said_no}."


def _how(agreement: Agreement) -> Iterator[str]:
    if agreement.linkage is not None:
        yield _LINKED_BY[agreement.linkage.mode]
        yield f"{_name(agreement, agreement.linkage.by)} does the joining."
        for key, entity in agreement.linkage.entities.items():
            if entity.compare is not None and entity.sure_at_least is not None:
                alike = listed(map(_field, entity.compare))
                yield f"For each {own(spaced(key))} it looks at: {alike}."
                yield f"Records are joined where the chance is at least {entity.sure_at_least:.0%}."
            yield from _made_of_people(entity)
            yield from _known_again(entity, agreement.linkage.mode)
            yield from _looked_at(agreement, entity)
        yield ""
    for key, use in agreement.uses.items():
        yield f"{own(spaced(key))}: {_without_mark_up(use.purpose)}."
        yield f"Only a {own(listed(use.by, 'or'))} may ask for it."
        if use.training:
            yield f"They must first have done: {own(listed(use.training))}."
        yield from _USES[use.use](agreement, use)
        yield from _checked(agreement, key)
        yield ""


def _known_again(entity: Entity, mode: LinkMode) -> Iterator[str]:
    kept = entity.identities
    if kept is None:
        return
    yield f"It knows the same records again each time new data come, until {day(kept.until)}."
    yield "To do so it keeps the codes, and what it keeps is destroyed on that day."
    if mode == "identified":
        yield "These codes are made with a key of their own. It is destroyed with them."
    if kept.remember_absent:
        days = count(kept.remember_absent, "day", "days")
        yield f"Codes of a record that no longer comes are kept {days} more."
    else:
        yield "Codes of a record that no longer comes are destroyed at once."


def _made_of_people(entity: Entity) -> Iterator[str]:
    if entity.households is not None:
        yield f"People of {own(spaced(entity.households.of))} who live in one home are a household."
        most = count(entity.households.unrelated_at_most, "person is", "people are")
        yield f"A home where more than {most} unrelated counts as none."
        if entity.households.not_in is not None:
            yield f"Nor does a place on the list {own(spaced(entity.households.not_in))}."
    if entity.families is not None:
        yield f"People of {own(spaced(entity.families.of))} who said so are a family."


def _looked_at(agreement: Agreement, entity: Entity) -> Iterator[str]:
    if entity.reviewed_by is not None:
        who = _name(agreement, entity.reviewed_by)
        yield f"Where it is not sure, staff of {who} may look at two records side by side."
        yield "They say if the two are the same. They see no score."


def _flag(agreement: Agreement, use: FlagUse) -> Iterator[str]:
    units = listed(own(spaced(unit)) for unit in use.units)
    yield f"Each record in {units} gets a yes or a no."
    how_many = {"all": "all of these hold", "any": "any of these holds"}
    yield f"It is yes when {how_many.get(use.combine, f'{use.combine} of these hold')}:"
    yield ""
    for name, criterion in use.criteria.items():
        yield f"- {own(name)}: {_without_mark_up(condition(criterion.test))}."
    yield ""


def _linked(agreement: Agreement, use: LinkedUse) -> Iterator[str]:
    kept = listed(_field(split_path(path)[1]) for path in use.keep)
    if kept:
        yield "The joined records are kept under made-up numbers in place of names."
        yield f"These parts are kept: {kept}."
    else:
        yield "The records are joined to see how well that works. No record is kept."


def _evaluate(agreement: Agreement, use: EvaluateUse) -> Iterator[str]:
    yield "People who had the service are held against people like them who did not."
    like = listed(_field(split_path(path)[1]) for path in use.covariates)
    yield f"They are alike in: {like}."
    outcomes = listed(own(name) for name in use.outcomes)
    yield f"What may have changed: {outcomes}."
    yield f"If fewer than {use.min_treated} people had the service, no result is given."


_USES: Final[dict[str, Callable[[Agreement, Any], Iterator[str]]]] = {
    "flag": _flag,
    "linked": _linked,
    "evaluate": _evaluate,
}


def _checked(agreement: Agreement, key: str) -> Iterator[str]:
    rule = agreement.outputs[key]
    checkers = listed(_name(agreement, party) for party in rule.checked_by)
    yield f"Before it leaves, the result is checked by {checkers}."
    if rule.form == "aggregate":
        yield f"No group of fewer than {count(rule.min_count, 'person', 'people')} is shown."
        if rule.round_to > 1:
            yield f"Counts are rounded to the nearest {rule.round_to}."


def _gets(agreement: Agreement) -> Iterator[str]:
    for release in agreement.releases:
        use, to = agreement.uses[release.of], _name(agreement, release.to)
        if isinstance(use, FlagUse):
            whose = "its own records" if release.rows == "own" else "all records"
            named = [name for name in release.fields if name != "flag"]
            answer = ["a yes or a no"] if "flag" in release.fields else []
            fields = listed([*map(_field, named), *answer])
            yield f"- {to} gets {fields}, for {whose}, and nothing else."
            if release.not_found == "same as no":
                yield "  A no looks the same as not being found."
        elif isinstance(use, LinkedUse) and use.keep:
            yield f"- {to} gets the joined records, without names."
        else:
            yield f"- {to} gets the checked figures about groups. No person is in them."
    for reveal in agreement.reveal:
        yield f"- A {own(reveal.role)} may ask who a flagged record is about."
        yield f"  Each time, {_name(agreement, reveal.approved_by)} must say yes first."
        yield f"  No more than {reveal.at_most_per_day} a day. The duty is: {own(reveal.duty)}."
    for further in agreement.onward:
        yield f"- {_name(agreement, further.to)} may be sent {own(spaced(further.what))} later."
        yield "  The same rules hold for it."


def _never(agreement: Agreement) -> Iterator[str]:
    if agreement.prohibitions:
        yield "Nobody who takes part may:"
        yield ""
        yield from (f"- {_FORBIDDEN[word]}." for word in agreement.prohibitions)


def _kept(agreement: Agreement) -> Iterator[str]:
    for key, kept in agreement.retention.items():
        yield f"- {own(spaced(key))}: {term(kept)}. Then it is destroyed."
        yield f"  The proof: {own(kept.proof)}."


def _safe(agreement: Agreement) -> Iterator[str]:
    for safeguard in agreement.safeguards:
        yield f"- {own(safeguard.what)}. You can see it by: {own(safeguard.evidence)}."
    told = listed(_name(agreement, party) for party in agreement.on_breach.notify)
    yield f"- If a rule is broken, {told} must be told."
    if agreement.on_breach.suspend:
        yield "  All sharing stops until it is put right."


def _weighed(agreement: Agreement) -> Iterator[str]:
    weighed = agreement.weighing
    yield {
        "full": "People met and weighed the good against the risk. What they had in hand is kept.",
        "light": "The good was weighed against the risk in a short form.",
    }[weighed.route]
    if weighed.reason:
        yield f"The reason given: {own(weighed.reason)}."
    yield ""
    for line in weighed.red_lines:
        yield f"- {own(line.held_by)} drew a line: {own(line.line)}."
        yield f"  How it was met: {own(line.settled or 'not yet settled')}."
    yield from _asked_for(agreement)


def _asked_for(agreement: Agreement) -> Iterator[str]:
    """Yield what people asked for and what came of it, and where they were not followed."""
    for asked in agreement.weighing.conditions or ():
        yield f"- {own(asked.set_by)} asked for this: {own(asked.condition)}."
        if asked.clause is not None:
            became = named(agreement, asked.clause) or "nowhere"
            yield f"  It is in the agreement, at: {own(became)}."
        else:
            yield f"  The answer: {own(asked.answer or 'none yet')}."
    for each in agreement.weighing.departs or ():
        yield f"- People said: {own(each.people_said)}. It was decided otherwise."
        yield f"  {own(each.decided_by)} gives this reason: {own(each.because)}."
    for passed in agreement.weighing.passed_over or ():
        yield f"- People met in a workshop, {own(passed.workshop)}. It was passed over."
        yield f"  {own(passed.decided_by)} gives this reason: {own(passed.because)}."


def _ask(agreement: Agreement) -> Iterator[str]:
    yield f"Ask: {_without_mark_up(agreement.public.contact)}."
    yield f"To complain, go to {_without_mark_up(agreement.public.complaints)}."


_SECTIONS: Final[tuple[tuple[str, Callable[[Agreement], Iterator[str]]], ...]] = (
    ("In short", _about),
    ("Why", _why),
    ("Who takes part", _who),
    ("Why they are allowed to", _law),
    ("Which data", _data),
    ("What is done with it", _how),
    ("Who gets what", _gets),
    ("What they must not do", _never),
    ("How long it is kept", _kept),
    ("What keeps it safe", _safe),
    ("What was weighed", _weighed),
    ("Ask or complain", _ask),
)
