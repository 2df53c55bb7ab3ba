"""The wire format of what is linked, so that another program could write it.

A parcel of encodings (or of identifiers) holds one table. ``row_id`` is 16 random bytes, never null
and never twice. The other columns follow from the agreement's text alone:

    mode        column               holds
    exact       <entity>.<rule>      a token, 16 bytes (``tokens``); null where a part is missing
    encoded     <entity>.<rule>      the same, for rules that are tried first
                <entity>.filter      one filter, as many bytes as the strength says, never null
                <entity>.meeting     tokens of 8 bytes each, by which records of large files meet
                                     (``record_tokens``), never null; a token is 0 where a part of
                                     it is missing, or where too many rows of the file share those
                                     of its rule; no column where the fields carry too little
    enclave     <entity>.<rule>      the same
                <entity>.<field>     one field's encodings: its features as whole numbers of 8
                                     bytes each, the lowest byte first: ``exact``, two of ``grams``,
                                     then the parts of the kind in their order (``kinds``), 0 where
                                     a part is missing; null where the value is missing
    identified  <field>              the standard form: text, or a date
    all         opt-out.<list>.<n>   a token of the n-th rule of an opt-out list

The manifest's ``layout`` says which of these it is: its name and version, the mode, for each entity
the number of rules, the fields compared with their kinds and, for filters, the numbers by which
they are made (``record``) and the parts of each token; and the numbers of the rules of each opt-out
list. The manifest's
``key`` is the *key check*: 32 hexadecimal digits, the digest of ``key check`` under the label
``key check``. Files encoded under different keys have different checks, and so are found out before
anything is compared; the check is a keyed hash of what everybody knows, and tells nothing of the
key or of a row.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Any, Final

import numpy as np
import pyarrow as pa

from equipoise.agree.document import Agreement
from equipoise.agree.reads import compared, lists_checked, opt_out_rules, rule_part
from equipoise.agree.words import LinkMode
from equipoise.carry.encode.columns import EncodedField, EncodedTable, counted
from equipoise.carry.encode.kinds import KINDS, Kind, kind_of
from equipoise.carry.encode.record import LAYOUT as FILTER_LAYOUT
from equipoise.carry.encode.record import STRENGTHS
from equipoise.carry.encode.record_tokens import LAYOUT as MEETING_LAYOUT
from equipoise.carry.encode.record_tokens import token_rules
from equipoise.carry.encode.tokens import TOKEN, Hasher
from equipoise.errors import DataRefused, Problem

NAMES: Final[Mapping[LinkMode, str]] = {
    "exact": "equipoise tokens",
    "encoded": "equipoise record filters",
    "enclave": "equipoise field encodings",
    "identified": "equipoise identifiers",
}
"""Mode -> the name of what travels in it."""
VERSIONS: Final[Mapping[LinkMode, int]] = {
    "exact": 1,
    "encoded": 1,
    "enclave": 2,  # dates have a part more than in version 1: the next year
    "identified": 1,
}
"""Mode -> the version of what travels in it."""

FILTER: Final = "filter"
MEETING: Final = "meeting"
_HEX: Final = re.compile(r"[0-9a-f]{32}")
_AGAIN: Final = "have its owner pack it again under the agreement that is in force"
_FEATURES: Final = 3
"""``exact`` and the two words of ``grams``, which every kind has."""


def key_check(hasher: Callable[[str], Hasher]) -> str:
    """Return 32 hexadecimal digits that are the same under the same key, and tell nothing else."""
    return bytes(hasher("key check").digests([b"key check"])[0].as_py()).hex()


def is_keyed(agreement: Agreement, dataset: str) -> bool:
    """Say whether anything that travels of a dataset is made with the owners' key."""
    mode = agreement.linkage.mode if agreement.linkage else "exact"
    return mode != "identified" or bool(lists_of_dataset(agreement, dataset))


def list_rules(agreement: Agreement, name: str) -> tuple[tuple[str, ...], ...]:
    """Return the rules by which any dataset meets the list ``name``, each once, in text order."""
    checked = (key for key, listed in lists_checked(agreement).items() if listed == name)
    return tuple(dict.fromkeys(rule for key in checked for rule in opt_out_rules(agreement, key)))


def lists_of_dataset(agreement: Agreement, dataset: str) -> dict[str, tuple[int, ...]]:
    """Return list -> numbers of the rules of which ``dataset`` makes tokens; of a list, all."""
    lists = lists_checked(agreement)
    found = {}
    if dataset in lists:
        rules = list_rules(agreement, lists[dataset])
        found[lists[dataset]] = tuple(map(rules.index, opt_out_rules(agreement, dataset)))
    if dataset in lists.values():
        found[dataset] = tuple(range(len(list_rules(agreement, dataset))))
    return found


def compared_kinds(agreement: Agreement, entity: str, dataset: str) -> dict[str, Kind]:
    """Return the compared fields of a dataset, in the agreed order, and the kind of each."""
    fields = compared(agreement, entity, dataset)
    return {name: kind_of(agreement.field_type(dataset, name)) for name in fields}


def travelling_fields(agreement: Agreement, dataset: str) -> tuple[str, ...]:
    """Return the identifiers of a dataset that travel in the mode ``identified``."""
    wanted: set[str] = set()
    own = agreement.datasets[dataset].fields
    for entity in agreement.entities_of(dataset):
        wanted |= set(compared(agreement, entity, dataset))
        assert agreement.linkage is not None
        for rule in agreement.linkage.entities[entity].rules:
            names = {rule_part(part)[0] for part in rule}
            wanted |= names if names <= set(own) else set()
    return tuple(name for name in own if name in wanted)


def layout_of(agreement: Agreement, dataset: str) -> dict[str, Any]:
    """Return what the manifest of a dataset's parcel says of its layout."""
    assert agreement.linkage is not None
    mode = agreement.linkage.mode
    entities = {}
    for name in agreement.entities_of(dataset):
        clause = agreement.linkage.entities[name]
        kinds = compared_kinds(agreement, name, dataset)
        entities[name] = {
            "rules": len(clause.rules),
            "fields": kinds,
            **(_filter_layout(clause.strength, kinds) if mode == "encoded" else {}),
        }
    return {
        "layout": NAMES[mode],
        "version": VERSIONS[mode],
        "mode": mode,
        "entities": entities,
        "lists": {key: list(held) for key, held in lists_of_dataset(agreement, dataset).items()},
    }


def _filter_layout(strength: str | None, kinds: Mapping[str, Kind]) -> dict[str, Any]:
    """Return every number on which two makers of filters must agree, not the word alone."""
    if strength is None:
        return {}
    tokens = [[f"{name}:{part}" for name, part in rule] for rule in token_rules(kinds)]
    return {
        "filter": {"layout": FILTER_LAYOUT, **asdict(STRENGTHS[strength])},
        "meeting": {"layout": MEETING_LAYOUT, "tokens": tokens},
    }


def column_types(agreement: Agreement, dataset: str) -> dict[str, pa.DataType]:
    """Return the columns that a dataset's parcel must have besides ``row_id``, and their types."""
    assert agreement.linkage is not None
    mode = agreement.linkage.mode
    columns: dict[str, pa.DataType] = {}
    if mode == "identified":
        for name in travelling_fields(agreement, dataset):
            is_date = agreement.field_type(dataset, name) == "date"
            columns[name] = pa.date32() if is_date else pa.string()
    else:
        for entity in agreement.entities_of(dataset):
            columns |= _entity_types(agreement, dataset, entity, mode)
    for key, numbers in lists_of_dataset(agreement, dataset).items():
        columns |= {f"opt-out.{key}.{number}": TOKEN for number in numbers}
    return columns


def _entity_types(
    agreement: Agreement, dataset: str, entity: str, mode: LinkMode
) -> dict[str, pa.DataType]:
    assert agreement.linkage is not None
    clause = agreement.linkage.entities[entity]
    columns = {f"{entity}.{number}": TOKEN for number in range(len(clause.rules))}
    if mode == "encoded" and clause.strength is not None:
        columns[f"{entity}.{FILTER}"] = pa.binary(STRENGTHS[clause.strength].bits // 8)
        if tokens := token_rules(compared_kinds(agreement, entity, dataset)):
            columns[f"{entity}.{MEETING}"] = pa.binary(8 * len(tokens))
    if mode == "enclave":
        for name, kind in compared_kinds(agreement, entity, dataset).items():
            columns[f"{entity}.{name}"] = pa.binary(8 * (_FEATURES + len(KINDS[kind].parts)))
    return columns


def repeated_columns(agreement: Agreement, dataset: str) -> tuple[str, ...]:
    """Return the columns whose values repeat, and which are held in dictionary form."""
    if agreement.linkage is None or agreement.linkage.mode != "enclave":
        return ()
    return tuple(
        f"{entity}.{name}"
        for entity in agreement.entities_of(dataset)
        for name in compared(agreement, entity, dataset)
    )


def insist(
    agreement: Agreement, dataset: str, layout: Mapping[str, Any], key: str, table: pa.Table
) -> None:
    """Raise ``DataRefused`` with all that is wrong with what a parcel holds.

    ENC301 it says no layout, ENC302 a layout or version that is not read here, ENC303 one that the
    agreement does not ask for, ENC304 no key check, ENC305 columns of other types or lengths.
    """
    problems = [
        *_layout_problems(agreement, dataset, layout),
        *_key_problems(agreement, dataset, key),
        *_column_problems(agreement, dataset, table),
    ]
    if problems:
        raise DataRefused(problems)


def _layout_problems(
    agreement: Agreement, dataset: str, layout: Mapping[str, Any]
) -> Iterator[Problem]:
    clause = f"datasets.{dataset}"
    if not layout:
        what = f"the parcel of {dataset} does not say how it was encoded"
        yield Problem("ENC301", what, "it was made by another version", _AGAIN, clause=clause)
        return
    wanted = layout_of(agreement, dataset)
    here = {NAMES[mode]: VERSIONS[mode] for mode in NAMES}
    name = layout.get("layout")
    if not isinstance(name, str) or name not in here or layout.get("version") != here[name]:
        read = ", ".join(f"{name} {version}" for name, version in here.items())
        yield Problem(
            "ENC302",
            f"the parcel of {dataset} has a layout that is not read here",
            why=f"this installation reads {read}",
            next="pack it with the same version of the program as the receiver's",
            clause=clause,
        )
        return
    odd = [key for key in {**wanted, **layout} if layout.get(key) != wanted.get(key)]
    if odd:
        known = [key for key in wanted if key in odd]
        yield Problem(
            "ENC303",
            f"{dataset} was not encoded as the agreement asks",
            why=f"other than agreed: {', '.join(known) or 'something added'}",
            next=_AGAIN,
            clause="linkage",
        )


def _key_problems(agreement: Agreement, dataset: str, key: str) -> Iterator[Problem]:
    if is_keyed(agreement, dataset) and not _HEX.fullmatch(key):
        why = "without it nobody could tell whether two files were encoded under one key"
        what = f"the parcel of {dataset} has no key check"
        yield Problem("ENC304", what, why, _AGAIN, clause=f"datasets.{dataset}")


def _column_problems(agreement: Agreement, dataset: str, table: pa.Table) -> Iterator[Problem]:
    wanted = {"row_id": TOKEN, **column_types(agreement, dataset)}
    found = {each.name: plain_type(each.type) for each in table.schema}
    wrong = [name for name, kind in wanted.items() if found.get(name) != kind]
    wrong += [
        name
        for name in wanted
        if name.endswith((f".{FILTER}", f".{MEETING}")) and name in found and table[name].null_count
    ]
    added = len(set(found) - set(wanted)) + len(table.schema) - len(found)
    if wrong or added:
        yield Problem(
            "ENC305",
            f"the columns of {dataset} are not those of its layout",
            why=f"not as agreed: {', '.join(dict.fromkeys(wrong)) or 'none'}; added: {added}",
            next=_AGAIN,
            clause=f"datasets.{dataset}",
        )


def plain_type(kind: pa.DataType) -> pa.DataType:
    """Return a column's type, of its values where it is in dictionary form."""
    return kind.value_type if pa.types.is_dictionary(kind) else kind


# -- field encodings and filters as columns ------------------------------------------------------


def field_column(field: EncodedField) -> pa.DictionaryArray:
    """Return one encoded field as a column in dictionary form, a null where it is missing."""
    words = np.column_stack([field.exact, field.grams, field.parts]).astype("<u8")
    width = 8 * (_FEATURES + field.parts.shape[1])
    data = pa.py_buffer(words.tobytes())
    values = pa.Array.from_buffers(pa.binary(width), len(field.exact), [None, data])
    codes = pa.array(field.codes, pa.int32(), mask=field.codes < 0)
    return pa.DictionaryArray.from_arrays(codes, values)


def words_column(words: np.ndarray) -> pa.Array:
    """Return rows of words (n x words, uint64) as a column, the lowest byte of each word first."""
    data = pa.py_buffer(np.ascontiguousarray(words, dtype="<u8").tobytes())
    return pa.Array.from_buffers(pa.binary(8 * words.shape[1]), len(words), [None, data])


@dataclass(frozen=True)
class RecordEncodings:
    """What travels of an entity's records in the mode ``encoded``: ``filters`` (n x words) and the
    tokens by which they meet in large files (n x tokens, 0 for none; None where there are none)."""

    filters: np.ndarray
    tokens: np.ndarray | None


def read_records(table: pa.Table, entity: str) -> RecordEncodings:
    """Return the filters of an entity and, where they travel, the tokens by which they meet."""
    meeting = f"{entity}.{MEETING}"
    tokens = read_filters(table[meeting]) if meeting in table.column_names else None
    return RecordEncodings(read_filters(table[f"{entity}.{FILTER}"]), tokens)


def read_filters(column: pa.ChunkedArray) -> np.ndarray:
    """Return a column of filters, or of tokens to meet by, as n x words, uint64."""
    words = column.type.byte_width // 8
    return np.ascontiguousarray(_words(_whole(column), words), dtype=np.uint64)


def read_fields(table: pa.Table, entity: str, kinds: Mapping[str, Kind]) -> EncodedTable:
    """Return the encoded table that the columns ``<entity>.<field>`` hold, in the order given."""
    fields = {name: _read_field(table[f"{entity}.{name}"], kind) for name, kind in kinds.items()}
    return EncodedTable(table.num_rows, fields)


def _read_field(column: pa.ChunkedArray, kind: Kind) -> EncodedField:
    flat = _whole(column)
    coded = flat if pa.types.is_dictionary(flat.type) else flat.dictionary_encode()
    words = _words(coded.dictionary, _FEATURES + len(KINDS[kind].parts)).astype(np.uint64)
    codes = coded.indices.fill_null(-1).to_numpy(zero_copy_only=False).astype(np.int32)
    return EncodedField(
        kind,
        codes,
        np.ascontiguousarray(words[:, 0]),
        np.ascontiguousarray(words[:, 1:_FEATURES]),
        np.ascontiguousarray(words[:, _FEATURES:]),
        counted(codes, len(words)),
    )


def _whole(column: pa.ChunkedArray) -> pa.Array:
    """Return a column as one array; dictionaries of several chunks become one."""
    if pa.types.is_dictionary(column.type):
        column = column.unify_dictionaries()
    flat = column.combine_chunks()
    return pa.concat_arrays(flat.chunks) if isinstance(flat, pa.ChunkedArray) else flat


def _words(values: pa.Array, count: int) -> np.ndarray:
    width = values.type.byte_width
    buffer = values.buffers()[1]
    if buffer is None or not len(values):
        return np.zeros((0, count), "<u8")
    data = buffer[values.offset * width : (values.offset + len(values)) * width]
    return np.frombuffer(data, "<u8").reshape(-1, count)
