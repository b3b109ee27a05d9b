"""Lines of a page: how they end, and whether they are code, a list of keywords, or of a template."""

import numpy as np

from ops.kernels.code_lines import is_code, is_prose
from ops.kernels.compiled import kernel
from ops.kernels.page_columns import (
    BULLET_LINES,
    CODE_CHARS,
    ENDED_LINES,
    FENCED,
    FENCED_CHARS,
    FENCED_CODE,
    FENCED_PROSE,
    LINE_CHARS,
    LINES,
    LISTED_TOKENS,
    MORE_LINES,
    PASSING_LINES,
    SHORT_LINES,
)
from ops.kernels.page_tables import BLANK, BULLETS, DIGIT, KIND, LETTER
from ops.kernels.page_tally import class_of, mixed
from ops.kernels.text_lines import count_chars, last_start
from ops.kernels.utf8 import code_point

TEMPLATE_CHARS_MIN = 8
_SHORT_CHARS = 5  # c4-dataset-script
_LISTED_TOKENS_MIN = 8
_TOKENS_AN_ITEM = 5
_BEGINNING_UNITS = 12
_SHAPE_PARTS_MIN = 5
_BEGINNING_BYTES_MAX = 48  # a longer line, in a play or a statute, is more than its beginning
_SHAPED_BYTES_MAX = 96

_BASIS = np.uint64(0xCBF29CE484222325)
_PRIME = np.uint64(0x100000001B3)
_0 = np.uint64(0)
_1 = np.uint64(1)
_ENDINGS = ("readmore", "read more", "展开", "展開", "更多", "。。。", "...")
_ENDING_BYTES = np.zeros((len(_ENDINGS), 9), np.uint8)
for _row, _ending in enumerate(_ENDINGS):
    _ENDING_BYTES[_row, : len(_ending.encode())] = list(_ending.encode())
_ENDING_SIZES = np.array([len(ending.encode()) for ending in _ENDINGS])
_CHINESE_ENDS = np.array(sorted(map(ord, "。！？”：」』")))
_ELLIPSIS = 0x2026


@kernel
def _ends_in_more(data, start, stop):  # type: ignore[no-untyped-def]
    for row in range(len(_ENDING_SIZES)):
        begin = stop - _ENDING_SIZES[row]
        same = 0
        while begin >= start and begin + same < stop:
            byte = data[begin + same]
            if (byte | 0x20 if 0x41 <= byte <= 0x5A else byte) != _ENDING_BYTES[row, same]:
                break
            same += 1
        if begin >= start and begin + same == stop:
            return True
    return False


@kernel
def beginning_key(data, start, stop, classes):  # type: ignore[no-untyped-def]
    """Return a hash of how a short line begins: 12 columns of a terminal, a number being one; 0 of a longer line."""
    if stop - start > _BEGINNING_BYTES_MAX:
        return _0
    value = _BASIS
    units = 0
    number = False
    at = start
    while at < stop and units < _BEGINNING_UNITS:
        point, at = code_point(data, at)
        digit = class_of(point, classes) & KIND == DIGIT
        if digit and number:
            continue
        number = digit
        units += 1 if point < 0x80 else 2
        value = (value ^ np.uint64(0x30 if digit else point)) * _PRIME
    return mixed(value) | _1


@kernel
def shape_key(data, start, stop, classes):  # type: ignore[no-untyped-def]
    """Return a hash of a line's shape: runs of letters, numbers, and marks; 0 where it says nothing.

    It says something of a short line with a number in it, more letters than digits and five parts or more.
    """
    if stop - start > _SHAPED_BYTES_MAX:
        return _0
    value = _BASIS
    parts = letters = digits = 0
    last = _0
    at = start
    while at < stop:
        point, at = code_point(data, at)
        told = class_of(point, classes)
        if told & KIND == BLANK:
            continue
        part = np.uint64(point)
        if told & LETTER:
            letters += 1
            part = np.uint64(0x41)
        elif told & KIND == DIGIT:
            digits += 1
            part = np.uint64(0x30)
        if part != last or not (told & LETTER or told & KIND == DIGIT):
            value = (value ^ part) * _PRIME
            parts += 1
        last = part
    if not digits or letters <= digits or parts < _SHAPE_PARTS_MIN:
        return _0
    return mixed(value) & ~_1


@kernel
def _is_fence(data, start, stop):  # type: ignore[no-untyped-def]
    byte = data[start]
    return byte in (0x60, 0x7E) and stop - start >= 3 and data[start + 1] == byte and data[start + 2] == byte


@kernel
def end_line(data, start, stop, found, out):  # type: ignore[no-untyped-def]
    """Count a line that is not blank, without its outer spaces; return whether it may be a list or of a template.

    `found` holds its tokens, function tokens, unspaced characters, items, marks of code, and damaged characters.
    """
    tokens, functions, unspaced, items, codes, damaged = found
    chars = count_chars(data, start, stop)
    last = last_start(data, start, stop)
    point = code_point(data, last)[0]
    ended = False
    for end in _CHINESE_ENDS:
        ended = ended or point == end
    if point == _ELLIPSIS and last > start:
        ended = code_point(data, last_start(data, start, last))[0] == _ELLIPSIS
    first = code_point(data, start)[0]
    for bullet in BULLETS:
        out[BULLET_LINES] += first == bullet
    out[LINES] += 1
    out[LINE_CHARS] += chars
    out[ENDED_LINES] += ended
    out[SHORT_LINES] += chars < _SHORT_CHARS
    out[MORE_LINES] += _ends_in_more(data, start, stop)
    out[PASSING_LINES] += ended and chars >= _SHORT_CHARS and not damaged
    if _is_fence(data, start, stop):
        # Between the end of one block and the beginning of the next there is prose: then this fence opens a block.
        closes = out[FENCED] and out[FENCED_PROSE] * 2 <= out[FENCED_CHARS]
        if closes:
            out[CODE_CHARS] += out[FENCED_CHARS] - out[FENCED_CODE]
        out[FENCED] = not closes
        out[FENCED_CHARS] = out[FENCED_CODE] = out[FENCED_PROSE] = 0
        return False
    prose = is_prose(tokens, functions, unspaced, stop - start)
    code = is_code(data, start, stop, tokens, prose, codes)
    out[CODE_CHARS] += chars * code
    out[FENCED_CHARS] += chars
    out[FENCED_CODE] += chars * code
    out[FENCED_PROSE] += chars * (prose and not code)
    if code or out[FENCED]:
        return False
    marked = point in (0x2E, 0x21, 0x3F) or ended
    if tokens >= _LISTED_TOKENS_MIN and functions * 10 <= tokens and not marked:
        out[LISTED_TOKENS] += tokens * (tokens <= _TOKENS_AN_ITEM * items)
    return chars >= TEMPLATE_CHARS_MIN
