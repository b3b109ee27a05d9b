"""The benches' corpus: a folder of Parquet shards with `id` and `text`, given four times over with ids of its own."""

import os
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from jobs.demo.sample import make_sample

COPIES = 4


def shards_of(folder: Path) -> list[Path]:
    """GRISTMILL_BENCH_CORPUS names a folder of part-*.parquet; without it the sample corpus stands in."""
    named = os.environ.get("GRISTMILL_BENCH_CORPUS")
    if named:
        return sorted(Path(named).glob("part-*.parquet"))
    make_sample(folder / "sample", documents=30_000)
    return sorted((folder / "sample" / "web").glob("*.parquet"))


def four_times(folder: Path) -> Path:
    """Write the corpus four times over, each copy's ids marked, and return where."""
    out = folder / "corpus"
    out.mkdir()
    for shard in shards_of(folder):
        table = pq.read_table(shard)
        for copy in range(COPIES):
            ids = pc.binary_join_element_wise(table["id"].cast(pa.string()), f"-{copy}", "")
            marked = table.set_column(table.schema.get_field_index("id"), "id", ids)
            pq.write_table(marked, out / f"{shard.stem}-{copy}.parquet", compression="zstd")
    return out


def text_mb(folder: Path) -> float:
    return sum(pq.read_table(f, columns=["text"])["text"].nbytes for f in folder.glob("*.parquet")) / 1e6
