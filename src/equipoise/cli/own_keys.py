"""Commands on a signing key of one's own, which need no site: make it, and show its public
half; and on keys that a site knows: end one, and put another in its place."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from equipoise.cli import show
from equipoise.cli.options import DEFAULT_SITE, AsJson, SiteDir

if TYPE_CHECKING:
    from equipoise.acts.own_key import OwnKey

File = Annotated[Path, typer.Argument(metavar="FILE", help="The key's file.")]

Who = Annotated[str, typer.Argument(metavar="PARTY/NAME", help="Whose key it is.")]
By = Annotated[str, typer.Option("--as", metavar="NAME", help="The enrolled person who does this.")]

key = typer.Typer(
    help="A signing key of your own, which never leaves your machine; and keys that a site knows.",
    no_args_is_help=True,
)


def passphrase() -> str:
    """Ask for a key's passphrase; what is typed is not shown."""
    return str(typer.prompt("Passphrase of the key", hide_input=True, err=True))


@key.command()
def make(
    file: File,
    sealed: Annotated[
        bool, typer.Option("--passphrase", help="Ask for a passphrase, and seal the file with it.")
    ] = False,
    json: AsJson = False,
) -> None:
    """Make a signing key in a new file, and print the public key to hand in."""
    from equipoise.acts.own_key import make_own_key

    said = ""
    if sealed:
        said = str(
            typer.prompt(
                "Passphrase for the key", hide_input=True, confirmation_prompt=True, err=True
            )
        )
    made = make_own_key(file, said)
    if not json:
        show.say(f"Made: {file}. Keep it where only you can read it, and a copy in a safe place.")
    _tell(made, json=json)


@key.command("show")
def show_public(file: File, json: AsJson = False) -> None:
    """Print the public key of a key's file, and its fingerprint."""
    from equipoise.acts.own_key import own_key

    _tell(own_key(file, passphrase), json=json)


@key.command()
def end(
    who: Who,
    by: By,
    because: Annotated[
        str, typer.Option("--because", help="lost, 'seen by others', or changed.")
    ] = "",
    reason: Annotated[str, typer.Option("--reason", help="In your own words what happened.")] = "",
    site: SiteDir = DEFAULT_SITE,
    json: AsJson = False,
) -> None:
    """End a key that was lost or seen by others: what is signed with it later is refused."""
    from equipoise.acts.key_replace import end_key
    from equipoise.acts.site import open_site

    made = end_key(open_site(site), who, because, reason, by)
    if json:
        show.as_json(
            {"person": made.who, "fingerprint": made.fingerprint, "signed": list(made.signed)}
        )
        return
    show.say(f"Ended: the key of {made.who}, fingerprint {made.fingerprint}")
    for reference in made.signed:
        show.say(f"Stays signed with it: {reference}")
    if made.signed:
        show.say("If others saw the key, ask its holder about each; equipoise suspend stops one.")


@key.command()
def replace(
    who: Who,
    by: By,
    public_key: Annotated[
        str, typer.Option("--public-key", metavar="KEY", help="The new public key, or its file.")
    ],
    site: SiteDir = DEFAULT_SITE,
    json: AsJson = False,
) -> None:
    """Offer a new key in the place of one that was ended; a second person must confirm it."""
    from equipoise.acts.key_replace import offer_key
    from equipoise.acts.partners import read_bytes
    from equipoise.acts.site import open_site

    file = Path(public_key)
    if len(public_key) < 250 and file.is_file():
        public_key = read_bytes(file, "the public key").decode("utf-8", "replace")
    mark = offer_key(open_site(site), who, public_key, by)
    if json:
        show.as_json({"person": who, "fingerprint": mark})
        return
    show.say(f"Offered for {who}. Somebody else confirms it now, with the fingerprint that {who}")
    show.say("reads out to them: equipoise key confirm PARTY/NAME --fingerprint … --as NAME")


@key.command()
def confirm(
    who: Who,
    by: By,
    fingerprint: Annotated[
        str, typer.Option("--fingerprint", help="As the key's holder read it out to you.")
    ],
    site: SiteDir = DEFAULT_SITE,
    json: AsJson = False,
) -> None:
    """Confirm the key that was offered, by its fingerprint; from now on it is theirs."""
    from equipoise.acts.key_replace import confirm_key
    from equipoise.acts.site import open_site

    made = confirm_key(open_site(site), who, fingerprint, by)
    if json:
        show.as_json({"person": made.key, "public_key": made.public_key})
        return
    show.say(f"{made.key} signs with the new key from now on.")


def _tell(found: OwnKey, *, json: bool) -> None:
    from equipoise.account.receipts import fingerprint

    public = found.public_key
    if json:
        show.as_json({"public_key": public, "fingerprint": fingerprint(public)})
        return
    show.say(f"Public key:  {public}")
    show.say(f"Fingerprint: {fingerprint(public)}")


def add_to(app: typer.Typer) -> None:
    """Add these commands."""
    app.add_typer(key, name="key")
