"""What this chapter's tests share: a sender, two receivers, and a way to forge parcels."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from equipoise.agree.canonical import canonical_bytes
from equipoise.agree.sign import Signer
from equipoise.carry.parcel import Expected, Manifest
from equipoise.carry.parcel import make_parcel as write_parcel
from equipoise.errors import EquipoiseError
from equipoise.keys import KeyStore, seal_stream_to

DIGEST = "sha256:" + "ab" * 32


def ids(count: int, seed: int = 1) -> pa.Array:
    data = np.random.default_rng(seed).bytes(16 * count)
    return pa.Array.from_buffers(pa.binary(16), count, [None, pa.py_buffer(data)])


def encodings(rows: int = 50) -> pa.Table:
    tokens = pa.array([None, *ids(rows - 1, 2).to_pylist()], pa.binary(16))
    return pa.table({"row_id": ids(rows), "person.0": tokens, "person.1": ids(rows, 3)})


def payload(rows: int = 50) -> pa.Table:
    return pa.table(
        {
            "row_id": ids(rows),
            "on_credit": pa.array([True, None] * (rows // 2)),
            "award": pa.array(["a", "b"] * (rows // 2)).dictionary_encode(),
        }
    )


MANIFEST = Manifest(
    parcel="parcel-1", pair="pair-1", agreement="fuel", version=1, digest=DIGEST,
    dataset="tax_credits", sender="hmrc", receiver="linkage unit", kind="encodings",
    created="2026-03-01T12:00:00Z",
)  # fmt: skip
FOR_ROOM = replace(MANIFEST, parcel="parcel-2", receiver="secure room", kind="payload")


@dataclass
class Post:
    """A sender's and two receivers' keys."""

    keys: KeyStore
    unit: str
    room: str

    @property
    def signer(self) -> Any:
        return self.keys.signer("hmrc")

    def expected(self, **other: Any) -> Expected:
        plain = Expected(
            agreement="fuel", version=1, digest=DIGEST, receiver="linkage unit", kind="encodings",
            datasets={"tax_credits": "hmrc", "properties": "voa"},
            senders={"hmrc": self.keys.public_key("hmrc"), "voa": self.keys.public_key("voa")},
            columns={"tax_credits": ("person.0", "person.1"), "properties": ("home.0",)},
        )  # fmt: skip
        return replace(plain, **other)

    def expected_by_room(self) -> Expected:
        columns = {"tax_credits": ("on_credit", "award")}
        return self.expected(receiver="secure room", kind="payload", columns=columns)

    def unseal(self, data: bytes) -> bytes:
        return self.keys.unseal_with("unit")(data)


def post(root: Path) -> Post:
    keys = KeyStore(root / "keys")
    keys.new_signer("hmrc")
    keys.new_signer("voa")
    keys.new_signer("secure-room")
    return Post(keys, keys.new_identity("unit"), keys.new_identity("room"))


@contextmanager
def refused(*codes: str) -> Iterator[pytest.ExceptionInfo[EquipoiseError]]:
    with pytest.raises(EquipoiseError) as caught:
        yield caught
    assert [problem.code for problem in caught.value.problems] == list(codes)


def make_parcel(manifest: Manifest, table: pa.Table, signer: Signer, public: str) -> bytes:
    """A whole parcel of a table whose rows stand in any order, sealed for ``public``."""
    sink = io.BytesIO()
    in_order = table.sort_by("row_id") if "row_id" in table.column_names else table
    write_parcel(manifest, [in_order], signer, seal_stream_to(public), sink, io.BytesIO())
    return sink.getvalue()


def parquet(table: pa.Table) -> bytes:
    sink = io.BytesIO()
    pq.write_table(table, sink)
    return sink.getvalue()


def forge(
    post: Post,
    table: bytes,
    change: Callable[[dict[str, Any]], Any] = lambda told: told,
    *,
    sign: bool = True,
) -> bytes:
    """Build a parcel by hand, as somebody would who holds the sender's key but not our program."""
    told = {
        **MANIFEST.as_dict(), "rows": 50, "columns": ["row_id", "person.0", "person.1"],
        "sha256": hashlib.sha256(table).hexdigest(), "size": len(table),
    }  # fmt: skip
    manifest = canonical_bytes(change(told) or told)
    value = post.signer.sign(b"equipoise parcel 1\n" + manifest) if sign else "00" * 64
    signature = canonical_bytes({"public_key": post.signer.public_key, "value": value})
    return wrap(post, b"".join(len(p).to_bytes(8, "big") + p for p in (manifest, signature, table)))


def wrap(post: Post, plain: bytes) -> bytes:
    sealed = post.keys.seal_to(post.unit)(plain)
    return b"EQPARCEL" + (1).to_bytes(2, "big") + len(sealed).to_bytes(8, "big") + sealed
