"""The pass without any step (read, write, commit) against a plain pyarrow loop over the same shards, in one run."""

import shutil
import tempfile
from functools import partial
from pathlib import Path

import pyarrow.parquet as pq
from corpus import four_times, text_mb
from machine import Cost, described, measured, memory_watched, middle

from jobs.engine import ray_engine
from jobs.passes import PassPlan, run_pass
from jobs.plan import plan_job
from jobs.progress import Progress
from jobs.sources import list_sources
from jobs.spec import parse
from jobs.storage import open_storage
from jobs.units import Engine, Run, Stage, map_units

REPEATS = 9


def main() -> None:
    print(described())
    folder = Path(tempfile.mkdtemp(prefix="gm-bench-"))
    try:
        shards = four_times(folder)
        size = text_mb(shards)
        print(f"{size:.0f} MB of text in {len(list(shards.glob('*.parquet')))} shards")
        plain_loop(shards, folder)
        # Before Ray runs: its processes take a tenth of a core even when idle.
        plain = middle([plain_loop(shards, folder) for _ in range(REPEATS)])
        with ray_engine(2, Progress()) as engine:
            first = one_pass(engine, shards, folder)
            ours = middle([one_pass(engine, shards, folder) for _ in range(REPEATS)])
            with memory_watched() as memory:
                one_pass(engine, shards, folder)
        told("plain pyarrow loop, one process", plain, size)
        told("first pass, with the start of Ray and its workers", first, size)
        told("pass without steps, Ray, warm workers", ours, size)
        ratio = ours.cpu_s / plain.cpu_s
        print(f"CPU, against the plain loop: {ratio:.2f}; largest process {memory.peak_worker_mib:.0f} MiB")
    finally:
        shutil.rmtree(folder)


def plain_loop(shards: Path, folder: Path) -> Cost:
    with measured() as cost:
        for shard in sorted(shards.glob("*.parquet")):
            pq.write_table(pq.read_table(shard, use_threads=False), folder / "plain.parquet", compression="zstd")
    return cost


def one_pass(engine: Engine, shards: Path, folder: Path) -> Cost:
    target = folder / "target"
    job = f'name = "bench"\ntarget = "{target}"\n[[sources]]\nname = "corpus"\npath = "{shards}"\norigin = "real"\n'
    spec = parse(job.encode(), "bench")
    with measured() as cost:
        listing = list_sources(spec.sources, spec.reference_sources)
        segment = plan_job(spec).segments[0]
        # Without steps and surveys: what reading, writing and committing cost.
        plan = PassPlan(spec, (), (), segment.columns, (), listing.roots, {}, {})
        run = Run(open_storage(spec.target), engine, Progress(silent=True), "bench")
        work = partial(run_pass, plan=plan, storage_url=spec.target)
        map_units(run, Stage(segment.pass_folder, "pass"), listing.units, work)
    shutil.rmtree(target)
    return cost


def told(what: str, cost: Cost, size: float) -> None:
    print(
        f"{what}: {cost.wall_s:.2f} s, {size / cost.wall_s:.0f} MB/s, {cost.cpu_s:.2f} CPU s, "
        f"{size / cost.cpu_s:.0f} MB per CPU s"
    )


if __name__ == "__main__":
    main()
