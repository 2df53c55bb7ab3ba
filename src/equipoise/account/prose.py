"""A small, safe part of Markdown, for the plain-words summary of an agreement.

Headings, paragraphs, lists, **bold**, *emphasis*, `code` and http(s) links; everything else is
shown as it was written. All text is escaped before any mark-up is added, so that nothing an
agreement says can become an element of the page.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from markupsafe import Markup, escape

_HEADING: Final = re.compile(r"(#{1,6})\s+(.+?)\s*#*")
_TITLE: Final = re.compile(r"\A\s*# .*")
_ITEM: Final = re.compile(r"\s*(?:[-*+]|(?P<number>\d{1,3})[.)])\s+(.+)")
_INLINE: Final = re.compile(
    r"`(?P<code>[^`]+)`"
    r"|\*\*(?P<strong>[^*]+)\*\*"
    r"|(?<![\w*])[*_](?P<em>[^*_\s][^*_]*)[*_](?![\w*])"
    r"|\[(?P<a>[^\]\[]+)\]\((?P<to>https?://[^\s()<>]+)\)"
)


def inline(text: str) -> Markup:
    """Return one run of text as safe HTML."""
    # From left to right and from outside in: what is opened inside a part is closed inside it.
    return Markup(_INLINE.sub(_marked_up, str(escape(text))))  # noqa: S704  # escaped before


def _marked_up(found: re.Match[str]) -> str:
    name = "a" if found["a"] is not None else str(found.lastgroup)
    inside = found[name]
    if name != "code":
        inside = _INLINE.sub(_marked_up, inside)
    to = f' href="{found["to"]}"' if name == "a" else ""
    return f"<{name}{to}>{inside}</{name}>"


def html(markdown: str, *, top: int = 3) -> Markup:
    """Return Markdown as safe HTML. Its highest heading becomes ``<h{top}>``, and none is skipped.

    A title, that is a first line with one ``#``, is left out: the page has its own. Levels are
    rebuilt as an outline: a heading is never more than one level below the one before.
    """
    out: list[str] = []
    levels: list[int] = []
    for kind, lines in _blocks(_TITLE.sub("", markdown)):
        if kind == "heading":
            marks, text = lines
            while levels and levels[-1] >= len(marks):
                levels.pop()
            levels.append(len(marks))
            level = min(top + len(levels) - 1, 6)
            out.append(f"<h{level}>{inline(text)}</h{level}>")
        elif kind in {"ul", "ol"}:
            items = "".join(f"<li>{inline(item)}</li>" for item in lines)
            out.append(f"<{kind}>{items}</{kind}>")
        else:
            out.append(f"<p>{inline(' '.join(lines))}</p>")
    return Markup("\n".join(out))  # noqa: S704  # built from escaped parts only


def _blocks(markdown: str) -> Iterator[tuple[str, list[str]]]:
    """Yield each block: a heading as marks and text, a list as items, a paragraph as lines."""
    kind, lines = "p", list[str]()
    for line in (*markdown.splitlines(), ""):
        heading, item = _HEADING.fullmatch(line), _ITEM.fullmatch(line)
        if item is not None:
            now = "ol" if item["number"] else "ul"
            if lines and kind != now:
                yield kind, lines
                lines = []
            kind = now
            lines.append(item[2])
        elif line.strip() and heading is None:
            if kind in {"ul", "ol"} and lines:
                lines[-1] += f" {line.strip()}"
            else:
                kind = "p"
                lines.append(line.strip())
        else:
            if lines:
                yield kind, lines
            kind, lines = "p", []
            if heading is not None:
                yield "heading", [heading[1], heading[2]]
