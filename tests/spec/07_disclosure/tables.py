"""What this chapter's tests share: outputs made in a line."""

from __future__ import annotations

from typing import Any

import pyarrow as pa

from equipoise.agree.parts import OutputRule, Release
from equipoise.carry.disclose import Checked, disclose
from equipoise.carry.outputs import Output, OutputColumn

RULE = OutputRule(form="aggregate", min_count=10, round_to=5)


def column(name: str, kind: str, **more: Any) -> OutputColumn:
    return OutputColumn(name, kind, **more)  # type: ignore[arg-type]


def output(kind: str, columns: list[OutputColumn], data: dict[str, Any], **more: Any) -> Output:
    return Output("table", "A table", kind, tuple(columns), pa.table(data), **more)  # type: ignore[arg-type]


def counted(people: list[int | None], labels: list[str] | None = None, **more: Any) -> Output:
    names = labels or [f"group {number}" for number in range(len(people))]
    return output(
        "counts",
        [column("group", "label"), column("people", "count")],
        {"group": names, "people": pa.array(people, pa.int64())},
        **more,
    )


def check(what: Output, rule: OutputRule = RULE, releases: tuple[Release, ...] = (),
          **more: Any) -> Checked:  # fmt: skip
    return disclose(what, rule, releases=releases, **more)


def shown(checked: Checked, name: str = "people") -> list[Any]:
    return list(checked.output.table.column(name).to_pylist())


def codes(checked: Checked, verdict: str | None = None) -> set[str]:
    return {f.code for f in checked.findings if verdict in (None, f.verdict)}
