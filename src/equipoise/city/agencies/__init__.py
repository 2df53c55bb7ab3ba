"""The agencies of the city and their files. To add an agency, add a line to ``AGENCIES``.

Each agency has a function that makes its rows (with its own errors), and a form in which its file
is written.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Final

from equipoise.city.agencies.filing import Filed, Form
from equipoise.city.agencies.justice import cohort, offenders
from equipoise.city.agencies.revenue import tax_credits
from equipoise.city.agencies.suppliers import customers
from equipoise.city.agencies.valuation import properties
from equipoise.city.build import City


@dataclass(frozen=True)
class Agency:
    """Who holds a file, how its rows are made, and how it is written."""

    holder: str
    make: Callable[[City], Filed]
    form: Form


AGENCIES: Final[dict[str, Agency]] = {
    "tax_credits": Agency("Revenue Office of the City", tax_credits, Form(quoted=True)),
    "properties": Agency("Property Valuation Office of the City", properties, Form(quoted=True)),
    "customers_brightgas": Agency(
        "Bright Gas",
        partial(customers, supplier="brightgas"),
        Form(encoding="utf-8-sig", line_end="\r\n"),
    ),
    "customers_northlight": Agency(
        "Northlight Energy",
        partial(customers, supplier="northlight"),
        Form(delimiter=";", encoding="cp1252", line_end="\r\n"),
    ),
    "customers_homewarm": Agency(
        "Homewarm Power", partial(customers, supplier="homewarm"), Form(delimiter="\t")
    ),
    "cohort": Agency("Next Steps", cohort, Form(encoding="cp1252", line_end="\r\n")),
    "offenders": Agency("Justice Office of the City", offenders, Form()),
}
"""Dataset to agency, in the order in which the files are written."""

__all__ = ["AGENCIES", "Agency", "Filed", "Form"]
