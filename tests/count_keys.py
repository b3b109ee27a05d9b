"""The runner of counting surveys in its simplest form."""

from collections import Counter

import numpy as np
import pyarrow as pa

from ops.surveys import Counting


def count(op: Counting, batch: pa.Table) -> pa.Table:
    """Count by a plain dictionary what the runner counts over partitions."""
    documents: Counter[int] = Counter()
    whose: dict[int, str] = {}
    for row in range(batch.num_rows):
        keys = op.keys(op.sketch(batch.slice(row, 1))).tolist()
        documents.update(keys)
        whose |= dict.fromkeys(keys, batch["source"][row].as_py())
    sizes = Counter(batch["source"].to_pylist())
    keys = np.array(sorted(documents), np.uint64)
    counts = np.array([documents[int(key)] for key in keys], np.int64)
    level = op.repeated(counts, np.array([sizes[whose[int(key)]] for key in keys], np.int64))
    return pa.table({"key": keys, "level": level}).filter(pa.array(level > 0))
