"""Between Arrow string arrays and the plain numpy arrays that kernels take."""

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

Bytes = NDArray[np.uint8]
Offsets = NDArray[np.int32]


def buffers_of(column: pa.ChunkedArray | pa.Array) -> tuple[Bytes, Offsets]:
    """Return the UTF-8 bytes of a string column without nulls, and where each string starts and ends in them.

    Returns n + 1 offsets for n strings. The bytes are shared with the column, not copied, if it is in one chunk.

    >>> buffers_of(pa.array(["ab", "", "c"]))[1].tolist()
    [0, 2, 2, 3]
    """
    strings = one_chunk(column)
    if strings.null_count:
        raise ValueError(f"{strings.null_count} strings are null; readers set such records aside")
    _, offsets, data = strings.buffers()
    starts = np.frombuffer(offsets, np.int32)[strings.offset : strings.offset + len(strings) + 1] if offsets else _ZERO
    return np.frombuffer(data, np.uint8) if data else _EMPTY, starts


def strings_from(data: Bytes, offsets: Offsets) -> pa.Array:
    """Make a string array of the bytes that a kernel wrote.

    >>> strings_from(np.frombuffer(b"abc", np.uint8), np.array([0, 2, 3], np.int32)).to_pylist()
    ['ab', 'c']
    """
    return pa.StringArray.from_buffers(len(offsets) - 1, pa.py_buffer(offsets), pa.py_buffer(data))


def one_chunk(column: pa.ChunkedArray | pa.Array) -> pa.Array:
    """Return the strings as one `string` array, copied only where they lie in several chunks or have another type."""
    joined = column
    if isinstance(column, pa.ChunkedArray):
        chunks = column.chunks or [pa.array([], column.type)]
        joined = chunks[0] if len(chunks) == 1 else pa.concat_arrays(chunks)  # concat_arrays copies even one
    return joined if joined.type == pa.string() else joined.cast(pa.string())


def valid_utf8(column: pa.ChunkedArray | pa.Array) -> pa.ChunkedArray | pa.Array:
    r"""Return strings, of which what is no UTF-8 is U+FFFD: for work that needs Python's strings or Arrow's functions.

    Readers of a job set such texts aside; in a Ray Data pipeline of a user's own, nobody may have looked. To look costs
    0.1 ns a byte.

    >>> bad = pa.array([b"a\xff", b"b"]).cast(pa.binary()).view(pa.string())
    >>> valid_utf8(bad).to_pylist()
    ['a�', 'b']
    """
    try:
        column.validate(full=True)
    except pa.ArrowInvalid:
        raw = column.cast(pa.binary() if column.type == pa.string() else pa.large_binary()).to_pylist()
        return pa.array([None if one is None else one.decode(errors="replace") for one in raw], column.type)
    return column


_ZERO = np.zeros(1, np.int32)
_EMPTY = np.zeros(0, np.uint8)
