"""Near dedup: its cost beside the same job without it, as the corpus grows, and on a night that adds one per cent.

All on Ray that has been started already, with two workers that have loaded the kernels; CPU seconds are of all its
processes. `python tests/bench/bench_dedup.py ratio growth night bound` runs some of the parts, all by default.
"""

import math
import os
import shutil
import sys
import tempfile
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from corpus import text_mb
from machine import Cost, described, measured, memory_watched, middle
from scaled import scaled

from jobs.cluster import ray_cluster
from jobs.progress import Progress
from jobs.release import Published
from jobs.run import run_job
from jobs.spec import parse

NEAR = '[[steps]]\nop = "near_dedup"\nthreshold = 0.7\n'
CPUS = 2
REPEATS = 5
NIGHTS = 3

# A 256th of the corpus of the night's bench, as the default of 256 MiB is of 64 GB.
SHARD_BYTES = 2_000_000


def main() -> None:
    print(described())
    parts = {"ratio": ratio, "growth": growth, "night": night, "bound": bound}
    for name in sys.argv[1:] or parts:
        folder = Path(tempfile.mkdtemp(prefix="gm-bench-"))
        try:
            parts[name](folder)
        finally:
            shutil.rmtree(folder)


def run(shards: Path, target: Path, steps: str = NEAR, engine: str = "ray", **settings: int) -> Published:
    source = f'[[sources]]\nname = "corpus"\npath = "{shards}"\norigin = "real"\ncolumns = {{day = "day"}}\n'
    release = f"[release]\nshard_bytes = {settings.pop('shard_bytes', 256 * 2**20)}\n"
    more = f'[run]\nengine = "{engine}"\n' + "".join(f"{name} = {value}\n" for name, value in settings.items())
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
        shards = alone(scaled, folder, times)
        each, memory, manifest = alone(grown, folder, shards)
        documents = manifest["counts"]["read"]
        first = first or each.cpu_s / documents
        print(
            f"x{times}: {documents:,} documents, {each.cpu_s:.2f} CPU s, {each.wall_s:.2f} s, "
            f"{1e6 * each.cpu_s / documents:.0f} us of CPU a document ({each.cpu_s / documents / first:.2f} of the "
            f"first), largest process {memory:.0f} MiB, "
            f"{math.fsum(s['dropped'].get('near_duplicate', 0) for s in manifest['steps']):,.0f} removed"
        )
        for made in folder.iterdir():
            shutil.rmtree(made)


def grown(folder: Path, shards: Path) -> tuple[Cost, float, dict[str, Any]]:
    """Return the median cost of three runs, the largest process of a fourth, and a manifest."""
    with ray_cluster(CPUS):
        run(shards, folder / "warm")
        costs = []
        for n in range(3):
            with measured() as cost:
                run(shards, folder / f"target-{n}")
            costs.append(cost)
        with memory_watched() as memory:
            made = run(shards, folder / "watched")
    return middle(costs), memory.peak_worker_mib, made.manifest


def alone(function: Callable[..., Any], *given: Any) -> Any:
    """Call a function in a process of its own, which keeps its memory out of the next one's."""
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        return pool.submit(function, *given).result()


def night(folder: Path) -> None:
    """One per cent more documents against a full run over all of them, at eight times the corpus, in shards of 32 MB.

    Once with a policy under which what is released stays (the earliest day first), once with the default, under which
    a longer newcomer takes an old document's place: each such place is one more release shard to write. On Ray, where a
    stage on a worker costs a tenth of a second whatever it does, and in this process.
    """
    shards = folder / "days"
    shards.mkdir()
    held_back = _by_day(scaled(folder, 8), shards)
    with ray_cluster(CPUS):
        compared(folder, shards, held_back, "ray")
    compared(folder, shards, held_back, "inline")


def compared(folder: Path, shards: Path, held_back: pa.Table, engine: str) -> None:
    keep = {"earliest first": 'keep = ["real", "day:earliest", "length:high"]\n', "longest first": ""}
    for policy, setting in keep.items():
        new = shards / "zz-new.parquet"
        new.unlink(missing_ok=True)

        def once(target: str, steps: str = NEAR + setting, policy: str = policy) -> tuple[Published, Cost]:
            with measured() as cost:
                made = run(shards, folder / f"{engine} {policy} {target}", steps, engine, shard_bytes=SHARD_BYTES)
            return made, cost

        once("before")
        pq.write_table(held_back, new, compression="zstd")
        nights, fulls, identities = [], [], set()
        for n in range(NIGHTS):
            tonight = folder / f"{engine} {policy} night {n}"
            shutil.copytree(folder / f"{engine} {policy} before", tonight, copy_function=os.link)
            for target, costs in (f"night {n}", nights), (f"full {n}", fulls):
                made, cost = once(target)
                costs.append(cost)
                identities.add(made.manifest["identity"])
        _, nothing = once("night 0")
        added, whole = middle(nights), middle(fulls)
        print(
            f"{engine}, {policy}: {held_back.num_rows:,} more: {added.cpu_s:.2f} CPU s, {added.wall_s:.2f} s; "
            f"full run {whole.cpu_s:.2f} CPU s, {whole.wall_s:.2f} s: {added.cpu_s / whole.cpu_s:.1%} (asked: 5 %; "
            f"nights {', '.join(f'{cost.cpu_s:.2f}' for cost in nights)}, full runs "
            f"{', '.join(f'{cost.cpu_s:.2f}' for cost in fulls)}); {_written(tonight)} of "
            f"{len(made.manifest['files'])} release files written; same bytes: {len(identities) == 1}; a night without "
            f"anything new {nothing.cpu_s:.2f} CPU s"
        )


def _written(target: Path) -> int:
    """How many files of the second release are not in the first."""
    first, second = (
        {file.stat().st_ino for file in (target / "releases" / number / "data").iterdir()}
        for number in ("0001", "0002")
    )
    return len(second - first)


def bound(folder: Path) -> None:
    """The largest process for several bounds on what a worker holds, at four times the corpus."""
    shards = alone(scaled, folder, 4)
    for mib in (4, 32, 128):
        memory, cpu_s = alone(bounded, folder, shards, mib)
        print(f"partition_bytes {mib} MiB: largest process {memory:.0f} MiB, {cpu_s:.2f} CPU s")


def bounded(folder: Path, shards: Path, mib: int) -> tuple[float, float]:
    with ray_cluster(CPUS):
        run(shards, folder / f"warm-{mib}", steps="")
        with memory_watched() as memory, measured() as cost:
            run(shards, folder / f"target-{mib}", partition_bytes=mib * 2**20)
    return memory.peak_worker_mib, cost.cpu_s


def _by_day(files: Path, shards: Path) -> pa.Table:
    """Write the corpus in larger shards with a day for each document; return the last 1 %, which are a day younger."""
    whole = pa.concat_tables([pq.read_table(file) for file in sorted(files.glob("*.parquet"))])
    old = whole.num_rows - whole.num_rows // 100
    days = pa.concat_arrays([pa.repeat("2026-01-01", old), pa.repeat("2026-01-02", whole.num_rows - old)])
    whole = whole.append_column("day", days)
    rows = old // 16 + 1
    for n, first in enumerate(range(0, old, rows)):
        shard = whole.slice(first, min(rows, old - first))
        pq.write_table(shard, shards / f"old-{n:02d}.parquet", compression="zstd")
    return whole.slice(old)


if __name__ == "__main__":
    main()
