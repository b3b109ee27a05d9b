"""Places: where a document stands in a shuffled release, by a hash of its id and of which copy of it it is."""

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from ops.columns import COPY
from ops.kernels.hashing import chance, mix64_all

PLACE = pa.field("_place", pa.uint64(), nullable=False)


def places_of(batch: pa.Table, seed: int) -> NDArray[np.uint64]:
    """Return each document's place; a document that is there once has the same whether or not others are repeated."""
    place = chance(batch["id"], seed)
    if COPY.name not in batch.column_names:
        return place
    copy = np.asarray(batch[COPY.name]).astype(np.uint64)
    return np.where(copy > 0, mix64_all(place ^ mix64_all(copy)), place)
