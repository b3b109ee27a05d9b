"""A shuffled release against one in order of sources: CPU of writing it, and peak memory as the corpus grows."""

import shutil
import sys
import tempfile
from pathlib import Path
from typing import Any

from corpus import text_mb
from machine import Cost, described, measured, memory_watched, middle
from scaled import scaled

from jobs import run as job_run
from jobs.commits import Commit
from jobs.progress import Progress
from jobs.spec import parse

REPEATS = 3
SHARD_BYTES = 32 * 1024 * 1024
PARTITION_BYTES = 16 * 1024 * 1024


def main() -> None:
    print(described())
    times = [int(argument) for argument in sys.argv[1:]] or [1, 4]
    folder = Path(tempfile.mkdtemp(prefix="gm-bench-"))
    try:
        for count in times:
            compare(scaled(folder, count), folder / f"target-{count}")
    finally:
        shutil.rmtree(folder)


def compare(corpus: Path, target: Path) -> None:
    written(corpus, target, "sources")  # reads the corpus, which is not measured
    costs = {order: [written(corpus, target, order) for _ in range(REPEATS)] for order in ("sources", "shuffled")}
    plain, shuffled = (middle(costs[order]) for order in ("sources", "shuffled"))
    with memory_watched() as memory:
        written(corpus, target, "shuffled")
    print(
        f"{text_mb(corpus):.0f} MB: in order of sources {plain.cpu_s:.2f} CPU s, shuffled {shuffled.cpu_s:.2f}: "
        f"{shuffled.cpu_s / plain.cpu_s:.2f} times (asked: 3); peak memory {memory.peak_worker_mib:.0f} MiB"
    )


def written(corpus: Path, target: Path, order: str) -> Cost:
    """Write the release anew; return the cost of that alone."""
    for stage in target.glob("stages/*-release*"):
        shutil.rmtree(stage)
    job = (
        f'name = "bench"\ntarget = "{target}"\n[[sources]]\nname = "corpus"\npath = "{corpus}"\norigin = "real"\n'
        f'[release]\norder = "{order}"\nshard_bytes = {SHARD_BYTES}\n[run]\nengine = "inline"\n'
        f"partition_bytes = {PARTITION_BYTES}\n"
    )
    costs = []
    write_shards = job_run.write_shards

    def timed(*given: Any) -> list[Commit]:
        with measured() as cost:
            commits = write_shards(*given)
        costs.append(cost)
        return commits

    job_run.write_shards = timed
    try:
        job_run.run_job(parse(job.encode(), "bench"), Progress(silent=True))
    finally:
        job_run.write_shards = write_shards
    return costs[0]


if __name__ == "__main__":
    main()
