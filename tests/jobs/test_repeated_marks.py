"""Repeated marks in a whole job: counted for each source, cut in the next pass, each cut on record."""

from collections.abc import Callable
from pathlib import Path

import pyarrow.parquet as pq
from conftest import article, cuts_of, folder_job, write_parquet

from jobs.release import Published
from jobs.spec import JobSpec

MARK = "Read the rest at the Mill News."


def test_a_watermark_of_a_source_goes_and_is_on_record(tmp_path: Path, run: Callable[[JobSpec], Published]) -> None:
    texts = {f"page-{n}": f"{article(4 * n)}. {MARK}\nLine {n}." for n in range(6)} | {
        "own": f"{article(99)}. It ends."
    }
    rows = [{"id": name, "text": text, "url": None} for name, text in texts.items()]
    for shard in range(2):
        write_parquet(tmp_path / "raw" / f"part-{shard}.parquet", rows[shard::2])
    steps = '[[steps]]\nop = "repeated_marks"\nend_documents_max = 6\n'
    run(folder_job(tmp_path / "raw", tmp_path / "out", steps=steps))
    table = pq.read_table(tmp_path / "out" / "releases" / "0001" / "data")
    left = dict(zip(table["id"].to_pylist(), table["text"].to_pylist(), strict=True))
    assert left == {name: text.replace(f" {MARK}", "") for name, text in texts.items()}
    cuts = cuts_of(tmp_path / "out")
    assert {(row["step"], row["kind"], row["text"]) for row in cuts} == {
        ("repeated_marks", "repeated_mark", f" {MARK}")
    }
    assert len(cuts) == 6
