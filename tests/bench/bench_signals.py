"""The edits `quality_signals` and `page_signals`, English and Chinese, one core: MB of UTF-8 text per CPU second.

GRISTMILL_BENCH_CORPUS names a folder with part-*.parquet; documents are told apart by their share of Han characters.
"""

import tempfile
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from bench_kernels import REPEATS, cpu_of
from corpus import shards_of
from machine import described, median

from ops.filters.page import PageSignals
from ops.filters.signals import QualitySignals

WAYS = {
    "English": [QualitySignals(), QualitySignals(words="whitespace"), PageSignals()],
    "Chinese": [QualitySignals(), QualitySignals(chinese_words="characters"), PageSignals()],
}
MB_MAX = 40


def main() -> None:
    print(described())
    with tempfile.TemporaryDirectory() as folder:
        table = pa.concat_tables([pq.read_table(f, columns=["text"]) for f in shards_of(Path(folder))]).drop_null()
    table = table.set_column(0, "text", table["text"].cast(pa.string()))
    measured = QualitySignals(chinese_words="characters").edit(table)["quality"].combine_chunks()
    chinese = np.asarray(measured.field("profile").to_numpy(zero_copy_only=False) == "zh")
    for language, ops in WAYS.items():
        text = table.filter(pa.array(chinese == (language == "Chinese"))).combine_chunks()
        batches = [pa.table({"text": part["text"]}) for part in text.to_batches(max_chunksize=1000)]
        while sum(batch["text"].nbytes for batch in batches) > MB_MAX * 1e6:
            batches.pop()
        size = sum(batch["text"].nbytes for batch in batches) / 1e6
        for op in ops:
            op.edit(batches[0])
            rate = size / median([cpu_of(op.edit, batches) for _ in range(REPEATS)])
            print(f"{language}, {size:.0f} MB, {op!r}: {rate:.0f} MB/s")


if __name__ == "__main__":
    main()
