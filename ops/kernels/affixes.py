"""What comes off a word's front and end, and what splits it inside: the rules of `english`, over code points."""

import numpy as np

from ops.kernels.compiled import inlined, kernel
from ops.kernels.english import (
    BEFORE_STOP,
    CLASSES,
    CURRENCY,
    DIGIT,
    HOST,
    LONGEST_UNIT,
    LOWER,
    PREFIX,
    QUOTE,
    SUFFIX,
    SYMBOLIC,
    UNITS,
    UPPER,
)
from ops.kernels.unicode_tables import TABLED

_ALPHA = LOWER | UPPER
ALPHANUMERIC = _ALPHA | DIGIT  # splits no word inside
_HYPHENS = tuple(map(ord, "-–—~"))
_DOT, _HYPHEN, _DASH, _ELLIPSIS, _COLON, _SLASH, _AT = map(ord, ".-—…:/@")


@inlined
def class_of(point):  # type: ignore[no-untyped-def]
    """Return the classes of a code point that `english` names."""
    return np.int64(CLASSES[point]) if point < TABLED else np.int64(0)


@inlined
def prefix_of(points, low, high):  # type: ignore[no-untyped-def]
    """Return how many characters come off the front."""
    point = points[low]
    if point == _DOT:
        at = low + 1
        while at < high and points[at] == _DOT:
            at += 1
        return at - low if at - low >= 2 else 0
    if class_of(point) & PREFIX:
        return 1
    if point == 0x2B:  # +
        return 0 if low + 1 < high and class_of(points[low + 1]) & DIGIT else 1
    if (point == 0x43 or point == 0x41) and low + 1 < high and points[low + 1] == 0x24:  # C$, A$  # noqa: PLR1714
        return 2
    if point == 0x55 and low + 2 < high and points[low + 1] == 0x53 and points[low + 2] == 0x24:  # US$
        return 3
    return 0


@inlined
def _before(points, low, at):  # type: ignore[no-untyped-def]
    return points[at] if at >= low else np.int32(0)


@inlined
def suffix_of(points, low, high):  # type: ignore[no-untyped-def]
    """Return how many characters come off the end."""
    if low >= high:
        return 0
    point = points[high - 1]
    before = _before(points, low, high - 2)
    kind = class_of(before)
    if point == _DOT:
        at = high - 1
        while at > low and points[at - 1] == _DOT:
            at -= 1
        if high - at >= 2:
            return high - at
        two_capitals = kind & UPPER and class_of(_before(points, low, high - 3)) & UPPER
        return 1 if kind & BEFORE_STOP or two_capitals else 0
    if point == _ELLIPSIS and before == _ELLIPSIS:
        return 2
    if (point == 0x73 or point == 0x53) and (before == 0x27 or before == 0x2019):  # 's  # noqa: PLR1714
        return 2
    flags = class_of(point)
    if flags & SUFFIX:
        return 1
    if kind & DIGIT and (point == 0x2B or flags & CURRENCY):
        return 1
    packed = np.int64(0)
    for width in range(1, LONGEST_UNIT + 1):
        at = high - width
        if at <= low or points[at] >= 0x1000 or class_of(points[at]) & DIGIT:
            return 0
        packed |= np.int64(points[at]) << np.int64(12 * (width - 1))
        if class_of(points[at - 1]) & DIGIT:
            for unit in UNITS:
                if unit == packed:
                    return width
            return 0
    return 0


@inlined
def infix_of(points, low, high, at):  # type: ignore[no-untyped-def]
    """Return how many characters from here on split the word: the first is no letter and no digit."""
    point = points[at]
    flags = class_of(point)
    if point == _ELLIPSIS or flags & SYMBOLIC:
        return 1
    if point == _DOT and at + 1 < high and points[at + 1] == _DOT:
        end = at + 2
        while end < high and points[end] == _DOT:
            end += 1
        return end - at
    if at == low or at + 1 == high:
        return 0
    before, after = class_of(points[at - 1]), class_of(points[at + 1])
    if point == _DOT:
        return 1 if before & (LOWER | QUOTE) and after & (UPPER | QUOTE) else 0
    if point == 0x2C:
        return 1 if before & _ALPHA and after & _ALPHA else 0
    if before & DIGIT and point in (0x2B, _HYPHEN, 0x2A, 0x5E) and (after & DIGIT or points[at + 1] == _HYPHEN):
        return 1
    if not before & ALPHANUMERIC:
        return 0
    if point in (_COLON, 0x3C, 0x3E, 0x3D, _SLASH):
        return 1 if after & _ALPHA else 0
    if point in _HYPHENS:
        most = 3 if point == _HYPHEN else 2 if point == _DASH else 1
        for width in range(1, most + 1):
            end = at + width
            if end >= high:
                return 0
            if class_of(points[end]) & _ALPHA:
                return width
            if points[end] != point:
                return 0
    return 0


@kernel
def _host_end(points, at, high):  # type: ignore[no-untyped-def]
    """Return where a host's name ends that begins here, 0 where none does: names with dots, or four numbers."""
    names = 0
    numbers = True
    while True:
        begin = at
        lower = numeric = True
        while at < high:
            kind = class_of(points[at])
            if not kind & HOST and points[at] != _HYPHEN and points[at] != 0x5F:
                break
            lower = lower and kind & LOWER != 0
            numeric = numeric and kind & DIGIT != 0
            at += 1
        width = at - begin
        edges = width and class_of(points[begin]) & HOST and class_of(points[at - 1]) & HOST
        if not edges or width > 64:
            return 0
        names += 1
        numbers = numbers and numeric and width <= 3
        if at + 1 < high and points[at] == _DOT:
            at += 1
            continue
        named = names >= 2 and lower and 2 <= width <= 63
        return at if named or (numbers and names == 4) else 0


@kernel
def _is_address(points, at, high):  # type: ignore[no-untyped-def]
    """Whether a host begins here, behind which there is nothing but a port and a path."""
    end = _host_end(points, at, high)
    if not end:
        return False
    if end < high and points[end] == _COLON:
        port = end + 1
        while port < high and class_of(points[port]) & DIGIT:
            port += 1
        if not 2 <= port - end - 1 <= 5:
            return False
        end = port
    return end == high or points[end] in (_SLASH, 0x3F, 0x23)


@kernel
def is_url(points, low, high):  # type: ignore[no-untyped-def]
    """Whether a word is an address of the web or of mail as a whole, which is then not split inside."""
    at = low
    while at < high and (class_of(points[at]) & ALPHANUMERIC or points[at] in (0x2B, _HYPHEN, _DOT, 0x5F)):
        at += 1
    begin = low
    if at - low >= 2 and at + 2 < high and points[at] == _COLON and points[at + 1] == _SLASH:
        begin = at + 3 if points[at + 2] == _SLASH else low
    if _is_address(points, begin, high):
        return True
    for at in range(begin + 1, high - 1):
        if points[at] == _AT and _is_address(points, at + 1, high):
            return True
    return False
