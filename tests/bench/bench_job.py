"""The whole main job over the corpus given four times over, on Ray; and what dedup does to planted copies."""

import os
import shutil
import tempfile
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from corpus import four_times, shards_of, text_mb
from machine import described, measured, memory_watched

from jobs.progress import Progress
from jobs.release import Published
from jobs.run import run_job
from jobs.spec import parse

STEPS = """
[[steps]]
op = "repair"
[[steps]]
op = "quality_signals"
[[steps]]
op = "gopher_quality"
[[steps]]
op = "exact_dedup"
[[steps]]
op = "near_dedup"
[[steps]]
op = "mix"
"""
DEDUP = '[[steps]]\nop = "exact_dedup"\n[[steps]]\nop = "near_dedup"\n'


def main() -> None:
    print(described())
    folder = Path(tempfile.mkdtemp(prefix="gm-bench-"))
    try:
        shards = four_times(folder)
        size = text_mb(shards)
        with memory_watched() as memory, measured() as cost:
            made = run(shards, folder / "whole", STEPS)
        print(
            f"main job, {size:.0f} MB of text, Ray started and ended: {cost.wall_s:.1f} s, "
            f"{size / cost.wall_s:.0f} MB/s, largest process {memory.peak_worker_mib:.0f} MiB"
        )
        print(f"records: {made.manifest['counts']}")
        with measured() as again:
            run(shards, folder / "whole", STEPS)
        print(f"the same again, nothing to do: {again.wall_s:.1f} s")
        planted(folder)
    finally:
        shutil.rmtree(folder)


def planted(folder: Path) -> None:
    """Count planted copies removed and clusters kept, where the corpus says which document is a copy of which."""
    named = os.environ.get("GRISTMILL_BENCH_CORPUS")
    if not named:
        print("no truth.parquet: planted copies not counted")
        return
    shards = folder / "once"
    shards.mkdir()
    for shard in shards_of(folder):
        shutil.copy(shard, shards)
    run(shards, folder / "dedup", DEDUP)
    kept = pc.unique(pq.read_table(folder / "dedup" / "releases" / "0001" / "data", columns=["id"])["id"])
    truth = pq.read_table(Path(named) / "truth.parquet")
    stays = pc.is_in(truth["id"].cast(pa.string()), kept)
    by_kind = pa.table({"kind": truth["kind"], "cluster": truth["cluster"], "stays": stays})
    for kind in ("exact", "block", "scatter", "base"):
        rows = by_kind.filter(pc.equal(by_kind["kind"], kind))
        print(f"planted {kind}: {rows.num_rows:,}, removed {rows.num_rows - (pc.sum(rows['stays']).as_py() or 0):,}")
    # An exact copy and its base are one text: of each such group exactly one stays, unless it went for a near copy.
    same = by_kind.filter(pc.is_in(by_kind["kind"], pa.array(["base", "exact"])))
    groups = same.group_by("cluster").aggregate([("stays", "sum"), ("stays", "count")])
    copied = groups.filter(pc.greater(groups["stays_count"], 1))
    several = pc.sum(pc.greater(copied["stays_sum"], 1)).as_py() or 0
    print(f"clusters with exact copies: {copied.num_rows:,}; with more than one of equal texts kept: {several}")
    all_of = by_kind.group_by("cluster").aggregate([("stays", "sum")])
    print(f"clusters: {all_of.num_rows:,}; lost whole: {pc.sum(pc.equal(all_of['stays_sum'], 0)).as_py() or 0}")


def run(shards: Path, target: Path, steps: str) -> Published:
    source = f'[[sources]]\nname = "corpus"\npath = "{shards}"\norigin = "real"\n'
    job = f'name = "bench"\ntarget = "{target}"\n{source}{steps}'
    return run_job(parse(job.encode(), "bench"), Progress(silent=True))


if __name__ == "__main__":
    main()
