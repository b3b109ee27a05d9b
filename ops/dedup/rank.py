"""Keep policy: which of several equal or similar documents stays."""

from typing import Literal

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

KeepKey = Literal["real", "length:high", "length:low"]

# Documents of unknown origin never count as real: they stand between the two.
_ORIGIN_ORDER = {"real": 0, "unknown": 1, "synthetic": 2}


def rank_columns(batch: pa.Table, keep: tuple[KeepKey, ...]) -> dict[str, pa.Array]:
    """Return a column for each key of the policy, in order; the smaller value stays.

    Length is in bytes of UTF-8. The last key, which every policy ends in, is the id: see `best_first`.
    """
    return {f"rank_{n}": pa.array(_key_values(batch, key)) for n, key in enumerate(keep)}


def best_first(table: pa.Table) -> NDArray[np.int64]:
    """Return the rows' numbers, the one to keep before all others first: by (rank columns, id)."""
    ranks = [name for name in table.column_names if name.startswith("rank_")]
    order = pc.sort_indices(table, sort_keys=[(name, "ascending") for name in [*ranks, "id"]])
    return np.asarray(order).astype(np.int64)


def _key_values(batch: pa.Table, key: KeepKey) -> NDArray[np.int64]:
    if key == "real":
        places = pc.index_in(batch["origin"], pa.array(sorted(_ORIGIN_ORDER, key=lambda o: _ORIGIN_ORDER[o])))
        return np.asarray(places).astype(np.int64)
    sign = -1 if key == "length:high" else 1
    return sign * np.asarray(pc.binary_length(batch["text"])).astype(np.int64)
