"""Where strings may begin that stand within words: after a letter, with what words do not have, or Han within Han.

What follows is hashed, as far as it is of the string for sure: to the closing bracket, or through a run of letters and
digits that a sign ends; where neither is, a few bytes.
"""

import numpy as np

from ops.kernels.compiled import inlined, kernel
from ops.kernels.eight import eight_bytes
from ops.kernels.hashing import stir, stirred
from ops.kernels.word_places import (
    BLANK,
    DIGIT,
    HAN,
    IS_ALNUM,
    IS_LETTER,
    KIND,
    LATIN,
    LOWER,
    MARK,
    foreign_places,
    han_places,
    keep_repeated,
)

BYTES_MAX = 96  # of an insertion, with its brackets
BYTES_MIN = 4
_WINDOW = 5  # bytes that are hashed where the end of a string cannot be seen
_RUN_MAX = 40  # letters and digits of a run that are hashed
_WIDE = 6  # bytes of signs that are hashed without letters after them: two wide ones
_1 = np.uint64(1)
_IN_RUN = IS_ALNUM | np.isin(np.arange(256), [*b".-_/:@"])
# Signs that join words or end sentences: what follows them is of a string only if a sign follows that, too.
_JOINS = np.isin(np.arange(256), [*b".,;:!?'-_/\\=+&)]}>\""])
_WIDTH = np.array(
    [1 if byte < 0xC0 else 2 if byte < 0xE0 else 3 if byte < 0xF0 else 4 for byte in range(256)], np.uint8
)
# ( [ { <, by which a stretch is closed; then 〈 《 「 『 【 〔 〖 and （ ［, whose closers follow by one and by two.
_ASCII_CLOSER = np.zeros(256, np.uint8)
_ASCII_CLOSER[[*b"([{<"]] = [*b")]}>"]
_TOP_LEVELS = (
    "com", "net", "org", "info", "top", "xyz", "vip", "club", "site", "online", "cn", "cc", "tv", "io", "co", "me",
)  # fmt: skip
TOP_LEVEL = np.zeros(1 << 16, np.bool_)  # by the first two letters
TOP_LEVEL[[int.from_bytes(name[:2].encode()) for name in _TOP_LEVELS]] = True
# ， ： ； ？ ！ ） and 、 。 》 」 】 after Han: sentences have these, and what follows them is no part of a string.
_HAN_MARKS = np.array([int.from_bytes(mark.encode()) for mark in "，：；？！）、。》」】"], np.int64)


@inlined
def is_in(value, among):  # type: ignore[no-untyped-def]
    """Whether a number is among a few."""
    for one in among:
        if value == one:
            return True
    return False


@inlined
def three_bytes(data, at):  # type: ignore[no-untyped-def]
    """Return three bytes as one number."""
    return np.int64(data[at]) << 16 | np.int64(data[at + 1]) << 8 | np.int64(data[at + 2])


@inlined
def _closer(data, at):  # type: ignore[no-untyped-def]
    """Return the last byte of what closes the bracket that opens here, and its width; 0 where none does."""
    byte = data[at]
    if byte < 0x80:
        return np.int64(_ASCII_CLOSER[byte]), 1
    last = np.int64(data[at + 2])
    if byte == 0xE3 and data[at + 1] == 0x80 and 0x88 <= last <= 0x96 and not last & 1 and last != 0x92:
        return last + 1, 3
    if byte == 0xEF and data[at + 1] == 0xBC and last in (0x88, 0xBB):
        return last + (1 if last == 0x88 else 2), 3
    return np.int64(0), 3


@inlined
def _bracketed_until(data, at, end):  # type: ignore[no-untyped-def]
    """Return where the bracket that opens here has closed, if a letter follows; else 0."""
    closer, width = _closer(data, at)
    if not closer:
        return np.int64(0)
    first, second = data[at], data[at + width - 2]
    stop = min(end, at + BYTES_MAX)
    place = at + width
    while place + width < stop and not 0x0A <= data[place] <= 0x0D:
        if width == 1:
            closed = data[place] == closer
        else:
            closed = data[place] == first and data[place + 1] == second and data[place + 2] == closer
        if closed:
            return np.int64(place + width) if IS_LETTER[data[place + width]] else np.int64(0)
        place += _WIDTH[data[place]]
    return np.int64(0)


@inlined
def _signs_until(data, at, end):  # type: ignore[no-untyped-def]
    """Return to where a string that begins with a sign or a foreign letter is its own for sure; 0 where it is none."""
    stop = at
    while stop < end and stop < at + 24 and (KIND[data[stop]] == MARK or data[stop] >= 0x80):
        stop += 1
    if stop >= end:
        return np.int64(0)
    wide = stop - at
    run = stop
    while run < end and run < stop + _RUN_MAX and IS_ALNUM[data[run]]:
        run += 1
    if wide >= _WIDE:
        return np.int64(stop)
    if run == stop or run >= end:
        return np.int64(0)
    if KIND[data[run]] == MARK or (data[run] >= 0x80) or (data[run] == 0x20 and not _JOINS[data[at]]):
        return np.int64(run)
    return np.int64(0)


@inlined
def _window_until(data, at, end, size):  # type: ignore[no-untyped-def]
    """Return where so many bytes end, if there is no blank among them; else 0."""
    if at + size > end:
        return np.int64(0)
    for place in range(at, at + size):
        if KIND[data[place]] == BLANK:
            return np.int64(0)
    return np.int64(at + size)


@inlined
def _in_latin(data, at, end, kind, before):  # type: ignore[no-untyped-def]
    """Return to where a string that begins after a Latin letter is its own for sure; 0 where it is none."""
    if data[at] == 0x27 or data[at + 1] <= 0x20:
        return np.int64(0)
    if IS_ALNUM[data[at]]:
        return _window_until(data, at, end, _WINDOW) if kind == DIGIT or before == LOWER else np.int64(0)
    byte = data[at]
    stop = _bracketed_until(data, at, end) if byte >= 0xE3 or _ASCII_CLOSER[byte] else np.int64(0)
    return stop or _signs_until(data, at, end)


@inlined
def _in_han(data, at, end):  # type: ignore[no-untyped-def]
    """Return to where a string that begins after a Han character is its own for sure; 0 where it is none."""
    if IS_ALNUM[data[at]]:
        stop = at
        while stop < end and (
            _IN_RUN[data[stop]] or (data[stop] == 0x20 and stop + 1 < end and IS_ALNUM[data[stop + 1]])
        ):
            stop += 1
        is_within = stop < end and stop - at >= BYTES_MIN and data[stop] > 0x20
        return np.int64(stop) if is_within else np.int64(0)
    byte = data[at]
    if byte < 0x80:
        stop = _bracketed_until(data, at, end) if _ASCII_CLOSER[byte] else np.int64(0)
        return stop or _window_until(data, at, end, BYTES_MIN)
    if is_in(three_bytes(data, at), _HAN_MARKS):
        return np.int64(0)
    stop = _bracketed_until(data, at, end) if byte in (0xE3, 0xEF) else np.int64(0)
    return stop or _window_until(data, at, end, _WIDE)


@inlined
def _is_top_level(data, start, at, end):  # type: ignore[no-untyped-def]
    """Whether a full stop may be the one before the top level of a host."""
    if data[at] != 0x2E or at - start < 3 or at + 3 >= end or not IS_ALNUM[data[at - 1]]:
        return False
    return TOP_LEVEL[np.int64(data[at + 1]) << 8 | np.int64(data[at + 2])]


@inlined
def _key(data, at, stop):  # type: ignore[no-untyped-def]
    value = word = np.uint64(0)
    size = 0
    while at < stop:
        word = word << np.uint64(8) | np.uint64(data[at])
        size += 1
        at += 1
        if size & 7 == 0:
            value = stir(value, word)
            word = np.uint64(0)
    return stirred(value, word, np.uint64(size)) | np.uint64(1)


@inlined
def _kind_before(data, start, at):  # type: ignore[no-untyped-def]
    at -= 1
    while at > start and data[at] & 0xC0 == 0x80:
        at -= 1
    return KIND[data[at]]


@inlined
def _until(data, start, at, end):  # type: ignore[no-untyped-def]
    """Return to where a string that begins here, within a word, is its own for sure; 0 where none begins."""
    kind = KIND[data[at]]
    before = _kind_before(data, start, at)
    if kind in (BLANK, LATIN) or data[at] & 0xC0 == 0x80 or before == kind or at + 4 >= end:
        return np.int64(0)
    if before == HAN:
        return _in_han(data, at, end)
    is_latin = LOWER <= before <= LATIN
    return _in_latin(data, at, end, kind, before) if is_latin and kind != LOWER else np.int64(0)


@kernel
def beginnings(data, start, end, least, seen, places, keys):  # type: ignore[no-untyped-def]
    """Write where strings begin that stand after letters, and their hashes; return how many.

    Of strings that fewer than `least` places have some are left out, most of them. Data is padded.
    """
    found, has_han = foreign_places(data, start, end, places)
    found = keep_repeated(data, end, least, LATIN, found, places, keys, seen)
    count = 0
    for one in range(found):
        at = places[one]
        if _is_top_level(data, start, at, end):
            at -= 3
            stop = at + 6
        else:
            stop = _until(data, start, at, end)
        if stop:
            places[count] = at
            keys[count] = _key(data, at, stop)
            count += 1
    if not has_han:
        return count
    inner = places[count:]
    found = han_places(data, start, end, inner)
    found = keep_repeated(data, end, least, HAN, found, inner, keys[count:], seen)
    for one in range(count, count + found):
        at = places[one]
        keys[one] = stirred(eight_bytes(data, at), eight_bytes(data, at + 4), np.uint64(12)) | _1
    return count + found
