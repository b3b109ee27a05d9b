"""Kernels alone, one core, once compiled: MB of UTF-8 text per CPU second."""

import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from corpus import shards_of
from machine import described, median

from ops.edits.kneser_ney import fitted
from ops.edits.language import Language
from ops.edits.line_corrections import LineCorrections
from ops.edits.repair import Repair
from ops.filters.signals import QualitySignals
from ops.kernels.hashed_ngrams import NGrams, weighted
from ops.kernels.hashing import digests
from ops.kernels.minhash import sign
from ops.kernels.ngram_model import log_probabilities, table_of, words_of
from ops.kernels.repair import suspects
from ops.kernels.tokens import count_tokens, token_digests
from ops.kernels.whitespace import tidy_whitespace

REPEATS = 7
SAMPLE = 10_000  # documents that the n-gram model is made of
BYTES_MAX = 100_000


def main() -> None:
    print(described())
    with tempfile.TemporaryDirectory() as folder:
        table = pa.concat_tables(
            [pq.read_table(f, columns=["id", "text"]) for f in shards_of(Path(folder))]
        ).drop_null()
    batches = [batch_of(part) for part in table.to_batches(max_chunksize=1000)]
    size = sum(batch["text"].nbytes for batch in batches) / 1e6
    weights = np.ones(1 << NGrams().buckets_log2, np.float32)
    grams = fitted(words_of(table["text"].slice(0, SAMPLE), BYTES_MAX), 3)
    ngrams = table_of(grams.keys, grams.values)
    kernels: dict[str, Callable[[pa.Table], object]] = {
        "MinHash, 14 x 8 minima of 5-token shingles": lambda b: sign(b["text"], 5, 112, 1),
        "tokens counted": lambda b: count_tokens(b["text"]),
        "digest of text (MurmurHash3 x64 128)": lambda b: digests(b["text"]),
        "digest of tokens": lambda b: token_digests(b["text"]),
        "search for damage": lambda b: suspects(b["text"]),
        "whitespace": lambda b: tidy_whitespace(b["text"], 1),
        "hashed n-grams times weights (edit classifier)": lambda b: weighted(b["text"], weights, NGrams()),
        "log probability by n-grams (edit perplexity)": lambda b: log_probabilities(b["text"], ngrams, BYTES_MAX),
        "edit repair, whole": lambda b: Repair().edit(b),
        "edit line_corrections, whole": lambda b: LineCorrections().edit(b),
        "edit language, whole": lambda b: Language().edit(b),
        "edit quality_signals, whole": lambda b: QualitySignals().edit(b),
        "the same, each Chinese character a word": lambda b: QualitySignals(chinese_words="characters").edit(b),
    }
    print(f"{size:.0f} MB of text in batches of 1,000 documents, median of {REPEATS}")
    for name, kernel in kernels.items():
        began = time.process_time()
        kernel(batches[0])
        first = time.process_time() - began
        rate = size / median([cpu_of(kernel, batches) for _ in range(REPEATS)])
        print(f"{name}: {rate:.0f} MB/s (first call, compiled or loaded: {first:.2f} CPU s)")


def batch_of(part: pa.RecordBatch) -> pa.Table:
    return pa.table({"id": part["id"].cast(pa.string()), "text": part["text"].cast(pa.string())})


def cpu_of(kernel: Callable[[pa.Table], object], batches: list[pa.Table]) -> float:
    began = time.process_time()
    for batch in batches:
        kernel(batch)
    return time.process_time() - began


if __name__ == "__main__":
    main()
