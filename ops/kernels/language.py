"""What a sample of a text tells of its language: its main script, hints of the Han characters, letters for a model.

The sample is the beginning of a text and pieces of its middle and end, cut between characters: a page is often framed
by menus in another language. Most of a corpus in English and Chinese is decided here, at memory speed; of the rest the
letters of the main script are copied out, lower case and other marks as they are, anything else one blank.
"""

import numpy as np
import pyarrow as pa
from numba import njit
from numpy.typing import NDArray

from ops.kernels.buffers import Bytes, buffers_of
from ops.kernels.han_variants import CHINESE, END, FIRST, JAPANESE, SIMPLIFIED, TRADITIONAL, VARIANTS
from ops.kernels.scripts import COUNT, HAN, KANA, LANGUAGE_OF, LATIN, NO_LETTER, OTHER, SCRIPT, TABLED, WEIGHTS
from ops.kernels.unicode_tables import ALPHABETIC, SPACE, WORD
from ops.kernels.utf8 import code_point, flags_of

# The columns that the kernel writes.
MAIN = 0  # the script with most text; Han stands for kana too
PART = 1  # the text in it, in letters' worth
LETTERS = 2  # all text, in letters' worth
HAN_PART = 3  # the text in Han and kana, in letters' worth
LATIN_PART = 4
HAN_CHARS = 5
KANA_CHARS = 6
SIMPLIFIED_CHARS = 7
TRADITIONAL_CHARS = 8
JAPANESE_CHARS = 9
CHINESE_CHARS = 10
WORDS = 11  # of Latin letters, in the part that a model may be asked about
ENGLISH_WORDS = 12  # of those, that only English has
COLUMNS = 13

_ALPHABETIC = np.uint8(ALPHABETIC)
_WORD = np.uint8(WORD)
_SPACE = np.uint8(SPACE)
# A model is asked about this part of the sample: by 512 bytes, 80 words, it mistakes 3 of 10,500 pages (Indonesian for
# Malay), by 2 kB none, in three times the time.
ASKED_PART = 4
_WORD_BYTES_MAX = 32

_ASKED = np.array([language == "" for language in LANGUAGE_OF])

# Frequent English words that are rare in other languages (not "in", "is", "was", "are", "will") and in code ("if",
# "this", "from", "with", "while").
_ENGLISH_WORDS = (
    "the of and that have which they their your but can would there were been when what who how into these those "
    "should could through about between only its them you other used than our because some does his her she had being "
    "such after before him may must very much many made upon"
)

_BASIS = np.uint64(0xCBF29CE484222325)
_PRIME = np.uint64(0x100000001B3)
_SLOTS = 512
_0 = np.uint64(0)
_32 = np.uint64(32)
_SLOT = np.uint64(_SLOTS - 1)


def _word_hash(word: str) -> int:
    value = 0xCBF29CE484222325
    for char in word.encode():
        value = ((value ^ char) * 0x100000001B3) % (1 << 64)
    return value


def _table(words: list[str]) -> NDArray[np.uint64]:
    """Put the hashes of words in a table with open addressing."""
    table = np.zeros(_SLOTS, np.uint64)
    for value in map(_word_hash, words):
        slot = (value >> 32) % _SLOTS
        while table[slot]:
            slot = (slot + 1) % _SLOTS
        table[slot] = value
    return table


_ENGLISH = _table(_ENGLISH_WORDS.split())


@njit(cache=True, nogil=True)
def _is_english(value):  # type: ignore[no-untyped-def]
    slot = (value >> _32) & _SLOT
    while _ENGLISH[slot] != _0:
        if _ENGLISH[slot] == value:
            return 1
        slot = (slot + np.uint64(1)) & _SLOT
    return 0


@njit(cache=True, nogil=True)
def _cut(data, at, end):  # type: ignore[no-untyped-def]
    """Return where the next character starts, from `at` on."""
    while at < end and data[at] & 0xC0 == 0x80:
        at += 1
    return at


@njit(cache=True, nogil=True)
def _pieces(data, start, end, sample_bytes, out):  # type: ignore[no-untyped-def]
    """Write where each of the three pieces of the sample starts and ends; all of a text that is short enough."""
    size = min(end - start, sample_bytes)
    half, quarter = size // 2, size // 4
    out[0, 0], out[0, 1] = start, _cut(data, start + half, end)
    if size < sample_bytes:
        out[1, 0], out[1, 1] = out[0, 1], max(out[0, 1], _cut(data, end - quarter, end))
    else:
        middle = start + half + (end - start - size) // 2
        out[1, 0], out[1, 1] = _cut(data, middle, end), _cut(data, middle + quarter, end)
    out[2, 0], out[2, 1] = max(out[1, 1], _cut(data, end - quarter, end)), end


@njit(cache=True, nogil=True)
def _script_of(point):  # type: ignore[no-untyped-def]
    if point < TABLED:
        return SCRIPT[point]
    flags = flags_of(point)
    if not flags & _ALPHABETIC:
        return np.uint8(NO_LETTER)
    return np.uint8(HAN) if point >= 0x20000 else np.uint8(OTHER)


@njit(cache=True, nogil=True)
def _count(data, at, end, chars, out):  # type: ignore[no-untyped-def]
    """Count the letters of a piece by script, and the Han characters that tell something."""
    while at < end:
        byte = data[np.uint64(at)]
        if byte < 0x80:
            chars[LATIN] += np.uint8((byte | 0x20) - 0x61) < 26
            at += 1
            continue
        point, at = code_point(data, at)
        script = _script_of(point)
        if script == NO_LETTER:
            continue
        chars[script] += 1
        if script == HAN and FIRST <= point < END:
            flags = VARIANTS[point - FIRST]
            if flags:
                out[SIMPLIFIED_CHARS] += flags & SIMPLIFIED != 0
                out[TRADITIONAL_CHARS] += flags & TRADITIONAL != 0
                out[JAPANESE_CHARS] += flags & JAPANESE != 0
                out[CHINESE_CHARS] += flags & CHINESE != 0


@njit(cache=True, nogil=True)
def _choose(chars, out):  # type: ignore[no-untyped-def]
    """Write the main script and how much text is in it."""
    out[HAN_CHARS] = chars[HAN]
    out[KANA_CHARS] = chars[KANA]
    best = most = total = 0
    for script in range(COUNT):
        weight = chars[script] * WEIGHTS[script]
        total += weight
        if script == HAN:
            weight += chars[KANA] * WEIGHTS[KANA]
        if weight > most and script != KANA:
            best, most = script, weight
    out[HAN_PART] = chars[HAN] * WEIGHTS[HAN] + chars[KANA] * WEIGHTS[KANA]
    out[LATIN_PART] = chars[LATIN] * WEIGHTS[LATIN]
    out[MAIN] = best
    out[PART] = most
    out[LETTERS] = total


@njit(cache=True, nogil=True)
def _copy(data, at, end, script, most, letters, to, out):  # type: ignore[no-untyped-def]
    """Copy a piece's words of a script until `most` bytes are written, a blank after each; count them."""
    value = _BASIS
    stop = to + most
    own = False  # whether the character before was copied
    while at <= end:
        start = at
        its = np.uint8(NO_LETTER)
        if at == end:
            at += 1
        elif data[np.uint64(at)] < 0x80:
            low = np.uint8(data[np.uint64(at)] | 0x20)
            if script == LATIN and np.uint8(low - 0x61) < 26:
                its = script
                value = (value ^ np.uint64(low)) * _PRIME
            at += 1
        else:
            point, at = code_point(data, at)
            its = _script_of(point)
            if own and its == NO_LETTER and _is_mark(point):
                its = script  # a mark belongs to the letter before it
            if its == script:
                value = _0  # no English word
        if its == script:
            while start < at:
                letters[to] = data[start]
                to += 1
                start += 1
            own = True
            continue
        if own:
            if script == LATIN:
                out[WORDS] += 1
                out[ENGLISH_WORDS] += _is_english(value)
            letters[to] = 0x20
            to += 1
            if to >= stop:
                break
        value = _BASIS
        own = False
    return to


@njit(cache=True, nogil=True)
def _is_mark(point):  # type: ignore[no-untyped-def]
    """Whether a character that is no letter is part of words: a mark, or a digit of some scripts, which is harmless."""
    flags = flags_of(point)
    if not flags & _WORD or flags & _ALPHABETIC:
        return False
    return not (point < 0x300 or 0x2000 <= point < 0x3000 or 0xFF10 <= point < 0xFF20)


@njit(cache=True, nogil=True)
def _past_word(data, at, end):  # type: ignore[no-untyped-def]
    """Return where the word ends that a piece begins within; scripts without spaces have no such place nearby."""
    for ahead in range(at, min(end, at + _WORD_BYTES_MAX)):
        byte = data[ahead]
        if byte < 0x80 and np.uint8((byte | 0x20) - 0x61) >= 26:
            return ahead
    return at


@njit(cache=True, nogil=True)
def _copy_pieces(data, pieces, script, most, letters, to, out):  # type: ignore[no-untyped-def]
    if pieces[2, 1] - pieces[0, 0] <= most:  # all of it, and no word cut
        return _copy(data, pieces[0, 0], pieces[2, 1], script, most, letters, to, out)
    for piece in range(3):
        size = most // 2 if piece == 0 else most // 4
        end = pieces[piece, 1]
        at = pieces[piece, 0] if piece == 0 else _past_word(data, pieces[piece, 0], end)
        to = _copy(data, at, end, script, size, letters, to, out)
    return to


@njit(cache=True, nogil=True)
def _look_all(data, offsets, sample_bytes, out, letters, letter_offsets):  # type: ignore[no-untyped-def]
    chars = np.zeros(COUNT, np.int64)
    pieces = np.zeros((3, 2), np.int64)
    most = sample_bytes // ASKED_PART
    to = np.int64(0)
    for row in range(len(offsets) - 1):
        found = out[row]
        chars[:] = 0
        _pieces(data, np.int64(offsets[row]), np.int64(offsets[row + 1]), sample_bytes, pieces)
        for piece in range(3):
            _count(data, pieces[piece, 0], pieces[piece, 1], chars, found)
        _choose(chars, found)
        if chars[LATIN] and found[MAIN] != LATIN:  # just to count its words
            _copy_pieces(data, pieces, np.int64(LATIN), most, letters, to, found)
        if _ASKED[found[MAIN]]:
            to = _copy_pieces(data, pieces, found[MAIN], most, letters, to, found)
        letter_offsets[row + 1] = to


def look(strings: pa.ChunkedArray | pa.Array, sample_bytes: int) -> tuple[NDArray[np.int64], Bytes, NDArray[np.int64]]:
    """Return the counts named above, n x COLUMNS, and the letters of each row that a model is to be asked about.

    The letters are bytes with n + 1 offsets; none where the script decides.

    >>> found, letters, offsets = look(pa.array(["The cat and 2 dogs, 猫", "你好"]), 1024)
    >>> found[:, [PART, LETTERS, HAN_CHARS, WORDS, ENGLISH_WORDS]].tolist()
    [[13, 16, 1, 4, 2], [6, 6, 2, 0, 0]]
    >>> letters[: offsets[1]].tobytes()
    b'The cat and dogs '
    """
    data, offsets = buffers_of(strings)
    rows = len(offsets) - 1
    out = np.zeros((rows, COLUMNS), np.int64)
    # A blank after each piece, and a piece may be longer by the rest of a character.
    room = np.minimum(np.diff(offsets), sample_bytes + 9) + 3
    letters = np.empty(int(room.sum(dtype=np.int64)), np.uint8)
    letter_offsets = np.zeros(rows + 1, np.int64)
    _look_all(data, offsets, sample_bytes, out, letters, letter_offsets)
    return out, letters, letter_offsets
