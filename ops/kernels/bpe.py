"""How many tokens a byte-pair tokenizer of today would make of a text: an estimate from counts, without merging pairs.

A text falls into words, numbers, white space, punctuation, and characters of scripts without spaces. What matters of
each piece is counted (is it a word that vocabularies hold, how long is it, what stands before), each count has a cost
in thousandths of a token, and the estimate is their sum. Costs are least squares to what real tokenizers gave, and
what is known is a Bloom filter of what at least two of three vocabularies hold as one token. tests/bench/RESULTS.md has
the errors.
"""

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from ops.kernels.bpe_tables import (
    BEYOND,
    BLANK,
    BLANKS,
    CAPITAL,
    CHARACTERS,
    CLASSES,
    COSTS,
    COUNTS,
    DIGIT,
    HANZI,
    KNOWN,
    KNOWN_FILTER,
    KNOWN_OTHER,
    LETTER,
    MARK,
    MARKS,
    NEWLINE,
    NUMBERS,
    OTHER_BLANK,
    SIGNS,
    SMALL,
    SYMBOL,
    UNKNOWN,
    UNKNOWN_OTHER,
    UNSPACED,
    WIDE_MARK,
    bits_of,
    pair_hash,
    word_hash,
)
from ops.kernels.buffers import buffers_of
from ops.kernels.compiled import inlined, kernel
from ops.kernels.eight import HIGH, eight_bytes, letters_alone, lowered, trailing_zeros
from ops.kernels.unicode_tables import TABLED
from ops.kernels.utf8 import code_point

_BYTES_MAX = 15  # of a word that is counted by its length; what is beyond is counted by bytes
_PAIRS_MAX = 19
_MARKS_MAX = 9
_BLANKS_MAX = 128  # white space of one token, in the vocabularies with the longest

_0 = np.uint64(0)
_1 = np.uint64(1)
_2 = np.uint64(2)
_3 = np.uint64(3)
_7 = np.uint64(7)
_8 = np.uint64(8)
_56 = np.uint64(56)
_128 = np.uint64(128)
_THOUSANDTHS = 1000


@inlined
def _class_of(point):  # type: ignore[no-untyped-def]
    return np.int64(CLASSES[point]) if point < TABLED else BEYOND


@inlined
def _is_known(known, value):  # type: ignore[no-untyped-def]
    word, bits = bits_of(value)
    return np.int64(known[word] & bits == bits)


@inlined
def _letters(data, at, end):  # type: ignore[no-untyped-def]
    """Return where the letters of ASCII end that start here, or a word within them, and whether all are capitals.

    Also whether the last is a small one: a word ends before a capital that follows a small letter.
    """
    capitals = True
    after_small = _0
    while at + 8 <= end:
        eight = eight_bytes(data, at)
        letters = letters_alone(lowered(eight))
        small = letters & eight << _2
        stops = (letters ^ HIGH) | (letters & ~small & (small << _8 | after_small))
        if stops:
            bits = trailing_zeros(stops) - _7
            small &= (_1 << bits) - _1
            at += np.int64(bits >> _3)
            return at, capitals and small == 0, (small << _8 | after_small) >> bits & _128 > 0
        capitals = capitals and small == 0
        after_small = small >> _56
        at += 8
    while at < end:
        kind = CLASSES[data[np.uint64(at)]]
        if not SMALL <= kind <= CAPITAL or (kind == CAPITAL and after_small):
            break
        capitals = capitals and kind == CAPITAL
        after_small = np.uint64(kind == SMALL) << _7
        at += 1
    return at, capitals, after_small > 0


@inlined
def _word(data, start, end, led, known, counts):  # type: ignore[no-untyped-def]
    """Count a word that starts here; return where it ends."""
    at, capitals, is_small = _letters(data, start, end)
    others, alphabet = False, np.int64(0)
    while at < end and (others or data[np.uint64(at)] >= 0x80):
        point, after = code_point(data, at)
        kind = _class_of(point)
        if kind < SMALL or kind > LETTER or (kind == CAPITAL and is_small):
            break
        if kind == LETTER:
            others = True
            alphabet = np.int64(point >= 0x250)
        is_small = kind == SMALL
        at = after
    size = at - start
    is_known = _is_known(known, word_hash(data, start, at, not others))
    if others:
        if is_known:
            counts[KNOWN_OTHER + led] += 1
        else:
            counts[UNKNOWN_OTHER + 22 * alphabet + min(size // 2, _PAIRS_MAX)] += 1
            counts[UNKNOWN_OTHER + 22 * alphabet + 20] += max(0, size - 2 * _PAIRS_MAX)
            counts[UNKNOWN_OTHER + 22 * alphabet + 21] += led
        return at
    shape = 2 if capitals and size > 1 else np.int64(data[np.uint64(start)] < 0x61)
    if is_known:
        counts[KNOWN + 3 * led + shape] += 1
    else:
        counts[UNKNOWN + 20 * shape + min(size, _BYTES_MAX)] += 1
        counts[UNKNOWN + 20 * shape + 16] += max(0, size - _BYTES_MAX)
        counts[UNKNOWN + 20 * shape + 17] += led
    return at


@inlined
def _blanks(data, start, end, before, counts):  # type: ignore[no-untyped-def]
    """Count white space that starts here; return where it ends, and whether in a space, which the next word takes."""
    if data[np.uint64(start)] == 0x20 and start + 1 < end and 0x20 < data[np.uint64(start + 1)] < 0x80:
        counts[BLANKS + 6] += 1
        return start + 1, 1
    at = start
    lines = spaces = 0
    while at < end:
        point, after = code_point(data, at)
        kind = _class_of(point)
        if kind > OTHER_BLANK:
            break
        lines += kind == NEWLINE
        spaces = spaces + 1 if kind == BLANK else 0
        at = after
    if lines:
        counts[BLANKS + 2 * (before in (MARK, WIDE_MARK)) + (lines > 1)] += 1
        if spaces:
            counts[BLANKS + 4 + (spaces > 1)] += 1
    elif spaces == at - start:
        counts[BLANKS + 6 + (spaces > 1)] += 1
    else:
        counts[BLANKS + 8] += 1
    counts[BLANKS + 9] += (at - start) // _BLANKS_MAX
    return at, np.int64(spaces > 0)


@inlined
def _marks(data, start, end, led, counts):  # type: ignore[no-untyped-def]
    """Count the punctuation of ASCII that starts here; return where it ends."""
    first = data[np.uint64(start)]
    at = start + 1
    alike = True
    while at < end and data[np.uint64(at)] < 0x80 and CLASSES[data[np.uint64(at)]] == MARK:
        alike = alike and data[np.uint64(at)] == first
        at += 1
    size = at - start
    counts[MARKS + 11 * alike + min(size, _MARKS_MAX)] += 1
    counts[MARKS + 11 * alike + 10] += max(0, size - _MARKS_MAX)
    counts[MARKS + 22] += led
    if size == 1 and at < end and data[np.uint64(at)] < 0x80 and CLASSES[data[np.uint64(at)]] == SMALL:
        counts[MARKS + 23] += 1
    return at


@kernel
def _tally(data, at, end, known, counts):  # type: ignore[no-untyped-def]
    led = 0
    before = NEWLINE
    while at < end:
        start = at
        point, at = code_point(data, start)
        kind = _class_of(point)
        if SMALL <= kind <= LETTER:
            at = _word(data, start, end, led, known, counts)
        elif kind <= OTHER_BLANK:
            at, led = _blanks(data, start, end, before, counts)
            before = kind
            continue
        elif kind == MARK:
            at = _marks(data, start, end, led, counts)
        elif kind == DIGIT:
            while at < end and np.uint8(data[np.uint64(at)] - 48) < 10:
                at += 1
            counts[NUMBERS] += at - start
            counts[NUMBERS + 1] += (at - start + 2) // 3
            counts[NUMBERS + 2] += led
        elif kind <= UNSPACED:
            of = CHARACTERS + 4 * (kind - HANZI)
            counts[of + 3] += led
            two, after = code_point(data, at) if at < end else (0, at)
            if two >= 0x80 and _is_known(known, pair_hash(point, two)):
                counts[of] += 1
                at = after
            else:
                counts[of + 2 - _is_known(known, pair_hash(point, 0))] += 1
        else:
            of = SIGNS + 2 * (kind - WIDE_MARK)
            counts[of + (kind == before)] += 1
            if kind == SYMBOL and point < 0x800:
                counts[SIGNS + 6] += 1
        led = 0
        before = kind


@kernel
def _tallies(data, offsets, known, out):  # type: ignore[no-untyped-def]
    for row in range(len(offsets) - 1):
        _tally(data, offsets[row], offsets[row + 1], known, out[row])


@kernel
def _estimates(data, offsets, known, costs, counts, out):  # type: ignore[no-untyped-def]
    for row in range(len(offsets) - 1):
        counts[:] = 0
        _tally(data, offsets[row], offsets[row + 1], known, counts)
        total = 0
        for n in range(COUNTS):
            total += counts[n] * costs[n]
        out[row] = (total + _THOUSANDTHS // 2) // _THOUSANDTHS


def tallies(strings: pa.ChunkedArray | pa.Array, known: NDArray[np.uint64] = KNOWN_FILTER) -> NDArray[np.int64]:
    """Return what is counted of each string: n x COUNTS."""
    data, offsets = buffers_of(strings)
    out = np.zeros((len(offsets) - 1, COUNTS), np.int64)
    _tallies(data, offsets, known, out)
    return out


def estimated_tokens(strings: pa.ChunkedArray | pa.Array) -> NDArray[np.int64]:
    """Estimate the tokens of each string: those of a byte-pair tokenizer with 130,000 to 200,000 tokens.

    >>> estimated_tokens(pa.array(["Hello, world!", "今天天气很好。", ""])).tolist()
    [3, 4, 0]
    """
    data, offsets = buffers_of(strings)
    out = np.empty(len(offsets) - 1, np.int64)
    _estimates(data, offsets, KNOWN_FILTER, COSTS, np.empty(COUNTS, np.int64), out)
    return out
