"""Repaired share: how much of a text several edits have cut, together: a number for `limits` to judge."""

from collections.abc import Iterable

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ops.kernels.buffers import buffers_of, one_chunk

REPAIRED_SHARE = pa.field("repaired_share", pa.float64())


def repaired_share(before: pa.ChunkedArray | pa.Array, cuts: Iterable[pa.ChunkedArray | pa.Array]) -> pa.Array:
    r"""Return the bytes that are on record as cut, in one column `CUTS` for each edit, by all bytes of the text before.

    Bytes, not characters: those are on record, and no edit needs the text again. 0 for an empty text.

    >>> from ops.columns import CUTS
    >>> menu = pa.array([[{"kind": "menu", "at": 0, "bytes": 5, "text": "Home"}], None], CUTS.type)
    >>> tail = pa.array([[{"kind": "tail", "at": 0, "bytes": 3, "text": "©"}], None], CUTS.type)
    >>> repaired_share(pa.array(["Home\nOne.\n© ", "Two."]), [menu, tail]).to_pylist()
    [0.6153846153846154, 0.0]
    """
    sizes = np.diff(buffers_of(one_chunk(before))[1]).astype(np.float64)
    cut = np.zeros(len(sizes))
    for column in cuts:
        if column.null_count == len(column):
            continue
        one = column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column
        rows = np.asarray(pc.list_parent_indices(one), np.int64)
        cut += np.bincount(rows, np.asarray(pc.list_flatten(one).field("bytes"), np.float64), minlength=len(sizes))
    return pa.array(cut / np.maximum(sizes, 1))
