"""The letters on both sides of strings that stand within words: what a word would be made of without the string."""

import numpy as np
from numpy.typing import NDArray

from ops.kernels.buffers import Bytes
from ops.kernels.compiled import inlined, kernel
from ops.kernels.unicode_tables import ALPHABETIC
from ops.kernels.utf8 import code_point, flags_of

_HAN_MAX = 8  # characters on a side that a word of Chinese may have
_LETTERS_MAX = 24  # the same of another script
_OF_ADDRESSES = tuple(b"./@=&?%\\")  # what stands before a part of one, or of a path
_ALPHABETIC = np.uint8(ALPHABETIC)
_HAN, _LATIN, _ANY = range(3)


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
