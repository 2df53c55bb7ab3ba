"""Hold a pairwise survey over days: make it, offer pairs, take votes and ideas, close it."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from equipoise.acts.accounts.permission import require
from equipoise.acts.site import Site
from equipoise.acts.workshop_answer import drafts_of
from equipoise.acts.workshop_make import Made, fresh_code
from equipoise.agree.canonical import canonical_bytes, digest_of
from equipoise.errors import Problem, UsageRefused
from equipoise.store.workshops import Surveys
from equipoise.weigh.workshop import survey
from equipoise.weigh.workshop.events import Event, participant
from equipoise.weigh.workshop.shown import in_fives
from equipoise.weigh.workshop.survey import Standing, SurveyPlan
from equipoise.weigh.workshop.survey_report import survey_report


@dataclass(frozen=True)
class Ballot:
    """What a voter's page shows: the question, the pair to choose from as (id, words) - none when
    every pair was had - and how things stand, as last shown."""

    title: str
    question: str
    pair: tuple[tuple[str, str], ...]
    standings: tuple[Standing, ...]
    people: str
    synthetic: bool


def surveys(site: Site) -> Surveys:
    """Return the surveys of a site."""
    return Surveys(site.store.alias)


def make_survey(site: Site, by: str, plan: SurveyPlan) -> Made:
    """Keep a survey. Raises ``GateRefused`` (ACT250), ``UsageRefused`` (WGH174, ACT222)."""
    person = require(site.person(by), "facilitate workshops")
    survey.check_survey(plan)
    if person.key not in plan.facilitators or (plan.synthetic and not site.practice):
        raise UsageRefused(
            Problem(
                "ACT222",
                "who makes a survey is one of its facilitators, and invents nobody on a real site",
            )
        )
    made = Made(plan.id, fresh_code(site), secrets.token_urlsafe(16))
    with site.store.change(person.key) as change:
        surveys(site).make(
            change, name=plan.id, code=made.code, key=made.key, plan=plan.model_dump(mode="json")
        )
        change.note("survey made", f"survey:{plan.id}", plan=plan.digest, synthetic=plan.synthetic)
    return made


def see_ballot(site: Site, name: str, token: str) -> Ballot:
    """Return what a voter's page shows."""
    with surveys(site).live(name) as live:
        pair = (
            survey.offered(live.folding, participant(token, name)) if _running(site, live) else None
        )
        words = {**live.words, **live.plan.ideas}
        return Ballot(
            title=live.plan.title,
            question=live.plan.question,
            pair=tuple((idea, words.get(idea, "")) for idea in pair or ()),
            standings=survey.standings(live.plan, live.state, live.words),
            people=in_fives(len(live.state.pairs)),
            synthetic=live.plan.synthetic,
        )


def _running(site: Site, live: Any) -> bool:
    return bool(live.state.phase(live.plan, site.clock()) == "open")


def vote_on_pair(
    site: Site, name: str, token: str, *, pair: tuple[str, str], chosen: str, client: str
) -> bool:
    """Take a vote, and show new figures when enough people have voted; say whether it was new."""
    who, now, held = participant(token, name), site.clock(), surveys(site)
    taken = held.add(
        name,
        now,
        lambda folding: survey.vote(
            folding.plan, folding.state, now, who, pair=pair, chosen=chosen, client=client
        ),
    )
    if taken:
        held.add(name, now, survey.show)
    return taken


def suggest_idea(
    site: Site,
    name: str,
    token: str,
    text: str,
    *,
    client: str,
    confirmed: frozenset[str] = frozenset(),
) -> bool:
    """Take an idea of somebody's own, for a facilitator to let in."""
    who, now = participant(token, name), site.clock()
    (draft,) = drafts_of([("words", text)]) or drafts_of([("words", "-")])
    return surveys(site).add(
        name,
        now,
        lambda folding: survey.suggest(
            folding.plan, folding.state, now, who, draft, client=client, confirmed=confirmed
        ),
    )


def open_survey(site: Site, name: str, by: str) -> bool:
    """Open a draft, or one whose day has not come; say whether it was not open before."""
    who, held, now = site.person(by).key, surveys(site), site.clock()
    with held.live(name) as live:
        if survey.open_now(live.plan, live.state, now, who) is None:
            return False
        with site.store.change(who) as change:
            change.saved = held.add(
                name, now, lambda folding: survey.open_now(folding.plan, folding.state, now, who)
            )
            change.note("survey opened", f"survey:{name}")
    return True


def admit_idea(site: Site, name: str, by: str, text: str) -> bool:
    """Let an idea in."""
    who = site.person(by).key
    return surveys(site).add(
        name, site.clock(), lambda folding: survey.admit(folding.plan, folding.state, who, text)
    )


def hide_idea(site: Site, name: str, by: str, text: str) -> bool:
    """Take an idea out."""
    who = site.person(by).key
    return surveys(site).add(
        name, site.clock(), lambda folding: survey.hide(folding.plan, folding.state, who, text)
    )


def waiting_ideas(site: Site, name: str) -> Mapping[str, str]:
    """Return the ideas that were sent in and neither let in nor taken out, by id."""
    with surveys(site).live(name) as live:
        settled = {*live.state.ideas, *live.state.hidden}
        return {
            t: live.words[t] for t in live.state.sent_in if t not in settled and t in live.words
        }


def close_survey(site: Site, name: str, by: str) -> Mapping[str, Any]:
    """Close a survey and return its report, which is kept and whose digest is on the ledger."""
    who, held = site.person(by).key, surveys(site)
    with held.live(name) as live:
        if live.state.ended:
            return held.held(name=name).report or {}
        decided = survey.close(live.folding, who)
        # How it will stand is folded apart: what this process keeps is only what was committed.
        after = survey.SurveyFolding(live.plan)
        now = site.clock()
        numbered = enumerate(decided, live.last + 1)
        after.take(
            [*held.events(name), *(Event(n, now, e.who, e.kind, e.data) for n, e in numbered)]
        )
        made = survey_report(live.plan, after.state, live.words)
        with site.store.change(who) as change:
            held.add(name, change.now, lambda folding: decided)
            held.keep_report(change, name, made, None)
            change.note("survey closed", f"survey:{name}", report=digest_of(canonical_bytes(made)))
    return made
