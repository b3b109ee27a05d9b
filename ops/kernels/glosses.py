"""Pinyin glosses: texts in, the places of brackets with a reading of the Han character before them out."""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from ops.kernels.buffers import buffers_of
from ops.kernels.compiled import inlined, kernel
from ops.kernels.masks import SIZE, equal, first_of, padded, up_to, without_first
from ops.kernels.pinyin import LETTER, LETTERS, MARK, READINGS, SYLLABLE_LETTERS_MAX, SYLLABLES, TABLED, TONE
from ops.kernels.text_lines import last_start
from ops.kernels.unicode_tables import HAN
from ops.kernels.utf8 import code_point, flags_of

_HAN = np.uint8(HAN)
_OPEN, _OPEN_WIDE = 0x28, 0xFF08
_CLOSE, _CLOSE_WIDE = 0x29, 0xFF09
_BLANK, _QUESTION = 0x20, 0x3F
_U = 21  # the number of u; v, which is ü, is the next
_CHARS_BEFORE_MAX = SYLLABLE_LETTERS_MAX + 4  # of a tone mark: letters, marks, a space and a bracket
_ROOM = 1 << 12  # glosses of a batch that need no second look
_32 = np.uint64(32)


@dataclass(frozen=True)
class Glosses:
    """Where glosses are, and whether they have a tone mark. Those that have none are readings of the character."""

    rows: NDArray[np.int64]
    cuts: NDArray[np.int64]  # n x 2: from which byte to which of the buffer
    toned: NDArray[np.bool_]


@kernel
def lacks_bracket(data, start, at):  # type: ignore[no-untyped-def]
    """Say whether only letters are between a Han character and here: a gloss that lost its opening bracket."""
    for _ in range(_CHARS_BEFORE_MAX):
        if at <= start:
            return False
        at -= 1
        while data[at] & 0xC0 == 0x80:
            at -= 1
        point, _ = code_point(data, at)
        if point >= TABLED or (not LETTERS[point] and point not in (_BLANK, _QUESTION)):
            return flags_of(point) & _HAN != 0
    return False


@kernel
def _syllable(data, at, end):  # type: ignore[no-untyped-def]
    """Read a syllable and a closing bracket; return its number, its tone marks, and where it ends, or zeros."""
    key = np.uint64(0)
    letters = 0
    tones = 0
    while at < end and data[at] == _BLANK:
        at += 1
    while at < end:
        point, after = code_point(data, at)
        kind = LETTERS[point] if point < TABLED else np.uint8(0)
        if not kind:
            break
        tones += kind & TONE != 0
        if not kind & MARK:
            letters += 1
            if letters > SYLLABLE_LETTERS_MAX:
                return np.uint64(0), 0, np.int64(0)
            key = key << np.uint64(5) | np.uint64(kind & LETTER)
        elif not kind & TONE and key & np.uint64(LETTER) == _U:
            key += np.uint64(1)
        at = after
    while at < end and data[at] == _BLANK:
        at += 1
    if not letters or at >= end:
        return np.uint64(0), 0, np.int64(0)
    point, after = code_point(data, at)
    if point not in (_CLOSE, _CLOSE_WIDE):
        return np.uint64(0), 0, np.int64(0)
    return key, tones, after


@kernel
def _has(sorted_values, value):  # type: ignore[no-untyped-def]
    place = np.searchsorted(sorted_values, value)
    return place < len(sorted_values) and sorted_values[place] == value


@inlined
def _han_before(data, start, at):  # type: ignore[no-untyped-def]
    """Return the Han character right before a byte; 0 for none."""
    if at == start or data[at - 1] < 0x80:
        return np.int32(0)
    point, _ = code_point(data, last_start(data, start, at))
    return np.int32(point) if flags_of(point) & _HAN else np.int32(0)


@kernel
def _opened(data, at, end):  # type: ignore[no-untyped-def]
    """Return where an opening bracket that is here ends; 0 where there is none."""
    if at >= end:
        return np.int64(0)
    point, after = code_point(data, at)
    return np.int64(after) if point in (_OPEN, _OPEN_WIDE) else np.int64(0)


@kernel
def _glosses_all(data, offsets, readings, syllables, rows, cuts, toned):  # type: ignore[no-untyped-def]
    """Write the glosses while there is room, and return how many there are."""
    count = 0
    for row in range(len(offsets) - 1):
        start, end = np.int64(offsets[row]), np.int64(offsets[row + 1])
        block = start
        while block < end:
            wide = equal(data, block, 0xEF) & equal(data, block + 1, 0xBC) & equal(data, block + 2, 0x88)
            found = up_to(equal(data, block, _OPEN) | wide, block, end)
            while found:
                at = block + first_of(found)
                found = without_first(found)
                han = _han_before(data, start, at)
                # Glosses may follow one another.
                inside = _opened(data, at, end) if han else np.int64(0)
                while inside:
                    key, tones, stop = _syllable(data, inside, end)
                    # One with a tone mark need not be a reading that the table has: those of rare words are missing.
                    if not stop or not (
                        (tones == 1 and _has(syllables, key))
                        or (tones == 0 and _has(readings, np.uint64(han) << _32 | key))
                    ):
                        break
                    if count < len(rows):
                        rows[count], cuts[count, 0], cuts[count, 1], toned[count] = row, at, stop, tones == 1
                    count += 1
                    at = stop
                    inside = _opened(data, at, end)
            block += SIZE
    return count


def glosses(strings: pa.Array) -> Glosses:
    """Find the glosses of texts.

    A syllable in brackets, right after a Han character or after another gloss of it. One without a tone mark is a gloss
    only if the character is read so.

    >>> text = pa.array(["函(hán)数(sin)的(de)女（nǚ）人(AI)们(de)"])
    >>> found = glosses(text)
    >>> [text[0].as_py().encode()[start:stop].decode() for start, stop in found.cuts], found.toned.tolist()
    (['(hán)', '(de)', '（nǚ）'], [True, False, True])
    """
    data, offsets = buffers_of(strings)
    data = padded(data)
    room = _ROOM
    while True:
        rows, cuts, toned = np.empty(room, np.int64), np.empty((room, 2), np.int64), np.empty(room, np.bool_)
        count = _glosses_all(data, offsets, READINGS, SYLLABLES, rows, cuts, toned)
        if count <= room:
            return Glosses(rows[:count], cuts[:count], toned[:count])
        room = count
