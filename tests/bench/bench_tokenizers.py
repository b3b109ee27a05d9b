"""Tokens by the estimate and by tokenizers: how far apart, and how fast.

    python tests/bench/bench_tokenizers.py PATH... [--texts PARQUET]

Tokenizers are tokenizer.json or .tiktoken files, these named as their patterns. Texts come from the bench corpus, by
`source`, or from a Parquet file with `source` and `text`.
"""

import argparse
import tempfile
import time
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from calibrate_tokens import pattern_of
from corpus import shards_of
from machine import described
from numpy.typing import NDArray

from ops.kernels.bpe import estimated_tokens
from ops.resources import File
from ops.tokenizers import count_tokens

# Tokenizers take minutes for what the estimate reads in a fraction of a second.
SHARE = 16


def texts_of(paths: Sequence[Path]) -> pa.Table:
    """Return every so many documents of the files; those of a file without `source` are of one."""
    tables = []
    for path in paths:
        table = pq.read_table(path)
        sources = table["source"] if "source" in table.column_names else pa.repeat("texts", table.num_rows)
        tables.append(pa.table({"source": sources, "text": table["text"]}))
    table = pa.concat_tables(tables)
    return table.take(pa.array(np.arange(0, table.num_rows, SHARE if len(paths) > 1 else 1)))


def cpu_of(work: Callable[[], object]) -> float:
    """Return the CPU seconds of this process that some work takes: the median of five times, if it is short."""
    taken: list[float] = []
    while not taken or (len(taken) < 5 and taken[0] < 1):
        began = time.process_time()
        work()
        taken.append(time.process_time() - began)
    return sorted(taken)[len(taken) // 2]


def megabytes(texts: pa.ChunkedArray) -> float:
    """Return how much text it is."""
    return float(pc.sum(pc.binary_length(texts)).as_py()) / 1e6


def told(name: str, guess: NDArray[np.int64], tokens: NDArray[np.float64]) -> str:
    """Spell the errors of the estimate."""
    long = tokens > 100
    error = np.abs(guess[long] / tokens[long] - 1)
    return (
        f"{name:24} {guess.sum() / tokens.sum() - 1:+7.2%} in all; a document: median {np.median(error):.2%}, "
        f"90 % within {np.quantile(error, 0.9):.2%} ({long.sum()} documents)"
    )


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("tokenizers", nargs="*")
    parser.add_argument("--texts")
    asked = parser.parse_args()
    print(described())
    with tempfile.TemporaryDirectory() as folder:
        table = texts_of([Path(asked.texts)] if asked.texts else shards_of(Path(folder)))
    size = megabytes(table["text"])
    estimated_tokens(pa.array(["compiled"]))
    counted = {}
    for path in asked.tokenizers:
        count_tokens(pa.array(["loaded"]), File(path), pattern_of(path))
        began = time.process_time()
        counted[path] = count_tokens(table["text"], File(path), pattern_of(path))
        print(f"{path}: {size / (time.process_time() - began):.1f} MB per CPU second")
    for source in sorted(set(table["source"].to_pylist())):
        here = np.asarray(pc.equal(table["source"], source))
        texts = table["text"].filter(pa.array(here))
        speed = megabytes(texts) / cpu_of(partial(estimated_tokens, texts))
        print(f"\n{source}: the estimate reads {speed:.0f} MB per CPU second")
        guess = estimated_tokens(texts)
        for path, tokens in counted.items():
            print(told(path.rpartition("/")[2], guess, tokens[here].astype(float)))
        if counted:
            print(told("the mean of them", guess, np.mean([tokens[here] for tokens in counted.values()], axis=0)))


if __name__ == "__main__":
    main()
