"""A key is a file that one role alone may read, made whole or not at all."""

from __future__ import annotations

import copy
import errno
import io
import os
import pickle
import stat
from pathlib import Path

import pytest
from stores import NOON, Clock, files_under, full_disk, key_store, refused

from equipoise.agree.sign import verify_signature
from equipoise.keys import KeyStore, key_id_for, seal_to
from equipoise.keys.files import encode_key


def test_a_signer_signs_what_its_public_key_verifies(tmp_path: Path) -> None:
    store = key_store(tmp_path)
    signer = store.new_signer("hmrc/signing")
    signature = store.signer("hmrc/signing").sign(b"a message")
    assert signer.public_key == store.public_key("hmrc/signing")
    assert verify_signature(signer.public_key, b"a message", signature)
    assert not verify_signature(signer.public_key, b"another message", signature)


def test_what_is_sealed_to_an_identity_opens_with_it_and_with_no_other(tmp_path: Path) -> None:
    store = key_store(tmp_path)
    public = store.new_identity("room")
    store.new_identity("other")
    sealed = store.seal_to(public)(b"plain")
    assert b"plain" not in sealed
    assert store.recipient("room") == public
    assert store.unseal_with("room")(sealed) == b"plain"
    for broken in (sealed[:-1], sealed[:50], b"", sealed[:-1] + bytes([sealed[-1] ^ 1])):
        with refused("KEY009"):
            store.unseal_with("room")(broken)
    with refused("KEY009"):
        store.unseal_with("other")(sealed)


def test_a_public_key_that_is_none_is_refused() -> None:
    with refused("KEY010"):
        seal_to("age1notakey")


def test_files_and_folders_are_for_the_owner_alone(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        store = key_store(tmp_path)
        store.new_signer("hmrc/signing")
        store.begin("fuel", 1)
    finally:
        os.umask(before)
    for path in (tmp_path / "keys").rglob("*"):
        wanted = 0o600 if path.is_file() else 0o700
        assert stat.S_IMODE(path.stat().st_mode) == wanted, path


def test_a_key_that_others_may_read_is_refused(tmp_path: Path) -> None:
    store = key_store(tmp_path)
    store.new_signer("hmrc")
    path = tmp_path / "keys/owners/hmrc.signer"
    for mode in (0o640, 0o604, 0o620):
        path.chmod(mode)
        with refused("KEY006"):
            store.signer("hmrc")
    path.chmod(0o600)
    path.parent.chmod(0o755)
    with refused("KEY006"):
        store.signer("hmrc")
    with refused("KEY006"):
        key_store(tmp_path)


def test_a_key_file_that_is_not_whole_is_refused(tmp_path: Path) -> None:
    store = key_store(tmp_path)
    store.new_signer("hmrc")
    path = tmp_path / "keys/owners/hmrc.signer"
    whole = path.read_bytes()
    for broken, code in (
        (b"", "KEY004"),
        (whole[:-1], "KEY004"),
        (whole + b"\0", "KEY004"),
        (os.urandom(len(whole)), "KEY004"),
        (os.urandom(32), "KEY004"),
        (whole[:30] + bytes([whole[30] ^ 1]) + whole[31:], "KEY005"),
        (encode_key("root", bytes(32)), "KEY007"),
    ):
        path.write_bytes(broken)
        with refused(code):
            store.signer("hmrc")


def test_a_missing_key_and_a_link_in_its_place_are_refused(tmp_path: Path) -> None:
    store = key_store(tmp_path)
    with refused("KEY002"):
        store.signer("nobody")
    store.new_signer("hmrc")
    path = tmp_path / "keys/owners/hmrc.signer"
    path.rename(tmp_path / "elsewhere")
    path.symlink_to(tmp_path / "elsewhere")
    with refused("KEY014"):
        store.signer("hmrc")


def test_a_key_that_the_machine_cannot_read_is_told_as_such(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = key_store(tmp_path)
    store.new_signer("hmrc")
    full_disk(monkeypatch, "open", 1)
    with refused("KEY013"):
        store.signer("hmrc")


def test_a_key_is_never_made_over_another(tmp_path: Path) -> None:
    store = key_store(tmp_path)
    public = store.new_signer("hmrc").public_key
    with refused("KEY003"):
        store.new_signer("hmrc")
    assert store.public_key("hmrc") == public


def test_an_id_cannot_leave_the_store(tmp_path: Path) -> None:
    store = key_store(tmp_path)
    for bad in ("", "..", "../other", "a//b", "/etc/passwd", "a/.b", "Upper", "a b", "a\0b"):
        with refused("KEY001"):
            store.new_signer(bad)
    assert files_under(tmp_path) == []


def test_any_name_has_a_key_id_of_its_own() -> None:
    assert key_id_for("hmrc", "signing") == "hmrc/signing"
    ids = {key_id_for("hmrc", name) for name in ("Amara Osei", "amara osei", "Amara-Osei", "Ойсе")}
    assert len(ids) == 4
    assert all(part.startswith("hmrc/") for part in ids)


@pytest.mark.parametrize("call", ["fsync", "link", "open"])
def test_a_full_disk_leaves_no_half_key(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, call: str
) -> None:
    store = key_store(tmp_path)
    with monkeypatch.context() as failing:
        full_disk(failing, call, 1)
        with refused("KEY013"):
            store.new_signer("hmrc")
    assert files_under(tmp_path) == []
    assert store.new_signer("hmrc").public_key == store.public_key("hmrc")


def test_no_secret_shows_or_is_carried_away(tmp_path: Path) -> None:
    store = key_store(tmp_path)
    store.new_root("root")
    store.begin("fuel", 1)
    secret = store.derive("root", "fuel", 1, "tokens")
    value = secret.reveal()
    for thing in (store, secret, store.new_signer("hmrc"), store.hasher("root", "fuel", 1, "x")):
        for shown in (repr(thing), str(thing), f"{thing}"):
            assert value.hex() not in shown
            assert repr(value) not in shown
            assert "not shown" in shown
        with pytest.raises(TypeError, match="never pickled"):
            pickle.dumps(thing)
        with pytest.raises(TypeError):
            copy.copy(thing)
    with pytest.raises(TypeError):
        store.root("root").__getstate__()


def test_a_fingerprint_names_a_key_and_does_not_tell_it(tmp_path: Path) -> None:
    store = key_store(tmp_path)
    store.new_signer("a")
    store.new_identity("a")
    store.new_root("b")
    prints = {store.fingerprint("a", "signer"), store.fingerprint("a", "identity")}
    prints.add(store.fingerprint("b"))
    assert len(prints) == 3
    assert all(len(each) == 32 for each in prints)
    assert store.root("b").reveal().hex() not in "".join(prints)
    with refused("KEY007"):
        store.fingerprint("a")
    with refused("KEY002"):
        store.fingerprint("nobody")


def test_a_destroyed_key_leaves_its_fingerprint_and_its_time(tmp_path: Path) -> None:
    store = key_store(tmp_path)
    store.new_signer("hmrc")
    store.new_identity("hmrc")
    named = {
        "hmrc.signer": store.fingerprint("hmrc", "signer"),
        "hmrc.identity": store.fingerprint("hmrc", "identity"),
    }
    gone = store.destroy("hmrc")
    assert gone.fingerprints == named
    assert gone.at > NOON
    assert not gone.already
    assert files_under(tmp_path / "keys") == ["owners/hmrc.destroyed"]
    for use in (store.signer, store.unseal_with, store.new_signer, store.new_identity):
        with refused("KEY008"):
            use("hmrc")


def test_destroying_twice_says_so_and_destroying_nothing_is_refused(tmp_path: Path) -> None:
    store = key_store(tmp_path)
    store.new_root("root")
    first = store.destroy("root")
    second = store.destroy("root")
    assert (second.fingerprints, second.at) == (first.fingerprints, first.at)
    assert second.already
    with refused("KEY002"):
        store.destroy("nobody")


def test_a_damaged_key_can_still_be_destroyed(tmp_path: Path) -> None:
    store = key_store(tmp_path)
    store.new_root("root")
    (tmp_path / "keys/owners/root.root").write_bytes(b"?")
    assert store.destroy("root").fingerprints == {"root.root": "damaged"}
    (tmp_path / "keys/owners/root.destroyed").write_bytes(b"?")
    with refused("KEY005"):
        store.destroy("root")


def test_a_destruction_cut_short_is_taken_up_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = KeyStore(tmp_path / "keys", clock=Clock())
    print_before = store.new_root("root")
    with monkeypatch.context() as failing:
        full_disk(failing, "unlink", 1)
        with refused("KEY013"):
            store.destroy("root")
    with refused("KEY008"):  # the tombstone is there, so the key is not used any more
        store.root("root")
    assert store.destroy("root").fingerprints == {"root.root": print_before}
    assert files_under(tmp_path / "keys") == ["root.destroyed"]


def test_a_kill_while_a_key_is_made_leaves_no_second_name_of_it(tmp_path: Path) -> None:
    """Killed between the two names, the draft is the key: destroying the key ends both."""
    store = key_store(tmp_path)
    child = os.fork()
    if child == 0:
        os.unlink = lambda *_, **__: os._exit(9)  # type: ignore[assignment]
        store.new_root("root")
        os._exit(0)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 9
    assert len(files_under(tmp_path)) == 2
    store.destroy("root")
    assert files_under(tmp_path) == ["keys/owners/root.destroyed"]


def test_streams_tell_the_disks_own_error(tmp_path: Path) -> None:
    store = key_store(tmp_path)
    store.new_identity("room")

    class Broken(io.BytesIO):
        def read(self, size: int | None = -1) -> bytes:
            raise OSError(errno.EIO, "Input/output error")

        def write(self, data: object) -> int:
            raise OSError(errno.ENOSPC, "No space left on device")

    sealed = io.BytesIO()
    store.seal_stream("room", io.BytesIO(b"plain" * 9), sealed)
    for work, source, sink, number in (
        (store.seal_stream, Broken(), io.BytesIO(), errno.EIO),
        (store.seal_stream, io.BytesIO(b"plain"), Broken(), errno.ENOSPC),
        (store.unseal_stream, Broken(), io.BytesIO(), errno.EIO),
        (store.unseal_stream, io.BytesIO(sealed.getvalue()), Broken(), errno.ENOSPC),
    ):
        with pytest.raises(OSError) as caught:
            work("room", source, sink)
        assert caught.value.errno == number
