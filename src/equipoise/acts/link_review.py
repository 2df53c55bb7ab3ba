"""Review of links: people say of pairs of records whether they are one, blind to any score.

Only where whoever links sees both records anyhow (mode ``identified``) and the agreement says
``reviewed by``. Each answer is held, sealed, in the secure room as soon as it is given, so a review
can be left and taken up again; the ledger tells that somebody looked, and never at whom. The
answers count from the next ``equipoise link`` on.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import pyarrow as pa

from equipoise.acts.admit import admitted
from equipoise.acts.counts import about
from equipoise.acts.link import members_of, missing_deliveries
from equipoise.acts.rooms import run_directory
from equipoise.acts.site import Site
from equipoise.agree.canonical import digest
from equipoise.agree.document import Agreement
from equipoise.agree.reads import lists_of, reviewed_by
from equipoise.carry.link.answers import ANSWERS, SCHEMA
from equipoise.carry.link.review import Agreement as Agreeing
from equipoise.carry.link.review import agreement_between
from equipoise.carry.link.reviewing import LEFT, RIGHT
from equipoise.errors import Problem, StateRefused, UsageRefused
from equipoise.gate.passage import Passage
from equipoise.gate.requests import to_review_links
from equipoise.gate.room import Job, Progress, run_alone
from equipoise.store.facts import Person

Said = Literal["same", "different", "unsure", "quit"]


@dataclass(frozen=True)
class Pair:
    """Two records side by side: each field's name and its two values; and how far the review is.

    There is no score in it, and nothing from which one could be told.
    """

    number: int
    of: int
    fields: tuple[tuple[str, str, str], ...]


@dataclass(frozen=True)
class Looked:
    """What a review came to: answers now and in all, pairs left, and how reviewer and model agree.

    ``agreement`` is None where nothing was answered.
    """

    entity: str
    answered: int
    in_all: int
    left: int
    agreement: Agreeing | None

    def sentences(self) -> Iterator[str]:
        """Yield what it came to in plain words, without a record."""
        yield (
            f"{self.answered} pairs were answered now, {self.in_all} in all; {self.left} of those "
            "made ready were not looked at."
        )
        told = self.agreement
        if told is None or not told.answered:
            return
        yield (
            f"In {told.agree.value:.0%} of the answers (95% interval {told.agree.low:.0%} to "
            f"{told.agree.high:.0%}) you and the linkage say the same; its own probabilities lead "
            f"to expect {told.expected:.0%}."
        )
        if told.precision is not None:
            yield (
                f"By your answers {told.precision.value:.0%} (95% interval "
                f"{told.precision.low:.0%} to {told.precision.high:.0%}) of the links that were "
                "in question are right."
            )
        yield "Link again, so that your answers count: equipoise link AGREEMENT."


def review_links(
    site: Site,
    source: str,
    ask: Callable[[Pair], Said],
    *,
    person: Person | None = None,
    entity: str | None = None,
    on_progress: Progress = lambda share, doing: None,
) -> Looked:
    """Show pairs that teach most, one by one, to ``ask``, and hold each answer.

    Raises ``UsageRefused`` (ACT170) where no entity, or more than one, is meant, ``StateRefused``
    (ACT171) before the records are here, and ``GateRefused`` where the agreement lets nobody look
    or not this person.
    """
    parsed = site.read(source)
    agreement = parsed.agreement
    who = person or site.actor_in(agreement, "linkage unit")
    request = to_review_links(agreement, who.party, who.name)
    with (
        admitted(site, parsed, request) as passage,
        run_directory(site, agreement.reference, f"review-{secrets.token_hex(6)}") as directory,
    ):
        name = _which(agreement, entity)
        if missing := missing_deliveries(site, agreement, "linkage-unit"):
            raise StateRefused(
                Problem(
                    "ACT171",
                    f"there is nothing to look at: {', '.join(missing)} is not here",
                    next="receive it first, and link: equipoise link AGREEMENT",
                )
            )
        members = members_of(agreement, name)
        tables = passage.tokens((*members, *lists_of(agreement, members)))
        before = passage.link_answers(name)
        if before is not None:
            tables[ANSWERS] = before
        job = Job("review-links", agreement, name, tables)
        pairs = run_alone(job, directory, limits=site.limits, on_progress=on_progress).value.pairs
        answers = before if before is not None else SCHEMA.empty_table()
        answers, said = _asked(passage, name, pairs, answers, ask)
        if said:
            _note(site, passage, agreement, who, name, answers.num_rows)
    return Looked(
        name, len(said), answers.num_rows, pairs.num_rows - len(said), _agreement(pairs, said)
    )


def _asked(
    passage: Passage, entity: str, pairs: pa.Table, answers: pa.Table, ask: Callable[[Pair], Said]
) -> tuple[pa.Table, list[str]]:
    """Show one pair after another; return all answers, and those given now in their order."""
    said: list[str] = []
    for number, row in enumerate(pairs.to_pylist()):
        answer = ask(Pair(number + 1, pairs.num_rows, _fields(row)))
        if answer == "quit":
            break
        said.append(answer)
        one = {"left_row": row["left_row"], "right_row": row["right_row"], "answer": answer}
        answers = pa.concat_tables([answers, pa.Table.from_pylist([one], schema=SCHEMA)])
        passage.keep_link_answers(entity, answers)
    return answers, said


def _fields(row: dict[str, Any]) -> tuple[tuple[str, str, str], ...]:
    names = [name.removeprefix(LEFT) for name in row if name.startswith(LEFT)]
    names += [
        name.removeprefix(RIGHT)
        for name in row
        if name.startswith(RIGHT) and name.removeprefix(RIGHT) not in names
    ]
    return tuple(
        (name, row.get(f"{LEFT}{name}") or "", row.get(f"{RIGHT}{name}") or "") for name in names
    )


def _agreement(pairs: pa.Table, said: list[str]) -> Agreeing | None:
    if not said:
        return None
    shown = pairs.slice(0, len(said))
    linked = np.asarray(shown["linked"].to_numpy(zero_copy_only=False), np.bool_)
    return agreement_between(
        said, linked, shown["chance"].to_numpy(), shown["stands_for"].to_numpy()
    )


def _note(
    site: Site, passage: Passage, agreement: Agreement, who: Person, entity: str, answers: int
) -> None:
    with site.store.change(who.key) as change:
        change.note(
            "links reviewed",
            f"linkage:{agreement.reference}/{entity}",
            digest(agreement),
            entity=entity,
            answers=about(agreement, answers),
            permit=f"permit:{passage.permit.id}",
        )


def _which(agreement: Agreement, entity: str | None) -> str:
    """Return the entity meant: the one named, or the only one of which people may look at pairs."""
    known = tuple(reviewed_by(agreement))
    if entity is None and len(known) == 1:
        return known[0]
    if entity in known:
        return str(entity)
    raise UsageRefused(
        Problem(
            "ACT170",
            f"nobody may look at pairs of {entity}" if entity else "several entities are reviewed",
            why="the agreement says of which entities people may look at pairs: 'reviewed by'",
            next=f"say which with --entity: {', '.join(known)}",
            clause="linkage.entities",
        )
    )
