"""Masks of 64 bytes say what a look at each byte says, up to the end of the data."""

from typing import Any

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from ops.kernels.compiled import kernel
from ops.kernels.masks import (
    SIZE,
    between,
    equal,
    first_of,
    newline,
    newlines,
    padded,
    put_places,
    up_to,
    without_first,
)


@kernel
def _between(data: Any, at: int, end: int, low: int, high: int) -> Any:
    return up_to(between(data, at, low, high), at, end)


@kernel
def _places_of(data: Any, byte: int, out: Any) -> int:
    count = 0
    for at in range(0, len(data), SIZE):
        found = equal(data, at, byte)
        while found:
            out[count] = at + first_of(found)
            count += 1
            found = without_first(found)
    return count


@kernel
def _put(data: Any, byte: int, out: Any) -> int:
    count = np.int64(0)
    for at in range(0, len(data), SIZE):
        count = put_places(equal(data, at, byte), at, out, count)
    return count


@kernel
def _newlines(data: Any, at: int, end: int) -> Any:
    return newlines(data, at, end), newline(data, at, end)


def mask(raw: bytes, at: int, end: int, low: int, high: int) -> int:
    return sum(1 << n for n, byte in enumerate(raw[at : min(end, at + SIZE)]) if low <= byte <= high)


@given(
    st.binary(min_size=1, max_size=200),
    st.integers(0, 199),
    st.integers(0, 199),
    st.integers(0, 255),
    st.integers(0, 255),
)
def test_between(raw: bytes, at: int, end: int, low: int, high: int) -> None:
    at, end = sorted((min(at, len(raw) - 1), min(end, len(raw) - 1) + 1))
    low, high = sorted((low, high))
    at = min(at, end - 1)
    data = padded(np.frombuffer(raw, np.uint8))
    assert int(_between(data, at, end, low, high)) & (2**64 - 1) == mask(raw, at, end, low, high)


@given(st.binary(max_size=200), st.integers(0, 3))
def test_none_beyond_the_data(raw: bytes, beyond: int) -> None:
    data = padded(np.frombuffer(raw, np.uint8))
    assert _between(data, len(data) + beyond, len(data) + beyond + SIZE, 0, 255) == 0


@given(st.lists(st.sampled_from([10, 32, 200]), max_size=200))
def test_places(raw: list[int]) -> None:
    for places_of in (_places_of, _put):
        out = np.empty(200 + 2, np.int64)
        count = places_of(padded(np.array(raw, np.uint8)), 10, out)
        assert out[:count].tolist() == [at for at, byte in enumerate(raw) if byte == 10]


@given(st.lists(st.sampled_from([10, 11, 32, 200]), max_size=200), st.integers(0, 200), st.integers(0, 200))
def test_newlines(raw: list[int], at: int, end: int) -> None:
    at, end = sorted((min(at, len(raw)), min(end, len(raw))))
    where = [place for place in range(at, end) if raw[place] == 10]
    assert _newlines(padded(np.array(raw, np.uint8)), at, end) == (len(where), (where or [end])[0])
