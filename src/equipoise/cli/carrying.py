"""Commands that move data: pack, receive, link, run, review, release, erase."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from equipoise.cli import show
from equipoise.cli.opening import site_at
from equipoise.cli.options import DEFAULT_SITE, AgreementArg, As, AsJson, SiteDir
from equipoise.errors import Problem, ResultRefused, UsageRefused

Data = Annotated[
    Path | None,
    typer.Option("--data", help="The owner's file, or the folder of the owners' files."),
]
Practice = Annotated[
    bool,
    typer.Option("--practice", help="On a practice site: invented people sign and review."),
]


def pack(
    agreement: AgreementArg,
    dataset: Annotated[str, typer.Argument(help="The dataset, as the agreement calls it.")],
    data: Data = None,
    out: Annotated[Path | None, typer.Option("--out", help="Where to put the parcels.")] = None,
    site: SiteDir = DEFAULT_SITE,
    json: AsJson = False,
) -> None:
    """On the owner's machine: keep the agreed fields of a file, encode, and seal two parcels."""
    from equipoise.acts.pack import pack as pack_act

    if data is None:
        raise UsageRefused(Problem("CLI010", "no file was named", next="add --data FILE"))
    with site_at(site) as opened, show.progress(quiet=json) as on_progress:
        packed = pack_act(opened, agreement, dataset, data, out=out, on_progress=on_progress)
    if json:
        show.as_json(
            {
                "dataset": dataset,
                "parcels": [str(path) for path in packed.parcels],
                "counts": packed.counts,
                "warnings": [warning.as_dict() for warning in packed.warnings],
                "report": str(packed.report),
            }
        )
        return
    show.mapping(f"Packed {dataset}", packed.counts)
    for warning in packed.warnings:
        show.say(f"Worth a look: {warning.sentence()}")
    for path in packed.parcels:
        show.say(f"Parcel: {path}")
    show.say(f"Your own report, with rejected rows by number: {packed.report}")


def receive(
    file: Annotated[
        Path,
        typer.Argument(help="A parcel, a partner's erasure receipt (.json), or a release package."),
    ],
    agreement: Annotated[
        str | None, typer.Argument(help="For a parcel: the agreement it belongs to.")
    ] = None,
    party: Annotated[
        str | None, typer.Option("--party", help="For a release: the party that receives it.")
    ] = None,
    out: Annotated[
        Path | None, typer.Option("--out", help="For a release: the folder for its files.")
    ] = None,
    site: SiteDir = DEFAULT_SITE,
    json: AsJson = False,
) -> None:
    """Receive a parcel into its room, keep a partner's receipt, or open a release as recipient."""
    from equipoise.acts.receive import receive as receive_act
    from equipoise.cli.partnering import keep

    if party is not None:
        _accept(file, party, out or Path(f"{file.name}-opened"), site, json)
        return
    if file.suffix == ".json" and agreement is None:
        keep(file, site, json)
        return
    if agreement is None:
        raise UsageRefused(_say_what())
    with site_at(site) as opened:
        received = receive_act(opened, agreement, file)
    if json:
        show.as_json({"dataset": received.dataset, "room": received.room, "rows": received.rows})
        return
    show.say(f"{received.rows:,} rows of {received.dataset} are held, sealed, in {received.room}.")


def _say_what() -> Problem:
    return Problem(
        "CLI011",
        "say what is received",
        next="a parcel: receive FILE AGREEMENT; a receipt: receive FILE.json; a release: "
        "receive FILE --party PARTY",
    )


def _accept(file: Path, party: str, out: Path, site: Path, json: bool) -> None:
    from equipoise.acts.release import accept

    with site_at(site) as opened:
        files = accept(opened, party, file, out)
    if json:
        show.as_json([str(path) for path in files])
        return
    show.say("The package is whole, and signed by the secure room's site.")
    for path in files:
        show.say(f"  {path}")


def link(
    agreement: AgreementArg,
    site: SiteDir = DEFAULT_SITE,
    exact: Annotated[
        bool,
        typer.Option("--exact", help="Exact figures, for the eyes of whoever links and no others."),
    ] = False,
    json: AsJson = False,
) -> None:
    """Join what was received, in the mode that the agreement says.

    In the modes 'exact' and 'encoded' the linkage unit links, by tokens or by filters; in 'enclave'
    and 'identified' the secure room does. Figures are rounded as on the ledger, unless --exact is
    given.
    """
    from equipoise.acts.link import link as link_act

    with site_at(site) as opened, show.progress(quiet=json) as on_progress:
        done = link_act(opened, agreement, on_progress=on_progress)
    if json:
        told = {each.entity: each.exact.as_dict() if exact else each.report for each in done}
        show.as_json(told)
        return
    if not done:
        show.say("The agreement links nothing.")
    elif exact:
        show.say("Exact figures, for whoever links alone: they are not passed on.", style="yellow")
    for each in done:
        for sentence in each.exact.sentences() if exact else each.sentences:
            show.say(sentence)
    for path in (path for each in done for path in each.sent):
        show.say(f"For the secure room's site: {path}")


def run(
    agreement: AgreementArg,
    data: Data = None,
    use: Annotated[
        list[str] | None, typer.Option("--use", help="Only this use; may be given again.")
    ] = None,
    name: As = None,
    practice: Practice = False,
    again: Annotated[
        bool, typer.Option("--again", help="Carry out once more what was carried out before.")
    ] = False,
    site: SiteDir = DEFAULT_SITE,
    json: AsJson = False,
) -> None:
    """Walk the whole way: intake, encode, link, use, check, review, release, erase, publish.

    What was done before is not done again. Where a person has to decide, the walk stops and says
    for whom it waits; give the same command again afterwards.
    """
    from equipoise.account.tell import sentence
    from equipoise.acts.walk import walk
    from equipoise.cli.results import show_walk

    with site_at(site) as opened, show.progress(quiet=json) as on_progress:
        if not json:
            opened.store.listener = lambda entry: (
                None if entry.act.startswith("permit ") else show.say(f"  {sentence(entry)}")
            )
        walked = walk(
            opened,
            agreement,
            data,
            practice=practice,
            person=name,
            uses=tuple(use or ()),
            again=again,
            on_progress=on_progress,
        )
    show_walk(opened, walked, json=json)
    if walked.refused and json:  # the reasons are in what was printed: one document for a script
        raise typer.Exit(ResultRefused.exit_code)
    if walked.refused:
        raise ResultRefused(walked.refused)


def review(
    run: Annotated[str, typer.Argument(help="The run, as 'equipoise status' names it.")],
    name: As = None,
    approve: Annotated[
        bool | None, typer.Option("--approve/--reject", help="Your decision.")
    ] = None,
    reason: Annotated[str, typer.Option("--reason", help="Why, in a few words.")] = "",
    site: SiteDir = DEFAULT_SITE,
    json: AsJson = False,
) -> None:
    """Look at a run's checked outputs and findings; with --approve or --reject, decide."""
    from equipoise.acts.review import approvals_wanted, reviewer
    from equipoise.acts.review import review as review_act
    from equipoise.cli.results import show_run

    with site_at(site) as opened:
        if approve is None:
            show_run(opened, opened.store.run(run), json=json)
            return
        if name is None:
            raise UsageRefused(Problem("CLI012", "say who decides", next="add --as 'YOUR NAME'"))
        person = reviewer(opened, run, name)
        decided = review_act(opened, run, person, approve=approve, reason=reason)
        waiting = approvals_wanted(opened, decided) if decided.state == "in review" else ()
    if json:
        show.as_json({"run": run, "state": decided.state, "waits for": list(waiting)})
        return
    show.say(f"{run}: {decided.state}.")
    for who in waiting:
        show.say(f"Waits for {who}.")
    if not waiting and decided.state == "in review":
        show.say(f"Everybody needed has approved. Next: equipoise release {run} --site '{site}'")


def release(
    run: Annotated[str, typer.Argument(help="The run, as 'equipoise status' names it.")],
    site: SiteDir = DEFAULT_SITE,
    json: AsJson = False,
) -> None:
    """Release an approved run to the recipients its agreement names."""
    from equipoise.acts.release import release as release_act

    with site_at(site) as opened:
        found = opened.store.run(run)
        agreement = opened.frozen(found.reference).agreement
        done = release_act(opened, run, opened.actor_in(agreement, "secure room"))
    if json:
        show.as_json(
            [{"to": r.recipient, "file": r.path, "sha256": r.sha256} for r in done.releases]
        )
        return
    for released in done.releases:
        show.say(f"To {released.recipient}: {opened.directory / released.path}")
    show.say(f"Next, what may no longer be held: equipoise erase {done.reference} --site '{site}'")


def erase(
    agreement: AgreementArg,
    names: Annotated[
        list[str] | None, typer.Argument(help="Datasets or outputs; none means all that is due.")
    ] = None,
    site: SiteDir = DEFAULT_SITE,
    json: AsJson = False,
) -> None:
    """Destroy keys and files of what may no longer be held, with a receipt."""
    from equipoise.acts.erase import erase as erase_act

    with site_at(site) as opened:
        done = erase_act(opened, agreement, tuple(names or ()))
    if json:
        show.as_json(
            {
                "erased": list(done.names),
                "already": done.already,
                "receipt": done.receipt.as_dict() if done.receipt else None,
            }
        )
        return
    if not done.names and done.receipt is None:
        show.say("Nothing is due.")
    elif not done.names:
        show.say("Nothing was held any more; the keys of the agreement are destroyed.")
    elif done.already:
        show.say(f"{', '.join(done.names)}: erased before; nothing was left to do.")
    else:
        show.say(f"Erased: {', '.join(done.names)}.")
    if done.path is not None:
        show.say(f"Receipt: {done.path}")


def add_to(app: typer.Typer) -> None:
    """Add these commands."""
    for command in (pack, receive, link, run, review, release, erase):
        app.command()(command)
