"""Keep policy: which of several equal or similar documents stays."""

import difflib
import re
from typing import Annotated

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray
from pydantic import AfterValidator, WithJsonSchema

from ops.dedup.values import instants, numbers

_WAYS = ("high", "low", "earliest", "latest")
_KEY = rf"^(real|source:[^,]+(,[^,]+)*|.+:({'|'.join(_WAYS)}))$"

# Documents of unknown origin never count as real: they stand between real ones and those that a model had a part in.
_ORIGIN_ORDER = ("real", "unknown")

# What a column does not tell ranks last, whichever end of it is wanted.
_LAST = np.iinfo(np.int64).max


def _checked(key: str) -> str:
    if re.fullmatch(_KEY, key):
        return key
    column, _, way = key.rpartition(":")
    valid = [f"{column}:{one}" for one in difflib.get_close_matches(way, _WAYS, n=1)]
    near = valid if column else difflib.get_close_matches(key, ["real", "length:high", "length:low"], n=1)
    raise ValueError(
        f"is {key!r}; expected 'real', 'source:NAME,NAME', 'length:high', 'length:low', or of a column 'NAME:high', "
        "'NAME:low', 'NAME:earliest' or 'NAME:latest'" + (f"; did you mean {near[0]!r}?" if near else "")
    )


KeepKey = Annotated[str, AfterValidator(_checked), WithJsonSchema({"type": "string", "pattern": _KEY})]

# What the settings `keep` say of their keys.
KEEP = (
    "which one stays, most important first; then by id. real: by origin. source:A,B: A's, then B's, then the others'. "
    "length:high, length:low: of the text. COLUMN:high, COLUMN:low: by numbers. COLUMN:earliest, COLUMN:latest: by "
    "ISO 8601 dates. Of a column, those without a value are last"
)


def rank_columns(batch: pa.Table, keep: tuple[KeepKey, ...]) -> dict[str, pa.Array]:
    """Return a column for each key of the policy, in order; the smaller value stays.

    The last key, which every policy ends in, is the id: the runner orders by (rank columns, id).
    """
    return {f"rank_{n}": pa.array(_ranks(batch, key)) for n, key in enumerate(keep)}


def columns_of(keep: tuple[KeepKey, ...]) -> tuple[str, ...]:
    """Return the columns that the keys read besides `text` and `origin`.

    >>> columns_of(("real", "source:web", "length:high", "published:latest"))
    ('source', 'published')
    """
    named = (key.partition(":")[0] if key.startswith("source:") else key.rpartition(":")[0] for key in keep)
    return tuple(dict.fromkeys(name for name, key in zip(named, keep, strict=True) if name and not _is_length(key)))


def sources_of(key: KeepKey) -> list[str]:
    """Return the sources that a key names, the one to keep first of all.

    >>> sources_of("source:books, web"), sources_of("length:high")
    (['books', 'web'], [])
    """
    named = key.removeprefix("source:")
    return [name.strip() for name in named.split(",")] if named != key else []


def origin_ranks(origins: pa.ChunkedArray) -> NDArray[np.int64]:
    """Return 0 for real, 1 for unknown, 2 for every other origin."""
    return _places(origins, list(_ORIGIN_ORDER))


def _is_length(key: KeepKey) -> bool:
    return key in {"length:high", "length:low"}


def _ranks(batch: pa.Table, key: KeepKey) -> NDArray[np.int64]:
    if key == "real":
        return origin_ranks(batch["origin"])
    if sources := sources_of(key):
        return _places(batch["source"], sources)
    column, _, way = key.rpartition(":")
    sign = 1 if way in {"low", "earliest"} else -1
    if _is_length(key):
        return sign * np.asarray(pc.binary_length(batch["text"])).astype(np.int64)
    if way in {"earliest", "latest"}:
        moments = instants(batch[column])
        return np.where(np.isnat(moments), _LAST, sign * moments.astype(np.int64))
    values = numbers(batch[column])
    return np.where(np.isnan(values), _LAST, sign * _ordered_bits(values))


def _places(column: pa.ChunkedArray, order: list[str]) -> NDArray[np.int64]:
    """Return the place of each value in a list; what is not in it comes after."""
    return np.asarray(pc.fill_null(pc.index_in(column, pa.array(order)), len(order))).astype(np.int64)


def _ordered_bits(values: NDArray[np.float64]) -> NDArray[np.int64]:
    """Map doubles to integers in the same order: IEEE 754 orders positive ones by their bits, negative ones reversed.

    >>> np.argsort(_ordered_bits(np.array([2.5, -1e300, 0.0, -3.0, np.inf]))).tolist()
    [1, 3, 2, 0, 4]
    >>> _ordered_bits(np.array([-0.0, 0.0])).tolist()
    [0, 0]
    """
    bits = (values + 0.0).view(np.int64)  # -0.0 + 0.0 is 0.0
    return np.where(bits < 0, bits ^ _LAST, bits)
