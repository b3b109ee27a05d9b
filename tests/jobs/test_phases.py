"""Phases: every document in exactly one, each with its share of the text, the best of a column where it says so."""

import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from conftest import article, release_bytes, run_quietly, write_parquet
from hypothesis import given
from hypothesis import strategies as st

from jobs import phases, sources
from jobs.errors import JobError
from jobs.phases import Cut, phase_of, ranks
from jobs.release import Published
from jobs.spec import JobSpec, parse

JOB = """
name = "test"
target = "{target}"
seed = 3
[[sources]]
name = "web"
path = "{raw}"
origin = "real"
columns = {{grade = "url"}}
[[steps]]
op = "score"
model = "scorers:LetterShare"
[[steps]]
op = "exact_dedup"
count_copies = true
[release]
order = "shuffled"
shard_bytes = 30_000
{phases}
[run]
engine = "inline"
partition_bytes = {partition_bytes}
"""

BEST_LAST = '[[release.phases]]\nshare = 0.8\n[[release.phases]]\nshare = 0.2\nhighest = "score"'


def job(raw: Path, target: Path, told: str = BEST_LAST, partition_bytes: int = 2**26) -> JobSpec:
    text = JOB.format(raw=raw, target=target, phases=told, partition_bytes=partition_bytes)
    return parse(text.encode(), "job.toml")


@pytest.fixture(scope="module")
def raw(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("raw")
    for shard in range(8):
        rows = [{"id": f"{shard}-{n}", "text": article(n) * (1 + (shard + n) % 5), "url": None} for n in range(60)]
        write_parquet(folder / f"part-{shard}.parquet", rows, row_group_size=20)
    return folder


def by_phase(made: Published, target: Path) -> dict[int, list[dict[str, Any]]]:
    found: dict[int, list[dict[str, Any]]] = {}
    for entry in made.manifest["files"]:
        found.setdefault(entry["phase"], []).extend(pq.read_table(target / made.folder / entry["path"]).to_pylist())
    return found


def share(rows: list[dict[str, Any]], of: list[dict[str, Any]]) -> float:
    return sum(len(row["text"].encode()) for row in rows) / sum(len(row["text"].encode()) for row in of)


def test_the_last_phase_has_the_best_and_its_share(raw: Path, tmp_path: Path) -> None:
    made = run_quietly(job(raw, tmp_path))
    found = by_phase(made, tmp_path)
    rows = [row for some in found.values() for row in some]
    assert len(rows) == len({row["id"] for row in rows}) == made.manifest["counts"]["kept"]
    assert list(found) == [1, 2]
    assert abs(share(found[2], rows) - 0.2) < 0.005
    assert min(row["score"] for row in found[2]) >= max(row["score"] for row in found[1])
    assert [entry["phase"] for entry in made.manifest["files"]] == sorted(e["phase"] for e in made.manifest["files"])


def test_phases_without_a_column_are_by_chance(raw: Path, tmp_path: Path) -> None:
    thirds = "\n".join(f"[[release.phases]]\nshare = {one}" for one in (0.3333333, 0.3333333, 0.3333334))
    made = run_quietly(job(raw, tmp_path, thirds))
    found = by_phase(made, tmp_path)
    rows = [row for some in found.values() for row in some]
    assert len({row["id"] for row in rows}) == made.manifest["counts"]["kept"]
    for some in found.values():
        assert abs(share(some, rows) - 1 / 3) < 0.01
        assert abs(np.mean([row["score"] for row in some]) / np.mean([row["score"] for row in rows]) - 1) < 0.15


def test_partitions_and_units_do_not_change_a_byte(raw: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    told = BEST_LAST.replace("0.8", "0.5").replace("0.2", "0.3") + "\n[[release.phases]]\nshare = 0.2"
    run_quietly(job(raw, tmp_path / "whole", told))
    monkeypatch.setattr(sources, "UNIT_BYTES", 2_000)
    monkeypatch.setattr(phases, "_COPIES_IN_MEMORY", 20)
    run_quietly(job(raw, tmp_path / "cut", told, partition_bytes=16_384))
    assert len(list((tmp_path / "cut").glob("stages/*phase-2-sums*/commits/*"))) > 1
    whole, cut = (
        {name: body for name, body in release_bytes(tmp_path / folder).items() if name.startswith("data/")}
        for folder in ("whole", "cut")
    )
    assert whole == cut


def test_a_night_writes_again_only_what_changed(raw: Path, tmp_path: Path) -> None:
    shutil.copytree(raw, tmp_path / "raw")
    first = run_quietly(job(tmp_path / "raw", tmp_path / "out"))
    write_parquet(tmp_path / "raw" / "new.parquet", [{"id": "new", "text": article(5_000), "url": None}])
    second = run_quietly(job(tmp_path / "raw", tmp_path / "out"))
    before, after = ({entry["sha256"] for entry in made.manifest["files"]} for made in (first, second))
    assert len(before) > 8
    assert 1 <= len(after - before) <= 4
    shards = list((tmp_path / "out").glob("stages/??-release-*/commits/*.json"))
    assert len(shards) == len(before | after)
    run_quietly(job(tmp_path / "raw", tmp_path / "at-once"))
    nightly, at_once = release_bytes(tmp_path / "out", 2), release_bytes(tmp_path / "at-once")
    nightly["release.json"] = nightly["release.json"].replace(b'"release": 2', b'"release": 1')
    assert nightly == at_once


def test_phases_are_of_the_training_split(tmp_path: Path) -> None:
    rows = [{"id": f"{n}", "text": article(n), "url": "test" if n % 5 == 0 else "train"} for n in range(300)]
    write_parquet(tmp_path / "raw" / "a.parquet", rows, row_group_size=40)
    text = JOB.replace("grade", "split").format(
        raw=tmp_path / "raw", target=tmp_path / "out", phases=BEST_LAST, partition_bytes=2**26
    )
    made = run_quietly(parse(text.encode(), "job.toml"))
    told = [(entry["split"], entry.get("phase")) for entry in made.manifest["files"]]
    assert list(dict.fromkeys(told)) == [("train", 1), ("train", 2), ("test", None)]
    made.manifest["files"] = [entry for entry in made.manifest["files"] if entry["split"] == "train"]
    found = by_phase(made, tmp_path / "out")
    train = [row for some in found.values() for row in some]
    assert len(train) == 240
    assert abs(share(found[2], train) - 0.2) < 0.01
    assert min(row["score"] for row in found[2]) >= max(row["score"] for row in found[1])


def test_equal_numbers_are_parted_by_chance(raw: Path, tmp_path: Path) -> None:
    told = BEST_LAST.replace('"score"', '"depth"')  # 0 of all
    found = by_phase(run_quietly(job(raw, tmp_path, told)), tmp_path)
    assert abs(share(found[2], [*found[1], *found[2]]) - 0.2) < 0.005


def test_shares_can_be_of_another_column(tmp_path: Path) -> None:
    """Here of how many others a document stands for; of tokens, as a rule."""
    rows = [{"id": f"{n}-{k}", "text": article(n), "url": None} for n in range(80) for k in range(1 + n % 7)]
    write_parquet(tmp_path / "raw" / "a.parquet", rows)
    found = by_phase(
        run_quietly(job(tmp_path / "raw", tmp_path / "out", 'phases_by = "copies"\n' + BEST_LAST)), tmp_path / "out"
    )
    copies = {phase: sum(row["copies"] for row in some) for phase, some in found.items()}
    assert abs(copies[2] - 0.2 * sum(copies.values())) <= 6


@given(st.lists(st.floats(allow_nan=False), min_size=1, max_size=30))
def test_ranks_are_in_order_of_the_numbers(numbers: list[float]) -> None:
    table = pa.table({"n": [None, *sorted(numbers)]})
    rank = ranks(table, np.arange(table.num_rows, dtype=np.uint64), "n", 1) >> np.uint64(24)
    assert (rank[1:] >= rank[:-1]).all()
    assert rank[0] < rank[1]


def test_later_phases_take_first() -> None:
    table = pa.table({"n": [1.0, 2.0, 3.0, None], "m": [9.0, 0.0, 9.0, 9.0]})
    place = np.arange(4, dtype=np.uint64)
    cuts = [
        Cut(2, "n", int(ranks(table, place, "n", 2)[2])),
        Cut(1, "m", int(ranks(pa.table({"m": [9.0]}), place[:1], "m", 1)[0]) >> 24 << 24),
    ]
    assert phase_of(table, place, cuts).tolist() == [1, 0, 2, 1]


@pytest.mark.parametrize(
    ("told", "message"),
    [
        (
            "[[release.phases]]\nshare = 0.8\n[[release.phases]]\nshare = 0.1",
            "the shares are 0.9 together; make them 1",
        ),
        (BEST_LAST.replace('"score"', '"scores"'), "no column of numbers is named 'scores'; did you mean 'score'?"),
        (BEST_LAST.replace('"score"', '"grade"'), "no column of numbers is named 'grade'"),
        ('phases_by = "tokens"\n' + BEST_LAST, "release.phases_by: no column of whole numbers is named 'tokens'"),
        ('phases_by = "score"', "there are no phases"),
        (BEST_LAST.replace("0.8", '0.8\nhighest = "score"'), "the first phase gets what the others leave"),
        (BEST_LAST.replace("highest", "higest"), "no such setting; did you mean 'highest'?"),
    ],
)
def test_phases_that_cannot_be_are_refused(told: str, message: str) -> None:
    with pytest.raises(JobError) as refused:
        job(Path("raw"), Path("out"), told)
    assert message in str(refused.value)


def test_phases_need_a_shuffle() -> None:
    text = JOB.format(raw="raw", target="out", phases=BEST_LAST, partition_bytes=2**26).replace("shuffled", "sources")
    with pytest.raises(JobError, match='set order = "shuffled"'):
        parse(text.encode(), "job.toml")
