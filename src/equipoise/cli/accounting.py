"""Commands that answer for it: status, ledger, verify, register."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from equipoise.cli import show
from equipoise.cli.options import DEFAULT_SITE, AsJson, SiteDir
from equipoise.errors import EnvironmentFailed, IntegrityRefused, Problem


def status(site: SiteDir = DEFAULT_SITE, json: AsJson = False) -> None:
    """Say where every agreement and run stands, and what waits for whom."""
    from equipoise.acts.site import open_site
    from equipoise.acts.status import status as status_act

    said = status_act(open_site(site))
    if json:
        show.as_json(said)
        return
    show.say(f"{said['site']}{' (practice site)' if said['practice'] else ''}", style="bold")
    for agreement in said["agreements"]:
        show.say(f"\n{agreement['agreement']}: {agreement['title']}", style="bold")
        show.say(f"  {agreement['state']}, {agreement['term']}")
        for name in ("still to sign", "held", "erasure due"):
            if agreement[name]:
                show.say(f"  {name}: {', '.join(agreement[name])}")
        for run in agreement["runs"]:
            waits = f", waits for {' and '.join(run['waits for'])}" if run["waits for"] else ""
            show.say(f"  run {run['run']}: {run['state']}{waits}")
    for person in said["people"]:
        roles = ", ".join(person["roles"]) or "no role"
        show.say(f"  {person['name']} ({person['party']}): {roles}")
    for permit in said["open permits"]:
        show.say(f"Open permit to {permit['act']} under {permit['agreement']}", style="yellow")
    show.say(f"\n{said['ledger entries']:,} ledger entries.")


def ledger(
    export: Annotated[
        Path | None, typer.Option("--export", help="Write the whole ledger, signed, to this file.")
    ] = None,
    last: Annotated[int, typer.Option("--last", help="How many entries to show.", min=1)] = 20,
    site: SiteDir = DEFAULT_SITE,
    json: AsJson = False,
) -> None:
    """Show the newest ledger entries, or export all of it for whoever wants to verify it."""
    from equipoise.account.tell import sentence
    from equipoise.acts.publish import export_ledger
    from equipoise.acts.site import open_site

    opened = open_site(site)
    if export is not None:
        count = export_ledger(opened, export)
        key = opened.custody.site_key()
        if json:
            show.as_json({"file": str(export), "entries": count, "key": key})
            return
        show.say(f"{count:,} entries written to {export}.")
        show.say(f"Check it anywhere: equipoise verify {export} --key {key}")
        return
    entries = opened.store.entries()[-last:]
    if json:
        show.as_json([entry.as_dict() for entry in entries])
        return
    for entry in entries:
        show.say(f"{entry.sequence:>5}  {entry.at:%Y-%m-%d %H:%M}  {sentence(entry)}")


def verify(
    file: Annotated[Path, typer.Argument(help="An exported ledger, or an erasure receipt.")],
    key: Annotated[
        str | None, typer.Option("--key", help="The site's public key, from its register.")
    ] = None,
    head: Annotated[
        str | None,
        typer.Option("--head", help="A hash noted from the register earlier: it must be in it."),
    ] = None,
    json: AsJson = False,
) -> None:
    """Check an exported ledger or a receipt: chain, signatures, approvals. Needs no database."""
    from equipoise.account.verify import verify as verify_export

    data = _bytes_of(file)
    if file.suffix == ".json":
        _verify_receipt(data, key, json)
        return
    verified = verify_export(data, key=key)
    _holds_head(data, head)
    said = verified.as_dict()
    if json:
        show.as_json(said)
        return
    show.say(f"{file} holds.", style="bold green")
    for name, value in said.items():
        if name != "notes":
            told = (", ".join(value) or "none") if isinstance(value, list | tuple) else value
            show.say(f"  {name.replace('_', ' ')}: {told}")
    for note in said.get("notes", ()):
        show.say(f"Note: {note}")


def _bytes_of(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        raise EnvironmentFailed(
            Problem("CLI020", f"{file} cannot be read", why=error.strerror or "")
        ) from error


def _holds_head(data: bytes, head: str | None) -> None:
    if head is not None and f'"hash":"{head}"'.encode() not in data:
        raise IntegrityRefused(
            Problem(
                "CLI024",
                "the ledger does not hold the entry that the register named earlier",
                why="somebody wrote its history anew",
                next="ask the site for the ledger that belongs to the earlier register",
            )
        )


def _verify_receipt(data: bytes, key: str | None, json: bool) -> None:
    from equipoise.account.verify import verify_receipt

    receipt = verify_receipt(data, key=key)
    if json:
        show.as_json(receipt.as_dict())
        return
    show.say("The receipt holds.", style="bold green")
    show.say(f"  {receipt.reference}, {receipt.at:%d %B %Y}, by {receipt.by}")
    show.say(f"  {len(receipt.destroyed)} things destroyed, {receipt.rows:,} rows in them")
    show.say(f"  {receipt.method}")
    for limit in receipt.limits:
        show.say(f"  Limit: {limit}")


def register(site: SiteDir = DEFAULT_SITE, json: AsJson = False) -> None:
    """Write the public register: static pages and JSON, for everybody."""
    from equipoise.acts.publish import publish
    from equipoise.acts.site import open_site

    path = publish(open_site(site))
    if json:
        show.as_json({"register": str(path)})
        return
    show.say(f"Register: {path}")


def add_to(app: typer.Typer) -> None:
    """Add these commands."""
    for command in (status, ledger, verify, register):
        app.command()(command)
