"""Checked outputs, from check to release: their tables sealed, their shape on record."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pyarrow as pa

from equipoise.acts.files import write_whole
from equipoise.agree.canonical import canonical_bytes, digest_of
from equipoise.carry.disclose import Checked, Finding
from equipoise.carry.outputs import Output, OutputColumn
from equipoise.carry.package_pages import page_of
from equipoise.gate.passage import Passage
from equipoise.store.facts import Run


def result_name(run: str, output: str) -> str:
    """Return the name under which the secure room holds one output of one run."""
    return f"result-{run}-{output}"


def _table_digest(table: pa.Table) -> str:
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, table.schema) as writer:
        writer.write_table(table.combine_chunks())
    return digest_of(sink.getvalue().to_pybytes())


def outputs_digest(checked: Sequence[Checked]) -> str:
    """Return the digest of checked outputs: what reviewers approve is this and nothing else."""
    return digest_of(
        canonical_bytes(
            [{**_shape(each), "table": _table_digest(each.output.table)} for each in checked]
        )
    )


def _shape(each: Checked) -> dict[str, Any]:
    output = each.output
    return {
        "name": output.name,
        "title": output.title,
        "kind": output.kind,
        "columns": [asdict(column) for column in output.columns],
        "party": output.party,
        "verdict": each.verdict,
        "rows": output.table.num_rows,
        "suppressed": {name: list(rows) for name, rows in each.suppressed.items()},
    }


def keep_results(passage: Passage, run: str, checked: Sequence[Checked]) -> list[dict[str, Any]]:
    """Seal the checked tables in the secure room and return what the record says of them."""
    for each in checked:
        passage.keep_result(result_name(run, each.output.name), each.output.table)
    return [_shape(each) for each in checked]


def write_report(
    folder: Path, title: str, facts: Mapping[str, str], run: Run, checked: Sequence[Checked]
) -> Path:
    """Write a run's page for the people who run and review: group figures only, never a row.

    Return its path: ``<folder>/<run>/report.html``.
    """
    groups = [each for each in checked if each.output.kind in ("counts", "estimates")]
    refused = [f"Not reported: {reason['what']}" for reason in run.reasons]
    page = page_of(title, facts, [*refused, *run.sentences], groups, run.shown["pictures"])
    return write_whole(folder / run.run / "report.html", page)


def read_results(passage: Passage, run: Run) -> list[Checked]:
    """Return a run's checked outputs as they were kept."""
    found: list[Checked] = []
    for shape in run.shown["outputs"]:
        findings = tuple(
            Finding(f["code"], f["verdict"], f["what"], f["evidence"])
            for f in run.findings
            if f["output"] == shape["name"]
        )
        found.append(_checked(shape, findings, passage.result(result_name(run.run, shape["name"]))))
    return found


def _checked(shape: Mapping[str, Any], findings: tuple[Finding, ...], table: pa.Table) -> Checked:
    output = Output(
        name=shape["name"],
        title=shape["title"],
        kind=shape["kind"],
        columns=tuple(OutputColumn(**column) for column in shape["columns"]),
        table=table,
        party=shape["party"],
    )
    suppressed = {name: tuple(rows) for name, rows in shape["suppressed"].items()}
    return Checked(output, findings, shape["verdict"], suppressed)
