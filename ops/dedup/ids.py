"""Unique ids: of documents that carry the same id, keep the first. Every job does this before its other surveys.

An id is what the ledger, the release and the random draws know a document by; two documents must not share one.
"""

from collections.abc import Iterable, Iterator
from typing import ClassVar, Literal

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from ops.contract import Op
from ops.dedup.equal import first_stays
from ops.kernels.hashing import digests


class UniqueId(Op):
    """Drop documents whose id another document already has; the first in order of source, path and position stays."""

    op: Literal["unique_id"] = "unique_id"
    reads: ClassVar[tuple[str, ...]] = ("id",)
    sketched_by: ClassVar[tuple[str, ...]] = ()
    sketched_from: ClassVar[tuple[str, ...]] = ("id",)
    keyed_by: ClassVar[tuple[str, ...]] = ("digest",)

    def sketch(self, batch: pa.Table) -> pa.Table:
        """Return the first 64 bits of the id's digest: what brings equal ids together."""
        return pa.table({"digest": pa.array(digests(batch["id"])[:, 0])})

    @property
    def rereads_text(self) -> bool:
        """The ids tell all."""
        return False

    def keys(self, sketches: pa.Table) -> NDArray[np.uint64]:
        """Return the digest."""
        return np.maximum(np.asarray(sketches["digest"], np.uint64), np.uint64(1))

    def evidence(self, text: pa.ChunkedArray) -> dict[str, pa.Array]:  # noqa: ARG002 - as other surveys
        """Nothing beside the ids."""
        return {}

    def resolve(self, members: Iterable[pa.Table]) -> Iterator[pa.Table]:
        """Return a verdict for every document but the first of each id. Ids themselves are compared, not digests."""
        return first_stays(members, _id_numbers, ["id"], "duplicate_id")


def _id_numbers(members: pa.Table) -> NDArray[np.int64]:
    return np.asarray(members["id"].combine_chunks().dictionary_encode().indices).astype(np.int64)
