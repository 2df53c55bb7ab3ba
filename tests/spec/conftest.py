"""What several chapters share: one small city, and one site carried out once."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from sites import Stages, make_stages

from equipoise.acts.demo import Shown, demonstrate
from equipoise.acts.site import Site
from equipoise.city import build_city, write_agencies
from equipoise.clock import Clock, system_clock

PEOPLE, SEED = 4000, 2026


@pytest.fixture(scope="session")
def city_files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The agencies' files of a city of 4,000, with the truth beside them."""
    folder = tmp_path_factory.mktemp("city")
    write_agencies(build_city(PEOPLE, SEED), folder)
    return folder


@pytest.fixture(scope="session")
def stages(city_files: Path, tmp_path_factory: pytest.TempPathFactory) -> Stages:
    """The fuel poverty agreement, carried out once."""
    return make_stages(tmp_path_factory.mktemp("stages"), city_files)


@pytest.fixture(scope="session")
def shown(tmp_path_factory: pytest.TempPathFactory) -> Shown:
    """The demonstration in the small city."""
    return demonstrate(tmp_path_factory.mktemp("demo") / "site", people=PEOPLE)


@pytest.fixture
def site_at(stages: Stages, tmp_path: Path) -> Callable[..., Site]:
    """A site of one's own, at a stage."""

    def at(stage: str, name: str = "site", clock: Clock = system_clock) -> Site:
        return stages.at(stage, tmp_path / name, clock)

    return at
