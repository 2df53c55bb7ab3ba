"""Write the owners' files, and the truth beside them."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import numpy as np

from equipoise.city import truth
from equipoise.city.agencies import AGENCIES, Filed
from equipoise.city.agencies.filing import write_file
from equipoise.city.build import City, OnProgress
from equipoise.city.land import geojson
from equipoise.city.map import draw_map
from equipoise.city.tables import errors_of
from equipoise.errors import EnvironmentFailed, Problem, UsageRefused

TRUTH: Final = "truth"
"""The folder of the truth, within the folder of the owners' files."""


@dataclass(frozen=True)
class WrittenFile:
    """One owner's file: where it is, how many rows it has, and how many suffered which error."""

    path: Path
    rows: int
    holder: str
    form: str
    errors: Mapping[str, tuple[int, int]] = field(default_factory=dict)
    """Kind to (rows that suffered it, rows that could have)."""


@dataclass(frozen=True)
class Written:
    """What was written."""

    directory: Path
    truth: Path
    files: Mapping[str, WrittenFile]
    areas: Path
    map: Path


def write_agencies(
    city: City,
    directory: Path,
    *,
    agencies: Iterable[str] | None = None,
    on_progress: OnProgress | None = None,
) -> Written:
    """Write the files of the named agencies (all, unless named) and the truth.

    A file's bytes depend on the city only, not on which other files are written. Files of the same
    names are replaced. Raises ``UsageRefused`` (CIT003) for an agency that the city lacks and
    ``EnvironmentFailed`` (CIT004) when the folder cannot be written.
    """
    wanted = _wanted(agencies)
    say = on_progress or (lambda share, doing: None)
    with _writing(directory):
        apart = directory / TRUTH
        shutil.rmtree(apart, ignore_errors=True)
        apart.mkdir(parents=True)
        files: dict[str, WrittenFile] = {}
        book = truth.Book(apart)
        for done, dataset in enumerate(wanted):
            say(done / (len(wanted) + 1), f"writing {dataset}")
            filed = AGENCIES[dataset].make(city)
            files[dataset] = _write(dataset, filed, directory)
            book.add(dataset, filed)
        say(len(wanted) / (len(wanted) + 1), "writing the truth")
        truth.write_truth(city, apart, tuple(wanted))
        truth.write_rates(apart, {name: file.errors for name, file in files.items()})
        areas, picture = _write_areas(city, directory)
    say(1.0, "the files are written")
    return Written(directory, apart, files, areas, picture)


def _wanted(agencies: Iterable[str] | None) -> list[str]:
    if agencies is None:
        return list(AGENCIES)
    named = list(dict.fromkeys(agencies))
    if unknown := [name for name in named if name not in AGENCIES]:
        raise UsageRefused(
            Problem(
                "CIT003",
                f"the city has no agency {name!r}",
                why="an agency is named by the dataset that it holds",
                next=f"choose from {', '.join(AGENCIES)}",
            )
            for name in unknown
        )
    return [name for name in AGENCIES if name in named]


@contextmanager
def _writing(directory: Path) -> Iterator[None]:
    try:
        directory.mkdir(parents=True, exist_ok=True)
        yield
    except OSError as error:
        raise EnvironmentFailed(
            Problem(
                "CIT004",
                f"the city's files cannot be written: {error.strerror or 'unknown cause'}",
                why="the folder must be one that can be written, on a disk with room",
                next="choose another folder or make room, then write the city again",
                file=str(error.filename or directory),
            )
        ) from error


def _write(dataset: str, filed: Filed, directory: Path) -> WrittenFile:
    agency = AGENCIES[dataset]
    path = directory / f"{dataset}.csv"
    rows = write_file(filed, agency.form, path)
    profile = errors_of(dataset)
    errors = {
        kind: (filed.noted.done(kind), able)
        for kind, able in filed.noted.able.items()
        if kind in profile or filed.noted.done(kind)
    }
    return WrittenFile(path, rows, agency.holder, agency.form.in_words(), errors)


def _write_areas(city: City, directory: Path) -> tuple[Path, Path]:
    areas = directory / "areas.geojson"
    areas.write_text(json.dumps(geojson(city.areas), ensure_ascii=False) + "\n", encoding="utf-8")
    picture = directory / "map.svg"
    picture.write_text(
        draw_map(
            city.areas.ring,
            [float(score) for score in city.areas.score],
            names=city.areas.name,
            title="Deprivation in the small areas of the invented city",
            measure="deprivation score",
            classes=[int(6 - fifth) for fifth in np.asarray(city.areas.fifth)],
            class_names=(
                "fifth 5, least deprived",
                "fifth 4",
                "fifth 3",
                "fifth 2",
                "fifth 1, most deprived",
            ),
        ),
        encoding="utf-8",
    )
    return areas, picture
