"""Four sites at stages of carrying one agreement out, made once; each test takes copies."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from partners import OWNER, REFERENCE, SUPPLIER, UNIT, Four

from equipoise.city import build_city, write_agencies

STAGES = ("introduced", "signed", "packed", "received", "linked")


@pytest.fixture(scope="session")
def small_city(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("small-city")
    write_agencies(build_city(3000, 7), folder)
    return folder


@pytest.fixture(scope="session")
def stages_of_four(small_city: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that holds the four sites at every stage."""
    base = tmp_path_factory.mktemp("four")
    four = Four(base / "at-work", small_city)
    four.make()
    four.introduce()
    four.copy(base / "introduced")
    four.sign()
    four.copy(base / "signed")
    four.share_secret()
    sent = {party: four.pack(party) for party in (OWNER, SUPPLIER)}
    four.copy(base / "packed")
    for parcels in sent.values():
        four.do(UNIT, "receive", parcels["encodings"], REFERENCE)
        four.do("rebate-team", "receive", parcels["payload"], REFERENCE)
    four.copy(base / "received")
    four.do(UNIT, "link", REFERENCE)
    four.links()
    four.copy(base / "linked")
    return base


@pytest.fixture
def four_at(stages_of_four: Path, small_city: Path, tmp_path: Path) -> Callable[[str], Four]:
    """Four sites of one's own, at a stage."""
    return lambda stage: Four(stages_of_four / stage, small_city).copy(tmp_path / stage)
