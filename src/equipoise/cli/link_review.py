"""The command with which a person looks at pairs of records: by keyboard alone, no score shown."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from equipoise.cli import show
from equipoise.cli.opening import site_at
from equipoise.cli.options import DEFAULT_SITE, AgreementArg, As, AsJson, SiteDir

if TYPE_CHECKING:
    from equipoise.acts.link_review import Pair, Said

KEYS: dict[str, Said] = {"y": "same", "n": "different", "u": "unsure", "q": "quit"}
_ASKED = "The same? y / n / u(nsure) / q(uit)"


def review_links(
    agreement: AgreementArg,
    entity: Annotated[
        str | None, typer.Option("--entity", help="Which entity, if several are reviewed.")
    ] = None,
    name: As = None,
    site: SiteDir = DEFAULT_SITE,
    json: AsJson = False,
) -> None:
    """Look at pairs of records the linkage is unsure of, and say which are one.

    Only in the mode 'identified', and where the agreement says 'reviewed by'. Two records stand
    side by side; type y (the same), n (different), u (unsure) or q (quit), then Enter. No score is
    shown and the order is random. Every answer is kept at once: quit when you like, and give the
    command again to go on. The answers count from the next 'equipoise link'.
    """
    from equipoise.acts.link_review import review_links as act

    with site_at(site) as opened, show.progress(quiet=True) as on_progress:
        person = opened.person(name) if name is not None else None
        looked = act(opened, agreement, _ask, person=person, entity=entity, on_progress=on_progress)
    if json:
        show.as_json(
            {
                "entity": looked.entity,
                "answered": looked.answered,
                "in all": looked.in_all,
                "left": looked.left,
                "sentences": list(looked.sentences()),
            }
        )
        return
    for sentence in looked.sentences():
        show.say(sentence)


def _ask(pair: Pair) -> Said:
    """Show one pair and wait for a key; what is not understood is asked again."""
    typer.echo(f"\nPair {pair.number} of {pair.of}", err=True)
    wide = max((len(field) for field, _, _ in pair.fields), default=0)
    most = max((len(one) for _, one, _ in pair.fields), default=0)
    for field, one, other in pair.fields:
        left, right = _plain(one), _plain(other)
        typer.echo(f"  {field:<{wide}}  {left:<{max(most, 1)}}  {right}", err=True)
    while True:
        try:
            said = typer.prompt(_ASKED, err=True, default="", show_default=False)
        except typer.Abort:  # the end of input, or Ctrl-C: nothing more is answered
            return "quit"
        if answer := KEYS.get(str(said).strip().lower()[:1]):
            return answer
        typer.echo("Type y, n, u or q, then Enter.", err=True)


def _plain(value: str) -> str:
    """Return a value as a terminal may show it: nothing in a record can steer the screen."""
    return "".join(sign if sign.isprintable() else "?" for sign in value) or "-"


def add_to(app: typer.Typer) -> None:
    """Add this command."""
    app.command("review-links")(review_links)
