"""A document of headings, paragraphs, lists and tables, written as Markdown or as HTML.

What people wrote is only ever text: nothing in it becomes mark-up in either form.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True)
class Words:
    """A paragraph."""

    text: str


@dataclass(frozen=True)
class Items:
    """A list."""

    texts: tuple[str, ...]


@dataclass(frozen=True)
class Grid:
    """A table with its caption."""

    caption: str
    heads: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


Block = Words | Items | Grid


@dataclass(frozen=True)
class Section:
    """A heading and what stands below it."""

    title: str
    blocks: tuple[Block, ...]


@dataclass(frozen=True)
class Paper:
    """A whole document."""

    title: str
    sections: tuple[Section, ...]


def items(texts: Iterable[str], nothing: str) -> Block:
    """Return a list, or a paragraph that says that there is nothing."""
    told = tuple(texts)
    return Items(told) if told else Words(nothing)


def grid(
    caption: str, heads: Sequence[str], rows: Iterable[Sequence[str]], nothing: str = "None."
) -> Block:
    """Return a table, or a paragraph that says that there is nothing."""
    told = tuple(tuple(row) for row in rows)
    return Grid(caption, tuple(heads), told) if told else Words(f"{caption}: {nothing}")


_MARKED: Final = re.compile(r"([\\`*_{}\[\]<>#|~])")
_START: Final = re.compile(r"^([-+]|\d+[.)])(?=\s|$)")


def _plain(text: str) -> str:
    """Return one line of Markdown that reads as ``text`` and does nothing else."""
    line = _MARKED.sub(r"\\\1", " ".join(text.split()))
    return _START.sub(
        lambda found: f"\\{found[0]}" if found[0] in "-+" else _dotted(found[0]), line
    )


def _dotted(number: str) -> str:
    return f"{number[:-1]}\\{number[-1]}"


def to_markdown(paper: Paper) -> str:
    """Return the document as Markdown."""
    return "\n".join(_markdown(paper)).rstrip() + "\n"


def _markdown(paper: Paper) -> Iterator[str]:
    yield f"# {_plain(paper.title)}"
    for section in paper.sections:
        yield from ("", f"## {_plain(section.title)}")
        for block in section.blocks:
            yield ""
            if isinstance(block, Words):
                yield _plain(block.text)
            elif isinstance(block, Items):
                yield from (f"- {_plain(text)}" for text in block.texts)
            else:
                yield from (f"**{_plain(block.caption)}**", "")
                yield f"| {' | '.join(map(_plain, block.heads))} |"
                yield f"|{'---|' * len(block.heads)}"
                yield from (f"| {' | '.join(map(_plain, row))} |" for row in block.rows)


def to_html(paper: Paper, language: str = "en-GB") -> str:
    """Return the document as one HTML page without script, style or outside file."""
    title = _safe(paper.title)
    body = "".join(_html(section) for section in paper.sections)
    return (
        f'<!doctype html>\n<html lang="{language}">\n<head><meta charset="utf-8">'
        f"<title>{title}</title></head>\n<body>\n<main>\n<h1>{title}</h1>\n{body}"
        "</main>\n</body>\n</html>\n"
    )


def _html(section: Section) -> str:
    blocks = "".join(map(_block, section.blocks))
    return f"<section>\n<h2>{_safe(section.title)}</h2>\n{blocks}</section>\n"


def _block(block: Block) -> str:
    if isinstance(block, Words):
        return f"<p>{_safe(block.text)}</p>\n"
    if isinstance(block, Items):
        return f"<ul>{''.join(f'<li>{_safe(text)}</li>' for text in block.texts)}</ul>\n"
    heads = "".join(f'<th scope="col">{_safe(head)}</th>' for head in block.heads)
    rows = "".join(
        f'<tr><th scope="row">{_safe(row[0])}</th>'
        + "".join(f"<td>{_safe(cell)}</td>" for cell in row[1:])
        + "</tr>"
        for row in block.rows
    )
    caption = f"<caption>{_safe(block.caption)}</caption>"
    return f"<table>{caption}<thead><tr>{heads}</tr></thead><tbody>{rows}</tbody></table>\n"


def _safe(text: str) -> str:
    return html.escape(" ".join(text.split()), quote=True)
