"""One city of middling size, built and written once for all of this chapter."""

from __future__ import annotations

import csv
from collections.abc import Callable

import pytest

from equipoise.city import City, Written, build_city, write_agencies

Rows = list[dict[str, str]]

FORMS = {
    "tax_credits": ("utf-8", ","),
    "properties": ("utf-8", ","),
    "customers_brightgas": ("utf-8-sig", ","),
    "customers_northlight": ("cp1252", ";"),
    "customers_homewarm": ("utf-8", "\t"),
    "cohort": ("cp1252", ","),
    "offenders": ("utf-8", ","),
}


@pytest.fixture(scope="session")
def city() -> City:
    return build_city(60_000, 7)


@pytest.fixture(scope="session")
def written(city: City, tmp_path_factory: pytest.TempPathFactory) -> Written:
    return write_agencies(city, tmp_path_factory.mktemp("city"))


@pytest.fixture(scope="session")
def owners_file(written: Written) -> Callable[[str], Rows]:
    def read(dataset: str) -> Rows:
        encoding, delimiter = FORMS[dataset]
        path = written.directory / f"{dataset}.csv"
        with path.open(encoding=encoding, newline="") as file:
            return list(csv.DictReader(file, delimiter=delimiter))

    return read


@pytest.fixture(scope="session")
def truth_file(written: Written) -> Callable[[str], Rows]:
    def read(name: str) -> Rows:
        with (written.truth / name).open(encoding="utf-8", newline="") as file:
            return list(csv.DictReader(file))

    return read


@pytest.fixture(scope="session")
def who(truth_file: Callable[[str], Rows]) -> dict[tuple[str, int], dict[str, str]]:
    return {(row["dataset"], int(row["row"])): row for row in truth_file("who_is_who.csv")}
