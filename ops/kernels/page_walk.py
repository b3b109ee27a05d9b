"""The walk over a text behind the page filters: every byte is looked at once.

Characters are tallied by code point, so that what they are is asked once of each that occurs. Tokens are words of
spaced scripts, folded, and pairs of neighbours in unspaced ones; those of grammar are counted, and no more.
"""

import numpy as np

from ops.kernels.compiled import kernel
from ops.kernels.ngrams import room_for
from ops.kernels.page_columns import (
    DISTINCT_TOPICS,
    LENTICULAR_CHARS,
    LONGEST_WORD,
    SENTENCES,
    TEMPLATE_LINES,
    TOKENS,
    TOPIC_TOKENS,
    URL_CHARS,
    WORDS,
)
from ops.kernels.page_lines import TEMPLATE_CHARS_MIN, beginning_key, end_line, shape_key
from ops.kernels.page_tables import (
    BLANK,
    BREAK,
    CLASSES,
    CODE,
    DAMAGED,
    DIGIT,
    FUNCTION,
    KIND,
    LETTER,
    LINE_END,
    RARE,
    SENTENCE_END,
    UNSPACED,
    WORD_CHAR,
)
from ops.kernels.page_tally import class_of, count_key, count_of, is_stop_word, mixed
from ops.kernels.text_lines import before_spaces, count_chars, past_spaces
from ops.kernels.unicode_tables import FOLDED, TABLED
from ops.kernels.utf8 import code_point

_ALIKE_MIN = 3
_BASIS = np.uint64(0xCBF29CE484222325)
_PRIME = np.uint64(0x100000001B3)
_GOLDEN = np.uint64(0x9E3779B97F4A7C15)
_0 = np.uint64(0)
_1 = np.uint64(1)
_21 = np.uint64(21)
# What an ASCII letter or digit adds to a word's hash; 0 where it is none.
_ASCII_UNITS = np.where(
    np.append(CLASSES[:128], np.zeros(128, np.uint16)) & WORD_CHAR, np.append(FOLDED[:128], np.zeros(128)), 0
).astype(np.uint64)
_A = np.uint64(0x61)


@kernel
def _is_http(data, at):  # type: ignore[no-untyped-def]
    letters = data[at] | 0x20, data[at + 1] | 0x20, data[at + 2] | 0x20, data[at + 3] | 0x20
    return letters == (0x68, 0x74, 0x74, 0x70)


@kernel
def walk(data, start, end, classes, folded, room, topics, bits, stamp, out):  # type: ignore[no-untyped-def]
    """Count a text; return how many distinct characters and topic tokens it has."""
    tally, seen, order, lines_table, lines_order, line_keys = room
    line_bits = room_for((end - start) // TEMPLATE_CHARS_MIN * 2 + 2)[1]
    points = distinct = line_distinct = key_count = 0
    tokens = functions = unspaced = items = codes = damaged = 0  # of the line
    numbered = False  # whether the line has a digit
    item = False  # whether something was read since the last separator
    all_tokens = words = topic_tokens = sentences = longest_word = 0
    value = _BASIS
    length = 0  # characters of the word
    lettered = False
    single = _0  # the unspaced character just before
    single_flags = np.int64(0)
    open_sentence = 0
    opened = 0  # behind a 【 on this line
    url_end = 0
    line = broken = at = start
    while at <= end:
        while at < end:
            byte = data[np.uint64(at)]
            unit = _ASCII_UNITS[byte]
            if not unit:
                break
            tally[byte] += 1
            value = (value ^ unit) * _PRIME
            length += 1
            lettered |= unit >= _A
            numbered |= unit < _A
            single = _0
            at += 1
        flags, after, point = np.int64(LINE_END | BLANK | BREAK), at + 1, np.int64(0x0A)  # behind the text
        if at < end:
            point = np.int64(data[np.uint64(at)])
            if point < 0x80:
                flags = np.int64(classes[point])
                tally[point] += 1
            else:
                point, after = code_point(data, at)
                after = min(after, end)
                flags = class_of(point, classes)
                if tally[point] == 0:
                    seen[points] = point
                    points += 1
                tally[point] += 1
        if flags & WORD_CHAR:
            unit = np.uint64(folded[point]) if point < TABLED else np.uint64(point)
            value = (value ^ unit) * _PRIME
            length += 1
            lettered |= flags & LETTER != 0
            numbered |= flags & KIND == DIGIT
            single = _0
            at = after
            continue
        if length:
            if lettered:
                value = mixed(value) | _1
                tokens += 1
                words += 1
                if is_stop_word(value):
                    functions += 1
                elif length > 1:
                    topic_tokens += 1
                    distinct = count_key(topics, bits, stamp, order, distinct, value)
            value = _BASIS
            length = 0
            lettered = False
            item = True
            open_sentence = 1
        if flags & UNSPACED:
            unspaced += 1
            if single:
                tokens += 1
                if (flags | single_flags) & FUNCTION:
                    functions += 1
                else:
                    pair = mixed((single << _21 | np.uint64(point)) * _GOLDEN) & ~_1
                    topic_tokens += 1
                    distinct = count_key(topics, bits, stamp, order, distinct, pair)
            single = np.uint64(point)
            single_flags = flags
            open_sentence = 1
            item = True
        else:
            single = _0
            if flags & SENTENCE_END:
                sentences += open_sentence
                open_sentence = 0
            elif flags & KIND != BLANK:
                open_sentence = 1
            if flags & BREAK:
                items += item
                item = False
        if flags & UNSPACED or flags & KIND == BLANK or flags & LINE_END:
            if at - broken > longest_word:
                longest_word = max(longest_word, count_chars(data, broken, at))
            broken = at if flags & UNSPACED else after
        codes += flags & CODE != 0
        damaged += flags & DAMAGED != 0
        if flags & RARE:
            if point == 0x3A:
                if at >= url_end and at + 2 < end and data[at + 1] == 0x2F and data[at + 2] == 0x2F:
                    secure = at - line > 4 and data[at - 1] | 0x20 == 0x73
                    scheme = at - 4 - secure
                    if scheme >= line and _is_http(data, scheme):
                        url_end = at
                        while url_end < end and 0x20 < data[url_end] < 0x7F:
                            url_end += 1
                        out[URL_CHARS] += url_end - scheme
            elif point == 0x3010:
                opened = opened or after
            elif opened:
                out[LENTICULAR_CHARS] += count_chars(data, opened, at)
                opened = 0
        if flags & LINE_END:
            first = past_spaces(data, line, min(at, end))
            stop = before_spaces(data, first, min(at, end))
            if first < stop:
                found = (tokens, functions, unspaced, items, codes, damaged)
                if end_line(data, first, stop, found, out):
                    key = beginning_key(data, first, stop, classes)
                    shape = shape_key(data, first, stop, classes) if numbered else _0
                    if key:
                        line_distinct = count_key(lines_table, line_bits, stamp, lines_order, line_distinct, key)
                    if shape:
                        line_distinct = count_key(lines_table, line_bits, stamp, lines_order, line_distinct, shape)
                    if key or shape:
                        line_keys[key_count], line_keys[key_count + 1] = key, shape
                        key_count += 2
            all_tokens += tokens
            tokens = functions = unspaced = items = codes = damaged = opened = 0
            numbered = False
            line = after
        at = after
    for key in range(0, key_count, 2):
        alike = 0
        for one in (line_keys[key], line_keys[key + 1]):
            if one:
                alike = max(alike, count_of(lines_table, line_bits, stamp, one))
        out[TEMPLATE_LINES] += alike >= _ALIKE_MIN
    out[SENTENCES] = sentences + open_sentence
    out[LONGEST_WORD] = longest_word
    out[WORDS] = words
    out[TOKENS] = all_tokens
    out[TOPIC_TOKENS] = topic_tokens
    out[DISTINCT_TOPICS] = distinct
    return points, distinct
