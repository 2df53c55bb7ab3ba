"""Commands about identities that persist: how many there are, what is proposed, what is decided."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, Any

import typer

from equipoise.cli import show
from equipoise.cli.opening import site_at
from equipoise.cli.options import DEFAULT_SITE, AgreementArg, As, AsJson, SiteDir

if TYPE_CHECKING:
    from equipoise.acts.identities import Decided

HELP = """Identities that persist across deliveries, where the agreement says 'identities'.

The linkage unit keeps a register: each person or thing in it has an identifier that is random and
never leaves the room. A new delivery is held against the register, so whoever was known keeps the
pseudonym. The machine proposes; people of the linkage unit merge, split and undo, with a reason,
and what they decide stands when new files come.

A correction reaches the secure room with the next 'equipoise link'.
"""

app = typer.Typer(help=HELP, no_args_is_help=True, rich_markup_mode=None)

Entity = Annotated[
    str | None,
    typer.Option("--entity", help="Which register, if the agreement has several."),
]
Reason = Annotated[
    str,
    typer.Option("--reason", help="Why, in a few words and without anybody's name. It is kept."),
]
Evidence = Annotated[
    str, typer.Option("--evidence", help="Where the evidence is: the number of a case or letter.")
]
Pair = Annotated[
    list[int] | None,
    typer.Argument(help="The numbers of two identities, if no proposal names them."),
]
Proposal = Annotated[
    int | None, typer.Option("--proposal", help="An open proposal, in place of two numbers.")
]


@app.command("show")
def show_registers(
    agreement: AgreementArg, site: SiteDir = DEFAULT_SITE, json: AsJson = False
) -> None:
    """Show how many identities there are, of what size, and which events: rounded figures only."""
    from equipoise.acts.identities import registers

    with site_at(site) as opened:
        held = registers(opened, agreement)
    if json:
        show.as_json([{"entity": each.entity, **each.figures} for each in held])
        return
    if not held:
        show.say("No register is held yet. It begins with the first linkage: equipoise link.")
    for each in held:
        figures = dict(each.figures)
        events, sizes = figures.pop("events"), figures.pop("sizes")
        fewest = figures.pop("fewest")
        show.mapping(f"Register of {each.entity}", figures)
        members = "people" if "people" in figures else "records"
        show.mapping(f"  Identities by their number of {members} (5: five or more)", sizes)
        if events:
            show.mapping("  Events", events)
        show.say(f"  Figures are rounded; 'few' is fewer than {fewest}.")


@app.command()
def proposals(
    agreement: AgreementArg, entity: Entity = None, name: As = None,
    site: SiteDir = DEFAULT_SITE, json: AsJson = False,
) -> None:  # fmt: skip
    """List the identities that the machine found alike, the likeliest first, to be decided on."""
    from equipoise.acts import identities as acts

    with site_at(site) as opened:
        lines = acts.proposals(opened, agreement, acts.clerk(opened, agreement, name), entity)
    if json:
        show.as_json(lines)
    elif not lines:
        show.say("Nothing is proposed.")
    else:
        _table(lines, ("proposal", "left", "right", "probability", "rows"))
        show.say("Decide: equipoise identities merge (or apart) AGREEMENT --proposal N --reason …")


@app.command()
def records(
    agreement: AgreementArg,
    identity: Annotated[int, typer.Argument(help="The identity's number.")],
    entity: Entity = None,
    name: As = None,
    site: SiteDir = DEFAULT_SITE,
    json: AsJson = False,
) -> None:
    """Show an identity's records: where each comes from, and by which rules it is like the others.

    The last column has a letter for each rule of the agreement: records with the same letter have
    the same token, and '-' is none. Tokens themselves are not shown.
    """
    from equipoise.acts import identities as acts

    with site_at(site) as opened:
        person = acts.clerk(opened, agreement, name)
        lines = acts.records_of(opened, agreement, person, identity, entity)
    if json:
        show.as_json(lines)
    elif not lines:
        show.say("It has no records: nobody is left in it.")
    else:
        _table(lines, ("record", "dataset", "tokens"))


@app.command("history")
def show_history(
    agreement: AgreementArg,
    identity: Annotated[
        int | None, typer.Option("--identity", help="Only what touched this identity.")
    ] = None,
    entity: Entity = None,
    name: As = None,
    site: SiteDir = DEFAULT_SITE,
    json: AsJson = False,
) -> None:
    """Show what happened to a register: deliveries, merges, splits, and what was undone."""
    from equipoise.acts import identities as acts

    with site_at(site) as opened:
        person = acts.clerk(opened, agreement, name)
        lines = acts.events(opened, agreement, person, entity, identity)
    if json:
        show.as_json(lines)
        return
    for line in lines:
        pair = [str(line[side]) for side in ("left", "right") if line[side] is not None]
        about = f" {' and '.join(pair)}" if pair else ""
        undoes = f" event {line['undoes']}" if line["undoes"] else ""
        because = f" ({line['reason']})" if line["reason"] else ""
        evidence = f" [{line['evidence']}]" if line["evidence"] else ""
        gone = ", since undone" if line["undone"] else ""
        show.say(
            f"{line['event']}. {line['at']:%Y-%m-%d %H:%M} {line['actor']}: "
            f"{line['kind']}{about}{undoes}{because}{evidence}{gone}"
        )


@app.command()
def merge(
    agreement: AgreementArg, identities: Pair = None, proposal: Proposal = None,
    reason: Reason = "", evidence: Evidence = "", entity: Entity = None, name: As = None,
    site: SiteDir = DEFAULT_SITE, json: AsJson = False,
) -> None:  # fmt: skip
    """Hold two identities to be one. The elder stays; the other redirects to it, and may return."""
    _alike(agreement, identities, proposal, reason, evidence, entity, name, site, json, apart=False)


@app.command()
def apart(
    agreement: AgreementArg, identities: Pair = None, proposal: Proposal = None,
    reason: Reason = "", evidence: Evidence = "", entity: Entity = None, name: As = None,
    site: SiteDir = DEFAULT_SITE, json: AsJson = False,
) -> None:  # fmt: skip
    """Say that two identities are two people. Nothing proposes or merges them any more."""
    _alike(agreement, identities, proposal, reason, evidence, entity, name, site, json, apart=True)


def _alike(
    agreement: str, identities: list[int] | None, proposal: int | None, reason: str, evidence: str,
    entity: str | None, name: str | None, site: Any, json: bool, *, apart: bool,
) -> None:  # fmt: skip
    from equipoise.acts import identities as acts

    with site_at(site) as opened:
        person = acts.clerk(opened, agreement, name)
        done = acts.decide_merge(
            opened, agreement, person, tuple(identities or ()), reason,
            entity=entity, proposal=proposal, evidence=evidence, apart=apart,
        )  # fmt: skip
    _told(done, json)


@app.command()
def split(
    agreement: AgreementArg,
    identity: Annotated[int, typer.Argument(help="The identity's number.")],
    taken: Annotated[list[int], typer.Argument(metavar="RECORDS…", help="The records that leave.")],
    reason: Reason = "",
    evidence: Evidence = "",
    entity: Entity = None,
    name: As = None,
    site: SiteDir = DEFAULT_SITE,
    json: AsJson = False,
) -> None:
    """Take records out of an identity: they get a new one, and the two are kept apart."""
    from equipoise.acts import identities as acts

    with site_at(site) as opened:
        person = acts.clerk(opened, agreement, name)
        done = acts.decide_split(
            opened, agreement, person, identity, taken, reason, entity=entity, evidence=evidence
        )
    _told(done, json)


@app.command()
def undo(
    agreement: AgreementArg,
    event: Annotated[int, typer.Argument(help="The event's number, as the history gives it.")],
    reason: Reason = "",
    evidence: Evidence = "",
    entity: Entity = None,
    name: As = None,
    site: SiteDir = DEFAULT_SITE,
    json: AsJson = False,
) -> None:
    """Undo a merge, a split, a keeping apart, or an undoing: exactly, also after new deliveries."""
    from equipoise.acts import identities as acts

    with site_at(site) as opened:
        person = acts.clerk(opened, agreement, name)
        done = acts.decide_undo(
            opened, agreement, person, event, reason, entity=entity, evidence=evidence
        )
    _told(done, json)


def _told(done: Decided, json: bool) -> None:
    if json:
        show.as_json({"event": done.event, "kind": done.kind, "identities": done.identities})
        return
    show.say(f"Event {done.event} of the register: {done.kind}. It can be undone by this number.")
    show.say("The secure room learns of it with the next linkage: equipoise link AGREEMENT")


def _table(lines: Sequence[dict[str, Any]], names: Sequence[str]) -> None:
    show.table("", list(names), [[line[name] for name in names] for line in lines])


def add_to(parent: typer.Typer) -> None:
    """Add these commands."""
    parent.add_typer(app, name="identities")
