"""Every layout that Arrow has for the same strings gives kernels the same bytes."""

import itertools

import numpy as np
import pyarrow as pa
import pytest

from ops.kernels.buffers import buffers_of, strings_from

TEXTS = ["ab", "", "今天", "e\u0301", "🙂 x"]
PADDED = ["before", *TEXTS, "after"]
LAYOUTS = {
    "plain": pa.array(TEXTS),
    "sliced": pa.array(PADDED).slice(1, len(TEXTS)),
    "chunked": pa.chunked_array([TEXTS[:2], [], TEXTS[2:]]),
    "sliced chunks": pa.chunked_array([PADDED[:3], PADDED[3:]]).slice(1, len(TEXTS)),
    "one sliced chunk": pa.chunked_array([pa.array(PADDED).slice(1, len(TEXTS))]),
    "large": pa.array(TEXTS, pa.large_string()),
    "large sliced chunks": pa.chunked_array([PADDED[:3], PADDED[3:]], pa.large_string()).slice(1, len(TEXTS)),
    "view": pa.array(TEXTS, pa.string_view()),
    "dictionary": pa.array(TEXTS).dictionary_encode(),
}
EMPTY = {
    "plain": pa.array([], pa.string()),
    "large": pa.array([], pa.large_string()),
    "no chunk": pa.chunked_array([], pa.string()),
    "empty chunks": pa.chunked_array([[], []], pa.string()),
    "sliced": pa.array(PADDED).slice(3, 0),
    "end": pa.array(PADDED).slice(len(PADDED)),
}


def _strings(column: pa.Array | pa.ChunkedArray) -> list[str]:
    data, offsets = buffers_of(column)
    return [data[a:b].tobytes().decode() for a, b in itertools.pairwise(offsets)]


@pytest.mark.parametrize("layout", LAYOUTS)
def test_layouts(layout: str) -> None:
    assert _strings(LAYOUTS[layout]) == TEXTS


@pytest.mark.parametrize("layout", EMPTY)
def test_empty_layouts(layout: str) -> None:
    data, offsets = buffers_of(EMPTY[layout])
    assert len(offsets) == 1
    assert strings_from(data[:0], np.zeros(1, np.int32)).to_pylist() == []


def test_only_empty_strings() -> None:
    assert _strings(pa.array(["", ""])) == ["", ""]


def test_nulls_are_refused() -> None:
    with pytest.raises(ValueError, match="2 strings are null"):
        buffers_of(pa.array(["a", None, None]))


def test_one_chunk_is_not_copied() -> None:
    strings = pa.array(TEXTS)
    data, _ = buffers_of(pa.chunked_array([strings]))
    assert data.ctypes.data == strings.buffers()[2].address
