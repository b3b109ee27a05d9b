"""`trace` over made-up documents of a word each, nine in ten of them made from another one; and what the index costs.

python tests/bench/bench_trace.py [DOCUMENTS]    # a million by default
"""

import random
import shutil
import sys
import tempfile
import time
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
from machine import described, measured

from jobs import run as job_run
from jobs.progress import Progress
from jobs.spec import parse
from jobs.storage import open_storage
from jobs.trace.relatives import trace
from jobs.trace.told import trace_lines
from jobs.withdrawal.rules import withdraw

DOCUMENTS = 1_000_000
SHARDS = 50
ASKED = 20


def main() -> None:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else DOCUMENTS
    print(described())
    folder = Path(tempfile.mkdtemp(prefix="gm-bench-"))
    try:
        compare(folder, count)
    finally:
        shutil.rmtree(folder)


def compare(folder: Path, count: int) -> None:
    make_documents(folder / "raw", count)
    storage = open_storage(str(folder / "target"))
    indexing = []
    index = job_run.index_lineage

    def timed(*given: object) -> object:
        with measured() as cost:
            made = index(*given)
        indexing.append(cost)
        return made

    job_run.index_lineage = timed
    for night in ("first", "again, with a withdrawal"):
        with measured() as cost:
            made = run(folder)
        print(f"{night}: {made} documents, {cost.cpu_s:.1f} s of CPU, of which the index {indexing[-1].cpu_s:.1f} s")
        withdraw(storage, "id", "n3", "a bench")
    chosen = random.Random(1)
    took = []
    for _ in range(ASKED):
        began = time.perf_counter(), time.process_time()
        lines = trace_lines(trace(storage, 2, f"n{chosen.randrange(count)}"))
        took.append((time.perf_counter() - began[0], time.process_time() - began[1], len(lines)))
    wall, cpu, lines_told = (sorted(one)[ASKED // 2] for one in zip(*took, strict=True))
    print(
        f"trace: {wall:.2f} s, {cpu:.2f} s of CPU (medians of {ASKED}), at most "
        f"{max(took)[0]:.2f} s; {lines_told} lines"
    )


def make_documents(folder: Path, count: int) -> None:
    chosen = random.Random(0)
    folder.mkdir()
    parents = [
        [f"n{chosen.randrange(number)}"] if number and chosen.random() < 0.9 else None for number in range(count)
    ]
    for shard in range(SHARDS):
        numbers = range(shard, count, SHARDS)
        columns = {
            "id": [f"n{number}" for number in numbers],
            "text": [f"text {number}" for number in numbers],
            "made_from": pa.array([parents[number] for number in numbers], pa.list_(pa.string())),
        }
        pq.write_table(pa.table(columns), folder / f"part-{shard:03d}.parquet")


def run(folder: Path) -> int:
    job = f"""
name = "bench"
target = "{folder}/target"
[[sources]]
name = "model"
path = "{folder}/raw"
origin = "generated"
columns = {{parents = "made_from"}}
[run]
engine = "inline"
"""
    made = job_run.run_job(parse(job.encode(), "job.toml"), Progress(silent=True))
    return int(made.manifest["counts"]["kept"])


if __name__ == "__main__":
    main()
