"""Keyed tokens: what a linkage unit receives in place of names, dates and numbers.

How a token is made, so that another program can make the same one:

1. The label is these lines, joined by a line feed (U+000A), without one at the end:
   ``equipoise token 1``, the agreement's reference (``fuel-poverty-rebate@1``), the entity
   (``person``), then one line for each part of the rule as the agreement writes it (``surname``,
   ``forename:initial``). The hasher is made for that label, with the agreement's key.
2. Each part is the field's standard form (``standardise``) or the named part of it
   (``transforms``), as UTF-8. A date is ``yyyy-mm-dd``.
3. The message is, for each part in order, its length in bytes as four bytes, the highest first,
   and then its bytes. So ``AB`` + ``C`` and ``A`` + ``BC`` differ.
4. The token is the first 16 bytes of the keyed hash of the message. A part that is missing makes
   no token: the cell is null.

Example: rule ``[surname, birth_date]`` for O'Neill born on 3 April 1980 gives the message
``00000006 4f4e45494c4c 0000000a 313938302d30342d3033``.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Sequence
from typing import Final, Protocol

import pyarrow as pa
import pyarrow.compute as pc

from equipoise.agree.document import Agreement
from equipoise.agree.words import FieldType
from equipoise.carry.encode.folding import distinct
from equipoise.carry.encode.standardise import standardise
from equipoise.carry.encode.transforms import part_text
from equipoise.errors import DataRefused, Problem, UsageRefused
from equipoise.hashing import Values

TOKEN: Final = pa.binary(16)
"""The type of a token and of a row id."""

_LAYOUT = "equipoise token 1"


class Hasher(Protocol):
    """A keyed hash, made for one label. The key stays with whoever made it."""

    def digests(self, values: Values) -> pa.Array:
        """Return one 16-byte digest for each message, null for a missing one."""
        ...


def token_label(agreement: Agreement, entity: str, rule: Sequence[str]) -> str:
    """Return the label that one rule's tokens are made under; see the head of this file."""
    return "\n".join([_LAYOUT, agreement.reference, entity, *rule])


def encode(
    table: pa.Table,
    agreement: Agreement,
    dataset: str,
    hasher: Callable[[str], Hasher],
    row_ids: pa.Array,
) -> pa.Table:
    """Return ``row_id`` and one token column for each rule of each entity of ``dataset``.

    ``table`` is what intake accepted: one column for each agreed field. ``row_ids`` are 16 random
    bytes for each row, unique. Columns are named ``<entity>.<rule number>``, from 0; both are
    ``fixed_size_binary(16)``. A rule that reads a field this dataset does not have gives nulls: the
    rule then cannot link it. Raises ``UsageRefused`` (ENC001-ENC004) for a dataset that is not in
    the agreement, row ids that do not fit, or a table without an agreed field.
    """
    _check(table, agreement, dataset, row_ids)
    columns: dict[str, pa.Array] = {"row_id": _as_ids(row_ids)}
    made = Tokens(table, agreement, dataset, hasher)
    for entity in agreement.entities_of(dataset):
        columns |= made.of_entity(entity)
    return pa.table(columns)


class Tokens:
    """Makes token columns of one table, each part of a value once.

    ``table`` needs the columns that the rules read; see ``encode``.
    """

    def __init__(
        self, table: pa.Table, agreement: Agreement, dataset: str, hasher: Callable[[str], Hasher]
    ) -> None:
        self._table, self._agreement, self._dataset = table, agreement, dataset
        self._hasher = hasher
        self._parts: dict[str, pa.DictionaryArray] = {}

    def of_entity(self, entity: str) -> dict[str, pa.Array]:
        """Return ``<entity>.<rule number>`` -> tokens, for each rule of an entity."""
        assert self._agreement.linkage is not None
        rules = self._agreement.linkage.entities[entity].rules
        return {
            f"{entity}.{number}": self.of_rule(rule, token_label(self._agreement, entity, rule))
            for number, rule in enumerate(rules)
        }

    def of_rule(self, rule: Sequence[str], label: str) -> pa.Array:
        """Return one token for each row under ``label``; nulls where a field is not held."""
        fields = self._agreement.datasets[self._dataset].fields
        if not {text.partition(":")[0] for text in rule} <= set(fields):
            return pa.nulls(self._table.num_rows, TOKEN)
        for text in rule:
            if text not in self._parts:
                field, _, part = text.partition(":")
                kind = self._agreement.field_type(self._dataset, field)
                self._parts[text] = _part(self._table[field], kind, part or None)
        return _tokens([self._parts[text] for text in rule], self._hasher(label))


def payload(table: pa.Table, agreement: Agreement, dataset: str, row_ids: pa.Array) -> pa.Table:
    """Return ``row_id`` and the agreed fields that are not identifiers, for the secure room.

    Raises ``UsageRefused`` as ``encode`` does.
    """
    _check(table, agreement, dataset, row_ids)
    fields = agreement.datasets[dataset].fields
    kept = [name for name, field in fields.items() if field.role != "identifier"]
    return pa.table({"row_id": _as_ids(row_ids), **{name: table[name] for name in kept}})


def framed(text: str) -> bytes:
    """Return one part as it stands in a message: four bytes of length, then UTF-8."""
    data = text.encode()
    return struct.pack(">I", len(data)) + data


def _part(column: pa.ChunkedArray, kind: FieldType, transform: str | None) -> pa.DictionaryArray:
    """Return a column's framed parts in dictionary form."""
    coded = distinct(column)
    texts = part_text(standardise(coded.dictionary, kind), kind, transform)
    return pa.DictionaryArray.from_arrays(coded.indices, _framed(texts))


def _framed(texts: pa.Array) -> pa.Array:
    """Return each text framed, as ``framed`` does one."""
    data = texts.cast(pa.string()).cast(pa.binary())
    length = pc.dictionary_encode(pc.binary_length(data))
    heads = pa.array([struct.pack(">I", one) for one in length.dictionary.to_pylist()], pa.binary())
    return pc.binary_join_element_wise(
        heads.take(length.indices), data, pa.scalar(b"", pa.binary())
    )


def _tokens(parts: list[pa.DictionaryArray], hasher: Hasher) -> pa.Array:
    """Return a token for each row whose parts are all there; equal messages are hashed once."""
    messages = [part.dictionary.take(part.indices) for part in parts]
    whole = pc.binary_join_element_wise(*messages, pa.scalar(b"", pa.binary()))
    messages_once = pc.dictionary_encode(whole)
    made = hasher.digests(messages_once.dictionary)
    if made.type != TOKEN or len(made) != len(messages_once.dictionary):
        raise UsageRefused(
            Problem(
                "ENC004",
                "the hasher did not return one 16-byte digest for each message",
                why="tokens of another length would never meet those of another owner",
                next="use the hasher that the keys give for this agreement",
            )
        )
    return made.take(messages_once.indices)


def check_encodable(
    table: pa.Table, agreement: Agreement, dataset: str, row_ids: pa.Array
) -> pa.Array:
    """Return the row ids as one array. Raises as ``encode`` does (ENC001 to ENC003)."""
    _check(table, agreement, dataset, row_ids)
    return _as_ids(row_ids)


def _as_ids(row_ids: pa.Array) -> pa.Array:
    return row_ids.combine_chunks() if isinstance(row_ids, pa.ChunkedArray) else row_ids


def _check(table: pa.Table, agreement: Agreement, dataset: str, row_ids: pa.Array) -> None:
    if dataset not in agreement.datasets:
        raise UsageRefused(
            Problem(
                "ENC001",
                f"the agreement has no dataset called {dataset!r}",
                clause="datasets",
                next=f"choose one of: {', '.join(agreement.datasets)}",
            )
        )
    problems = []
    if missing := [
        name for name in agreement.datasets[dataset].fields if name not in table.column_names
    ]:
        problems.append(
            Problem(
                "ENC002",
                f"the table lacks {', '.join(missing)}",
                clause=f"datasets.{dataset}.fields",
                why="every agreed field must have a column, even an empty one",
                next="take the file in with the same version of the agreement",
            )
        )
    if (
        row_ids.type != TOKEN
        or len(row_ids) != table.num_rows
        or row_ids.null_count
        or pc.count_distinct(row_ids).as_py() != len(row_ids)
    ):
        problems.append(
            Problem(
                "ENC003",
                "the row ids are not one unique 16-byte value for each row",
                why="the row id is all that joins the two parcels",
                next="draw 16 random bytes for each row of the table",
            )
        )
    if problems:
        raise DataRefused(problems)
