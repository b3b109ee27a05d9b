"""Ancestry: what shards tell of where their documents came from, as the columns `parents` and `depth`."""

import numpy as np
import orjson
import pyarrow as pa

from ops.columns import DOCUMENT
from ops.dedup.values import numbers

_PARENTS, _DEPTH = DOCUMENT.field("parents").type, DOCUMENT.field("depth").type
_DEEPEST = np.iinfo(np.int8).max


def parents_of(told: pa.Array | pa.ChunkedArray) -> pa.Array | pa.ChunkedArray:
    """Return the ids of each document's parents; null where it tells none.

    A list column is told as its JSON, a string is one id.

    >>> parents_of(pa.array(['["a","b",null]', "web-7", "[draft] 3", "[]", " ", None])).to_pylist()
    [['a', 'b'], ['web-7'], ['[draft] 3'], None, None, None]
    """
    if told.null_count == len(told):
        return pa.nulls(len(told), _PARENTS)
    return pa.array([_ids(value) for value in told.to_pylist()], _PARENTS)


def depth_of(told: pa.Array | pa.ChunkedArray, otherwise: int) -> pa.Array:
    """Return the generations between each document and real text; `otherwise` where it tells no number.

    >>> depth_of(pa.array(["2", "-1", "1000", "deep", None]), 1).to_pylist()
    [2, 0, 127, 1, 1]
    """
    if told.null_count == len(told):
        return pa.repeat(pa.scalar(otherwise, _DEPTH), len(told))
    values = numbers(pa.chunked_array([told]) if isinstance(told, pa.Array) else told)
    return pa.array(np.clip(np.where(np.isnan(values), otherwise, values), 0, _DEEPEST).astype(np.int8))


def _ids(value: str | None) -> list[str] | None:
    if value is None or not value.strip():
        return None
    if value.startswith("["):
        try:
            listed = orjson.loads(value)
        except orjson.JSONDecodeError:
            return [value]
        return [one if isinstance(one, str) else str(one) for one in listed if one not in (None, "")] or None
    return [value]
