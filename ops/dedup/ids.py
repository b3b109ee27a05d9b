"""Unique ids: of documents that carry the same id, keep the first. Every job does this before its other surveys.

An id is what the ledger, the release and the random draws know a document by; two documents must not share one.
"""

from typing import ClassVar, Literal

import numpy as np
import pyarrow as pa

from ops.contract import Op, Phase
from ops.dedup.exact import verdicts
from ops.kernels.hashing import digests


class UniqueId(Op):
    """Drop documents whose id another document already has; the first in order of source, path and position stays."""

    op: Literal["unique_id"] = "unique_id"
    reads: ClassVar[tuple[str, ...]] = ("id",)
    sketched_by: ClassVar[tuple[str, ...]] = ()

    def sketch(self, batch: pa.Table) -> pa.Table:
        """Return the first 64 bits of the id's digest: what brings equal ids together."""
        return pa.table({"digest": pa.array(digests(batch["id"])[:, 0])})

    def phases(self) -> tuple[Phase, ...]:
        """Bring equal ids together."""
        return (Phase("equal", by="digest", run=repeated),)


def repeated(sketches: pa.Table) -> pa.Table:
    """Return a verdict for every document but the first of each id. The ids themselves are compared, not digests."""
    codes = np.asarray(sketches["id"].combine_chunks().dictionary_encode().indices)
    _, first = np.unique(codes, return_index=True)  # rows of a digest come in order of address
    lost = np.setdiff1d(np.arange(len(codes)), first)
    kept = first[codes[lost]] if len(lost) else lost
    return verdicts(sketches, lost=lost, kept=kept, reason="duplicate_id")
