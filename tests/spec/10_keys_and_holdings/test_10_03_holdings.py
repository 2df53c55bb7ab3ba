"""What is held is sealed, comes back as it was put, and ends for good when it is destroyed."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pyarrow as pa
import pytest
from stores import NOON, files_under, full_disk, holdings, key_store, people, refused

from equipoise.errors import EquipoiseError
from equipoise.holdings import Holdings
from equipoise.keys import KeyStore

PLACE = ("fuel", 1, "secure-room")


def folder(root: Path, name: str = "customers") -> Path:
    return root / "holdings/fuel/1/secure-room" / name


def sealed_file(root: Path, name: str = "customers") -> Path:
    return next(folder(root, name).glob("*.age"))


def test_a_table_comes_back_as_it_was_put(tmp_path: Path) -> None:
    store = holdings(tmp_path)
    held = store.put(*PLACE, "customers", people())
    assert (held.rows, held.columns) == (300, ("name", "age", "kind"))
    assert store.get(*PLACE, "customers").equals(people())
    assert store.list("fuel", 1) == (held,)
    assert store.list("fuel", 1, "secure-room") == (held,)
    assert store.list("fuel", 1, "linkage-unit") == store.list("fuel", 2) == ()


def test_columns_come_in_the_order_asked_for(tmp_path: Path) -> None:
    store = holdings(tmp_path)
    store.put(*PLACE, "customers", people())
    assert store.get(*PLACE, "customers", ["kind", "name"]).equals(
        people().select(["kind", "name"])
    )
    with refused("HLD010", "HLD010"):
        store.get(*PLACE, "customers", ["name", "salary", "nino"])


@pytest.mark.parametrize("rows", [0, 3, 300_000])
def test_any_number_of_rows_may_be_held(tmp_path: Path, rows: int) -> None:
    store = holdings(tmp_path)
    store.put(*PLACE, "customers", people(rows))
    assert store.get(*PLACE, "customers").equals(people(rows))
    assert store.get(*PLACE, "customers", ["age"]).num_rows == rows


def test_nothing_readable_lies_on_the_disk(tmp_path: Path) -> None:
    holdings(tmp_path).put(*PLACE, "customers", people())
    for path in folder(tmp_path).iterdir():
        assert b"Zebedee" not in path.read_bytes()
        assert path.stat().st_mode & 0o077 == 0
    assert sealed_file(tmp_path).read_bytes().startswith(b"age-encryption.org/v1")


def test_each_table_has_a_key_of_its_own(tmp_path: Path) -> None:
    store = holdings(tmp_path)
    one = store.put(*PLACE, "customers", people())
    two = store.put(*PLACE, "properties", people())
    assert one.key != two.key
    (folder(tmp_path) / f"{two.sha256}.age").write_bytes(
        sealed_file(tmp_path, "properties").read_bytes()
    )
    record = json.loads((folder(tmp_path) / "held.json").read_text())
    record["sha256"] = two.sha256
    (folder(tmp_path) / "held.json").write_text(json.dumps(record))
    with refused("HLD006"):
        store.get(*PLACE, "customers")


def test_a_name_is_held_once_unless_it_is_said_to_be_replaced(tmp_path: Path) -> None:
    store = holdings(tmp_path)
    old = store.put(*PLACE, "customers", people(3))
    with refused("HLD002"):
        store.put(*PLACE, "customers", people(6))
    new = store.put(*PLACE, "customers", people(6), replace_held=True)
    assert store.get(*PLACE, "customers").num_rows == 6
    assert store.list("fuel", 1) == (new,)
    assert [gone.sha256 for gone in store.destroyed("fuel", 1)] == [old.sha256]
    assert len(list(folder(tmp_path).glob("*.age"))) == 1


def test_names_cannot_leave_the_folder(tmp_path: Path) -> None:
    store = holdings(tmp_path)
    for place in (
        ("../x", 1, "room", "t"), ("fuel", 1, "..", "t"), ("fuel", 1, "room", "a/b"),
        ("fuel", 1, "linkage unit", "t"), ("fuel", 1, "room", ""),
    ):  # fmt: skip
        with refused("HLD001"):
            store.put(*place, people(3))
    assert files_under(tmp_path) == []


def test_what_was_never_put_cannot_be_got(tmp_path: Path) -> None:
    with refused("HLD003"):
        holdings(tmp_path).get(*PLACE, "customers")


def test_a_changed_or_shortened_file_is_refused_wherever_it_was_changed(tmp_path: Path) -> None:
    store = holdings(tmp_path)
    store.put(*PLACE, "customers", people())
    path = sealed_file(tmp_path)
    whole = path.read_bytes()
    for at in {*range(0, len(whole), 97), len(whole) - 1}:
        path.write_bytes(whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :])
        with refused("HLD005"):
            store.get(*PLACE, "customers")
    for cut in (0, 10, 300, len(whole) - 1):
        path.write_bytes(whole[:cut])
        with refused("HLD005"):
            store.get(*PLACE, "customers")
    path.write_bytes(whole + b"\0")
    with refused("HLD005"):
        store.get(*PLACE, "customers", ["age"])
    path.unlink()
    with refused("HLD004"):
        store.get(*PLACE, "customers")


def test_a_table_in_another_ones_place_is_refused(tmp_path: Path) -> None:
    store = holdings(tmp_path)
    store.put(*PLACE, "customers", people())
    store.put(*PLACE, "properties", people())
    folder(tmp_path).rename(folder(tmp_path, "aside"))
    folder(tmp_path, "properties").rename(folder(tmp_path))
    with refused("HLD008"):
        store.get(*PLACE, "customers")


@pytest.mark.parametrize(
    ("name", "value"), [("rows", 299), ("columns", ["name", "age", "salary"]), ("id", "0" * 16)]
)
def test_a_record_that_says_other_than_the_seal_is_refused(
    tmp_path: Path, name: str, value: object
) -> None:
    store = holdings(tmp_path)
    store.put(*PLACE, "customers", people())
    path = folder(tmp_path) / "held.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), name: value}))
    with refused("HLD008"):
        store.get(*PLACE, "customers")


@pytest.mark.parametrize("text", ["", "{}", "[]", '{"format": 2}', '{"format": 1, "at": "soon"}'])
def test_a_record_that_is_none_is_refused(tmp_path: Path, text: str) -> None:
    store = holdings(tmp_path)
    store.put(*PLACE, "customers", people())
    (folder(tmp_path) / "held.json").write_text(text)
    with refused("HLD007"):
        store.get(*PLACE, "customers")


def test_a_sealed_file_that_holds_no_table_is_refused(tmp_path: Path) -> None:
    """Somebody with the key could seal anything; only what ``put`` writes is read."""
    store, keys = holdings(tmp_path), key_store(tmp_path)
    held = store.put(*PLACE, "customers", people())
    import hashlib

    for plain in (b"", b"\0\0\0\1{", b"\0\0\0\4nono", b"\0\0\0\2[]", b"\0\0\0\2{}", b"\xff" * 90):
        sealed = keys.seal_to(keys.recipient(held.key))(plain)
        digest = hashlib.sha256(sealed).hexdigest()
        (folder(tmp_path) / f"{digest}.age").write_bytes(sealed)
        path = folder(tmp_path) / "held.json"
        path.write_text(json.dumps({**json.loads(path.read_text()), "sha256": digest}))
        with refused("HLD008"):
            store.get(*PLACE, "customers")


def test_without_its_key_a_table_is_gone(tmp_path: Path) -> None:
    store, keys = holdings(tmp_path), key_store(tmp_path)
    held = store.put(*PLACE, "customers", people())
    backup = sealed_file(tmp_path).read_bytes()
    assert keys.destroy(("fuel", 1)).fingerprints
    with refused("KEY008"):
        store.get(*PLACE, "customers")
    (gone,) = store.destroy(*PLACE, ["customers"])
    assert gone.sha256 == held.sha256
    with refused("KEY008"):
        keys.unseal_with(held.key)(backup)


def test_destroying_says_what_was_destroyed(tmp_path: Path) -> None:
    store, keys = holdings(tmp_path), key_store(tmp_path)
    held = store.put(*PLACE, "customers", people())
    other = store.put(*PLACE, "properties", people())
    fingerprint = keys.fingerprint(held.key)
    (gone,) = store.destroy(*PLACE, ["customers"])
    assert (gone.name, gone.rows, gone.sha256) == ("customers", 300, held.sha256)
    assert gone.key_fingerprint == fingerprint
    assert gone.at > NOON
    assert not gone.already
    assert store.list("fuel", 1) == (other,)
    assert not keys.exists(held.key)
    assert not list(folder(tmp_path).glob("*.age"))
    with refused("HLD003"):
        store.get(*PLACE, "customers")
    assert store.destroyed("fuel", 1) == (gone,)


def test_destroying_twice_tells_the_same_and_says_so(tmp_path: Path) -> None:
    store = holdings(tmp_path)
    store.put(*PLACE, "customers", people())
    (first,) = store.destroy(*PLACE, ["customers"])
    (second,) = store.destroy(*PLACE, ["customers"])
    assert second.already
    assert (second.sha256, second.at) == (first.sha256, first.at)


def test_nothing_is_destroyed_when_one_name_is_strange(tmp_path: Path) -> None:
    store = holdings(tmp_path)
    store.put(*PLACE, "customers", people())
    with refused("HLD003", "HLD003"):
        store.destroy(*PLACE, ["customers", "custmers", "nobody"])
    assert store.get(*PLACE, "customers").num_rows == 300


def test_a_name_may_be_held_again_after_it_was_destroyed(tmp_path: Path) -> None:
    store = holdings(tmp_path)
    first = store.put(*PLACE, "customers", people(3))
    store.destroy(*PLACE, ["customers"])
    store.put(*PLACE, "customers", people(6))
    assert store.get(*PLACE, "customers").num_rows == 6
    (again,) = store.destroy(*PLACE, ["customers"])
    assert again.sha256 != first.sha256
    assert len(store.destroy(*PLACE, ["customers"])) == 2


def test_a_table_whose_key_is_lost_can_still_be_destroyed(tmp_path: Path) -> None:
    store = holdings(tmp_path)
    held = store.put(*PLACE, "customers", people())
    (tmp_path / f"keys/owners/{held.key}.identity").unlink()
    with refused("KEY002"):
        store.get(*PLACE, "customers")
    (gone,) = store.destroy(*PLACE, ["customers"])
    assert gone.key_fingerprint == "missing"


def calls_made_by_put(root: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> int:
    real, calls = getattr(os, name), []
    with monkeypatch.context() as counting:
        counting.setattr(os, name, lambda *a, **k: calls.append(1) or real(*a, **k))
        holdings(root / "count").put(*PLACE, "customers", people())
    return len(calls)


@pytest.mark.parametrize("name", ["fsync", "replace", "link", "open", "mkdir"])
def test_a_disk_that_fails_at_any_step_leaves_all_or_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    count = calls_made_by_put(tmp_path, monkeypatch, name)
    assert count
    for at in range(1, count + 1):
        root = tmp_path / f"{name}-{at}"
        store = holdings(root)
        with monkeypatch.context() as failing:
            full_disk(failing, name, at)
            with pytest.raises(EquipoiseError) as caught:
                store.put(*PLACE, "customers", people())
        assert caught.value.problems[0].code in {"HLD011", "KEY013"}
        assert store.list("fuel", 1) == ()
        assert not [path for path in files_under(root) if not path.endswith(".destroyed")]
        store.put(*PLACE, "customers", people())
        assert store.get(*PLACE, "customers").equals(people())


@pytest.mark.parametrize("name", ["fsync", "replace"])
def test_a_replacement_that_fails_leaves_the_old_or_the_new_table(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    for at in range(1, 20):
        root = tmp_path / f"{name}-{at}"
        store = holdings(root)
        store.put(*PLACE, "customers", people(3))
        with monkeypatch.context() as failing:
            full_disk(failing, name, at)
            try:
                store.put(*PLACE, "customers", people(6), replace_held=True)
            except EquipoiseError:
                done = False
            else:
                done = True
        assert store.get(*PLACE, "customers").num_rows in (3, 6)
        store.sweep()
        assert store.get(*PLACE, "customers").num_rows in (3, 6)
        if done:
            break
    else:
        pytest.fail("the disk never held long enough")


class FullFile:
    """A file on a disk that fills up after some bytes."""

    def __init__(self, file: object, room: int) -> None:
        self._file, self._room = file, room

    def write(self, data: bytes) -> int:
        self._room -= len(data)
        if self._room < 0:
            raise OSError(28, "No space left on device")
        return self._file.write(data)  # type: ignore[attr-defined]

    def __getattr__(self, name: str) -> object:
        return getattr(self._file, name)


@pytest.mark.parametrize("room", [0, 1000, 100_000, 900_000])
def test_a_disk_that_fills_up_in_the_middle_of_a_table_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, room: int
) -> None:
    from equipoise.holdings import sealed

    real = sealed._Hashing.__init__
    store = holdings(tmp_path)
    with monkeypatch.context() as failing:
        failing.setattr(
            sealed._Hashing, "__init__", lambda self, file: real(self, FullFile(file, room))
        )
        with refused("HLD011") as caught:
            store.put(*PLACE, "customers", people(300_000))
    assert "No space left" in caught.value.problems[0].what
    assert caught.value.exit_code == 9
    assert files_under(tmp_path) == []


def test_a_table_that_cannot_be_written_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The writing thread's failure is not taken for the end of the table."""
    store = holdings(tmp_path)

    def no_memory(*_: object, **__: object) -> None:
        raise MemoryError

    with monkeypatch.context() as failing:
        failing.setattr(pa.ipc, "new_stream", no_memory)
        with pytest.raises(MemoryError):
            store.put(*PLACE, "customers", people())
    assert files_under(tmp_path) == []


def test_of_two_who_put_at_once_one_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The other puts between the look and the record."""
    from equipoise.holdings import store as module

    store, other = holdings(tmp_path), holdings(tmp_path)
    real = module.write_sealed

    def meanwhile(*args: object) -> object:
        monkeypatch.setattr(module, "write_sealed", real)
        other.put(*PLACE, "customers", people(3))
        return real(*args)

    monkeypatch.setattr(module, "write_sealed", meanwhile)
    with refused("HLD002"):
        store.put(*PLACE, "customers", people(6))
    assert store.get(*PLACE, "customers").num_rows == 3
    assert store.sweep() == ()


def put_and_die(root: Path, name: str, at: int) -> int:
    """Put in a child process that ends at the ``at``-th call of ``os.<name>``, without a word."""
    child = os.fork()
    if child == 0:
        real, calls = getattr(os, name), iter(range(1, 1000))
        setattr(os, name, lambda *a, **k: os._exit(9) if next(calls) == at else real(*a, **k))
        holdings(root).put(*PLACE, "customers", people())
        os._exit(0)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


@pytest.mark.parametrize("name", ["fsync", "replace", "link", "unlink"])
def test_after_a_kill_at_any_step_a_sweep_leaves_all_or_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    count = calls_made_by_put(tmp_path, monkeypatch, name)
    assert count
    for at in range(1, count + 1):
        root = tmp_path / f"{name}-{at}"
        assert put_and_die(root, name, at) == 9
        store = holdings(root)
        whole = bool(store.list("fuel", 1))
        store.sweep()
        if whole:
            assert store.get(*PLACE, "customers").equals(people())
        else:
            left = [path for path in files_under(root) if not path.endswith(".destroyed")]
            assert left == []
            store.put(*PLACE, "customers", people())
            assert store.get(*PLACE, "customers").equals(people())


def test_a_sweep_touches_nothing_that_is_held(tmp_path: Path) -> None:
    store, keys = holdings(tmp_path), key_store(tmp_path)
    keys.begin("fuel", 1)
    store.put(*PLACE, "customers", people())
    keys.new_identity("agreements/fuel/1/secure-room/customers-0123456789abcdef")
    (folder(tmp_path) / ".0123.part").write_bytes(b"half")
    (folder(tmp_path) / ("0" * 64 + ".age")).write_bytes(b"half")
    assert store.sweep() == ("fuel/1/secure-room/customers",)
    assert store.sweep() == ()
    assert store.get(*PLACE, "customers").num_rows == 300
    assert keys.exists("agreements/fuel/1/salt")


@pytest.mark.parametrize("at", range(1, 7))
def test_a_destruction_cut_short_is_finished_by_the_next(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, at: int
) -> None:
    keys = KeyStore(tmp_path / "keys")
    store = Holdings(tmp_path / "holdings", keys)
    held = store.put(*PLACE, "customers", people())
    fingerprint = keys.fingerprint(held.key)
    with monkeypatch.context() as failing:
        full_disk(failing, "unlink", at)
        try:
            store.destroy(*PLACE, ["customers"])
        except EquipoiseError as error:
            assert error.problems[0].code in {"HLD011", "KEY013"}
    (gone,) = store.destroy(*PLACE, ["customers"])
    assert (gone.sha256, gone.key_fingerprint) == (held.sha256, fingerprint)
    assert store.list("fuel", 1) == ()
    assert not list(folder(tmp_path).glob("*.age"))
    assert not keys.ids()
