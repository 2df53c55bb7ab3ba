"""What leaves an owner to be linked, made in the agreement's mode from what intake accepted.

One table for each dataset, in the layout of ``wire``: tokens, a filter for each row, encodings of
each field, or the standardised identifiers themselves, and tokens for the opt-out lists that the
dataset is held against. It never holds a field that only a use reads.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import cache
from pathlib import Path

import pyarrow as pa

from equipoise.agree.document import Agreement
from equipoise.carry.encode.features import encode_fields
from equipoise.carry.encode.record import STRENGTHS, defaults_in, diffusion, record_filters
from equipoise.carry.encode.record_defaults import Defaults, warnings_of
from equipoise.carry.encode.record_parts import Codes, Words, columns_of
from equipoise.carry.encode.record_tokens import Common, LeftOut, leave_out, record_tokens
from equipoise.carry.encode.shown import Shown
from equipoise.carry.encode.standardise import standardise
from equipoise.carry.encode.tokens import Hasher, Tokens, check_encodable
from equipoise.carry.encode.wire import (
    FILTER,
    MEETING,
    column_types,
    compared_kinds,
    field_column,
    list_rules,
    lists_of_dataset,
    travelling_fields,
    words_column,
)
from equipoise.errors import Problem

Hashers = Callable[[str], Hasher]

_LIST_LAYOUT = "equipoise opt-out token 1"
_ENTITY_LAYOUT = "equipoise encoding 1"


def outgoing(
    table: pa.Table, agreement: Agreement, dataset: str, hasher: Hashers, row_ids: pa.Array
) -> pa.Table:
    """Return what ``Outgoing`` makes of a whole table at once."""
    return Outgoing(agreement, dataset, hasher).of(table, row_ids)


class Outgoing:
    """Makes what leaves of one dataset, some of its rows at a time.

    ``hasher`` gives the owners' keyed hash for a label, and is asked for each once. What a row gets
    is the same however the rows are parted, after ``look`` has seen them all.
    """

    def __init__(self, agreement: Agreement, dataset: str, hasher: Hashers) -> None:
        self._agreement, self._dataset, self._hasher = agreement, dataset, cache(hasher)
        self._shown: dict[str, Shown] = {}
        self._inputs: dict[str, Codes] = {}
        self._common: dict[str, LeftOut] = {}
        self._defaults: dict[str, Defaults] = {}
        self._rows = 0

    def look(self, chunks: Callable[[], Iterable[pa.Table]], rows: int, work: Path) -> None:
        """Be told of all ``rows`` before any is encoded; ``work`` is a private folder.

        In the mode ``enclave`` the parts of a value are made of one of the ways in which the file
        writes it. In the mode ``encoded`` tokens that too many rows share are left out, which the
        first chunk tells: its rows must be drawn at random. Else every row stands for itself.
        """
        self._rows = rows
        linkage = self._agreement.linkage
        if linkage is None or linkage.mode != "enclave":
            return
        for number, entity in enumerate(self._agreement.entities_of(self._dataset)):
            kinds = compared_kinds(self._agreement, entity, self._dataset)
            self._shown[entity] = Shown(kinds)
            self._shown[entity].look(chunks, work / f"shown-{number}")

    def of(self, table: pa.Table, row_ids: pa.Array) -> pa.Table:
        """Return ``row_id`` and the columns of ``wire.column_types``, in that order.

        ``table`` is what intake accepted, or a part of it, ``row_ids`` 16 random bytes for each
        row. Raises ``UsageRefused`` and ``DataRefused`` as ``encode`` does (ENC001 to ENC004).
        """
        agreement, dataset = self._agreement, self._dataset
        row_ids = check_encodable(table, agreement, dataset, row_ids)
        assert agreement.linkage is not None
        made: dict[str, pa.Array] = {}
        tokens = Tokens(table, agreement, dataset, self._hasher)
        for name, numbers in lists_of_dataset(agreement, dataset).items():
            rules = list_rules(agreement, name)
            for number in numbers:
                label = list_label(agreement, name, rules[number])
                made[f"opt-out.{name}.{number}"] = tokens.of_rule(rules[number], label)
        if agreement.linkage.mode == "identified":
            made |= _identifiers(table, agreement, dataset)
        else:
            for entity in agreement.entities_of(dataset):
                made |= tokens.of_entity(entity)
                made |= self._compared(table, entity)
        ordered = {name: made[name] for name in column_types(agreement, dataset)}
        return pa.table({"row_id": row_ids, **ordered})

    def warnings(self) -> list[Problem]:
        """Return what the owner should know of the rows encoded so far (ENC205); never a value."""
        found = [warnings_of(self._dataset, defaults) for defaults in self._defaults.values()]
        return list({problem.clause: problem for each in found for problem in each}.values())

    def _left_out(self, entity: str, tokens: Words) -> LeftOut:
        """Return the tokens that are left out of the whole file, told by the rows first encoded."""
        if entity not in self._common and len(tokens):
            seen = Common()
            seen.see(tokens)
            self._common[entity] = seen.left_out(max(1.0, self._rows / len(tokens)))
        return self._common.get(entity, {})

    def _compared(self, table: pa.Table, entity: str) -> dict[str, pa.Array]:
        linkage = self._agreement.linkage
        assert linkage is not None
        kinds = compared_kinds(self._agreement, entity, self._dataset)
        if not kinds:
            return {}
        own = entity_hasher(self._agreement, entity, self._hasher)
        if linkage.mode == "enclave":
            encoded = encode_fields(table, kinds, own, shown=self._shown.get(entity))
            return {f"{entity}.{name}": field_column(each) for name, each in encoded.fields.items()}
        named = linkage.entities[entity].strength
        assert named is not None, "it is written out where fields are compared"
        strength = STRENGTHS[named]
        if entity not in self._inputs:
            self._inputs[entity] = diffusion(strength, own)
        columns = columns_of(table, kinds)
        if entity not in self._defaults and table.num_rows:
            self._defaults[entity] = defaults_in(columns, kinds, own, strength)
        filters = record_filters(
            table,
            kinds,
            own,
            strength,
            columns=columns,
            inputs=self._inputs[entity],
            defaults=self._defaults.get(entity, {}),
        )
        made = {f"{entity}.{FILTER}": words_column(filters)}
        tokens = record_tokens(table, kinds, own, columns=columns, common={})
        leave_out(tokens, self._left_out(entity, tokens))
        return made | ({f"{entity}.{MEETING}": words_column(tokens)} if tokens.shape[1] else {})


def list_label(agreement: Agreement, name: str, rule: tuple[str, ...]) -> str:
    """Return the label of the tokens by which rows meet an opt-out list."""
    return "\n".join([_LIST_LAYOUT, agreement.reference, name, *rule])


def entity_hasher(agreement: Agreement, entity: str, hasher: Hashers) -> Hashers:
    """Return the hashers of one entity, which share nothing with those of another.

    Their labels are ``equipoise encoding 1``, the agreement's reference, the entity, and then the
    label that ``features`` or ``record`` asks for, each on a line of its own.
    """
    return lambda label: hasher("\n".join([_ENTITY_LAYOUT, agreement.reference, entity, label]))


def _identifiers(table: pa.Table, agreement: Agreement, dataset: str) -> dict[str, pa.Array]:
    """Return the identifiers that are linked by, each in its standard form."""
    types = column_types(agreement, dataset)
    return {
        name: standardise(_flat(table[name]), agreement.field_type(dataset, name)).cast(types[name])
        for name in travelling_fields(agreement, dataset)
    }


def _flat(column: pa.ChunkedArray) -> pa.Array:
    if pa.types.is_dictionary(column.type):
        column = column.cast(column.type.value_type)
    return pa.concat_arrays(column.chunks) if column.num_chunks else pa.array([], column.type)
