"""What a facilitator does: begin, move on and back, show, hide, undo, close.

Two facilitators may steer one workshop. Each says where they believe it stands; whoever comes
second, from a page that is out of date, is told so and nothing moves twice.
"""

from __future__ import annotations

from typing import Any

from equipoise.errors import Problem, StateRefused, UsageRefused
from equipoise.weigh.workshop import shown
from equipoise.weigh.workshop.events import New
from equipoise.weigh.workshop.joining import refuse_unless_open
from equipoise.weigh.workshop.plan import Plan, Question
from equipoise.weigh.workshop.state import State


def insist_on_facilitator(plan: Plan, who: str) -> None:
    """Raise ``UsageRefused`` (WGH163) for anybody the plan does not name."""
    if who not in plan.facilitators:
        raise UsageRefused(
            Problem(
                "WGH163",
                "only a facilitator of this workshop may do that",
                next=f"ask one of: {', '.join(plan.facilitators)}",
            )
        )


def begin(plan: Plan, state: State, who: str) -> New | None:
    """Open the workshop, so that people can join."""
    insist_on_facilitator(plan, who)
    if state.phase == "closed":
        refuse_unless_open(state)
    return None if state.phase == "open" else New(who, "opened")


def move(plan: Plan, state: State, who: str, *, seen: int, to: int) -> New | None:
    """Move from the step that the facilitator's page showed to another one.

    Raises ``StateRefused`` (WGH164) when the workshop stands elsewhere by now, and
    ``UsageRefused`` (WGH165) for a step that is not there.
    """
    insist_on_facilitator(plan, who)
    refuse_unless_open(state)
    if not 0 <= to < len(plan.steps):
        raise UsageRefused(
            Problem("WGH165", "there is no such step", next=f"steps are 1 to {len(plan.steps)}")
        )
    if state.step == to:
        return None
    if state.step != seen:
        raise StateRefused(
            Problem(
                "WGH164",
                f"the workshop is at step {state.step + 1} by now, not at {seen + 1}",
                why="another facilitator has moved it, or your page is out of date",
                next="look again, and move it from there if you still want to",
            )
        )
    return New(who, "moved", {"from": state.step, "to": to})


def show(plan: Plan, state: State, who: str, name: str) -> New | None:
    """End the voting on a question and show what may be shown of it.

    Raises ``UsageRefused`` (WGH150) for a question that is not there, ``StateRefused`` (WGH166)
    when nobody has answered it yet or it has not been asked.
    """
    insist_on_facilitator(plan, who)
    refuse_unless_open(state)
    question = plan.questions.get(name)
    if question is None:
        raise UsageRefused(Problem("WGH150", "there is no such question in this workshop"))
    if question.step > state.step:
        raise StateRefused(Problem("WGH166", "this question has not been asked yet"))
    if name in state.shown and question.kind in ("vote", "statement"):
        return None
    figures = figures_of(plan, state, question)
    if not answered(state, question):
        raise StateRefused(
            Problem(
                "WGH166",
                "nobody has answered this yet",
                why="an empty poll shows nothing, and would end the voting",
                next="wait, or move on",
            )
        )
    return New(who, "shown", {"question": name, "figures": figures})


def answered(state: State, question: Question) -> int:
    """Return how many answered a question: people, or tables for what tables say."""
    if question.kind == "vote":
        return len(state.votes.get(question.id, {}))
    if question.kind == "statement":
        return len({who for votes in state.statements.values() for who in votes})
    if question.kind == "line":
        return len(state.lines.get(question.id, {}))
    if question.kind == "words":
        return len({w.by for w in state.words.values() if w.question == question.id})
    return len(state.tables.get(question.id, {}))


def from_left(state: State, question: Question) -> int:
    """Return how many of those who answered have left the room since."""
    if question.kind == "vote":
        who = set(state.votes.get(question.id, {}))
    elif question.kind == "statement":
        who = {each for votes in state.statements.values() for each in votes}
    elif question.kind == "line":
        who = set(state.lines.get(question.id, {}))
    else:
        who = set()
    return sum(not state.people[each].present for each in who)


def figures_of(
    plan: Plan, state: State, question: Question, *, last: bool = False
) -> dict[str, Any]:
    """Return what may be shown of a question now. What tables say is shown as it is; ``last`` says
    that the workshop closes."""
    if question.kind == "vote":
        return shown.figures(plan, state, question)
    if question.kind == "statement":
        return shown.statement_figures(state, question, len(question.scale))
    if question.kind == "line":
        return shown.line_figures(state, question, last=last)
    if question.kind == "words":
        return shown.text_figures(state, question)
    return {"tables": True}


def hide(plan: Plan, state: State, who: str, text: str) -> New | None:
    """Take a text or a red line off the wall and out of the report."""
    insist_on_facilitator(plan, who)
    lines = {line["id"] for by in state.lines.values() for each in by.values() for line in each}
    if text not in state.words and text not in lines:
        raise UsageRefused(Problem("WGH167", "there is no such text"))
    return None if text in state.hidden else New(who, "hidden", {"text": text})


def erase(plan: Plan, state: State, who: str, text: str) -> New:
    """Hide a text whose words are erased. Raises ``UsageRefused`` (WGH167) for none."""
    insist_on_facilitator(plan, who)
    if text not in state.words:
        raise UsageRefused(Problem("WGH167", "there is no such text"))
    return New(who, "hidden", {"text": text, "erased": True})


def undo(plan: Plan, state: State, who: str, sequence: int | None = None) -> New:
    """Undo one of a facilitator's steps: the newest, or the one named. An undoing can be undone.

    Raises ``StateRefused`` (WGH168) when there is nothing to undo, (WGH169) for what cannot be:
    what people answered, and anything once the report is made.
    """
    insist_on_facilitator(plan, who)
    trace = state.trace
    if trace.reported:
        raise StateRefused(
            Problem("WGH169", "the report has been made, and says how the workshop ended")
        )
    standing = [number for number in trace.undoable if number not in trace.undone]
    if sequence is None:
        standing = [number for number in standing if trace.undoable[number] != "undone"]
    if not standing:
        raise StateRefused(Problem("WGH168", "there is nothing to undo"))
    if sequence is not None and sequence not in standing:
        raise StateRefused(
            Problem(
                "WGH169",
                "that cannot be undone, or was undone already",
                why="what people answered stays as they answered it",
                next="a text can be hidden; a table can send its order again",
            )
        )
    return New(who, "undone", {"sequence": standing[-1] if sequence is None else sequence})


def close(plan: Plan, state: State, who: str) -> tuple[New, ...]:
    """Close the workshop, and show last what was answered and not shown yet."""
    insist_on_facilitator(plan, who)
    if state.phase == "closed":
        return ()
    refuse_unless_open(state)
    left = [
        New(who, "shown", {"question": q.id, "figures": figures_of(plan, state, q, last=True)})
        for q in plan.questions.values()
        if answered(state, q) and (q.id not in state.shown or q.kind in ("words", "line"))
    ]
    return (*left, New(who, "closed"))
