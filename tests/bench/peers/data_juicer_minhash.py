"""Data-juicer's MinHash op for Ray over a folder of Parquet shards. Run by bench_peers.py, in a venv of its own.

The op itself between Ray Data's reader and writer, without data-juicer's command line, whose configuration and
event log would only add to it. Its defaults: 256 permutations, banded as it finds best for the threshold; tokens by
whitespace, so that a Chinese text is a few long tokens, and all texts of fewer than five are taken for one.
"""

import json
import logging
import os
import shutil
import sys
import tempfile
from pathlib import Path

os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")

import pyarrow.parquet as pq
import ray
from data_juicer.ops.deduplicator.ray_bts_minhash_deduplicator import RayBTSMinhashDeduplicator

CPUS = 2


def main(source: str, target: str) -> None:
    # Short: Ray's Unix sockets lie below it, and such a path has at most 107 bytes.
    work = Path(tempfile.mkdtemp(prefix="dj-"))
    try:
        ray.init(
            address="local",
            num_cpus=CPUS,
            include_dashboard=False,
            log_to_driver=False,
            logging_level=logging.WARNING,
            _temp_dir=str(work),
        )
        ray.data.DataContext.get_current().enable_progress_bars = False
        dedup(source, target, work)
        ray.shutdown()
    finally:
        shutil.rmtree(work, ignore_errors=True)
    print(json.dumps({"kept": sum(pq.read_metadata(file).num_rows for file in Path(target).glob("*.parquet"))}))


def dedup(source: str, target: str, work: Path) -> None:
    op = RayBTSMinhashDeduplicator(
        tokenization="space", window_size=5, lowercase=True, jaccard_threshold=0.7, work_dir=str(work)
    )
    op.run(ray.data.read_parquet(source)).write_parquet(target, compression="zstd")


if __name__ == "__main__":
    main(*sys.argv[1:])
