"""What the ledger may say of weighing: hashes and numbers, and no word that a rater wrote."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from equipoise.account.deed import Deed

BELONGINGS: Final = ("assessment", "workshop", "survey", "draft", "agreement")
"""What can belong to an initiative."""

OF_WEIGHING: Final[Mapping[str, Deed]] = {
    "initiative added": Deed(
        "initiative",
        "{who} added the initiative {it}.",
        must={"card": "digest"},
        binds=False,
    ),
    "initiative changed": Deed(
        "initiative",
        "{who} changed the card of the initiative {it}.",
        must={"card": "digest"},
        binds=False,
    ),
    "initiative joined": Deed(
        "initiative",
        "{who} {leaves?took:put} the {kind} {name} {leaves?from:to} the initiative {it}.",
        must={"kind": BELONGINGS, "name": "name", "leaves": "yes/no"},
        binds=False,
    ),
    "assessment begun": Deed(
        "assessment",
        "{who} began the assessment {it}[ of the draft of {reference}][, after {after}].",
        may={
            "reference": "reference",
            "substance": "digest",
            "card": "digest",
            "after": "name",
            "questions": "digest",
        },
        binds=False,
    ),
    "assessment answered": Deed(
        "assessment",
        "{who} handed in answers to the assessment {it}; {raters|rater} so far.",
        must={"raters": "count", "sheet": "digest"},
        binds=False,
    ),
    "assessment closed": Deed(
        "assessment",
        "{who} closed the assessment {it}, which {raters|rater} answered[+; {open|red line} open]"
        "[+; {conditions|condition} set].",
        must={"raters": "count", "cover": "digest", "content": "digest"},
        may={"open": "count", "conditions": "count", "substance": "digest"},
        binds=False,
    ),
    "assessment set aside": Deed(
        "assessment",
        "{who} set the assessment {it} aside, for a reason that was written down.",
        must={"reason": "digest"},
        binds=False,
    ),
    "weighing taken in": Deed(
        "assessment",
        "The cover of what was weighed in {it} came from a partner.",
        must={"cover": "digest"},
        binds=False,
    ),
}
