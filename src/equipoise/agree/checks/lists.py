"""Outside opt-out lists: a dataset that does nothing but bar rows of others, and says by what."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from equipoise.agree.checks.data import type_of
from equipoise.agree.checks.finding import Finding, Presence, find
from equipoise.agree.document import Agreement
from equipoise.agree.nearest import suggest
from equipoise.agree.reads import datasets_read, lists_checked, rule_part
from equipoise.agree.words import TRANSFORMS

_LEAVE_OUT: Final = "Take the rule out, or choose fields that both hold."


def rules(agreement: Agreement) -> Iterator[Finding]:
    """Rules stand beside a list that somebody here packs, and only there."""
    for key, data in agreement.datasets.items():
        rule, at = data.opt_out, f"datasets.{key}.opt out"
        if rule is None:
            continue
        listed = rule.check in agreement.datasets
        if rule.rules is not None and not listed:
            what = "Rules are given, but no dataset here is the list that they would be held to."
            next_ = suggest(rule.check or "", agreement.datasets)
            yield find("AGR237", f"{at}.rules", f"{at}.check", "datasets", what=what, next=next_)
        if rule.rules is None and listed:
            what = f"Nothing says by which fields rows of '{key}' meet the list '{rule.check}'."
            next_ = "Add 'rules', as [[nhs_number], [surname, forename, birth_date]]."
            yield find("AGR237", f"{at}.rules", f"{at}.check", what=what, next=next_)


def lists(agreement: Agreement) -> Iterator[Finding]:
    """A list bars rows that are linked, and is itself neither linked, checked nor read."""
    for key, name in lists_checked(agreement).items():
        at = f"datasets.{key}.opt out.check"
        rests = ("linkage.entities", "uses", f"datasets.{name}.opt out")
        said = {
            f"'{key}' cannot be its own opt-out list.": name == key,
            f"'{key}' is checked against a list, but it is not linked.": not agreement.entities_of(
                key
            ),
            f"The list '{name}' is itself linked.": bool(agreement.entities_of(name)),
            f"The list '{name}' is itself checked against a list.": name in lists_checked(agreement)
            and name != key,
            f"A use reads the list '{name}'.": any(
                name in datasets_read(agreement, use) for use in agreement.uses
            ),
        }
        for what in (what for what, wrong in said.items() if wrong):
            next_ = "Keep the list as a dataset of its own, which only bars rows that are linked."
            yield find("AGR237", at, *rests, what=what, next=next_)


def parts(agreement: Agreement) -> Iterator[Finding]:
    """Each part of a rule is an identifier that both hold, of one type, and fits that type."""
    for key, name in lists_checked(agreement).items():
        rule = agreement.datasets[key].opt_out
        for index, each in enumerate(rule.rules or () if rule is not None else ()):
            at = f"datasets.{key}.opt out.rules.{index}"
            if not each:
                yield find("AGR158", at, what="The rule names no field.")
            for number, part in enumerate(each):
                yield from _part(agreement, (key, name), f"{at}.{number}", part)


def _part(agreement: Agreement, sides: tuple[str, str], at: str, part: str) -> Iterator[Finding]:
    field, transform = rule_part(part)
    held = [agreement.datasets[side].fields.get(field) for side in sides]
    kinds = [type_of(field, one) for one in held if one is not None]
    rests = tuple(f"datasets.{side}.fields.{field}" for side in sides)
    presence = tuple(Presence(f"datasets.{side}.fields") for side in sides)
    what = next_ = ""
    if len(kinds) < len(sides):
        lacking = sides[held.index(None)]
        what = f"'{lacking}' has no field '{field}' by which rows meet the list."
        next_ = suggest(field, agreement.datasets[lacking].fields)
    elif any(one is not None and one.role in {"payload", "reference"} for one in held):
        what, next_ = f"'{field}' is no identifier on both sides.", _LEAVE_OUT
    elif kinds[0] != kinds[1] and None not in kinds:
        what, next_ = (
            f"'{field}' is {kinds[0]} on one side and {kinds[1]} on the other.",
            _LEAVE_OUT,
        )
    elif transform is not None and kinds[0] is not None:
        known = TRANSFORMS.get(kinds[0], ())
        if transform not in known:
            what = f"'{transform}' cannot be taken from '{field}'."
            next_ = suggest(transform, known) if known else "Use the whole field."
    if what:
        yield find("AGR237", at, *rests, *presence, what=what, next=next_)


CHECKS: Final = (rules, lists, parts)
