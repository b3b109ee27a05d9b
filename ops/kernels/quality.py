"""The counts behind Gopher's quality rules (Rae et al. 2021, arXiv 2112.11446, A1.1), in one walk over the bytes.

A word is a run of letters, digits and marks, with apostrophes inside it; in an unspaced script each character is a
word, so that a Chinese page is not one word. A run of symbols that stands alone, between spaces, counts among all
words, but not for their number and length; punctuation at a word is neither a word nor part of one, so that links do
not make long words and dialogue is not taken for symbols.
"""

import numpy as np
import pyarrow as pa
from numba import njit
from numpy.typing import NDArray

from ops.kernels.buffers import buffers_of
from ops.kernels.unicode_tables import ALPHABETIC, HAN, SINGLE, SPACE, WORD
from ops.kernels.utf8 import code_point, flags_of

# The columns that the kernel writes.
WORDS = 0  # all words, symbols too
COUNTED_WORDS = 1  # words with a letter or digit
COUNTED_CHARS = 2  # characters of those words
ALPHABETIC_WORDS = 3  # words with a letter
HASHES = 4  # occurrences of "#"
ELLIPSES = 5  # occurrences of "..." and "…"
LINES = 6  # lines with something on them
BULLET_LINES = 7  # of those, that start with "•" or "-"
ELLIPSIS_LINES = 8  # of those, that end with "..." or "…"
ENGLISH_STOP_WORDS = 9  # distinct ones present
CHINESE_STOP_WORDS = 10
HAN_WORDS = 11  # words that are a Han character
COLUMNS = 12

_SPACE = np.uint8(SPACE)
_ALPHABETIC = np.uint8(ALPHABETIC)
_WORD = np.uint8(WORD)
_SINGLE = np.uint8(SINGLE)
_HAN = np.uint8(HAN)

_BASIS = np.uint64(0xCBF29CE484222325)
_PRIME = np.uint64(0x100000001B3)


def _word_hash(word: str) -> int:
    value = 0xCBF29CE484222325
    for char in word:
        value = ((value ^ ord(char)) * 0x100000001B3) % (1 << 64)
    return value


# Gopher's eight, and FineWeb-2's for Chinese (configs/cmn_Hani.yml), each a single character.
_ENGLISH = np.array([_word_hash(w) for w in ("the", "be", "to", "of", "and", "that", "have", "with")], np.uint64)
_CHINESE = np.array([ord(c) for c in "的年在月是和日了於·為有被人中为他與後也而由"], np.int32)


@njit(cache=True, nogil=True)
def _end_word(out, chars, kind, value, english):  # type: ignore[no-untyped-def]
    """Count the word that ends here; return the English stop words seen so far, a bit each."""
    out[WORDS] += 1
    out[COUNTED_WORDS] += 1
    out[COUNTED_CHARS] += chars
    out[ALPHABETIC_WORDS] += (kind & _ALPHABETIC) != 0
    if 2 <= chars <= 4:
        for k in range(len(_ENGLISH)):
            if value == _ENGLISH[k]:
                english |= np.uint32(1) << np.uint32(k)
    return english


@njit(cache=True, nogil=True)
def _measure(data, start, end, out):  # type: ignore[no-untyped-def]
    out[:] = 0
    english = chinese = np.uint32(0)
    chars = 0  # of the run so far
    is_word = False  # or a run of symbols
    stands_apart = True  # a space is before it
    kind = np.uint8(0)  # flags of its characters, or-ed
    value = _BASIS
    dots = 0  # full stops in a row so far
    line_has_text = line_is_bullet = line_ends_in_ellipsis = False
    at = start
    while at <= end:
        if at < end:
            point, after = code_point(data, at)
            flags = flags_of(point)
        else:
            point, after, flags = np.int32(0x0A), at + 1, _SPACE
        alone = flags & _SINGLE
        joins = (flags & _WORD) != 0 or (is_word and chars > 0 and (point == 0x27 or point == 0x2019))  # noqa: PLR1714
        if chars and (flags & _SPACE or alone or joins != is_word):
            if is_word:
                english = _end_word(out, chars, kind, value, english)
            elif stands_apart and flags & _SPACE:
                out[WORDS] += 1
            stands_apart = False
            chars = 0
            kind = np.uint8(0)
            value = _BASIS
        if flags & _SPACE:
            if point == 0x0A or point == 0x0D or point == 0x2028 or point == 0x85:  # noqa: PLR1714 - a kernel: no set
                if line_has_text:
                    out[LINES] += 1
                    out[BULLET_LINES] += line_is_bullet
                    out[ELLIPSIS_LINES] += line_ends_in_ellipsis
                line_has_text = line_is_bullet = line_ends_in_ellipsis = False
            dots = 0
            stands_apart = True
            at = after
            continue
        if not line_has_text:
            line_is_bullet = point == 0x2022 or point == 0x2D  # noqa: PLR1714
            line_has_text = True
        dots = dots + 1 if point == 0x2E else 0
        line_ends_in_ellipsis = dots >= 3 or point == 0x2026
        out[HASHES] += point == 0x23
        out[ELLIPSES] += point == 0x2026 or (dots > 0 and dots % 3 == 0)
        if alone or point == 0xB7:
            for k in range(len(_CHINESE)):
                if point == _CHINESE[k]:
                    chinese |= np.uint32(1) << np.uint32(k)
        if alone:
            out[WORDS] += 1
            out[COUNTED_WORDS] += 1
            out[COUNTED_CHARS] += 1
            out[ALPHABETIC_WORDS] += (flags & _ALPHABETIC) != 0
            out[HAN_WORDS] += (flags & _HAN) != 0
            stands_apart = False
        else:
            is_word = joins
            chars += 1
            kind |= flags
            value = (value ^ np.uint64(point)) * _PRIME
        at = after
    for k in range(32):
        out[ENGLISH_STOP_WORDS] += (english >> np.uint32(k)) & np.uint32(1)
        out[CHINESE_STOP_WORDS] += (chinese >> np.uint32(k)) & np.uint32(1)


@njit(cache=True, nogil=True)
def _measure_all(data, offsets, out):  # type: ignore[no-untyped-def]
    for row in range(len(offsets) - 1):
        _measure(data, offsets[row], offsets[row + 1], out[row])


def measure(strings: pa.ChunkedArray | pa.Array) -> NDArray[np.int64]:
    r"""Return the counts named above for each string, n x COLUMNS.

    >>> counts = measure(pa.array(["The cat, and 3 dogs...\n- #one 今天"]))[0]
    >>> counts[[WORDS, COUNTED_WORDS, ELLIPSES, LINES, BULLET_LINES, ENGLISH_STOP_WORDS]].tolist()
    [9, 8, 1, 2, 1, 1]
    """
    data, offsets = buffers_of(strings)
    out = np.empty((len(offsets) - 1, COLUMNS), np.int64)
    _measure_all(data, offsets, out)
    return out
