"""UTF-8 that was read as GBK, read again where far less surprising text comes of it."""

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from ops.kernels.compiled import inlined, kernel
from ops.kernels.misread import ABOVE_BITS, BITS, CODES, FIRST, mark
from ops.kernels.read_again import BROKEN, STEPS, Undone, undone
from ops.kernels.utf8 import code_point

GAIN_MIN = 28  # bits; clean text, traditional too, has 18 at most in five million characters
_LOST_GAIN = 12  # bits: a question mark beside it, in the place of a byte
_FALL_MAX = 64  # bits; what follows is no mojibake any more
_CHARS_MAX = 64  # that are read in hope of a gain: what is beyond is read from another character on

_QUESTION = 0x3F
_LETTERS_MAX = 6  # of a syllable of pinyin


def _begins() -> NDArray[np.uint8]:
    table = np.zeros(0x10000, np.uint8)
    mark(table, FIRST, 1)
    return table


_BEGINS = _begins()


@kernel
def misread(data, start, at, end):  # type: ignore[no-untyped-def]
    """Read the bytes that GBK has for the characters from here on as UTF-8, as far as that makes better text.

    Return where that ends, 0 for none, and how many bytes it is then. Both readings end there with a character.
    """
    is_lost = _follows_question(data, start, at)
    state = np.uint8(0)
    point = np.int32(0)
    gain, best, stop = np.int64(0), np.int64(0), np.int64(0)
    size, best_size = 0, 0
    chars = 0
    while at < end and gain > best - _FALL_MAX and (best >= GAIN_MIN or chars < _CHARS_MAX):
        char, after = code_point(data, at)
        code = np.int32(CODES[char]) if char < 0x10000 else np.int32(0)
        if not code:
            is_lost |= char == _QUESTION
            break
        gain += np.int64(BITS[char])
        for shift in (8, 0):
            byte = code >> shift & 0xFF
            if shift and not byte:
                continue
            if state == 0:
                point = byte if byte < 0x80 else byte & 0x1F if byte < 0xE0 else byte & 0x0F
            else:
                point = point << 6 | (byte & 0x3F)
            state = STEPS[state, byte]
            size += 1
            if state == 0:
                gain -= np.int64(BITS[point]) if point < 0x10000 else _above(point)
        # What is no gain by itself is clean text before mojibake.
        if state == BROKEN or (state == 0 and gain <= 0):
            break
        if state == 0 and gain > best:
            best, stop, best_size = gain, np.int64(after), size
        chars += 1
        at = after
    if best < (GAIN_MIN - _LOST_GAIN if is_lost else GAIN_MIN):
        return np.int64(0), 0
    return stop, best_size


@inlined
def _follows_question(data, start, at):  # type: ignore[no-untyped-def]
    """Say whether a question mark is before a place, or before the character there: what is left of the lost one."""
    for _ in range(2):
        if at <= start:
            return False
        at -= 1
        if data[at] < 0x80:
            return data[at] == _QUESTION
        while data[at] & 0xC0 == 0x80:
            at -= 1
    return False


@inlined
def is_after_question(data, start, at):  # type: ignore[no-untyped-def]
    """Say whether a question mark, and a few small letters at most, are right before a place: "?hu" before "ò"."""
    first = at - 1
    while first > start and at - first <= _LETTERS_MAX and 0x61 <= data[first] <= 0x7A:
        first -= 1
    return first >= start and data[first] == _QUESTION


@inlined
def _above(point):  # type: ignore[no-untyped-def]
    return np.int64(ABOVE_BITS if 0x1F000 <= point < 0x1FB00 else 2 * ABOVE_BITS)


@kernel
def _gbk_all(data, offsets, wanted, rows, cuts, puts, starts):  # type: ignore[no-untyped-def]
    """Write stretches and what they are while there is room; return how many there are, and their bytes in all."""
    count = 0
    size = 0
    for row in range(len(offsets) - 1):
        at = np.int64(offsets[row]) if wanted[row] else np.int64(offsets[row + 1])
        while at < offsets[row + 1]:
            char, after = code_point(data, at)
            stop, bytes_ = np.int64(0), 0
            if char < 0x10000 and _BEGINS[char]:
                stop, bytes_ = misread(data, np.int64(offsets[row]), at, np.int64(offsets[row + 1]))
            if not stop:
                at = after
                continue
            if count < len(rows):
                rows[count], cuts[count, 0], cuts[count, 1] = row, at, stop
                to = size
                while at < stop:
                    char, at = code_point(data, at)
                    if CODES[char] > 0xFF:
                        puts[to] = CODES[char] >> 8
                        to += 1
                    puts[to] = CODES[char] & 0xFF
                    to += 1
                starts[count + 1] = to
            size += bytes_
            count += 1
            at = stop
    return count, size


def read_as_gbk(strings: pa.Array, wanted: NDArray[np.bool_]) -> Undone:
    """Find UTF-8 that was read as GBK in strings that are wanted: rows, n x 2 places in the buffer, and what it was.

    >>> text = pa.array(["今天鍙樺法，it鈥檚 鏄?", "鍙樺法"])
    >>> rows, cuts, puts = read_as_gbk(text, np.array([True, False]))
    >>> rows.tolist(), cuts.tolist(), puts.to_pylist()
    ([0, 0], [[6, 15], [20, 26]], ['变巨', '’s'])
    """
    return undone(_gbk_all, strings, wanted)
