"""One system on one set, as a process of its own: started, watched, scored.

Wall, processor time and the highest resident memory are the child's own account from its start to
the moment its answer is on disk, imports and all; memory is also watched from outside, over the
child and whatever it started, and the larger figure counts.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from benchmarks.linkage.answer import STARTED
from benchmarks.linkage.score import Score, pair_keys, score_clusters, score_pairs

ROOT: Final = Path(__file__).parents[2]
_LOOK_EVERY: Final = 0.1


@dataclass(frozen=True)
class System:
    """What to start: a module of this package with its options, by this Python."""

    name: str
    module: str
    options: tuple[str, ...] = ()
    peer: bool = False


SYSTEMS: Final[Mapping[str, System]] = {
    "splink": System("splink", "run_splink", peer=True),
    "anonlink": System("anonlink", "run_anonlink", peer=True),
    "identified": System("identified", "run_ours", ("--mode", "identified")),
    "enclave": System("enclave", "run_ours", ("--mode", "enclave")),
    "encoded": System("encoded", "run_ours", ("--mode", "encoded")),
}


@dataclass(frozen=True)
class Watched:
    """How one child fared: its own figures, or why there are none."""

    figures: dict[str, Any] = field(default_factory=dict)
    failed: str = ""


def run(
    system: System, prepared: Path, answer: Path, python: str, *,
    limit: float, options: Sequence[str] = (),
) -> Watched:  # fmt: skip
    """Start one child and wait for its answer, for ``limit`` seconds at most."""
    shutil.rmtree(answer, ignore_errors=True)
    answer.mkdir(parents=True)
    command = [python, "-m", f"benchmarks.linkage.{system.module}", str(prepared), str(answer)]
    path = os.pathsep.join([str(ROOT / "src"), str(ROOT)])
    with (answer / "log.txt").open("wb") as log:
        began = time.time()
        child = subprocess.Popen(
            [*command, *system.options, *options], cwd=ROOT, stdout=log, stderr=log,
            env={**os.environ, "PYTHONPATH": path, STARTED: repr(began)},
        )  # fmt: skip
        peak, late = _watch(child, began + limit, answer / "done.json")
    if late:
        return Watched(failed=f"no answer within {limit:,.0f} s")
    done = answer / "done.json"
    if child.returncode or not done.exists():
        said = (answer / "log.txt").read_text(errors="replace").strip().splitlines()
        last = said[-1] if said else f"ended with {child.returncode}"
        return Watched(failed=_plainly(child.returncode, last))
    figures = json.loads(done.read_text())
    return Watched({**figures, "peak_mb": max(figures["peak_mb"], peak)})


def _plainly(code: int, last: str) -> str:
    return "killed: out of memory" if code in (-9, 137) else last[:200]


def _watch(child: subprocess.Popen[bytes], until: float, done: Path) -> tuple[float, bool]:
    """Wait for the child; return the highest megabytes seen until its answer was there."""
    highest = 0.0
    while child.poll() is None:
        if not done.exists():
            highest = max(highest, resident(child.pid))
            if time.time() > until:
                child.kill()
                child.wait()
                return highest, True
        time.sleep(_LOOK_EVERY)
    return highest, False


def resident(pid: int) -> float:
    """Return the megabytes of a process and everything it started."""
    total, waiting = 0, [pid]
    while waiting:
        at = Path(f"/proc/{waiting.pop()}")
        try:
            total += int((at / "statm").read_text().split()[1])
            for task in (at / "task").iterdir():
                waiting += [int(one) for one in (task / "children").read_text().split()]
        except (OSError, ValueError, IndexError):
            continue
    return total * os.sysconf("SC_PAGE_SIZE") / 2**20


def judge(prepared: Path, answer: Path) -> dict[str, Any]:
    """Score an answer against the set's truth: precision, recall, F1, and the best over cuts."""
    told = json.loads((prepared / "task.json").read_text())
    threshold = json.loads((answer / "done.json").read_text()).get("threshold", 0.5)
    judged = _judge_pairs if told["task"] == "link" else _judge_clusters
    return judged(prepared, answer, threshold)


def _judge_pairs(prepared: Path, answer: Path, threshold: float) -> dict[str, Any]:
    ids = [_column(prepared / f"{side}.parquet", "record_id") for side in ("left", "right")]
    found = pq.read_table(answer / "pairs.parquet")
    score = score_pairs(
        _keys(found, ids),
        found["probability"].to_numpy(),
        _keys(pq.read_table(prepared / "truth.parquet"), ids),
        threshold,
    )
    return _said(score, best_f1=score.best_f1, best_cut=score.best_threshold)


def _judge_clusters(prepared: Path, answer: Path, threshold: float) -> dict[str, Any]:
    truth = pq.read_table(prepared / "truth.parquet")
    names = _named(truth)
    true = _numbers(truth, names)
    scores = {
        path.stem: score_clusters(_numbers(pq.read_table(path), names), true)
        for path in sorted(answer.glob("clusters*.parquet"))
    }
    best = max(scores, key=lambda name: scores[name].f1)
    cut = best.partition("-")[2]
    return _said(
        scores["clusters"],
        best_f1=scores[best].f1,
        best_cut=float(cut) if cut else None,
    )


def _said(score: Score, **more: Any) -> dict[str, Any]:
    return {
        "precision": score.precision, "recall": score.recall, "f1": score.f1,
        "pairs": score.pairs, "true_pairs": score.true_pairs, **more,
    }  # fmt: skip


def _column(path: Path, name: str) -> pa.Array:
    return pq.read_table(path, columns=[name])[name].cast(pa.string()).combine_chunks()


def _keys(table: pa.Table, ids: Sequence[pa.Array]) -> np.ndarray:
    import pyarrow.compute as pc

    places = [
        pc.index_in(table[name].cast(pa.string()), value_set=of).combine_chunks()
        for name, of in zip(("left_id", "right_id"), ids, strict=True)
    ]
    if any(place.null_count for place in places):
        raise ValueError("the answer names a record that is not in the set")
    left, right = (place.to_numpy().astype(np.int64) for place in places)
    return pair_keys(left, right)


def _named(table: pa.Table) -> pa.Array:
    import pyarrow.compute as pc

    made = pc.binary_join_element_wise(
        table["table"].cast(pa.string()), table["id"].cast(pa.string()), "|"
    )
    return made.combine_chunks()


def _numbers(table: pa.Table, names: pa.Array) -> np.ndarray:
    """Return a cluster number for each named record; one the answer leaves out stands alone."""
    import pyarrow.compute as pc

    at = pc.index_in(_named(table), value_set=names)
    if at.null_count:
        raise ValueError("the answer names a record that is not in the set")
    entity = table["entity_id"].combine_chunks().dictionary_encode().indices
    cluster = -1 - np.arange(len(names), dtype=np.int64)
    cluster[at.to_numpy()] = entity.to_numpy()
    return cluster


def default_python() -> str:
    """Return the Python that is running."""
    return sys.executable
