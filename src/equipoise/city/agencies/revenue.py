"""The revenue office's tax credits: one row per adult named on an award."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from equipoise.city import spoil
from equipoise.city.agencies.filing import Filed, shuffled
from equipoise.city.agencies.record import Spoiler
from equipoise.city.build import City


def tax_credits(city: City) -> Filed:
    """Make the file of tax credits."""
    spoiler = Spoiler(city, "tax_credits")
    awards = city.awards
    person = awards.person
    count = len(person)
    home = city.home_of[person]
    held = spoiler.homes_on_file(home, awards.number)
    forename, surname = spoiler.names(person)
    everyone = np.ones(count, dtype=np.bool_)
    nino = city.nino.take(pa.array(person))
    nino = spoiler.change("nino_wrong", "nino", nino, everyone, spoil.wrong_figure)
    claimant = np.concatenate([[1], np.where(np.diff(awards.number) == 0, 2, 1)])[:count]
    key = pc.binary_join_element_wise(
        pc.utf8_lpad(pc.cast(pa.array(awards.number + 1), pa.string()), 8, "0"),
        pa.array(claimant).cast(pa.string()),
        "-",
    )
    award = np.round(spoiler.draws.between("annual_award", 300, 9_000, count), 2)
    table = pa.table(
        {
            "award_no": key,
            "nino": spoiler.blank("nino_missing", nino),
            "forename": forename,
            "surname": surname,
            "birth_date": spoiler.birth_dates(person),
            "postcode": spoiler.postcodes(held),
            "uprn": spoiler.uprns(held),
            "on_credit": spoiler.yes_no(awards.live),
            "annual_award": pa.array(award),
            "paid_weekly": spoiler.yes_no(spoiler.draws.happens("weekly", 0.3, count)),
        }
    )
    rows = spoiler.entered_twice(count)
    order = shuffled(rows, spoiler.draws.uniform("order", len(rows)))
    return Filed(table, key, person, home, order, spoiler.noted)
