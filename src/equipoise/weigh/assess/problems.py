"""Every problem with an assessment: its code, what is wrong, why it matters, what to do.

WGH080-089  a file that cannot be read as what it should be
WGH090-099  answers that do not fit the catalogue, the questions or each other
WGH100-109  an assessment that cannot be closed, carried over or bound
"""

from __future__ import annotations

from typing import Final

from equipoise.errors import Problem

WORDING: Final[dict[str, tuple[str, str, str]]] = {
    "WGH080": (
        "'{key}' is not a key here.",
        "An answer under a key that nobody reads would be lost.",
        "{next}",
    ),
    "WGH081": (
        "'{key}' is missing.",
        "Without it the answer cannot be understood later.",
        "Add '{key}'.",
    ),
    "WGH082": (
        "What stands here does not fit: {said}.",
        "Answers are held side by side, so all of them have one form.",
        "{next}",
    ),
    "WGH083": (
        "This is not text that can be read: {said}",
        "Nothing after this place could be looked at.",
        "{next}",
    ),
    "WGH090": (
        "This sheet is for the assessment '{said}', not for '{name}'.",
        "Answers belong to the text that was in front of people.",
        "Hand it in where it belongs, or answer the sheet of '{name}'.",
    ),
    "WGH091": (
        "The catalogue has no {group} '{item}'.",
        "Raters must be able to mean the same thing.",
        "{next}",
    ),
    "WGH092": (
        "Say either 'item' or 'words', and one of them.",
        "It is a thing of the catalogue or one of your own.",
        "Keep one of the two.",
    ),
    "WGH093": (
        "The control makes the risk more likely: {after} instead of {before}.",
        "A control lowers how likely a risk is; it never raises it, and never makes harm smaller.",
        "Write at 'likelihood becomes' how likely it is with the control.",
    ),
    "WGH094": (
        "There is no question '{item}'.",
        "An answer to a question that nobody was asked says nothing.",
        "{next}",
    ),
    "WGH095": (
        "'{item}' stands here twice for the same people.",
        "One person would count twice.",
        "Make one of the two.",
    ),
    "WGH096": (
        "These are not answered: {missing}.",
        "Everybody is asked the same; who does not know says so.",
        "Answer each, with 1 to 5 or don't know.",
    ),
    "WGH097": (
        "'share with conditions' is said, and no condition.",
        "Nobody could meet what was not said.",
        "Name at least one at 'conditions'.",
    ),
    "WGH098": (
        "No benefit is named.",
        "Risk cannot be weighed against nothing.",
        "Name what good may come of it, for whom, or that there is none, in your own words.",
    ),
    "WGH099": (
        "No risk is named.",
        "Nothing is without risk, and what is not named is not controlled.",
        "Name what may go wrong, and for whom.",
    ),
    "WGH100": (
        "The assessment '{name}' is closed.",
        "What was bound must stay what it was.",
        "Begin another from it: equipoise assess start NAME --after {name}",
    ),
    "WGH101": (
        "Only {count} answered '{name}'.",
        "One person's view is no weighing; what two hold apart shows what is disputed.",
        "Let at least {least} people answer, from different sectors where you can.",
    ),
    "WGH102": (
        "Nothing is assessed: neither a card nor an agreement.",
        "People must have something before them.",
        "Name one or both.",
    ),
    "WGH103": (
        "The adviser was overruled, and no reasons are written.",
        "Whoever decides against advice on data protection must be able to say why.",
        "Write 'because' beside 'followed: false'.",
    ),
    "WGH104": (
        "A high risk remains ({risk}), and the regulator is not named.",
        "The law asks that the regulator is consulted before anything begins.",
        "Write at 'regulator' when it was consulted and what it said, or lower the risk first.",
    ),
    "WGH105": (
        "No red line is called '{line}'.",
        "Only a line that was drawn, or that the text leaves in doubt, can be settled.",
        "Use the words of one of: {known}.",
    ),
    "WGH106": (
        "'{who}' settles a line that '{holder}' holds.",
        "A line is settled by whoever holds it, and by nobody over their head.",
        "Let '{holder}' sign off, by name.",
    ),
    "WGH107": (
        "The line cannot be settled by words: the text crosses it.",
        "What the agreement itself does is not made good by a signature.",
        "Change the text, and begin another assessment of it.",
    ),
    "WGH108": (
        "People were divided or against it, and the closing gives no reasons for going on.",
        "A decision that departs from what people said is explained in writing.",
        "Write 'departs': what they said, why it is decided otherwise, and by whom.",
    ),
    "WGH109": (
        "'{name}' has not been closed yet.",
        "Only what is closed has a hash that an agreement can name.",
        "equipoise assess close {name} CLOSING.yaml --as NAME",
    ),
    "WGH110": (
        "The text that is to be bound is not the one that '{name}' weighed.",
        "Its hash would name what nobody looked at.",
        "See what changed: equipoise assess compare {name} AGREEMENT; then have it weighed again.",
    ),
    "WGH111": (
        "The card '{card}' is not known.",
        "People must be able to read what they assess.",
        "{next}",
    ),
    "WGH112": (
        "The closing says that people in the workshop were: {said}. '{name}' itself says: {own}.",
        "What people said is what their workshop's report tells, and not what others write of it.",
        "Write '{own}'. If it should go on all the same, 'departs' gives the reasons.",
    ),
    "WGH113": (
        "People in '{name}' read another information pack than the closing names, or none.",
        "What they said is tied to the very words that they had read.",
        "Name the pack that the workshop's report gives, or leave it out.",
    ),
    "WGH114": (
        "This is the hash of the report of '{name}', and not the one by which it is named.",
        "Report and red lines and conditions are tied to a text by one hash.",
        "Write {digest}.",
    ),
}


def problem(code: str, clause: str = "", **words: object) -> Problem:
    """Return the problem ``code`` at ``clause``, with its sentences filled in."""
    what, why, next_ = (sentence.format(**words) for sentence in WORDING[code])
    return Problem(code, what, why, next_, clause=clause or None)
