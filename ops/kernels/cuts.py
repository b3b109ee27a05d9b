"""Texts without some of their lines or sentences: which stretches of bytes go, and what is left."""

import numpy as np
import pyarrow as pa
from numba import njit
from numpy.typing import NDArray

from ops.kernels.buffers import Bytes, Offsets, buffers_of, strings_from
from ops.kernels.compiled import inlined
from ops.kernels.lines import BEFORE, END, LINE, NEXT, START, STOP, Pieces, span_hash
from ops.kernels.utf8 import code_point


@njit(cache=True, nogil=True)
def _mark(first, hashes, letters, span, enough, wanted, near, shift, hit):  # type: ignore[no-untyped-def]
    """Mark the pieces of spans whose hash is one of the sorted `wanted`; `near` tells by the highest bits alone."""
    for value in wanted:
        near[value >> shift] = True
    for row in range(len(first) - 1):
        for at in range(first[row], first[row + 1] - span + 1):
            value = span_hash(hashes, letters, at, span, enough)
            if not value or not near[value >> shift]:
                continue
            place = np.searchsorted(wanted, value)
            if place < len(wanted) and wanted[place] == value:
                hit[at : at + span] = True


@njit(cache=True, nogil=True)
def _cut_line(at, hit, one, end, left, right, cuts):  # type: ignore[no-untyped-def]
    """Write the cuts of a line's pieces `one` to `end`: the line from `left` to `right`, where all of them go."""
    last_kept = end - 1
    while last_kept >= one and hit[last_kept]:
        last_kept -= 1
    for piece in range(one, end):
        if not hit[piece]:
            continue
        if last_kept < one:
            cuts[piece, 0] = left if piece == one else at[piece, START]
            cuts[piece, 1] = right if piece == end - 1 else at[piece + 1, START]
        elif piece < last_kept:
            # With the spaces after it: those before are what parts "one." from the next sentence.
            cuts[piece, 0] = at[piece, START]
            cuts[piece, 1] = at[piece + 1, START]
        else:
            cuts[piece, 0] = at[piece - 1, STOP]
            cuts[piece, 1] = at[piece, STOP]
    return last_kept < one


@njit(cache=True, nogil=True)
def _cut_all(offsets, first, at, hit, cuts):  # type: ignore[no-untyped-def]
    for row in range(len(first) - 1):
        end = first[row + 1]
        # A line goes with its line end; the last lines of a text that ends in none, with the ends before them.
        tail = np.int64(offsets[row + 1])
        while end > first[row]:
            one = end - 1
            while one > first[row] and at[one - 1, LINE] == at[one, LINE]:
                one -= 1
            last = at[one, NEXT] == tail and (at[one, END] == tail or end < first[row + 1])
            left, right = (at[one, BEFORE], at[one, END]) if last else (at[one, LINE], at[one, NEXT])
            whole = _cut_line(at, hit, one, end, left, right, cuts)
            tail = at[one, LINE] if last and whole else np.int64(-1)
            end = one


@inlined
def _put(out, to, data, start, stop):  # type: ignore[no-untyped-def]
    """Copy a stretch of bytes; return where it ends. Byte by byte of views: so it is compiled to what copies 32."""
    source, target = data[start:stop], out[to : to + stop - start]
    for i in range(len(target)):
        target[i] = source[i]
    return to + stop - start


@njit(cache=True, nogil=True)
def _copy(data, starts, stops, out, out_offsets):  # type: ignore[no-untyped-def]
    to = 0
    for i in range(len(starts)):
        to = _put(out, to, data, starts[i], stops[i])
        out_offsets[i + 1] = to


@njit(cache=True, nogil=True)
def _shorten(data, starts, stops, chars):  # type: ignore[no-untyped-def]
    """Move each stop to where so many characters end, if that is earlier."""
    for i in range(len(starts)):
        at = starts[i]
        for _ in range(chars):
            if at >= stops[i]:
                break
            _, at = code_point(data, at)
        stops[i] = min(stops[i], at)


@njit(cache=True, nogil=True)
def _without(data, offsets, cuts, puts, put_offsets, out, out_offsets):  # type: ignore[no-untyped-def]
    to = 0
    cut = 0
    for row in range(len(offsets) - 1):
        at = np.int64(offsets[row])
        while cut < len(cuts) and cuts[cut, 0] < offsets[row + 1]:
            to = _put(out, to, data, at, cuts[cut, 0])
            to = _put(out, to, puts, np.int64(put_offsets[cut]), np.int64(put_offsets[cut + 1]))
            at = cuts[cut, 1]
            cut += 1
        to = _put(out, to, data, at, np.int64(offsets[row + 1]))
        out_offsets[row + 1] = to
    return to


def cuts_of(pieces: Pieces, offsets: Offsets, wanted: NDArray[np.uint64], span: int, enough: int) -> NDArray[np.int64]:
    """Return pieces x 2: from which byte to which each goes that is part of a span whose hash is among `wanted`.

    `wanted` is sorted. Both are 0 where a piece stays.
    """
    hit = np.zeros(len(pieces.hashes), np.bool_)
    # Eight times as many slots as hashes: of the lines that are not wanted, one in eight is searched for.
    bits = (8 * len(wanted) + 1).bit_length()
    near = np.zeros(1 << bits, np.bool_)
    shift = np.uint64(64 - bits)
    _mark(pieces.first, pieces.hashes, pieces.letters, span, max(enough, 1), wanted, near, shift, hit)
    return cuts_of_pieces(pieces.first, pieces.at, hit, offsets)


def cuts_of_pieces(
    first: NDArray[np.int64], at: NDArray[np.int64], hit: NDArray[np.bool_], offsets: Offsets
) -> NDArray[np.int64]:
    """Return pieces x 2: from which byte to which each goes that is hit, 0 where it stays.

    `first` and `at` are those of `Pieces`; lines of which all pieces stay may be missing from them.
    """
    cuts = np.zeros((len(hit), 2), np.int64)
    _cut_all(offsets, first, at, hit, cuts)
    return cuts


def without(data: Bytes, offsets: Offsets, cuts: NDArray[np.int64], puts: pa.Array | None = None) -> pa.Array:
    """Return the texts without some stretches of bytes (n x 2: from, to), which are in order and do not overlap.

    `puts` are strings that stand in their place.

    >>> data, offsets = np.frombuffer(b"abcde", np.uint8), np.array([0, 3, 5], np.int32)
    >>> without(data, offsets, np.array([[1, 2], [3, 4]])).to_pylist()
    ['ac', 'e']
    >>> without(data, offsets, np.array([[1, 2], [3, 4]]), pa.array(["x", "yz"])).to_pylist()
    ['axc', 'yze']
    """
    put, at = buffers_of(puts) if puts is not None else (data[:0], np.zeros(len(cuts) + 1, np.int32))
    left = int(offsets[-1] - offsets[0]) - int((cuts[:, 1] - cuts[:, 0]).sum()) + int(at[-1] - at[0])
    out, starts = np.empty(left, np.uint8), np.zeros(len(offsets), np.int32)
    _without(data, offsets, cuts, put, at, out, starts)
    return strings_from(out, starts)


def stretches(data: Bytes, cuts: NDArray[np.int64], chars_max: int) -> pa.Array:
    """Return the text of each stretch of bytes, at most its first `chars_max` characters.

    >>> stretches(np.frombuffer("中文字".encode(), np.uint8), np.array([[0, 9], [6, 9]]), 2).to_pylist()
    ['中文', '字']
    """
    starts, stops = cuts[:, 0].copy(), cuts[:, 1].copy()
    _shorten(data, starts, stops, chars_max)
    out, offsets = np.empty(int((stops - starts).sum()), np.uint8), np.zeros(len(cuts) + 1, np.int32)
    _copy(data, starts, stops, out, offsets)
    return strings_from(out, offsets)
