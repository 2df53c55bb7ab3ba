"""Every reason for which ``decide`` refuses: its code, what is wrong, why it matters, what to do.

Codes are stable and in the order of the decision. ``{}`` places are filled with names of the
agreement; a name that no agreement could hold is not repeated, so that nothing slipped into a
request comes out in a message, a log or the ledger.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

_NAME = re.compile(r"[a-z][a-z0-9_-]{0,62}")


@dataclass(frozen=True)
class Reason:
    """``what`` is wrong, ``why`` it matters, what comes ``next``."""

    what: str
    why: str
    next: str


_FAULT = "report this as a fault of the program that asked"
_SIGN = "let the named signatory sign this text"
_NEW = "agree it in a new version, which is weighed again"
_ASK = "ask for what the clause permits, or agree it in a new version"

REASONS: Final = MappingProxyType(
    {
        "GATE000": Reason(
            "the request could not be decided", "what cannot be decided is refused", _FAULT
        ),
        "GATE001": Reason(
            "the act {act} is not known", "an act without a rule is refused", "name one of: {known}"
        ),
        "GATE002": Reason(
            "the request is not well formed: {part}",
            "a request must say who asks for what in plain text",
            _FAULT,
        ),
        "GATE003": Reason(
            "the facts are not well formed: {part}",
            "a decision rests on facts that are whole, and on a time with its zone",
            _FAULT,
        ),
        "GATE004": Reason(
            "there is no agreement",
            "data moves only under a signed agreement",
            "register the agreement first",
        ),
        "GATE010": Reason(
            "{party} has not signed", "every party must have signed this very text", _SIGN
        ),
        "GATE011": Reason(
            "a signature for {party} does not hold ({codes})",
            "a signature holds for one text, one person and one key",
            _SIGN,
        ),
        "GATE012": Reason(
            "the agreement has not begun",
            "it permits nothing before its first day, UTC",
            "wait until {day}",
        ),
        "GATE013": Reason(
            "the agreement has ended",
            "it permits nothing after its last day, UTC",
            "agree a new version; what is held must be erased",
        ),
        "GATE014": Reason(
            "the agreement is suspended",
            "while it is suspended nothing moves",
            "settle the breach, then let the parties resume it",
        ),
        "GATE015": Reason(
            "an agreement in state {state} does not allow the act {act}",
            "each act belongs to certain states",
            "it is allowed when: {allowed}",
        ),
        "GATE016": Reason(
            "the text presented is not the text that was signed",
            "one changed word makes another agreement",
            "carry out the signed text, or sign this one as a new version",
        ),
        "GATE020": Reason(
            "{party} has no gateway for sharing {dataset}",
            "a controller shares only by a legal route that the agreement names",
            _NEW,
        ),
        "GATE021": Reason(
            "the gateway of {party} is disputed and the dispute is not settled",
            "a disputed power is no power until somebody answers for it",
            "settle it and name who did, in a new version",
        ),
        "GATE022": Reason(
            "a red line is not settled",
            "nobody may be carried over a line they hold",
            "settle it with who holds it, and write how in a new version",
        ),
        "GATE023": Reason(
            "the light weighing gives no reason", "why less was weighed must be said", _NEW
        ),
        "GATE024": Reason(
            "the full weighing does not bind its {document}",
            "what people weighed must be the very documents named by their hashes",
            _NEW,
        ),
        "GATE025": Reason(
            "no purpose is stated",
            "sharing without a purpose cannot be judged",
            "state the purpose the agreement gives",
        ),
        "GATE026": Reason(
            "nothing here shows what was weighed: a document that is bound is not held",
            "a hash that nobody can follow binds nothing",
            "take in the agreement as the site that weighed it exports it",
        ),
        "GATE027": Reason(
            "this is not the text that was weighed in {name}",
            "people said yes, no or 'only if' to another text",
            "have the changed text weighed again, in a new version",
        ),
        "GATE028": Reason(
            "a condition that people set is neither met by a clause nor answered",
            "whoever set it must be able to see what came of it",
            "name the clause that it became, or answer it in writing, in a new version",
        ),
        "GATE029": Reason(
            "people said no, or were divided, in {name}, and no reasons are given for going on",
            "a decision against what people said is explained to them, in public",
            "give the reasons at 'departs', in a new version",
        ),
        "GATE030": Reason(
            "the agreement prohibits {prohibition}",
            "a prohibition stands before every permission",
            "do not do this",
        ),
        "GATE031": Reason(
            "no clause lets {party} receive this: it would be onward sharing",
            "onward sharing is refused unless the agreement allows it",
            _NEW,
        ),
        "GATE032": Reason(
            "{name} found that the text crosses a red line",
            "no signature makes good what the text itself does",
            _NEW,
        ),
        "GATE033": Reason(
            "a red line was still open when {name} was closed",
            "nobody may be carried over a line they hold",
            "settle it with who holds it, and have that weighed, in a new version",
        ),
        "GATE034": Reason(
            "a red line that {name} drew is not in the agreement",
            "it was settled by words that bind only where they are signed",
            "add it with how it was settled, in a new version",
        ),
        "GATE035": Reason(
            "a condition that came of {name} is not in the agreement",
            "people agreed on this condition, and the text passes it over",
            "add it with the clause that it became or an answer, in a new version",
        ),
        "GATE036": Reason(
            "the agreement names another information pack than the one read in {name}",
            "what people said is tied to the very words that they had read",
            "name the pack that the workshop's report gives, in a new version",
        ),
        "GATE037": Reason(
            "the agreement does not name the workshop that was heard in {name}",
            "what people said is counted there as said in that workshop, and in no other",
            "name that workshop, in a new version",
        ),
        "GATE040": Reason(
            "{party} is not a party",
            "only parties act under an agreement",
            "name a party of the agreement",
        ),
        "GATE041": Reason(
            "{party} may not do this as {role}",
            "each act belongs to certain roles: {allowed}",
            "let a party in such a role do it",
        ),
        "GATE042": Reason(
            "this person does not hold the role {role} for {party}",
            "a role is held by appointment, not by saying so",
            "appoint the person, or let somebody appointed ask",
        ),
        "GATE043": Reason(
            "the use {use} is not for the role {role}",
            "the use names who may ask for it",
            "it may be asked for by: {allowed}",
        ),
        "GATE044": Reason(
            "the purpose named is not the purpose agreed",
            "data serves the purpose for which it was shared, word for word",
            "name the purpose as the clause states it",
        ),
        "GATE045": Reason(
            "the agreement has no use {use}", "only a use that was agreed may be carried out", _ASK
        ),
        "GATE046": Reason(
            "the agreement has no dataset or output {dataset}",
            "only what was agreed may be asked for",
            _ASK,
        ),
        "GATE047": Reason(
            "{dataset}.{field} is not among the fields permitted here",
            "every field must be agreed for this act and use",
            _ASK,
        ),
        "GATE048": Reason(
            "{dataset}.{field} must be asked for here",
            "exactly the agreed fields move, no more and no fewer",
            _ASK,
        ),
        "GATE049": Reason(
            "the form {form} is not the form agreed, {agreed}",
            "the form decides what can be learned about a person",
            _ASK,
        ),
        "GATE050": Reason(
            "this act has no recipient {party}", "what leaves goes to whom a clause names", _ASK
        ),
        "GATE051": Reason(
            "rows {rows} is not what the release permits, {agreed}",
            "a recipient learns of the rows agreed and no others",
            _ASK,
        ),
        "GATE052": Reason(
            "{dataset} must be asked for here", "the act needs all its datasets at once", _ASK
        ),
        "GATE053": Reason(
            "{dataset} is not part of this",
            "a party, a use and an act reach their own data only",
            _ASK,
        ),
        "GATE054": Reason(
            "nothing is asked for",
            "an act on no data says nothing about what it reads",
            "name the datasets and their fields",
        ),
        "GATE055": Reason(
            "this act is not for a use",
            "a request says no more than its act needs",
            "leave the use out",
        ),
        "GATE056": Reason(
            "the agreement links nothing", "tokens are compared only where linkage was agreed", _NEW
        ),
        "GATE057": Reason(
            "this site does not act as {role} for {party}",
            "a role's keys and holdings are at its own site and nowhere else",
            "let it be done at the site of {party}",
        ),
        "GATE058": Reason(
            "in the mode {mode} {role} receives nothing to link, and links nothing",
            "each mode shows something else of people, and so is for other eyes",
            "let it be done by the {needed}, or agree another mode",
        ),
        "GATE059": Reason(
            "the agreement lets nobody look at pairs of records",
            "who looks at a pair sees what two owners hold of a person",
            "agree 'reviewed by' in a new version, in the mode 'identified'",
        ),
        "GATE060": Reason(
            "the opt-outs of {dataset} have not been applied",
            "people who opted out must be gone before anything is done",
            "pack the file again with its opt-out rule",
        ),
        "GATE061": Reason(
            "the consent rule of {dataset} has not been applied",
            "only people who agreed may be in the data",
            "pack the file again with its consent rule",
        ),
        "GATE062": Reason(
            "{dataset} has not been checked against the list its opt-out rule names",
            "an outside list must be shown to have been applied",
            "apply the list and record that it was",
        ),
        "GATE070": Reason(
            "this person has not done the training {training}",
            "the use asks it of everybody who carries it out",
            "complete the training and record it",
        ),
        "GATE071": Reason(
            "{party} has not approved this output",
            "every party named must check an output before it leaves",
            "ask {party} to review it",
        ),
        "GATE072": Reason(
            "fewer than two different people have approved this output",
            "one pair of eyes is not a check",
            "ask another person to review it",
        ),
        "GATE073": Reason(
            "who carried out the use may not check it",
            "nobody checks their own work",
            "ask somebody else to review it",
        ),
        "GATE074": Reason(
            "nobody is known to have carried out the use",
            "without an author it cannot be told whether somebody checked their own work",
            "run the use again",
        ),
        "GATE075": Reason(
            "a checker refused this output",
            "one refusal holds it back",
            "mend the output and have it reviewed anew",
        ),
        "GATE076": Reason(
            "the agreement names nobody of {party} to check this output",
            "a check by somebody else is no check",
            "let a party named in the clause check",
        ),
        "GATE077": Reason(
            "the lock {lock} would not hold while the use runs",
            "data opens only in a locked process",
            "run where the lock holds, or name the compensating control on the ledger",
        ),
        "GATE080": Reason(
            "there is no output rule for {use}", "an output without a rule is refused", _NEW
        ),
        "GATE081": Reason(
            "the output form {form} is not the form of the rule, {agreed}",
            "the rule holds for one form",
            _ASK,
        ),
        "GATE082": Reason(
            "the output has not passed its disclosure check",
            "what may show a person must not leave",
            "run the disclosure check",
        ),
    }
)


def show(name: object) -> str:
    """Return a name for a message, or say that it is none: a request may hold anything."""
    if type(name) is not str or not name:
        return "(none)"
    words = name.split(" ")
    plain = len(name) <= 64 and all(_NAME.fullmatch(word) for word in words)
    return f"'{name}'" if plain else "(not a name that an agreement can hold)"
