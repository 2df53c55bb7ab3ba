"""What every entry of a list is: frozen, known by its id, and named with its lines."""

from __future__ import annotations

from typing import Annotated, Final, Literal, get_args

from pydantic import BaseModel, ConfigDict, Field

PlaceKind = Literal[
    "question", "exercise", "clause", "gate", "act", "page", "card", "red line", "document"
]
PLACE_KINDS: Final[tuple[PlaceKind, ...]] = get_args(PlaceKind)
_PLACE: Final = rf"^({'|'.join(PLACE_KINDS)}):[A-Za-z0-9*][A-Za-z0-9 *._=/-]{{0,120}}$"

ItemId = Annotated[str, Field(pattern=r"^([A-Z]\d{1,2}|[a-z][a-z0-9]*(-[a-z0-9]+)+)$")]
"""``B01`` for what is shipped; ``leeds-quiet-streets`` for what a site adds."""
Words = Annotated[str, Field(min_length=3, max_length=400)]
PlaceText = Annotated[str, Field(pattern=_PLACE)]
"""Where something lives: ``question:purposeful-1``, ``clause:purpose.benefits.*.measured by``."""
SeedLines = Annotated[str, Field(pattern=r"^(L\d{1,4}(-\d{1,4})?(, L\d{1,4}(-\d{1,4})?)*)?$")]
"""Lines of the founding report: ``L146``, ``L159-160``, or several with commas."""


class Entry(BaseModel):
    """Any entry of a list: frozen, and unknown keys are refused."""

    model_config = ConfigDict(frozen=True, extra="forbid", validate_by_name=True)


def line_ranges(seed: str) -> tuple[tuple[int, int], ...]:
    """Return ``L5, L7-9`` as ``((5, 5), (7, 9))``."""
    passages = (part.strip().removeprefix("L") for part in seed.split(",") if part.strip())
    pairs = (passage.partition("-") for passage in passages)
    return tuple((int(first), int(last or first)) for first, _, last in pairs)
