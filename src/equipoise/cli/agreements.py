"""Commands on the text of an agreement: check, summary, compare, sign."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from equipoise.cli import show
from equipoise.cli.opening import site_at
from equipoise.cli.options import DEFAULT_SITE, AgreementArg, As, AsJson, SiteDir
from equipoise.cli.own_keys import passphrase
from equipoise.errors import DocumentRefused, EnvironmentFailed, Problem, UsageRefused

if TYPE_CHECKING:
    from equipoise.acts.after_signing import Step
    from equipoise.acts.sign import Signed
    from equipoise.agree.parse import Parsed


Key = Annotated[
    Path | None,
    typer.Option("--key", help="Sign with this key of your own, as 'equipoise key make' made."),
]


def _read(path: Path) -> Parsed:
    from equipoise.agree.parse import parse

    try:
        if path.is_dir():
            path = path / "agreement.yaml"
        text = path.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise DocumentRefused(
            Problem(
                "CLI004",
                f"the agreement {path} is not UTF-8 text",
                next="save it as UTF-8",
                file=str(path),
            )
        ) from error
    except (OSError, ValueError) as error:
        raise EnvironmentFailed(
            Problem(
                "CLI003",
                f"the agreement {path} cannot be read",
                why=getattr(error, "strerror", None) or "no file can have this name",
                next="give the path of the agreement's YAML file",
            )
        ) from error
    return parse(text, file=str(path))


def check(
    agreement: Annotated[Path, typer.Argument(help="The agreement's YAML file or its folder.")],
    json: AsJson = False,
) -> None:
    """Read an agreement and tell every problem at once, each with its line and what to do."""
    from equipoise.agree.canonical import digest
    from equipoise.agree.checks import warnings

    parsed = _read(agreement)
    notes = warnings(parsed.agreement)
    if json:
        show.as_json(
            {
                "agreement": parsed.agreement.reference,
                "digest": digest(parsed.agreement),
                "warnings": [note.as_dict() for note in notes],
            }
        )
        return
    show.say(f"{parsed.agreement.reference} is sound.", style="bold green")
    show.say(f"Digest: {digest(parsed.agreement)}")
    for note in notes:
        show.say(f"Worth a look: {note.sentence()}")


def summary(
    agreement: Annotated[Path, typer.Argument(help="The agreement's YAML file or its folder.")],
) -> None:
    """Print the agreement in plain words, for the public."""
    from equipoise.agree.summary import summarise

    show.say(summarise(_read(agreement).agreement))


def compare(
    old: Annotated[Path, typer.Argument(help="The earlier version.")],
    new: Annotated[Path, typer.Argument(help="The later version.")],
    json: AsJson = False,
) -> None:
    """Say in plain words what changed between two versions, and whether sharing widened."""
    from equipoise.agree.changes import compare as compare_texts

    changes = compare_texts(_read(old).agreement, _read(new).agreement)
    if json:
        show.as_json(
            [{"clause": c.clause, "sentence": c.sentence, "weight": c.weight} for c in changes]
        )
        return
    if not changes:
        show.say("The two versions say the same.")
    for change in changes:
        mark = {"widens": "WIDENS  ", "narrows": "narrows ", "wording": "wording "}.get(
            change.weight, "changes "
        )
        show.say(f"{mark} {change.sentence}")


def sign(
    agreement: AgreementArg,
    name: As = None,
    practice: Annotated[
        bool,
        typer.Option("--practice", help="On a practice site: all invented signatories sign."),
    ] = False,
    statement: Annotated[
        Path | None,
        typer.Option("--statement", help="Sign only this statement, which a page gave."),
    ] = None,
    out: Annotated[
        Path | None, typer.Option("--out", help="With --statement: write the signature here.")
    ] = None,
    key: Key = None,
    site: SiteDir = DEFAULT_SITE,
    json: AsJson = False,
) -> None:
    """Sign an agreement as the signatory whom it names. The first signature freezes the text.

    With --statement nothing is kept here: the signature is written, to be handed in on the page.
    With --statement and --key no site is needed.
    """
    from equipoise.acts.after_signing import after_signing
    from equipoise.acts.own_key import own_key
    from equipoise.acts.sign import sign as sign_act
    from equipoise.acts.sign import sign_all_for_practice

    if statement is not None:
        return _sign_statement(agreement, name, statement, out, site, key)
    own = own_key(key, passphrase) if key is not None else None
    with site_at(site) as opened:
        if practice:
            signed = sign_all_for_practice(opened, agreement)
        else:
            signed = sign_act(opened, agreement, name, own)
        steps = after_signing(opened, signed.reference, by="signature")
    show_signed(signed, steps, site, json)


def show_signed(signed: Signed, steps: Iterable[Step], site: Path, json: bool) -> None:
    """Print how far an agreement's signing has come, and what this site can do next."""
    if json:
        told = {"agreement": signed.reference, "state": signed.state}
        show.as_json({**told, "missing": list(signed.missing), "next": [*map(asdict, steps)]})
        return
    show.say(f"{signed.reference}: {signed.state}.", style="bold")
    missing = "Still to sign: " + ", ".join(signed.missing)
    show.say(missing if signed.missing else "Everybody has signed.")
    for step in steps:
        command = f": {step.command} --site '{site}'" if step.command else "."
        show.say(f"{step.what}{command}")


def _sign_statement(
    agreement: str,
    name: str | None,
    statement: Path,
    out: Path | None,
    site: Path,
    key: Path | None,
) -> None:
    from equipoise.acts.files import write_whole
    from equipoise.acts.own_key import own_key
    from equipoise.acts.partners import read_bytes
    from equipoise.acts.sign_here import sign_as, sign_statement
    from equipoise.agree.canonical import canonical_bytes

    if name is None or out is None:
        raise UsageRefused(
            Problem(
                "CLI014",
                "say who signs, and where to write the signature",
                next="add --as 'YOUR NAME' --out FILE",
            )
        )
    data = read_bytes(statement, "the statement")
    if key is not None:
        own = own_key(key, passphrase)
        made = sign_as(_read(Path(agreement)).agreement, name, data, lambda _: own)
    else:
        with site_at(site) as opened:
            made = sign_statement(opened, agreement, name, data)
    write_whole(out, canonical_bytes(made.as_dict()) + b"\n")
    show.say(f"Signed: {made.reference}, {made.digest}, by {made.name} for {made.party}.")
    show.say(f"Written: {out}. Hand it in on the agreement's page.")


def _standing(act: str, site: Path, agreement: str, name: str | None, json: bool) -> None:
    from equipoise.acts.site import open_site
    from equipoise.acts.standing import change_standing

    if name is None:
        raise UsageRefused(Problem("CLI013", "say who does it", next="add --as 'YOUR NAME'"))
    state = change_standing(open_site(site), agreement, act, name)
    if json:
        show.as_json({"agreement": agreement, "state": state})
        return
    show.say(f"{agreement}: {state}.")


def suspend(
    agreement: AgreementArg, name: As = None, site: SiteDir = DEFAULT_SITE, json: AsJson = False
) -> None:
    """As a signatory: stop everything under an agreement, at once. Only erasing stays possible."""
    _standing("suspend", site, agreement, name, json)


def resume(
    agreement: AgreementArg, name: As = None, site: SiteDir = DEFAULT_SITE, json: AsJson = False
) -> None:
    """As a signatory: let a suspended agreement go on."""
    _standing("resume", site, agreement, name, json)


def end(
    agreement: AgreementArg, name: As = None, site: SiteDir = DEFAULT_SITE, json: AsJson = False
) -> None:
    """As a signatory: end an agreement before its last day. What is held is then to be erased."""
    _standing("end", site, agreement, name, json)


def add_to(app: typer.Typer) -> None:
    """Add these commands."""
    for command in (check, summary, compare, sign, suspend, resume, end):
        app.command()(command)
