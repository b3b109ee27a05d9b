"""Matching in whole jobs: partitions, shards and deaths change nothing; the ledger's numbers are those of the texts."""

import random
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from conftest import DEDUP_STEPS, article, folder_job, release_bytes, write_parquet

from jobs import run as run_module
from jobs import sorted as sorted_module
from jobs.commits import Unit
from jobs.engine import inline
from jobs.release import Published
from jobs.spec import JobSpec
from jobs.surveys import matching
from jobs.units import Outcome, Task, UnitCrashed
from ops.kernels.leaders import agreement, jaccard
from ops.kernels.minhash import shingle_sets, sign

Run = Callable[[JobSpec], Published]
Rows = list[dict]

job = partial(folder_job, steps=DEDUP_STEPS)


def edited(text: str, edits: int, chosen: random.Random) -> str:
    words = text.split(" ")
    for _ in range(edits):
        words[chosen.randrange(len(words))] = f"e{chosen.randrange(1000)}"
    return " ".join(words)


def of_all_kinds(seed: int, count: int = 60) -> Rows:
    """Copies, near copies of all distances, and texts on their own, in no order."""
    chosen = random.Random(seed)
    texts = [edited(article(chosen.randrange(20)), chosen.choice([0, 0, 1, 3, 8]), chosen) for _ in range(count)]
    return rows_of(texts, chosen)


def copies_of_one(seed: int, count: int = 150) -> Rows:
    """One text again and again, each time with another word or two: one cluster, and hot keys."""
    chosen = random.Random(seed)
    return rows_of([edited(article(1), chosen.choice([1, 1, 2, 6]), chosen) for _ in range(count)], chosen)


def templates(seed: int, count: int = 90) -> Rows:
    """Different matters in one frame: keys connect most of them, and hardly any is similar to another."""
    chosen = random.Random(seed)
    frame = [f"f{n}" for n in range(60)]
    texts = [" ".join([*frame, *(f"t{n}-{k // 2}" for k in range(36))]) for n in range(count)]
    return rows_of([*texts, *(edited(text, 1, chosen) for text in texts[:10])], chosen)


def rows_of(texts: list[str], chosen: random.Random) -> Rows:
    numbers = chosen.sample(range(10_000), len(texts))
    return [{"id": f"d{number:05d}", "text": text, "url": None} for number, text in zip(numbers, texts, strict=True)]


def write_shards(folder: Path, rows: Rows, shards: int) -> Path:
    for n in range(shards):
        part = rows[len(rows) * n // shards : len(rows) * (n + 1) // shards]
        write_parquet(folder / f"part-{n}.parquet", part)
    return folder


def data_of(target: Path, number: int = 1) -> dict[str, bytes]:
    return {name: data for name, data in release_bytes(target, number).items() if name.startswith("data/")}


def released(target: Path) -> pa.Table:
    return pq.read_table(target / "releases" / "0001" / "data")


def dropped_by(made: Published) -> dict[str, dict[str, int]]:
    return {told["step"]: told["dropped"] for told in made.manifest["steps"]}


def drops_of(target: Path, step: str) -> Rows:
    tables = [pq.read_table(file) for file in target.glob(f"stages/*-{step}-*/drops/*.parquet")]
    return pa.concat_tables(tables).to_pylist()


@pytest.mark.parametrize("corpus_of", [of_all_kinds, copies_of_one, templates])
def test_partitions_do_not_change_the_answer(
    tmp_path: Path, run: Run, monkeypatch: pytest.MonkeyPatch, corpus_of: Callable[[int], Rows]
) -> None:
    """In small partitions the largest clusters are streamed: a worker holds none of them whole."""
    raw = write_shards(tmp_path / "raw", corpus_of(1), 2)
    whole = run(job(raw, tmp_path / "whole"))
    monkeypatch.setattr(sorted_module, "_ROW_GROUP_BYTES", 2_000)
    monkeypatch.setattr(matching, "_SKETCHES_BYTES", 1)  # members in a file for each unit
    for partition_bytes in (20_000, 150_000):
        parts = run(job(raw, tmp_path / f"parts-{partition_bytes}", partition_bytes=partition_bytes))
        assert parts.manifest["identity"] == whole.manifest["identity"]
        assert data_of(tmp_path / f"parts-{partition_bytes}") == data_of(tmp_path / "whole")
    small = tmp_path / "parts-20000" / "stages"
    assert len(list(small.glob("*near_dedup.links*/commits/*"))) > 1
    assert len(list(small.glob("*near_dedup.resolve*/commits/*"))) > 1


@pytest.mark.parametrize("step", ['op = "exact_dedup"', 'op = "repeated_lines"\ndocuments_max = 3', 'op = "mix"'])
def test_groups_of_units_of_which_nothing_is_said(tmp_path: Path, run: Run, step: str) -> None:
    """What a survey finds is brought together for some units at a time: here all of it is of the last shard."""
    again = "\n".join(f"Line {n} of what twenty documents have." for n in range(40))
    texts = [article(n) for n in range(40)] + [again] * 20
    rows = [{"id": f"d{n:02d}", "text": text, "url": None} for n, text in enumerate(texts)]
    raw = write_shards(tmp_path / "raw", rows, 6)
    whole = job(raw, tmp_path / "whole", steps=f"[[steps]]\n{step}\n")
    little = job(raw, tmp_path / "little", steps=f"[[steps]]\n{step}\n")
    little = little.model_copy(update={"run": little.run.model_copy(update={"partition_bytes": 300})})
    assert run(little).manifest["identity"] == run(whole).manifest["identity"]


@pytest.mark.parametrize("settings", ["compare_max = 3", 'verify = "exact"', 'keep = ["length:low"]'])
def test_nor_where_a_cluster_is_larger_than_memory(
    tmp_path: Path, run: Run, monkeypatch: pytest.MonkeyPatch, settings: str
) -> None:
    steps = f'[[steps]]\nop = "near_dedup"\nthreshold = 0.9\n{settings}\n'
    raw = write_shards(tmp_path / "raw", [*copies_of_one(2, 80), *templates(3, 20)], 1)
    whole = run(job(raw, tmp_path / "whole", steps=steps))
    monkeypatch.setattr(sorted_module, "_ROW_GROUP_BYTES", 2_000)
    streamed: list[int] = []
    merged = matching.merged

    def watched(*args: object) -> Iterator[pa.Table]:
        for table in merged(*args):
            streamed.append(table.num_rows)
            yield table

    monkeypatch.setattr(matching, "merged", watched)
    parts = run(job(raw, tmp_path / "parts", steps=steps, partition_bytes=60_000))
    assert len(streamed) > 1
    assert parts.manifest["identity"] == whole.manifest["identity"]


@pytest.mark.parametrize("shards", [2, 3])
def test_shards_do_not_change_the_answer(tmp_path: Path, run: Run, shards: int) -> None:
    rows = of_all_kinds(4)
    run(job(write_shards(tmp_path / "one", rows, 1), tmp_path / "whole"))
    run(job(write_shards(tmp_path / "some", rows, shards), tmp_path / "parts", partition_bytes=100_000))
    # Where a release is cut, and its row groups, follow the raw shards; the documents do not.
    assert released(tmp_path / "parts").equals(released(tmp_path / "whole"))


def test_the_order_of_shards_does_not_change_who_stays(tmp_path: Path, run: Run) -> None:
    rows = of_all_kinds(5)
    made = []
    for n, order in enumerate((rows, rows[::-1], sorted(rows, key=lambda row: row["id"]))):
        run(job(write_shards(tmp_path / f"raw-{n}", order, n + 1), tmp_path / f"out-{n}"))
        made.append(released(tmp_path / f"out-{n}").sort_by("id"))
    assert made[0].equals(made[1])
    assert made[0].equals(made[2])


@pytest.mark.parametrize("stage", ["keys", "links", "clusters", "members", "resolve", "told", "near_dedup"])
def test_a_run_that_died_between_stages_goes_on(
    tmp_path: Path, run: Run, monkeypatch: pytest.MonkeyPatch, stage: str
) -> None:
    raw = write_shards(tmp_path / "raw", of_all_kinds(6, 40), 2)
    folder = f"-near_dedup.{stage}-" if stage != "near_dedup" else "-near_dedup-"

    def dying(task: Task, units: Sequence[Unit]) -> Iterator[Outcome]:
        if folder in task.folder:
            yield from inline(task, units[: len(units) // 2])
            yield from (Outcome(unit.name, crash="killed") for unit in units[len(units) // 2 :])
        else:
            yield from inline(task, units)

    monkeypatch.setattr(run_module, "inline", dying)
    with pytest.raises(UnitCrashed, match="killed"):
        run(job(raw, tmp_path / "out", partition_bytes=100_000))
    monkeypatch.setattr(run_module, "inline", inline)
    assert not (tmp_path / "out" / "releases").exists()
    run(job(raw, tmp_path / "out", partition_bytes=100_000))
    run(job(raw, tmp_path / "at-once"))
    assert release_bytes(tmp_path / "out")["release.json"] != b""
    assert data_of(tmp_path / "out") == data_of(tmp_path / "at-once")


def test_lost_commits_of_later_stages_are_made_again(tmp_path: Path, run: Run) -> None:
    raw = write_shards(tmp_path / "raw", of_all_kinds(7, 50), 3)
    first = run(job(raw, tmp_path / "out", partition_bytes=100_000))
    chosen = random.Random(8)
    for commit in sorted((tmp_path / "out").glob("stages/*-near_dedup*/commits/*.json")):
        if chosen.random() < 0.5:
            commit.unlink()
    again = run(job(raw, tmp_path / "out", partition_bytes=100_000))
    assert (again.is_new, again.manifest["identity"]) == (False, first.manifest["identity"])


def similarity(one: str, other: str, verify: str) -> float:
    both = pa.chunked_array([[one, other]])
    if verify == "exact":
        return float(jaccard(*(np.asarray(values) for values in shingle_sets(both, 5).to_pylist())))
    return float(agreement(*sign(both, 5, 112, 1)[0]))


@pytest.mark.parametrize("verify", ["signature", "exact"])
@pytest.mark.parametrize("corpus_of", [of_all_kinds, copies_of_one, templates])
def test_the_ledgers_numbers_are_those_of_the_texts(
    tmp_path: Path, run: Run, verify: str, corpus_of: Callable[[int], Rows]
) -> None:
    rows = corpus_of(9)
    texts = {row["id"]: row["text"] for row in rows}
    steps = f'[[steps]]\nop = "near_dedup"\nthreshold = 0.75\nverify = "{verify}"\n'
    made = run(job(write_shards(tmp_path / "raw", rows, 2), tmp_path / "out", steps=steps, partition_bytes=200_000))
    drops = drops_of(tmp_path / "out", "near_dedup")
    assert dropped_by(made)["near_dedup"] == {"near_duplicate": len(drops)}
    gone = {row["id"] for row in drops}
    assert len(gone) == len(drops)
    for row in drops:
        assert row["kept_id"] not in gone
        assert row["value"] == similarity(texts[row["id"]], texts[row["kept_id"]], verify)
        assert row["value"] >= row["threshold"] - 1e-9 == 0.75 - 1e-9
        assert len(texts[row["id"]].encode()) <= len(texts[row["kept_id"]].encode())


def test_a_unit_whose_candidates_all_went_before(tmp_path: Path, run: Run) -> None:
    """An earlier step left none of a shard's documents, and their text is not read again."""
    write_parquet(
        tmp_path / "raw" / "web" / "a.parquet", [{"id": f"a{n}", "text": article(n), "url": None} for n in range(5)]
    )
    write_parquet(
        tmp_path / "raw" / "web" / "b.parquet", [{"id": f"b{n}", "text": article(n), "url": None} for n in range(5)]
    )
    steps = '[[steps]]\nop = "exact_dedup"\n[[steps]]\nop = "near_dedup"\nverify = "exact"\n'
    made = run(job(tmp_path / "raw" / "web", tmp_path / "out", steps=steps))
    assert made.manifest["counts"] == {"read": 10, "kept": 5, "dropped": 5, "quarantined": 0}
