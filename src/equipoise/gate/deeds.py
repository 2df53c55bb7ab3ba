"""The acts that an agreement can permit, as a table: who may do each, on what, after which checks.

An act that is not here is refused. To add one is to add a line, and the line says everything.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final, Literal, get_args

from equipoise.agree.words import Prohibition

Stage = Literal[
    "signed",
    "dates",
    "not suspended",
    "state",
    "same text",
    "red lines",
    "prohibitions",
    "party",
    "mode",
    "person",
    "purpose",
    "use",
    "data",
    "form",
    "recipient",
    "filters",
    "lists",
    "training",
    "author",
    "approvals",
    "isolation",
    "output rule",
    "disclosure",
]
IN_ORDER: Final[tuple[Stage, ...]] = get_args(Stage)
"""The order of the decision, as the architecture gives it. A denial's reasons stand in it too."""

IN_FORCE: Final[tuple[Stage, ...]] = (
    "signed",
    "dates",
    "not suspended",
    "state",
    "same text",
    "red lines",
    "prohibitions",
)
CLAUSE: Final[tuple[Stage, ...]] = (
    "party",
    "person",
    "purpose",
    "use",
    "data",
    "form",
    "recipient",
)


@dataclass(frozen=True)
class Deed:
    """The rule of one act.

    ``roles`` are the roles of the party that may do it; ``by`` says how the person's role is known:
    it is the party's role, one the use names, or checker. ``data`` names what may be asked for;
    ``whole`` means all of it, at once. ``form`` is the dataset's own, the output rule's, that in
    which the agreement's mode links, a fixed one, or any known.
    """

    roles: tuple[str, ...]
    stages: tuple[Stage, ...]
    data: Literal[
        "own files",
        "parcels",
        "to link",
        "tokens",
        "fields of the use",
        "nothing",
        "output",
        "held",
    ]
    form: Literal["dataset", "de-personalised", "linked", "output", "none"]
    by: Literal["party role", "use", "checker"] = "party role"
    for_use: bool = False
    whole: bool = False
    states: tuple[str, ...] = ("signed",)


CONTROLLERS: Final = ("controller", "joint controller")
ROOMS: Final = ("linkage unit", "secure room")

# fmt: off
DEEDS: Final[Mapping[str, Deed]] = MappingProxyType({
    "pack": Deed(CONTROLLERS, (*IN_FORCE, *CLAUSE, "lists"), "own files", "dataset"),
    "receive": Deed(ROOMS, (*IN_FORCE, *CLAUSE, "mode", "filters", "lists"),
                    "parcels", "de-personalised"),
    # The secure room, in the modes that link there: what is linked comes beside the payload.
    "receive-to-link": Deed(("secure room",), (*IN_FORCE, *CLAUSE, "mode", "filters", "lists"),
                            "to link", "linked"),
    "link": Deed(ROOMS, (*IN_FORCE, *CLAUSE, "mode", "filters", "lists", "isolation"),
                 "tokens", "linked", whole=True),
    "use": Deed(("secure room",),
                (*IN_FORCE, *CLAUSE, "filters", "lists", "training", "isolation", "output rule"),
                "fields of the use", "output", by="use", for_use=True, whole=True),
    "review": Deed((), (*IN_FORCE, *CLAUSE, "author", "output rule"),
                   "nothing", "output", by="checker", for_use=True),
    "release": Deed(("secure room",),
                    (*IN_FORCE, *CLAUSE, "author", "approvals", "output rule", "disclosure"),
                    "output", "output", for_use=True, whole=True),
    "agree-secret": Deed(CONTROLLERS, (*IN_FORCE, *CLAUSE), "nothing", "none"),
    "take-links": Deed(("secure room",), (*IN_FORCE, *CLAUSE), "nothing", "none"),
    "re-key": Deed(("secure room",), (*IN_FORCE, *CLAUSE), "nothing", "none"),
    # Whoever links looks at pairs of records, where the agreement says so and in no other mode.
    "review-links": Deed(("secure room",), (*IN_FORCE, *CLAUSE, "mode", "filters", "lists"),
                         "tokens", "linked", whole=True),
    # Whoever links keeps the registers, in the role that the mode asks for.
    "mind-identities": Deed(ROOMS, (*IN_FORCE, *CLAUSE, "mode"), "nothing", "none"),
    # Erasing is possible whatever became of the agreement: after its end, while it is suspended,
    # when a signature was withdrawn, and whatever is disputed.
    "erase": Deed((*CONTROLLERS, "processor", *ROOMS),
                  ("state", "same text", "party", "person", "use", "data", "form", "recipient"),
                  "held", "none",
                  states=("signed", "suspended", "ended", "withdrawn", "superseded")),
})


# fmt: on
@dataclass(frozen=True)
class Forbidden:
    """What a prohibition refuses by name: acts, and words in a purpose."""

    acts: tuple[str, ...] = ()
    words: tuple[str, ...] = ()


PROHIBITED: Final[Mapping[Prohibition, Forbidden]] = MappingProxyType(
    {
        "re-identify": Forbidden(
            ("re-identify", "reveal", "look up"),
            ("re-identify", "re-identification", "reidentify", "unmask"),
        ),
        "individual action": Forbidden(
            ("act on person", "reveal"),
            ("individual action", "action against", "enforcement against"),
        ),
        "onward use": Forbidden(
            ("share onward", "onward"), ("onward use", "onward sharing", "resale", "passing on")
        ),
        "marketing": Forbidden(("market",), ("marketing", "advertising", "direct mail")),
        "other linkage": Forbidden(("link other",), ("other linkage", "linking to other")),
        "profiling": Forbidden(("profile",), ("profiling", "profile of")),
        "commercial gain": Forbidden(("sell",), ("commercial gain", "for profit")),
    }
)
"""A purpose that speaks of what is prohibited is refused even where a use clause permits it: the
two contradict each other, and the one that protects stands. Words are compared as whole words."""
