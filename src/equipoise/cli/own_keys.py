"""Commands on a signing key of one's own: make it, and show its public half. They need no site."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from equipoise.cli import show
from equipoise.cli.options import AsJson

if TYPE_CHECKING:
    from equipoise.acts.own_key import OwnKey

File = Annotated[Path, typer.Argument(metavar="FILE", help="The key's file.")]

key = typer.Typer(
    help="A signing key of your own, which never leaves your machine.", no_args_is_help=True
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
