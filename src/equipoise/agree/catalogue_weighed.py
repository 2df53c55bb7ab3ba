"""The wording of problems with what was weighed, and with the clause that tells of it."""

from __future__ import annotations

from typing import Final

_CLAUSE: Final[dict[str, tuple[str, str, str]]] = {
    "AGR223": (
        "The condition points to '{path}', and nothing stands there.",
        "A condition is met by a clause that says something.",
        "{next}",
    ),
    "AGR224": (
        "The condition points to the clause that tells of the weighing.",
        "What people asked for is not met by writing down that they asked.",
        "Name the clause that it became, or write an 'answer'.",
    ),
    "AGR225": (
        "The condition has both a clause and an answer.",
        "It either became part of the text or it did not.",
        "Keep 'clause' if that part meets it, else 'answer'.",
    ),
    "AGR226": (
        "The same condition stands here twice.",
        "It could be met in one place and put off in the other.",
        "Keep one of the two.",
    ),
    "AGR227": (
        "The answer to the condition is blank.",
        "Whoever asked is owed words.",
        "Write what came of it and why, or name the clause that it became.",
    ),
    "AGR228": (
        "The reasons for deciding against what people said are blank.",
        "The register publishes them, and a blank explains nothing.",
        "Write at 'because' why it was decided otherwise.",
    ),
    "AGR229": (
        "The reasons for passing a workshop over are blank.",
        "The register publishes them, and a blank explains nothing.",
        "Write at 'because' why what was said there is left out.",
    ),
}

_SIGNED: Final[dict[str, tuple[str, str, str]]] = {
    "AGR250": (
        "This is not the cover of an assessment or a workshop.",
        "What was weighed is known by documents of one shape.",
        "Ask whoever weighed it for the agreement as they export it.",
    ),
    "AGR251": (
        "Nothing here shows what was weighed: no {kind} with the hash {digest} is held.",
        "A hash that nobody can follow binds nothing.",
        "Take in the agreement as its site exports it, or bind what was closed here.",
    ),
    "AGR252": (
        "This is not the text that was weighed in '{name}'.",
        "People said yes, no or 'only if' to another text.",
        "Put the text back as it was weighed, or have the changed parts weighed again.",
    ),
    "AGR253": (
        "'{name}' found that a red line is crossed: {line}",
        "No signature makes good what the text itself does.",
        "Change the text, and have it weighed again.",
    ),
    "AGR254": (
        "A red line was still open when '{name}' was closed: {line}",
        "{who} has not signed off how it was met.",
        "Settle it with whoever holds it, in an assessment that is closed anew.",
    ),
    "AGR255": (
        "A red line that '{name}' drew is not in the agreement: {line}",
        "It was settled by words that bind only where they are signed.",
        "Add it at 'red lines', with who holds it and how it was settled.",
    ),
    "AGR256": (
        "The red line '{line}' is not settled.",
        "Nobody may be carried over a line that they hold.",
        "Write at 'settled' how it was met, once whoever holds it agrees.",
    ),
    "AGR257": (
        "A condition that came of '{name}' is not in the agreement: {condition}",
        "People agreed on this condition, and the text passes it over.",
        "Add it at 'conditions', with the clause that it became or an answer in writing.",
    ),
    "AGR258": (
        "The condition '{condition}' is neither met by a clause nor answered.",
        "Whoever set it must be able to see what came of it.",
        "Name the 'clause' that it became, or write an 'answer'.",
    ),
    "AGR259": (
        "'{name}' ended {said}, and the agreement gives no reasons for going on.",
        "A decision against what people said is explained to them, in public.",
        "Add 'departs': what people said, why it was decided otherwise, and by whom.",
    ),
    "AGR260": (
        "Changed since it was weighed: {sentence}",
        "Nobody weighed it as it stands.",
        "Put it back, or have it weighed again: these answers are stale: {stale}.",
    ),
    "AGR261": (
        "The agreement names another information pack than the one read in '{name}'.",
        "What people said is tied to the very words that they had read.",
        "Put at 'information pack' the hash that the workshop's report gives.",
    ),
    "AGR262": (
        "The agreement does not name the workshop that was heard in '{name}'.",
        "What people said is counted there as said in that workshop, and in no other.",
        "Put at 'workshop' the hash that '{name}' heard, or assess it anew, with another.",
    ),
}

_WARNINGS: Final[dict[str, tuple[str, str, str]]] = {
    "AGR912": (
        "The condition '{condition}' is neither met by a clause nor answered.",
        "It cannot be signed, and the gate permits nothing, while a condition is open.",
        "Name the 'clause' that it became, or write an 'answer'.",
    ),
}

WEIGHED: Final = {**_CLAUSE, **_SIGNED, **_WARNINGS}
"""Code -> (what, why, next)."""
