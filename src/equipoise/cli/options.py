"""Options that several commands share."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

SiteDir = Annotated[
    Path,
    typer.Option(
        "--site",
        envvar="EQUIPOISE_SITE",
        help="The folder in which the site keeps its state, register and reports.",
        file_okay=False,
    ),
]
DEFAULT_SITE = Path("equipoise-site")

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON for a script instead of words.")]

AgreementArg = Annotated[
    str,
    typer.Argument(
        metavar="AGREEMENT",
        help="The agreement's YAML file, its folder, or id@version of one the site knows.",
    ),
]
As = Annotated[
    str | None,
    typer.Option("--as", metavar="NAME", help="The enrolled person who does this."),
]
