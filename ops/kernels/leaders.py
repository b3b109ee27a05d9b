"""Greedy choice of the documents that stay: who is similar to someone kept goes.

Documents come best ranked first. Each is compared with the kept ones ("leaders") that have a key in common with it; if
one is similar enough, the document goes and the most similar leader is recorded; else it becomes a leader itself. So
nothing is removed for resembling a document that was removed: a chain A~B~C keeps C unless C resembles A.
"""

from dataclasses import dataclass

import numpy as np
from numba import njit
from numpy.typing import NDArray

_NONE = np.int64(-1)


@dataclass(frozen=True)
class Candidates:
    """Documents to choose among, best ranked first.

    They are compared by `signatures` (documents x permutations, share of equal minima) where `offsets` is empty, else
    by sets: those of document n are `values[offsets[n]:offsets[n + 1]]`, sorted and distinct (Jaccard index).
    """

    keys: NDArray[np.uint64]  # documents x bands
    stays: NDArray[np.bool_]  # whatever it resembles
    signatures: NDArray[np.uint32]
    offsets: NDArray[np.int64]
    values: NDArray[np.uint32]


@dataclass(frozen=True)
class Choice:
    """For each document the leader most similar to it, -1 where it has none, and how similar.

    `compared` tells how many leaders it was compared with in each band; one more than the bound where there were more.
    """

    leader: NDArray[np.int64]
    similarity: NDArray[np.float64]
    compared: NDArray[np.int32]  # documents x bands


@njit(cache=True, nogil=True)
def jaccard(one, two):  # type: ignore[no-untyped-def]
    """Return the Jaccard index of two sorted arrays of distinct numbers; 0 where both are empty."""
    i = j = both = 0
    while i < len(one) and j < len(two):
        if one[i] == two[j]:
            both += 1
            i += 1
            j += 1
        elif one[i] < two[j]:
            i += 1
        else:
            j += 1
    union = len(one) + len(two) - both
    return both / union if union else 0.0


@njit(cache=True, nogil=True)
def agreement(one, two):  # type: ignore[no-untyped-def]
    """Return the share of equal minima of two signatures: an estimate of the Jaccard index."""
    equal = 0
    for k in range(len(one)):
        equal += one[k] == two[k]
    return equal / len(one)


@njit(cache=True, nogil=True)
def _choose(  # type: ignore[no-untyped-def]
    buckets,
    bucket_count,
    stays,
    signatures,
    offsets,
    values,
    least,
    compare_max,
    known,
    only_known,
    leader,
    similarity,
    compared,
):
    rows, bands = buckets.shape
    first = np.full(bucket_count, _NONE, np.int64)
    last = np.full(bucket_count, _NONE, np.int64)
    after = np.full((rows, bands), _NONE, np.int64)
    heads = np.empty(bands, np.int64)
    for row in range(rows):
        if row >= known and not stays[row]:
            for band in range(bands):
                heads[band] = first[buckets[row, band]]
                if compared[row, band] >= compare_max and heads[band] != _NONE:
                    compared[row, band] = compare_max + 1
                    heads[band] = _NONE
            while True:
                # Leaders of all its buckets, best ranked first, each once.
                other = _NONE
                for band in range(bands):
                    if heads[band] != _NONE and (other == _NONE or heads[band] < other):
                        other = heads[band]
                if other == _NONE:
                    break
                for band in range(bands):
                    if heads[band] == other:
                        compared[row, band] += 1
                        heads[band] = after[other, band]
                        if compared[row, band] == compare_max and heads[band] != _NONE:
                            compared[row, band] = compare_max + 1
                            heads[band] = _NONE
                if len(offsets):
                    same = jaccard(values[offsets[row] : offsets[row + 1]], values[offsets[other] : offsets[other + 1]])
                else:
                    same = agreement(signatures[row], signatures[other])
                if same >= least and same > similarity[row]:
                    similarity[row] = same
                    leader[row] = other
        if row < known or (similarity[row] < least and not only_known):
            for band in range(bands):
                bucket = buckets[row, band]
                if first[bucket] == _NONE:
                    first[bucket] = row
                else:
                    after[last[bucket], band] = row
                last[bucket] = row


def nothing_chosen(rows: int, bands: int) -> Choice:
    """Return the choice before any comparison."""
    return Choice(np.full(rows, _NONE, np.int64), np.full(rows, -1.0), np.zeros((rows, bands), np.int32))


def choose_leaders(
    candidates: Candidates, so_far: Choice, least: float, compare_max: int, *, known: int | None = None
) -> Choice:
    """Choose who stays; a document is compared with the `compare_max` best ranked leaders of each key that it has.

    A bound on all its keys together would be used up by one hot key, such as a template's, before its own original is
    met: of 500 copies in a template of similarity 0.5 it left 189.

    With `known`, the first so many candidates are leaders chosen before, the others are compared with them alone, and
    none becomes a leader: other leaders, and each other, are yet to come. `so_far` is what such calls found. Leaders
    are numbered among all candidates, -1 where this call found none that is better than the one so far.
    """
    rows = len(so_far.leader)
    leading = known or 0
    if not rows:
        return so_far
    _, buckets = np.unique(candidates.keys, return_inverse=True)
    buckets = buckets.reshape(candidates.keys.shape)
    unknown = nothing_chosen(leading, candidates.keys.shape[1])
    similarity, compared = (
        np.concatenate([ours, theirs])
        for ours, theirs in ((unknown.similarity, so_far.similarity), (unknown.compared, so_far.compared))
    )
    leader = np.full(leading + rows, _NONE, np.int64)
    _choose(
        buckets,
        int(buckets.max()) + 1,
        candidates.stays,
        candidates.signatures,
        candidates.offsets,
        candidates.values,
        least,
        compare_max,
        leading,
        known is not None,
        leader,
        similarity,
        compared,
    )
    return Choice(leader[leading:], similarity[leading:], compared[leading:])
