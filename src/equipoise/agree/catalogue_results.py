"""The wording of problems with what leaves and why, of signatures, states and warnings."""

from __future__ import annotations

from typing import Final

_OUTPUTS: Final[dict[str, tuple[str, str, str]]] = {
    "AGR181": (
        "The use '{name}' has no output rule.",
        "A result without a rule is never shown.",
        "Add '{name}' to 'outputs' with form, minimum count and who checks.",
    ),
    "AGR182": (
        "No use is called '{name}'.",
        "Only what a use makes can be checked, released, revealed or passed on.",
        "{next}",
    ),
    "AGR183": (
        "A '{use}' use cannot put out the form '{form}'.",
        "Its results are {fits}.",
        "Write 'form: {first}'.",
    ),
    "AGR184": (
        "Nobody is named to check '{name}'.",
        "Every result is checked by people before it leaves.",
        "Add 'checked by' with two parties.",
    ),
    "AGR187": (
        "{what}",
        "A recipient gets only what the use makes and the agreement names.",
        "{next}",
    ),
    "AGR189": (
        "'rows: {rows}' does not fit a '{use}' use.",
        "It decides whose rows a recipient sees.",
        "Write 'rows: {fits}'.",
    ),
    "AGR190": (
        "'{name}' has no rows of its own in '{of}'.",
        "Own rows are those of a unit dataset that the recipient controls.",
        "Release to a party that controls one of: {units}.",
    ),
    "AGR191": (
        "'{of}' is released to '{name}' twice.",
        "Two releases of one output could be compared to learn more than either says.",
        "Keep one of them.",
    ),
    "AGR192": (
        "Nothing says how long '{name}' is kept.",
        "Every dataset and every output has an end.",
        "Add 'retention: {name}:' with 'delete after use', days or a date.",
    ),
    "AGR193": (
        "'{name}' is neither a dataset nor a use.",
        "A term for nothing keeps nothing.",
        "{next}",
    ),
    "AGR194": (
        "The term of '{name}' is given in {count} ways.",
        "It ends exactly once: after use, after a number of days, or on a date.",
        "Keep one of 'after use', 'days' and 'until'.",
    ),
    "AGR195": (
        "'{name}' is not a flag, so nobody in it can be revealed.",
        "Only a flagged pseudonym may be turned back into a person.",
        "Name a use of the kind 'flag', or take the clause out.",
    ),
    "AGR197": (
        "Onward use is prohibited, and a clause allows it.",
        "The two cannot both hold.",
        "Take one of them out.",
    ),
    "AGR198": (
        "Nothing prohibits re-identification.",
        "Without it, a recipient may try to find out whom a row is about.",
        "Add 're-identify' to 'prohibitions', or a 'reveal' clause that says who may and how.",
    ),
}

_WHY: Final[dict[str, tuple[str, str, str]]] = {
    "AGR211": (
        "'{phrase}' leaves the purpose open.",
        "Any use at all would satisfy it.",
        "Name the one thing that is to be done.",
    ),
    "AGR212": (
        "'{phrase}' does not say what will be different, and no benefit is named.",
        "Any use at all would satisfy it.",
        "Name the outcome, how it is measured, and who is not to be affected.",
    ),
    "AGR213": (
        "The purpose names no outcome.",
        "Any use at all would satisfy it.",
        "Say what will be done or found out, and for whom; add a benefit with its measure.",
    ),
    "AGR221": (
        "The light route of weighing gives no reason.",
        "{reason}",
        "Write 'reason', or take the full route.",
    ),
    "AGR222": (
        "The full route of weighing lacks {missing}.",
        "The text that is signed binds what people weighed by its hash.",
        "Add the hash of each document.",
    ),
}

_SIGNED_AND_MOVED: Final[dict[str, tuple[str, str, str]]] = {
    "AGR301": (
        "The signature is for {signed}, not for {reference}.",
        "A signature holds for one agreement only.",
        "Ask {name} to sign {reference}.",
    ),
    "AGR302": (
        "The signature is for another version: {signed}, not {reference}.",
        "A signature holds for one version only; what changed was never agreed to.",
        "Ask {name} to sign {reference}.",
    ),
    "AGR303": (
        "The text that was signed is not this text.",
        "The signature names {signed}; this text is {digest}.",
        "Compare the two texts; sign this one, or carry out the one that was signed.",
    ),
    "AGR304": (
        "{who} is not a signatory of this agreement.",
        "Only the person whom the agreement names may sign for a party.",
        "Let the named signatory sign, or name another in a new version.",
    ),
    "AGR305": (
        "This site holds no key for {who}.",
        "Without it nobody can tell whose signature this is.",
        "Obtain the person's public key by another way and add it to the site.",
    ),
    "AGR306": (
        "The signature was made with another key than the one held for {who}.",
        "A swapped key is how somebody else would sign in this person's name.",
        "Ask the person, by another way, which key is theirs.",
    ),
    "AGR307": (
        "The signature of {who} does not hold.",
        "The record was changed after it was signed, or was never signed with this key.",
        "Ask the person to sign again.",
    ),
    "AGR308": (
        "This is not a signature record.",
        "A record holds exactly {names}, each as text, and its time as 2026-01-31T12:00:00Z.",
        "Ask for the record again from whoever made it.",
    ),
    "AGR401": (
        "{object} cannot {act} now: it is {state}.",
        "From here one can only {possible}.",
        "{next}",
    ),
    "AGR402": (
        "{object} is in a state nobody knows: '{state}'.",
        "What is unknown is refused.",
        "Check the ledger: the record may have been made by another version.",
    ),
}

_WARNINGS: Final[dict[str, tuple[str, str, str]]] = {
    "AGR901": (
        "The public summary reads at an age of about {age}.",
        "Most of the public reads with ease up to an age of {most}.",
        "Use shorter sentences and shorter words.",
    ),
    "AGR902": (
        "The purpose does not say who must not be affected.",
        "People ask this first.",
        "Add 'must not affect'.",
    ),
    "AGR903": (
        "The agreement runs for more than a year without a review.",
        "Needs and risks change.",
        "Add 'review'.",
    ),
    "AGR904": (
        "The red line '{line}' is not settled.",
        "The gate permits nothing while a red line is open.",
        "Write at 'settled' how it was met, or stop here.",
    ),
    "AGR905": (
        "The light route was chosen although {raisers}.",
        "Each of these raises the weighing that people expect.",
        "Consider the full route.",
    ),
    "AGR906": (
        "Only '{name}' checks this output.",
        "Two parties see more than one.",
        "Name a second party at 'checked by'.",
    ),
    "AGR907": (
        "'{name}' is told apart who was not found and who does not qualify.",
        "That tells the recipient who is in another body's data.",
        "Write 'not found: same as no' unless the difference is needed.",
    ),
    "AGR908": (
        "'{name}' has no part in what is done: {reason}.",
        "A party without a part is a risk without a benefit.",
        "Take the party or the role out, or add the clause that was meant.",
    ),
    "AGR909": (
        "The minimum count of '{name}' is {count}.",
        "Groups below five can often be recognised.",
        "Raise 'min count' to 5 or more, or say why not in the weighing.",
    ),
    "AGR910": (
        "The benefit is due on {by}, after the agreement has ended on {ends}.",
        "Nobody will be bound to measure it.",
        "Choose a day within the term.",
    ),
}

RESULTS: Final = {**_OUTPUTS, **_WHY, **_SIGNED_AND_MOVED, **_WARNINGS}
"""Code -> (what, why, next)."""
