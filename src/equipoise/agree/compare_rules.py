"""What a change of each clause is called, and whether it widens or narrows sharing.

A pattern is a clause with ``*`` for any one step. ``[]`` is an item of a list. A clause without a
rule is told by its own name, and its change counts as a change of substance: nothing is silent.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final, Literal

Weight = Literal["wording", "narrows", "widens", "changes"]
Weigher = Callable[[Any, Any], Weight]
"""(old, new) -> weight; None stands for absent."""


def wording(old: Any, new: Any) -> Weight:
    """Only words are different."""
    return "wording"


def substance(old: Any, new: Any) -> Weight:
    """Something else is shared or done, neither more nor less."""
    return "changes"


def more_widens(old: Any, new: Any) -> Weight:
    """More, later, or present at all, widens."""
    if old is None or new is None:
        return "widens" if old is None else "narrows"
    if isinstance(old, dict) or isinstance(new, dict):
        return "changes"
    return "widens" if new > old else "narrows"


def more_narrows(old: Any, new: Any) -> Weight:
    """More, later, or present at all, narrows."""
    opposite: dict[Weight, Weight] = {"widens": "narrows", "narrows": "widens"}
    weight = more_widens(old, new)
    return opposite.get(weight, weight)


def _rank(*order: str) -> Weigher:
    """Words in the order from narrow to wide."""

    def weigh(old: Any, new: Any) -> Weight:
        known = old in order and new in order
        return more_widens(order.index(old), order.index(new)) if known else "changes"

    return weigh


def _if_both(weigher: Weigher) -> Weigher:
    return lambda old, new: substance(old, new) if None in (old, new) else weigher(old, new)


def kept(old: Any, new: Any) -> Weight:
    """Longer keeping widens; terms of different kinds cannot be ordered."""
    if old is None or new is None:
        return "changes"
    if old.get("after use") and not new.get("after use"):
        return "widens"
    if new.get("after use") and not old.get("after use"):
        return "narrows"
    for kind in ("days", "until"):
        if kind in old and kind in new and old[kind] != new[kind]:
            return more_widens(old[kind], new[kind])
    return "changes"


def blurred(old: Any, new: Any) -> Weight:
    """Coarser narrows; not blurred at all is the widest."""
    fineness = ("year", "month", "day", "hour", "district", "sector", "band of 10", "band of 5")
    if old is None or new is None:
        return more_narrows(old, new)
    return _rank(*fineness)(old, new)


FORM = _rank("aggregate", "de-personalised", "identifiable")
MODE = _rank("exact", "encoded", "enclave", "identified")
"""From tokens of agreed rules, by filters and by codes of each field, to names as they are."""
STRENGTH = _rank("highest", "high", "standard", "light")
NATURE = _rank("statistical", "supportive", "preventive", "punitive")

WHOLE: Final = frozenset(
    {"retention.*", "datasets.*.consent", "datasets.*.opt out", "datasets.*.fields.*.columns"}
)
"""Clauses that are compared as one, because their parts mean nothing alone."""

SAME_ITEM: Final[dict[str, tuple[str, ...]]] = {
    "releases": ("of", "to"),
    "reveal": ("of", "by"),
    "onward": ("what", "to"),
    "purpose.benefits": ("people get",),
    "safeguards": ("what",),
    "weighing.red lines": ("line",),
    "weighing.conditions": ("condition",),
    "weighing.departs": ("people said",),
    "weighing.passed over": ("workshop",),
    "uses.*.exclude": ("name",),
}
"""List -> the keys by which two items are held to be the same item."""

RULES: Final[dict[str, tuple[str, Weigher]]] = {
    "agreement": ("the agreement's name", substance),
    "version": ("the version", wording),
    "title": ("the title", wording),
    "starts": ("the day it starts", more_narrows),
    "ends": ("the day it ends", more_widens),
    "review": ("the day of the review", _if_both(more_widens)),
    "parties.*": ("the party '{0}'", more_widens),
    "parties.*.name": ("the name of the party '{0}'", wording),
    "parties.*.kind": ("the kind of the party '{0}'", wording),
    "parties.*.sector": ("the sector of the party '{0}'", substance),
    "parties.*.role.[]": ("the role of '{0}' as {item}", more_widens),
    "parties.*.signatory.name": ("the signatory of '{0}'", substance),
    "parties.*.signatory.post": ("the post of the signatory of '{0}'", wording),
    "purpose.statement": ("the purpose", substance),
    "purpose.nature": ("the nature of the purpose", NATURE),
    "purpose.for.[]": ("the beneficiary '{item}'", substance),
    "purpose.must not affect": ("who must not be affected", substance),
    "purpose.benefits.[]": ("the benefit '{item}'", substance),
    "gateway.*": ("the gateway of '{0}'", substance),
    "gateway.*.disputed": ("whether the gateway of '{0}' is disputed", substance),
    "datasets.*": ("the dataset '{0}'", more_widens),
    "datasets.*.from": ("who shares '{0}'", substance),
    "datasets.*.about": ("whom '{0}' is about", substance),
    "datasets.*.form": ("the form of '{0}'", FORM),
    "datasets.*.file": ("the file name of '{0}'", wording),
    "datasets.*.refresh": ("how often '{0}' is refreshed", substance),
    "datasets.*.consent": ("the consent rule of '{0}'", more_narrows),
    "datasets.*.opt out": ("the opt-out rule of '{0}'", more_narrows),
    "datasets.*.fields.*": ("the field '{1}' of '{0}'", more_widens),
    "datasets.*.fields.*.is": ("the role of the field '{1}' of '{0}'", substance),
    "datasets.*.fields.*.type": ("the type of the field '{1}' of '{0}'", substance),
    "datasets.*.fields.*.why": ("why '{1}' of '{0}' is needed", wording),
    "datasets.*.fields.*.sensitivity": ("the sensitivity of '{1}' of '{0}'", substance),
    "datasets.*.fields.*.coarsen": ("how '{1}' of '{0}' is blurred", blurred),
    "datasets.*.fields.*.column": ("the column from which '{1}' of '{0}' is read", wording),
    "datasets.*.fields.*.columns": ("the columns from which '{1}' of '{0}' is read", wording),
    "datasets.*.fields.*.values.[]": ("the value '{item}' of '{1}' in '{0}'", more_widens),
    "datasets.*.fields.*.required": ("whether '{1}' of '{0}' must be filled", substance),
    "datasets.*.fields.*.at least": ("the least '{1}' of '{0}' may be", more_narrows),
    "datasets.*.fields.*.at most": ("the most '{1}' of '{0}' may be", more_widens),
    "datasets.*.quality.rejected at most": ("the share of '{0}' that may be rejected", substance),
    "linkage": ("linkage", more_widens),
    "linkage.mode": ("how records are linked", MODE),
    "linkage.by": ("who links", substance),
    "linkage.entities.*": ("the linkage by '{0}'", more_widens),
    "linkage.entities.*.spine": ("the spine of the linkage by '{0}'", substance),
    "linkage.entities.*.join.[]": ("the dataset '{item}' in the linkage by '{0}'", more_widens),
    "linkage.entities.*.rules.[]": ("the rule '{item}' of the linkage by '{0}'", more_widens),
    "linkage.entities.*.compare": ("what the linkage by '{0}' compares", more_widens),
    "linkage.entities.*.compare.[]": ("'{item}' among what '{0}' is compared on", more_widens),
    "linkage.entities.*.strength": ("how strong the filters of '{0}' are", STRENGTH),
    "linkage.entities.*.sure at least": (
        "how sure a link by '{0}' must be",
        _if_both(more_narrows),
    ),
    "linkage.entities.*.pairs": ("how many rows may meet in the linkage by '{0}'", substance),
    "linkage.entities.*.identities": ("whether '{0}' is known again later", more_widens),
    "linkage.entities.*.identities.until": ("until when '{0}' is known again", more_widens),
    "linkage.entities.*.identities.remember absent": (
        "how long a '{0}' that no longer comes is remembered",
        more_widens,
    ),
    "linkage.entities.*.identities.merges": ("who merges identities of '{0}'", substance),
    "linkage.entities.*.households": ("whether '{0}' is a household of people", more_widens),
    "linkage.entities.*.households.of": ("whose households '{0}' are", substance),
    "linkage.entities.*.households.unrelated at most": (
        "how many unrelated people '{0}' may have",
        more_widens,
    ),
    "linkage.entities.*.households.not in": ("the places in which nobody is of '{0}'", substance),
    "linkage.entities.*.households.related by": ("who counts as related in '{0}'", substance),
    "linkage.entities.*.families": ("whether '{0}' is a family of people", more_widens),
    "linkage.entities.*.families.of": ("whose families '{0}' are", substance),
    "linkage.entities.*.reviewed by": ("who may look at pairs of '{0}'", more_widens),
    "uses.*": ("the use '{0}'", more_widens),
    "uses.*.by.[]": ("'{item}' among those who may ask for '{0}'", more_widens),
    "uses.*.for": ("the purpose of '{0}'", substance),
    "uses.*.training.[]": ("the training '{item}' that '{0}' requires", more_narrows),
    "uses.*.units.[]": ("'{item}' among those who are flagged by '{0}'", more_widens),
    "uses.*.keep.[]": ("'{item}' among what '{0}' keeps", more_widens),
    "uses.*.criteria.*": ("the criterion '{1}' of '{0}'", substance),
    "uses.*.criteria.*.test": ("the test '{1}' of '{0}'", substance),
    "uses.*.covariates.[]": ("'{item}' among what '{0}' compares people on", more_widens),
    "uses.*.exclude.[]": ("the exclusion '{item}' of '{0}'", substance),
    "uses.*.outcomes.*": ("the outcome '{1}' of '{0}'", more_widens),
    "uses.*.min treated": ("the least number of people treated in '{0}'", more_narrows),
    "uses.*.max smd": ("the imbalance that '{0}' may bear", more_widens),
    "outputs.*": ("the output rule of '{0}'", substance),
    "outputs.*.form": ("the form of the output '{0}'", FORM),
    "outputs.*.min count": ("the minimum count of '{0}'", more_narrows),
    "outputs.*.round to": ("the rounding of '{0}'", more_narrows),
    "outputs.*.checked by.[]": ("'{item}' among those who check '{0}'", more_narrows),
    "releases.[]": ("the release of {item}", more_widens),
    "releases.[].fields.[]": ("the field '{item}' in the release of {0}", more_widens),
    "releases.[].rows": ("whose rows are in the release of {0}", _rank("none", "own", "all")),
    "releases.[].not found": (
        "whether {0} tells 'not found' from 'no'",
        _rank("same as no", "separate"),
    ),
    "releases.[].under": ("the terms of the release of {0}", more_narrows),
    "reveal.[]": ("the reveal of {item}", more_widens),
    "reveal.[].at most per day": ("how many a day may be revealed of {0}", more_widens),
    "prohibitions.[]": ("the prohibition '{item}'", more_narrows),
    "onward.[]": ("the onward sharing of {item}", more_widens),
    "onward.[].form": ("the form of the onward sharing of {0}", FORM),
    "retention.*": ("how long '{0}' is kept", kept),
    "safeguards.[]": ("the safeguard '{item}'", more_narrows),
    "weighing.route": ("the route of weighing", _rank("full", "light")),
    "weighing.assessment": ("which assessment is bound", substance),
    "weighing.workshop": ("which workshop is bound", substance),
    "weighing.information pack": ("which information pack is bound", substance),
    "weighing.red lines.[]": ("the red line '{item}'", more_narrows),
    "weighing.red lines.[].settled": ("how the red line '{0}' was settled", substance),
    "weighing.conditions": ("the conditions that people set", more_narrows),
    "weighing.conditions.[]": ("the condition '{item}'", more_narrows),
    "weighing.conditions.[].clause": ("the clause that the condition '{0}' became", substance),
    "weighing.conditions.[].answer": ("the answer to the condition '{0}'", substance),
    "weighing.departs": ("the reasons for deciding against what people said", substance),
    "weighing.departs.[]": ("the decision against '{item}'", substance),
    "weighing.passed over": ("the reasons for passing a workshop over", substance),
    "weighing.passed over.[]": ("the passing over of the workshop '{item}'", substance),
    "public.summary": ("the public summary", wording),
    "public.contact": ("whom to ask", wording),
    "public.complaints": ("where to complain", wording),
    "on breach.suspend": ("whether a breach suspends the agreement", substance),
    "on breach.notify.[]": ("'{item}' among those told of a breach", more_narrows),
}
"""Pattern -> (what it is called, how a change of it weighs)."""
