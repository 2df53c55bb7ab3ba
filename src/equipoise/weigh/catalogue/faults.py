"""From what pydantic says about one entry of a site's list to what a person can mend."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, Final, get_args

from equipoise.agree.nearest import suggest
from equipoise.agree.places import Path, clause_of
from equipoise.errors import Problem
from equipoise.weigh.cards.card import Impacts
from equipoise.weigh.catalogue.problems import problem
from equipoise.weigh.entry import PLACE_KINDS, Entry

_PLACE_FORM: Final = (
    f"what and which, as 'exercise:ranking'; what is one of {', '.join(PLACE_KINDS)}"
)
FORMS: Final[Mapping[str, str]] = {
    "id": "small letters and digits in words joined by '-', as 'leeds-night-buses'",
    "adds": "one short name in small letters, as 'leeds'",
    "place": _PLACE_FORM,
    "also": _PLACE_FORM,
    "draws": "the id of an item, as 'B01'",
    "seed": "lines as 'L146' or 'L159-160', or leave it out",
    "set": "a short name in small letters, as 'leeds'",
}
"""Key -> the form its text must have, in words."""

_NEEDED: Final[Mapping[str, str]] = {
    "string_type": "text",
    "int_type": "a whole number",
    "bool_type": "true or false",
    "tuple_type": "a list",
    "dict_type": "a set of keys",
    "model_type": "a set of keys",
    "model_attributes_type": "a set of keys",
}


def _key(path: Path) -> str:
    """Return the last key of a path that is a name."""
    return next((step for step in reversed(path) if isinstance(step, str)), "")


def _shown(value: Any) -> str:
    text = str(value)
    return text if len(text) <= 60 else text[:57] + "..."


def _aliases(kind: type[Entry], within: Path) -> dict[str, Any]:
    model = Impacts if within[:1] == ("impacts",) else kind
    return {info.alias or name: info.annotation for name, info in model.model_fields.items()}


def _unknown(kind: type[Entry], at: Path, error: Mapping[str, Any]) -> dict[str, object]:
    free = [name for name in _aliases(kind, at[:-1]) if name != "id"]
    return {"key": _shown(at[-1]), "next": suggest(str(at[-1]), free)}


def _missing(kind: type[Entry], at: Path, error: Mapping[str, Any]) -> dict[str, object]:
    words = [
        word for word in get_args(_aliases(kind, at[:-1])[str(at[-1])]) if isinstance(word, str)
    ]
    return {"key": at[-1], "about": f": one of {', '.join(words)}" if words else ""}


def _word(kind: type[Entry], at: Path, error: Mapping[str, Any]) -> dict[str, object]:
    words = error["ctx"]["expected"].replace(" or ", ", ").replace("'", "").split(", ")
    return {"value": _shown(error["input"]), "next": suggest(str(error["input"]), words)}


def _form(kind: type[Entry], at: Path, error: Mapping[str, Any]) -> dict[str, object]:
    return {"value": _shown(error["input"]), "form": FORMS[_key(at) or "id"]}


def _length(kind: type[Entry], at: Path, error: Mapping[str, Any]) -> dict[str, object]:
    short = error["type"].endswith("too_short")
    bound = error["ctx"]["min_length" if short else "max_length"]
    size, words = ("short", "more") if short else ("long", "fewer")
    return {"size": size, "bound": f"{bound} letters", "words": words}


def _type(kind: type[Entry], at: Path, error: Mapping[str, Any]) -> dict[str, object]:
    needed = _NEEDED[error["type"]]
    return {"what": f"{needed.capitalize()} is needed here.", "next": f"Write {needed}."}


def _bound(kind: type[Entry], at: Path, error: Mapping[str, Any]) -> dict[str, object]:
    said = error["msg"].removeprefix("Input should be ")
    return {"what": f"The number must be {said}.", "next": f"Write a number {said}."}


def _whole(kind: type[Entry], at: Path, error: Mapping[str, Any]) -> dict[str, object]:
    return {"missing": error["ctx"]["missing"]}


Told = Callable[[type[Entry], Path, Mapping[str, Any]], dict[str, object]]
_BY_TYPE: Final[Mapping[str, tuple[str, Told]]] = {
    "extra_forbidden": ("WGH003", _unknown),
    "missing": ("WGH004", _missing),
    "literal_error": ("WGH006", _word),
    "string_pattern_mismatch": ("WGH007", _form),
    "string_too_short": ("WGH008", _length),
    "string_too_long": ("WGH008", _length),
    "card": ("WGH030", _whole),
    **dict.fromkeys(_NEEDED, ("WGH005", _type)),
    **dict.fromkeys(("greater_than_equal", "less_than_equal"), ("WGH005", _bound)),
}
"""Kind of error -> its code, and what fills in its sentences."""


def faults(kind: type[Entry], errors: Iterable[Mapping[str, Any]], path: Path) -> Iterator[Problem]:
    """Yield a problem for each of pydantic's ``errors`` about the entry of ``kind`` at ``path``."""
    for error in errors:
        at: Path = tuple(error["loc"])
        code, told = _BY_TYPE[error["type"]]
        within = () if at == ("id",) else at
        yield problem(code, clause_of((*path, *within)), **told(kind, at, error))
