"""Rounds: cut what a search finds, and search again in what is left, until it finds nothing: then the edit is done."""

import itertools
from bisect import bisect_left
from collections.abc import Callable

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from ops.cuts import cut_out
from ops.kernels.buffers import buffers_of, one_chunk

Cuts = list[tuple[int, int]]  # from which byte to which of a text, in order and apart
# From texts, and which rows of the batch they are, to what goes of them.
Search = Callable[[pa.Array, NDArray[np.int64]], dict[int, Cuts]]


def cut_in_rounds(batch: pa.Table, search: Search, kind: str) -> pa.Table:
    """Cut what `search` finds in `text`, and what it then finds in the texts that it changed.

    The places on record are those in the text as it came.
    """
    text = one_chunk(batch["text"])
    gone: dict[int, Cuts] = {}
    rows = np.arange(len(text))
    left = text
    while len(rows):
        found = search(left, rows)
        for at, cuts in found.items():
            row = int(rows[at])
            gone[row] = joined(gone[row], cuts) if row in gone else cuts
        changed = sorted(found)
        # Viewed as strings, not checked: bytes that are no text are what they were.
        left = pa.array([_without(left[at].as_buffer(), found[at]) for at in changed], pa.binary()).view(pa.string())
        rows = rows[changed]
    _, offsets = buffers_of(text)
    whose = np.array([row for row in sorted(gone) for _ in gone[row]], np.int64)
    places = np.array([cut for row in sorted(gone) for cut in gone[row]], np.int64).reshape(-1, 2)
    return cut_out(batch, whose, places + offsets[whose][:, None], pa.repeat(pa.scalar(kind), len(whose)))


def page_of(text: pa.Array, row: int) -> str:
    """Return a text as Python's; an empty one where its bytes are none: in that nothing is sought."""
    try:
        return str(text[row].as_py())
    except UnicodeDecodeError:
        return ""


def joined(cuts: Cuts, more: Cuts) -> Cuts:
    """Return cuts of a text with those of what they left of it, as places in the text.

    >>> joined([(2, 4)], [(0, 1), (1, 3), (5, 6)])
    [(0, 5), (7, 8)]
    """
    places, gone = [], [0]
    for start, stop in cuts:
        places.append(start - gone[-1])
        gone.append(gone[-1] + stop - start)
    moved = [(one + gone[bisect_left(places, one)], other + gone[bisect_left(places, other)]) for one, other in more]
    made: Cuts = []
    for start, stop in sorted([*cuts, *moved]):
        if made and start <= made[-1][1]:
            made[-1] = (made[-1][0], max(stop, made[-1][1]))
        else:
            made.append((start, stop))
    return made


def with_apart(cuts: Cuts, more: Cuts) -> Cuts:
    """Return all cuts in order, if none of those that are new overlaps another; else those that were there.

    >>> with_apart([(2, 4)], [(0, 1), (4, 5)]), with_apart([(2, 4)], [(3, 5)])
    ([(0, 1), (2, 4), (4, 5)], [(2, 4)])
    """
    both = sorted([*cuts, *more])
    return cuts if any(other[0] < one[1] for one, other in itertools.pairwise(both)) else both


def in_bytes(text: str, places: Cuts) -> Cuts:
    """Return stretches of characters as stretches of bytes."""
    if text.isascii():
        return places
    bounds = [0, *(bound for place in places for bound in place)]
    sizes = [len(text[start:stop].encode()) for start, stop in itertools.pairwise(bounds)]
    ends = list(itertools.accumulate(sizes))
    return list(zip(ends[::2], ends[1::2], strict=True))


def _without(text: pa.Buffer, cuts: Cuts) -> bytes:
    raw = text.to_pybytes()
    kept = [0, *(place for cut in cuts for place in cut), len(raw)]
    return b"".join(raw[start:stop] for start, stop in zip(kept[::2], kept[1::2], strict=True))
