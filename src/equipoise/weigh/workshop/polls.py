"""A vote in words and counts, as shown: by answer, by sector, and who moved between rounds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from equipoise.weigh.workshop.plan import Question
from equipoise.weigh.workshop.shown import MOVES


@dataclass(frozen=True)
class Poll:
    """One question put to everybody, as it was shown. ``labels`` and ``counts`` are by band;
    ``sectors`` is sector -> count by ``sector_labels``. Nothing of it is finer than was shown."""

    question: str
    words: str
    about: str
    scale: tuple[str, ...]
    bands: tuple[tuple[int, int], ...]
    labels: tuple[str, ...]
    counts: tuple[int, ...]
    agreement: float | None
    unsaid: int | None
    sector_bands: tuple[tuple[int, int], ...]
    sector_labels: tuple[str, ...]
    sectors: Mapping[str, tuple[int, ...]]
    moved: Poll | None
    late: bool

    @property
    def withheld(self) -> bool:
        """Say whether nothing can be shown."""
        return not self.counts


def label(scale: Sequence[str], band: Sequence[int]) -> str:
    """Return a band in words: ``comfortable``; ``uncomfortable or neither``.

    Answers that stand together are named one by one: "from one to the other" would be read as
    people who went from one to the other.
    """
    within = scale[band[0] - 1 : band[1]]
    if len(within) == len(scale):
        return "any answer"
    if len(within) > 2 and len(within) == len(scale) - 1:
        return f"anything but {scale[-1] if band[0] == 1 else scale[0]}"
    return " or ".join(filter(None, (", ".join(within[:-1]), within[-1])))


def way(scale: Sequence[str], band: Sequence[int]) -> str:
    """Return which ways people moved on ``scale``, ``band`` being of ``MOVES``.

    Where ways stand together, the words say what these people did not do: anything shorter would
    be read as a way that some of them, or all, may not have gone.
    """
    down, up = (f"moved towards “{end}”" for end in (scale[0], scale[-1]))
    words = {
        (1, 1): down,
        (2, 2): "same answer, or no second one",
        (3, 3): up,
        (1, 2): f"not {up}",
        (2, 3): f"not {down}",
    }
    return words.get((band[0], band[1]), "any way, or none")


def poll(question: Question, figures: Mapping[str, Any], about: str = "") -> Poll:
    """Return what was shown of a vote, in words and counts."""
    return _poll(question.id, question.words, about or question.about, question.scale, figures)


def poll_read(told: Mapping[str, Any]) -> Poll:
    """Return a vote as a report keeps it."""
    found = {name.replace(" ", "_"): value for name, value in told.items()}
    for name in ("scale", "labels", "counts", "sector_labels"):
        found[name] = tuple(found[name])
    for name in ("bands", "sector_bands"):
        found[name] = tuple((first, last) for first, last in found[name])
    found["sectors"] = {name: tuple(counts) for name, counts in found["sectors"].items()}
    found["moved"] = poll_read(found["moved"]) if found["moved"] else None
    return Poll(**found)


def _poll(
    name: str, words: str, about: str, scale: tuple[str, ...], figures: Mapping[str, Any]
) -> Poll:
    bands = tuple((a, b) for a, b in figures.get("bands", ()))
    moved = figures.get("moved")
    return Poll(
        question=name,
        words=words,
        about=about,
        scale=scale,
        bands=bands,
        labels=tuple(label(scale, band) for band in bands),
        counts=tuple(figures.get("counts", ())),
        agreement=figures.get("agreement"),
        unsaid=figures.get("unsaid"),
        sector_bands=tuple((a, b) for a, b in figures.get("sector bands", ())),
        sector_labels=tuple(label(scale, band) for band in figures.get("sector bands", ())),
        sectors={name: tuple(c) for name, c in figures.get("by sector", {}).items()},
        moved=None if moved is None else _who_moved(name, about, scale, moved),
        late=bool(figures.get("late")),
    )


def _who_moved(name: str, about: str, scale: tuple[str, ...], figures: Mapping[str, Any]) -> Poll:
    found = _poll(name, "Who moved", about, MOVES, figures)
    return replace(
        found,
        labels=tuple(way(scale, band) for band in found.bands),
        sector_labels=tuple(way(scale, band) for band in figures.get("sector bands", ())),
    )
