"""Commands on assessments: begin, answer, show, compare, close, bind."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from equipoise.cli import show
from equipoise.cli.opening import site_at
from equipoise.cli.options import DEFAULT_SITE, AsJson, SiteDir

if TYPE_CHECKING:
    from equipoise.acts.assess import Begun
    from equipoise.weigh.assess.profile import Asked, EffectRow, Spread

HELP = """Weigh benefit against risk, before anything is signed.

Several people answer the same sheet, each for themselves: red lines first, then benefits and risks
by size, likelihood and on whom, seven factors, and three tests in eighteen questions. What comes of
it is a profile with its spread, and never one score. The way:

\b
  equipoise assess start rebate --agreement agreement.yaml --as NAME
  equipoise assess sheet rebate > answers.yaml     (each rater fills one in)
  equipoise assess answer rebate answers.yaml --as NAME
  equipoise assess show rebate
  equipoise assess close rebate closing.yaml --as NAME
  equipoise assess bind rebate agreement.yaml --out agreement.yaml

Binding writes the hash of the assessment, its red lines and its conditions into the agreement. From
then on signing and the gate refuse any other text than the one that was weighed.
"""

app = typer.Typer(help=HELP, no_args_is_help=True, rich_markup_mode=None)

Name = Annotated[str, typer.Argument(metavar="NAME", help="The assessment's short name.")]
By = Annotated[str, typer.Option("--as", metavar="NAME", help="The enrolled person who does this.")]
Text = Annotated[
    str, typer.Argument(metavar="AGREEMENT", help="The agreement's YAML file or its folder.")
]


@app.command()
def start(
    name: Name,
    by: By,
    agreement: Annotated[
        str | None, typer.Option("--agreement", help="The draft that is to be weighed.")
    ] = None,
    card: Annotated[
        str | None, typer.Option("--card", help="The initiative card that is to be weighed.")
    ] = None,
    after: Annotated[
        str | None,
        typer.Option("--after", help="An earlier assessment: answers not stale are taken over."),
    ] = None,
    site: SiteDir = DEFAULT_SITE,
    json: AsJson = False,
) -> None:
    """Begin an assessment of a draft, of a card, or of both."""
    from equipoise.acts.assess import begin_assessment

    with site_at(site) as opened:
        begun = begin_assessment(opened, name, by, source=agreement, card=card, after=after)
    if json:
        show.as_json(_begun(begun))
        return
    show.say(f"The assessment {name} is open.", style="bold")
    for line in begun.assessment.subject.lines:
        show.say(f"Red line {line.line}, from the text itself: {line.verdict}.")
        for finding in line.findings:
            if finding.verdict != "pass":
                show.say(f"  {finding.verdict}: {finding.reason} ({finding.clause})")
    for who in begun.carried:
        show.say(f"Taken over: the answers of {who}; nothing under them changed.")
    for who, answers in begun.anew.items():
        show.say(f"To be answered anew by {who}: {', '.join(answers)}")
    show.say(f"Give everybody the sheet: equipoise assess sheet {name} --site '{site}'")


def _begun(begun: Begun) -> dict[str, Any]:
    subject = begun.assessment.subject
    return {
        "assessment": begun.assessment.name,
        "substance": subject.substance,
        "red_lines": {line.line: line.verdict for line in subject.lines},
        "carried": list(begun.carried),
        "anew": {who: list(answers) for who, answers in begun.anew.items()},
    }


@app.command()
def sheet(
    name: Name,
    rater: Annotated[
        str | None,
        typer.Option("--for", metavar="RATER", help="With what this person answered before."),
    ] = None,
    site: SiteDir = DEFAULT_SITE,
) -> None:
    """Print the sheet that each rater fills in, with every question above its answer."""
    from equipoise.acts.assess_papers import sheet_text

    with site_at(site) as opened:
        show.say(sheet_text(opened, name, rater).rstrip("\n"))


@app.command()
def answer(
    name: Name,
    answers: Annotated[Path, typer.Argument(help="A rater's filled-in sheet, as YAML.")],
    by: By,
    site: SiteDir = DEFAULT_SITE,
    json: AsJson = False,
) -> None:
    """Hand in one rater's answers. Every problem is told at once, each with its line."""
    from equipoise.acts.assess import hand_in, text_at

    with site_at(site) as opened:
        made = hand_in(opened, name, text_at(answers), by, file=str(answers))
    if json:
        show.as_json({"assessment": name, "raters": len(made.sheets)})
        return
    show.say(f"Handed in. Answers of {len(made.sheets)} so far, each kept apart.")


@app.command("show")
def show_one(name: Name, site: SiteDir = DEFAULT_SITE, json: AsJson = False) -> None:
    """Show the profile: everything that was answered, with its spread, and no score."""
    from equipoise.acts.assess_papers import show_assessment
    from equipoise.weigh.assess.profile import disputed

    with site_at(site) as opened:
        shown = show_assessment(opened, name)
    if json:
        bound = None if shown.cover is None else shown.cover.digest
        show.as_json(
            {
                "assessment": name, "state": shown.held.state, "digest": bound,
                "profile": shown.profile.model_dump(mode="json"),
            }
        )  # fmt: skip
        return
    made = shown.profile
    show.say(f"{name}: {shown.held.state}, {made.raters} raters ({', '.join(made.sectors)})")
    for line in made.computed:
        show.say(f"Red line {line.line}, from the text itself: {line.verdict}.")
    for held in made.lines:
        show.say(f"Red line, {held.standing}: {held.line} Held by {held.held_by}.")
    _effects("Benefits", made.benefits)
    _effects("Risks", made.risks)
    _effects("Lost without it", made.not_sharing)
    _asked("Factors", made.factors)
    _asked("Tests", made.tests)
    for word, count in made.views:
        show.say(f"{count} said: {word}")
    for condition in made.conditions:
        show.say(f"Condition: {condition}")
    for figure in made.figures:
        show.say(f"Measured: {figure.what}: {figure.value} ({figure.source})")
    for words in disputed(made):
        show.say(f"People disagree: {words}")
    if shown.cover is not None:
        show.say(f"Hash to bind: {shown.cover.digest}")


def _effects(title: str, rows: tuple[EffectRow, ...]) -> None:
    heads = ["what", "on whom", "size", "likelihood", "weight", "with controls"]
    cells = [
        [
            row.words + (" [exposed for others: counted worse]" if row.for_others else ""),
            row.on, _said(row.size), _said(row.likelihood), _said(row.weight),
            _said(row.remains) if row.remains else "",
        ]
        for row in rows
    ]  # fmt: skip
    if cells:
        show.table(title, heads, cells)


def _asked(title: str, asked: tuple[Asked, ...]) -> None:
    show.table(
        title, ["", "asked", "answers"], [[a.name, a.words, _said(a.answers)] for a in asked]
    )


def _said(spread: Spread) -> str:
    from equipoise.weigh.assess.dpia import shown

    return shown(spread)


@app.command()
def compare(
    name: Name, agreement: Text, site: SiteDir = DEFAULT_SITE, json: AsJson = False
) -> None:
    """Hold an agreement against what was weighed: what changed, which answers are stale, and why it
    could not be signed."""
    from equipoise.acts.assess_bind import compare_weighed

    with site_at(site) as opened:
        found = compare_weighed(opened, name, agreement)
    if json:
        show.as_json(
            {
                "assessment": name, "same": found.same,
                "changes": [change.model_dump() for change in found.changes],
                "anew": {who: list(answers) for who, answers in found.anew.items()},
                "problems": [each.as_dict() for each in found.problems],
            }
        )  # fmt: skip
        return
    if found.same:
        show.say("This is the text that was weighed.", style="bold")
    for change in found.changes:
        show.say(f"{change.weight:8} {change.sentence}")
        if change.names:
            names = ", ".join([*change.items, *change.questions])
            show.say(f"         makes stale: {names}")
    for who, answers in found.anew.items():
        if answers:
            show.say(f"To be answered anew by {who}: {', '.join(answers)}")
    for each in found.problems:
        show.say(f"Cannot be signed: {each.sentence()}")


@app.command()
def dpia(
    name: Name,
    out: Annotated[Path, typer.Option("--out", help="The folder to write to.")] = Path(),
    site: SiteDir = DEFAULT_SITE,
    json: AsJson = False,
) -> None:
    """Write the data protection impact assessment, in its seven steps, as Markdown and HTML."""
    from equipoise.acts.assess_papers import write_dpia

    with site_at(site) as opened:
        paths = write_dpia(opened, name, out)
    if json:
        show.as_json({"assessment": name, "files": [str(path) for path in paths]})
        return
    for path in paths:
        show.say(f"Written: {path}")


@app.command()
def close(
    name: Name,
    closing: Annotated[Path, typer.Argument(help="Who settled what, who advised: as YAML.")],
    by: By,
    site: SiteDir = DEFAULT_SITE,
    json: AsJson = False,
) -> None:
    """Close an assessment, and tell the hash that an agreement binds.

    The file names the 'assessment', who was 'consulted', 'settled' red lines (line, by, on behalf
    of, how), the 'adviser' (name, advice, followed, because), the 'regulator' (consulted, said) if
    a high risk remains, 'departs' (people said, because, decided by), what was 'heard' in a
    workshop (workshop, information pack, said, in short), 'approved by', 'accepted by',
    'reviewed by', 'review'.
    """
    from equipoise.acts.assess import close_assessment, text_at

    with site_at(site) as opened:
        cover = close_assessment(opened, name, text_at(closing), by, file=str(closing))
    if json:
        show.as_json({"digest": cover.digest, **cover.as_dict()})
        return
    show.say(f"{name} is closed; people were: {cover.said}.", style="bold")
    for line in cover.lines:
        show.say(f"Red line, {line.standing}: {line.line}")
    show.say(f"Hash: {cover.digest}")
    show.say(f"Bind it: equipoise assess bind {name} AGREEMENT --out AGREEMENT --site '{site}'")


@app.command()
def bind(
    name: Name,
    agreement: Text,
    out: Annotated[Path | None, typer.Option("--out", help="Write the text here.")] = None,
    site: SiteDir = DEFAULT_SITE,
    json: AsJson = False,
) -> None:
    """Write what was weighed into an agreement's clause 'weighing': hashes, lines, conditions.

    Without --out the text is printed. Conditions are added without an answer: write at each the
    'clause' that it became, or an 'answer'.
    """
    from equipoise.acts.assess_bind import bind as bind_text
    from equipoise.acts.files import write_whole

    with site_at(site) as opened:
        text = bind_text(opened, name, agreement)
    if out is not None:
        write_whole(out, text.encode("utf-8"))
    if json:
        show.as_json({"assessment": name, "file": None if out is None else str(out), "text": text})
    elif out is None:
        show.say(text.rstrip("\n"))
    else:
        show.say(f"Written: {out}. Next: equipoise check {out}")


@app.command("set-aside")
def set_aside(
    name: Name,
    by: By,
    because: Annotated[str, typer.Option("--because", help="Why. Its hash is on the ledger.")],
    site: SiteDir = DEFAULT_SITE,
    json: AsJson = False,
) -> None:
    """Set an assessment aside that no agreement binds, with a reason."""
    from equipoise.acts.assess import set_aside as set_aside_act

    with site_at(site) as opened:
        set_aside_act(opened, name, because, by)
    told: dict[str, Any] = {"assessment": name, "state": "set aside"}
    if json:
        show.as_json(told)
        return
    show.say(f"{name} is set aside.")


def add_to(parent: typer.Typer) -> None:
    """Add these commands."""
    parent.add_typer(app, name="assess")
