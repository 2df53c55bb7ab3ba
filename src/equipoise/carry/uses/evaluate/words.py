"""What can be said of an evaluation, and what cannot: from checked outputs only.

The sentences claim no more than the figures bear. A result that shows no clear difference is a
result, and is said as plainly as a gain or a harm.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from equipoise.agree.document import Agreement
from equipoise.agree.uses import EvaluateUse, Outcome
from equipoise.carry.outputs import Output
from equipoise.carry.uses.evaluate.balance import AMBER_UP_TO
from equipoise.carry.uses.evaluate.cohort import ANALYSED, HAD
from equipoise.carry.uses.evaluate.report import (
    BALANCE,
    COMPARISON,
    FUNNEL,
    RATES,
    SCORE,
    TREATED,
    effect_name,
    sensitivity_name,
)

CAN = "What you can say: "
CANNOT = "What you cannot say: "


def describe(agreement: Agreement, use_id: str, checked: Mapping[str, Output]) -> tuple[str, ...]:
    """Return plain sentences, each beginning with what can or what cannot be said.

    A figure that the disclosure check took out is said not to be shown. Where there is no
    effect output at all, the sentences say that none is reported, and why.
    """
    use = agreement.uses[use_id]
    assert isinstance(use, EvaluateUse)
    said = [CAN + sentence for sentence in _people(checked)]
    shown = [
        (number, name, outcome)
        for number, (name, outcome) in enumerate(use.in_order(), start=1)
        if effect_name(number) in checked
    ]
    if not shown:
        return (*said, *(CANNOT + sentence for sentence in _refused(use, checked)))
    for number, name, outcome in shown:
        said += [CAN + s for s in _outcome(use, number, name, outcome, checked)]
    return (*said, *(CANNOT + s for s in _limits(use, checked, [name for _, name, _ in shown])))


def _rows(checked: Mapping[str, Output], name: str) -> list[dict[str, Any]]:
    return list(checked[name].table.to_pylist()) if name in checked else []


def _people(checked: Mapping[str, Output]) -> list[str]:
    """Say how many were sent, how many analysed, and where the others were lost."""
    steps = [(r["step"], r["people"]) for r in _rows(checked, FUNNEL) if r["group"] == TREATED]
    if not steps:
        return []
    before = steps[0][1]
    lost = []
    for step, people in steps[1:]:
        if before is None or people is None:
            lost.append(f"a number that is not shown at '{step}'")
        elif before > people:
            lost.append(f"about {before - people:,} at '{step}'")
        before = people if people is not None else before
    sent, last = steps[0][1], steps[-1]
    analysed = last[1] if last[0] == ANALYSED else None
    whole = "a number of people that is not shown" if sent is None else f"about {sent:,} people"
    rest = (
        f"about {analysed:,} could be analysed"
        if analysed is not None
        else "a number that is not shown could be analysed"
    )
    return [
        f"of {whole} {'who ' if steps[0][0] == HAD else ''}{steps[0][0]}, {rest}."
        + (f" The others were lost on the way: {'; '.join(lost)}." if lost else "")
    ]


def number_in(output: Output, row: Mapping[str, Any], name: str, *, size: bool = False) -> str:
    """Return a figure as it may be shown: with the column's decimals, its size alone on request."""
    value = row.get(name)
    if value is None:
        return "a figure that is not shown"
    places = next((c.decimals for c in output.columns if c.name == name), None)
    return f"{abs(value) if size else value:,.{places or 0}f}"


def _unit(outcome: Outcome) -> str:
    if outcome.type == "binary":
        return " percentage points"
    return f" {outcome.unit}" if outcome.unit else ""


def _groups(number: int, name: str, outcome: Outcome, checked: Mapping[str, Output]) -> str:
    within = f" over {outcome.follow_up}" if outcome.follow_up else ""
    if outcome.type == "binary":
        rates = {r["group"]: r for r in _rows(checked, RATES) if r["outcome"] == name}
        shown = [number_in(checked[RATES], rates[g], "rate") for g in (TREATED, COMPARISON)]
        return (
            f"{name}{within}: about {shown[0]}% of people who had the service, against about "
            f"{shown[1]}% of similar people who did not."
        )
    output = checked[effect_name(number)]
    row = output.table.to_pylist()[0]
    mine, theirs = (number_in(output, row, n) for n in ("mean_treated", "mean_comparison"))
    return (
        f"{name}{within}: on average {mine}{_unit(outcome)} a person for people who had the "
        f"service, against {theirs} for similar people who did not."
    )


def _outcome(
    use: EvaluateUse, number: int, name: str, outcome: Outcome, checked: Mapping[str, Output]
) -> list[str]:
    output = checked[effect_name(number)]
    row = output.table.to_pylist()[0]
    said = [_groups(number, name, outcome, checked)]
    low, high, p = row["low"], row["high"], row["p_adjusted"]
    if low is None or high is None or p is None or row["difference"] is None:
        return [*said, f"{name}: the difference is withheld by the disclosure check."]
    clear = p < use.alpha
    said.append(f"{name}: " + (_clear if clear else _unclear)(outcome, output, row, use))
    if checks := _rows(checked, sensitivity_name(number)):
        shown = checked[sensitivity_name(number)]
        said.append(
            f"{name}: other analyses found "
            + ", ".join(f"{_way(outcome, shown, c, 'difference')} ({c['check']})" for c in checks)
            + "."
        )
    return said


def _way(outcome: Outcome, output: Output, row: Mapping[str, Any], name: str) -> str:
    """Return a difference as a fall or a rise of so much."""
    if row[name] is None:
        return "a figure that is not shown"
    return (
        f"a {'fall' if row[name] < 0 else 'rise'} of "
        f"{number_in(output, row, name, size=True)}{_unit(outcome)}"
    )


def _clear(outcome: Outcome, output: Output, row: Mapping[str, Any], use: EvaluateUse) -> str:
    fell = row["difference"] < 0
    good = fell == (outcome.better == "lower")
    near, far = ("high", "low") if fell else ("low", "high")
    between = (
        f"between {number_in(output, row, near, size=True)} and "
        f"{number_in(output, row, far, size=True)}{_unit(outcome)}"
    )
    return (
        f"it was {'lower' if fell else 'higher'} among people who had the service, and more so "
        f"than chance alone would often bring about. The {'fall' if fell else 'rise'} is estimated "
        f"at {number_in(output, row, 'difference', size=True)} and could be {between}. "
        f"{'Lower' if outcome.better == 'lower' else 'Higher'} is better here, so people who had "
        f"the service did {'better' if good else 'worse'} than similar people who did not."
    )


def _unclear(outcome: Outcome, output: Output, row: Mapping[str, Any], use: EvaluateUse) -> str:
    chance = ""
    if row["low"] * row["high"] > 0 and len(use.outcomes) > 1:
        chance = (
            f" Alone it would look clear; among the {len(use.outcomes)} outcomes looked at, chance "
            "may well have brought it about."
        )
    low, high = (_way(outcome, output, row, name) for name in ("low", "high"))
    return f"there is no clear difference: it could be anything between {low} and {high}.{chance}"


def _distance(row: Mapping[str, Any]) -> str:
    return "too few people to show" if row["smd"] is None else f"{abs(row['smd']):.2f}"


def _refused(use: EvaluateUse, checked: Mapping[str, Output]) -> list[str]:
    # Of a hidden row the light alone is known.
    worse = {"red", "amber"} if use.max_smd < AMBER_UP_TO else {"red"}
    unlike = [
        f"{row['covariate']} ({_distance(row)})"
        for row in _rows(checked, BALANCE)
        if (abs(row["smd"]) > use.max_smd if row["smd"] is not None else row["light"] in worse)
    ]
    said = ["whether the service made a difference: no effect is reported."]
    if unlike:
        said.append(
            "that the groups are alike: after matching they still differ by more than "
            f"{use.max_smd:g} standard deviations on {', '.join(unlike)}."
        )
    if not unlike or not _rows(checked, BALANCE):
        said.append(
            "anything from so little data: too few people were left to compare "
            f"(at least {use.min_treated} are needed)."
        )
    return said


def _limits(use: EvaluateUse, checked: Mapping[str, Output], shown: list[str]) -> list[str]:
    """Say what the figures do not bear."""
    known = [row["covariate"] for row in _rows(checked, BALANCE) if row["covariate"] != SCORE]
    names = list(dict.fromkeys(str(label).split(":")[0] for label in known))
    said = [
        "that the service caused the differences. People were compared on "
        f"{', '.join(names)}; whatever else led people to the service, such as the wish to change, "
        "was not seen.",
        "anything about the people sent who could not be analysed, or about any one person.",
        "that the comparison people had no help: they may have had other services.",
    ]
    said += _unmeasured(use, checked)
    if use.index_date and use.treated.starts:
        said.append(
            "that the follow-up favours neither group: it is counted from the index date, and a "
            "person had to come through the time from then until the service began."
        )
    for number, (name, _) in enumerate(use.in_order(), start=1):
        row = (_rows(checked, effect_name(number)) or [{}])[0]
        if name not in shown:
            said.append(f"anything about {name}: it did not vary, or too few people had it.")
        elif row.get("p_adjusted") is not None and row["p_adjusted"] >= use.alpha:
            said.append(
                f"that the service made no difference to {name}: no clear difference was found, "
                "and a study of this size can miss one that is there."
            )
    return said


def _unmeasured(use: EvaluateUse, checked: Mapping[str, Output]) -> list[str]:
    said = []
    for number, (name, _) in enumerate(use.in_order(), start=1):
        output = checked.get(effect_name(number))
        row = output.table.to_pylist()[0] if output is not None else {}
        limit = row.get("e_value_limit")
        if output is not None and limit is not None and limit > 1:
            said.append(
                f"that the finding on {name} is beyond doubt: something not seen that made both "
                f"the service and the outcome {number_in(output, row, 'e_value_limit')} times as "
                "likely could turn it into no clear difference."
            )
    return said
