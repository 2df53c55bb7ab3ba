"""Where the secure room links, what was linked is destroyed as surely as at a linkage unit.

Encodings or identifiers lie sealed beside the payload until the datasets are erased; the tables of
a linkage lie open while it works, and scores and the throw-away key never leave its process.
"""

from __future__ import annotations

import csv
import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml
from in_modes import document
from sites import DATASETS, REBATE, deliver, killed_when, new_site, verified

from equipoise.acts import erase as act
from equipoise.acts import link as linking
from equipoise.acts.sign import sign_all_for_practice
from equipoise.acts.site import Site, open_site
from equipoise.gate import room
from equipoise.gate.passage import Passage
from equipoise.holdings import Holdings
from equipoise.keys import KeyStore

NAME, ROOM = ("fuel-poverty-rebate", 1), "secure-room"
HELD = {"enclave": "encodings", "identified": "identifiers"}

At = Callable[[str], Site]


@pytest.fixture(
    scope="module", params=["enclave", pytest.param("identified", marks=pytest.mark.slow)]
)
def mode(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="module")
def at(mode: str, city_files: Path, tmp_path_factory: pytest.TempPathFactory) -> At:
    """Copies of one site, before and after its linkage."""
    folder = tmp_path_factory.mktemp(mode)
    source = folder / "agreement.yaml"
    source.write_text(yaml.safe_dump(document(mode), sort_keys=False, allow_unicode=True), "utf-8")
    site = new_site(folder / "site")
    sign_all_for_practice(site, str(source))
    deliver(site, str(source), city_files)
    shutil.copytree(site.directory, folder / "received")
    linking.link(site, str(source))
    shutil.copytree(site.directory, folder / "linked")

    def copied(stage: str) -> Site:
        target = tmp_path_factory.mktemp("copy") / "site"
        shutil.copytree(folder / stage, target)
        return open_site(target)

    return copied


def left_of(site: Site) -> list[str]:
    """What is left of all that was linked: sealed, open, and the keys of both."""
    held = [each.name for each in site.custody.room(ROOM).list(*NAME, ROOM)]
    open_ones = [path.name for path in site.folder("runs").rglob("*.arrow")]
    keys = [path.name for path in site.folder("keys").rglob("links-*.pair")]
    sealed = [path.name for path in site.folder("rooms").rglob("*.age")]
    return [*held, *open_ones, *keys, *sealed]


def test_a_linkage_leaves_links_and_nothing_of_its_work(at: At, mode: str) -> None:
    site = at("linked")
    held = {each.name: each.columns for each in site.custody.room(ROOM).list(*NAME, ROOM)}
    assert f"{HELD[mode]}.tax_credits" in held and "links-person" in held
    assert not [name for columns in held.values() for name in columns if "probab" in name]
    assert not [*site.folder("runs").rglob("*.arrow")]


def test_no_name_lies_in_the_clear_anywhere_on_the_site(at: At, city_files: Path) -> None:
    """Held identifiers are sealed; sorted pages of a database are bytes as any others."""
    column = document()["datasets"]["tax_credits"]["fields"]["surname"].get("column", "surname")
    with (city_files / "tax_credits.csv").open(encoding="utf-8-sig") as file:
        names = {row[column].encode() for row in csv.DictReader(file)}
    rare = {name for name in names if len(name) > 7}
    assert len(rare) > 20
    for path in at("linked").directory.rglob("*"):
        if path.is_file():
            data = path.read_bytes()
            assert not [name for name in rare if name in data or name.upper() in data], path.name


@pytest.mark.parametrize("fault", [room, linking])
def test_a_fault_while_linking_leaves_nothing_open(
    at: At, monkeypatch: pytest.MonkeyPatch, fault: object
) -> None:
    site = at("received")

    def broken(*_: object, **__: object) -> None:
        raise RuntimeError("a fault")

    monkeypatch.setattr(fault, "_what_it_gave" if fault is room else "hand_over", broken)
    with pytest.raises(RuntimeError, match="a fault"):
        linking.link(site, REBATE)
    assert not [*site.folder("runs").rglob("*.arrow")]
    assert not site.store.open_permits()


@pytest.mark.skipif(os.name != "posix", reason="kill -9 is POSIX")
def test_what_a_killed_linkage_left_open_is_gone_with_the_next_command(at: At) -> None:
    site = at("received")
    runs = site.folder("runs")
    words = ("link", REBATE, "--site", site.directory)
    killed_when(lambda: any(runs.rglob("in/*.arrow")), *words)
    assert any(runs.rglob("in/*.arrow")), "it was killed in the middle"
    done = act.erase(open_site(site.directory), REBATE, DATASETS)
    assert done.receipt is not None
    assert left_of(open_site(site.directory)) == []


class Killed(BaseException):
    """Stands for a process that is killed."""


STEPS = {
    "after the first key": (KeyStore, "_destroy_one", 1),
    "after the first file": (Holdings, "_end", 1),
    "before the keys of linkages": (Passage, "end_link_keys", 0),
    "before the receipt": (act, "make_receipt", 0),
    "before the ledger": (act, "_record", 0),
    "before the receipt's file": (act, "_after", 0),
}


@pytest.mark.parametrize("when", STEPS)
def test_an_erasure_that_was_cut_off_is_finished_and_told_whole(
    at: At, mode: str, monkeypatch: pytest.MonkeyPatch, when: str, tmp_path: Path
) -> None:
    site = at("linked")
    place, name, after = STEPS[when]
    real, calls = getattr(place, name), iter(range(1000))
    with monkeypatch.context() as broken:

        def cut_off(*args: object, **kwargs: object) -> object:
            if next(calls) >= after:
                raise Killed
            return real(*args, **kwargs)

        broken.setattr(place, name, cut_off)
        with pytest.raises(Killed):
            act.erase(site, REBATE, DATASETS)
    again = open_site(site.directory)
    done = act.erase(again, REBATE, DATASETS)
    assert done.receipt is not None and left_of(again) == []
    told = [item.object for item in done.receipt.destroyed]
    for dataset in DATASETS:
        assert any(f"/{HELD[mode]}.{dataset}/" in name for name in told), dataset
    assert any("/links-person/" in name for name in told)
    assert any(name.startswith("key:") and "links-" in name for name in told)
    assert len(told) == len(set(told))
    verified(again, tmp_path)
