"""What words are: the hash of each, what characters it has, and all of them joined without spaces."""

import numpy as np
from numpy.typing import NDArray

from ops.kernels.compiled import inlined, kernel
from ops.kernels.eight import HIGH, first_bytes, letters_alone, lowered, put_eight, up_to_eight
from ops.kernels.hashing import stir, stirred
from ops.kernels.unicode_tables import (
    ALPHABETIC,
    FLAGS,
    HAN,
    HAN_ABOVE_END,
    KINDS,
    PUNCTUATION,
    SYMBOL,
    TABLED,
    TERMINAL,
)
from ops.kernels.utf8 import code_point

# Where a word's bytes are, in `found`.
START, STOP = range(2)

# Marks of a word.
TEXT = 1  # not of symbols alone
LETTER = 2  # has a letter
UNPUNCTUATED = 4  # has something that is not punctuation
HANZI = 8  # has a Han character
ENDS = 16  # is a mark that ends a sentence
_WIDE = 32  # has a byte that is not ASCII

_0 = np.uint64(0)


def _mark_table() -> NDArray[np.uint8]:
    """Return the marks of a word of each character that is tabled."""
    table = np.zeros(TABLED, np.uint8)
    table[KINDS & SYMBOL == 0] |= TEXT
    table[FLAGS & ALPHABETIC != 0] |= LETTER
    table[KINDS & PUNCTUATION == 0] |= UNPUNCTUATED
    table[FLAGS & HAN != 0] |= HANZI
    table[KINDS & TERMINAL != 0] |= ENDS
    return table


_MARKS = _mark_table()
_ASCII_MARKS = np.append(_MARKS[:128], np.full(128, _WIDE, np.uint8))
OF_LETTERS = np.uint8(TEXT | LETTER | UNPUNCTUATED)
OF_HAN = np.uint8(OF_LETTERS | HANZI)
_OF_OTHERS = np.uint8(TEXT | UNPUNCTUATED)
_NO_END = np.uint8(0xFF ^ ENDS)


@kernel
def mark_of(point):  # type: ignore[no-untyped-def]
    """Return the marks of a word of one character."""
    if point < TABLED:
        return _MARKS[point]
    return OF_HAN if point < HAN_ABOVE_END else _OF_OTHERS


@kernel
def _wide_marks(data, start, stop):  # type: ignore[no-untyped-def]
    """Return the marks and the characters of a word that is not ASCII alone."""
    point, at = code_point(data, start)
    marks = mark_of(point)
    chars = 1
    while at < stop:
        point, at = code_point(data, at)
        marks |= mark_of(point)
        chars += 1
    return (marks if chars == 1 else marks & _NO_END), chars


@inlined
def put_word(word, start, size, one, two, mark, length, words):  # type: ignore[no-untyped-def]
    """Put a word of at most sixteen bytes, `one` and `two`, in its place; `words` is as `mark_word` has it."""
    found, values, joined, ends, chars, marks = words
    filled = ends[word]
    found[word, START] = start
    found[word, STOP] = start + size
    put_eight(joined, filled, one)
    value = _0
    if size > 8:
        put_eight(joined, filled + 8, two)
        value = stir(value, one)
        one = two
    values[word] = stirred(value, one, np.uint64(size))
    ends[word + 1] = filled + size
    chars[word + 1] = chars[word] + length
    marks[word] = mark


@inlined
def put_mark(word, start, byte, words):  # type: ignore[no-untyped-def]
    """Put a word of one ASCII character in its place."""
    put_word(word, start, 1, np.uint64(byte), _0, _ASCII_MARKS[byte], 1, words)


@kernel
def mark_word(data, word, words):  # type: ignore[no-untyped-def]
    """Hash and mark a word that is found, and join it to those before it.

    `words` is `found`, `values`, `joined`, `ends`, `chars`, `marks`. `joined` has room for 32 bytes more than the words
    have. `ends` and `chars` have one more number than there are words: bytes and characters up to each.
    """
    found, values, joined, ends, chars, marks = words
    start, stop = found[word, START], found[word, STOP]
    filled = ends[word]
    size = stop - start
    value = eight = _0
    done = np.int64(0)
    letters = True
    while done < size:
        rest = size - done
        eight = up_to_eight(data, start + done, min(rest, 8))
        put_eight(joined, filled + done, eight)
        letters = letters and letters_alone(lowered(eight)) == HIGH & first_bytes(min(rest, 8))
        done += 8
        if rest > 8:
            value = stir(value, eight)
    mark = OF_LETTERS
    if not letters:
        mark = np.uint8(0)
        for i in range(size):
            mark |= _ASCII_MARKS[data[np.uint64(start) + np.uint64(i)]]
    length = size
    if mark & _WIDE:
        wide, length = _wide_marks(data, start, stop)
        mark = np.uint8(wide)
    elif size > 1:
        mark &= _NO_END
    values[word] = stirred(value, eight, np.uint64(size))
    ends[word + 1] = filled + size
    chars[word + 1] = chars[word] + length
    marks[word] = mark


@kernel
def mark_words(data, count, words):  # type: ignore[no-untyped-def]
    """Hash and mark all of the words that are found."""
    words[3][0] = words[4][0] = 0
    for word in range(count):
        mark_word(data, word, words)
