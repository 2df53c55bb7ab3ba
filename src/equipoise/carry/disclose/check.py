"""The one entrance: find the rule for the output's kind, and refuse what has none."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from types import MappingProxyType
from typing import Final

from equipoise.agree.parts import OutputRule, Release
from equipoise.carry.disclose.figures import check_counts, check_estimates
from equipoise.carry.disclose.findings import Checked, Finding, conclude
from equipoise.carry.disclose.linked import check_linked
from equipoise.carry.disclose.rows import check_rows
from equipoise.carry.disclose.shape import Context, shape_findings
from equipoise.carry.outputs import Output

RULES: Final[Mapping[str, Callable[[Output, Context], Checked]]] = MappingProxyType(
    {
        "counts": check_counts,
        "estimates": check_estimates,
        "rows": check_rows,
        "linked": check_linked,
    }
)


def disclose(
    output: Output,
    rule: OutputRule,
    *,
    releases: Sequence[Release],
    secure_rooms: Collection[str] = (),
) -> Checked:
    """Check ``output`` against the agreement's ``rule`` and return it as it may leave.

    ``releases`` are the release clauses of the use that made the output; ``secure_rooms`` the
    parties in that role, who alone may receive linked rows. Never raises for what an output holds:
    what has no rule, or does not keep to its own description, fails and carries no data. To check
    what was checked changes nothing.
    """
    check = RULES.get(output.kind)
    if check is None:
        return conclude(
            output,
            [Finding("DIS001", "fail", "there is no disclosure rule for outputs of this kind")],
        )
    if findings := shape_findings(output):
        return conclude(output, findings)
    return check(output, Context(rule, tuple(releases), frozenset(secure_rooms)))
