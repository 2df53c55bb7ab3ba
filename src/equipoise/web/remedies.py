"""What to do next, said for somebody on a page.

Acts say what to do next for every face of the program, and some name a command. Whoever reads a
page has no terminal: they are told where on the site it is done, or that it is not done on a page.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final

from equipoise.errors import Problem

_COMMAND: Final = re.compile(r"\bequipoise [a-z]|(?<![\w-])--[a-z]")


@dataclass(frozen=True)
class Remedy:
    """What to do, and the page where it is done: its address's name, and the words of the link."""

    words: str
    address: str = ""
    link: str = ""


_ASSESS: Final = ("assessment-new", "Start an assessment")
_ASSESSMENTS: Final = ("assessments", "Go to the assessments")
_AGREEMENTS: Final = ("agreements", "Go to the agreements")
_KEYS: Final = ("keys", "Go to the keys")
_PEOPLE: Final = "ask whoever runs this site to enrol them, then invite them under People"

REMEDIES: Final[Mapping[str, Remedy]] = {
    "ACT002": Remedy(_PEOPLE),
    "ACT007": Remedy(_PEOPLE),
    "ACT011": Remedy("let one of the signatories sign, whom the agreement names", *_AGREEMENTS),
    "ACT012": Remedy("let each signatory sign on the agreement's page", *_AGREEMENTS),
    "ACT015": Remedy("ask one of the signatories to do it", *_AGREEMENTS),
    "ACT050": Remedy("let each signatory sign on the agreement's page", *_AGREEMENTS),
    "ACT131": Remedy(
        "ask whoever runs this site to send the agreement to that party, and take its signed "
        "file in on the agreements page",
        *_AGREEMENTS,
    ),
    "ACT132": Remedy("let each party sign at its own site"),
    "ACT133": Remedy("ask the partner to export the agreement once more, and take that file in"),
    "ACT279": Remedy("sign where the key is, and hand the signature in on the agreement's page"),
    "ACT139": Remedy("take the agreement's file in first", *_AGREEMENTS),
    "ACT204": Remedy("write the reason"),
    "ACT207": Remedy("start an assessment of the draft itself", *_ASSESS),
    "ACT208": Remedy(
        "open that assessment and bind it to the text, or set it aside there and say why",
        *_ASSESSMENTS,
    ),
    "ACT210": Remedy("start an assessment of a draft, which says enough for one", *_ASSESS),
    "ACT298": Remedy("sign with the key that took its place, once there is one", *_KEYS),
    "ACT300": Remedy(
        "look at how the keys stand; if it was ended already, another can take its place", *_KEYS
    ),
    "ACT303": Remedy("look at how the keys stand, and go on with the step that comes next", *_KEYS),
    "ACT305": Remedy(
        "let its holder read it out once more, where the key was made; if it still differs, have "
        "an administrator offer that key"
    ),
    "AGR243": Remedy("take 'reviewed by' out, or take 'identities' out"),
    "STO010": Remedy("choose one that this site holds", *_AGREEMENTS),
    "STO020": Remedy("choose one of those that were begun, or start one", *_ASSESSMENTS),
    "WGH082": Remedy("compare it with what the other fields of this sort hold"),
    "WGH109": Remedy("open the assessment, and close it", *_ASSESSMENTS),
    "WGH110": Remedy(
        "open the assessment and compare it with the text to see what changed; "
        "then have the text weighed again",
        *_ASSESSMENTS,
    ),
}
"""What is done on a page in place of a command, by the code of the refusal."""

_ELSEWHERE: Final = (
    "this is done on the machine that serves the site, not on a page: ask whoever runs it, "
    "and tell them the code {code}"
)


def names_a_command(text: str) -> bool:
    """Say whether a text tells somebody to type something in a terminal."""
    return bool(_COMMAND.search(text))


def on_page(problem: Problem) -> Problem:
    """Return a problem whose next step names no command of the terminal."""
    if not names_a_command(problem.next):
        return problem
    remedy = REMEDIES.get(problem.code)
    words = remedy.words if remedy else _ELSEWHERE.format(code=problem.code)
    return replace(problem, next=words)


def leads_to(problem: Problem) -> Remedy | None:
    """Return the remedy of a problem when it has a page to go to, or ``None``."""
    remedy = REMEDIES.get(problem.code)
    return remedy if remedy is not None and remedy.address else None
