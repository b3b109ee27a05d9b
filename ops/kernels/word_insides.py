"""Where strings may begin that stand within words: after a letter, with what words do not have, or Han within Han.

What follows is hashed, as far as it is of the string for sure: to the closing bracket, or through a run of letters and
digits that a sign ends; where neither is, a few bytes.
"""

import numpy as np
from numpy.typing import NDArray

from ops.kernels.compiled import inlined, kernel
from ops.kernels.eight import eight_bytes
from ops.kernels.hashing import stir, stirred
from ops.kernels.masks import SIZE, equal, first_of, without_first
from ops.kernels.ngrams import room_for

BYTES_MAX = 96  # of an insertion, with its brackets
BYTES_MIN = 4
_WINDOW = 5  # bytes that are hashed where the end of a string cannot be seen
_RUN_MAX = 40  # letters and digits of a run that are hashed
_WIDE = 6  # bytes of signs that are hashed without letters after them: two wide ones
_1, _8, _16, _24 = np.uint64(1), np.uint64(8), np.uint64(16), np.uint64(24)
_GOLDEN, _ODD = np.uint64(0x9E3779B97F4A7C15), np.uint64(0xD6E8FEB86659FD93)
_MANY = 255
_BLANK, _LOWER, _UPPER, _LATIN, HAN, _DIGIT, _MARK = range(7)


def _kinds() -> NDArray[np.uint8]:
    """Return of each first byte of a character what it is, near enough; bytes that follow one are as marks."""
    kinds = np.full(256, _MARK, np.uint8)
    kinds[[*range(0x21), 0x7F]] = _BLANK
    kinds[0x61:0x7B] = _LOWER
    kinds[0x41:0x5B] = _UPPER
    kinds[0xC3:0xE0] = _LATIN
    kinds[0xE4:0xEA] = HAN
    kinds[0x30:0x3A] = _DIGIT
    return kinds


KIND = _kinds()
IS_LETTER = (KIND >= _LOWER) & (KIND <= HAN)
_IS_ALNUM = np.isin(KIND, [_LOWER, _UPPER, _DIGIT])
_IN_RUN = _IS_ALNUM | np.isin(np.arange(256), [*b".-_/:@"])
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
_TOP_LEVEL = np.zeros(1 << 16, np.bool_)  # by the first two letters
_TOP_LEVEL[[int.from_bytes(name[:2].encode()) for name in _TOP_LEVELS]] = True
# ， ： ； ？ ！ ） and 、 。 》 」 】 after Han: sentences have these, and what follows them is no part of a string.
_HAN_MARKS = np.array([int.from_bytes(mark.encode()) for mark in "，：；？！）、。》」】"], np.int64)

_STOPS = tuple(np.uint64(int.from_bytes(mark.encode(), "little")) for mark in "，。、")  # most of what follows Han


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
    while stop < end and stop < at + 24 and (KIND[data[stop]] == _MARK or data[stop] >= 0x80):
        stop += 1
    if stop >= end:
        return np.int64(0)
    wide = stop - at
    run = stop
    while run < end and run < stop + _RUN_MAX and _IS_ALNUM[data[run]]:
        run += 1
    if wide >= _WIDE:
        return np.int64(stop)
    if run == stop or run >= end:
        return np.int64(0)
    if KIND[data[run]] == _MARK or (data[run] >= 0x80) or (data[run] == 0x20 and not _JOINS[data[at]]):
        return np.int64(run)
    return np.int64(0)


@inlined
def _window_until(data, at, end, size):  # type: ignore[no-untyped-def]
    """Return where so many bytes end, if there is no blank among them; else 0."""
    if at + size > end:
        return np.int64(0)
    for place in range(at, at + size):
        if KIND[data[place]] == _BLANK:
            return np.int64(0)
    return np.int64(at + size)


@inlined
def _in_latin(data, at, end, kind, before):  # type: ignore[no-untyped-def]
    """Return to where a string that begins after a Latin letter is its own for sure; 0 where it is none."""
    if data[at] == 0x27 or data[at + 1] <= 0x20:
        return np.int64(0)
    if _IS_ALNUM[data[at]]:
        return _window_until(data, at, end, _WINDOW) if kind == _DIGIT or before == _LOWER else np.int64(0)
    byte = data[at]
    stop = _bracketed_until(data, at, end) if byte >= 0xE3 or _ASCII_CLOSER[byte] else np.int64(0)
    return stop or _signs_until(data, at, end)


@inlined
def _in_han(data, at, end):  # type: ignore[no-untyped-def]
    """Return to where a string that begins after a Han character is its own for sure; 0 where it is none."""
    if _IS_ALNUM[data[at]]:
        stop = at
        while stop < end and (
            _IN_RUN[data[stop]] or (data[stop] == 0x20 and stop + 1 < end and _IS_ALNUM[data[stop + 1]])
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
    if data[at] != 0x2E or at - start < 3 or at + 3 >= end or not _IS_ALNUM[data[at - 1]]:
        return False
    return _TOP_LEVEL[np.int64(data[at + 1]) << 8 | np.int64(data[at + 2])]


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


@kernel
def _mark_places(data, start, size, marks):  # type: ignore[no-untyped-def]
    """Mark where what words do not have follows a letter, near enough; say whether there is any Han.

    Plain comparisons, sixty-four bytes at once: the indexes are unsigned, without which that is ten times slower. What
    is marked is looked at again: the first places are marked whatever they are.
    """
    marks[: size + SIZE] = 0
    marks[1 : min(3, size)] = 1
    any_han = False
    one, two, three, four = np.uint64(1), np.uint64(2), np.uint64(3), np.uint64(4)
    for place in range(np.uint64(max(0, size - 4))):
        at = np.uint64(start) + np.uint64(place)
        third, second, before, byte, after = data[at], data[at + one], data[at + two], data[at + three], data[at + four]
        is_small = (before >= 0x61) & (before <= 0x7A)
        is_letter = is_small | ((before >= 0x41) & (before <= 0x5A)) | ((second >= 0xC3) & (second <= 0xDF))
        is_han = (third >= 0xE4) & (third <= 0xE9)
        any_han |= is_han
        is_capital = (byte >= 0x41) & (byte <= 0x5A)
        is_small_too = (byte >= 0x61) & (byte <= 0x7A)
        is_foreign = (byte > 0x20) & ((byte < 0x7F) | (byte == 0xC2) | (byte >= 0xE0))
        in_latin = is_letter & is_foreign & ~is_capital & ~is_small_too & (byte != 0x27) & (after > 0x20)
        in_han = is_han & is_foreign & ~((byte >= 0xE4) & (byte <= 0xE9))
        in_host = (byte == 0x2E) & (before >= 0x30) & (before <= 0x39) & (after >= 0x61) & (after <= 0x7A)
        marks[np.uint64(place) + three] = in_latin | in_han | in_host | (is_small & is_capital)
    return any_han


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
    if kind in (_BLANK, _LATIN) or data[at] & 0xC0 == 0x80 or before == kind or at + 4 >= end:
        return np.int64(0)
    if before == HAN:
        return _in_han(data, at, end)
    is_latin = _LOWER <= before <= _LATIN
    return _in_latin(data, at, end, kind, before) if is_latin and kind != _LOWER else np.int64(0)


@kernel
def _mark_han(data, start, size, marks):  # type: ignore[no-untyped-def]
    """Mark the characters of Han that begin a string of four between two others."""
    marks[: size + SIZE] = 0
    begin = np.uint64(start)
    for place in range(np.uint64(max(0, size - 15))):
        at = begin + np.uint64(place)
        is_han = True
        for later in (np.uint64(0), np.uint64(3), np.uint64(6), np.uint64(9), np.uint64(12), np.uint64(15)):
            byte = data[at + later]
            is_han &= (byte >= 0xE4) & (byte <= 0xE9)
        marks[np.uint64(place) + np.uint64(3)] = is_han


@inlined
def _marked(marks, start, size, places):  # type: ignore[no-untyped-def]
    """Write where the marks are; return how many."""
    count = 0
    for block in range(0, size, SIZE):
        left = equal(marks, block, 1)
        while left:
            places[count] = start + block + first_of(left)
            count += 1
            left = without_first(left)
    return count


@inlined
def _first_bytes(data, at):  # type: ignore[no-untyped-def]
    """Return those bytes that are hashed of a string in any case, if one begins here."""
    byte = np.uint64(data[at])
    two = byte | np.uint64(data[at + 1]) << _8
    if _IS_ALNUM[byte]:
        return two | np.uint64(data[at + 2]) << _16 | np.uint64(data[at + 3]) << _24
    return two | np.uint64(data[at + 2]) << _16 if byte >= 0xE0 else two


@inlined
def _keep_repeated(data, end, least, after, count, places, slots, seen):  # type: ignore[no-untyped-def]
    """Keep the first `count` of the places where strings may begin alike; return how many those are.

    Most strings begin like no other: a table of bytes tells these. With all of it, four characters, of Han.
    """
    room, bits = room_for(2 * count)
    shift = np.uint64(64 - bits)
    seen[:room] = 0
    whole = kept = 0
    for one in range(count):
        at = places[one]
        if at + 3 < end:
            string = (
                eight_bytes(data, at) ^ eight_bytes(data, at + 4) * _ODD if after == HAN else _first_bytes(data, at)
            )
            if after != HAN and string in _STOPS and KIND[data[max(at - 3, 0)]] == HAN:
                continue
            slot = string * _GOLDEN >> shift
            seen[slot] += seen[slot] < _MANY
            slots[whole] = slot
            places[whole] = at
            whole += 1
    for one in range(whole):
        places[kept] = places[one]
        kept += seen[slots[one]] >= least
    return kept


@kernel
def beginnings(data, start, end, least, marks, seen, places, keys):  # type: ignore[no-untyped-def]
    """Write where strings begin that stand after letters, and their hashes; return how many.

    Of strings that fewer than `least` places have some are left out, most of them.
    """
    size = end - start
    has_han = _mark_places(data, start, size, marks)
    marked = _marked(marks, start, size, places)
    marked = _keep_repeated(data, end, least, _LATIN, marked, places, keys, seen)
    count = 0
    for one in range(marked):
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
    _mark_han(data, start, size, marks)
    inner = places[count:]
    marked = _marked(marks, start, size, inner)
    marked = _keep_repeated(data, end, least, HAN, marked, inner, keys[count:], seen)
    for one in range(count, count + marked):
        at = places[one]
        keys[one] = stirred(eight_bytes(data, at), eight_bytes(data, at + 4), np.uint64(12)) | _1
    return count + marked
