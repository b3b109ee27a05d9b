"""The layouts in which Arrow may hold the same texts: in chunks, with 64-bit offsets, as a slice of more."""

from collections.abc import Iterator

import pyarrow as pa


def layouts_of(texts: list[str], before: str, after: str) -> Iterator[pa.Array | pa.ChunkedArray]:
    """`texts` (two at least) in other layouts than `pa.array(texts)`; the slice lies between `before` and `after`."""
    yield pa.chunked_array([texts[:1], [], texts[1:]])
    yield pa.array(texts, pa.large_string())
    yield pa.array([before, *texts, after]).slice(1, len(texts))
