"""Datatrove's four MinHash stages over a folder of Parquet shards. Run by bench_peers.py, in a venv of its own.

As its own example has it: 14 buckets of 8 hashes, 5-grams of English words, 64-bit hashes. English, because datatrove
takes one language a run; its Chinese splitter would have to be given to Chinese documents only.
"""

import json
import shutil
import sys
import tempfile
from pathlib import Path

import pyarrow.parquet as pq
from datatrove.executor import LocalPipelineExecutor
from datatrove.pipeline.dedup import (
    MinhashDedupBuckets,
    MinhashDedupCluster,
    MinhashDedupFilter,
    MinhashDedupSignature,
)
from datatrove.pipeline.dedup.minhash import MinhashConfig
from datatrove.pipeline.readers import ParquetReader
from datatrove.pipeline.writers import ParquetWriter
from datatrove.utils.typeshelper import Languages

WORKERS = 2


def main(source: str, target: str) -> None:
    work = Path(tempfile.mkdtemp(prefix="datatrove-"))
    try:
        dedup(source, target, work)
    finally:
        shutil.rmtree(work)
    print(json.dumps({"kept": sum(pq.read_metadata(file).num_rows for file in Path(target).glob("*.parquet"))}))


def dedup(source: str, target: str, work: Path) -> None:
    config = MinhashConfig(n_grams=5, num_buckets=14, hashes_per_bucket=8)
    reader = ParquetReader(source, glob_pattern="*.parquet")
    # One task a shard: the filter must read what the signatures' task of the same number read.
    shards = len(list(Path(source).glob("*.parquet")))
    signatures, buckets, removals = (str(work / name) for name in ("signatures", "buckets", "removals"))
    stages = [
        (shards, [reader, MinhashDedupSignature(signatures, config, Languages.english)]),
        (config.num_buckets, [MinhashDedupBuckets(signatures, buckets, config=config)]),
        (1, [MinhashDedupCluster(buckets, removals, config)]),
        (shards, [reader, MinhashDedupFilter(removals), ParquetWriter(target, compression="zstd")]),
    ]
    for number, (tasks, pipeline) in enumerate(stages):
        LocalPipelineExecutor(
            pipeline, tasks=tasks, workers=min(WORKERS, tasks), logging_dir=str(work / f"log-{number}")
        ).run()


# Its workers import this file again.
if __name__ == "__main__":
    main(*sys.argv[1:])
