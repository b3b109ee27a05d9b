"""WebDataset: a tar file whose members `key.txt` and `key.json` are a document's text and its other columns.

A key is the row in the shard. A reader takes a member's name up to its first dot for the key, so that ids, which have
dots, are none; a document's own is in its JSON. Headers hold no clock and no owner.
"""

from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
import orjson
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from jobs.formats.contract import SHARD, Format, Write
from jobs.formats.settings import Release
from jobs.outbox import Outbox

_BLOCK = 512
_DIGITS = 9  # of a key: a shard has fewer documents than 10^9

# Fields of a POSIX header by their place: mode 644, owner and time of change 0, a regular file.
_HEADER = {
    100: b"0000644\0",
    108: b"0000000\0",
    116: b"0000000\0",
    136: b"00000000000\0",
    156: b"0",
    257: b"ustar\x0000",
}
_SIZE, _CHECKSUM = 124, 148

_OPENED_BY = """import glob

import webdataset

shards = sorted(glob.glob("path/to/this/folder/data/**/*.tar", recursive=True))
documents = webdataset.WebDataset(shards, shardshuffle=False).decode()"""


@contextmanager
def _write(outbox: Outbox, schema: pa.Schema, release: Release) -> Iterator[Write]:
    del release
    others = [name for name in schema.names if name != "text"]
    rows = 0
    with outbox.file(SHARD, place="data", suffix="tar") as (path, count), path.open("wb") as file:

        def write(table: pa.Table) -> None:
            nonlocal rows
            count(table.num_rows)
            for batch in table.to_batches():
                keys = np.arange(rows, rows + batch.num_rows)
                rows += batch.num_rows
                columns = pa.array([orjson.dumps(row) for row in batch.select(others).to_pylist()], pa.large_binary())
                text = batch["text"].cast(pa.large_binary())
                members = [*_member(keys, ".json", columns), *_member(keys, ".txt", text)]
                for document in pc.binary_join_element_wise(*members, pa.scalar(b"", pa.large_binary())):
                    file.write(document.as_buffer())

        yield write
        file.write(bytes(2 * _BLOCK))


def _member(keys: NDArray[np.int64], suffix: str, contents: pa.Array) -> tuple[pa.Array, pa.Array, pa.Array]:
    """Return the header of each member, what it holds, and the zeros up to the next block."""
    sizes = np.asarray(pc.binary_length(contents))
    zeros = pa.array([bytes(n) for n in range(_BLOCK)], pa.large_binary())
    return _headers(keys, suffix, sizes), contents, zeros.take(pa.array(-sizes % _BLOCK))


def _headers(keys: NDArray[np.int64], suffix: str, sizes: NDArray[np.int64]) -> pa.Array:
    """Build the headers of members of some sizes, named by keys."""
    header = np.zeros((len(keys), _BLOCK), np.uint8)
    for at, value in _HEADER.items():
        _put(header, at, value)
    header[:, :_DIGITS] = _digits(keys, 10, _DIGITS)
    _put(header, _DIGITS, suffix.encode())
    header[:, _SIZE : _SIZE + 11] = _digits(sizes, 8, 11)
    _put(header, _CHECKSUM, b" " * 8)  # which it counts itself as
    header[:, _CHECKSUM : _CHECKSUM + 6] = _digits(header.sum(axis=1, dtype=np.int64), 8, 6)
    _put(header, _CHECKSUM + 6, b"\0 ")
    data = pa.py_buffer(header)
    return pa.Array.from_buffers(pa.binary(_BLOCK), len(keys), [None, data]).cast(pa.large_binary())


def _put(header: NDArray[np.uint8], at: int, value: bytes) -> None:
    header[:, at : at + len(value)] = np.frombuffer(value, np.uint8)


def _digits(numbers: NDArray[np.int64], base: int, count: int) -> NDArray[np.uint8]:
    """Spell numbers in so many digits.

    >>> _digits(np.array([8]), 8, 3).tobytes()
    b'010'
    """
    places = base ** np.arange(count - 1, -1, -1)
    return (numbers[:, None] // places % base + ord("0")).astype(np.uint8)


WEBDATASET = Format(_write, {SHARD: "tar"}, opened_by=_OPENED_BY)
