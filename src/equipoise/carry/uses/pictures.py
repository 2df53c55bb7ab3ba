"""Which pictures go with which use: file name to SVG text, from checked outputs only."""

from __future__ import annotations

from collections.abc import Mapping

from equipoise.agree.document import Agreement
from equipoise.agree.uses import EvaluateUse
from equipoise.carry.outputs import Output
from equipoise.carry.uses.evaluate.report import BALANCE, FUNNEL, effect_name
from equipoise.carry.uses.flag import STATISTICS
from equipoise.carry.uses.linked import LINKS, QUALITY
from equipoise.charts import Interval, bars, forest, funnel, love_plot


def flag_pictures(
    agreement: Agreement, use_id: str, checked: Mapping[str, Output]
) -> Mapping[str, str]:
    """Return a bar for each rule and answer, by unit dataset."""
    if STATISTICS not in checked:
        return {}
    rows = checked[STATISTICS].table.to_pylist()
    named = [
        (agreement.parties[agreement.datasets[r["dataset"]].controller].name, r["what"], r["keys"])
        for r in rows
    ]
    return {"rules.svg": bars("How many met each rule", named)}


def linked_pictures(
    agreement: Agreement, use_id: str, checked: Mapping[str, Output]
) -> Mapping[str, str]:
    """Return a bar of linked rows, and precision and recall with their intervals."""
    drawn = {}
    if LINKS in checked:
        rows = [
            (r["dataset"], what, r[key])
            for r in checked[LINKS].table.to_pylist()
            for what, key in (("rows", "rows"), ("linked", "linked"))
        ]
        drawn["links.svg"] = bars("Rows that were linked", rows)
    if QUALITY in checked:
        figures = [
            Interval(r["what"], r["value"], r["low"], r["high"], decimals=3)
            for r in checked[QUALITY].table.to_pylist()
        ]
        drawn["quality.svg"] = forest("How often links were right", figures, zero=None)
    return drawn


def evaluate_pictures(
    agreement: Agreement, use_id: str, checked: Mapping[str, Output]
) -> Mapping[str, str]:
    """Return the funnel, the balance, and one picture of each kind of effect."""
    use = agreement.uses[use_id]
    assert isinstance(use, EvaluateUse)
    drawn = {}
    if FUNNEL in checked:
        rows = checked[FUNNEL].table.to_pylist()
        drawn["funnel.svg"] = funnel(
            "From everybody sent to everybody analysed",
            [(r["group"], r["step"], r["people"]) for r in rows],
        )
    if BALANCE in checked:
        balance = checked[BALANCE].table.to_pylist()
        drawn["balance.svg"] = love_plot(
            "How alike the groups were",
            [(r["covariate"], r["smd_before"], r["smd"], r["light"]) for r in balance],
            limit=use.max_smd,
        )
    for number, (name, outcome) in enumerate(use.in_order(), start=1):
        if (output := checked.get(effect_name(number))) is None:
            continue
        row = output.table.to_pylist()[0]
        places = next(c.decimals for c in output.columns if c.name == "difference") or 0
        unit = "percentage points" if outcome.type == "binary" else outcome.unit or "a person"
        figure = Interval(name, row["difference"], row["low"], row["high"], decimals=places)
        drawn[f"effect_{number}.svg"] = forest(
            f"What changed: {name}", [figure], zero=0.0, unit=unit, better=outcome.better
        )
    return drawn
