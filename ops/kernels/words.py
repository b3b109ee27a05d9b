"""Where the words of a text are, as byte ranges: as spaCy splits English, as jieba splits, or what lies between spaces.

English, as a blank spaCy pipeline does: marks come off a word's ends and are words of their own, contractions are
split (do|n't, it|'s), hyphens and slashes between letters split, abbreviations keep their full stop, addresses stay
whole (`ops.kernels.english` tells what is left out). As jieba splits what is not Chinese: letters and digits are a
word, a run of marks that may join them is one, and so is any other character.

In each way a character of an unspaced script is a word, and Han characters are the words that `han` tells, where it
tells any: there spaCy, told that a text is English, would see one word in the whole run.
"""

import numpy as np

from ops.kernels.affixes import class_of, infix_of, is_url, prefix_of, suffix_of
from ops.kernels.compiled import kernel
from ops.kernels.eight import HIGH, eight_bytes, letters_alone, lowered, trailing_zeros
from ops.kernels.english import GAP, LONGEST_EXCEPTION
from ops.kernels.exceptions import SPLITS, exception_of, slot_of
from ops.kernels.unicode_tables import ALPHABETIC, FLAGS, HAN, HAN_ABOVE_END, SINGLE, SPACE, TABLED
from ops.kernels.utf8 import code_point, flags_of

START, STOP = range(2)
WHITESPACE, ENGLISH, JIEBA = range(3)  # ways to split

_ONE_BY_ONE = np.uint8(SINGLE)
_SPACE = np.uint8(SPACE)
_HAN = np.uint8(HAN)
_ASCII_SPACE = (FLAGS[:128] & SPACE != 0).astype(np.bool_)
_ASCII_LETTER = (FLAGS[:128] & ALPHABETIC != 0).astype(np.bool_)
_CLOSES = np.isin(np.arange(128), [ord(c) for c in ',;:!?)]"'])
_QUOTES = np.isin(np.arange(128), [ord(c) for c in ')]"'])
_OPENS = np.isin(np.arange(128), [ord(c) for c in '(["'])
_JOINS = np.isin(np.arange(128), [ord(c) for c in "+#&._%-"])
_ALPHANUMERIC = np.array([chr(point).isalnum() for point in range(128)])
_7 = np.uint64(7)
_3 = np.uint64(3)


@kernel
def _add(found, count, start, stop):  # type: ignore[no-untyped-def]
    found[count, START] = start
    found[count, STOP] = stop
    return count + 1


@kernel
def _add_exception(found, count, start, stop, slot):  # type: ignore[no-untyped-def]
    for k in range(2):
        if SPLITS[slot, k]:
            count = _add(found, count, start if not k else start + SPLITS[slot, k - 1], start + SPLITS[slot, k])
    last = max(SPLITS[slot, 0], SPLITS[slot, 1])
    return _add(found, count, start + last, stop)


@kernel
def _add_inner(points, at, low, high, found, count):  # type: ignore[no-untyped-def]
    """Add what is left when the ends are off: an address whole, anything else split inside."""
    begin = low
    here = low
    checked = False
    while here < high:
        width = infix_of(points, low, high, here)
        if width and here > low:
            if not checked and is_url(points, low, high):
                break
            checked = True
            if here > begin:
                count = _add(found, count, at[begin], at[here])
            count = _add(found, count, at[here], at[here + width])
            begin = here + width
        here += max(width, 1)
    return _add(found, count, at[begin], at[high]) if begin < high else count


@kernel
def _add_span(data, points, at, size, tails, found, count):  # type: ignore[no-untyped-def]
    """Add the words of what lies between two spaces: take off one mark at each end until nothing more comes off."""
    low, high = 0, size
    last = -1
    left = 0
    slot = -1
    while low < high and high - low != last:
        slot = exception_of(data, at[low], at[high])
        if slot >= 0:
            break
        last = high - low
        front = prefix_of(points, low, high)
        if front and front < last and exception_of(data, at[low + front], at[high]) >= 0:
            count = _add(found, count, at[low], at[low + front])
            low += front
            continue
        back = suffix_of(points, low + front, high)
        alone = back and back < last and exception_of(data, at[low], at[high - back]) >= 0
        if front and not alone:
            count = _add(found, count, at[low], at[low + front])
            low += front
        if back:
            high -= back
            tails[left] = high
            tails[left + 1] = high + back
            left += 2
    if low < high:
        if slot >= 0:
            count = _add_exception(found, count, at[low], at[high], slot)
        else:
            count = _add_inner(points, at, low, high, found, count)
    while left:
        left -= 2
        count = _add(found, count, at[tails[left]], at[tails[left + 1]])
    return count


@kernel
def _add_as_jieba(points, at, size, found, count):  # type: ignore[no-untyped-def]
    r"""Add words of what lies between spaces and Han characters: `[a-zA-Z0-9]+(\.[0-9]+)?%?`, `[+#&._%-]+`, others."""
    here = 0
    while here < size:
        begin = here
        point = points[here]
        here += 1
        if point < 128 and _ALPHANUMERIC[point]:
            while here < size and points[here] < 128 and _ALPHANUMERIC[points[here]]:
                here += 1
            if here + 1 < size and points[here] == 0x2E and 0x30 <= points[here + 1] <= 0x39:
                here += 2
                while here < size and 0x30 <= points[here] <= 0x39:
                    here += 1
            here += here < size and points[here] == 0x25
        elif point < 128 and _JOINS[point]:
            while here < size and points[here] < 128 and _JOINS[points[here]]:
                here += 1
        count = _add(found, count, at[begin], at[here])
    return count


@kernel
def _end_of_letters(data, at, end):  # type: ignore[no-untyped-def]
    """Return where ASCII letters end that begin at a byte."""
    while at + 8 <= end:
        stops = ~letters_alone(lowered(eight_bytes(data, at))) & HIGH
        if stops:
            return at + np.int64((trailing_zeros(stops) - _7) >> _3)
        at += 8
    while at < end and data[at] < 0x80 and _ASCII_LETTER[data[at]]:
        at += 1
    return at


@kernel
def _read_span(data, at, end, points, places):  # type: ignore[no-untyped-def]
    """Decode up to a space or a character that is a word; return how many characters, and where the next byte is."""
    size = 0
    while at < end:
        point, after = code_point(data, at)
        if (class_of(point) & GAP) if point < TABLED else point < HAN_ABOVE_END:
            break
        points[size] = point
        places[size] = at
        size += 1
        at = after
    places[size] = at
    return size, at


@kernel
def _short_word(data, start, stop, found, count):  # type: ignore[no-untyped-def]
    """Add ASCII letters, of which a few are split: cannot, gonna, dont."""
    size = stop - start
    slot = -1
    if size <= 8 and start + 8 <= len(data):
        mask = ~np.uint64(0) >> np.uint64(64 - 8 * size)
        slot = slot_of(eight_bytes(data, start) & mask, np.uint64(0))
    elif size <= LONGEST_EXCEPTION:
        slot = exception_of(data, start, stop)
    if slot >= 0:
        return _add_exception(found, count, start, stop, slot)
    return _add(found, count, start, stop)


@kernel
def _ends_at(data, at, end):  # type: ignore[no-untyped-def]
    return at >= end or (data[np.uint64(at)] < 0x80 and _ASCII_SPACE[data[np.uint64(at)]])


@kernel
def _common(data, start, stop, end, found, count):  # type: ignore[no-untyped-def]
    """Add what begins with ASCII letters up to `stop`, if it is of a common form; return the words, -1 if it is not.

    Common: letters alone, with a mark or two behind, with a full stop behind, or with an apostrophe and letters.
    """
    if _ends_at(data, stop, end):
        return _short_word(data, start, stop, found, count)
    after = data[np.uint64(stop)]
    if after >= 0x80:
        return -1
    if _CLOSES[after] and _ends_at(data, stop + 1, end):
        return _add(found, _short_word(data, start, stop, found, count), stop, stop + 1)
    # `."` and `?"` and `,"` and `.)`
    if stop + 2 <= end and _QUOTES[data[stop + 1] & 0x7F] and _ends_at(data, stop + 2, end) and data[stop + 1] < 0x80:
        if stop - start < 2 or data[stop - 1] < 0x61 or not (after == 0x2E or _CLOSES[after]):
            return -1
        if after == 0x2E and exception_of(data, start, stop + 1) >= 0:
            return -1
        count = _add(found, _short_word(data, start, stop, found, count), stop, stop + 1)
        return _add(found, count, stop + 1, stop + 2)
    if after == 0x2E and _ends_at(data, stop + 1, end):
        if exception_of(data, start, stop + 1) >= 0:
            return -1
        small = data[stop - 1] >= 0x61
        if not small and (stop - start == 1 or data[stop - 2] >= 0x61):
            return -1
        return _add(found, _short_word(data, start, stop, found, count), stop, stop + 1)
    if after == 0x27:
        last = _end_of_letters(data, stop + 1, end)
        if last == stop + 1 or not _ends_at(data, last, end):
            return -1
        slot = exception_of(data, start, last)
        if slot >= 0:
            return _add_exception(found, count, start, last, slot)
        if last == stop + 2 and data[stop + 1] == 0x73:
            return _add(found, _short_word(data, start, stop, found, count), stop, last)
    return -1


@kernel
def _number(data, start, end, found, count):  # type: ignore[no-untyped-def]
    """Add a number of several digits with nothing behind it but a mark; return the words, -1 if it is something else.

    A unit, an hour's half, a range and an emoticon need more of a look.
    """
    stop = start
    while stop < end and 0x30 <= data[np.uint64(stop)] <= 0x39:
        stop += 1
    if stop - start < 2:
        return -1
    if _ends_at(data, stop, end):
        return _add(found, count, start, stop)
    after = data[np.uint64(stop)]
    if after < 0x80 and (_CLOSES[after] or after == 0x2E) and _ends_at(data, stop + 1, end):
        return _add(found, _add(found, count, start, stop), stop, stop + 1)
    return -1


@kernel
def split_words(data, start, end, way, han, next_han, found, points, places, tails):  # type: ignore[no-untyped-def]
    """Find the words of a text; return how many, and the next number of `han`.

    `han` holds the bytes of each word of Han characters of all texts, in order; empty where each character is one.
    `found`, `points`, `places` and `tails` have room for the text's bytes.
    """
    count = 0
    at = start
    while at < end:
        byte = data[np.uint64(at)]
        if byte < 0x80:
            if _ASCII_SPACE[byte]:
                at += 1
                continue
            if way == ENGLISH:
                more = -1
                if _ASCII_LETTER[byte]:
                    more = _common(data, at, _end_of_letters(data, at, end), end, found, count)
                elif _OPENS[byte]:
                    stop = _end_of_letters(data, at + 1, end)
                    if stop - at > 2:
                        more = _common(data, at + 1, stop, end, found, _add(found, count, at, at + 1))
                elif 0x30 <= byte <= 0x39:
                    more = _number(data, at, end, found, count)
                if more >= 0:
                    count = more
                    at = found[count - 1, STOP]
                    continue
        else:
            point, after_it = code_point(data, at)
            flags = flags_of(point)
            if flags & _SPACE:
                at = after_it
                continue
            if flags & _ONE_BY_ONE:
                stop = after_it
                if flags & _HAN and len(han):
                    stop = at + han[next_han]
                    next_han += 1
                count = _add(found, count, at, stop)
                at = stop
                continue
        size, stop = _read_span(data, at, end, points, places)
        if size == 1 or way == WHITESPACE:
            count = _add(found, count, at, stop)
        elif way == JIEBA:
            count = _add_as_jieba(points, places, size, found, count)
        else:
            count = _add_span(data, points, places, size, tails, found, count)
        at = stop
    return count, next_han
