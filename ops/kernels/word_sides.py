"""The letters on both sides of strings that stand within words: what a word would be made of without the string."""

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from ops.kernels.buffers import Bytes, buffers_of
from ops.kernels.compiled import inlined, kernel
from ops.kernels.hashing import mix64
from ops.kernels.ngrams import room_for
from ops.kernels.unicode_tables import ALPHABETIC
from ops.kernels.utf8 import code_point, flags_of

_HAN_MAX = 8  # characters on a side that a word of Chinese may have
_LETTERS_MAX = 24  # the same of another script
_OF_ADDRESSES = tuple(b"./@=&?%\\")  # what stands before a part of one, or of a path
_ALPHABETIC = np.uint8(ALPHABETIC)
_HAN, _LATIN, _ANY = range(3)
_BY_CHANCE = 2  # letters of a string at either end that the words around all its places may share
_SMALL = np.array([byte + 0x20 if 0x41 <= byte <= 0x5A else byte for byte in range(256)], np.uint8)
_IS_LETTER = np.isin(_SMALL, [*range(0x61, 0x7B)])
_SEED, _FACTOR = np.uint64(0xCBF29CE484222325), np.uint64(0x9E3779B97F4A7C15)


@inlined
def _before(data, begin, at):  # type: ignore[no-untyped-def]
    """Return where the character before a place begins."""
    at -= 1
    while at > begin and data[at] & 0xC0 == 0x80:
        at -= 1
    return at


@inlined
def _is_letter(data, at, end, of):  # type: ignore[no-untyped-def]
    """Whether a character is a letter: one of Han, or of a script that parts its words, or any."""
    byte = data[at]
    if byte >= 0x80 and at + (2 if byte < 0xE0 else 3 if byte < 0xF0 else 4) > end:
        return False
    point = np.int64(code_point(data, at)[0])
    if of == _HAN:
        return 0x3400 <= point < 0xA000
    return (of == _ANY or point < 0x2E80 or point > 0xFFFF) and flags_of(point) & _ALPHABETIC != 0


@kernel
def _look(data, begins, ends, places, sizes, out):  # type: ignore[no-untyped-def]
    for one in range(len(places)):
        begin, end = np.int64(begins[one]), np.int64(ends[one])
        left = at = np.int64(places[one])
        right = stop = np.int64(places[one] + sizes[one])
        last = _before(data, begin, at)
        is_within = (
            begin < at and stop < end and _is_letter(data, last, end, _ANY) and _is_letter(data, stop, end, _ANY)
        )
        of = _HAN if begin < at and _is_letter(data, last, end, _HAN) else _LATIN
        most = _HAN_MAX if of == _HAN else _LETTERS_MAX
        for _ in range(most):
            if left == begin or not _is_letter(data, _before(data, begin, left), end, of):
                break
            left = _before(data, begin, left)
        for _ in range(most):
            if right == end or not _is_letter(data, right, end, of):
                break
            right = code_point(data, right)[1]
        if of == _LATIN and left > begin and data[left - 1] in _OF_ADDRESSES:
            left = at
            right = stop
        out[one, 0] = left
        out[one, 1] = right
        out[one, 2] = is_within


def letters_around(
    data: Bytes,
    begins: NDArray[np.int64],
    ends: NDArray[np.int64],
    places: NDArray[np.int64],
    sizes: NDArray[np.int64],
) -> NDArray[np.int64]:
    """Return from where letters before strings reach, to where those after them, and if there are any.

    Each string has its place, its size in bytes, and the text that it is in, from where to where. The letters are of
    one script, Han or another, by the character before the place; of an address there are none. Whether there is a
    letter on both sides, of any script, is 1 or 0.

    >>> text = "经【网】济 re[x]pair a.b[x]c".encode()
    >>> data, three = np.frombuffer(text, np.uint8), np.ones(3, np.int64)
    >>> letters_around(data, 0 * three, len(text) * three, np.array([3, 18, 29]), np.array([9, 3, 3])).tolist()
    [[0, 15, 1], [16, 25, 1], [29, 32, 1]]
    """
    out = np.empty((len(places), 3), np.int64)
    _look(data, begins, ends, places, sizes, out)
    return out


@inlined
def _hashed(value, data, at, stop):  # type: ignore[no-untyped-def]
    """Return the hash of what was hashed and of more bytes, letters as small ones."""
    for place in range(at, stop):
        value = (value ^ np.uint64(_SMALL[data[place]])) * _FACTOR
    return value


@inlined
def _slot_of(value, known):  # type: ignore[no-untyped-def]
    """Return where the hash of a word is among those known, or would be."""
    room = len(known)
    slot = np.int64(mix64(value) & np.uint64(room - 1))
    while known[slot] and known[slot] != value:
        slot = (slot + 1) & (room - 1)
    return slot


@kernel
def _add_words(data, offsets, known):  # type: ignore[no-untyped-def]
    for word in range(len(offsets) - 1):
        value = _hashed(_SEED, data, offsets[word], offsets[word + 1])
        known[_slot_of(value, known)] = value


def known_words(words: pa.Array) -> NDArray[np.uint64]:
    """Return a table of the hashes of words, for `may_join`."""
    known = np.zeros(int(room_for(len(words))[0]), np.uint64)
    _add_words(*buffers_of(words), known)
    return known


@inlined
def _letters_at_ends(data, at, stop):  # type: ignore[no-untyped-def]
    """Return how many letters of ASCII a string begins with, and how many it ends with: two at most."""
    first = last = 0
    while first < _BY_CHANCE and at + first < stop and _IS_LETTER[data[at + first]]:
        first += 1
    while last < _BY_CHANCE and stop - last > at and _IS_LETTER[data[stop - last - 1]]:
        last += 1
    return first, last


@kernel
def _may_join(data, places, sizes, bounds, first, known, out):  # type: ignore[no-untyped-def]
    for one in range(len(first) - 1):
        between_han = 0
        for n in range(first[one], first[one + 1]):
            left, at, right = bounds[n, 0], places[n], bounds[n, 1]
            between_han += at - left >= 3 and 0xE3 <= data[at - 3] <= 0xE9 and right > at + sizes[n]
        out[one] = 2 * between_han > first[one + 1] - first[one]
        for n in range(first[one], first[one + 1]):
            left, at, right = bounds[n, 0], places[n], bounds[n, 1]
            stop = at + sizes[n]
            firsts, lasts = _letters_at_ends(data, at, stop)
            for place in range(left, right):
                out[one] |= data[place] >= 0x80 and not at <= place < stop  # who knows which are capitals
            before = _hashed(_SEED, data, left, at)
            for own_first in range(firsts + 1):
                joined = _hashed(before, data, at, at + own_first)
                for own_last in range(lasts + 1):
                    word = _hashed(_hashed(joined, data, stop - own_last, stop), data, stop, right)
                    out[one] |= known[_slot_of(word, known)] == word


def may_join(
    data: Bytes,
    places: NDArray[np.int64],
    sizes: NDArray[np.int64],
    bounds: NDArray[np.int64],
    first: NDArray[np.int64],
    known: NDArray[np.uint64],
) -> NDArray[np.bool_]:
    """Say of each string whether what is around it may make a word at one of its places, with the letters it shares.

    String `n` has the places from `first[n]` to `first[n + 1]`, of which `letters_around` gives the bounds. Between Han
    it always may: `known` are words of other scripts, in small letters of ASCII.

    >>> data = np.frombuffer("re[x]pair a[x]b 经【网】济".encode(), np.uint8)
    >>> places, sizes = np.array([2, 11, 19]), np.array([3, 3, 9])
    >>> bounds = letters_around(data, 0 * places, 0 * places + len(data), places, sizes)
    >>> may_join(data, places, sizes, bounds, np.arange(4), known_words(pa.array(["repair"]))).tolist()
    [True, False, True]
    """
    out = np.zeros(len(first) - 1, np.bool_)
    _may_join(data, places, sizes, bounds, first, known, out)
    return out
