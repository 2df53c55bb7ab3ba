"""Commands that make places: a site, an invented city, the demonstration."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from equipoise.cli import show
from equipoise.cli.options import DEFAULT_SITE, AsJson, SiteDir
from equipoise.errors import Problem, UsageRefused

if TYPE_CHECKING:  # acts are loaded by the command that needs them
    from equipoise.acts.demo_weigh import Filled
    from equipoise.acts.site import Site
    from equipoise.store.facts import Person

Name = Annotated[str, typer.Option("--name", help="The site's name, as the public reads it.")]
Practice = Annotated[
    bool, typer.Option("--practice", help="A practice site: invented people may sign and review.")
]
Database = Annotated[
    str, typer.Option("--database", help="A Postgres URL; SQLite in the site's folder if none.")
]
Enrol = Annotated[
    list[str] | None,
    typer.Option("--enrol", metavar="PARTY/NAME", help="Enrol a person; may be given again."),
]
Role = Annotated[
    list[str] | None,
    typer.Option(
        "--role",
        help="A role of those enrolled: one of their party's in the agreement (controller, linkage "
        "unit, secure room…), one that a use names, a training, or checker. May be given again.",
    ),
]
Plays = Annotated[
    list[str] | None,
    typer.Option(
        "--plays",
        metavar="'PARTY: ROLE'",
        help="For a site among partners: a post that it fills, as 'hmrc: owner'; roles are owner, "
        "linkage unit, secure room, recipient. May be given again; none means every post.",
    ),
]
PublicKey = Annotated[
    str,
    typer.Option(
        "--public-key",
        help="The public key that the person enrolled made, as text or a file: the site then makes "
        "and holds no key for them.",
    ),
]
Post = Annotated[str, typer.Option("--post", help="The post of the person enrolled.")]


def init(
    name: Name = "Equipoise site",
    practice: Practice = False,
    database: Database = "",
    plays: Plays = None,
    enrol_who: Enrol = None,
    role: Role = None,
    post: Post = "",
    public_key: PublicKey = "",
    site: SiteDir = DEFAULT_SITE,
    json: AsJson = False,
) -> None:
    """Make a site, or enrol named people in the one that is there."""
    from equipoise.acts.settings import read_posts
    from equipoise.acts.site import found_site, open_site

    people = [_person(who) for who in enrol_who or ()]
    exists = (site / "equipoise.toml").is_file()
    if exists and (plays or not enrol_who):
        found_site(site, name=name)  # refuses, and says what to do
    opened = (
        open_site(site)
        if exists
        else found_site(
            site, name=name, practice=practice, database=database, posts=read_posts(plays or ())
        )
    )
    made = _enrolled(opened, people, tuple(role or ()), post, public_key)
    if json:
        enrolled = [person.key for person in made]
        key = opened.custody.site_key()
        show.as_json({"site": str(site), "key": key, "enrolled": enrolled})
        return
    show.say(f"Site: {site}")
    show.say(f"Public key of the site: {opened.custody.site_key()}")
    for party, filled in sorted(opened.posts or ()):
        show.say(f"Acts for {party} as {filled}")
    for person in made:
        given = ", ".join(person.roles) or "no role"
        show.say(f"Enrolled: {person.name} ({person.party}), {given}")


def _enrolled(
    site: Site, people: list[tuple[str, str]], roles: tuple[str, ...], post: str, key: str
) -> list[Person]:
    from equipoise.acts.own_key import enrol_with_key
    from equipoise.acts.partners import read_bytes
    from equipoise.acts.site import enrol

    if not key:
        return [enrol(site, party, called, roles=roles, post=post) for party, called in people]
    if len(people) != 1:
        raise UsageRefused(
            Problem(
                "CLI031",
                "a public key is one person's",
                next="name with --enrol whose it is; enrol each person by a command of their own",
            )
        )
    (party, called), file = people[0], Path(key)
    if len(key) < 250 and file.is_file():
        key = read_bytes(file, "the public key").decode("utf-8", "replace")
    return [enrol_with_key(site, party, called, key, roles=roles, post=post)]


def _person(who: str) -> tuple[str, str]:
    party, slash, called = (part.strip() for part in who.partition("/"))
    if not (party and slash and called):
        raise UsageRefused(
            Problem(
                "CLI030",
                f"{who!r} is not PARTY/NAME",
                why="a person is enrolled for the party that the agreement calls so",
                next="as --enrol 'hmrc/Amara Osei' --role controller",
            )
        )
    return party, called


def city(
    directory: Annotated[Path, typer.Argument(help="The folder for the agencies' files.")],
    people: Annotated[int, typer.Option("--people", help="How many people live there.")] = 100_000,
    seed: Annotated[int, typer.Option("--seed", help="The same seed gives the same city.")] = 2026,
    json: AsJson = False,
) -> None:
    """Invent a city and write its agencies' files, with the truth beside them."""
    from equipoise.city import build_city, write_agencies

    with show.progress(quiet=json) as on_progress:
        written = write_agencies(
            build_city(people, seed, on_progress=on_progress), directory, on_progress=on_progress
        )
    if json:
        files = written.files.items()
        show.as_json({name: {"file": str(f.path), "rows": f.rows} for name, f in files})
        return
    show.table(
        f"An invented city of {people:,} people",
        ("file", "holder", "rows"),
        [(f.path.name, f.holder, f.rows) for f in written.files.values()],
    )
    show.say(f"Map: {written.map}")
    show.say(f"Truth, which no real site has: {written.truth}")


def demo(
    people: Annotated[int, typer.Option("--people", help="How many people the city has.")] = 30_000,
    seed: Annotated[int, typer.Option("--seed", help="The same seed gives the same city.")] = 2026,
    site: SiteDir = Path("demo-site"),
) -> None:
    """Watch two agreements being signed and carried out on an invented city, and one refusal; then
    open a site filled with things to weigh."""
    from equipoise.acts.demo import demonstrate

    with show.progress(quiet=False) as on_progress:
        shown = demonstrate(
            site,
            people=people,
            seed=seed,
            tell=lambda told: show.say(f"  {told}"),
            heading=lambda title: show.say(f"\n{title}", style="bold"),
            on_progress=on_progress,
        )
    show.say("\nResults", style="bold")
    for walked in shown.walks:
        for run in walked.runs:
            show.say(f"  {run.use}: {run.state}")
            for sentence in run.sentences:
                show.say(f"    {sentence}")
    show.say("\nHeld against the planted truth", style="bold")
    if shown.flags is not None:
        show.say(f"  Rebates: {shown.flags.sentence()}")
    if shown.effect is not None:
        effect = shown.effect
        held = "lies" if effect.holds_planted else "does NOT lie"
        show.say(
            f"  Mentoring: the planted effect of {100 * effect.planted:+.0f} percentage points "
            f"{held} in the reported interval, {100 * effect.low:+.0f} to {100 * effect.high:+.0f}."
        )
    show.say(f"\n{shown.verified:,} ledger entries exported and verified.", style="bold green")
    show.say(f"Register: {shown.register}")
    show.say(f"Reports:  {site / 'reports'}")
    show.say(f"Released: {site / 'outbox'}")
    show.say(f"Ledger:   {shown.ledger}   (equipoise verify {shown.ledger})")
    offer(site, shown.filled)


def offer(site: Path, filled: Filled | None) -> None:
    """Offer the web application, and say who there is to be in it."""
    if filled is None:
        return
    show.say("\nGo in and look around", style="bold")
    show.say(f"  equipoise serve --site {site}")
    show.say("  opens it at http://127.0.0.1:8000/ for this machine alone. Step in, without a")
    show.say("  password, as any of these invented people:")
    for person in filled.people:
        roles = ", ".join((person.post or person.party, *person.roles))
        show.say(f"    {person.name}: {roles}")


def add_to(app: typer.Typer) -> None:
    """Add these commands."""
    for command in (init, city, demo):
        app.command()(command)
