"""Contents: documents of equal text share the copies that may be taken of it, whichever sources they are of.

Of m documents with one content, real ones first and then by chance, document j may be its copies j, j + m, j + 2m, ...
up to the most that may be taken of it. So no two documents are ever the same copy, and a cell in which every content
was taken once has no second copy of any.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import ClassVar, NamedTuple

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from ops.contract import SLOTS
from ops.kernels.groups import begins, groups_of

EPOCHS_MAX = 64  # copies that a set of bits can tell

ALL_SLOTS = np.uint64(2**64 - 1)


@dataclass(frozen=True)
class Contents:
    """Equal digests meet; each of the documents that have one is told which copies of it it may be."""

    epochs: Callable[[pa.Table], NDArray[np.int64]]  # how often each document's content may be taken
    keyed_by: ClassVar[tuple[str, ...]] = ("content", "rank_content")

    @property
    def rereads_text(self) -> bool:
        """The digests tell all."""
        return False

    def keys(self, sketches: pa.Table) -> NDArray[np.uint64]:
        """Return half of the digest. Both halves are 0 where there is no text, which is no content."""
        high, low = np.asarray(sketches["content"]), np.asarray(sketches["rank_content"])
        return np.where(high != 0, high, (low != 0).astype(np.uint64))

    def evidence(self, text: pa.ChunkedArray) -> dict[str, pa.Array]:  # noqa: ARG002 - as other surveys
        """Nothing beside the digests."""
        return {}

    def resolve(self, members: Iterable[pa.Table]) -> Iterator[pa.Table]:
        """Return `SLOTS` rows: of documents with the other half of the digest in common, too, all of which meet here.

        Members come in order of both halves. One content may go on from table to table; of such, only those that come
        before `EPOCHS_MAX` may be any copy.
        """
        held = _Group()
        for table in members:
            joined = _Group.of(table, self.epochs(table)).after(held)
            end = int(np.flatnonzero(begins(joined.cluster, joined.digest))[-1])
            yield joined.part(0, end).slots()
            held = joined.part(end, len(joined.at))
            yield held.part(EPOCHS_MAX, len(held.at)).without_slots()
            held = held.part(0, EPOCHS_MAX)
        yield held.slots()


_NONE = np.empty(0, np.int64)


class _Group(NamedTuple):
    """Members in order of their content."""

    cluster: NDArray[np.int64] = _NONE
    digest: NDArray[np.uint64] = _NONE.view(np.uint64)
    at: NDArray[np.int64] = _NONE
    most: NDArray[np.int64] = _NONE  # copies that may be taken of their content

    @classmethod
    def of(cls, table: pa.Table, most: NDArray[np.int64]) -> "_Group":
        cluster, digest, at = (np.asarray(table[name]) for name in ("cluster", "rank_content", "at"))
        return cls(cluster, digest, at, most)

    def after(self, before: "_Group") -> "_Group":
        """Return the members with others before them."""
        return self._replace(
            **{name: np.concatenate([getattr(before, name), getattr(self, name)]) for name in self._fields}
        )

    def part(self, begin: int, end: int) -> "_Group":
        return self._replace(**{name: getattr(self, name)[begin:end] for name in self._fields})

    def slots(self) -> pa.Table:
        """Say which copies each may be."""
        starts, group = groups_of(self.cluster, self.digest)
        size = np.diff(np.append(starts, len(self.at)))[group]
        place = np.arange(len(self.at)) - starts[group]
        slots = np.zeros(len(self.at), np.uint64)
        for copy in range(int(self.most.max(initial=0))):
            is_its = (copy % np.maximum(size, 1) == place) & (copy < self.most)
            slots |= np.where(is_its, np.uint64(1 << copy), np.uint64(0))
        return _table(self.at, slots)

    def without_slots(self) -> pa.Table:
        """Say that none of them may be any copy."""
        return _table(self.at, np.zeros(len(self.at), np.uint64))


def _table(at: NDArray[np.int64], slots: NDArray[np.uint64]) -> pa.Table:
    return pa.table([pa.array(at), pa.array(slots)], schema=SLOTS)
