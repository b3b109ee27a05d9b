"""Hash of text that ignores case, width and runs of spaces, in words of eight bytes."""

import numpy as np
from numba import njit

from ops.kernels.eight import HIGH, eight_bytes, lowered
from ops.kernels.hashing import pack, stir, stirred
from ops.kernels.unicode_tables import FLAGS, FOLDED, SINGLE, SPACE, TABLED, WORD
from ops.kernels.utf8 import code_point, flags_of

_SPACE = np.uint8(SPACE)
_WORD = np.uint8(WORD)
_SINGLE = np.uint8(SINGLE)
_BLANK = np.uint64(0x20)
_8 = np.uint64(8)
_24 = np.uint64(24)
_64 = np.uint64(64)
_MARK = np.uint64(0x800000)
# A character of a script without spaces is a word or most of one: it counts as three letters.
_LETTERS_OF_SINGLE = 3

_ASCII = np.where(FLAGS[:128] & SPACE, 0x20, FOLDED[:128]).astype(np.uint64)
_ASCII_LETTERS = ((FLAGS[:128] & WORD) != 0).astype(np.int64)
# Eight ASCII bytes at once: what to add to each so that its high bit tells something of it.
_FROM_BLANK = np.uint64(0x6060606060606060)  # set: at least 0x20
_NOT_ZERO = np.uint64(0x7F7F7F7F7F7F7F7F)
_BLANKS = np.uint64(0x2020202020202020)
_1 = np.uint64(1)
_2 = np.uint64(2)
_6 = np.uint64(6)
_12 = np.uint64(12)
_7 = np.uint64(7)
_63 = np.uint64(63)


@njit(cache=True, nogil=True)
def _three(data, at):  # type: ignore[no-untyped-def]
    one, two, three = data[np.uint64(at)], data[np.uint64(at) + _1], data[np.uint64(at) + _2]
    return np.uint64(one & 0xF) << _12 | np.uint64(two & 0x3F) << _6 | np.uint64(three & 0x3F) | _MARK


@njit(cache=True, nogil=True)
def hash_folded(data, at, stop, enough):  # type: ignore[no-untyped-def]
    """Return the hash of bytes without outer spaces, and how many letters they have, counted until there are enough.

    The folded characters are packed into words of 64 bits, and each full word is stirred in. An ASCII character is a
    byte, another one is three bytes with the highest bit set: read from the end, no two texts are packed alike.
    """
    value = word = filled = np.uint64(0)
    length = np.uint64(0)
    letters = 0
    spaced = np.uint64(0)
    while at < stop:
        byte = data[at]
        width = _8
        if byte < 0x80:
            if letters >= enough and at + 8 <= stop:
                eight = eight_bytes(data, at)
                if not eight & HIGH:
                    spaces = ~((eight ^ _BLANKS) + _NOT_ZERO) & HIGH
                    if not (~(eight + _FROM_BLANK) & HIGH) | (spaces & (spaces << _8 | spaced << _7)):
                        eight = lowered(eight)
                        value = stir(value, word | eight << filled)
                        word = eight >> (_64 - filled) if filled else np.uint64(0)
                        length += _64
                        spaced = spaces >> _63
                        at += 8
                        continue
            unit = _ASCII[byte]
            letters += _ASCII_LETTERS[byte]
            at += 1
        else:
            width = _24
            if 0xE5 <= byte <= 0xE9:  # U+5000..9FFF: Han, which folds to itself
                unit = _three(data, at)
                letters += _LETTERS_OF_SINGLE
                at += 3
            else:
                point, at = code_point(data, at)
                flags = flags_of(point)
                letters += (flags & _WORD != 0) + (flags & _SINGLE != 0) * (_LETTERS_OF_SINGLE - 1)
                unit = np.uint64(FOLDED[point] if point < TABLED else point)
                if flags & _SPACE or unit < 0x80:
                    unit = _BLANK if flags & _SPACE else unit
                    width = _8
                else:
                    unit |= _MARK
        blank = np.uint64(unit == _BLANK)
        if blank & spaced:
            continue
        spaced = blank
        length += width
        value, word, filled = pack(value, word, filled, unit, width)
    return max(stirred(value, word, length), np.uint64(1)), letters
