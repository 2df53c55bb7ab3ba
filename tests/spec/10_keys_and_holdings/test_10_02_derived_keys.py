"""Every working key follows from a root and a salt of the agreement's version, and ends with it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from stores import key_store, refused

from equipoise.keys import KeyStore
from equipoise.keys.secrets import derive, refuse_collisions


@pytest.fixture
def store(tmp_path: Path) -> KeyStore:
    store = key_store(tmp_path)
    store.new_root("root")
    store.begin("fuel", 1)
    return store


def test_a_derived_key_is_hkdf_as_its_standard_says() -> None:
    """Known answer, computed once with ``openssl kdf`` over the same root, salt and info."""
    info = b"".join(len(p).to_bytes(4, "big") + p for p in (b"equipoise", b"1", b"a", b"bc"))
    assert info.hex() == "0000000965717569706f6973650000000131000000016100000002" + "6263"
    key = derive(bytes(range(32)), bytes(range(32, 64)), "a", "bc").reveal()
    assert key.hex() == KNOWN


KNOWN = "dd0f3acb821630fd862989e2e498171e1e19370fbc4f7589b947efb220342642"


def test_the_same_purpose_gives_the_same_key_and_any_other_another(store: KeyStore) -> None:
    store.begin("fuel", 2)
    store.begin("fuel2", 1)
    store.new_root("root2")
    keys = [
        store.derive("root", "fuel", 1, "tokens", "person.0"),
        store.derive("root", "fuel", 1, "tokens", "person.1"),
        store.derive("root", "fuel", 1, "tokensperson.0"),
        store.derive("root", "fuel", 2, "tokens", "person.0"),
        store.derive("root", "fuel2", 1, "tokens", "person.0"),
        store.derive("root2", "fuel", 1, "tokens", "person.0"),
    ]
    assert len({key.reveal() for key in keys}) == len(keys)
    again = store.derive("root", "fuel", 1, "tokens", "person.0")
    assert again.reveal() == keys[0].reveal()


def test_two_installations_with_one_root_still_have_other_keys(tmp_path: Path) -> None:
    keys = []
    for place in ("a", "b"):
        store = key_store(tmp_path / place)
        store.new_root("root")
        (tmp_path / place / "keys/owners/root.root").write_bytes(
            (tmp_path / "a/keys/owners/root.root").read_bytes()
        )
        store.begin("fuel", 1)
        keys.append(store.derive("root", "fuel", 1, "tokens").reveal())
    assert keys[0] != keys[1]


def test_nothing_is_derived_before_the_version_begins_or_after_it_is_erased(
    store: KeyStore,
) -> None:
    with refused("KEY002"):
        store.derive("root", "fuel", 9, "tokens")
    assert store.begin("fuel", 1) == store.begin("fuel", 1)
    salt = store.fingerprint("agreements/fuel/1/salt")
    gone = store.destroy(("fuel", 1))
    assert gone.fingerprints == {"agreements/fuel/1/salt.salt": salt}
    with refused("KEY008"):
        store.derive("root", "fuel", 1, "tokens")
    with refused("KEY008"):
        store.begin("fuel", 1)
    assert store.destroy(("fuel", 1)).already
    store.begin("fuel", 10)
    assert store.exists("agreements/fuel/10/salt")


def test_erasing_one_version_leaves_the_others(store: KeyStore) -> None:
    store.begin("fuel", 11)
    store.begin("fuel-two", 1)
    before = store.derive("root", "fuel", 11, "tokens").reveal()
    store.destroy(("fuel", 1))
    assert store.derive("root", "fuel", 11, "tokens").reveal() == before
    assert store.derive("root", "fuel-two", 1, "tokens").reveal()


def test_equal_values_have_equal_tokens_and_no_value_has_none(store: KeyStore) -> None:
    hasher = store.hasher("root", "fuel", 1, "person.0")
    tokens = hasher.digests([b"smith", None, b"smith", b"smyth", b"", None])
    tokens.validate(full=True)
    assert tokens.type == pa.binary(16)
    found = tokens.to_pylist()
    assert found[1] is None
    assert found[5] is None
    assert found[0] == found[2]
    assert len({found[0], found[3], found[4]}) == 3
    assert hasher.digests([]).to_pylist() == []
    assert hasher.digests([b"smith"]).to_pylist() == [found[0]]
    assert hasher.digests([None]).to_pylist() == [None]


def test_tokens_of_other_labels_versions_and_agreements_never_meet(store: KeyStore) -> None:
    store.begin("fuel", 2)
    store.begin("jobs", 1)
    values = [str(number).encode() for number in range(2000)]
    hashers = [
        store.hasher("root", "fuel", 1, "person.0"),
        store.hasher("root", "fuel", 1, "person.1"),
        store.hasher("root", "fuel", 2, "person.0"),
        store.hasher("root", "jobs", 1, "person.0"),
    ]
    tokens = [token for hasher in hashers for token in hasher.digests(values).to_pylist()]
    assert len(set(tokens)) == 4 * len(values)


def test_somebody_without_the_key_cannot_look_up_a_list_of_values(store: KeyStore) -> None:
    """The keyless hash falls to a dictionary, the positive control; the keyed one does not."""
    import hashlib

    values = [f"QQ{number:06d}A".encode() for number in range(3000)]
    keyless = {hashlib.blake2s(v, digest_size=16).digest() for v in values[:100]}
    keyed = set(store.hasher("root", "fuel", 1, "person.0").digests(values[:100]).to_pylist())
    attempts = {hashlib.blake2s(v, digest_size=16).digest() for v in values}
    attempts |= {hashlib.blake2s(v, key=bytes(32), digest_size=16).digest() for v in values}
    assert len(keyless & attempts) == 100
    assert not keyed & attempts


def link_ids(count: int) -> pa.Array:
    data = np.random.default_rng(7).bytes(16 * count)
    return pa.Array.from_buffers(pa.binary(16), count, [None, pa.py_buffer(data)])


def test_a_pseudonym_is_one_number_for_one_link_id(store: KeyStore) -> None:
    ids = link_ids(1000)
    give = store.pseudonyms("root", "fuel", 1, "person")
    numbers = give(ids)
    assert numbers.type == pa.uint64()
    assert len(set(numbers.to_pylist())) == 1000
    twice = give(pa.concat_arrays([ids, ids.slice(500)]))
    assert twice.to_pylist() == numbers.to_pylist() + numbers.to_pylist()[500:]
    assert give(ids.slice(10, 5)).to_pylist() == numbers.to_pylist()[10:15]
    assert give(pa.chunked_array([ids, ids])).to_pylist() == 2 * numbers.to_pylist()
    assert len(give(ids.slice(0, 0))) == 0


def test_pseudonyms_of_two_agreements_versions_or_entities_do_not_join(store: KeyStore) -> None:
    """Neither by equality nor by any bit: each bit agrees in about half of the people."""
    store.begin("fuel", 2)
    store.begin("jobs", 1)
    ids = link_ids(20_000)
    numbers = [
        store.pseudonyms("root", agreement, version, entity)(ids).to_numpy()
        for agreement, version, entity in (
            ("fuel", 1, "person"), ("fuel", 2, "person"), ("jobs", 1, "person"), ("fuel", 1, "home")
        )
    ]  # fmt: skip
    for left in range(4):
        for right in range(left):
            assert not np.intersect1d(numbers[left], numbers[right]).size
            differ = numbers[left] ^ numbers[right]
            agree = 1 - np.unpackbits(differ.view(np.uint8)).reshape(-1, 64).mean(axis=0)
            assert abs(agree - 0.5).max() < 0.02  # over five standard errors of a fair coin
            order = np.corrcoef(np.argsort(numbers[left]), np.argsort(numbers[right]))[0, 1]
            assert abs(order) < 0.04


def test_two_people_with_one_pseudonym_are_refused() -> None:
    ids = np.array([[1, 1], [2, 2], [1, 1], [3, 3]], dtype=np.uint64)
    refuse_collisions(ids, np.array([9, 8, 9, 7], dtype=np.uint64))
    with refused("KEY012"):
        refuse_collisions(ids, np.array([9, 8, 9, 8], dtype=np.uint64))


def test_link_ids_that_are_not_ids_are_refused(store: KeyStore) -> None:
    give = store.pseudonyms("root", "fuel", 1, "person")
    for wrong in (pa.array([b"x" * 16, None], pa.binary(16)), pa.array([1, 2])):
        with refused("KEY011"):
            give(wrong)


def test_the_linkage_units_ids_are_all_different_and_of_their_run(store: KeyStore) -> None:
    rows = pa.array([0, 1, 2, 1, 70_000], pa.int64())
    first = store.link_ids("root", "fuel", 1, "person", "run-1")(rows).to_pylist()
    other = store.link_ids("root", "fuel", 1, "person", "run-2")(pa.chunked_array([rows]))
    assert first[1] == first[3]
    assert len(set(first)) == 4
    assert not set(first) & set(other.to_pylist())
