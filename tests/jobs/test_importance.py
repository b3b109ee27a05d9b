"""Importance in whole jobs: by the sums of what is left, however it is cut into units, at once or night after night."""

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from conftest import article, release_bytes, write_parquet

from jobs.errors import JobError
from jobs.release import Published
from jobs.spec import JobSpec, parse
from ops.mixing.importance import Importance

Run = Callable[[JobSpec], Published]

TEXTS = {
    **{f"a{n}": article(n) for n in range(8)},
    "again": article(1),  # which exact dedup drops after the sums were taken
    "short": "too short",
    "river": "The river runs by the mill, and the miller sings by the river. " * 2,
    "empty": "",
}
TARGET = ["The miller sings by the mill.", "The river runs slowly by the mill."]
STEPS = """
[[steps]]
op = "whitespace"
[[steps]]
op = "exact_dedup"
[[steps]]
op = "importance"
against = ["rivers"]
[[steps]]
op = "length"
chars_min = 20
"""


def job(folder: Path, target: Path, *, steps: str = STEPS, name: str = "rivers") -> JobSpec:
    text = f"""
name = "test"
target = "{target}"
{steps}
[[sources]]
name = "web"
path = "{folder}/web"
origin = "real"
[[references]]
name = "{name}"
path = "{folder}/rivers"
[release]
shard_bytes = 8000
[run]
engine = "inline"
"""
    return parse(text.encode(), "job.toml")


def write(folder: Path, *shards: list[str], target: list[str] = TARGET) -> Path:
    (folder / "rivers").mkdir(parents=True)
    lines = [json.dumps({"text": text}) for text in target]
    (folder / "rivers/a.jsonl").write_text("\n".join(lines) + "\n")
    for number, ids in enumerate(shards):
        add(folder, number, ids)
    return folder


def add(folder: Path, number: int, ids: list[str]) -> None:
    rows = [{"id": i, "text": TEXTS[i], "url": None} for i in ids]
    write_parquet(folder / f"web/{number}.parquet", rows)


def released(target: Path, number: int = 1) -> dict[str, dict[str, Any]]:
    tables = map(pq.read_table, sorted(target.glob(f"releases/{number:04d}/data/*")))
    return {row["id"]: row for row in pa.concat_tables(tables).to_pylist()}


def expected() -> dict[str, float]:
    op = Importance(against=("rivers",))
    left = [text.strip() for name, text in TEXTS.items() if name != "again"]
    sums = op.sketch(pa.table({"text": left}))
    sums = sums.append_column("of_references", op.sketch(pa.table({"text": TARGET}))["sums"])
    kept = {name: text.strip() for name, text in TEXTS.items() if name not in ("again", "short", "empty")}
    return dict(zip(kept, op.apply(pa.table({"text": [*kept.values()]}), sums)["importance"].to_pylist(), strict=True))


ALL = [*TEXTS]


@pytest.mark.parametrize("shards", [[ALL], [ALL[:5], ALL[5:]], [[one] for one in ALL], [ALL[:9], [], ALL[9:]]])
def test_by_the_sums_of_what_is_left_in_any_units(tmp_path: Path, run: Run, shards: list[list[str]]) -> None:
    made = run(job(write(tmp_path / "raw", *shards), tmp_path / "out"))
    rows = released(tmp_path / "out")
    assert {name: row["importance"] for name, row in rows.items()} == expected()
    assert max(rows, key=lambda name: rows[name]["importance"]) == "river"
    notes = made.manifest["surveys"]["importance"]
    assert (notes["target_ngrams"], notes["divergence_nats"] > 1) == (24, True)
    assert made.manifest["counts"]["read"] == len(TEXTS)


def test_nights_end_where_one_run_does(tmp_path: Path, run: Run) -> None:
    folder = write(tmp_path / "raw", ALL[:5])
    run(job(folder, tmp_path / "nights"))
    add(folder, 1, ALL[5:])
    run(job(folder, tmp_path / "nights"))
    run(job(folder, tmp_path / "once"))
    night, once = release_bytes(tmp_path / "nights", 2), release_bytes(tmp_path / "once")
    assert night.pop("release.json").replace(b'"release": 2', b'"release": 1') == once.pop("release.json")
    assert night == once


def test_shards_that_were_touched_are_other_units_of_the_same_documents(tmp_path: Path, run: Run) -> None:
    folder = write(tmp_path / "raw", ALL[:5], ALL[5:])
    once = run(job(folder, tmp_path / "out"))
    for shard in (folder / "web").iterdir():
        os.utime(shard, ns=(1, 1))
    assert run(job(folder, tmp_path / "out")).manifest["identity"] == once.manifest["identity"]


def test_a_shard_and_a_reference_of_the_same_text_count_each(tmp_path: Path, run: Run) -> None:
    """With little memory, sums are put together in groups of one shard each, and these two say the same."""
    folder = write(tmp_path / "raw", ["river"], ALL[:8], target=[TEXTS["river"].strip()])
    whole, little = job(folder, tmp_path / "whole"), job(folder, tmp_path / "little")
    little = little.model_copy(update={"run": little.run.model_copy(update={"partition_bytes": 300})})
    assert run(little).manifest["identity"] == run(whole).manifest["identity"]


def test_the_target_is_compared_with_and_documents_are_judged_by_it(tmp_path: Path, run: Run) -> None:
    judged = STEPS + '[[steps]]\nop = "limits"\ncolumn = "importance"\nleast = 0\n'
    run(job(write(tmp_path / "raw", ALL), tmp_path / "out", steps=judged))
    assert [*released(tmp_path / "out")] == ["river"]


def test_mistakes_are_told(tmp_path: Path, run: Run) -> None:
    folder = write(tmp_path / "raw", ALL, target=["", "?!"])
    with pytest.raises(JobError, match="importance: the references rivers have no words"):
        run(job(folder, tmp_path / "out"))
    with pytest.raises(JobError, match="no reference is named 'rivers'"):
        job(folder, tmp_path / "out", name="others")
