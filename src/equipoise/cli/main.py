"""The command ``equipoise``: gathers the commands, and turns refusals into words and exit codes."""

from __future__ import annotations

import errno
import sys
import traceback
from pathlib import Path

import typer

from equipoise import __version__
from equipoise.cli import (
    accounting,
    agreements,
    assess,
    carrying,
    identities,
    link_review,
    own_keys,
    partnering,
    places,
    serving,
    show,
)
from equipoise.errors import EnvironmentFailed, EquipoiseError, Problem, UsageRefused

HELP = """Data-sharing agreements that a machine carries out.

Write an agreement, sign it, and carry it out: only what it says can happen, every step is on the
ledger, and the public register shows what was done.

Start here:  equipoise demo --site demo-site

Your own:    equipoise check agreement.yaml

Exit codes: 0 done, 2 the command makes no sense, 3 the agreement's text is wrong, 4 the agreement
does not permit it, 5 a file or parcel is not right, 6 a result may not be reported, 7 a chain,
signature or seal does not hold, 8 not now, 9 the machine cannot.
"""

app = typer.Typer(
    help=HELP, no_args_is_help=True, rich_markup_mode=None, pretty_exceptions_enable=False
)


def _version(wanted: bool) -> None:
    if wanted:
        show.say(f"equipoise {__version__}")
        raise typer.Exit


@app.callback()
def main(
    version: bool = typer.Option(
        False, "--version", callback=_version, is_eager=True, help="Show the version and end."
    ),
) -> None:
    """Take the options that stand before a command."""


agreements.add_to(app)
assess.add_to(app)
carrying.add_to(app)
partnering.add_to(app)
accounting.add_to(app)
places.add_to(app)
identities.add_to(app)
link_review.add_to(app)
own_keys.add_to(app)
serving.add_to(app)


def from_the_machine(error: OSError) -> EnvironmentFailed:
    """Say in words what the operating system refused, without the path of anybody's data."""
    full = error.errno in {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
    return EnvironmentFailed(
        Problem(
            "CLI001" if full else "CLI002",
            "there is no room left on the disk" if full else "the machine refused a file operation",
            why=error.strerror or type(error).__name__,
            next="make room and give the same command again; nothing was half released"
            if full
            else "check that the folders named exist and that you may read and write there",
        )
    )


def fault(error: Exception) -> EquipoiseError:
    """Say where the program broke, by type and line alone: a message might hold somebody's data.

    What the parser of the command itself refused is no fault, and may be told.
    """
    if callable(said := getattr(error, "format_message", None)):
        return UsageRefused(
            Problem("CLI005", f"the command is not understood: {said()}", next="add --help")
        )
    frames = [f for f in traceback.extract_tb(error.__traceback__) if "equipoise" in f.filename]
    places = [f"{Path(f.filename).stem}:{f.lineno}" for f in frames[-3:]]
    return EquipoiseError(
        Problem(
            "CLI099",
            f"the program broke: {type(error).__name__}",
            why=f"at {', '.join(places)}; the message is kept back because it may quote a row",
            next="report this as a fault of the program; what was done before it is kept",
        )
    )


def run() -> None:
    """Run the command line and end with the exit code of what happened."""
    json_wanted = "--json" in sys.argv
    try:
        # For a script, what the parser refuses must be JSON as well: it is caught below.
        ended = app(standalone_mode=not json_wanted)
        sys.exit(ended if isinstance(ended, int) else 0)
    except EquipoiseError as error:
        show.problems(error, json_wanted=json_wanted)
        sys.exit(error.exit_code)
    except OSError as error:
        failed = from_the_machine(error)
        show.problems(failed, json_wanted=json_wanted)
        sys.exit(failed.exit_code)
    except Exception as error:  # its own words may quote a row, and are not told
        told = fault(error)
        show.problems(told, json_wanted=json_wanted)
        sys.exit(told.exit_code)
    except KeyboardInterrupt:
        show.err.print("Stopped. Give the same command again to go on; what was done is kept.")
        sys.exit(130)


if __name__ == "__main__":
    run()
