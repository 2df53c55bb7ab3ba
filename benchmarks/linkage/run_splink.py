"""Splink 5 on one prepared set: ``python -m benchmarks.linkage.run_splink PREPARED ANSWER``.

Plain text, the settings of :mod:`.splink_models` and :mod:`.splink_plans`. Where the set is
one-to-one the assignment is greedy on probability, or Splink's own single best links.
"""

from __future__ import annotations

import argparse
import logging
import os
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from splink import DuckDBAPI, Linker, SettingsCreator, block_on
from splink.blocking_rule_library import CustomRule

from benchmarks.linkage.answer import Answer, Job
from benchmarks.linkage.score import assign_greedily
from benchmarks.linkage.splink_models import Plan, comparisons
from benchmarks.linkage.splink_plans import PLANS

PREFIX = "t_"
"""Before each table's name, for ``left`` and ``right`` are words of SQL."""

LEAST = 0.01
"""Pairs below this probability are dropped: they can be in no decision."""

CUTS = (0.1, 0.3, 0.7, 0.8, 0.9, 0.95, 0.99, 0.999, 0.9999, 0.99999, 0.999999, 0.9999999)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("prepared", type=Path)
    parser.add_argument("answer", type=Path)
    parser.add_argument("--assign", choices=("greedy", "best-links"), default="greedy")
    parser.add_argument("--sweep", action="store_true", help="clusters at other cuts as well")
    asked = parser.parse_args()
    logging.getLogger("splink").setLevel(logging.ERROR)
    job = Job.read(asked.prepared)
    plan = PLANS[job.plan]
    linker = build(job, plan, asked.answer / "spill")
    train(linker, plan)
    scored = linker.inference.predict(threshold_match_probability=LEAST)
    answer = Answer(asked.answer)
    if job.task == "cluster":
        answer.clusters(_clusters(linker, scored, plan.cut))
        answer.done(cut=plan.cut)
        for cut in CUTS if asked.sweep else ():
            answer.clusters(_clusters(linker, scored, cut), cut)
        return
    if asked.assign == "best-links" and job.assign == "one-to-one":
        answer.pairs(*_single_best(linker, scored))
    else:
        answer.pairs(*_greedy(scored, job))
    answer.done()


def build(job: Job, plan: Plan, spill: Path) -> Linker:
    """Read the tables and make a linker of the plan's settings; ``spill`` is for large ones."""
    engine = duckdb.connect()
    most = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") * 6 // 10 // 2**20
    engine.execute(f"set temp_directory = '{spill}'; set memory_limit = '{most}MB'")
    api = DuckDBAPI(engine)
    tables = []
    for name, path in job.tables.items():
        engine.execute(f"create table {PREFIX}{name} as from read_parquet('{path}')")
        tables.append(api.register(PREFIX + name, dataset_display_name=PREFIX + name))
    kind = "link_only" if job.task == "link" else "link_and_dedupe"
    fields = {name: kind for name, kind in job.fields.items() if name not in plan.without}
    settings = SettingsCreator(
        link_type=kind if len(tables) > 1 else "dedupe_only",
        unique_id_column_name=job.id,
        comparisons=comparisons(fields),  # type: ignore[arg-type]
        blocking_rules_to_generate_predictions=[_rule(rule) for rule in plan.rules],
        retain_matching_columns=False,
        em_convergence=0.0001,
        max_iterations=50,
    )
    return Linker(tables, settings, log_level=None)


def _rule(rule: tuple[str, ...]) -> Any:
    return block_on(*rule) if rule else CustomRule("1 = 1")


def train(linker: Linker, plan: Plan) -> None:
    """Estimate the prior from sure rules, u from random pairs, m by EM on each training block."""
    linker.training.estimate_probability_two_random_records_match(
        [block_on(*rule) for rule in plan.sure], recall=plan.sure_recall
    )
    linker.training.estimate_u_using_random_sampling(max_pairs=plan.max_pairs, seed=1)
    for rule in plan.train:
        linker.training.estimate_parameters_using_expectation_maximisation(
            block_on(*rule), max_pairs=plan.em_pairs
        )


def _greedy(scored: Any, job: Job) -> tuple[pa.Array, pa.Array, np.ndarray]:
    table = scored.as_duckdbpyrelation().project(
        f"{job.id}_l as l, {job.id}_r as r, source_dataset_l as side, match_probability as p"
    )
    table = table.to_arrow_table()
    swapped = pc.not_equal(table["side"], PREFIX + next(iter(job.tables)))
    left = pc.if_else(swapped, table["r"], table["l"]).combine_chunks().dictionary_encode()
    right = pc.if_else(swapped, table["l"], table["r"]).combine_chunks().dictionary_encode()
    chance = table["p"].to_numpy()
    rows = (left.indices.to_numpy().astype(np.int64), right.indices.to_numpy().astype(np.int64))
    keep = pa.array(assign_greedily(*rows, chance, job.assign))
    return (
        left.filter(keep).dictionary_decode(),
        right.filter(keep).dictionary_decode(),
        chance[keep],
    )


def _single_best(linker: Linker, scored: Any) -> tuple[pa.Array, pa.Array, np.ndarray]:
    made = linker.clustering.cluster_using_single_best_links(
        scored,
        duplicate_free_datasets=[f"{PREFIX}left", f"{PREFIX}right"],
        threshold_match_probability=0.5,
    )
    pairs = made.as_duckdbpyrelation().query(
        "c",
        "select l.record_id, r.record_id from c l join c r using (cluster_id) "
        "where l.source_dataset = 't_left' and r.source_dataset = 't_right'",
    ).to_arrow_table()  # fmt: skip
    left, right = (pairs.column(at).combine_chunks() for at in (0, 1))
    return left, right, np.ones(len(left))


def _clusters(linker: Linker, scored: Any, cut: float) -> pa.Table:
    made = linker.clustering.cluster_pairwise_predictions_at_threshold(
        scored, threshold_match_probability=cut
    ).as_duckdbpyrelation()
    several = "source_dataset" in made.columns
    table = f"source_dataset[{len(PREFIX) + 1}:]" if several else "'records'"
    return made.project(
        f'{table} as "table", record_id as id, cluster_id as entity_id'
    ).to_arrow_table()


if __name__ == "__main__":
    main()
