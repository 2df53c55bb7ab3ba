"""The wording of problems with what is shared: parties, dates, data, links and uses."""

from __future__ import annotations

from typing import Final

_DATES_AND_PARTIES: Final[dict[str, tuple[str, str, str]]] = {
    "AGR101": (
        "The agreement ends on {ends}, before it starts on {starts}.",
        "It would never be in force.",
        "Put the later date at 'ends'.",
    ),
    "AGR102": (
        "The review on {review} is not between the start ({starts}) and the end ({ends}).",
        "A review outside the term cannot change anything.",
        "Choose a day within the term.",
    ),
    "AGR103": (
        "The benefit is due on {by}, before the agreement starts on {starts}.",
        "What came before cannot be its result.",
        "Choose a day after the start.",
    ),
    "AGR104": (
        "'{name}' is to be gone by {until}, before the agreement starts on {starts}.",
        "It would have to be erased before it is shared.",
        "Choose a day after the start.",
    ),
    "AGR111": (
        "No party is called '{name}'.",
        "Only a party that is named and signs can take part.",
        "{next}",
    ),
    "AGR112": (
        "'{name}' may not stand here: it is {has}, and {need} is needed.",
        "Each party may do only what its role allows.",
        "Give '{name}' the role or name another party.",
    ),
    "AGR113": (
        "No party is the secure room.",
        "Payload may be opened nowhere else.",
        "Give one party the role 'secure room'.",
    ),
    "AGR114": (
        "'{name}' is the linkage unit and also {also}.",
        "Whoever sees the encodings must never see the payload or a result.",
        "Let another party do one of the two.",
    ),
    "AGR121": (
        "'{name}' controls data but has no gateway.",
        "Nobody may share without a legal route.",
        "Add 'gateway: {name}:' with its basis and power.",
    ),
    "AGR122": (
        "The gateway of '{name}' is disputed and nothing says how that was settled.",
        "A disputed power does not permit sharing.",
        "Write 'settled by', or wait until it is settled.",
    ),
}

_DATA: Final[dict[str, tuple[str, str, str]]] = {
    "AGR131": (
        "'{name}' names both a dataset and a use.",
        "'retention' could not tell one from the other.",
        "Rename one of them.",
    ),
    "AGR132": (
        "The field '{name}' has no type.",
        "What is not typed cannot be checked on the way in.",
        "Add 'type', or use one of the names that imply it: {known}.",
    ),
    "AGR133": (
        "The category '{name}' does not list its values.",
        "A value that nobody agreed would enter unseen.",
        "Add 'values: [...]' with every value that may occur.",
    ),
    "AGR134": (
        "'values' may not stand at '{name}', which is of type {type}.",
        "Only a category is one of a list.",
        "Take 'values' out, or make the type 'category'.",
    ),
    "AGR135": (
        "'{name}' cannot be coarsened to '{coarsen}'.",
        "{reason}",
        "{next}",
    ),
    "AGR136": (
        "'{name}' is read here as {as_what}, but it is {article} {role}.",
        "What finds a person and what is learned about a person are kept apart.",
        "Change its role ('is'), or read another field.",
    ),
    "AGR137": (
        "The sensitivity of '{name}' is not stated.",
        "Risk is weighed by it.",
        "Add 'sensitivity: low', 'medium' or 'high'.",
    ),
    "AGR138": (
        "'{name}' cannot be made from columns as written.",
        "'columns' makes one date from day, month and year, and stands instead of 'column'.",
        "Keep 'columns' for a date only, and without 'column'.",
    ),
    "AGR139": (
        "The bounds of '{name}' do not hold: {reason}.",
        "Bounds decide which rows are refused on the way in.",
        "Correct 'at least' and 'at most', or take them out.",
    ),
    "AGR140": (
        "{what}",
        "Nobody's data may enter on a choice that cannot be read.",
        "{next}",
    ),
    "AGR141": (
        "A field may not be called '{name}'.",
        "The machine makes a column of that name itself.",
        "Choose another name and write the file's own name at 'column'.",
    ),
    "AGR142": (
        "'{name}' and '{other}' both read the column '{column}'.",
        "One of the two would be a copy nobody needs.",
        "Keep one field for one column.",
    ),
    "AGR143": (
        "Nothing reads the field '{name}'.",
        "Data may not be shared because it exists.",
        "Take the field out, or say in a use, rule, consent or opt-out what it is for.",
    ),
    "AGR144": (
        "The dataset is said to be {form}, but '{name}' is an identifier.",
        "Its form decides which protections apply.",
        "Take the identifier out, or say 'form: identifiable'.",
    ),
}

_LINKS: Final[dict[str, tuple[str, str, str]]] = {
    "AGR151": (
        "No dataset is called '{name}'.",
        "Only data that is listed may be used.",
        "{next}",
    ),
    "AGR152": (
        "'{name}' is named twice in this entity.",
        "A dataset is not joined to itself, nor twice.",
        "Name it once, as the spine or in 'join'.",
    ),
    "AGR153": (
        "'{name}' can use none of the rules with the spine '{spine}'.",
        "Both must hold every field of at least one rule, with the same types.",
        "Add a rule whose fields both hold, or leave the dataset out.",
    ),
    "AGR154": (
        "No dataset of this entity has a field '{name}'.",
        "A token is made of fields that are there.",
        "{next}",
    ),
    "AGR155": (
        "'{name}' is {type} in '{spine}' but {other_type} in '{other}'.",
        "Tokens of different kinds of value never meet.",
        "Give the field the same type in both.",
    ),
    "AGR157": (
        "'{transform}' cannot be taken from '{name}', which is of type {type}.",
        "A part is defined for certain types only.",
        "{next}",
    ),
    "AGR158": (
        "{what}",
        "Each rule must say something that no other says.",
        "Take it out or complete it.",
    ),
    "AGR159": (
        "No joined dataset can use this rule with the spine '{spine}'.",
        "A rule that nobody can use hides identifiers that nobody needs.",
        "Take the rule out, or add its fields where they are missing.",
    ),
}

_USES: Final[dict[str, tuple[str, str, str]]] = {
    "AGR161": (
        "The dataset '{dataset}' has no field '{name}'.",
        "Only fields that are listed may be read.",
        "{next}",
    ),
    "AGR162": (
        "No linkage entity is called '{name}'.",
        "Datasets meet only through an entity.",
        "{next}",
    ),
    "AGR163": (
        "'{entity}' does not connect '{left}' with {right}.",
        "Rows that were not linked cannot be read together.",
        "Add {lacking} to the entity, or go through another.",
    ),
    "AGR164": (
        "The test does not fit '{name}': {reason}.",
        "It would be true for nobody, or mean something else than it says.",
        "{next}",
    ),
    "AGR165": (
        "Nothing says through which entity '{left}' reaches {right}.",
        "Rows of two datasets are read together only through an entity.",
        "Add 'through' with an entity that connects them.",
    ),
    "AGR166": (
        "'at least {needed}' asks for more than the {count} criteria there are.",
        "Nobody could ever meet it.",
        "Lower the number, or add criteria.",
    ),
    "AGR167": (
        "'treated' must have exactly one of 'dataset' and 'test'.",
        "Who received the service must be found in one way.",
        "Keep one of the two; 'through' goes with 'dataset' only.",
    ),
    "AGR168": (
        "'{name}' is not in '{pool}'.",
        "{reason}",
        "Read it from '{pool}'.",
    ),
    "AGR169": (
        "'{name}' is named {first} and also {second}.",
        "A result may not explain itself, and nothing counts twice.",
        "Keep it in one place.",
    ),
    "AGR170": (
        "'{name}' is of type {type}, which cannot be {as_what}.",
        "{reason}",
        "Name another field, or correct its type.",
    ),
    "AGR171": (
        "'starts' is given without an 'index date'.",
        "The start is held against the index date; alone it does nothing.",
        "Add 'index date', or take 'starts' out.",
    ),
    "AGR172": (
        "'{name}' is named twice here.",
        "A second time adds nothing.",
        "Name it once.",
    ),
}

SHARED: Final = {**_DATES_AND_PARTIES, **_DATA, **_LINKS, **_USES}
"""Code -> (what, why, next)."""
