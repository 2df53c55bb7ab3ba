"""Commands among sites: partner, agreement, secret, and re-keying in the secure room."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from equipoise.cli import show
from equipoise.cli.agreements import show_signed
from equipoise.cli.opening import site_at
from equipoise.cli.options import DEFAULT_SITE, AgreementArg, AsJson, SiteDir

if TYPE_CHECKING:
    from equipoise.account.cards import Card
    from equipoise.acts.secret import Secret

PARTNER_HELP = """Introduce this site to its partners, and partners to it.

Give your card to each partner (equipoise partner card), take in theirs (equipoise partner add), and
telephone: each reads the fingerprint of their own card to the other. Cards hold public keys only.
"""
AGREEMENT_HELP = """Carry an agreement and its signatures from site to site, as a file.

Each party signs at its own site: sign, export, send the file on; who receives it imports it. When a
site has every signature, the agreement is in force there.
"""
OWNERS_HELP = """The secret from which the owners of one agreement make tokens and encodings.

One owner makes it, each other owner takes in the file sealed for them. The linkage unit and the
secure room cannot open it. All owners must see the same fingerprint before they pack.
"""

partner = typer.Typer(help=PARTNER_HELP, no_args_is_help=True, rich_markup_mode=None)
agreement_app = typer.Typer(help=AGREEMENT_HELP, no_args_is_help=True, rich_markup_mode=None)
secret = typer.Typer(help=OWNERS_HELP, no_args_is_help=True, rich_markup_mode=None)

Out = Annotated[Path | None, typer.Option("--out", help="Where to put the file.")]


def _show_card(card: Card) -> None:
    show.say(f"{card.site}{' (practice site)' if card.practice else ''}", style="bold")
    for post in card.posts:
        show.say(f"  {post.party}: {post.role}")
    for person in card.people:
        show.say(f"  {person.name} of {person.party}")
    show.say(f"  Public key of the site: {card.public_key}")
    show.say(f"Fingerprint, to compare by telephone: {card.fingerprint}", style="bold")


def _as_dict(card: Card) -> dict[str, object]:
    return {**card.as_dict(), "fingerprint": card.fingerprint}


@partner.command()
def card(
    out: Annotated[
        Path, typer.Option("--out", help="The file to write; send it to your partners.")
    ] = Path("card.json"),
    site: SiteDir = DEFAULT_SITE,
    json: AsJson = False,
) -> None:
    """Write this site's card: its posts, the people who sign there, its public keys."""
    from equipoise.acts.files import write_whole
    from equipoise.acts.partners import own_card

    with site_at(site) as opened:
        made = own_card(opened)
        write_whole(out, made.file_bytes())
    if json:
        show.as_json({**_as_dict(made), "file": str(out)})
        return
    _show_card(made)
    show.say(f"Card: {out}. Send it to each partner; read the fingerprint when they telephone.")


@partner.command()
def add(
    file: Annotated[Path, typer.Argument(metavar="CARD", help="The partner's card.")],
    fingerprint: Annotated[
        str,
        typer.Option("--fingerprint", help="The fingerprint that the partner read to you."),
    ] = "",
    replace: Annotated[
        bool,
        typer.Option("--replace", help="The partner has new keys indeed, and told you so."),
    ] = False,
    site: SiteDir = DEFAULT_SITE,
    json: AsJson = False,
) -> None:
    """Accept a partner's card after comparing its fingerprint by telephone; none: only look at it.

    Later cards of that partner with other keys are refused, unless you say --replace.
    """
    from equipoise.acts.partners import accept, card_in

    if not (json or fingerprint):
        _show_card(card_in(file))
    with site_at(site) as opened:
        accepted = accept(opened, file, fingerprint, replace=replace)
    if json:
        show.as_json(_as_dict(accepted))
        return
    show.say(f"{accepted.site} is a partner of this site.", style="bold green")


@partner.command("list")
def list_partners(site: SiteDir = DEFAULT_SITE, json: AsJson = False) -> None:
    """Show the partners whose cards this site has accepted, with their keys' fingerprints."""
    from equipoise.acts.partners import card_of

    with site_at(site) as opened:
        cards = [card_of(each) for each in opened.store.partners()]
    if json:
        show.as_json([_as_dict(each) for each in cards])
        return
    if not cards:
        show.say("This site has no partners yet: equipoise partner add CARD.")
    for each in cards:
        _show_card(each)


@agreement_app.command("export")
def export_agreement(
    agreement: AgreementArg, out: Out = None, site: SiteDir = DEFAULT_SITE, json: AsJson = False
) -> None:
    """Write an agreement with all signatures that this site has, for the partners to import."""
    from equipoise.acts.agreement_file import export_agreement as export_act

    with site_at(site) as opened:
        path, signed = export_act(opened, agreement, out)
    if json:
        show.as_json({"file": str(path), "missing": list(signed.missing)})
        return
    show_signed(signed, (), site, json)
    show.say(f"File: {path}. Send it to the partners: equipoise agreement import FILE")


@agreement_app.command("import")
def import_agreement(
    file: Annotated[Path, typer.Argument(help="The file that a partner exported.")],
    site: SiteDir = DEFAULT_SITE,
    json: AsJson = False,
) -> None:
    """Take in an agreement and every signature that this site has not got, after checking each."""
    from equipoise.acts.after_signing import after_signing
    from equipoise.acts.agreement_file import import_agreement as import_act

    with site_at(site) as opened:
        signed = import_act(opened, file)
        steps = after_signing(opened, signed.reference)
    show_signed(signed, steps, site, json)


def _show_secret(held: Secret, json: bool) -> None:
    if json:
        show.as_json(
            {
                "number": held.number,
                "fingerprint": held.fingerprint,
                "files": [str(path) for path in held.files],
                "receipt": held.receipt.as_dict() if held.receipt else None,
            }
        )
        return
    show.say(f"Owners' secret number {held.number}")
    groups = [held.fingerprint[at : at + 4] for at in range(0, len(held.fingerprint), 4)]
    show.say(f"Fingerprint, to compare among owners: {' '.join(groups)}", style="bold")
    for path in held.files:
        show.say(f"For {path.name.split('--')[0]} alone: {path}")
    if held.receipt is not None:
        show.say("The secret before it is destroyed, with a receipt: pack all datasets again.")


@secret.command()
def make(
    agreement: AgreementArg, out: Out = None, site: SiteDir = DEFAULT_SITE, json: AsJson = False
) -> None:
    """As an owner: make a new secret and a file of it for each other owner.

    Made again, it takes the place of the one before, which is destroyed: all owners pack anew.
    """
    from equipoise.acts.secret import make_secret

    with site_at(site) as opened:
        held = make_secret(opened, agreement, out)
    _show_secret(held, json)


@secret.command()
def send(
    agreement: AgreementArg, out: Out = None, site: SiteDir = DEFAULT_SITE, json: AsJson = False
) -> None:
    """As an owner: write the files of the present secret once more, as when one was lost."""
    from equipoise.acts.secret import send_secret

    with site_at(site) as opened:
        held = send_secret(opened, agreement, out)
    _show_secret(held, json)


@secret.command()
def take(
    file: Annotated[Path, typer.Argument(help="The file that another owner made for you.")],
    agreement: AgreementArg,
    site: SiteDir = DEFAULT_SITE,
    json: AsJson = False,
) -> None:
    """As an owner: take in the secret that another owner made and sealed for you."""
    from equipoise.acts.secret import take_secret

    with site_at(site) as opened:
        held = take_secret(opened, agreement, file)
    _show_secret(held, json)


@secret.command("show")
def show_secret(
    agreement: AgreementArg, site: SiteDir = DEFAULT_SITE, json: AsJson = False
) -> None:
    """Show the fingerprint of the secret that this site has, to compare with the other owners."""
    from equipoise.acts.secret import shown

    with site_at(site) as opened:
        held = shown(opened, agreement)
    _show_secret(held, json)


def rekey(agreement: AgreementArg, site: SiteDir = DEFAULT_SITE, json: AsJson = False) -> None:
    """In the secure room: move all held pseudonyms to a new key, and destroy the old one.

    Nothing is linked again, and what bears the old pseudonyms elsewhere meets the new ones no more.
    """
    from equipoise.acts.rekey import rekey as rekey_act

    with site_at(site) as opened:
        done = rekey_act(opened, agreement)
    if json:
        receipt = done.receipt.as_dict() if done.receipt else None
        show.as_json({"key": done.number, "moved": list(done.moved), "receipt": receipt})
        return
    show.say(f"Held tables moved to key number {done.number}: {len(done.moved)}.")
    if done.receipt is not None:
        show.say(f"The key before it is destroyed; receipt {done.receipt.id} is in reports/.")


def keep(file: Path, site: Path, json: bool) -> None:
    """Keep a partner's erasure receipt, and say what it states."""
    from equipoise.acts.kept import keep_receipt

    with site_at(site) as opened:
        receipt, partner, before = keep_receipt(opened, file)
    if json:
        show.as_json({**receipt.as_dict(), "partner": partner.name, "already": before})
        return
    show.say(f"The receipt holds, and is by {partner.name}.", style="bold green")
    show.say(
        f"  {receipt.reference}: {len(receipt.of('sealed file'))} sealed files and "
        f"{len(receipt.of('key'))} keys destroyed."
    )
    if before:
        show.say("  It was kept before.")


def add_to(app: typer.Typer) -> None:
    """Add these commands."""
    app.add_typer(partner, name="partner")
    app.add_typer(agreement_app, name="agreement")
    app.add_typer(secret, name="secret")
    app.command()(rekey)
