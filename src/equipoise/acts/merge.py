"""Put together what two people wrote from one text, line by line, where they do not meet."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher

Edit = tuple[int, int, list[str]]
"""Lines of the first text from, up to, and what stands in their place."""


def merged(first: str, mine: str, theirs: str) -> str | None:
    """Return both people's changes of ``first`` in one text, or ``None`` where they touch."""
    lines = first.split("\n")
    edits = sorted([*_edits(lines, mine.split("\n")), *_edits(lines, theirs.split("\n"))])
    out: list[str] = []
    at = 0
    last: Edit | None = None
    for edit in edits:
        begin, end, put = edit
        if edit == last:
            continue  # both made the same change
        if last is not None and begin <= last[1]:
            return None
        out += [*lines[at:begin], *put]
        at, last = end, edit
    return "\n".join([*out, *lines[at:]])


def _edits(before: Sequence[str], after: Sequence[str]) -> Iterator[Edit]:
    matcher = SequenceMatcher(None, before, after, autojunk=False)
    for what, begin, end, low, high in matcher.get_opcodes():
        if what != "equal":
            yield begin, end, list(after[low:high])
