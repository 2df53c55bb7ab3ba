"""The only way to the wall and the report: what is told of answers that people gave by themselves.

Nothing is shown about fewer than five people, nor anything from which that could be worked out:

- a scale is shown in bands of neighbouring points, as many as each can hold five people or more;
  nought is fewer than five, and whoever cannot say is told only where five cannot;
- sectors of ten people or more stand by themselves, the others together; who stands with whom is
  fixed when sectors are first shown, and a picture by sector is shown whole or not at all, so that
  none can be taken from another;
- results are shown when voting closes, not while it goes on. Where they are shown again, as after
  an undoing, each band must differ from what was seen by nobody at all or by five people or more;
- every further figure is worked out from the bands shown, never from what lies behind them;
- people are counted in fives, and those who answered without those who cannot say: what is told of
  who answered never goes beyond what is shown of what they said, or the rest could be taken off it.

What a table says as a table is shown as the table's word; see ``results``.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations, pairwise
from typing import Any, Final

from equipoise.weigh.polls import van_der_eijk
from equipoise.weigh.workshop.exercises import CANNOT_SAY
from equipoise.weigh.workshop.plan import Plan, Question
from equipoise.weigh.workshop.state import State

LEAST: Final = 5
"""The fewest people about whom anything is shown."""
LEAST_AT_TABLE: Final = 3
"""The fewest people at a table for what it says to be its own, and not a person's."""
GROUP: Final = 2 * LEAST
"""The fewest people of a sector that is shown by itself: a split needs five on either side."""
OTHERS: Final = "other sectors together"
Bands = tuple[tuple[int, int], ...]
"""Each band's first and last point of the scale."""


def in_fives(people: int) -> str:
    """Return a head count in words: ``20 or more``; ``fewer than 5``."""
    if people < LEAST:
        return f"fewer than {LEAST}"
    return f"{people // LEAST * LEAST:,} or more"


def heard(state: State, question: Question) -> int:
    """Return how many people may be told, in fives, to have answered a question.

    Of a vote only whoever chose a point is counted, as in what is shown of it, and of statements
    those of the one that most chose on. Where it was shown before, an earlier number stands until
    five people set it apart. Of red lines it is told whether five drew any, and no more.
    """
    ever = state.trace.ever.get(question.id, [])
    if question.kind == "vote":
        return _unless_near(_chose(state.votes.get(question.id, {})), map(_in_bands, ever))
    if question.kind == "statement":
        now = [_chose(v) for text, v in state.statements.items() if text not in state.hidden]
        told = [max(map(_in_bands, e["statements"].values()), default=0) for e in ever]
        return _unless_near(max(now, default=0), told)
    if question.kind == "line":
        return min(len(state.lines.get(question.id, {})), LEAST)
    return len({written.by for written in state.words.values() if written.question == question.id})


def _chose(votes: Mapping[str, int]) -> int:
    return sum(choice != CANNOT_SAY for choice in votes.values())


def _in_bands(figures: Mapping[str, Any]) -> int:
    return sum(figures.get("counts", ()))


def _unless_near(now: int, earlier: Iterable[int]) -> int:
    """Return a number, or the newest told before from which fewer than five people set it apart."""
    near = [told for told in earlier if told and 0 < abs(now - told) < LEAST]
    return near[-1] if near else now


def partitions(points: int) -> Iterator[Bands]:
    """Yield every way to cut a scale into bands: the most bands first, then the most even."""
    for cuts in range(points - 1, -1, -1):
        found = [_cut(points, at) for at in combinations(range(1, points), cuts)]
        yield from sorted(found, key=lambda bands: sorted((b - a for a, b in bands), reverse=True))


def _cut(points: int, at: Sequence[int]) -> Bands:
    edges = (0, *at, points)
    return tuple((a + 1, b) for a, b in pairwise(edges))


def counted(counts: Sequence[int], bands: Bands) -> tuple[int, ...]:
    """Return how many people each band holds."""
    return tuple(sum(counts[first - 1 : last]) for first, last in bands)


def refines(fine: Bands, coarse: Bands) -> bool:
    """Say whether every band of ``fine`` lies within one of ``coarse``."""
    return {last for _, last in coarse} <= {last for _, last in fine}


@dataclass(frozen=True)
class Seen:
    """Bands and counts that a wall has shown before."""

    bands: Bands
    counts: tuple[int, ...]

    @classmethod
    def read(cls, figures: Mapping[str, Any]) -> Seen | None:
        """Return what an earlier picture showed of everybody, if it showed bands."""
        if not figures.get("bands"):
            return None
        return cls(tuple((a, b) for a, b in figures["bands"]), tuple(figures["counts"]))


def _apart(counts: Sequence[int], bands: Bands, seen: Seen) -> bool:
    """Say whether bands, held against bands seen before, tell of nobody or of five or more."""
    if refines(bands, seen.bands):
        common = seen.bands
    elif refines(seen.bands, bands):
        common = bands
    else:
        return False
    before = [
        sum(
            n for n, (a, b) in zip(seen.counts, seen.bands, strict=True) if first <= a and b <= last
        )
        for first, last in common
    ]
    moved = [abs(now - then) for now, then in zip(counted(counts, common), before, strict=True)]
    return not any(moved) or min(moved) >= LEAST


def best_bands(counts: Sequence[int], seen: Iterable[Seen] = ()) -> Bands:
    """Return the finest bands that may be shown, or none."""
    earlier = [*seen]
    for bands in partitions(len(counts)):
        if min(counted(counts, bands)) >= LEAST and all(_apart(counts, bands, s) for s in earlier):
            return bands
    return ()


def tallied(answers: Iterable[int], points: int) -> list[int]:
    """Return how many chose each point; who cannot say is left out."""
    chosen = Counter(answers)
    return [chosen[point] for point in range(1, points + 1)]


def base_groups(state: State) -> tuple[str, ...]:
    """Return the sectors that stand by themselves: ten people or more, and so are all the rest.

    Once sectors were shown, none stands by itself that did not then; but one may join the others,
    as when somebody of a small sector comes late.
    """
    size = state.sectors
    alone = sorted(
        (s for s in state.groups or size if size[s] >= GROUP), key=lambda s: (size[s], s)
    )
    rest = sum(n for sector, n in size.items() if sector not in alone)
    while alone and 0 < rest < GROUP:
        rest += size[alone.pop(0)]
    return tuple(sorted(alone))


def by_group(
    answers: Mapping[str, int], state: State, within: Bands
) -> tuple[Bands, dict[str, tuple[int, ...]]]:
    """Return the finest bands in which every group has five people in each, and their counts."""
    groups = base_groups(state)
    points = within[-1][1] if within else 0
    names = groups if set(state.sectors) <= set(groups) else (*groups, OTHERS)
    counts: dict[str, list[int]] = {name: [0] * points for name in names}
    for who, choice in answers.items():
        if choice != CANNOT_SAY and points:
            sector = state.people[who].sector
            counts[sector if sector in groups else OTHERS][choice - 1] += 1
    for bands in partitions(points) if len(names) > 1 else ():
        cells = {name: counted(each, bands) for name, each in counts.items()}
        if len(bands) >= 2 and refines(within, bands) and min(map(min, cells.values())) >= LEAST:
            return bands, cells
    return (), {}


def split(
    state: State,
    answers: Mapping[str, int],
    points: int,
    ever: Sequence[Mapping[str, Any]] = (),
) -> dict[str, Any]:
    """Return what may be shown of choices on a scale, ``ever`` being what was shown of them before.

    By sector they are told once: after an undoing the first telling stands.
    """
    counts = tallied(answers.values(), points)
    seen = [found for each in ever if (found := Seen.read(each)) is not None]
    bands = best_bands(counts, seen)
    made: dict[str, Any] = {"points": points}
    if not bands and seen:
        return {**ever[-1], "late": True}
    made |= {"bands": _plain(bands), "counts": list(counted(counts, bands))}
    if len(bands) >= 3:
        made["agreement"] = van_der_eijk(made["counts"])
    unsaid = sum(choice == CANNOT_SAY for choice in answers.values())
    if unsaid >= LEAST and not ever:
        made["unsaid"] = unsaid
    return made | _sectors(state, answers, bands, ever)


def _sectors(
    state: State, answers: Mapping[str, int], bands: Bands, ever: Sequence[Mapping[str, Any]]
) -> dict[str, Any]:
    told = next((each for each in ever if each.get("groups")), None)
    if told is not None:
        return {key: told[key] for key in ("groups", "by sector", "sector bands")}
    at, cells = by_group(answers, state, bands)
    if not cells:
        return {}
    return {
        "groups": list(base_groups(state)),
        "by sector": {name: list(cell) for name, cell in cells.items()},
        "sector bands": _plain(at),
    }


def _plain(bands: Bands) -> list[list[int]]:
    return [list(band) for band in bands]


MOVES: Final = ("less", "as before, or no second answer", "more")
"""What people did between two rounds, as the three points of a scale."""


def moved(
    state: State,
    before: Mapping[str, int],
    after: Mapping[str, int],
    ever: Sequence[Mapping[str, Any]] = (),
) -> dict[str, Any]:
    """Return who moved between two rounds, by ``MOVES``. It is told once, and then stands.

    The people are those of the first round, so that no further head count is told.
    """
    told = next((each["moved"] for each in ever if "moved" in each), None)
    if told is not None:
        return dict(told)
    moves = {}
    for who, choice in before.items():
        if choice != CANNOT_SAY:
            now = after.get(who, CANNOT_SAY)
            moves[who] = 2 if now in (CANNOT_SAY, choice) else 1 if now < choice else 3
    return split(state, moves, len(MOVES))


def figures(plan: Plan, state: State, question: Question) -> dict[str, Any]:
    """Return what may be shown of one vote now, as data that the event of showing it keeps."""
    ever = state.trace.ever.get(question.id, [])
    answers = state.votes.get(question.id, {})
    made = split(state, answers, len(question.scale), ever)
    if question.since and state.trace.ever.get(question.since):
        before = state.votes.get(question.since, {})
        made["moved"] = moved(state, before, answers, ever)
    return made


def statement_figures(state: State, question: Question, points: int) -> dict[str, Any]:
    """Return what may be shown of the votes on each statement."""
    ever = state.trace.ever.get(question.id, [])
    return {
        "statements": {
            text: split(
                state,
                votes,
                points,
                [e["statements"][text] for e in ever if text in e["statements"]],
            )
            for text, votes in sorted(state.statements.items())
            if text not in state.hidden
        }
    }


def text_figures(state: State, question: Question) -> dict[str, Any]:
    """Return which texts may be shown: all, once five people wrote; later ones by five again.

    In the order of their random ids, so that place tells nothing of time or writer.
    """
    ever = state.trace.ever.get(question.id, [])
    before = {text for each in ever for text in each["texts"]}
    return {"texts": sorted(before | tellable(state, question.id, without=before))}


def tellable(state: State, question: str, *, without: Collection[str] = ()) -> set[str]:
    """Return the texts in answer to a question that may be told together: all where five people
    stand behind them; of fewer, only what tables of three or more wrote as tables. Whoever was
    moved from one table to another counts once."""
    fresh = {t: w for t, w in state.words.items() if w.question == question and t not in without}
    if len(frozenset().union(*(written.behind for written in fresh.values()))) >= LEAST:
        return set(fresh)
    return {t for t, w in fresh.items() if w.table and w.people >= LEAST_AT_TABLE}


def line_figures(state: State, question: Question, *, last: bool = False) -> dict[str, Any]:
    """Return which red lines may be shown, and by how many each of the list is held.

    A line binds however few hold it, so its words are told however few drew any, if only five
    people were in the room while lines could be drawn: each of them may have drawn it. Of fewer,
    nothing is told but that there are lines (``untold``). Later lines are told once five people
    more drew any, or as the ``last`` picture, when the workshop closes.

    By how many a line of the list is held is told from five on, of those who ticked it and neither
    added words nor a name: what they wrote stands beside it, and could be taken off the number.
    """
    drawn = state.lines.get(question.id, {})
    ever = [each for each in state.trace.ever.get(question.id, []) if each["lines"]]
    before = {line for each in ever for line in each["lines"]}
    fresh = sum(any(line["id"] not in before for line in lines) for lines in drawn.values())
    if len(state.been_here(question.step) | set(drawn)) < LEAST:
        return dict(ever[-1]) if ever else {"lines": [], "held": {}, "untold": bool(fresh)}
    if ever and fresh < LEAST and not (last and fresh):
        return dict(ever[-1])
    lines = before | {line["id"] for each in drawn.values() for line in each}
    named = {line["item"] for each in drawn.values() for line in each if line["item"]}
    bare = Counter(item for each in drawn.values() for item in _ticked(each))
    return {"lines": sorted(lines), "held": {i: _held(i, bare[i], ever) for i in sorted(named)}}


def _ticked(lines: Iterable[Mapping[str, Any]]) -> set[str]:
    """Return the items of the list that one person ticked, and added nothing to."""
    return {line["item"] for line in lines if line["item"] and not {"words", "holder"} & {*line}}


def _held(item: str, people: int, ever: Sequence[Mapping[str, Any]]) -> int:
    """Return how many hold a line; nought stands for fewer than can be told."""
    earlier = [each["held"].get(item, 0) for each in ever]
    near = [n for n in earlier if n and 0 < abs(people - n) < LEAST]
    if near:
        return int(near[-1])
    return people if people >= LEAST else 0
