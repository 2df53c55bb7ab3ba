"""The results of a workshop as pictures with their tables and notes: for wall, phone and report.

Nothing is worked out here. A result comes as it may be shown (``weigh.workshop.results``); this
says which chart draws it, and what stands beside it in words.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, TypeVar

from equipoise.charts import Drawn, bars, bump, consensus_bars, shift_diagram, split_bars
from equipoise.charts.consensus import Group
from equipoise.weigh.catalogue import Catalogue
from equipoise.weigh.fragility import Change
from equipoise.weigh.workshop.plan import Plan
from equipoise.weigh.workshop.polls import Poll
from equipoise.weigh.workshop.results import (
    Conditions,
    Lines,
    Named,
    Result,
    SetOrders,
    TableOrder,
    Texts,
    Together,
)
from equipoise.weigh.workshop.shown import MOVES

Row = TypeVar("Row")

MOST_COLUMNS: Final = 6
"""Tables that a bump chart can hold side by side; with more, only the rules are drawn."""
MANY_COLUMNS: Final = 4
"""Tables beside which a wall has no room for long words."""
MOST_SECTORS: Final = 3
EVERY: Final = 1_000
"""More rows than any picture has."""
WITHHELD: Final = (
    "Not shown: it would tell what fewer than five people answered. That is so for every small "
    "group here."
)
UNTOLD: Final = (
    "Red lines were drawn. They are not told, because fewer than five people took part. Ask those "
    "who were there, and settle each line with them."
)

UNSPLIT: Final = (
    "How their answers split is not shown: it would tell what fewer than five people answered."
)
NO_WAY: Final = (
    "Which way people moved, or whether they did, is not shown: fewer than five people did one of "
    "these. This tells of no way."
)
TOGETHER: Final = (
    "“Not moved” holds everybody else: who gave the same answer, who gave no second one, and who "
    "moved the other way, if anybody did. Which of these they did is not told."
)


@dataclass(frozen=True)
class Picture:
    """One result. ``svg`` is empty where words are all there is; ``alt`` says what the picture
    shows; ``heads`` and ``rows`` are its figures as a table; ``said`` is what people wrote. A
    picture that is not ``titled`` leaves its title to the page."""

    title: str
    svg: str = ""
    alt: str = ""
    heads: tuple[str, ...] = ()
    rows: tuple[tuple[str, ...], ...] = ()
    notes: tuple[str, ...] = ()
    said: tuple[str, ...] = ()
    titled: bool = True


def pictures(
    plan: Plan, results: Iterable[Result], items: Catalogue, most: int = EVERY
) -> tuple[Picture, ...]:
    """Return the pictures of results, in their order; with more rows than ``most``, in parts, and
    drawn for a hall."""
    return tuple(made for result in results for made in _pictures(plan, result, items, most))


def _pictures(plan: Plan, result: Result, items: Catalogue, most: int) -> Iterator[Picture]:
    if isinstance(result, SetOrders):
        yield from _orders(plan, result, items, hall=most < EVERY)
    elif isinstance(result, Named):
        yield from _named(plan, result, items, most)
    elif isinstance(result, Poll):
        named = about(plan, result.about)
        since = "with this change" if result.about not in plan.cards else "between the rounds"
        yield from _poll(f"{result.words} {named.rstrip('.')}".strip(), result, since)
    elif isinstance(result, Lines):
        yield from _lines(plan, result, items, most)
    elif isinstance(result, Conditions):
        yield from _conditions(result, most)
    else:
        yield _texts(result)


def about(plan: Plan, name: str) -> str:
    """Return what a question is about, in words: a card's title, or one changed thing."""
    if name in plan.cards:
        return plan.cards[name].title
    return next((v.words for v in plan.variations if v.id == name), "")


def item_words(items: Catalogue, name: str) -> str:
    """Return an item of the catalogue in words; one that is there no more, by its name."""
    return items[name].words if name in items else name


def _drawn(title: str, drawn: Drawn, alt: str, *notes: str, titled: bool = True) -> Picture:
    told = tuple(n for n in notes if n)
    return Picture(title, drawn.svg, alt, drawn.heads, drawn.rows, told, titled=titled)


# -- orders -------------------------------------------------------------------------------------


def _orders(plan: Plan, found: SetOrders, items: Catalogue, *, hall: bool) -> Iterator[Picture]:
    question = plan.questions[found.question].words
    title = question if len(plan.sets) < 2 else f"{question} (cards “{found.set}”)"
    if not found.tables:
        yield Picture(title, notes=("No table of three or more has ranked these cards.",))
        return
    names = {card: plan.cards[card].title for card in found.cards}
    few = len(found.tables) <= MOST_COLUMNS
    columns = [(f"Table {one.table}", one.order) for one in found.tables] if few else []
    # Above a narrow column only a short word can be large.
    together = "All" if hall and len(columns) >= MANY_COLUMNS else "Together"
    if found.together is not None:
        columns.append((together, found.together.borda.order))
        if not few:
            columns.append(("By pairs", found.together.schulze.order))
    drawn = bump(title, [c for c, _ in columns], [o for _, o in columns], names, hall=hall)
    yield _drawn(
        title,
        drawn,
        "The places of each card, table by table and together, best at the top",
        *_told_together(found, names, together),
        *(note for one in found.tables if few for note in _judged(one, items)),
        *(_without(change, names) for change in found.without),
        titled=not hall,
    )
    for change in found.added:
        yield _added(found, change, names, items, hall=hall)


def _told_together(found: SetOrders, names: Mapping[str, str], called: str) -> Iterator[str]:
    both = found.together
    if both is None:
        yield f"Not put together: {found.apart}."
        return
    yield f"{called} is the order by points (Borda) of {len(found.tables)} tables."
    yield _agreement(both)
    leader = both.condorcet.winner
    if leader is not None:
        yield f"{names[leader]} leads each other card at more than half of the tables."
    for cycle in both.condorcet.cycles:
        circle = " leads ".join(names[card] for card in (*cycle, cycle[0]))
        yield f"The tables go round in a circle: {circle}."
    if both.kemeny.count > 1:
        yield f"{both.kemeny.count:,} orders contradict the tables least (Kemeny): it is not firm."
    elif both.kemeny.orders:
        order = ", ".join(names[card] for card in both.kemeny.orders[0])
        yield f"The order that contradicts the tables least (Kemeny): {order}."


def _agreement(both: Together) -> str:
    if both.w is None:
        return ""
    how = "hardly" if both.w < 0.3 else "somewhat" if both.w < 0.7 else "largely"
    return f"The tables agree {how}: Kendall’s W is {both.w:.2f}, from 0 to 1."


def _judged(one: TableOrder, items: Catalogue) -> Iterator[str]:
    judged = [*(item_words(items, i) for i in one.judged_by), *one.own_judged_by]
    left = [*(item_words(items, i) for i in one.left_out), *one.own_left_out]
    judged, left = ([words.rstrip(".") for words in each] for each in (judged, left))
    if judged:
        yield f"Table {one.table} judged by: {'; '.join(judged)}."
    if left:
        yield f"Table {one.table} left out on purpose: {'; '.join(left)}."


def _without(change: Change, names: Mapping[str, str]) -> str:
    if not change.moved:
        return f"Without {change.what} the order is the same."
    return f"Without {change.what}: {_moves(change, names)}."


def _moves(change: Change, names: Mapping[str, str]) -> str:
    return "; ".join(
        f"{names.get(card, card)} from place {before} to {now}"
        for card, (before, now) in sorted(change.moved.items(), key=lambda each: each[1][1])
    )


def _added(
    found: SetOrders, change: Change, names: Mapping[str, str], items: Catalogue, *, hall: bool
) -> Picture:
    title = f"If this counted as well: {item_words(items, change.what)}"
    among = [one.order for one in found.tables if one.counted_in == change.what]
    before = among[0] if len(among) == 1 else _order_before(change, names)
    drawn = bump(title, ["As ranked", "If it counted"], [before, change.order], names, hall=hall)
    moves = _moves(change, names) or "no card changes its place"
    alt = "The places of each card before and after it counted"
    return _drawn(title, drawn, alt, f"{_tried(len(among))}: {moves}.", titled=not hall)


def _tried(tables: int) -> str:
    return "One table tried it" if tables == 1 else f"{tables} tables tried it"


def _order_before(change: Change, names: Mapping[str, str]) -> tuple[frozenset[str], ...]:
    """Return the order before a change, from the places that it names."""
    now: dict[str, int] = {}
    place = 1
    for step in change.order:
        now |= dict.fromkeys(step, place)
        place += len(step)
    before = now | {card: places[0] for card, places in change.moved.items()}
    steps = sorted({*before.values()})
    return tuple(frozenset(c for c in names if before.get(c) == step) for step in steps)


# -- what was named and written -----------------------------------------------------------------


def _parts(title: str, rows: Sequence[Row], most: int) -> Iterator[tuple[str, Sequence[Row]]]:
    """Cut rows into parts about as long as each other, and name them."""
    parts = -(-len(rows) // most)
    each = -(-len(rows) // parts)
    for number in range(parts):
        named = f"{title} – {number + 1} of {parts}" if parts > 1 else title
        yield named, rows[number * each : (number + 1) * each]


def _named(plan: Plan, found: Named, items: Catalogue, most: int) -> Iterator[Picture]:
    question = plan.questions[found.question]
    whole = f"{question.words} {about(plan, found.card)}"
    if not found.items:
        yield Picture(whole, notes=("No table of three or more has named any.",), said=found.own)
        return
    told = [(item_words(items, i).rstrip("."), tables) for i, tables in found.items.items()]
    for title, part in _parts(whole, told, most):
        yield Picture(
            title,
            bars(title, [("How many tables named it", words, len(t)) for words, t in part]),
            "How many tables named each",
            ("", "tables", "which"),
            tuple((words, str(len(t)), ", ".join(map(str, t))) for words, t in part),
            said=found.own if part[-1] == told[-1] else (),
        )


def _lines(plan: Plan, found: Lines, items: Catalogue, most: int) -> Iterator[Picture]:
    whole = plan.questions[found.question].words
    if not found.lines and not found.held:
        yield Picture(whole, notes=(UNTOLD if found.untold else WITHHELD,))
        return
    own = tuple(
        f"{line.text}{f' – {line.holder}' if line.holder else ''} ({line.scope})"
        for line in found.lines
        if line.text
    )
    rows = [(item_words(items, item).rstrip("."), n or None) for item, n in found.held.items()]
    if not rows:
        yield Picture(whole, said=own)
        return
    for title, part in _parts(whole, rows, most):
        yield Picture(
            title,
            bars(title, [("How many people ticked it", words, n) for words, n in part]),
            "How many people ticked each red line",
            ("", "people"),
            tuple((words, str(n) if n else "fewer than 5") for words, n in part),
            said=own if part[-1] == rows[-1] else (),
        )


def _texts(found: Texts) -> Picture:
    said = tuple(words for _, words in found.texts)
    return Picture(found.words, said=said, notes=() if said else (WITHHELD,))


# -- polls --------------------------------------------------------------------------------------


def _poll(title: str, found: Poll, since: str) -> Iterator[Picture]:
    if found.withheld:
        yield Picture(title, notes=(WITHHELD,))
    elif len(found.counts) == 1:
        # One bar of everybody tells nothing, and its label would read like an answer.
        answered = f"{found.counts[0]:,} people answered. {UNSPLIT}"
        yield Picture(title, notes=(answered, *_poll_notes(found)))
    else:
        drawn = split_bars(title, found.labels, [("people", found.counts)])
        yield _drawn(title, drawn, "How many people chose each", *_poll_notes(found))
    if found.sectors:
        yield _by_sector(f"{title} – by sector", found)
    if found.moved is not None:
        yield from _moved(f"{title} – who moved {since}", found.moved)


def _poll_notes(found: Poll) -> Iterator[str]:
    if 1 < len(found.labels) < len(found.scale):
        yield "Neighbouring answers stand together where fewer than five people gave one."
    if found.agreement is not None:
        yield (
            f"Agreement (van der Eijk’s A) is {found.agreement:.2f}: 1 is all of one mind, "
            "0 evenly spread, −1 split into two camps."
        )
    if found.unsaid:
        yield f"{found.unsaid} cannot say."
    if found.late:
        yield "Answers that came after this was first shown are not in it."


def _moved(title: str, found: Poll) -> Iterator[Picture]:
    if len(found.counts) < 2:
        yield Picture(title, notes=(WITHHELD if found.withheld else NO_WAY,))
        return
    groups = [("everybody", found.counts)]
    sectors = [*found.sectors.items()]
    if found.sector_bands == found.bands:
        groups, sectors = groups + sectors, []
    yield _shift(title, found.labels, found.bands, groups)
    if sectors:
        yield _shift(f"{title}, by sector", found.sector_labels, found.sector_bands, sectors)


def _shift(
    title: str,
    labels: Sequence[str],
    bands: Sequence[tuple[int, int]],
    groups: Sequence[tuple[str, Sequence[int]]],
) -> Picture:
    """Draw who moved which way. A side is only given to a way that is told by itself."""
    sides = [{(1, 1): -1, (len(MOVES), len(MOVES)): 1}.get(band, 0) for band in bands]
    drawn = shift_diagram(title, [*zip(labels, sides, strict=True)], groups)
    together = TOGETHER if len(bands) < len(MOVES) else ""
    return _drawn(title, drawn, "How many people moved which way between two answers", together)


def _by_sector(title: str, found: Poll) -> Picture:
    names = [*found.sectors]
    heads = ("", *names)
    rows = tuple(
        (label, *(str(found.sectors[name][at]) for name in names))
        for at, label in enumerate(found.sector_labels)
    )
    if len(names) > MOST_SECTORS:
        drawn = bars(title, _sector_rows(found, names))
        return Picture(title, drawn, "How many people of each sector chose each", heads, rows)
    rounds = [(name, found.sectors[name]) for name in names]
    both = split_bars(title, found.sector_labels, rounds)
    return Picture(title, both.svg, "How many people of each sector chose each", heads, rows)


def _sector_rows(found: Poll, names: Sequence[str]) -> list[tuple[str, str, int | None]]:
    return [
        (name, label, count)
        for name in names
        for label, count in zip(found.sector_labels, found.sectors[name], strict=True)
    ]


def _conditions(found: Conditions, most: int) -> Iterator[Picture]:
    title = "Which conditions people agree with"
    if not found.votes:
        yield Picture(title, notes=("Nothing was voted on yet.",))
        return
    consensus = {each.statement: each.product for each in found.consensus}
    statements: list[tuple[str, float | None, list[Group]]] = []
    for text, words, poll in found.votes:
        if poll.sectors:
            groups: list[Group] = [(name, n[-1], n[0], None) for name, n in poll.sectors.items()]
        else:
            against, agree = poll.counts if len(poll.counts) == 2 else (None, None)
            groups = [("everybody", agree, against, None)]
        statements.append((words, consensus.get(text), groups))
    statements.sort(key=lambda each: -(each[1] if each[1] is not None else -1.0))
    note = "" if consensus else "Too few people of each sector answered for a consensus of sectors."
    groups_each = max(len(groups) for _, _, groups in statements)
    for named, part in _parts(title, statements, max(1, most // groups_each)):
        drawn = consensus_bars(named, part)
        yield _drawn(named, drawn, "How many agree and disagree with each condition", note)
