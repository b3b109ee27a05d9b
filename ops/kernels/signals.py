"""All counts behind the quality filters, in a few walks over each text.

The formulas are datatrove's (0.10): the published limits of Gopher, FineWeb, FineWeb-2 and C4 were tuned with them.
"""

from functools import cache
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from ops.kernels import c4_lines
from ops.kernels.buffers import buffers_of
from ops.kernels.c4_lines import account
from ops.kernels.compiled import kernel
from ops.kernels.eight import HIGH, count_high, eight_bytes, equal_bytes, first_bytes, letters_alone, lowered
from ops.kernels.ngrams import repeated_ngrams, room_for, room_seen, top_ngrams
from ops.kernels.segments import han_words
from ops.kernels.text_lines import (
    before_spaces,
    count_chars,
    count_newlines,
    end_of_line,
    ends_in_ellipsis,
    is_bullet,
    lines_between_newlines,
    paragraphs,
    past_spaces,
)
from ops.kernels.tokens import longest
from ops.kernels.word_marks import HANZI, LETTER, TEXT, mark_words
from ops.kernels.words import ENGLISH, JIEBA, WHITESPACE, split_words

# The columns of the counts.
CHARS, NEWLINES = range(2)
WORDS, TEXT_WORDS, TEXT_CHARS, LETTER_WORDS, HAN_WORDS, STOP_WORDS, CHINESE_STOP_WORDS = range(2, 9)
HASHES, ELLIPSES = range(9, 11)
SPLIT_LINES, BULLET_LINES, ELLIPSIS_LINES = range(11, 14)
PIECES, REPEATED_PIECES, REPEATED_PIECE_CHARS = range(14, 17)
LINES, ENDED_LINES, SHORT_LINES, REPEATED_LINE_CHARS = range(17, 21)
PARAGRAPHS, REPEATED_PARAGRAPHS, REPEATED_PARAGRAPH_CHARS = range(21, 24)
TOP_2GRAM = 24  # and of 3 and 4 words
REPEATED_5GRAMS = 27  # and so on to 10 words
CHINESE = 33  # 1 where words are split as Chinese ones
C4_ENDED = 34  # the counts of `c4_lines`, by all its rules
C4 = C4_ENDED + c4_lines.COUNTS  # and by all but the terminal mark
COLUMNS = C4 + c4_lines.COUNTS

# Gopher's eight, and FineWeb-2's for Chinese (configs/cmn_Hani.yml).
ENGLISH_STOP = ("the", "be", "to", "of", "and", "that", "have", "with")
CHINESE_STOP = tuple("的年在月是和日了於·為有被人中为他與後也而由")
# What to add to seven bits of each byte so that the eighth tells whether the byte is at least, or beyond, another.
_FROM_E3, _FROM_E4, _BEYOND_E9, _FROM_81, _BEYOND_83 = (
    np.uint64(byte * 0x0101010101010101) for byte in (0x1D, 0x1C, 0x16, 0x7F, 0x7C)
)
_0 = np.uint64(0)
_8 = np.uint64(8)
_ALL_HASHES, _ALL_DOTS, _ALL_E2 = (np.uint64(byte * 0x0101010101010101) for byte in (0x23, 0x2E, 0xE2))


@cache
def _stop_table(*sets: tuple[str, ...]) -> tuple[NDArray[np.uint64], NDArray[np.uint8], np.uint64]:
    """Return an open-addressed table of the hashes of two sets of words, the sets of each, and the slots' shift."""
    words = sorted(set().union(*sets))
    values = _hashes(words)
    bits = max(10, (8 * len(words)).bit_length())
    keys = np.zeros(1 << bits, np.uint64)
    members = np.zeros(1 << bits, np.uint8)
    for word, value in zip(words, values.tolist(), strict=True):
        slot = value >> (64 - bits)
        while keys[slot]:
            slot = (slot + 1) % len(keys)
        keys[slot], members[slot] = value, sum(1 << number for number, those in enumerate(sets) if word in those)
    return keys, members, np.uint64(64 - bits)


def _hashes(words: list[str]) -> NDArray[np.uint64]:
    """Return the hashes that `mark_word` gives words."""
    data, offsets = buffers_of(pa.array(words))
    room = _room_for(len(data) + len(words) + 8)[1]
    room[0][: len(words)] = np.stack([offsets[:-1], offsets[1:]], axis=1)
    mark_words(data, len(words), room)
    hashes: NDArray[np.uint64] = room[1][: len(words)]
    return hashes


@kernel
def _is_chinese(data, start, end):  # type: ignore[no-untyped-def]
    """Say whether there are Han characters, at least as many as Latin words and kana together. Letters are ASCII's."""
    han = others = 0
    in_letters = _0
    at = start
    while at < end:
        eight = eight_bytes(data, at) if at + 9 <= len(data) else _last_bytes(data, at, end)
        behind = eight_bytes(data, at + 1) if at + 9 <= len(data) else _last_bytes(data, at + 1, end)
        if end - at < 8:
            eight &= first_bytes(end - at)
        low, wide = eight & ~HIGH, eight & HIGH
        letters = letters_alone(lowered(low)) & ~eight
        others += count_high(letters & ~(letters << _8 | in_letters))
        in_letters = letters >> np.uint64(56)
        if wide:
            # U+4000 to U+9FFF begin with the bytes E4 to E9, kana with E3 81 to E3 83.
            han += count_high((low + _FROM_E4) & ~(low + _BEYOND_E9) & wide)
            second = behind & ~HIGH
            kana = (low + _FROM_E3) & ~(low + _FROM_E4) & (second + _FROM_81) & ~(second + _BEYOND_83) & wide & behind
            others += count_high(kana)
        at += 8
    return han > 0 and han >= others


@kernel
def _last_bytes(data, at, end):  # type: ignore[no-untyped-def]
    value = _0
    for i in range(min(8, end - at)):
        value |= np.uint64(data[at + i]) << np.uint64(8 * i)
    return value


@kernel
def _count_words(count, values, chars, marks, stops, text, out):  # type: ignore[no-untyped-def]
    """Count words; `text` is a number that no text before had, by which stop words are known that were met in it."""
    text_words = text_chars = letter_words = han = 0
    stop_words = chinese_stop_words = 0
    keys, members, shift, met = stops
    last = np.int64(len(keys) - 1)
    for word in range(count):
        mark = marks[word]
        is_text = mark & TEXT
        text_words += is_text
        text_chars += is_text * (chars[word + 1] - chars[word])
        letter_words += mark & LETTER != 0
        han += mark & HANZI != 0
        slot = np.int64(values[word] >> shift)
        while keys[slot] and keys[slot] != values[word]:
            slot = (slot + 1) & last
        if keys[slot] and met[slot] != text:
            met[slot] = text
            stop_words += members[slot] & 1
            chinese_stop_words += members[slot] >> 1
    out[WORDS] = count
    out[TEXT_WORDS] = text_words
    out[TEXT_CHARS] = text_chars
    out[LETTER_WORDS] = letter_words
    out[HAN_WORDS] = han
    out[STOP_WORDS] = stop_words
    out[CHINESE_STOP_WORDS] = chinese_stop_words


@kernel
def _count_symbols(data, start, end, out):  # type: ignore[no-untyped-def]
    """Count `#`, and ellipses: a `…`, or three full stops, of which none is counted twice."""
    hashes = ellipses = dots = 0
    at = start
    while at < end:
        if not dots and at + 8 <= end:
            eight = eight_bytes(data, at)
            if not (equal_bytes(eight, _ALL_HASHES) | equal_bytes(eight, _ALL_DOTS) | equal_bytes(eight, _ALL_E2)):
                at += 8
                continue
        byte = data[np.uint64(at)]
        at += 1
        hashes += byte == 0x23
        if byte == 0x2E:
            dots += 1
            if dots == 3:
                ellipses += 1
                dots = 0
            continue
        dots = 0
        if byte == 0xE2:
            ellipses += data[at] == 0x80 and data[at + 1] == 0xA6
    out[HASHES] = hashes
    out[ELLIPSES] = ellipses


@kernel
def _count_lines(data, start, end, found, marks, count, spare, out, c4):  # type: ignore[no-untyped-def]
    """Count lines as `str.splitlines` has them, and C4's."""
    lines = bullets = ellipses = 0
    word = np.int64(0)  # typed, as below: of a literal, all that is called would be compiled once more
    at = start
    while at < end:
        stop, width = end_of_line(data, at, end)
        first = past_spaces(data, at, stop)
        last = before_spaces(data, first, stop)
        lines += 1
        bullets += is_bullet(data, first, last)
        ellipses += ends_in_ellipsis(data, first, last)
        if first < last:
            word = account(data, first, last, found, marks, word, count, spare, c4)
        at = stop + width
    out[SPLIT_LINES] = lines
    out[BULLET_LINES] = bullets
    out[ELLIPSIS_LINES] = ellipses


@kernel
def _measure_all(data, offsets, way, as_jieba, chinese, han, stops, room, out, c4):  # type: ignore[no-untyped-def]
    spans, words, spare, again, again_at, tallies, places, seen, keys = room
    found, values, joined, ends, chars, marks = words
    next_han = np.int64(0)
    for row in range(len(offsets) - 1):
        start, end = np.int64(offsets[row]), np.int64(offsets[row + 1])
        counts = out[row]
        newlines = count_newlines(data, start, end)
        counts[CHARS] = count_chars(data, start, end)
        counts[NEWLINES] = newlines
        _count_symbols(data, start, end, counts)
        counts[CHINESE] = chinese[row] if chinese[row] >= 0 else _is_chinese(data, start, end)
        split = JIEBA if as_jieba and counts[CHINESE] else way
        if split == WHITESPACE:
            # C4's sentences are of words as a language's own rules split them, whatever the words of the others are.
            count, beyond = split_words(data, start, end, np.int64(ENGLISH), han, next_han, spans, words)
            _count_lines(data, start, end, found, marks, count, spare, counts, c4[row])
        count, beyond = split_words(data, start, end, split, han, next_han, spans, words)
        if split != WHITESPACE:
            _count_lines(data, start, end, found, marks, count, spare, counts, c4[row])
        next_han = beyond
        _count_words(count, values, chars, marks, stops, row + 1, counts)
        top_ngrams(values, chars, count, keys, places, seen, tallies, again, again_at, counts[TOP_2GRAM:])
        repeated_ngrams(joined, ends, chars, count, keys, places, seen, again, again_at, counts[REPEATED_5GRAMS:])
        lines = lines_between_newlines(data, start, end, newlines, keys)
        for i in range(7):
            counts[PIECES + i] = lines[i]
        parts = paragraphs(data, start, end, newlines, keys)
        for i in range(3):
            counts[PARAGRAPHS + i] = parts[i]


def _room_for(size: int) -> tuple[Any, ...]:
    """Return room to work on texts of so many bytes. What is not written to takes no memory."""
    slots = room_for(2 * size)[0]
    words = (
        np.empty((size, 2), np.int64),
        np.empty(size, np.uint64),
        np.empty(size + 40, np.uint8),
        np.empty(size, np.int64),
        np.empty(size, np.int64),
        np.empty(size, np.uint8),
    )
    return (
        (np.empty(size, np.int32), np.empty(size, np.int64), np.empty(2 * size, np.int64)),
        words,
        np.empty(size, np.uint8),
        np.empty(size, np.bool_),
        np.empty(size, np.int32),
        np.empty(size, np.int32),
        np.empty(slots, np.int32),
        np.empty(room_seen(size), np.uint8),
        np.empty(slots, np.uint64),
    )


def count_signals(
    strings: pa.ChunkedArray | pa.Array,
    words: str = "english",
    chinese_words: str = "jieba",
    stop_words: tuple[str, ...] = ENGLISH_STOP,
    chinese_stop_words: tuple[str, ...] = CHINESE_STOP,
    chinese: NDArray[np.int8] | None = None,
) -> NDArray[np.int64]:
    r"""Return the counts named above for each string, n x COLUMNS.

    `words`: "english" or "whitespace". `chinese_words`: "jieba" or "characters". `chinese` says of each string whether
    it is (1) or is not (0), -1 to go by its characters; in those that are, all is split as jieba does.

    >>> counts = count_signals(pa.array(["The cat isn't here... It's #1.\n- 在北京大学"]))[0]
    >>> counts[[WORDS, TEXT_WORDS, ELLIPSES, BULLET_LINES, HAN_WORDS, CHINESE_STOP_WORDS]].tolist()
    [14, 10, 1, 1, 2, 1]
    """
    data, offsets = buffers_of(strings)
    han = han_words(data, offsets) if chinese_words == "jieba" else np.empty(0, np.int64)
    out = np.zeros((len(offsets) - 1, COLUMNS), np.int64)
    room = _room_for(longest(offsets) + 8)
    keys, members, shift = _stop_table(stop_words, chinese_stop_words)
    stops = (keys, members, shift, np.zeros(len(keys), np.int64))
    c4 = out[:, C4_ENDED:].reshape(-1, 2, c4_lines.COUNTS)
    told = np.full(len(out), -1, np.int8) if chinese is None else chinese
    way = ENGLISH if words == "english" else WHITESPACE
    _measure_all(data, offsets, way, way == ENGLISH and chinese_words == "jieba", told, han, stops, room, out, c4)
    return out
