"""Where the words of a text are, as byte ranges: as spaCy splits English, as jieba splits, or what lies between spaces.

English, as a blank spaCy pipeline does: marks come off a word's ends and are words of their own, contractions are
split (do|n't, it|'s), hyphens and slashes between letters split, abbreviations keep their full stop, addresses stay
whole (`ops.kernels.english` tells what is left out). As jieba splits what is not Chinese: letters and digits are a
word, a run of marks that may join them is one, and so is any other character.

In each way a character of an unspaced script is a word, and Han characters are the words that `han` tells, where it
tells any: there spaCy, told that a text is English, would see one word in the whole run.
"""

import numpy as np

from ops.kernels.affixes import ALPHANUMERIC, class_of, infix_of, is_url, prefix_of, suffix_of
from ops.kernels.compiled import inlined, kernel
from ops.kernels.eight import HIGH, eight_bytes, first_bytes, letters_alone, lowered, trailing_zeros, up_to_eight
from ops.kernels.english import GAP
from ops.kernels.exceptions import SPLITS, exception_of, slot_of
from ops.kernels.unicode_tables import FLAGS, HAN, HAN_ABOVE_END, SINGLE, SPACE, TABLED
from ops.kernels.utf8 import code_point, flags_of
from ops.kernels.word_marks import OF_HAN, OF_LETTERS, START, STOP, mark_of, mark_word, put_mark, put_word

WHITESPACE, ENGLISH, JIEBA = range(3)  # ways to split

_ONE_BY_ONE = np.uint8(SINGLE)
_SPACE = np.uint8(SPACE)
_HAN = np.uint8(HAN)
_ASCII_SPACE = (FLAGS[:128] & SPACE != 0).astype(np.bool_)
_SPACES = np.append(_ASCII_SPACE, np.zeros(128, np.bool_))
_OPENS, _ENDS, _QUOTES = (np.isin(np.arange(256), [ord(c) for c in marks]) for marks in ('(["', '.,;:!?)]"', ')]"'))
_JOINS = np.isin(np.arange(128), [ord(c) for c in "+#&._%-"])
_ALPHANUMERIC = np.array([chr(point).isalnum() for point in range(128)])
_THREE_BYTES = np.uint64(0xFFFFFF)
_0 = np.uint64(0)
_1 = np.uint64(1)
_2 = np.uint64(2)
_3 = np.uint64(3)
_7 = np.uint64(7)


@inlined
def _add(found, count, start, stop):  # type: ignore[no-untyped-def]
    found[count, START] = start
    found[count, STOP] = stop
    return count + 1


@inlined
def _add_exception(found, count, start, stop, slot):  # type: ignore[no-untyped-def]
    for k in range(2):
        if SPLITS[slot, k]:
            count = _add(found, count, start if not k else start + SPLITS[slot, k - 1], start + SPLITS[slot, k])
    last = max(SPLITS[slot, 0], SPLITS[slot, 1])
    return _add(found, count, start + last, stop)


@inlined
def _add_inner(points, at, low, high, found, count):  # type: ignore[no-untyped-def]
    """Add what is left when the ends are off: an address whole, anything else split inside."""
    begin = low
    here = low
    checked = False
    while here < high:
        if class_of(points[here]) & ALPHANUMERIC:
            here += 1
            continue
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
    low, high = np.int64(0), size
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


@inlined
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


@inlined
def _read_span(data, at, end, points, places):  # type: ignore[no-untyped-def]
    """Decode up to a space or a character that is a word; return how many characters, and where the next byte is."""
    size = 0
    while at < end:
        byte = data[np.uint64(at)]
        after = at + 1
        if byte < 0x80:
            point = np.int32(byte)
            if _ASCII_SPACE[byte]:
                break
        else:
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
def _add_words(data, at, end, way, spans, found, count):  # type: ignore[no-untyped-def]
    """Add the words of what begins here, up to a space or a character that is a word; return how many, and its end."""
    points, places, tails = spans
    size, stop = _read_span(data, at, end, points, places)
    if size == 1 or way == WHITESPACE:
        return _add(found, count, at, stop), stop
    if way == JIEBA:
        return _add_as_jieba(points, places, size, found, count), stop
    return _add_span(data, points, places, size, tails, found, count), stop


@inlined
def _add_letters(data, at, way, words, count):  # type: ignore[no-untyped-def]
    """Add ASCII letters with a space behind, or a mark or two and a space; return how many words, and where to go on.

    Nine of ten words are of this form. Of what is something else, or may be, nothing is added. The 20 bytes from `at`
    on are all of the text.
    """
    one = eight_bytes(data, at)
    two = _0
    stops = ~letters_alone(lowered(one)) & HIGH
    if stops:
        size = np.int64((trailing_zeros(stops) - _7) >> _3)
        if size == 0:
            return count, at
        one &= first_bytes(size)
    else:
        two = eight_bytes(data, at + 8)
        stops = ~letters_alone(lowered(two)) & HIGH
        if not stops:
            return count, at
        size = np.int64((trailing_zeros(stops) - _7) >> _3)
        two &= (_1 << np.uint64(8 * size)) - _1
        size += 8
    stop = np.uint64(at + size)
    mark = data[stop]
    if way == ENGLISH and slot_of(one, two) >= 0:
        return count, at
    if _SPACES[mark]:
        put_word(count, at, size, one, two, OF_LETTERS, size, words)
        return count + 1, at + size + 1
    second = data[stop + _1]
    quoted = not _SPACES[second]
    if way == WHITESPACE or not _ENDS[mark] or (quoted and not (_QUOTES[second] and _SPACES[data[stop + _2]])):
        return count, at
    # An abbreviation keeps its full stop, and so does a capital.
    if mark == 0x2E and way == ENGLISH and (data[stop - _1] < 0x61 or exception_of(data, at, at + size + 1) >= 0):
        return count, at
    put_word(count, at, size, one, two, OF_LETTERS, size, words)
    put_mark(count + 1, at + size, mark, words)
    if quoted:
        put_mark(count + 2, at + size + 1, second, words)
    return count + 2 + quoted, at + size + 2 + quoted


@kernel
def split_words(data, start, end, way, han, next_han, spans, words):  # type: ignore[no-untyped-def]
    """Find the words of a text, and mark them; return how many, and the next number of `han`.

    `han` holds the bytes of each word of Han characters of all texts, in order; empty where each character is one.
    `spans`, which are worked in, and `words`, which `mark_word` explains, have room for the text's bytes.
    """
    found, _, joined, ends, chars, _ = words
    ends[0] = chars[0] = 0
    count = np.int64(0)
    at = start
    while at < end:
        byte = data[np.uint64(at)]
        if at + 21 <= end:
            # U+4E00 to U+9FFF, which Chinese is written with.
            if not len(han) and (0xE5 <= byte <= 0xE9 or (byte == 0xE4 and data[np.uint64(at + 1)] >= 0xB8)):
                put_word(count, at, 3, eight_bytes(data, at) & _THREE_BYTES, _0, OF_HAN, 1, words)
                count += 1
                at += 3
                continue
            opened = way != WHITESPACE and _OPENS[byte]
            if opened:
                put_mark(count, at, byte, words)
            more, past = _add_letters(data, at + opened, way, words, count + opened)
            if past > at + opened:
                count, at = more, past
                continue
        point, after = code_point(data, at)
        flags = flags_of(point)
        if flags & _SPACE:
            at = after
            continue
        if flags & _HAN and len(han):
            found[count, START] = at
            at += han[next_han]
            found[count, STOP] = at
            next_han += 1
            mark_word(data, count, words)
            count += 1
            continue
        # Most marks in Chinese text stand alone before a Han character (U+5000 to U+8FFF), or before a space.
        if flags & _ONE_BY_ONE or after == end or 0xE5 <= data[after] <= 0xE8 or _SPACES[data[after]]:
            put_word(count, at, after - at, up_to_eight(data, at, after - at), _0, mark_of(point), 1, words)
            count += 1
            at = after
            continue
        more, at = _add_words(data, at, end, way, spans, found, count)
        while count < more:
            mark_word(data, count, words)
            count += 1
    for i in range(32):
        joined[ends[count] + i] = 0
    return count, next_han
