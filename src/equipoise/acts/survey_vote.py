"""Vote in a survey that anybody may find: how many voters one address may bring is limited.

A vote is taken on the pair that was offered: the ballot carries a mark of it that only the site can
make, so that nobody picks the pairs in which their own idea stands.

A voter is whoever holds a random token, so whoever throws theirs away could vote again. Names would
stop that and are not wanted; counting the first vote or idea of each token under the address that
it came from makes it slow. Of an address only a keyed hash is kept, for a day.
"""

from __future__ import annotations

import hmac
import json
import re
from collections.abc import Sequence
from datetime import timedelta
from math import ceil
from typing import Final

from equipoise.acts.accounts.limits import TooMany
from equipoise.acts.accounts.site_secret import mark_of, site_secret
from equipoise.acts.site import Site
from equipoise.acts.workshop_survey import Ballot, see_ballot, suggest_idea, surveys, vote_on_pair
from equipoise.errors import Problem, StateRefused, UsageRefused
from equipoise.store.accounts import Accounts
from equipoise.weigh.workshop.events import participant

LIMITS: Final = ((60, timedelta(minutes=15)), (300, timedelta(hours=23)))
"""New voters from one address: a full room within a quarter of an hour, a school within a day."""
_TOKEN: Final = re.compile(r"[A-Za-z0-9_-]{22,64}")


def is_token(text: str) -> bool:
    """Say whether a text is a token as we draw them."""
    return bool(_TOKEN.fullmatch(text))


def offer(site: Site, name: str, token: str) -> tuple[Ballot, str]:
    """Return what a voter's page shows, and the mark by which its vote is sent: the same for the
    same pair, so that a page that is sent twice counts once."""
    ballot = see_ballot(site, name, token)
    ideas = [idea for idea, _ in ballot.pair]
    return ballot, _mark_of(site, name, token, ideas) if ideas else ""


def _mark_of(site: Site, name: str, token: str, ideas: Sequence[str]) -> str:
    with surveys(site).live(name) as live:
        turn = len(live.state.pairs.get(participant(token, name), ()))
    said = json.dumps([name, participant(token, name), turn, sorted(ideas)])
    return mark_of(site_secret(site.directory), "offered pair", said).removeprefix("sha256:")


def _refuse_picked(site: Site, name: str, token: str, pair: tuple[str, str], client: str) -> None:
    """Refuse (ACT289) a pair that was not offered, but one that was voted on already."""
    who = participant(token, name)
    with surveys(site).live(name) as live:
        asked, known = live.state.pairs.get(who, set()), live.state.asked_about(live.plan)
        sent = (who, client) in live.state.trace.sent or frozenset(pair) in asked
        if sent or pair[0] == pair[1] or not set(pair) <= set(known):
            return  # told by the survey itself: had before, or no pair at all
    if not hmac.compare_digest(_mark_of(site, name, token, pair), client):
        raise StateRefused(
            Problem(
                "ACT289",
                "this is not the pair that you were asked about",
                why="which two are asked about is drawn, so that nobody picks where they vote",
                next="choose one of the two below",
            )
        )


def take_vote(
    site: Site,
    name: str,
    token: str,
    address: str,
    *,
    pair: tuple[str, str],
    chosen: str,
    client: str,
) -> bool:
    """Take a vote; say whether it was new. ``chosen`` is empty for "cannot decide".

    ``client`` is the mark that came with the pair (``offer``). Raises ``TooMany`` (ACT285),
    ``StateRefused`` (ACT289) for another pair, and as ``workshop_survey.vote_on_pair``.
    """
    _refuse_unfit(token, client)
    _refuse_picked(site, name, token, pair, client)
    _count_newcomer(site, name, token, address)
    return vote_on_pair(site, name, token, pair=pair, chosen=chosen, client=client)


def take_idea(
    site: Site, name: str, token: str, address: str, text: str, *, client: str, confirmed: str = ""
) -> bool:
    """Take an idea; say whether it was new. ``confirmed`` is the mark of a text that its writer was
    asked about and let stand. Raises ``TooMany`` (ACT285), and as ``suggest_idea``."""
    _refuse_unfit(token, client)
    _count_newcomer(site, name, token, address)
    marks = frozenset([confirmed]) if confirmed else frozenset()
    return suggest_idea(site, name, token, text, client=client, confirmed=marks)


def _refuse_unfit(token: str, client: str) -> None:
    if not (is_token(token) and is_token(client)):
        raise UsageRefused(
            Problem(
                "ACT288",
                "this browser has lost its place in the survey",
                why="its cookie is gone, and a voter is known by nothing else",
                next="load the page again; cookies of this site must be allowed",
            )
        )


def _count_newcomer(site: Site, name: str, token: str, address: str) -> None:
    """Count a voter whom the survey does not know yet under the address. Raises ``TooMany``."""
    who = participant(token, name)
    with surveys(site).live(name) as live:
        if who in live.state.pairs or who in live.state.sent_in.values():
            return
    secret, accounts = site_secret(site.directory), Accounts(site.store.alias)
    for most, within in LIMITS:
        mark = mark_of(secret, f"new voter {most}", f"{name} {address}")
        if wait := accounts.attempt({mark: most}, site.clock(), within):
            hours = wait > 5400
            left = ceil(wait / 3600) if hours else ceil(wait / 60)
            unit = ("hour" if hours else "minute") + ("s" if left != 1 else "")
            raise TooMany(
                Problem(
                    "ACT285",
                    "too many new people have voted from your network of late",
                    why="so that nobody can vote again and again under other colours",
                    next=f"try again in {left} {unit}; who has voted before can go on",
                )
            )
