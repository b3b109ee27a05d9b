"""Datatrove's four quality filters over a folder of Parquet shards, as FineWeb puts them one after the other.

Run by bench_filters.py, in a venv of its own. English, with the filters' defaults; FineWeb's C4 filter asks for no
terminal marks. In one process. A first run, over WARM, is not counted: it imports and makes the word splitter.
"""

import json
import shutil
import sys
import tempfile
import time
from pathlib import Path

import pyarrow.parquet as pq
from datatrove.executor import LocalPipelineExecutor
from datatrove.pipeline.filters import (
    C4QualityFilter,
    FineWebQualityFilter,
    GopherQualityFilter,
    GopherRepetitionFilter,
)
from datatrove.pipeline.readers import ParquetReader
from datatrove.pipeline.writers import ParquetWriter


def main(warm: str, source: str, repeats: str) -> None:
    work = Path(tempfile.mkdtemp(prefix="datatrove-"))
    try:
        run(warm, work / "warm")
        costs = [run(source, work / str(number)) for number in range(int(repeats))]
        kept = sum(pq.read_metadata(file).num_rows for file in (work / "0" / "kept").glob("*.parquet"))
    finally:
        shutil.rmtree(work)
    print(json.dumps({"wall_s": [wall for wall, _ in costs], "cpu_s": [cpu for _, cpu in costs], "kept": kept}))


def run(source: str, work: Path) -> tuple[float, float]:
    """Filter; return seconds of wall clock and of CPU."""
    wall, cpu = time.perf_counter(), time.process_time()
    pipeline = [
        ParquetReader(source, glob_pattern="*.parquet"),
        GopherRepetitionFilter(),
        GopherQualityFilter(),
        C4QualityFilter(filter_no_terminal_punct=False),
        FineWebQualityFilter(),
        ParquetWriter(str(work / "kept"), compression="zstd"),
    ]
    LocalPipelineExecutor(pipeline, tasks=1, workers=1, logging_dir=str(work / "log")).run()
    return time.perf_counter() - wall, time.process_time() - cpu


if __name__ == "__main__":
    main(*sys.argv[1:])
