"""Warnings: what is allowed, and yet worth a second thought before signing."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Final

from equipoise.agree.catalogue import problem
from equipoise.agree.checks.why import raisers
from equipoise.agree.document import Agreement
from equipoise.agree.reading_age import PUBLIC_AGE, reading_age
from equipoise.errors import Problem


def public(agreement: Agreement) -> Iterator[Problem]:
    """The public can read its summary, and learns who is not affected."""
    age = reading_age(agreement.public.summary)
    if age > PUBLIC_AGE:
        yield problem("AGR901", "public.summary", age=round(age), most=PUBLIC_AGE)
    if not agreement.purpose.nobody_else.strip():
        yield problem("AGR902", "purpose.must not affect")


def dates(agreement: Agreement) -> Iterator[Problem]:
    """A long agreement is reviewed; a benefit is due within it."""
    if agreement.ends - agreement.starts > timedelta(days=366) and agreement.review is None:
        yield problem("AGR903", "review")
    for index, benefit in enumerate(agreement.purpose.benefits):
        if benefit.by is not None and benefit.by > agreement.ends:
            clause = f"purpose.benefits.{index}.by"
            yield problem("AGR910", clause, by=benefit.by, ends=agreement.ends)


def weighing(agreement: Agreement) -> Iterator[Problem]:
    """Red lines are settled, conditions are answered, and the route fits the risk."""
    for index, line in enumerate(agreement.weighing.red_lines):
        if not line.settled.strip():
            yield problem("AGR904", f"weighing.red lines.{index}.settled", line=line.line)
    for index, asked in enumerate(agreement.weighing.conditions or ()):
        if asked.clause is None and asked.answer is None:
            yield problem("AGR912", f"weighing.conditions.{index}", condition=asked.condition)
    if agreement.weighing.route == "light" and (raised := raisers(agreement)):
        yield problem("AGR905", "weighing.route", raisers=" and ".join(raised))


def outputs(agreement: Agreement) -> Iterator[Problem]:
    """Results are checked by more than one, small groups are hidden, and no does not tell who."""
    for name, rule in agreement.outputs.items():
        if len(set(rule.checked_by)) == 1:
            yield problem("AGR906", f"outputs.{name}.checked by", name=rule.checked_by[0])
        if rule.min_count < 5:
            yield problem("AGR909", f"outputs.{name}.min count", name=name, count=rule.min_count)
    for index, release in enumerate(agreement.releases):
        if release.not_found == "separate":
            yield problem("AGR907", f"releases.{index}.not found", name=release.to)


def idle(agreement: Agreement) -> Iterator[Problem]:
    """Every party has a part in what is done."""
    receives = {release.to for release in agreement.releases}
    receives |= {onward.to for onward in agreement.onward}
    for name, party in agreement.parties.items():
        clause = f"parties.{name}"
        if "recipient" in party.roles and name not in receives:
            yield problem("AGR908", clause, name=name, reason="nothing is released to it")
        if "controller" in party.roles and not agreement.datasets_of(name):
            yield problem("AGR908", clause, name=name, reason="it controls no dataset here")
        if "linkage unit" in party.roles and (
            agreement.linkage is None or agreement.linkage.by != name
        ):
            yield problem("AGR908", clause, name=name, reason="it links nothing here")


def unpacked_lists(agreement: Agreement) -> Iterator[Problem]:
    """An outside list is packed by somebody who takes part."""
    for name, data in agreement.datasets.items():
        said = data.opt_out.check if data.opt_out is not None else None
        if said is not None and said not in agreement.datasets:
            yield problem("AGR911", f"datasets.{name}.opt out.check", name=said, dataset=name)


CHECKS: Final = (public, dates, weighing, outputs, idle, unpacked_lists)
