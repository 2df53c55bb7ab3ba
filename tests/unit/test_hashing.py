"""Many values are hashed at once, compiled or not, as the standard library hashes one."""

from __future__ import annotations

import hashlib
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from equipoise import hashing
from equipoise.hashing import KEY_BYTES, keyed_digests

KEY = bytes(range(KEY_BYTES))


@pytest.fixture(params=["compiled", "by the standard library"])
def at_work(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    if request.param == "compiled":
        if hashing.library() is None:
            pytest.skip("the compiled library is not there: no C compiler was found")
    else:
        monkeypatch.setattr(hashing, "library", lambda: None)


def _one(value: bytes | None) -> bytes | None:
    if value is None:
        return None
    return hashlib.blake2s(value, key=KEY, digest_size=16).digest()


@pytest.mark.usefixtures("at_work")
def test_values_of_every_length_up_to_several_blocks() -> None:
    chance = np.random.default_rng(1)
    values = [chance.bytes(length) for length in range(330)]
    assert keyed_digests(KEY, values).to_pylist() == [_one(value) for value in values]


@pytest.mark.usefixtures("at_work")
def test_a_missing_value_has_no_digest_and_an_empty_one_has() -> None:
    values = [b"", None, b"smith", None, b"smith"]
    made = keyed_digests(KEY, values)
    made.validate(full=True)
    assert made.type == pa.binary(16)
    assert made.to_pylist() == [_one(value) for value in values]
    assert keyed_digests(KEY, []).to_pylist() == []
    assert keyed_digests(KEY, [None]).to_pylist() == [None]
    assert keyed_digests(KEY, pa.nulls(3)).to_pylist() == [None] * 3


@pytest.mark.usefixtures("at_work")
def test_a_part_of_an_array_is_hashed_as_itself() -> None:
    whole = pa.array(["a", None, "O'Neill", "Łucja", "", "z" * 200, None])
    want = [_one(None if text is None else text.encode()) for text in whole.to_pylist()]
    assert keyed_digests(KEY, whole).to_pylist() == want
    assert keyed_digests(KEY, whole.slice(2, 4)).to_pylist() == want[2:6]
    assert keyed_digests(KEY, whole.slice(1).cast(pa.large_string())).to_pylist() == want[1:]


@pytest.mark.usefixtures("at_work")
def test_another_key_gives_other_digests() -> None:
    values = [b"one", b"two"]
    other = keyed_digests(bytes(KEY_BYTES), values).to_pylist()
    assert not set(other) & set(keyed_digests(KEY, values).to_pylist())


def test_more_values_than_one_thread_takes(monkeypatch: pytest.MonkeyPatch) -> None:
    if hashing.library() is None:
        pytest.skip("the compiled library is not there: no C compiler was found")
    monkeypatch.setattr(hashing, "_PIECE", 100)
    values = [str(number).encode() for number in range(1050)]
    assert keyed_digests(KEY, values).to_pylist() == [_one(value) for value in values]


def test_a_library_that_is_not_there_or_of_another_sort_is_not_used(tmp_path: Path) -> None:
    assert hashing.library(tmp_path / "none.so") is None
    broken = tmp_path / "broken.so"
    broken.write_bytes(b"no library")
    assert hashing.library(broken) is None
