"""Held pseudonyms move to a new key without linking again, and the old key ends with a receipt."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from partners import OWNER, REFERENCE, ROOM, UNIT, Four

from equipoise.acts import rekey as act
from equipoise.acts.site import Site, open_site
from equipoise.gate.exchange import Exchange, _renamed

Sites = Callable[[str], Four]
NAME = ("partners-rebate", 1, "secure-room")


@pytest.fixture
def four(four_at: Sites) -> Four:
    """Four sites whose secure room holds links."""
    four = four_at("linked")
    four.do(ROOM, "receive", four.links(), REFERENCE)
    return four


def room(four: Four) -> Site:
    return open_site(four.site(ROOM))


def links(site: Site) -> pa.Table:
    table: pa.Table = site.custody.room("secure-room").get(*NAME, "links-person")
    return table.sort_by("row_id")


def same_people(table: pa.Table) -> set[frozenset[bytes]]:
    """The groups of rows that belong to one person, whatever the person is called."""
    groups: dict[bytes, set[bytes]] = {}
    for row, covered in zip(table["row_id"].to_pylist(), table[-1].to_pylist(), strict=True):
        groups.setdefault(covered, set()).add(row)
    return {frozenset(group) for group in groups.values()}


def key_ids(site: Site) -> tuple[str, ...]:
    keys = site.custody.store_of("secure-room").ids("agreements/partners-rebate/1")
    return tuple(one.rpartition("/")[2] for one in keys if "pseudonyms" in one)


def test_people_stay_together_and_are_called_otherwise(four: Four) -> None:
    before = links(room(four))
    said = four.do(ROOM, "rekey", REFERENCE)
    site = room(four)
    after = links(site)
    assert same_people(before) == same_people(after) and len(same_people(after)) > 300
    assert not set(before[-1].to_pylist()) & set(after[-1].to_pylist())
    assert (said["key"], said["moved"]) == (2, ["links-person"])
    assert key_ids(site) == ("pseudonyms-2",)
    four.release()  # and everything goes on


def test_the_old_key_ends_with_a_receipt_and_an_event(four: Four) -> None:
    said = four.do(ROOM, "rekey", REFERENCE)
    (ended,) = said["receipt"]["destroyed"]
    assert ended["object"] == f"key:secure-room/{REFERENCE}/pseudonyms-1"
    acts = {entry["act"]: entry for entry in four.ledger(ROOM)}
    assert acts["re-keyed"]["detail"]["tables"] == 1
    assert acts["re-keyed"]["detail"]["fingerprint"] != ended["fingerprint"]
    assert acts["erased"]["detail"]["keys"] == 1


def test_no_mapping_and_no_link_id_is_written_down(four: Four, monkeypatch: Any) -> None:
    """Everything that re-keying holds or writes is sealed, and holds covered ids only."""
    written: list[pa.Table] = []
    real = Exchange._hold

    def watched(self: Exchange, where: str, name: str, table: pa.Table) -> None:
        written.append(table)
        real(self, where, name, table)

    monkeypatch.setattr(Exchange, "_hold", watched)
    before = {path for path in four.site(ROOM).rglob("*") if path.is_file()}
    act.rekey(room(four), REFERENCE)
    (table,) = written
    assert table.column_names == ["dataset", "row_id", "covered_2"]
    fresh = {path for path in four.site(ROOM).rglob("*") if path.is_file()} - before
    kinds = {path.suffix for path in fresh}
    assert kinds <= {".age", ".json", ".pair", ".identity", ".destroyed", ".lock", ""}, kinds


class Killed(BaseException):
    """Stands for a process that is killed: nothing after it is done."""


@pytest.mark.parametrize(
    "where",
    ["moved", *(pytest.param(one, marks=pytest.mark.slow) for one in ("made", "noted", "ended"))],
)
def test_a_rekeying_that_was_cut_off_is_finished_by_the_next(
    four: Four, monkeypatch: pytest.MonkeyPatch, where: str
) -> None:
    before = same_people(links(room(four)))
    step = {"made": "_move", "moved": "pseudonym_key", "noted": "end_old_pseudonyms"}
    with monkeypatch.context() as broken:

        def kill(*_: object, **__: object) -> None:
            raise Killed

        if where == "ended":
            broken.setattr(act, "told", kill)
        else:
            broken.setattr(Exchange, step[where], kill)
        with pytest.raises(Killed):
            act.rekey(room(four), REFERENCE)
    site = room(four)
    assert same_people(links(site)) == before  # whatever happened, all is usable
    done = act.rekey(site, REFERENCE)
    assert done.number == 2 and key_ids(site) == ("pseudonyms-2",)
    assert done.receipt is not None and len(done.receipt.destroyed) == 1
    assert links(site).column_names[-1] == "covered_2"
    told = [entry for entry in site.store.entries() if entry.act == "re-keyed"]
    assert len(told) == 1
    again = act.rekey(site, REFERENCE)
    assert again.number == 3 and again.receipt is not None
    four.release()


def test_results_move_with_their_people(four: Four) -> None:
    """A held result that bears pseudonyms bears the new ones afterwards, in their order."""
    site = room(four)
    holdings = site.custody.room("secure-room")
    numbers = pa.array([int.from_bytes(one[:8], "little") for one in
                        dict.fromkeys(links(site)[-1].to_pylist())], pa.uint64())  # fmt: skip
    result = pa.table({"pseudonym_person": numbers, "award": range(len(numbers))})
    holdings.put(*NAME, "result-r-linked", result.sort_by("pseudonym_person"))
    done = act.rekey(site, REFERENCE)
    assert set(done.moved) == {"links-person", "result-r-linked"}
    moved = holdings.get(*NAME, "result-r-linked")
    new = {int.from_bytes(one[:8], "little") for one in links(site)[-1].to_pylist()}
    values = moved["pseudonym_person"].to_pylist()
    assert set(values) == new and values == sorted(values)
    assert not new & set(numbers.to_pylist())
    assert moved["award"].to_pylist() != sorted(moved["award"].to_pylist())


def test_a_result_whose_links_are_gone_cannot_move(four: Four) -> None:
    site = room(four)
    holdings = site.custody.room("secure-room")
    strange = pa.table({"pseudonym_person": pa.array([1, 2], pa.uint64())})
    holdings.put(*NAME, "result-r-linked", strange)
    assert four.refused(ROOM, "rekey", REFERENCE) == ["GATE196"]
    other = pa.table({"pseudonym_home": pa.array([1], pa.uint64())})
    holdings.put(*NAME, "result-r-linked", other, replace_held=True)
    assert four.refused(ROOM, "rekey", REFERENCE) == ["GATE196"]


def test_a_result_that_a_crash_left_moved_stays(four: Four) -> None:
    mapping = pa.table({"old": pa.array([1, 2], pa.uint64()), "new": pa.array([9, 8], pa.uint64())})
    result = pa.table({"pseudonym_person": pa.array([1, 2], pa.uint64()), "v": [1, 2]})
    moved = _renamed(result, "pseudonym_person", mapping)
    assert moved.to_pydict() == {"pseudonym_person": [8, 9], "v": [2, 1]}
    assert _renamed(moved, "pseudonym_person", mapping).equals(moved)


def test_nothing_is_moved_under_a_run_that_is_open(four: Four) -> None:
    four.do(ROOM, "run", REFERENCE, "--as", "Nia Bowen")
    assert four.refused(ROOM, "rekey", REFERENCE) == ["ACT138"]
    assert key_ids(room(four)) == ("pseudonyms-1",)


def test_only_the_secure_room_rekeys(four: Four) -> None:
    for party in (OWNER, UNIT):
        assert "GATE057" in four.refused(party, "rekey", REFERENCE)
    assert Path(four.site(UNIT) / "keys" / "secure-room").exists() is False
