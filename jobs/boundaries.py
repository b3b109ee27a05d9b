"""Boundaries: where a release may be cut. Ids and sizes of a unit's documents in, segments of them out.

A document is a candidate, before which a shard may begin, by its id and its size alone: whatever comes or goes
elsewhere, it stays one. Candidates cut a unit's documents into segments; what a shard holds is told by theirs.
"""

import hashlib
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from jobs.held import Held
from ops.kernels.hashing import chance

# In as much text as a shard may hold: a stretch of that size without any comes once in 10^12 shards. A segment is 60
# bytes of a commit, so a shard's are about 1 KB, whatever `shard_bytes` is: less than its own files and commit.
_CANDIDATES = 32

# No job's seed, which are below 2^63: else `mix` would keep the documents that are candidates.
_SEED = 2**64 - 1

_RANK_MAX = 2**63 - 1


@dataclass(frozen=True)
class Segments:
    """One unit's documents between possible cuts, in order."""

    held: Held
    begin: list[int]  # the first document's row in the unit's data
    end: list[int]  # one more than the last one's
    bytes: list[int]  # of text, each document as often as it is written
    rank: list[int]  # of the first document: shards are cut before low ones
    digest: list[str]  # of the rows that are left
    split: str = ""  # that they are of, where there are splits; others may lie between them


def rank_below(shard_bytes: int) -> int:
    """Ranks of candidates are below this."""
    return min(_RANK_MAX, 2**63 * _CANDIDATES // shard_bytes)


def segment(
    ids: pa.ChunkedArray,
    sizes: NDArray[np.int64],
    rows: NDArray[np.int64],
    shard_bytes: int,
    times: NDArray[np.int64] | None = None,
) -> dict[str, Any]:
    """Cut documents before every candidate, and where a candidate is half a shard behind: one may never come.

    A rank is uniform over 63 bits, divided by the document's bytes: a candidate comes once in so many bytes, whatever
    the documents' sizes, and one of 1/32 of a shard is always one. A document that is written several `times` is as
    large as its copies together, which are never cut apart.
    """
    times = np.ones(len(rows), np.int64) if times is None else times
    sizes = sizes * times
    spread = (chance(ids, _SEED) >> np.uint64(1)).astype(np.int64)
    ranks = np.where(sizes > 0, spread // np.maximum(sizes, 1), _RANK_MAX)
    starts = ranks < rank_below(shard_bytes)
    starts[0] = True
    begins = np.cumsum(sizes) - sizes
    since = begins - begins[np.maximum.accumulate(np.where(starts, np.arange(len(starts)), 0))]
    starts[1:] |= np.diff(since * 2 // shard_bytes) > 0
    at = np.flatnonzero(starts)
    last = np.append(at[1:], len(rows)) - 1
    return {
        "begin": rows[at].tolist(),
        "end": (rows[last] + 1).tolist(),
        "bytes": np.add.reduceat(sizes, at).tolist(),
        "rank": ranks[at].tolist(),
        "digest": [_digest_rows(np.repeat(rows[a : b + 1], times[a : b + 1])) for a, b in zip(at, last, strict=True)],
    }


def _digest_rows(rows: NDArray[np.int64]) -> str:
    return hashlib.sha256(rows.astype("<i8").tobytes()).hexdigest()[:16]
