"""One agency's rows on their way from the truth to its file: errors made, and each one noted."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from equipoise.city import spoil, tables
from equipoise.city.build import City
from equipoise.city.draws import Draws, Truths, Whole

_NAME_ERRORS: tuple[tuple[str, str, spoil.Change, Callable[[str], bool] | None], ...] = (
    ("accents", "forename", spoil.lose_accents, spoil.has_accent),
    ("accents", "surname", spoil.lose_accents, spoil.has_accent),
    ("half_surname", "surname", spoil.half_surname, spoil.is_double),
    ("hyphen", "surname", spoil.lose_hyphen, spoil.is_double),
    ("nickname", "forename", spoil.nickname, spoil.has_nickname),
    ("misread", "forename", spoil.misread, None),
    ("misread", "surname", spoil.misread, None),
    ("misheard", "forename", spoil.mishear, None),
    ("misheard", "surname", spoil.mishear, None),
    ("typing", "forename", spoil.mistype, None),
    ("typing", "surname", spoil.mistype, None),
    ("middle", "forename", spoil.middle, None),
    ("initial", "forename", spoil.initial, None),
)
"""In the order in which they happen: kind, field, change, and which texts can suffer it."""

_GENUINE = "Na"


@dataclass
class Noted:
    """Which rows suffered what: kind to rows, and kind to how many rows could have."""

    rows: dict[str, list[Whole]] = field(default_factory=dict)
    able: dict[str, int] = field(default_factory=dict)

    def add(self, kind: str, rows: Whole, able: int) -> None:
        """Note some rows."""
        self.rows.setdefault(kind, []).append(rows)
        self.able[kind] = self.able.get(kind, 0) + able

    def done(self, kind: str) -> int:
        """Return how many rows suffered this."""
        return sum(len(rows) for rows in self.rows.get(kind, []))


class Spoiler:
    """Makes one agency's errors, at the rates of its profile."""

    def __init__(self, city: City, dataset: str) -> None:
        self.city = city
        self.dataset = dataset
        self.profile: dict[str, Any] = tables.errors_of(dataset)
        self.draws: Draws = city.draws.part(dataset)
        self.noted = Noted()

    def happens(self, kind: str, able: Truths, *, what: str = "") -> Whole:
        """Return the rows that suffer a kind of error, among those that can, and note them."""
        hit = self.draws.happens(f"{kind}.{what}", float(self.profile.get(kind, 0.0)), len(able))
        rows = np.flatnonzero(hit & able)
        self.noted.add(kind, rows, int(able.sum()))
        return rows

    def change(
        self, kind: str, what: str, column: pa.Array, able: Truths, change: spoil.Change
    ) -> pa.Array:
        """Change the texts of the rows that suffer a kind of error."""
        if not self.profile.get(kind):
            return column
        rows = self.happens(kind, able, what=what)
        if not len(rows):
            return column
        chance = self.draws.uniform(f"{kind}.{what}.how", len(able))[rows].tolist()
        texts = column.take(pa.array(rows)).to_pylist()
        changed = [change(text, turn) for text, turn in zip(texts, chance, strict=True)]
        return _put(column, rows, pa.array(changed, pa.string()))

    def blank(self, kind: str, column: pa.Array, able: Truths | None = None) -> pa.Array:
        """Leave a column empty in the rows that suffer a kind of error."""
        possible = np.ones(len(column), dtype=np.bool_) if able is None else able
        missing = np.zeros(len(column), dtype=np.bool_)
        missing[self.happens(kind, possible)] = True
        return pc.if_else(pa.array(missing), pa.scalar(None, column.type), column)

    def names(self, person: Whole) -> tuple[pa.Array, pa.Array]:
        """Return forenames and surnames as this agency has them."""
        names = self.city.names
        old = np.zeros(len(person), dtype=np.bool_)
        old[self.happens("old_surname", names.changed[person])] = True
        text = {
            "forename": names.forename_text(person),
            "surname": names.surname_text(person, at_birth=old),
        }
        # The planted surname Na stays as it is everywhere: it is there to be read rightly.
        spared = pc.equal(text["surname"], _GENUINE).to_numpy(zero_copy_only=False)
        for kind, what, change, possible in _NAME_ERRORS:
            if self.profile.get(kind):
                able = _able(text[what], possible) & ~spared
                text[what] = self.change(kind, what, text[what], able, change)
        swapped = self._swapped(text["forename"], text["surname"], ~spared)
        forename, surname = (self._cased(column) for column in swapped)
        return (
            self.change("spacing", "forename", forename, ~spared, spoil.stray_space),
            self.change("spacing", "surname", surname, ~spared, spoil.stray_space),
        )

    def _swapped(self, forename: pa.Array, surname: pa.Array, able: Truths) -> tuple[pa.Array, ...]:
        swap = np.zeros(len(forename), dtype=np.bool_)
        swap[self.happens("names_swapped", able)] = True
        mask = pa.array(swap)
        return pc.if_else(mask, surname, forename), pc.if_else(mask, forename, surname)

    def _cased(self, column: pa.Array) -> pa.Array:
        style = self.profile["letter_case"]
        if style == "upper":
            return pc.utf8_upper(column)
        if style == "mixed":
            turn = self.draws.uniform("letter case", len(column))
            return pc.if_else(
                pa.array(turn < 0.15),
                pc.utf8_upper(column),
                pc.if_else(pa.array(turn > 0.93), pc.utf8_lower(column), column),
            )
        return column

    def birth_dates(self, person: Whole) -> pa.Array:
        """Return birth dates as texts in this agency's form, with its errors."""
        day = self.city.birth_day[person]
        day = self._one_figure_wrong(self._day_and_month_swapped(day))
        return self.blank("birth_missing", self.dates(day))

    def _day_and_month_swapped(self, day: Whole) -> Whole:
        year, month, of_month = parts_of(day)
        able = (of_month <= 12) & (of_month != month)
        rows = self.happens("birth_swapped", able)
        day = day.copy()
        day[rows] = day_of(year[rows], of_month[rows], month[rows])
        return day

    def _one_figure_wrong(self, day: Whole) -> Whole:
        rows = self.happens("birth_typed", np.ones(len(day), dtype=np.bool_))
        turn = self.draws.uniform("birth_typed.how", len(day))[rows]
        year, month, of_month = parts_of(day[rows])
        add = np.where(turn < 0.5, 1, -1)
        which = (turn * 6).astype(np.int64) % 3
        year = year + np.where(which == 0, np.where(turn < 0.17, 10, add) * 1, 0)
        year = np.minimum(year, 2025)
        month = np.where(
            which == 1,
            np.where((month + add > 12) | (month + add < 1), month - add, month + add),
            month,
        )
        of_month = np.where(
            which == 2, np.where(of_month > 14, of_month - 10, of_month + 10), of_month
        )
        day = day.copy()
        day[rows] = day_of(year, month, np.minimum(of_month, 28))
        return day

    def dates(self, day: Whole) -> pa.Array:
        """Write days as texts in this agency's form."""
        days = pa.array(day.astype(np.int32)).cast(pa.date32())
        return pc.strftime(days, "%d/%m/%Y" if self.profile["dates"] == "british" else "%Y-%m-%d")

    def yes_no(self, truths: Truths) -> pa.Array:
        """Write truths as this agency does."""
        yes, no = self.profile["yes_no"].split("/")
        return pc.if_else(pa.array(truths), yes, no)

    def homes_on_file(self, home: Whole, together: Whole) -> Whole:
        """Return the homes that the agency holds: for some people, one they have left.

        Rows with the same number in ``together`` (from 0) have moved together.
        """
        groups = int(together.max(initial=-1)) + 1
        hit = self.draws.happens("old_address", self.profile.get("old_address", 0.0), groups)
        moved = hit[together]
        self.noted.add("old_address", np.flatnonzero(moved), len(home))
        other = self.draws.whole("old_address.where", len(self.city.homes), groups)[together]
        return np.where(moved, other, home)

    def postcodes(self, home: Whole) -> pa.Array:
        """Return postcodes as this agency has them."""
        column = self.city.homes.postcode.take(pa.array(home))
        everyone = np.ones(len(home), dtype=np.bool_)
        column = self.change("postcode_typed", "postcode", column, everyone, spoil.wrong_figure)
        return self.blank("postcode_missing", column)

    def uprns(self, home: Whole) -> pa.Array:
        """Return property numbers as this agency has them."""
        return self.blank("uprn_missing", pa.array(self.city.homes.uprn[home]))

    def entered_twice(self, count: int) -> Whole:
        """Return the rows to write: all, some of them a second time near the end of the file."""
        rows = self.happens("twice", np.ones(count, dtype=np.bool_))
        return np.concatenate([np.arange(count), rows])


def _able(column: pa.Array, possible: Callable[[str], bool] | None) -> Truths:
    """Return which texts can suffer an error, asking once per different text."""
    if possible is None:
        return np.ones(len(column), dtype=np.bool_)
    coded = pc.dictionary_encode(column)
    answers = np.array([possible(text) for text in coded.dictionary.to_pylist()], dtype=np.bool_)
    return np.asarray(answers[coded.indices.to_numpy()])


def _put(column: pa.Array, rows: Whole, texts: pa.Array) -> pa.Array:
    mask = np.zeros(len(column), dtype=np.bool_)
    mask[rows] = True
    return pc.replace_with_mask(column, pa.array(mask), texts)


def parts_of(day: Whole) -> tuple[Whole, Whole, Whole]:
    """Return year, month and day of the month of days since 1970-01-01."""
    days = day.astype("datetime64[D]")
    months = days.astype("datetime64[M]")
    number = months.astype(np.int64)
    of_month = (days - months.astype("datetime64[D]")).astype(np.int64) + 1
    return number // 12 + 1970, number % 12 + 1, of_month


def day_of(year: Whole, month: Whole, of_month: Whole) -> Whole:
    """Return days since 1970-01-01."""
    months = ((year - 1970) * 12 + month - 1).astype("datetime64[M]")
    return np.asarray(months.astype("datetime64[D]").astype(np.int64) + of_month - 1)
