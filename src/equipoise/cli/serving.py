"""Commands of the web application: serve a site, and let people in."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from equipoise.cli import show
from equipoise.cli.opening import site_at
from equipoise.cli.options import DEFAULT_SITE, AsJson, SiteDir

PEOPLE_HELP = """Let people into the web application, and keep them out.

Enrol somebody first (equipoise init --enrol), then invite them: they open the link, choose a
password, and set up a second factor.
"""
people = typer.Typer(help=PEOPLE_HELP, no_args_is_help=True, rich_markup_mode=None)

PersonArg = Annotated[
    str, typer.Argument(metavar="PERSON", help="An enrolled person: party/name, or the name.")
]


def serve(
    site: SiteDir = DEFAULT_SITE,
    host: Annotated[
        str, typer.Option(help="The address to listen at; by default this machine alone.")
    ] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="The port to listen at.")] = 8000,
    workers: Annotated[int, typer.Option(help="Processes; one for each processor is enough.")] = 2,
    threads: Annotated[int, typer.Option(help="Threads in each process.")] = 16,
    name: Annotated[
        list[str] | None,
        typer.Option(help="A name by which people call the site, as data.example.org; repeat it."),
    ] = None,
    behind_proxy: Annotated[
        bool,
        typer.Option(
            "--behind-proxy",
            help="A proxy on this machine adds HTTPS, and tells X-Forwarded-For and -Proto.",
        ),
    ] = False,
) -> None:
    """Serve the web application of a site, until you press Ctrl-C."""
    from equipoise.web.application import is_loopback
    from equipoise.web.serve import Serving, refuse_unfit
    from equipoise.web.serve import serve as serve_site

    serving = Serving(site, host, port, workers, threads, tuple(name or ()), behind_proxy)
    refuse_unfit(serving)
    if not is_loopback(host):
        show.aside(
            f"Whoever reaches {host} can open these pages, and what they type travels "
            "unsealed. Put a proxy with HTTPS in front: see the page on serving a site."
        )
    serve_site(
        serving, lambda: show.say(f"The site is at {serving.address} - press Ctrl-C to stop.")
    )


@people.command()
def invite(
    person: PersonArg,
    role: Annotated[
        list[str] | None,
        typer.Option(
            help="A role to give besides, as administrator, facilitator or assessor; repeat it."
        ),
    ] = None,
    address: Annotated[
        str, typer.Option(help="The address of the site, as people open it.")
    ] = "http://127.0.0.1:8000",
    site: SiteDir = DEFAULT_SITE,
    json: AsJson = False,
) -> None:
    """Make a link by which an enrolled person opens an account, or opens it anew."""
    from equipoise.acts.accounts.invite import invite as invite_act
    from equipoise.acts.site import enrol

    with site_at(site) as opened:
        found = opened.person(person)
        if role:
            found = enrol(opened, found.party, found.name, roles=tuple(role))
        made = invite_act(opened, found, by=None)
    link = f"{address.rstrip('/')}/invitation/{made.token}"
    if json:
        show.as_json({"person": found.key, "link": link, "ends": made.ends.isoformat()})
        return
    show.say(f"For {found.name} of {found.party} alone; it serves once, until {made.ends:%d %B}:")
    show.say(link, style="bold")


@people.command()
def lock(person: PersonArg, site: SiteDir = DEFAULT_SITE) -> None:
    """Lock an account, and end its sessions at once."""
    _lock(site, person, locked=True)


@people.command()
def unlock(person: PersonArg, site: SiteDir = DEFAULT_SITE) -> None:
    """Unlock an account."""
    _lock(site, person, locked=False)


def _lock(site: Path, person: str, *, locked: bool) -> None:
    from equipoise.acts.accounts.keep import lock as lock_act

    with site_at(site) as opened:
        found = opened.person(person)
        lock_act(opened, found, by=None, locked=locked)
    show.say(f"The account of {found.name} is {'locked' if locked else 'unlocked'}.")


@people.command("sign-out")
def sign_out(person: PersonArg, site: SiteDir = DEFAULT_SITE) -> None:
    """End every session of a person."""
    from equipoise.acts.accounts.keep import sign_out_everywhere

    with site_at(site) as opened:
        found = opened.person(person)
        sign_out_everywhere(opened, found, by=None)
    show.say(f"{found.name} is signed out everywhere.")


def add_to(app: typer.Typer) -> None:
    """Add these commands."""
    app.command()(serve)
    app.add_typer(people, name="people")
