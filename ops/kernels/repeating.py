"""Whether a text may have lines twice: a gate, before its lines are looked at one by one."""

import numpy as np

from ops.kernels.compiled import inlined, kernel
from ops.kernels.eight import eight_bytes
from ops.kernels.hashing import stir, stirred
from ops.kernels.masks import newline
from ops.kernels.ngrams import room_for
from ops.kernels.text_lines import before_spaces, hash_bytes, past_spaces

_0, _1 = np.uint64(0), np.uint64(1)
_8 = 8
_LINE_END = 0x0A


@inlined
def _hash_ends(data, at, stop):  # type: ignore[no-untyped-def]
    """Return a hash, not 0, of how many bytes there are, of the first and last eight and of those in the middle."""
    size = stop - at
    if size < _8:
        return hash_bytes(data, at, stop)
    value = stir(stir(_0, eight_bytes(data, at)), eight_bytes(data, at + size // 2 - 4))
    return stirred(value, eight_bytes(data, stop - 8), np.uint64(size)) | _1


@inlined
def _is_same(data, other, at, stop):  # type: ignore[no-untyped-def]
    """Whether the bytes from another place on are those from here to a stop; their first eight and last are equal."""
    while at + 8 <= stop and eight_bytes(data, at) == eight_bytes(data, other):
        at += 8
        other += 8
    while at < stop and data[at] == data[other]:
        at += 1
        other += 1
    return at == stop


@kernel
def repeats_enough(data, start, end, limits, keys, places):  # type: ignore[no-untyped-def]
    """Whether lines that count are repeated so often that they may be a run: by a few bytes of each, then by all.

    Or whether one stands below itself, or the last line that is not blank stands before, too. Data is padded.
    """
    room, bits = room_for(len(keys) // 2)
    keys[:room] = 0
    shift = np.uint64(64 - bits)
    last_stop = before_spaces(data, start, end)
    last = last_stop
    while last > start and data[last - 1] != _LINE_END:
        last -= 1
    last = past_spaces(data, last, last_stop)
    last_size = last_stop - last
    shortest = min(limits.line_bytes, last_size)
    lines = size = 0
    previous = -1
    ends_as_before = False
    line = start
    while line < end:
        after = newline(data, line, end)
        if after - line >= shortest:
            at = past_spaces(data, line, after)
            stop = before_spaces(data, at, after)
            if stop - at == last_size and after < last:
                ends_as_before = ends_as_before or _is_same(data, last, at, stop)
            if stop - at >= limits.line_bytes:
                key = _hash_ends(data, at, stop)
                slot = np.int64(key >> shift)
                while keys[slot] and not (keys[slot] == key and _is_same(data, places[slot], at, stop)):
                    slot = (slot + 1) & (room - 1)
                if keys[slot]:
                    if places[slot] == previous:
                        return True
                    lines += 1
                    size += stop - at
                previous = at
                keys[slot] = key
                places[slot] = at
        line = after + 1
    return ends_as_before or (lines >= 2 and 2 * size >= limits.bytes)
