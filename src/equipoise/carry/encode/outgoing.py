"""What leaves an owner to be linked, made in the agreement's mode from what intake accepted.

One table for each dataset, in the layout of ``wire``: tokens, a filter for each row, encodings of
each field, or the standardised identifiers themselves, and tokens for the opt-out lists that the
dataset is held against. It never holds a field that only a use reads.
"""

from __future__ import annotations

from collections.abc import Callable

import pyarrow as pa

from equipoise.agree.document import Agreement
from equipoise.carry.encode.features import encode_fields
from equipoise.carry.encode.record import STRENGTHS, record_filters
from equipoise.carry.encode.record_tokens import record_tokens
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

Hashers = Callable[[str], Hasher]
Progress = Callable[[float, str], None]

_LIST_LAYOUT = "equipoise opt-out token 1"
_ENTITY_LAYOUT = "equipoise encoding 1"


def outgoing(
    table: pa.Table,
    agreement: Agreement,
    dataset: str,
    hasher: Hashers,
    row_ids: pa.Array,
    *,
    progress: Progress = lambda share, doing: None,
) -> pa.Table:
    """Return ``row_id`` and the columns of ``wire.column_types``, in that order.

    ``table`` is what intake accepted, ``row_ids`` 16 random bytes for each row, ``hasher`` gives
    the owners' keyed hash for a label. Raises ``UsageRefused`` and ``DataRefused`` as ``encode``
    does (ENC001 to ENC004).
    """
    row_ids = check_encodable(table, agreement, dataset, row_ids)
    assert agreement.linkage is not None
    made: dict[str, pa.Array] = {}
    tokens = Tokens(table, agreement, dataset, hasher)
    for name, numbers in lists_of_dataset(agreement, dataset).items():
        rules = list_rules(agreement, name)
        for number in numbers:
            label = list_label(agreement, name, rules[number])
            made[f"opt-out.{name}.{number}"] = tokens.of_rule(rules[number], label)
    if agreement.linkage.mode == "identified":
        made |= _identifiers(table, agreement, dataset)
    else:
        entities = agreement.entities_of(dataset)
        for done, entity in enumerate(entities):
            progress(done / len(entities), f"encoding {dataset} by {entity}")
            made |= tokens.of_entity(entity)
            made |= _compared(table, agreement, dataset, entity, hasher)
    ordered = {name: made[name] for name in column_types(agreement, dataset)}
    return pa.table({"row_id": row_ids, **ordered})


def list_label(agreement: Agreement, name: str, rule: tuple[str, ...]) -> str:
    """Return the label of the tokens by which rows meet an opt-out list."""
    return "\n".join([_LIST_LAYOUT, agreement.reference, name, *rule])


def entity_hasher(agreement: Agreement, entity: str, hasher: Hashers) -> Hashers:
    """Return the hashers of one entity, which share nothing with those of another.

    Their labels are ``equipoise encoding 1``, the agreement's reference, the entity, and then the
    label that ``features`` or ``record`` asks for, each on a line of its own.
    """
    return lambda label: hasher("\n".join([_ENTITY_LAYOUT, agreement.reference, entity, label]))


def _compared(
    table: pa.Table, agreement: Agreement, dataset: str, entity: str, hasher: Hashers
) -> dict[str, pa.Array]:
    assert agreement.linkage is not None
    kinds = compared_kinds(agreement, entity, dataset)
    if not kinds:
        return {}
    own = entity_hasher(agreement, entity, hasher)
    if agreement.linkage.mode == "enclave":
        encoded = encode_fields(table, kinds, own)
        return {f"{entity}.{name}": field_column(each) for name, each in encoded.fields.items()}
    strength = agreement.linkage.entities[entity].strength
    assert strength is not None, "it is written out where fields are compared"
    filters = record_filters(table, kinds, own, STRENGTHS[strength])
    made = {f"{entity}.{FILTER}": words_column(filters)}
    tokens = record_tokens(table, kinds, own)
    return made | ({f"{entity}.{MEETING}": words_column(tokens)} if tokens.shape[1] else {})


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
