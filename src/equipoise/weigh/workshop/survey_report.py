"""The report of a survey: what was asked and shown, as plain data whose digest is its own."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from equipoise.errors import Problem, StateRefused
from equipoise.weigh.workshop.shown import in_fives
from equipoise.weigh.workshop.survey import SurveyPlan, SurveyState, standings


def _open(plan: SurveyPlan, state: SurveyState) -> tuple[datetime, ...]:
    """Return from when to when votes were taken; nothing for a survey that never opened."""
    window, ended = state.window(plan), state.ended_at
    if window is None or ended is None or ended < window[0]:
        return ()
    return window[0], min(window[1], ended)


def survey_report(plan: SurveyPlan, state: SurveyState, words: Mapping[str, str]) -> dict[str, Any]:
    """Return what was asked and shown, for canonical JSON. Raises (WGH172) before the end."""
    if not state.ended:
        raise StateRefused(Problem("WGH172", "the survey is still open", next="close it first"))
    return {
        "format": "equipoise survey report 1",
        **(
            {"synthetic": "Synthetic: nobody voted. The people are invented."}
            if plan.synthetic
            else {}
        ),
        "plan": plan.model_dump(mode="json", exclude={"facilitators"}),
        "open": [moment.isoformat() for moment in _open(plan, state)],
        "plan digest": plan.digest,
        "people": in_fives(len(state.pairs)),
        "standings": [
            {
                "idea": each.idea,
                "words": each.words,
                "chance": each.chance,
                "low": each.low,
                "high": each.high,
            }
            for each in standings(plan, state, words)
        ],
    }
