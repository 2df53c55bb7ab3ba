"""The wall: what everybody in the room sees, in large type, never more than two seconds old.

A browser with scripts asks once a second for what has changed, and is told in few bytes when
nothing has; without scripts the page loads itself anew every two seconds. What does not fit on a
screen stands on pages, each with its own address; the wall turns them by itself, unless it is told
to stay. All that a page needs to know of itself stands in its address, so that any process answers.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, Final
from urllib.parse import urlencode

from django.http import HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_safe

from equipoise.acts import workshop_see as seeing
from equipoise.errors import GateRefused, Problem
from equipoise.web.pages.workshop_phone_join import held_seat, phone_page, square_of
from equipoise.web.request import Request, open_to_all, who_asks
from equipoise.web.wall_named import FEW, cut, folded
from equipoise.web.wall_screens import ROWS, Screen, screens
from equipoise.web.workshop_pictures import about, pictures
from equipoise.weigh.workshop.codes import spoken
from equipoise.weigh.workshop.report import plain
from equipoise.weigh.workshop.wall import Wall

SECONDS: Final = 15
"""How long a page stands before an unattended wall shows the next."""
KNOWN: Final = 400
"""Pages that an address can name: what is new is looked for among these."""


def _let_in(request: Request, name: str) -> str:
    """Return the key that a wall's address carries. Raises ``GateRefused`` (WEB042)."""
    key = request.GET.get("key", "")[:100]
    token = held_seat(request, name)
    if not seeing.may_see_wall(request.site, name, key=key, token=token, person=who_asks(request)):
        raise GateRefused(
            Problem(
                "WEB042",
                "this wall is for the people in the room",
                why="it shows the code to join by, and what was said there",
                next="type the workshop's code on the page “Join a workshop”",
            )
        )
    return key


def _mark(told: Wall) -> str:
    """Return a mark of everything that a wall shows; ``version`` grows more often than that."""
    parts = (
        told.phase,
        told.step.number,
        told.people,
        told.minutes_left,
        [(one.question.id, one.heard, one.shown) for one in told.progress],
        plain(told.results),  # sets in order, so that every process makes the same mark
    )
    return hashlib.sha256(repr(parts).encode()).hexdigest()[:16]


@dataclass(frozen=True)
class Turn:
    """Which page a wall asks for, as it stands in its address. ``until`` is when it turns, ``had``
    are the pages that it knew of when it was drawn; ``whole`` is for everything that was named."""

    key: str
    page: int
    until: int
    had: tuple[str, ...]
    stay: bool
    still: bool
    at: str
    whole: bool = False

    @classmethod
    def read(cls, request: Request, key: str) -> Turn:
        """Return what an address says; what makes no sense in it counts as not said."""
        said = request.GET
        return cls(
            key=key,
            page=_number(said.get("page", "")) or 1,
            until=_number(said.get("until", "")),
            had=tuple(filter(None, said.get("had", "").split(".")))[:KNOWN],
            stay="stay" in said,
            still="still" in said,
            at=said.get("at", ""),
            whole="whole" in said,
        )

    def due(self, now: int) -> bool:
        """Say whether the next page ought to be shown. A clock may have been put back."""
        turns = not self.stay and not self.still and len(self.had) > 1
        return turns and bool(self.until) and not now < self.until <= now + SECONDS

    def lands(self, keys: Sequence[str], results: Collection[str], now: int) -> tuple[int, int]:
        """Return the page to show, from nought, and until when. ``results`` are those of ``keys``
        that show one: of what is new they come before what is asked."""
        last = len(keys) - 1
        known = self.page <= len(self.had)
        before = self.had[self.page - 1] if known else ""
        here = keys.index(before) if before in keys else 0 if known else min(self.page - 1, last)
        fresh = [at for at, key in enumerate(keys[:KNOWN]) if key not in self.had]
        if self.had and fresh and not (self.stay and before in keys):
            shown = [at for at in fresh if keys[at] in results]
            return (shown or fresh)[0], now + SECONDS
        if self.due(now):
            return (here + 1) % len(keys), now + SECONDS
        return here, self.until if now < self.until <= now + SECONDS else now + SECONDS


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 12 else 0


def _now(request: Request) -> int:
    return int(request.site.clock().timestamp())


def _pages(request: Request, told: Wall, *, whole: bool) -> tuple[tuple[Screen, ...], bool]:
    """Return the pages of the wall, and whether they would be fewer or more the other way."""
    _, items = seeing.laid(request.site, told.plan)
    every = screens(told, pictures(told.plan, told.results, items, ROWS))
    named, others = cut(told.results)
    if not named or len(every) <= FEW:
        return every, False
    if whole:
        return every, True
    few = folded(told.plan, named, items, len(told.progress))
    return screens(told, pictures(told.plan, others, items, ROWS), few), True


def _shown(request: Request, name: str, told: Wall, turn: Turn) -> dict[str, Any]:
    pages, folds = _pages(request, told, whole=turn.whole)
    keys = [one.key for one in pages]
    results = {one.key for one in pages if one.picture or one.notes or one.said or one.named}
    here, until = turn.lands(keys, results, _now(request))
    code, square_key = seeing.code_and_key(request.site, name)
    address, square = square_of(request, code, square_key)

    def link(page: int, **more: object) -> str:
        said = {"page": page + 1, **({"key": turn.key} if turn.key else {}), **more}
        return f"{reverse('wall', kwargs={'name': name})}?{urlencode(said)}"

    all_of_it = {"whole": 1} if turn.whole else {}
    ways = {**({"stay": 1} if turn.stay else {}), **all_of_it}
    asks = {"until": until, "had": ".".join(keys[:KNOWN]), **ways}
    again = {"page": here + 1, "key": turn.key, **asks, "seen": _mark(told)}
    return {
        "name": name,
        "wall": told,
        "screen": pages[here],
        "page": here + 1,
        "pages": len(pages),
        "previous": link((here - 1) % len(pages), at="previous", **ways),
        "next": link((here + 1) % len(pages), at="next", **ways),
        "stay": link(here, **({} if turn.stay else {"stay": 1}), **all_of_it),
        "folds": folds,
        "whole": link(0, **({} if turn.whole else {"whole": 1})),
        "still": link(here, **ways, **({} if turn.still else {"still": 1})),
        "turn": turn,
        "seconds": SECONDS,
        "reload": link(here, **asks),
        "again": f"{reverse('wall-now', kwargs={'name': name})}?{urlencode(again)}",
        "about": lambda named: about(told.plan, named),
        "code": spoken(code),
        "square": square,
        "join_address": f"{request.get_host()}{reverse('join')}",
        "address": address,
    }


@open_to_all
@require_safe
def wall(request: Request, name: str) -> HttpResponse:
    """Show a page of the wall."""
    turn = Turn.read(request, _let_in(request, name))
    told = seeing.see_wall(request.site, name)
    return phone_page(request, "wall.html.jinja", **_shown(request, name, told, turn))


@open_to_all
@require_safe
def wall_now(request: Request, name: str) -> HttpResponse:
    """Return the page that a wall ought to show by now, or 204 where it shows that."""
    turn = Turn.read(request, _let_in(request, name))
    told = seeing.see_wall(request.site, name)
    if request.GET.get("seen") == _mark(told) and not turn.due(_now(request)):
        return HttpResponse(status=HTTPStatus.NO_CONTENT)
    return phone_page(request, "wall_now.html.jinja", **_shown(request, name, told, turn))
