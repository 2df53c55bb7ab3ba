"""Pseudonymised rows: for a secure room only, with the risk that they carry."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pyarrow as pa

from equipoise.carry.disclose.findings import Checked, Finding, conclude
from equipoise.carry.disclose.shape import Context, plain_rows
from equipoise.carry.outputs import Output


def check_linked(output: Output, context: Context) -> Checked:
    """Hold linked rows against form and receiver, and show how far they single people out.

    The rows are put in the order of their pseudonyms, which is by chance. The verdict is review.
    """
    pseudonyms = [column.name for column in output.columns if column.kind == "pseudonym"]
    findings = [*_findings(output, context, pseudonyms)]
    if not findings:
        values = [c.name for c in output.columns if c.kind != "pseudonym"]
        findings = [_anonymity(output.table.select(values), context.rule.min_count)]
        output = replace(output, table=plain_rows(output.table, [*pseudonyms, *values]))
    return conclude(output, findings)


def _findings(output: Output, context: Context, pseudonyms: list[str]) -> Iterator[Finding]:
    form = context.rule.form
    if form == "aggregate":
        yield Finding("DIS008", "fail", "linked rows are not of the form aggregate")
    references = sum(column.kind == "reference" for column in output.columns)
    if references and form != "identifiable":
        yield Finding(
            "DIS042",
            "fail",
            "an owner's reference would undo the pseudonyms",
            {"references": references},
        )
    if not pseudonyms:
        yield Finding("DIS043", "fail", "linked rows bear no pseudonym")
    outside = sum(release.to not in context.secure_rooms for release in context.releases)
    if outside:
        yield Finding(
            "DIS040", "fail", "linked rows go to a secure room only", {"other receivers": outside}
        )
    for release in context.releases:
        extra = set(output.table.column_names) - set(release.fields)
        if release.fields and extra:
            yield Finding(
                "DIS032",
                "fail",
                "the fields are not exactly the agreed ones",
                {"not agreed": len(extra)},
            )


def _anonymity(values: pa.Table, least: int) -> Finding:
    sizes = class_sizes(values)
    rows = values.num_rows
    small = int(sizes[sizes < least].sum())
    return Finding(
        "DIS041",
        "review",
        "how far the values single people out; anybody who knows them could find a row",
        {
            "rows": rows,
            "k": int(sizes.min()) if rows else 0,
            "unique rows": int((sizes == 1).sum()),
            f"share of rows in classes below {least}": round(small / rows, 4) if rows else 0.0,
            "mean chance of a right guess": round(len(sizes) / rows, 4) if rows else 0.0,
        },
    )


def class_sizes(values: pa.Table) -> np.ndarray:
    """Return the sizes of the classes of rows that are equal in every column."""
    codes = np.zeros(values.num_rows, dtype=np.int64)
    for column in values.columns:
        array = column.combine_chunks()
        if not pa.types.is_dictionary(array.type):
            array = array.dictionary_encode()
        each = array.indices.fill_null(len(array.dictionary)).to_numpy(zero_copy_only=False)
        joined = codes * (len(array.dictionary) + 1) + each
        codes = np.unique(joined, return_inverse=True)[1]
    return np.bincount(codes, minlength=0) if len(codes) else np.zeros(0, dtype=np.int64)
