"""What can be wrong with a site's own list: code, what is wrong, why it matters, what to do.

WGH001-029 any list and its items · WGH030-039 cards · WGH040-049 questions. Codes are stable.
Words in braces are filled in where the problem is found.
"""

from __future__ import annotations

from typing import Final

from equipoise.errors import Problem

PROBLEMS: Final[dict[str, tuple[str, str, str]]] = {
    "WGH001": (
        "The list cannot be read: {said}",
        "Nobody could say what was added.",
        "{next}",
    ),
    "WGH002": (
        "The list adds nothing: it names no items, cards or questions.",
        "A list that adds nothing was likely meant to add something.",
        "Write what is to be added below 'items:', 'cards:' or 'questions:'.",
    ),
    "WGH003": (
        "'{key}' is not a key that may stand here.",
        "A key that is not understood is refused, because somebody may rely on it.",
        "{next}",
    ),
    "WGH004": (
        "'{key}' is missing.",
        "The entry cannot be shown or used without it.",
        "Add '{key}'{about}.",
    ),
    "WGH005": (
        "{what}",
        "The entry could be read in more than one way.",
        "{next}",
    ),
    "WGH006": (
        "'{value}' is not a word that may stand here.",
        "Only a word with a meaning of its own puts an entry where it belongs.",
        "{next}",
    ),
    "WGH007": (
        "'{value}' does not have the form that is needed here.",
        "Entries and places are found by texts of one plain form.",
        "Write {form}.",
    ),
    "WGH008": (
        "The text is too {size}: {bound} is the limit.",
        "It must say something, and fit on a phone and on a card.",
        "Say it in {words} words.",
    ),
    "WGH009": (
        "'{id}' is already taken by another entry.",
        "An id stands for one thing, for good, in every assessment and report that names it.",
        "Give it an id of its own, as '{adds}-...'.",
    ),
    "WGH010": (
        "'{id}' does not begin with the name of this list, '{adds}-'.",
        "Lists of several sites can then be used together without a clash.",
        "Call it '{adds}-' and a word or two.",
    ),
    "WGH011": (
        "'{other}' already says these very words.",
        "People would weigh one thing twice.",
        "Take it out, or say what is different about it.",
    ),
    "WGH012": (
        "The place '{place}' leads nowhere.",
        "Every item lives somewhere in the product, so that nothing is left out in silence.",
        "Name a clause, question, card or red line that exists.",
    ),
    "WGH013": (
        "Items of the group '{group}' are not for a site to add.",
        "The card has six fields, and the facts are those of the founding report.",
        "Choose another group, or write a card of your own.",
    ),
    "WGH014": (
        "A red line of a site must be judged by people, and '{kind}' is not that.",
        "Only what the program knows how to compute can be computed.",
        "Write 'kind: judged'.",
    ),
    "WGH015": (
        "The list '{adds}' has been added already.",
        "One name stands for one list, so that a version says what was used.",
        "Add each list once, or give the second a name of its own.",
    ),
    "WGH016": (
        "The file {fault}.",
        "What cannot be read cannot be weighed, and without it this would be another list.",
        "{next}",
    ),
    "WGH030": (
        "The card leaves out {missing}.",
        "People can only weigh what they are told: who, why, what and how.",
        "Write what is missing, or 'described: false' where nobody knows.",
    ),
    "WGH031": (
        "The set '{set}' is one of those that are shipped.",
        "What was weighed from a shipped set must stay the same for everybody.",
        "Give the card a set of your own, as 'set: {adds}'.",
    ),
    "WGH032": (
        "Another card has the title '{title}'.",
        "People at a table tell cards apart by their titles.",
        "Give the card a title of its own.",
    ),
    "WGH040": (
        "A closed question needs words for {missing}.",
        "A number means nothing until both ends of its scale are in words.",
        "Write 'low' for the least answer and 'high' for the most.",
    ),
    "WGH041": (
        "The scale goes from {least} to {most}.",
        "The least answer must be below the most.",
        "Leave 'least' and 'most' out, or write them in order.",
    ),
    "WGH042": (
        "The question draws on '{item}', which is not in the catalogue.",
        "What a question rests on must be there to be read.",
        "Name items of the catalogue or of this list.",
    ),
}
"""Code -> what, why, next."""


def problem(code: str, clause: str = "", **words: object) -> Problem:
    """Return the problem ``code`` at ``clause``, with its sentences filled in."""
    what, why, next_ = (sentence.format(**words) for sentence in PROBLEMS[code])
    return Problem(code, what, why, next_, clause=clause or None)
