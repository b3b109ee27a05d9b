"""MDS, version 2, which MosaicML Streaming reads: shards of samples, and an index of them all.

A shard is the number of its samples, the offset of each and of the end (32 bits), a JSON header, and the samples. A
sample is the sizes of its strings and then its columns, in order of name. Samples hold the columns that are never null
and have an encoding; all columns are in the file beside the shard.
"""

import shutil
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

import numpy as np
import orjson
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from jobs.errors import JobError
from jobs.formats.columns import COLUMNS, columns_beside
from jobs.formats.contract import SHARD, Format, Placed, Write
from jobs.formats.settings import Release
from jobs.outbox import Outbox

# Name and bytes of the encoding of an Arrow type; strings have a size of their own in each sample.
_ENCODINGS: dict[pa.DataType, tuple[str, int | None]] = {
    pa.string(): ("str", None),
    pa.int32(): ("int32", 4),
    pa.int64(): ("int64", 8),
}

_OPENED_BY = """from streaming import StreamingDataset

documents = StreamingDataset(local="path/to/this/folder/data", shuffle=False, batch_size=1)"""


@contextmanager
def _write(outbox: Outbox, schema: pa.Schema, release: Release) -> Iterator[Write]:
    fields = _fields(schema)
    sizes: list[NDArray[np.int64]] = []
    with (
        outbox.file(SHARD, place="data", suffix="mds") as (path, count),
        columns_beside(outbox, schema, release) as write_columns,
        # The samples come after their offsets, which are known at the end.
        tempfile.TemporaryFile(dir=path.parent) as body,
    ):

        def write(table: pa.Table) -> None:
            count(table.num_rows)
            write_columns(table)
            for batch in table.to_batches():
                samples = _samples(batch, fields)
                sizes.append(np.asarray(pc.binary_length(samples)))
                body.write(_content(samples))

        yield write
        _put_together(
            path, orjson.dumps(_header(schema), option=orjson.OPT_SORT_KEYS), np.concatenate([[0], *sizes]), body
        )


def _put_together(path: Path, header: bytes, sizes: NDArray[np.int64], body: IO[bytes]) -> None:
    """Write a shard, given the sizes of its samples, after a zero, and the samples."""
    offsets = np.cumsum(sizes) + 4 + 4 * len(sizes) + len(header)
    if offsets[-1] >= 2**32:
        raise JobError(
            f"a shard of {offsets[-1]:,} bytes cannot be written as MDS, whose offsets have 32 bits. Set a smaller "
            "shard_bytes under [release]."
        )
    body.seek(0)
    with path.open("wb") as file:
        file.write(np.uint32(len(sizes) - 1).tobytes())
        file.write(offsets.astype("<u4").tobytes())
        file.write(header)
        shutil.copyfileobj(body, file)


def _fields(schema: pa.Schema) -> list[pa.Field]:
    """Return the columns of a sample, in order of name."""
    return sorted((f for f in schema if not f.nullable and f.type in _ENCODINGS), key=lambda field: field.name)


def _samples(batch: pa.RecordBatch, fields: Sequence[pa.Field]) -> pa.Array:
    """Encode each document as a sample."""
    columns = [batch[field.name] for field in fields]
    strings = [column.cast(pa.large_binary()) for column in columns if column.type == pa.string()]
    sizes = np.stack([np.asarray(pc.binary_length(column)) for column in strings], axis=1).astype("<u4")
    parts = [
        _fixed(sizes),
        *(_fixed(np.asarray(c)) if c.type != pa.string() else c.cast(pa.large_binary()) for c in columns),
    ]
    return pc.binary_join_element_wise(*parts, pa.scalar(b"", pa.large_binary()))


def _fixed(values: NDArray[Any]) -> pa.Array:
    """Return the bytes of each row of an array."""
    width = values.nbytes // max(1, len(values)) or 1
    data = pa.py_buffer(np.ascontiguousarray(values))
    return pa.Array.from_buffers(pa.binary(width), len(values), [None, data]).cast(pa.large_binary())


def _content(samples: pa.Array) -> memoryview:
    """Return the samples' bytes, one after another."""
    _, offsets, data = samples.buffers()
    bounds = np.frombuffer(offsets, np.int64)[samples.offset : samples.offset + len(samples) + 1]
    return memoryview(data)[bounds[0] : bounds[-1]]


def _header(schema: pa.Schema) -> dict[str, Any]:
    """Describe a shard, as its own header and the index do."""
    fields = _fields(schema)
    return {
        "column_encodings": [_ENCODINGS[field.type][0] for field in fields],
        "column_names": [field.name for field in fields],
        "column_sizes": [_ENCODINGS[field.type][1] for field in fields],
        "compression": None,
        "format": "mds",
        "hashes": ["sha256"],
        "size_limit": None,
        "version": 2,
    }


def _index(shards: Sequence[Mapping[str, Placed]], schema: pa.Schema) -> dict[str, bytes]:
    header = _header(schema)
    entries = [
        header
        | {
            "raw_data": {
                "basename": Path(shard[SHARD].path).name,
                "bytes": shard[SHARD].file.bytes,
                "hashes": {"sha256": shard[SHARD].file.sha256},
            },
            "samples": shard[SHARD].file.rows,
            "zip_data": None,
        }
        for shard in shards
    ]
    return {"index.json": orjson.dumps({"shards": entries, "version": 2}, option=orjson.OPT_SORT_KEYS)}


MDS = Format(_write, {SHARD: "mds", COLUMNS: "columns.parquet"}, _index, _OPENED_BY)
