"""The wording of problems with how records are linked, and with outside opt-out lists."""

from __future__ import annotations

from typing import Final

MODES: Final[dict[str, tuple[str, str, str]]] = {
    "AGR231": (
        "'{entity}' has no rules.",
        "In the mode 'exact' rows meet by rules and by nothing else.",
        "Add 'rules', or choose a mode that compares.",
    ),
    "AGR232": (
        "Nothing says how rows of '{entity}' meet.",
        "In the mode '{mode}' rows meet because fields are alike, or by rules.",
        "Add 'compare' with the fields, as [forename, surname, birth_date], or 'rules'.",
    ),
    "AGR233": (
        "'{key}' has no effect here, in the mode '{mode}'.",
        "A clause that does nothing may be taken for one that does.",
        "Take '{key}' out, or choose a mode, and fields to compare, with which it counts.",
    ),
    "AGR234": (
        "'{dataset}' lacks the field '{name}', which is compared.",
        "One filter holds all the fields of a row; where one is lacking, filters are never alike.",
        "Take the field out of 'compare', or add it to '{dataset}'.",
    ),
    "AGR235": (
        "'{name}' shares no compared field with the spine '{spine}'.",
        "Its rows could meet nobody.",
        "Compare a field that both hold, or leave the dataset out.",
    ),
    "AGR236": (
        "The identifiers of '{dataset}' travel, and its form is {form}.",
        "What travels as it is must be declared as it is.",
        "Say 'form: identifiable', or choose a mode in which only encodings travel.",
    ),
    "AGR237": (
        "{what}",
        "A list of people who said no must be applied whole, or nothing may be linked.",
        "{next}",
    ),
    "AGR238": (
        "'{entity}' is to be known again until {until}, outside the agreement's term.",
        "The keys of the agreement end with it, and nothing may be known again before it begins.",
        "Choose a day from {starts} to {ends}.",
    ),
    "AGR240": (
        "Nobody may look at pairs of '{entity}' in the mode '{mode}'.",
        "Only in the mode 'identified', where fields are compared, may both records be seen.",
        "Take 'reviewed by' out, or choose the mode 'identified' and fields to compare.",
    ),
    "AGR241": (
        "'{party}' does not link '{entity}', and may not look at its pairs.",
        "The records lie with whoever links, and go to nobody else to be looked at.",
        "Say 'reviewed by: {by}', or take it out.",
    ),
    "AGR242": (
        "Nothing that is compared tells one of '{entity}' from another.",
        "A sex or a category is shared by thousands.",
        "Compare names, dates, places or numbers as well.",
    ),
    "AGR243": (
        "'{entity}' is known again, and its pairs of rows may be looked at.",
        "What was said of two rows would be lost with them; identities are decided on instead.",
        "Take 'reviewed by' out, and decide with 'equipoise identities', or take 'identities' out.",
    ),
    "AGR244": (
        "'{entity}' is made of '{of}', of whom nobody is known again.",
        "A household or family is who its people are, and keeps its identifier as they do.",
        "Name an entity with 'identities' that is no household or family, known again as long.",
    ),
    "AGR245": (
        "'{entity}' has no 'identities'.",
        "Households and families are followed from delivery to delivery, and known by a register.",
        "Add 'identities' with a day no later than that of its people.",
    ),
    "AGR246": (
        "'{dataset}' is not about the people of '{of}'.",
        "Who lives there, or is of the family, could not be told.",
        "Take it out of '{entity}', or add it to '{of}'.",
    ),
    "AGR247": (
        "{what}",
        "{why}",
        "{next}",
    ),
    "AGR248": (
        "'{key}' has no effect on '{entity}'.",
        "Households and families are made of people; rows of theirs are not compared.",
        "Take '{key}' out.",
    ),
    "AGR249": (
        "'{name}' cannot be what '{key}' of '{entity}' names.",
        "{why}",
        "{next}",
    ),
    "AGR911": (
        "No dataset here is the list '{name}' that '{dataset}' is checked against.",
        "What nobody packs cannot be applied, and until it is, the gate lets nothing through.",
        "Add the list as a dataset of whoever holds it, and the 'rules' by which rows meet it.",
    ),
}
"""Code -> (what, why, next)."""
