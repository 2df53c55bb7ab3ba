"""What the facilitator's page and the report show besides the pictures of the wall."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from equipoise.acts.site import Site
from equipoise.acts.workshop_make import library
from equipoise.web.workshop_pictures import Picture, item_words, pictures
from equipoise.weigh.ballots import Ranking
from equipoise.weigh.catalogue import Catalogue
from equipoise.weigh.workshop.criteria import offered
from equipoise.weigh.workshop.plan import Plan
from equipoise.weigh.workshop.results import TAKEN_OUT, Conditions, Lines, Result, SetOrders, Texts


def drawn(site: Site, plan: Plan, found: Iterable[Result]) -> list[Picture]:
    """Return results as the wall draws them, and after each order its places by every rule."""
    items = offered(plan, library(site)[1])
    made: list[Picture] = []
    for result in found:
        made += pictures(plan, [result], items)
        if isinstance(result, SetOrders):
            made += _rules(plan, result)
    return made


def _rules(plan: Plan, found: SetOrders) -> Iterator[Picture]:
    """Yield the places of each card by three rules, so that nobody takes one for the truth."""
    both = found.together
    if both is None:
        return
    kemeny = both.kemeny.places
    borda, schulze = _places(both.borda.order), _places(both.schulze.order)
    rows = tuple(
        (plan.cards[card].title, str(borda[card]), _between(*kemeny[card]), str(schulze[card]))
        for card in sorted(borda, key=lambda card: (borda[card], card))
    )
    words = plan.questions[found.question].words
    title = f"The same by three rules: {words}"
    if len(plan.sets) > 1:
        title += f" (cards “{found.set}”)"
    yield Picture(title, heads=("Card", "Borda", "Kemeny", "Schulze"), rows=rows)


def _places(order: Ranking) -> dict[str, int]:
    places: dict[str, int] = {}
    before = 0
    for step in order:
        places |= dict.fromkeys(step, before + 1)
        before += len(step)
    return places


def _between(best: int, worst: int) -> str:
    return str(best) if best == worst else f"{best} to {worst}"


def on_wall(found: Iterable[Result], items: Catalogue) -> list[tuple[str, str, str]]:
    """Return the texts that stand on the wall now, as id, words and what they are."""
    texts: list[tuple[str, str, str]] = []
    for result in found:
        if isinstance(result, Texts):
            texts += [(text, words, "") for text, words in result.texts]
        elif isinstance(result, Conditions):
            texts += [(text, words, "condition") for text, words, _ in result.votes]
        elif isinstance(result, Lines):
            texts += [
                (line.id, line.text or item_words(items, line.item), "red line")
                for line in result.lines
            ]
    return [one for one in texts if one[1] != TAKEN_OUT]
