"""The plain words in which the register speaks. Tables of words; no rule stands here."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import date
from typing import Final

from markupsafe import Markup, escape

from equipoise.agree.document import Agreement
from equipoise.agree.parts import Retention

NATURE: Final[Mapping[str, str]] = {
    "supportive": "to give people something they are entitled to or need",
    "preventive": "to stop harm before it happens",
    "statistical": "to learn about groups; nothing is decided about any one person",
    "punitive": "to act against people who break rules",
}
BENEFICIARY: Final[Mapping[str, str]] = {
    "individuals": "the people in the data",
    "wider public": "the wider public",
    "providers": "the bodies that provide services",
}
FORM: Final[Mapping[str, str]] = {
    "identifiable": "Identifiable: it can be told who a row is about",
    "de-personalised": "De-personalised: one row for each person, without names or numbers that "
    "say who it is",
    "aggregate": "Aggregate: counts and figures about groups only",
}
SHORT_FORM: Final[Mapping[str, str]] = {
    "identifiable": "Identifiable",
    "de-personalised": "De-personalised",
    "aggregate": "Aggregate",
}
BASIS: Final[Mapping[str, str]] = {
    "consent": "People agreed to it",
    "contract": "It is part of a contract with the person",
    "legal obligation": "The law says it must be done",
    "vital interests": "It protects somebody's life",
    "public task": "It is part of a public body's task",
    "legitimate interests": "The body has a fair reason, weighed against people's interests",
}
FIELD_ROLE: Final[Mapping[str, str]] = {
    "identifier": "Used to match records, in coded form; not passed on",
    "linking": "Used to match records, in coded form; not passed on",
    "payload": "Used for the work itself",
    "reference": "Goes back to the body it came from",
}
PROHIBITION: Final[Mapping[str, str]] = {
    "re-identify": "Nobody may try to find out who a person in the data is.",
    "individual action": "Nothing may be done about any one person because of these data.",
    "onward use": "The data may not be passed on or used for anything else.",
    "marketing": "The data may not be used to sell anything.",
    "other linkage": "The data may not be joined with any other data.",
    "profiling": "The data may not be used to build up a picture of a person.",
    "commercial gain": "Nobody may make money from the data.",
}
ROWS: Final[Mapping[str, str]] = {
    "own": "Only the rows that the receiver itself sent in",
    "all": "All rows",
    "none": "No rows about people; group figures only",
}
ROUTE: Final[Mapping[str, str]] = {
    "full": "By the full route: an assessment, a workshop and an information pack",
    "light": "By the light route",
}
REFUSED_BY: Final[Mapping[str, str]] = {
    "gate": "Not permitted",
    "result": "The result may not be reported",
    "parcel": "The data were turned away",
    "reviewer": "A reviewer said no",
    "signatory": "A signatory declined to sign",
}
SECTIONS: Final[tuple[tuple[str, str], ...]] = (
    ("why", "Why the data are shared"),
    ("shared", "Who shares what"),
    ("receives", "Who may receive what"),
    ("released", "What was released"),
    ("refused", "What was refused, and why"),
    ("erased", "What was erased"),
    ("open", "What is still open"),
    ("law", "The legal power"),
    ("weighed", "How it was weighed"),
    ("signed", "Who signed"),
    ("plain-words", "The whole agreement in plain words"),
    ("steps", "Every step"),
    ("questions", "Questions and complaints"),
)
"""The sections of an agreement's page: anchor and title."""

HEADINGS: Final = ("What you can say", "What you cannot say")
"""What a use begins its sentences with; on a page it becomes a heading over them."""

REQUEST: Final[Mapping[str, str]] = {
    "run": "A request to use the data",
    "use": "A request to use the data",
    "reveal": "A request to learn who a person is",
    "link": "A request to match records",
    "pack": "A request to send data",
    "receive": "Data that were sent in",
    "review": "A request to review a result",
    "release": "A request to hand over a result",
    "erase": "A request to erase data",
    "sign": "A signature",
}
"""What was refused, where it is named by its act alone."""

STATE: Final[Mapping[str, tuple[str, str]]] = {
    "draft": ("Draft", "The text is being written. No data may be shared."),
    "proposed": ("Proposed", "The parties are looking at it. No data may be shared."),
    "weighed": ("Weighed", "Benefit and risk have been weighed. No data may be shared yet."),
    "final text": ("Awaiting signatures", "The text is settled. No data may be shared yet."),
    "suspended": ("Suspended", "It has been stopped for now. No data may be used."),
    "ended": ("Ended", "No data may be used any more."),
    "erased": ("Erased", "It has ended, and what was held under it has been destroyed."),
    "withdrawn": ("Withdrawn", "It was taken back. No data may be shared."),
    "superseded": ("Replaced", "A newer version has taken its place. No data may be used."),
}


def day(value: date) -> str:
    """Return a day in words: ``31 January 2027``."""
    return f"{value.day} {value:%B %Y}"


def standing(agreement: Agreement, state: str, today: date) -> tuple[str, str]:
    """Return an agreement's standing today as a label and a sentence.

    Whether a signed agreement is in force follows from its dates, as the gate reckons it.
    """
    if state != "signed":
        return STATE.get(state, (state.capitalize(), "No data may be used in this state."))
    if today < agreement.starts:
        return "Signed", f"It starts on {day(agreement.starts)}. No data may be used before then."
    if today > agreement.ends:
        return "Expired", f"It ended on {day(agreement.ends)}. No data may be used any more."
    return "In force", f"It is signed by all parties and in force until {day(agreement.ends)}."


def kept(term: Retention | None) -> str:
    """Return how long something is kept, in words."""
    if term is None:
        return "Not stated"
    if term.after_use:
        return "Until it has been used, then destroyed"
    if term.until is not None:
        return f"Until {day(term.until)}, then destroyed"
    return f"{term.days} days, then destroyed"


_ACT: Final = re.compile(
    r"https?://www\.legislation\.gov\.uk/ukpga/(\d{4})/(\d+)(?:/(section|schedule)/(\w+))?/?"
)


def power(address: str) -> str:
    """Return a link's words for the law it points to."""
    act = _ACT.fullmatch(address)
    if act is None:
        return address.partition("://")[2].removeprefix("www.")
    part = f", {act[3]} {act[4]}" if act[3] else ""
    return f"Act of Parliament, {act[1]} chapter {act[2]}{part}"


def upper_first(text: str) -> str:
    """Return a text with its first letter as a capital, and the rest as it is."""
    return text[:1].upper() + text[1:]


def spoken(name: str) -> str:
    """Return a name of the document as people would say it: ``hot_spots`` as ``Hot spots``."""
    return upper_first(name.replace("_", " "))


def said(sentences: Iterable[str]) -> list[tuple[str, list[str]]]:
    """Return sentences under their headings: those that begin ``What you can say:`` together."""
    groups: dict[str, list[str]] = {}
    for sentence in sentences:
        heading, colon, rest = sentence.partition(": ")
        if colon and heading in HEADINGS:
            groups.setdefault(heading, []).append(stop(rest))
        else:
            groups.setdefault("", []).append(stop(sentence))
    return list(groups.items())


def stop(text: str) -> str:
    """Return a text as a sentence: a capital first, a full stop or other end last."""
    return upper_first(text.strip()) + ("" if text.strip().endswith((".", "!", "?")) else ".")


def grouped(digits: str) -> str:
    """Return a digest or fingerprint in groups of four, so that people can compare it aloud."""
    plain = digits.removeprefix("sha256:")
    return " ".join(plain[place : place + 4] for place in range(0, len(plain), 4))


def link(contact: str) -> Markup:
    """Return an address as a link when it is one of the web or of e-mail, else as plain text."""
    if re.fullmatch(r"https?://[^\s<>\"']+", contact):
        shown = contact.partition("://")[2]
        return Markup('<a href="{}">{}</a>').format(contact, shown)
    if re.fullmatch(r"[\w.+-]+@[\w-]+(\.[\w-]+)+", contact):
        return Markup('<a href="mailto:{0}">{0}</a>').format(contact)
    return escape(contact)
