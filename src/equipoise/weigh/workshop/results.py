"""What came of it: orders by table and together, what was named, polls, conditions, red lines.

What a table says as a table - its order, what it judged by, the benefits it ticked - was agreed
aloud by those who sit there and sent by one of them on behalf of all. It is shown as that table's
word, unless fewer than three sat there: then it is one or two people's, and neither shown nor
counted. What people answer each for themselves is read from what was shown (``shown``), and from
nowhere else.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from equipoise.errors import UsageRefused
from equipoise.weigh.ballots import Ranking
from equipoise.weigh.concord import Tau, kendall_w, mean_tau
from equipoise.weigh.consensus import Consensus, Votes, group_aware
from equipoise.weigh.fragility import Change, change, without_each_table
from equipoise.weigh.rank import (
    Borda,
    Condorcet,
    Kemeny,
    Schulze,
    borda,
    condorcet,
    kemeny,
    schulze,
)
from equipoise.weigh.workshop.answers import ranking
from equipoise.weigh.workshop.plan import Plan, Question
from equipoise.weigh.workshop.polls import Poll, poll
from equipoise.weigh.workshop.shown import LEAST_AT_TABLE
from equipoise.weigh.workshop.state import State, TableAnswer

MOST_LEFT_OUT: Final = 24
"""From more tables than this, leaving one out is no news and takes long to work out."""
TAKEN_OUT: Final = "(taken out)"
"""What stands where a text was hidden or erased."""

Words = Mapping[str, str]
"""Free texts by their ids, as they are kept; an erased one is not there."""


@dataclass(frozen=True)
class TableOrder:
    """One table's order and what it judged by; ``order_then`` counts ``counted_in`` as well."""

    table: int
    order: Ranking
    judged_by: tuple[str, ...]
    left_out: tuple[str, ...]
    own_judged_by: tuple[str, ...]
    own_left_out: tuple[str, ...]
    counted_in: str
    order_then: Ranking


@dataclass(frozen=True)
class Together:
    """The orders of several tables as one, by three rules, and how far the tables agree.

    ``w`` is Kendall's, over the cards that all of them ranked; ``apart`` says why there is none.
    """

    borda: Borda
    kemeny: Kemeny
    schulze: Schulze
    condorcet: Condorcet
    w: float | None
    common: tuple[str, ...]
    tau: Tau


@dataclass(frozen=True)
class SetOrders:
    """One ranking of one set of cards: table by table, together, and how firmly that stands.

    ``without`` leaves each table out in turn; ``added`` sets the orders of the tables that counted
    in a criterion beside the same tables' orders without it.
    """

    question: str
    set: str
    cards: tuple[str, ...]
    tables: tuple[TableOrder, ...]
    together: Together | None
    apart: str
    without: tuple[Change, ...]
    added: tuple[Change, ...]


@dataclass(frozen=True)
class Named:
    """What tables named for one card: item -> the tables that ticked it, and their own words."""

    question: str
    card: str
    items: Mapping[str, tuple[int, ...]]
    own: tuple[str, ...]


@dataclass(frozen=True)
class Line:
    """One red line as it was drawn, by however many; ``holder`` is a name they gave, or empty."""

    id: str
    item: str
    text: str
    scope: str
    holder: str


@dataclass(frozen=True)
class Lines:
    """The red lines shown, each once. ``held`` is item -> how many ticked it, nought where it is
    too few to tell; ``untold`` says that lines were drawn of which nothing may be told."""

    question: str
    held: Mapping[str, int]
    lines: tuple[Line, ...]
    untold: bool = False


@dataclass(frozen=True)
class Texts:
    """The texts shown in answer to one question, as id and words."""

    question: str
    words: str
    texts: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Conditions:
    """The votes on each condition, and which of them every sector agrees with."""

    question: str
    votes: tuple[tuple[str, str, Poll], ...]
    consensus: tuple[Consensus, ...]


Result = SetOrders | Named | Poll | Lines | Texts | Conditions


def text_of(state: State, words: Words, text: str) -> str:
    """Return a text, or that it was taken out."""
    return TAKEN_OUT if text in state.hidden else words.get(text, TAKEN_OUT)


def results(plan: Plan, state: State, words: Words, question: Question) -> tuple[Result, ...]:
    """Return what may be seen of a question: nothing before it was shown."""
    figures = state.shown.get(question.id)
    if figures is None:
        return ()
    if question.kind == "order":
        return tuple(_orders(plan, state, words, question))
    found: Result
    if question.kind == "items":
        found = _named(state, words, question)
    elif question.kind == "vote":
        found = poll(question, figures)
    elif question.kind == "statement":
        found = _conditions(state, words, question, figures)
    elif question.kind == "line":
        found = _lines(state, words, question, figures)
    else:
        texts = tuple((text, text_of(state, words, text)) for text in figures["texts"])
        found = Texts(question.id, question.words, texts)
    return (found,)


def counted_tables(state: State, question: str) -> dict[int, TableAnswer]:
    """Return what tables said, without tables at which fewer than three sat."""
    said = state.tables.get(question, {})
    return {t: said[t] for t in sorted(said) if said[t].people >= LEAST_AT_TABLE}


def _orders(plan: Plan, state: State, words: Words, question: Question) -> Iterator[SetOrders]:
    said = counted_tables(state, question.id)
    for name, cards in plan.sets.items():
        mine = [
            _table_order(state, words, table, answer)
            for table, answer in said.items()
            if plan.set_of(table) == cards
        ]
        together, apart = _together([each.order for each in mine])
        yield SetOrders(
            question=question.id,
            set=name,
            cards=cards,
            tables=tuple(mine),
            together=together,
            apart=apart,
            without=_without(mine)
            if together is not None and 2 < len(mine) <= MOST_LEFT_OUT
            else (),
            added=tuple(_added(mine)),
        )


def _table_order(state: State, words: Words, table: int, answer: TableAnswer) -> TableOrder:
    said = answer.data
    own = {
        role: tuple(text_of(state, words, text) for r, text in said["own"] if r == role)
        for role in ("judged by", "left out")
    }
    return TableOrder(
        table=table,
        order=ranking(said["order"]),
        judged_by=tuple(said["criteria"]),
        left_out=tuple(said["left out"]),
        own_judged_by=own["judged by"],
        own_left_out=own["left out"],
        counted_in=said["counted in"],
        order_then=ranking(said["order then"]),
    )


def _together(orders: Sequence[Ranking]) -> tuple[Together | None, str]:
    """Pool orders. A card that a table left out is not compared by that table."""
    if len(orders) < 2:
        return None, "fewer than two tables ranked these cards"
    ranked = [frozenset(card for step in order for card in step) for order in orders]
    common = frozenset.intersection(*ranked)
    try:
        found = Together(
            borda=borda(orders, unranked="apart"),
            kemeny=kemeny(orders, unranked="apart"),
            schulze=schulze(orders, unranked="apart"),
            condorcet=condorcet(orders, unranked="apart"),
            w=kendall_w([_only(order, common) for order in orders], sorted(common)),
            common=tuple(sorted(common)),
            tau=mean_tau(orders),
        )
    except UsageRefused as error:
        return None, error.problems[0].what
    return found, ""


def _only(order: Ranking, cards: frozenset[str]) -> Ranking:
    return tuple(step & cards for step in order if step & cards)


def _without(mine: Sequence[TableOrder]) -> tuple[Change, ...]:
    """Leave each table out in turn; where the rest share too few cards, nothing is said."""
    try:
        orders = {f"table {each.table}": [each.order] for each in mine}
        return without_each_table(orders, unranked="apart")
    except UsageRefused:
        return ()


def _added(mine: Sequence[TableOrder]) -> Iterator[Change]:
    for criterion in sorted({each.counted_in for each in mine if each.counted_in}):
        among = [each for each in mine if each.counted_in == criterion]
        try:
            before = borda([each.order for each in among], unranked="apart").order
            then = borda([each.order_then for each in among], unranked="apart").order
        except UsageRefused:
            continue
        yield change(criterion, before, then)


def _named(state: State, words: Words, question: Question) -> Named:
    items: dict[str, list[int]] = {}
    own: list[str] = []
    for table, answer in counted_tables(state, question.id).items():
        for item in answer.data["items"]:
            items.setdefault(item, []).append(table)
        own += [text_of(state, words, text) for text in answer.data["own"]]
    most = sorted(items, key=lambda item: (-len(items[item]), item))
    return Named(question.id, question.about, {i: tuple(items[i]) for i in most}, tuple(own))


def _conditions(
    state: State, words: Words, question: Question, figures: Mapping[str, Any]
) -> Conditions:
    shown = {t: f for t, f in figures["statements"].items() if t not in state.hidden}
    votes = tuple(
        (text, text_of(state, words, text), poll(question, each, text))
        for text, each in shown.items()
    )
    by_sector: dict[str, dict[str, Votes]] = {}
    for text, each in shown.items():
        for sector, (against, agree) in each.get("by sector", {}).items():
            by_sector.setdefault(sector, {})[text] = Votes(agree=agree, disagree=against)
    told = group_aware(by_sector) if by_sector else ()
    return Conditions(question.id, votes, told)


def _lines(state: State, words: Words, question: Question, figures: Mapping[str, Any]) -> Lines:
    """Return the lines shown, each once however many drew it: a list of three alike would count
    them. What was hidden is hidden of all who drew the same."""
    shown = set(figures["lines"])
    alike: dict[tuple[str, ...], Line] = {}
    hidden = set()
    for drawn in (line for each in state.lines.get(question.id, {}).values() for line in each):
        line = line_of(state, words, drawn)
        key = (line.item, line.text.casefold(), line.scope, line.holder.casefold())
        if line.id in state.hidden:
            hidden.add(key)
        if line.id in shown:
            alike.setdefault(key, line)
    told = sorted((line for key, line in alike.items() if key not in hidden), key=lambda x: x.id)
    untold = bool(figures.get("untold"))
    return Lines(question.id, dict(figures["held"]), tuple(told), untold)


def line_of(state: State, words: Words, line: Mapping[str, Any]) -> Line:
    """Return a red line as its holder drew it, with its texts."""
    text, holder = line.get("words", ""), line.get("holder", "")
    return Line(
        id=line["id"],
        item=line["item"],
        text=text_of(state, words, text) if text else "",
        scope=line["scope"],
        holder=text_of(state, words, holder) if holder else "",
    )
