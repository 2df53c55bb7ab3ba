"""What an agreement and a run can be, and what can be done with each then.

*In force* and *expired* are not here: the gate computes them from dates, so that a dead scheduler
cannot extend sharing.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from equipoise.agree.catalogue import problem
from equipoise.errors import StateRefused

Table = dict[str, dict[str, str]]
"""State -> {act: next state}. The first state is where everything begins."""

AGREEMENT: Final[Table] = {
    "draft": {"propose": "proposed", "withdraw": "withdrawn"},
    "proposed": {"weigh": "weighed", "revise": "draft", "withdraw": "withdrawn"},
    "weighed": {"finalise": "final text", "revise": "draft", "withdraw": "withdrawn"},
    "final text": {"sign": "signed", "supersede": "superseded", "withdraw": "withdrawn"},
    "signed": {"suspend": "suspended", "supersede": "superseded", "end": "ended"},
    "suspended": {"resume": "signed", "supersede": "superseded", "end": "ended"},
    "ended": {"erase": "erased"},
    "withdrawn": {"erase": "erased"},
    "superseded": {"erase": "erased"},
    "erased": {},
}
"""One version of an agreement. The text freezes at *final text*; ``sign`` is done when the last
signature that is needed has been given. Any change after that is a new version."""

RUN: Final[Table] = {
    "requested": {"permit": "permitted", "refuse": "refused"},
    "permitted": {"start": "running", "interrupt": "interrupted"},
    "running": {"compute": "computed", "interrupt": "interrupted", "refuse": "refused"},
    "interrupted": {"permit": "permitted", "refuse": "refused", "erase": "erased"},
    "computed": {"check": "checked", "refuse": "refused"},
    "checked": {"submit": "in review", "refuse": "refused"},
    "in review": {"release": "released", "refuse": "refused"},
    "released": {"erase": "erased"},
    "refused": {"erase": "erased"},
    "erased": {},
}
"""One run of one use. What was interrupted needs a new permit: the old one was used."""


def move(table: Mapping[str, Mapping[str, str]], state: str, act: str, *, object: str) -> str:
    """Return the state that ``act`` leads to.

    ``object`` names the agreement or run in the reason. Raises ``StateRefused`` (AGR401) with what
    is possible instead, or (AGR402) for a state that the table does not know.
    """
    if state not in table:
        raise StateRefused(problem("AGR402", object=object, state=state))
    if act not in table[state]:
        before = [name for name, acts in table.items() if act in acts]
        words = {
            "object": object,
            "act": act,
            "state": state,
            "possible": ", ".join(table[state]) or "read it",
            "next": f"'{act}' is possible when it is: {', '.join(before)}."
            if before
            else "Nothing leads there: the act is not known.",
        }
        raise StateRefused(problem("AGR401", **words))
    return table[state][act]


def _id(state: str) -> str:
    return state.replace(" ", "_")


def diagram(table: Mapping[str, Mapping[str, str]]) -> str:
    """Return the table as a Mermaid state diagram."""
    first = next(iter(table))
    lines = ["stateDiagram-v2"]
    lines += [f'    state "{state}" as {_id(state)}' for state in table if " " in state]
    lines.append(f"    [*] --> {_id(first)}")
    for state, acts in table.items():
        lines += [f"    {_id(state)} --> {_id(after)}: {act}" for act, after in acts.items()]
        if not acts:
            lines.append(f"    {_id(state)} --> [*]")
    return "\n".join(lines) + "\n"


def page() -> str:
    """Return the reference page of both tables, in Markdown."""
    parts = ["# States", "", "Generated from `equipoise.agree.states`; a test holds it to that."]
    for title, table in (("An agreement's version", AGREEMENT), ("A run", RUN)):
        parts += ["", f"## {title}", "", "```mermaid", diagram(table).rstrip(), "```", ""]
        parts += ["| it is | one can | then it is |", "|---|---|---|"]
        for state, acts in table.items():
            parts += [f"| {state} | {act} | {after} |" for act, after in acts.items()]
    return "\n".join(parts) + "\n"
