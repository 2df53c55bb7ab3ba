"""The linkage benchmark counts what it says it counts. Truth is planted; no peer is needed."""

from __future__ import annotations

import json
import sys
from itertools import combinations
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from benchmarks.linkage import measure, report, score  # noqa: E402
from benchmarks.linkage.__main__ import Results  # noqa: E402
from benchmarks.linkage.catalogue import SMALL  # noqa: E402
from benchmarks.linkage.sets import DATA, prepare, task_of  # noqa: E402


def keys(*pairs: tuple[int, int]) -> np.ndarray:
    left, right = np.array(pairs, dtype=np.int64).reshape(-1, 2).T
    return score.pair_keys(left, right)


def test_of_four_true_pairs_three_found_and_one_false() -> None:
    found = keys((0, 0), (1, 1), (2, 2), (3, 9), (4, 4))
    chance = np.array([0.99, 0.9, 0.6, 0.55, 0.2])
    of = score.score_pairs(found, chance, keys((0, 0), (1, 1), (2, 2), (4, 4)))
    assert (of.pairs, of.right, of.true_pairs) == (4, 3, 4)
    assert of.precision == of.recall == of.f1 == 0.75


def test_the_best_threshold_may_lie_elsewhere() -> None:
    found = keys((0, 0), (1, 1), (2, 9))
    of = score.score_pairs(found, np.array([0.9, 0.4, 0.3]), keys((0, 0), (1, 1)))
    assert of.f1 == pytest.approx(2 / 3)
    assert (of.best_f1, of.best_threshold) == (1.0, 0.4)


def test_pairs_of_one_probability_stand_or_fall_together() -> None:
    found = keys((0, 0), (1, 9), (2, 9))
    of = score.score_pairs(found, np.array([0.7, 0.7, 0.7]), keys((0, 0)))
    assert of.best_f1 == pytest.approx(0.5)


def test_a_pair_named_twice_counts_once_and_many_partners_are_honoured() -> None:
    found = keys((0, 0), (0, 1), (0, 1))
    of = score.score_pairs(found, np.array([0.9, 0.3, 0.8]), keys((0, 0), (0, 1), (0, 1)))
    assert (of.pairs, of.right, of.true_pairs) == (2, 2, 2)


def test_nothing_said_where_nothing_is_true_is_right() -> None:
    nothing = np.empty(0, np.int64)
    assert score.score_pairs(nothing, np.empty(0), nothing).f1 == 1.0
    assert score.score_pairs(nothing, np.empty(0), keys((0, 0))).f1 == 0.0


def test_clusters_are_scored_by_every_pair_within() -> None:
    def pairs(cluster: list[int]) -> set[tuple[int, int]]:
        places = list(combinations(range(len(cluster)), 2))
        return {(i, j) for i, j in places if cluster[i] == cluster[j]}

    found, true = [1, 1, 1, 2, 2, -6, -7, 3], [5, 5, 6, 6, 6, -6, 8, 8]
    told = score.score_clusters(np.array(found), np.array(true))
    assert (told.pairs, told.true_pairs) == (len(pairs(found)), len(pairs(true))) == (4, 5)
    assert told.right == len(pairs(found) & pairs(true)) == 2
    alone = score.score_clusters(np.arange(4), np.arange(4))
    assert (alone.pairs, alone.true_pairs, alone.f1) == (0, 0, 1.0)
    assert score.score_clusters(np.zeros(100_000, int), np.arange(100_000)).pairs == 4_999_950_000


def test_greedy_assignment_takes_the_likeliest_first() -> None:
    left, right = np.array([0, 0, 1, 2]), np.array([0, 1, 1, 1])
    chance = np.array([0.8, 0.9, 0.7, 0.6])
    kept = {
        how: score.assign_greedily(left, right, chance, how).tolist()
        for how in ("one-to-one", "one-left", "many")
    }
    assert kept["one-to-one"] == [False, True, False, False]
    assert kept["one-left"] == [True, True, False, False]
    assert all(kept["many"])


def a_set(folder: Path, task: str, truth: dict[str, list[str]]) -> Path:
    folder.mkdir()
    for side in ("left", "right"):
        pq.write_table(pa.table({"record_id": [f"{side}{n}" for n in range(3)]}),
                       folder / f"{side}.parquet")  # fmt: skip
    pq.write_table(pa.table(truth), folder / "truth.parquet")
    (folder / "task.json").write_text(json.dumps({"task": task}))
    return folder


def an_answer(folder: Path, **tables: pa.Table) -> Path:
    folder.mkdir()
    for name, table in tables.items():
        pq.write_table(table, folder / f"{name.replace('_', '-')}.parquet")
    (folder / "done.json").write_text('{"threshold": 0.7}')
    return folder


def test_an_answer_is_judged_at_its_own_threshold(tmp_path: Path) -> None:
    truth = {"left_id": ["left0", "left1"], "right_id": ["right0", "right1"]}
    prepared = a_set(tmp_path / "set", "link", truth)
    pairs = pa.table({"left_id": ["left0", "left1", "left2"],
                      "right_id": ["right0", "right1", "right2"],
                      "probability": [0.9, 0.65, 0.1]})  # fmt: skip
    judged = measure.judge(prepared, an_answer(tmp_path / "answer", pairs=pairs))
    assert (judged["precision"], judged["recall"], judged["best_f1"]) == (1.0, 0.5, 1.0)


def test_an_answer_may_not_name_a_record_that_is_not_there(tmp_path: Path) -> None:
    prepared = a_set(tmp_path / "set", "link", {"left_id": ["left0"], "right_id": ["right0"]})
    pairs = pa.table({"left_id": ["left9"], "right_id": ["right0"], "probability": [0.9]})
    with pytest.raises(ValueError, match="not in the set"):
        measure.judge(prepared, an_answer(tmp_path / "answer", pairs=pairs))


def test_clusters_are_judged_by_table_and_id_and_the_left_out_stand_alone(tmp_path: Path) -> None:
    truth = {"table": ["a", "a", "b", "b"], "id": ["1", "2", "1", "3"],
             "entity_id": ["x", "y", "x", "y"]}  # fmt: skip
    prepared = a_set(tmp_path / "set", "cluster", truth)
    found = pa.table({"table": ["a", "b", "a"], "id": ["1", "1", "2"], "entity_id": [4, 4, 5]})
    better = pa.table(
        {**{name: truth[name] for name in ("table", "id")}, "entity_id": [1, 2, 1, 2]}
    )
    answer = an_answer(tmp_path / "answer", **{"clusters": found, "clusters_0.9": better})
    judged = measure.judge(prepared, answer)
    assert (judged["precision"], judged["recall"]) == (1.0, 0.5)
    assert (judged["best_f1"], judged["best_cut"]) == (1.0, 0.9)


def test_a_child_is_timed_and_a_failing_one_says_why(tmp_path: Path) -> None:
    system = measure.System("mine", "no_such_module")
    watched = measure.run(system, tmp_path, tmp_path / "answer", sys.executable, limit=60)
    assert "no_such_module" in watched.failed
    assert watched.figures == {}


def test_figures_are_kept_run_by_run_and_replaced_not_doubled(tmp_path: Path) -> None:
    results = Results(tmp_path / "results.json")
    results.add({"set": "s", "system": "splink", "run": 1, "f1": 0.5})
    results.add({"set": "s", "system": "splink", "run": 2, "f1": 0.6})
    results.add({"set": "s", "system": "splink", "run": 1, "f1": 0.7})
    assert results.has("s", "splink", 2) and not results.has("s", "splink", 3)
    assert sorted(e["f1"] for e in results.read()["entries"]) == [0.6, 0.7]


def test_ratios_are_of_runs_side_by_side(tmp_path: Path) -> None:
    def entry(system: str, run: int, cpu: float) -> dict[str, object]:
        shares = dict.fromkeys(("precision", "recall", "f1", "best_f1"), 0.9)
        return {"set": "city-1m", "system": system, "run": run, "when": "2026-11-22",
                "wall": cpu, "cpu": cpu, "peak_mb": 100.0, **shares}  # fmt: skip

    entries = [entry("splink", 1, 10), entry("identified", 1, 5),
               entry("splink", 2, 80), entry("identified", 2, 10)]  # fmt: skip
    entries.append({"set": "city-1m", "system": "anonlink", "run": 1, "failed": "too long"})
    rows = report.summaries(entries)
    assert rows["city-1m", "identified"]["splink_cpu"] == 5.0
    assert ("city-1m", "anonlink") not in rows
    told = {"machine": {"cores": 2, "memory_gb": 8, "python": "3", "versions": {}},
            "entries": entries}  # fmt: skip
    report.write(told, tmp_path)
    page = (tmp_path / "README.md").read_text()
    report.write(told, tmp_path)
    assert page == (tmp_path / "README.md").read_text()
    assert "5.0x" in page and "too long" in page
    assert (tmp_path / "linkage-cost.svg").read_text().startswith("<svg")


def test_no_system_is_told_the_truth() -> None:
    for one in SMALL.values():
        assert "truth" not in json.dumps(task_of(one))


@pytest.mark.skipif(not DATA.exists(), reason="the shared linkage sets are not beside the project")
def test_a_set_is_prepared_with_its_truth_apart_and_its_ids_opaque(tmp_path: Path) -> None:
    at = prepare(SMALL["febrl4"], tmp_path)
    left = pq.read_table(at / "left.parquet")
    assert left.column_names == ["record_id", *SMALL["febrl4"].fields]
    assert not any(name.startswith("rec") for name in left["record_id"].to_pylist())
    truth = pq.read_table(at / "truth.parquet")
    assert truth.num_rows == 5000
    assert set(truth["left_id"].to_pylist()) == set(left["record_id"].to_pylist())


def test_the_city_files_hold_planted_pairs_and_sixty_percent_of_each_side(tmp_path: Path) -> None:
    from benchmarks.linkage.city_files import prepare_size

    at = prepare_size("city-small", 3000, tmp_path, town=2100)
    left, right, truth = (pq.read_table(at / f"{n}.parquet") for n in ("left", "right", "truth"))
    assert abs(left.num_rows - 3000) < 150 and abs(right.num_rows - 3000) < 150
    assert 0.55 < truth.num_rows / left.num_rows < 0.65
    assert set(truth["left_id"].to_pylist()) <= set(left["record_id"].to_pylist())
    assert set(truth["right_id"].to_pylist()) <= set(right["record_id"].to_pylist())
    named = [dict(zip(*(side[n].to_pylist() for n in ("record_id", "surname")), strict=True))
             for side in (left, right)]  # fmt: skip
    pairs = zip(*(truth[n].to_pylist() for n in ("left_id", "right_id")), strict=True)
    same = [named[0][one] == named[1][two] for one, two in pairs]
    assert 0.7 < sum(same) / len(same) < 0.98
    areas = {code[:2] for code in left["postcode"].to_pylist() if code}
    assert areas == {"AA", "AB"}
