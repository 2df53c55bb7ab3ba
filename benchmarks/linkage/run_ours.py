"""Equipoise on one prepared set: ``python -m benchmarks.linkage.run_ours PREPARED ANSWER --mode``.

The plain library call and nothing else: the declared fields, no rules, no thresholds, no training
blocks. Every set gets the same defaults.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from benchmarks.linkage.answer import Answer, Job
from equipoise.carry.link.library import cluster_tables, link_tables

ONE_TO_ONE = {"one-to-one": True, "one-left": "right", "many": False}
LEAST = 0.01
"""Links below one half are asked for too, so that other thresholds can be looked at."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("prepared", type=Path)
    parser.add_argument("answer", type=Path)
    parser.add_argument("--mode", default="identified")
    asked = parser.parse_args()
    job, answer = Job.read(asked.prepared), Answer(asked.answer)
    tables = {name: str(path) for name, path in job.tables.items()}
    if job.task == "cluster":
        answer.clusters(cluster_tables(tables, job.fields, job.id, mode=asked.mode))
    else:
        answer.table(
            link_tables(
                tables["left"], tables["right"], job.fields, id=job.id, mode=asked.mode,
                one_to_one=ONE_TO_ONE[job.assign], at_least=LEAST,
            )
        )  # fmt: skip
    answer.done()


if __name__ == "__main__":
    main()
