"""Near dedup: its cost beside the same job without it, as the corpus grows, and on a night that adds one per cent.

All on Ray that has been started already, with two workers that have loaded the kernels; CPU seconds are of all its
processes. `python tests/bench/bench_dedup.py ratio growth night bound` runs some of the parts, all by default.
"""

import math
import shutil
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
from corpus import text_mb
from machine import Cost, described, measured, memory_watched, middle
from scaled import scaled

from jobs.engine import ray_cluster
from jobs.progress import Progress
from jobs.release import Published
from jobs.run import run_job
from jobs.spec import parse

NEAR = '[[steps]]\nop = "near_dedup"\nthreshold = 0.7\n'
CPUS = 2
REPEATS = 5


def main() -> None:
    print(described())
    parts: dict[str, Callable[[Path], None]] = {"ratio": ratio, "growth": growth, "night": night, "bound": bound}
    for name in sys.argv[1:] or parts:
        folder = Path(tempfile.mkdtemp(prefix="gm-bench-"))
        try:
            parts[name](folder)
        finally:
            shutil.rmtree(folder)


def run(shards: Path, target: Path, steps: str = NEAR, **settings: int) -> Published:
    source = f'[[sources]]\nname = "corpus"\npath = "{shards}"\norigin = "real"\n'
    release = f"[release]\nshard_bytes = {settings.pop('shard_bytes', 256 * 2**20)}\n"
    more = "[run]\n" + "".join(f"{name} = {value}\n" for name, value in settings.items())
    job = f'name = "bench"\ntarget = "{target}"\n{source}{steps}{release}{more}'
    return run_job(parse(job.encode(), "bench"), Progress(silent=True))


def ratio(folder: Path) -> None:
    """The whole job with the step against the whole job with none: read, write, unique ids, release."""
    shards = scaled(folder, 1)
    costs: dict[str, list[Cost]] = {"": [], NEAR: []}
    with ray_cluster(CPUS):
        run(shards, folder / "warm")
        for n in range(REPEATS):
            for steps, seen in costs.items():
                with measured() as cost:
                    run(shards, folder / f"target-{n}-{len(steps)}", steps)
                seen.append(cost)
    plain, near = middle(costs[""]), middle(costs[NEAR])
    print(
        f"{text_mb(shards):.0f} MB: no step {plain.cpu_s:.2f} CPU s, {plain.wall_s:.2f} s; near dedup {near.cpu_s:.2f} "
        f"CPU s, {near.wall_s:.2f} s: {near.cpu_s / plain.cpu_s:.2f} times the CPU (asked: at most 2.5)"
    )


def growth(folder: Path) -> None:
    """Time a document, and the largest process, at 1, 2, 4 and 8 times the corpus."""
    first = 0.0
    for times in (1, 2, 4, 8):
        shards = scaled(folder, times)
        with ray_cluster(CPUS):
            run(shards, folder / f"warm-{times}")
            costs = []
            for n in range(3):
                with measured() as cost:
                    made = run(shards, folder / f"target-{times}-{n}")
                costs.append(cost)
            with memory_watched() as memory:
                run(shards, folder / f"watched-{times}")
        each = middle(costs)
        documents = made.manifest["counts"]["read"]
        first = first or each.cpu_s / documents
        print(
            f"x{times}: {documents:,} documents, {each.cpu_s:.2f} CPU s, {each.wall_s:.2f} s, "
            f"{1e6 * each.cpu_s / documents:.0f} us of CPU a document ({each.cpu_s / documents / first:.2f} of the "
            f"first), largest process {memory.peak_worker_mib:.0f} MiB, "
            f"{math.fsum(s['dropped'].get('near_duplicate', 0) for s in made.manifest['steps']):,.0f} removed"
        )
        shutil.rmtree(shards)
        for target in folder.iterdir():
            shutil.rmtree(target)


def night(folder: Path) -> None:
    """One per cent more documents against a full run over all of them, at eight times the corpus."""
    shards = scaled(folder, 8)
    held_back = _hold_back(shards, share=0.01)
    target = folder / "nights"
    with ray_cluster(CPUS):
        run(shards, target, shard_bytes=8_000_000)
        pq.write_table(held_back, shards / "zz-new.parquet", compression="zstd")
        with measured() as added:
            after = run(shards, target, shard_bytes=8_000_000)
        with measured() as whole:
            full = run(shards, folder / "full", shard_bytes=8_000_000)
        with measured() as nothing:
            run(shards, folder / "full", shard_bytes=8_000_000)
    same = after.manifest["identity"] == full.manifest["identity"]
    old = len({file["sha256"] for file in after.manifest["files"]})
    print(
        f"{held_back.num_rows:,} documents more: {added.cpu_s:.2f} CPU s, {added.wall_s:.2f} s; the full run "
        f"{whole.cpu_s:.2f} CPU s, {whole.wall_s:.2f} s: {added.cpu_s / whole.cpu_s:.1%} (asked: 5 %); release of {old} "
        f"files, same bytes: {same}; a night without anything new {nothing.cpu_s:.2f} CPU s"
    )


def bound(folder: Path) -> None:
    """The largest process for several bounds on what a worker holds, at four times the corpus."""
    shards = scaled(folder, 4)
    for mib in (16, 64, 256):
        with ray_cluster(CPUS):
            run(shards, folder / f"warm-{mib}", steps="")
            with memory_watched() as memory, measured() as cost:
                run(shards, folder / f"target-{mib}", partition_bytes=mib * 2**20)
        print(f"partition_bytes {mib} MiB: largest process {memory.peak_worker_mib:.0f} MiB, {cost.cpu_s:.2f} CPU s")


def _hold_back(shards: Path, share: float) -> pa.Table:
    """Take the last documents out of the corpus."""
    files = sorted(shards.glob("*.parquet"))
    left = int(share * sum(pq.read_metadata(file).num_rows for file in files))
    taken = []
    for file in reversed(files):
        table = pq.read_table(file)
        keep = max(0, table.num_rows - left)
        taken.append(table.slice(keep))
        left -= table.num_rows - keep
        file.unlink()
        if keep:
            pq.write_table(table.slice(0, keep), file, compression="zstd")
        if not left:
            break
    return pa.concat_tables(reversed(taken))


if __name__ == "__main__":
    main()
