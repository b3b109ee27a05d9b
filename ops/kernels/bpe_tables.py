"""What the estimate of tokens looks up: classes of characters, costs, and which words and pairs are one token.

Costs and the filter are stored beside this file; tests/bench/calibrate_tokens.py makes them, a change of answers.
"""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ops.kernels.compiled import kernel
from ops.kernels.eight import lowered, up_to_eight
from ops.kernels.hashing import mix64, stir, stirred
from ops.kernels.unicode_tables import FLAGS, HAN, SPACE, TABLED, WORD

# What a character is. Of the last eight, each is a piece by itself; of Hanzi to unspaced letters, two may be one token.
NEWLINE, BLANK, OTHER_BLANK, DIGIT, SMALL, CAPITAL, LETTER, MARK = range(8)
HANZI, KANA, HANGUL, UNSPACED, WIDE_MARK, SYMBOL, BEYOND = range(8, 15)

# Where the counts of each kind of piece begin.
KNOWN = 0  # words of ASCII that are one token: by what is before, and by their capitals
KNOWN_OTHER = 6  # words with other letters: by what is before
UNKNOWN = 8  # words of ASCII that are not: by their capitals and length
UNKNOWN_OTHER = 68  # words with other letters: by alphabet and length, two bytes each
NUMBERS = 112
MARKS = 116
BLANKS = 142
CHARACTERS = 152
SIGNS = 168
COUNTS = 176

BITS = 1 << 19  # of the Bloom filter
_FILE = Path(__file__).with_name("bpe_tables.npz")
_0 = np.uint64(0)
_1 = np.uint64(1)
_6 = np.uint64(6)
_12 = np.uint64(12)
_32 = np.uint64(32)
_51 = np.uint64(64 - 13)  # what is left names one of the filter's 2^13 words
_63 = np.uint64(63)


def _classes() -> NDArray[np.uint8]:
    points = np.arange(TABLED)
    word, space = FLAGS & WORD > 0, FLAGS & SPACE > 0

    def within(*ranges: tuple[int, int]) -> NDArray[np.bool_]:
        found: NDArray[np.bool_] = np.zeros(TABLED, np.bool_)
        for first, last in ranges:
            found[first : last + 1] = True
        return found

    spaced = within(
        (0, 0x8FF), (0x10A0, 0x10FF), (0x1C80, 0x1FFF), (0x2C00, 0x2DFF), (0xA640, 0xA7FF), (0xAB30, 0xABBF)
    )
    ascii_ = points < 0x80
    rules = [
        (within((0x0A, 0x0A), (0x0D, 0x0D)), NEWLINE),
        (points == 0x20, BLANK),
        (space, OTHER_BLANK),
        (within((0x30, 0x39)), DIGIT),
        (within((0x61, 0x7A)), SMALL),
        (within((0x41, 0x5A)), CAPITAL),
        (ascii_, MARK),
        (word & within((0x3040, 0x3096), (0x3099, 0x30FF), (0x31F0, 0x31FF), (0xFF66, 0xFF9F)), KANA),
        (word & within((0xAC00, 0xD7A3), (0x1100, 0x11FF), (0x3130, 0x318F)), HANGUL),
        (FLAGS & HAN > 0, HANZI),
        (word & spaced, LETTER),
        (word & (points < 0x10000), UNSPACED),
        (within((0x3000, 0x303F), (0xFF00, 0xFFEF)), WIDE_MARK),
        (points < 0x10000, SYMBOL),
    ]
    return np.select([rule for rule, _ in rules], [kind for _, kind in rules], BEYOND).astype(np.uint8)


CLASSES = _classes()
with np.load(_FILE) as _stored:
    KNOWN_FILTER: NDArray[np.uint64] = _stored["known"]
    COSTS: NDArray[np.int64] = _stored["costs"].astype(np.int64)


@kernel
def word_hash(data, start, end, is_ascii):  # type: ignore[no-untyped-def]
    """Return the hash of a word by its first and last eight bytes; small letters, where all are of ASCII."""
    size = end - start
    head = up_to_eight(data, start, min(size, 8))
    tail = up_to_eight(data, max(start + 8, end - 8), min(8, size - 8)) if size > 8 else _0
    if is_ascii:
        head, tail = lowered(head), lowered(tail)
    return stirred(stir(_0, head), tail, np.uint64(size))


@kernel
def pair_hash(one, two):  # type: ignore[no-untyped-def]
    """Return the hash of two characters, or of one and 0."""
    return mix64(np.uint64(one) | np.uint64(two) << _32)


@kernel
def bits_of(value):  # type: ignore[no-untyped-def]
    """Return the word of the filter that a hash falls on, and the three bits in it."""
    return np.int64(value >> _51), _1 << (value & _63) | _1 << (value >> _6 & _63) | _1 << (value >> _12 & _63)
