"""The job with all four quality judges beside datatrove's same four filters, in one run: MB of text per CPU second.

Both read Parquet shards of English documents, and write those that stay as Parquet in zstd, at level 1. Counted is the
steady state of each: CPU seconds of all its processes, from the first shard listed to the last one written, after a run
that is not counted. So neither's start is: of Python and its imports, of Ray and its workers, of datatrove's word
splitter, of our kernels' machine code. Datatrove is given a sample, drawn by chance, of the documents that we have.

GRISTMILL_BENCH_CORPUS names a folder with part-*.parquet (`id`, `text`). `bench_filters.py ours` leaves datatrove out.
"""

import json
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from bench_peers import PEERS, pinned, python_of
from corpus import shards_of, text_mb
from machine import Cost, described, measured, median, middle

from jobs.cluster import ray_cluster
from jobs.progress import Progress
from jobs.run import run_job
from jobs.spec import parse
from ops.filters.signals import QualitySignals

CPUS = 2
REPEATS = 3
COPIES = 4  # of the corpus, for us
SAMPLE_MB = 8  # of text, for datatrove
SHARDS = 64


def main() -> None:
    print(described())
    folder = Path(tempfile.mkdtemp(prefix="gm-bench-"))
    try:
        documents = english(folder)
        ours = gristmill(folder, documents)
        if sys.argv[1:] != ["ours"]:
            theirs = datatrove(folder, documents)
            for engine, rate in ours.items():
                print(f"{engine}: {rate / theirs:.0f} times datatrove per CPU second (asked: 150)")
    finally:
        shutil.rmtree(folder)


def english(folder: Path) -> pa.Table:
    """Return the corpus' documents with hardly a Han character."""
    tables = [pq.read_table(shard, columns=["id", "text"]) for shard in shards_of(folder)]
    table = pa.concat_tables(tables).drop_null().cast(pa.schema([("id", pa.string()), ("text", pa.string())]))
    quality = QualitySignals(chinese_words="characters").edit(table)["quality"].combine_chunks()
    return table.filter(pc.less(quality.field("han_word_share"), 0.02))


def gristmill(folder: Path, documents: pa.Table) -> dict[str, float]:
    """Run the job over copies of the documents, in a warm Ray and in this process; return MB per CPU second of each."""
    copies = []
    for copy in range(COPIES):
        ids = pc.binary_join_element_wise(documents["id"], f"-{copy}", "")
        copies.append(documents.set_column(0, "id", ids))
    shards = written(folder / "shards", pa.concat_tables(copies), SHARDS)
    costs: dict[str, list[Cost]] = {"ray": [], "inline": []}
    with ray_cluster(CPUS):
        job(shards, folder / "warm", "ray")
        for n in range(REPEATS):
            costs["ray"].append(cost_of(shards, folder / f"ray-{n}", "ray"))
    job(shards, folder / "warm-inline", "inline")
    for n in range(REPEATS):
        costs["inline"].append(cost_of(shards, folder / f"inline-{n}", "inline"))
    kept = sum(pq.read_metadata(file).num_rows for file in (folder / "ray-0" / "releases").rglob("*.parquet"))
    return {
        f"gristmill, {engine}": told(f"gristmill, {engine}", shards, middle(some), kept)
        for engine, some in costs.items()
    }


def job(shards: Path, target: Path, engine: str) -> None:
    text = (
        f'name = "bench"\ntarget = "{target}"\n[[sources]]\nname = "corpus"\npath = "{shards}"\norigin = "real"\n'
        '[[steps]]\nop = "quality_signals"\n[[steps]]\nop = "gopher_repetition"\n[[steps]]\nop = "gopher_quality"\n'
        '[[steps]]\nop = "c4"\n[[steps]]\nop = "fineweb_quality"\n'
        f'[release]\nzstd_level = 1\n[run]\nengine = "{engine}"\n'
    )
    run_job(parse(text.encode(), "bench"), Progress(silent=True))


def cost_of(shards: Path, target: Path, engine: str) -> Cost:
    with measured() as cost:
        job(shards, target, engine)
    return cost


def datatrove(folder: Path, documents: pa.Table) -> float:
    """Run its pipeline over a sample; return MB per CPU second."""
    part = min(1, SAMPLE_MB * 1e6 / documents["text"].nbytes)
    rows = np.sort(np.random.default_rng(1).permutation(documents.num_rows)[: int(part * documents.num_rows)])
    sample = written(folder / "sample", documents.take(rows), 4)
    warm = written(folder / "few", documents.slice(0, 20), 1)
    command = [python_of("datatrove"), PEERS / "datatrove_pipeline.py", warm, sample, str(REPEATS)]
    answer = subprocess.run(command, check=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env={}).stdout
    said = json.loads(answer.splitlines()[-1])
    cost = Cost(median(said["wall_s"]), median(said["cpu_s"]))
    return told(pinned("datatrove"), sample, cost, said["kept"])


def written(folder: Path, documents: pa.Table, shards: int) -> Path:
    folder.mkdir()
    for number in range(shards):
        begin, end = (documents.num_rows * n // shards for n in (number, number + 1))
        pq.write_table(documents.slice(begin, end - begin), folder / f"part-{number:03d}.parquet", compression="zstd")
    return folder


def told(what: str, shards: Path, cost: Cost, kept: int) -> float:
    size = text_mb(shards)
    documents = sum(pq.read_metadata(file).num_rows for file in shards.glob("*.parquet"))
    print(
        f"{what}: {size:.0f} MB, {documents:,} documents, kept {kept / documents:.1%}; {cost.wall_s:.2f} s, "
        f"{cost.cpu_s:.2f} CPU s, {size / cost.cpu_s:.3g} MB per CPU s",
        flush=True,
    )
    return size / cost.cpu_s


if __name__ == "__main__":
    main()
