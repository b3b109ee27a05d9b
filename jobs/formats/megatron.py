"""Megatron's indexed dataset: tokens in .bin, and in .idx where each document begins.

The .bin is the documents' tokens one after another, each document with the token that ends it. The .idx is a magic, the
version, a code for the type of tokens, the numbers of sequences and of bounds, then the length of each sequence, the
byte that it begins with, and the sequence that each document begins with and the last one ends before. Here each
document is one sequence. The other columns are in the file beside the shard.
"""

import struct
from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from jobs.formats.columns import COLUMNS, columns_beside
from jobs.formats.contract import SHARD, Format, Write
from jobs.formats.settings import Release
from jobs.outbox import Outbox
from jobs.storage import read_url
from ops import resources
from ops.kernels.buffers import valid_utf8
from ops.tokenizers import loaded

_INDEX = "index"
_MAGIC = b"MMIDIDX\0\0"
_VERSION = 1
_CODES = {np.dtype("<u2"): 8, np.dtype("<i4"): 4}
_SMALL = 65_500  # a vocabulary below it is written in 16 bits, as Megatron does

_OPENED_BY = """from megatron.core.datasets.indexed_dataset import IndexedDataset

documents = IndexedDataset("path/to/this/folder/data/part-00000")  # and so on: a data set for each shard"""


@contextmanager
def _write(outbox: Outbox, schema: pa.Schema, release: Release) -> Iterator[Write]:
    resources.read_by(read_url)
    if release.tokenizer is None or release.end_of_document is None:
        raise AssertionError("settings of Megatron are checked when a job is loaded")
    tokenizer = loaded(release.tokenizer, release.tokenizer_pattern)
    end = tokenizer.number_of(release.end_of_document)
    kind = np.dtype("<u2" if max(tokenizer.vocabulary, end + 1) < _SMALL else "<i4")
    lengths: list[int] = []
    with (
        outbox.file(SHARD, place="data", suffix="bin") as (path, count),
        outbox.file(_INDEX, place="data", suffix="idx") as (index_path, count_index),
        columns_beside(outbox, schema, release) as write_columns,
        path.open("wb") as file,
    ):

        def write(table: pa.Table) -> None:
            count(table.num_rows)
            count_index(table.num_rows)
            write_columns(table)
            for text in valid_utf8(table["text"]).to_pylist():
                tokens = [*tokenizer.encode(text), end]
                lengths.append(len(tokens))
                file.write(np.array(tokens, kind).tobytes())

        yield write
        index_path.write_bytes(_index(np.array(lengths, np.int64), kind))


def _index(lengths: NDArray[np.int64], kind: np.dtype[np.generic]) -> bytes:
    """Return the .idx of documents of so many tokens."""
    ends = np.cumsum(lengths) * kind.itemsize
    return b"".join(
        [
            _MAGIC,
            struct.pack("<QBQQ", _VERSION, _CODES[kind], len(lengths), len(lengths) + 1),
            lengths.astype("<i4").tobytes(),
            (ends - lengths * kind.itemsize).astype("<i8").tobytes(),
            np.arange(len(lengths) + 1, dtype="<i8").tobytes(),
        ]
    )


MEGATRON = Format(_write, {SHARD: "bin", _INDEX: "idx", COLUMNS: "columns.parquet"}, opened_by=_OPENED_BY)
