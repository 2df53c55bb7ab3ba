"""The one form of an agreement that is hashed and signed.

Two texts that say the same have the same canonical bytes: layout, comments, quotes and the order of
keys do not count; the order of lists does, because linkage rules are tried in order. The form is
JSON in UTF-8 with sorted keys, no spaces and NFC text, close to RFC 8785: a whole number is
written without a fraction, any other number in the shortest form that reads back the same.
"""

from __future__ import annotations

import hashlib
import json
import math
import unicodedata
from collections.abc import Mapping
from typing import Any

from equipoise.agree.document import Agreement


def _plain(value: Any) -> Any:
    if value is None or isinstance(value, bool | int):
        return value
    if isinstance(value, str):
        return unicodedata.normalize("NFC", value)
    if isinstance(value, float):
        if not math.isfinite(value):
            raise ValueError("a number must be finite to have a canonical form")
        return int(value) if value.is_integer() else value
    if isinstance(value, Mapping):
        return _plain_mapping(value)
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    raise TypeError(f"{type(value).__name__} has no canonical form")


def _plain_mapping(mapping: Mapping[Any, Any]) -> dict[str, Any]:
    plain: dict[str, Any] = {}
    for key, item in mapping.items():
        if not isinstance(key, str):
            raise TypeError("only text can be a key in canonical form")
        name = unicodedata.normalize("NFC", key)
        if name in plain:
            raise ValueError("two keys have the same canonical form")
        plain[name] = _plain(item)
    return plain


def canonical_bytes(value: Any) -> bytes:
    """Return the canonical JSON of ``value``: mappings, lists, text, numbers, yes/no and null.

    Raises ``TypeError`` for any other type, and ``ValueError`` for a number that is not finite,
    text that UTF-8 cannot hold, or two keys that become the same.
    """
    text = json.dumps(
        _plain(value), sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False
    )
    return text.encode("utf-8")


def canonical_json(agreement: Agreement) -> bytes:
    """Return the agreement's canonical bytes.

    What the text left out is written with its default, so that a later change of a default changes
    the digest and no signature can be carried over to another meaning. Empty optional parts are
    left out.
    """
    return canonical_bytes(agreement.model_dump(mode="json", by_alias=True, exclude_none=True))


def digest_of(data: bytes) -> str:
    """Return ``sha256:`` and the hash of ``data`` in 64 hexadecimal digits."""
    return "sha256:" + hashlib.sha256(data).hexdigest()


def digest(agreement: Agreement) -> str:
    """Return the digest that signatures, permits and ledger entries name."""
    return digest_of(canonical_json(agreement))


def substance(agreement: Agreement) -> str:
    """Return the digest of everything but the ``weighing`` clause.

    It is what people weigh. The clause that says how they weighed comes after, names the documents
    of the weighing by their hashes, and so cannot itself be part of what those documents name.
    """
    said = agreement.model_dump(mode="json", by_alias=True, exclude_none=True, exclude={"weighing"})
    return digest_of(canonical_bytes(said))
