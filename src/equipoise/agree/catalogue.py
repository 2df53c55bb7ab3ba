"""Every problem an agreement can have: its code, what is wrong, why it matters, what to do.

The codes are stable: a number is never given to another problem. Words in braces are filled in by
the check that finds the problem.

    AGR001-019  the text            AGR020-039  the shape of a clause
    AGR101-249  clauses that do not fit together (``checks``)
    AGR250-260  what was weighed is not what is to be signed (``weighed``)
    AGR301-309  signatures (``sign``)   AGR401-402  states (``states``)   AGR901-919  warnings
"""

from __future__ import annotations

from typing import Final, NamedTuple

from equipoise.agree.catalogue_modes import MODES
from equipoise.agree.catalogue_results import RESULTS
from equipoise.agree.catalogue_shared import SHARED
from equipoise.agree.catalogue_weighed import WEIGHED
from equipoise.errors import Problem


class Wording(NamedTuple):
    """The three sentences of a problem."""

    what: str
    why: str
    next: str


_TEXT: Final[dict[str, tuple[str, str, str]]] = {
    "AGR001": (
        "This is not YAML that can be read: {said}.",
        "Nothing after this place could be checked.",
        "Look at the colon, quote, bracket or indent here or just before; then check again.",
    ),
    "AGR002": (
        "The text is longer than {most} characters.",
        "Nobody could read what they sign.",
        "Is this the right file?",
    ),
    "AGR003": (
        "The text holds what nobody can see: {names}.",
        "A text must say what it shows.",
        "Take it out wherever it stands.",
    ),
    "AGR004": (
        "'{key}' is written twice; the first is on line {first}.",
        "Nobody could say which of the two was signed.",
        "Keep one of them.",
    ),
    "AGR005": (
        "'{mark}' repeats a part of the text by a mark.",
        "Whoever signs must see each clause where it applies.",
        "Take the mark out and write the words wherever they are needed.",
    ),
    "AGR006": (
        "The YAML tag '{tag}' is not read here.",
        "A tag can make a value something other than it looks.",
        "Take it out.",
    ),
    "AGR007": (
        "The text begins with a YAML directive.",
        "It could change how the text is read.",
        "Take the line that begins with % out.",
    ),
    "AGR008": (
        "'<<' merges another part of the text in here.",
        "Whoever signs must see each clause where it applies.",
        "Write the merged keys out.",
    ),
    "AGR009": (
        "The file holds more than one document.",
        "Nobody could say which of them was signed.",
        "Keep one agreement in one file: take out everything from '---'.",
    ),
    "AGR010": (
        "A key here is not a plain word.",
        "Clauses are named by words.",
        "Write a word before the colon.",
    ),
    "AGR011": (
        "This is not an agreement: the text is not a set of named clauses.",
        "An agreement begins with 'agreement:', 'version:' and 'title:'.",
        "Start from one of the examples.",
    ),
    "AGR012": (
        "Parts are nested more than {deepest} deep.",
        "No agreement needs that, and nobody could read it.",
        "Flatten the part that is nested.",
    ),
}

_SHAPE: Final[dict[str, tuple[str, str, str]]] = {
    "AGR020": (
        "'{key}' is not a key of this clause.",
        "A key that is not understood is refused, because somebody may rely on it.",
        "{next}",
    ),
    "AGR021": (
        "'{key}' is missing.",
        "This clause does not hold without it.",
        "Add '{key}'{about}.",
    ),
    "AGR022": ("{what}", "The clause could be read in more than one way.", "{next}"),
    "AGR023": (
        "'{value}' is not a word that may stand here.",
        "Only words with an agreed meaning can be carried out.",
        "{next}",
    ),
    "AGR024": (
        "{what}",
        "A clause that says nothing, or too much, cannot be agreed.",
        "{next}",
    ),
    "AGR025": (
        "{value} is out of bounds: it must be {bound}.",
        "A number outside its bounds would have no sensible effect.",
        "Write a number that is {bound}.",
    ),
    "AGR026": (
        "'{value}' is not a date.",
        "A date must be read by everybody as the same day.",
        "Write it as 2027-01-31: year, month, day, and a day that exists.",
    ),
    "AGR027": (
        "'{value}' does not have the form that is needed here.",
        "{why}",
        "{next}",
    ),
    "AGR028": (
        "'{value}' cannot be read as a test.",
        "A test is held against each row, so it must have one meaning only.",
        "Write 'dataset.field operator value', as 'homes.score >= 60'.",
    ),
    "AGR029": (
        "'{value}' is not a use that this version carries out.",
        "Only a use that is defined can be permitted.",
        "{next}",
    ),
    "AGR030": (
        "'{name}' cannot name {a_thing}.",
        "Names are used in tests, file names and tables, so they have one plain form.",
        "{next}",
    ),
    "AGR039": ("{what}", "The clause cannot be read.", "Compare it with one of the examples."),
}

CATALOGUE: Final[dict[str, Wording]] = {
    code: Wording(*words)
    for code, words in {**_TEXT, **_SHAPE, **SHARED, **MODES, **RESULTS, **WEIGHED}.items()
}
"""Code -> what, why, next."""


def problem(code: str, clause: str = "", **words: object) -> Problem:
    """Return the problem ``code`` at ``clause``, with its sentences filled in."""
    wording = CATALOGUE[code]
    what, why, next_ = (sentence.format(**words) for sentence in wording)
    return Problem(code, what, why, next_, clause=clause or None)


def page() -> str:
    """Return the reference page of every problem, in Markdown. Words in braces are filled in."""
    lines = ["# Problems of an agreement", ""]
    lines += ["Generated from `equipoise.agree.catalogue`; a test holds it to that.", ""]
    lines += ["| code | what is wrong | why it matters | what to do |", "|---|---|---|---|"]
    for code, wording in sorted(CATALOGUE.items()):
        cells = (sentence.replace("|", "\\|") for sentence in wording)
        lines.append(f"| {code} | {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"
