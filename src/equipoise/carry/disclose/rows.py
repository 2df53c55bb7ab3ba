"""Answers that go back to a party about its own rows: exactly the agreed fields, nothing else."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pyarrow as pa
import pyarrow.compute as pc

from equipoise.agree.parts import Release
from equipoise.carry.disclose.findings import Checked, Finding, conclude
from equipoise.carry.disclose.shape import Context, plain_rows
from equipoise.carry.outputs import Output


def check_rows(output: Output, context: Context) -> Checked:
    """Hold row-level answers against the release clause; people decide, so the verdict is review.

    The rows leave in the order of their reference: another order could tell who was found.
    """
    release = _release(output, context)
    findings = [
        *_form_findings(output, context),
        *_clause_findings(output, release),
        *_reference_findings(output),
        *_flag_findings(output, release),
    ]
    if not findings:
        findings = [*_evidence(output)]
        table = plain_rows(output.table, _names(output, "reference"))
        output = replace(output, table=table)
    return conclude(output, findings)


def _names(output: Output, kind: str) -> list[str]:
    return [column.name for column in output.columns if column.kind == kind]


def _release(output: Output, context: Context) -> Release | None:
    named = set(output.table.column_names)
    own = [r for r in context.releases if output.party and r.to == output.party]
    return next((r for r in own if set(r.fields) == named), own[0] if own else None)


def _form_findings(output: Output, context: Context) -> Iterator[Finding]:
    if context.rule.form != "identifiable":
        yield Finding(
            "DIS008", "fail", f"rows with references are not of the form {context.rule.form}"
        )


def _clause_findings(output: Output, release: Release | None) -> Iterator[Finding]:
    if release is None:
        yield Finding("DIS030", "fail", "no release clause gives these rows to anybody")
        return
    if release.rows == "none":
        yield Finding("DIS031", "fail", "the release clause gives no rows")
    agreed, there = set(release.fields), set(output.table.column_names)
    if agreed != there:
        yield Finding(
            "DIS032",
            "fail",
            "the fields are not exactly the agreed ones",
            {"not agreed": len(there - agreed), "missing": len(agreed - there)},
        )


def _reference_findings(output: Output) -> Iterator[Finding]:
    names = _names(output, "reference")
    if not names:
        yield Finding("DIS033", "fail", "the rows have no reference")
        return
    keys = output.table.select(names)
    empty = sum(keys.column(name).null_count for name in names)
    different = keys.group_by(names).aggregate([]).num_rows
    if empty or different != keys.num_rows:
        yield Finding(
            "DIS033",
            "fail",
            "the references do not name each row once",
            {"empty": empty, "repeated": keys.num_rows - different},
        )


def _flag_findings(output: Output, release: Release | None) -> Iterator[Finding]:
    words = {"yes", "no"}
    if release is not None and release.not_found == "separate":
        words.add("not found")
    for name in _names(output, "flag"):
        values = output.table.column(name)
        said = set() if pa.types.is_boolean(values.type) else set(pc.unique(values).to_pylist())
        if values.null_count or not said <= words:
            yield Finding(
                "DIS034",
                "fail",
                f"column {name} answers other than the agreement allows",
                {"empty": values.null_count, "other answers": len(said - words - {None})},
            )


def _evidence(output: Output) -> Iterator[Finding]:
    rows = output.table.num_rows
    for name in _names(output, "flag"):
        values = output.table.column(name)
        wanted = True if pa.types.is_boolean(values.type) else "yes"
        yes = pc.sum(pc.equal(values, wanted)).as_py() or 0
        yield Finding(
            "DIS035",
            "review",
            "row-level answers: two people look before they leave",
            {"rows": rows, "yes": yes, "other": rows - yes},
        )
        if rows and yes in (0, rows):
            yield Finding("DIS036", "review", "everybody has the same answer", {"rows": rows})
    if not _names(output, "flag"):
        yield Finding("DIS035", "review", "row-level values: two people look", {"rows": rows})
