"""Turn checked outputs into tables of text, as reviewers and the register show them.

Row-level outputs are never shown: a reader sees how many rows there are, and the check's findings.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from equipoise.carry.disclose import Checked
from equipoise.carry.outputs import OutputColumn

WITHHELD = "withheld"
NO_FIGURE = "none"


def cell_text(value: Any, column: OutputColumn, *, withheld: bool = False) -> str:
    """Write one cell as it is to be read. An empty one says whether its figure was withheld."""
    if value is None:
        return WITHHELD if withheld else NO_FIGURE
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        decimals = 2 if column.decimals is None else column.decimals
        return f"{value:,.{decimals}f}"
    return f"{value:,}" if isinstance(value, int) else str(value)


def heading(column: OutputColumn) -> str:
    """Return a column's name as words."""
    return column.name.replace("_", " ")


def table_of(checked: Checked) -> dict[str, Any]:
    """Return one output as caption, columns and rows of text."""
    output = checked.output
    return {
        "name": output.name,
        "caption": output.title,
        "columns": [heading(column) for column in output.columns],
        "rows": [
            [
                cell_text(row[c.name], c, withheld=number in checked.suppressed.get(c.name, ()))
                for c in output.columns
            ]
            for number, row in enumerate(output.table.to_pylist())
        ],
    }


def public_tables(checked: Sequence[Checked]) -> list[dict[str, Any]]:
    """Return the tables of counts and estimates; row-level outputs are left out."""
    return [table_of(each) for each in checked if each.output.kind in ("counts", "estimates")]
