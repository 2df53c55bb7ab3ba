"""What the command line prints: plain words on a terminal, JSON where a script asks for it."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.table import Table

from equipoise.errors import EquipoiseError, Problem


class Patient(Console):
    """A console that goes quiet when whoever read it has gone, as ``head`` does. What is under way
    goes on to its end, untold."""

    def on_broken_pipe(self) -> None:
        """Send what is still said nowhere, and let the command go on."""
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


out = Patient(highlight=False, soft_wrap=True)
err = Console(stderr=True, highlight=False, soft_wrap=True)

OnProgress = Callable[[float, str], None]


def say(text: str = "", *, style: str | None = None) -> None:
    """Print one line of plain text. Markup in it is shown as written, never obeyed."""
    out.print(escape(text), style=style)
    try:
        out.file.flush()  # whoever reads a pipe sees each step when it happens
    except BrokenPipeError:
        out.on_broken_pipe()


def aside(text: str) -> None:
    """Print one line on standard error, where no script mistakes it for a result."""
    err.print(escape(text), style="yellow")


def as_json(value: Any) -> None:
    """Print a value as JSON on standard output."""
    sys.stdout.write(json.dumps(value, indent=2, ensure_ascii=False, default=str) + "\n")


WIDEST = 7
"""Columns that a terminal shows side by side."""


def table(title: str, headings: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
    """Print a table. A wide one comes in parts, each beginning with the first column again; a wide
    one of a single row comes as names and values."""
    if len(headings) <= WIDEST:
        _draw(title, headings, rows)
    elif len(rows) == 1:
        mapping(title, dict(zip(headings, rows[0], strict=True)))
    else:
        for start in range(1, len(headings), WIDEST - 1):
            part = slice(start, start + WIDEST - 1)
            _draw(
                title if start == 1 else "",
                [headings[0], *headings[part]],
                [[row[0], *row[part]] for row in rows],
            )


def _draw(title: str, headings: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
    drawn = Table(title=escape(title) or None, title_justify="left", title_style="bold")
    for index, heading in enumerate(headings):
        numeric = bool(rows) and all(isinstance(row[index], int | float) for row in rows)
        drawn.add_column(escape(heading), justify="right" if numeric else "left")
    for row in rows:
        drawn.add_row(*(f"{v:,}" if isinstance(v, int) else escape(str(v)) for v in row))
    out.print(drawn)


def _problem_lines(number: int, problem: Problem) -> Iterator[str]:
    place = f"  [dim]{escape(problem.where())}[/dim]" if problem.where() else ""
    yield f"[bold]{number}. {problem.code}[/bold] {escape(problem.what)}{place}"
    if problem.why:
        yield f"   Why: {escape(problem.why)}"
    if problem.next:
        yield f"   Next: {escape(problem.next)}"


def problems(error: EquipoiseError, *, json_wanted: bool) -> None:
    """Print every problem of a refusal: on standard error, or as JSON on standard output."""
    if json_wanted:
        as_json(
            {
                "refused": type(error).__name__,
                "exit_code": error.exit_code,
                "problems": [problem.as_dict() for problem in error.problems],
            }
        )
        return
    count = len(error.problems)
    err.print(f"[bold red]Refused[/bold red] ({count} problem{'s' if count != 1 else ''})")
    for number, problem in enumerate(error.problems, start=1):
        for line in _problem_lines(number, problem):
            err.print(line)


@contextmanager
def progress(*, quiet: bool) -> Iterator[OnProgress]:
    """Show one bar for long work on a terminal; stay silent for scripts and pipes."""
    if quiet or not err.is_terminal:
        yield lambda share, doing: None
        return
    bar = Progress(
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(),
        TimeElapsedColumn(),
        console=err,
        transient=True,
    )
    with bar:
        task = bar.add_task("starting", total=1.0)
        yield lambda share, doing: bar.update(task, completed=share, description=escape(doing))


def mapping(title: str, values: Mapping[str, Any]) -> None:
    """Print names and values, one a line."""
    if title:
        out.print(escape(title), style="bold")
    for name, value in values.items():
        out.print(f"  {escape(str(name))}: {escape(str(value))}")
